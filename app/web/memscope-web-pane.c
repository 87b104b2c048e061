/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <glib/gi18n.h>
#include <string.h>
#include <webkit/webkit.h>

#include "memscope-paths.h"
#include "memscope-query.h"
#include "memscope-web-pane.h"
#include "memscope-web-support.h"

#define SCHEME "memscope"
#define ORIGIN SCHEME "://ui/"

/* Everything comes from the program itself; nothing may be asked for elsewhere. */
#define POLICY \
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " \
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " \
  "require-trusted-types-for 'script'; trusted-types 'none'"

/* Nothing listens there: what WebKit might still ask for goes nowhere. */
#define DEAD_PROXY "http://127.0.0.1:1"

struct _MemscopeWebPane
{
  AdwBin         parent_instance;

  WebKitWebView *view;
  char          *page;
  gboolean       reloaded;     /* the web process died once */
  gboolean       failed;
  char          *reason;
  guint          fail_source;
  guint          n_commands;   /* not answered yet; each counts as work under way */
  guint          generation;   /* of the web process */
};

enum {
  MESSAGE,
  FAILED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (MemscopeWebPane, memscope_web_pane, ADW_TYPE_BIN)

/* ---- the files ---------------------------------------------------------------- */

static const char *
content_type_of (const char *path)
{
  if (g_str_has_suffix (path, ".js"))
    return "text/javascript";
  if (g_str_has_suffix (path, ".css"))
    return "text/css";

  return "text/html";
}

/* memscope://ui/FOLDER/NAME: a resource below the program's own. */
static void
serve (WebKitURISchemeRequest *request,
       gpointer                user_data)
{
  const char *path = webkit_uri_scheme_request_get_path (request);
  g_autofree char *resource = g_strconcat ("/org/memscope/MemScope", path, NULL);
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GInputStream) stream = NULL;
  g_autoptr(WebKitURISchemeResponse) response = NULL;
  SoupMessageHeaders *headers;

  if (strstr (path, "..") == NULL)
    bytes = g_resources_lookup_data (resource, G_RESOURCE_LOOKUP_FLAGS_NONE, &error);
  if (bytes == NULL)
    {
      if (error == NULL)
        g_set_error_literal (&error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "No such file");
      webkit_uri_scheme_request_finish_error (request, error);
      return;
    }

  headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_RESPONSE);
  soup_message_headers_append (headers, "Content-Security-Policy", POLICY);
  /* Twice: what is set on the response is not there yet when WebKit looks. */
  soup_message_headers_append (headers, "Content-Type", content_type_of (path));
  soup_message_headers_append (headers, "X-Content-Type-Options", "nosniff");
  soup_message_headers_append (headers, "Referrer-Policy", "no-referrer");
  stream = g_memory_input_stream_new_from_bytes (bytes);
  response = webkit_uri_scheme_response_new (stream, (gint64) g_bytes_get_size (bytes));
  webkit_uri_scheme_response_set_content_type (response, content_type_of (path));
  webkit_uri_scheme_response_set_status (response, 200, NULL);
  webkit_uri_scheme_response_set_http_headers (response, headers);
  webkit_uri_scheme_request_finish_with_response (request, response);
}

/* ---- one context for all panes --------------------------------------------------- */

static void
initialize_extensions (WebKitWebContext *context,
                       gpointer          user_data)
{
  webkit_web_context_set_web_process_extensions_directory (context, memscope_paths_get_web_extensions ());
}

static WebKitWebContext *
get_context (void)
{
  static WebKitWebContext *context;

  if (context == NULL)
    {
      WebKitSecurityManager *security;

      context = webkit_web_context_new ();
      webkit_web_context_set_cache_model (context, WEBKIT_CACHE_MODEL_DOCUMENT_VIEWER);
      webkit_web_context_set_spell_checking_enabled (context, FALSE);
      /* Outside /usr the sandbox would hide it, and messages to it go unanswered. */
      webkit_web_context_add_path_to_sandbox (context, memscope_paths_get_web_extensions (), TRUE);
      g_signal_connect (context, "initialize-web-process-extensions", G_CALLBACK (initialize_extensions), NULL);
      webkit_web_context_register_uri_scheme (context, SCHEME, serve, NULL, NULL);
      security = webkit_web_context_get_security_manager (context);
      webkit_security_manager_register_uri_scheme_as_secure (security, SCHEME);
      webkit_security_manager_register_uri_scheme_as_cors_enabled (security, SCHEME);
    }

  return context;
}

