/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "viewers.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "memscope-live-message.h"

#define MSEC UINT64_C (1000000)

#define MAX_VIEWERS      32
#define MAX_PER_ROUND    (1024u * 1024u)    /* bytes a viewer gets before the rings are looked at again */
#define MAX_INTERVAL     (UINT64_C (1) << 40)
#define MAX_COMMANDS     16u                /* likewise */
#define STUCK_TIMEOUT    (30000 * MSEC)
#define LAST_TIMEOUT     (5000 * MSEC)
#define LAST_MOMENT_MSEC 20

typedef struct
{
  int       fd;
  Stream   *stream;          /* NULL: watches nothing */
  uint64_t  offset;          /* bytes of the stream that were sent */
  uint64_t  progress;        /* when the last byte went, or there was none to send */
  bool      wants_first;     /* the first image that comes */
  bool      is_full;         /* the kernel says when there is room again */
} Viewer;

struct _Viewers
{
  ViewersHost host;
  int         poll;
  Viewer      viewers[MAX_VIEWERS];
  unsigned    n;
  uint8_t     buffer[MEMSCOPE_LIVE_MAX_MESSAGE];
};

Viewers *
viewers_new (const ViewersHost *host,
             int                poll)
{
  Viewers *viewers = calloc (1, sizeof *viewers);

  if (viewers == NULL)
    return NULL;

  viewers->host = *host;
  viewers->poll = poll;

  return viewers;
}

static void
stop_watching (Viewer *viewer)
{
  if (viewer->stream == NULL)
    return;

  viewer->stream->watchers--;
  stream_unref (viewer->stream);
  viewer->stream = NULL;
}

static void
drop (Viewers  *viewers,
      unsigned  i)
{
  stop_watching (&viewers->viewers[i]);
  close (viewers->viewers[i].fd);
  viewers->viewers[i] = viewers->viewers[--viewers->n];
}

void
viewers_free (Viewers *viewers)
{
  if (viewers == NULL)
    return;

  while (viewers->n > 0)
    drop (viewers, 0);
  free (viewers);
}

void
viewers_close (const Viewers *viewers)
{
  for (unsigned i = 0; viewers != NULL && i < viewers->n && i < MAX_VIEWERS; i++)
    {
      if (viewers->viewers[i].stream != NULL && viewers->viewers[i].stream->fd >= 0)
        close (viewers->viewers[i].stream->fd);
      close (viewers->viewers[i].fd);
    }
}

void
viewers_add (Viewers  *viewers,
             int       fd,
             uint64_t  now)
{
  if (viewers->n == MAX_VIEWERS)
    {
      close (fd);
      return;
    }

  viewers->viewers[viewers->n++] = (Viewer) { .fd = fd, .progress = now };
}

static void
watch_room (Viewers *viewers,
            Viewer  *viewer,
            bool     is_full)
{
  struct epoll_event event = { .events = is_full ? EPOLLIN | EPOLLOUT : EPOLLIN, .data.fd = viewer->fd };

  if (viewer->is_full == is_full)
    return;

  viewer->is_full = is_full;
  epoll_ctl (viewers->poll, EPOLL_CTL_MOD, viewer->fd, &event);
}

/* ---- answers ------------------------------------------------------------------- */

/* Who asks has to take the answer: false ends the connection. */
static bool
answer (const Viewer             *viewer,
        const MemscopeLiveWriter *writer)
{
  ssize_t n;

  if (writer->full)
    return false;

  do
    n = send (viewer->fd, writer->text, writer->length, MSG_DONTWAIT | MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);

  return n == (ssize_t)writer->length;
}

static bool
answer_failed (const Viewer *viewer,
               const char   *text)
{
  MemscopeLiveWriter writer;
  char room[256];

  memscope_live_begin (&writer, room, sizeof room, "failed");
  memscope_live_add_text (&writer, "text", text);

  return answer (viewer, &writer);
}

static bool
answer_word (const Viewer *viewer,
             const char   *word)
{
  MemscopeLiveWriter writer;
  char room[32];

  memscope_live_begin (&writer, room, sizeof room, word);

  return answer (viewer, &writer);
}

static bool
has_uuid (const uint8_t uuid[16])
{
  static const uint8_t nobody[16];

  return memcmp (uuid, nobody, sizeof nobody) != 0;
}

