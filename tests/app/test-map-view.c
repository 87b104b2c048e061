/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The memory map in the window: the page it is drawn in, what passes between both,
 * and the tables in its place where there can be no page.
 */

#include "config.h"

#include <signal.h>
#include <string.h>
#include <webkit/webkit.h>

#include "app-fixture.h"
#include "memscope-application.h"
#include "memscope-web-pane.h"
#include "memscope-web-support.h"
#include "memscope-window-private.h"

static GtkApplication *application;

static gboolean
has_loaded (gpointer user_data)
{
  return !memscope_window_is_loading (user_data);
}

/* A window with the map of a recording in it, drawn or as tables. */
static MemscopeWindow *
open_map (const char  *name,
          GFile      **file)
{
  MemscopeWindow *window = memscope_window_new (application);

  *file = app_fixture_unpack (name);
  gtk_window_set_default_size (GTK_WINDOW (window), 1200, 800);
  memscope_window_show_view (window, "map");
  gtk_window_present (GTK_WINDOW (window));
  memscope_window_open (window, *file);
  app_fixture_wait (has_loaded, window);
  app_fixture_settle ();

  return window;
}

static gboolean
is_settled (gpointer user_data)
{
  return memscope_map_view_get_pane (user_data) != NULL || memscope_map_view_get_reason (user_data) != NULL;
}

/* Until there is a drawing, or a reason why there is none. */
static void
wait_for_map (MemscopeWindow *window)
{
  app_fixture_wait (is_settled, window->map);
  app_fixture_settle ();
}

static void
close_window (MemscopeWindow *window,
              GFile          *file)
{
  gtk_window_destroy (GTK_WINDOW (window));
  app_fixture_settle ();
  app_fixture_remove (file);
}

/* ---- asking the page ------------------------------------------------------------ */

typedef struct
{
  gboolean  done;
  char     *json;
} Answer;

static void
answered (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  Answer *answer = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(JSCValue) value = webkit_web_view_call_async_javascript_function_finish (WEBKIT_WEB_VIEW (object), result, &error);

  g_assert_no_error (error);
  answer->json = jsc_value_to_json (value, 0);
  answer->done = TRUE;
}

static gboolean
is_answered (gpointer user_data)
{
  return ((Answer *) user_data)->done;
}

static char *
ask (MemscopeWindow *window,
     const char     *script)
{
  WebKitWebView *view = WEBKIT_WEB_VIEW (memscope_web_pane_get_view (memscope_map_view_get_pane (window->map)));
  Answer answer = { FALSE, NULL };

  webkit_web_view_call_async_javascript_function (view, script, -1, NULL, NULL, NULL, NULL, answered, &answer);
  app_fixture_wait (is_answered, &answer);

  return answer.json;
}

static double
ask_number (MemscopeWindow *window,
            const char     *script)
{
  g_autofree char *json = ask (window, script);

  g_assert_nonnull (json);

  return g_ascii_strtod (json, NULL);
}

/* Skips the rest of the test where WebKit does not run: the tables are tested all the same. */
static gboolean
has_drawing (MemscopeWindow *window,
             GFile          *file)
{
  const char *reason;

  wait_for_map (window);
  reason = memscope_map_view_get_reason (window->map);
  if (reason == NULL)
    return TRUE;

  g_test_skip (reason);
  close_window (window, file);

  return FALSE;
}

/* ---- the drawing -------------------------------------------------------------------- */

static void
assert_page_has_the_map (MemscopeWindow *window)
{
  const MemscopeAddressMap *map = memscope_map_view_get_data (window->map)->map;

  g_assert_cmpfloat (ask_number (window, "return memscopeMap.data ().n"), ==, (double) map->n_blocks);
  g_assert_cmpfloat (ask_number (window, "return memscopeMap.data ().selected"), ==, (double) map->n_selected);
  g_assert_cmpfloat (ask_number (window, "return memscopeMap.data ().liveBytes"), ==, (double) map->live_bytes);
  g_assert_cmpfloat (ask_number (window, "return memscopeMap.data ().instant"), ==, (double) map->instant);
  g_assert_cmpfloat (ask_number (window, "return memscopeMap.data ().row.reduce ((sum, row) => sum + row, 0)"), ==,
                     ({ double sum = 0; for (guint64 i = 0; i < map->n_blocks; i++) sum += (double) map->row[i]; sum; }));
}

