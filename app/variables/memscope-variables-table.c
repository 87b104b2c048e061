/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-card-model.h"
#include "memscope-palette.h"
#include "memscope-text.h"
#include "memscope-variables-table.h"

typedef enum
{
  COLUMN_NAME,
  COLUMN_SOURCE,
  COLUMN_TYPE,
  COLUMN_STAGE,
  COLUMN_THREAD,
  COLUMN_LIVE,
  COLUMN_PEAK,
  COLUMN_ALLOCATED,
  COLUMN_COUNT,
  N_COLUMNS
} Column;

struct _MemscopeVariablesTable
{
  AdwBin             parent_instance;

  MemscopeViewState *state;
  MemscopeCardModel *model;
  GtkColumnView     *view;
};

G_DEFINE_FINAL_TYPE (MemscopeVariablesTable, memscope_variables_table, ADW_TYPE_BIN)

static const struct
{
  const char *title;
  gboolean    is_number;
  gboolean    is_code;
  gboolean    expand;
} columns[N_COLUMNS] = {
  [COLUMN_NAME]      = { N_("Name"), FALSE, TRUE, TRUE },
  [COLUMN_SOURCE]    = { N_("Named by"), FALSE, FALSE, FALSE },
  [COLUMN_TYPE]      = { N_("Type"), FALSE, TRUE, TRUE },
  [COLUMN_STAGE]     = { N_("Stage"), FALSE, FALSE, FALSE },
  [COLUMN_THREAD]    = { N_("Thread"), FALSE, FALSE, TRUE },
  [COLUMN_LIVE]      = { N_("Live"), TRUE, FALSE, FALSE },
  [COLUMN_PEAK]      = { N_("Peak"), TRUE, FALSE, FALSE },
  [COLUMN_ALLOCATED] = { N_("Allocated"), TRUE, FALSE, FALSE },
  [COLUMN_COUNT]     = { N_("Blocks"), TRUE, FALSE, FALSE },
};

static char *
dup_cell_text (MemscopeSession     *session,
               const MemscopeGroup *group,
               Column               column)
{
  MemscopeVariable variable = { .source = MEMSCOPE_NAME_SITE };

  memscope_session_get_variable (session, group->variable, &variable);
  switch (column)
    {
    case COLUMN_NAME:
      return memscope_text_variable (session, group->variable);
    case COLUMN_SOURCE:
      return g_strdup (memscope_text_name_source (variable.source));
    case COLUMN_TYPE:
      return memscope_text_string (session, variable.type, _("not recorded"));
    case COLUMN_STAGE:
      return g_strdup (memscope_stage_get_word (group->stage));
    case COLUMN_THREAD:
      {
        g_autofree char *label = memscope_session_dup_thread_label (session, group->thread);

        return memscope_text_clip (label, MEMSCOPE_TEXT_LABEL_CHARS);
      }
    case COLUMN_LIVE:
      return memscope_text_size (group->live_bytes);
    case COLUMN_PEAK:
      return memscope_text_size (group->peak_bytes);
    case COLUMN_ALLOCATED:
      return memscope_text_size (group->born_bytes);
    case COLUMN_COUNT:
      return memscope_text_count (group->rows);
    case N_COLUMNS:
    default:
      return g_strdup ("");
    }
}

static void
memscope_variables_table_setup (GtkSignalListItemFactory *factory,
                                GtkListItem              *item,
                                gpointer                  user_data)
{
  Column column = GPOINTER_TO_UINT (user_data);
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), columns[column].is_number ? 1 : 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), columns[column].is_number ? PANGO_ELLIPSIZE_NONE : PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (label, columns[column].is_code ? "code" : "numeric");

  if (column == COLUMN_STAGE)
    {
      GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

      gtk_box_append (GTK_BOX (box), gtk_image_new ());
      gtk_box_append (GTK_BOX (box), label);
      gtk_list_item_set_child (item, box);
      return;
    }

  gtk_list_item_set_child (item, label);
}

