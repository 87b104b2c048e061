/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memscope-json-exporter.h"

#include <string.h>

#include "memscope-export-file.h"
#include "memscope-filter.h"
#include "memscope-holders.h"
#include "memscope-json-frames.h"
#include "memscope-json-reports.h"
#include "memscope-scopes.h"
#include "memscope-session-json.h"
#include "memscope-session-private.h"

/* Text is collected up to this many bytes, then written. */
#define FLUSH_SIZE (256 * 1024)
/* Between two looks at the cancellable and two progress calls. */
#define ROWS_PER_STEP 8192

/* The words of a dictionary entry, as a JSON value, made when first needed. */
typedef struct
{
  char **texts;
  guint  n;
} Words;

typedef struct
{
  MemscopeSession      *session;
  GOutputStream        *stream;
  GCancellable         *cancellable;
  MemscopeProgressFunc  progress;
  gpointer              progress_data;

  GString              *text;
  MemscopeJsonFrames   *frames;
  Words                 threads;
  guint64               origin;       /* ns since 1970 */
  gboolean              knows_leaks;
  MemscopeHolders       holders;      /* at the instant */
  MemscopeScopes       *scopes;

  MemscopeSelection    *selection;    /* NULL: everything */
  MemscopeFilter       *filter;       /* of it */
  MemscopeJsonOptions   options;
  guint64               n_written;
} Export;

static const char *const function_names[] = {
  [MEMSCOPE_FUNCTION_UNKNOWN] = NULL,
  [MEMSCOPE_FUNCTION_MALLOC] = "malloc",
  [MEMSCOPE_FUNCTION_CALLOC] = "calloc",
  [MEMSCOPE_FUNCTION_REALLOC] = "realloc",
  [MEMSCOPE_FUNCTION_ALIGNED] = "aligned",
  [MEMSCOPE_FUNCTION_MMAP] = "mmap",
};

static const char *const death_names[] = {
  [MEMSCOPE_DEATH_NONE] = NULL,
  [MEMSCOPE_DEATH_FREE] = "free",
  [MEMSCOPE_DEATH_REALLOC] = "realloc",
  [MEMSCOPE_DEATH_UNSEEN] = "not seen",
  [MEMSCOPE_DEATH_WITH_PARENT] = "with parent",
};

static const char *const origin_names[] = {
  [MEMSCOPE_ORIGIN_HEAP] = "heap",
  [MEMSCOPE_ORIGIN_REGION] = "region",
  [MEMSCOPE_ORIGIN_POOL] = "pool",
  [MEMSCOPE_ORIGIN_API] = "api",
  [MEMSCOPE_ORIGIN_FILE] = "file",
};

static const char *const source_names[] = {
  [MEMSCOPE_NAME_API] = "api",
  [MEMSCOPE_NAME_FILE] = "file",
  [MEMSCOPE_NAME_DWARF] = "dwarf",
  [MEMSCOPE_NAME_SOURCE] = "source",
  [MEMSCOPE_NAME_SITE] = "site",
};

#define APPEND_LITERAL(text, literal) g_string_append_len ((text), literal, sizeof literal - 1)

static void
append_string_id (Export           *self,
                  MemscopeStringId  id)
{
  gsize length = 0;
  const char *bytes = id != 0 ? memscope_session_get_string (self->session, id, &length) : NULL;

  if (bytes == NULL)
    APPEND_LITERAL (self->text, "null");
  else
    memscope_json_append_string (self->text, bytes, length);
}

static void
append_name (Export            *self,
             const char *const *names,
             guint              n_names,
             guint              value)
{
  const char *name = value < n_names ? names[value] : NULL;

  if (name == NULL)
    {
      APPEND_LITERAL (self->text, "null");
      return;
    }

  g_string_append_c (self->text, '"');
  g_string_append (self->text, name);
  g_string_append_c (self->text, '"');
}

static void
append_thread (Export           *self,
               MemscopeThreadId  id)
{
  if (id == 0 || id >= self->threads.n)
    {
      APPEND_LITERAL (self->text, "null");
      return;
    }

  if (self->threads.texts[id] == NULL)
    {
      g_autofree char *label = memscope_session_dup_thread_label (self->session, id);
      GString *json = g_string_new (NULL);

      memscope_json_append_string (json, label, -1);
      self->threads.texts[id] = g_string_free (json, FALSE);
    }

  g_string_append (self->text, self->threads.texts[id]);
}

