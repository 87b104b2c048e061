/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "memscope-histograms.h"
#include "memscope-overview-bins.h"
#include "memscope-overview-view.h"
#include "memscope-query.h"
#include "memscope-rss-bar.h"
#include "memscope-rss-parts.h"
#include "memscope-stat-tile.h"
#include "memscope-summary.h"
#include "memscope-text.h"
#include "memscope-timeline-chart.h"
#include "memscope-timeline-table.h"
#include "memscope-timeline.h"
#include "memscope-top-list.h"
#include "memscope-window.h"

#define SPARK_VALUES 40

struct _MemscopeOverviewView
{
  AdwBin                 parent_instance;

  MemscopeViewState     *state;
  GSignalGroup          *signals;
  GCancellable          *figures_query;
  GCancellable          *bins_query;
  GCancellable          *variables_query;
  GCancellable          *sites_query;
  GCancellable          *rss_query;
  guint64                peak_instant;
  gboolean               rss_by_mapping;

  GtkWidget             *nothing_bar;
  GtkLabel              *nothing_label;
  GtkWidget             *nothing_button;
  GtkFlowBox            *tiles;
  GtkFlowBox            *panels;
  MemscopeStatTile      *live_tile;
  MemscopeStatTile      *peak_tile;
  MemscopeStatTile      *allocations_tile;
  MemscopeStatTile      *leaked_tile;
  MemscopeStatTile      *temporary_tile;
  MemscopeStatTile      *rate_tile;
  MemscopeTimelineChart *chart;
  GtkWidget             *rss_legend;
  GtkWidget             *legend;
  GtkLabel              *rss_label;
  GtkLabel              *rss_overhead;
  MemscopeRssBar        *rss_bar;
  GtkLabel              *rss_sentence;
  GtkFlowBox            *rss_parts;
  GtkStack              *chart_stack;
  GtkToggleButton       *table_button;
  MemscopeTimelineTable *table;
  GtkWidget             *whole_label;
  MemscopeHistogram     *size_histogram;
  GtkLabel              *size_label;
  MemscopeHistogram     *lifetime_histogram;
  GtkLabel              *lifetime_label;
  MemscopeTopList       *top_variables;
  MemscopeTopList       *top_sites;
};

G_DEFINE_FINAL_TYPE (MemscopeOverviewView, memscope_overview_view, ADW_TYPE_BIN)

/* ---- analyses --------------------------------------------------------- */

typedef struct
{
  MemscopeSummary  *summary;
  MemscopeTimeline *timeline;   /* of the range, for the sparklines */
} Figures;

static void
figures_free (gpointer data)
{
  Figures *figures = data;

  g_clear_pointer (&figures->summary, memscope_summary_free);
  g_clear_pointer (&figures->timeline, memscope_timeline_free);
  g_free (figures);
}

static gpointer
figures_query (MemscopeSession   *session,
               MemscopeSelection *selection,
               gpointer           data,
               GCancellable      *cancellable)
{
  Figures *figures = g_new0 (Figures, 1);

  figures->timeline = memscope_timeline_new (session, selection,
                                             memscope_selection_get_begin (selection),
                                             memscope_selection_get_end (selection),
                                             SPARK_VALUES, cancellable, NULL);
  if (figures->timeline != NULL)
    figures->summary = memscope_summary_new_beside (session, selection, figures->timeline, cancellable, NULL);
  if (figures->summary == NULL || figures->timeline == NULL)
    g_clear_pointer (&figures, figures_free);

  return figures;
}

static gpointer
bins_query (MemscopeSession   *session,
            MemscopeSelection *selection,
            gpointer           data,
            GCancellable      *cancellable)
{
  return memscope_histograms_new (session, selection, cancellable, NULL);
}

static gpointer
variables_query (MemscopeSession   *session,
                 MemscopeSelection *selection,
                 gpointer           data,
                 GCancellable      *cancellable)
{
  return memscope_groups_new (session, selection, MEMSCOPE_GROUP_BY_VARIABLE, cancellable, NULL);
}

static int
compare_born (gconstpointer a,
              gconstpointer b)
{
  guint64 born_a = ((const MemscopeGroup *) a)->born_bytes;
  guint64 born_b = ((const MemscopeGroup *) b)->born_bytes;

  return (born_a < born_b) - (born_a > born_b);
}

