/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-focus-chain.h"
#include "memscope-query.h"
#include "memscope-session.h"
#include "memscope-text.h"
#include "memscope-window-private.h"

/* Below these widths the inspector lies over the content, resp. one column is left. */
#define FOLD_WIDTH   1000
/* From here on half the window is enough for what wants room in the inspector. */
#define HALF_WIDTH   1600
#define CARD_COLUMN  320
#define NARROW_WIDTH 720

#define PREPARE_DELAY 3000   /* ms */

G_DEFINE_FINAL_TYPE (MemscopeWindow, memscope_window, ADW_TYPE_APPLICATION_WINDOW)

void
memscope_window_show_page (MemscopeWindow *self,
                           const char     *name)
{
  gboolean session = g_str_equal (name, "session");

  gtk_stack_set_visible_child_name (self->stack, name);
  adw_view_switcher_title_set_view_switcher_enabled (self->switcher_title, session);
  gtk_widget_set_visible (self->back_button, !g_str_equal (name, "start"));
  gtk_widget_set_visible (self->export_button, session && !self->narrow);
  gtk_widget_set_visible (self->search_button, session);
  gtk_widget_set_visible (self->way_box, session && !self->narrow);
  memscope_window_update_actions (self);
}

static void
memscope_window_set_titles (MemscopeWindow *self,
                            const char     *title,
                            const char     *subtitle)
{
  gtk_window_set_title (GTK_WINDOW (self), title);
  gtk_label_set_text (self->title_label, title);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->title_label), title);
  gtk_label_set_text (self->subtitle_label, subtitle);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->subtitle_label), *subtitle != '\0' ? subtitle : NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->subtitle_label), *subtitle != '\0');
  adw_view_switcher_title_set_title (self->switcher_title, title);
  adw_view_switcher_title_set_subtitle (self->switcher_title, subtitle);
}

static gboolean
memscope_window_place_title (gpointer user_data)
{
  MemscopeWindow *self = user_data;
  gboolean session = self->state != NULL;
  gboolean in_middle = adw_view_switcher_title_get_title_visible (self->switcher_title);

  self->title_source = 0;
  gtk_widget_set_visible (self->title_box, session && !in_middle);
  adw_view_switcher_bar_set_reveal (self->switcher_bar, session && in_middle);

  return G_SOURCE_REMOVE;
}

/* Told while sizes are being given out: nothing may be shown or hidden then. */
static void
memscope_window_title_visible_changed (MemscopeWindow *self)
{
  if (self->title_source == 0)
    self->title_source = g_idle_add_full (G_PRIORITY_HIGH_IDLE, memscope_window_place_title, self, NULL);
}

/* "jsond", else the file's name: what the recording is called by people. */
static char *
dup_session_title (MemscopeSession *session,
                   GFile           *file)
{
  gsize length;
  const char *exe = memscope_session_get_fact (session, "exe", &length);
  g_autofree char *name = NULL;

  if (exe != NULL && length > 0)
    {
      g_autofree char *path = g_strndup (exe, length);
      g_autofree char *base = g_path_get_basename (path);

      name = g_filename_display_name (base);
    }
  else if (file != NULL)
    {
      g_autofree char *base = g_file_get_basename (file);

      name = g_filename_display_name (base != NULL ? base : "");
    }
  else
    {
      name = g_utf8_make_valid (memscope_session_get_label (session), -1);
    }

  return memscope_text_clip (name, MEMSCOPE_TEXT_LABEL_CHARS);
}

static char *
dup_session_subtitle (MemscopeSession *session,
                      gboolean         live)
{
  g_autofree char *duration = memscope_text_duration (memscope_session_get_duration (session));
  guint64 origin = memscope_session_get_time_origin (session);
  gsize length;
  const char *pid = memscope_session_get_fact (session, "pid", &length);

  if (pid != NULL && length > 0 && length < 20)
    {
      g_autofree char *number = g_utf8_make_valid (pid, length);
      g_autofree char *date = memscope_text_date (origin / 1000);

      if (live)
        return g_strdup_printf (_("pid %s · live"), number);

      return g_strdup_printf (_("pid %s · %s"), number, date);
    }

  return g_strdup_printf (_("%s · version %u · %s"),
                          memscope_session_get_format_name (session),
                          memscope_session_get_format_version (session),
                          duration);
}

