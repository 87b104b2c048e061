/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-session-builder-private.h"

#include "memscope-display.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define MAX_WARNINGS 100u

MemscopeSessionBuilder *
memscope_session_builder_new (const char *label)
{
  MemscopeSessionBuilder *self = g_new0 (MemscopeSessionBuilder, 1);

  self->session = g_object_new (MEMSCOPE_TYPE_SESSION, NULL);
  self->session->label = memscope_display_text (label, strlen (label));

  memscope_interner_init (&self->modules);
  memscope_interner_init (&self->frames);
  memscope_interner_init (&self->stacks);
  memscope_interner_init (&self->variables);
  memscope_interner_init (&self->threads);
  self->threads_by_name = g_hash_table_new (NULL, NULL);
  self->frame_sites = g_array_new (FALSE, TRUE, sizeof (MemscopeFrameSite));
  memscope_builder_init_events (self);

  return self;
}

static void
clear_file_ids (MemscopeSessionBuilder *self)
{
  memscope_id_map_clear (&self->string_ids);
  memscope_id_map_clear (&self->module_ids);
  memscope_id_map_clear (&self->frame_ids);
  memscope_id_map_clear (&self->stack_ids);
  memscope_id_map_clear (&self->thread_ids);
}

void
memscope_session_builder_free (MemscopeSessionBuilder *self)
{
  clear_file_ids (self);
  memscope_interner_clear (&self->modules);
  memscope_interner_clear (&self->frames);
  memscope_interner_clear (&self->stacks);
  memscope_interner_clear (&self->variables);
  memscope_interner_clear (&self->threads);
  g_hash_table_unref (self->threads_by_name);
  g_array_unref (self->frame_sites);
  memscope_builder_clear_events (self);
  g_object_unref (self->session);
  g_free (self);
}

MemscopeSession *
memscope_session_builder_get_session (MemscopeSessionBuilder *self)
{
  return self->session;
}

void
memscope_session_builder_update (MemscopeSessionBuilder *self)
{
  memscope_builder_update_call_sites (self);
}

static int
compare_samples (gconstpointer a,
                 gconstpointer b,
                 gpointer      user_data)
{
  guint64 x = ((const MemscopeSample *)a)->time;
  guint64 y = ((const MemscopeSample *)b)->time;

  return (x > y) - (x < y);
}

static void
sort_samples (MemscopeSession *session)
{
  MemscopeSample *samples = memscope_table_get_data (&session->samples);
  guint n = memscope_table_get_n (&session->samples);

  for (guint i = 1; i < n; i++)
    {
      MemscopeSample *sorted;

      if (samples[i].time >= samples[i - 1].time)
        continue;

      /* readers may be going through the unsorted ones */
      sorted = memscope_table_copy (&session->samples);
      g_qsort_with_data (sorted, (int)MIN (n, G_MAXINT), sizeof *sorted, compare_samples, NULL);
      memscope_table_replace (&session->samples, sorted);
      return;
    }
}

/* Readers may hold the list: a longer one takes its place. */
static void
append_warning (MemscopeSession *session,
                char            *text)
{
  char **longer = g_new0 (char *, session->n_warnings + 2);

  memcpy (longer, session->warnings, session->n_warnings * sizeof *longer);
  longer[session->n_warnings++] = text;
  g_ptr_array_add (session->owned, text);
  g_ptr_array_add (session->owned, longer);
  __atomic_store_n (&session->warnings, longer, __ATOMIC_RELEASE);
}

static void
warn_of_losses (MemscopeSessionBuilder *self)
{
  if (self->deaths_of_lost > 0)
    memscope_session_builder_add_warning (self, ngettext ("%lu free belongs to a block whose allocation is missing from the file",
                                                          "%lu frees belong to blocks whose allocations are missing from the file",
                                                          (gulong)self->deaths_of_lost),
                                          (gulong)self->deaths_of_lost);

  if (self->deaths_ignored > 0)
    memscope_session_builder_add_warning (self, ngettext ("%lu event ends a block that had already ended, and was left out",
                                                          "%lu events end blocks that had already ended, and were left out",
                                                          (gulong)self->deaths_ignored),
                                          (gulong)self->deaths_ignored);

  if (self->n_warnings_left_out > 0)
    {
      g_autofree char *text = g_strdup_printf (ngettext ("%u more warning of the same kinds",
                                                         "%u more warnings of the same kinds",
                                                         self->n_warnings_left_out),
                                               self->n_warnings_left_out);

      append_warning (self->session, g_steal_pointer (&text));
    }
}

