/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The guide in the user's language, in whatever shows HTML here. Installed with
 * the program, so it needs no network. */
void   memscope_help_show     (GtkWindow         *parent);

/* (transfer full) (nullable): the guide's first page below @directory in the first of
 * @languages (as of g_get_language_names()) that has one, else in English. */
GFile *memscope_help_dup_page (const char        *directory,
                               const char *const *languages);

G_END_DECLS
