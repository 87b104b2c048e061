/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-calls-head.h"
#include "memscope-calls-table.h"

/* What is opened by itself, so that the weight is seen at once. */
#define OPEN_SHARE .12
#define MAX_OPEN   24

struct _MemscopeCallsTable
{
  AdwBin             parent_instance;

  MemscopeCallRows  *rows;
  MemscopeCallsHead *head;
  MemscopeCallsList *list;
  MemscopeCallSort   sort;
  gboolean           ascending;
};

enum {
  SELECTED,
  ZOOMED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (MemscopeCallsTable, memscope_calls_table, ADW_TYPE_BIN)

static void
memscope_calls_table_selected (MemscopeCallsTable *self,
                               guint               node)
{
  g_signal_emit (self, signals[SELECTED], 0, node);
}

static void
memscope_calls_table_zoomed (MemscopeCallsTable *self,
                             guint               node)
{
  g_signal_emit (self, signals[ZOOMED], 0, node);
}

static void
memscope_calls_table_toggled (MemscopeCallsTable *self,
                              guint               node)
{
  MemscopeCallTree *tree = memscope_call_rows_get_tree (self->rows);
  guint32 selected = memscope_calls_list_get_selected (self->list);
  gboolean open = !memscope_call_rows_is_open (self->rows, node);

  memscope_call_rows_set_open (self->rows, node, open);
  memscope_calls_list_refill (self->list);

  /* What is selected can be seen: the row that it went into stands for it. */
  if (!open && selected != MEMSCOPE_CALL_NONE && selected != node && memscope_call_tree_is_below (tree, selected, node))
    {
      memscope_calls_list_set_selected (self->list, node);
      g_signal_emit (self, signals[SELECTED], 0, node);
    }
}

static void
memscope_calls_table_open_heaviest (MemscopeCallsTable *self)
{
  MemscopeCallTree *tree = memscope_call_rows_get_tree (self->rows);
  guint opened = 0;

  for (guint i = 0; i < memscope_call_rows_get_n (self->rows) && opened < MAX_OPEN; i++)
    {
      guint32 node = memscope_call_rows_get (self->rows, i).node;

      if (memscope_call_tree_get_share (tree, node) < OPEN_SHARE || !memscope_call_rows_can_open (self->rows, node))
        continue;
      memscope_call_rows_set_open (self->rows, node, TRUE);
      opened++;
    }
}

static void
memscope_calls_table_dispose (GObject *object)
{
  G_OBJECT_CLASS (memscope_calls_table_parent_class)->dispose (object);

  /* the list is gone by now */
  g_clear_pointer (&MEMSCOPE_CALLS_TABLE (object)->rows, memscope_call_rows_free);
}

static void
memscope_calls_table_class_init (MemscopeCallsTableClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = memscope_calls_table_dispose;

  signals[SELECTED] = g_signal_new ("selected", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                    NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[ZOOMED] = g_signal_new ("zoomed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                  NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
memscope_calls_table_init (MemscopeCallsTable *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *scroller = gtk_scrolled_window_new ();

  self->rows = memscope_call_rows_new ();
  self->sort = MEMSCOPE_CALL_SORT_TOTAL;
  self->head = MEMSCOPE_CALLS_HEAD (memscope_calls_head_new ());
  self->list = MEMSCOPE_CALLS_LIST (memscope_calls_list_new (self->rows));
  memscope_calls_head_set_sort (self->head, self->sort, self->ascending);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Calls as a table"), -1);
  g_signal_connect_object (self->head, "sort", G_CALLBACK (memscope_calls_table_sort), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->list, "selected", G_CALLBACK (memscope_calls_table_selected), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->list, "zoomed", G_CALLBACK (memscope_calls_table_zoomed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->list, "toggled", G_CALLBACK (memscope_calls_table_toggled), self, G_CONNECT_SWAPPED);

  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->list));
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->head));
  gtk_box_append (GTK_BOX (box), scroller);
  adw_bin_set_child (ADW_BIN (self), box);
}

void
memscope_calls_table_set_tree (MemscopeCallsTable *self,
                               MemscopeCallTree   *tree)
{
  g_autoptr(MemscopeCallTree) old = NULL;
  gboolean kept;

  g_return_if_fail (MEMSCOPE_IS_CALLS_TABLE (self));

  if (memscope_call_rows_get_tree (self->rows) != NULL)
    old = memscope_call_tree_ref (memscope_call_rows_get_tree (self->rows));
  kept = memscope_call_rows_set_tree (self->rows, tree);
  if (tree != NULL && (!kept || memscope_call_tree_get_measure (tree) != memscope_call_tree_get_measure (old)))
    memscope_calls_table_open_heaviest (self);

  memscope_calls_head_set_tree (self->head, tree);
  memscope_calls_list_set_selected (self->list, MEMSCOPE_CALL_NONE);
  memscope_calls_list_refill (self->list);
}

void
memscope_calls_table_set_selected (MemscopeCallsTable *self,
                                   guint32             node)
{
  guint n;

  g_return_if_fail (MEMSCOPE_IS_CALLS_TABLE (self));

  if (memscope_call_rows_get_tree (self->rows) == NULL ||
      (node == memscope_calls_list_get_selected (self->list) && memscope_call_rows_find (self->rows, node) != MEMSCOPE_CALL_NONE))
    return;

  if (node == MEMSCOPE_CALL_NONE || node == 0)
    {
      memscope_calls_list_set_selected (self->list, MEMSCOPE_CALL_NONE);
      return;
    }

  n = memscope_call_rows_get_n (self->rows);
  memscope_call_rows_open_to (self->rows, node);
  if (memscope_call_rows_get_n (self->rows) != n)
    memscope_calls_list_refill (self->list);
  memscope_calls_list_set_selected (self->list, memscope_call_rows_find (self->rows, node) != MEMSCOPE_CALL_NONE ? node : MEMSCOPE_CALL_NONE);
}

guint32
memscope_calls_table_get_selected (MemscopeCallsTable *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_CALLS_TABLE (self), MEMSCOPE_CALL_NONE);