void
memscope_session_builder_end (MemscopeSessionBuilder *self)
{
  if (self->has_ended)
    return;

  self->has_ended = TRUE;
  self->next_event = G_MAXUINT64;
  memscope_builder_apply_pending (self);
  sort_samples (self->session);
  memscope_builder_update_call_sites (self);
  warn_of_losses (self);
}

MemscopeSession *
memscope_session_builder_finish (MemscopeSessionBuilder *self)
{
  MemscopeSession *session;

  memscope_session_builder_end (self);
  memscope_builder_update_call_sites (self);

  session = g_object_ref (self->session);
  memscope_session_builder_free (self);

  return session;
}

/* ---- what it is ------------------------------------------------------------------ */

void
memscope_session_builder_set_format (MemscopeSessionBuilder *self,
                                     const char             *name,
                                     guint                   version,
                                     const char             *layout)
{
  memscope_session_write (self->session, format_name, name);
  memscope_session_write (self->session, format_version, version);
  memscope_session_write (self->session, layout, layout);
  /* A recorder of ours sees every free: none seen is none happened. Others may not have looked. */
  if (g_str_equal (name, "native"))
    memscope_session_write (self->session, has_deaths, TRUE);
}

void
memscope_session_builder_set_time_origin (MemscopeSessionBuilder *self,
                                          guint64                 unix_ns)
{
  memscope_session_write (self->session, time_origin, unix_ns);
}

void
memscope_session_builder_set_accounted (MemscopeSessionBuilder *self,
                                        gboolean                accounted)
{
  self->is_accounted = accounted;
}

void
memscope_session_builder_set_complete (MemscopeSessionBuilder *self,
                                       gboolean                complete)
{
  memscope_session_write (self->session, complete, complete);
}

void
memscope_session_builder_set_sampling_interval (MemscopeSessionBuilder *self,
                                                guint64                 bytes)
{
  memscope_session_write (self->session, sampling_interval, bytes);
}

void
memscope_session_builder_set_n_events (MemscopeSessionBuilder *self,
                                       guint64                 n_events)
{
  self->session->n_events = n_events;
}

void
memscope_session_builder_set_duration (MemscopeSessionBuilder *self,
                                       guint64                 ns)
{
  self->session->duration = MIN (ns, MEMSCOPE_NEVER - 2);
}

void
memscope_session_builder_add_fact (MemscopeSessionBuilder *self,
                                   const char             *key,
                                   const void             *value,
                                   gsize                   length)
{
  char *copy = g_malloc (length + 1);
  GBytes *former;

  if (length > 0)
    memcpy (copy, value, length);
  copy[length] = '\0';

  g_mutex_lock (&self->session->facts_lock);
  former = g_hash_table_lookup (self->session->facts, key);
  if (former != NULL)
    g_ptr_array_add (self->session->former_facts, g_bytes_ref (former));
  g_hash_table_replace (self->session->facts, g_strdup (key), g_bytes_new_take (copy, length + 1));
  g_mutex_unlock (&self->session->facts_lock);
}

void
memscope_session_builder_add_warning (MemscopeSessionBuilder *self,
                                      const char             *format,
                                      ...)
{
  MemscopeSession *session = self->session;
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);

  if (g_strv_contains ((const char *const *)session->warnings, text))
    return;

  if (session->n_warnings >= MAX_WARNINGS)
    self->n_warnings_left_out++;
  else
    append_warning (session, g_steal_pointer (&text));
}

void
memscope_session_builder_set_records (MemscopeSessionBuilder *self,
                                      GBytes                 *bytes,
                                      GArray                 *offsets,
                                      MemscopeRecordFunc      write,
                                      gconstpointer           user_data)
{
  /* Files of records hold no frees of unknown addresses: not none, but not recorded. */
  self->session->unmatched_frees = MEMSCOPE_UNKNOWN;
  self->session->records = g_bytes_ref (bytes);
  self->session->record_offsets = offsets;
  self->session->write_record = write;
  self->session->write_record_data = user_data;
}

void
memscope_session_builder_expect_blocks (MemscopeSessionBuilder *self,
                                        guint64                 n_blocks)
{
  memscope_rows_expect (&self->session->rows, n_blocks);
}

