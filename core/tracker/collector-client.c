/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "collector-client.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "arch-x86_64.h"
#include "closed-copy.h"
#include "memscope-live-message.h"
#include "recorder.h"

#define MEMSCOPE_BUILDING
#include "memscope.h"

#define TIMEOUT_SEC 10

typedef struct
{
  OwnFigures figures;
  uint64_t   size;
} Synced;

/* ---- messages ------------------------------------------------------------------- */

static bool
send_text (int                       fd,
           const MemscopeLiveWriter *writer)
{
  ssize_t n;

  do
    n = send (fd, writer->text, writer->length, MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);

  return n == (ssize_t)writer->length;
}

static ssize_t
receive (int     fd,
         void   *bytes,
         size_t  room)
{
  ssize_t n;

  do
    n = recv (fd, bytes, room, 0);
  while (n < 0 && errno == EINTR);

  return n;
}

static int
open_connection (void)
{
  struct timeval timeout = { .tv_sec = TIMEOUT_SEC };
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  const char *path = recorder_get_socket ();
  MemscopeLiveWriter writer;
  char room[64];
  int fd;

  if (strlen (path) >= sizeof address.sun_path)
    return -1;

  memcpy (address.sun_path, path, strlen (path) + 1);
  fd = socket (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return -1;

  setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  setsockopt (fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);

  memscope_live_begin (&writer, room, sizeof room, "memscope-viewer");
  memscope_live_add_number (&writer, "version", MEMSCOPE_LIVE_VERSION);
  if (connect (fd, (const struct sockaddr *)&address, sizeof address) == 0 && send_text (fd, &writer))
    return fd;

  close (fd);

  return -1;
}

static bool
ask (int         fd,
     const char *word)
{
  MemscopeLiveWriter writer;
  char room[128];

  memscope_live_begin (&writer, room, sizeof room, word);
  memscope_live_add_uuid (&writer, "uuid", recorder_get_session ());

  return send_text (fd, &writer);
}

static void
take_field (Synced                  *synced,
            const MemscopeLiveField *field)
{
  const struct
  {
    const char *key;
    uint64_t   *to;
  } numbers[] = {
    { "size", &synced->size },
    { "births", &synced->figures.births },
    { "deaths", &synced->figures.deaths },
    { "born-bytes", &synced->figures.born_bytes },
    { "live-bytes", &synced->figures.live_bytes },
    { "peak-bytes", &synced->figures.peak_bytes },
    { "lost", &synced->figures.lost },
  };

  for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++)
    if (strcmp (field->key, numbers[i].key) == 0)
      memscope_live_to_number (field, numbers[i].to);
}

static int
sync_with (int     fd,
           Synced *synced)
{
  char message[1024], word[MEMSCOPE_LIVE_WORD_ROOM], value[64];
  MemscopeLiveCursor cursor;
  MemscopeLiveField field;
  ssize_t n;

  *synced = (Synced) { 0 };
  if (!ask (fd, "sync") || (n = receive (fd, message, sizeof message)) <= 0 ||
      !memscope_live_open (&cursor, message, (size_t)n, word) || strcmp (word, "synced") != 0)
    return MEMSCOPE_TRACKER_ERROR_NO_ANSWER;

  while (memscope_live_next (&cursor, &field, value, sizeof value))
    take_field (synced, &field);

  synced->figures.failed = atomic_load_explicit (&recorder.arena->failed_allocations, memory_order_relaxed);

  return MEMSCOPE_TRACKER_OK;
}

/* ---- what is asked ---------------------------------------------------------------- */

int
collector_client_sync (OwnFigures *figures)
{
  int fd = open_connection (), result;
  Synced synced;

  if (fd < 0)
    return MEMSCOPE_TRACKER_ERROR_NO_ANSWER;

  result = sync_with (fd, &synced);
  close (fd);
  *figures = synced.figures;

  return result;
}

/* The recording's bytes up to @size come as to any viewer. */
static int
copy_stream (int         fd,
             uint64_t    size,
             ClosedCopy *copy)
{
  static uint8_t bytes[MEMSCOPE_LIVE_MAX_MESSAGE];
  uint64_t taken = 0;

  if (!ask (fd, "watch"))
    return MEMSCOPE_TRACKER_ERROR_NO_ANSWER;

  while (taken < size)
    {
      ssize_t n = receive (fd, bytes, sizeof bytes);
      uint64_t length;

      if (n <= 0)
        return MEMSCOPE_TRACKER_ERROR_NO_ANSWER;
      if (bytes[0] != MEMSCOPE_LIVE_DATA)
        continue;

      length = (uint64_t)n - 1 < size - taken ? (uint64_t)n - 1 : size - taken;
      if (!closed_copy_append (copy, bytes + 1, length))
        return MEMSCOPE_TRACKER_ERROR_IO;
      taken += length;
    }

  return MEMSCOPE_TRACKER_OK;
}

static int
export_to (int         fd,
           ClosedCopy *copy,
           const char *path)
{
  Synced synced;
  int result = sync_with (fd, &synced);

  if (result != MEMSCOPE_TRACKER_OK)
    return result;
  if (!closed_copy_open (copy, path))
    return MEMSCOPE_TRACKER_ERROR_IO;

  result = copy_stream (fd, synced.size, copy);
  if (result == MEMSCOPE_TRACKER_OK && !closed_copy_finish (copy, synced.figures.failed))
    result = MEMSCOPE_TRACKER_ERROR_IO;
  closed_copy_discard (copy);

  return result;
}

int
collector_client_export (const char *path)
{
  static ClosedCopy copy;
  static _Atomic uint32_t copying;
  int fd = open_connection (), result;

  if (fd < 0)
    return MEMSCOPE_TRACKER_ERROR_NO_ANSWER;

  /* one at a time: what it takes is too much for the stacks of some threads */
  while (atomic_exchange_explicit (&copying, 1, memory_order_acquire) != 0)
    sys_call3 (SYS_sched_yield, 0, 0, 0);

  result = export_to (fd, &copy, path);
  atomic_store_explicit (&copying, 0, memory_order_release);
  close (fd);

  return result;
}
