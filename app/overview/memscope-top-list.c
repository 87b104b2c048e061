/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-text.h"
#include "memscope-top-list.h"
#include "memscope-window.h"

struct _MemscopeTopList
{
  GtkBox             parent_instance;

  MemscopeViewState *state;
};

G_DEFINE_FINAL_TYPE (MemscopeTopList, memscope_top_list, GTK_TYPE_BOX)

static void
memscope_top_list_clicked (MemscopeTopList *self,
                           GtkButton       *button)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  const MemscopeGroup *group = g_object_get_data (G_OBJECT (button), "group");

  if (MEMSCOPE_IS_WINDOW (root))
    memscope_window_show_view (MEMSCOPE_WINDOW (root), "variables");
  memscope_view_state_set_group (self->state, group);
}

static GtkWidget *
label_new (const char        *text,
           const char *const *classes)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_widget_set_css_classes (label, (const char **) classes);

  return label;
}

static GtkWidget *
memscope_top_list_create_name (MemscopeTopList     *self,
                               const MemscopeGroup *group)
{
  MemscopeSession *session = memscope_view_state_get_session (self->state);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *name;
  g_autofree char *text = NULL;

  if (group->variable != 0)
    text = memscope_text_variable (session, group->variable);
  else if (group->call_site != 0)
    {
      g_autofree char *label = memscope_session_dup_frame_label (session, group->call_site);

      text = memscope_text_clip (label, MEMSCOPE_TEXT_LABEL_CHARS);
    }
  else
    text = g_strdup (_("(no stack recorded)"));

  name = label_new (text, (const char *const[]) { "code", NULL });
  gtk_label_set_ellipsize (GTK_LABEL (name), PANGO_ELLIPSIZE_END);
  /* long names must not decide how many panels stand in a line */
  gtk_label_set_max_width_chars (GTK_LABEL (name), 19);
  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_widget_set_tooltip_text (name, text);
  /* a tag stands right behind its name; without one, the name may have the whole line */
  gtk_widget_set_hexpand (name, group->variable == 0);
  gtk_box_append (GTK_BOX (box), name);

  if (group->variable != 0)
    {
      MemscopeVariable variable;

      if (memscope_session_get_variable (session, group->variable, &variable))
        {
          const char *source = memscope_text_name_source (variable.source);
          GtkWidget *tag = label_new (source, (const char *const[]) { "tag", source, NULL });

          gtk_widget_set_valign (tag, GTK_ALIGN_CENTER);
          gtk_widget_set_tooltip_text (tag, memscope_text_name_source_meaning (variable.source));
          gtk_box_append (GTK_BOX (box), tag);
        }
    }

  gtk_widget_set_hexpand (box, TRUE);

  return box;
}

static GtkWidget *
memscope_top_list_create_row (MemscopeTopList     *self,
                              const MemscopeGroup *group,
                              guint64              value,
                              guint64              max,
                              gboolean             by_born)
{
  GtkWidget *button = gtk_button_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *bar = gtk_level_bar_new_for_interval (0, MAX (max, 1));
  MemscopeEstimate estimate = by_born ? memscope_group_get_born_bytes (group) : memscope_group_get_live_bytes (group);
  g_autofree char *size = memscope_text_estimated_size (&estimate);
  g_autofree char *exact = memscope_text_exact_bytes (value);
  GtkWidget *size_label = label_new (size, (const char *const[]) { "card-title", "numeric", NULL });
  GtkWidget *name = memscope_top_list_create_name (self, group);
  g_autofree char *spoken = g_strdup_printf ("%s, %s", gtk_label_get_text (GTK_LABEL (gtk_widget_get_first_child (name))), exact);

  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
  gtk_box_append (GTK_BOX (line), name);
  gtk_widget_set_tooltip_text (size_label, exact);
  gtk_box_append (GTK_BOX (line), size_label);
  gtk_box_append (GTK_BOX (box), line);

  gtk_level_bar_set_value (GTK_LEVEL_BAR (bar), value);
  for (int i = 0; i < 3; i++)
    {
      static const char *offsets[] = { GTK_LEVEL_BAR_OFFSET_LOW, GTK_LEVEL_BAR_OFFSET_HIGH, GTK_LEVEL_BAR_OFFSET_FULL };

      gtk_level_bar_remove_offset_value (GTK_LEVEL_BAR (bar), offsets[i]);
    }
  gtk_widget_add_css_class (bar, "thin");
  if (by_born)
    gtk_widget_add_css_class (bar, "flow");
  gtk_box_append (GTK_BOX (box), bar);

  gtk_button_set_child (GTK_BUTTON (button), box);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "row-button");
  g_object_set_data_full (G_OBJECT (button), "group", g_memdup2 (group, sizeof *group), g_free);
  g_signal_connect_object (button, "clicked", G_CALLBACK (memscope_top_list_clicked), self, G_CONNECT_SWAPPED);

  return button;
}

static void
memscope_top_list_clear (MemscopeTopList *self)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_box_remove (GTK_BOX (self), child);
}

static void
memscope_top_list_dispose (GObject *object)
{
  g_clear_object (&MEMSCOPE_TOP_LIST (object)->state);

  G_OBJECT_CLASS (memscope_top_list_parent_class)->dispose (object);
}

static void
memscope_top_list_class_init (MemscopeTopListClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = memscope_top_list_dispose;
}

static void
memscope_top_list_init (MemscopeTopList *self)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
}

void
memscope_top_list_set_groups (MemscopeTopList     *self,
                              MemscopeViewState   *state,
                              const MemscopeGroup *groups,
                              guint                n_groups,
                              gboolean             by_born)
{
  guint64 max = 0;
  guint n_shown = 0;

  g_return_if_fail (MEMSCOPE_IS_TOP_LIST (self));

  g_set_object (&self->state, state);
  memscope_top_list_clear (self);
  for (guint i = 0; i < n_groups; i++)
    max = MAX (max, by_born ? groups[i].born_bytes : groups[i].live_bytes);

  for (guint i = 0; i < n_groups && n_shown < MEMSCOPE_TOP_LIST_ROWS; i++)
    {
      guint64 value = by_born ? groups[i].born_bytes : groups[i].live_bytes;

      if (value == 0)
        continue;
      gtk_box_append (GTK_BOX (self), memscope_top_list_create_row (self, &groups[i], value, max, by_born));
      n_shown++;
    }

  if (n_shown == 0)
    gtk_box_append (GTK_BOX (self),
                    label_new (by_born ? _("Nothing was allocated in this range.") : _("Nothing is live at this instant."),
                               (const char *const[]) { "dim", "caption", NULL }));
}
