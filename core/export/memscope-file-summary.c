/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memscope-file-summary.h"

#include <string.h>

#include "memscope-session-private.h"

__extension__ typedef unsigned __int128 WideSum;

typedef struct
{
  guint64  records;
  guint64  named;
  guint64  with_dealloc;
  guint64  leaked_flag;
  guint64  xor_ptr;
  guint64  timestamp_sum;
  WideSum  size_sum;
  guint64 *per_thread;      /* by thread id */
} Counts;

typedef struct
{
  const char *name;
  gsize       length;
  guint64     records;
} ThreadCount;

static void
count_batch (Counts              *counts,
             MemscopeSession     *session,
             const MemscopeBatch *batch)
{
  guint n_threads = memscope_session_get_n_threads (session);

  for (guint i = 0; i < batch->n_rows; i++)
    {
      MemscopeVariable variable;

      if (memscope_batch_origin (batch, i) != MEMSCOPE_ORIGIN_FILE)
        continue;

      counts->records++;
      counts->with_dealloc += memscope_batch_death (batch, i) != MEMSCOPE_DEATH_NONE;
      counts->leaked_flag += (batch->flags[i] & MEMSCOPE_BLOCK_LEAKED_FLAG) != 0;
      counts->xor_ptr ^= batch->address[i];
      counts->timestamp_sum += memscope_session_get_time_origin (session) + batch->birth_time[i];
      counts->size_sum += batch->size[i];

      if (batch->thread[i] <= n_threads)
        counts->per_thread[batch->thread[i]]++;

      if (memscope_session_get_variable (session, batch->variable[i], &variable)
          && variable.source == MEMSCOPE_NAME_FILE && variable.name != 0)
        counts->named++;
    }
}

static int
compare_threads (gconstpointer a,
                 gconstpointer b)
{
  const ThreadCount *one = a, *other = b;
  int order = memcmp (one->name, other->name, MIN (one->length, other->length));

  return order != 0 ? order : (one->length > other->length) - (one->length < other->length);
}

static void
write_per_thread (MemscopeJsonWriter *writer,
                  MemscopeSession    *session,
                  const guint64      *per_thread)
{
  guint n_threads = memscope_session_get_n_threads (session);
  g_autoptr(GArray) sorted = g_array_new (FALSE, FALSE, sizeof (ThreadCount));

  for (guint id = 1; id <= n_threads; id++)
    {
      MemscopeThread thread;
      ThreadCount count = { "", 0, per_thread[id] };

      if (count.records == 0 || !memscope_session_get_thread (session, id, &thread))
        continue;

      if (thread.name != 0)
        count.name = memscope_session_get_string (session, thread.name, &count.length);
      g_array_append_val (sorted, count);
    }

  g_array_sort (sorted, compare_threads);

  memscope_json_writer_begin_object (writer, "per_thread");
  for (guint i = 0; i < sorted->len; i++)
    {
      const ThreadCount *count = &g_array_index (sorted, ThreadCount, i);

      memscope_json_writer_begin_value (writer, NULL);
      memscope_json_append_string (writer->text, count->name, count->length);
      g_string_append_len (writer->text, ": ", 2);
      memscope_json_append_uint64 (writer->text, count->records);
    }
  memscope_json_writer_end_object (writer);
}

static void
write_decimal (MemscopeJsonWriter *writer,
               const char         *key,
               WideSum             value)
{
  char digits[40];
  gsize at = sizeof digits - 1;

  digits[at] = '\0';
  do
    {
      digits[--at] = '0' + (char) (value % 10);
      value /= 10;
    }
  while (value > 0);

  memscope_json_writer_string (writer, key, digits + at, -1);
}

void
memscope_file_summary_write (MemscopeJsonWriter *writer,
                             const char         *key,
                             MemscopeSession    *session)
{
  g_autofree guint64 *per_thread = NULL;
  Counts counts = { 0 };

  if (!g_str_has_prefix (memscope_session_get_format_name (session), "memscope-rs"))
    {
      memscope_json_writer_null (writer, key);
      return;
    }

  per_thread = g_new0 (guint64, (gsize) memscope_session_get_n_threads (session) + 1);
  counts.per_thread = per_thread;

  for (guint i = 0; i < memscope_session_get_n_batches (session); i++)
    {
      MemscopeBatch batch;

      memscope_session_get_batch (session, i, &batch);
      count_batch (&counts, session, &batch);
    }

  memscope_json_writer_begin_object (writer, key);
  memscope_json_writer_uint64 (writer, "leaked_flag", counts.leaked_flag);
  memscope_json_writer_uint64 (writer, "named", counts.named);
  write_per_thread (writer, session, per_thread);
  memscope_json_writer_uint64 (writer, "records", counts.records);
  write_decimal (writer, "sum_size", counts.size_sum);
  memscope_json_writer_uint64 (writer, "with_dealloc", counts.with_dealloc);
  write_decimal (writer, "wrapping_sum_timestamp_alloc", counts.timestamp_sum);
  write_decimal (writer, "xor_ptr", counts.xor_ptr);
  memscope_json_writer_end_object (writer);
}
