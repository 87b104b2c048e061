/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <sys/utsname.h>
#ifdef HAVE_WEB
#include <webkit/webkit.h>
#endif

#include "memscope-about.h"

/* The last release of the metainfo file, in its words: one translation for both. */
static char *
dup_release_notes (void)
{
  static const char *const notes[] = {
    N_("Records unmodified programs: every allocation of every thread, with its call stack; what was recorded survives a crash"),
    N_("Opens the recordings of memscope-rs, in every layout it ever wrote"),
    N_("Overview, variable cards, inspector, memory map, calls and diagnostics, all ruled by one time range"),
    N_("Exports the whole session as one HTML page, or its data as JSON"),
    N_("English and Chinese"),
  };
  GString *markup = g_string_new (NULL);

  g_string_append_printf (markup, "<p>%s</p><ul>", _("The first version."));
  for (guint i = 0; i < G_N_ELEMENTS (notes); i++)
    {
      g_autofree char *note = g_markup_escape_text (_(notes[i]), -1);

      g_string_append_printf (markup, "<li>%s</li>", note);
    }
  g_string_append (markup, "</ul>");

  return g_string_free (markup, FALSE);
}

static const char *
renderer_name (void)
{
  GtkApplication *application = GTK_APPLICATION (g_application_get_default ());
  GtkWindow *window = application != NULL ? gtk_application_get_active_window (application) : NULL;
  GskRenderer *renderer = window != NULL ? gtk_native_get_renderer (GTK_NATIVE (window)) : NULL;

  return renderer != NULL ? G_OBJECT_TYPE_NAME (renderer) : "–";
}

char *
memscope_about_dup_facts (void)
{
  GString *facts = g_string_new (NULL);
  GdkDisplay *display = gdk_display_get_default ();
  g_autofree char *system = g_get_os_info (G_OS_INFO_KEY_PRETTY_NAME);
  struct utsname machine;

  g_string_append_printf (facts, "MemScope %s\n", PACKAGE_VERSION);
  g_string_append_printf (facts, "GTK %u.%u.%u (built with %d.%d.%d)\n",
                          gtk_get_major_version (), gtk_get_minor_version (), gtk_get_micro_version (),
                          GTK_MAJOR_VERSION, GTK_MINOR_VERSION, GTK_MICRO_VERSION);
  g_string_append_printf (facts, "libadwaita %u.%u.%u (built with %d.%d.%d)\n",
                          adw_get_major_version (), adw_get_minor_version (), adw_get_micro_version (),
                          ADW_MAJOR_VERSION, ADW_MINOR_VERSION, ADW_MICRO_VERSION);
  g_string_append_printf (facts, "GLib %u.%u.%u (built with %d.%d.%d)\n",
                          glib_major_version, glib_minor_version, glib_micro_version,
                          GLIB_MAJOR_VERSION, GLIB_MINOR_VERSION, GLIB_MICRO_VERSION);
#ifdef HAVE_WEB
  g_string_append_printf (facts, "WebKitGTK %u.%u.%u (built with %d.%d.%d)\n",
                          webkit_get_major_version (), webkit_get_minor_version (), webkit_get_micro_version (),
                          WEBKIT_MAJOR_VERSION, WEBKIT_MINOR_VERSION, WEBKIT_MICRO_VERSION);
#endif
  if (system != NULL)
    g_string_append_printf (facts, "System: %s\n", system);
  if (uname (&machine) == 0)
    g_string_append_printf (facts, "Kernel: %s %s %s\n", machine.sysname, machine.release, machine.machine);
  if (display != NULL)
    g_string_append_printf (facts, "Display: %s, drawn by %s\n", G_OBJECT_TYPE_NAME (display), renderer_name ());
  g_string_append_printf (facts, "Language: %s\n", g_get_language_names ()[0]);

  return g_string_free (facts, FALSE);
}

void
memscope_about_show (GtkWindow *parent)
{
  g_autofree char *notes = dup_release_notes ();
  g_autofree char *facts = memscope_about_dup_facts ();
  GtkWidget *about = adw_about_window_new ();

  g_object_set (about,
                "transient-for", parent,
                "modal", parent != NULL,
                "application-name", "MemScope",
                "application-icon", APP_ID,
                "version", PACKAGE_VERSION,
                "developer-name", _("The MemScope developers"),
                "comments", _("See what holds a program’s memory, who allocated it and when."),
                "copyright", _("© 2026 The MemScope developers"),
                "license-type", GTK_LICENSE_GPL_3_0,
                "release-notes", notes,
                "release-notes-version", PACKAGE_VERSION,
                "debug-info", facts,
                "debug-info-filename", "memscope-debug-info.txt",
                /* Translators: your names, one per line; they are shown under “Credits” */
                "translator-credits", _("translator-credits"),
                NULL);
  adw_about_window_add_legal_section (ADW_ABOUT_WINDOW (about), _("Recorder and library"),
                                      _("© 2026 The MemScope developers"), GTK_LICENSE_LGPL_2_1, NULL);

  gtk_window_present (GTK_WINDOW (about));
}
