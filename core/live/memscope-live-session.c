/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-live-session.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "memscope-live-connection.h"
#include "memscope-live-list.h"
#include "memscope-live-symbols.h"
#include "memscope-native-reader.h"

/* The session's tables are brought up to date, and people told, this often. */
#define UPDATE_USEC     (100 * G_TIME_SPAN_MILLISECOND)

/* Read in one go before looking at anything else. */
#define MAX_BURST       (8u * 1024u * 1024u)

/* What the thread and the object share. It lives until both are through. */
typedef struct
{
  gatomicrefcount         references;
  GMainContext           *context;
  GWeakRef                object;
  char                   *socket;
  char                   *uuid;         /* NULL: the first */
  int                     wake;         /* eventfd: look up from waiting */
  gboolean                stop;         /* atomic */
  gboolean                told;         /* atomic: `changed` is under way */

  GMutex                  lock;         /* of what follows */
  MemscopeLiveState       state;
  guint64                 position;
  char                   *reason;
  guint                   status;
  GError                 *error;
  MemscopeLiveRecording  *recording;
  gboolean                looking_up;

  /* the thread's own */
  MemscopeLiveConnection *connection;
  MemscopeSessionBuilder *builder;
  MemscopeNativeReader   *reader;
  MemscopeLiveSymbols    *symbols;
  gint64                  updated;
  gboolean                dirty;        /* something came since */
  gboolean                is_over;      /* nothing more will come */
} Worker;

struct _MemscopeLiveSession
{
  GObject                parent_instance;

  Worker                *worker;
  MemscopeSession       *session;
  /* as last told */
  MemscopeLiveState      state;
  guint64                position;
  char                  *reason;
  guint                  status;
  GError                *error;
  MemscopeLiveRecording *recording;
  gboolean               looking_up;
};

