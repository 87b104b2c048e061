/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memscope-page-model.h"

#include <string.h>

#include "memscope-display.h"
#include "memscope-page-findings.h"
#include "memscope-page-mappings.h"
#include "memscope-session-private.h"

#define TIMELINE_BUCKETS 600

/* More cards than this are not listed; the page says how many there are. */
#define MAX_CARDS 50000
/* Of the lists a person reads from the top. */
#define MAX_TOP   500
#define MAX_ANNOTATIONS 100000
/* Of the resident set; more are thinned out evenly. */
#define MAX_RSS_SAMPLES 20000

gboolean
memscope_page_model_init (MemscopePageModel     *self,
                          MemscopeSession       *session,
                          MemscopeSelection     *selection,
                          const MemscopeSuppressions *suppressions,
                          MemscopePageStepFunc   step,
                          gpointer               step_data,
                          GCancellable          *cancellable,
                          GError               **error)
{
  const struct
  {
    MemscopeGroups  **groups;
    MemscopeGroupBy   by;
  } groupings[] = {
    { &self->cards, MEMSCOPE_GROUP_BY_THREAD_VARIABLE },
    { &self->threads, MEMSCOPE_GROUP_BY_THREAD },
    { &self->variables, MEMSCOPE_GROUP_BY_VARIABLE },
    { &self->call_sites, MEMSCOPE_GROUP_BY_CALL_SITE },
    { &self->types, MEMSCOPE_GROUP_BY_TYPE },
    { &self->modules, MEMSCOPE_GROUP_BY_MODULE },
  };

  memset (self, 0, sizeof *self);
  self->session = session;
  self->selection = selection;

  self->summary = memscope_summary_new (session, selection, cancellable, error);
  if (self->summary == NULL)
    return FALSE;
  step (step_data);

  self->timeline = memscope_timeline_new (session, selection, memscope_selection_get_begin (selection),
                                          memscope_selection_get_end (selection), TIMELINE_BUCKETS,
                                          cancellable, error);
  if (self->timeline == NULL)
    return FALSE;
  step (step_data);

  self->histograms = memscope_histograms_new (session, selection, cancellable, error);
  if (self->histograms == NULL)
    return FALSE;
  step (step_data);

  self->leaks = memscope_leaks_new (session, selection, cancellable, error);
  if (self->leaks == NULL)
    return FALSE;
  step (step_data);

  self->diagnostics = memscope_diagnostics_new (session, selection, suppressions, NULL, NULL, cancellable, error);
  if (self->diagnostics == NULL)
    return FALSE;
  step (step_data);

  for (guint i = 0; i < G_N_ELEMENTS (groupings); i++)
    {
      *groupings[i].groups = memscope_groups_new (session, selection, groupings[i].by, cancellable, error);
      if (*groupings[i].groups == NULL)
        return FALSE;
      step (step_data);
    }

  self->categories = memscope_categorise_threads (session, selection);

  self->calls = memscope_page_calls_new (session, selection, cancellable, error);
  if (self->calls == NULL)
    return FALSE;
  step (step_data);

  return TRUE;
}

void
memscope_page_model_clear (MemscopePageModel *self)
{
  g_clear_pointer (&self->summary, memscope_summary_free);
  g_clear_pointer (&self->timeline, memscope_timeline_free);
  g_clear_pointer (&self->histograms, memscope_histograms_free);
  g_clear_pointer (&self->leaks, memscope_leaks_free);
  g_clear_pointer (&self->diagnostics, memscope_diagnostics_free);
  g_clear_pointer (&self->cards, memscope_groups_free);
  g_clear_pointer (&self->threads, memscope_groups_free);
  g_clear_pointer (&self->variables, memscope_groups_free);
  g_clear_pointer (&self->call_sites, memscope_groups_free);
  g_clear_pointer (&self->types, memscope_groups_free);
  g_clear_pointer (&self->modules, memscope_groups_free);
  g_clear_pointer (&self->categories, g_free);
  g_clear_pointer (&self->calls, memscope_page_calls_free);
}

/* ---- what it is ---------------------------------------------------------------- */

static void
write_text (MemscopeJsonWriter *writer,
            const char         *key,
            const char         *bytes,
            gsize               length)
{
  g_autofree char *text = bytes != NULL ? memscope_display_text (bytes, length) : NULL;

  memscope_json_writer_string (writer, key, text, -1);
}

