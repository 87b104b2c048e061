/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "real.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdint.h>

RealFunctions real;

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
