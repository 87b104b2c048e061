/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "arena.h"

/* The kernel's promise that a dead collector is noticed: when this thread dies,
 * however it dies, the kernel walks its robust list and marks the
 * collector_futex of each arena in it with FUTEX_OWNER_DIED.
 *
 * A node has to stand at one distance from its word, but must not lie in memory
 * the target can write to. So each arena is mapped right behind a private page,
 * and the node stands at that page's end.
 */
#define ROBUST_HEAD 4096u

/* For the calling thread, once. */
void robust_list_begin  (void);

/* Owns the arena at @arena, which has ROBUST_HEAD private bytes before it. */
void robust_list_add    (ArenaHeader *arena);

/* Says that this collector is done with the arena. */
void robust_list_remove (ArenaHeader *arena);