/* Words that may hold a path among others. */
static void
write_free_text (MemscopeJsonWriter *writer,
                 const char         *key,
                 const char         *bytes,
                 guint               redact)
{
  g_autoptr(GString) text = g_string_new (bytes);

  if (redact & MEMSCOPE_REDACT_PATHS)
    memscope_redact_paths (text, 0);
  write_text (writer, key, text->str, text->len);
}

static void
write_command (MemscopePageModel  *self,
               MemscopeJsonWriter *writer,
               guint               redact)
{
  gsize length = 0;
  const char *bytes = memscope_session_get_fact (self->session, "command", &length);
  const char *end = bytes + length;

  memscope_json_writer_begin_array (writer, "command");
  while (bytes != NULL && bytes < end)
    {
      gsize argument = strnlen (bytes, end - bytes);
      const char *next = bytes + argument + 1;

      if (redact & MEMSCOPE_REDACT_PATHS)
        bytes = memscope_redact_base_name (bytes, &argument);
      write_text (writer, NULL, bytes, argument);
      if (redact & MEMSCOPE_REDACT_ARGUMENTS)
        break;
      bytes = next;
    }
  memscope_json_writer_end_array (writer);
}

static void
write_facts (MemscopePageModel  *self,
             MemscopeJsonWriter *writer,
             guint               redact)
{
  /* What a redaction takes away, or (paths) shortens. */
  static const struct
  {
    const char *key;
    guint       hidden_by;
    guint       shortened_by;
  } facts[] = {
    { "exe", 0, MEMSCOPE_REDACT_PATHS },
    { "pid", 0, 0 },
    { "parent_pid", 0, 0 },
    { "cwd", MEMSCOPE_REDACT_PATHS, 0 },
    { "host", MEMSCOPE_REDACT_ENVIRONMENT, 0 },
    { "kernel", MEMSCOPE_REDACT_ENVIRONMENT, 0 },
    { "allocator", 0, MEMSCOPE_REDACT_PATHS },
    { "mode", 0, 0 },
    { "page_size", 0, 0 },
    { "stack_depth", 0, 0 },
    { "recorder_version", 0, 0 },
  };

  memscope_json_writer_begin_object (writer, "facts");
  for (guint i = 0; i < G_N_ELEMENTS (facts); i++)
    {
      gsize length = 0;
      const char *bytes = memscope_session_get_fact (self->session, facts[i].key, &length);

      if (redact & facts[i].hidden_by)
        bytes = NULL;
      if (bytes != NULL && (redact & facts[i].shortened_by))
        bytes = memscope_redact_base_name (bytes, &length);
      write_text (writer, facts[i].key, bytes, length);
    }
  write_command (self, writer, redact);
  memscope_json_writer_end_object (writer);
}

static void
write_session (MemscopePageModel         *self,
               MemscopeJsonWriter        *writer,
               const MemscopeHtmlOptions *options)
{
  MemscopeSession *session = self->session;
  const char *const *warnings = memscope_session_get_warnings (session);
  const char *label = memscope_session_get_label (session);
  gsize label_length = label != NULL ? strlen (label) : 0;

  if (label != NULL && (options->redact & MEMSCOPE_REDACT_PATHS))
    label = memscope_redact_base_name (label, &label_length);

  memscope_json_writer_begin_object (writer, "session");
  write_text (writer, "label", label, label_length);
  memscope_json_writer_string (writer, "format", memscope_session_get_format_name (session), -1);
  memscope_json_writer_uint64 (writer, "version", memscope_session_get_format_version (session));
  memscope_json_writer_string (writer, "layout", memscope_session_get_layout (session), -1);
  memscope_json_writer_boolean (writer, "complete", memscope_session_get_complete (session));
  memscope_json_writer_boolean (writer, "ended", memscope_session_get_process_ended (session));
  memscope_json_writer_boolean (writer, "hasDeaths", memscope_session_has_deaths (session));
  memscope_json_writer_boolean (writer, "hasStacks", memscope_session_has_stacks (session));
  memscope_json_writer_uint64 (writer, "origin", memscope_session_get_time_origin (session));
  memscope_json_writer_uint64 (writer, "duration", memscope_session_get_duration (session));
  memscope_json_writer_uint64 (writer, "samplingInterval", memscope_session_get_sampling_interval (session));
  memscope_json_writer_uint64 (writer, "blocks", memscope_session_get_n_blocks (session));
  memscope_json_writer_uint64 (writer, "events", memscope_session_get_n_events (session));
  write_facts (self, writer, options->redact);
  memscope_json_writer_begin_array (writer, "warnings");
  for (guint i = 0; warnings != NULL && warnings[i] != NULL; i++)
    write_free_text (writer, NULL, warnings[i], options->redact);
  memscope_json_writer_end_array (writer);
  memscope_json_writer_end_object (writer);
}

