/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "handshake.h"

/* The private socket recorders knock at. */

/* Makes DIRECTORY/collector-PID.sock and listens; sockets of dead collectors in
 * the directory are removed. Returns the descriptor, or -1 with errno set.
 */
int  socket_listen  (const char *directory, char *path, size_t room);

/* The next caller, or -1. A caller of another user is turned away here. */
int  socket_accept  (int listener, pid_t *pid);

/* 1: a good hello; 0: nothing there yet; -1: not one of ours. */
int  socket_receive (int connection, HandshakeHello *hello);

/* @arena_fd: -1 to refuse. */
bool socket_reply   (int connection, int arena_fd, uint64_t arena_size);
