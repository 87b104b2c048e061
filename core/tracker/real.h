/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* The functions behind the hooks: those the program would have called without
 * the recorder, libc's or another allocator's that is preloaded or linked.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* name, result, parameters: every allocation function that is hooked and needs its
 * real one. (free_sized and free_aligned_sized are free() and go there; reallocarray
 * is realloc() after a check.)
 */
#define REAL_FUNCTIONS(X)                                                       \
  X (malloc, void *, (size_t size))                                             \
  X (calloc, void *, (size_t n, size_t size))                                   \
  X (realloc, void *, (void *memory, size_t size))                              \
  X (free, void, (void *memory))                                                \
  X (posix_memalign, int, (void **memory, size_t alignment, size_t size))       \
  X (aligned_alloc, void *, (size_t alignment, size_t size))                    \
  X (memalign, void *, (size_t alignment, size_t size))                         \
  X (valloc, void *, (size_t size))                                             \
  X (pvalloc, void *, (size_t size))                                            \
  X (malloc_usable_size, size_t, (void *memory))                                \
  X (mmap, void *, (void *start, size_t length, int protection, int flags, int fd, off_t offset)) \
  X (munmap, int, (void *start, size_t length))                                 \
  X (mremap, void *, (void *start, size_t length, size_t new_length, int flags, ...)) \
  X (prctl, int, (int option, ...))

typedef struct
{
#define X(name, result, parameters) result (*name) parameters;
  REAL_FUNCTIONS (X)
#undef X
} RealFunctions;

extern RealFunctions real __attribute__ ((visibility ("hidden")));

/* Fills `real`. Looking the functions up may allocate: those calls are served from
 * bootstrap memory, which is never given back.
 */
void  real_resolve           (void);

/* Is malloc libc's own? */
bool  real_is_glibc          (void);

/* For calls that come before `real` is filled. NULL: that memory is used up. */
void *real_bootstrap_alloc   (size_t size);

#define REAL_BOOTSTRAP_SIZE 16384u

extern char real_bootstrap[REAL_BOOTSTRAP_SIZE] __attribute__ ((visibility ("hidden")));

static inline bool
real_is_bootstrap (const void *memory)
{
  return (uintptr_t)memory - (uintptr_t)real_bootstrap < REAL_BOOTSTRAP_SIZE;
}

/* The bytes of a bootstrap block, for a realloc. */
size_t real_bootstrap_size   (const void *memory);