static void
write_selection (MemscopePageModel  *self,
                 MemscopeJsonWriter *writer,
                 guint               redact)
{
  const char *text = memscope_selection_get_text (self->selection);

  memscope_json_writer_begin_object (writer, "selection");
  memscope_json_writer_uint64 (writer, "begin", memscope_selection_get_begin (self->selection));
  memscope_json_writer_uint64 (writer, "end", memscope_selection_get_end (self->selection));
  memscope_json_writer_uint64 (writer, "instant", memscope_selection_get_instant (self->selection));
  memscope_json_writer_boolean (writer, "whole", memscope_selection_is_whole (self->selection));
  memscope_json_writer_boolean (writer, "allThreads", memscope_selection_has_all_threads (self->selection));
  memscope_json_writer_boolean (writer, "allModules", memscope_selection_has_all_modules (self->selection));
  memscope_json_writer_boolean (writer, "allSizes", memscope_selection_has_all_sizes (self->selection));
  memscope_json_writer_uint64 (writer, "minSize", memscope_selection_get_min_size (self->selection));
  write_free_text (writer, "text", text, redact);
  memscope_json_writer_uint64 (writer, "origins", memscope_selection_get_origins (self->selection));
  memscope_json_writer_end_object (writer);
}

/* ---- figures -------------------------------------------------------------------- */

/* Sampled recordings: value, half width of the 95 % interval, too few samples. */
static void
write_estimates (const MemscopeSummary *s,
                 MemscopeJsonWriter    *writer)
{
  const struct
  {
    const char             *key;
    const MemscopeEstimate *estimate;
  } estimates[] = {
    { "allocations", &s->estimated_allocations },
    { "bytes", &s->estimated_bytes },
    { "frees", &s->estimated_frees },
    { "freedBytes", &s->estimated_freed_bytes },
    { "liveBlocks", &s->estimated_active_allocations },
    { "liveBytes", &s->estimated_active_bytes },
    { "peakBytes", &s->estimated_peak_bytes },
  };

  if (!s->sampled)
    {
      memscope_json_writer_null (writer, "estimates");
      return;
    }

  memscope_json_writer_begin_object (writer, "estimates");
  for (guint i = 0; i < G_N_ELEMENTS (estimates); i++)
    {
      memscope_json_writer_begin_object (writer, estimates[i].key);
      memscope_json_writer_double (writer, "value", estimates[i].estimate->value);
      memscope_json_writer_double (writer, "error", estimates[i].estimate->error);
      memscope_json_writer_boolean (writer, "tooFew", estimates[i].estimate->too_few);
      memscope_json_writer_end_object (writer);
    }
  memscope_json_writer_end_object (writer);
}

static void
write_summary (MemscopePageModel  *self,
               MemscopeJsonWriter *writer)
{
  const MemscopeSummary *s = self->summary;
  const struct
  {
    const char *key;
    guint64     value;
  } counts[] = {
    { "allocations", s->total_allocations },
    { "bytes", s->total_bytes },
    { "frees", s->total_frees },
    { "freedBytes", s->freed_bytes },
    { "temporary", s->temporary_allocations },
    { "reallocations", s->reallocations },
    { "unmatchedFrees", s->unmatched_frees },
    { "failed", s->failed_allocations },
    { "liveBlocks", s->active_allocations },
    { "liveBytes", s->active_bytes },
    { "usableBytes", s->usable_bytes },
    { "peakBytes", s->peak_bytes },
    { "peakTime", s->peak_time },
    { "peakInstant", s->peak_instant },
    { "peakBlocks", s->peak_allocations },
    { "leakedBlocks", s->leaked_allocations },
    { "leakedBytes", s->leaked_bytes },
    { "aliveAtEnd", s->derived_alive_at_end },
    { "peakRateTime", s->peak_allocation_rate_time },
    { "lifetimeMin", s->lifetime_min },
    { "lifetimeMedian", s->lifetime_median },
    { "lifetimeP90", s->lifetime_p90 },
    { "lifetimeMax", s->lifetime_max },
    { "rss", s->rss_at_instant },
    { "peakRss", s->peak_rss },
    { "threads", s->n_threads },
    { "variables", s->n_variables },
    { "callSites", s->n_call_sites },
  };

  memscope_json_writer_begin_object (writer, "summary");
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    memscope_json_writer_count (writer, counts[i].key, counts[i].value);
  memscope_json_writer_double (writer, "efficiency", s->efficiency);
  memscope_json_writer_double (writer, "rate", s->allocation_rate);
  memscope_json_writer_double (writer, "peakRate", s->peak_allocation_rate);
  write_estimates (s, writer);
  memscope_json_writer_end_object (writer);
}

