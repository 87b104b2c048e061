/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "control.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MESSAGE_MAX 8192

void
control_init (Control *control,
              int      fd)
{
  control->fd = fd;

  if (fd >= 0)
    {
      fcntl (fd, F_SETFD, FD_CLOEXEC);
      fcntl (fd, F_SETFL, fcntl (fd, F_GETFL) | O_NONBLOCK);
    }
}

/* A launcher that does not read loses messages; the recording never waits for it. */
static void
send_text (Control    *control,
           const char *text,
           int         length)
{
  if (control->fd < 0 || length < 0)
    return;

  if (length >= MESSAGE_MAX)
    length = MESSAGE_MAX - 1;

  while (send (control->fd, text, (size_t)length, MSG_NOSIGNAL) < 0 && errno == EINTR)
    continue;
}

void
control_send (Control    *control,
              const char *format,
              ...)
{
  char text[MESSAGE_MAX];
  va_list arguments;
  int length;

  va_start (arguments, format);
  length = vsnprintf (text, sizeof text, format, arguments);
  va_end (arguments);

  send_text (control, text, length);
}

void
control_warn (Control    *control,
              const char *format,
              ...)
{
  char text[MESSAGE_MAX] = "warning\t";
  size_t head = strlen (text);
  va_list arguments;
  int length;

  va_start (arguments, format);
  length = vsnprintf (text + head, sizeof text - head, format, arguments);
  va_end (arguments);

  if (control->fd >= 0)
    send_text (control, text, length + (int)head);
  else
    fprintf (stderr, "memscope-collector: %s\n", text + head);
}

ControlCommand
control_receive (Control *control,
                 pid_t   *pid,
                 int     *status)
{
  char text[128];
  ssize_t n;

  if (control->fd < 0)
    return CONTROL_NOTHING;

  n = recv (control->fd, text, sizeof text - 1, 0);
  if (n < 0)
    return errno == EAGAIN || errno == EINTR ? CONTROL_NOTHING : CONTROL_CLOSED;
  if (n == 0)
    return CONTROL_CLOSED;

  text[n] = '\0';
  if (sscanf (text, "root\t%d", pid) == 1)
    return CONTROL_ROOT;
  if (sscanf (text, "exited\t%d\t%d", pid, status) == 2)
    return CONTROL_EXITED;
  if (strcmp (text, "stop") == 0)
    return CONTROL_STOP;

  return control_receive (control, pid, status);
}