static bool
describe_image (const Viewer       *viewer,
                const ProcessImage *image)
{
  MemscopeLiveWriter writer;
  char room[MEMSCOPE_LIVE_MAX_TEXT];

  memscope_live_begin (&writer, room, sizeof room, "image");
  memscope_live_add_uuid (&writer, "uuid", image->uuid);
  memscope_live_add_uuid (&writer, "tree", image->tree_uuid);
  memscope_live_add_number (&writer, "pid", (uint64_t)image->pid);
  if (has_uuid (image->parent_uuid))
    memscope_live_add_uuid (&writer, "parent", image->parent_uuid);
  memscope_live_add_number (&writer, "started", image->started_realtime);
  memscope_live_add_number (&writer, "size", image->sink.size);
  memscope_live_add_number (&writer, "events", recording_get_n_events (image->recording));
  memscope_live_add_number (&writer, "live", recording_get_live (image->recording)->length);
  memscope_live_add_text (&writer, "state", image->dead ? "ending" : "recording");
  memscope_live_add_text (&writer, "file", image->path);
  memscope_live_add_text (&writer, "program", image->program);
  memscope_live_add_bytes (&writer, "command", image->command, image->command_length);

  return writer.full || answer (viewer, &writer);
}

static bool
answer_list (const Viewers *viewers,
             const Viewer  *viewer)
{
  MemscopeLiveWriter writer;
  uint64_t n = 0;
  char room[64];

  for (const ProcessImage *image = viewers->host.first_image (viewers->host.data); image != NULL; image = image->next, n++)
    {
      if (!describe_image (viewer, image))
        return false;
    }

  memscope_live_begin (&writer, room, sizeof room, "listed");
  memscope_live_add_number (&writer, "n", n);
  memscope_live_add_number (&writer, "collector", (uint64_t)getpid ());

  return answer (viewer, &writer);
}

static bool
begin_watching (Viewer *viewer,
                Stream *stream)
{
  MemscopeLiveWriter writer;
  char room[64];

  viewer->wants_first = false;
  if (stream->fd < 0)
    return answer_failed (viewer, "the file can't be read back");

  viewer->stream = stream_ref (stream);
  viewer->stream->watchers++;
  viewer->offset = 0;

  memscope_live_begin (&writer, room, sizeof room, "watching");
  memscope_live_add_uuid (&writer, "uuid", stream->uuid);

  return answer (viewer, &writer);
}

static const ProcessImage *
find_image (const Viewers *viewers,
            const uint8_t  uuid[16])
{
  const ProcessImage *image = viewers->host.first_image (viewers->host.data);

  while (image != NULL && memcmp (image->uuid, uuid, 16) != 0)
    image = image->next;

  return image;
}

/* The latest comes first: the one that began it all is the last. */
static const ProcessImage *
oldest_image (const Viewers *viewers)
{
  const ProcessImage *image = viewers->host.first_image (viewers->host.data);

  while (image != NULL && image->next != NULL)
    image = image->next;

  return image;
}

static bool
answer_watch (const Viewers *viewers,
              Viewer        *viewer,
              const uint8_t *uuid)
{
  const ProcessImage *image = uuid != NULL ? find_image (viewers, uuid) : oldest_image (viewers);

  if (viewer->stream != NULL)
    return answer_failed (viewer, "this connection watches already");

  if (image != NULL)
    return begin_watching (viewer, image->stream);

  if (uuid != NULL)
    return answer_failed (viewer, "there is no such recording");

  viewer->wants_first = true;

  return true;
}

/* The figures are those of the moment, and the file has got that far. */
static bool
answer_sync (const Viewers *viewers,
             const Viewer  *viewer,
             const uint8_t *uuid)
{
  const ProcessImage *image = uuid != NULL ? find_image (viewers, uuid) : NULL;
  const LedgerTotals *totals;
  MemscopeLiveWriter writer;
  char room[512];

  if (image == NULL || !viewers->host.sync (viewers->host.data, uuid))
    return answer_failed (viewer, "there is no such recording");

  totals = recording_get_totals (image->recording);
  memscope_live_begin (&writer, room, sizeof room, "synced");
  memscope_live_add_uuid (&writer, "uuid", image->uuid);
  memscope_live_add_number (&writer, "size", image->sink.size);
  memscope_live_add_number (&writer, "births", totals->births);
  memscope_live_add_number (&writer, "deaths", totals->deaths);
  memscope_live_add_number (&writer, "born-bytes", totals->born_bytes);
  memscope_live_add_number (&writer, "live-bytes", totals->live_bytes);
  memscope_live_add_number (&writer, "peak-bytes", totals->peak_bytes);
  memscope_live_add_number (&writer, "lost", recording_get_n_lost (image->recording));

  return answer (viewer, &writer);
}

