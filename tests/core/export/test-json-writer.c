/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "memscope-json-writer.h"

#include "memscope-session.h"

static void
test_nests_and_indents (void)
{
  g_autoptr(GString) text = g_string_new (NULL);
  MemscopeJsonWriter writer;

  memscope_json_writer_init (&writer, text);
  memscope_json_writer_begin_object (&writer, NULL);
  memscope_json_writer_uint64 (&writer, "a", G_MAXUINT64);
  memscope_json_writer_count (&writer, "b", MEMSCOPE_UNKNOWN);
  memscope_json_writer_begin_array (&writer, "c");
  memscope_json_writer_string (&writer, NULL, "x\0y", 3);
  memscope_json_writer_string (&writer, NULL, NULL, 0);
  memscope_json_writer_begin_object (&writer, NULL);
  memscope_json_writer_end_object (&writer);
  memscope_json_writer_end_array (&writer);
  memscope_json_writer_begin_array (&writer, "d");
  memscope_json_writer_end_array (&writer);
  memscope_json_writer_boolean (&writer, "e", TRUE);
  memscope_json_writer_double (&writer, "f", 0.5);
  memscope_json_writer_end_object (&writer);

  g_assert_cmpstr (text->str, ==,
                   "{\n"
                   "  \"a\": 18446744073709551615,\n"
                   "  \"b\": null,\n"
                   "  \"c\": [\n"
                   "    \"x\\u0000y\",\n"
                   "    null,\n"
                   "    {}\n"
                   "  ],\n"
                   "  \"d\": [],\n"
                   "  \"e\": true,\n"
                   "  \"f\": 0.5\n"
                   "}");
  g_assert_true (memscope_json_text_is_valid (text->str, text->len));
}

/* What is written may leave at any moment. */
static void
test_goes_on_after_its_text_was_taken (void)
{
  g_autoptr(GString) text = g_string_new (NULL);
  MemscopeJsonWriter writer;

  memscope_json_writer_init (&writer, text);
  memscope_json_writer_begin_array (&writer, NULL);
  memscope_json_writer_uint64 (&writer, NULL, 1);
  g_string_truncate (text, 0);
  memscope_json_writer_uint64 (&writer, NULL, 2);
  memscope_json_writer_end_array (&writer);

  g_assert_cmpstr (text->str, ==, ",\n  2\n]");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/json-writer/nests-and-indents", test_nests_and_indents);
  g_test_add_func ("/json-writer/goes-on-after-its-text-was-taken", test_goes_on_after_its_text_was_taken);

  return g_test_run ();
}
