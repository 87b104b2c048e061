/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memscope-session-json.h"

#include <math.h>
#include <string.h>

#include "memscope-file-summary.h"
#include "memscope-redact.h"
#include "memscope-session-private.h"

typedef struct
{
  MemscopeSession       *session;
  const MemscopeSummary *summary;
  const char            *path;
  const char            *filter;
  guint                  redact;   /* MemscopeRedaction */
} Source;

/* Where a member appears; `info` has them all. */
enum
{
  IN_INFO    = 1 << 0,
  IN_SESSION = 1 << 1,
  IN_STATS   = 1 << 2,
};

typedef struct _Member Member;

struct _Member
{
  const char *key;
  guint       parts;
  void      (*write) (MemscopeJsonWriter *writer, const Member *member, const Source *source);
  gsize       offset;    /* of the figure in MemscopeSummary */
};

static void
write_format (MemscopeJsonWriter *writer,
              const Member       *member,
              const Source       *source)
{
  MemscopeSession *session = source->session;

  memscope_json_writer_begin_object (writer, member->key);
  memscope_json_writer_boolean (writer, "complete", memscope_session_get_complete (session));
  memscope_json_writer_string (writer, "layout", memscope_session_get_layout (session), -1);
  memscope_json_writer_string (writer, "name", memscope_session_get_format_name (session), -1);
  memscope_json_writer_uint64 (writer, "version", memscope_session_get_format_version (session));
  memscope_json_writer_end_object (writer);
}

static void
write_fact (MemscopeJsonWriter *writer,
            MemscopeSession    *session,
            const char         *key,
            const char         *fact)
{
  gsize length = 0;
  const char *value = memscope_session_get_fact (session, fact, &length);

  memscope_json_writer_string (writer, key, value, length);
}

/* Arguments and the like: strings joined by NUL. */
static void
write_fact_list (MemscopeJsonWriter *writer,
                 MemscopeSession    *session,
                 const char         *key,
                 const char         *fact)
{
  gsize length = 0;
  const char *value = memscope_session_get_fact (session, fact, &length);
  const char *end = value + length;

  if (value == NULL)
    {
      memscope_json_writer_null (writer, key);
      return;
    }

  /* A last NUL ends the list, it does not begin an empty item. */
  if (length > 0 && end[-1] == '\0')
    end--;

  memscope_json_writer_begin_array (writer, key);
  while (length > 0 && value <= end)
    {
      const char *stop = memchr (value, '\0', end - value);

      if (stop == NULL)
        stop = end;
      memscope_json_writer_string (writer, NULL, value, stop - value);
      value = stop + 1;
    }
  memscope_json_writer_end_array (writer);
}

/* The program by its last name, or the whole path. */
static void
write_exe (MemscopeJsonWriter *writer,
           const Source       *source,
           const char         *key)
{
  gsize length = 0;
  const char *value = memscope_session_get_fact (source->session, "exe", &length);

  if (value != NULL && source->redact & MEMSCOPE_REDACT_PATHS)
    value = memscope_redact_base_name (value, &length);
  memscope_json_writer_string (writer, key, value, length);
}

/* The command line up to the first argument. */
static void
write_command_name (MemscopeJsonWriter *writer,
                    MemscopeSession    *session)
{
  gsize length = 0;
  const char *value = memscope_session_get_fact (session, "command", &length);

  if (value == NULL)
    {
      memscope_json_writer_null (writer, "command");
      return;
    }

  memscope_json_writer_begin_array (writer, "command");
  memscope_json_writer_string (writer, NULL, value, strnlen (value, length));
  memscope_json_writer_end_array (writer);
}

static void
write_fact_unless (MemscopeJsonWriter *writer,
                   const Source       *source,
                   guint               redaction,
                   const char         *fact)
{
  if (source->redact & redaction)
    memscope_json_writer_null (writer, fact);
  else
    write_fact (writer, source->session, fact, fact);
}

