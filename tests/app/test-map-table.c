/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The memory map as tables. */

#include "config.h"

#include <string.h>

#include "app-fixture.h"
#include "memscope-application.h"
#include "memscope-window-private.h"

static GtkApplication *application;

static gboolean
has_loaded (gpointer user_data)
{
  return !memscope_window_is_loading (user_data);
}

/* A window with the map of a recording in it, drawn or as tables. */
static MemscopeWindow *
open_map (const char  *name,
          GFile      **file)
{
  MemscopeWindow *window = memscope_window_new (application);

  *file = app_fixture_unpack (name);
  gtk_window_set_default_size (GTK_WINDOW (window), 1200, 800);
  memscope_map_view_set_table (window->map, TRUE);
  memscope_window_show_view (window, "map");
  gtk_window_present (GTK_WINDOW (window));
  memscope_window_open (window, *file);
  app_fixture_wait (has_loaded, window);
  app_fixture_settle ();

  return window;
}

static void
close_window (MemscopeWindow *window,
              GFile          *file)
{
  gtk_window_destroy (GTK_WINDOW (window));
  app_fixture_settle ();
  app_fixture_remove (file);
}

static void
assert_tables_have_the_map (MemscopeWindow *window)
{
  MemscopeMapOrder *order = memscope_map_table_get_order (memscope_map_view_get_table (window->map));
  const MemscopeAddressMap *map = memscope_map_view_get_data (window->map)->map;

  g_assert_nonnull (order);
  g_assert_cmpuint (order->n, ==, map->n_selected);
  g_assert_true (order->data->map == map);
}

static void
assert_sorted_by_size (MemscopeMapOrder *order)
{
  const MemscopeAddressMap *map = order->data->map;

  for (guint i = 1; i < order->n; i++)
    {
      guint32 before = order->blocks[i - 1];
      guint32 block = order->blocks[i];

      g_assert_cmpuint (map->size[before], >=, map->size[block]);
      if (map->size[before] == map->size[block])
        g_assert_cmpuint (map->address[before], <=, map->address[block]);
    }
}

static void
assert_sorted_by_text (MemscopeMapOrder  *order,
                       MemscopeMapColumn  column)
{
  g_autofree char *before = NULL;

  for (guint i = 0; i < order->n; i++)
    {
      char *text = memscope_map_block_dup_text (order->data, order->blocks[i], column);

      /* What is not recorded comes last. */
      if (before != NULL && g_strcmp0 (text, "not recorded") != 0)
        g_assert_cmpint (g_utf8_collate (before, text), <=, 0);
      g_free (before);
      before = text;
    }
}

static void
test_sorts_by_each_column (void)
{
  GFile *file;
  MemscopeWindow *window = open_map ("app/typical_full.memscope.gz", &file);
  MemscopeMapTable *table = memscope_map_view_get_table (window->map);

  assert_tables_have_the_map (window);

  for (MemscopeMapColumn column = 0; column < MEMSCOPE_N_MAP_COLUMNS; column++)
    {
      memscope_map_table_sort (table, column, TRUE);
      app_fixture_settle ();
      g_assert_cmpuint (memscope_map_table_get_order (table)->column, ==, column);
      g_assert_true (memscope_map_table_get_order (table)->descending);
      assert_tables_have_the_map (window);
      if (column == MEMSCOPE_MAP_COLUMN_SIZE)
        assert_sorted_by_size (memscope_map_table_get_order (table));

      memscope_map_table_sort (table, column, FALSE);
      app_fixture_settle ();
      g_assert_false (memscope_map_table_get_order (table)->descending);
      if (column == MEMSCOPE_MAP_COLUMN_THREAD || column == MEMSCOPE_MAP_COLUMN_TYPE)
        assert_sorted_by_text (memscope_map_table_get_order (table), column);
    }

  close_window (window, file);
}

static void
test_lists_the_chosen_region (void)
{
  GFile *file;
  MemscopeWindow *window = open_map ("app/typical_full.memscope.gz", &file);
  MemscopeMapTable *table = memscope_map_view_get_table (window->map);
  const MemscopeAddressMap *map;
  guint64 n = 0;

  map = memscope_map_view_get_data (window->map)->map;
  for (guint region = 0; region < map->n_regions; region++)
    {
      memscope_map_table_show_region (table, region);
      app_fixture_settle ();
      g_assert_cmpuint (memscope_map_table_get_order (table)->n, ==, map->regions[region].n_selected);
      n += memscope_map_table_get_order (table)->n;
    }
  g_assert_cmpuint (n, ==, map->n_selected);

  close_window (window, file);
}

static void
test_a_line_is_inspected (void)
{
  GFile *file;
  MemscopeWindow *window = open_map ("app/typical_full.memscope.gz", &file);
  MemscopeViewState *state = memscope_window_get_state (window);
  MemscopeMapTable *table = memscope_map_view_get_table (window->map);
  guint64 row;

  row = memscope_map_view_get_data (window->map)->map->row[41];
  g_signal_emit_by_name (table, "inspect", row);
  app_fixture_settle ();
  g_assert_cmpuint (memscope_view_state_get_row (state), ==, row);
  g_assert_nonnull (memscope_view_state_get_group (state));
  g_assert_true (adw_flap_get_reveal_flap (window->flap));

  close_window (window, file);
}

int
main (int    argc,
      char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!app_fixture_init_gtk ())
    return 77;

  application = GTK_APPLICATION (memscope_application_new ());
  g_application_set_flags (G_APPLICATION (application), G_APPLICATION_NON_UNIQUE);
  g_assert_true (g_application_register (G_APPLICATION (application), NULL, NULL));

  g_test_add_func ("/map-table/sorts-by-each-column", test_sorts_by_each_column);
  g_test_add_func ("/map-table/lists-the-chosen-region", test_lists_the_chosen_region);
  g_test_add_func ("/map-table/a-line-is-inspected", test_a_line_is_inspected);

  status = g_test_run ();
  g_object_unref (application);

  return status;
}
