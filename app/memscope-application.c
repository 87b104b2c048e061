/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-about.h"
#include "memscope-accessible-names.h"
#include "memscope-application.h"
#include "memscope-live-list.h"
#include "memscope-help.h"
#include "memscope-preferences.h"
#include "memscope-screenshot.h"
#include "memscope-settings.h"
#include "memscope-window.h"

struct _MemscopeApplication
{
  AdwApplication  parent_instance;

  /* --screenshot */
  char           *screenshot;
  char           *view;
  int             width;
  int             height;
  int             connect;      /* --connect: a process id */
  gboolean        dark;       /* --dark: whatever the settings say */
  int             status;
};

G_DEFINE_FINAL_TYPE (MemscopeApplication, memscope_application, ADW_TYPE_APPLICATION)

static const struct
{
  const char *action;
  const char *accelerators[4];
} accelerators[] = {
  { "app.quit", { "<Ctrl>q" } },
  { "app.new-window", { "<Ctrl><Shift>n" } },
  { "app.preferences", { "<Ctrl>comma" } },
  { "app.help", { "F1" } },
  { "win.open", { "<Ctrl>o" } },
  { "win.launch", { "<Ctrl>n" } },
  { "win.connect", { "<Ctrl>k" } },
  { "win.close-session", { "<Alt>Home" } },
  { "win.details", { "<Alt>Return" } },
  { "win.export-html", { "<Ctrl>e" } },
  { "win.export-json", { "<Ctrl><Shift>e" } },
  { "win.search", { "<Ctrl>f" } },
  { "win.add-filter", { "<Ctrl><Shift>f" } },
  { "win.clear-filters", { "<Ctrl><Shift>x" } },
  { "win.find-next", { "<Ctrl>g", "F3" } },
  { "win.find-previous", { "<Ctrl><Shift>g", "<Shift>F3" } },
  { "win.go-back", { "<Alt>Left" } },
  { "win.go-forward", { "<Alt>Right" } },
  { "win.show-inspector", { "F9" } },
  { "win.inspect-previous", { "<Alt>Up" } },
  { "win.inspect-next", { "<Alt>Down" } },
  { "win.view::overview", { "<Alt>1" } },
  { "win.view::variables", { "<Alt>2" } },
  { "win.view::map", { "<Alt>3" } },
  { "win.show-in-map", { "<Alt>m" } },
  { "win.view::calls", { "<Alt>4" } },
  { "win.view::diagnostics", { "<Alt>5" } },
  { "win.zoom-in", { "<Ctrl>plus", "<Ctrl>equal", "<Ctrl>KP_Add" } },
  { "win.zoom-out", { "<Ctrl>minus", "<Ctrl>KP_Subtract" } },
  { "win.zoom-fit", { "<Ctrl>0", "<Ctrl>KP_0" } },
  { "win.clear-range", { "<Ctrl><Shift>a" } },
  { "win.fullscreen", { "F11" } },
  { "window.close", { "<Ctrl>w" } },
};

static MemscopeWindow *
memscope_application_new_window (MemscopeApplication *self)
{
  MemscopeWindow *window = memscope_window_new (GTK_APPLICATION (self));

  if (self->width > 0)
    gtk_window_set_default_size (GTK_WINDOW (window), self->width, self->height);
  gtk_window_present (GTK_WINDOW (window));

  return window;
}

static void
memscope_application_screenshot_done (const GError *error,
                                      gpointer      user_data)
{
  MemscopeApplication *self = user_data;

  if (error != NULL)
    {
      g_printerr ("memscope: %s\n", error->message);
      self->status = 1;
    }
  g_application_quit (G_APPLICATION (self));
}

static void
memscope_application_start_screenshot (MemscopeApplication *self,
                                       MemscopeWindow      *window)
{
  memscope_screenshot_take (window, self->screenshot, memscope_application_screenshot_done, self);
}

/* ---- --connect ---------------------------------------------------------------- */

/* A picture of something that moves is taken after it has moved for a while. */
#define LIVE_SCREENSHOT_DELAY 4   /* s */