static void
write_facts (MemscopeJsonWriter *writer,
             const Member       *member,
             const Source       *source)
{
  MemscopeSession *session = source->session;

  memscope_json_writer_begin_object (writer, member->key);
  write_fact (writer, session, "allocator", "allocator");
  if (source->redact & MEMSCOPE_REDACT_ARGUMENTS)
    write_command_name (writer, session);
  else
    write_fact_list (writer, session, "command", "command");
  write_fact_unless (writer, source, MEMSCOPE_REDACT_PATHS, "cwd");
  if (source->redact & MEMSCOPE_REDACT_ENVIRONMENT)
    memscope_json_writer_null (writer, "environment_names");
  else
    write_fact_list (writer, session, "environment_names", "environment_names");
  write_exe (writer, source, "exe");
  write_fact_unless (writer, source, MEMSCOPE_REDACT_ENVIRONMENT, "host");
  write_fact_unless (writer, source, MEMSCOPE_REDACT_ENVIRONMENT, "kernel");
  write_fact (writer, session, "mode", "mode");
  write_fact (writer, session, "page_size", "page_size");
  write_fact (writer, session, "parent_pid", "parent_pid");
  write_fact (writer, session, "pid", "pid");
  write_fact (writer, session, "recorder_version", "recorder_version");
  write_fact (writer, session, "stack_depth", "stack_depth");
  memscope_json_writer_end_object (writer);
}

static int
compare_modules (gconstpointer a,
                 gconstpointer b,
                 gpointer      data)
{
  MemscopeSession *session = data;
  const MemscopeModule *x = a, *y = b;
  gsize length_x = 0, length_y = 0;
  const char *path_x = x->path != 0 ? memscope_session_get_string (session, x->path, &length_x) : "";
  const char *path_y = y->path != 0 ? memscope_session_get_string (session, y->path, &length_y) : "";
  int order = memcmp (path_x, path_y, MIN (length_x, length_y));

  if (order == 0 && length_x != length_y)
    order = length_x < length_y ? -1 : 1;
  if (order == 0)
    order = x->start < y->start ? -1 : x->start > y->start;

  return order;
}

static void
write_build_id (MemscopeJsonWriter   *writer,
                const MemscopeModule *module)
{
  g_autoptr(GString) text = g_string_new (NULL);

  for (guint i = 0; i < module->build_id_length; i++)
    g_string_append_printf (text, "%02x", module->build_id[i]);
  memscope_json_writer_string (writer, "build_id", module->build_id_length > 0 ? text->str : NULL, -1);
}

/* The files with code in them that stacks were met in. */
static void
write_modules (MemscopeJsonWriter *writer,
               const Member       *member,
               const Source       *source)
{
  g_autoptr(GArray) modules = g_array_new (FALSE, FALSE, sizeof (MemscopeModule));
  guint n = memscope_session_get_n_modules (source->session);

  for (guint id = 1; id <= n; id++)
    {
      MemscopeModule module;

      if (memscope_session_get_module (source->session, id, &module))
        g_array_append_val (modules, module);
    }
  g_array_sort_with_data (modules, compare_modules, source->session);

  memscope_json_writer_begin_array (writer, member->key);
  for (guint i = 0; i < modules->len; i++)
    {
      const MemscopeModule *module = &g_array_index (modules, MemscopeModule, i);
      gsize length = 0;
      const char *path = module->path != 0 ? memscope_session_get_string (source->session, module->path, &length) : NULL;

      if (path != NULL && source->redact & MEMSCOPE_REDACT_PATHS)
        path = memscope_redact_base_name (path, &length);
      memscope_json_writer_begin_object (writer, NULL);
      write_build_id (writer, module);
      memscope_json_writer_string (writer, "path", path, length);
      memscope_json_writer_end_object (writer);
    }
  memscope_json_writer_end_array (writer);
}

