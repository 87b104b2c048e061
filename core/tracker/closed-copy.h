/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* A recording that is still being written, as a closed one of its own: its bytes up to
 * a moment, and an end.
 */

#include <stdbool.h>
#include <stdint.h>

typedef struct
{
  char path[4096];        /* of the file that is to be there */
  char partial[4096];     /* of the one that is written meanwhile, beside it */
  int  fd;
} ClosedCopy;

/* Makes the partial file. false: errno says why. */
bool closed_copy_open    (ClosedCopy *copy, const char *path);

/* The next bytes of the recording. */
bool closed_copy_append  (ClosedCopy *copy, const void *bytes, uint64_t length);

/* Copies what @fd holds up to @size. */
bool closed_copy_take    (ClosedCopy *copy, int fd, uint64_t size);

/* All whole chunks are there: adds an end and an index, and puts the file in its place. */
bool closed_copy_finish  (ClosedCopy *copy, uint64_t failed_allocations);

/* It is not to be. */
void closed_copy_discard (ClosedCopy *copy);
