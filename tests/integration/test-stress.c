/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Eight threads under stress (MEMSCOPE_TEST_CALLS events each), recorded by the real
 * recorder; the stream is decoded by the codec alone and held against what the program
 * says it did: no event is lost, and none is out of order for an address.
 */

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zstd.h>

#include "memscope-format.h"
#include "memscope-launcher.h"
#include "stress-model.h"

/* A birth: its size above its address; 0: it has ended. */
typedef struct
{
  GArray      *births;         /* guint64 */
  GHashTable  *live;           /* address -> nothing: blocks of the program's own sizes that are alive */
  GArray      *tids;           /* guint64, by thread id */
  StressModel  found;
  guint64      n_events;
  guint64      time;
  gboolean     complete;
} Stream;

static StressThread *
thread_of (Stream *stream, const MemscopeEvent *event)
{
  guint64 tid;

  g_assert_cmpuint (event->thread, <, stream->tids->len);
  tid = g_array_index (stream->tids, guint64, event->thread);
  for (guint i = 0; i < STRESS_THREADS; i++)
    if (stream->found.threads[i].tid == tid)
      return &stream->found.threads[i];

  return NULL;
}

static gboolean
is_stressed (guint64 size)
{
  return size % 16 == STRESS_MARK;
}

static void
take_birth (Stream *stream, const MemscopeEvent *event)
{
  guint64 packed = event->address | event->size << 48;

  if (!is_stressed (event->size) || event->size >= 1 << 16)
    packed = event->address;
  else
    {
      StressThread *thread = thread_of (stream, event);

      g_assert_nonnull (thread);
      thread->births++;
      thread->born += stress_mix (event->size);
      if (!g_hash_table_add (stream->live, GSIZE_TO_POINTER (event->address)))
        g_error ("event %" G_GUINT64_FORMAT ": a birth at %#" G_GINT64_MODIFIER "x, where a block is alive",
                 stream->n_events, event->address);
    }

  g_array_append_val (stream->births, packed);
}

static void
take_death (Stream *stream, const MemscopeEvent *event)
{
  guint64 *birth, size;
  StressThread *thread;

  g_assert_cmpuint (event->ago, >, 0);
  g_assert_cmpuint (event->ago, <=, stream->births->len);
  birth = &g_array_index (stream->births, guint64, stream->births->len - event->ago);
  g_assert_cmpuint (*birth, !=, 0);
  size = *birth >> 48;
  if (size != 0)
    {
      thread = thread_of (stream, event);
      g_assert_nonnull (thread);
      thread->deaths++;
      thread->died += stress_mix (size);
      g_assert_true (g_hash_table_remove (stream->live, GSIZE_TO_POINTER (*birth << 16 >> 16)));
    }
  *birth = 0;
}

static void
take_events (Stream *stream, const MemscopeChunkHead *head, const guint8 *payload, gsize length)
{
  g_autofree MemscopeEvent *events = g_new (MemscopeEvent, head->n_events);

  g_assert_cmpuint (head->first_event, ==, stream->n_events);
  g_assert_cmpuint (head->first_birth, ==, stream->births->len);
  g_assert_true (memscope_events_decode (head, payload, length, events));

  for (guint i = 0; i < head->n_events; i++, stream->n_events++)
    {
      const MemscopeEvent *event = &events[i];

      g_assert_cmpuint (event->time, >=, stream->time);
      stream->time = event->time;

      if (memscope_event_is_birth (event->kind))
        take_birth (stream, event);
      else if (event->kind == MEMSCOPE_EVENT_FREE || event->kind == MEMSCOPE_EVENT_REALLOC_DEATH ||
               event->kind == MEMSCOPE_EVENT_REGION_DEATH)
        take_death (stream, event);
      else
        g_error ("event %" G_GUINT64_FORMAT " is of kind %u: what died is not known", stream->n_events, event->kind);
    }
}

static void
take_threads (Stream *stream, const guint8 *payload, gsize length)
{
  MemscopeCursor cursor = { payload, payload + length, false };
  MemscopeThreadEntry entry;

  while (memscope_thread_next (&cursor, &entry))
    {
      if (entry.id >= stream->tids->len)
        g_array_set_size (stream->tids, (guint)entry.id + 1);
      g_array_index (stream->tids, guint64, entry.id) = entry.tid;
    }
  g_assert_false (cursor.failed);
}

static void
take_chunk (Stream *stream, const MemscopeChunkHead *head, const guint8 *stored)
{
  g_autofree guint8 *raw = NULL;
  const guint8 *payload = stored;
  gsize length = head->stored_size;

  if (head->codec != MEMSCOPE_CODEC_RAW)
    {
      payload = raw = g_malloc (head->raw_size + 1);
      length = head->raw_size;
      g_assert_cmpuint (ZSTD_decompress (raw, length, stored, head->stored_size), ==, length);
    }

  switch ((guint)head->kind)
    {
    case MEMSCOPE_CHUNK_EVENTS:  take_events (stream, head, payload, length); break;
    case MEMSCOPE_CHUNK_THREADS: take_threads (stream, payload, length); break;
    case MEMSCOPE_CHUNK_GAPS:    g_error ("there is a gap"); break;
    case MEMSCOPE_CHUNK_FOOTER:  stream->complete = TRUE; break;
    default: break;
    }
}

