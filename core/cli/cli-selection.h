/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-selection.h"

G_BEGIN_DECLS

/* What part of a recording a command works on, as options shared by commands. */
extern const GOptionEntry cli_selection_entries[];

/* TRUE: at least one of them was given. */
gboolean           cli_selection_is_set (void);

/* (transfer full): the selection that the options describe; NULL: one of them cannot be
 * read or names nothing in this recording, *@message (transfer full) says which.
 */
MemscopeSelection *cli_selection_make   (MemscopeSession  *session,
                                         char            **message);

G_END_DECLS
