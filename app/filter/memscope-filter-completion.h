/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "memscope-expression.h"
#include "memscope-session.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_FILTER_COMPLETION (memscope_filter_completion_get_type ())

/**
 * MemscopeFilterCompletion:
 *
 * Below an entry in which a filter expression is typed: what may come next, and what
 * is wrong. The keyboard stays in the entry: ↓ and ↑ choose, Tab or Enter take what is
 * chosen (Tab: the first, when nothing is), Escape closes.
 */
G_DECLARE_FINAL_TYPE (MemscopeFilterCompletion, memscope_filter_completion, MEMSCOPE, FILTER_COMPLETION, GtkPopover)

/* Attaches itself to @entry, which owns it from then on. */
MemscopeFilterCompletion *memscope_filter_completion_new         (GtkEditable                   *entry);
void                      memscope_filter_completion_set_session (MemscopeFilterCompletion      *self,
                                                                  MemscopeSession               *session);
/* What is wrong with the text of the entry: underlined there, said here. NULL: nothing. */
void                      memscope_filter_completion_set_fault   (MemscopeFilterCompletion      *self,
                                                                  const MemscopeExpressionFault *fault);
void                      memscope_filter_completion_close       (MemscopeFilterCompletion      *self);

G_END_DECLS
