/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How long recordings take to open, and how much memory that needs. Not a test:
 * built on demand, run by hand on a quiet machine.
 *
 *   bench-loader FILE…
 *   bench-loader --repeat N FILE    a memscope-rs file (layout I), its records N times
 */

#include "config.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "memscope-loader.h"

#define RECORDS_START 40u   /* of layout I */

static double
cpu_seconds (struct timeval user,
             struct timeval system)
{
  return (double)(user.tv_sec + system.tv_sec) + (double)(user.tv_usec + system.tv_usec) / 1e6;
}

static void
report (const char      *name,
        gsize            size,
        MemscopeSession *session,
        double           seconds)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  g_print ("%s: %.1f MB, %" G_GUINT64_FORMAT " blocks in %.0f ms (%.0f ms of CPU so far), at most %.1f MB of memory\n",
           name, (double)size / 1e6, memscope_session_get_n_blocks (session), seconds * 1e3,
           cpu_seconds (usage.ru_utime, usage.ru_stime) * 1e3, (double)usage.ru_maxrss / 1e3);
}

static int
load (const char *path)
{
  g_autoptr(GFile) file = g_file_new_for_path (path);
  g_autoptr(GFileInfo) info = g_file_query_info (file, G_FILE_ATTRIBUTE_STANDARD_SIZE, G_FILE_QUERY_INFO_NONE, NULL, NULL);
  g_autoptr(GError) error = NULL;
  gint64 begin = g_get_monotonic_time ();
  g_autoptr(MemscopeSession) session = memscope_load_file (file, NULL, NULL, NULL, &error);

  if (session == NULL)
    {
      g_printerr ("%s: %s\n", path, error->message);
      return EXIT_FAILURE;
    }

  report (path, info != NULL ? (gsize)g_file_info_get_size (info) : 0, session,
          (double)(g_get_monotonic_time () - begin) / 1e6);

  return EXIT_SUCCESS;
}

/* Made on disk first, so that what it takes to make the file is not counted. */
static int
load_repeated (guint32     n,
               const char *path)
{
  g_autofree char *folder = g_dir_make_tmp ("memscope-bench-XXXXXX", NULL);
  g_autofree char *made = NULL;
  g_autofree char *contents = NULL;
  g_autoptr(GFile) file = NULL;
  g_autoptr(GFileOutputStream) out = NULL;
  guint32 count;
  gsize length;
  int status;

  if (folder == NULL || !g_file_get_contents (path, &contents, &length, NULL) || length < RECORDS_START)
    return EXIT_FAILURE;

  memcpy (&count, contents + 12, sizeof count);
  count = GUINT32_TO_LE (GUINT32_FROM_LE (count) * n);
  memcpy (contents + 12, &count, sizeof count);

  made = g_build_filename (folder, "repeated.memscope", NULL);
  file = g_file_new_for_path (made);
  out = g_file_create (file, G_FILE_CREATE_NONE, NULL, NULL);
  g_output_stream_write_all (G_OUTPUT_STREAM (out), contents, RECORDS_START, NULL, NULL, NULL);
  for (guint32 i = 0; i < n; i++)
    g_output_stream_write_all (G_OUTPUT_STREAM (out), contents + RECORDS_START, length - RECORDS_START, NULL, NULL, NULL);
  g_output_stream_close (G_OUTPUT_STREAM (out), NULL, NULL);

  status = load (made);
  g_file_delete (file, NULL, NULL);
  g_rmdir (folder);

  return status;
}

int
main (int   argc,
      char *argv[])
{
  int status = EXIT_SUCCESS;

  if (argc == 4 && g_str_equal (argv[1], "--repeat"))
    return load_repeated ((guint32)strtoul (argv[2], NULL, 10), argv[3]);

  for (int i = 1; i < argc; i++)
    status |= load (argv[i]);

  return status;
}