static gpointer
sites_query (MemscopeSession   *session,
             MemscopeSelection *selection,
             gpointer           data,
             GCancellable      *cancellable)
{
  MemscopeGroups *groups = memscope_groups_new (session, selection, MEMSCOPE_GROUP_BY_CALL_SITE, cancellable, NULL);

  if (groups != NULL)
    qsort (groups->groups, groups->n_groups, sizeof *groups->groups, compare_born);

  return groups;
}

/* ---- showing ----------------------------------------------------------- */

static void
tile_set_size (MemscopeStatTile *tile,
               guint64           bytes,
               const char       *context)
{
  g_autofree char *number = NULL;
  g_autofree char *unit = NULL;
  g_autofree char *exact = memscope_text_exact_bytes (bytes);

  memscope_text_size_parts (bytes, &number, &unit);
  memscope_stat_tile_set (tile, number, unit, context, exact);
}

/* "± 1.2 MiB" of a sampled figure; NULL: it is exact. */
static char *
dup_size_error (const MemscopeSummary  *summary,
                const MemscopeEstimate *estimate)
{
  g_autofree char *error = NULL;

  if (!summary->sampled)
    return NULL;
  if (estimate->too_few)
    return g_strdup (_("too few samples"));

  error = memscope_text_size ((guint64) estimate->error);

  return g_strdup_printf ("± %s", error);
}

static char *
dup_count_error (const MemscopeSummary  *summary,
                 const MemscopeEstimate *estimate)
{
  g_autofree char *error = NULL;

  if (!summary->sampled)
    return NULL;
  if (estimate->too_few)
    return g_strdup (_("too few samples"));

  error = memscope_text_short_count ((guint64) estimate->error);

  return g_strdup_printf ("± %s", error);
}

/* Takes over @context and @error; the error comes first. */
static char *
join (char *error,
      char *context)
{
  g_autofree char *owned_error G_GNUC_UNUSED = error;
  g_autofree char *owned_context = context;

  return error != NULL ? g_strdup_printf ("%s · %s", error, context) : g_steal_pointer (&owned_context);
}

static void
memscope_overview_view_show_stocks (MemscopeOverviewView  *self,
                                    const MemscopeSummary *summary)
{
  guint64 whole = memscope_view_state_get_end (self->state);
  g_autofree char *live_count = memscope_text_count (summary->active_allocations);
  g_autofree char *live_context = join (dup_size_error (summary, &summary->estimated_active_bytes),
                                        summary->active_allocations == MEMSCOPE_UNKNOWN ? g_strdup (_("as sums"))
                                        : g_strdup_printf (ngettext ("in %s allocation", "in %s allocations", summary->active_allocations), live_count));
  g_autofree char *peak_time = memscope_text_time (summary->peak_time, whole);
  g_autofree char *peak_context = NULL;

  tile_set_size (self->live_tile, summary->active_bytes, live_context);

  if (summary->peak_rss != MEMSCOPE_UNKNOWN)
    {
      g_autofree char *rss = memscope_text_size (summary->peak_rss);

      peak_context = g_strdup_printf (_("at %s · RSS %s"), peak_time, rss);
    }
  else
    {
      peak_context = g_strdup_printf (_("at %s"), peak_time);
    }
  peak_context = join (dup_size_error (summary, &summary->estimated_peak_bytes), peak_context);
  tile_set_size (self->peak_tile, summary->peak_bytes, peak_context);
  self->peak_instant = summary->peak_instant;
}

