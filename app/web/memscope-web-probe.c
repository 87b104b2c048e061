/* SPDX-License-Identifier: GPL-3.0-or-later */

/* memscope-web-probe: creates one web view, loads a line of HTML, exits with 0 when
 * a script in it ran. WebKit aborts the whole process where it finds no namespaces
 * for its sandbox or no OpenGL; so the application lets this program try first.
 *
 * Nothing is shown. What WebKit says goes to stderr, the last line of which is the
 * reason that people get to read. A line “software” on stdout says that OpenGL is
 * emulated here.
 */

#include "config.h"

#include <epoxy/gl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <webkit/webkit.h>

#define TIME_OUT 20   /* seconds; the application's own patience is longer */

enum
{
  STATUS_WORKS      = 0,
  STATUS_NO_DISPLAY = 3,
  STATUS_CRASHED    = 4,
  STATUS_TIME_OUT   = 5,
};

typedef struct
{
  GMainLoop *loop;
  int        status;
} Probe;

static void
probe_end (Probe *self,
           int    status)
{
  self->status = status;
  g_main_loop_quit (self->loop);
}

static void
script_ran (WebKitUserContentManager *manager,
            JSCValue                 *value,
            Probe                    *self)
{
  probe_end (self, STATUS_WORKS);
}

static void
process_terminated (WebKitWebView                     *view,
                    WebKitWebProcessTerminationReason  reason,
                    Probe                             *self)
{
  g_printerr ("The web process ended at once\n");
  probe_end (self, STATUS_CRASHED);
}

static gboolean
time_is_up (gpointer user_data)
{
  g_printerr ("The web process did not answer\n");
  probe_end (user_data, STATUS_TIME_OUT);

  return G_SOURCE_REMOVE;
}

/* Whether the processor does what a graphics card should. */
static gboolean
has_software_gl (void)
{
  static const char *emulators[] = { "llvmpipe", "softpipe", "swrast", "SwiftShader", "Software Rasterizer" };
  g_autoptr(GdkGLContext) context = gdk_display_create_gl_context (gdk_display_get_default (), NULL);
  const char *renderer;

  if (context == NULL || !gdk_gl_context_realize (context, NULL))
    return TRUE;

  gdk_gl_context_make_current (context);
  renderer = (const char *) glGetString (GL_RENDERER);
  for (guint i = 0; renderer != NULL && i < G_N_ELEMENTS (emulators); i++)
    if (strstr (renderer, emulators[i]) != NULL)
      return TRUE;

  return renderer == NULL;
}

int
main (int    argc,
      char **argv)
{
  /* Aborting is an answer here, and nobody wants a core file of it. */
  const struct rlimit no_core = { 0, 0 };
  g_autoptr(WebKitUserContentManager) manager = NULL;
  g_autoptr(WebKitNetworkSession) session = NULL;
  g_autoptr(GtkWidget) view = NULL;
  Probe probe = { NULL, STATUS_TIME_OUT };

  setrlimit (RLIMIT_CORE, &no_core);
  if (!gtk_init_check ())
    {
      g_printerr ("There is no display\n");
      return STATUS_NO_DISPLAY;
    }

  if (has_software_gl ())
    g_print ("software\n");

  probe.loop = g_main_loop_new (NULL, FALSE);
  manager = webkit_user_content_manager_new ();
  g_signal_connect (manager, "script-message-received::works", G_CALLBACK (script_ran), &probe);
  webkit_user_content_manager_register_script_message_handler (manager, "works", NULL);
  session = webkit_network_session_new_ephemeral ();
  view = g_object_ref_sink (g_object_new (WEBKIT_TYPE_WEB_VIEW,
                                          "network-session", session,
                                          "user-content-manager", manager,
                                          NULL));
  g_signal_connect (view, "web-process-terminated", G_CALLBACK (process_terminated), &probe);
  webkit_web_view_load_html (WEBKIT_WEB_VIEW (view),
                             "<canvas id=c></canvas><script>"
                             "document.getElementById('c').getContext('2d').fillRect(0,0,9,9);"
                             "webkit.messageHandlers.works.postMessage(1)</script>",
                             NULL);

  g_timeout_add_seconds (TIME_OUT, time_is_up, &probe);
  g_main_loop_run (probe.loop);
  g_main_loop_unref (probe.loop);

  /* Taking a web view apart properly takes longer than anybody waits. */
  fflush (NULL);
  _Exit (probe.status);
}
