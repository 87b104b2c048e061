/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-diagnostics-view-private.h"
#include "memscope-finding-row.h"
#include "memscope-query.h"

/* Before that, progress would only flash. */
#define PROGRESS_DELAY_USEC  500000
#define PROGRESS_INTERVAL_MS 66
/* How long newer questions may keep older ones from being answered. */
#define STARVING_USEC        (3 * G_USEC_PER_SEC)
/* The number on the switcher waits until what is on screen is computed. */
#define FIRST_INTERVAL_MS    100

enum { CHANGED, N_SIGNALS };

G_DEFINE_FINAL_TYPE (MemscopeDiagnosticsView, memscope_diagnostics_view, ADW_TYPE_BIN)

static guint signals[N_SIGNALS];

static void memscope_diagnostics_view_run (MemscopeDiagnosticsView *self);

/* ---- the analysis -------------------------------------------------------------------- */

/* Written by the thread that works, read by the main one. */
typedef struct _Progress
{
  gatomicrefcount references;
  int             permille;
} Progress;

typedef struct
{
  MemscopeSuppressions *suppressions;
  Progress             *progress;
} Request;

static Progress *
progress_new (void)
{
  Progress *self = g_new0 (Progress, 1);

  g_atomic_ref_count_init (&self->references);

  return self;
}

static void
progress_unref (Progress *self)
{
  if (g_atomic_ref_count_dec (&self->references))
    g_free (self);
}

static void
progress_update (double   done,
                 gpointer user_data)
{
  Progress *self = user_data;

  g_atomic_int_set (&self->permille, (int) (done * 1000));
}

static void
request_free (gpointer data)
{
  Request *request = data;

  memscope_suppressions_free (request->suppressions);
  progress_unref (request->progress);
  g_free (request);
}

static gpointer
diagnostics_query (MemscopeSession   *session,
                   MemscopeSelection *selection,
                   gpointer           data,
                   GCancellable      *cancellable)
{
  Request *request = data;

  return memscope_diagnostics_new (session, selection, request->suppressions, progress_update, request->progress, cancellable, NULL);
}

static void
memscope_diagnostics_view_hide_progress (MemscopeDiagnosticsView *self)
{
  g_clear_handle_id (&self->progress_source, g_source_remove);
  g_clear_pointer (&self->progress_state, progress_unref);
  gtk_revealer_set_reveal_child (self->progress_revealer, FALSE);
}

static void
memscope_diagnostics_view_cancel (MemscopeDiagnosticsView *self)
{
  memscope_query_cancel (&self->query);
  g_clear_pointer (&self->asked, memscope_selection_unref);
  memscope_diagnostics_view_hide_progress (self);
}

static gboolean
memscope_diagnostics_view_show_progress (gpointer user_data)
{
  MemscopeDiagnosticsView *self = user_data;

  if (g_get_monotonic_time () - self->started < PROGRESS_DELAY_USEC)
    return G_SOURCE_CONTINUE;

  gtk_revealer_set_reveal_child (self->progress_revealer, TRUE);
  gtk_progress_bar_set_fraction (self->progress, g_atomic_int_get (&self->progress_state->permille) / 1000.0);

  return G_SOURCE_CONTINUE;
}

/* The finding that was selected, in the new result. */
static const MemscopeFinding *
find_same (const MemscopeDiagnostics *result,
           const MemscopeFinding     *finding)
{
  for (guint i = 0; finding != NULL && i < result->n_findings; i++)
    {
      if (memscope_finding_is_same (result->findings[i], finding))
        return result->findings[i];
    }

  return NULL;
}

static const MemscopeFinding *
find_first (const MemscopeDiagnostics *result,
            gboolean                   leaks)
{
  for (guint i = 0; i < result->n_findings; i++)
    {
      const MemscopeFinding *finding = result->findings[i];
      gboolean is_leak = finding->rule == MEMSCOPE_RULE_LEAK_GROWING || finding->rule == MEMSCOPE_RULE_LEAK_ALIVE_AT_EXIT;

      if (finding->suppressed_by == NULL && (is_leak || !leaks))
        return finding;
    }

  return NULL;
}

