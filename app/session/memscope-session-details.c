/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "memscope-session-details.h"

#include <glib/gi18n.h>

#include "memscope-text.h"

/* Further ones are counted. */
#define MAX_LISTED 500u

/* What is too long for a label. */
#define MAX_CHARS  2000u

/* ---- rows ----------------------------------------------------------------------- */

/* Nothing of a recording is ever read as markup. @value NULL: not recorded. */
static GtkWidget *
new_row (const char *title,
         const char *value)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *clipped = memscope_text_clip (value != NULL ? value : _("not recorded"), MAX_CHARS);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), clipped);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  if (value == NULL)
    gtk_widget_add_css_class (row, "dim-label");

  return row;
}

static AdwPreferencesGroup *
add_group (AdwPreferencesPage *page,
           const char         *title)
{
  AdwPreferencesGroup *group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());

  adw_preferences_group_set_title (group, title);
  adw_preferences_page_add (page, group);

  return group;
}

static void
add_row (AdwPreferencesGroup *group,
         const char          *title,
         const char          *value)
{
  adw_preferences_group_add (group, new_row (title, value));
}

/* Bytes as they are, but for those that are no text; lists are joined by @separator. */
static char *
dup_bytes (const char *bytes,
           gsize       length,
           char        separator)
{
  g_autofree char *copy = g_strndup (bytes, length);

  /* strndup stops at the first NUL, and lists are full of them */
  if (separator != '\0')
    {
      g_free (copy);
      copy = g_malloc (length + 1);
      for (gsize i = 0; i < length; i++)
        copy[i] = bytes[i] != '\0' ? bytes[i] : separator;
      copy[length] = '\0';
    }

  return g_utf8_make_valid (copy, -1);
}

static char *
dup_fact (MemscopeSession *session,
          const char      *key,
          char             separator)
{
  gsize length = 0;
  const char *value = memscope_session_get_fact (session, key, &length);

  while (separator != '\0' && length > 0 && value[length - 1] == '\0')
    length--;

  return value != NULL && length > 0 ? dup_bytes (value, length, separator) : NULL;
}

static void
add_fact (AdwPreferencesGroup *group,
          MemscopeSession     *session,
          const char          *title,
          const char          *key)
{
  g_autofree char *value = dup_fact (session, key, '\0');

  add_row (group, title, value);
}

/* ---- groups ------------------------------------------------------------------------ */

static char *
dup_format (MemscopeSession *session)
{
  const char *layout = memscope_session_get_layout (session);
  const char *name = memscope_session_get_format_name (session);
  guint version = memscope_session_get_format_version (session);

  return layout != NULL ? g_strdup_printf (_("%s %u, layout %s"), name, version, layout)
                        : g_strdup_printf ("%s %u", name, version);
}

static char *
dup_gaps (MemscopeSession *session)
{
  guint n = memscope_session_get_n_losses (session);
  g_autofree char *count = memscope_text_count (n);

  return n == 0 ? g_strdup (_("none")) : g_steal_pointer (&count);
}

static void
fill_recording (AdwPreferencesPage *page,
                MemscopeSession    *session)
{
  AdwPreferencesGroup *group = add_group (page, _("The recording"));
  guint64 origin = memscope_session_get_time_origin (session);
  g_autofree char *format = dup_format (session);
  g_autofree char *began = origin != 0 ? memscope_text_date ((gint64)(origin / 1000)) : NULL;
  g_autofree char *duration = memscope_text_duration (memscope_session_get_duration (session));
  g_autofree char *events = memscope_text_count (memscope_session_get_n_events (session));
  g_autofree char *gaps = dup_gaps (session);

  add_row (group, _("File"), memscope_session_get_label (session));
  add_row (group, _("Format"), format);
  add_row (group, _("State"), memscope_session_get_complete (session) ? _("complete") : _("not complete"));
  add_row (group, _("Began"), began);
  add_row (group, _("Duration"), duration);
  add_row (group, _("Events"), events);
  add_row (group, _("Gaps"), gaps);
}

static void
fill_program (AdwPreferencesPage *page,
              MemscopeSession    *session)
{
  AdwPreferencesGroup *group = add_group (page, _("Program"));
  g_autofree char *command = dup_fact (session, "command", ' ');

  add_fact (group, session, _("Executable"), "exe");
  add_row (group, _("Command"), command);
  add_fact (group, session, _("Folder"), "cwd");
  add_fact (group, session, _("Process id"), "pid");
  add_fact (group, session, _("Parent’s process id"), "parent_pid");
  add_row (group, _("At the end"), memscope_session_get_process_ended (session) ? _("had ended") : _("was still running, or it is not known"));
}

