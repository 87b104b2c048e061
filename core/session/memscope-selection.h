/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-expression.h"
#include "memscope-session.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_SELECTION (memscope_selection_get_type ())

/**
 * MemscopeSelection:
 *
 * What part of a session is looked at: a half-open time range [begin, end),
 * threads, modules, origins, sizes, text. Immutable; derive a changed one with the
 * `with_` functions. Every analysis answers for one.
 *
 * The text is what a person typed: words to look for, or a #MemscopeExpression where
 * it is one (memscope_expression_is_meant()) without a fault.
 *
 * *Flows* (allocated, freed, temporary, rate, lifetimes) count births, resp.
 * deaths, inside the range. *Stocks* (live, peak, stage) count every block
 * alive, whenever born, at the instant. *Rows* are blocks whose life overlaps
 * the range. Thread is the allocating one; module that of the call site.
 */
typedef struct _MemscopeSelection MemscopeSelection;

/* The origins that make up the totals: what a new selection has. */
#define MEMSCOPE_SELECTION_TOTALS \
  (1u << MEMSCOPE_ORIGIN_HEAP | 1u << MEMSCOPE_ORIGIN_API | 1u << MEMSCOPE_ORIGIN_FILE)

GType              memscope_selection_get_type     (void);
MemscopeSelection *memscope_selection_new_all      (MemscopeSession         *session);  /* everything; instant = the end */
MemscopeSelection *memscope_selection_ref          (MemscopeSelection       *self);
void               memscope_selection_unref        (MemscopeSelection       *self);
gboolean           memscope_selection_equal        (const MemscopeSelection *a,
                                                    const MemscopeSelection *b);

guint64            memscope_selection_get_begin    (const MemscopeSelection *self);   /* ns, inclusive */
guint64            memscope_selection_get_end      (const MemscopeSelection *self);   /* ns, exclusive; duration + 1 when whole */
guint64            memscope_selection_get_instant  (const MemscopeSelection *self);   /* ns, in [begin, end] */
gboolean           memscope_selection_is_whole     (const MemscopeSelection *self);   /* all time, threads, modules, sizes; no text */
const char        *memscope_selection_get_text     (const MemscopeSelection *self);   /* "" = no filter */
/* What the text says when it is more than words; else NULL. Transfer none. */
MemscopeExpression *memscope_selection_get_expression (const MemscopeSelection *self);
guint              memscope_selection_get_origins  (const MemscopeSelection *self);   /* bit 1 << MemscopeOrigin */
guint64            memscope_selection_get_min_size (const MemscopeSelection *self);   /* requested bytes, inclusive; 0 = any */
guint64            memscope_selection_get_max_size (const MemscopeSelection *self);   /* likewise; G_MAXUINT64 = any */
gboolean           memscope_selection_has_all_sizes (const MemscopeSelection *self);
gboolean           memscope_selection_has_thread   (const MemscopeSelection *self,
                                                    MemscopeThreadId         thread);
gboolean           memscope_selection_has_module   (const MemscopeSelection *self,
                                                    MemscopeModuleId         module);
gboolean           memscope_selection_has_all_threads (const MemscopeSelection *self);
gboolean           memscope_selection_has_all_modules (const MemscopeSelection *self);

MemscopeSelection *memscope_selection_with_range   (const MemscopeSelection *self,
                                                    guint64                  begin,
                                                    guint64                  end);
MemscopeSelection *memscope_selection_with_instant (const MemscopeSelection *self,
                                                    guint64                  instant);
/* The same of a session that has grown to @end: what stood at its end stands there
 * again, everything else stays.
 */
MemscopeSelection *memscope_selection_follow       (const MemscopeSelection *self,
                                                    guint64                  end);
MemscopeSelection *memscope_selection_with_threads (const MemscopeSelection *self,
                                                    const MemscopeThreadId  *threads,   /* NULL = all */
                                                    guint                    n_threads);
MemscopeSelection *memscope_selection_with_modules (const MemscopeSelection *self,
                                                    const MemscopeModuleId  *modules,
                                                    guint                    n_modules);
MemscopeSelection *memscope_selection_with_origins (const MemscopeSelection *self,
                                                    guint                    origins);
/* Blocks of @min_size to @max_size requested bytes, both inclusive. */
MemscopeSelection *memscope_selection_with_sizes   (const MemscopeSelection *self,
                                                    guint64                  min_size,
                                                    guint64                  max_size);
MemscopeSelection *memscope_selection_with_text    (const MemscopeSelection *self,
                                                    const char              *text);
/* The same where it is known to be one; its text becomes the selection's. */
MemscopeSelection *memscope_selection_with_expression (const MemscopeSelection *self,
                                                       MemscopeExpression      *expression);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeSelection, memscope_selection_unref)

G_END_DECLS
