/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A program that samples itself, for a day: the clock is the test's own. What it wrote
 * is read as MemScope reads it.
 */

#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "memscope-loader.h"
#include "memscope-session-private.h"
#include "memscope-summary.h"
#include "real.h"
#include "sample-recorder.h"
#include "sample.h"

#define INTERVAL  8192u
#define N_HELD    200
#define HOUR      3600
#define SEC       G_GUINT64_CONSTANT (1000000000)

/* ---- the clock ------------------------------------------------------------------- */

static guint64 seconds_later;

/* Everybody in this program is told the time by this. */
int
clock_gettime (clockid_t clock, struct timespec *time)
{
  long result = syscall (SYS_clock_gettime, clock, time);

  time->tv_sec += (time_t)seconds_later;

  return (int)result;
}

/* ---- the program ------------------------------------------------------------------- */

static char *folder;
static void *held[N_HELD];
static guint64 n_births, true_bytes, true_blocks;

static Frame
here (void)
{
  return (Frame) { .pc = (uintptr_t)__builtin_return_address (0), .sp = (uintptr_t)__builtin_frame_address (0) };
}

static void *
allocate (size_t size)
{
  void *memory = real.malloc (size);
  Frame frame = here ();

  true_bytes += size;
  true_blocks++;
  if (!sample_passes (size) && sample_take (size))
    {
      n_births++;
      sample_birth (memory, size, MEMSCOPE_EVENT_MALLOC, 0, &frame);
    }

  return memory;
}

static void
release (void *memory)
{
  Frame frame = here ();

  if (!sample_is_unsampled (memory))
    sample_death (memory, &frame);
  real.free (memory);
}

static void
work (guint n)
{
  static guint32 random = 1;

  for (guint i = 0; i < n; i++)
    {
      guint at;

      random = random * 1664525 + 1013904223;
      at = (random >> 8) % N_HELD;
      if (held[at] != NULL)
        release (held[at]);
      held[at] = allocate (16u << (random >> 29));
    }
}

static gpointer
work_in_thread (gpointer data)
{
  for (int i = 0; i < 20; i++)
    release (allocate (4000));

  return NULL;
}

static void
begin (SampleOptions *options)
{
  static guint n;

  n_births = true_bytes = true_blocks = 0;
  sample_seed = 1000 + n++;
  options->interval = INTERVAL;
  options->no_ticks = true;
  g_strlcpy (options->directory, folder, sizeof options->directory);
  g_assert_true (recorder_start_sampling (options));
  g_assert_false (recorder_start_sampling (options));
}

