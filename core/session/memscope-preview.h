/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define MEMSCOPE_PREVIEW_BUCKETS 60

/**
 * MemscopePreview:
 * @events: births and deaths in the file
 * @births: of them
 * @duration: until the last event, ns
 * @closed: the recording came to its end
 * @birth_rate: births in equal parts of the duration
 * @has_totals: the recorder left an overview; the rest is its
 * @peak_bytes: the most bytes alive at one time
 * @peak_time: when that was, ns
 * @live_blocks: alive at the end
 * @live_bytes: likewise
 * @live: the most bytes alive in equal parts of the duration
 *
 * What can be said of a native recording before any of its events is decoded:
 * the heads of its chunks say it, which takes milliseconds where reading takes
 * seconds. Where the file is damaged it is that of the part before, and what
 * reading finds is right.
 */
typedef struct
{
  guint64  events;
  guint64  births;
  guint64  duration;
  gboolean closed;
  float    birth_rate[MEMSCOPE_PREVIEW_BUCKETS];
  gboolean has_totals;
  guint64  peak_bytes;
  guint64  peak_time;
  guint64  live_blocks;
  guint64  live_bytes;
  float    live[MEMSCOPE_PREVIEW_BUCKETS];
} MemscopePreview;

/* NULL: not a native recording, not a local file, cut inside its header, or cancelled. Any thread. */
MemscopePreview *memscope_preview_new         (GFile                *file,
                                               GCancellable         *cancellable);
void             memscope_preview_free        (MemscopePreview      *self);

/* Off the main thread. */
void             memscope_preview_new_async   (GFile                *file,
                                               GCancellable         *cancellable,
                                               GAsyncReadyCallback   callback,
                                               gpointer              user_data);
MemscopePreview *memscope_preview_new_finish  (GAsyncResult         *result);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopePreview, memscope_preview_free)

G_END_DECLS