static void
memscope_overview_view_show_leaked (MemscopeOverviewView  *self,
                                    const MemscopeSummary *summary)
{
  MemscopeSession *session = memscope_view_state_get_session (self->state);
  g_autofree char *context = NULL;
  g_autofree char *count = NULL;

  if (summary->leaked_allocations == MEMSCOPE_UNKNOWN)
    {
      const char *why = memscope_session_has_deaths (session)
                      ? _("known only after a complete recording")
                      : _("deaths were not recorded");

      memscope_stat_tile_set (self->leaked_tile, "–", "", why, why);
      return;
    }

  count = memscope_text_count (summary->leaked_allocations);
  context = g_strdup_printf (ngettext ("%s block", "%s blocks", summary->leaked_allocations), count);

  /* memscope-rs hardly ever sets its own flag: say what is alive as well. */
  if (summary->derived_alive_at_end != MEMSCOPE_UNKNOWN)
    {
      g_autofree char *alive = memscope_text_count (summary->derived_alive_at_end);
      char *both = g_strdup_printf (_("%s flagged · %s alive at the end"), count, alive);

      g_free (context);
      context = both;
    }
  tile_set_size (self->leaked_tile, summary->leaked_bytes, context);
}

static void
memscope_overview_view_show_flows (MemscopeOverviewView  *self,
                                   const MemscopeSummary *summary)
{
  MemscopeSession *session = memscope_view_state_get_session (self->state);
  guint64 whole = memscope_view_state_get_end (self->state);
  g_autofree char *frees = memscope_text_count (summary->total_frees);
  g_autofree char *freed = join (dup_count_error (summary, &summary->estimated_allocations),
                                 g_strdup_printf (_("%s freed"), frees));
  g_autofree char *born = memscope_text_size (summary->total_bytes);
  g_autofree char *total = memscope_text_count (summary->total_allocations);
  g_autofree char *exact = g_strdup_printf (ngettext ("%s allocation, %s in all", "%s allocations, %s in all",
                                                      summary->total_allocations), total, born);
  g_autofree char *number = NULL;
  g_autofree char *unit = NULL;
  g_autofree char *rate_number = NULL;
  g_autofree char *rate_unit = NULL;
  g_autofree char *rate_per = NULL;
  g_autofree char *busiest = memscope_text_short_count ((guint64) summary->peak_allocation_rate);
  g_autofree char *busiest_time = memscope_text_time (summary->peak_allocation_rate_time, whole);
  g_autofree char *rate_context = g_strdup_printf (_("at most %s/s at %s"), busiest, busiest_time);

  if (summary->total_allocations == MEMSCOPE_UNKNOWN)
    {
      const char *why = _("single allocations were not recorded");

      memscope_stat_tile_set (self->allocations_tile, "–", "", why, why);
      memscope_stat_tile_set (self->temporary_tile, "–", "", why, why);
      memscope_stat_tile_set (self->rate_tile, "–", "", why, why);
      memscope_stat_tile_set_share (self->temporary_tile, -1);
      return;
    }

  memscope_text_count_parts (summary->total_allocations, &number, &unit);
  memscope_stat_tile_set (self->allocations_tile, number, unit, freed, exact);

  if (!memscope_session_has_deaths (session) || summary->temporary_allocations == MEMSCOPE_UNKNOWN)
    {
      memscope_stat_tile_set (self->temporary_tile, "–", "", _("deaths were not recorded"), _("deaths were not recorded"));
      memscope_stat_tile_set_share (self->temporary_tile, -1);
    }
  else
    {
      double share = summary->total_allocations > 0 ? (double) summary->temporary_allocations / summary->total_allocations : 0;
      g_autofree char *percent = g_strdup_printf ("%.0f", share * 100);
      g_autofree char *count = memscope_text_count (summary->temporary_allocations);
      g_autofree char *tooltip = g_strdup_printf (ngettext ("%s allocation was freed before its thread’s next one",
                                                          "%s allocations were freed before their thread’s next one",
                                                          summary->temporary_allocations), count);

      memscope_stat_tile_set (self->temporary_tile, percent, "%", _("freed before the next one"), tooltip);
      memscope_stat_tile_set_share (self->temporary_tile, share);
    }

  memscope_text_count_parts ((guint64) summary->allocation_rate, &rate_number, &rate_unit);
  rate_per = g_strdup_printf (_("%s/s"), rate_unit);
  memscope_stat_tile_set (self->rate_tile, rate_number, rate_per, rate_context, rate_context);
}

