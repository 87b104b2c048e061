/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How long the session engine takes for each thing that is asked of it, and in how
 * much memory. Not a test: built on demand, run by hand on a quiet machine.
 *
 *   bench-session FILE              one line for each figure
 *   bench-session --made N          the same of a made-up program's N million events
 *   bench-session --full FILE       seconds until everything has answered once, for who compares
 */

#include "config.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "made-program.h"
#include "memscope-address-map.h"
#include "memscope-flame-tree.h"
#include "memscope-groups.h"
#include "memscope-histograms.h"
#include "memscope-loader.h"
#include "memscope-summary.h"
#include "memscope-timeline.h"

#define BUCKETS 1000u

typedef struct
{
  gint64  wall;   /* us */
  clock_t cpu;
} Start;

static Start
start (void)
{
  return (Start) { g_get_monotonic_time (), clock () };
}

static double
seconds_since (Start begin)
{
  return (double)(g_get_monotonic_time () - begin.wall) / 1e6;
}

static double
peak_megabytes (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);

  return (double)usage.ru_maxrss / 1e3;
}

static void
report (const char *what,
        Start       begin,
        const char *note)
{
  g_print ("%-44s %9.3f s %9.3f s CPU  %s\n", what, seconds_since (begin),
           (double)(clock () - begin.cpu) / CLOCKS_PER_SEC, note);
}

/* ---- what is asked ------------------------------------------------------------------- */

static void
ask_groups (MemscopeSession   *session,
            MemscopeSelection *selection,
            MemscopeGroupBy    by)
{
  memscope_groups_free (memscope_groups_new (session, selection, by, NULL, NULL));
}

static void
ask_tree (MemscopeSession   *session,
          MemscopeSelection *selection)
{
  memscope_flame_tree_free (memscope_flame_tree_new (session, selection, MEMSCOPE_FLAME_TOP_DOWN, NULL, NULL));
}

static void
ask_timeline (MemscopeSession   *session,
              MemscopeSelection *selection)
{
  memscope_timeline_free (memscope_timeline_new (session, selection, 0, memscope_session_get_duration (session) + 1,
                                                 BUCKETS, NULL, NULL));
}

/* What the views show of a selection: totals, curve, the table by variable, the tree. */
static void
ask_all (MemscopeSession   *session,
         MemscopeSelection *selection)
{
  memscope_summary_free (memscope_summary_new (session, selection, NULL, NULL));
  ask_timeline (session, selection);
  ask_groups (session, selection, MEMSCOPE_GROUP_BY_VARIABLE);
  ask_tree (session, selection);
}

static void
measure_overview (GFile *file)
{
  Start begin = start ();
  g_autoptr(MemscopeSession) outline = memscope_load_outline (file);
  g_autoptr(MemscopeSelection) all = NULL;

  if (outline == NULL)
    {
      g_print ("%-44s the file has none\n", "1  overview of the closed file");
      return;
    }

  all = memscope_selection_new_all (outline);
  memscope_summary_free (memscope_summary_new (outline, all, NULL, NULL));
  report ("1  overview of the closed file", begin, "");
}

static MemscopeSession *
load (GFile *file)
{
  g_autoptr(GError) error = NULL;
  MemscopeSession *session = memscope_load_file (file, NULL, NULL, NULL, &error);

  if (session == NULL)
    g_printerr ("%s\n", error->message);

  return session;
}

/* What row 2 asks for. */
static void
answer_once (MemscopeSession *session)
{
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);
  g_autoptr(MemscopeSelection) at = memscope_selection_with_instant (all, memscope_session_get_duration (session) / 2);

  ask_groups (session, at, MEMSCOPE_GROUP_BY_VARIABLE);
  ask_tree (session, all);
}