guint64
memscope_session_builder_add_block (MemscopeSessionBuilder *self,
                                    const MemscopeBlock    *block)
{
  self->session->has_deaths |= block->death != MEMSCOPE_DEATH_NONE;
  memscope_session_write (self->session, tape_is_broken, TRUE);

  return memscope_rows_append (&self->session->rows, block);
}

/* ---- interning ---------------------------------------------------------------------- */

/* Finds or appends @element, which is its own key. */
static guint32
intern (MemscopeInterner    *interner,
        MemscopeTable       *table,
        gconstpointer        element,
        guint64              hash,
        MemscopeInternEqual  equal)
{
  guint32 id = memscope_interner_find (interner, hash, equal, table, element);

  if (id == 0)
    {
      id = table->n;
      memscope_table_append (table, element);
      memscope_interner_insert (interner, hash, id);
    }

  return id;
}

MemscopeStringId
memscope_session_builder_intern_string (MemscopeSessionBuilder *self,
                                        const void             *bytes,
                                        gsize                   length)
{
  return memscope_string_table_intern (&self->session->strings, bytes, length);
}

MemscopeThreadId
memscope_session_builder_intern_thread (MemscopeSessionBuilder *self,
                                        MemscopeStringId        name)
{
  MemscopeThread thread = { .name = name, .end_time = MEMSCOPE_NEVER };
  guint32 id = GPOINTER_TO_UINT (g_hash_table_lookup (self->threads_by_name, GUINT_TO_POINTER (name)));

  if (id == 0)
    {
      id = self->session->threads.n;
      memscope_table_append (&self->session->threads, &thread);
      g_hash_table_insert (self->threads_by_name, GUINT_TO_POINTER (name), GUINT_TO_POINTER (id));
    }

  return id;
}

static gboolean
variable_equal (gconstpointer table,
                guint32       id,
                gconstpointer key)
{
  const MemscopeVariable *a = &memscope_table_index ((const MemscopeTable *)table, MemscopeVariable, id);
  const MemscopeVariable *b = key;

  return a->source == b->source && a->name == b->name && a->type == b->type && a->scope == b->scope;
}

MemscopeVariableId
memscope_session_builder_intern_variable (MemscopeSessionBuilder *self,
                                          MemscopeNameSource      source,
                                          MemscopeStringId        name,
                                          MemscopeStringId        type,
                                          MemscopeStringId        scope)
{
  MemscopeVariable variable = { .source = source, .name = name, .type = type, .scope = scope };
  guint32 key[4] = { source, name, type, scope };

  return intern (&self->variables, &self->session->variables, &variable,
                 memscope_interner_hash (&self->variables, key, sizeof key), variable_equal);
}

static gboolean
frame_equal (gconstpointer table,
             guint32       id,
             gconstpointer key)
{
  const MemscopeFrame *a = &memscope_table_index ((const MemscopeTable *)table, MemscopeFrame, id);
  const MemscopeFrame *b = key;

  return a->module == b->module && a->offset == b->offset && a->flags == b->flags;
}

static MemscopeFrameId
intern_frame (MemscopeSessionBuilder *self,
              const MemscopeFrame    *frame)
{
  guint64 key[2] = { (guint64)frame->module << 32 | frame->flags, frame->offset };
  guint n = self->session->frames.n;
  guint32 id = intern (&self->frames, &self->session->frames, frame,
                       memscope_interner_hash (&self->frames, key, sizeof key), frame_equal);

  if (id == n)
    memscope_table_append (&self->session->symbol_runs, &(MemscopeSymbolRun) { 0 });

  return id;
}

static void
set_symbols (MemscopeSessionBuilder *self,
             MemscopeFrameId         frame,
             const MemscopeSymbol   *symbols,
             guint                   n_symbols)
{
  MemscopeSession *session = self->session;
  MemscopeSymbolRun *run = &memscope_table_index (&session->symbol_runs, MemscopeSymbolRun, frame);
  guint64 first = session->symbols.n;

  for (guint i = 0; i < n_symbols; i++)
    memscope_table_append (&session->symbols, &symbols[i]);

  __atomic_store_n (run, first << 32 | n_symbols, __ATOMIC_RELEASE);

  if (frame < self->frame_sites->len)
    {
      g_array_index (self->frame_sites, MemscopeFrameSite, frame) = (MemscopeFrameSite) { 0 };
      self->symbols_changed = TRUE;
    }
}

void
memscope_session_builder_set_symbols (MemscopeSessionBuilder *self,
                                      MemscopeFrameId         frame,
                                      const MemscopeSymbol   *symbols,
                                      guint                   n_symbols)
{
  if (frame != 0 && frame < self->session->frames.n)
    set_symbols (self, frame, symbols, n_symbols);
}

