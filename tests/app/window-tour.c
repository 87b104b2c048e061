/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <stdlib.h>
#include <time.h>

#include "app-fixture.h"
#include "memscope-calls-view-private.h"
#include "memscope-card-list.h"
#include "memscope-query.h"
#include "memscope-stat-tile.h"
#include "memscope-window-private.h"
#include "window-tour.h"

#define MAX_FRAMES 1000
#define MAX_OPENED 200   /* rows of calls */

typedef struct
{
  MemscopeWindow *window;
  StallWatch     *watch;
  TourDone        done;
  gpointer        user_data;
  TourStep        step;
  double          began;
  double          cpu_began;
} Tour;

static double
read_clock (clockid_t clock)
{
  struct timespec now;

  clock_gettime (clock, &now);

  return (double) now.tv_sec * 1e3 + (double) now.tv_nsec / 1e6;
}

static void
begin_step (Tour       *self,
            const char *name)
{
  self->step = (TourStep) { .name = name };
  self->began = read_clock (CLOCK_MONOTONIC);
  self->cpu_began = read_clock (CLOCK_PROCESS_CPUTIME_ID);
  stall_watch_reset (self->watch);
}

static gboolean
is_quiet (gpointer user_data)
{
  return memscope_query_count () == 0;
}

/* The time of a step ends with the last result; the watch looks a little longer. */
static void
end_step (Tour *self)
{
  app_fixture_wait (is_quiet, NULL);
  self->step.wall = read_clock (CLOCK_MONOTONIC) - self->began;
  self->step.cpu = read_clock (CLOCK_PROCESS_CPUTIME_ID) - self->cpu_began;
  app_fixture_settle ();
  self->step.worst = stall_watch_get_worst (self->watch);
  self->done (&self->step, self->user_data);
}

/* ---- frames --------------------------------------------------------------- */

typedef struct
{
  void   (*move) (Tour *tour, guint frame);
  Tour    *tour;
  guint    n;
  guint    frame;
  double   last;
  double   gaps[MAX_FRAMES];
} Animation;

static gboolean
next_frame (GtkWidget     *widget,
            GdkFrameClock *clock,
            gpointer       user_data)
{
  Animation *self = user_data;
  double now = read_clock (CLOCK_MONOTONIC);

  if (self->frame > 0)
    self->gaps[self->frame - 1] = now - self->last;
  self->last = now;
  if (self->frame == self->n)
    {
      self->frame++;
      return G_SOURCE_REMOVE;
    }

  self->move (self->tour, self->frame++);

  return G_SOURCE_CONTINUE;
}

static gboolean
is_over (gpointer user_data)
{
  Animation *self = user_data;

  return self->frame > self->n;
}

static int
compare_doubles (gconstpointer a,
                 gconstpointer b)
{
  double left = *(const double *) a;
  double right = *(const double *) b;

  return (left > right) - (left < right);
}

/* Calls @move at each of @n frames. */
static void
animate (Tour  *self,
         guint  n,
         void (*move) (Tour *tour, guint frame))
{
  Animation animation = { .move = move, .tour = self, .n = MIN (n, MAX_FRAMES) };
  double cpu = read_clock (CLOCK_THREAD_CPUTIME_ID);

  gtk_widget_add_tick_callback (GTK_WIDGET (self->window), next_frame, &animation, NULL);
  app_fixture_wait (is_over, &animation);

  qsort (animation.gaps, animation.n, sizeof (double), compare_doubles);
  self->step.n_frames = animation.n;
  self->step.median = animation.gaps[animation.n / 2];
  self->step.slowest = animation.gaps[animation.n - 1];
  self->step.frame_cpu = (read_clock (CLOCK_THREAD_CPUTIME_ID) - cpu) / animation.n;
}

static GtkWidget *
find_mapped (GtkWidget *widget,
             GType      type)
{
  if (!gtk_widget_get_mapped (widget))
    return NULL;
  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type))
    return widget;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_mapped (child, type);

      if (found != NULL)
        return found;
    }

  return NULL;
}

static GtkAdjustment *
find_scroll (Tour *self)
{
  GtkWidget *scrollable = find_mapped (GTK_WIDGET (self->window->variables), MEMSCOPE_TYPE_CARD_LIST);

  g_assert_nonnull (scrollable);

  return gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (scrollable));
}

