/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "memscope-call-line.h"
#include "memscope-calls-list.h"

/* A guess, until the first line was measured. */
#define LINE_HEIGHT    26
/* Lines above and below what is on screen: room for the focus to move into, and for
 * a wheel's first step.
 */
#define OVERSCAN_LINES 4

typedef struct
{
  MemscopeCallLine *widget;
  guint             position;
  gboolean          stale;      /* shows a row of what the rows were */
} Line;

struct _MemscopeCallsList
{
  GtkWidget            parent_instance;

  MemscopeCallRows    *rows;
  GtkAdjustment       *adjustments[2];   /* by GtkOrientation */
  GtkScrollablePolicy  policies[2];
  GArray              *lines;            /* Line, by position */
  int                  line_height;
  guint32              selected;         /* node */
  char                *needle;
  gboolean             allocating;
  gboolean             show_selected;    /* as soon as it is known how much is seen */
  guint                update_source;
};

enum
{
  PROP_HADJUSTMENT = 1,
  PROP_VADJUSTMENT,
  PROP_HSCROLL_POLICY,
  PROP_VSCROLL_POLICY,
};

enum
{
  SELECTED,
  ZOOMED,
  TOGGLED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE_WITH_CODE (MemscopeCallsList, memscope_calls_list, GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (GTK_TYPE_SCROLLABLE, NULL))

/* ---- where lines are ----------------------------------------------------- */

static GtkAdjustment *
get_vadjustment (MemscopeCallsList *self)
{
  return self->adjustments[GTK_ORIENTATION_VERTICAL];
}

static double
get_scroll (MemscopeCallsList *self)
{
  return get_vadjustment (self) != NULL ? gtk_adjustment_get_value (get_vadjustment (self)) : 0;
}

/* Lines [*first, *end) are on screen or nearly so. */
static void
get_wanted_lines (MemscopeCallsList *self,
                  guint             *first,
                  guint             *end)
{
  guint n = memscope_call_rows_get_n (self->rows);
  int height = gtk_widget_get_height (GTK_WIDGET (self));
  guint top = (guint) (get_scroll (self) / self->line_height);
  guint bottom = (guint) ((get_scroll (self) + height) / self->line_height) + 1;

  *first = *end = 0;
  if (height == 0)
    return;

  *end = MIN (bottom + OVERSCAN_LINES, n);
  *first = MIN (top > OVERSCAN_LINES ? top - OVERSCAN_LINES : 0, *end);
}

static void
memscope_calls_list_show_line (MemscopeCallsList *self,
                               guint              position)
{
  if (get_vadjustment (self) != NULL)
    gtk_adjustment_clamp_page (get_vadjustment (self), (double) position * self->line_height,
                               ((double) position + 1) * self->line_height);
}

/* ---- lines --------------------------------------------------------------- */

static gboolean
has_focus (const Line *line)
{
  return gtk_widget_get_focus_child (gtk_widget_get_parent (GTK_WIDGET (line->widget))) == GTK_WIDGET (line->widget);
}

/* Divides the lines into those that stay and those to be used for something else.
 * The line that has the keyboard focus stays wherever it is.
 */
static void
memscope_calls_list_keep_lines (MemscopeCallsList *self,
                                guint              first,
                                guint              end,
                                GArray            *kept,
                                GArray            *spare)
{
  for (guint i = 0; i < self->lines->len; i++)
    {
      Line *line = &g_array_index (self->lines, Line, i);
      gboolean wanted = line->position >= first && line->position < end;

      if (wanted || (has_focus (line) && line->position < memscope_call_rows_get_n (self->rows)))
        g_array_append_val (kept, *line);
      else
        g_array_append_val (spare, *line);
    }
}

static int
compare_lines (gconstpointer a,
               gconstpointer b)
{
  guint left = ((const Line *) a)->position;
  guint right = ((const Line *) b)->position;

  return (left > right) - (left < right);
}

/* Assistive technology reads children in their order. */
static void
memscope_calls_list_order_children (MemscopeCallsList *self)
{
  GtkWidget *before = NULL;

  for (guint i = 0; i < self->lines->len; i++)
    {
      GtkWidget *widget = GTK_WIDGET (g_array_index (self->lines, Line, i).widget);

      if (gtk_widget_get_prev_sibling (widget) != before)
        gtk_widget_insert_after (widget, GTK_WIDGET (self), before);
      before = widget;
    }
}

static MemscopeCallLine *
take_widget (MemscopeCallsList *self,
             GArray            *spare)
{
  GtkWidget *widget;

  if (spare->len > 0)
    {
      MemscopeCallLine *used = g_array_index (spare, Line, spare->len - 1).widget;

      g_array_set_size (spare, spare->len - 1);
      return used;
    }

  widget = memscope_call_line_new ();
  gtk_widget_set_parent (widget, GTK_WIDGET (self));

  return MEMSCOPE_CALL_LINE (widget);
}

static void
memscope_calls_list_fill_lines (MemscopeCallsList *self)
{
  for (guint i = 0; i < self->lines->len; i++)
    {
      Line *line = &g_array_index (self->lines, Line, i);

      if (line->stale)
        memscope_call_line_set (line->widget, self->rows, line->position, self->needle);
      line->stale = FALSE;
      memscope_call_line_set_selected (line->widget, memscope_call_line_get_node (line->widget) == self->selected);
    }
}

static void
memscope_calls_list_update_lines (MemscopeCallsList *self)
{
  g_autoptr(GArray) kept = g_array_new (FALSE, FALSE, sizeof (Line));
  g_autoptr(GArray) spare = g_array_new (FALSE, FALSE, sizeof (Line));
  guint n_kept, first, end;
  guint next = 0;

  g_clear_handle_id (&self->update_source, g_source_remove);
  get_wanted_lines (self, &first, &end);
  memscope_calls_list_keep_lines (self, first, end, kept, spare);
  n_kept = kept->len;

  for (guint position = first; position < end; position++)
    {
      Line line = { .position = position, .stale = TRUE };

      while (next < n_kept && g_array_index (kept, Line, next).position < position)
        next++;
      if (next < n_kept && g_array_index (kept, Line, next).position == position)
        continue;

      line.widget = take_widget (self, spare);
      g_array_append_val (kept, line);
    }

  for (guint i = 0; i < spare->len; i++)
    gtk_widget_unparent (GTK_WIDGET (g_array_index (spare, Line, i).widget));
  g_array_sort (kept, compare_lines);
  g_array_unref (self->lines);
  self->lines = g_steal_pointer (&kept);

  memscope_calls_list_fill_lines (self);
  memscope_calls_list_order_children (self);
  gtk_widget_queue_allocate (GTK_WIDGET (self));
}

static gboolean
memscope_calls_list_update_later (gpointer user_data)
{
  MemscopeCallsList *self = user_data;

  self->update_source = 0;
  memscope_calls_list_update_lines (self);

  return G_SOURCE_REMOVE;
}

/* While sizes are given out no widget may come or go. */
static void
memscope_calls_list_queue_update (MemscopeCallsList *self)
{
  if (self->update_source == 0)
    self->update_source = g_idle_add_full (G_PRIORITY_HIGH_IDLE, memscope_calls_list_update_later, self, NULL);
}

static void
memscope_calls_list_scrolled (MemscopeCallsList *self)
{
  if (self->allocating)
    memscope_calls_list_queue_update (self);
  else
    memscope_calls_list_update_lines (self);
}

static void
memscope_calls_list_set_range (MemscopeCallsList *self)
{
  double height = gtk_widget_get_height (GTK_WIDGET (self));
  double upper = (double) memscope_call_rows_get_n (self->rows) * self->line_height;

  if (get_vadjustment (self) != NULL)
    gtk_adjustment_configure (get_vadjustment (self), get_scroll (self), 0, MAX (upper, height),
                              self->line_height, MAX (height - self->line_height, height / 2), height);
}

static GtkWidget *
memscope_calls_list_find_widget (MemscopeCallsList *self,
                                 guint              position)
{
  for (guint i = 0; i < self->lines->len; i++)
    {
      Line line = g_array_index (self->lines, Line, i);

      if (line.position == position)
        return GTK_WIDGET (line.widget);
    }

  return NULL;
}

/* The line that keys start from: the selected one, or the first. */
static gboolean
memscope_calls_list_focus_line (MemscopeCallsList *self)
{
  guint position = memscope_call_rows_find (self->rows, self->selected);
  GtkWidget *widget;

  if (memscope_call_rows_get_n (self->rows) == 0)
    return FALSE;

  if (position == MEMSCOPE_CALL_NONE)
    position = 0;
  memscope_calls_list_show_line (self, position);
  widget = memscope_calls_list_find_widget (self, position);

  return widget != NULL && gtk_widget_grab_focus (widget);
}

/* ---- keys and pointer ---------------------------------------------------- */

static void
memscope_calls_list_choose (MemscopeCallsList *self,
                            guint              position)
{
  guint32 node = memscope_call_rows_get (self->rows, position).node;

  memscope_calls_list_set_selected (self, node);
  memscope_calls_list_focus_line (self);
  g_signal_emit (self, signals[SELECTED], 0, node);
}

/* Left closes a row or goes to the one above it, Right opens it or goes into it. */
static void
memscope_calls_list_step_sideways (MemscopeCallsList *self,
                                   guint              position,
                                   gboolean           into)
{
  MemscopeCallRow row = memscope_call_rows_get (self->rows, position);
  gboolean open = memscope_call_rows_is_open (self->rows, row.node);

  if (into ? !open && memscope_call_rows_can_open (self->rows, row.node) : open)
    g_signal_emit (self, signals[TOGGLED], 0, row.node);
  else if (into && open)
    memscope_calls_list_choose (self, position + 1);
  else if (!into && row.depth > 0)
    memscope_calls_list_choose (self, memscope_call_rows_find (self->rows,
                                                               memscope_call_tree_get_node (memscope_call_rows_get_tree (self->rows),
                                                                                            row.node)->parent));
}

static gint64
find_step (MemscopeCallsList *self,
           guint              keyval)
{
  gint64 page = MAX (gtk_widget_get_height (GTK_WIDGET (self)) / self->line_height - 1, 1);

  switch (keyval)
    {
    case GDK_KEY_Up:
    case GDK_KEY_KP_Up:
      return -1;
    case GDK_KEY_Down:
    case GDK_KEY_KP_Down:
      return 1;
    case GDK_KEY_Page_Up:
    case GDK_KEY_KP_Page_Up:
      return -page;
    case GDK_KEY_Page_Down:
    case GDK_KEY_KP_Page_Down:
      return page;
    case GDK_KEY_Home:
    case GDK_KEY_KP_Home:
      return -(gint64) G_MAXUINT32;
    case GDK_KEY_End:
    case GDK_KEY_KP_End:
      return G_MAXUINT32;
    default:
      return 0;
    }
}

static gboolean
memscope_calls_list_key_pressed (GtkEventControllerKey *controller,
                                 guint                  keyval,
                                 guint                  keycode,
                                 GdkModifierType        modifiers,
                                 MemscopeCallsList     *self)
{
  guint n = memscope_call_rows_get_n (self->rows);
  guint position = memscope_call_rows_find (self->rows, self->selected);
  gint64 step = find_step (self, keyval);

  if (n == 0 || (modifiers & (GDK_CONTROL_MASK | GDK_ALT_MASK)))
    return GDK_EVENT_PROPAGATE;

  if (step != 0)
    {
      /* where nothing is selected any key to the top or down selects the first */
      gint64 target = position != MEMSCOPE_CALL_NONE ? (gint64) position + step : step == G_MAXUINT32 ? step : 0;

      memscope_calls_list_choose (self, (guint) CLAMP (target, 0, (gint64) n - 1));
      return GDK_EVENT_STOP;
    }
  if (position == MEMSCOPE_CALL_NONE)
    return GDK_EVENT_PROPAGATE;

  switch (keyval)
    {
    case GDK_KEY_Left:
    case GDK_KEY_KP_Left:
    case GDK_KEY_Right:
    case GDK_KEY_KP_Right:
      memscope_calls_list_step_sideways (self, position, keyval == GDK_KEY_Right || keyval == GDK_KEY_KP_Right);
      return GDK_EVENT_STOP;
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
    case GDK_KEY_ISO_Enter:
      g_signal_emit (self, signals[ZOOMED], 0, self->selected);
      return GDK_EVENT_STOP;
    default:
      return GDK_EVENT_PROPAGATE;
    }
}

static void
memscope_calls_list_released (MemscopeCallsList *self,
                              int                n_press,
                              double             x,
                              double             y)
{
  guint position = (guint) MAX ((y + get_scroll (self)) / self->line_height, 0);
  GtkWidget *widget = memscope_calls_list_find_widget (self, position);
  double line_x, line_y;

  if (widget == NULL || !gtk_widget_translate_coordinates (GTK_WIDGET (self), widget, x, y, &line_x, &line_y))
    return;

  if (memscope_call_line_is_on_arrow (MEMSCOPE_CALL_LINE (widget), line_x))
    g_signal_emit (self, signals[TOGGLED], 0, memscope_call_line_get_node (MEMSCOPE_CALL_LINE (widget)));
  else if (n_press == 2)
    g_signal_emit (self, signals[ZOOMED], 0, memscope_call_line_get_node (MEMSCOPE_CALL_LINE (widget)));
  else
    memscope_calls_list_choose (self, position);
}

/* One stop for Tab, whatever the number of lines; the arrows move inside. */
static gboolean
memscope_calls_list_focus (GtkWidget        *widget,
                           GtkDirectionType  direction)
{
  if (gtk_widget_get_focus_child (widget) != NULL)
    return FALSE;

  return memscope_calls_list_focus_line (MEMSCOPE_CALLS_LIST (widget));
}

static gboolean
memscope_calls_list_grab_focus (GtkWidget *widget)
{
  return memscope_calls_list_focus_line (MEMSCOPE_CALLS_LIST (widget));
}

/* ---- the widget ---------------------------------------------------------- */

static void
memscope_calls_list_measure (GtkWidget      *widget,
                             GtkOrientation  orientation,
                             int             for_size,
                             int            *minimum,
                             int            *natural,
                             int            *minimum_baseline,
                             int            *natural_baseline)
{
  MemscopeCallsList *self = MEMSCOPE_CALLS_LIST (widget);

  if (orientation == GTK_ORIENTATION_VERTICAL)
    {
      *minimum = self->line_height;
      *natural = 5 * self->line_height;
      return;
    }

  /* they are all alike */
  if (self->lines->len > 0)
    gtk_widget_measure (GTK_WIDGET (g_array_index (self->lines, Line, 0).widget), orientation, -1,
                        minimum, natural, NULL, NULL);
}

static gboolean
memscope_calls_list_covers_screen (MemscopeCallsList *self)
{
  guint first, end;
  guint n = 0;

  get_wanted_lines (self, &first, &end);
  for (guint i = 0; i < self->lines->len; i++)
    {
      guint position = g_array_index (self->lines, Line, i).position;

      n += position >= first && position < end;
    }

  return n == end - first;
}

static void
memscope_calls_list_allocate_lines (MemscopeCallsList *self,
                                    int                width)
{
  for (guint i = 0; i < self->lines->len; i++)
    {
      Line *line = &g_array_index (self->lines, Line, i);
      /* A line kept for the focus may be very far away. */
      double y = CLAMP ((double) line->position * self->line_height - get_scroll (self), -1e6, 1e6);
      int minimum;

      gtk_widget_measure (GTK_WIDGET (line->widget), GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
      gtk_widget_size_allocate (GTK_WIDGET (line->widget),
                                &(GtkAllocation) { 0, (int) y, MAX (width, minimum), self->line_height }, -1);
    }
}

static void
memscope_calls_list_size_allocate (GtkWidget *widget,
                                   int        width,
                                   int        height,
                                   int        baseline)
{
  MemscopeCallsList *self = MEMSCOPE_CALLS_LIST (widget);

  self->allocating = TRUE;
  if (self->lines->len > 0)
    gtk_widget_measure (GTK_WIDGET (g_array_index (self->lines, Line, 0).widget), GTK_ORIENTATION_VERTICAL, -1,
                        &self->line_height, NULL, NULL, NULL);
  memscope_calls_list_set_range (self);
  if (self->show_selected && height > 0)
    {
      guint position = memscope_call_rows_find (self->rows, self->selected);

      if (position != MEMSCOPE_CALL_NONE)
        memscope_calls_list_show_line (self, position);
      self->show_selected = self->lines->len == 0;
    }
  if (self->adjustments[GTK_ORIENTATION_HORIZONTAL] != NULL)
    gtk_adjustment_configure (self->adjustments[GTK_ORIENTATION_HORIZONTAL], 0, 0, width, width * .1, width * .9, width);
  memscope_calls_list_allocate_lines (self, width);
  self->allocating = FALSE;

  if (!memscope_calls_list_covers_screen (self))
    memscope_calls_list_queue_update (self);
}

static void
memscope_calls_list_snapshot (GtkWidget   *widget,
                              GtkSnapshot *snapshot)
{
  MemscopeCallsList *self = MEMSCOPE_CALLS_LIST (widget);
  double top = get_scroll (self);
  double bottom = top + gtk_widget_get_height (widget);

  for (guint i = 0; i < self->lines->len; i++)
    {
      Line *line = &g_array_index (self->lines, Line, i);
      double y = (double) line->position * self->line_height;

      if (y + self->line_height > top && y < bottom)
        gtk_widget_snapshot_child (widget, GTK_WIDGET (line->widget), snapshot);
    }
}

static void
memscope_calls_list_set_adjustment (MemscopeCallsList *self,
                                    GtkOrientation     orientation,
                                    GtkAdjustment     *adjustment)
{
  GtkAdjustment **place = &self->adjustments[orientation];

  if (*place == adjustment)
    return;

  if (*place != NULL)
    g_signal_handlers_disconnect_by_func (*place, memscope_calls_list_scrolled, self);
  g_set_object (place, adjustment);
  if (adjustment != NULL && orientation == GTK_ORIENTATION_VERTICAL)
    g_signal_connect_object (adjustment, "value-changed", G_CALLBACK (memscope_calls_list_scrolled), self, G_CONNECT_SWAPPED);
  gtk_widget_queue_allocate (GTK_WIDGET (self));
}

static void
memscope_calls_list_get_property (GObject    *object,
                                  guint       prop_id,
                                  GValue     *value,
                                  GParamSpec *pspec)
{
  MemscopeCallsList *self = MEMSCOPE_CALLS_LIST (object);

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
memscope_calls_list_set_property (GObject      *object,
                                  guint         prop_id,
                                  const GValue *value,
                                  GParamSpec   *pspec)
{
  MemscopeCallsList *self = MEMSCOPE_CALLS_LIST (object);

  switch (prop_id)
    {
    case PROP_HADJUSTMENT:
      memscope_calls_list_set_adjustment (self, GTK_ORIENTATION_HORIZONTAL, g_value_get_object (value));
      break;

    case PROP_VADJUSTMENT:
      memscope_calls_list_set_adjustment (self, GTK_ORIENTATION_VERTICAL, g_value_get_object (value));
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
memscope_calls_list_dispose (GObject *object)
{
  MemscopeCallsList *self = MEMSCOPE_CALLS_LIST (object);

  g_clear_handle_id (&self->update_source, g_source_remove);
  for (guint i = 0; i < self->lines->len; i++)
    gtk_widget_unparent (GTK_WIDGET (g_array_index (self->lines, Line, i).widget));
  g_array_set_size (self->lines, 0);
  memscope_calls_list_set_adjustment (self, GTK_ORIENTATION_HORIZONTAL, NULL);
  memscope_calls_list_set_adjustment (self, GTK_ORIENTATION_VERTICAL, NULL);

  G_OBJECT_CLASS (memscope_calls_list_parent_class)->dispose (object);
}

static void
memscope_calls_list_finalize (GObject *object)
{
  MemscopeCallsList *self = MEMSCOPE_CALLS_LIST (object);

  g_array_unref (self->lines);
  g_free (self->needle);

  G_OBJECT_CLASS (memscope_calls_list_parent_class)->finalize (object);
}

static void
memscope_calls_list_class_init (MemscopeCallsListClass *klass)
{
  static const char *names[N_SIGNALS] = { "selected", "zoomed", "toggled" };
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = memscope_calls_list_get_property;
  object_class->set_property = memscope_calls_list_set_property;
  object_class->dispose = memscope_calls_list_dispose;
  object_class->finalize = memscope_calls_list_finalize;
  widget_class->measure = memscope_calls_list_measure;
  widget_class->size_allocate = memscope_calls_list_size_allocate;
  widget_class->snapshot = memscope_calls_list_snapshot;
  widget_class->focus = memscope_calls_list_focus;
  widget_class->grab_focus = memscope_calls_list_grab_focus;

  g_object_class_override_property (object_class, PROP_HADJUSTMENT, "hadjustment");
  g_object_class_override_property (object_class, PROP_VADJUSTMENT, "vadjustment");
  g_object_class_override_property (object_class, PROP_HSCROLL_POLICY, "hscroll-policy");
  g_object_class_override_property (object_class, PROP_VSCROLL_POLICY, "vscroll-policy");

  for (guint i = 0; i < N_SIGNALS; i++)
    signals[i] = g_signal_new (names[i], G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                               0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);

  gtk_widget_class_set_css_name (widget_class, "callslist");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_TREE);
}

static void
memscope_calls_list_init (MemscopeCallsList *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  self->lines = g_array_new (FALSE, FALSE, sizeof (Line));
  self->line_height = LINE_HEIGHT;
  self->selected = MEMSCOPE_CALL_NONE;
  self->needle = g_strdup ("");
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);

  g_signal_connect (keys, "key-pressed", G_CALLBACK (memscope_calls_list_key_pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  g_signal_connect_swapped (click, "released", G_CALLBACK (memscope_calls_list_released), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
}

GtkWidget *
memscope_calls_list_new (MemscopeCallRows *rows)
{
  MemscopeCallsList *self = g_object_new (MEMSCOPE_TYPE_CALLS_LIST, NULL);

  self->rows = rows;

  return GTK_WIDGET (self);
}

void
memscope_calls_list_refill (MemscopeCallsList *self)
{
  gboolean focused;

  g_return_if_fail (MEMSCOPE_IS_CALLS_LIST (self));

  focused = gtk_widget_get_focus_child (GTK_WIDGET (self)) != NULL;
  for (guint i = 0; i < self->lines->len; i++)
    g_array_index (self->lines, Line, i).stale = TRUE;
  memscope_calls_list_set_range (self);
  memscope_calls_list_update_lines (self);
  /* The focus stays with the row, not with the place that it had. */
  if (focused)
    memscope_calls_list_focus_line (self);
}

void
memscope_calls_list_set_selected (MemscopeCallsList *self,
                                  guint32            node)
{
  gboolean focused;
  guint position;

  g_return_if_fail (MEMSCOPE_IS_CALLS_LIST (self));

  self->selected = node;
  position = memscope_call_rows_find (self->rows, node);
  focused = gtk_widget_get_focus_child (GTK_WIDGET (self)) != NULL;
  if (position != MEMSCOPE_CALL_NONE)
    {
      /* The table may be given another height right after: the graph above has its own. */
      self->show_selected = TRUE;
      memscope_calls_list_show_line (self, position);
    }
  memscope_calls_list_fill_lines (self);
  gtk_widget_queue_allocate (GTK_WIDGET (self));
  if (focused)
    memscope_calls_list_focus_line (self);
}

guint32
memscope_calls_list_get_selected (MemscopeCallsList *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_CALLS_LIST (self), MEMSCOPE_CALL_NONE);

  return self->selected;
}

void
memscope_calls_list_set_needle (MemscopeCallsList *self,
                                const char        *needle)
{
  g_return_if_fail (MEMSCOPE_IS_CALLS_LIST (self));

  if (g_str_equal (needle, self->needle))
    return;

  g_free (self->needle);
  self->needle = g_strdup (needle);
  for (guint i = 0; i < self->lines->len; i++)
    g_array_index (self->lines, Line, i).stale = TRUE;
  memscope_calls_list_fill_lines (self);
}

guint
memscope_calls_list_get_n_lines (MemscopeCallsList *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_CALLS_LIST (self), 0);

  return self->lines->len;
}