static void
write_rss (MemscopePageModel  *self,
           MemscopeJsonWriter *writer)
{
  guint n;
  const MemscopeSample *samples = memscope_session_get_samples (self->session, &n);
  guint step = n / MAX_RSS_SAMPLES + 1;

  memscope_json_writer_begin_array (writer, "rssSamples");
  for (guint i = 0, seen = 0; i < n; i++)
    {
      if (samples[i].kind != MEMSCOPE_SAMPLE_PROCESS || samples[i].values[0] == MEMSCOPE_NOT_RECORDED || seen++ % step != 0)
        continue;
      memscope_page_begin_column (writer, NULL);
      memscope_page_column_add (writer, samples[i].time * 1000);
      memscope_page_column_add (writer, samples[i].values[0]);
      memscope_page_end_column (writer);
    }
  memscope_json_writer_end_array (writer);
}

static void
write_timeline (MemscopePageModel  *self,
                MemscopeJsonWriter *writer)
{
  static const struct
  {
    const char *key;
    gsize       offset;
  } columns[] = {
    { "min", G_STRUCT_OFFSET (MemscopeTimelineBucket, min_bytes) },
    { "max", G_STRUCT_OFFSET (MemscopeTimelineBucket, max_bytes) },
    { "last", G_STRUCT_OFFSET (MemscopeTimelineBucket, last_bytes) },
    { "blocks", G_STRUCT_OFFSET (MemscopeTimelineBucket, last_blocks) },
    { "births", G_STRUCT_OFFSET (MemscopeTimelineBucket, births) },
    { "deaths", G_STRUCT_OFFSET (MemscopeTimelineBucket, deaths) },
    { "bornBytes", G_STRUCT_OFFSET (MemscopeTimelineBucket, born_bytes) },
    { "rss", G_STRUCT_OFFSET (MemscopeTimelineBucket, rss) },
  };
  const MemscopeTimeline *timeline = self->timeline;

  memscope_json_writer_begin_object (writer, "timeline");
  memscope_json_writer_uint64 (writer, "begin", timeline->begin);
  memscope_json_writer_uint64 (writer, "end", timeline->end);
  memscope_json_writer_count (writer, "maxBytes", timeline->max_bytes);
  memscope_json_writer_count (writer, "maxRss", timeline->max_rss);
  memscope_json_writer_count (writer, "maxBirths", timeline->max_births);
  for (guint k = 0; k < G_N_ELEMENTS (columns); k++)
    {
      memscope_page_begin_column (writer, columns[k].key);
      for (guint i = 0; i < timeline->n_buckets; i++)
        memscope_page_column_add (writer, G_STRUCT_MEMBER (guint64, &timeline->buckets[i], columns[k].offset));
      memscope_page_end_column (writer);
    }
  memscope_json_writer_end_object (writer);
}

static void
write_array (MemscopeJsonWriter *writer,
             const char         *key,
             const guint64      *values,
             guint               n)
{
  memscope_page_begin_column (writer, key);
  for (guint i = 0; i < n; i++)
    memscope_page_column_add (writer, values[i]);
  memscope_page_end_column (writer);
}