static void
append_time (Export   *self,
             gboolean  known,
             guint64   time)
{
  if (known)
    memscope_json_append_uint64 (self->text, self->origin + time);
  else
    APPEND_LITERAL (self->text, "null");
}

static void
append_row_link (Export  *self,
                 guint64  row_plus_one)
{
  if (row_plus_one > 0)
    memscope_json_append_uint64 (self->text, row_plus_one - 1);
  else
    APPEND_LITERAL (self->text, "null");
}

/* The site's own name: "function:line" is what a SITE variable is called. */
static void
append_variable (Export              *self,
                 const MemscopeBatch *batch,
                 guint                i)
{
  MemscopeVariableId id = memscope_batch_variable (self->session, batch, i);
  const MemscopeScope *scope = memscope_scopes_find (self->scopes, batch->thread[i], batch->birth_event[i]);
  MemscopeVariable variable = { 0 };
  gboolean known = id != 0 && memscope_session_get_variable (self->session, id, &variable);

  APPEND_LITERAL (self->text, ",\"var_name\":");
  append_string_id (self, variable.name);
  APPEND_LITERAL (self->text, ",\"var_source\":");
  append_name (self, source_names, known ? G_N_ELEMENTS (source_names) : 0, variable.source);
  APPEND_LITERAL (self->text, ",\"type_name\":");
  append_string_id (self, variable.type);
  APPEND_LITERAL (self->text, ",\"scope_name\":");
  append_string_id (self, scope != NULL ? scope->name : variable.scope);
}

/* What of @row was borrowed or cloned, and not returned. null: nothing was ever told. */
static void
append_borrows (Export  *self,
                guint64  row)
{
  const MemscopeHolder *holder = memscope_holders_find (&self->holders, row);

  APPEND_LITERAL (self->text, ",\"borrow_count\":");
  if (holder != NULL)
    memscope_json_append_uint64 (self->text, holder->borrows);
  else
    APPEND_LITERAL (self->text, "null");
}

static void
append_leaked (Export              *self,
               const MemscopeBatch *batch,
               guint                i)
{
  gboolean leaked = memscope_batch_death (batch, i) == MEMSCOPE_DEATH_NONE;

  APPEND_LITERAL (self->text, ",\"is_leaked\":");
  g_string_append (self->text, !self->knows_leaks ? "null" : leaked ? "true" : "false");
}

/* What is beyond AllocationInfo. */
static void
append_native_fields (Export              *self,
                      const MemscopeBatch *batch,
                      guint                i)
{
  GString *text = self->text;
  MemscopeDeath death = memscope_batch_death (batch, i);
  gboolean died_at_known_time = death != MEMSCOPE_DEATH_NONE && batch->death_time[i] != MEMSCOPE_NEVER;

  append_borrows (self, batch->first_row + i);
  APPEND_LITERAL (text, ",\"lifetime_ms\":");
  if (died_at_known_time)
    memscope_json_append_uint64 (text, (batch->death_time[i] - batch->birth_time[i]) / 1000000);
  else
    APPEND_LITERAL (text, "null");

  APPEND_LITERAL (text, ",\"death\":");
  append_name (self, death_names, G_N_ELEMENTS (death_names), death);
  APPEND_LITERAL (text, ",\"death_stack_trace\":");
  memscope_json_frames_append (self->frames, batch->death_stack[i], text);
  APPEND_LITERAL (text, ",\"death_thread_id\":");
  append_thread (self, batch->death_thread[i]);
  APPEND_LITERAL (text, ",\"function\":");
  append_name (self, function_names, G_N_ELEMENTS (function_names), batch->function[i]);
  APPEND_LITERAL (text, ",\"inherited\":");
  g_string_append (text, batch->flags[i] & MEMSCOPE_BLOCK_INHERITED ? "true" : "false");
  APPEND_LITERAL (text, ",\"origin\":");
  append_name (self, origin_names, G_N_ELEMENTS (origin_names), memscope_batch_origin (batch, i));
  APPEND_LITERAL (text, ",\"parent_row\":");
  append_row_link (self, batch->parent != NULL ? batch->parent[i] : 0);
  APPEND_LITERAL (text, ",\"previous_row\":");
  append_row_link (self, batch->previous[i]);
  APPEND_LITERAL (text, ",\"row\":");
  memscope_json_append_uint64 (text, batch->first_row + i);
  APPEND_LITERAL (text, ",\"usable_size\":");
  if (batch->rounding[i] != G_MAXUINT32)
    memscope_json_append_uint64 (text, batch->size[i] + batch->rounding[i]);
  else
    APPEND_LITERAL (text, "null");
}

