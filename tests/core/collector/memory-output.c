/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "memory-output.h"

#include <time.h>
#include <zstd.h>

static bool
append (void *data, const void *bytes, size_t length, size_t keep_free)
{
  MemoryOutput *output = data;

  if (length + keep_free > output->room - output->bytes->len || output->bytes->len > output->room)
    return false;

  g_byte_array_append (output->bytes, bytes, (guint)length);

  return true;
}

static size_t
compress (void *data, void *out, size_t room, const void *in, size_t length)
{
  size_t n = ZSTD_compress (out, room, in, length, 1);

  return ZSTD_isError (n) ? 0 : n;
}

void
memory_output_now (void *data, RecordingTime *time)
{
  struct timespec now;

  time->tick = __builtin_ia32_rdtsc ();
  clock_gettime (CLOCK_MONOTONIC, &now);
  time->monotonic = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
  clock_gettime (CLOCK_REALTIME, &now);
  time->realtime = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static bool
thread_alive (void *data, uint32_t tid)
{
  return ((MemoryOutput *)data)->all_alive;
}

static size_t
thread_name (void *data, uint32_t tid, char *name, size_t room)
{
  return (size_t)g_snprintf (name, room, "thread %u", tid);
}

static void
warn (void *data, const char *text)
{
  g_ptr_array_add (((MemoryOutput *)data)->warnings, g_strdup (text));
}

/* How long a tick is, near enough. */
static double
nsec_per_tick (void)
{
  RecordingTime first, second;

  memory_output_now (NULL, &first);
  g_usleep (2000);
  memory_output_now (NULL, &second);

  return (double)(second.monotonic - first.monotonic) / (double)(second.tick - first.tick);
}

MemoryOutput *
memory_output_new (ArenaHeader *arena, gsize room)
{
  MemoryOutput *output = g_new0 (MemoryOutput, 1);
  RecordingOptions options = {
    .output = { .data = output, .append = append, .compress = compress },
    .host = { .data = output, .now = memory_output_now, .thread_alive = thread_alive, .thread_name = thread_name,
              .warn = warn },
    .nsec_per_tick = nsec_per_tick (),
    .session_uuid = { 1 },
    .tree_uuid = { 2 },
  };

  output->bytes = g_byte_array_new ();
  output->room = room;
  output->all_alive = TRUE;
  output->warnings = g_ptr_array_new_with_free_func (g_free);
  memory_output_now (NULL, &options.start);
  options.start.tick = arena->first_stamp != 0 ? arena->first_stamp : options.start.tick;
  output->recording = recording_new (arena, &options);

  return output;
}

void
memory_output_free (MemoryOutput *output)
{
  recording_free (output->recording);
  g_byte_array_unref (output->bytes);
  g_ptr_array_unref (output->warnings);
  g_free (output);
}

RecordingFile *
memory_output_read (MemoryOutput *output)
{
  return recording_file_read_bytes (output->bytes->data, output->bytes->len);
}