static void
write_histograms (MemscopePageModel  *self,
                  MemscopeJsonWriter *writer)
{
  const MemscopeHistograms *h = self->histograms;

  memscope_json_writer_begin_object (writer, "histograms");
  write_array (writer, "sizes", h->size_counts, MEMSCOPE_SIZE_BINS);
  write_array (writer, "sizeBytes", h->size_bytes, MEMSCOPE_SIZE_BINS);
  memscope_json_writer_count (writer, "medianSize", h->median_size);
  write_array (writer, "lifetimes", h->lifetime_counts, MEMSCOPE_LIFETIME_BINS);
  memscope_json_writer_count (writer, "neverDied", h->never_died);
  memscope_json_writer_count (writer, "medianLifetime", h->median_lifetime);
  memscope_json_writer_end_object (writer);
}

static guint64
get_key (const MemscopeGroup *group,
         guint                k,
         MemscopePagePlaces  *places)
{
  switch (k)
    {
    case 0:
      return group->thread;

    case 1:
      return memscope_page_places_add_variable (places, group->variable);

    case 2:
      return memscope_page_places_add_frame (places, group->call_site);

    case 3:
      return group->module;

    default:
      return memscope_page_strings_add (places->strings, group->type);
    }
}

/* Sparklines: each bucket as two hexadecimal digits, a share of the group's own highest. */
static void
write_sparks (const MemscopeGroups *groups,
              const guint32        *order,
              guint                 n,
              MemscopeJsonWriter   *writer)
{
  memscope_json_writer_begin_value (writer, "spark");
  g_string_append_c (writer->text, '"');
  for (guint i = 0; i < n; i++)
    {
      const float *spark = groups->groups[order[i]].spark;
      float highest = 0;

      for (guint b = 0; b < MEMSCOPE_SPARK_BUCKETS; b++)
        highest = MAX (highest, spark[b]);
      for (guint b = 0; b < MEMSCOPE_SPARK_BUCKETS; b++)
        g_string_append_printf (writer->text, "%02x", highest > 0 ? (guint) (spark[b] / highest * 255 + 0.5f) : 0);
    }
  g_string_append_c (writer->text, '"');
}

typedef struct
{
  const MemscopeGroup *groups;
  gsize                figure;
} Ranking;

static int
compare_by_figure (gconstpointer a,
                   gconstpointer b,
                   gpointer      user_data)
{
  const Ranking *ranking = user_data;
  guint64 left = G_STRUCT_MEMBER (guint64, &ranking->groups[*(const guint32 *) a], ranking->figure);
  guint64 right = G_STRUCT_MEMBER (guint64, &ranking->groups[*(const guint32 *) b], ranking->figure);

  if (left != right)
    return left > right ? -1 : 1;

  return *(const guint32 *) a < *(const guint32 *) b ? -1 : 1;
}

/* Lists of the page are sorted by live bytes, by allocated bytes or by the peak: of too
 * many groups, the first @max of each order go into it. In the order of the groups.
 */
static GArray *
choose_groups (const MemscopeGroups *groups,
               guint64               max)
{
  static const gsize figures[] = {
    G_STRUCT_OFFSET (MemscopeGroup, live_bytes),
    G_STRUCT_OFFSET (MemscopeGroup, born_bytes),
    G_STRUCT_OFFSET (MemscopeGroup, peak_bytes),
  };
  guint n = (guint) MIN (groups->n_groups, G_MAXINT);
  GArray *chosen = g_array_sized_new (FALSE, FALSE, sizeof (guint32), (guint) MIN (n, 3 * max));
  g_autofree guint8 *wanted = g_malloc0 (MAX (n, 1));
  g_autofree guint32 *order = g_new (guint32, MAX (n, 1));

  for (guint k = 0; k < G_N_ELEMENTS (figures) && n > max; k++)
    {
      Ranking ranking = { groups->groups, figures[k] };

      for (guint i = 0; i < n; i++)
        order[i] = i;
      g_qsort_with_data (order, (int) n, sizeof *order, compare_by_figure, &ranking);
      for (guint i = 0; i < max; i++)
        wanted[order[i]] = TRUE;
    }

  for (guint32 i = 0; i < n; i++)
    {
      if (n <= max || wanted[i])
        g_array_append_val (chosen, i);
    }

  return chosen;
}

