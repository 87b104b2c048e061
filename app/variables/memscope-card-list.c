/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "memscope-card-list.h"
#include "memscope-card-row.h"

/* Guesses, until the first row of each kind was measured. */
#define HEADER_HEIGHT 46
#define CARDS_HEIGHT  134
#define TABLE_HEIGHT  29

/* Lines of cards above and below what is on screen: room for the focus to move
 * into, and for a wheel's first step.
 */
#define OVERSCAN_LINES 2

typedef struct
{
  MemscopeCardRow *widget;
  guint            line;
  gboolean         stale;    /* shows a line of what the model was */
} Row;

struct _MemscopeCardList
{
  GtkWidget            parent_instance;

  MemscopeViewState   *state;
  MemscopeCardModel   *model;
  GtkAdjustment       *adjustments[2];   /* by GtkOrientation */
  GtkScrollablePolicy  policies[2];
  GArray              *rows;             /* Row, by line */
  int                  header_height;
  int                  cards_height;       /* of a line of the table, when that is what it is */
  gboolean             is_table;
  gboolean             allocating;
  guint                update_source;
};

enum
{
  PROP_HADJUSTMENT = 1,
  PROP_VADJUSTMENT,
  PROP_HSCROLL_POLICY,
  PROP_VSCROLL_POLICY,
};

static guint only_thread_signal;

G_DEFINE_FINAL_TYPE_WITH_CODE (MemscopeCardList, memscope_card_list, GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (GTK_TYPE_SCROLLABLE, NULL))

/* ---- where lines are ----------------------------------------------------- */

static guint
get_n_lines (MemscopeCardList *self)
{
  return self->model != NULL ? g_list_model_get_n_items (G_LIST_MODEL (self->model)) : 0;
}

/* @line may be the number of lines: the height of all. */
static double
get_line_top (MemscopeCardList *self,
              guint             line)
{
  guint headers = self->model != NULL ? memscope_card_model_count_headers (self->model, line) : 0;

  return (double) headers * self->header_height + (double) (line - headers) * self->cards_height;
}

/* The last line that begins at or above @y. */
static guint
find_line (MemscopeCardList *self,
           double            y)
{
  guint low = 0;
  guint high = get_n_lines (self);

  while (high - low > 1)
    {
      guint middle = low + (high - low) / 2;

      if (get_line_top (self, middle) <= y)
        low = middle;
      else
        high = middle;
    }

  return low;
}

static GtkAdjustment *
get_vadjustment (MemscopeCardList *self)
{
  return self->adjustments[GTK_ORIENTATION_VERTICAL];
}

static double
get_scroll (MemscopeCardList *self)
{
  return get_vadjustment (self) != NULL ? gtk_adjustment_get_value (get_vadjustment (self)) : 0;
}

/* Lines [*first, *end) are on screen or nearly so. */
static void
get_wanted_lines (MemscopeCardList *self,
                  guint            *first,
                  guint            *end)
{
  double overscan = OVERSCAN_LINES * (double) self->cards_height;
  double top = get_scroll (self) - overscan;
  double bottom = get_scroll (self) + gtk_widget_get_height (GTK_WIDGET (self)) + overscan;

  *first = *end = 0;
  if (get_n_lines (self) == 0 || gtk_widget_get_height (GTK_WIDGET (self)) == 0)
    return;

  *first = find_line (self, top);
  *end = find_line (self, bottom) + 1;
}

/* ---- rows ------------------------------------------------------------------ */

static void
memscope_card_list_only_thread (MemscopeCardList *self,
                                guint             thread)
{
  g_signal_emit (self, only_thread_signal, 0, thread);
}

static MemscopeCardRow *
memscope_card_list_add_row (MemscopeCardList *self)
{
  GtkWidget *row = memscope_card_row_new ();

  g_signal_connect_object (row, "toggled", G_CALLBACK (memscope_card_model_toggle), self->model, G_CONNECT_SWAPPED);
  g_signal_connect_object (row, "only-thread", G_CALLBACK (memscope_card_list_only_thread), self, G_CONNECT_SWAPPED);
  gtk_widget_set_parent (row, GTK_WIDGET (self));

  return MEMSCOPE_CARD_ROW (row);
}

static void
memscope_card_list_fill_row (MemscopeCardList *self,
                             Row              *row)
{
  g_autoptr(MemscopeCardLine) line = g_list_model_get_item (G_LIST_MODEL (self->model), row->line);

  memscope_card_row_set_line (row->widget, self->state, line);
  row->stale = FALSE;
}

