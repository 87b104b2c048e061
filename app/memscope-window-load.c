/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Reading a file for a window: off the main thread, with progress and cancel;
 * and what is remembered of it for the start page.
 */

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "memscope-error.h"
#include "memscope-groups.h"
#include "memscope-loader.h"
#include "memscope-preview.h"
#include "memscope-query.h"
#include "memscope-recent.h"
#include "memscope-text.h"
#include "memscope-timeline.h"
#include "memscope-window-private.h"

#define PROGRESS_INTERVAL 66   /* ms */

/* Written by the loading thread, read by the main one. It lives until both are through. */
typedef struct _LoadProgress
{
  gatomicrefcount references;
  GMutex          mutex;
  guint64         done;
  guint64         total;
} LoadProgress;

typedef struct
{
  MemscopeWindow *window;       /* holds a reference */
  GFile          *file;
  LoadProgress   *progress;
  GCancellable   *cancellable;
} Load;

static LoadProgress *
load_progress_new (void)
{
  LoadProgress *self = g_new0 (LoadProgress, 1);

  g_atomic_ref_count_init (&self->references);
  g_mutex_init (&self->mutex);

  return self;
}

static void
load_progress_unref (LoadProgress *self)
{
  if (!g_atomic_ref_count_dec (&self->references))
    return;

  g_mutex_clear (&self->mutex);
  g_free (self);
}

static void
load_progress_update (guint64  done,
                      guint64  total,
                      gpointer user_data)
{
  LoadProgress *self = user_data;

  g_mutex_lock (&self->mutex);
  self->done = done;
  self->total = total;
  g_mutex_unlock (&self->mutex);
}

static gboolean
memscope_window_show_progress (gpointer user_data)
{
  MemscopeWindow *self = user_data;
  guint64 done, total;
  g_autofree char *text = NULL;

  g_mutex_lock (&self->progress->mutex);
  done = self->progress->done;
  total = self->progress->total;
  g_mutex_unlock (&self->progress->mutex);

  if (total == 0)
    {
      gtk_progress_bar_pulse (self->loading_progress);
      return G_SOURCE_CONTINUE;
    }

  /* The total counts each byte twice, for reading it and for understanding it. */
  text = memscope_text_share (MIN ((double) done / total, 1.0));
  gtk_progress_bar_set_fraction (self->loading_progress, MIN ((double) done / total, 1.0));
  gtk_progress_bar_set_text (self->loading_progress, text);

  return G_SOURCE_CONTINUE;
}

static const char *
advice_for (const GError *error)
{
  if (g_error_matches (error, MEMSCOPE_ERROR, MEMSCOPE_ERROR_NOT_A_SESSION))
    return _("MemScope opens .memscope files: its own and those of memscope-rs. Check that this is the file you meant.");
  if (g_error_matches (error, MEMSCOPE_ERROR, MEMSCOPE_ERROR_UNSUPPORTED_VERSION))
    return _("It was probably written by a newer program. Open it with that one, or update MemScope.");
  if (g_error_matches (error, MEMSCOPE_ERROR, MEMSCOPE_ERROR_DAMAGED))
    return _("Nothing in it could be saved. If there is another copy, open that, or record again.");
  if (g_error_matches (error, MEMSCOPE_ERROR, MEMSCOPE_ERROR_TOO_LARGE))
    return _("Open it on a machine with more memory, or record a shorter stretch.");
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    return _("It may have been moved, renamed or deleted. Look for it, or choose another.");
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    return _("You may not read it. Ask its owner, or copy it to a place of your own.");
  return _("Try again, or open another file.");
}

