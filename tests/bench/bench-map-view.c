/* SPDX-License-Identifier: GPL-3.0-or-later */

/* bench-map-view RECORDING: how long the memory map of a recording takes in the window: its
 * parts, the way to the page, one step of the instant, and one frame of a drag.
 */

#include "config.h"

#include <json-glib/json-glib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <webkit/webkit.h>

#include "memscope-application.h"
#include "memscope-map-blob.h"
#include "memscope-map-view.h"
#include "memscope-query.h"
#include "memscope-shared-bytes.h"
#include "memscope-web-pane.h"
#include "memscope-window-private.h"

#define STEPS 20

static double
ms_since (gint64 begin)
{
  return (g_get_monotonic_time () - begin) / 1000.0;
}

static void
settle (MemscopeWindow *window)
{
  while (memscope_window_is_loading (window) || memscope_query_count () > 0)
    g_main_context_iteration (NULL, TRUE);
}

static void
answered (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(JSCValue) value = webkit_web_view_call_async_javascript_function_finish (WEBKIT_WEB_VIEW (object), result, &error);

  *(char **) user_data = value != NULL ? jsc_value_to_json (value, 0) : g_strdup (error->message);
}

static char *
ask (MemscopeWindow *window,
     const char     *script)
{
  WebKitWebView *view = WEBKIT_WEB_VIEW (memscope_web_pane_get_view (memscope_map_view_get_pane (window->map)));
  char *answer = NULL;

  webkit_web_view_call_async_javascript_function (view, script, -1, NULL, NULL, NULL, NULL, answered, &answer);
  while (answer == NULL)
    g_main_context_iteration (NULL, TRUE);

  return answer;
}

/* The parts that run in a thread, one after the other. */
static void
measure_parts (MemscopeViewState *state)
{
  MemscopeSession *session = memscope_view_state_get_session (state);
  MemscopeSelection *selection = memscope_view_state_get_selection (state);
  gint64 begin = g_get_monotonic_time ();
  g_autoptr(MemscopeAddressMap) map = memscope_address_map_new (session, selection, NULL, NULL);
  g_autoptr(GBytes) bytes = NULL;
  double seconds;
  int fd;

  printf ("analysis            %8.1f ms  %" G_GUINT64_FORMAT " blocks\n", ms_since (begin), map->n_blocks);
  begin = g_get_monotonic_time ();
  bytes = memscope_map_blob_new (map, NULL, session);
  printf ("as bytes            %8.1f ms  %.1f MiB\n", ms_since (begin), g_bytes_get_size (bytes) / 1048576.0);
  begin = g_get_monotonic_time ();
  fd = memscope_shared_bytes_new (bytes, NULL);
  seconds = ms_since (begin) / 1000;
  printf ("into shared memory  %8.1f ms  %.0f MB/s\n", seconds * 1000, g_bytes_get_size (bytes) / seconds / 1e6);
  close (fd);
}

static void
sent (GObject      *object,
      GAsyncResult *result,
      gpointer      user_data)
{
  g_autoptr(GError) error = NULL;

  if (!memscope_web_pane_send_finish (MEMSCOPE_WEB_PANE (object), result, &error))
    fprintf (stderr, "%s\n", error->message);
  *(gboolean *) user_data = TRUE;
}

/* Only the way: the page throws the bytes away. */
static void
measure_way (MemscopeWindow *window)
{
  MemscopeMapData *data = memscope_map_view_get_data (window->map);
  double best = G_MAXDOUBLE;

  g_free (ask (window, "window.kept = memscopeReceive; window.memscopeReceive = (name, bytes) => String (bytes.length); return 0"));
  for (guint i = 0; i < 5; i++)
    {
      gint64 begin = g_get_monotonic_time ();
      gboolean done = FALSE;

      memscope_web_pane_send_async (memscope_map_view_get_pane (window->map), "nothing", data->bytes, NULL, sent, &done);
      while (!done)
        g_main_context_iteration (NULL, TRUE);
      best = MIN (best, ms_since (begin));
    }
  g_free (ask (window, "window.memscopeReceive = kept; return 0"));
  printf ("to the page         %8.1f ms  %.0f MB/s\n", best, data->n_bytes / best / 1000);
}

