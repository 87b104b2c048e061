/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "memscope-id-map.h"
#include "memscope-string-table.h"

#include <string.h>

static void
test_equal_bytes_have_one_id (void)
{
  MemscopeStringTable table;
  guint32 a, b;

  memscope_string_table_init (&table);
  a = memscope_string_table_intern (&table, "name", 4);
  b = memscope_string_table_intern (&table, "names", 5);
  g_assert_cmpuint (a, !=, 0);
  g_assert_cmpuint (a, !=, b);
  g_assert_cmpuint (memscope_string_table_intern (&table, "name", 4), ==, a);
  g_assert_cmpuint (memscope_string_table_intern (&table, "names", 4), ==, a);
  memscope_string_table_clear (&table);
}

static void
test_empty_string_is_not_none (void)
{
  MemscopeStringTable table;
  gsize length = 1;
  guint32 id;

  memscope_string_table_init (&table);
  id = memscope_string_table_intern (&table, NULL, 0);
  g_assert_cmpuint (id, !=, 0);
  g_assert_cmpstr (memscope_string_table_get (&table, id, &length), ==, "");
  g_assert_cmpuint (length, ==, 0);
  g_assert_null (memscope_string_table_get (&table, 0, &length));
  g_assert_null (memscope_string_table_get (&table, id + 1, NULL));
  memscope_string_table_clear (&table);
}

static void
test_any_bytes_come_back (void)
{
  static const char bytes[] = "a\0b\xff</script>";
  g_autofree char *long_one = g_strnfill (65535, 'x');
  MemscopeStringTable table;
  const char *got;
  gsize length;
  guint32 id;

  memscope_string_table_init (&table);
  id = memscope_string_table_intern (&table, bytes, sizeof bytes - 1);
  got = memscope_string_table_get (&table, id, &length);
  g_assert_cmpmem (got, length + 1, bytes, sizeof bytes);

  id = memscope_string_table_intern (&table, long_one, 65535);
  got = memscope_string_table_get (&table, id, &length);
  g_assert_cmpmem (got, length, long_one, 65535);
  memscope_string_table_clear (&table);
}

static void
test_strings_never_move (void)
{
  MemscopeStringTable table;
  const char *first;
  guint32 id;

  memscope_string_table_init (&table);
  id = memscope_string_table_intern (&table, "first", 5);
  first = memscope_string_table_get (&table, id, NULL);

  for (guint i = 0; i < 100000; i++)
    {
      g_autofree char *text = g_strdup_printf ("string number %u", i);

      g_assert_cmpuint (memscope_string_table_intern (&table, text, strlen (text)), ==, id + 1 + i);
    }

  g_assert_true (memscope_string_table_get (&table, id, NULL) == first);
  for (guint i = 0; i < 100000; i += 997)
    {
      g_autofree char *text = g_strdup_printf ("string number %u", i);

      g_assert_cmpstr (memscope_string_table_get (&table, id + 1 + i, NULL), ==, text);
      g_assert_cmpuint (memscope_string_table_intern (&table, text, strlen (text)), ==, id + 1 + i);
    }
  memscope_string_table_clear (&table);
}

static void
test_id_map_keeps_any_id (void)
{
  static const guint64 ids[] = { 1, 2, 3, 5000, 4000000000u, G_MAXUINT64, 8000, 12000, 15000, 4 };
  MemscopeIdMap map = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    memscope_id_map_set (&map, ids[i], i + 1);
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    g_assert_cmpuint (memscope_id_map_get (&map, ids[i]), ==, i + 1);

  g_assert_cmpuint (memscope_id_map_get (&map, 0), ==, 0);
  g_assert_cmpuint (memscope_id_map_get (&map, 4000000001u), ==, 0);
  g_assert_cmpuint (map.n_dense, <, 100000);
  memscope_id_map_clear (&map);
}

/* Each id as far away as would just be dense: the array must not double each time. */
static void
test_id_map_stays_small (void)
{
  MemscopeIdMap map = { 0 };

  for (guint i = 0; i < 200; i++)
    memscope_id_map_set (&map, map.n_dense, i + 1);
  for (guint i = 0; i < 200; i++)
    memscope_id_map_set (&map, map.n_dense + 4000, i + 1);

  g_assert_cmpuint (map.n_dense, <, 40000);
  memscope_id_map_clear (&map);
}

static void
test_id_map_is_dense_for_dense_ids (void)
{
  MemscopeIdMap map = { 0 };

  for (guint i = 1; i <= 300000; i++)
    memscope_id_map_set (&map, i, i);

  g_assert_null (map.sparse);
  for (guint i = 1; i <= 300000; i++)
    g_assert_cmpuint (memscope_id_map_get (&map, i), ==, i);
  memscope_id_map_clear (&map);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/string-table/equal-bytes-have-one-id", test_equal_bytes_have_one_id);
  g_test_add_func ("/string-table/empty-string-is-not-none", test_empty_string_is_not_none);
  g_test_add_func ("/string-table/any-bytes-come-back", test_any_bytes_come_back);
  g_test_add_func ("/string-table/strings-never-move", test_strings_never_move);
  g_test_add_func ("/id-map/keeps-any-id", test_id_map_keeps_any_id);
  g_test_add_func ("/id-map/stays-small", test_id_map_stays_small);
  g_test_add_func ("/id-map/is-dense-for-dense-ids", test_id_map_is_dense_for_dense_ids);

  return g_test_run ();
}