static void
measure_selections (MemscopeSession *session)
{
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);
  guint64 duration = memscope_session_get_duration (session);
  g_autoptr(MemscopeSelection) at = memscope_selection_with_instant (all, duration / 2);
  g_autoptr(MemscopeSelection) range = memscope_selection_with_range (all, duration / 4, duration * 3 / 4);
  const MemscopeThreadId ids[] = { 1, 2 };
  g_autoptr(MemscopeSelection) threads = memscope_selection_with_threads (all, ids, 2);
  g_autoptr(MemscopeSelection) sizes = memscope_selection_with_sizes (all, 64, 4096);
  Start begin = start ();

  memscope_address_map_free (memscope_address_map_new (session, at, NULL, NULL));
  report ("4  live set at an instant", begin, "");
  begin = start ();
  ask_groups (session, at, MEMSCOPE_GROUP_BY_CALL_SITE);
  report ("4  totals by call site at an instant", begin, "");

  begin = start ();
  ask_all (session, range);
  report ("5  half the time: totals, curve, table, tree", begin, "");
  begin = start ();
  ask_timeline (session, range);
  report ("5    of that the curve", begin, "");
  begin = start ();
  ask_all (session, threads);
  report ("5  two threads: totals, curve, table, tree", begin, "");
  begin = start ();
  ask_all (session, sizes);
  report ("5b sizes: totals, curve, table, tree", begin, "");

  begin = start ();
  ask_groups (session, all, MEMSCOPE_GROUP_BY_STACK);
  report ("6  regroup all rows, by stack", begin, "");
}

static int
measure (const char *path)
{
  g_autoptr(GFile) file = g_file_new_for_path (path);
  g_autoptr(MemscopeSession) session = NULL;
  g_autofree char *note = NULL;
  Start begin, all;

  measure_overview (file);

  all = begin = start ();
  session = load (file);
  if (session == NULL)
    return EXIT_FAILURE;
  note = g_strdup_printf ("%" G_GUINT64_FORMAT " events, %.1f M events/s", memscope_session_get_n_events (session),
                          (double)memscope_session_get_n_events (session) / 1e6 / seconds_since (begin));
  report ("2  all of it decoded", begin, note);

  answer_once (session);
  g_free (note);
  note = g_strdup_printf ("%.1f M events/s", (double)memscope_session_get_n_events (session) / 1e6 / seconds_since (all));
  report ("2  and instant, table and tree have answered", all, note);
  g_print ("%-44s %9.1f MB\n", "3  memory, at most", peak_megabytes ());

  measure_selections (session);
  g_print ("%-44s %9.1f MB\n", "3  memory, at most, in the end", peak_megabytes ());

  return EXIT_SUCCESS;
}

static int
measure_full (const char *path)
{
  g_autoptr(GFile) file = g_file_new_for_path (path);
  g_autoptr(MemscopeSession) session = NULL;
  Start begin = start ();

  session = load (file);
  if (session == NULL)
    return EXIT_FAILURE;
  answer_once (session);
  g_print ("%.3f %" G_GUINT64_FORMAT "\n", seconds_since (begin), memscope_session_get_n_events (session));

  return EXIT_SUCCESS;
}

/* Made by a process of its own: what that takes is not counted. */
static int
measure_made (guint64     millions,
              const char *program)
{
  g_autofree char *folder = g_dir_make_tmp ("memscope-bench-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "made.memscope", NULL);
  g_autofree char *quoted = g_shell_quote (program);
  g_autofree char *command = g_strdup_printf ("%s '%s'", quoted, path);
  int status = EXIT_FAILURE;

  if (made_program_write (path, millions * 1000000))
    {
      g_print ("%" G_GUINT64_FORMAT " million events\n", millions);
      status = system (command) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    }
  g_unlink (path);
  g_rmdir (folder);

  return status;
}

int
main (int   argc,
      char *argv[])
{
  if (argc == 3 && g_str_equal (argv[1], "--made") && strtoull (argv[2], NULL, 10) > 0)
    return measure_made (strtoull (argv[2], NULL, 10), argv[0]);
  if (argc == 3 && g_str_equal (argv[1], "--full"))
    return measure_full (argv[2]);
  if (argc == 2)
    return measure (argv[1]);

  g_printerr ("bench-session FILE | --made MILLIONS | --full FILE\n");

  return EXIT_FAILURE;
}
