/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "connect.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include "arch-x86_64.h"

#define TIMEOUT_SEC       5
#define LOWEST_DESCRIPTOR 64

static void
close_descriptor (int fd)
{
  sys_call3 (SYS_close, fd, 0, 0);
}

/* Programs close, dup2 over and poll the low descriptors: out of their way. Under
 * a tight limit anything above standard error has to do.
 */
static int
move_up (int fd)
{
  long moved;

  if (fd < 0 || fd >= LOWEST_DESCRIPTOR)
    return fd;

  moved = sys_call3 (SYS_fcntl, fd, F_DUPFD_CLOEXEC, LOWEST_DESCRIPTOR);
  if (moved < 0 && fd > 2)
    return fd;
  if (moved < 0)
    moved = sys_call3 (SYS_fcntl, fd, F_DUPFD_CLOEXEC, 3);
  close_descriptor (fd);

  return (int)moved;
}

static long
connect_to (int                       fd,
            const struct sockaddr_un *address,
            size_t                    length)
{
  long result;

  do
    result = sys_call3 (SYS_connect, fd, (long)address, (long)(offsetof (struct sockaddr_un, sun_path) + length));
  while (result == -EINTR);

  return result;
}

/* Its answer is waited for, but not for ever. A process that has changed its root or
 * its user finds the socket's twin, which is no file.
 */
static int
open_connection (const char *path)
{
  struct timeval timeout = { .tv_sec = TIMEOUT_SEC };
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  size_t length = strlen (path) + 1;
  int fd = move_up ((int)sys_call3 (SYS_socket, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));

  if (fd < 0)
    return -1;

  memcpy (address.sun_path, path, length);
  sys_call6 (SYS_setsockopt, fd, SOL_SOCKET, SO_RCVTIMEO, (long)&timeout, sizeof timeout, 0);
  sys_call6 (SYS_setsockopt, fd, SOL_SOCKET, SO_SNDTIMEO, (long)&timeout, sizeof timeout, 0);

  if (connect_to (fd, &address, length) == 0)
    return fd;

  address.sun_path[0] = '\0';
  memcpy (address.sun_path + 1, path, length - 1);
  if (length <= sizeof address.sun_path && connect_to (fd, &address, length) == 0)
    return fd;

  close_descriptor (fd);

  return -1;
}

static int
exchange (int                   connection,
          const HandshakeHello *hello,
          HandshakeReply       *reply)
{
  union { struct cmsghdr head; char bytes[CMSG_SPACE (sizeof (int))]; } extra = { 0 };
  struct iovec part = { .iov_base = reply, .iov_len = sizeof *reply };
  struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = extra.bytes,
                            .msg_controllen = sizeof extra.bytes };
  long n;
  int fd;

  do
    n = sys_call6 (SYS_sendto, connection, (long)hello, sizeof *hello, MSG_NOSIGNAL, 0, 0);
  while (n == -EINTR);
  if (n != (long)sizeof *hello)
    return -1;

  do
    n = sys_call3 (SYS_recvmsg, connection, (long)&message, MSG_CMSG_CLOEXEC);
  while (n == -EINTR);

  if (n < 0 || message.msg_controllen < CMSG_LEN (sizeof (int)) ||
      extra.head.cmsg_level != SOL_SOCKET || extra.head.cmsg_type != SCM_RIGHTS)
    return -1;

  memcpy (&fd, CMSG_DATA (&extra.head), sizeof fd);
  if (n == (long)sizeof *reply && reply->magic == HANDSHAKE_MAGIC && reply->version == HANDSHAKE_VERSION &&
      reply->accepted != 0)
    return move_up (fd);

  close_descriptor (fd);

  return -1;
}

static ArenaHeader *
map_arena (int      fd,
           uint64_t size)
{
  long memory = sys_call6 (SYS_mmap, 0, (long)size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);
  ArenaHeader *arena;

  if (memory < 0)
    return NULL;

  arena = arena_open ((void *)memory, size);
  if (arena != NULL && sys_call3 (SYS_madvise, memory, (long)size, MADV_DONTFORK) == 0)
    {
      sys_call3 (SYS_madvise, memory, (long)size, MADV_DONTDUMP);
      return arena;
    }

  sys_call3 (SYS_munmap, memory, (long)size, 0);

  return NULL;
}

ArenaHeader *
connect_to_collector (const char           *path,
                      const HandshakeHello *hello)
{
  HandshakeReply reply = { 0 };
  ArenaHeader *arena = NULL;
  int connection = open_connection (path), fd;

  if (connection < 0)
    return NULL;

  fd = exchange (connection, hello, &reply);
  close_descriptor (connection);

  if (fd >= 0)
    {
      arena = map_arena (fd, reply.arena_size);
      close_descriptor (fd);
    }

  return arena;
}
