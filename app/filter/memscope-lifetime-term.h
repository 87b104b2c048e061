/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* "Lived at least so long" as the last part of what is searched for: an expression like any
 * other (memscope-expression.h), so that it can be seen, changed by hand and kept. What is
 * alive at the instant counts by its age then.
 */

/* How long at least, in ns; 0: the text ends in no such part. */
guint64  memscope_lifetime_term_get (const char *text);
/* @text with that part in place of the one it had, without one for 0. Transfer full. */
char    *memscope_lifetime_term_set (const char *text,
                                     guint64     nsec);
/* "10ms", as a person would write it. Transfer full. */
char    *memscope_lifetime_term_dup_words (guint64 nsec);

G_END_DECLS
