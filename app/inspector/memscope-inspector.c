/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-inspector-parts.h"
#include "memscope-inspector.h"
#include "memscope-palette.h"
#include "memscope-query.h"
#include "memscope-text.h"

struct _MemscopeInspector
{
  AdwBin               parent_instance;

  MemscopeViewState   *state;
  GSignalGroup        *signals;
  GCancellable        *query;
  GCancellable        *chain_query;
  MemscopeInspection  *inspection;
  MemscopeChain       *chain;
  guint64              index;       /* of the block */
  guint64              shown_row;   /* what was last shown; MEMSCOPE_UNKNOWN: nothing */

  GtkLabel            *name_label;
  GtkLabel            *source_tag;
  GtkLabel            *type_label;
  GtkWidget           *stage_box;
  GtkImage            *stage_icon;
  GtkLabel            *stage_label;
  GtkLabel            *summary_label;
  GtkButton           *close_button;
  GtkStack            *tabs;
  GtkWidget           *block_box;
  GtkWidget           *previous_button;
  GtkWidget           *next_button;
  GtkLabel            *address_label;
  GtkLabel            *position_label;
  GtkBox              *overview_page;
  GtkBox              *lifecycle_page;
  GtkBox              *passport_page;
  GtkBox              *advice_page;
};

enum {
  TAB_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (MemscopeInspector, memscope_inspector, ADW_TYPE_BIN)

/* ---- the block ------------------------------------------------------------- */

static gpointer
chain_query (MemscopeSession   *session,
             MemscopeSelection *selection,
             gpointer           data,
             GCancellable      *cancellable)
{
  return memscope_chain_new (session, *(guint64 *) data, cancellable);
}

static void
memscope_inspector_fill_tab (MemscopeInspector *self)
{
  const char *tab = gtk_stack_get_visible_child_name (self->tabs);

  if (self->inspection == NULL)
    return;

  /* Only the page that is seen: filling all four would quadruple each step. */
  gtk_widget_set_visible (self->block_box, g_strcmp0 (tab, "optimization") != 0 && self->inspection->n_rows > 0);
  if (g_strcmp0 (tab, "overview") == 0)
    memscope_inspector_fill_overview (self->overview_page, self->inspection, self->index);
  else if (g_strcmp0 (tab, "lifecycle") == 0 && self->chain != NULL)
    memscope_inspector_fill_lifecycle (self->lifecycle_page, self->inspection, self->index, self->chain);
  else if (g_strcmp0 (tab, "passport") == 0)
    memscope_inspector_fill_passport (self->passport_page, self->inspection, self->index);
  else if (g_strcmp0 (tab, "optimization") == 0)
    memscope_inspector_fill_advice (self->advice_page, self->inspection);
}

static void
memscope_inspector_tab_changed (MemscopeInspector *self)
{
  memscope_inspector_fill_tab (self);
  g_signal_emit (self, signals[TAB_CHANGED], 0);
}

static void
memscope_inspector_chain_done (gpointer owner,
                               gpointer result)
{
  MemscopeInspector *self = owner;

  g_clear_pointer (&self->chain, memscope_chain_free);
  self->chain = result;
  if (g_strcmp0 (gtk_stack_get_visible_child_name (self->tabs), "lifecycle") == 0)
    memscope_inspector_fill_tab (self);
}

static void
memscope_inspector_show_block (MemscopeInspector *self)
{
  MemscopeInspection *inspection = self->inspection;
  MemscopeBlock block;
  g_autofree char *address = NULL;
  g_autofree char *number = NULL;
  g_autofree char *total = NULL;
  g_autofree char *position = NULL;

  if (inspection->n_rows == 0)
    {
      memscope_inspector_fill_tab (self);
      return;
    }

  self->shown_row = inspection->rows[self->index];
  memscope_view_state_set_row (self->state, self->shown_row);

  memscope_session_get_block (inspection->session, inspection->rows[self->index], &block);
  address = block.address != MEMSCOPE_UNKNOWN ? g_strdup_printf ("0x%" G_GINT64_MODIFIER "x", block.address)
                                              : g_strdup (_("address not recorded"));
  number = memscope_text_count (self->index + 1);
  total = memscope_text_count (inspection->n_total);
  if (!inspection->extra || self->index + 1 < inspection->n_rows)
    position = g_strdup_printf (_("block %s of %s · by birth"), number, total);
  else if (inspection->n_total < inspection->n_rows)
    position = g_strdup (_("outside the selection"));
  else
    position = g_strdup_printf (ngettext ("one of %s block", "one of %s blocks", inspection->n_total), total);
  gtk_label_set_text (self->address_label, address);
  gtk_label_set_text (self->position_label, position);
  gtk_widget_set_sensitive (self->previous_button, self->index > 0);
  gtk_widget_set_sensitive (self->next_button, self->index + 1 < inspection->n_rows);

  g_clear_pointer (&self->chain, memscope_chain_free);
  memscope_query_run (&self->chain_query, self, inspection->session, inspection->selection, chain_query,
                      g_memdup2 (&inspection->rows[self->index], sizeof (guint64)), g_free,
                      (GDestroyNotify) memscope_chain_free, memscope_inspector_chain_done);
  memscope_inspector_fill_tab (self);
}

static void
memscope_inspector_previous_block (MemscopeInspector *self)
{
  if (self->inspection == NULL || self->index == 0)
    return;

  self->index--;
  memscope_inspector_show_block (self);
}

static void
memscope_inspector_next_block (MemscopeInspector *self)
{
  if (self->inspection == NULL || self->index + 1 >= self->inspection->n_rows)
    return;

  self->index++;
  memscope_inspector_show_block (self);
}

static void memscope_inspector_inspect (MemscopeInspector *self);

/* ---- the variable --------------------------------------------------------------- */

typedef struct
{
  MemscopeGroup group;
  guint64       row;     /* to be there in any case; MEMSCOPE_UNKNOWN: none in particular */
} InspectionRequest;

static gpointer
inspection_query (MemscopeSession   *session,
                  MemscopeSelection *selection,
                  gpointer           data,
                  GCancellable      *cancellable)
{
  InspectionRequest *request = data;
  MemscopeInspection *inspection = memscope_inspection_new (session, selection, &request->group, cancellable);

  if (inspection != NULL && request->row != MEMSCOPE_UNKNOWN)
    memscope_inspection_add (inspection, request->row);

  return inspection;
}

/* Where the block is that everybody looks at; the first one where there is none. */
static guint64
memscope_inspector_find_block (MemscopeInspector *self)
{
  guint64 row = memscope_view_state_get_row (self->state);
  guint64 index = row != MEMSCOPE_UNKNOWN ? memscope_inspection_find (self->inspection, row) : 0;

  return index != G_MAXUINT64 ? index : 0;
}

static void
memscope_inspector_inspection_done (gpointer owner,
                                    gpointer result)
{
  MemscopeInspector *self = owner;

  if (result == NULL)
    return;

  g_clear_pointer (&self->inspection, memscope_inspection_unref);
  self->inspection = result;
  self->index = memscope_inspector_find_block (self);
  memscope_inspector_show_block (self);
}

/* Another block of the same variable was chosen elsewhere. */
static void
memscope_inspector_row_changed (MemscopeInspector *self)
{
  const MemscopeGroup *group = memscope_view_state_get_group (self->state);
  guint64 row = memscope_view_state_get_row (self->state);
  guint64 index;

  if (row == self->shown_row || row == MEMSCOPE_UNKNOWN || self->query != NULL || self->inspection == NULL ||
      group == NULL || !memscope_group_same_key (group, &self->inspection->group))
    return;

  index = memscope_inspection_find (self->inspection, row);
  if (index == G_MAXUINT64)
    {
      memscope_inspector_inspect (self);
      return;
    }

  self->index = index;
  memscope_inspector_show_block (self);
}

static char *
dup_title (MemscopeSession     *session,
           const MemscopeGroup *group)
{
  g_autofree char *label = NULL;

  if (group->variable != 0 || group->call_site == 0)
    return memscope_text_variable (session, group->variable);

  label = memscope_session_dup_frame_label (session, group->call_site);

  return memscope_text_clip (label, MEMSCOPE_TEXT_LABEL_CHARS);
}

static void
memscope_inspector_show_summary (MemscopeInspector   *self,
                                 MemscopeSession     *session,
                                 const MemscopeGroup *group)
{
  MemscopeEstimate estimate = memscope_group_get_live_bytes (group);
  g_autofree char *live = memscope_text_estimated_size (&estimate);
  g_autofree char *count = memscope_text_count (group->rows);
  g_autofree char *thread = NULL;
  g_autofree char *thread_text = NULL;
  g_autofree char *summary = NULL;

  thread = group->thread != 0 ? memscope_session_dup_thread_label (session, group->thread) : g_strdup (_("all threads"));
  thread_text = memscope_text_isolate (thread);
  summary = g_strdup_printf (ngettext ("%s · %s live · %s allocation", "%s · %s live · %s allocations", group->rows),
                             thread_text, live, count);
  gtk_label_set_text (self->summary_label, summary);
}

static void
memscope_inspector_show_group (MemscopeInspector   *self,
                               const MemscopeGroup *group)
{
  static const char *stage_styles[] = { "stage-allocated", "stage-active", "stage-shared", "stage-freed" };
  MemscopeSession *session = memscope_view_state_get_session (self->state);
  MemscopeVariable variable = { .source = MEMSCOPE_NAME_SITE };
  g_autofree char *title = dup_title (session, group);
  g_autofree char *type = NULL;
  const char *source;

  memscope_session_get_variable (session, group->variable, &variable);
  type = memscope_text_string (session, variable.type, _("type not recorded"));
  source = memscope_text_name_source (variable.source);

  gtk_label_set_text (self->name_label, title);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->name_label), title);
  gtk_label_set_text (self->source_tag, source);
  gtk_widget_set_css_classes (GTK_WIDGET (self->source_tag), (const char *[]) { "tag", source, NULL });
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->source_tag), memscope_text_name_source_meaning (variable.source));
  gtk_label_set_text (self->type_label, type);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->type_label), type);

  gtk_image_set_from_icon_name (self->stage_icon, memscope_stage_get_icon_name (group->stage));
  gtk_label_set_text (self->stage_label, memscope_stage_get_word (group->stage));
  gtk_widget_set_css_classes (self->stage_box, (const char *[]) { "stage", stage_styles[group->stage], NULL });
  gtk_widget_set_tooltip_text (self->stage_box, memscope_stage_get_meaning (group->stage));
  memscope_inspector_show_summary (self, session, group);
}