static void
memscope_window_show_error (MemscopeWindow *self,
                            GFile          *file,
                            const GError   *error)
{
  g_autofree char *base = g_file_get_basename (file);
  g_autofree char *name = g_filename_display_name (base != NULL ? base : "");
  g_autofree char *clipped = memscope_text_clip (name, 80);
  g_autofree char *title = g_strdup_printf (_("“%s” cannot be opened"), clipped);
  g_autofree char *valid = g_utf8_make_valid (error->message, -1);
  g_autofree char *message = memscope_text_clip (valid, MEMSCOPE_TEXT_TOOLTIP_CHARS);
  g_autofree char *message_markup = g_markup_escape_text (message, -1);
  g_autofree char *path = g_file_get_parse_name (file);
  g_autofree char *details = g_strdup_printf ("%s\n%s (%s, %d)", path, message,
                                              g_quark_to_string (error->domain), error->code);

  /* A status page's description is markup, its title is not. */
  adw_status_page_set_title (self->error_page, title);
  adw_status_page_set_description (self->error_page, message_markup);
  gtk_label_set_text (self->error_advice, advice_for (error));
  gtk_label_set_text (self->error_details, details);
  memscope_window_show_page (self, "error");
}

static void
load_free (Load *load)
{
  g_object_unref (load->window);
  g_object_unref (load->file);
  g_object_unref (load->cancellable);
  load_progress_unref (load->progress);
  g_free (load);
}

/* What the recorder itself counted; else all that is known is whether the recording was closed. */
static char *
describe_preview (const MemscopePreview *preview)
{
  g_autofree char *peak = NULL;
  g_autofree char *time = NULL;
  g_autofree char *live = NULL;

  if (!preview->has_totals)
    return g_strdup (preview->closed ? _("Allocations over time; the recording is complete.")
                                     : _("Allocations over time; the recording was not closed."));

  peak = memscope_text_size (preview->peak_bytes);
  time = memscope_text_duration (preview->peak_time);
  live = memscope_text_size (preview->live_bytes);

  /* Translators: how many bytes, after how long, how many bytes */
  return g_strdup_printf (_("Live memory over time: at most %s, after %s; %s alive at the end. The recording is complete."),
                          peak, time, live);
}

/* What the file says of itself before it is read. */
static void
memscope_window_show_preview (MemscopeWindow        *self,
                              const MemscopePreview *preview)
{
  guint64 n_deaths = preview->events - preview->births;
  g_autofree char *births = memscope_text_short_count (preview->births);
  g_autofree char *deaths = memscope_text_short_count (n_deaths);
  g_autofree char *born = g_strdup_printf (ngettext ("%s allocation", "%s allocations", preview->births), births);
  g_autofree char *died = g_strdup_printf (ngettext ("%s free", "%s frees", n_deaths), deaths);
  g_autofree char *duration = memscope_text_duration (preview->duration);
  /* Translators: "12 allocations", "11 frees", how long */
  g_autofree char *counts = g_strdup_printf (_("%s, %s in %s"), born, died, duration);
  g_autofree char *state = describe_preview (preview);

  gtk_label_set_text (self->loading_counts, counts);
  gtk_label_set_text (self->loading_state, state);
  memscope_sparkline_set_values (self->loading_rate, preview->has_totals ? preview->live : preview->birth_rate,
                                 MEMSCOPE_PREVIEW_BUCKETS);
  gtk_widget_set_visible (self->loading_facts, TRUE);
}

static void
memscope_window_preview_ready (GObject      *source,
                               GAsyncResult *result,
                               gpointer      user_data)
{
  g_autoptr(MemscopeWindow) self = user_data;
  g_autoptr(MemscopePreview) preview = memscope_preview_new_finish (result);

  /* The recording may have been faster, or another one is wanted now. */
  if (preview != NULL && preview->events > 0 && self->loading != NULL &&
      self->loading == g_task_get_cancellable (G_TASK (result)))
    memscope_window_show_preview (self, preview);
}