static gboolean
has_focus (const Row *row)
{
  return gtk_widget_get_focus_child (gtk_widget_get_parent (GTK_WIDGET (row->widget))) == GTK_WIDGET (row->widget);
}

/* A header for a header where there is one: the others have cards to hide first. */
static MemscopeCardRow *
take_spare (GArray   *spare,
            gboolean  header)
{
  MemscopeCardRow *widget;
  guint k = 0;

  if (spare->len == 0)
    return NULL;

  for (guint i = 0; i < spare->len; i++)
    {
      if (memscope_card_row_is_header (g_array_index (spare, Row, i).widget) == header)
        {
          k = i;
          break;
        }
    }
  widget = g_array_index (spare, Row, k).widget;
  g_array_remove_index_fast (spare, k);

  return widget;
}

/* Divides the rows into those that stay and those to be used for something else.
 * The row that has the keyboard focus stays wherever it is.
 */
static void
memscope_card_list_keep_rows (MemscopeCardList *self,
                              guint             first,
                              guint             end,
                              GArray           *kept,
                              GArray           *spare)
{
  for (guint i = 0; i < self->rows->len; i++)
    {
      Row *row = &g_array_index (self->rows, Row, i);
      gboolean wanted = row->line >= first && row->line < end;

      if (wanted || (has_focus (row) && row->line < get_n_lines (self)))
        g_array_append_val (kept, *row);
      else
        g_array_append_val (spare, *row);
    }
}

static int
compare_rows (gconstpointer a,
              gconstpointer b)
{
  guint left = ((const Row *) a)->line;
  guint right = ((const Row *) b)->line;

  return (left > right) - (left < right);
}

/* Assistive technology reads children in their order. */
static void
memscope_card_list_order_children (MemscopeCardList *self)
{
  GtkWidget *before = NULL;

  for (guint i = 0; i < self->rows->len; i++)
    {
      GtkWidget *widget = GTK_WIDGET (g_array_index (self->rows, Row, i).widget);

      if (gtk_widget_get_prev_sibling (widget) != before)
        gtk_widget_insert_after (widget, GTK_WIDGET (self), before);
      before = widget;
    }
}

static void
memscope_card_list_update_rows (MemscopeCardList *self)
{
  g_autoptr(GArray) kept = g_array_new (FALSE, FALSE, sizeof (Row));
  g_autoptr(GArray) spare = g_array_new (FALSE, FALSE, sizeof (Row));
  guint n_kept, first, end;
  guint next = 0;

  g_clear_handle_id (&self->update_source, g_source_remove);
  get_wanted_lines (self, &first, &end);
  memscope_card_list_keep_rows (self, first, end, kept, spare);
  n_kept = kept->len;

  for (guint line = first; line < end; line++)
    {
      Row row = { .line = line };

      while (next < n_kept && g_array_index (kept, Row, next).line < line)
        next++;
      if (next < n_kept && g_array_index (kept, Row, next).line == line)
        continue;

      row.widget = take_spare (spare, memscope_card_model_is_header (self->model, line));
      if (row.widget == NULL)
        row.widget = memscope_card_list_add_row (self);
      row.stale = TRUE;
      g_array_append_val (kept, row);
    }

  for (guint i = 0; i < spare->len; i++)
    gtk_widget_unparent (GTK_WIDGET (g_array_index (spare, Row, i).widget));
  g_array_sort (kept, compare_rows);
  g_array_unref (self->rows);
  self->rows = g_steal_pointer (&kept);

  for (guint i = 0; i < self->rows->len; i++)
    {
      Row *row = &g_array_index (self->rows, Row, i);

      if (row->stale)
        memscope_card_list_fill_row (self, row);
    }
  memscope_card_list_order_children (self);
  gtk_widget_queue_allocate (GTK_WIDGET (self));
}

static gboolean
memscope_card_list_update_later (gpointer user_data)
{
  MemscopeCardList *self = user_data;

  self->update_source = 0;
  memscope_card_list_update_rows (self);

  return G_SOURCE_REMOVE;
}

/* While sizes are given out no widget may come or go. */
static void
memscope_card_list_queue_update (MemscopeCardList *self)
{
  if (self->update_source == 0)
    self->update_source = g_idle_add_full (G_PRIORITY_HIGH_IDLE, memscope_card_list_update_later, self, NULL);
}

static void
memscope_card_list_scrolled (MemscopeCardList *self)
{
  if (self->allocating)
    memscope_card_list_queue_update (self);
  else
    memscope_card_list_update_rows (self);
}