static void
scroll_by (Tour   *self,
           double  pixels)
{
  GtkAdjustment *adjustment = find_scroll (self);

  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_value (adjustment) + pixels);
}

static void
scroll_slowly (Tour *self,
               guint frame)
{
  scroll_by (self, 40);
}

static void
scroll_fast (Tour *self,
             guint frame)
{
  scroll_by (self, 5000);
}

static void
drag_range (Tour *self,
            guint frame)
{
  MemscopeViewState *state = self->window->state;
  guint64 end = memscope_view_state_get_end (state);

  memscope_view_state_set_range (state, end / 400 * (frame + 1), end - end / 800 * frame);
}

static void
move_instant (Tour *self,
              guint frame)
{
  MemscopeViewState *state = self->window->state;
  guint64 end = memscope_view_state_get_end (state);

  memscope_view_state_set_instant (state, end / 2 + end / 400 * frame);
}

static void
zoom_in (Tour *self,
         guint frame)
{
  MemscopeViewState *state = self->window->state;

  memscope_view_state_zoom (state, 1.05, memscope_view_state_get_end (state) / 3);
}

/* ---- steps ------------------------------------------------------------------- */

static GtkWidget *
find_named (GtkWidget  *widget,
            const char *id)
{
  return GTK_WIDGET (gtk_widget_get_template_child (widget, G_OBJECT_TYPE (widget), id));
}

static gboolean
shows_figures (gpointer user_data)
{
  MemscopeWindow *window = user_data;
  GtkWidget *tile = window->state != NULL ? find_mapped (GTK_WIDGET (window->overview), MEMSCOPE_TYPE_STAT_TILE) : NULL;

  return tile != NULL && g_ascii_isdigit (gtk_label_get_text (GTK_LABEL (find_named (tile, "number_label")))[0]);
}

/* The first thing to read about the recording: what its chunks' heads say, or the tiles. */
static gboolean
shows_something (gpointer user_data)
{
  MemscopeWindow *window = user_data;

  return gtk_widget_get_mapped (window->loading_facts) || shows_figures (window);
}

static void
tour_opening (Tour  *self,
              GFile *file)
{
  begin_step (self, "open");
  memscope_window_open (self->window, file);
  app_fixture_wait (shows_something, self->window);
  self->step.first = read_clock (CLOCK_MONOTONIC) - self->began;
  app_fixture_wait (shows_figures, self->window);
  self->step.figures = read_clock (CLOCK_MONOTONIC) - self->began;
  end_step (self);
}

static gboolean
has_cards (gpointer user_data)
{
  return memscope_variables_view_get_cards (MEMSCOPE_WINDOW (user_data)->variables) != NULL;
}

static void
tour_views (Tour *self)
{
  g_autoptr(GListModel) pages = G_LIST_MODEL (adw_view_stack_get_pages (self->window->views));

  for (guint i = 0; i < g_list_model_get_n_items (pages); i++)
    {
      g_autoptr(AdwViewStackPage) page = g_list_model_get_item (pages, i);
      const char *name = adw_view_stack_page_get_name (page);
      g_autofree char *showing = g_strdup_printf ("show %s", name);
      g_autofree char *ranging = g_strdup_printf ("drag a range in %s", name);
      g_autofree char *whole = g_strdup_printf ("clear the range in %s", name);

      if (!adw_view_stack_page_get_visible (page))
        continue;

      begin_step (self, showing);
      memscope_window_show_view (self->window, name);
      end_step (self);
      begin_step (self, ranging);
      animate (self, 60, drag_range);
      end_step (self);
      begin_step (self, whole);
      memscope_view_state_clear_range (self->window->state);
      end_step (self);
    }
}

static void
tour_overview (Tour *self)
{
  memscope_window_show_view (self->window, "overview");
  begin_step (self, "move the instant in overview");
  animate (self, 60, move_instant);
  end_step (self);
  begin_step (self, "zoom in overview");
  animate (self, 30, zoom_in);
  end_step (self);
  memscope_view_state_zoom_fit (self->window->state);
  memscope_view_state_clear_range (self->window->state);
  app_fixture_settle ();
}