static void
memscope_window_load_ready (GObject      *source,
                            GAsyncResult *result,
                            gpointer      user_data)
{
  Load *load = user_data;
  MemscopeWindow *self = load->window;
  g_autoptr(GError) error = NULL;
  g_autoptr(MemscopeSession) session = memscope_load_file_finish (result, &error);

  /* The window has gone on to something else, or away. */
  if (self->loading == load->cancellable)
    {
      memscope_window_cancel_loading (self);
      if (session != NULL)
        memscope_window_set_session (self, session, load->file);
      else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        memscope_window_show_start (self);
      else
        memscope_window_show_error (self, load->file, error);
    }

  load_free (load);
}

void
memscope_window_open (MemscopeWindow *self,
                      GFile          *file)
{
  g_autofree char *base = NULL;
  g_autofree char *name = NULL;
  g_autofree char *markup = NULL;
  Load *load;

  g_return_if_fail (MEMSCOPE_IS_WINDOW (self));
  g_return_if_fail (G_IS_FILE (file));

  memscope_window_cancel_loading (self);
  memscope_window_show_start (self);

  base = g_file_get_basename (file);
  name = g_filename_display_name (base != NULL ? base : "");
  markup = g_markup_escape_text (name, -1);
  adw_status_page_set_title (self->loading_page, _("Reading…"));
  adw_status_page_set_description (self->loading_page, markup);
  gtk_widget_set_visible (GTK_WIDGET (self->loading_progress), TRUE);
  gtk_progress_bar_set_fraction (self->loading_progress, 0);
  gtk_progress_bar_set_text (self->loading_progress, "");

  self->loading = g_cancellable_new ();
  self->progress = load_progress_new ();
  self->progress_source = g_timeout_add (PROGRESS_INTERVAL, memscope_window_show_progress, self);

  load = g_new0 (Load, 1);
  load->window = g_object_ref (self);
  load->file = g_object_ref (file);
  load->cancellable = g_object_ref (self->loading);
  load->progress = self->progress;
  g_atomic_ref_count_inc (&load->progress->references);

  gtk_widget_set_visible (self->loading_facts, FALSE);
  memscope_window_show_page (self, "loading");
  memscope_preview_new_async (file, self->loading, memscope_window_preview_ready, g_object_ref (self));
  memscope_load_file_async (file, self->loading, load_progress_update, load->progress,
                            memscope_window_load_ready, load);
}

void
memscope_window_cancel_loading (MemscopeWindow *self)
{
  g_clear_handle_id (&self->progress_source, g_source_remove);
  g_clear_pointer (&self->progress, load_progress_unref);
  if (self->loading != NULL)
    g_cancellable_cancel (self->loading);
  g_clear_object (&self->loading);
}

gboolean
memscope_window_is_loading (MemscopeWindow *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_WINDOW (self), FALSE);

  return self->loading != NULL;
}

void
memscope_window_open_files (MemscopeWindow *self,
                            GListModel     *files)
{
  GtkApplication *application;

  g_return_if_fail (MEMSCOPE_IS_WINDOW (self));
  g_return_if_fail (G_IS_LIST_MODEL (files));

  application = gtk_window_get_application (GTK_WINDOW (self));
  for (guint i = 0; i < g_list_model_get_n_items (files); i++)
    {
      g_autoptr(GFile) file = g_list_model_get_item (files, i);
      MemscopeWindow *window = self;

      if (!memscope_window_is_start (self))
        {
          window = memscope_window_new (application);
          gtk_window_present (GTK_WINDOW (window));
        }
      memscope_window_open (window, file);
    }
}

/* ---- the start page's row ---------------------------------------------- */

static gpointer
remember_query (MemscopeSession   *session,
                MemscopeSelection *selection,
                gpointer           data,
                GCancellable      *cancellable)
{
  return memscope_timeline_new (session, selection, 0, memscope_session_get_duration (session) + 1,
                                MEMSCOPE_SPARK_BUCKETS, cancellable, NULL);
}

static MemscopeRecentState
recent_state_of (MemscopeSession *session)
{
  if (!g_str_equal (memscope_session_get_format_name (session), "native"))
    return MEMSCOPE_RECENT_IMPORT;
  if (!memscope_session_get_complete (session))
    return MEMSCOPE_RECENT_INCOMPLETE;
  if (memscope_session_get_sampling_interval (session) > 0)
    return MEMSCOPE_RECENT_SAMPLED;
  return MEMSCOPE_RECENT_COMPLETE;
}