static void
write_warnings (MemscopeJsonWriter *writer,
                const Member       *member,
                const Source       *source)
{
  const char *const *warnings = memscope_session_get_warnings (source->session);

  memscope_json_writer_begin_array (writer, member->key);
  for (guint i = 0; warnings != NULL && warnings[i] != NULL; i++)
    memscope_json_writer_string (writer, NULL, warnings[i], -1);
  memscope_json_writer_end_array (writer);
}

static void
write_gaps (MemscopeJsonWriter *writer,
            const Member       *member,
            const Source       *source)
{
  guint n;
  const MemscopeGap *gaps = memscope_session_get_gaps (source->session, &n);
  guint64 events = 0;

  for (guint i = 0; i < n; i++)
    events = events == MEMSCOPE_UNKNOWN || gaps[i].events == MEMSCOPE_NOT_RECORDED ? MEMSCOPE_UNKNOWN
                                                                                   : events + gaps[i].events;

  memscope_json_writer_begin_object (writer, member->key);
  memscope_json_writer_uint64 (writer, "count", n);
  memscope_json_writer_count (writer, "lost_events", events);
  memscope_json_writer_end_object (writer);
}

static void
write_lifecycle (MemscopeJsonWriter *writer,
                 const Member       *member,
                 const Source       *source)
{
  const MemscopeSummary *summary = source->summary;

  memscope_json_writer_begin_object (writer, member->key);
  memscope_json_writer_count (writer, "births", summary->total_allocations);
  memscope_json_writer_count (writer, "deaths", summary->total_frees);
  memscope_json_writer_count (writer, "lifetime_max_ns", summary->lifetime_max);
  memscope_json_writer_count (writer, "lifetime_median_ns", summary->lifetime_median);
  memscope_json_writer_count (writer, "lifetime_min_ns", summary->lifetime_min);
  memscope_json_writer_count (writer, "lifetime_p90_ns", summary->lifetime_p90);
  memscope_json_writer_end_object (writer);
}

/* What the session knows of it: allocator rounding of the live blocks. */
static void
write_fragmentation (MemscopeJsonWriter *writer,
                     const Member       *member,
                     const Source       *source)
{
  memscope_json_writer_begin_object (writer, member->key);
  memscope_json_writer_double (writer, "efficiency", source->summary->efficiency);
  memscope_json_writer_count (writer, "usable_bytes", source->summary->usable_bytes);
  memscope_json_writer_end_object (writer);
}

/* Of a sampled session: each figure with half the width of its 95 % interval, and
 * `null` where there are too few samples to name one.
 */
static void
write_estimate (MemscopeJsonWriter     *writer,
                const char             *key,
                const MemscopeEstimate *estimate)
{
  memscope_json_writer_begin_object (writer, key);
  memscope_json_writer_double (writer, "error", estimate->too_few ? NAN : estimate->error);
  memscope_json_writer_double (writer, "value", estimate->too_few ? NAN : estimate->value);
  memscope_json_writer_end_object (writer);
}

static void
write_estimates (MemscopeJsonWriter *writer,
                 const Member       *member,
                 const Source       *source)
{
  const MemscopeSummary *summary = source->summary;

  if (!summary->sampled)
    {
      memscope_json_writer_null (writer, member->key);
      return;
    }

  memscope_json_writer_begin_object (writer, member->key);
  write_estimate (writer, "active_allocations", &summary->estimated_active_allocations);
  write_estimate (writer, "active_bytes", &summary->estimated_active_bytes);
  write_estimate (writer, "freed_bytes", &summary->estimated_freed_bytes);
  write_estimate (writer, "peak_bytes", &summary->estimated_peak_bytes);
  write_estimate (writer, "total_allocations", &summary->estimated_allocations);
  write_estimate (writer, "total_bytes", &summary->estimated_bytes);
  write_estimate (writer, "total_frees", &summary->estimated_frees);
  memscope_json_writer_end_object (writer);
}

