/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A window on a large recording answers whatever is done to it. How fast it is, in
 * figures, is what tests/bench/bench-window measures; here is only a limit that
 * nothing but an analysis, a sort or a whole list in the main thread could reach.
 */

#include "config.h"

#include <adwaita.h>

#include "app-fixture.h"
#include "memscope-application.h"
#include "window-tour.h"

#define N_RECORDS    100000
#define N_THREADS    16
#define N_NAMES      4000
/* Of the main thread's own processor time: the machine may be as busy as it likes. */
#define LONGEST_STALL 100.0

static GtkApplication *application;

/* 100,000 blocks of some 50,000 variables in 16 threads, as memscope-rs would write them. */
static GFile *
make_recording (void)
{
  g_autofree char *directory = g_dir_make_tmp ("memscope-test-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (directory, "large.json", NULL);
  g_autoptr(GRand) rand = g_rand_new_with_seed (7);
  g_autoptr(GString) text = g_string_new ("[");

  for (guint i = 0; i < N_RECORDS; i++)
    {
      guint64 birth = 1000 + (guint64) i * 250000;
      guint64 death = birth + 1000 + (guint64) g_rand_int_range (rand, 0, 2000000000);
      guint thread = (guint) g_rand_int_range (rand, 0, N_THREADS);

      g_string_append_printf (text,
                              "%s{\"ptr\":%u,\"size\":%d,\"var_name\":\"buffer_%d\",\"type_name\":\"Vec<T%d>\",\"thread_id\":\"ThreadId(%u)\","
                              "\"timestamp_alloc\":%" G_GUINT64_FORMAT ",\"timestamp_dealloc\":",
                              i > 0 ? ",\n" : "", 0x10000u + 64 * i, g_rand_int_range (rand, 1, 5000),
                              g_rand_int_range (rand, 0, N_NAMES), g_rand_int_range (rand, 0, 7), thread, birth);
      if (g_rand_int_range (rand, 0, 3) == 0)
        g_string_append (text, "null");
      else
        g_string_append_printf (text, "%" G_GUINT64_FORMAT, death);
      g_string_append_printf (text, ",\"stack_trace\":[\"f%d\",\"g%d\",\"main\"],\"is_leaked\":false}",
                              g_rand_int_range (rand, 0, 200), g_rand_int_range (rand, 0, 20));
    }
  g_string_append (text, "]\n");
  g_assert_true (g_file_set_contents (path, text->str, (gssize) text->len, NULL));

  return g_file_new_for_path (path);
}

static void
check_step (const TourStep *step,
            gpointer        user_data)
{
  double *longest = user_data;

  g_test_message ("%-32s at most %7.1f ms of CPU, %7.1f ms without queuing, %7.1f ms on the wall in one round",
                  step->name, step->worst.cpu, step->worst.own, step->worst.wall);
  *longest = MAX (*longest, step->worst.cpu);
  if (step->worst.cpu > LONGEST_STALL)
    {
      g_test_message ("%s: the main thread was away for %.0f ms", step->name, step->worst.cpu);
      g_test_fail ();
    }
}

static void
test_the_main_loop_is_never_away (void)
{
  GFile *file = make_recording ();
  MemscopeWindow *window = memscope_window_new (application);
  double longest = 0;

  gtk_window_present (GTK_WINDOW (window));
  app_fixture_settle ();
  window_tour_run (window, file, NULL, check_step, &longest);
  g_assert_cmpfloat (longest, >, 0);

  gtk_window_destroy (GTK_WINDOW (window));
  app_fixture_settle ();
  app_fixture_remove (file);
}

int
main (int    argc,
      char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!app_fixture_init_gtk ())
    return 77;

  g_set_application_name ("MemScope");
  application = GTK_APPLICATION (memscope_application_new ());
  g_application_set_flags (G_APPLICATION (application), G_APPLICATION_NON_UNIQUE);
  g_assert_true (g_application_register (G_APPLICATION (application), NULL, NULL));

  g_test_add_func ("/responsiveness/the-main-loop-is-never-away", test_the_main_loop_is_never_away);

  status = g_test_run ();
  g_object_unref (application);

  return status;
}