static void
memscope_variables_table_bind (GtkSignalListItemFactory *factory,
                               GtkListItem              *item,
                               gpointer                  user_data)
{
  static const char *stage_styles[] = { "stage-allocated", "stage-active", "stage-shared", "stage-freed" };
  Column column = GPOINTER_TO_UINT (user_data);
  MemscopeCardLine *line = MEMSCOPE_CARD_LINE (gtk_list_item_get_item (item));
  const MemscopeGroup *group = memscope_card_set_get_group (line->set, line->first);
  GtkWidget *child = gtk_list_item_get_child (item);
  g_autofree char *text = dup_cell_text (line->set->session, group, column);

  if (column == COLUMN_STAGE)
    {
      GtkWidget *icon = gtk_widget_get_first_child (child);

      gtk_image_set_from_icon_name (GTK_IMAGE (icon), memscope_stage_get_icon_name (group->stage));
      gtk_widget_set_css_classes (child, (const char *[]) { "stage", stage_styles[group->stage], NULL });
      child = gtk_widget_get_last_child (child);
    }

  gtk_label_set_text (GTK_LABEL (child), text);
  if (!columns[column].is_number)
    gtk_widget_set_tooltip_text (child, text);
}

static void
memscope_variables_table_activate (MemscopeVariablesTable *self,
                                   guint                   position)
{
  g_autoptr(MemscopeCardLine) line = g_list_model_get_item (G_LIST_MODEL (self->model), position);
  MemscopeGroup group;

  if (line == NULL)
    return;

  group = *memscope_card_set_get_group (line->set, line->first);
  memscope_view_state_set_group (self->state, &group);
}

static void
memscope_variables_table_dispose (GObject *object)
{
  MemscopeVariablesTable *self = MEMSCOPE_VARIABLES_TABLE (object);

  g_clear_object (&self->model);
  g_clear_object (&self->state);

  G_OBJECT_CLASS (memscope_variables_table_parent_class)->dispose (object);
}

static void
memscope_variables_table_class_init (MemscopeVariablesTableClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = memscope_variables_table_dispose;
}

static void
memscope_variables_table_init (MemscopeVariablesTable *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkSingleSelection *selection;

  self->model = memscope_card_model_new ();
  memscope_card_model_set_columns (self->model, 0);
  selection = gtk_single_selection_new (g_object_ref (G_LIST_MODEL (self->model)));
  gtk_single_selection_set_autoselect (selection, FALSE);
  gtk_single_selection_set_can_unselect (selection, TRUE);

  self->view = GTK_COLUMN_VIEW (gtk_column_view_new (GTK_SELECTION_MODEL (selection)));
  gtk_column_view_set_single_click_activate (self->view, TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->view), "cards");
  for (Column column = 0; column < N_COLUMNS; column++)
    {
      GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
      GtkColumnViewColumn *view_column;

      g_signal_connect (factory, "setup", G_CALLBACK (memscope_variables_table_setup), GUINT_TO_POINTER (column));
      g_signal_connect (factory, "bind", G_CALLBACK (memscope_variables_table_bind), GUINT_TO_POINTER (column));
      view_column = gtk_column_view_column_new (_(columns[column].title), factory);
      gtk_column_view_column_set_expand (view_column, columns[column].expand);
      gtk_column_view_column_set_resizable (view_column, TRUE);
      gtk_column_view_append_column (self->view, view_column);
      g_object_unref (view_column);
    }
  g_signal_connect_object (self->view, "activate", G_CALLBACK (memscope_variables_table_activate), self, G_CONNECT_SWAPPED);

  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->view));
  adw_bin_set_child (ADW_BIN (self), scroller);
}

void
memscope_variables_table_set_cards (MemscopeVariablesTable *self,
                                    MemscopeViewState      *state,
                                    MemscopeCardSet        *set)
{
  g_return_if_fail (MEMSCOPE_IS_VARIABLES_TABLE (self));

  g_set_object (&self->state, state);
  memscope_card_model_set_cards (self->model, set);
}