static void
memscope_card_list_set_range (MemscopeCardList *self)
{
  double height = gtk_widget_get_height (GTK_WIDGET (self));
  double upper = get_line_top (self, get_n_lines (self));

  if (get_vadjustment (self) != NULL)
    gtk_adjustment_configure (get_vadjustment (self), get_scroll (self), 0, MAX (upper, height),
                              self->cards_height / 2.0, MAX (height - self->cards_height / 2.0, height / 2), height);
}

static void
memscope_card_list_refilled (MemscopeCardList *self)
{
  gboolean is_table = memscope_card_model_get_columns (self->model) == 0;

  if (is_table != self->is_table)
    {
      self->is_table = is_table;
      self->cards_height = is_table ? TABLE_HEIGHT : CARDS_HEIGHT;
      if (get_vadjustment (self) != NULL)
        gtk_adjustment_set_value (get_vadjustment (self), 0);
    }
  for (guint i = 0; i < self->rows->len; i++)
    g_array_index (self->rows, Row, i).stale = TRUE;
  memscope_card_list_set_range (self);
  memscope_card_list_update_rows (self);
}

/* ---- the widget ---------------------------------------------------------------- */

static void
memscope_card_list_measure (GtkWidget      *widget,
                            GtkOrientation  orientation,
                            int             for_size,
                            int            *minimum,
                            int            *natural,
                            int            *minimum_baseline,
                            int            *natural_baseline)
{
  MemscopeCardList *self = MEMSCOPE_CARD_LIST (widget);

  if (orientation == GTK_ORIENTATION_VERTICAL)
    {
      *minimum = self->cards_height;
      *natural = 3 * self->cards_height;
      return;
    }

  for (guint i = 0; i < self->rows->len; i++)
    {
      int row_minimum, row_natural;

      gtk_widget_measure (GTK_WIDGET (g_array_index (self->rows, Row, i).widget), orientation, -1,
                          &row_minimum, &row_natural, NULL, NULL);
      *minimum = MAX (*minimum, row_minimum);
      *natural = MAX (*natural, row_natural);
    }
}

/* TRUE: lines are not where they were. */
static gboolean
memscope_card_list_measure_rows (MemscopeCardList *self,
                                 int               width)
{
  int header_height = 0;
  int cards_height = 0;
  gboolean changed;

  for (guint i = 0; i < self->rows->len && (header_height == 0 || cards_height == 0); i++)
    {
      MemscopeCardRow *row = g_array_index (self->rows, Row, i).widget;
      int *height = memscope_card_row_is_header (row) ? &header_height : &cards_height;

      if (*height == 0)
        gtk_widget_measure (GTK_WIDGET (row), GTK_ORIENTATION_VERTICAL, width, height, NULL, NULL, NULL);
    }

  header_height = header_height > 0 ? header_height : self->header_height;
  cards_height = cards_height > 0 ? cards_height : self->cards_height;
  changed = header_height != self->header_height || cards_height != self->cards_height;
  self->header_height = header_height;
  self->cards_height = cards_height;

  return changed;
}