static void
tour_scrolling (Tour       *self,
                const char *slow,
                const char *fast)
{
  begin_step (self, slow);
  animate (self, 120, scroll_slowly);
  end_step (self);
  begin_step (self, fast);
  animate (self, 120, scroll_fast);
  end_step (self);
}

static void
show_variables (Tour *self)
{
  memscope_window_show_view (self->window, "variables");
  app_fixture_wait (has_cards, self->window);
  app_fixture_settle ();
}

static void
type_and_wait (Tour       *self,
               const char *text)
{
  gint64 end = g_get_monotonic_time () + 60000;

  memscope_view_state_set_text (self->window->state, text);
  while (g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, FALSE);
}

static void
tour_cards (Tour *self)
{
  static const char *texts[] = { "b", "bu", "buf", "buff", "buffe", "buffer", "buffe", "buf", "b", "" };
  GtkWidget *view = GTK_WIDGET (self->window->variables);

  show_variables (self);
  tour_scrolling (self, "scroll cards", "scroll cards fast");

  begin_step (self, "type into the search");
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    type_and_wait (self, texts[i]);
  end_step (self);

  begin_step (self, "sort by name");
  gtk_drop_down_set_selected (GTK_DROP_DOWN (find_named (view, "sort_dropdown")), MEMSCOPE_CARD_SORT_NAME);
  end_step (self);
  begin_step (self, "group by variable");
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (find_named (view, "by_variable_button")), TRUE);
  end_step (self);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (find_named (view, "by_variable_button")), FALSE);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (find_named (view, "sort_dropdown")), MEMSCOPE_CARD_SORT_LIVE);
  app_fixture_settle ();
}

static void
tour_table (Tour *self)
{
  GtkWidget *view = GTK_WIDGET (self->window->variables);

  show_variables (self);
  begin_step (self, "show the table");
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (find_named (view, "table_button")), TRUE);
  end_step (self);
  tour_scrolling (self, "scroll the table", "scroll the table fast");
  begin_step (self, "drag a range over the table");
  animate (self, 60, drag_range);
  end_step (self);
  memscope_view_state_clear_range (self->window->state);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (find_named (view, "table_button")), FALSE);
  app_fixture_settle ();
}

static void
tour_inspector (Tour *self)
{
  static const char *tabs[] = { "lifecycle", "passport", "optimization", "overview" };
  GtkWidget *stack;

  show_variables (self);
  begin_step (self, "inspect the first card");
  memscope_variables_view_inspect_first (self->window->variables);
  end_step (self);

  stack = find_mapped (GTK_WIDGET (self->window->inspector), GTK_TYPE_STACK);
  for (guint i = 0; stack != NULL && i < G_N_ELEMENTS (tabs); i++)
    {
      g_autofree char *name = g_strdup_printf ("inspector: %s", tabs[i]);

      begin_step (self, name);
      gtk_stack_set_visible_child_name (GTK_STACK (stack), tabs[i]);
      end_step (self);
    }

  begin_step (self, "inspect one after the other");
  for (guint i = 0; i < 20; i++)
    {
      memscope_variables_view_step (self->window->variables, 1);
      while (g_main_context_iteration (NULL, FALSE))
        ;
    }
  end_step (self);

  begin_step (self, "drag a range while inspecting");
  animate (self, 60, drag_range);
  end_step (self);
}

/* ---- the calls ----------------------------------------------------------------- */

static void
scroll_calls (Tour *self,
              guint frame)
{
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (self->window->calls->graph_scroller);

  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_value (adjustment) + 40);
}

/* Each frame another box is chosen, which the table follows. */
static void
walk_calls (Tour *self,
            guint frame)
{
  MemscopeCallsView *view = self->window->calls;
  guint n = memscope_call_tree_get_n_nodes (view->tree);

  memscope_calls_view_select (view, 1 + frame * 7 % MAX (n - 1, 1));
}

