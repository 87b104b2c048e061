/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "handshake.h"

/* The private socket that recorders and viewers knock at. */

/* Makes DIRECTORY/collector-PID.sock and listens; sockets of dead collectors in
 * the directory are removed. Returns the descriptor, or -1 with errno set.
 */
int  socket_listen  (const char *directory, char *path, size_t room);

/* The same socket's twin in the abstract name space, for processes that can't reach
 * @path any more: they gave up their rights, or changed their root. -1: there is none.
 */
int  socket_listen_without_file (const char *path);

/* The next caller, or -1. *@same_user: it is of our own. */
int  socket_accept  (int listener, pid_t *pid, bool *same_user);

typedef enum
{
  SOCKET_NOTHING,     /* yet */
  SOCKET_HELLO,       /* a recorder */
  SOCKET_VIEWER,      /* somebody who wants to watch */
  SOCKET_STRANGER,    /* not one of ours, or gone */
} SocketCaller;

/* Who the first message says is calling; @hello is a recorder's. */
SocketCaller socket_receive (int connection, HandshakeHello *hello);

/* @arena_fd: -1 to refuse. */
bool socket_reply   (int connection, int arena_fd, uint64_t arena_size);
