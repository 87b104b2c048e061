/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-filter.h"

#include "memscope-estimate.h"
#include "memscope-text-filter.h"

enum
{
  THREAD_SELECTED = 1 << 0,
  THREAD_TEXT     = 1 << 1,
};

static MemscopeModuleId
module_of_frame (MemscopeSession *session,
                 MemscopeFrameId  id)
{
  MemscopeFrame frame;

  return memscope_session_get_frame (session, id, &frame) ? frame.module : 0;
}

static void
compile_threads (MemscopeFilter     *self,
                 MemscopeTextFilter *text)
{
  self->n_threads = self->last_thread + 1;
  self->threads = g_new0 (guint8, self->n_threads);

  for (MemscopeThreadId id = 0; id < self->n_threads; id++)
    {
      if (memscope_selection_has_thread (self->selection, id))
        self->threads[id] |= THREAD_SELECTED;
      if (text != NULL && id != 0 && memscope_text_filter_match_thread (text, id))
        self->threads[id] |= THREAD_TEXT;
    }
}

static void
compile_variables (MemscopeFilter     *self,
                   MemscopeTextFilter *text)
{
  self->n_variables = memscope_session_get_n_variables (self->session) + 1;
  self->variables = g_new0 (guint8, self->n_variables);

  for (MemscopeVariableId id = 1; text != NULL && id < self->n_variables; id++)
    self->variables[id] = memscope_text_filter_match_variable (text, id);
}

/* What a frame says, as call site: found once, for a program has fewer call sites than stacks. */
static guint8
judge_frame (MemscopeFilter     *self,
             MemscopeTextFilter *text,
             MemscopeFrameId     frame)
{
  guint8 bits = 0;

  if (memscope_selection_has_module (self->selection, module_of_frame (self->session, frame)))
    bits |= MEMSCOPE_FILTER_MODULE;
  if (text != NULL && memscope_text_filter_match_frame (text, frame))
    bits |= MEMSCOPE_FILTER_TEXT;

  return bits;
}

static void
compile_stacks (MemscopeFilter     *self,
                MemscopeTextFilter *text)
{
  guint n_frames = memscope_session_get_n_frames (self->session) + 1;
  g_autofree guint8 *frames = g_new0 (guint8, n_frames);

  for (MemscopeFrameId id = 0; id < n_frames; id++)
    frames[id] = judge_frame (self, text, id);

  self->n_stacks = memscope_session_get_n_stacks (self->session) + 1;
  self->stacks = g_new0 (guint8, self->n_stacks);

  for (MemscopeStackId id = 0; id < self->n_stacks; id++)
    {
      MemscopeFrameId site = memscope_session_get_call_site (self->session, id);
      MemscopeVariableId variable = memscope_session_get_site_variable (self->session, id);

      self->stacks[id] = frames[site < n_frames ? site : 0];
      if (variable < self->n_variables && self->variables[variable])
        self->stacks[id] |= MEMSCOPE_FILTER_VARIABLE_TEXT;
    }
}

MemscopeFilter *
memscope_filter_new (MemscopeSession   *session,
                     MemscopeSelection *selection)
{
  return memscope_filter_new_cancellable (session, selection, NULL);
}

