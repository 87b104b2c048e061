/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-selection.h"

G_BEGIN_DECLS

/* Blocks that were never freed (memscope-rs: that the file calls leaked), grouped by
 * stack and variable. Evidence, not verdicts: "alive at exit" is all that a recording
 * by itself can say; growth is said where the live bytes of the group, freed blocks
 * included, rose in each quarter of the time from @first_birth to the end. What is
 * said is of the end of the recording, about the blocks whose life overlaps the range.
 */
typedef struct
{
  MemscopeStackId    stack;
  MemscopeVariableId variable;
  guint64            blocks;
  guint64            bytes;
  guint64            first_birth;   /* ns */
  guint64            last_birth;
  guint64            total_births;  /* of this group in the session, freed blocks included */
  gboolean           grows;
} MemscopeLeak;

typedef struct
{
  gboolean      final;              /* a complete recording of an ended process */
  guint64       blocks;
  guint64       bytes;
  guint         n_leaks;
  MemscopeLeak *leaks;              /* descending by bytes */
} MemscopeLeaks;

MemscopeLeaks *memscope_leaks_new  (MemscopeSession    *session,
                                    MemscopeSelection  *selection,
                                    GCancellable       *cancellable,
                                    GError            **error);
void           memscope_leaks_free (MemscopeLeaks      *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeLeaks, memscope_leaks_free)

G_END_DECLS
