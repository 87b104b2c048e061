/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The line to whoever started the collector: a SOCK_SEQPACKET socket, one
 * message per packet, fields separated by tabs, the last one free text.
 *
 *   to the launcher     ready SOCKET             hellos are accepted from now on
 *                       file PID PATH            a process image is being recorded
 *                       end PID REASON STATUS EVENTS PATH
 *                       warning TEXT
 *                       done                     every file is complete
 *   from the launcher   root PID                 whose file gets the plain name
 *                       exited PID STATUS        the root ended, as waitpid() says
 *                       stop                     end the recording
 *
 * The launcher's death (end of file) ends nothing by itself: the recording goes
 * on until its processes have ended.
 */
typedef struct
{
  int fd;      /* -1: nobody listens, warnings go to standard error */
} Control;

typedef enum
{
  CONTROL_NOTHING,
  CONTROL_ROOT,
  CONTROL_EXITED,
  CONTROL_STOP,
  CONTROL_CLOSED,
} ControlCommand;

void           control_init    (Control *control, int fd);
void           control_send    (Control *control, const char *format, ...) __attribute__ ((format (printf, 2, 3)));
void           control_warn    (Control *control, const char *format, ...) __attribute__ ((format (printf, 2, 3)));

/* The next message that waits; @pid and @status as it has them. */
ControlCommand control_receive (Control *control, pid_t *pid, int *status);
