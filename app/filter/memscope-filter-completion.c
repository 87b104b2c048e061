/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "memscope-filter-completion.h"

#include <glib/gi18n.h>
#include <string.h>

#include "memscope-completion.h"
#include "memscope-text.h"

#define SHORTEST_WORD 2   /* letters from which fields are offered to somebody who may want words */
#define SHOWN_CHARS   60
#define FAULT_CHARS   40
#define LIST_HEIGHT   260

struct _MemscopeFilterCompletion
{
  GtkPopover       parent_instance;

  GtkEditable     *entry;        /* not owned: it owns this */
  MemscopeSession *session;
  gboolean         taking;       /* the text changes because something was taken */
  gboolean         taken;        /* something was, since the entry was empty: no words are looked for */
  gboolean         has_fault;
  gsize            begin;        /* of the word that is completed, bytes */
  GPtrArray       *found;

  GtkLabel        *fault_label;
  GtkWidget       *scroller;
  GtkListBox      *list;
};

G_DEFINE_FINAL_TYPE (MemscopeFilterCompletion, memscope_filter_completion, GTK_TYPE_POPOVER)

/* ---- rows -------------------------------------------------------------------------------- */

static GtkWidget *
new_row (const MemscopeCompletion *completion)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  g_autofree char *shown = memscope_text_isolate (completion->text);
  GtkWidget *text = gtk_label_new (shown);
  GtkWidget *row = gtk_list_box_row_new ();

  gtk_label_set_ellipsize (GTK_LABEL (text), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_max_width_chars (GTK_LABEL (text), SHOWN_CHARS);
  gtk_label_set_xalign (GTK_LABEL (text), 0);
  gtk_widget_add_css_class (text, "monospace");
  gtk_box_append (GTK_BOX (box), text);
  if (completion->detail != NULL)
    {
      GtkWidget *detail = gtk_label_new (completion->detail);

      gtk_label_set_ellipsize (GTK_LABEL (detail), PANGO_ELLIPSIZE_END);
      gtk_label_set_xalign (GTK_LABEL (detail), 1);
      gtk_widget_set_hexpand (detail, TRUE);
      gtk_widget_add_css_class (detail, "dim-label");
      gtk_widget_add_css_class (detail, "caption");
      gtk_box_append (GTK_BOX (box), detail);
    }

  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_widget_set_focusable (row, FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, completion->text,
                                  completion->detail != NULL ? GTK_ACCESSIBLE_PROPERTY_DESCRIPTION : -1,
                                  completion->detail, -1);

  return row;
}

static void
memscope_filter_completion_fill (MemscopeFilterCompletion *self)
{
  GtkListBoxRow *row;

  while ((row = gtk_list_box_get_row_at_index (self->list, 0)) != NULL)
    gtk_list_box_remove (self->list, GTK_WIDGET (row));
  for (guint i = 0; i < self->found->len; i++)
    gtk_list_box_append (self->list, new_row (g_ptr_array_index (self->found, i)));
  gtk_list_box_unselect_all (self->list);
  gtk_widget_set_visible (self->scroller, self->found->len > 0);
}

static void
memscope_filter_completion_show (MemscopeFilterCompletion *self)
{
  gboolean wanted = (self->found->len > 0 || self->has_fault) && gtk_widget_get_mapped (GTK_WIDGET (self->entry));

  gtk_widget_set_visible (GTK_WIDGET (self->fault_label), self->has_fault);
  if (wanted)
    gtk_popover_popup (GTK_POPOVER (self));
  else
    gtk_popover_popdown (GTK_POPOVER (self));
}

/* ---- what may come --------------------------------------------------------------------------- */

static gsize
cursor_in_bytes (GtkEditable *entry,
                 const char  *text)
{
  return (gsize)(g_utf8_offset_to_pointer (text, gtk_editable_get_position (entry)) - text);
}

/* Somebody who looks for words is not told about fields by every letter. */
static gboolean
is_wanted (const char *text,
           gsize       begin,
           gsize       cursor)
{
  return memscope_expression_is_meant (text) || (begin == 0 && cursor >= SHORTEST_WORD && strchr (text, '/') == NULL) ||
         (begin > 0 && strchr ("(!", text[begin - 1]) != NULL);
}

static void
memscope_filter_completion_update (MemscopeFilterCompletion *self)
{
  const char *text = gtk_editable_get_text (self->entry);
  gsize cursor = cursor_in_bytes (self->entry, text);

  g_clear_pointer (&self->found, g_ptr_array_unref);
  self->found = memscope_completions_new (self->session, text, cursor, &self->begin);
  self->taken = self->taken && *text != '\0';
  if (!self->taken && !is_wanted (text, self->begin, cursor))
    g_ptr_array_set_size (self->found, 0);

  /* What is there already is no help. */
  if (self->found->len == 1)
    {
      const MemscopeCompletion *only = g_ptr_array_index (self->found, 0);

      if (cursor - self->begin == strlen (only->text) && strncmp (text + self->begin, only->text, cursor - self->begin) == 0)
        g_ptr_array_set_size (self->found, 0);
    }
  memscope_filter_completion_fill (self);
  memscope_filter_completion_show (self);
}

