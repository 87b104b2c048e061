/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-preview.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memscope-loader.h"
#include "memscope-session-private.h"

#define US 1000u

/* Chunks of a second each: more than a month of recording. Files that claim more are read for what they say until then. */
#define MAX_CHUNKS (1u << 23)

typedef struct
{
  guint64 begin;    /* microseconds */
  guint64 end;
  guint64 births;
} Part;

typedef struct
{
  int              fd;
  guint64          size;
  GCancellable    *cancellable;
  MemscopePreview *preview;
  GArray          *parts;     /* Part */
} Walk;

/* The head of the chunk at @offset; its payload is neither read nor checked. */
static gboolean
read_head (const Walk        *self,
           guint64            offset,
           MemscopeChunkHead *head)
{
  struct
  {
    guint64           offset;
    MemscopeChunkHead head;
  } bytes = { 0 };
  MemscopeFooterEntry entry;
  MemscopeCursor cursor;
  guint32 sync;

  G_STATIC_ASSERT (sizeof bytes == sizeof (guint64) + sizeof (MemscopeChunkHead));

  if (offset > self->size || self->size - offset < sizeof bytes.head ||
      pread (self->fd, &bytes.head, sizeof bytes.head, (off_t)offset) != sizeof bytes.head)
    return FALSE;

  memcpy (&sync, &bytes.head, sizeof sync);
  if (GUINT32_FROM_LE (sync) != MEMSCOPE_CHUNK_SYNC)
    return FALSE;

  /* The entries of a footer are heads as they stand in the file. */
  memscope_cursor_init (&cursor, &bytes, sizeof bytes);
  if (!memscope_footer_next (&cursor, &entry))
    return FALSE;

  *head = entry.head;

  return head->stored_size <= MEMSCOPE_CHUNK_MAX_SIZE && head->stored_size <= self->size - offset - sizeof *head &&
         head->n_events <= MEMSCOPE_CHUNK_MAX_EVENTS && head->n_births <= head->n_events &&
         head->last_time >= head->first_time && head->last_time < G_MAXUINT64 / US;
}

static void
add_events (Walk                    *self,
            const MemscopeChunkHead *head)
{
  Part part = { head->first_time, head->last_time, head->n_births };

  self->preview->events += head->n_events;
  self->preview->births += head->n_births;
  self->preview->duration = MAX (self->preview->duration, head->last_time * US);
  g_array_append_val (self->parts, part);
}

static void
walk_chunks (Walk    *self,
             guint64  offset)
{
  MemscopeChunkHead head;

  for (guint n = 0; n < MAX_CHUNKS && read_head (self, offset, &head); n++)
    {
      if (n % 1024 == 0 && g_cancellable_is_cancelled (self->cancellable))
        return;

      if (head.kind == MEMSCOPE_CHUNK_EVENTS)
        add_events (self, &head);
      else if (head.kind == MEMSCOPE_CHUNK_END)
        self->preview->closed = TRUE;
      offset += sizeof head + head.stored_size;
    }
}

/* A chunk says when its births were, not at which moments: they are spread evenly over it. */
static void
spread_births (const Walk *self)
{
  MemscopePreview *preview = self->preview;
  double width = ((double)preview->duration + 1) / US / MEMSCOPE_PREVIEW_BUCKETS;

  for (guint i = 0; i < self->parts->len; i++)
    {
      const Part *part = &g_array_index (self->parts, Part, i);
      double begin = (double)part->begin / width;
      double end = MAX ((double)part->end / width, begin + 1e-9);

      for (guint k = (guint)begin; k < MEMSCOPE_PREVIEW_BUCKETS && k <= end; k++)
        preview->birth_rate[k] += (float)((double)part->births * (MIN (end, k + 1.0) - MAX (begin, (double)k)) / (end - begin));
    }
}