static void
memscope_window_group_changed (MemscopeWindow *self)
{
  gboolean inspecting = memscope_view_state_get_group (self->state) != NULL;

  adw_flap_set_reveal_flap (self->flap, inspecting);
}

/* Somebody went back, or a view sent here. */
static void
memscope_window_state_view_changed (MemscopeWindow *self)
{
  const char *view = memscope_view_state_get_view (self->state);

  if (view != NULL && adw_view_stack_get_child_by_name (self->views, view) != NULL &&
      g_strcmp0 (view, adw_view_stack_get_visible_child_name (self->views)) != 0)
    adw_view_stack_set_visible_child_name (self->views, view);
}

/* The badge: how many findings there are. */
static void
memscope_window_findings_changed (MemscopeWindow *self)
{
  AdwViewStackPage *page = adw_view_stack_get_page (self->views, GTK_WIDGET (self->diagnostics));

  adw_view_stack_page_set_badge_number (page, memscope_diagnostics_view_get_n_findings (self->diagnostics));
}

static void
memscope_window_show_variables (MemscopeWindow *self)
{
  memscope_window_show_view (self, "variables");
}

/* Swiping or Escape closes a folded pane: then nothing is inspected any more. */
static void
memscope_window_reveal_changed (MemscopeWindow *self)
{
  if (self->state != NULL && !adw_flap_get_reveal_flap (self->flap) &&
      memscope_view_state_get_group (self->state) != NULL)
    memscope_view_state_set_group (self->state, NULL);
}

/* The overview's big chart is the strip, enlarged. */
static void
memscope_window_view_changed (MemscopeWindow *self)
{
  const char *name = adw_view_stack_get_visible_child_name (self->views);

  gtk_widget_set_visible (GTK_WIDGET (self->strip), g_strcmp0 (name, "overview") != 0);
  memscope_filter_bar_set_has_stages (self->filter_bar, g_strcmp0 (name, "map") == 0);
  memscope_filter_bar_set_controls (self->filter_bar,
                                    g_strcmp0 (name, "variables") == 0
                                    ? memscope_variables_view_get_controls (self->variables) : NULL);
  if (self->state != NULL && name != NULL)
    memscope_view_state_set_view (self->state, name);
  memscope_window_update_actions (self);
}

/* Beside the content, a tab that wants room gets half of the window, or all that a column
 * of cards leaves where half is little. By what expands: a size would be one more minimum.
 */
static void
memscope_window_fit_inspector (MemscopeWindow *self,
                               int             width)
{
  gboolean room = width >= FOLD_WIDTH && memscope_inspector_wants_room (self->inspector);

  self->below_half = width < HALF_WIDTH;
  gtk_widget_set_hexpand (GTK_WIDGET (self->inspector), room);
  gtk_widget_set_hexpand (adw_flap_get_content (self->flap), !room || !self->below_half);
  gtk_widget_set_size_request (adw_flap_get_content (self->flap), room ? CARD_COLUMN : -1, -1);
}

static void
memscope_window_inspector_tab_changed (MemscopeWindow *self)
{
  memscope_window_fit_inspector (self, gtk_widget_get_width (GTK_WIDGET (self)));
}