static void
fill_machine (AdwPreferencesPage *page,
              MemscopeSession    *session)
{
  AdwPreferencesGroup *group = add_group (page, _("Machine and recorder"));
  guint64 interval = memscope_session_get_sampling_interval (session);
  g_autofree char *bytes = interval != 0 ? memscope_text_size (interval) : NULL;
  g_autofree char *sampling = bytes != NULL ? g_strdup_printf (_("about every %s: figures are estimates"), bytes)
                                            : g_strdup (_("no: every allocation"));

  add_fact (group, session, _("Host"), "host");
  add_fact (group, session, _("Kernel"), "kernel");
  add_fact (group, session, _("Page size"), "page_size");
  add_fact (group, session, _("Allocator"), "allocator");
  add_row (group, _("Sampling"), sampling);
  add_fact (group, session, _("Frames per stack at most"), "stack_depth");
  add_fact (group, session, _("Recorder"), "recorder_version");
}

static void
add_left_out (AdwExpanderRow *row,
              guint           n)
{
  g_autofree char *count = memscope_text_count (n);
  g_autofree char *text = g_strdup_printf (ngettext ("%s more is not listed here", "%s more are not listed here", n), count);

  adw_expander_row_add_row (row, new_row (text, ""));
}

/* Names alone are recorded: values may be secrets. */
static void
fill_environment (AdwPreferencesGroup *group,
                  MemscopeSession     *session)
{
  GtkWidget *row = adw_expander_row_new ();
  g_autofree char *text = dup_fact (session, "environment_names", '\n');
  g_auto(GStrv) names = text != NULL ? g_strsplit (text, "\n", -1) : NULL;
  guint n = names != NULL ? g_strv_length (names) : 0;
  g_autofree char *count = memscope_text_count (n);
  g_autofree char *subtitle = n > 0 ? g_strdup_printf (ngettext ("%s name; values are never recorded", "%s names; values are never recorded", n), count)
                                    : g_strdup (_("not recorded"));

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _("Environment"));
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (row), subtitle);
  gtk_widget_set_sensitive (row, n > 0);
  for (guint i = 0; i < MIN (n, MAX_LISTED); i++)
    adw_expander_row_add_row (ADW_EXPANDER_ROW (row), new_row (names[i], ""));
  if (n > MAX_LISTED)
    add_left_out (ADW_EXPANDER_ROW (row), n - MAX_LISTED);
  adw_preferences_group_add (group, row);
}

static char *
dup_build_id (const MemscopeModule *module)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < module->build_id_length; i++)
    g_string_append_printf (text, "%02x", module->build_id[i]);

  return g_string_free (text, FALSE);
}

static void
fill_modules (AdwPreferencesGroup *group,
              MemscopeSession     *session)
{
  GtkWidget *row = adw_expander_row_new ();
  guint n = memscope_session_get_n_modules (session);
  g_autofree char *count = memscope_text_count (n);
  g_autofree char *subtitle = n > 0 ? g_strdup_printf (ngettext ("%s file, with its build-id", "%s files, with their build-ids", n), count)
                                    : g_strdup (_("not recorded"));

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _("Code met in stacks"));
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (row), subtitle);
  gtk_widget_set_sensitive (row, n > 0);

  for (guint id = 1; id <= MIN (n, MAX_LISTED); id++)
    {
      g_autofree char *path = NULL;
      g_autofree char *build_id = NULL;
      MemscopeModule module;

      if (!memscope_session_get_module (session, id, &module))
        continue;
      path = memscope_text_string (session, module.path, _("not recorded"));
      build_id = dup_build_id (&module);
      adw_expander_row_add_row (ADW_EXPANDER_ROW (row), new_row (path, *build_id != '\0' ? build_id : _("no build-id")));
    }
  if (n > MAX_LISTED)
    add_left_out (ADW_EXPANDER_ROW (row), n - MAX_LISTED);
  adw_preferences_group_add (group, row);
}

static void
fill_warnings (AdwPreferencesPage *page,
               MemscopeSession    *session)
{
  const char *const *warnings = memscope_session_get_warnings (session);
  AdwPreferencesGroup *group;

  if (warnings == NULL || warnings[0] == NULL)
    return;

  group = add_group (page, _("Warnings"));
  for (guint i = 0; warnings[i] != NULL; i++)
    add_row (group, warnings[i], "");
}

GtkWindow *
memscope_session_details_new (MemscopeSession *session)
{
  GtkWidget *window = g_object_new (ADW_TYPE_PREFERENCES_WINDOW,
                                    "title", _("About This Recording"),
                                    "default-width", 640,
                                    "default-height", 720,
                                    "search-enabled", FALSE,
                                    NULL);
  AdwPreferencesPage *page = ADW_PREFERENCES_PAGE (adw_preferences_page_new ());
  AdwPreferencesGroup *lists;

  adw_preferences_page_set_title (page, _("The recording"));
  fill_warnings (page, session);
  fill_recording (page, session);
  fill_program (page, session);
  fill_machine (page, session);
  lists = add_group (page, "");
  fill_environment (lists, session);
  fill_modules (lists, session);
  adw_preferences_window_add (ADW_PREFERENCES_WINDOW (window), page);

  return GTK_WINDOW (window);
}