MemscopeFilter *
memscope_filter_new_cancellable (MemscopeSession   *session,
                                 MemscopeSelection *selection,
                                 GCancellable      *cancellable)
{
  MemscopeExpression *expression = memscope_selection_get_expression (selection);
  MemscopeFilter *self = g_new0 (MemscopeFilter, 1);
  const char *text = memscope_selection_get_text (selection);

  self->session = g_object_ref (session);
  self->selection = memscope_selection_ref (selection);
  self->begin = memscope_selection_get_begin (selection);
  self->end = memscope_selection_get_end (selection);
  self->instant = memscope_selection_get_instant (selection);
  self->origins = memscope_selection_get_origins (selection);
  self->min_size = memscope_selection_get_min_size (selection);
  self->max_size = memscope_selection_get_max_size (selection);
  self->interval = memscope_session_get_sampling_interval (session);
  self->tape = self->interval == 0 && expression == NULL ? memscope_session_get_tape (session) : NULL;
  self->n_tape = self->tape != NULL ? memscope_tape_get_n (self->tape) : 0;
  self->n_rows = memscope_session_get_n_blocks (session);
  self->n_batches = (guint)((self->n_rows + MEMSCOPE_SEGMENT_ROWS - 1) / MEMSCOPE_SEGMENT_ROWS);
  self->modes = memscope_session_get_modes (session, &self->n_modes);
  self->last_thread = memscope_session_get_n_threads (session);
  self->has_text = text[0] != '\0' && expression == NULL;
  self->simple = !self->has_text && memscope_selection_has_all_threads (selection) &&
                 memscope_selection_has_all_modules (selection);

  if (!self->simple)
    {
      g_autoptr(MemscopeTextFilter) compiled = self->has_text ? memscope_text_filter_new (session, text) : NULL;

      compile_threads (self, compiled);
      compile_variables (self, compiled);
      compile_stacks (self, compiled);
    }

  if (expression != NULL)
    self->predicate = memscope_predicate_new (expression, self, cancellable);

  return self;
}

void
memscope_filter_free (MemscopeFilter *self)
{
  g_clear_pointer (&self->predicate, memscope_predicate_free);
  g_clear_pointer (&self->threads, g_free);
  g_clear_pointer (&self->stacks, g_free);
  g_clear_pointer (&self->variables, g_free);
  g_clear_pointer (&self->selection, memscope_selection_unref);
  g_clear_object (&self->session);
  g_free (self);
}

void
memscope_filter_get_batch (const MemscopeFilter *self,
                           guint                 index,
                           MemscopeBatch        *batch)
{
  memscope_session_get_batch (self->session, index, batch);
  batch->n_rows = (guint)MIN (batch->n_rows, self->n_rows - batch->first_row);
}

gboolean
memscope_filter_is_nested (const MemscopeFilter *self,
                           guint64               parent)
{
  guint64 row = parent - 1;
  MemscopeBatch batch;

  if (row >= self->n_rows)
    return FALSE;

  memscope_filter_get_batch (self, (guint)(row / MEMSCOPE_SEGMENT_ROWS), &batch);

  return self->origins >> memscope_batch_origin (&batch, row % MEMSCOPE_SEGMENT_ROWS) & 1;
}

gboolean
memscope_filter_matches (const MemscopeFilter *self,
                         const MemscopeBatch  *batch,
                         guint                 i)
{
  guint8 thread = batch->thread[i] < self->n_threads ? self->threads[batch->thread[i]] : 0;
  guint8 stack = batch->stack[i] < self->n_stacks ? self->stacks[batch->stack[i]] : 0;
  MemscopeVariableId variable = batch->variable[i];

  if (!(thread & THREAD_SELECTED) || !(stack & MEMSCOPE_FILTER_MODULE))
    return FALSE;

  if (!self->has_text || thread & THREAD_TEXT || stack & MEMSCOPE_FILTER_TEXT)
    return TRUE;

  return variable == 0 ? stack & MEMSCOPE_FILTER_VARIABLE_TEXT
                       : variable < self->n_variables && self->variables[variable];
}

/* ---- samples ------------------------------------------------------------------ */

static guint64
interval_of_row (const MemscopeFilter *self,
                 guint64               row)
{
  guint low = 0, high = self->n_modes;

  if (high == 0)
    return self->interval;

  while (high - low > 1)
    {
      guint middle = low + (high - low) / 2;

      if (self->modes[middle].row <= row)
        low = middle;
      else
        high = middle;
    }

  return self->modes[low].interval;
}

/* Only the allocator is sampled; regions and what the API reports are all there. */
double
memscope_filter_get_probability (const MemscopeFilter *self,
                                 const MemscopeBatch  *batch,
                                 guint                 i)
{
  if (self->interval == 0 || memscope_batch_origin (batch, i) != MEMSCOPE_ORIGIN_HEAP)
    return 1;

  return memscope_sampling_probability (batch->size[i], interval_of_row (self, batch->first_row + i));
}
