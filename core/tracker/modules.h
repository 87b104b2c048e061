/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"

/* Which ELF objects are loaded where. Loading and unloading is noticed without
 * hooking dlopen (which would change what its caller's RUNPATH finds): the
 * loader itself allocates and frees around both, so a call whose return address
 * lies in the loader's code says that things may have changed, and the next call
 * from elsewhere looks. Addresses outside all known modules are a second reason
 * to look.
 *
 * Looking takes the loader's lock for a moment (dl_iterate_phdr). It is never
 * done for a call from the loader. Another thread may hold that lock while it
 * changes its list, and waits for nothing meanwhile but our ring; constructors
 * and destructors run outside it.
 */
void modules_init (ArenaHeader *arena);

/* Before each event: @pc is the hook's return address. */
void modules_notice_slow (ArenaHeader *arena, uint64_t pc);

/* A new node for @address is about to be made. */
void modules_meet (ArenaHeader *arena, uint64_t address);

typedef struct
{
  uint64_t       loader_start;
  uint64_t       loader_length;
  _Atomic uint32_t dirty;
} ModulesState;

extern ModulesState modules_state;

static inline void
modules_notice (ArenaHeader *arena,
                uint64_t     pc)
{
  if (__builtin_expect (pc - modules_state.loader_start < modules_state.loader_length ||
                        atomic_load_explicit (&modules_state.dirty, memory_order_relaxed) != 0, 0))
    modules_notice_slow (arena, pc);
}
