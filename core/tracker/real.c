/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "real.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdint.h>

#define HEADER_CHECKS 64u

RealFunctions real;
_Atomic RealHeader real_header;

static _Atomic uint32_t headers_checked;

/* Each block behind its size. */
_Alignas (16) char real_bootstrap[REAL_BOOTSTRAP_SIZE];
static _Atomic size_t bootstrap_used;

void
real_resolve (void)
{
  if (real.free != NULL)
    return;

#define X(name, result, parameters) *(void **)&real.name = dlsym (RTLD_NEXT, #name);
  REAL_FUNCTIONS (X)
#undef X
}

bool
real_is_glibc (void)
{
  return *(void **)&real.malloc == dlsym (RTLD_NEXT, "__libc_malloc");
}

/* A library may bring some of the family only. */
static bool
is_all_of_one (void)
{
  struct dl_find_object first, other;

  if (!real_is_glibc () || _dl_find_object (*(void **)&real.malloc, &first) != 0)
    return false;

#define SAME(name) (_dl_find_object (*(void **)&real.name, &other) == 0 && other.dlfo_link_map == first.dlfo_link_map)
  return SAME (calloc) && SAME (realloc) && SAME (free) && SAME (posix_memalign) && SAME (aligned_alloc) &&
         SAME (memalign) && SAME (valloc) && SAME (pvalloc) && SAME (malloc_usable_size);
#undef SAME
}

size_t
real_ask_usable_size (void *memory)
{
  size_t size = real.malloc_usable_size (memory);
  uint32_t n;

  if (atomic_load_explicit (&real_header, memory_order_relaxed) != HEADER_UNKNOWN)
    return size;

  n = atomic_fetch_add_explicit (&headers_checked, 1, memory_order_relaxed);
  if ((n == 0 && !is_all_of_one ()) || size != real_header_usable_size (memory))
    atomic_store_explicit (&real_header, HEADER_OTHER, memory_order_relaxed);
  else if (n >= HEADER_CHECKS)
    {
      RealHeader unknown = HEADER_UNKNOWN;

      atomic_compare_exchange_strong (&real_header, &unknown, HEADER_GLIBC);
    }

  return size;
}

void *
real_bootstrap_alloc (size_t size)
{
  size_t taken, at;

  if (size > sizeof real_bootstrap)
    return NULL;

  taken = 16 + ((size + 15) & ~(size_t)15);
  at = atomic_fetch_add (&bootstrap_used, taken);
  if (at > sizeof real_bootstrap - taken)
    return NULL;

  *(size_t *)(void *)(real_bootstrap + at) = size;

  return real_bootstrap + at + 16;
}

size_t
real_bootstrap_size (const void *memory)
{
  return *(const size_t *)(const void *)((const char *)memory - 16);
}