static const MemscopeFinding *
choose_finding (MemscopeDiagnosticsView   *self,
                const MemscopeDiagnostics *result)
{
  const MemscopeFinding *found = self->select_leak ? find_first (result, TRUE) : find_same (result, self->selected);

  if (found == NULL)
    found = find_first (result, FALSE);

  return found;
}

static void
memscope_diagnostics_view_done (gpointer owner,
                                gpointer result)
{
  MemscopeDiagnosticsView *self = owner;
  g_autoptr(MemscopeDiagnostics) old = NULL;
  const MemscopeFinding *chosen;

  memscope_diagnostics_view_hide_progress (self);
  if (result == NULL)
    return;

  /* Rows point into what they show. */
  memscope_diagnostics_view_clear_rows (self);
  chosen = choose_finding (self, result);
  old = self->result;
  self->result = result;
  g_clear_pointer (&self->answered, memscope_selection_unref);
  self->answered = g_steal_pointer (&self->asked);
  self->selected = chosen;
  self->select_leak = FALSE;
  self->starving_since = 0;

  memscope_diagnostics_view_fill (self);
  gtk_stack_set_visible_child_name (self->stack, "findings");
  memscope_diagnostics_view_select (self, chosen);
  g_signal_emit (self, signals[CHANGED], 0);

  if (self->again)
    memscope_diagnostics_view_run (self);
}

static void
memscope_diagnostics_view_run (MemscopeDiagnosticsView *self)
{
  Request *request;

  self->again = FALSE;
  self->stopped = FALSE;
  g_clear_handle_id (&self->first_source, g_source_remove);
  memscope_diagnostics_view_cancel (self);

  self->asked = memscope_selection_ref (memscope_view_state_get_selection (self->state));
  self->progress_state = progress_new ();
  self->started = g_get_monotonic_time ();
  self->progress_source = g_timeout_add (PROGRESS_INTERVAL_MS, memscope_diagnostics_view_show_progress, self);
  if (self->result == NULL)
    {
      gtk_widget_set_visible (self->again_button, FALSE);
      adw_status_page_set_title (self->wait_page, _("Looking for What Is Wrong…"));
      gtk_stack_set_visible_child_name (self->stack, "wait");
    }

  request = g_new0 (Request, 1);
  request->suppressions = memscope_mutes_dup_suppressions (self->mutes);
  request->progress = self->progress_state;
  g_atomic_ref_count_inc (&request->progress->references);
  memscope_query_run (&self->query, self, memscope_view_state_get_session (self->state), self->asked, diagnostics_query,
                      request, request_free, (GDestroyNotify) memscope_diagnostics_free, memscope_diagnostics_view_done);
}

static void
memscope_diagnostics_view_stop (MemscopeDiagnosticsView *self)
{
  memscope_diagnostics_view_cancel (self);
  self->again = FALSE;
  self->stopped = TRUE;
  gtk_widget_set_visible (self->again_button, TRUE);
  adw_status_page_set_title (self->wait_page, _("Not Diagnosed"));
}

static void
memscope_diagnostics_view_update (MemscopeDiagnosticsView *self)
{
  MemscopeSelection *selection = memscope_view_state_get_selection (self->state);
  gint64 now = g_get_monotonic_time ();

  if (self->query == NULL)
    {
      if (self->answered == NULL || !memscope_selection_equal (self->answered, selection))
        memscope_diagnostics_view_run (self);
      return;
    }

  /* A recording that goes on asks all the time: let one question be answered now and then. */
  if (self->starving_since == 0)
    self->starving_since = now;
  if (now - self->starving_since > STARVING_USEC)
    self->again = TRUE;
  else
    memscope_diagnostics_view_run (self);
}

static gboolean
memscope_diagnostics_view_first (gpointer user_data)
{
  MemscopeDiagnosticsView *self = user_data;

  if (memscope_query_count () > 0)
    return G_SOURCE_CONTINUE;

  self->first_source = 0;
  memscope_diagnostics_view_run (self);

  return G_SOURCE_REMOVE;
}

static void
memscope_diagnostics_view_selection_changed (MemscopeDiagnosticsView *self)
{
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    memscope_diagnostics_view_update (self);
}

/* ---- what is shown ----------------------------------------------------------------------- */

