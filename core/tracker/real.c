/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "real.h"

#include <dlfcn.h>
#include <link.h>
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

  /* An allocator may allocate when it is asked for a size the first time (tcmalloc), by
   * an operator new that comes by here: not in the midst of an event, for ever.
   */
  if (real.malloc != NULL && real.malloc_usable_size != NULL)
    {
      void *memory = real.malloc (1);

      if (memory != NULL)
        real.malloc_usable_size (memory);
      real.free (memory);
    }
}

/* The module that @address is in; NULL: none. */
static const struct link_map *
module_of (const void *address)
{
  struct dl_find_object object;

  return address != NULL && _dl_find_object ((void *)address, &object) == 0 ? object.dlfo_link_map : NULL;
}

/* Does the program call a malloc() that is not ours? A program at a fixed address may
 * have a place of its own that stands for whatever malloc() is found: that symbol is
 * not defined there.
 */
static bool
is_bypassed (void)
{
  void *found = dlsym (RTLD_DEFAULT, "malloc");
  const ElfW (Sym) *symbol = NULL;
  Dl_info info;

  if (found == NULL || module_of (found) == module_of (&real))
    return false;

  return dladdr1 (found, &info, (void **)&symbol, RTLD_DL_SYMENT) != 0 && symbol != NULL && symbol->st_shndx != SHN_UNDEF;
}

static HandshakeAllocator
find_allocator (void)
{
  const struct link_map *allocator = module_of (*(void **)&real.malloc);
  const struct link_map *operators = module_of (dlsym (RTLD_DEFAULT, "_Znwm"));

  if (is_bypassed ())
    return HANDSHAKE_ALLOCATOR_BUILT_IN;
  /* others define __libc_malloc, too */
  if (allocator == module_of (dlsym (RTLD_NEXT, "gnu_get_libc_version")))
    return HANDSHAKE_ALLOCATOR_GLIBC;

  return operators != NULL && operators == allocator ? HANDSHAKE_ALLOCATOR_OPERATORS : HANDSHAKE_ALLOCATOR_OTHER;
}

HandshakeAllocator
real_find_allocator (void)
{
  static HandshakeAllocator found;

  if (found == 0)
    found = find_allocator ();

  return found;
}

/* A library may bring some of the family only. */
static bool
is_all_of_one (void)
{
  struct dl_find_object first, other;

  if (real_find_allocator () != HANDSHAKE_ALLOCATOR_GLIBC || _dl_find_object (*(void **)&real.malloc, &first) != 0)
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

const void *
real_bootstrap_next (const void *memory)
{
  size_t at = 0;

  if (memory != NULL)
    at = (size_t)((const char *)memory - real_bootstrap) + ((real_bootstrap_size (memory) + 15) & ~(size_t)15);

  return at < atomic_load (&bootstrap_used) && at < sizeof real_bootstrap ? real_bootstrap + at + 16 : NULL;
}