enum {
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (MemscopeLiveSession, memscope_live_session, G_TYPE_OBJECT)

/* ---- the worker's life --------------------------------------------------------------- */

static Worker *
worker_ref (Worker *self)
{
  g_atomic_ref_count_inc (&self->references);

  return self;
}

static void
worker_unref (Worker *self)
{
  if (!g_atomic_ref_count_dec (&self->references))
    return;

  g_weak_ref_clear (&self->object);
  g_main_context_unref (self->context);
  g_clear_pointer (&self->recording, memscope_live_recording_unref);
  g_clear_error (&self->error);
  g_mutex_clear (&self->lock);
  close (self->wake);
  g_free (self->reason);
  g_free (self->socket);
  g_free (self->uuid);
  g_free (self);
}

static void
worker_wake (gpointer data)
{
  Worker *self = data;
  guint64 one = 1;

  while (write (self->wake, &one, sizeof one) < 0 && errno == EINTR)
    continue;
}

static gboolean
is_stopped (Worker *self)
{
  return __atomic_load_n (&self->stop, __ATOMIC_ACQUIRE);
}

/* ---- telling ---------------------------------------------------------------------------- */

static gboolean
tell_in_context (gpointer data)
{
  Worker *worker = data;
  g_autoptr(MemscopeLiveSession) self = g_weak_ref_get (&worker->object);

  __atomic_store_n (&worker->told, FALSE, __ATOMIC_SEQ_CST);
  if (self == NULL || is_stopped (worker))
    return G_SOURCE_REMOVE;

  g_mutex_lock (&worker->lock);
  self->state = worker->state;
  self->position = worker->position;
  self->status = worker->status;
  self->looking_up = worker->looking_up;
  if (self->reason == NULL)
    self->reason = g_strdup (worker->reason);
  if (self->error == NULL && worker->error != NULL)
    self->error = g_error_copy (worker->error);
  if (self->recording == NULL && worker->recording != NULL)
    self->recording = memscope_live_recording_ref (worker->recording);
  g_mutex_unlock (&worker->lock);

  g_signal_emit (self, signals[CHANGED], 0);

  return G_SOURCE_REMOVE;
}

static void
worker_tell (Worker *self)
{
  if (!__atomic_exchange_n (&self->told, TRUE, __ATOMIC_SEQ_CST))
    g_main_context_invoke_full (self->context, G_PRIORITY_DEFAULT, tell_in_context,
                                worker_ref (self), (GDestroyNotify)worker_unref);
}

static void
worker_set_state (Worker            *self,
                  MemscopeLiveState  state)
{
  g_mutex_lock (&self->lock);
  self->state = state;
  g_mutex_unlock (&self->lock);
}

static void
worker_fail (Worker *self,
             GError *error)
{
  g_mutex_lock (&self->lock);
  self->state = self->position > sizeof (MemscopeFileHeader) ? MEMSCOPE_LIVE_LOST : MEMSCOPE_LIVE_FAILED;
  g_clear_error (&self->error);
  self->error = error;
  g_mutex_unlock (&self->lock);
  self->is_over = TRUE;
}

/* ---- what comes over the line -------------------------------------------------------------- */

static void
worker_find_recording (Worker     *self,
                       const char *uuid)
{
  g_autoptr(GPtrArray) recordings = memscope_live_list_socket (self->socket, NULL);

  for (guint i = 0; recordings != NULL && i < recordings->len; i++)
    {
      MemscopeLiveRecording *recording = g_ptr_array_index (recordings, i);

      if (!g_str_equal (recording->uuid, uuid))
        continue;

      g_mutex_lock (&self->lock);
      g_clear_pointer (&self->recording, memscope_live_recording_unref);
      self->recording = memscope_live_recording_ref (recording);
      g_mutex_unlock (&self->lock);
    }
}

static void
worker_end (Worker     *self,
            const char *reason,
            guint64     status)
{
  g_autoptr(GError) error = NULL;

  self->is_over = TRUE;
  if (!memscope_native_reader_finish (self->reader, &error))
    {
      /* "none", or a file without even a head */
      worker_fail (self, g_steal_pointer (&error));
    }
  else
    {
      worker_set_state (self, MEMSCOPE_LIVE_ENDED);
    }

  g_mutex_lock (&self->lock);
  self->position = memscope_native_reader_get_position (self->reader);
  g_free (self->reason);
  self->reason = g_strdup (reason);
  self->status = (guint)MIN (status, G_MAXUINT);
  g_mutex_unlock (&self->lock);

  memscope_session_builder_end (self->builder);
}

/* The line is dead without a word: what came is a recording that was not closed. */
static void
worker_lose (Worker *self)
{
  worker_fail (self, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CLOSED,
                                          _("The collector is gone. Everything up to there is shown")));
  memscope_native_reader_finish (self->reader, NULL);
  memscope_session_builder_end (self->builder);
}

static void
worker_take_text (Worker *self)
{
  MemscopeLiveConnection *connection = self->connection;
  char word[MEMSCOPE_LIVE_WORD_ROOM], value[512];
  g_autofree char *uuid = NULL, *reason = NULL, *text = NULL;
  MemscopeLiveCursor cursor;
  MemscopeLiveField field;
  guint64 status = 0;

  if (!memscope_live_open (&cursor, connection->buffer, connection->length, word))
    return;

  while (memscope_live_next (&cursor, &field, value, sizeof value))
    {
      char **place = g_str_equal (field.key, "uuid") ? &uuid
                     : g_str_equal (field.key, "reason") ? &reason
                     : g_str_equal (field.key, "text") ? &text : NULL;

      if (place != NULL)
        {
          g_free (*place);
          *place = g_utf8_make_valid (value, (gssize)field.length);
        }
      else if (g_str_equal (field.key, "status"))
        {
          memscope_live_to_number (&field, &status);
        }
    }

  if (g_str_equal (word, "watching") && uuid != NULL)
    worker_find_recording (self, uuid);
  else if (g_str_equal (word, "end"))
    worker_end (self, reason != NULL ? reason : "unknown", status);
  else if (g_str_equal (word, "failed"))
    worker_fail (self, g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, _("The collector refused: %s"),
                                    text != NULL ? text : word));

  self->dirty = TRUE;
}