static void
write_figure (MemscopeJsonWriter *writer,
              const Member       *member,
              const Source       *source)
{
  memscope_json_writer_count (writer, member->key,
                              G_STRUCT_MEMBER (guint64, source->summary, member->offset));
}

static void
write_number (MemscopeJsonWriter *writer,
              const Member       *member,
              const Source       *source)
{
  memscope_json_writer_uint64 (writer, member->key,
                               G_STRUCT_MEMBER (guint, source->summary, member->offset));
}

static void
write_rate (MemscopeJsonWriter *writer,
            const Member       *member,
            const Source       *source)
{
  memscope_json_writer_double (writer, member->key,
                               G_STRUCT_MEMBER (double, source->summary, member->offset));
}

static void
write_duration (MemscopeJsonWriter *writer,
                const Member       *member,
                const Source       *source)
{
  memscope_json_writer_uint64 (writer, member->key, memscope_session_get_duration (source->session));
}

static void
write_events (MemscopeJsonWriter *writer,
              const Member       *member,
              const Source       *source)
{
  memscope_json_writer_uint64 (writer, member->key, memscope_session_get_n_events (source->session));
}

static void
write_file (MemscopeJsonWriter *writer,
            const Member       *member,
            const Source       *source)
{
  memscope_json_writer_string (writer, member->key, source->path, -1);
}

static void
write_filter (MemscopeJsonWriter *writer,
              const Member       *member,
              const Source       *source)
{
  memscope_json_writer_string (writer, member->key, source->filter, -1);
}

static void
write_file_summary (MemscopeJsonWriter *writer,
                    const Member       *member,
                    const Source       *source)
{
  memscope_file_summary_write (writer, member->key, source->session);
}

static void
write_label (MemscopeJsonWriter *writer,
             const Member       *member,
             const Source       *source)
{
  const char *label = memscope_session_get_label (source->session);
  gsize length = label != NULL ? strlen (label) : 0;

  if (label != NULL && source->redact & MEMSCOPE_REDACT_PATHS)
    label = memscope_redact_base_name (label, &length);
  memscope_json_writer_string (writer, member->key, label, length);
}

static void
write_process_ended (MemscopeJsonWriter *writer,
                     const Member       *member,
                     const Source       *source)
{
  memscope_json_writer_boolean (writer, member->key, memscope_session_get_process_ended (source->session));
}

static void
write_program (MemscopeJsonWriter *writer,
               const Member       *member,
               const Source       *source)
{
  write_exe (writer, source, member->key);
}

static void
write_sampling_interval (MemscopeJsonWriter *writer,
                         const Member       *member,
                         const Source       *source)
{
  guint64 interval = memscope_session_get_sampling_interval (source->session);

  if (interval > 0)
    memscope_json_writer_uint64 (writer, member->key, interval);
  else
    memscope_json_writer_null (writer, member->key);
}

static void
write_threads (MemscopeJsonWriter *writer,
               const Member       *member,
               const Source       *source)
{
  memscope_json_writer_uint64 (writer, member->key, memscope_session_get_n_threads (source->session));
}

static void
write_time_origin (MemscopeJsonWriter *writer,
                   const Member       *member,
                   const Source       *source)
{
  memscope_json_writer_uint64 (writer, member->key, memscope_session_get_time_origin (source->session));
}

#define FIGURE(key, field) { key, IN_INFO | IN_STATS, write_figure, G_STRUCT_OFFSET (MemscopeSummary, field) }
#define NUMBER(key, field) { key, IN_INFO | IN_STATS, write_number, G_STRUCT_OFFSET (MemscopeSummary, field) }

