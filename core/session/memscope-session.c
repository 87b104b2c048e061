/* SPDX-License-Identifier: LGPL-2.1-or-later */

/**
 * MemscopeSession:
 *
 * One recording, held as columns: block i is row i of every column. Nothing
 * but the builder writes, and what is there never moves, so any thread may read.
 */

#include "config.h"

#include "memscope-session-internal.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "memscope-display.h"
#include "memscope-json-walker.h"

G_DEFINE_FINAL_TYPE (MemscopeSession, memscope_session, G_TYPE_OBJECT)

static void
overview_free (MemscopeStoredOverview *overview)
{
  g_array_unref (overview->bins);
  g_array_unref (overview->threads);
  g_array_unref (overview->stacks);
  g_array_unref (overview->points);
  g_free (overview);
}

static void
memscope_session_finalize (GObject *object)
{
  MemscopeSession *self = MEMSCOPE_SESSION (object);

  memscope_rows_clear (&self->rows);
  g_clear_pointer (&self->tape, memscope_tape_free);
  g_clear_pointer (&self->overview, overview_free);
  memscope_string_table_clear (&self->strings);
  memscope_table_clear (&self->threads);
  memscope_table_clear (&self->modules);
  memscope_table_clear (&self->frames);
  memscope_table_clear (&self->symbol_runs);
  memscope_table_clear (&self->symbols);
  memscope_table_clear (&self->stacks);
  memscope_table_clear (&self->sites);
  memscope_table_clear (&self->variables);
  memscope_table_clear (&self->samples);
  memscope_table_clear (&self->gaps);
  memscope_table_clear (&self->modes);
  memscope_table_clear (&self->marks);
  memscope_table_clear (&self->annotations);
  memscope_table_clear (&self->annotation_rows);
  memscope_table_clear (&self->mappings);
  g_clear_pointer (&self->owned, g_ptr_array_unref);
  g_clear_pointer (&self->facts, g_hash_table_unref);
  g_clear_pointer (&self->former_facts, g_ptr_array_unref);
  g_mutex_clear (&self->facts_lock);
  g_clear_pointer (&self->records, g_bytes_unref);
  g_clear_pointer (&self->record_offsets, g_array_unref);
  g_clear_pointer (&self->label, g_free);

  G_OBJECT_CLASS (memscope_session_parent_class)->finalize (object);
}

static void
memscope_session_class_init (MemscopeSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = memscope_session_finalize;
}

static void
memscope_session_init (MemscopeSession *self)
{
  self->format_name = "native";
  self->failed_allocations = MEMSCOPE_UNKNOWN;
  g_mutex_init (&self->facts_lock);
  self->facts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_bytes_unref);
  self->former_facts = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  self->owned = g_ptr_array_new_with_free_func (g_free);
  self->warnings = g_new0 (char *, 1);
  g_ptr_array_add (self->owned, self->warnings);

  memscope_rows_init (&self->rows);
  self->tape = memscope_tape_new ();
  memscope_string_table_init (&self->strings);
  memscope_table_init (&self->threads, sizeof (MemscopeThread), 1);
  memscope_table_init (&self->modules, sizeof (MemscopeModule), 1);
  memscope_table_init (&self->frames, sizeof (MemscopeFrame), 1);
  memscope_table_init (&self->symbol_runs, sizeof (MemscopeSymbolRun), 1);
  memscope_table_init (&self->symbols, sizeof (MemscopeSymbol), 0);
  memscope_table_init (&self->stacks, sizeof (MemscopeStackNode), 1);
  memscope_table_init (&self->sites, sizeof (MemscopeSite), 1);
  memscope_table_init (&self->variables, sizeof (MemscopeVariable), 1);
  memscope_table_init (&self->samples, sizeof (MemscopeSample), 0);
  memscope_table_init (&self->gaps, sizeof (MemscopeGap), 0);
  memscope_table_init (&self->modes, sizeof (MemscopeModeSpan), 0);
  memscope_table_init (&self->marks, sizeof (MemscopeMark), 0);
  memscope_table_init (&self->annotations, sizeof (MemscopeAnnotation), 0);
  memscope_table_init (&self->annotation_rows, sizeof (guint64), 0);
  memscope_table_init (&self->mappings, sizeof (MemscopeMappingSnapshot), 0);
}

/* ---- what it is -------------------------------------------------------------- */

const char *
memscope_session_get_format_name (MemscopeSession *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), NULL);

  return memscope_session_read (self, format_name);
}