static void
worker_take_bytes (Worker *self)
{
  MemscopeLiveConnection *connection = self->connection;
  GError *error = NULL;
  guint64 position;

  if (!memscope_native_reader_feed (self->reader, connection->buffer + 1, connection->length - 1, &error))
    {
      worker_fail (self, error);
      return;
    }

  position = memscope_native_reader_get_position (self->reader);
  g_mutex_lock (&self->lock);
  self->position = position;
  if (self->state == MEMSCOPE_LIVE_WAITING && position > sizeof (MemscopeFileHeader))
    self->state = MEMSCOPE_LIVE_RUNNING;
  g_mutex_unlock (&self->lock);
  self->dirty = TRUE;
}

/* What has arrived, up to a burst. */
static void
worker_receive (Worker *self)
{
  gsize n = 0;

  while (!self->is_over && !is_stopped (self) && n < MAX_BURST)
    {
      switch (memscope_live_connection_receive (self->connection))
        {
        case MEMSCOPE_LIVE_NOTHING:
          return;

        case MEMSCOPE_LIVE_CLOSED:
          worker_lose (self);
          return;

        case MEMSCOPE_LIVE_MESSAGE:
        default:
          n += self->connection->length;
          if (self->connection->length > 0 && self->connection->buffer[0] == MEMSCOPE_LIVE_DATA)
            worker_take_bytes (self);
          else
            worker_take_text (self);
        }

      if (g_get_monotonic_time () - self->updated >= UPDATE_USEC)
        return;
    }
}

/* ---- the thread ---------------------------------------------------------------------------- */

static void
worker_update (Worker *self)
{
  gboolean looking_up;

  memscope_live_symbols_take (self->symbols, self->builder);
  memscope_session_builder_update (self->builder);
  memscope_live_symbols_look_up (self->symbols);
  looking_up = !memscope_live_symbols_is_done (self->symbols);

  g_mutex_lock (&self->lock);
  self->looking_up = looking_up;
  g_mutex_unlock (&self->lock);

  self->updated = g_get_monotonic_time ();
  self->dirty = FALSE;
  worker_tell (self);
}

static int
time_to_wait (const Worker *self)
{
  gint64 left;

  if (!self->dirty)
    return -1;

  left = UPDATE_USEC - (g_get_monotonic_time () - self->updated);

  return (int)CLAMP (left / G_TIME_SPAN_MILLISECOND + 1, 0, 1000);
}

static void
worker_wait (Worker *self)
{
  struct pollfd entries[] = {
    { .fd = self->wake, .events = POLLIN },
    { .fd = self->is_over ? -1 : self->connection->fd, .events = POLLIN },
  };
  guint64 n;

  poll (entries, G_N_ELEMENTS (entries), time_to_wait (self));
  if ((entries[0].revents & POLLIN) != 0 && read (self->wake, &n, sizeof n) > 0)
    self->dirty = TRUE;
}

static void
worker_watch (Worker *self)
{
  for (;;)
    {
      worker_wait (self);
      if (is_stopped (self))
        return;

      if (!self->is_over)
        worker_receive (self);

      if (self->dirty && (self->is_over || g_get_monotonic_time () - self->updated >= UPDATE_USEC))
        worker_update (self);

      if (self->is_over && memscope_live_symbols_is_done (self->symbols))
        return;
    }
}

static gboolean
worker_connect (Worker *self)
{
  g_autofree char *command = self->uuid != NULL ? g_strconcat ("watch uuid=", self->uuid, NULL) : g_strdup ("watch");
  MemscopeLiveWriter writer = { .text = command, .length = strlen (command) };
  GError *error = NULL;

  self->connection = memscope_live_connection_new (self->socket, &error);
  if (self->connection == NULL)
    {
      worker_fail (self, error);
      return FALSE;
    }

  if (memscope_live_connection_send (self->connection, &writer))
    return TRUE;

  worker_fail (self, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CLOSED, _("The collector is gone")));

  return FALSE;
}