static void
memscope_overview_view_show_sparks (MemscopeOverviewView   *self,
                                    const MemscopeTimeline *timeline)
{
  float live[SPARK_VALUES], rate[SPARK_VALUES];
  guint n = MIN (timeline->n_buckets, SPARK_VALUES);

  for (guint i = 0; i < n; i++)
    {
      live[i] = timeline->buckets[i].max_bytes;
      rate[i] = timeline->buckets[i].births;
    }
  memscope_stat_tile_set_values (self->live_tile, live, n);
  memscope_stat_tile_set_values (self->peak_tile, live, n);
  memscope_stat_tile_set_values (self->rate_tile, rate, n);
}

/* ---- what makes up RSS -------------------------------------------------------- */

static gpointer
rss_query (MemscopeSession   *session,
           MemscopeSelection *selection,
           gpointer           data,
           GCancellable      *cancellable)
{
  return memscope_rss_parts_new (session, memscope_selection_get_instant (selection), cancellable, NULL);
}

static void
memscope_overview_view_set_parts (MemscopeOverviewView  *self,
                                  const MemscopeRssPart *parts,
                                  guint                  n_parts)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->rss_parts))) != NULL)
    gtk_flow_box_remove (self->rss_parts, child);

  memscope_rss_bar_set_parts (self->rss_bar, parts, n_parts);
  for (guint i = 0; i < n_parts; i++)
    {
      GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
      GtkWidget *name = gtk_label_new (parts[i].name);
      g_autofree char *size = memscope_text_size (parts[i].bytes);
      GtkWidget *bytes = gtk_label_new (size);
      GtkWidget *item = gtk_flow_box_child_new ();

      gtk_label_set_ellipsize (GTK_LABEL (name), PANGO_ELLIPSIZE_END);
      gtk_widget_add_css_class (name, "caption");
      gtk_widget_add_css_class (bytes, "caption");
      gtk_widget_add_css_class (bytes, "numeric");
      gtk_widget_add_css_class (bytes, "card-title");
      gtk_box_append (GTK_BOX (box), memscope_rss_bar_swatch_new (&parts[i]));
      gtk_box_append (GTK_BOX (box), name);
      gtk_box_append (GTK_BOX (box), bytes);
      gtk_widget_set_tooltip_text (box, parts[i].meaning);
      gtk_widget_set_halign (box, GTK_ALIGN_START);
      gtk_flow_box_child_set_child (GTK_FLOW_BOX_CHILD (item), box);
      gtk_widget_set_focusable (item, FALSE);
      gtk_flow_box_append (self->rss_parts, item);
    }
}

static void
memscope_overview_view_label_rss (MemscopeOverviewView *self,
                                  guint64               time,
                                  guint64               rss)
{
  guint64 whole = memscope_view_state_get_end (self->state);
  g_autofree char *when = memscope_text_time (MIN (time, whole - 1), whole);
  g_autofree char *size = memscope_text_size (rss);
  /* The kernel knows neither threads nor modules: for once the filters do not hold. */
  g_autofree char *text = memscope_view_state_has_filters (self->state)
                        ? g_strdup_printf (_("at %s · %s · the whole process, without the filters"), when, size)
                        : g_strdup_printf (_("at %s · %s"), when, size);

  gtk_label_set_text (self->rss_label, text);
}

