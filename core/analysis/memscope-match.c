/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-match.h"

#include "memscope-fold.h"

static gpointer
count_init (const MemscopeFilter *filter,
            gpointer              user_data)
{
  return g_new0 (guint64, 1);
}

static void
count_add (gpointer                 state,
           const MemscopeFoldBatch *batch)
{
  *(guint64 *)state += batch->n;
}

static void
count_merge (gpointer state,
             gpointer other)
{
  *(guint64 *)state += *(guint64 *)other;
  g_free (other);
}

static gboolean
count_blocks (MemscopeSession    *session,
              MemscopeSelection  *selection,
              guint64            *n,
              GCancellable       *cancellable,
              GError            **error)
{
  static const MemscopeFold fold = { .init = count_init, .add = count_add, .merge = count_merge, .free = g_free };
  g_autoptr(MemscopeFilter) filter = memscope_filter_new (session, selection);
  g_autofree guint64 *count = memscope_fold_run (&fold, filter, NULL, cancellable, error);

  if (count == NULL)
    return FALSE;

  *n = *count;

  return TRUE;
}

gboolean
memscope_match_count (MemscopeSession    *session,
                      MemscopeSelection  *selection,
                      MemscopeMatch      *match,
                      GCancellable       *cancellable,
                      GError            **error)
{
  g_autoptr(MemscopeSelection) untexted = NULL;

  g_return_val_if_fail (MEMSCOPE_IS_SESSION (session), FALSE);
  g_return_val_if_fail (selection != NULL && match != NULL, FALSE);

  if (!count_blocks (session, selection, &match->blocks, cancellable, error))
    return FALSE;

  match->of_blocks = match->blocks;
  if (*memscope_selection_get_text (selection) == '\0')
    return TRUE;

  untexted = memscope_selection_with_text (selection, "");

  return count_blocks (session, untexted, &match->of_blocks, cancellable, error);
}