void
memscope_diagnostics_view_select (MemscopeDiagnosticsView *self,
                                  const MemscopeFinding   *finding)
{
  MemscopeSession *session = self->state != NULL ? memscope_view_state_get_session (self->state) : NULL;
  gboolean can_unmute = finding != NULL && finding->suppressed_by != NULL && memscope_mutes_has (self->mutes, finding->suppressed_by);

  self->selected = finding;
  memscope_finding_detail_set_finding (self->detail, session, finding, can_unmute);
  memscope_diagnostics_view_mark_row (self);
  if (finding == NULL)
    adw_leaflet_set_visible_child (self->leaflet, self->list_side);
  gtk_widget_set_visible (self->detail_side, finding != NULL);
}

void
memscope_diagnostics_view_refresh (MemscopeDiagnosticsView *self)
{
  g_autoptr(MemscopeSuppressions) suppressions = NULL;

  if (self->result == NULL)
    return;

  suppressions = memscope_mutes_dup_suppressions (self->mutes);
  memscope_diagnostics_mute (self->result, memscope_view_state_get_session (self->state), suppressions);
  memscope_diagnostics_view_fill (self);
  memscope_diagnostics_view_select (self, self->selected);
  g_signal_emit (self, signals[CHANGED], 0);
}

static gboolean
memscope_diagnostics_view_apply_mutes (gpointer user_data)
{
  MemscopeDiagnosticsView *self = user_data;

  self->mutes_source = 0;
  memscope_diagnostics_view_refresh (self);

  return G_SOURCE_REMOVE;
}

/* Not at once: the button that asked for it is in a row that will be made anew. */
static void
memscope_diagnostics_view_mutes_changed (MemscopeDiagnosticsView *self)
{
  if (self->mutes_source == 0)
    self->mutes_source = g_idle_add (memscope_diagnostics_view_apply_mutes, self);
}

static void
memscope_diagnostics_view_row_selected (MemscopeDiagnosticsView *self,
                                        GtkListBoxRow           *row)
{
  if (!self->selecting && row != NULL)
    memscope_diagnostics_view_select (self, memscope_finding_row_get_finding (MEMSCOPE_FINDING_ROW (row)));
}

static void
memscope_diagnostics_view_row_activated (MemscopeDiagnosticsView *self,
                                         GtkListBoxRow           *row)
{
  memscope_diagnostics_view_select (self, memscope_finding_row_get_finding (MEMSCOPE_FINDING_ROW (row)));
  adw_leaflet_set_visible_child (self->leaflet, self->detail_side);
}

static void
memscope_diagnostics_view_show_more (MemscopeDiagnosticsView *self)
{
  self->n_shown *= 2;
  memscope_diagnostics_view_fill (self);
}

static void
memscope_diagnostics_view_go_back (MemscopeDiagnosticsView *self)
{
  adw_leaflet_set_visible_child (self->leaflet, self->list_side);
  if (gtk_list_box_get_selected_row (self->list) != NULL)
    gtk_widget_grab_focus (GTK_WIDGET (gtk_list_box_get_selected_row (self->list)));
}

static gboolean
memscope_diagnostics_view_apply_fold (gpointer user_data)
{
  MemscopeDiagnosticsView *self = user_data;

  gtk_widget_set_visible (self->back, adw_leaflet_get_folded (self->leaflet));

  return G_SOURCE_REMOVE;
}

/* Told while sizes are being given out: nothing may be shown or hidden then. */
static void
memscope_diagnostics_view_folded (MemscopeDiagnosticsView *self)
{
  g_idle_add_full (G_PRIORITY_HIGH_IDLE, memscope_diagnostics_view_apply_fold, g_object_ref (self), g_object_unref);
}

static void
memscope_diagnostics_view_show_selected (MemscopeDiagnosticsView *self)
{
  memscope_diagnostics_view_show_me (self, self->selected);
}

static void
memscope_diagnostics_view_show_calls (MemscopeDiagnosticsView *self)
{
  memscope_diagnostics_view_show_tree (self, self->selected);
}

static void
memscope_diagnostics_view_mute_selected (MemscopeDiagnosticsView *self)
{
  memscope_diagnostics_view_mute (self, self->selected);
}

/* ---- the widget ------------------------------------------------------------------------------ */