static void
test_draws_the_blocks_of_the_analysis (void)
{
  GFile *file;
  MemscopeWindow *window = open_map ("app/typical_full.memscope.gz", &file);

  if (!has_drawing (window, file))
    return;

  g_assert_cmpuint (memscope_map_view_get_data (window->map)->map->n_blocks, ==, 93);
  assert_page_has_the_map (window);
  g_assert_cmpfloat (ask_number (window, "return document.querySelectorAll ('canvas').length"), >, 0);

  close_window (window, file);
}

static void
test_follows_the_instant_and_the_filters (void)
{
  GFile *file;
  MemscopeWindow *window = open_map ("app/typical_full.memscope.gz", &file);
  MemscopeViewState *state = memscope_window_get_state (window);
  guint64 before;

  if (!has_drawing (window, file))
    return;

  before = memscope_map_view_get_data (window->map)->map->n_blocks;
  memscope_view_state_set_instant (state, memscope_view_state_get_end (state) / 4);
  app_fixture_settle ();
  g_assert_cmpuint (memscope_map_view_get_data (window->map)->map->n_blocks, !=, before);
  assert_page_has_the_map (window);

  memscope_view_state_set_text (state, "buffer");
  app_fixture_settle ();
  g_assert_cmpuint (memscope_map_view_get_data (window->map)->map->n_selected, <,
                    memscope_map_view_get_data (window->map)->map->n_blocks);
  assert_page_has_the_map (window);

  close_window (window, file);
}

static void
test_scrubbing_never_queues (void)
{
  GFile *file;
  MemscopeWindow *window = open_map ("app/typical_full.memscope.gz", &file);
  MemscopeViewState *state = memscope_window_get_state (window);
  guint64 end = memscope_view_state_get_end (state);
  double before;

  if (!has_drawing (window, file))
    return;

  ask (window, "window.taken = 0; const receive = memscopeReceive;"
               "window.memscopeReceive = (name, bytes) => { window.taken++; return receive (name, bytes); }");
  before = ask_number (window, "return window.taken");
  for (guint i = 1; i <= 200; i++)
    {
      memscope_view_state_set_instant (state, end * i / 201);
      g_main_context_iteration (NULL, FALSE);
    }
  app_fixture_settle ();
  assert_page_has_the_map (window);
  g_assert_cmpuint (memscope_map_view_get_data (window->map)->map->instant, ==, end * 200 / 201);
  g_assert_cmpfloat (ask_number (window, "return window.taken") - before, <, 200);

  close_window (window, file);
}

static void
test_a_clicked_block_is_inspected (void)
{
  GFile *file;
  MemscopeWindow *window = open_map ("app/typical_full.memscope.gz", &file);
  MemscopeViewState *state = memscope_window_get_state (window);
  MemscopeSession *session = memscope_view_state_get_session (state);
  const MemscopeGroup *group;
  MemscopeBlock block;
  guint64 row;

  if (!has_drawing (window, file))
    return;

  /* A press where the page says that there is a block. */
  row = (guint64) ask_number (window,
    "const map = memscopeMap.map (), field = map.field;"
    "for (let tries = 0; tries < 200; tries++) {"
    "  const box = field.getBoundingClientRect ();"
    "  for (let y = 0; y < box.height; y += 4)"
    "    for (let x = map.left; x < box.width; x += 2) {"
    "      const i = map.blockAt ({ x, y });"
    "      if (i < 0) continue;"
    "      const event = type => new PointerEvent (type, { clientX: box.left + x, clientY: box.top + y, button: 0, pointerId: 1, bubbles: true });"
    "      field.setPointerCapture = () => {};"
    "      field.dispatchEvent (event ('pointerdown')); field.dispatchEvent (event ('pointerup'));"
    "      return map.data.row[i];"
    "    }"
    "  await new Promise (later => setTimeout (later, 50));"   /* it is laid out a little later */
    "}"
    "return -1");
  app_fixture_settle ();
  g_assert_cmpuint (row, <, memscope_session_get_n_blocks (session));
  g_assert_cmpuint (memscope_view_state_get_row (state), ==, row);
  g_assert_true (adw_flap_get_reveal_flap (window->flap));

  group = memscope_view_state_get_group (state);
  g_assert_nonnull (group);
  memscope_session_get_block (session, row, &block);
  g_assert_cmpuint (group->thread, ==, block.thread);
  g_assert_cmpuint (group->rows, >, 0);

  close_window (window, file);
}

