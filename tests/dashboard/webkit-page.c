/* SPDX-License-Identifier: GPL-3.0-or-later */

/* webkit-page [--width N] [--height N] [--start SCRIPT]… [--pdf FILE] [--picture FILE]
 *             [--seconds N] PAGE SCRIPT [ARGUMENT]
 *
 * Opens a page from a file in a web view of its own, runs SCRIPT in it, which is the
 * body of an asynchronous function that finds ARGUMENT in `argument`, and says what
 * came of it: the last line on stdout is an object of JSON with
 *   answer        what the script returned, a string
 *   error         why there is none
 *   connections   how many connections anything asked for
 *   asked         the first line of each of them
 *   port          where they arrived; the script may find it in `port`
 * WebKit is given a listener of this program as its proxy, for every address: whatever
 * it would fetch arrives there, is counted and refused. Scripts of --start run before
 * those of the page.
 *
 * The exit status is 0 when there is an answer, also where the answer is a bad one.
 */

#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include <stdlib.h>
#include <webkit/webkit.h>

typedef struct
{
  GMainLoop      *loop;
  GtkWidget      *window;
  WebKitWebView  *view;
  GSocketService *listener;
  guint16         port;
  GPtrArray      *asked;         /* (element-type utf8) */
  char           *script;
  char           *argument;
  char           *answer;
  char           *error;
} Run;

static int    width = 1280;
static int    height = 800;
static int    seconds = 240;
static char **starts;
static char  *pdf;
static char  *picture;
static char **files;

static const GOptionEntry entries[] = {
  { "width", 0, 0, G_OPTION_ARG_INT, &width, NULL, NULL },
  { "height", 0, 0, G_OPTION_ARG_INT, &height, NULL, NULL },
  { "seconds", 0, 0, G_OPTION_ARG_INT, &seconds, NULL, NULL },
  { "start", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &starts, NULL, NULL },
  { "pdf", 0, 0, G_OPTION_ARG_FILENAME, &pdf, NULL, NULL },
  { "picture", 0, 0, G_OPTION_ARG_FILENAME, &picture, NULL, NULL },
  { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &files, NULL, NULL },
  G_OPTION_ENTRY_NULL
};

static void
run_fail (Run        *self,
          const char *words)
{
  if (self->error == NULL)
    self->error = g_strdup (words);
  g_main_loop_quit (self->loop);
}

/* ---- the network ---------------------------------------------------------------- */

/* In a thread of the service: one line is read, and nothing answered. */
static gboolean
connected (GThreadedSocketService *service,
           GSocketConnection      *connection,
           GObject                *source,
           Run                    *self)
{
  g_autoptr(GDataInputStream) stream = g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (connection)));
  static GMutex lock;
  char *line;

  g_socket_set_timeout (g_socket_connection_get_socket (connection), 2);
  line = g_data_input_stream_read_line_utf8 (stream, NULL, NULL, NULL);
  g_mutex_lock (&lock);
  g_ptr_array_add (self->asked, line != NULL ? line : g_strdup (""));
  g_mutex_unlock (&lock);

  return TRUE;
}

static void
run_listen (Run *self)
{
  g_autoptr(GInetAddress) here = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr(GSocketAddress) address = g_inet_socket_address_new (here, 0);
  g_autoptr(GSocketAddress) given = NULL;
  g_autoptr(GError) error = NULL;

  self->asked = g_ptr_array_new_with_free_func (g_free);
  self->listener = g_threaded_socket_service_new (4);
  g_signal_connect (self->listener, "run", G_CALLBACK (connected), self);
  if (!g_socket_listener_add_address (G_SOCKET_LISTENER (self->listener), address, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL, &given, &error))
    g_error ("Can’t listen: %s", error->message);
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (given));
  g_socket_service_start (self->listener);
}

static WebKitNetworkSession *
run_new_session (Run *self)
{
  WebKitNetworkSession *session = webkit_network_session_new_ephemeral ();
  g_autofree char *uri = g_strdup_printf ("http://127.0.0.1:%u", self->port);
  WebKitNetworkProxySettings *proxy = webkit_network_proxy_settings_new (uri, NULL);

  webkit_network_session_set_proxy_settings (session, WEBKIT_NETWORK_PROXY_MODE_CUSTOM, proxy);
  webkit_network_proxy_settings_free (proxy);

  return session;
}