static void
append_columns (Export              *self,
                const MemscopeBatch *batch,
                guint                i)
{
  GString *text = self->text;
  gboolean died = memscope_batch_death (batch, i) != MEMSCOPE_DEATH_NONE;

  APPEND_LITERAL (text, "\"ptr\":");
  if (batch->address[i] != MEMSCOPE_UNKNOWN)
    memscope_json_append_uint64 (text, batch->address[i]);
  else
    APPEND_LITERAL (text, "null");
  APPEND_LITERAL (text, ",\"size\":");
  memscope_json_append_uint64 (text, batch->size[i]);
  append_variable (self, batch, i);
  APPEND_LITERAL (text, ",\"thread_id\":");
  append_thread (self, batch->thread[i]);
  APPEND_LITERAL (text, ",\"timestamp_alloc\":");
  append_time (self, TRUE, batch->birth_time[i]);
  APPEND_LITERAL (text, ",\"timestamp_dealloc\":");
  append_time (self, died && batch->death_time[i] != MEMSCOPE_NEVER, batch->death_time[i]);
  APPEND_LITERAL (text, ",\"stack_trace\":");
  memscope_json_frames_append (self->frames, batch->stack[i], text);
  append_leaked (self, batch, i);
  append_native_fields (self, batch, i);
}

/* memscope-rs: the record as it is stored, and nothing else. */
static void
append_row (Export              *self,
            const MemscopeBatch *batch,
            guint                i)
{
  gsize begin = self->text->len;

  g_string_append_c (self->text, '{');
  if (!memscope_session_append_extras (self->session, batch->first_row + i, self->text))
    append_columns (self, batch, i);
  g_string_append_c (self->text, '}');

  if (self->options.redact & MEMSCOPE_REDACT_PATHS)
    memscope_redact_paths (self->text, begin);
}

static gboolean
has_name (Export              *self,
          const MemscopeBatch *batch,
          guint                i)
{
  MemscopeVariable variable;

  return memscope_session_get_variable (self->session, memscope_batch_variable (self->session, batch, i), &variable) &&
         variable.source != MEMSCOPE_NAME_SITE && variable.name != 0;
}

/* Rows of a selection: those whose life overlaps its range. */
static gboolean
is_wanted (Export              *self,
           const MemscopeBatch *batch,
           guint                i)
{
  if (self->filter != NULL &&
      (!memscope_filter_passes (self->filter, batch, i) || batch->birth_time[i] >= self->filter->end ||
       memscope_batch_end_time (batch, i) < self->filter->begin))
    return FALSE;

  return !self->options.user_variables_only || has_name (self, batch, i);
}

static gboolean
flush (Export  *self,
       gsize    at_least,
       GError **error)
{
  if (self->text->len < at_least)
    return TRUE;

  if (!g_output_stream_write_all (self->stream, self->text->str, self->text->len, NULL, self->cancellable, error))
    return FALSE;

  g_string_truncate (self->text, 0);

  return TRUE;
}

static gboolean
write_batch (Export               *self,
             const MemscopeBatch  *batch,
             GError              **error)
{
  for (guint i = 0; i < batch->n_rows; i++)
    {
      if (is_wanted (self, batch, i))
        {
          g_string_append (self->text, self->n_written == 0 ? "\n    " : ",\n    ");
          append_row (self, batch, i);
          self->n_written++;
        }

      if (!flush (self, FLUSH_SIZE, error))
        return FALSE;

      if (i % ROWS_PER_STEP != 0)
        continue;

      if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
        return FALSE;
      if (self->progress != NULL)
        self->progress (batch->first_row + i, memscope_session_get_n_blocks (self->session), self->progress_data);
    }

  return TRUE;
}