static WebKitNetworkSession *
get_network_session (void)
{
  static WebKitNetworkSession *session;

  if (session == NULL)
    {
      WebKitNetworkProxySettings *proxy = webkit_network_proxy_settings_new (DEAD_PROXY, NULL);

      session = webkit_network_session_new_ephemeral ();
      webkit_network_session_set_proxy_settings (session, WEBKIT_NETWORK_PROXY_MODE_CUSTOM, proxy);
      webkit_network_session_set_persistent_credential_storage_enabled (session, FALSE);
      webkit_network_proxy_settings_free (proxy);
    }

  return session;
}

static WebKitSettings *
new_settings (void)
{
  /* Where OpenGL is emulated, a page with layers takes three times as long for each
   * frame through it, and seconds for the first.
   */
  WebKitHardwareAccelerationPolicy policy = memscope_web_support_is_software ()
                                            ? WEBKIT_HARDWARE_ACCELERATION_POLICY_NEVER
                                            : WEBKIT_HARDWARE_ACCELERATION_POLICY_ALWAYS;

  return webkit_settings_new_with_settings ("enable-developer-extras", FALSE,
                                            "enable-html5-database", FALSE,
                                            "enable-html5-local-storage", FALSE,
                                            "enable-media", FALSE,
                                            "enable-mediasource", FALSE,
                                            "enable-webaudio", FALSE,
                                            "enable-webgl", FALSE,
                                            "enable-webrtc", FALSE,
                                            "enable-page-cache", FALSE,
                                            "enable-fullscreen", FALSE,
                                            "enable-back-forward-navigation-gestures", FALSE,
                                            "enable-dns-prefetching", FALSE,
                                            "enable-tabs-to-links", TRUE,
                                            "enable-smooth-scrolling", TRUE,
                                            "javascript-can-open-windows-automatically", FALSE,
                                            "javascript-can-access-clipboard", FALSE,
                                            "hardware-acceleration-policy", policy,
                                            "enable-write-console-messages-to-stdout", g_getenv ("MEMSCOPE_WEB_CONSOLE") != NULL,
                                            NULL);
}

/* ---- what the page may not do -------------------------------------------------------- */

static gboolean
decide_policy (WebKitWebView            *view,
               WebKitPolicyDecision     *decision,
               WebKitPolicyDecisionType  type,
               MemscopeWebPane          *self)
{
  WebKitNavigationAction *action;
  const char *uri;

  if (type == WEBKIT_POLICY_DECISION_TYPE_RESPONSE)
    return GDK_EVENT_PROPAGATE;

  action = webkit_navigation_policy_decision_get_navigation_action (WEBKIT_NAVIGATION_POLICY_DECISION (decision));
  uri = webkit_uri_request_get_uri (webkit_navigation_action_get_request (action));
  if (type == WEBKIT_POLICY_DECISION_TYPE_NAVIGATION_ACTION && g_strcmp0 (uri, self->page) == 0)
    webkit_policy_decision_use (decision);
  else
    webkit_policy_decision_ignore (decision);

  return GDK_EVENT_STOP;
}

static gboolean
refuse_permission (WebKitWebView           *view,
                   WebKitPermissionRequest *request)
{
  webkit_permission_request_deny (request);

  return GDK_EVENT_STOP;
}

static gboolean
refuse_file_chooser (WebKitWebView            *view,
                     WebKitFileChooserRequest *request)
{
  webkit_file_chooser_request_cancel (request);

  return GDK_EVENT_STOP;
}

static gboolean
refuse (void)
{
  return GDK_EVENT_STOP;
}

/* Files dropped on the page are for the window around it. */
static void
refuse_drops (GtkWidget *view)
{
  g_autoptr(GListModel) controllers = gtk_widget_observe_controllers (view);
  g_autoptr(GdkContentFormats) nothing = gdk_content_formats_new (NULL, 0);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr(GObject) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_DROP_TARGET_ASYNC (controller))
        gtk_drop_target_async_set_formats (GTK_DROP_TARGET_ASYNC (controller), nothing);
    }
}