/* Each mapping was asked for what is resident: everything has a name. */
static void
memscope_overview_view_rss_done (gpointer owner,
                                 gpointer result)
{
  static const struct
  {
    const char *name;
    const char *color;
    gboolean    hatched;
    gboolean    always;
    const char *meaning;
  } kinds[MEMSCOPE_N_RSS_PARTS] = {
    [MEMSCOPE_RSS_REQUESTED] = { N_("Requested"), "c1", FALSE, TRUE, N_("What the program asked the allocator for, as far as it is resident") },
    [MEMSCOPE_RSS_ROUNDING] = { N_("Rounding"), "c6", FALSE, TRUE, N_("What the allocator gave beyond that") },
    [MEMSCOPE_RSS_FREE_IN_HEAP] = { N_("Free in heap"), "c1", TRUE, TRUE, N_("Resident in the allocator’s mappings, but in no live block: freed and kept, its own tables") },
    [MEMSCOPE_RSS_REGIONS] = { N_("Own mappings"), "c2", FALSE, FALSE, N_("Anonymous mappings that the program made itself") },
    [MEMSCOPE_RSS_FILES] = { N_("Mapped files"), "c3", FALSE, FALSE, N_("Mapped files that are no modules, and shared memory") },
    [MEMSCOPE_RSS_STACKS] = { N_("Stacks"), "c5", FALSE, FALSE, N_("The main thread’s stack; those of other threads are inferred: a mapping right behind its guard") },
    [MEMSCOPE_RSS_CODE] = { N_("Code and data"), "c7", FALSE, FALSE, N_("The program and its libraries: code, constants, variables") },
    [MEMSCOPE_RSS_RECORDER] = { N_("Recorder"), "c4", FALSE, FALSE, N_("MemScope’s own library and buffers in the program") },
    [MEMSCOPE_RSS_UNEXPLAINED] = { N_("Unexplained"), NULL, TRUE, TRUE, N_("What none of the others covers") },
  };
  MemscopeOverviewView *self = owner;
  g_autoptr(MemscopeRssParts) rss = result;
  MemscopeRssPart parts[MEMSCOPE_N_RSS_PARTS];
  guint64 requested, overhead;
  guint n = 0;

  self->rss_by_mapping = rss != NULL;
  if (rss == NULL)
    return;

  for (guint kind = 0; kind < MEMSCOPE_N_RSS_PARTS; kind++)
    if (rss->bytes[kind] > 0 || kinds[kind].always)
      parts[n++] = (MemscopeRssPart) { _(kinds[kind].name), kinds[kind].color, rss->bytes[kind],
                                       kinds[kind].hatched, _(kinds[kind].meaning) };
  memscope_overview_view_set_parts (self, parts, n);
  gtk_widget_set_visible (GTK_WIDGET (self->rss_bar), TRUE);
  gtk_widget_set_visible (GTK_WIDGET (self->rss_parts), TRUE);
  memscope_overview_view_label_rss (self, rss->time, rss->rss);

  requested = rss->bytes[MEMSCOPE_RSS_REQUESTED];
  overhead = rss->bytes[MEMSCOPE_RSS_ROUNDING] + rss->bytes[MEMSCOPE_RSS_FREE_IN_HEAP];
  gtk_label_set_text (self->rss_overhead, "");
  if (requested > 0)
    {
      g_autofree char *share = memscope_text_share ((double) overhead / requested);
      g_autofree char *text = g_strdup_printf (_("heap overhead %s"), share);

      gtk_label_set_text (self->rss_overhead, text);
    }

  gtk_widget_set_visible (GTK_WIDGET (self->rss_sentence), rss->untouched > 0);
  if (rss->untouched > 0)
    {
      g_autofree char *size = memscope_text_size (rss->untouched);
      g_autofree char *text = g_strdup_printf (_("%s more were live, but not resident: never touched, or swapped out."), size);

      gtk_label_set_text (self->rss_sentence, text);
    }
}

/* Only the sum was recorded: what is no block is one part. */
static void
memscope_overview_view_show_rss (MemscopeOverviewView  *self,
                                 const MemscopeSummary *summary)
{
  MemscopeRssPart parts[3] = { 0 };
  guint n = 0;
  guint64 rss = summary->rss_at_instant;
  guint64 requested = summary->active_bytes;
  guint64 known = summary->usable_bytes != MEMSCOPE_UNKNOWN ? MAX (summary->usable_bytes, requested) : requested;
  gboolean recorded = rss != MEMSCOPE_UNKNOWN;
  gboolean fits = recorded && known <= rss;

  gtk_widget_set_visible (self->rss_legend, recorded);
  if (self->rss_by_mapping)
    return;

  gtk_widget_set_visible (GTK_WIDGET (self->rss_bar), fits);
  gtk_widget_set_visible (GTK_WIDGET (self->rss_parts), fits);
  gtk_widget_set_visible (GTK_WIDGET (self->rss_sentence), !fits);
  gtk_label_set_text (self->rss_overhead, "");
  gtk_label_set_text (self->rss_label, "");

  if (!recorded)
    {
      gtk_label_set_text (self->rss_sentence, _("RSS was not recorded."));
      return;
    }

  memscope_overview_view_label_rss (self, memscope_selection_get_instant (memscope_view_state_get_selection (self->state)), rss);

  if (!fits)
    {
      g_autofree char *live = memscope_text_size (known);
      g_autofree char *text = g_strdup_printf (_("%s are live, more than is resident: a part was allocated and never touched, or swapped out."), live);

      gtk_label_set_text (self->rss_sentence, text);
      return;
    }

  parts[n++] = (MemscopeRssPart) { _("Requested"), "c1", requested, FALSE, NULL };
  if (summary->usable_bytes != MEMSCOPE_UNKNOWN)
    {
      g_autofree char *share = memscope_text_share (requested > 0 ? (double) (known - requested) / requested : 0);
      g_autofree char *text = g_strdup_printf (_("rounding %s of requested"), share);

      parts[n++] = (MemscopeRssPart) { _("Rounding"), "c6", known - requested, FALSE, NULL };
      gtk_label_set_text (self->rss_overhead, text);
    }
  parts[n++] = (MemscopeRssPart) { _("Free in heap, code, files, stacks"), NULL, rss - known, TRUE,
                                   _("How much of each mapping was resident was not recorded") };
  memscope_overview_view_set_parts (self, parts, n);
}

