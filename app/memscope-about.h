/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

void  memscope_about_show      (GtkWindow *parent);

/* What a report of a fault needs: the versions of what is at work, and of what
 * draws; no name of the user or the machine. */
char *memscope_about_dup_facts (void);

G_END_DECLS