/* What is held stays so: the next recording does not know of it. */
static void
end (void)
{
  recorder_stop_sampling (MEMSCOPE_END_EXIT);
  g_assert_cmpuint (recorder_state (), ==, RECORDER_OFF);
  for (guint i = 0; i < N_HELD; i++)
    {
      real.free (held[i]);
      held[i] = NULL;
    }
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

static guint
list (GPtrArray **names)
{
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  *names = g_ptr_array_new_with_free_func (g_free);
  while ((name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (*names, g_build_filename (folder, name, NULL));
  g_ptr_array_sort (*names, compare_names);

  return (*names)->len;
}

static void
set_up (void)
{
  folder = g_dir_make_tmp ("memscope-sampling-XXXXXX", NULL);
}

static void
tear_down (void)
{
  g_autoptr(GPtrArray) names = NULL;

  list (&names);
  for (guint i = 0; i < names->len; i++)
    g_unlink (g_ptr_array_index (names, i));
  g_rmdir (folder);
  g_clear_pointer (&folder, g_free);
}

static MemscopeSession *
load (const char *path)
{
  g_autoptr(GFile) file = g_file_new_for_path (path);
  g_autoptr(GError) error = NULL;
  MemscopeSession *session = memscope_load_file (file, NULL, NULL, NULL, &error);

  g_assert_no_error (error);

  return session;
}

static gboolean
warns_of (MemscopeSession *session, const char *words)
{
  const char *const *warnings = memscope_session_get_warnings (session);

  for (guint i = 0; warnings != NULL && warnings[i] != NULL; i++)
    if (strstr (warnings[i], words) != NULL)
      return TRUE;

  return FALSE;
}

static MemscopeSummary *
summarize (MemscopeSession *session)
{
  g_autoptr(MemscopeSelection) everything = memscope_selection_new_all (session);

  return memscope_summary_new (session, everything, NULL, NULL);
}

static guint64
resident_bytes (void)
{
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL));

  return g_ascii_strtoull (strchr (text, ' '), NULL, 10) * (guint64)sysconf (_SC_PAGESIZE);
}

/* ---- the tests ---------------------------------------------------------------------------- */

static void
test_a_day_is_one_session (void)
{
  SampleOptions options = { .rotate_age = HOUR * SEC };
  g_autoptr(MemscopeSession) whole = NULL, without = NULL, one = NULL;
  g_autoptr(MemscopeSummary) summary = NULL, rest = NULL;
  g_autoptr(GPtrArray) names = NULL;
  guint64 at_noon = 0, at_night;
  MemscopeLoss loss;

  set_up ();
  begin (&options);
  for (guint second = 0; second < 24 * HOUR; second += 20)
    {
      seconds_later += 20;
      work (40);
      if (second % 600 == 0)
        g_thread_join (g_thread_new ("short", work_in_thread, NULL));
      if (second == 12 * HOUR)
        at_noon = resident_bytes ();
    }
  at_night = resident_bytes ();
  g_assert_cmpuint (sample_table->length, <=, N_HELD);
  end ();

  /* half a day more takes no more memory; but for AddressSanitizer, which keeps what is freed */
#ifndef __SANITIZE_ADDRESS__
  g_assert_cmpuint (at_night, <, at_noon + 4 * 1024 * 1024);
#endif

  g_assert_cmpuint (list (&names), ==, 24);
  whole = load (folder);
  g_assert_true (memscope_session_get_complete (whole));
  g_assert_null (memscope_session_get_warnings (whole)[0]);
  g_assert_cmpuint (memscope_session_get_n_blocks (whole), ==, n_births);
  g_assert_cmpuint (memscope_session_get_sampling_interval (whole), ==, INTERVAL);
  g_assert_cmpuint (memscope_session_get_duration (whole) / SEC, >=, 24 * HOUR - 21);
  g_assert_cmpuint (memscope_session_get_duration (whole) / SEC, <=, 24 * HOUR + 120);
  g_assert_cmpuint (memscope_session_get_ending (whole, NULL, NULL), ==, MEMSCOPE_ENDING_EXIT);
  summary = summarize (whole);
  g_assert_cmpfloat (ABS (summary->estimated_bytes.value - (double)true_bytes), <, 2 * summary->estimated_bytes.error);
  g_assert_cmpfloat (ABS (summary->estimated_allocations.value - (double)true_blocks), <,
                     2 * summary->estimated_allocations.error);

  /* without the tenth, all others are there, and it is said what is not */
  g_assert_cmpint (g_unlink (g_ptr_array_index (names, 9)), ==, 0);
  without = load (folder);
  rest = summarize (without);
  g_assert_true (warns_of (without, "Segment 10 is missing"));
  g_assert_false (memscope_session_get_complete (without));
  g_assert_cmpuint (memscope_session_get_n_blocks (without), <, memscope_session_get_n_blocks (whole));
  g_assert_cmpuint (memscope_session_get_n_blocks (without), >, memscope_session_get_n_blocks (whole) / 24 * 22);
  g_assert_cmpuint (rest->active_bytes, ==, summary->active_bytes);
  g_assert_cmpuint (memscope_session_get_n_losses (without), ==, 1);
  g_assert_true (memscope_session_get_loss (without, 0, &loss));
  g_assert_cmpuint (loss.reason, ==, MEMSCOPE_LOSS_SEGMENT);
  g_assert_cmpuint (loss.begin / SEC, >, 9 * HOUR - 120);
  g_assert_cmpuint (loss.end / SEC, <, 10 * HOUR + 600);
  g_assert_cmpuint ((loss.end - loss.begin) / SEC, >, HOUR - 120);

  /* and each is a session of its own */
  one = load (g_ptr_array_index (names, 15));
  g_assert_true (warns_of (one, "one segment of a longer recording"));
  g_assert_cmpuint (memscope_session_get_n_blocks (one), >, memscope_session_get_n_blocks (whole) / 30);
  g_assert_cmpuint (memscope_session_get_n_blocks (one), <, memscope_session_get_n_blocks (whole) / 15);
  tear_down ();
}

static void
test_only_the_newest_are_kept (void)
{
  SampleOptions options = { .rotate_age = 60 * SEC, .keep = 5 };
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(GPtrArray) names = NULL;

  set_up ();
  begin (&options);
  for (guint i = 0; i < 30; i++)
    {
      seconds_later += 61;
      work (400);
    }
  end ();

  g_assert_cmpuint (list (&names), ==, 5);
  session = load (folder);
  g_assert_true (warns_of (session, "The recording began earlier"));
  g_assert_false (memscope_session_get_complete (session));
  g_assert_cmpuint (memscope_session_get_n_blocks (session), >, 0);
  g_assert_cmpuint (memscope_session_get_n_blocks (session), <, n_births);
  tear_down ();
}

static void
test_size_begins_another (void)
{
  SampleOptions options = { .rotate_size = 65536 };
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(GPtrArray) names = NULL;

  set_up ();
  begin (&options);
  for (guint i = 0; i < 400; i++)
    {
      seconds_later += 2;
      work (1000);
    }
  end ();

  g_assert_cmpuint (list (&names), >, 4);
  for (guint i = 0; i < names->len; i++)
    {
      GStatBuf status;

      g_assert_cmpint (g_stat (g_ptr_array_index (names, i), &status), ==, 0);
      g_assert_cmpint (status.st_size, <, 3 * 65536);
      g_assert_cmpint (status.st_mode & 0777, ==, 0600);
    }
  session = load (folder);
  g_assert_true (memscope_session_get_complete (session));
  g_assert_cmpuint (memscope_session_get_n_blocks (session), ==, n_births);
  tear_down ();
}

/* Where nothing more can be written the file is closed; half a minute later it is tried
 * again. What happened meanwhile is missing, what is alive is known again.
 */
static void
test_a_full_disk_is_waited_for (void)
{
  SampleOptions options = { .rotate_size = 1024 * 1024 };
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeSummary) summary = NULL;
  g_autoptr(GPtrArray) names = NULL;
  struct rlimit limit, before;

  set_up ();
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  limit = before;
  limit.rlim_cur = 128 * 1024;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);

  begin (&options);
  for (guint i = 0; i < 300; i++)
    {
      seconds_later += 5;
      work (1000);
    }
  end ();
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);

  g_assert_cmpuint (list (&names), >, 1);
  session = load (folder);
  g_assert_cmpuint (memscope_session_get_n_losses (session), >, 0);
  g_assert_cmpuint (memscope_session_get_n_blocks (session), <, n_births);
  g_assert_false (memscope_session_get_complete (session));
  summary = summarize (session);
  g_assert_cmpuint (summary->active_allocations, >, 0);
  tear_down ();
}

