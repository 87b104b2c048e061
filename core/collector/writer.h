/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "pages.h"
#include "memscope-format.h"

/* Where chunks go, and what makes them smaller. */
typedef struct
{
  void   *data;

  /* Appends to the file. @keep_free more bytes must still fit afterwards, for
   * the footer. false: nothing of it is in the file and nothing will be, but for
   * calls with @keep_free 0 (the end of the file).
   */
  bool  (*append)   (void *data, const void *bytes, size_t length, size_t keep_free);

  /* Returns the compressed size, or 0: store it as it is. NULL: never compress. */
  size_t (*compress) (void *data, void *out, size_t room, const void *in, size_t length);

  /* Why append() refused, as errno. NULL: it is not known. */
  int   (*error)    (void *data);
} Output;

/* Cuts the stream into chunks: epochs of events, and whatever else the file holds. */
typedef struct
{
  Output          output;
  MemscopeEvent  *events;          /* the epoch that is being filled */
  size_t          n_events;
  size_t          n_births;        /* in the epoch */
  uint64_t        first_event;     /* of the epoch */
  uint64_t        first_birth;
  uint64_t        last_time;       /* of the last event */
  uint64_t        offset;          /* the file's size */
  uint64_t        full_epochs;     /* epochs that were cut because they were full */
  bool            failed;          /* the output refused: only the end will still be written */
  bool            endures;         /* what comes afterwards is counted, until writer_begin() is called again */
  bool            idle;            /* there is no file: events are counted only */
  MemscopeBuffer  raw;
  MemscopeBuffer  stored;
  MemscopeBuffer  chunk;
  MemscopeBuffer  footer;
} Writer;

#define WRITER_EPOCH_EVENTS (64u * 1024u)

bool writer_init        (Writer *writer, const Output *output);
void writer_clear       (Writer *writer);

/* The file's first bytes. To be called again for another file that goes on with the
 * stream: the first ended, or failed and the writer endures.
 */
bool writer_begin       (Writer *writer, MemscopeFileHeader *header);

/* Writes a chunk of @kind; the rest of @head is optional (NULL: as of now). */
void writer_add_chunk   (Writer *writer, MemscopeChunkKind kind, const MemscopeChunkHead *head, const MemscopeBuffer *payload);

/* Room for one more event is always there: when the epoch is full,
 * writer_is_full() says so and the owner writes it (dictionaries first).
 */
void writer_add_event   (Writer *writer, const MemscopeEvent *event);
void writer_write_epoch (Writer *writer);

/* If the output refused and the writer endures: ends the file. */
void writer_settle      (Writer *writer);

/* END, FOOTER and trailer. The writer is of no use afterwards, unless it endures. */
void writer_end         (Writer *writer, const MemscopeEnd *end);

static inline uint64_t
writer_next_event (const Writer *writer)
{
  return writer->first_event + writer->n_events;
}

static inline uint64_t
writer_next_birth (const Writer *writer)
{
  return writer->first_birth + writer->n_births;
}

/* Times never run backwards in the file, whatever the clocks do. */
static inline uint64_t
writer_clamp_time (const Writer *writer,
                   uint64_t      time)
{
  return time > writer->last_time ? time : writer->last_time;
}

static inline bool
writer_is_full (const Writer *writer)
{
  return writer->n_events >= WRITER_EPOCH_EVENTS;
}