static gboolean
write_rows (Export  *self,
            GError **error)
{
  guint n_batches = memscope_session_get_n_batches (self->session);

  for (guint b = 0; b < n_batches; b++)
    {
      MemscopeBatch batch;

      memscope_session_get_batch (self->session, b, &batch);
      if (!write_batch (self, &batch, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
flush_reports (gpointer   data,
               GError   **error)
{
  Export *self = data;

  return flush (self, FLUSH_SIZE, error) && !g_cancellable_set_error_if_cancelled (self->cancellable, error);
}

/* What is not in the file on purpose. */
static void
write_restrictions (Export             *self,
                    MemscopeJsonWriter *writer)
{
  static const char *const words[] = { "paths", "arguments", "environment" };
  MemscopeSelection *selection = self->selection;

  if (self->options.redact == 0 && !self->options.user_variables_only && selection == NULL)
    return;

  memscope_json_writer_begin_object (writer, "export");
  memscope_json_writer_begin_array (writer, "redacted");
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (self->options.redact >> i & 1)
      memscope_json_writer_string (writer, NULL, words[i], -1);
  memscope_json_writer_end_array (writer);
  if (selection == NULL)
    {
      memscope_json_writer_null (writer, "selection");
    }
  else
    {
      guint64 largest = memscope_selection_get_max_size (selection);

      memscope_json_writer_begin_object (writer, "selection");
      memscope_json_writer_boolean (writer, "all_modules", memscope_selection_has_all_modules (selection));
      memscope_json_writer_boolean (writer, "all_threads", memscope_selection_has_all_threads (selection));
      memscope_json_writer_uint64 (writer, "begin_ns", memscope_selection_get_begin (selection));
      memscope_json_writer_uint64 (writer, "end_ns", memscope_selection_get_end (selection));
      memscope_json_writer_uint64 (writer, "instant_ns", memscope_selection_get_instant (selection));
      memscope_json_writer_begin_array (writer, "kinds");
      for (guint origin = 0; origin < MEMSCOPE_N_ORIGINS; origin++)
        if (memscope_selection_get_origins (selection) >> origin & 1)
          memscope_json_writer_string (writer, NULL, origin_names[origin], -1);
      memscope_json_writer_end_array (writer);
      if (largest == G_MAXUINT64)
        memscope_json_writer_null (writer, "max_size");
      else
        memscope_json_writer_uint64 (writer, "max_size", largest);
      memscope_json_writer_uint64 (writer, "min_size", memscope_selection_get_min_size (selection));
      memscope_json_writer_string (writer, "text", memscope_selection_get_text (selection), -1);
      memscope_json_writer_end_object (writer);
    }
  memscope_json_writer_boolean (writer, "user_variables_only", self->options.user_variables_only);
  memscope_json_writer_end_object (writer);
}

static gboolean
write_document (Export  *self,
                GError **error)
{
  g_autoptr(MemscopeSelection) everything = memscope_selection_new_all (self->session);
  g_autoptr(MemscopeSummary) summary = NULL;
  MemscopeJsonReports reports = {
    .session = self->session,
    .frames = self->frames,
    .begin = self->filter != NULL ? self->filter->begin : 0,
    .end = self->filter != NULL ? self->filter->end : G_MAXUINT64,
    .redact_paths = (self->options.redact & MEMSCOPE_REDACT_PATHS) != 0,
    .written = flush_reports,
    .data = self,
  };
  MemscopeJsonWriter writer;

  summary = memscope_summary_new (self->session, self->selection != NULL ? self->selection : everything,
                                  self->cancellable, error);
  if (summary == NULL)
    return FALSE;

  memscope_json_writer_init (&writer, self->text);
  memscope_json_writer_begin_object (&writer, NULL);
  write_restrictions (self, &writer);
  memscope_json_writer_begin_object (&writer, "session");
  memscope_session_json_write_session (&writer, self->session, self->options.redact);
  memscope_json_writer_end_object (&writer);
  memscope_json_writer_begin_object (&writer, "stats");
  memscope_session_json_write_stats (&writer, self->session, summary);
  memscope_json_writer_end_object (&writer);

  /* Folders in warnings and in what was searched for. */
  if (self->options.redact & MEMSCOPE_REDACT_PATHS)
    memscope_redact_paths (self->text, 0);

  memscope_json_writer_begin_value (&writer, "allocations");
  g_string_append_c (self->text, '[');
  if (!write_rows (self, error))
    return FALSE;
  g_string_append (self->text, self->n_written > 0 ? "\n  ]" : "]");
  if (!memscope_json_reports_write (&reports, &writer, error))
    return FALSE;

  memscope_json_writer_end_object (&writer);
  g_string_append_c (self->text, '\n');

  return flush (self, 0, error);
}

/* A recording that was cut or is still live can't say yet. */
static gboolean
knows_leaks (MemscopeSession *session)
{
  return memscope_session_get_complete (session)
         && memscope_session_get_process_ended (session)
         && memscope_session_has_deaths (session);
}

static void
export_init (Export                    *self,
             MemscopeSelection         *selection,
             const MemscopeJsonOptions *options)
{
  if (options != NULL)
    self->options = *options;
  if (selection != NULL)
    {
      self->selection = selection;
      self->filter = memscope_filter_new (self->session, selection);
    }
  self->text = g_string_sized_new (2 * FLUSH_SIZE);
  self->frames = memscope_json_frames_new (self->session, (self->options.redact & MEMSCOPE_REDACT_PATHS) != 0);
  self->threads.n = memscope_session_get_n_threads (self->session) + 1;
  self->threads.texts = g_new0 (char *, self->threads.n);
  self->origin = memscope_session_get_time_origin (self->session);
  self->scopes = memscope_scopes_new (self->session);
  memscope_holders_init (&self->holders, self->session, self->filter != NULL ? self->filter->instant : G_MAXUINT64);
  self->knows_leaks = knows_leaks (self->session);
}

static void
export_clear (Export *self)
{
  for (guint i = 0; i < self->threads.n; i++)
    g_free (self->threads.texts[i]);
  g_free (self->threads.texts);
  memscope_json_frames_free (self->frames);
  memscope_holders_clear (&self->holders);
  memscope_scopes_free (self->scopes);
  g_clear_pointer (&self->filter, memscope_filter_free);
  g_string_free (self->text, TRUE);
}

gboolean
memscope_json_export_to_stream (MemscopeSession            *session,
                                MemscopeSelection          *selection,
                                const MemscopeJsonOptions  *options,
                                GOutputStream              *stream,
                                MemscopeProgressFunc        progress,
                                gpointer                    progress_data,
                                GCancellable               *cancellable,
                                GError                    **error)
{
  Export self = { session, stream, cancellable, progress, progress_data };
  gboolean written;

  g_return_val_if_fail (MEMSCOPE_IS_SESSION (session), FALSE);
  g_return_val_if_fail (G_IS_OUTPUT_STREAM (stream), FALSE);

  export_init (&self, selection, options);
  written = write_document (&self, error);
  export_clear (&self);

  return written;
}

/* Written for an estimate, spread over all that is wanted. */
#define ESTIMATE_ROWS 2000

guint64
memscope_json_estimate (MemscopeSession            *session,
                        MemscopeSelection          *selection,
                        const MemscopeJsonOptions  *options,
                        guint64                    *n_blocks,
                        GCancellable               *cancellable)
{
  Export self = { .session = session, .cancellable = cancellable };
  guint64 step = MAX (memscope_session_get_n_blocks (session) / ESTIMATE_ROWS, 1);
  guint64 n_wanted = 0, n_written = 0, bytes = 0;

  g_return_val_if_fail (MEMSCOPE_IS_SESSION (session), 0);

  export_init (&self, selection, options);
  for (guint b = 0; b < memscope_session_get_n_batches (session) && !g_cancellable_is_cancelled (cancellable); b++)
    {
      MemscopeBatch batch;

      memscope_session_get_batch (session, b, &batch);
      for (guint i = 0; i < batch.n_rows; i++)
        {
          if (!is_wanted (&self, &batch, i))
            continue;
          if (n_wanted++ % step != 0)
            continue;
          append_row (&self, &batch, i);
          bytes += self.text->len + strlen (",\n    ");
          n_written++;
          g_string_truncate (self.text, 0);
        }
    }
  export_clear (&self);

  if (g_cancellable_is_cancelled (cancellable))
    return 0;
  if (n_blocks != NULL)
    *n_blocks = n_wanted;

  /* The head is a few kilobytes. */
  return 4096 + (n_written > 0 ? (guint64)((double)bytes / n_written * n_wanted) : 0);
}

typedef struct
{
  MemscopeSession           *session;
  MemscopeSelection         *selection;
  const MemscopeJsonOptions *options;
  MemscopeProgressFunc       progress;
  gpointer                   progress_data;
} FileExport;

static gboolean
write_to_stream (GOutputStream  *stream,
                 gpointer        user_data,
                 GCancellable   *cancellable,
                 GError        **error)
{
  FileExport *export = user_data;

  return memscope_json_export_to_stream (export->session, export->selection, export->options, stream,
                                         export->progress, export->progress_data, cancellable, error);
}

gboolean
memscope_json_export (MemscopeSession            *session,
                      MemscopeSelection          *selection,
                      const MemscopeJsonOptions  *options,
                      GFile                      *file,
                      MemscopeProgressFunc        progress,
                      gpointer                    progress_data,
                      GCancellable               *cancellable,
                      GError                    **error)
{
  FileExport export = { session, selection, options, progress, progress_data };

  g_return_val_if_fail (MEMSCOPE_IS_SESSION (session), FALSE);

  return memscope_export_to_file (file, write_to_stream, &export, cancellable, error);
}