typedef struct
{
  MemscopeApplication *application;
  MemscopeWindow      *window;       /* holds a reference */
  GPid                 pid;
} Connect;

static gboolean
memscope_application_live_screenshot (gpointer user_data)
{
  Connect *connect = user_data;

  memscope_application_start_screenshot (connect->application, connect->window);
  g_object_unref (connect->window);
  g_free (connect);

  return G_SOURCE_REMOVE;
}

static void
memscope_application_recordings_listed (GObject      *source,
                                        GAsyncResult *result,
                                        gpointer      user_data)
{
  Connect *connect = user_data;
  MemscopeApplication *self = connect->application;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) recordings = memscope_live_list_finish (result, &error);
  MemscopeLiveRecording *found = NULL;

  for (guint i = 0; recordings != NULL && i < recordings->len && found == NULL; i++)
    {
      MemscopeLiveRecording *recording = g_ptr_array_index (recordings, i);

      if (recording->pid == connect->pid)
        found = recording;
    }

  if (found != NULL)
    {
      if (self->view != NULL)
        memscope_window_show_view (connect->window, self->view);
      memscope_window_watch (connect->window, found->socket, found->uuid);
    }
  else
    {
      g_autofree char *text = error != NULL ? g_strdup (error->message)
                                            : g_strdup_printf (_("Process %d is not being recorded"), (int) connect->pid);

      memscope_window_toast (connect->window, text);
    }

  if (self->screenshot != NULL)
    {
      g_timeout_add_seconds (LIVE_SCREENSHOT_DELAY, memscope_application_live_screenshot, connect);
      return;
    }

  g_object_unref (connect->window);
  g_free (connect);
}

/* Here when a window shows its start page, else in one of its own. */
static void
memscope_application_connect_action (GSimpleAction *action,
                                     GVariant      *parameter,
                                     gpointer       user_data)
{
  MemscopeApplication *self = user_data;
  GtkWindow *active = gtk_application_get_active_window (GTK_APPLICATION (self));
  Connect *connect = g_new0 (Connect, 1);

  connect->application = self;
  connect->pid = (GPid) g_variant_get_int32 (parameter);
  connect->window = MEMSCOPE_IS_WINDOW (active) && memscope_window_is_start (MEMSCOPE_WINDOW (active))
                    ? MEMSCOPE_WINDOW (active) : memscope_application_new_window (self);
  g_object_ref (connect->window);
  memscope_live_list_async (NULL, memscope_application_recordings_listed, connect);
}

static void
memscope_application_activate (GApplication *application)
{
  MemscopeApplication *self = MEMSCOPE_APPLICATION (application);
  GtkWindow *active = gtk_application_get_active_window (GTK_APPLICATION (self));
  MemscopeWindow *window;

  if (self->connect != 0)
    {
      g_action_group_activate_action (G_ACTION_GROUP (self), "connect", g_variant_new_int32 (self->connect));
      self->connect = 0;
      return;
    }

  if (active != NULL)
    {
      gtk_window_present (active);
      return;
    }

  window = memscope_application_new_window (self);
  if (self->screenshot != NULL)
    memscope_application_start_screenshot (self, window);
}

static void
memscope_application_open (GApplication  *application,
                           GFile        **files,
                           int            n_files,
                           const char    *hint)
{
  MemscopeApplication *self = MEMSCOPE_APPLICATION (application);
  GtkWindow *active = gtk_application_get_active_window (GTK_APPLICATION (self));

  for (int i = 0; i < n_files; i++)
    {
      MemscopeWindow *window;

      if (i == 0 && MEMSCOPE_IS_WINDOW (active) && memscope_window_is_start (MEMSCOPE_WINDOW (active)))
        window = MEMSCOPE_WINDOW (active);
      else
        window = memscope_application_new_window (self);

      memscope_window_open (window, files[i]);
      if (self->view != NULL)
        memscope_window_show_view (window, self->view);
      gtk_window_present (GTK_WINDOW (window));
      if (self->screenshot != NULL && i == 0)
        memscope_application_start_screenshot (self, window);
    }
}