/* Each frame all boxes are laid out and drawn anew. */
static void
zoom_calls (Tour *self,
            guint frame)
{
  MemscopeCallsView *view = self->window->calls;
  const guint32 *children;
  guint32 root = memscope_flame_graph_get_root (view->graph);
  guint n;

  children = memscope_call_tree_get_children (view->tree, root, &n);
  memscope_calls_view_zoom (view, n > 0 && frame % 20 != 19 ? children[0] : 0);
}

static void
scroll_calls_table (Tour *self,
                    guint frame)
{
  GtkScrollable *list = GTK_SCROLLABLE (memscope_calls_table_get_list (self->window->calls->table));
  GtkAdjustment *adjustment = gtk_scrollable_get_vadjustment (list);

  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_value (adjustment) + 400);
}

/* As many rows as a person could ever open, one after the other. */
static void
open_all_calls (Tour *self)
{
  MemscopeCallsTable *table = self->window->calls->table;
  MemscopeCallRows *rows = memscope_calls_table_get_rows (table);

  for (guint i = 0; i < memscope_call_rows_get_n (rows) && i < MAX_OPENED; i++)
    {
      guint32 node = memscope_call_rows_get (rows, i).node;

      if (memscope_call_rows_can_open (rows, node) && !memscope_call_rows_is_open (rows, node))
        g_signal_emit_by_name (memscope_calls_table_get_list (table), "toggled", node);
      while (g_main_context_iteration (NULL, FALSE))
        ;
    }
}

static void
tour_calls (Tour *self)
{
  MemscopeCallsView *view = self->window->calls;

  begin_step (self, "show the calls");
  memscope_window_show_view (self->window, "calls");
  end_step (self);
  if (view->tree == NULL || memscope_call_tree_get_n_nodes (view->tree) < 2)
    return;

  for (guint bottom_up = 0; bottom_up < 2; bottom_up++)
    {
      g_autofree char *nodes = g_strdup_printf ("calls %s", bottom_up ? "bottom-up" : "top-down");

      begin_step (self, nodes);
      gtk_toggle_button_set_active (view->bottom_up_button, bottom_up);
      end_step (self);
      begin_step (self, "scroll the flame graph");
      animate (self, 60, scroll_calls);
      end_step (self);
      begin_step (self, "zoom the flame graph");
      animate (self, 60, zoom_calls);
      end_step (self);
    }

  memscope_calls_view_zoom (view, 0);
  begin_step (self, "walk through the calls");
  animate (self, 60, walk_calls);
  end_step (self);
  begin_step (self, "another measure of the calls");
  gtk_drop_down_set_selected (view->measure_dropdown, MEMSCOPE_MEASURE_BIRTHS);
  end_step (self);
  begin_step (self, "search the calls");
  gtk_editable_set_text (view->search_entry, "a");
  end_step (self);
  begin_step (self, "drag a range over the calls");
  animate (self, 60, drag_range);
  end_step (self);

  memscope_view_state_clear_range (self->window->state);
  app_fixture_settle ();
  begin_step (self, "sort the calls by name");
  memscope_calls_table_sort (view->table, MEMSCOPE_CALL_SORT_NAME);
  end_step (self);
  begin_step (self, "open all calls");
  open_all_calls (self);
  end_step (self);
  begin_step (self, "scroll the calls");
  animate (self, 60, scroll_calls_table);
  end_step (self);

  memscope_calls_table_sort (view->table, MEMSCOPE_CALL_SORT_TOTAL);
  gtk_editable_set_text (view->search_entry, "");
  gtk_toggle_button_set_active (view->bottom_up_button, FALSE);
  app_fixture_settle ();
}

void
window_tour_run (MemscopeWindow *window,
                 GFile          *file,
                 const char     *only,
                 TourDone        done,
                 gpointer        user_data)
{
  g_autoptr(StallWatch) watch = stall_watch_new ();
  static const struct
  {
    const char *name;
    void      (*run) (Tour *tour);
  } parts[] = {
    { "views", tour_views },
    { "overview", tour_overview },
    { "cards", tour_cards },
    { "table", tour_table },
    { "inspector", tour_inspector },
    { "calls", tour_calls },
  };
  Tour self = { .window = window, .watch = watch, .done = done, .user_data = user_data };

  tour_opening (&self, file);
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      if (only == NULL || g_str_equal (only, parts[i].name))
        parts[i].run (&self);
    }
}