static void
memscope_overview_view_figures_done (gpointer owner,
                                     gpointer result)
{
  MemscopeOverviewView *self = owner;
  Figures *figures = result;
  MemscopeSummary *summary;

  if (figures == NULL)
    return;

  summary = figures->summary;
  memscope_overview_view_show_stocks (self, summary);
  memscope_overview_view_show_leaked (self, summary);
  memscope_overview_view_show_flows (self, summary);
  memscope_overview_view_show_sparks (self, figures->timeline);
  memscope_overview_view_show_rss (self, summary);
  gtk_label_set_text (self->nothing_label, memscope_view_state_has_range (self->state) ? _("Nothing happened in this range.")
                                           : memscope_view_state_has_filters (self->state) ? _("Nothing passes the filters.")
                                           : _("This recording holds no allocations."));
  gtk_widget_set_visible (self->nothing_button, memscope_view_state_has_range (self->state));
  gtk_widget_set_visible (self->nothing_bar,
                          summary->total_allocations == 0 && summary->total_frees == 0);
  figures_free (figures);
}

static void
memscope_overview_view_bins_done (gpointer owner,
                                  gpointer result)
{
  MemscopeOverviewView *self = owner;
  g_autoptr(MemscopeHistograms) bins = result;
  g_autofree char *median = NULL;
  g_autofree char *text = NULL;

  if (bins == NULL)
    return;

  median = memscope_text_size (bins->median_size);
  text = g_strdup_printf (_("median %s · bars: allocations"), median);
  gtk_label_set_text (self->size_label, text);
  memscope_histogram_show_sizes (self->size_histogram, bins->size_counts, bins->median_size, NULL);

  if (bins->median_lifetime == MEMSCOPE_UNKNOWN)
    {
      gtk_label_set_text (self->lifetime_label,
                          memscope_session_has_deaths (memscope_view_state_get_session (self->state))
                          ? _("nothing died in this range") : _("deaths were not recorded"));
    }
  else
    {
      g_autofree char *lifetime = memscope_text_duration (bins->median_lifetime);
      g_autofree char *lifetime_text = g_strdup_printf (_("median %s · bars: allocations"), lifetime);

      gtk_label_set_text (self->lifetime_label, lifetime_text);
    }
  memscope_histogram_show_lifetimes (self->lifetime_histogram, bins->lifetime_counts, bins->never_died,
                                     MEMSCOPE_UNKNOWN, NULL);
}

static void
memscope_overview_view_variables_done (gpointer owner,
                                       gpointer result)
{
  MemscopeOverviewView *self = owner;
  g_autoptr(MemscopeGroups) groups = result;

  if (groups != NULL)
    memscope_top_list_set_groups (self->top_variables, self->state, groups->groups,
                                  MIN (groups->n_groups, 16), FALSE);
}

static void
memscope_overview_view_sites_done (gpointer owner,
                                   gpointer result)
{
  MemscopeOverviewView *self = owner;
  g_autoptr(MemscopeGroups) groups = result;

  if (groups != NULL)
    memscope_top_list_set_groups (self->top_sites, self->state, groups->groups,
                                  MIN (groups->n_groups, 16), TRUE);
}