static void
memscope_application_apply_color_scheme (MemscopeApplication *self)
{
  /* By the values of the schema's enumeration. */
  static const AdwColorScheme schemes[] = { ADW_COLOR_SCHEME_DEFAULT, ADW_COLOR_SCHEME_FORCE_LIGHT, ADW_COLOR_SCHEME_FORCE_DARK };
  guint chosen = (guint) g_settings_get_enum (memscope_settings_get (), "color-scheme");

  adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                      self->dark ? ADW_COLOR_SCHEME_FORCE_DARK
                                                 : schemes[MIN (chosen, G_N_ELEMENTS (schemes) - 1)]);
}

static void
memscope_application_startup (GApplication *application)
{
  MemscopeApplication *self = MEMSCOPE_APPLICATION (application);

  G_APPLICATION_CLASS (memscope_application_parent_class)->startup (application);

  memscope_accessible_names_init ();
  gtk_window_set_default_icon_name (APP_ID);
  g_signal_connect_object (memscope_settings_get (), "changed::color-scheme",
                           G_CALLBACK (memscope_application_apply_color_scheme), self, G_CONNECT_SWAPPED);
  memscope_application_apply_color_scheme (self);
  for (guint i = 0; i < G_N_ELEMENTS (accelerators); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (application),
                                           accelerators[i].action,
                                           (const char *const *) accelerators[i].accelerators);
}

static gboolean
parse_size (const char *text,
            int        *width,
            int        *height)
{
  guint64 values[2];
  g_auto(GStrv) parts = g_strsplit (text, "x", 2);

  if (g_strv_length (parts) != 2)
    return FALSE;
  for (int i = 0; i < 2; i++)
    if (!g_ascii_string_to_unsigned (parts[i], 10, 200, 16384, &values[i], NULL))
      return FALSE;

  *width = (int) values[0];
  *height = (int) values[1];

  return TRUE;
}

static int
memscope_application_handle_local_options (GApplication *application,
                                           GVariantDict *options)
{
  MemscopeApplication *self = MEMSCOPE_APPLICATION (application);
  g_autofree char *size = NULL;

  if (g_variant_dict_contains (options, "version"))
    {
      g_print ("MemScope %s\n", PACKAGE_VERSION);
      return 0;
    }

  g_variant_dict_lookup (options, "screenshot", "^ay", &self->screenshot);
  g_variant_dict_lookup (options, "view", "s", &self->view);
  if (self->view != NULL && !memscope_window_is_view (self->view))
    {
      g_printerr (_("memscope: there is no view “%s”\n"), self->view);
      return 2;
    }
  if (g_variant_dict_lookup (options, "size", "s", &size) && !parse_size (size, &self->width, &self->height))
    {
      g_printerr (_("memscope: a size looks like 1280x800\n"));
      return 2;
    }
  self->dark = g_variant_dict_contains (options, "dark");

  /* A picture is of this process, whatever else is running. */
  if (self->screenshot != NULL)
    g_application_set_flags (application, g_application_get_flags (application) | G_APPLICATION_NON_UNIQUE);

  if (g_variant_dict_lookup (options, "connect", "i", &self->connect) && self->connect > 0 && self->screenshot == NULL)
    {
      g_autoptr(GError) error = NULL;

      if (!g_application_register (application, NULL, &error))
        {
          g_printerr ("memscope: %s\n", error->message);
          return 1;
        }
      if (g_application_get_is_remote (application))
        {
          g_action_group_activate_action (G_ACTION_GROUP (application), "connect", g_variant_new_int32 (self->connect));
          return 0;
        }
    }

  /* A program that runs already makes the window, which what follows then uses:
   * the file of this command line opens in it. A new one makes a window anyway.
   */
  if (g_variant_dict_contains (options, "new-window"))
    {
      g_autoptr(GError) error = NULL;

      if (!g_application_register (application, NULL, &error))
        {
          g_printerr ("memscope: %s\n", error->message);
          return 1;
        }
      if (g_application_get_is_remote (application))
        g_action_group_activate_action (G_ACTION_GROUP (application), "new-window", NULL);
    }

  return -1;
}

