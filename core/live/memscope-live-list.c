/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-live-list.h"

#include <poll.h>

#include "memscope-live-connection.h"
#include "memscope-live-recording-private.h"
#include "memscope-paths.h"

#define TIMEOUT_MSEC   1000
#define POLL_MSEC      50
#define MAX_RECORDINGS 10000u
#define MAX_SOCKETS    256u

typedef struct
{
  char                   *path;
  MemscopeLiveConnection *connection;   /* NULL: has answered, or never will */
} Question;

static void
clear_question (gpointer data)
{
  Question *question = data;

  g_clear_pointer (&question->connection, memscope_live_connection_free);
  g_free (question->path);
}

/* Nobody answers at a socket that a killed collector left: passed over. */
static void
ask (GArray     *questions,
     const char *path)
{
  Question question = { 0 };
  MemscopeLiveWriter writer;
  char text[16];

  question.connection = memscope_live_connection_new (path, NULL);
  if (question.connection == NULL)
    return;

  question.path = g_strdup (path);
  memscope_live_begin (&writer, text, sizeof text, "list");
  if (memscope_live_connection_send (question.connection, &writer))
    g_array_append_val (questions, question);
  else
    clear_question (&question);
}

/* Everything that has arrived from one. */
static void
take_answers (Question  *question,
              GPtrArray *recordings)
{
  for (;;)
    {
      MemscopeLiveConnection *connection = question->connection;
      MemscopeLiveReceived received = memscope_live_connection_receive (connection);
      char word[MEMSCOPE_LIVE_WORD_ROOM];
      MemscopeLiveRecording *recording;
      MemscopeLiveCursor cursor;

      if (received == MEMSCOPE_LIVE_NOTHING)
        return;

      if (received == MEMSCOPE_LIVE_CLOSED || recordings->len >= MAX_RECORDINGS ||
          !memscope_live_open (&cursor, connection->buffer, connection->length, word) || g_str_equal (word, "listed"))
        {
          g_clear_pointer (&question->connection, memscope_live_connection_free);
          return;
        }

      recording = memscope_live_recording_parse (question->path, connection->peer, connection->buffer, connection->length);
      if (recording != NULL)
        g_ptr_array_add (recordings, recording);
    }
}

static gboolean
wait_for_answers (GArray    *questions,
                  GPtrArray *recordings)
{
  g_autofree struct pollfd *entries = g_new0 (struct pollfd, MAX (questions->len, 1));
  guint n = 0;

  for (guint i = 0; i < questions->len; i++)
    {
      Question *question = &g_array_index (questions, Question, i);

      if (question->connection != NULL)
        entries[n++] = (struct pollfd) { .fd = question->connection->fd, .events = POLLIN };
    }

  if (n == 0)
    return FALSE;

  poll (entries, n, POLL_MSEC);
  for (guint i = 0; i < questions->len; i++)
    {
      Question *question = &g_array_index (questions, Question, i);

      if (question->connection != NULL)
        take_answers (question, recordings);
    }

  return TRUE;
}

static int
compare_recordings (gconstpointer a,
                    gconstpointer b)
{
  const MemscopeLiveRecording *x = *(const MemscopeLiveRecording *const *)a;
  const MemscopeLiveRecording *y = *(const MemscopeLiveRecording *const *)b;

  if (x->started != y->started)
    return x->started > y->started ? -1 : 1;

  return x->pid < y->pid ? -1 : x->pid > y->pid;
}

static GPtrArray *
collect (GArray        *questions,
         GCancellable  *cancellable,
         GError       **error)
{
  g_autoptr(GPtrArray) recordings = g_ptr_array_new_with_free_func ((GDestroyNotify)memscope_live_recording_unref);
  gint64 deadline = g_get_monotonic_time () + TIMEOUT_MSEC * G_TIME_SPAN_MILLISECOND;

  while (wait_for_answers (questions, recordings) && g_get_monotonic_time () < deadline)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;
    }

  g_ptr_array_sort (recordings, compare_recordings);

  return g_steal_pointer (&recordings);
}

static GArray *
new_questions (void)
{
  GArray *questions = g_array_new (FALSE, FALSE, sizeof (Question));

  g_array_set_clear_func (questions, clear_question);

  return questions;
}

GPtrArray *
memscope_live_list_socket (const char  *socket,
                           GError     **error)
{
  g_autoptr(GArray) questions = new_questions ();

  g_return_val_if_fail (socket != NULL, NULL);

  ask (questions, socket);

  return collect (questions, NULL, error);
}

GPtrArray *
memscope_live_list (GCancellable  *cancellable,
                    GError       **error)
{
  g_autofree char *directory = memscope_paths_dup_runtime_dir (error);
  g_autoptr(GArray) questions = new_questions ();
  g_autoptr(GDir) entries = NULL;
  const char *name;

  if (directory == NULL)
    return NULL;

  entries = g_dir_open (directory, 0, error);
  if (entries == NULL)
    return NULL;

  while (questions->len < MAX_SOCKETS && (name = g_dir_read_name (entries)) != NULL)
    {
      g_autofree char *path = g_build_filename (directory, name, NULL);

      if (g_str_has_prefix (name, "collector-") && g_str_has_suffix (name, ".sock"))
        ask (questions, path);
    }

  return collect (questions, cancellable, error);
}

static void
list_in_thread (GTask        *task,
                gpointer      source,
                gpointer      data,
                GCancellable *cancellable)
{
  GError *error = NULL;
  GPtrArray *recordings = memscope_live_list (cancellable, &error);

  if (recordings != NULL)
    g_task_return_pointer (task, recordings, (GDestroyNotify)g_ptr_array_unref);
  else
    g_task_return_error (task, error);
}

void
memscope_live_list_async (GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, memscope_live_list_async);
  g_task_run_in_thread (task, list_in_thread);
}

GPtrArray *
memscope_live_list_finish (GAsyncResult  *result,
                           GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