static void
memscope_overview_view_update (MemscopeOverviewView *self)
{
  MemscopeSession *session = memscope_view_state_get_session (self->state);
  MemscopeSelection *selection = memscope_view_state_get_selection (self->state);

  memscope_query_run (&self->figures_query, self, session, selection, figures_query, NULL, NULL,
                      figures_free, memscope_overview_view_figures_done);
  memscope_query_run (&self->rss_query, self, session, selection, rss_query, NULL, NULL,
                      (GDestroyNotify) memscope_rss_parts_free, memscope_overview_view_rss_done);
  memscope_query_run (&self->bins_query, self, session, selection, bins_query, NULL, NULL,
                      (GDestroyNotify) memscope_histograms_free, memscope_overview_view_bins_done);
  memscope_query_run (&self->variables_query, self, session, selection, variables_query, NULL, NULL,
                      (GDestroyNotify) memscope_groups_free, memscope_overview_view_variables_done);
  memscope_query_run (&self->sites_query, self, session, selection, sites_query, NULL, NULL,
                      (GDestroyNotify) memscope_groups_free, memscope_overview_view_sites_done);
}

static void
memscope_overview_view_selection_changed (MemscopeOverviewView *self)
{
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    memscope_overview_view_update (self);
}

static void
memscope_overview_view_map (GtkWidget *widget)
{
  MemscopeOverviewView *self = MEMSCOPE_OVERVIEW_VIEW (widget);

  GTK_WIDGET_CLASS (memscope_overview_view_parent_class)->map (widget);

  if (self->state != NULL)
    memscope_overview_view_update (self);
}

static void
memscope_overview_view_go_to_peak (MemscopeOverviewView *self)
{
  memscope_view_state_set_instant (self->state, self->peak_instant);
}

static void
memscope_overview_view_show_variables (MemscopeOverviewView *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  if (MEMSCOPE_IS_WINDOW (root))
    memscope_window_show_view (MEMSCOPE_WINDOW (root), "variables");
}

static void
memscope_overview_view_show_leaks (MemscopeOverviewView *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  if (MEMSCOPE_IS_WINDOW (root))
    memscope_window_show_leaks (MEMSCOPE_WINDOW (root));
}

static void
memscope_overview_view_table_toggled (MemscopeOverviewView *self)
{
  gtk_stack_set_visible_child_name (self->chart_stack,
                                    gtk_toggle_button_get_active (self->table_button) ? "table" : "chart");
}

static void
memscope_overview_view_cancel (MemscopeOverviewView *self)
{
  memscope_query_cancel (&self->figures_query);
  memscope_query_cancel (&self->bins_query);
  memscope_query_cancel (&self->variables_query);
  memscope_query_cancel (&self->sites_query);
  memscope_query_cancel (&self->rss_query);
}

static void
memscope_overview_view_dispose (GObject *object)
{
  MemscopeOverviewView *self = MEMSCOPE_OVERVIEW_VIEW (object);

  memscope_overview_view_cancel (self);
  g_clear_object (&self->signals);
  g_clear_object (&self->state);

  G_OBJECT_CLASS (memscope_overview_view_parent_class)->dispose (object);
}