static void
test_a_block_chosen_elsewhere_is_marked (void)
{
  GFile *file;
  MemscopeWindow *window = open_map ("app/typical_full.memscope.gz", &file);
  MemscopeViewState *state = memscope_window_get_state (window);
  guint64 row;

  if (!has_drawing (window, file))
    return;

  row = memscope_map_view_get_data (window->map)->map->row[17];
  memscope_view_state_set_row (state, row);
  app_fixture_settle ();
  g_assert_cmpfloat (ask_number (window, "return memscopeMap.state ().row"), ==, (double) row);
  g_assert_cmpfloat (ask_number (window, "return memscopeMap.map ().selected"), ==, 17);

  close_window (window, file);
}

static void
test_shows_a_block_that_is_dead_by_then (void)
{
  GFile *file;
  MemscopeWindow *window = open_map ("app/typical_full.memscope.gz", &file);
  MemscopeViewState *state = memscope_window_get_state (window);
  MemscopeSession *session = memscope_view_state_get_session (state);
  MemscopeBlock block;
  guint64 row;

  if (!has_drawing (window, file))
    return;

  for (row = 0; row < memscope_session_get_n_blocks (session); row++)
    {
      memscope_session_get_block (session, row, &block);
      if (block.death_time != MEMSCOPE_NEVER && block.death_time > block.birth_time + 1)
        break;
    }
  memscope_map_view_show_row (window->map, row);
  app_fixture_settle ();
  g_assert_cmpuint (memscope_address_map_find_row (memscope_map_view_get_data (window->map)->map, row), !=, G_MAXUINT64);
  g_assert_cmpfloat (ask_number (window, "return memscopeMap.state ().row"), ==, (double) row);

  close_window (window, file);
}

static void
test_hostile_names_reach_the_page_as_text (void)
{
  GFile *file;
  MemscopeWindow *window = open_map ("golden/memscope-rs/names_full.memscope.gz", &file);

  if (!has_drawing (window, file))
    return;

  assert_page_has_the_map (window);
  g_assert_cmpfloat (ask_number (window, "return document.scripts.length"), ==, 1);

  close_window (window, file);
}

static void
test_the_look_is_the_desktops (void)
{
  GFile *file;
  MemscopeWindow *window = open_map ("app/typical_full.memscope.gz", &file);
  AdwStyleManager *style = adw_style_manager_get_default ();
  g_autofree char *light = NULL;
  g_autofree char *dark = NULL;

  if (!has_drawing (window, file))
    return;

  light = ask (window, "return document.documentElement.dataset.theme");
  adw_style_manager_set_color_scheme (style, ADW_COLOR_SCHEME_FORCE_DARK);
  app_fixture_settle ();
  dark = ask (window, "return document.documentElement.dataset.theme");
  adw_style_manager_set_color_scheme (style, ADW_COLOR_SCHEME_DEFAULT);
  g_assert_cmpstr (light, ==, "\"light\"");
  g_assert_cmpstr (dark, ==, "\"dark\"");

  close_window (window, file);
}

/* ---- no network ------------------------------------------------------------------------ */

static gboolean
count_connection (GSocketService    *service,
                  GSocketConnection *connection,
                  GObject           *source,
                  gpointer           user_data)
{
  (*(guint *) user_data)++;

  return TRUE;
}

