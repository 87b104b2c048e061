/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <stdbool.h>
#include <stddef.h>

/* One row for each hooked function: the table is the only list of them.
 * X (result, name, parameters)
 */
#define HOOKED_FUNCTIONS(X) \
  X (void *, malloc, (size_t size)) \
  X (void *, calloc, (size_t count, size_t size)) \
  X (void *, realloc, (void *block, size_t size)) \
  X (void *, reallocarray, (void *block, size_t count, size_t size)) \
  X (void, free, (void *block)) \
  X (int, posix_memalign, (void **block, size_t alignment, size_t size)) \
  X (void *, aligned_alloc, (size_t alignment, size_t size)) \
  X (void *, memalign, (size_t alignment, size_t size)) \
  X (void *, valloc, (size_t size)) \
  X (void *, pvalloc, (size_t size))

typedef struct
{
#define DECLARE(result, name, parameters) result (*name) parameters;
  HOOKED_FUNCTIONS (DECLARE)
#undef DECLARE
  size_t (*malloc_usable_size) (void *block);
  bool glibc;     /* the allocator is libc's own: usable sizes are in its chunk heads */
} RealFunctions;

extern RealFunctions real;

/* Finds the functions behind ours. Until it is done (dlsym may allocate, and so
 * may the loader before it), blocks come from the bootstrap area.
 */
void  real_resolve           (void);
bool  real_is_resolved       (void);

void *real_bootstrap_alloc   (size_t alignment, size_t size);
bool  real_is_bootstrap      (const void *block);
size_t real_bootstrap_size   (const void *block);
