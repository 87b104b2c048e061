/* SPDX-License-Identifier: GPL-3.0-or-later */

/* dump-map [--begin NS] [--end NS] [--instant NS] RECORDING: the bytes of the map. */

#include <stdio.h>

#include "memscope-loader.h"
#include "memscope-map-blob.h"

static gint64 begin = -1;
static gint64 end = -1;
static gint64 instant = -1;
static char **files;

static const GOptionEntry entries[] = {
  { "begin", 0, 0, G_OPTION_ARG_INT64, &begin, NULL, NULL },
  { "end", 0, 0, G_OPTION_ARG_INT64, &end, NULL, NULL },
  { "instant", 0, 0, G_OPTION_ARG_INT64, &instant, NULL, NULL },
  { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &files, NULL, NULL },
  G_OPTION_ENTRY_NULL
};

static MemscopeSelection *
select_part (MemscopeSession *session)
{
  MemscopeSelection *selection = memscope_selection_new_all (session);

  if (begin >= 0)
    {
      MemscopeSelection *narrower = memscope_selection_with_range (selection, begin, end);

      memscope_selection_unref (selection);
      selection = narrower;
    }
  if (instant >= 0)
    {
      MemscopeSelection *moved = memscope_selection_with_instant (selection, instant);

      memscope_selection_unref (selection);
      selection = moved;
    }

  return selection;
}

int
main (int    argc,
      char **argv)
{
  g_autoptr(GOptionContext) context = g_option_context_new (NULL);
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeSelection) selection = NULL;
  g_autoptr(MemscopeAddressMap) map = NULL;
  g_autoptr(MemscopeHotPages) pages = NULL;
  g_autoptr(GBytes) blob = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GFile) file = NULL;
  gsize length;
  gconstpointer bytes;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || files == NULL)
    g_error ("usage: dump-map [OPTIONS] RECORDING");

  file = g_file_new_for_commandline_arg (files[0]);
  session = memscope_load_file (file, NULL, NULL, NULL, &error);
  if (session == NULL)
    g_error ("%s: %s", files[0], error->message);

  selection = select_part (session);
  map = memscope_address_map_new (session, selection, NULL, NULL);
  pages = memscope_hot_pages_new (session, selection, 32, NULL, NULL);
  blob = memscope_map_blob_new (map, pages, session);
  bytes = g_bytes_get_data (blob, &length);

  return fwrite (bytes, 1, length, stdout) == length && fflush (stdout) == 0 ? 0 : 1;
}