/* "4127 · jsond --listen :8080": the arguments as they would be typed, roughly. */
static char *
dup_command (MemscopeSession *session)
{
  gsize length = 0, pid_length = 0;
  const char *command = memscope_session_get_fact (session, "command", &length);
  const char *pid = memscope_session_get_fact (session, "pid", &pid_length);
  g_autoptr(GString) text = g_string_new (NULL);
  g_autofree char *valid = NULL;

  if (pid != NULL && pid_length > 0 && pid_length < 20)
    {
      g_string_append_len (text, pid, (gssize) pid_length);
      g_string_append (text, " · ");
    }
  if (command != NULL && length > 0 && *command != '\0')
    {
      /* Each argument ends with a NUL; of the program its name is enough. */
      g_autofree char *program = g_strndup (command, MIN (length, MEMSCOPE_TEXT_TOOLTIP_CHARS * 4));
      g_autofree char *base = g_path_get_basename (program);
      gsize at = strlen (program) + 1;

      g_string_append (text, base);
      length = MIN (length, at + MEMSCOPE_TEXT_TOOLTIP_CHARS);
      if (at < length)
        g_string_append_c (text, ' ');
      for (; at < length; at++)
        {
          if (command[at] != '\0')
            g_string_append_c (text, command[at]);
          else if (at + 1 < length)
            g_string_append_c (text, ' ');
        }
    }
  else
    {
      return NULL;
    }

  valid = g_utf8_make_valid (text->str, (gssize) text->len);

  return memscope_text_clip (valid, MEMSCOPE_TEXT_LABEL_CHARS);
}

static char *
dup_description (MemscopeWindow  *self,
                 MemscopeSession *session)
{
  g_autofree char *duration = memscope_text_duration (memscope_session_get_duration (session));
  guint64 interval = memscope_session_get_sampling_interval (session);
  g_autofree char *command = NULL;

  if (!g_str_equal (memscope_session_get_format_name (session), "native"))
    return g_strdup (gtk_label_get_text (self->subtitle_label));

  command = dup_command (session);
  if (command == NULL)
    command = g_strdup (gtk_label_get_text (self->title_label));
  if (interval > 0)
    {
      g_autofree char *size = memscope_text_size (interval);

      return g_strdup_printf (_("%s · one sample per %s · %s"), command, size, duration);
    }

  return g_strdup_printf ("%s · %s", command, duration);
}

static void
remember_done (gpointer owner,
               gpointer result)
{
  MemscopeWindow *self = owner;
  g_autoptr(MemscopeTimeline) timeline = result;
  MemscopeSession *session;
  MemscopeRecent *recent;
  g_autofree char *uri = NULL;

  if (timeline == NULL || self->state == NULL || self->file == NULL)
    return;

  session = memscope_view_state_get_session (self->state);
  uri = g_file_get_uri (self->file);
  recent = memscope_recent_new (uri);
  g_free (recent->description);
  recent->description = dup_description (self, session);
  recent->state = recent_state_of (session);
  recent->peak_bytes = timeline->max_bytes;
  recent->opened = g_get_real_time () / G_USEC_PER_SEC;
  for (guint i = 0; i < MIN (timeline->n_buckets, MEMSCOPE_SPARK_BUCKETS); i++)
    recent->spark[i] = timeline->buckets[i].max_bytes;
  memscope_recent_list_add (recent);
}

void
memscope_window_remember (MemscopeWindow *self)
{
  memscope_query_run (&self->remember, self,
                      memscope_view_state_get_session (self->state),
                      memscope_view_state_get_selection (self->state),
                      remember_query, NULL, NULL,
                      (GDestroyNotify) memscope_timeline_free, remember_done);
}