static void
write_groups (const MemscopeGroups *groups,
              const char           *key,
              guint64               max,
              gboolean              with_sparks,
              MemscopePagePlaces   *places,
              MemscopeJsonWriter   *writer)
{
  static const char *const keys[] = { "thread", "variable", "callSite", "module", "type" };
  static const struct
  {
    const char *key;
    gsize       offset;
  } figures[] = {
    { "rows", G_STRUCT_OFFSET (MemscopeGroup, rows) },
    { "births", G_STRUCT_OFFSET (MemscopeGroup, births) },
    { "bornBytes", G_STRUCT_OFFSET (MemscopeGroup, born_bytes) },
    { "deaths", G_STRUCT_OFFSET (MemscopeGroup, deaths) },
    { "deadBytes", G_STRUCT_OFFSET (MemscopeGroup, dead_bytes) },
    { "temporary", G_STRUCT_OFFSET (MemscopeGroup, temporary) },
    { "liveBlocks", G_STRUCT_OFFSET (MemscopeGroup, live_blocks) },
    { "liveBytes", G_STRUCT_OFFSET (MemscopeGroup, live_bytes) },
    { "peakBytes", G_STRUCT_OFFSET (MemscopeGroup, peak_bytes) },
    { "peakTime", G_STRUCT_OFFSET (MemscopeGroup, peak_time) },
    { "firstTime", G_STRUCT_OFFSET (MemscopeGroup, first_time) },
    { "lastTime", G_STRUCT_OFFSET (MemscopeGroup, last_time) },
    { "largest", G_STRUCT_OFFSET (MemscopeGroup, largest) },
    { "sharedBlocks", G_STRUCT_OFFSET (MemscopeGroup, shared_blocks) },
  };
  g_autoptr(GArray) chosen = choose_groups (groups, max);
  const guint32 *order = (const guint32 *) (gpointer) chosen->data;
  guint n = chosen->len;

  memscope_json_writer_begin_object (writer, key);
  memscope_json_writer_uint64 (writer, "total", groups->n_groups);
  for (guint k = 0; k < G_N_ELEMENTS (keys); k++)
    {
      memscope_page_begin_column (writer, keys[k]);
      for (guint i = 0; i < n; i++)
        memscope_page_column_add (writer, get_key (&groups->groups[order[i]], k, places));
      memscope_page_end_column (writer);
    }
  for (guint k = 0; k < G_N_ELEMENTS (figures); k++)
    {
      memscope_page_begin_column (writer, figures[k].key);
      for (guint i = 0; i < n; i++)
        memscope_page_column_add (writer, G_STRUCT_MEMBER (guint64, &groups->groups[order[i]], figures[k].offset));
      memscope_page_end_column (writer);
    }
  memscope_page_begin_column (writer, "stage");
  for (guint i = 0; i < n; i++)
    memscope_page_column_add (writer, groups->groups[order[i]].stage);
  memscope_page_end_column (writer);
  if (with_sparks)
    write_sparks (groups, order, n, writer);
  memscope_json_writer_end_object (writer);
}

static void
write_leaks (MemscopePageModel  *self,
             MemscopePagePlaces *places,
             MemscopeJsonWriter *writer)
{
  const MemscopeLeaks *leaks = self->leaks;
  guint n = MIN (leaks->n_leaks, MAX_TOP);

  memscope_json_writer_begin_object (writer, "leaks");
  memscope_json_writer_boolean (writer, "final", leaks->final);
  memscope_json_writer_count (writer, "blocks", leaks->blocks);
  memscope_json_writer_count (writer, "bytes", leaks->bytes);
  memscope_json_writer_uint64 (writer, "total", leaks->n_leaks);
  memscope_json_writer_begin_array (writer, "list");
  for (guint i = 0; i < n; i++)
    {
      const MemscopeLeak *leak = &leaks->leaks[i];

      memscope_page_begin_column (writer, NULL);
      memscope_page_column_add (writer, memscope_page_places_add_stack (places, leak->stack));
      memscope_page_column_add (writer, memscope_page_places_add_variable (places, leak->variable));
      memscope_page_column_add (writer, leak->blocks);
      memscope_page_column_add (writer, leak->bytes);
      memscope_page_column_add (writer, leak->first_birth);
      memscope_page_column_add (writer, leak->last_birth);
      memscope_page_column_add (writer, leak->total_births);
      memscope_page_column_add (writer, leak->grows);
      memscope_page_end_column (writer);
    }
  memscope_json_writer_end_array (writer);
  memscope_json_writer_end_object (writer);
}

