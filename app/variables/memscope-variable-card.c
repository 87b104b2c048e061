/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-card-face.h"
#include "memscope-line-face.h"
#include "memscope-palette.h"
#include "memscope-text.h"
#include "memscope-variable-card.h"

struct _MemscopeVariableCard
{
  GtkButton          parent_instance;

  GtkWidget         *face;
  MemscopeViewState *state;
  GSignalGroup      *signals;
  MemscopeGroup      group;
  guint              position;
};

G_DEFINE_FINAL_TYPE (MemscopeVariableCard, memscope_variable_card, GTK_TYPE_BUTTON)

char *
memscope_variable_card_describe (MemscopeSession     *session,
                                 const MemscopeGroup *group)
{
  MemscopeVariable variable = { .source = MEMSCOPE_NAME_SITE };
  g_autofree char *raw_name = NULL;
  g_autofree char *name = NULL;
  g_autofree char *type = NULL;
  g_autofree char *raw_thread = memscope_session_dup_thread_label (session, group->thread);
  g_autofree char *thread = memscope_text_clip (raw_thread, MEMSCOPE_TEXT_LABEL_CHARS);
  MemscopeEstimate estimate = memscope_group_get_live_bytes (group);
  g_autofree char *live = memscope_text_estimated_size (&estimate);
  g_autofree char *peak = memscope_text_size (group->peak_bytes);
  g_autofree char *count = memscope_text_n_allocations (group->rows);

  memscope_session_get_variable (session, group->variable, &variable);
  raw_name = variable.name ? memscope_session_dup_display_string (session, variable.name) : g_strdup (_("(no name)"));
  name = memscope_text_clip (raw_name, MEMSCOPE_TEXT_TOOLTIP_CHARS);
  type = memscope_text_string (session, variable.type, _("type not recorded"));

  /* Translators: name, source of the name, type, stage, live size, peak, "12 allocations", thread */
  return g_strdup_printf (_("%s, %s, %s, %s, %s live, peak %s, %s, %s"),
                          name, memscope_text_name_source (variable.source), type,
                          memscope_stage_get_word (group->stage), live, peak, count, thread);
}

static void
memscope_variable_card_group_changed (MemscopeVariableCard *self)
{
  const MemscopeGroup *inspected = memscope_view_state_get_group (self->state);

  if (inspected != NULL && memscope_group_same_key (inspected, &self->group))
    gtk_widget_add_css_class (GTK_WIDGET (self), "inspected");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "inspected");
}

static void
memscope_variable_card_clicked (GtkButton *button)
{
  MemscopeVariableCard *self = MEMSCOPE_VARIABLE_CARD (button);

  if (self->state != NULL)
    memscope_view_state_set_group (self->state, &self->group);
}

static gboolean
memscope_variable_card_query_tooltip (GtkWidget  *widget,
                                      int         x,
                                      int         y,
                                      gboolean    keyboard,
                                      GtkTooltip *tooltip)
{
  MemscopeVariableCard *self = MEMSCOPE_VARIABLE_CARD (widget);
  g_autofree char *text = NULL;

  if (self->state == NULL)
    return FALSE;

  text = memscope_variable_card_describe (memscope_view_state_get_session (self->state), &self->group);
  gtk_tooltip_set_text (tooltip, text);

  return TRUE;
}

static void
memscope_variable_card_dispose (GObject *object)
{
  MemscopeVariableCard *self = MEMSCOPE_VARIABLE_CARD (object);

  g_clear_object (&self->signals);
  g_clear_object (&self->state);

  G_OBJECT_CLASS (memscope_variable_card_parent_class)->dispose (object);
}

static void
memscope_variable_card_class_init (MemscopeVariableCardClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = memscope_variable_card_dispose;
  GTK_WIDGET_CLASS (klass)->query_tooltip = memscope_variable_card_query_tooltip;
  GTK_BUTTON_CLASS (klass)->clicked = memscope_variable_card_clicked;
}

static void
memscope_variable_card_init (MemscopeVariableCard *self)
{
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);

  self->signals = g_signal_group_new (MEMSCOPE_TYPE_VIEW_STATE);
  g_signal_group_connect_swapped (self->signals, "notify::group",
                                  G_CALLBACK (memscope_variable_card_group_changed), self);
}

GtkWidget *
memscope_variable_card_new (void)
{
  MemscopeVariableCard *self = g_object_new (MEMSCOPE_TYPE_VARIABLE_CARD, NULL);

  self->face = memscope_card_face_new ();
  gtk_button_set_child (GTK_BUTTON (self), self->face);
  gtk_widget_set_css_classes (GTK_WIDGET (self), (const char *[]) { "card", "activatable", "variable-card", NULL });

  return GTK_WIDGET (self);
}

GtkWidget *
memscope_variable_card_new_line (void)
{
  MemscopeVariableCard *self = g_object_new (MEMSCOPE_TYPE_VARIABLE_CARD, NULL);

  self->face = memscope_line_face_new ();
  gtk_button_set_child (GTK_BUTTON (self), self->face);
  gtk_widget_set_css_classes (GTK_WIDGET (self), (const char *[]) { "flat", "variable-line", NULL });

  return GTK_WIDGET (self);
}

void
memscope_variable_card_set (MemscopeVariableCard *self,
                            MemscopeViewState    *state,
                            const MemscopeGroup  *group,
                            guint                 position)
{
  MemscopeSession *session;
  g_autofree char *spoken = NULL;

  g_return_if_fail (MEMSCOPE_IS_VARIABLE_CARD (self));

  session = memscope_view_state_get_session (state);
  self->group = *group;
  self->position = position;
  if (g_set_object (&self->state, state))
    g_signal_group_set_target (self->signals, state);
  memscope_variable_card_group_changed (self);
  if (MEMSCOPE_IS_LINE_FACE (self->face))
    memscope_line_face_set_group (MEMSCOPE_LINE_FACE (self->face), session, group);
  else
    memscope_card_face_set_group (MEMSCOPE_CARD_FACE (self->face), session, group);

  spoken = memscope_variable_card_describe (session, group);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, spoken,
                                  -1);
}

guint
memscope_variable_card_get_position (MemscopeVariableCard *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_VARIABLE_CARD (self), 0);

  return self->position;
}

const MemscopeGroup *
memscope_variable_card_get_group (MemscopeVariableCard *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_VARIABLE_CARD (self), NULL);

  return &self->group;
}
