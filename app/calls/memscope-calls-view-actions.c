/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-calls-view-private.h"
#include "memscope-groups.h"
#include "memscope-query.h"

static guint32
selected_or_root (MemscopeCallsView *self)
{
  guint32 node = memscope_calls_view_get_selected (self);

  return node != MEMSCOPE_CALL_NONE ? node : memscope_flame_graph_get_root (self->graph);
}

static void
memscope_calls_view_zoom_action (GtkWidget  *widget,
                                 const char *action_name,
                                 GVariant   *parameter)
{
  MemscopeCallsView *self = MEMSCOPE_CALLS_VIEW (widget);
  guint32 root = memscope_flame_graph_get_root (self->graph);

  if (self->tree == NULL)
    return;

  if (g_str_equal (action_name, "calls.zoom-in"))
    memscope_calls_view_zoom (self, selected_or_root (self));
  else if (g_str_equal (action_name, "calls.zoom-out"))
    memscope_calls_view_zoom (self, memscope_call_tree_get_node (self->tree, root)->parent);
  else
    memscope_calls_view_zoom (self, 0);
}

static void
memscope_calls_view_copy_action (GtkWidget  *widget,
                                 const char *action_name,
                                 GVariant   *parameter)
{
  MemscopeCallsView *self = MEMSCOPE_CALLS_VIEW (widget);
  guint32 node = memscope_calls_view_get_selected (self);
  g_autofree char *text = NULL;

  if (self->tree == NULL || node == MEMSCOPE_CALL_NONE)
    return;

  if (g_str_equal (action_name, "calls.copy-stack"))
    text = memscope_call_tree_dup_stack (self->tree, node);
  else
    text = memscope_call_tree_dup_name (self->tree, node);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text);
}

static void
memscope_calls_view_search_name_action (GtkWidget  *widget,
                                        const char *action_name,
                                        GVariant   *parameter)
{
  MemscopeCallsView *self = MEMSCOPE_CALLS_VIEW (widget);
  guint32 node = memscope_calls_view_get_selected (self);
  g_autofree char *name = NULL;

  if (self->tree == NULL || node == MEMSCOPE_CALL_NONE)
    return;

  name = memscope_call_tree_dup_name (self->tree, node);
  gtk_editable_set_text (self->search_entry, name);
}

/* The filter's text finds the variables whose call site is the function. */
static void
memscope_calls_view_show_variables_action (GtkWidget  *widget,
                                           const char *action_name,
                                           GVariant   *parameter)
{
  MemscopeCallsView *self = MEMSCOPE_CALLS_VIEW (widget);
  guint32 node = memscope_calls_view_get_selected (self);
  const MemscopeFlameNode *record;
  g_autofree char *name = NULL;

  if (self->tree == NULL || node == MEMSCOPE_CALL_NONE)
    return;

  record = memscope_call_tree_get_node (self->tree, node);
  name = record->kind == MEMSCOPE_FLAME_FUNCTION
         ? memscope_session_dup_display_string (memscope_view_state_get_session (self->state), record->function)
         : memscope_call_tree_dup_name (self->tree, node);
  memscope_view_state_set_text (self->state, name);
  g_signal_emit_by_name (self, "variables");
}

/* ---- the inspector: of the heaviest call site in the function ------------- */

typedef struct
{
  MemscopeCallTree *tree;
  guint32           node;
} SiteRequest;

static void
site_request_free (gpointer data)
{
  SiteRequest *request = data;

  memscope_call_tree_unref (request->tree);
  g_free (request);
}

static gpointer
site_query (MemscopeSession   *session,
            MemscopeSelection *selection,
            gpointer           data,
            GCancellable      *cancellable)
{
  SiteRequest *request = data;
  g_autoptr(MemscopeGroups) groups = memscope_groups_new (session, selection, MEMSCOPE_GROUP_BY_CALL_SITE, cancellable, NULL);

  /* groups come heaviest first */
  for (guint64 i = 0; groups != NULL && i < groups->n_groups; i++)
    if (memscope_call_tree_covers (request->tree, request->node, groups->groups[i].call_site))
      return g_memdup2 (&groups->groups[i], sizeof (MemscopeGroup));

  return NULL;
}