static void
memscope_overview_view_class_init (MemscopeOverviewViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = memscope_overview_view_dispose;
  widget_class->map = memscope_overview_view_map;

  g_type_ensure (MEMSCOPE_TYPE_STAT_TILE);
  g_type_ensure (MEMSCOPE_TYPE_TIMELINE_CHART);
  g_type_ensure (MEMSCOPE_TYPE_TIMELINE_TABLE);
  g_type_ensure (MEMSCOPE_TYPE_RSS_BAR);
  g_type_ensure (MEMSCOPE_TYPE_HISTOGRAM);
  g_type_ensure (MEMSCOPE_TYPE_TOP_LIST);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/memscope/MemScope/memscope-overview-view.ui");
  gtk_widget_class_bind_template_child (widget_class, MemscopeOverviewView, nothing_bar);
  gtk_widget_class_bind_template_child (widget_class, MemscopeOverviewView, nothing_label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeOverviewView, nothing_button);
  gtk_widget_class_bind_template_child (widget_class, MemscopeOverviewView, tiles);
  gtk_widget_class_bind_template_child (widget_class, MemscopeOverviewView, panels);
  gtk_widget_class_bind_template_child (widget_class, MemscopeOverviewView, live_tile);
  gtk_widget_class_bind_template_child (widget_class, MemscopeOverviewView, peak_tile);
  gtk_widget_class_bind_template_child (widget_class, MemscopeOverviewView, allocations_tile);
  gtk_widget_class_bind_template_child (widget_class, MemscopeOverviewView, leaked_tile);
  gtk_widget_class_bind_template_child (widget_class, MemscopeOverviewView, temporary_tile);
  gtk_widget_class_bind_template_child (widget_class, MemscopeOverviewView, rate_tile);
  gtk_widget_class_bind_template_child (widget_class, MemscopeOverviewView, chart);
  gtk_widget_class_bind_template_child (widget_class, MemscopeOverviewView, rss_legend);
  gtk_widget_class_bind_template_child (widget_class, MemscopeOverviewView, legend);
  gtk_widget_class_bind_template_child (widget_class, MemscopeOverviewView, rss_label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeOverviewView, rss_overhead);
  gtk_widget_class_bind_template_child (widget_class, MemscopeOverviewView, rss_bar);
  gtk_widget_class_bind_template_child (widget_class, MemscopeOverviewView, rss_sentence);
  gtk_widget_class_bind_template_child (widget_class, MemscopeOverviewView, whole_label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeOverviewView, table);
  gtk_widget_class_bind_template_child (widget_class, MemscopeOverviewView, table_button);
  gtk_widget_class_bind_template_child (widget_class, MemscopeOverviewView, chart_stack);
  gtk_widget_class_bind_template_child (widget_class, MemscopeOverviewView, rss_parts);
  gtk_widget_class_bind_template_child (widget_class, MemscopeOverviewView, size_histogram);
  gtk_widget_class_bind_template_child (widget_class, MemscopeOverviewView, size_label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeOverviewView, lifetime_histogram);
  gtk_widget_class_bind_template_child (widget_class, MemscopeOverviewView, lifetime_label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeOverviewView, top_variables);
  gtk_widget_class_bind_template_child (widget_class, MemscopeOverviewView, top_sites);
  gtk_widget_class_bind_template_callback (widget_class, memscope_overview_view_go_to_peak);
  gtk_widget_class_bind_template_callback (widget_class, memscope_overview_view_show_leaks);
  gtk_widget_class_bind_template_callback (widget_class, memscope_overview_view_table_toggled);
  gtk_widget_class_bind_template_callback (widget_class, memscope_overview_view_show_variables);
}

static void
memscope_overview_view_init (MemscopeOverviewView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));

  memscope_histogram_set_color (self->lifetime_histogram, "c3");
  self->signals = g_signal_group_new (MEMSCOPE_TYPE_VIEW_STATE);
  g_signal_group_connect_swapped (self->signals, "notify::selection",
                                  G_CALLBACK (memscope_overview_view_selection_changed), self);
}

void
memscope_overview_view_set_state (MemscopeOverviewView *self,
                                  MemscopeViewState    *state)
{
  g_return_if_fail (MEMSCOPE_IS_OVERVIEW_VIEW (self));
  g_return_if_fail (MEMSCOPE_IS_VIEW_STATE (state));

  memscope_overview_view_cancel (self);
  g_set_object (&self->state, state);
  g_signal_group_set_target (self->signals, state);
  self->rss_by_mapping = FALSE;
  memscope_timeline_chart_set_state (self->chart, state);
  memscope_timeline_table_set_state (self->table, state);
  memscope_overview_view_selection_changed (self);
}

void
memscope_overview_view_set_narrow (MemscopeOverviewView *self,
                                   gboolean              narrow)
{
  g_return_if_fail (MEMSCOPE_IS_OVERVIEW_VIEW (self));

  gtk_widget_set_visible (self->legend, !narrow);
  gtk_widget_set_visible (self->whole_label, !narrow);
}