/* ---- dictionaries ----------------------------------------------------------------- */

static void
write_threads (MemscopePageModel  *self,
               MemscopeJsonWriter *writer,
               guint               redact)
{
  guint n = memscope_session_get_n_threads (self->session);

  memscope_json_writer_begin_object (writer, "threadTable");
  memscope_json_writer_begin_array (writer, "label");
  for (guint id = 0; id <= n; id++)
    {
      g_autofree char *label = id != 0 ? memscope_session_dup_thread_label (self->session, id) : g_strdup ("");

      write_free_text (writer, NULL, label, redact);
    }
  memscope_json_writer_end_array (writer);
  memscope_page_begin_column (writer, "category");
  for (guint id = 0; id <= n; id++)
    memscope_page_column_add (writer, id != 0 ? self->categories[id] : 0);
  memscope_page_end_column (writer);
  memscope_json_writer_end_object (writer);
}

static void
write_thresholds (MemscopeJsonWriter *writer)
{
  const MemscopeCategoryThresholds *t = &memscope_category_thresholds;

  memscope_json_writer_begin_object (writer, "thresholds");
  memscope_json_writer_double (writer, "cpuShare", t->cpu_share);
  memscope_json_writer_double (writer, "ioBytesPerCpuSecond", t->io_bytes_per_cpu_second);
  memscope_json_writer_double (writer, "ioBlockedShare", t->io_blocked_share);
  memscope_json_writer_double (writer, "memoryBytesPerSecond", t->memory_bytes_per_second);
  memscope_json_writer_double (writer, "memoryBirthsPerSecond", t->memory_births_per_second);
  memscope_json_writer_double (writer, "asyncSwitchesPerSecond", t->async_switches_per_second);
  memscope_json_writer_double (writer, "asyncCpuShare", t->async_cpu_share);
  memscope_json_writer_end_object (writer);
}

static void
write_marks (MemscopePageModel  *self,
             MemscopePagePlaces *places,
             MemscopeJsonWriter *writer)
{
  guint n;
  const MemscopeMark *marks = memscope_session_get_marks (self->session, &n);
  guint n_gaps;
  const MemscopeGap *gaps = memscope_session_get_gaps (self->session, &n_gaps);
  guint64 time, interval;

  memscope_json_writer_begin_array (writer, "marks");
  for (guint i = 0; i < MIN (n, MAX_TOP); i++)
    {
      memscope_page_begin_column (writer, NULL);
      memscope_page_column_add (writer, marks[i].time * 1000);
      memscope_page_column_add (writer, marks[i].thread);
      memscope_page_column_add (writer, memscope_page_strings_add (places->strings, marks[i].text));
      memscope_page_end_column (writer);
    }
  memscope_json_writer_end_array (writer);

  memscope_json_writer_begin_array (writer, "modes");
  for (guint i = 0; i < MAX_TOP && memscope_session_get_mode_change (self->session, i, &time, &interval); i++)
    {
      memscope_page_begin_column (writer, NULL);
      memscope_page_column_add (writer, time);
      memscope_page_column_add (writer, interval);
      memscope_page_end_column (writer);
    }
  memscope_json_writer_end_array (writer);

  memscope_json_writer_uint64 (writer, "gapCount", n_gaps);
  memscope_json_writer_begin_array (writer, "gaps");
  for (guint i = 0; i < MIN (n_gaps, MAX_TOP); i++)
    {
      memscope_page_begin_column (writer, NULL);
      memscope_page_column_add (writer, gaps[i].begin * 1000);
      memscope_page_column_add (writer, gaps[i].end * 1000);
      memscope_page_column_add (writer, gaps[i].events);
      memscope_page_column_add (writer, gaps[i].bytes);
      memscope_page_column_add (writer, gaps[i].thread);
      memscope_page_column_add (writer, gaps[i].reason);
      memscope_page_end_column (writer);
    }
  memscope_json_writer_end_array (writer);
}