static void
memscope_filter_completion_changed (MemscopeFilterCompletion *self)
{
  if (self->taking || !gtk_widget_is_focus (GTK_WIDGET (gtk_editable_get_delegate (self->entry))))
    return;

  memscope_filter_completion_set_fault (self, NULL);
  memscope_filter_completion_update (self);
}

static void
memscope_filter_completion_take (MemscopeFilterCompletion *self,
                                 guint                     index)
{
  const MemscopeCompletion *completion = g_ptr_array_index (self->found, index);
  const char *text = gtk_editable_get_text (self->entry);
  gsize cursor = cursor_in_bytes (self->entry, text);
  gsize begin = MIN (self->begin, cursor);
  int first = (int)g_utf8_pointer_to_offset (text, text + begin);
  int last = gtk_editable_get_position (self->entry);
  int at = last;
  g_autofree char *put = g_strconcat (completion->text, text[cursor] == ' ' || text[cursor] == ')' ? "" : " ", NULL);

  /* Never empty in between: an empty entry ends the search at once. */
  self->taking = TRUE;
  gtk_editable_insert_text (self->entry, put, -1, &at);
  gtk_editable_delete_text (self->entry, first, last);
  gtk_editable_set_position (self->entry, at - (last - first));
  self->taking = FALSE;
  self->taken = TRUE;
  memscope_filter_completion_update (self);
}

static void
memscope_filter_completion_row_activated (MemscopeFilterCompletion *self,
                                          GtkListBoxRow            *row)
{
  memscope_filter_completion_take (self, (guint)gtk_list_box_row_get_index (row));
}

/* ---- keys ------------------------------------------------------------------------------------- */

static void
memscope_filter_completion_move (MemscopeFilterCompletion *self,
                                 int                       step)
{
  GtkListBoxRow *selected = gtk_list_box_get_selected_row (self->list);
  int index = selected != NULL ? gtk_list_box_row_get_index (selected) + step : step > 0 ? 0 : (int)self->found->len - 1;
  GtkListBoxRow *row;
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->scroller));
  graphene_rect_t bounds;

  if (index < 0 || index >= (int)self->found->len)
    {
      gtk_list_box_unselect_all (self->list);
      return;
    }

  row = gtk_list_box_get_row_at_index (self->list, index);
  gtk_list_box_select_row (self->list, row);
  if (gtk_widget_compute_bounds (GTK_WIDGET (row), GTK_WIDGET (self->list), &bounds))
    gtk_adjustment_clamp_page (adjustment, bounds.origin.y, bounds.origin.y + bounds.size.height);
}

static gboolean
memscope_filter_completion_key (MemscopeFilterCompletion *self,
                                guint                     key,
                                guint                     code,
                                GdkModifierType           modifiers)
{
  GtkListBoxRow *selected = gtk_list_box_get_selected_row (self->list);

  if (!gtk_widget_get_visible (GTK_WIDGET (self)) || modifiers & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SHIFT_MASK))
    return GDK_EVENT_PROPAGATE;

  switch (key)
    {
    case GDK_KEY_Down:
    case GDK_KEY_KP_Down:
    case GDK_KEY_Up:
    case GDK_KEY_KP_Up:
      if (self->found->len == 0)
        return GDK_EVENT_PROPAGATE;
      memscope_filter_completion_move (self, key == GDK_KEY_Down || key == GDK_KEY_KP_Down ? 1 : -1);
      return GDK_EVENT_STOP;

    case GDK_KEY_Tab:
      if (self->found->len == 0)
        return GDK_EVENT_PROPAGATE;
      memscope_filter_completion_take (self, selected != NULL ? (guint)gtk_list_box_row_get_index (selected) : 0);
      return GDK_EVENT_STOP;

    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
      if (selected == NULL)
        {
          gtk_popover_popdown (GTK_POPOVER (self));
          return GDK_EVENT_PROPAGATE;
        }
      memscope_filter_completion_take (self, (guint)gtk_list_box_row_get_index (selected));
      return GDK_EVENT_STOP;

    case GDK_KEY_Escape:
      gtk_popover_popdown (GTK_POPOVER (self));
      return GDK_EVENT_STOP;

    default:
      return GDK_EVENT_PROPAGATE;
    }
}

/* ---- what is wrong ------------------------------------------------------------------------------- */

static void
underline (GtkEditable                   *entry,
           const MemscopeExpressionFault *fault)
{
  GtkText *text = GTK_TEXT (gtk_editable_get_delegate (entry));
  PangoAttrList *attributes = NULL;

  if (fault != NULL && fault->length > 0)
    {
      PangoAttribute *line = pango_attr_underline_new (PANGO_UNDERLINE_ERROR);

      attributes = pango_attr_list_new ();
      line->start_index = (guint)fault->offset;
      line->end_index = (guint)(fault->offset + fault->length);
      pango_attr_list_insert (attributes, line);
    }
  gtk_text_set_attributes (text, attributes);
  g_clear_pointer (&attributes, pango_attr_list_unref);
}

