/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A file that is only appended to, whole chunks at a time, with room kept for
 * its end: blocks are reserved ahead, so that a full disk still leaves place for
 * the footer.
 */
typedef struct
{
  int      fd;          /* -1: closed */
  uint64_t size;
  uint64_t reserved;    /* blocks exist up to here */
  uint64_t max_size;    /* never larger than this */
  bool     can_reserve; /* the file system can */
  int      error;       /* errno of the first refusal; EFBIG: max_size */
} FileSink;

/* Creates @path; an existing file is replaced only with @replace. false: errno says why. */
bool file_sink_open   (FileSink *sink, const char *path, bool replace, uint64_t max_size);

/* See Output in writer.h. */
bool file_sink_append (FileSink *sink, const void *bytes, size_t length, size_t keep_free);

/* Gives unused blocks back and closes. */
void file_sink_close  (FileSink *sink);