static gpointer
worker_run (gpointer data)
{
  Worker *self = data;
  MemscopeSession *session;

  if (worker_connect (self))
    {
      self->reader = memscope_native_reader_new (self->builder);
      self->symbols = memscope_live_symbols_new (memscope_session_builder_get_session (self->builder),
                                                 G_CALLBACK (worker_wake), self);
      worker_watch (self);
      g_clear_pointer (&self->symbols, memscope_live_symbols_free);
      g_clear_pointer (&self->reader, memscope_native_reader_free);
    }

  g_clear_pointer (&self->connection, memscope_live_connection_free);
  session = memscope_session_builder_finish (g_steal_pointer (&self->builder));
  g_object_unref (session);
  worker_tell (self);
  worker_unref (self);

  return NULL;
}

/* ---- the object ------------------------------------------------------------------------------ */

static void
memscope_live_session_finalize (GObject *object)
{
  MemscopeLiveSession *self = MEMSCOPE_LIVE_SESSION (object);

  memscope_live_session_disconnect (self);
  worker_unref (self->worker);
  g_clear_object (&self->session);
  g_clear_error (&self->error);
  g_clear_pointer (&self->recording, memscope_live_recording_unref);
  g_free (self->reason);

  G_OBJECT_CLASS (memscope_live_session_parent_class)->finalize (object);
}

static void
memscope_live_session_class_init (MemscopeLiveSessionClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = memscope_live_session_finalize;

  /* There is more than before, or the state is another. */
  signals[CHANGED] =
    g_signal_new ("changed",
                  G_TYPE_FROM_CLASS (klass),
                  G_SIGNAL_RUN_LAST,
                  0,
                  NULL, NULL,
                  NULL,
                  G_TYPE_NONE,
                  0);
}

static void
memscope_live_session_init (MemscopeLiveSession *self)
{
}

MemscopeLiveSession *
memscope_live_session_new (const char *socket,
                           const char *uuid)
{
  MemscopeLiveSession *self;
  GThread *thread;
  Worker *worker;

  g_return_val_if_fail (socket != NULL, NULL);

  worker = g_new0 (Worker, 1);
  g_atomic_ref_count_init (&worker->references);
  g_mutex_init (&worker->lock);
  worker->context = g_main_context_ref_thread_default ();
  worker->socket = g_strdup (socket);
  worker->uuid = g_strdup (uuid);
  worker->wake = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  worker->builder = memscope_session_builder_new (_("Live recording"));

  self = g_object_new (MEMSCOPE_TYPE_LIVE_SESSION, NULL);
  self->session = g_object_ref (memscope_session_builder_get_session (worker->builder));
  self->worker = worker;
  g_weak_ref_init (&worker->object, self);

  thread = g_thread_new ("live-session", worker_run, worker_ref (worker));
  g_thread_unref (thread);

  return self;
}

void
memscope_live_session_disconnect (MemscopeLiveSession *self)
{
  g_return_if_fail (MEMSCOPE_IS_LIVE_SESSION (self));

  __atomic_store_n (&self->worker->stop, TRUE, __ATOMIC_RELEASE);
  worker_wake (self->worker);
}

MemscopeLiveState
memscope_live_session_get_state (MemscopeLiveSession *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_LIVE_SESSION (self), MEMSCOPE_LIVE_FAILED);

  return self->state;
}

MemscopeSession *
memscope_live_session_get_session (MemscopeLiveSession *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_LIVE_SESSION (self), NULL);

  return self->session;
}

MemscopeLiveRecording *
memscope_live_session_get_recording (MemscopeLiveSession *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_LIVE_SESSION (self), NULL);

  return self->recording;
}