/* What the program reported of the blocks that the page lists. */
static void
write_annotations (MemscopePageModel  *self,
                   MemscopePageRows   *rows,
                   MemscopePagePlaces *places,
                   MemscopeJsonWriter *writer)
{
  guint n, n_rows;
  const MemscopeAnnotation *annotations = memscope_session_get_annotations (self->session, &n);
  const guint64 *annotation_rows = memscope_session_get_annotation_rows (self->session, &n_rows);
  guint n_written = 0;

  memscope_json_writer_begin_array (writer, "annotations");
  for (guint i = 0; i < MIN (n, n_rows) && n_written < MAX_ANNOTATIONS; i++)
    {
      const MemscopeAnnotation *annotation = &annotations[i];
      guint64 row = annotation_rows[i] != 0 ? memscope_page_rows_find (rows, annotation_rows[i] - 1) : 0;

      if (row == 0)
        continue;
      memscope_page_begin_column (writer, NULL);
      memscope_page_column_add (writer, row);
      memscope_page_column_add (writer, annotation->kind);
      memscope_page_column_add (writer, annotation->time * 1000);
      memscope_page_column_add (writer, annotation->thread);
      memscope_page_column_add (writer, memscope_page_places_add_stack (places, annotation->stack));
      memscope_page_column_add (writer, memscope_page_strings_add (places->strings, annotation->name));
      memscope_page_end_column (writer);
      n_written++;
    }
  memscope_json_writer_end_array (writer);
}

static void
write_contents (MemscopeJsonWriter        *writer,
                const MemscopeHtmlOptions *options,
                const MemscopePageRows    *rows,
                guint                      calls_left_out,
                gboolean                   extras_left_out)
{
  memscope_json_writer_begin_object (writer, "contents");
  memscope_json_writer_uint64 (writer, "rows", rows->n_rows);
  memscope_json_writer_uint64 (writer, "selected", rows->n_selected);
  memscope_json_writer_uint64 (writer, "unnamed", rows->n_unnamed);
  memscope_json_writer_uint64 (writer, "dropped", rows->n_dropped);
  memscope_json_writer_uint64 (writer, "droppedLive", rows->n_dropped_live);
  memscope_json_writer_uint64 (writer, "callsLeftOut", calls_left_out);
  memscope_json_writer_boolean (writer, "extrasLeftOut", extras_left_out);
  memscope_json_writer_boolean (writer, "namedOnly", options->user_variables_only);
  memscope_json_writer_uint64 (writer, "redact", options->redact);
  memscope_json_writer_uint64 (writer, "budget", options->size_budget);
  memscope_json_writer_end_object (writer);
}

char *
memscope_page_model_write (MemscopePageModel         *self,
                           const MemscopeHtmlOptions *options,
                           MemscopePageRows          *rows,
                           MemscopePagePlaces        *places,
                           guint                      calls_left_out,
                           gboolean                   extras_left_out)
{
  GString *text = g_string_new (NULL);
  MemscopeJsonWriter writer;

  memscope_json_writer_init (&writer, text);
  memscope_json_writer_begin_object (&writer, NULL);
  memscope_json_writer_string (&writer, "language", options->language, -1);
  write_session (self, &writer, options);
  write_selection (self, &writer, options->redact);
  memscope_json_writer_boolean (&writer, "hasStacks", memscope_session_has_stacks (self->session));
  write_contents (&writer, options, rows, calls_left_out, extras_left_out);
  write_summary (self, &writer);
  write_timeline (self, &writer);
  write_rss (self, &writer);
  write_histograms (self, &writer);
  write_groups (self->cards, "cards", MAX_CARDS, TRUE, places, &writer);
  write_groups (self->threads, "threads", MAX_TOP, FALSE, places, &writer);
  write_groups (self->variables, "variableGroups", MAX_TOP, FALSE, places, &writer);
  write_groups (self->call_sites, "callSites", MAX_TOP, FALSE, places, &writer);
  write_groups (self->types, "types", MAX_TOP, FALSE, places, &writer);
  write_groups (self->modules, "moduleGroups", MAX_TOP, FALSE, places, &writer);
  write_leaks (self, places, &writer);
  memscope_page_findings_write (self->diagnostics, places, &writer);
  write_threads (self, &writer, options->redact);
  write_thresholds (&writer);
  write_marks (self, places, &writer);
  write_annotations (self, rows, places, &writer);
  memscope_page_write_mappings (self->session, places->strings, &writer);
  memscope_page_places_write (places, &writer);
  memscope_json_writer_uint64 (&writer, "shortened", places->strings->n_shortened);
  memscope_page_strings_write (places->strings, &writer, "strings");
  memscope_json_writer_end_object (&writer);

  return g_string_free (text, FALSE);
}
