/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <sys/un.h>

#include "arena.h"
#include "handshake.h"

#define SOCKET_PATH_SIZE (sizeof ((struct sockaddr_un *)NULL)->sun_path)

/* Asks the collector behind @path for an arena and maps it, out of reach of forks.
 * System calls only; leaves no descriptor behind, and never holds one of 0, 1, 2,
 * which a program that closed them may expect to get next. NULL: do not record.
 */
ArenaHeader *connect_to_collector (const char *path, const HandshakeHello *hello);