guint64
memscope_live_session_get_position (MemscopeLiveSession *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_LIVE_SESSION (self), 0);

  return self->position;
}

const char *
memscope_live_session_get_reason (MemscopeLiveSession *self,
                                  guint               *status)
{
  g_return_val_if_fail (MEMSCOPE_IS_LIVE_SESSION (self), NULL);

  if (status != NULL)
    *status = self->status;

  return self->reason;
}

const GError *
memscope_live_session_get_error (MemscopeLiveSession *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_LIVE_SESSION (self), NULL);

  return self->error;
}

gboolean
memscope_live_session_is_looking_up (MemscopeLiveSession *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_LIVE_SESSION (self), FALSE);

  return self->looking_up;
}

/* ---- commands --------------------------------------------------------------------------------- */

typedef struct
{
  char *socket;
  char *message;
} Command;

static void
command_free (gpointer data)
{
  Command *command = data;

  g_free (command->socket);
  g_free (command->message);
  g_free (command);
}

static void
command_in_thread (GTask        *task,
                   gpointer      source,
                   gpointer      data,
                   GCancellable *cancellable)
{
  Command *command = data;
  MemscopeLiveWriter writer = { .text = command->message, .length = strlen (command->message) };
  GError *error = NULL;

  if (memscope_live_command (command->socket, &writer, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* @message without a NUL inside: taken over. */
static void
send_command (MemscopeLiveSession *self,
              char                *message,
              GCancellable        *cancellable,
              GAsyncReadyCallback  callback,
              gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  Command *command = g_new0 (Command, 1);

  command->socket = g_strdup (self->worker->socket);
  command->message = message;
  g_task_set_source_tag (task, send_command);
  g_task_set_task_data (task, command, command_free);
  g_task_run_in_thread (task, command_in_thread);
}

void
memscope_live_session_mark_async (MemscopeLiveSession *self,
                                  const char          *text,
                                  GCancellable        *cancellable,
                                  GAsyncReadyCallback  callback,
                                  gpointer             user_data)
{
  char room[MEMSCOPE_LIVE_MAX_TEXT];
  MemscopeLiveWriter writer;

  g_return_if_fail (MEMSCOPE_IS_LIVE_SESSION (self));
  g_return_if_fail (text != NULL);

  memscope_live_begin (&writer, room, sizeof room, "mark");
  if (self->recording != NULL)
    memscope_live_add_text (&writer, "uuid", self->recording->uuid);
  memscope_live_add_text (&writer, "text", text);

  if (writer.full)
    g_task_report_new_error (self, callback, user_data, memscope_live_session_mark_async,
                             G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE, _("The text is too long"));
  else
    send_command (self, g_strndup (room, writer.length), cancellable, callback, user_data);
}

void
memscope_live_session_stop_async (MemscopeLiveSession *self,
                                  GCancellable        *cancellable,
                                  GAsyncReadyCallback  callback,
                                  gpointer             user_data)
{
  g_return_if_fail (MEMSCOPE_IS_LIVE_SESSION (self));

  send_command (self, g_strdup ("stop"), cancellable, callback, user_data);
}

/* ---- a copy ------------------------------------------------------------------------------------- */

typedef struct
{
  GFile   *source;
  GFile   *target;
  guint64  length;    /* G_MAXUINT64: all */
  char    *uuid;
} Copy;

static void
copy_free (gpointer data)
{
  Copy *copy = data;

  g_object_unref (copy->source);
  g_object_unref (copy->target);
  g_free (copy->uuid);
  g_free (copy);
}

/* The file may have been moved, and another be in its place. */
static gboolean
check_source (GInputStream  *stream,
              const char    *uuid,
              GCancellable  *cancellable,
              GError       **error)
{
  g_autoptr(GString) text = g_string_new (NULL);
  guint8 bytes[sizeof (MemscopeFileHeader)];
  MemscopeFileHeader header;
  gsize n = 0;

  if (!g_input_stream_read_all (stream, bytes, sizeof bytes, &n, cancellable, error))
    return FALSE;

  if (memscope_file_header_read (bytes, n, &header))
    {
      for (guint i = 0; i < sizeof header.session_uuid; i++)
        g_string_append_printf (text, "%02x", header.session_uuid[i]);
    }

  if (g_str_equal (text->str, uuid))
    return g_seekable_seek (G_SEEKABLE (stream), 0, G_SEEK_SET, cancellable, error);

  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                       _("The recording’s file is no longer where it was"));

  return FALSE;
}

static gboolean
copy_bytes (GInputStream   *input,
            GOutputStream  *output,
            guint64         length,
            GCancellable   *cancellable,
            GError        **error)
{
  g_autofree guint8 *buffer = g_malloc (256 * 1024);

  while (length > 0)
    {
      gssize n = g_input_stream_read (input, buffer, (gsize)MIN (length, 256 * 1024), cancellable, error);

      if (n < 0 || !g_output_stream_write_all (output, buffer, (gsize)n, NULL, cancellable, error))
        return FALSE;
      if (n == 0)
        break;
      length -= (guint64)n;
    }

  return TRUE;
}

static gboolean
copy_recording (Copy          *copy,
                GCancellable  *cancellable,
                GError       **error)
{
  g_autoptr(GFileInputStream) input = g_file_read (copy->source, cancellable, error);
  g_autoptr(GFileOutputStream) output = NULL;
  g_autoptr(GCancellable) give_up = NULL;

  if (input == NULL || !check_source (G_INPUT_STREAM (input), copy->uuid, cancellable, error))
    return FALSE;

  output = g_file_replace (copy->target, NULL, FALSE, G_FILE_CREATE_REPLACE_DESTINATION, cancellable, error);
  if (output == NULL)
    return FALSE;

  if (copy_bytes (G_INPUT_STREAM (input), G_OUTPUT_STREAM (output), copy->length, cancellable, error))
    return g_output_stream_close (G_OUTPUT_STREAM (output), cancellable, error);

  /* closed while cancelled, what was there before stays */
  give_up = g_cancellable_new ();
  g_cancellable_cancel (give_up);
  g_output_stream_close (G_OUTPUT_STREAM (output), give_up, NULL);

  return FALSE;
}

static void
copy_in_thread (GTask        *task,
                gpointer      source,
                gpointer      data,
                GCancellable *cancellable)
{
  GError *error = NULL;

  if (copy_recording (data, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
memscope_live_session_save_async (MemscopeLiveSession *self,
                                  GFile               *target,
                                  GCancellable        *cancellable,
                                  GAsyncReadyCallback  callback,
                                  gpointer             user_data)
{
  g_autoptr(GTask) task = NULL;
  Copy *copy;

  g_return_if_fail (MEMSCOPE_IS_LIVE_SESSION (self));
  g_return_if_fail (G_IS_FILE (target));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, memscope_live_session_save_async);
  if (self->recording == NULL || *self->recording->file == '\0')
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _("Nothing has been recorded yet"));
      return;
    }

  copy = g_new0 (Copy, 1);
  copy->source = g_file_new_for_path (self->recording->file);
  copy->target = g_object_ref (target);
  /* what the session shows already, which may be more than was told of */
  g_mutex_lock (&self->worker->lock);
  copy->length = self->state == MEMSCOPE_LIVE_ENDED ? G_MAXUINT64 : self->worker->position;
  g_mutex_unlock (&self->worker->lock);
  copy->uuid = g_strdup (self->recording->uuid);

  if (g_file_equal (copy->source, copy->target))
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_EXISTS, _("The recording is in that very file"));
  else
    {
      g_task_set_task_data (task, copy, copy_free);
      g_task_run_in_thread (task, copy_in_thread);
      return;
    }

  copy_free (copy);
}

gboolean
memscope_live_session_finish (MemscopeLiveSession  *self,
                              GAsyncResult         *result,
                              GError              **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
