/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-query.h"
#include "memscope-text.h"
#include "memscope-timeline-table.h"
#include "memscope-timeline.h"

#define N_ROWS 60

typedef enum
{
  COLUMN_TIME,
  COLUMN_LIVE,
  COLUMN_PEAK,
  COLUMN_BORN,
  COLUMN_DIED,
  COLUMN_RSS,
  COLUMN_NOTES,
  N_COLUMNS
} Column;

static const struct
{
  const char *title;
  gboolean    is_number;
} columns[N_COLUMNS] = {
  [COLUMN_TIME]  = { N_("From"), TRUE },
  [COLUMN_LIVE]  = { N_("Live at its end"), TRUE },
  [COLUMN_PEAK]  = { N_("Most live"), TRUE },
  [COLUMN_BORN]  = { N_("Allocated"), TRUE },
  [COLUMN_DIED]  = { N_("Freed"), TRUE },
  [COLUMN_RSS]   = { N_("RSS"), TRUE },
  [COLUMN_NOTES] = { N_("Marks and losses"), FALSE },
};

struct _MemscopeTimelineTable
{
  AdwBin             parent_instance;

  MemscopeViewState *state;
  GSignalGroup      *signals;
  GCancellable      *query;
  MemscopeTimeline  *timeline;
  GtkStringList     *rows;      /* "0" … : the index of each bucket */
  GtkColumnView     *view;
};

G_DEFINE_FINAL_TYPE (MemscopeTimelineTable, memscope_timeline_table, ADW_TYPE_BIN)

typedef struct
{
  guint64 begin;
  guint64 end;
} TableRequest;

static gpointer
table_query (MemscopeSession   *session,
             MemscopeSelection *selection,
             gpointer           data,
             GCancellable      *cancellable)
{
  TableRequest *request = data;

  return memscope_timeline_new (session, selection, request->begin, request->end,
                                (guint) MIN (request->end - request->begin, N_ROWS), cancellable, NULL);
}

static guint64
row_begin (MemscopeTimeline *timeline,
           guint             row)
{
  return timeline->begin + (guint64) ((double) (timeline->end - timeline->begin) * row / timeline->n_buckets);
}

/* Each mark by name, as far as a line holds them; and how much was lost. */
static char *
dup_notes (MemscopeTimelineTable *self,
           guint                  row)
{
  MemscopeSession *session = memscope_view_state_get_session (self->state);
  guint64 begin = row_begin (self->timeline, row), end = row_begin (self->timeline, row + 1);
  g_autoptr(GString) text = g_string_new (NULL);
  MemscopeMoment moment;
  MemscopeLoss loss;
  guint n_losses = 0;

  for (guint i = 0; text->len < 200 && memscope_session_get_moment (session, i, &moment); i++)
    {
      if (moment.time >= begin && moment.time < end)
        {
          g_autofree char *name = memscope_text_string (session, moment.text, _("mark"));

          g_string_append_printf (text, "%s%s", text->len > 0 ? " · " : "", name);
        }
    }

  for (guint i = 0; memscope_session_get_loss (session, i, &loss); i++)
    n_losses += loss.begin < end && loss.end >= begin;
  if (n_losses > 0)
    g_string_append_printf (text, "%s%s", text->len > 0 ? " · " : "", _("events lost"));

  return g_string_free (g_steal_pointer (&text), FALSE);
}

static char *
dup_cell_text (MemscopeTimelineTable *self,
               guint                  row,
               Column                 column)
{
  const MemscopeTimelineBucket *bucket = &self->timeline->buckets[row];

  switch (column)
    {
    case COLUMN_TIME:
      return memscope_text_time (row_begin (self->timeline, row), self->timeline->end - self->timeline->begin);

    case COLUMN_LIVE:
      return memscope_text_size (bucket->last_bytes);

    case COLUMN_PEAK:
      return memscope_text_size (bucket->max_bytes);

    case COLUMN_BORN:
      return memscope_text_count (bucket->births);

    case COLUMN_DIED:
      return memscope_text_count (bucket->deaths);

    case COLUMN_RSS:
      return bucket->rss != MEMSCOPE_UNKNOWN ? memscope_text_size (bucket->rss) : g_strdup ("–");

    case COLUMN_NOTES:
      return dup_notes (self, row);

    case N_COLUMNS:
    default:
      return g_strdup ("");
    }
}

static guint
row_of (GObject *item)
{
  return (guint) g_ascii_strtoull (gtk_string_object_get_string (GTK_STRING_OBJECT (item)), NULL, 10);
}

static void
memscope_timeline_table_setup (GtkSignalListItemFactory *factory,
                               GtkListItem              *item,
                               gpointer                  user_data)
{
  Column column = GPOINTER_TO_UINT (user_data);
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), columns[column].is_number ? 1 : 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), columns[column].is_number ? PANGO_ELLIPSIZE_NONE : PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (label, "numeric");
  gtk_list_item_set_child (item, label);
}