guint
memscope_session_get_format_version (MemscopeSession *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), 0);

  return memscope_session_read (self, format_version);
}

const char *
memscope_session_get_layout (MemscopeSession *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), NULL);

  return memscope_session_read (self, layout);
}

gboolean
memscope_session_get_complete (MemscopeSession *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), FALSE);

  return memscope_session_read (self, complete);
}

gboolean
memscope_session_get_repaired (MemscopeSession *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), FALSE);

  return memscope_session_read (self, repaired);
}

gboolean
memscope_session_get_process_ended (MemscopeSession *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), FALSE);

  return memscope_session_read (self, process_ended);
}

MemscopeEnding
memscope_session_get_ending (MemscopeSession *self,
                             guint64         *status,
                             guint64         *time)
{
  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), MEMSCOPE_ENDING_UNKNOWN);

  if (status != NULL)
    *status = self->ending_status;
  if (time != NULL)
    *time = self->ending != MEMSCOPE_ENDING_UNKNOWN ? self->ending_time : MEMSCOPE_UNKNOWN;

  return self->ending;
}

const char *
memscope_session_get_label (MemscopeSession *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), NULL);

  return self->label;
}

const char *
memscope_session_get_fact (MemscopeSession *self,
                           const char      *key,
                           gsize           *length)
{
  GBytes *value;
  gsize stored;

  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), NULL);
  g_return_val_if_fail (key != NULL, NULL);

  g_mutex_lock (&self->facts_lock);
  value = g_hash_table_lookup (self->facts, key);
  g_mutex_unlock (&self->facts_lock);

  if (value == NULL)
    {
      if (length != NULL)
        *length = 0;
      return NULL;
    }

  /* The builder stores one NUL behind the value. */
  stored = g_bytes_get_size (value);
  if (length != NULL)
    *length = stored - 1;

  return g_bytes_get_data (value, NULL);
}

const char *const *
memscope_session_get_warnings (MemscopeSession *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), NULL);

  return (const char *const *)__atomic_load_n (&self->warnings, __ATOMIC_ACQUIRE);
}

gboolean
memscope_session_has_deaths (MemscopeSession *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), FALSE);

  return memscope_session_read (self, has_deaths);
}

gboolean
memscope_session_has_blocks (MemscopeSession *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), FALSE);

  return g_strcmp0 (self->format_name, "massif") != 0;
}

gboolean
memscope_session_has_stacks (MemscopeSession *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), FALSE);

  return memscope_session_get_n_stacks (self) > 0;
}

guint64
memscope_session_get_time_origin (MemscopeSession *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), 0);

  return memscope_session_read (self, time_origin);
}

guint64
memscope_session_get_duration (MemscopeSession *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), 0);

  return memscope_session_read (self, duration);
}

guint64
memscope_session_get_sampling_interval (MemscopeSession *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), 0);

  return memscope_session_read (self, sampling_interval);
}

/* ---- rows ----------------------------------------------------------------------- */

guint64
memscope_session_get_n_blocks (MemscopeSession *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), 0);

  return memscope_rows_get_n (&self->rows);
}

guint64
memscope_session_get_n_events (MemscopeSession *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), 0);

  return memscope_session_read (self, n_events);
}

void
memscope_session_get_block (MemscopeSession *self,
                            guint64          row,
                            MemscopeBlock   *block)
{
  g_return_if_fail (MEMSCOPE_IS_SESSION (self));
  g_return_if_fail (row < memscope_rows_get_n (&self->rows));

  memscope_rows_get (&self->rows, row, block);
}

guint
memscope_session_get_n_batches (MemscopeSession *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), 0);

  return (guint)((memscope_rows_get_n (&self->rows) + MEMSCOPE_SEGMENT_ROWS - 1) / MEMSCOPE_SEGMENT_ROWS);
}

void
memscope_session_get_batch (MemscopeSession *self,
                            guint            index,
                            MemscopeBatch   *batch)
{
  g_return_if_fail (MEMSCOPE_IS_SESSION (self));
  g_return_if_fail (index < memscope_session_get_n_batches (self));

  memscope_rows_get_batch (&self->rows, index, batch);
}

const MemscopeStoredOverview *
memscope_session_get_overview (MemscopeSession *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), NULL);

  return __atomic_load_n (&self->overview, __ATOMIC_ACQUIRE);
}

gboolean
memscope_session_is_outline (MemscopeSession *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), FALSE);

  return self->is_outline;
}