/* Frames of one module number are told apart by their offset; a frame that is
 * only a text takes its string's id for that. The flag keeps such frames apart
 * from absolute addresses.
 */
MemscopeFrameId
memscope_session_builder_intern_text_frame (MemscopeSessionBuilder *self,
                                            MemscopeStringId        text)
{
  MemscopeFrame frame = { .offset = text, .flags = MEMSCOPE_FRAME_TEXT };
  MemscopeSymbol symbol = { .function = text };
  guint n = self->session->frames.n;
  MemscopeFrameId id = intern_frame (self, &frame);

  if (id == n)
    set_symbols (self, id, &symbol, 1);

  return id;
}

static gboolean
stack_equal (gconstpointer table,
             guint32       id,
             gconstpointer key)
{
  const MemscopeStackNode *a = &memscope_table_index ((const MemscopeTable *)table, MemscopeStackNode, id);
  const MemscopeStackNode *b = key;

  return a->parent == b->parent && a->frame == b->frame;
}

MemscopeStackId
memscope_session_builder_intern_stack (MemscopeSessionBuilder *self,
                                       MemscopeStackId         parent,
                                       MemscopeFrameId         frame)
{
  MemscopeStackNode node = { parent, frame };

  return intern (&self->stacks, &self->session->stacks, &node,
                 memscope_interner_hash (&self->stacks, &node, sizeof node), stack_equal);
}

/* ---- a native stream: dictionaries ----------------------------------------------------- */

void
memscope_session_builder_begin_file (MemscopeSessionBuilder *self)
{
  self->next_event = G_MAXUINT64;
  memscope_builder_apply_pending (self);
  clear_file_ids (self);
  memscope_builder_reset_stream (self);
  self->has_many_files = TRUE;
}

void
memscope_session_builder_begin_segment (MemscopeSessionBuilder *self)
{
  memscope_builder_apply_pending (self);
  clear_file_ids (self);
}

void
memscope_session_builder_add_string (MemscopeSessionBuilder *self,
                                     guint64                 id,
                                     const void             *bytes,
                                     gsize                   length)
{
  if (id != 0)
    memscope_id_map_set (&self->string_ids, id, memscope_session_builder_intern_string (self, bytes, length));
}

static gboolean
module_equal (gconstpointer table,
              guint32       id,
              gconstpointer key)
{
  const MemscopeModule *a = &memscope_table_index ((const MemscopeTable *)table, MemscopeModule, id);
  const MemscopeModule *b = key;

  return a->path == b->path && a->bias == b->bias && a->start == b->start && a->end == b->end &&
         a->build_id_length == b->build_id_length &&
         (a->build_id_length == 0 || memcmp (a->build_id, b->build_id, a->build_id_length) == 0);
}

void
memscope_session_builder_add_module (MemscopeSessionBuilder    *self,
                                     guint64                    id,
                                     const MemscopeModuleEntry *entry)
{
  MemscopeModule module = {
    .path = memscope_id_map_get (&self->string_ids, entry->path),
    .build_id = entry->build_id_length > 0 ? entry->build_id : NULL,
    .build_id_length = entry->build_id_length,
    .bias = entry->bias,
    .start = entry->start,
    .end = entry->end,
  };
  guint64 key[4] = { module.path, module.bias, module.start, module.end };
  guint n = self->session->modules.n;
  g_autofree guint8 *copy = NULL;
  guint32 ours;

  if (id == 0)
    return;

  /* what is in the table is there for good: its build-id must be */
  if (module.build_id != NULL)
    module.build_id = copy = g_memdup2 (entry->build_id, entry->build_id_length);

  ours = intern (&self->modules, &self->session->modules, &module,
                 memscope_interner_hash (&self->modules, key, sizeof key), module_equal);
  memscope_id_map_set (&self->module_ids, id, ours);

  if (ours == n && copy != NULL)
    g_ptr_array_add (self->session->owned, g_steal_pointer (&copy));
}

void
memscope_session_builder_add_frame (MemscopeSessionBuilder   *self,
                                    guint64                   id,
                                    const MemscopeFrameEntry *entry)
{
  MemscopeFrame frame = {
    .module = memscope_id_map_get (&self->module_ids, entry->module),
    .offset = entry->offset,
    .flags = entry->flags & (MEMSCOPE_FRAME_RETURN_ADDRESS | MEMSCOPE_FRAME_SIGNAL),
  };

  if (id != 0)
    memscope_id_map_set (&self->frame_ids, id, intern_frame (self, &frame));
}