  return memscope_calls_list_get_selected (self->list);
}

void
memscope_calls_table_set_needle (MemscopeCallsTable *self,
                                 const char         *text)
{
  g_autofree char *needle = g_utf8_casefold (text != NULL ? text : "", -1);

  g_return_if_fail (MEMSCOPE_IS_CALLS_TABLE (self));

  memscope_calls_list_set_needle (self->list, needle);
}

/* Words begin with the first, numbers with the largest. */
void
memscope_calls_table_sort (MemscopeCallsTable *self,
                           MemscopeCallSort    sort)
{
  guint32 selected;

  g_return_if_fail (MEMSCOPE_IS_CALLS_TABLE (self));

  self->ascending = sort == self->sort ? !self->ascending
                                       : sort == MEMSCOPE_CALL_SORT_NAME || sort == MEMSCOPE_CALL_SORT_PLACE;
  self->sort = sort;
  memscope_call_rows_set_sort (self->rows, sort, self->ascending);
  memscope_calls_head_set_sort (self->head, sort, self->ascending);
  memscope_calls_list_refill (self->list);
  /* what is selected stays in sight */
  selected = memscope_calls_list_get_selected (self->list);
  if (selected != MEMSCOPE_CALL_NONE)
    memscope_calls_list_set_selected (self->list, selected);
}

MemscopeCallsList *
memscope_calls_table_get_list (MemscopeCallsTable *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_CALLS_TABLE (self), NULL);

  return self->list;
}

MemscopeCallRows *
memscope_calls_table_get_rows (MemscopeCallsTable *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_CALLS_TABLE (self), NULL);

  return self->rows;
}