MemscopeTape *
memscope_session_get_tape (MemscopeSession *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), NULL);

  if (!memscope_session_read (self, has_tape) || memscope_session_read (self, tape_is_broken) ||
      self->rows.has_parents || self->rows.has_variables)
    return NULL;

  return self->tape;
}

guint64
memscope_session_get_unmatched_frees (MemscopeSession *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), 0);

  return memscope_session_read (self, unmatched_frees);
}

guint64
memscope_session_get_failed_allocations (MemscopeSession *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), MEMSCOPE_UNKNOWN);

  return memscope_session_read (self, failed_allocations);
}

/* ---- dictionaries ----------------------------------------------------------------- */

const char *
memscope_session_get_string (MemscopeSession  *self,
                             MemscopeStringId  id,
                             gsize            *length)
{
  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), NULL);

  return memscope_string_table_get (&self->strings, id, length);
}

/* Tables by id have an unused element 0. */
static guint
count_ids (const MemscopeTable *table)
{
  return memscope_table_get_n (table) - 1;
}

guint
memscope_session_get_n_threads (MemscopeSession *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), 0);

  return count_ids (&self->threads);
}

guint
memscope_session_get_n_stacks (MemscopeSession *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), 0);

  return count_ids (&self->stacks);
}

guint
memscope_session_get_n_frames (MemscopeSession *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), 0);

  return count_ids (&self->frames);
}

guint
memscope_session_get_n_modules (MemscopeSession *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), 0);

  return count_ids (&self->modules);
}

guint
memscope_session_get_n_variables (MemscopeSession *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), 0);

  return count_ids (&self->variables);
}

static gboolean
has_id (const MemscopeTable *table,
        guint32              id)
{
  return id != 0 && id < memscope_table_get_n (table);
}

gboolean
memscope_session_get_thread (MemscopeSession  *self,
                             MemscopeThreadId  id,
                             MemscopeThread   *thread)
{
  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), FALSE);

  if (!has_id (&self->threads, id))
    return FALSE;

  *thread = memscope_table_index (&self->threads, MemscopeThread, id);

  return TRUE;
}

gboolean
memscope_session_get_module (MemscopeSession  *self,
                             MemscopeModuleId  id,
                             MemscopeModule   *module)
{
  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), FALSE);

  if (!has_id (&self->modules, id))
    return FALSE;

  *module = memscope_table_index (&self->modules, MemscopeModule, id);

  return TRUE;
}

gboolean
memscope_session_get_frame (MemscopeSession *self,
                            MemscopeFrameId  id,
                            MemscopeFrame   *frame)
{
  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), FALSE);

  if (!has_id (&self->frames, id))
    return FALSE;

  *frame = memscope_table_index (&self->frames, MemscopeFrame, id);

  return TRUE;
}

gboolean
memscope_session_get_variable (MemscopeSession    *self,
                               MemscopeVariableId  id,
                               MemscopeVariable   *variable)
{
  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), FALSE);

  if (!has_id (&self->variables, id))
    return FALSE;

  *variable = memscope_table_index (&self->variables, MemscopeVariable, id);

  return TRUE;
}

gboolean
memscope_session_get_stack_node (MemscopeSession *self,
                                 MemscopeStackId  id,
                                 MemscopeStackId *parent,
                                 MemscopeFrameId *frame)
{
  const MemscopeStackNode *node;

  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), FALSE);

  if (!has_id (&self->stacks, id))
    return FALSE;

  node = &memscope_table_index (&self->stacks, MemscopeStackNode, id);
  *parent = node->parent;
  *frame = node->frame;

  return TRUE;
}

guint
memscope_session_get_symbols (MemscopeSession       *self,
                              MemscopeFrameId        id,
                              const MemscopeSymbol **symbols)
{
  MemscopeSymbolRun run;

  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), 0);

  *symbols = NULL;
  if (!has_id (&self->symbol_runs, id))
    return 0;

  run = __atomic_load_n (&memscope_table_index (&self->symbol_runs, MemscopeSymbolRun, id), __ATOMIC_ACQUIRE);
  *symbols = &memscope_table_index (&self->symbols, MemscopeSymbol, (guint32)(run >> 32));

  return (guint32)run;
}