static void
memscope_diagnostics_view_map (GtkWidget *widget)
{
  MemscopeDiagnosticsView *self = MEMSCOPE_DIAGNOSTICS_VIEW (widget);

  GTK_WIDGET_CLASS (memscope_diagnostics_view_parent_class)->map (widget);

  if (self->state != NULL && !self->stopped)
    memscope_diagnostics_view_update (self);
}

static void
memscope_diagnostics_view_dispose (GObject *object)
{
  MemscopeDiagnosticsView *self = MEMSCOPE_DIAGNOSTICS_VIEW (object);

  g_clear_handle_id (&self->first_source, g_source_remove);
  g_clear_handle_id (&self->mutes_source, g_source_remove);
  g_clear_handle_id (&self->progress_source, g_source_remove);
  g_clear_pointer (&self->progress_state, progress_unref);
  memscope_query_cancel (&self->query);
  memscope_query_cancel (&self->group_query);
  if (self->list != NULL && self->result != NULL)
    memscope_diagnostics_view_clear_rows (self);
  g_clear_pointer (&self->asked, memscope_selection_unref);
  g_clear_pointer (&self->answered, memscope_selection_unref);
  g_clear_pointer (&self->result, memscope_diagnostics_free);
  g_clear_object (&self->signals);
  g_clear_object (&self->state);
  if (self->mutes != NULL)
    g_signal_handlers_disconnect_by_data (self->mutes, self);
  g_clear_object (&self->mutes);

  G_OBJECT_CLASS (memscope_diagnostics_view_parent_class)->dispose (object);
}

static void
memscope_diagnostics_view_class_init (MemscopeDiagnosticsViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = memscope_diagnostics_view_dispose;
  widget_class->map = memscope_diagnostics_view_map;

  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  g_type_ensure (MEMSCOPE_TYPE_FINDING_DETAIL);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/memscope/MemScope/memscope-diagnostics-view.ui");
  gtk_widget_class_bind_template_child (widget_class, MemscopeDiagnosticsView, progress_revealer);
  gtk_widget_class_bind_template_child (widget_class, MemscopeDiagnosticsView, progress);
  gtk_widget_class_bind_template_child (widget_class, MemscopeDiagnosticsView, stack);
  gtk_widget_class_bind_template_child (widget_class, MemscopeDiagnosticsView, wait_page);
  gtk_widget_class_bind_template_child (widget_class, MemscopeDiagnosticsView, again_button);
  gtk_widget_class_bind_template_child (widget_class, MemscopeDiagnosticsView, leaflet);
  gtk_widget_class_bind_template_child (widget_class, MemscopeDiagnosticsView, list_side);
  gtk_widget_class_bind_template_child (widget_class, MemscopeDiagnosticsView, detail_side);
  gtk_widget_class_bind_template_child (widget_class, MemscopeDiagnosticsView, categories);
  gtk_widget_class_bind_template_child (widget_class, MemscopeDiagnosticsView, category_scroller);
  gtk_widget_class_bind_template_child (widget_class, MemscopeDiagnosticsView, complaint);
  gtk_widget_class_bind_template_child (widget_class, MemscopeDiagnosticsView, sampled);
  gtk_widget_class_bind_template_child (widget_class, MemscopeDiagnosticsView, list);
  gtk_widget_class_bind_template_child (widget_class, MemscopeDiagnosticsView, more_button);
  gtk_widget_class_bind_template_child (widget_class, MemscopeDiagnosticsView, nothing);
  gtk_widget_class_bind_template_child (widget_class, MemscopeDiagnosticsView, nothing_title);
  gtk_widget_class_bind_template_child (widget_class, MemscopeDiagnosticsView, nothing_words);
  gtk_widget_class_bind_template_child (widget_class, MemscopeDiagnosticsView, muted_expander);
  gtk_widget_class_bind_template_child (widget_class, MemscopeDiagnosticsView, muted_list);
  gtk_widget_class_bind_template_child (widget_class, MemscopeDiagnosticsView, unchecked_expander);
  gtk_widget_class_bind_template_child (widget_class, MemscopeDiagnosticsView, unchecked);
  gtk_widget_class_bind_template_child (widget_class, MemscopeDiagnosticsView, checked_expander);
  gtk_widget_class_bind_template_child (widget_class, MemscopeDiagnosticsView, checked);
  gtk_widget_class_bind_template_child (widget_class, MemscopeDiagnosticsView, back);
  gtk_widget_class_bind_template_child (widget_class, MemscopeDiagnosticsView, detail);
  gtk_widget_class_bind_template_callback (widget_class, memscope_diagnostics_view_stop);
  gtk_widget_class_bind_template_callback (widget_class, memscope_diagnostics_view_run);
  gtk_widget_class_bind_template_callback (widget_class, memscope_diagnostics_view_folded);
  gtk_widget_class_bind_template_callback (widget_class, memscope_diagnostics_view_row_selected);
  gtk_widget_class_bind_template_callback (widget_class, memscope_diagnostics_view_row_activated);
  gtk_widget_class_bind_template_callback (widget_class, memscope_diagnostics_view_show_more);
  gtk_widget_class_bind_template_callback (widget_class, memscope_diagnostics_view_go_back);
  gtk_widget_class_bind_template_callback (widget_class, memscope_diagnostics_view_show_selected);
  gtk_widget_class_bind_template_callback (widget_class, memscope_diagnostics_view_show_calls);
  gtk_widget_class_bind_template_callback (widget_class, memscope_diagnostics_view_mute_selected);
}

