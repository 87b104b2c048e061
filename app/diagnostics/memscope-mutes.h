/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "memscope-suppressions.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_MUTES (memscope_mutes_get_type ())

/**
 * MemscopeMutes:
 *
 * The findings that the user muted: the lines of a file of suppressions, which other
 * programs (memscope-cli report --suppressions) read too, and which may be edited by
 * hand. Emits `changed`. Main thread only.
 */
G_DECLARE_FINAL_TYPE (MemscopeMutes, memscope_mutes, MEMSCOPE, MUTES, GObject)

/* Those of the user, $XDG_CONFIG_HOME/memscope/suppressions. Transfer none. */
MemscopeMutes              *memscope_mutes_get_default      (void);
MemscopeMutes              *memscope_mutes_new              (GFile          *file);

GFile                      *memscope_mutes_get_file         (MemscopeMutes  *self);
/* Reads the file again. What is wrong with it: memscope_mutes_get_complaint(). */
void                        memscope_mutes_reload           (MemscopeMutes  *self);
/* NULL: the file can be read, or there is none. */
const char                 *memscope_mutes_get_complaint    (MemscopeMutes  *self);
/* With those of run-time libraries. Transfer full: a copy, for a thread. */
MemscopeSuppressions       *memscope_mutes_dup_suppressions (MemscopeMutes  *self);

/* The file is read before it is written, so that what was edited meanwhile stays. */
gboolean                    memscope_mutes_add              (MemscopeMutes  *self,
                                                             const char     *line,
                                                             GError        **error);
/* TRUE also when there is no such line. */
gboolean                    memscope_mutes_remove           (MemscopeMutes  *self,
                                                             const char     *line,
                                                             GError        **error);
/* Whether this line stands in the file, so that it can be removed. */
gboolean                    memscope_mutes_has              (MemscopeMutes  *self,
                                                             const char     *line);

G_END_DECLS