MemscopeFrameId
memscope_session_get_call_site (MemscopeSession *self,
                                MemscopeStackId  id)
{
  MemscopeFrameId frame;

  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), 0);

  if (!has_id (&self->sites, id))
    return 0;

  frame = memscope_session_read (&memscope_table_index (&self->sites, MemscopeSite, id), own);
  if (frame != 0)
    return frame;

  frame = memscope_session_read (&memscope_table_index (&self->sites, MemscopeSite, id), wrapper);
  if (frame != 0)
    return frame;

  return memscope_table_index (&self->stacks, MemscopeStackNode, id).frame;
}

MemscopeVariableId
memscope_session_get_site_variable (MemscopeSession *self,
                                    MemscopeStackId  id)
{
  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), 0);

  return has_id (&self->sites, id)
           ? memscope_session_read (&memscope_table_index (&self->sites, MemscopeSite, id), variable) : 0;
}

static gconstpointer
whole_table (const MemscopeTable *table,
             guint               *n)
{
  *n = memscope_table_get_n (table);

  return memscope_table_get_data (table);
}

const MemscopeThread *
memscope_session_get_threads (MemscopeSession *self,
                              guint           *n)
{
  return whole_table (&self->threads, n);
}

const MemscopeVariable *
memscope_session_get_variables (MemscopeSession *self,
                                guint           *n)
{
  return whole_table (&self->variables, n);
}

const MemscopeSample *
memscope_session_get_samples (MemscopeSession *self,
                              guint           *n)
{
  return whole_table (&self->samples, n);
}

const MemscopeGap *
memscope_session_get_gaps (MemscopeSession *self,
                           guint           *n)
{
  return whole_table (&self->gaps, n);
}

const MemscopeMark *
memscope_session_get_marks (MemscopeSession *self,
                            guint           *n)
{
  return whole_table (&self->marks, n);
}

/* The format counts in microseconds. */
static guint64
moment_ns (guint64 usec)
{
  return usec > G_MAXUINT64 / 1000 ? G_MAXUINT64 : usec * 1000;
}

guint
memscope_session_get_n_moments (MemscopeSession *self)
{
  guint n;

  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), 0);

  memscope_session_get_marks (self, &n);

  return n;
}

gboolean
memscope_session_get_mode_change (MemscopeSession *self,
                                  guint            index,
                                  guint64         *time,
                                  guint64         *interval)
{
  const MemscopeModeSpan *spans;
  guint n;

  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), FALSE);
  g_return_val_if_fail (time != NULL, FALSE);
  g_return_val_if_fail (interval != NULL, FALSE);

  spans = memscope_session_get_modes (self, &n);
  /* The first is how it began. */
  if (n == 0 || index >= n - 1)
    return FALSE;

  *time = spans[index + 1].time;
  *interval = spans[index + 1].interval;

  return TRUE;
}

gboolean
memscope_session_get_moment (MemscopeSession *self,
                             guint            index,
                             MemscopeMoment  *moment)
{
  const MemscopeMark *marks;
  guint n;

  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), FALSE);
  g_return_val_if_fail (moment != NULL, FALSE);

  marks = memscope_session_get_marks (self, &n);
  if (index >= n)
    return FALSE;

  moment->time = moment_ns (marks[index].time);
  moment->thread = marks[index].thread;
  moment->text = marks[index].text;

  return TRUE;
}

guint
memscope_session_get_n_losses (MemscopeSession *self)
{
  guint n;

  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), 0);

  memscope_session_get_gaps (self, &n);

  return n;
}

gboolean
memscope_session_get_loss (MemscopeSession *self,
                           guint            index,
                           MemscopeLoss    *loss)
{
  const MemscopeGap *gaps;
  guint n;

  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), FALSE);
  g_return_val_if_fail (loss != NULL, FALSE);

  gaps = memscope_session_get_gaps (self, &n);
  if (index >= n)
    return FALSE;

  loss->begin = moment_ns (gaps[index].begin);
  loss->end = MAX (loss->begin, moment_ns (gaps[index].end));
  loss->events = gaps[index].events;
  loss->bytes = gaps[index].bytes;
  loss->thread = gaps[index].thread;
  loss->reason = gaps[index].reason <= MEMSCOPE_GAP_SEGMENT ? (MemscopeLossReason)gaps[index].reason
                                                            : MEMSCOPE_LOSS_UNKNOWN;

  return TRUE;
}

const MemscopeModeSpan *
memscope_session_get_modes (MemscopeSession *self,
                            guint           *n)
{
  return whole_table (&self->modes, n);
}

