/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "real.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#define BOOTSTRAP_SIZE (256u * 1024u)
#define BLOCK_HEAD     16u

extern void *__libc_malloc (size_t size) __attribute__ ((weak));

RealFunctions real;

static _Alignas (64) char bootstrap[BOOTSTRAP_SIZE];
static _Atomic size_t bootstrap_used;
static _Atomic bool resolved;

/* Bump allocation; the size stands before the block, for realloc. Nothing is
 * ever given back: these are a handful of blocks before the program begins.
 */
void *
real_bootstrap_alloc (size_t alignment,
                      size_t size)
{
  size_t used = atomic_load_explicit (&bootstrap_used, memory_order_relaxed);
  size_t begin, end;

  if (alignment < BLOCK_HEAD)
    alignment = BLOCK_HEAD;
  if (size > BOOTSTRAP_SIZE || alignment > 4096)
    return NULL;

  do
    {
      begin = ((size_t)(uintptr_t)bootstrap + used + BLOCK_HEAD + alignment - 1) & ~(alignment - 1);
      begin -= (size_t)(uintptr_t)bootstrap;
      end = begin + ((size + 15) & ~(size_t)15);
      if (end > BOOTSTRAP_SIZE)
        return NULL;
    }
  while (!atomic_compare_exchange_weak_explicit (&bootstrap_used, &used, end,
                                                 memory_order_relaxed, memory_order_relaxed));

  memcpy (bootstrap + begin - sizeof size, &size, sizeof size);

  return bootstrap + begin;
}

bool
real_is_bootstrap (const void *block)
{
  return (uintptr_t)block - (uintptr_t)bootstrap < BOOTSTRAP_SIZE;
}

size_t
real_bootstrap_size (const void *block)
{
  size_t size;

  memcpy (&size, (const char *)block - sizeof size, sizeof size);

  return size;
}

bool
real_is_resolved (void)
{
  return atomic_load_explicit (&resolved, memory_order_acquire);
}

/* A function pointer from dlsym without a cast ISO C does not have. */
#define RESOLVE(name) \
  do \
    { \
      void *symbol = dlsym (RTLD_NEXT, #name); \
      memcpy (&real.name, &symbol, sizeof symbol); \
    } \
  while (0)

void
real_resolve (void)
{
#define RESOLVE_ROW(result, name, parameters) RESOLVE (name);
  HOOKED_FUNCTIONS (RESOLVE_ROW)
#undef RESOLVE_ROW
  RESOLVE (malloc_usable_size);
  real.glibc = __libc_malloc != NULL && real.malloc == __libc_malloc;

  atomic_store_explicit (&resolved, true, memory_order_release);
}