static void
memscope_calls_view_site_done (gpointer owner,
                               gpointer result)
{
  g_autofree MemscopeGroup *group = result;

  if (group != NULL)
    memscope_view_state_set_group (MEMSCOPE_CALLS_VIEW (owner)->state, group);
}

static void
memscope_calls_view_inspect_action (GtkWidget  *widget,
                                    const char *action_name,
                                    GVariant   *parameter)
{
  MemscopeCallsView *self = MEMSCOPE_CALLS_VIEW (widget);
  guint32 node = memscope_calls_view_get_selected (self);
  SiteRequest *request;

  if (self->tree == NULL || node == MEMSCOPE_CALL_NONE)
    return;

  request = g_new0 (SiteRequest, 1);
  request->tree = memscope_call_tree_ref (self->tree);
  request->node = node;
  memscope_query_run (&self->inspect, self, memscope_view_state_get_session (self->state),
                      memscope_view_state_get_selection (self->state), site_query, request, site_request_free,
                      g_free, memscope_calls_view_site_done);
}

static void
memscope_calls_view_hit_action (GtkWidget  *widget,
                                const char *action_name,
                                GVariant   *parameter)
{
  memscope_calls_view_step_hit (MEMSCOPE_CALLS_VIEW (widget), g_str_equal (action_name, "calls.next-hit") ? 1 : -1);
}

static void
memscope_calls_view_find_action (GtkWidget  *widget,
                                 const char *action_name,
                                 GVariant   *parameter)
{
  memscope_calls_view_focus_search (MEMSCOPE_CALLS_VIEW (widget));
}

void
memscope_calls_view_class_init_actions (MemscopeCallsViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  gtk_widget_class_install_action (widget_class, "calls.zoom-in", NULL, memscope_calls_view_zoom_action);
  gtk_widget_class_install_action (widget_class, "calls.zoom-out", NULL, memscope_calls_view_zoom_action);
  gtk_widget_class_install_action (widget_class, "calls.zoom-all", NULL, memscope_calls_view_zoom_action);
  gtk_widget_class_install_action (widget_class, "calls.copy-name", NULL, memscope_calls_view_copy_action);
  gtk_widget_class_install_action (widget_class, "calls.copy-stack", NULL, memscope_calls_view_copy_action);
  gtk_widget_class_install_action (widget_class, "calls.search-name", NULL, memscope_calls_view_search_name_action);
  gtk_widget_class_install_action (widget_class, "calls.show-variables", NULL, memscope_calls_view_show_variables_action);
  gtk_widget_class_install_action (widget_class, "calls.inspect", NULL, memscope_calls_view_inspect_action);
  gtk_widget_class_install_action (widget_class, "calls.next-hit", NULL, memscope_calls_view_hit_action);
  gtk_widget_class_install_action (widget_class, "calls.previous-hit", NULL, memscope_calls_view_hit_action);
  gtk_widget_class_install_action (widget_class, "calls.find", NULL, memscope_calls_view_find_action);
  gtk_widget_class_install_property_action (widget_class, "calls.flames", "flames");
  gtk_widget_class_install_property_action (widget_class, "calls.by-thread", "by-thread");

  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_slash, 0, "calls.find", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_c, GDK_CONTROL_MASK, "calls.copy-name", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_c, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "calls.copy-stack", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_i, GDK_CONTROL_MASK, "calls.inspect", NULL);
}

void
memscope_calls_view_update_actions (MemscopeCallsView *self)
{
  guint32 node = memscope_calls_view_get_selected (self);
  guint32 root = memscope_flame_graph_get_root (self->graph);
  gboolean some = self->tree != NULL && node != MEMSCOPE_CALL_NONE;
  gboolean site = some && memscope_call_tree_is_call_site (self->tree, node);

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "calls.zoom-in", some && node != root);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "calls.zoom-out", self->tree != NULL && root != 0);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "calls.zoom-all", self->tree != NULL && root != 0);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "calls.copy-name", some);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "calls.copy-stack", some);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "calls.search-name", some && node != 0);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "calls.show-variables", site);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "calls.inspect", site);
}