static gboolean
read_header (const Walk *self,
             guint64    *first_chunk)
{
  guint8 bytes[sizeof (MemscopeFileHeader)];
  MemscopeFileHeader header;

  if (pread (self->fd, bytes, sizeof bytes, 0) != sizeof bytes ||
      memcmp (bytes, MEMSCOPE_FORMAT_MAGIC, 8) != 0 ||
      !memscope_file_header_read (bytes, sizeof bytes, &header) ||
      header.version != MEMSCOPE_FORMAT_VERSION)
    return FALSE;

  *first_chunk = header.header_size;

  return TRUE;
}

/* Where nothing happened, what was alive stays alive. */
static void
draw_live (MemscopePreview              *preview,
           const MemscopeStoredOverview *overview)
{
  double width = ((double)preview->duration + 1) / US / MEMSCOPE_PREVIEW_BUCKETS;
  guint bucket = 0;
  float last = 0;

  for (guint i = 0; i < overview->points->len; i++)
    {
      const MemscopeOverviewPoint *point = &g_array_index (overview->points, MemscopeOverviewPoint, i);
      guint of_point = (guint)MIN ((double)point->time / width, MEMSCOPE_PREVIEW_BUCKETS - 1.0);

      while (bucket < of_point)
        preview->live[++bucket] = last;
      preview->live[bucket] = MAX (preview->live[bucket], (float)point->max_bytes);
      last = (float)point->last_bytes;
    }
  while (bucket + 1 < MEMSCOPE_PREVIEW_BUCKETS)
    preview->live[++bucket] = last;
}

static void
add_totals (MemscopePreview *preview,
            GFile           *file)
{
  g_autoptr(MemscopeSession) outline = memscope_load_outline (file);
  const MemscopeStoredOverview *overview = outline != NULL ? memscope_session_get_overview (outline) : NULL;

  if (overview == NULL)
    return;

  preview->has_totals = TRUE;
  preview->duration = MAX (preview->duration, memscope_session_get_duration (outline));
  preview->peak_bytes = overview->totals.peak_bytes;
  preview->peak_time = overview->totals.peak_time * US;
  preview->live_blocks = overview->totals.births - overview->totals.deaths;
  preview->live_bytes = overview->totals.born_bytes - overview->totals.dead_bytes;
  draw_live (preview, overview);
}

MemscopePreview *
memscope_preview_new (GFile        *file,
                      GCancellable *cancellable)
{
  const char *path;
  struct stat info;
  guint64 first_chunk;
  Walk walk = { .fd = -1, .cancellable = cancellable };

  g_return_val_if_fail (G_IS_FILE (file), NULL);

  path = g_file_peek_path (file);
  if (path != NULL)
    walk.fd = g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0);
  if (walk.fd < 0)
    return NULL;

  if (fstat (walk.fd, &info) == 0 && S_ISREG (info.st_mode))
    {
      walk.size = (guint64)info.st_size;
      if (read_header (&walk, &first_chunk))
        {
          walk.preview = g_new0 (MemscopePreview, 1);
          walk.parts = g_array_new (FALSE, FALSE, sizeof (Part));
          walk_chunks (&walk, first_chunk);
          spread_births (&walk);
          g_array_unref (walk.parts);
          add_totals (walk.preview, file);
        }
    }
  close (walk.fd);
  if (g_cancellable_is_cancelled (cancellable))
    g_clear_pointer (&walk.preview, memscope_preview_free);

  return walk.preview;
}

void
memscope_preview_free (MemscopePreview *self)
{
  g_free (self);
}

/* ---- off the main thread ------------------------------------------------------------------ */

static void
preview_worker (GTask        *task,
                gpointer      source_object,
                gpointer      task_data,
                GCancellable *cancellable)
{
  g_task_return_pointer (task, memscope_preview_new (task_data, cancellable), (GDestroyNotify)memscope_preview_free);
}

void
memscope_preview_new_async (GFile               *file,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_return_if_fail (G_IS_FILE (file));

  g_task_set_source_tag (task, memscope_preview_new_async);
  g_task_set_task_data (task, g_object_ref (file), g_object_unref);
  g_task_run_in_thread (task, preview_worker);
}

MemscopePreview *
memscope_preview_new_finish (GAsyncResult *result)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), NULL);
}