static void
memscope_window_set_width (MemscopeWindow *self,
                           int             width)
{
  self->narrow = width < NARROW_WIDTH;
  adw_flap_set_fold_policy (self->flap, width < FOLD_WIDTH ? ADW_FLAP_FOLD_POLICY_ALWAYS : ADW_FLAP_FOLD_POLICY_NEVER);
  adw_flap_set_locked (self->flap, width >= FOLD_WIDTH);
  adw_header_bar_set_decoration_layout (self->header, self->narrow ? ":close" : NULL);
  gtk_widget_set_visible (self->export_button, self->state != NULL && !self->narrow);
  gtk_widget_set_visible (self->way_box, self->state != NULL && !self->narrow);
  memscope_inspector_set_narrow (self->inspector, self->narrow);
  if (!self->narrow)
    gtk_widget_set_size_request (GTK_WIDGET (self->inspector), self->inspector_width, -1);
  memscope_window_fit_inspector (self, width);
  memscope_start_page_set_narrow (self->start_page, self->narrow);
  memscope_time_strip_set_narrow (self->strip, self->narrow);
  memscope_session_banner_set_narrow (self->banner, self->narrow);
  memscope_record_bar_set_narrow (self->record_bar, self->narrow);
  memscope_overview_view_set_narrow (self->overview, self->narrow);
  memscope_map_view_set_narrow (self->map, self->narrow);
  memscope_calls_view_set_narrow (self->calls, self->narrow);
  if (self->narrow)
    gtk_widget_add_css_class (GTK_WIDGET (self), "narrow");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "narrow");
}

static gboolean
memscope_window_apply_width (gpointer user_data)
{
  MemscopeWindow *self = user_data;

  self->narrow_source = 0;
  memscope_window_set_width (self, gtk_widget_get_width (GTK_WIDGET (self)));

  return G_SOURCE_REMOVE;
}

/* Before the first frame, so that nothing folds before people's eyes. */
static void
memscope_window_realize (GtkWidget *widget)
{
  int width, height;

  gtk_window_get_default_size (GTK_WINDOW (widget), &width, &height);
  if (width > 0)
    memscope_window_set_width (MEMSCOPE_WINDOW (widget), width);

  GTK_WIDGET_CLASS (memscope_window_parent_class)->realize (widget);
}

static void
memscope_window_size_allocate (GtkWidget *widget,
                               int        width,
                               int        height,
                               int        baseline)
{
  MemscopeWindow *self = MEMSCOPE_WINDOW (widget);
  gboolean fold = adw_flap_get_fold_policy (self->flap) == ADW_FLAP_FOLD_POLICY_ALWAYS;

  GTK_WIDGET_CLASS (memscope_window_parent_class)->size_allocate (widget, width, height, baseline);

  /* Not while sizes are being given out. */
  if (((width < NARROW_WIDTH) != self->narrow || (width < FOLD_WIDTH) != fold || (width < HALF_WIDTH) != self->below_half) && self->narrow_source == 0)
    self->narrow_source = g_idle_add_full (G_PRIORITY_HIGH_IDLE, memscope_window_apply_width, self, NULL);
}

static void
memscope_window_drop_session (MemscopeWindow *self)
{
  memscope_window_save_session (self);
  g_clear_pointer (&self->memory_key, g_free);
  memscope_window_drop_live (self);
  g_signal_group_set_target (self->signals, NULL);
  memscope_query_cancel (&self->remember);
  g_clear_object (&self->state);
  g_clear_object (&self->file);
  g_clear_pointer (&self->cleared, memscope_selection_unref);
}

static void
memscope_window_dispose (GObject *object)
{
  MemscopeWindow *self = MEMSCOPE_WINDOW (object);

  memscope_window_cancel_loading (self);
  memscope_window_cancel_export (self);
  memscope_window_cancel_repair (self);
  g_clear_handle_id (&self->narrow_source, g_source_remove);
  g_clear_handle_id (&self->title_source, g_source_remove);
  g_clear_handle_id (&self->prepare_source, g_source_remove);
  g_clear_object (&self->chooser);
  if (self->signals != NULL)
    memscope_window_drop_session (self);
  g_clear_object (&self->signals);
  g_clear_pointer (&self->pending_view, g_free);

  G_OBJECT_CLASS (memscope_window_parent_class)->dispose (object);
}

static gboolean
memscope_window_close_request (GtkWindow *window)
{
  memscope_window_save_geometry (MEMSCOPE_WINDOW (window));

  return GTK_WINDOW_CLASS (memscope_window_parent_class)->close_request (window);
}

