/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* Which modules the recorded code lives in.
 *
 * Nothing is hooked for this and the loader's locks are never taken: a program
 * may hold a lock that another thread, inside dl_iterate_phdr(), waits for.
 *
 * - A module is noticed when a frame in it is recorded for the first time, with
 *   _dl_find_object(), which is lock-free and async-signal-safe. Whatever is on
 *   a stack can't be unloaded meanwhile, so its link map may be read.
 * - It is gone when ld.so frees its link map. ld.so calls our free() for that;
 *   the caller's address says that it is ld.so, the pointer which module.
 *
 * An unload bumps the generation: threads then drop what they cached about code,
 * and trie nodes and rules of the module are dead.
 */

#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>

#include "arena.h"

/* Counts unloads; read by every thread at every event. */
extern _Atomic uint32_t modules_generation __attribute__ ((visibility ("hidden")));

/* Where ld.so's code is: [start, start + size). */
extern uintptr_t modules_loader_start __attribute__ ((visibility ("hidden")));
extern uintptr_t modules_loader_size __attribute__ ((visibility ("hidden")));

/* Once, before the first use; @executable is the program's path or "". */
void modules_init           (const char *executable);

/* A new arena (also in a fork's child): tells it of every module known so far. */
void modules_attach         (ArenaHeader *arena);

/* Finds the module of @pc; false when it is in none (generated code). */
bool modules_find_object    (uintptr_t pc, struct dl_find_object *object);

/* The header of the call-frame information that says something about @pc, and the
 * readable memory it lies in: [*@start, *@end). NULL: there is none.
 */
const uint8_t *modules_find_cfi (uintptr_t pc, uintptr_t *start, uintptr_t *end);

/* Sees to it that the arena knows the module of @pc. */
void modules_note           (uintptr_t pc);

/* ld.so frees @memory: perhaps the link map of a module, which then is gone. */
void modules_note_loader_free (const void *memory);

static inline bool
modules_is_loader (uintptr_t pc)
{
  return pc - modules_loader_start < modules_loader_size;
}