/* ---- questions ------------------------------------------------------------------ */

typedef struct
{
  char    word[MEMSCOPE_LIVE_WORD_ROOM];
  bool    has_uuid;
  bool    has_bad_uuid;
  uint8_t uuid[16];
  bool    has_interval;
  uint64_t interval;
  char    text[4096];
} Command;

static bool
read_command (Command    *command,
              const void *message,
              size_t      length)
{
  char value[sizeof command->text];
  MemscopeLiveCursor cursor;
  MemscopeLiveField field;

  *command = (Command) { 0 };
  if (!memscope_live_open (&cursor, message, length, command->word))
    return false;

  while (memscope_live_next (&cursor, &field, value, sizeof value))
    {
      if (strcmp (field.key, "uuid") == 0)
        {
          command->has_uuid = memscope_live_to_uuid (&field, command->uuid);
          command->has_bad_uuid = !command->has_uuid;
        }
      else if (strcmp (field.key, "interval") == 0)
        {
          command->has_interval = memscope_live_to_number (&field, &command->interval);
        }
      else if (strcmp (field.key, "text") == 0)
        {
          memcpy (command->text, value, field.length + 1);
        }
    }

  return true;
}

static bool
run_command (Viewers *viewers,
             Viewer  *viewer,
             Command *command)
{
  const uint8_t *uuid = command->has_uuid ? command->uuid : NULL;

  if (command->has_bad_uuid)
    return answer_failed (viewer, "that is no name of a recording");

  if (strcmp (command->word, "list") == 0)
    return answer_list (viewers, viewer);

  if (strcmp (command->word, "watch") == 0)
    return answer_watch (viewers, viewer, uuid);

  if (strcmp (command->word, "sync") == 0)
    return answer_sync (viewers, viewer, uuid);

  if (strcmp (command->word, "mark") == 0)
    return uuid != NULL && viewers->host.mark (viewers->host.data, uuid, command->text)
             ? answer_word (viewer, "ok") : answer_failed (viewer, "there is no such recording");

  if (strcmp (command->word, "mode") == 0 && !(command->has_interval && command->interval <= MAX_INTERVAL))
    return answer_failed (viewer, "that is no interval");

  if (strcmp (command->word, "mode") == 0)
    return uuid != NULL && viewers->host.sample (viewers->host.data, uuid, command->interval)
             ? answer_word (viewer, "ok") : answer_failed (viewer, "there is no such recording");

  if (strcmp (command->word, "stop") == 0)
    return viewers->host.stop (viewers->host.data, uuid)
             ? answer_word (viewer, "ok") : answer_failed (viewer, "there is no such recording");

  return true;
}

/* false: the connection is over. */
static bool
receive (Viewers *viewers,
         Viewer  *viewer)
{
  for (unsigned i = 0; i < MAX_COMMANDS; i++)
    {
      Command command;
      ssize_t n = recv (viewer->fd, viewers->buffer, sizeof viewers->buffer, MSG_DONTWAIT | MSG_TRUNC);

      if (n < 0)
        return errno == EAGAIN || errno == EINTR;

      if (n == 0 || (size_t)n > MEMSCOPE_LIVE_MAX_TEXT || !read_command (&command, viewers->buffer, (size_t)n) ||
          !run_command (viewers, viewer, &command))
        return false;
    }

  return true;
}

/* ---- bytes ------------------------------------------------------------------------- */

static const char *
reason_word (MemscopeEndReason reason)
{
  switch (reason)
    {
    case MEMSCOPE_END_EXIT:     return "exit";
    case MEMSCOPE_END_SIGNAL:   return "signal";
    case MEMSCOPE_END_EXEC:     return "exec";
    case MEMSCOPE_END_DETACHED: return "detached";
    case MEMSCOPE_END_STOPPED:  return "stopped";
    case MEMSCOPE_END_GONE:     return "gone";
    case MEMSCOPE_END_UNKNOWN:
    default:                    return "unknown";
    }
}

/* false: not now. */
static bool
send_end (Viewer *viewer)
{
  MemscopeLiveWriter writer;
  char room[128];

  memscope_live_begin (&writer, room, sizeof room, "end");
  memscope_live_add_uuid (&writer, "uuid", viewer->stream->uuid);
  memscope_live_add_text (&writer, "reason", reason_word (viewer->stream->reason));
  memscope_live_add_number (&writer, "status", viewer->stream->status);

  return answer (viewer, &writer);
}