static void
memscope_application_quit_action (GSimpleAction *action,
                                  GVariant      *parameter,
                                  gpointer       user_data)
{
  g_application_quit (user_data);
}

static void
memscope_application_new_window_action (GSimpleAction *action,
                                        GVariant      *parameter,
                                        gpointer       user_data)
{
  memscope_application_new_window (user_data);
}

static void
memscope_application_about_action (GSimpleAction *action,
                                   GVariant      *parameter,
                                   gpointer       user_data)
{
  memscope_about_show (gtk_application_get_active_window (user_data));
}

static void
memscope_application_help_action (GSimpleAction *action,
                                  GVariant      *parameter,
                                  gpointer       user_data)
{
  memscope_help_show (gtk_application_get_active_window (user_data));
}

static void
memscope_application_preferences_action (GSimpleAction *action,
                                         GVariant      *parameter,
                                         gpointer       user_data)
{
  gtk_window_present (memscope_preferences_new (gtk_application_get_active_window (user_data)));
}

static void
memscope_application_finalize (GObject *object)
{
  MemscopeApplication *self = MEMSCOPE_APPLICATION (object);

  g_clear_pointer (&self->screenshot, g_free);
  g_clear_pointer (&self->view, g_free);

  G_OBJECT_CLASS (memscope_application_parent_class)->finalize (object);
}

static void
memscope_application_class_init (MemscopeApplicationClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  object_class->finalize = memscope_application_finalize;
  application_class->activate = memscope_application_activate;
  application_class->open = memscope_application_open;
  application_class->startup = memscope_application_startup;
  application_class->handle_local_options = memscope_application_handle_local_options;
}

static void
memscope_application_init (MemscopeApplication *self)
{
  static const GOptionEntry options[] = {
    { "version", 0, 0, G_OPTION_ARG_NONE, NULL, N_("Show the version"), NULL },
    { "new-window", 'n', 0, G_OPTION_ARG_NONE, NULL, N_("Open a new window"), NULL },
    { "screenshot", 0, 0, G_OPTION_ARG_FILENAME, NULL, N_("Write a picture of the window and exit"), N_("FILE.png") },
    { "connect", 0, 0, G_OPTION_ARG_INT, NULL, N_("Watch the recording of this process"), N_("PID") },
    { "view", 0, 0, G_OPTION_ARG_STRING, NULL, N_("What to show first: overview, variables, map, calls, diagnostics or inspector"), N_("VIEW") },
    { "size", 0, 0, G_OPTION_ARG_STRING, NULL, N_("Size of the window"), N_("WIDTHxHEIGHT") },
    { "dark", 0, 0, G_OPTION_ARG_NONE, NULL, N_("Use the dark style"), NULL },
    { NULL }
  };
  static const GActionEntry actions[] = {
    { "quit", memscope_application_quit_action },
    { "new-window", memscope_application_new_window_action },
    { "connect", memscope_application_connect_action, "i" },
    { "about", memscope_application_about_action },
    { "help", memscope_application_help_action },
    { "preferences", memscope_application_preferences_action },
  };

  g_application_add_main_option_entries (G_APPLICATION (self), options);
  g_application_set_option_context_parameter_string (G_APPLICATION (self), _("[FILE…]"));
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
}

GApplication *
memscope_application_new (void)
{
  return g_object_new (MEMSCOPE_TYPE_APPLICATION,
                       "application-id", APP_ID,
                       "resource-base-path", "/org/memscope/MemScope",
                       "flags", G_APPLICATION_HANDLES_OPEN,
                       NULL);
}

int
memscope_application_run (MemscopeApplication  *self,
                          int                   argc,
                          char                **argv)
{
  int status;

  g_return_val_if_fail (MEMSCOPE_IS_APPLICATION (self), 1);

  status = g_application_run (G_APPLICATION (self), argc, argv);

  return status != 0 ? status : self->status;
}