static void
read_stream (Stream *stream, const char *path)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GMappedFile) file = g_mapped_file_new (path, FALSE, &error);
  const guint8 *bytes;
  gsize length;

  g_assert_no_error (error);
  bytes = (const guint8 *)g_mapped_file_get_contents (file);
  length = g_mapped_file_get_length (file);

  for (gsize at = ((const MemscopeFileHeader *)(const void *)bytes)->header_size; at < length && !stream->complete; )
    {
      MemscopeChunkHead head;

      g_assert_cmpint (memscope_chunk_read (bytes + at, length - at, &head), ==, MEMSCOPE_CHUNK_OK);
      take_chunk (stream, &head, bytes + at + sizeof head);
      at += sizeof head + head.stored_size;
    }
  g_assert_true (stream->complete);
}

static StressModel *
map_model (const char *path)
{
  g_autofree char *zeros = g_malloc0 (sizeof (StressModel));
  StressModel *model;
  int fd;

  g_assert_true (g_file_set_contents (path, zeros, sizeof (StressModel), NULL));
  fd = g_open (path, O_RDWR, 0);
  model = mmap (NULL, sizeof *model, PROT_READ, MAP_SHARED, fd, 0);
  g_assert_true (model != MAP_FAILED);
  close (fd);

  return model;
}

static void
record (const char *output, const char *said)
{
  const char *calls = g_getenv ("MEMSCOPE_TEST_CALLS");
  const char *argv[] = { STRESS_TARGET, said, calls != NULL ? calls : "20000", NULL };
  g_autoptr(MemscopeLauncher) launcher = memscope_launcher_new (argv);
  g_autoptr(GError) error = NULL;

  memscope_launcher_set_output (launcher, output);
  memscope_launcher_start (launcher, &error);
  g_assert_no_error (error);
  memscope_launcher_wait (launcher, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (memscope_launcher_get_exit_code (launcher), ==, 12);
}

static void
compare (const StressModel *said, Stream *stream)
{
  guint64 births = 0;

  for (guint i = 0; i < STRESS_THREADS; i++)
    {
      const StressThread *thread = &said->threads[i], *found = &stream->found.threads[i];

      g_assert_cmpuint (found->births, ==, thread->births);
      g_assert_cmpuint (found->deaths, ==, thread->deaths);
      g_assert_cmphex (found->born, ==, thread->born);
      g_assert_cmphex (found->died, ==, thread->died);
      births += thread->births;
    }

  for (guint i = 0; i < stream->births->len; i++)
    {
      guint64 birth = g_array_index (stream->births, guint64, i);

      if (birth >> 48 != 0)
        {
          stream->found.n_left++;
          stream->found.left += stress_mix (birth);
        }
    }
  g_assert_cmpuint (stream->found.n_left, ==, said->n_left);
  g_assert_cmphex (stream->found.left, ==, said->left);
  g_assert_cmpuint (g_hash_table_size (stream->live), ==, said->n_left);
  g_test_message ("%" G_GUINT64_FORMAT " events, %" G_GUINT64_FORMAT " births", stream->n_events, births);
}

static void
test_the_stream_is_what_the_threads_did (void)
{
  g_autofree char *directory = g_dir_make_tmp ("memscope-XXXXXX", NULL);
  g_autofree char *output = g_build_filename (directory, "run.memscope", NULL);
  g_autofree char *path = g_build_filename (directory, "said", NULL);
  g_autofree char *clean_up = g_strdup_printf ("rm -rf '%s'", directory);
  StressModel *said = map_model (path);
  Stream stream = {
    .births = g_array_new (FALSE, FALSE, sizeof (guint64)),
    .live = g_hash_table_new (NULL, NULL),
    .tids = g_array_new (FALSE, TRUE, sizeof (guint64)),
  };

  g_setenv ("XDG_RUNTIME_DIR", directory, TRUE);
  record (output, path);
  for (guint i = 0; i < STRESS_THREADS; i++)
    stream.found.threads[i].tid = said->threads[i].tid;
  read_stream (&stream, output);
  compare (said, &stream);

  g_array_unref (stream.births);
  g_array_unref (stream.tids);
  g_hash_table_unref (stream.live);
  munmap (said, sizeof *said);
  g_assert_true (g_spawn_command_line_sync (clean_up, NULL, NULL, NULL, NULL));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/stress/the-stream-is-what-the-threads-did", test_the_stream_is_what_the_threads_did);

  return g_test_run ();
}