void
memscope_session_builder_add_stack (MemscopeSessionBuilder   *self,
                                    guint64                   id,
                                    const MemscopeStackEntry *entry)
{
  MemscopeStackId parent = memscope_id_map_get (&self->stack_ids, entry->parent);
  MemscopeFrameId frame = memscope_id_map_get (&self->frame_ids, entry->frame);

  if (id == 0)
    return;

  /* A parent that is missing: what lies beyond was not recorded. */
  if (entry->parent != 0 && parent == 0)
    parent = memscope_session_builder_intern_stack (self, 0, 0);

  memscope_id_map_set (&self->stack_ids, id, memscope_session_builder_intern_stack (self, parent, frame));
}

static gboolean
thread_equal (gconstpointer table,
              guint32       id,
              gconstpointer key)
{
  const MemscopeThread *a = &memscope_table_index ((const MemscopeTable *)table, MemscopeThread, id);
  const MemscopeThread *b = key;

  return a->tid == b->tid && a->start_time == b->start_time;
}

/* Threads of several files of one recording are the same when their tid and start are. */
static MemscopeThreadId
add_new_thread (MemscopeSessionBuilder *self,
                const MemscopeThread   *thread)
{
  guint64 key[2] = { thread->tid, thread->start_time };
  MemscopeThreadId id;

  if (thread->tid != 0)
    return intern (&self->threads, &self->session->threads, thread,
                   memscope_interner_hash (&self->threads, key, sizeof key), thread_equal);

  id = self->session->threads.n;
  memscope_table_append (&self->session->threads, thread);

  return id;
}

/* Readers may be looking: each field is one or the other. */
static void
set_thread (MemscopeThread       *place,
            const MemscopeThread *thread)
{
  memscope_session_write (place, name, thread->name);
  memscope_session_write (place, tid, thread->tid);
  memscope_session_write (place, start_time, thread->start_time);
  memscope_session_write (place, end_time, thread->end_time);
}

void
memscope_session_builder_add_thread (MemscopeSessionBuilder    *self,
                                     const MemscopeThreadEntry *entry)
{
  MemscopeThread thread = {
    .name = memscope_id_map_get (&self->string_ids, entry->name),
    .tid = entry->tid,
    .start_time = memscope_ns (entry->start_time),
    .end_time = entry->end_time == G_MAXUINT64 ? MEMSCOPE_NEVER : memscope_ns (entry->end_time),
  };
  MemscopeThreadId known;

  if (entry->id == 0)
    return;

  known = memscope_id_map_get (&self->thread_ids, entry->id);
  if (known == 0)
    {
      known = add_new_thread (self, &thread);
      memscope_id_map_set (&self->thread_ids, entry->id, known);
    }

  set_thread (&memscope_table_index (&self->session->threads, MemscopeThread, known), &thread);
}

MemscopeThreadId
memscope_builder_map_thread (MemscopeSessionBuilder *self,
                             guint32                 id)
{
  MemscopeThreadId known = memscope_id_map_get (&self->thread_ids, id);

  if (known == 0 && id != 0)
    {
      MemscopeThread thread = { .start_time = self->last_time, .end_time = MEMSCOPE_NEVER };

      known = self->session->threads.n;
      memscope_table_append (&self->session->threads, &thread);
      memscope_id_map_set (&self->thread_ids, id, known);
    }

  return known;
}

/* What memscope.h puts into the program's functions is not of the program. */
static gboolean
is_of_our_header (MemscopeSessionBuilder *self,
                  guint64                 function)
{
  static const char begin[] = "memscope_", end[] = "_if_recorded", scope[] = "memscope_scope_", object[] = "memscope::";
  MemscopeStringId id = memscope_id_map_get (&self->string_ids, function);
  gsize length = 0;
  const char *name = id != 0 ? memscope_session_get_string (self->session, id, &length) : NULL;

  if (name == NULL)
    return FALSE;
  if (length >= strlen (object) && memcmp (name, object, strlen (object)) == 0)
    return TRUE;
  if (length >= strlen (scope) && memcmp (name, scope, strlen (scope)) == 0)
    return TRUE;

  return length > strlen (begin) + strlen (end) && memcmp (name, begin, strlen (begin)) == 0 &&
         memcmp (name + length - strlen (end), end, strlen (end)) == 0;
}