static void
memscope_card_list_allocate_rows (MemscopeCardList *self,
                                  int               width)
{
  for (guint i = 0; i < self->rows->len; i++)
    {
      Row *row = &g_array_index (self->rows, Row, i);
      /* A row kept for the focus may be very far away. */
      double y = CLAMP (get_line_top (self, row->line) - get_scroll (self), -1e6, 1e6);
      gboolean header = memscope_card_row_is_header (row->widget);
      int minimum;

      gtk_widget_measure (GTK_WIDGET (row->widget), GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
      gtk_widget_size_allocate (GTK_WIDGET (row->widget),
                                &(GtkAllocation) { 0, (int) y, MAX (width, minimum),
                                                   header ? self->header_height : self->cards_height }, -1);
    }
}

static gboolean
memscope_card_list_covers_screen (MemscopeCardList *self)
{
  guint first, end;
  guint n = 0;

  get_wanted_lines (self, &first, &end);
  for (guint i = 0; i < self->rows->len; i++)
    {
      guint line = g_array_index (self->rows, Row, i).line;

      n += line >= first && line < end;
    }

  return n == end - first;
}

static void
memscope_card_list_size_allocate (GtkWidget *widget,
                                  int        width,
                                  int        height,
                                  int        baseline)
{
  MemscopeCardList *self = MEMSCOPE_CARD_LIST (widget);

  self->allocating = TRUE;
  memscope_card_list_measure_rows (self, width);
  memscope_card_list_set_range (self);
  if (self->adjustments[GTK_ORIENTATION_HORIZONTAL] != NULL)
    gtk_adjustment_configure (self->adjustments[GTK_ORIENTATION_HORIZONTAL], 0, 0, width, width * .1, width * .9, width);
  memscope_card_list_allocate_rows (self, width);
  self->allocating = FALSE;

  if (!memscope_card_list_covers_screen (self))
    memscope_card_list_queue_update (self);
}

static void
memscope_card_list_snapshot (GtkWidget   *widget,
                             GtkSnapshot *snapshot)
{
  MemscopeCardList *self = MEMSCOPE_CARD_LIST (widget);
  double top = get_scroll (self);
  double bottom = top + gtk_widget_get_height (widget);

  for (guint i = 0; i < self->rows->len; i++)
    {
      Row *row = &g_array_index (self->rows, Row, i);

      if (get_line_top (self, row->line + 1) > top && get_line_top (self, row->line) < bottom)
        gtk_widget_snapshot_child (widget, GTK_WIDGET (row->widget), snapshot);
    }
}

static void
memscope_card_list_show_line (MemscopeCardList *self,
                              guint             line)
{
  if (get_vadjustment (self) != NULL)
    gtk_adjustment_clamp_page (get_vadjustment (self), get_line_top (self, line), get_line_top (self, line + 1));
}

/* What has the keyboard focus is on screen. */
static void
memscope_card_list_set_focus_child (GtkWidget *widget,
                                    GtkWidget *child)
{
  MemscopeCardList *self = MEMSCOPE_CARD_LIST (widget);

  GTK_WIDGET_CLASS (memscope_card_list_parent_class)->set_focus_child (widget, child);

  for (guint i = 0; child != NULL && i < self->rows->len; i++)
    {
      Row row = g_array_index (self->rows, Row, i);

      if (GTK_WIDGET (row.widget) != child)
        continue;
      memscope_card_list_show_line (self, row.line);
      break;
    }
}

static void
memscope_card_list_set_adjustment (MemscopeCardList *self,
                                   GtkOrientation    orientation,
                                   GtkAdjustment    *adjustment)
{
  GtkAdjustment **place = &self->adjustments[orientation];

  if (*place == adjustment)
    return;

  if (*place != NULL)
    g_signal_handlers_disconnect_by_func (*place, memscope_card_list_scrolled, self);
  g_set_object (place, adjustment);
  if (adjustment != NULL && orientation == GTK_ORIENTATION_VERTICAL)
    g_signal_connect_object (adjustment, "value-changed", G_CALLBACK (memscope_card_list_scrolled), self, G_CONNECT_SWAPPED);
  gtk_widget_queue_allocate (GTK_WIDGET (self));
}

static void
memscope_card_list_get_property (GObject    *object,
                                 guint       prop_id,
                                 GValue     *value,
                                 GParamSpec *pspec)
{
  MemscopeCardList *self = MEMSCOPE_CARD_LIST (object);

  switch (prop_id)
    {
    case PROP_HADJUSTMENT:
      g_value_set_object (value, self->adjustments[GTK_ORIENTATION_HORIZONTAL]);
      break;

    case PROP_VADJUSTMENT:
      g_value_set_object (value, self->adjustments[GTK_ORIENTATION_VERTICAL]);
      break;

    case PROP_HSCROLL_POLICY:
      g_value_set_enum (value, self->policies[GTK_ORIENTATION_HORIZONTAL]);
      break;

    case PROP_VSCROLL_POLICY:
      g_value_set_enum (value, self->policies[GTK_ORIENTATION_VERTICAL]);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
memscope_card_list_set_property (GObject      *object,
                                 guint         prop_id,
                                 const GValue *value,
                                 GParamSpec   *pspec)
{
  MemscopeCardList *self = MEMSCOPE_CARD_LIST (object);

  switch (prop_id)
    {
    case PROP_HADJUSTMENT:
      memscope_card_list_set_adjustment (self, GTK_ORIENTATION_HORIZONTAL, g_value_get_object (value));
      break;

    case PROP_VADJUSTMENT:
      memscope_card_list_set_adjustment (self, GTK_ORIENTATION_VERTICAL, g_value_get_object (value));
      break;

    case PROP_HSCROLL_POLICY:
      self->policies[GTK_ORIENTATION_HORIZONTAL] = g_value_get_enum (value);
      gtk_widget_queue_resize (GTK_WIDGET (self));
      break;

    case PROP_VSCROLL_POLICY:
      self->policies[GTK_ORIENTATION_VERTICAL] = g_value_get_enum (value);
      gtk_widget_queue_resize (GTK_WIDGET (self));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
memscope_card_list_dispose (GObject *object)
{
  MemscopeCardList *self = MEMSCOPE_CARD_LIST (object);

  g_clear_handle_id (&self->update_source, g_source_remove);
  for (guint i = 0; i < self->rows->len; i++)
    gtk_widget_unparent (GTK_WIDGET (g_array_index (self->rows, Row, i).widget));
  g_array_set_size (self->rows, 0);
  memscope_card_list_set_adjustment (self, GTK_ORIENTATION_HORIZONTAL, NULL);
  memscope_card_list_set_adjustment (self, GTK_ORIENTATION_VERTICAL, NULL);
  g_clear_object (&self->model);
  g_clear_object (&self->state);

  G_OBJECT_CLASS (memscope_card_list_parent_class)->dispose (object);
}

static void
memscope_card_list_finalize (GObject *object)
{
  g_array_unref (MEMSCOPE_CARD_LIST (object)->rows);

  G_OBJECT_CLASS (memscope_card_list_parent_class)->finalize (object);
}

static void
memscope_card_list_class_init (MemscopeCardListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = memscope_card_list_get_property;
  object_class->set_property = memscope_card_list_set_property;
  object_class->dispose = memscope_card_list_dispose;
  object_class->finalize = memscope_card_list_finalize;
  widget_class->measure = memscope_card_list_measure;
  widget_class->size_allocate = memscope_card_list_size_allocate;
  widget_class->snapshot = memscope_card_list_snapshot;
  widget_class->set_focus_child = memscope_card_list_set_focus_child;

  g_object_class_override_property (object_class, PROP_HADJUSTMENT, "hadjustment");
  g_object_class_override_property (object_class, PROP_VADJUSTMENT, "vadjustment");
  g_object_class_override_property (object_class, PROP_HSCROLL_POLICY, "hscroll-policy");
  g_object_class_override_property (object_class, PROP_VSCROLL_POLICY, "vscroll-policy");

  only_thread_signal = g_signal_new ("only-thread", MEMSCOPE_TYPE_CARD_LIST, G_SIGNAL_RUN_LAST,
                                     0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);

  gtk_widget_class_set_css_name (widget_class, "cardlist");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_LIST);
}

static void
memscope_card_list_init (MemscopeCardList *self)
{
  self->rows = g_array_new (FALSE, FALSE, sizeof (Row));
  self->header_height = HEADER_HEIGHT;
  self->cards_height = CARDS_HEIGHT;
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
}

void
memscope_card_list_set_model (MemscopeCardList  *self,
                              MemscopeCardModel *model)
{
  g_return_if_fail (MEMSCOPE_IS_CARD_LIST (self));
  g_return_if_fail (MEMSCOPE_IS_CARD_MODEL (model));
  g_return_if_fail (self->model == NULL);

  self->model = g_object_ref (model);
  g_signal_connect_object (model, "refilled", G_CALLBACK (memscope_card_list_refilled), self, G_CONNECT_SWAPPED);
  memscope_card_list_refilled (self);
}

void
memscope_card_list_set_state (MemscopeCardList  *self,
                              MemscopeViewState *state)
{
  g_return_if_fail (MEMSCOPE_IS_CARD_LIST (self));
  g_return_if_fail (MEMSCOPE_IS_VIEW_STATE (state));

  g_set_object (&self->state, state);
}

MemscopeVariableCard *
memscope_card_list_find_card (MemscopeCardList *self,
                              guint             card)
{
  g_return_val_if_fail (MEMSCOPE_IS_CARD_LIST (self), NULL);

  for (guint i = 0; i < self->rows->len; i++)
    {
      MemscopeVariableCard *found = memscope_card_row_find_card (g_array_index (self->rows, Row, i).widget, card);

      if (found != NULL)
        return found;
    }

  return NULL;
}

gboolean
memscope_card_list_scroll_to (MemscopeCardList *self,
                              guint             card)
{
  guint line;

  g_return_val_if_fail (MEMSCOPE_IS_CARD_LIST (self), FALSE);

  if (self->model == NULL || !memscope_card_model_find_line (self->model, card, &line))
    return FALSE;

  memscope_card_list_show_line (self, line);

  return TRUE;
}

guint
memscope_card_list_get_n_rows (MemscopeCardList *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_CARD_LIST (self), 0);

  return self->rows->len;
}
