/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "memscope-map-blob.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#include "memscope-session-builder.h"

static MemscopeSession *
make_session (void)
{
  MemscopeSessionBuilder *builder = memscope_session_builder_new ("made");
  g_autofree char *long_name = g_strnfill (65535, 'x');
  const char *const names[] = { "</script>\xff", long_name };
  const struct { guint64 address, size, death; guint32 rounding; } blocks[] = {
    { 0xfffffffffffff000, 4096, MEMSCOPE_NEVER, 0 },
    { 0x1000, 100, 9, G_MAXUINT32 },
    { 0x7f0000000001, 1, MEMSCOPE_NEVER, 7 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (blocks); i++)
    {
      MemscopeStringId name = memscope_session_builder_intern_string (builder, names[i % 2], strlen (names[i % 2]));
      MemscopeBlock block = {
        .address = blocks[i].address, .size = blocks[i].size, .birth_time = i, .death_time = blocks[i].death,
        .birth_event = i, .death_event = blocks[i].death == MEMSCOPE_NEVER ? MEMSCOPE_NEVER : 5,
        .rounding = blocks[i].rounding, .origin = MEMSCOPE_ORIGIN_FILE,
        .variable = memscope_session_builder_intern_variable (builder, MEMSCOPE_NAME_FILE, name, 0, 0),
        .thread = memscope_session_builder_intern_thread (builder, name),
      };

      memscope_session_builder_add_block (builder, &block);
    }
  memscope_session_builder_set_format (builder, "memscope-rs", 3, "I");
  memscope_session_builder_set_n_events (builder, 4);
  memscope_session_builder_set_duration (builder, 20);

  return memscope_session_builder_finish (builder);
}

typedef struct
{
  GBytes       *bytes;
  JsonParser   *parser;
  JsonObject   *head;
  const guint8 *columns;
  guint64       n;
} Blob;

static Blob
open_blob (MemscopeSession *session,
           guint64          instant,
           gboolean         with_pages)
{
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);
  g_autoptr(MemscopeSelection) selection = memscope_selection_with_instant (all, instant);
  g_autoptr(MemscopeAddressMap) map = memscope_address_map_new (session, selection, NULL, NULL);
  g_autoptr(MemscopeHotPages) pages = with_pages ? memscope_hot_pages_new (session, selection, 4, NULL, NULL) : NULL;
  g_autoptr(GError) error = NULL;
  Blob self = { memscope_map_blob_new (map, pages, session), json_parser_new (), NULL, NULL, 0 };
  gsize length;
  const guint8 *data = g_bytes_get_data (self.bytes, &length);
  guint32 words[2];

  g_assert_cmpuint (length % 8, ==, 0);
  memcpy (words, data, sizeof words);
  g_assert_cmpuint (GUINT32_FROM_LE (words[0]) % 8, ==, 0);
  g_assert_cmpmem (data + 4, 4, "MSMP", 4);
  json_parser_load_from_data (self.parser, (const char *)data + 8, GUINT32_FROM_LE (words[0]), &error);
  g_assert_no_error (error);
  self.head = json_node_get_object (json_parser_get_root (self.parser));
  self.columns = data + 8 + GUINT32_FROM_LE (words[0]);
  self.n = (guint64)json_object_get_int_member (self.head, "blocks");

  return self;
}

static void
close_blob (Blob *self)
{
  g_bytes_unref (self->bytes);
  g_object_unref (self->parser);
}

static const guint8 *
column (const Blob *self,
        const char *name,
        const char *type)
{
  JsonArray *columns = json_object_get_array_member (self->head, "columns");

  for (guint i = 0; i < json_array_get_length (columns); i++)
    {
      JsonArray *entry = json_array_get_array_element (columns, i);

      if (g_str_equal (json_array_get_string_element (entry, 0), name))
        {
          g_assert_cmpstr (json_array_get_string_element (entry, 1), ==, type);
          g_assert_cmpint (json_array_get_int_element (entry, 2) % 8, ==, 0);
          return self->columns + json_array_get_int_element (entry, 2);
        }
    }
  g_assert_not_reached ();
}

static guint64
wide (const Blob *self,
      const char *name,
      guint64     i)
{
  guint64 value;

  memcpy (&value, column (self, name, "u64") + 8 * i, 8);

  return GUINT64_FROM_LE (value);
}

