/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memscope-page-mappings.h"

#include "memscope-map-regions.h"
#include "memscope-page-places.h"
#include "memscope-session-private.h"

#define MAX_SNAPSHOTS 60u
/* Of all snapshots together: a program with very many mappings shows fewer moments. */
#define MAX_SPANS     60000u

static void
write_addresses (MemscopeJsonWriter *writer,
                 const char         *key,
                 const GArray       *spans,
                 gsize               offset)
{
  memscope_json_writer_begin_value (writer, key);
  g_string_append_c (writer->text, '[');
  for (guint i = 0; i < spans->len; i++)
    g_string_append_printf (writer->text, "%s\"%" G_GINT64_MODIFIER "x\"", i > 0 ? "," : "",
                            G_STRUCT_MEMBER (guint64, &g_array_index (spans, MemscopeMapSpan, i), offset));
  g_string_append_c (writer->text, ']');
}

static void
write_spans (MemscopeSession     *session,
             guint                snapshot,
             guint64              time,
             MemscopePageStrings *strings,
             MemscopeJsonWriter  *writer,
             guint               *room)
{
  g_autoptr(GArray) spans = memscope_map_read_spans (session, snapshot);

  if (spans->len > *room)
    return;
  *room -= spans->len;

  memscope_json_writer_begin_object (writer, NULL);
  memscope_json_writer_uint64 (writer, "time", time);
  write_addresses (writer, "start", spans, G_STRUCT_OFFSET (MemscopeMapSpan, start));
  write_addresses (writer, "end", spans, G_STRUCT_OFFSET (MemscopeMapSpan, end));

  memscope_json_writer_begin_value (writer, "kind");
  g_string_append_c (writer->text, '[');
  for (guint i = 0; i < spans->len; i++)
    g_string_append_printf (writer->text, "%s\"%s\"", i > 0 ? "," : "",
                            memscope_region_kind_get_nick (g_array_index (spans, MemscopeMapSpan, i).kind));
  g_string_append_c (writer->text, ']');

  memscope_page_begin_column (writer, "path");
  for (guint i = 0; i < spans->len; i++)
    memscope_page_column_add (writer, memscope_page_strings_add_path (strings, g_array_index (spans, MemscopeMapSpan, i).path));
  memscope_page_end_column (writer);
  memscope_json_writer_end_object (writer);
}

void
memscope_page_write_mappings (MemscopeSession     *session,
                              MemscopePageStrings *strings,
                              MemscopeJsonWriter  *writer)
{
  guint n;
  const MemscopeMappingSnapshot *snapshots = memscope_session_get_mappings (session, &n);
  guint n_written = MIN (n, MAX_SNAPSHOTS);
  guint room = MAX_SPANS;

  memscope_json_writer_begin_object (writer, "mappings");
  memscope_json_writer_boolean (writer, "guess", memscope_map_may_guess (session));
  memscope_json_writer_begin_array (writer, "snapshots");
  for (guint k = 0; k < n_written; k++)
    {
      /* The first and the last are always among them. */
      guint i = n_written > 1 ? (guint)((guint64)k * (n - 1) / (n_written - 1)) : 0;

      write_spans (session, i, snapshots[i].time, strings, writer, &room);
    }
  memscope_json_writer_end_array (writer);
  memscope_json_writer_end_object (writer);
}