static void
memscope_window_class_init (MemscopeWindowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = memscope_window_dispose;
  widget_class->realize = memscope_window_realize;
  GTK_WINDOW_CLASS (klass)->close_request = memscope_window_close_request;
  widget_class->size_allocate = memscope_window_size_allocate;

  g_type_ensure (MEMSCOPE_TYPE_START_PAGE);
  g_type_ensure (MEMSCOPE_TYPE_SESSION_BANNER);
  g_type_ensure (MEMSCOPE_TYPE_FILTER_BAR);
  g_type_ensure (MEMSCOPE_TYPE_SPARKLINE);
  g_type_ensure (MEMSCOPE_TYPE_OVERVIEW_VIEW);
  g_type_ensure (MEMSCOPE_TYPE_VARIABLES_VIEW);
  g_type_ensure (MEMSCOPE_TYPE_MAP_VIEW);
  g_type_ensure (MEMSCOPE_TYPE_CALLS_VIEW);
  g_type_ensure (MEMSCOPE_TYPE_DIAGNOSTICS_VIEW);
  g_type_ensure (MEMSCOPE_TYPE_INSPECTOR);
  g_type_ensure (MEMSCOPE_TYPE_TIME_STRIP);
  g_type_ensure (MEMSCOPE_TYPE_RECORD_BAR);

  gtk_widget_class_set_template_from_resource (widget_class, "/org/memscope/MemScope/memscope-window.ui");
  gtk_widget_class_bind_template_child (widget_class, MemscopeWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, MemscopeWindow, header);
  gtk_widget_class_bind_template_child (widget_class, MemscopeWindow, back_button);
  gtk_widget_class_bind_template_child (widget_class, MemscopeWindow, way_box);
  gtk_widget_class_bind_template_child (widget_class, MemscopeWindow, title_box);
  gtk_widget_class_bind_template_child (widget_class, MemscopeWindow, title_label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeWindow, subtitle_label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeWindow, switcher_title);
  gtk_widget_class_bind_template_child (widget_class, MemscopeWindow, switcher_bar);
  gtk_widget_class_bind_template_child (widget_class, MemscopeWindow, export_button);
  gtk_widget_class_bind_template_child (widget_class, MemscopeWindow, search_button);
  gtk_widget_class_bind_template_child (widget_class, MemscopeWindow, export_revealer);
  gtk_widget_class_bind_template_child (widget_class, MemscopeWindow, export_label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeWindow, export_progress);
  gtk_widget_class_bind_template_child (widget_class, MemscopeWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, MemscopeWindow, start_page);
  gtk_widget_class_bind_template_child (widget_class, MemscopeWindow, loading_page);
  gtk_widget_class_bind_template_child (widget_class, MemscopeWindow, loading_progress);
  gtk_widget_class_bind_template_child (widget_class, MemscopeWindow, loading_facts);
  gtk_widget_class_bind_template_child (widget_class, MemscopeWindow, loading_counts);
  gtk_widget_class_bind_template_child (widget_class, MemscopeWindow, loading_state);
  gtk_widget_class_bind_template_child (widget_class, MemscopeWindow, loading_rate);
  gtk_widget_class_bind_template_child (widget_class, MemscopeWindow, error_page);
  gtk_widget_class_bind_template_child (widget_class, MemscopeWindow, error_advice);
  gtk_widget_class_bind_template_child (widget_class, MemscopeWindow, error_details);
  gtk_widget_class_bind_template_child (widget_class, MemscopeWindow, banner);
  gtk_widget_class_bind_template_child (widget_class, MemscopeWindow, record_bar);
  gtk_widget_class_bind_template_child (widget_class, MemscopeWindow, flap);
  gtk_widget_class_bind_template_child (widget_class, MemscopeWindow, filter_bar);
  gtk_widget_class_bind_template_child (widget_class, MemscopeWindow, views);
  gtk_widget_class_bind_template_child (widget_class, MemscopeWindow, overview);
  gtk_widget_class_bind_template_child (widget_class, MemscopeWindow, variables);
  gtk_widget_class_bind_template_child (widget_class, MemscopeWindow, map);
  gtk_widget_class_bind_template_child (widget_class, MemscopeWindow, calls);
  gtk_widget_class_bind_template_child (widget_class, MemscopeWindow, diagnostics);
  gtk_widget_class_bind_template_child (widget_class, MemscopeWindow, inspector);
  gtk_widget_class_bind_template_child (widget_class, MemscopeWindow, strip);
  gtk_widget_class_bind_template_callback (widget_class, memscope_window_show_variables);
  gtk_widget_class_bind_template_callback (widget_class, memscope_window_findings_changed);

  memscope_window_class_init_actions (klass);
  memscope_window_class_init_way (klass);
  memscope_window_class_init_remember (klass);
  memscope_window_class_init_live (klass);
  memscope_window_class_init_export (klass);
  memscope_window_class_init_repair (klass);
}