/* false: there is something wrong with the connection or the file. */
static bool
send_bytes (Viewers  *viewers,
            Viewer   *viewer,
            uint64_t  now,
            bool     *has_more)
{
  size_t sent = 0;
  bool is_full = false;

  while (viewer->offset < viewer->stream->size && sent < MAX_PER_ROUND && !is_full)
    {
      size_t length = stream_read (viewer->stream, viewer->offset, viewers->buffer + 1, sizeof viewers->buffer - 1);
      ssize_t n;

      if (length == 0)
        return false;

      viewers->buffer[0] = MEMSCOPE_LIVE_DATA;
      n = send (viewer->fd, viewers->buffer, length + 1, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (n < 0 && errno != EAGAIN && errno != EINTR && errno != ENOBUFS)
        return false;

      is_full = n < 0;
      if (n > 0)
        {
          viewer->offset += length;
          sent += length;
        }
    }

  if (sent > 0 || viewer->offset == viewer->stream->size)
    viewer->progress = now;
  watch_room (viewers, viewer, is_full);
  *has_more |= !is_full && viewer->offset < viewer->stream->size;

  return true;
}

static bool
serve (Viewers  *viewers,
       Viewer   *viewer,
       uint64_t  now,
       bool     *has_more)
{
  Stream *stream = viewer->stream;

  if (stream == NULL)
    {
      viewer->progress = now;
      return true;
    }

  if (!send_bytes (viewers, viewer, now, has_more))
    return false;

  if (!stream->ended)
    return now - viewer->progress < STUCK_TIMEOUT;

  if (viewer->offset == stream->size && send_end (viewer))
    {
      stop_watching (viewer);
      return true;
    }

  return now - viewer->progress < LAST_TIMEOUT;
}

void
viewers_note (Viewers            *viewers,
              const ProcessImage *image)
{
  for (unsigned i = 0; i < viewers->n; )
    {
      if (viewers->viewers[i].wants_first && !begin_watching (&viewers->viewers[i], image->stream))
        drop (viewers, i);
      else
        i++;
    }
}

bool
viewers_serve (Viewers  *viewers,
               uint64_t  now)
{
  bool has_more = false;

  for (const ProcessImage *image = viewers->n > 0 ? viewers->host.first_image (viewers->host.data) : NULL; image != NULL;
       image = image->next)
    image->stream->size = image->sink.size;

  for (unsigned i = 0; i < viewers->n; )
    {
      Viewer *viewer = &viewers->viewers[i];

      if (receive (viewers, viewer) && serve (viewers, viewer, now, &has_more))
        i++;
      else
        drop (viewers, i);
    }

  return has_more;
}

/* ---- the last bytes ------------------------------------------------------------------ */

static uint64_t
monotonic (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);

  return (uint64_t)now.tv_sec * UINT64_C (1000000000) + (uint64_t)now.tv_nsec;
}

static bool
somebody_waits (const Viewers *viewers)
{
  for (unsigned i = 0; i < viewers->n; i++)
    {
      if (viewers->viewers[i].stream != NULL)
        return true;
    }

  return false;
}

/* Until all have everything, or nobody takes more; @limit: or until then. */
static void
send_rest (Viewers  *viewers,
           uint64_t  limit)
{
  uint64_t now = monotonic ();

  while (somebody_waits (viewers) && now < limit)
    {
      struct epoll_event events[16];

      if (!viewers_serve (viewers, now))
        epoll_wait (viewers->poll, events, 16, 10);
      now = monotonic ();
    }
}

static void
say_there_was_nothing (Viewers *viewers)
{
  MemscopeLiveWriter writer;
  char room[32];

  memscope_live_begin (&writer, room, sizeof room, "end");
  memscope_live_add_text (&writer, "reason", "none");

  for (unsigned i = 0; i < viewers->n; i++)
    {
      if (viewers->viewers[i].wants_first)
        answer (&viewers->viewers[i], &writer);
    }
}

void
viewers_finish (Viewers   *viewers,
                const int *descriptors,
                unsigned   n_descriptors)
{
  say_there_was_nothing (viewers);
  send_rest (viewers, monotonic () + LAST_MOMENT_MSEC * MSEC);
  if (!somebody_waits (viewers) || fork () != 0)
    return;

  for (unsigned i = 0; i < n_descriptors; i++)
    {
      if (descriptors[i] >= 0)
        close (descriptors[i]);
    }

  send_rest (viewers, UINT64_MAX);
  _exit (0);
}