void
memscope_session_builder_add_symbols (MemscopeSessionBuilder    *self,
                                      guint64                    frame,
                                      const MemscopeSymbolEntry *entries,
                                      guint                      n_entries)
{
  MemscopeFrameId known = memscope_id_map_get (&self->frame_ids, frame);
  g_autofree MemscopeSymbol *symbols = NULL;

  if (known == 0)
    return;

  while (n_entries > 1 && is_of_our_header (self, entries[0].function))
    {
      entries++;
      n_entries--;
    }

  symbols = g_new (MemscopeSymbol, n_entries);
  for (guint i = 0; i < n_entries; i++)
    {
      symbols[i] = (MemscopeSymbol) {
        .function = memscope_id_map_get (&self->string_ids, entries[i].function),
        .linkage_name = memscope_id_map_get (&self->string_ids, entries[i].linkage_name),
        .file = memscope_id_map_get (&self->string_ids, entries[i].file),
        .line = entries[i].line,
        .column = entries[i].column,
        .language = entries[i].language,
      };
    }

  set_symbols (self, known, symbols, n_entries);
}

/* ---- a native stream: context ------------------------------------------------------------- */

static void
extend_duration (MemscopeSessionBuilder *self,
                 guint64                 ns)
{
  memscope_session_write (self->session, duration, MAX (self->session->duration, ns));
}

void
memscope_session_builder_add_sample (MemscopeSessionBuilder *self,
                                     const MemscopeSample   *sample)
{
  MemscopeSample ours = *sample;

  ours.thread = memscope_id_map_get (&self->thread_ids, sample->thread);
  if (sample->kind == MEMSCOPE_SAMPLE_THREAD && ours.thread == 0)
    ours.thread = memscope_builder_map_thread (self, sample->thread);

  memscope_table_append (&self->session->samples, &ours);
  extend_duration (self, memscope_ns (sample->time));
}

void
memscope_session_builder_add_gap (MemscopeSessionBuilder *self,
                                  const MemscopeGap      *gap)
{
  MemscopeGap ours = *gap;

  ours.thread = memscope_builder_map_thread (self, gap->thread);
  memscope_table_append (&self->session->gaps, &ours);
}

void
memscope_session_builder_add_mark (MemscopeSessionBuilder *self,
                                   const MemscopeMark     *mark)
{
  MemscopePending pending = { .is_mark = TRUE, .mark = *mark };

  memscope_builder_add_pending (self, &pending);
}

void
memscope_session_builder_add_annotation (MemscopeSessionBuilder   *self,
                                         const MemscopeAnnotation *annotation)
{
  MemscopePending pending = { .is_mark = FALSE, .annotation = *annotation };

  memscope_builder_add_pending (self, &pending);
}

void
memscope_session_builder_add_mappings (MemscopeSessionBuilder *self,
                                       guint64                 time,
                                       const MemscopeMapping  *mappings,
                                       guint                   n_mappings)
{
  MemscopeMappingSnapshot snapshot = { memscope_ns (time), n_mappings, NULL };

  if (n_mappings > 0)
    {
      snapshot.mappings = g_memdup2 (mappings, (gsize)n_mappings * sizeof *mappings);
      g_ptr_array_add (self->session->owned, snapshot.mappings);
      for (guint i = 0; i < n_mappings; i++)
        snapshot.mappings[i].path = memscope_id_map_get (&self->string_ids, mappings[i].path);
    }

  memscope_table_append (&self->session->mappings, &snapshot);
}

void
memscope_session_builder_add_end (MemscopeSessionBuilder *self,
                                  const MemscopeEnd      *end)
{
  MemscopeSession *session = self->session;

  memscope_session_write (session, process_ended,
                          end->reason == MEMSCOPE_END_EXIT || end->reason == MEMSCOPE_END_SIGNAL ||
                          end->reason == MEMSCOPE_END_EXEC || end->reason == MEMSCOPE_END_GONE);
  session->ending = end->reason <= MEMSCOPE_END_GONE ? (MemscopeEnding)end->reason : MEMSCOPE_ENDING_UNKNOWN;
  memscope_session_write (session, repaired, end->reason == MEMSCOPE_END_REPAIRED);
  session->ending_status = end->status;
  session->ending_time = memscope_ns (end->time);
  memscope_session_write (session, failed_allocations, end->failed_allocations);
  extend_duration (self, memscope_ns (end->time));
}