/* A block that somebody chose is shown whatever the selection; one that is merely
 * still there makes room for the first when the selection has left it.
 */
static gboolean
memscope_inspector_must_show (MemscopeInspector *self,
                              guint64            row)
{
  if (row == MEMSCOPE_UNKNOWN || row != self->shown_row)
    return row != MEMSCOPE_UNKNOWN;

  return self->inspection != NULL && self->inspection->extra && self->inspection->n_total >= self->inspection->n_rows;
}

static void
memscope_inspector_inspect (MemscopeInspector *self)
{
  guint64 row = memscope_view_state_get_row (self->state);
  InspectionRequest request = { *memscope_view_state_get_group (self->state),
                                memscope_inspector_must_show (self, row) ? row : MEMSCOPE_UNKNOWN };

  memscope_query_run (&self->query, self,
                      memscope_view_state_get_session (self->state),
                      memscope_view_state_get_selection (self->state),
                      inspection_query, g_memdup2 (&request, sizeof request), g_free,
                      (GDestroyNotify) memscope_inspection_unref, memscope_inspector_inspection_done);
}

static void
memscope_inspector_group_changed (MemscopeInspector *self)
{
  const MemscopeGroup *group = memscope_view_state_get_group (self->state);

  if (group == NULL)
    {
      memscope_query_cancel (&self->query);
      self->shown_row = MEMSCOPE_UNKNOWN;
      return;
    }

  memscope_inspector_show_group (self, group);
  memscope_inspector_inspect (self);
}

