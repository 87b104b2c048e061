/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-live-connection.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define COMMAND_TIMEOUT_MSEC 3000

static gboolean
set_error_of_errno (GError **error,
                    int      number)
{
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (number),
               _("The collector can’t be reached: %s"), g_strerror (number));

  return FALSE;
}

/* The directory is private; this is for the day it is not. */
static gboolean
check_peer (MemscopeLiveConnection  *self,
            GError                 **error)
{
  struct ucred peer;
  socklen_t length = sizeof peer;

  if (getsockopt (self->fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0)
    return set_error_of_errno (error, errno);

  if (peer.uid != geteuid ())
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                           _("The recording belongs to another user"));
      return FALSE;
    }

  self->peer = peer.pid;

  return TRUE;
}

static gboolean
greet (MemscopeLiveConnection  *self,
       GError                 **error)
{
  MemscopeLiveWriter writer;
  char text[64];

  memscope_live_begin (&writer, text, sizeof text, "memscope-viewer");
  memscope_live_add_number (&writer, "version", MEMSCOPE_LIVE_VERSION);

  return memscope_live_connection_send (self, &writer) || set_error_of_errno (error, errno);
}

MemscopeLiveConnection *
memscope_live_connection_new (const char  *path,
                              GError     **error)
{
  g_autoptr(MemscopeLiveConnection) self = g_new0 (MemscopeLiveConnection, 1);
  struct sockaddr_un address = { .sun_family = AF_UNIX };

  self->fd = -1;
  self->buffer = g_malloc (MEMSCOPE_LIVE_MAX_MESSAGE);

  if (strlen (path) >= sizeof address.sun_path)
    {
      set_error_of_errno (error, ENAMETOOLONG);
      return NULL;
    }

  memcpy (address.sun_path, path, strlen (path) + 1);
  self->fd = socket (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (self->fd < 0 || connect (self->fd, (struct sockaddr *)&address, sizeof address) != 0)
    {
      set_error_of_errno (error, errno);
      return NULL;
    }

  if (!check_peer (self, error) || !greet (self, error))
    return NULL;

  return g_steal_pointer (&self);
}

void
memscope_live_connection_free (MemscopeLiveConnection *self)
{
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->buffer);
  g_free (self);
}

gboolean
memscope_live_connection_send (MemscopeLiveConnection   *self,
                               const MemscopeLiveWriter *message)
{
  ssize_t n;

  if (message->full)
    {
      errno = EMSGSIZE;
      return FALSE;
    }

  do
    n = send (self->fd, message->text, message->length, MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);

  return n == (ssize_t)message->length;
}

MemscopeLiveReceived
memscope_live_connection_receive (MemscopeLiveConnection *self)
{
  ssize_t n;

  do
    n = recv (self->fd, self->buffer, MEMSCOPE_LIVE_MAX_MESSAGE, MSG_TRUNC);
  while (n < 0 && errno == EINTR);

  if (n < 0 && errno == EAGAIN)
    return MEMSCOPE_LIVE_NOTHING;

  /* Longer than any message may be: nothing after it can be trusted. */
  if (n <= 0 || (gsize)n > MEMSCOPE_LIVE_MAX_MESSAGE)
    return MEMSCOPE_LIVE_CLOSED;

  self->length = (gsize)n;

  return MEMSCOPE_LIVE_MESSAGE;
}

static gboolean
take_answer (MemscopeLiveConnection  *self,
             GError                 **error)
{
  char word[MEMSCOPE_LIVE_WORD_ROOM], value[256];
  MemscopeLiveCursor cursor;
  MemscopeLiveField field;
  g_autofree char *text = NULL;

  if (!memscope_live_open (&cursor, self->buffer, self->length, word))
    return set_error_of_errno (error, EPROTO);
  if (g_str_equal (word, "ok"))
    return TRUE;

  while (memscope_live_next (&cursor, &field, value, sizeof value))
    {
      if (g_str_equal (field.key, "text"))
        {
          g_free (text);
          text = g_utf8_make_valid (value, (gssize)field.length);
        }
    }

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
               _("The collector refused: %s"), text != NULL ? text : word);

  return FALSE;
}

gboolean
memscope_live_command (const char                *path,
                       const MemscopeLiveWriter  *message,
                       GError                   **error)
{
  g_autoptr(MemscopeLiveConnection) self = memscope_live_connection_new (path, error);
  gint64 deadline = g_get_monotonic_time () + COMMAND_TIMEOUT_MSEC * G_TIME_SPAN_MILLISECOND;

  if (self == NULL)
    return FALSE;

  if (!memscope_live_connection_send (self, message))
    return set_error_of_errno (error, errno);

  while (g_get_monotonic_time () < deadline)
    {
      struct pollfd entry = { .fd = self->fd, .events = POLLIN };

      poll (&entry, 1, 100);
      switch (memscope_live_connection_receive (self))
        {
        case MEMSCOPE_LIVE_MESSAGE:
          return take_answer (self, error);

        case MEMSCOPE_LIVE_CLOSED:
          return set_error_of_errno (error, ECONNRESET);

        case MEMSCOPE_LIVE_NOTHING:
        default:
          break;
        }
    }

  return set_error_of_errno (error, ETIMEDOUT);
}