static void
test_nothing_reaches_a_network (void)
{
  GFile *file;
  MemscopeWindow *window = open_map ("app/typical_full.memscope.gz", &file);
  g_autoptr(GSocketService) service = g_socket_service_new ();
  g_autoptr(GError) error = NULL;
  g_autofree char *script = NULL;
  g_autofree char *where = NULL;
  guint n_connections = 0;
  guint16 port;

  if (!has_drawing (window, file))
    return;

  port = g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (service), NULL, &error);
  g_assert_no_error (error);
  g_signal_connect (service, "incoming", G_CALLBACK (count_connection), &n_connections);
  g_socket_service_start (service);

  script = g_strdup_printf (
    "const url = 'http://127.0.0.1:%u/', tries = [];"
    "const tried = (name, what) => { try { tries.push (Promise.race ([what (), new Promise (done => setTimeout (done, 500))]).catch (() => {})); } catch {} };"
    "tried ('fetch', () => fetch (url, { mode: 'no-cors' }));"
    "tried ('image', () => new Promise (done => { const image = new Image (); image.onload = image.onerror = done; image.src = url; }));"
    "tried ('socket', () => new Promise (done => { const socket = new WebSocket (url.replace ('http', 'ws')); socket.onopen = socket.onerror = done; }));"
    "tried ('beacon', async () => navigator.sendBeacon (url, 'x'));"
    "tried ('frame', () => new Promise (done => { const frame = document.createElement ('iframe'); frame.onload = done; frame.src = url; document.body.append (frame); }));"
    "tried ('script', () => new Promise (done => { const link = document.createElement ('link'); link.rel = 'stylesheet'; link.onload = link.onerror = done; link.href = url; document.head.append (link); }));"
    "tried ('form', async () => { const form = document.createElement ('form'); form.action = url; document.body.append (form); form.submit (); });"
    "tried ('window', async () => window.open (url));"
    "tried ('navigation', async () => { location.href = url; });"
    "await Promise.all (tries);"
    "return tries.length", port);
  g_assert_cmpfloat (ask_number (window, script), ==, 9);
  app_fixture_settle ();

  where = ask (window, "return location.href");
  g_assert_cmpstr (where, ==, "\"memscope://ui/map/map-window.html\"");
  g_assert_cmpuint (n_connections, ==, 0);
  assert_page_has_the_map (window);

  g_socket_service_stop (service);
  close_window (window, file);
}

/* ---- when it goes wrong -------------------------------------------------------------------- */

static GPid
parent_of (GPid pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", pid);
  g_autofree char *text = NULL;
  const char *rest;
  int parent = 0;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return 0;
  rest = strrchr (text, ')');
  if (rest == NULL || sscanf (rest + 1, " %*c %d", &parent) != 1)
    return 0;

  return parent;
}

/* The web processes below this process. */
static GArray *
find_web_processes (void)
{
  GArray *found = g_array_new (FALSE, FALSE, sizeof (GPid));
  g_autoptr(GDir) directory = g_dir_open ("/proc", 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (directory)) != NULL)
    {
      GPid pid = (GPid) g_ascii_strtoll (name, NULL, 10);
      g_autofree char *path = g_strdup_printf ("/proc/%s/comm", name);
      g_autofree char *command = NULL;
      GPid ancestor = pid;

      if (pid <= 1 || !g_file_get_contents (path, &command, NULL, NULL) || !g_str_has_prefix (command, "WebKitWebProces"))
        continue;
      for (guint depth = 0; ancestor > 1 && ancestor != getpid () && depth < 32; depth++)
        ancestor = parent_of (ancestor);
      if (ancestor == getpid ())
        g_array_append_val (found, pid);
    }

  return found;
}

static guint
kill_web_processes (void)
{
  g_autoptr(GArray) processes = find_web_processes ();

  for (guint i = 0; i < processes->len; i++)
    kill (g_array_index (processes, GPid, i), SIGKILL);

  return processes->len;
}

typedef struct
{
  MemscopeWindow *window;
  guint           n_ready;
} Ready;

static void
count_ready (MemscopeWebPane *pane,
             JsonObject      *message,
             Ready           *ready)
{
  if (g_strcmp0 (json_object_get_string_member_with_default (message, "type", ""), "ready") == 0)
    ready->n_ready++;
}

static gboolean
is_ready_again (gpointer user_data)
{
  return ((Ready *) user_data)->n_ready > 0;
}

static gboolean
has_reason (gpointer user_data)
{
  return memscope_map_view_get_reason (user_data) != NULL;
}

static void
assert_tables_have_the_map (MemscopeWindow *window)
{
  MemscopeMapOrder *order = memscope_map_table_get_order (memscope_map_view_get_table (window->map));
  const MemscopeAddressMap *map = memscope_map_view_get_data (window->map)->map;

  g_assert_nonnull (order);
  g_assert_cmpuint (order->n, ==, map->n_selected);
  g_assert_true (order->data->map == map);
}

static void
test_a_killed_web_process_comes_back_once (void)
{
  GFile *file;
  MemscopeWindow *window = open_map ("app/typical_full.memscope.gz", &file);
  Ready ready = { window, 0 };

  if (!has_drawing (window, file))
    return;

  g_signal_connect (memscope_map_view_get_pane (window->map), "message", G_CALLBACK (count_ready), &ready);
  g_assert_cmpuint (kill_web_processes (), >, 0);
  app_fixture_wait (is_ready_again, &ready);
  app_fixture_settle ();
  g_assert_null (memscope_map_view_get_reason (window->map));
  assert_page_has_the_map (window);

  g_assert_cmpuint (kill_web_processes (), >, 0);
  app_fixture_wait (has_reason, window->map);
  app_fixture_settle ();
  g_assert_null (memscope_map_view_get_pane (window->map));
  g_assert_nonnull (strstr (memscope_map_view_get_reason (window->map), "twice"));
  assert_tables_have_the_map (window);

  close_window (window, file);
}