static double
number (const Blob *self,
        const char *name,
        guint64     i)
{
  guint64 bits;
  double value;

  memcpy (&bits, column (self, name, "f64") + 8 * i, 8);
  bits = GUINT64_FROM_LE (bits);
  memcpy (&value, &bits, 8);

  return value;
}

static guint32
word (const Blob *self,
      const char *name,
      guint64     i)
{
  guint32 value;

  memcpy (&value, column (self, name, "u32") + 4 * i, 4);

  return GUINT32_FROM_LE (value);
}

static const char *
text (const Blob *self,
      const char *table,
      const char *name,
      guint       i)
{
  return json_array_get_string_element (json_object_get_array_member (json_object_get_object_member (self->head, table), name), i);
}

static void
test_columns_are_exact (void)
{
  g_autoptr(MemscopeSession) session = make_session ();
  Blob blob = open_blob (session, 5, FALSE);

  g_assert_cmpuint (blob.n, ==, 3);
  g_assert_cmpuint (wide (&blob, "address", 0), ==, 0x1000);
  g_assert_cmpuint (wide (&blob, "address", 1), ==, 0x7f0000000001);
  g_assert_cmpuint (wide (&blob, "address", 2), ==, 0xfffffffffffff000);
  g_assert_cmpuint (wide (&blob, "size", 2), ==, 4096);
  g_assert_cmpfloat (number (&blob, "birth", 0), ==, 1);
  g_assert_cmpfloat (number (&blob, "death", 0), ==, 9);
  g_assert_true (isinf (number (&blob, "death", 1)));
  g_assert_cmpfloat (number (&blob, "row", 2), ==, 0);
  g_assert_cmpuint (word (&blob, "rounding", 0), ==, G_MAXUINT32);
  g_assert_cmpuint (word (&blob, "rounding", 1), ==, 7);
  g_assert_cmpuint (word (&blob, "thread", 0), ==, 2);
  g_assert_cmpuint (word (&blob, "region", 2), ==, 2);
  g_assert_cmpuint (*column (&blob, "flags", "u8"), ==, MEMSCOPE_MAP_SELECTED);
  g_assert_true (json_object_get_null_member (blob.head, "hotPages"));
  g_assert_true (json_object_get_null_member (blob.head, "mappingsTime"));
  close_blob (&blob);
}

static void
test_names_are_harmless_and_short (void)
{
  g_autoptr(MemscopeSession) session = make_session ();
  Blob blob = open_blob (session, 5, TRUE);
  guint evil = word (&blob, "variable", 1);
  guint lengthy = word (&blob, "variable", 0);

  g_assert_cmpstr (text (&blob, "variables", "name", evil), ==, "</script>\\xFF");
  g_assert_cmpint (g_utf8_strlen (text (&blob, "variables", "name", lengthy), -1), ==, 301);
  g_assert_cmpuint (evil, ==, word (&blob, "variable", 2));
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (blob.head, "threads")), ==, 3);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (blob.head, "hotPages")), ==, 3);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (json_object_get_object_member (blob.head, "sites"), "place")), ==, 1);
  close_blob (&blob);
}

static void
test_nothing_alive (void)
{
  g_autoptr(MemscopeSession) session = make_session ();
  Blob blob = open_blob (session, 0, FALSE);

  g_assert_cmpuint (blob.n, ==, 0);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (blob.head, "regions")), ==, 0);
  close_blob (&blob);
}

static void
test_addresses_of_regions_are_hexadecimal (void)
{
  g_autoptr(MemscopeSession) session = make_session ();
  Blob blob = open_blob (session, 5, FALSE);
  JsonObject *region = json_array_get_object_element (json_object_get_array_member (blob.head, "regions"), 2);

  g_assert_cmpstr (json_object_get_string_member (region, "start"), ==, "fffffffffffff000");
  g_assert_cmpstr (json_object_get_string_member (region, "kind"), ==, "cluster");
  g_assert_false (json_object_get_boolean_member (region, "recorded"));
  g_assert_cmpint (json_object_get_int_member (region, "blocks"), ==, 1);
  close_blob (&blob);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/map-blob/columns-are-exact", test_columns_are_exact);
  g_test_add_func ("/map-blob/names-are-harmless-and-short", test_names_are_harmless_and_short);
  g_test_add_func ("/map-blob/nothing-alive", test_nothing_alive);
  g_test_add_func ("/map-blob/addresses-of-regions-are-hexadecimal", test_addresses_of_regions_are_hexadecimal);

  return g_test_run ();
}
