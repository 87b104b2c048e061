/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* The stacks of all threads as one tree in the arena, found through an index of
 * the recorder's own. Lock-free, async-signal-safe.
 */

#include <stdint.h>

#include "arena.h"

extern ArenaHeader *trie_arena __attribute__ ((visibility ("hidden")));

/* Counts arenas: nodes of another one mean nothing. */
extern uint32_t trie_attachment __attribute__ ((visibility ("hidden")));

static inline const StackNode *
trie_node (uint32_t id)
{
  return arena_node (trie_arena, id);
}

/* A new arena, empty. */
void     trie_attach (ArenaHeader *arena);

/* The node of @address called from @parent; made if there is none yet. When the
 * table is full that is @parent itself: the stack is cut, and counted.
 */
uint32_t trie_child  (uint32_t parent, uintptr_t address, unsigned flags);

/* The same for @n frames, outermost first, that call each other and that @parent called;
 * what comes of each is in @nodes. Returns the last. What is looked up in memory is asked
 * for ahead.
 */
uint32_t trie_descend (uint32_t parent, const uintptr_t *addresses, unsigned n, uint32_t *nodes);

/* The root of stacks whose outer frames are not recorded. */
uint32_t trie_truncated (void);

/* The code in [@start, @end) is gone: other code there gets nodes of its own. */
void     trie_forget (uintptr_t start, uintptr_t end);