void
memscope_filter_completion_set_fault (MemscopeFilterCompletion      *self,
                                      const MemscopeExpressionFault *fault)
{
  g_return_if_fail (MEMSCOPE_IS_FILTER_COMPLETION (self));

  underline (self->entry, fault);
  self->has_fault = fault != NULL;
  if (fault != NULL)
    {
      g_autofree char *words = fault->length > 0 ? g_strdup_printf (_("Column %u: %s"), fault->column, fault->message)
                                                 : g_strdup (fault->message);

      gtk_label_set_text (self->fault_label, words);
      gtk_accessible_update_property (GTK_ACCESSIBLE (self->entry), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, words, -1);
      gtk_accessible_update_state (GTK_ACCESSIBLE (self->entry), GTK_ACCESSIBLE_STATE_INVALID, GTK_ACCESSIBLE_INVALID_TRUE, -1);
      if (fault->length > 0)
        gtk_widget_add_css_class (GTK_WIDGET (self->fault_label), "error");
      else
        gtk_widget_remove_css_class (GTK_WIDGET (self->fault_label), "error");
    }
  else
    {
      gtk_accessible_reset_state (GTK_ACCESSIBLE (self->entry), GTK_ACCESSIBLE_STATE_INVALID);
    }
  memscope_filter_completion_show (self);
}

void
memscope_filter_completion_close (MemscopeFilterCompletion *self)
{
  g_return_if_fail (MEMSCOPE_IS_FILTER_COMPLETION (self));

  gtk_popover_popdown (GTK_POPOVER (self));
}

void
memscope_filter_completion_set_session (MemscopeFilterCompletion *self,
                                        MemscopeSession          *session)
{
  g_return_if_fail (MEMSCOPE_IS_FILTER_COMPLETION (self));

  g_set_object (&self->session, session);
}

/* ---- the widget ------------------------------------------------------------------------------------ */

static void
memscope_filter_completion_dispose (GObject *object)
{
  MemscopeFilterCompletion *self = MEMSCOPE_FILTER_COMPLETION (object);

  g_clear_object (&self->session);
  g_clear_pointer (&self->found, g_ptr_array_unref);

  G_OBJECT_CLASS (memscope_filter_completion_parent_class)->dispose (object);
}

static void
memscope_filter_completion_class_init (MemscopeFilterCompletionClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = memscope_filter_completion_dispose;
}

static void
memscope_filter_completion_init (MemscopeFilterCompletion *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  self->found = g_ptr_array_new ();
  self->fault_label = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->fault_label, TRUE);
  gtk_label_set_xalign (self->fault_label, 0);
  gtk_label_set_width_chars (self->fault_label, FAULT_CHARS);
  gtk_label_set_max_width_chars (self->fault_label, SHOWN_CHARS);
  gtk_widget_add_css_class (GTK_WIDGET (self->fault_label), "caption");

  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_SINGLE);
  gtk_widget_add_css_class (GTK_WIDGET (self->list), "completions");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL, _("What may come next"), -1);
  g_signal_connect_swapped (self->list, "row-activated", G_CALLBACK (memscope_filter_completion_row_activated), self);

  self->scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (self->scroller), TRUE);
  gtk_scrolled_window_set_propagate_natural_width (GTK_SCROLLED_WINDOW (self->scroller), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (self->scroller), LIST_HEIGHT);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), GTK_WIDGET (self->list));

  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->fault_label));
  gtk_box_append (GTK_BOX (box), self->scroller);
  gtk_popover_set_child (GTK_POPOVER (self), box);
  gtk_popover_set_autohide (GTK_POPOVER (self), FALSE);
  gtk_popover_set_has_arrow (GTK_POPOVER (self), FALSE);
  gtk_popover_set_position (GTK_POPOVER (self), GTK_POS_BOTTOM);
  gtk_widget_set_halign (GTK_WIDGET (self), GTK_ALIGN_START);
  gtk_widget_set_can_focus (GTK_WIDGET (self), FALSE);
}

static void
entry_dispose (GtkWidget                *entry,
               MemscopeFilterCompletion *self)
{
  gtk_widget_unparent (GTK_WIDGET (self));
}

MemscopeFilterCompletion *
memscope_filter_completion_new (GtkEditable *entry)
{
  MemscopeFilterCompletion *self = g_object_new (MEMSCOPE_TYPE_FILTER_COMPLETION, NULL);
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkEventController *focus = gtk_event_controller_focus_new ();

  g_return_val_if_fail (GTK_IS_EDITABLE (entry), NULL);

  self->entry = entry;
  gtk_widget_set_parent (GTK_WIDGET (self), GTK_WIDGET (entry));
  g_signal_connect_object (entry, "destroy", G_CALLBACK (entry_dispose), self, 0);
  g_signal_connect_object (entry, "changed", G_CALLBACK (memscope_filter_completion_changed), self, G_CONNECT_SWAPPED);

  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_object (keys, "key-pressed", G_CALLBACK (memscope_filter_completion_key), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (entry), keys);
  g_signal_connect_object (focus, "leave", G_CALLBACK (gtk_popover_popdown), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (entry), focus);

  return self;
}