/* ---- its end ----------------------------------------------------------------------------- */

static gboolean
memscope_web_pane_emit_failed (gpointer user_data)
{
  MemscopeWebPane *self = user_data;

  self->fail_source = 0;
  g_signal_emit (self, signals[FAILED], 0, self->reason);

  return G_SOURCE_REMOVE;
}

/* Whoever is told will want to be rid of the web view, which is in the middle of
 * telling us.
 */
static void
memscope_web_pane_fail (MemscopeWebPane *self,
                        const char      *reason)
{
  if (self->failed)
    return;

  self->failed = TRUE;
  self->reason = g_strdup (reason);
  self->fail_source = g_idle_add (memscope_web_pane_emit_failed, self);
}

/* Nobody will answer what was asked. */
static void
memscope_web_pane_forget_commands (MemscopeWebPane *self)
{
  self->generation++;
  for (; self->n_commands > 0; self->n_commands--)
    memscope_query_release ();
}

static void
memscope_web_pane_terminated (MemscopeWebPane                   *self,
                              WebKitWebProcessTerminationReason  reason)
{
  memscope_web_pane_forget_commands (self);
  if (!self->reloaded)
    {
      self->reloaded = TRUE;
      webkit_web_view_load_uri (self->view, self->page);
      return;
    }

  memscope_web_pane_fail (self, reason == WEBKIT_WEB_PROCESS_EXCEEDED_MEMORY_LIMIT
                                ? _("the web process used too much memory twice")
                                : _("the web process ended twice"));
}

static gboolean
memscope_web_pane_load_failed (MemscopeWebPane *self,
                               WebKitLoadEvent  event,
                               char            *uri,
                               GError          *error)
{
  /* The page was asked for again while it loaded. */
  if (g_error_matches (error, WEBKIT_NETWORK_ERROR, WEBKIT_NETWORK_ERROR_CANCELLED))
    return GDK_EVENT_STOP;

  memscope_web_pane_fail (self, error->message);

  return GDK_EVENT_STOP;
}

/* ---- messages -------------------------------------------------------------------------------- */

static void
memscope_web_pane_script_message (MemscopeWebPane *self,
                                  JSCValue        *value)
{
  g_autofree char *text = jsc_value_to_string (value);
  g_autoptr(JsonParser) parser = json_parser_new_immutable ();
  JsonNode *root;

  if (text == NULL || !json_parser_load_from_data (parser, text, -1, NULL))
    return;
  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return;

  g_signal_emit (self, signals[MESSAGE], 0, json_node_get_object (root));
}

typedef struct
{
  MemscopeWebPane *pane;         /* holds a reference */
  guint            generation;
} Command;

static void
command_done (GObject      *object,
              GAsyncResult *result,
              gpointer      user_data)
{
  Command *command = user_data;
  g_autoptr(MemscopeWebPane) self = command->pane;
  g_autoptr(GError) error = NULL;
  g_autoptr(JSCValue) value G_GNUC_UNUSED = webkit_web_view_call_async_javascript_function_finish (WEBKIT_WEB_VIEW (object), result, &error);

  if (command->generation == self->generation)
    {
      self->n_commands--;
      memscope_query_release ();
    }
  g_free (command);

  /* A process that died meanwhile has its own signal. */
  if (error != NULL && g_error_matches (error, WEBKIT_JAVASCRIPT_ERROR, WEBKIT_JAVASCRIPT_ERROR_SCRIPT_FAILED))
    g_warning ("The page refused a command: %s", error->message);
}

void
memscope_web_pane_command (MemscopeWebPane *self,
                           const char      *json)
{
  Command *command;
  GVariantDict arguments;

  g_return_if_fail (MEMSCOPE_IS_WEB_PANE (self));

  if (self->failed)
    return;

  command = g_new (Command, 1);
  command->pane = g_object_ref (self);
  command->generation = self->generation;
  self->n_commands++;
  memscope_query_hold ();

  /* The text travels as an argument, never as a part of the script. */
  g_variant_dict_init (&arguments, NULL);
  g_variant_dict_insert (&arguments, "json", "s", json);
  webkit_web_view_call_async_javascript_function (self->view, "return memscopeCommand (JSON.parse (json))", -1,
                                                  g_variant_dict_end (&arguments), NULL, NULL, NULL,
                                                  command_done, command);
}