static void
memscope_diagnostics_view_init (MemscopeDiagnosticsView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));

  self->mutes = g_object_ref (memscope_mutes_get_default ());
  g_signal_connect_object (self->mutes, "changed", G_CALLBACK (memscope_diagnostics_view_mutes_changed), self, G_CONNECT_SWAPPED);
  self->signals = g_signal_group_new (MEMSCOPE_TYPE_VIEW_STATE);
  g_signal_group_connect_swapped (self->signals, "notify::selection",
                                  G_CALLBACK (memscope_diagnostics_view_selection_changed), self);
  memscope_diagnostics_view_init_list (self);
}

void
memscope_diagnostics_view_set_state (MemscopeDiagnosticsView *self,
                                     MemscopeViewState       *state)
{
  g_return_if_fail (MEMSCOPE_IS_DIAGNOSTICS_VIEW (self));
  g_return_if_fail (MEMSCOPE_IS_VIEW_STATE (state));

  memscope_diagnostics_view_cancel (self);
  memscope_query_cancel (&self->group_query);
  if (self->result != NULL)
    memscope_diagnostics_view_clear_rows (self);
  memscope_diagnostics_view_select (self, NULL);
  g_clear_pointer (&self->result, memscope_diagnostics_free);
  g_clear_pointer (&self->answered, memscope_selection_unref);
  self->again = FALSE;
  self->stopped = FALSE;
  self->starving_since = 0;
  self->category = -1;
  g_set_object (&self->state, state);
  g_signal_group_set_target (self->signals, state);
  g_signal_emit (self, signals[CHANGED], 0);

  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    memscope_diagnostics_view_run (self);
  else if (self->first_source == 0)
    self->first_source = g_timeout_add (FIRST_INTERVAL_MS, memscope_diagnostics_view_first, self);
}

guint
memscope_diagnostics_view_get_n_findings (MemscopeDiagnosticsView *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_DIAGNOSTICS_VIEW (self), 0);

  return self->result != NULL ? memscope_diagnostics_get_n_unmuted (self->result, MEMSCOPE_N_SEVERITIES) : 0;
}

void
memscope_diagnostics_view_select_leak (MemscopeDiagnosticsView *self)
{
  const MemscopeFinding *leak;

  g_return_if_fail (MEMSCOPE_IS_DIAGNOSTICS_VIEW (self));

  self->select_leak = self->result == NULL || self->query != NULL;
  if (self->result == NULL)
    return;

  leak = find_first (self->result, TRUE);
  if (leak != NULL)
    {
      self->category = -1;
      memscope_diagnostics_view_fill (self);
      memscope_diagnostics_view_select (self, leak);
      adw_leaflet_set_visible_child (self->leaflet, self->detail_side);
    }
}

const MemscopeDiagnostics *
memscope_diagnostics_view_get_result (MemscopeDiagnosticsView *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_DIAGNOSTICS_VIEW (self), NULL);

  return self->result;
}

const MemscopeFinding *
memscope_diagnostics_view_get_selected (MemscopeDiagnosticsView *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_DIAGNOSTICS_VIEW (self), NULL);

  return self->selected;
}
