/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "file-sink.h"
#include "memscope-format.h"

/* The bytes of one image's file as viewers get them: read back from the file, so
 * that nothing is kept for them. It outlives the image, for viewers that are
 * behind when it ends; by then others may append to the file in place of its
 * footer, so that is kept as it was.
 */
typedef struct
{
  unsigned          references;
  unsigned          watchers;     /* viewers that are being served */
  int               fd;           /* -1: the file can't be read back */
  uint8_t           uuid[16];
  uint64_t          size;         /* whole chunks up to here */
  bool              ended;        /* no more bytes come */
  MemscopeEndReason reason;
  uint32_t          status;
  uint8_t          *tail;         /* the file from @tail_begin on, after the end; NULL: as it is */
  uint64_t          tail_begin;
} Stream;

/* NULL: no memory. */
Stream *stream_new    (const FileSink *sink, const uint8_t uuid[16]);
Stream *stream_ref    (Stream *stream);
void    stream_unref  (Stream *stream);

/* Before the sink is closed. */
void    stream_end    (Stream *stream, const FileSink *sink, MemscopeEndReason reason, uint32_t status);

/* Up to @room bytes from @offset on; 0: there are none, or they can't be read. */
size_t  stream_read   (const Stream *stream, uint64_t offset, void *bytes, size_t room);