/* ---- the end ---------------------------------------------------------------------- */

static void
printed (WebKitPrintOperation *operation,
         Run                  *self)
{
  g_main_loop_quit (self->loop);
}

static void
print_failed (WebKitPrintOperation *operation,
              GError               *error,
              Run                  *self)
{
  run_fail (self, error->message);
}

static void
run_print (Run *self)
{
  g_autoptr(WebKitPrintOperation) operation = webkit_print_operation_new (self->view);
  g_autoptr(GtkPrintSettings) settings = gtk_print_settings_new ();
  g_autoptr(GFile) file = g_file_new_for_commandline_arg (pdf);
  g_autofree char *uri = g_file_get_uri (file);

  gtk_print_settings_set_printer (settings, "Print to File");
  gtk_print_settings_set (settings, GTK_PRINT_SETTINGS_OUTPUT_FILE_FORMAT, "pdf");
  gtk_print_settings_set (settings, GTK_PRINT_SETTINGS_OUTPUT_URI, uri);
  webkit_print_operation_set_print_settings (operation, settings);
  g_signal_connect (operation, "finished", G_CALLBACK (printed), self);
  g_signal_connect (operation, "failed", G_CALLBACK (print_failed), self);
  webkit_print_operation_print (g_object_ref (operation));
}

static void
pictured (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  Run *self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GdkTexture) texture = webkit_web_view_get_snapshot_finish (WEBKIT_WEB_VIEW (object), result, &error);

  if (texture == NULL)
    run_fail (self, error->message);
  else if (!gdk_texture_save_to_png (texture, picture))
    run_fail (self, "The picture can’t be saved");
  else if (pdf != NULL)
    run_print (self);
  else
    g_main_loop_quit (self->loop);
}

static void
answered (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  Run *self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(JSCValue) value = webkit_web_view_call_async_javascript_function_finish (WEBKIT_WEB_VIEW (object), result, &error);

  if (value == NULL)
    {
      run_fail (self, error->message);
      return;
    }

  self->answer = jsc_value_to_string (value);
  if (picture != NULL)
    webkit_web_view_get_snapshot (self->view, WEBKIT_SNAPSHOT_REGION_VISIBLE, WEBKIT_SNAPSHOT_OPTIONS_NONE, NULL, pictured, self);
  else if (pdf != NULL)
    run_print (self);
  else
    g_main_loop_quit (self->loop);
}

/* ---- the page --------------------------------------------------------------------- */

static void
load_changed (WebKitWebView   *view,
              WebKitLoadEvent  event,
              Run             *self)
{
  GVariantDict arguments;

  if (event != WEBKIT_LOAD_FINISHED || self->script == NULL)
    return;

  g_variant_dict_init (&arguments, NULL);
  g_variant_dict_insert (&arguments, "argument", "s", self->argument);
  g_variant_dict_insert (&arguments, "port", "u", (guint32) self->port);
  webkit_web_view_call_async_javascript_function (view, self->script, -1, g_variant_dict_end (&arguments), NULL, NULL, NULL, answered, self);
  g_clear_pointer (&self->script, g_free);
}

static gboolean
load_failed (WebKitWebView   *view,
             WebKitLoadEvent  event,
             const char      *uri,
             GError          *error,
             Run             *self)
{
  run_fail (self, error->message);

  return TRUE;
}

static void
terminated (WebKitWebView                     *view,
            WebKitWebProcessTerminationReason  reason,
            Run                               *self)
{
  run_fail (self, reason == WEBKIT_WEB_PROCESS_EXCEEDED_MEMORY_LIMIT ? "The web process took too much memory" : "The web process ended");
}

static gboolean
time_is_up (gpointer user_data)
{
  run_fail (user_data, "The page does not come to an end");

  return G_SOURCE_REMOVE;
}

static char *
read_file (const char *path)
{
  g_autoptr(GError) error = NULL;
  char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, &error))
    g_error ("%s", error->message);

  return text;
}