static void
memscope_inspector_close (MemscopeInspector *self)
{
  if (self->state != NULL)
    memscope_view_state_set_group (self->state, NULL);
}

static gboolean
memscope_inspector_key_pressed (GtkEventControllerKey *controller,
                                guint                  keyval,
                                guint                  keycode,
                                GdkModifierType        modifiers,
                                MemscopeInspector     *self)
{
  if (keyval != GDK_KEY_Escape)
    return GDK_EVENT_PROPAGATE;

  memscope_inspector_close (self);

  return GDK_EVENT_STOP;
}

static void
memscope_inspector_dispose (GObject *object)
{
  MemscopeInspector *self = MEMSCOPE_INSPECTOR (object);

  memscope_query_cancel (&self->query);
  memscope_query_cancel (&self->chain_query);
  g_clear_object (&self->signals);
  g_clear_object (&self->state);
  g_clear_pointer (&self->inspection, memscope_inspection_unref);
  g_clear_pointer (&self->chain, memscope_chain_free);

  G_OBJECT_CLASS (memscope_inspector_parent_class)->dispose (object);
}

static void
memscope_inspector_class_init (MemscopeInspectorClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = memscope_inspector_dispose;

  signals[TAB_CHANGED] =
    g_signal_new ("tab-changed",
                  MEMSCOPE_TYPE_INSPECTOR,
                  G_SIGNAL_RUN_LAST,
                  0, NULL, NULL, NULL,
                  G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (widget_class, "/org/memscope/MemScope/memscope-inspector.ui");
  gtk_widget_class_bind_template_child (widget_class, MemscopeInspector, name_label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeInspector, source_tag);
  gtk_widget_class_bind_template_child (widget_class, MemscopeInspector, type_label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeInspector, stage_box);
  gtk_widget_class_bind_template_child (widget_class, MemscopeInspector, stage_icon);
  gtk_widget_class_bind_template_child (widget_class, MemscopeInspector, stage_label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeInspector, summary_label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeInspector, close_button);
  gtk_widget_class_bind_template_child (widget_class, MemscopeInspector, tabs);
  gtk_widget_class_bind_template_child (widget_class, MemscopeInspector, block_box);
  gtk_widget_class_bind_template_child (widget_class, MemscopeInspector, previous_button);
  gtk_widget_class_bind_template_child (widget_class, MemscopeInspector, next_button);
  gtk_widget_class_bind_template_child (widget_class, MemscopeInspector, address_label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeInspector, position_label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeInspector, overview_page);
  gtk_widget_class_bind_template_child (widget_class, MemscopeInspector, lifecycle_page);
  gtk_widget_class_bind_template_child (widget_class, MemscopeInspector, passport_page);
  gtk_widget_class_bind_template_child (widget_class, MemscopeInspector, advice_page);
  gtk_widget_class_bind_template_callback (widget_class, memscope_inspector_close);
  gtk_widget_class_bind_template_callback (widget_class, memscope_inspector_previous_block);
  gtk_widget_class_bind_template_callback (widget_class, memscope_inspector_next_block);
  gtk_widget_class_bind_template_callback (widget_class, memscope_inspector_tab_changed);
}

static void
memscope_inspector_init (MemscopeInspector *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  self->shown_row = MEMSCOPE_UNKNOWN;

  g_signal_connect (keys, "key-pressed", G_CALLBACK (memscope_inspector_key_pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  self->signals = g_signal_group_new (MEMSCOPE_TYPE_VIEW_STATE);
  g_signal_group_connect_swapped (self->signals, "notify::group",
                                  G_CALLBACK (memscope_inspector_group_changed), self);
  g_signal_group_connect_swapped (self->signals, "notify::selection",
                                  G_CALLBACK (memscope_inspector_group_changed), self);
  g_signal_group_connect_swapped (self->signals, "notify::row",
                                  G_CALLBACK (memscope_inspector_row_changed), self);
}

void
memscope_inspector_set_state (MemscopeInspector *self,
                              MemscopeViewState *state)
{
  g_return_if_fail (MEMSCOPE_IS_INSPECTOR (self));
  g_return_if_fail (MEMSCOPE_IS_VIEW_STATE (state));

  memscope_query_cancel (&self->query);
  memscope_query_cancel (&self->chain_query);
  g_clear_pointer (&self->inspection, memscope_inspection_unref);
  self->shown_row = MEMSCOPE_UNKNOWN;
  g_set_object (&self->state, state);
  g_signal_group_set_target (self->signals, state);
  memscope_inspector_group_changed (self);
}

void
memscope_inspector_show_tab (MemscopeInspector *self,
                             const char        *name)
{
  g_return_if_fail (MEMSCOPE_IS_INSPECTOR (self));

  gtk_stack_set_visible_child_name (self->tabs, name);
}

gboolean
memscope_inspector_wants_room (MemscopeInspector *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_INSPECTOR (self), FALSE);

  return g_strcmp0 (gtk_stack_get_visible_child_name (self->tabs), "passport") == 0;
}

void
memscope_inspector_set_narrow (MemscopeInspector *self,
                               gboolean           narrow)
{
  g_return_if_fail (MEMSCOPE_IS_INSPECTOR (self));

  gtk_button_set_icon_name (self->close_button, narrow ? "go-previous-symbolic" : "window-close-symbolic");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->close_button), narrow ? _("Back") : _("Close"));
  gtk_widget_set_size_request (GTK_WIDGET (self), narrow ? 360 : -1, -1);
}