const MemscopeAnnotation *
memscope_session_get_annotations (MemscopeSession *self,
                                  guint           *n)
{
  return whole_table (&self->annotations, n);
}

const guint64 *
memscope_session_get_annotation_rows (MemscopeSession *self,
                                      guint           *n)
{
  return whole_table (&self->annotation_rows, n);
}

const MemscopeMappingSnapshot *
memscope_session_get_mappings (MemscopeSession *self,
                               guint           *n)
{
  return whole_table (&self->mappings, n);
}

/* ---- stored records ------------------------------------------------------------------ */

gboolean
memscope_session_append_extras (MemscopeSession *self,
                                guint64          row,
                                GString         *json)
{
  const guint8 *bytes;
  gsize length;

  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), FALSE);
  g_return_val_if_fail (json != NULL, FALSE);

  if (self->write_record == NULL || row >= self->record_offsets->len)
    return FALSE;

  bytes = g_bytes_get_data (self->records, &length);
  self->write_record (bytes, length, g_array_index (self->record_offsets, guint64, row), self->write_record_data, json);

  return TRUE;
}

MemscopeExtras *
memscope_session_dup_extras (MemscopeSession *self,
                             guint64          row)
{
  g_autoptr(GString) json = g_string_new ("{");

  if (!memscope_session_append_extras (self, row, json))
    return NULL;

  g_string_append_c (json, '}');

  return memscope_json_tree_new (json->str, json->len);
}

struct _JsonObject *
memscope_session_dup_stored_record (MemscopeSession *self,
                                    guint64          row)
{
  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), NULL);

  return memscope_session_dup_extras (self, row);
}

/* ---- words for people ------------------------------------------------------------------ */

char *
memscope_session_dup_display_string (MemscopeSession  *self,
                                     MemscopeStringId  id)
{
  const char *bytes;
  gsize length;

  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), NULL);

  bytes = memscope_string_table_get (&self->strings, id, &length);

  return memscope_display_text (bytes != NULL ? bytes : "", length);
}

char *
memscope_session_dup_thread_label (MemscopeSession  *self,
                                   MemscopeThreadId  id)
{
  g_autofree char *name = NULL;
  MemscopeThread thread;

  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), NULL);

  if (!memscope_session_get_thread (self, id, &thread))
    return g_strdup (_("not recorded"));

  name = memscope_session_dup_display_string (self, thread.name);
  if (thread.tid == 0)
    return *name != '\0' ? g_steal_pointer (&name) : g_strdup_printf (_("thread %u"), id);

  if (*name == '\0')
    return g_strdup_printf (_("thread %u"), thread.tid);

  return g_strdup_printf ("%s (%u)", name, thread.tid);
}

static char *
dup_base_name (MemscopeSession  *self,
               MemscopeStringId  path)
{
  g_autofree char *text = memscope_session_dup_display_string (self, path);
  const char *slash = strrchr (text, '/');

  return slash != NULL && slash[1] != '\0' ? g_strdup (slash + 1) : g_steal_pointer (&text);
}

static char *
dup_place (MemscopeSession *self,
           MemscopeFrameId  id)
{
  MemscopeFrame frame;
  MemscopeModule module;

  if (!memscope_session_get_frame (self, id, &frame))
    return g_strdup (_("not recorded"));

  if (memscope_session_get_module (self, frame.module, &module) && module.path != 0)
    {
      g_autofree char *name = dup_base_name (self, module.path);

      return g_strdup_printf ("%s+0x%" G_GINT64_MODIFIER "x", name, frame.offset);
    }

  return g_strdup_printf ("0x%" G_GINT64_MODIFIER "x", frame.offset);
}

char *
memscope_session_dup_frame_label (MemscopeSession *self,
                                  MemscopeFrameId  id)
{
  g_autofree char *function = NULL;
  g_autofree char *file = NULL;
  const MemscopeSymbol *symbols;

  g_return_val_if_fail (MEMSCOPE_IS_SESSION (self), NULL);

  if (memscope_session_get_symbols (self, id, &symbols) == 0 || symbols[0].function == 0)
    return dup_place (self, id);

  function = memscope_session_dup_display_string (self, symbols[0].function);
  if (symbols[0].file == 0)
    return g_steal_pointer (&function);

  file = dup_base_name (self, symbols[0].file);
  if (symbols[0].line == 0)
    return g_strdup_printf ("%s · %s", function, file);

  return g_strdup_printf ("%s · %s:%u", function, file, symbols[0].line);
}
