/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* The files of a program that samples itself: DIRECTORY/PROGRAM.PID.NUMBER.memscope.
 *
 * No descriptor is kept: programs close what they do not know, and then open files of
 * their own. So each write opens the file, makes sure that it is still the one that was
 * begun, and closes it again. System calls only.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sample-options.h"

typedef struct
{
  const SampleOptions *options;
  char     path[SAMPLE_PATH_SIZE];
  size_t   stem;           /* bytes of `path` before the number */
  uint32_t number;         /* of the present segment; 0: none yet */
  uint64_t size;           /* of its file */
  uint64_t reserved;       /* blocks that it has */
  uint64_t device;         /* which file it is */
  uint64_t inode;
  uint64_t limit;          /* bytes that the process may write to a file at most */
  bool     can_reserve;
  int      error;          /* why it could not be written, as errno */
} SampleSegments;

/* Finds a name that is not taken; makes no file yet. @program: its path. */
void sample_segments_init   (SampleSegments *self, const SampleOptions *options, const char *program, int pid);

/* The next file. false: it can't be made, see `error`. */
bool sample_segments_begin  (SampleSegments *self);

/* As Output's append() wants it. */
bool sample_segments_append (SampleSegments *self, const void *bytes, size_t length, size_t keep_free);

/* The file is complete. Removes what is more than should be kept, the one that comes
 * (@more) counted.
 */
void sample_segments_end    (SampleSegments *self, bool more);