/* Sorted by key: so is the output. peak_memory is the guide's word for peak_bytes. */
static const Member members[] = {
  FIGURE ("active_allocations", active_allocations),
  FIGURE ("active_bytes", active_bytes),
  { "allocation_rate", IN_INFO | IN_STATS, write_rate, G_STRUCT_OFFSET (MemscopeSummary, allocation_rate) },
  NUMBER ("call_sites", n_call_sites),
  FIGURE ("derived_alive_at_end", derived_alive_at_end),
  { "duration_ns", IN_INFO | IN_SESSION, write_duration, 0 },
  { "estimates", IN_INFO | IN_STATS, write_estimates, 0 },
  { "events", IN_INFO | IN_SESSION, write_events, 0 },
  { "facts", IN_INFO | IN_SESSION, write_facts, 0 },
  FIGURE ("failed_allocations", failed_allocations),
  { "file", IN_INFO, write_file, 0 },
  { "file_summary", IN_INFO, write_file_summary, 0 },
  { "filter", IN_INFO, write_filter, 0 },
  { "format", IN_INFO | IN_SESSION, write_format, 0 },
  { "fragmentation_analysis", IN_INFO | IN_STATS, write_fragmentation, 0 },
  FIGURE ("freed_bytes", freed_bytes),
  { "gaps", IN_INFO | IN_SESSION, write_gaps, 0 },
  { "label", IN_INFO | IN_SESSION, write_label, 0 },
  FIGURE ("leaked_allocations", leaked_allocations),
  FIGURE ("leaked_bytes", leaked_bytes),
  { "lifecycle_stats", IN_INFO | IN_STATS, write_lifecycle, 0 },
  { "modules", IN_INFO, write_modules, 0 },
  FIGURE ("peak_allocations", peak_allocations),
  FIGURE ("peak_bytes", peak_bytes),
  FIGURE ("peak_memory", peak_bytes),
  FIGURE ("peak_rss_bytes", peak_rss),
  FIGURE ("peak_time_ns", peak_time),
  { "process_ended", IN_INFO | IN_SESSION, write_process_ended, 0 },
  { "program", IN_INFO | IN_SESSION, write_program, 0 },
  FIGURE ("reallocations", reallocations),
  { "sampling_interval", IN_INFO | IN_SESSION, write_sampling_interval, 0 },
  FIGURE ("temporary_allocations", temporary_allocations),
  { "threads", IN_INFO | IN_SESSION, write_threads, 0 },
  { "time_origin_ns", IN_INFO | IN_SESSION, write_time_origin, 0 },
  FIGURE ("total_allocations", total_allocations),
  FIGURE ("total_bytes", total_bytes),
  FIGURE ("total_frees", total_frees),
  FIGURE ("unmatched_frees", unmatched_frees),
  NUMBER ("variables", n_variables),
  { "warnings", IN_INFO | IN_SESSION, write_warnings, 0 },
};

static void
write_members (MemscopeJsonWriter *writer,
               const Source       *source,
               guint               part)
{
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    if (members[i].parts & part)
      members[i].write (writer, &members[i], source);
}

void
memscope_session_json_write_session (MemscopeJsonWriter *writer,
                                     MemscopeSession    *session,
                                     guint               redact)
{
  const Source source = { .session = session, .redact = redact };

  write_members (writer, &source, IN_SESSION);
}

void
memscope_session_json_write_stats (MemscopeJsonWriter    *writer,
                                   MemscopeSession       *session,
                                   const MemscopeSummary *summary)
{
  const Source source = { .session = session, .summary = summary };

  write_members (writer, &source, IN_STATS);
}

gboolean
memscope_session_json_write_info (MemscopeJsonWriter  *writer,
                                  MemscopeSession     *session,
                                  MemscopeSelection   *selection,
                                  const char          *path,
                                  const char          *filter,
                                  GCancellable        *cancellable,
                                  GError             **error)
{
  g_autoptr(MemscopeSummary) summary = memscope_summary_new (session, selection, cancellable, error);
  const Source source = { .session = session, .summary = summary, .path = path, .filter = filter };

  if (summary == NULL)
    return FALSE;

  memscope_json_writer_begin_object (writer, NULL);
  write_members (writer, &source, IN_INFO);
  memscope_json_writer_end_object (writer);

  return TRUE;
}