static void
test_without_webkit_tables_and_the_reason (void)
{
  const char *probe = g_getenv ("MEMSCOPE_WEB_PROBE");
  g_autofree char *kept = g_strdup (probe);
  MemscopeWindow *window;
  GFile *file;

  memscope_web_support_forget ();
  g_setenv ("MEMSCOPE_WEB_PROBE", "/bin/false", TRUE);
  window = open_map ("app/typical_full.memscope.gz", &file);
  app_fixture_wait (has_reason, window->map);
  app_fixture_settle ();
  g_assert_null (memscope_map_view_get_pane (window->map));
  assert_tables_have_the_map (window);
  g_assert_cmpuint (memscope_map_table_get_order (memscope_map_view_get_table (window->map))->n, ==, 93);

  /* Mended meanwhile. */
  if (kept != NULL)
    g_setenv ("MEMSCOPE_WEB_PROBE", kept, TRUE);
  else
    g_unsetenv ("MEMSCOPE_WEB_PROBE");
  memscope_web_support_forget ();
  close_window (window, file);
}

static void
test_a_probe_that_is_missing_is_a_reason (void)
{
  g_autofree char *kept = g_strdup (g_getenv ("MEMSCOPE_WEB_PROBE"));
  MemscopeWindow *window;
  GFile *file;

  memscope_web_support_forget ();
  g_setenv ("MEMSCOPE_WEB_PROBE", "/nowhere/memscope-web-probe", TRUE);
  window = open_map ("app/typical_full.memscope.gz", &file);
  app_fixture_wait (has_reason, window->map);
  app_fixture_settle ();
  g_assert_nonnull (strstr (memscope_map_view_get_reason (window->map), "/nowhere/memscope-web-probe"));
  assert_tables_have_the_map (window);

  if (kept != NULL)
    g_setenv ("MEMSCOPE_WEB_PROBE", kept, TRUE);
  else
    g_unsetenv ("MEMSCOPE_WEB_PROBE");
  memscope_web_support_forget ();
  close_window (window, file);
}

int
main (int    argc,
      char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!app_fixture_init_gtk ())
    return 77;

  application = GTK_APPLICATION (memscope_application_new ());
  g_application_set_flags (G_APPLICATION (application), G_APPLICATION_NON_UNIQUE);
  g_assert_true (g_application_register (G_APPLICATION (application), NULL, NULL));

  g_test_add_func ("/map-view/draws-the-blocks-of-the-analysis", test_draws_the_blocks_of_the_analysis);
  g_test_add_func ("/map-view/follows-the-instant-and-the-filters", test_follows_the_instant_and_the_filters);
  g_test_add_func ("/map-view/scrubbing-never-queues", test_scrubbing_never_queues);
  g_test_add_func ("/map-view/a-clicked-block-is-inspected", test_a_clicked_block_is_inspected);
  g_test_add_func ("/map-view/a-block-chosen-elsewhere-is-marked", test_a_block_chosen_elsewhere_is_marked);
  g_test_add_func ("/map-view/shows-a-block-that-is-dead-by-then", test_shows_a_block_that_is_dead_by_then);
  g_test_add_func ("/map-view/hostile-names-reach-the-page-as-text", test_hostile_names_reach_the_page_as_text);
  g_test_add_func ("/map-view/the-look-is-the-desktops", test_the_look_is_the_desktops);
  g_test_add_func ("/map-view/nothing-reaches-a-network", test_nothing_reaches_a_network);
  g_test_add_func ("/map-view/a-killed-web-process-comes-back-once", test_a_killed_web_process_comes_back_once);
  g_test_add_func ("/map-view/without-webkit-tables-and-the-reason", test_without_webkit_tables_and_the_reason);
  g_test_add_func ("/map-view/a-probe-that-is-missing-is-a-reason", test_a_probe_that_is_missing_is_a_reason);

  status = g_test_run ();
  g_object_unref (application);

  return status;
}