static void
memscope_window_init (MemscopeWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));

  self->signals = g_signal_group_new (MEMSCOPE_TYPE_VIEW_STATE);
  g_signal_group_connect_swapped (self->signals, "notify::group",
                                  G_CALLBACK (memscope_window_group_changed), self);
  g_signal_group_connect_swapped (self->signals, "notify::view",
                                  G_CALLBACK (memscope_window_state_view_changed), self);
  memscope_window_init_way (self);
  memscope_window_init_separator (self);
  g_signal_connect_swapped (self->inspector, "tab-changed", G_CALLBACK (memscope_window_inspector_tab_changed), self);
  memscope_window_restore_geometry (self);
  g_signal_connect_swapped (self->flap, "notify::reveal-flap",
                            G_CALLBACK (memscope_window_reveal_changed), self);
  g_signal_connect_swapped (self->views, "notify::visible-child-name",
                            G_CALLBACK (memscope_window_view_changed), self);
  g_signal_connect_swapped (self->switcher_title, "notify::title-visible",
                            G_CALLBACK (memscope_window_title_visible_changed), self);

  memscope_focus_chain_keep (GTK_WINDOW (self));
  memscope_window_init_live (self);
  memscope_window_init_dnd (self);
  memscope_window_view_changed (self);
  memscope_window_show_start (self);
}

/* What the session is, as far as is known. */
void
memscope_window_show_titles (MemscopeWindow *self)
{
  MemscopeSession *session = memscope_view_state_get_session (self->state);
  g_autofree char *title = dup_session_title (session, self->file);
  g_autofree char *subtitle = dup_session_subtitle (session, self->live != NULL && !self->live_over);

  memscope_window_set_titles (self, title, subtitle);
}

MemscopeWindow *
memscope_window_new (GtkApplication *application)
{
  return g_object_new (MEMSCOPE_TYPE_WINDOW, "application", application, NULL);
}

void
memscope_window_show_start (MemscopeWindow *self)
{
  memscope_window_drop_session (self);
  memscope_window_set_titles (self, "MemScope", "");
  memscope_window_show_page (self, "start");
  memscope_window_title_visible_changed (self);
}

/* The map's question whether it can draw takes a second: asked when all else is quiet. */
static gboolean
memscope_window_prepare (gpointer user_data)
{
  MemscopeWindow *self = user_data;

  self->prepare_source = 0;
  memscope_map_view_prepare (self->map);

  return G_SOURCE_REMOVE;
}