static void
run_open (Run        *self,
          const char *page)
{
  g_autoptr(WebKitUserContentManager) manager = webkit_user_content_manager_new ();
  g_autoptr(WebKitNetworkSession) session = run_new_session (self);
  g_autoptr(WebKitSettings) settings = webkit_settings_new ();
  g_autoptr(GFile) file = g_file_new_for_commandline_arg (page);
  g_autofree char *uri = g_file_get_uri (file);

  for (guint i = 0; starts != NULL && starts[i] != NULL; i++)
    {
      g_autofree char *source = read_file (starts[i]);
      WebKitUserScript *start = webkit_user_script_new (source, WEBKIT_USER_CONTENT_INJECT_TOP_FRAME, WEBKIT_USER_SCRIPT_INJECT_AT_DOCUMENT_START, NULL, NULL);

      webkit_user_content_manager_add_script (manager, start);
      webkit_user_script_unref (start);
    }

  webkit_settings_set_hardware_acceleration_policy (settings, WEBKIT_HARDWARE_ACCELERATION_POLICY_NEVER);
  self->view = g_object_new (WEBKIT_TYPE_WEB_VIEW,
                             "network-session", session,
                             "user-content-manager", manager,
                             "settings", settings,
                             NULL);
  g_signal_connect (self->view, "load-changed", G_CALLBACK (load_changed), self);
  g_signal_connect (self->view, "load-failed", G_CALLBACK (load_failed), self);
  g_signal_connect (self->view, "web-process-terminated", G_CALLBACK (terminated), self);

  self->window = gtk_window_new ();
  gtk_window_set_decorated (GTK_WINDOW (self->window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (self->window), width, height);
  gtk_window_set_child (GTK_WINDOW (self->window), GTK_WIDGET (self->view));
  gtk_window_present (GTK_WINDOW (self->window));
  webkit_web_view_load_uri (self->view, uri);
}

/* ---- what came of it ---------------------------------------------------------------- */

static void
run_report (Run *self)
{
  g_autoptr(JsonBuilder) builder = json_builder_new ();
  g_autoptr(JsonNode) root = NULL;
  g_autofree char *text = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "answer");
  if (self->answer != NULL)
    json_builder_add_string_value (builder, self->answer);
  else
    json_builder_add_null_value (builder);
  json_builder_set_member_name (builder, "error");
  json_builder_add_string_value (builder, self->error != NULL ? self->error : "");
  json_builder_set_member_name (builder, "connections");
  json_builder_add_int_value (builder, self->asked->len);
  json_builder_set_member_name (builder, "asked");
  json_builder_begin_array (builder);
  for (guint i = 0; i < self->asked->len; i++)
    json_builder_add_string_value (builder, g_ptr_array_index (self->asked, i));
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "port");
  json_builder_add_int_value (builder, self->port);
  json_builder_end_object (builder);

  root = json_builder_get_root (builder);
  text = json_to_string (root, FALSE);
  g_print ("%s\n", text);
}

int
main (int    argc,
      char **argv)
{
  g_autoptr(GOptionContext) context = g_option_context_new ("PAGE SCRIPT [ARGUMENT]");
  g_autoptr(GError) error = NULL;
  Run run = { NULL, };

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || files == NULL || g_strv_length (files) < 2)
    g_error ("usage: webkit-page [OPTIONS] PAGE SCRIPT [ARGUMENT]");

  gtk_init ();
  run.loop = g_main_loop_new (NULL, FALSE);
  run.script = read_file (files[1]);
  run.argument = g_strdup (files[2] != NULL ? files[2] : "");
  run_listen (&run);
  run_open (&run, files[0]);
  g_timeout_add_seconds (seconds, time_is_up, &run);
  g_main_loop_run (run.loop);

  /* Nothing more arrives while it is told. */
  g_socket_service_stop (run.listener);
  run_report (&run);

  /* Taking a web view apart properly takes longer than anybody waits. */
  fflush (NULL);
  _Exit (run.error == NULL ? EXIT_SUCCESS : EXIT_FAILURE);
}
