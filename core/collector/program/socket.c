/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "socket.h"

#include <dirent.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "memscope-live-message.h"

#define PREFIX "collector-"

static bool
make_address (struct sockaddr_un *address,
              const char         *path)
{
  *address = (struct sockaddr_un) { .sun_family = AF_UNIX };
  if (strlen (path) >= sizeof address->sun_path)
    {
      errno = ENAMETOOLONG;
      return false;
    }

  memcpy (address->sun_path, path, strlen (path) + 1);

  return true;
}

/* A collector that was killed leaves its socket behind: nobody answers there. */
static void
remove_if_dead (const char *path)
{
  struct sockaddr_un address;
  int fd;

  if (!make_address (&address, path))
    return;

  fd = socket (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0)
    return;

  if (connect (fd, (struct sockaddr *)&address, sizeof address) != 0 && errno == ECONNREFUSED)
    unlink (path);

  close (fd);
}

static void
remove_dead_sockets (const char *directory)
{
  DIR *entries = opendir (directory);
  struct dirent *entry;
  char path[sizeof ((struct sockaddr_un *)NULL)->sun_path];

  if (entries == NULL)
    return;

  while ((entry = readdir (entries)) != NULL)
    if (strncmp (entry->d_name, PREFIX, strlen (PREFIX)) == 0 &&
        (size_t)snprintf (path, sizeof path, "%s/%s", directory, entry->d_name) < sizeof path)
      remove_if_dead (path);

  closedir (entries);
}

int
socket_listen (const char *directory,
               char       *path,
               size_t      room)
{
  struct sockaddr_un address;
  int fd, error;

  remove_dead_sockets (directory);

  /* of one length: it is in the environment, which programs copy into their memory */
  if ((size_t)snprintf (path, room, "%s/" PREFIX "%07d.sock", directory, (int)getpid ()) >= room ||
      !make_address (&address, path))
    {
      errno = ENAMETOOLONG;
      return -1;
    }

  fd = socket (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0)
    return -1;

  unlink (path);
  if (bind (fd, (struct sockaddr *)&address, sizeof address) == 0 && listen (fd, 128) == 0)
    return fd;

  error = errno;
  close (fd);
  errno = error;

  return -1;
}

int
socket_listen_without_file (const char *path)
{
  size_t length = strlen (path);
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd;

  if (length + 1 > sizeof address.sun_path)
    return -1;

  memcpy (address.sun_path + 1, path, length);
  fd = socket (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0)
    return -1;

  if (bind (fd, (struct sockaddr *)&address, (socklen_t)(offsetof (struct sockaddr_un, sun_path) + 1 + length)) == 0 &&
      listen (fd, 128) == 0)
    return fd;

  close (fd);

  return -1;
}

int
socket_accept (int    listener,
               pid_t *pid,
               bool  *same_user)
{
  struct ucred peer;
  socklen_t length = sizeof peer;
  int fd = accept4 (listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

  if (fd < 0)
    return -1;

  if (getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0)
    peer = (struct ucred) { .pid = 0, .uid = (uid_t)-1 };

  *pid = peer.pid;
  *same_user = peer.pid > 0 && peer.uid == geteuid ();

  return fd;
}

static bool
is_greeting (const char *message,
             size_t      length)
{
  char word[MEMSCOPE_LIVE_WORD_ROOM], value[24];
  MemscopeLiveCursor cursor;
  MemscopeLiveField field;
  uint64_t version;

  return memscope_live_open (&cursor, message, length, word) && strcmp (word, "memscope-viewer") == 0 &&
         memscope_live_next (&cursor, &field, value, sizeof value) && strcmp (field.key, "version") == 0 &&
         memscope_live_to_number (&field, &version) && version == MEMSCOPE_LIVE_VERSION;
}

SocketCaller
socket_receive (int             connection,
                HandshakeHello *hello)
{
  union { HandshakeHello hello; char bytes[sizeof (HandshakeHello) + 64]; } message;
  ssize_t n = recv (connection, &message, sizeof message, 0);

  if (n < 0)
    return errno == EAGAIN || errno == EINTR ? SOCKET_NOTHING : SOCKET_STRANGER;

  if (is_greeting (message.bytes, (size_t)n))
    return SOCKET_VIEWER;

  if (n != sizeof *hello || message.hello.magic != HANDSHAKE_MAGIC || message.hello.version != HANDSHAKE_VERSION ||
      (message.hello.kind != HANDSHAKE_IMAGE && message.hello.kind != HANDSHAKE_FORK))
    return SOCKET_STRANGER;

  *hello = message.hello;

  return SOCKET_HELLO;
}

bool
socket_reply (int      connection,
              int      arena_fd,
              uint64_t arena_size)
{
  HandshakeReply reply = {
    .magic = HANDSHAKE_MAGIC,
    .version = HANDSHAKE_VERSION,
    .accepted = arena_fd >= 0,
    .arena_size = arena_size,
  };
  union { struct cmsghdr head; char bytes[CMSG_SPACE (sizeof (int))]; } extra = { 0 };
  struct iovec part = { .iov_base = &reply, .iov_len = sizeof reply };
  struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

  if (arena_fd >= 0)
    {
      message.msg_control = extra.bytes;
      message.msg_controllen = sizeof extra.bytes;
      extra.head.cmsg_level = SOL_SOCKET;
      extra.head.cmsg_type = SCM_RIGHTS;
      extra.head.cmsg_len = CMSG_LEN (sizeof (int));
      memcpy (CMSG_DATA (&extra.head), &arena_fd, sizeof arena_fd);
    }

  return sendmsg (connection, &message, MSG_NOSIGNAL) == (ssize_t)sizeof reply;
}