void
memscope_window_set_session (MemscopeWindow  *self,
                             MemscopeSession *session,
                             GFile           *file)
{
  gboolean restored;

  g_return_if_fail (MEMSCOPE_IS_WINDOW (self));
  g_return_if_fail (MEMSCOPE_IS_SESSION (session));

  memscope_window_cancel_loading (self);
  memscope_window_drop_session (self);
  self->state = memscope_view_state_new (session);
  g_set_object (&self->file, file);

  memscope_window_show_titles (self);
  memscope_session_banner_set_state (self->banner, self->state, file != NULL);

  g_signal_group_set_target (self->signals, self->state);
  adw_flap_set_reveal_flap (self->flap, FALSE);
  restored = memscope_window_restore_session (self);
  memscope_filter_bar_set_state (self->filter_bar, self->state);
  memscope_overview_view_set_state (self->overview, self->state);
  memscope_variables_view_set_state (self->variables, self->state);
  memscope_map_view_set_state (self->map, self->state);
  memscope_calls_view_set_state (self->calls, self->state);
  memscope_diagnostics_view_set_state (self->diagnostics, self->state);
  memscope_inspector_set_state (self->inspector, self->state);
  memscope_time_strip_set_state (self->strip, self->state);

  memscope_window_show_page (self, "session");
  memscope_window_title_visible_changed (self);
  if (self->pending_view != NULL)
    memscope_window_show_view (self, self->pending_view);
  else if (memscope_view_state_get_view (self->state) == NULL)
    memscope_window_show_view (self, memscope_window_get_last_view ());
  g_clear_pointer (&self->pending_view, g_free);
  memscope_window_view_changed (self);
  if (restored)
    memscope_window_say_restored (self);
  if (self->prepare_source == 0)
    self->prepare_source = g_timeout_add_full (G_PRIORITY_LOW, PREPARE_DELAY, memscope_window_prepare, self, NULL);
  /* Where the way begins. */
  memscope_view_state_settle (self->state);
  if (file != NULL)
    memscope_window_remember (self);
}

gboolean
memscope_window_is_start (MemscopeWindow *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_WINDOW (self), FALSE);

  return self->state == NULL && self->loading == NULL && self->live == NULL;
}

MemscopeViewState *
memscope_window_get_state (MemscopeWindow *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_WINDOW (self), NULL);

  return self->state;
}

/* The inspector's further pages are named like views. */
static gboolean
is_inspector (const char *name)
{
  return g_str_equal (name, "inspector") || g_str_equal (name, "lifecycle") || g_str_equal (name, "passport") ||
         g_str_equal (name, "optimization");
}

gboolean
memscope_window_is_view (const char *name)
{
  return g_str_equal (name, "overview") || g_str_equal (name, "variables") || is_inspector (name) ||
         g_str_equal (name, "map") || g_str_equal (name, "calls") || g_str_equal (name, "diagnostics");
}

gboolean
memscope_window_show_view (MemscopeWindow *self,
                           const char     *name)
{
  gboolean inspector = is_inspector (name);

  g_return_val_if_fail (MEMSCOPE_IS_WINDOW (self), FALSE);

  if (!memscope_window_is_view (name))
    return FALSE;

  /* Asked for before the session is there: as soon as it is. */
  if (self->state == NULL)
    {
      g_free (self->pending_view);
      self->pending_view = g_strdup (name);
      return TRUE;
    }

  adw_view_stack_set_visible_child_name (self->views, inspector ? "variables" : name);
  if (inspector)
    {
      memscope_inspector_show_tab (self->inspector, g_str_equal (name, "inspector") ? "overview" : name);
      memscope_variables_view_inspect_first (self->variables);
    }

  return TRUE;
}

void
memscope_window_show_leaks (MemscopeWindow *self)
{
  g_return_if_fail (MEMSCOPE_IS_WINDOW (self));

  if (memscope_window_show_view (self, "diagnostics") && self->state != NULL)
    memscope_diagnostics_view_select_leak (self->diagnostics);
}

void
memscope_window_toast (MemscopeWindow *self,
                       const char     *text)
{
  AdwToast *toast;
  g_autofree char *escaped = NULL;

  g_return_if_fail (MEMSCOPE_IS_WINDOW (self));

  /* A toast's title is markup. */
  escaped = g_markup_escape_text (text, -1);
  toast = adw_toast_new (escaped);
  adw_toast_set_priority (toast, ADW_TOAST_PRIORITY_HIGH);
  adw_toast_overlay_add_toast (self->toasts, toast);
}