static int
compare_doubles (gconstpointer a,
                 gconstpointer b)
{
  double difference = *(const double *) a - *(const double *) b;

  return (difference > 0) - (difference < 0);
}

static void
measure_steps (MemscopeWindow    *window,
               MemscopeViewState *state)
{
  guint64 end = memscope_view_state_get_end (state);
  g_autofree char *taking = NULL;
  double times[STEPS];

  g_free (ask (window, "window.taking = []; const receive = memscopeReceive;"
                       "window.memscopeReceive = (name, bytes) => {"
                       "  const begin = performance.now (), answer = receive (name, bytes);"
                       "  taking.push (performance.now () - begin); return answer; };"
                       "return 0"));

  for (guint i = 0; i < STEPS; i++)
    {
      gint64 begin = g_get_monotonic_time ();

      memscope_view_state_set_instant (state, end / 2 + end * i / (2 * STEPS));
      settle (window);
      times[i] = ms_since (begin);
    }
  qsort (times, STEPS, sizeof *times, compare_doubles);
  taking = ask (window, "taking.sort ((a, b) => a - b); return Math.round (10 * taking[taking.length >> 1]) / 10");
  printf ("page takes it       %8s ms  median\n", taking);
  printf ("step of the instant %8.1f ms  median; %.1f … %.1f\n", times[STEPS / 2], times[0], times[STEPS - 1]);
}

static void
measure_frames (MemscopeWindow *window)
{
  g_autofree char *frames = ask (window,
    "const map = memscopeMap.map (), times = []; map.zoomBy (8);"
    "let last = performance.now ();"
    "for (let i = 0; i < 60; i++) {"
    "  map.pan (i % 20 < 10 ? 0.02 : -0.02);"
    "  await new Promise (done => requestAnimationFrame (done));"
    "  const now = performance.now (); times.push (now - last); last = now;"
    "}"
    "times.sort ((a, b) => a - b);"
    "return `${times[30].toFixed (1)} ms median; ${times[0].toFixed (1)} … ${times[59].toFixed (1)}`");

  printf ("frame of a drag     %s\n", frames);
}

int
main (int    argc,
      char **argv)
{
  g_autoptr(GFile) file = NULL;
  GApplication *application;
  MemscopeWindow *window;
  MemscopeViewState *state;
  gint64 begin;

  if (argc != 2 || !gtk_init_check ())
    {
      fprintf (stderr, "bench-map-view RECORDING, with a display\n");
      return 2;
    }

  adw_init ();
  setvbuf (stdout, NULL, _IOLBF, 0);
  application = memscope_application_new ();
  g_application_set_flags (application, G_APPLICATION_NON_UNIQUE);
  g_application_register (application, NULL, NULL);
  window = memscope_window_new (GTK_APPLICATION (application));
  gtk_window_present (GTK_WINDOW (window));
  file = g_file_new_for_commandline_arg (argv[1]);
  memscope_window_open (window, file);
  settle (window);
  state = memscope_window_get_state (window);

  begin = g_get_monotonic_time ();
  memscope_window_show_view (window, "map");
  do
    settle (window);
  while (memscope_map_view_get_reason (window->map) == NULL && memscope_map_view_get_pane (window->map) == NULL &&
         g_main_context_iteration (NULL, TRUE));
  settle (window);
  if (memscope_map_view_get_pane (window->map) == NULL)
    {
      fprintf (stderr, "%s\n", memscope_map_view_get_reason (window->map));
      return 1;
    }
  printf ("shown               %8.1f ms  with the probe before it\n", ms_since (begin));

  measure_parts (state);
  measure_way (window);
  measure_steps (window, state);
  measure_frames (window);

  return 0;
}
