/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <zstd.h>

#include "memscope-session-builder.h"

G_BEGIN_DECLS

#define MEMSCOPE_N_GAP_REASONS (MEMSCOPE_GAP_SEGMENT + 1)

/* Gaps of one reason, added up. */
typedef struct
{
  guint   n;
  guint64 events;          /* of those gaps that tell */
  guint64 bytes;
  guint   n_silent;        /* gaps that do not even tell how many events */
} MemscopeGapSum;

/**
 * MemscopeNativeContent:
 *
 * What the chunks of a native recording say, one after the other: unpacks them
 * and gives their entries to a builder. Where chunks begin and what to do about
 * damage is the business of #MemscopeNativeReader.
 */
typedef struct
{
  MemscopeSessionBuilder *builder;       /* borrowed */
  guint64                 next_event;    /* of the next EVENTS chunk, if none is missing */
  guint64                 next_birth;
  guint64                 lost_events;
  gboolean                carries;       /* the file goes on with a stream: what is alive stands at its head */
  gboolean                have_carried;
  guint64                 carried_event; /* events and births before that */
  guint64                 carried_birth;
  guint64                 carried_time;
  guint64                 last_time;     /* of the events so far, microseconds */
  guint64                 missing_events;   /* of segments that are not there */
  guint64                 unpacked;      /* raw bytes in all */
  guint64                 held;          /* what the session may take, in bytes */
  guint64                 memory;        /* and how much it may */
  MemscopeGapSum          gaps[MEMSCOPE_N_GAP_REASONS];   /* 0: reasons not known here */

  guint64                 unmatched_frees;   /* as END says; MEMSCOPE_NOT_RECORDED */
  gboolean                have_end;
  gboolean                repaired;      /* the end is one that a repair wrote */
  gboolean                have_footer;

  ZSTD_DCtx              *zstd;
  GByteArray             *raw;
  GArray                 *events;        /* MemscopeEvent */

  /* EVENTS chunks that wait to be decoded together */
  guint                   n_threads;     /* by so many; 1: none wait */
  guint                   n_waiting;
  guint                   max_waiting;
  struct _MemscopeWaitingChunk *waiting;
  guint64                 n_damaged;     /* of those that waited */
  guint64                 damage_offset; /* of the first */
  GArray                 *carried;       /* MemscopeLiveBlock */
} MemscopeNativeContent;

typedef enum
{
  MEMSCOPE_CONTENT_USED,       /* also: a kind that is not known, skipped */
  MEMSCOPE_CONTENT_DAMAGED,
  MEMSCOPE_CONTENT_TOO_LARGE,  /* it, and all before, claims more than the file can mean or this machine hold */
} MemscopeContentResult;

void                  memscope_native_content_init  (MemscopeNativeContent   *self,
                                                     MemscopeSessionBuilder  *builder);
void                  memscope_native_content_clear (MemscopeNativeContent   *self);

/* From now on EVENTS chunks are decoded many at once, by @n_threads threads. The
 * bytes given to memscope_native_content_add () must stay until the next
 * memscope_native_content_flush (), after which alone everything is in the session.
 */
void                  memscope_native_content_set_threads (MemscopeNativeContent *self,
                                                           guint                  n_threads);
void                  memscope_native_content_flush       (MemscopeNativeContent *self);
/* Another segment of the same stream begins. */
void                  memscope_native_content_begin_segment (MemscopeNativeContent *self);

/* What a chunk holds, as bytes of the caller's; NULL: damaged. */
GByteArray           *memscope_native_content_unpack (MemscopeNativeContent   *self,
                                                      const MemscopeChunkHead *head,
                                                      const guint8            *stored);

/* @stored: head->stored_size bytes that passed their checksum.
 * @offset: where the chunk stands in the file
 * @file_size: bytes of the file seen so far, which bounds what they may expand to.
 */
MemscopeContentResult memscope_native_content_add   (MemscopeNativeContent   *self,
                                                     const MemscopeChunkHead *head,
                                                     const guint8            *stored,
                                                     guint64                  offset,
                                                     guint64                  file_size);

G_END_DECLS