static void
test_a_file_that_is_taken_away_is_replaced (void)
{
  SampleOptions options = { 0 };
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(GPtrArray) names = NULL, left = NULL;

  set_up ();
  begin (&options);
  for (guint i = 0; i < 20; i++)
    {
      seconds_later += 2;
      work (100);
    }
  g_assert_cmpuint (list (&names), ==, 1);
  g_assert_cmpint (g_unlink (g_ptr_array_index (names, 0)), ==, 0);

  /* something else in its place is left alone */
  g_assert_true (g_file_set_contents (g_ptr_array_index (names, 0), "mine", 4, NULL));
  for (guint i = 0; i < 20; i++)
    {
      seconds_later += 2;
      work (100);
    }
  end ();

  g_assert_cmpuint (list (&left), ==, 2);
  session = load (folder);
  g_assert_true (warns_of (session, "The recording began earlier"));
  g_assert_cmpuint (memscope_session_get_n_blocks (session), >, 0);
  tear_down ();
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sample-recorder/a-day-is-one-session", test_a_day_is_one_session);
  g_test_add_func ("/sample-recorder/only-the-newest-are-kept", test_only_the_newest_are_kept);
  g_test_add_func ("/sample-recorder/size-begins-another", test_size_begins_another);
  g_test_add_func ("/sample-recorder/a-full-disk-is-waited-for", test_a_full_disk_is_waited_for);
  g_test_add_func ("/sample-recorder/a-file-that-is-taken-away-is-replaced", test_a_file_that_is_taken_away_is_replaced);

  return g_test_run ();
}
