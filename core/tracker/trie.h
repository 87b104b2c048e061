/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "arena.h"

/* The node for @address called from @parent's frame; made when it is new. 0: the
 * table is full. Lock-free; any thread.
 */
uint32_t trie_get       (ArenaHeader *arena, uint32_t parent, uint64_t address, uint16_t flags);

/* Nodes whose code was unloaded are passed by from now on. */
void     trie_mark_dead (ArenaHeader *arena, uint64_t start, uint64_t end);