static void
send_done (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(WebKitUserMessage) answer = webkit_web_view_send_message_to_page_finish (WEBKIT_WEB_VIEW (object), result, &error);
  GVariant *parameters;
  const char *text;

  if (answer == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  parameters = webkit_user_message_get_parameters (answer);
  text = parameters != NULL && g_variant_is_of_type (parameters, G_VARIANT_TYPE_STRING) ? g_variant_get_string (parameters, NULL) : "error: no answer";
  if (g_str_has_prefix (text, "error: "))
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED, "%s", text + strlen ("error: "));
  else
    g_task_return_boolean (task, TRUE);
}

void
memscope_web_pane_send_async (MemscopeWebPane     *self,
                              const char          *name,
                              int                  fd,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr(GUnixFDList) descriptors = g_unix_fd_list_new ();
  g_autoptr(GError) error = NULL;

  g_return_if_fail (MEMSCOPE_IS_WEB_PANE (self));

  if (g_unix_fd_list_append (descriptors, fd, &error) < 0)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  webkit_web_view_send_message_to_page (self->view,
                                        webkit_user_message_new_with_fd_list ("bytes", g_variant_new_string (name), descriptors),
                                        cancellable, send_done, g_steal_pointer (&task));
}

gboolean
memscope_web_pane_send_finish (MemscopeWebPane  *self,
                               GAsyncResult     *result,
                               GError          **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

void
memscope_web_pane_set_summary (MemscopeWebPane *self,
                               const char      *text)
{
  g_return_if_fail (MEMSCOPE_IS_WEB_PANE (self));

  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, text,
                                  -1);
}

GtkWidget *
memscope_web_pane_get_view (MemscopeWebPane *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_WEB_PANE (self), NULL);

  return GTK_WIDGET (self->view);
}

/* ---- the widget ---------------------------------------------------------------------------------- */

/* What is seen before the page has drawn, and around it. */
static void
memscope_web_pane_update_background (MemscopeWebPane *self)
{
  GtkStyleContext *style = gtk_widget_get_style_context (GTK_WIDGET (self));
  GdkRGBA color;

  if (gtk_style_context_lookup_color (style, "window_bg_color", &color))
    webkit_web_view_set_background_color (self->view, &color);
}

/* The page's pixels grow with the desktop's text. */
static void
memscope_web_pane_update_zoom (MemscopeWebPane *self)
{
  int dpi = 0;

  g_object_get (gtk_widget_get_settings (GTK_WIDGET (self)), "gtk-xft-dpi", &dpi, NULL);
  if (dpi > 0)
    webkit_web_view_set_zoom_level (self->view, CLAMP (dpi / 1024.0 / 96.0, 0.5, 4.0));
}

static void
memscope_web_pane_css_changed (GtkWidget         *widget,
                               GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (memscope_web_pane_parent_class)->css_changed (widget, change);

  if (MEMSCOPE_WEB_PANE (widget)->view != NULL)
    memscope_web_pane_update_background (MEMSCOPE_WEB_PANE (widget));
}

static gboolean
memscope_web_pane_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (MEMSCOPE_WEB_PANE (widget)->view));
}

/* WebKit keeps a text view inside its own, which the focus would go to and not come
 * back from: it enters the page, at its near end, and leaves beyond it.
 */
static gboolean
memscope_web_pane_focus (GtkWidget        *widget,
                         GtkDirectionType  direction)
{
  MemscopeWebPane *self = MEMSCOPE_WEB_PANE (widget);
  GtkRoot *root = gtk_widget_get_root (widget);
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;

  if (focus != NULL && gtk_widget_is_ancestor (focus, widget))
    return FALSE;

  if (!gtk_widget_grab_focus (GTK_WIDGET (self->view)))
    return FALSE;
  if (direction == GTK_DIR_TAB_FORWARD || direction == GTK_DIR_TAB_BACKWARD)
    memscope_web_pane_command (self, direction == GTK_DIR_TAB_BACKWARD ? "{\"type\":\"enter\",\"back\":true}"
                                                                       : "{\"type\":\"enter\",\"back\":false}");

  return TRUE;
}

