/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* The functions behind the hooks: those the program would have called without
 * the recorder, libc's or another allocator's that is preloaded or linked.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "handshake.h"

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

/* Whose malloc() it is, and whether the program comes by here at all. Looked up once: a
 * fork's child must not ask the loader.
 */
HandshakeAllocator real_find_allocator (void);

/* What glibc's malloc_usable_size() finds in the word before a block. It also looks behind
 * the block, at memory that nobody would have touched yet. So if all of the family is
 * glibc's own, the word is read instead, once it has said the same for some blocks.
 */
typedef enum
{
  HEADER_UNKNOWN,
  HEADER_OTHER,       /* ask */
  HEADER_GLIBC,
} RealHeader;

extern _Atomic RealHeader real_header __attribute__ ((visibility ("hidden")));

size_t real_ask_usable_size  (void *memory);

static inline size_t
real_header_usable_size (const void *memory)
{
  size_t word = ((const size_t *)memory)[-1];

  return (word & ~(size_t)7) - (word & 2 ? 2 : 1) * sizeof (size_t);
}

static inline size_t
real_usable_size (void *memory)
{
  return __builtin_expect (atomic_load_explicit (&real_header, memory_order_relaxed) == HEADER_GLIBC, 1)
           ? real_header_usable_size (memory) : real_ask_usable_size (memory);
}

/* For calls that come before `real` is filled. NULL: that memory is used up. */
void *real_bootstrap_alloc   (size_t size);

#define REAL_BOOTSTRAP_SIZE 16384u

extern char real_bootstrap[REAL_BOOTSTRAP_SIZE] __attribute__ ((visibility ("hidden")));

static inline bool
real_is_bootstrap (const void *memory)
{
  return (uintptr_t)memory - (uintptr_t)real_bootstrap < REAL_BOOTSTRAP_SIZE;
}

/* The block after @memory; NULL: the first. NULL: there are no more. */
const void *real_bootstrap_next (const void *memory);

/* The bytes of a bootstrap block, for a realloc. */
size_t real_bootstrap_size   (const void *memory);