static void
memscope_timeline_table_bind (GtkSignalListItemFactory *factory,
                              GtkListItem              *item,
                              gpointer                  user_data)
{
  GtkWidget *label = gtk_list_item_get_child (item);
  MemscopeTimelineTable *self = g_object_get_data (G_OBJECT (factory), "table");
  guint row = row_of (gtk_list_item_get_item (item));
  g_autofree char *text = NULL;

  if (self->timeline == NULL || row >= self->timeline->n_buckets)
    return;

  text = dup_cell_text (self, row, GPOINTER_TO_UINT (user_data));
  gtk_label_set_text (GTK_LABEL (label), text);
}

static void
memscope_timeline_table_activate (MemscopeTimelineTable *self,
                                  guint                  position)
{
  if (self->timeline != NULL && position < self->timeline->n_buckets)
    memscope_view_state_set_instant (self->state, row_begin (self->timeline, position));
}

static void
memscope_timeline_table_done (gpointer owner,
                              gpointer result)
{
  MemscopeTimelineTable *self = owner;
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->rows));
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();
  g_auto(GStrv) indices = NULL;

  if (result == NULL)
    return;

  g_clear_pointer (&self->timeline, memscope_timeline_free);
  self->timeline = result;
  for (guint i = 0; i < self->timeline->n_buckets; i++)
    {
      g_autofree char *index = g_strdup_printf ("%u", i);

      g_strv_builder_add (builder, index);
    }
  indices = g_strv_builder_end (builder);
  gtk_string_list_splice (self->rows, 0, n, (const char *const *) indices);
}

static void
memscope_timeline_table_update (MemscopeTimelineTable *self)
{
  g_autoptr(MemscopeSelection) base = NULL;
  TableRequest *request;

  if (self->state == NULL || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;

  base = memscope_view_state_dup_unranged (self->state);
  request = g_new0 (TableRequest, 1);
  memscope_view_state_get_axis (self->state, &request->begin, &request->end);
  memscope_query_run (&self->query, self, memscope_view_state_get_session (self->state), base,
                      table_query, request, g_free,
                      (GDestroyNotify) memscope_timeline_free, memscope_timeline_table_done);
}

static void
memscope_timeline_table_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (memscope_timeline_table_parent_class)->map (widget);

  memscope_timeline_table_update (MEMSCOPE_TIMELINE_TABLE (widget));
}

static void
memscope_timeline_table_dispose (GObject *object)
{
  MemscopeTimelineTable *self = MEMSCOPE_TIMELINE_TABLE (object);

  memscope_query_cancel (&self->query);
  if (self->view != NULL)
    gtk_column_view_set_model (self->view, NULL);
  self->view = NULL;
  g_clear_object (&self->signals);
  g_clear_object (&self->state);
  g_clear_object (&self->rows);
  g_clear_pointer (&self->timeline, memscope_timeline_free);

  G_OBJECT_CLASS (memscope_timeline_table_parent_class)->dispose (object);
}

static void
memscope_timeline_table_class_init (MemscopeTimelineTableClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = memscope_timeline_table_dispose;
  GTK_WIDGET_CLASS (klass)->map = memscope_timeline_table_map;
}

static void
memscope_timeline_table_init (MemscopeTimelineTable *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkNoSelection *selection;

  self->rows = gtk_string_list_new (NULL);
  selection = gtk_no_selection_new (g_object_ref (G_LIST_MODEL (self->rows)));
  self->view = GTK_COLUMN_VIEW (gtk_column_view_new (GTK_SELECTION_MODEL (selection)));
  gtk_column_view_set_single_click_activate (self->view, TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->view), "cards");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, _("Memory over time"), -1);

  for (Column column = 0; column < N_COLUMNS; column++)
    {
      GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
      g_autoptr(GtkColumnViewColumn) view_column = NULL;

      g_object_set_data (G_OBJECT (factory), "table", self);
      g_signal_connect (factory, "setup", G_CALLBACK (memscope_timeline_table_setup), GUINT_TO_POINTER (column));
      g_signal_connect (factory, "bind", G_CALLBACK (memscope_timeline_table_bind), GUINT_TO_POINTER (column));
      view_column = gtk_column_view_column_new (_(columns[column].title), factory);
      gtk_column_view_column_set_expand (view_column, column == COLUMN_NOTES);
      gtk_column_view_append_column (self->view, view_column);
    }
  g_signal_connect_object (self->view, "activate", G_CALLBACK (memscope_timeline_table_activate), self, G_CONNECT_SWAPPED);

  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->view));
  adw_bin_set_child (ADW_BIN (self), scroller);

  self->signals = g_signal_group_new (MEMSCOPE_TYPE_VIEW_STATE);
  g_signal_group_connect_swapped (self->signals, "notify::selection",
                                  G_CALLBACK (memscope_timeline_table_update), self);
  g_signal_group_connect_swapped (self->signals, "notify::axis",
                                  G_CALLBACK (memscope_timeline_table_update), self);
}

void
memscope_timeline_table_set_state (MemscopeTimelineTable *self,
                                   MemscopeViewState     *state)
{
  g_return_if_fail (MEMSCOPE_IS_TIMELINE_TABLE (self));
  g_return_if_fail (MEMSCOPE_IS_VIEW_STATE (state));

  memscope_query_cancel (&self->query);
  g_set_object (&self->state, state);
  g_signal_group_set_target (self->signals, state);
  memscope_timeline_table_update (self);
}