static void
memscope_web_pane_dispose (GObject *object)
{
  MemscopeWebPane *self = MEMSCOPE_WEB_PANE (object);

  if (self->view != NULL)
    {
      WebKitUserContentManager *manager = webkit_web_view_get_user_content_manager (self->view);

      g_signal_handlers_disconnect_by_data (manager, self);
      g_signal_handlers_disconnect_by_data (self->view, self);
      webkit_user_content_manager_unregister_script_message_handler (manager, "memscope", NULL);
    }
  self->view = NULL;
  memscope_web_pane_forget_commands (self);
  g_clear_handle_id (&self->fail_source, g_source_remove);
  g_clear_pointer (&self->reason, g_free);
  g_clear_pointer (&self->page, g_free);

  G_OBJECT_CLASS (memscope_web_pane_parent_class)->dispose (object);
}

static void
memscope_web_pane_class_init (MemscopeWebPaneClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = memscope_web_pane_dispose;
  widget_class->css_changed = memscope_web_pane_css_changed;
  widget_class->focus = memscope_web_pane_focus;
  widget_class->grab_focus = memscope_web_pane_grab_focus;

  signals[MESSAGE] = g_signal_new ("message", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 1, JSON_TYPE_OBJECT);
  signals[FAILED] = g_signal_new ("failed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                  NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
memscope_web_pane_init (MemscopeWebPane *self)
{
  g_autoptr(WebKitUserContentManager) manager = webkit_user_content_manager_new ();
  g_autoptr(WebKitSettings) settings = new_settings ();

  g_signal_connect_swapped (manager, "script-message-received::memscope",
                            G_CALLBACK (memscope_web_pane_script_message), self);
  webkit_user_content_manager_register_script_message_handler (manager, "memscope", NULL);

  self->view = g_object_new (WEBKIT_TYPE_WEB_VIEW,
                             "accessible-role", GTK_ACCESSIBLE_ROLE_GROUP,
                             "web-context", get_context (),
                             "network-session", get_network_session (),
                             "user-content-manager", manager,
                             "settings", settings,
                             "default-content-security-policy", POLICY,
                             "hexpand", TRUE,
                             "vexpand", TRUE,
                             NULL);
  g_signal_connect (self->view, "decide-policy", G_CALLBACK (decide_policy), self);
  g_signal_connect (self->view, "permission-request", G_CALLBACK (refuse_permission), NULL);
  g_signal_connect (self->view, "run-file-chooser", G_CALLBACK (refuse_file_chooser), NULL);
  g_signal_connect (self->view, "context-menu", G_CALLBACK (refuse), NULL);
  g_signal_connect (self->view, "script-dialog", G_CALLBACK (refuse), NULL);
  g_signal_connect (self->view, "print", G_CALLBACK (refuse), NULL);
  g_signal_connect (self->view, "enter-fullscreen", G_CALLBACK (refuse), NULL);
  g_signal_connect_swapped (self->view, "web-process-terminated", G_CALLBACK (memscope_web_pane_terminated), self);
  g_signal_connect_swapped (self->view, "load-failed", G_CALLBACK (memscope_web_pane_load_failed), self);
  refuse_drops (GTK_WIDGET (self->view));
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->view));
  memscope_web_pane_update_background (self);
  memscope_web_pane_update_zoom (self);
  g_signal_connect_object (gtk_widget_get_settings (GTK_WIDGET (self)), "notify::gtk-xft-dpi",
                           G_CALLBACK (memscope_web_pane_update_zoom), self, G_CONNECT_SWAPPED);
}

MemscopeWebPane *
memscope_web_pane_new (const char *folder,
                       const char *page)
{
  MemscopeWebPane *self = g_object_new (MEMSCOPE_TYPE_WEB_PANE, NULL);

  self->page = g_strconcat (ORIGIN, folder, "/", page, NULL);
  webkit_web_view_load_uri (self->view, self->page);

  return self;
}
