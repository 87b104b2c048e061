/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How a window answers with a recording in it. Not a test: built on demand, run by
 * hand on a quiet machine, under tests/headless.
 *
 *   bench-window [--only=views|overview|cards|table|inspector|calls] FILE…
 *
 * By step: the longest round of the main loop (on the wall; without the main thread's
 * waiting for a processor; its own processor time), how long until all was shown, the processor time of all threads,
 * and, where something was animated, the frames.
 */

#include "config.h"

#include <adwaita.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "app-fixture.h"
#include "memscope-application.h"
#include "window-tour.h"

static void
print_step (const TourStep *step,
            gpointer        user_data)
{
  g_print ("%-34s round %6.1f ms, %6.1f ms without queuing, %6.1f ms of CPU; all shown in %6.0f ms, %6.0f ms of CPU", step->name,
           step->worst.wall, step->worst.own, step->worst.cpu, step->wall, step->cpu);
  if (step->figures > 0)
    g_print ("; first content after %.0f ms, tiles after %.0f ms", step->first, step->figures);
  if (step->n_frames > 0)
    g_print ("; %u frames every %.1f ms, slowest %.1f ms, %.1f ms of CPU each", step->n_frames, step->median, step->slowest, step->frame_cpu);
  g_print ("\n");
}

static void
print_memory (const char *when)
{
  g_autofree char *status = NULL;
  struct rusage usage;
  const char *resident = NULL;

  getrusage (RUSAGE_SELF, &usage);
  if (g_file_get_contents ("/proc/self/status", &status, NULL, NULL))
    resident = g_strstr_len (status, -1, "VmRSS:");
  g_print ("%s: %.0f MB resident, %.0f MB at most\n", when,
           resident != NULL ? (double) g_ascii_strtoull (resident + 6, NULL, 10) / 1e3 : 0, (double) usage.ru_maxrss / 1e3);
}

int
main (int    argc,
      char **argv)
{
  GtkApplication *application;
  const char *only = NULL;
  int first = 1;

  if (argc > 1 && g_str_has_prefix (argv[1], "--only="))
    {
      only = argv[1] + strlen ("--only=");
      first = 2;
    }

  if (argc <= first || !app_fixture_init_gtk ())
    {
      g_printerr ("usage: bench-window [--only=PART] FILE…, on a display\n");
      return EXIT_FAILURE;
    }

  g_set_prgname ("memscope");
  g_set_application_name ("MemScope");
  application = GTK_APPLICATION (memscope_application_new ());
  g_application_set_flags (G_APPLICATION (application), G_APPLICATION_NON_UNIQUE);
  g_application_register (G_APPLICATION (application), NULL, NULL);

  for (int i = first; i < argc; i++)
    {
      g_autoptr(GFile) file = g_file_new_for_commandline_arg (argv[i]);
      MemscopeWindow *window = memscope_window_new (application);

      gtk_window_present (GTK_WINDOW (window));
      app_fixture_settle ();
      g_print ("== %s\n", argv[i]);
      print_memory ("empty window");
      window_tour_run (window, file, only, print_step, NULL);
      print_memory ("after all of it");
      gtk_window_destroy (GTK_WINDOW (window));
      app_fixture_settle ();
    }
  g_object_unref (application);

  return EXIT_SUCCESS;
}
