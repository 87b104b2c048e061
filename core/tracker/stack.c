/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Stacks that follow each other in a thread share their outer frames. So the
 * last one is kept, frame by frame, and an unwind ends as soon as it *reaches* a
 * frame of it: same slot, same return address, same frame pointer. From there
 * outward the cached frames are as good as unwound, provided that every word
 * their rules would load is still what it was: the return address in its slot
 * and, where the rule loads it, the saved frame pointer. Those are compared, in
 * order; at the first difference unwinding goes on from the frame before.
 *
 * Not cached: what lies beyond a signal frame, frames whose address took another
 * load (realigned stacks), stacks deeper than the cache. All is dropped when the
 * module generation changes: other code may stand at the same addresses.
 */

#include "stack.h"

#include <string.h>

#include "trie.h"

void
stack_cache_clear (StackCache *cache)
{
  cache->n_frames = 0;
  cache->readable = (UnwindRange) { 0, 0 };
  memset (cache->callers, 0, sizeof cache->callers);
}

static uint32_t
truncation_mark (ArenaHeader *arena)
{
  return trie_get (arena, 0, 0, NODE_TRUNCATED);
}

/* The word at @address, which was readable when the frame was cached and lies
 * above the stack pointer of a frame that was reached now.
 */
static inline bool
still_holds (const UnwindRange *readable,
             uint64_t           address,
             uint64_t           word)
{
  return address >= readable->low && address + 8 <= readable->high &&
         *(const uint64_t *)(uintptr_t)address == word;
}

static inline void
push (StackWalk         *walk,
      const UnwindState *state)
{
  walk->frames[walk->n_frames] = (CachedFrame) { state->slot, state->pc, state->bp, state->bp_slot, 0 };
  walk->signal[walk->n_frames] = state->exact;
  walk->n_frames++;
}

/* Is the frame just reached in the cache, and all beyond it still true? On a
 * difference @walk and @state are moved out to the last frame that is. Returns
 * whether the walk is done.
 */
static bool
meet_cache (StackWalk        *walk,
            UnwindState      *state,
            const StackCache *cache,
            uint32_t         *next,
            uint32_t          limit)
{
  const CachedFrame *frames = cache->frames;
  uint32_t at;

  while (*next > 0 && frames[*next - 1].slot < state->slot)
    (*next)--;
  if (*next == 0 || frames[*next - 1].slot != state->slot ||
      frames[*next - 1].pc != state->pc || frames[*next - 1].bp != state->bp)
    return false;

  /* frames[at] is reached; frames[at - 1] is its caller */
  for (at = *next - 1; at > 0; at--)
    {
      const CachedFrame *outer = &frames[at - 1];

      if (!still_holds (&cache->readable, outer->slot, outer->pc) ||
          (outer->bp_slot != 0 && !still_holds (&cache->readable, outer->bp_slot, outer->bp)))
        break;
    }
  if (at == 0)
    {
      /* the frame itself comes from the cache too */
      walk->n_frames--;
      walk->shared = *next;
      return true;
    }

  for (uint32_t i = *next - 1; i > at && walk->n_frames < limit; i--)
    {
      const CachedFrame *outer = &frames[i - 1];

      *state = (UnwindState) { .pc = outer->pc, .sp = outer->slot + 8, .bp = outer->bp, .slot = outer->slot, .bp_slot = outer->bp_slot };
      push (walk, state);
    }
  *next = at;

  return false;
}

static void
walk_stack (StackWalk    *walk,
            StackCache   *cache,
            const Caller *caller,
            bool          cached,
            uint32_t      limit)
{
  UnwindState state = { .pc = caller->pc, .sp = caller->sp, .bp = caller->bp, .slot = caller->slot };
  UnwindRange own = { 0, 0 };
  UnwindRange *readable = cached ? &cache->readable : &own;
  uint32_t next = cached ? cache->n_frames : 0;

  walk->n_frames = walk->shared = 0;
  walk->truncated = walk->at_limit = false;
  walk->cacheable = true;

  for (;;)
    {
      UnwindResult result;

      push (walk, &state);
      if (state.exact || state.loaded_cfa)
        walk->cacheable = false;
      if (walk->cacheable && meet_cache (walk, &state, cache, &next, limit))
        return;

      if (walk->n_frames >= limit)
        {
          walk->truncated = walk->at_limit = true;
          return;
        }
      result = unwind_step (&state, readable);
      if (result == UNWIND_STEPPED)
        continue;
      walk->truncated = result == UNWIND_TRUNCATED;
      return;
    }
}

/* Puts the new frames on the shared ones, in the trie and (as far as they may
 * be) in the cache.
 */
static uint32_t
intern (ArenaHeader *arena,
        StackWalk   *walk,
        StackCache  *cache,
        bool         cached)
{
  bool keep = cached && walk->cacheable && !walk->at_limit && walk->shared + walk->n_frames <= STACK_CACHE_DEPTH;
  uint32_t node = walk->shared > 0 ? cache->frames[walk->shared - 1].node
                                   : walk->truncated ? truncation_mark (arena) : 0;
  uint32_t n_cached = walk->shared;

  for (uint32_t i = walk->n_frames; i-- > 0;)
    {
      node = trie_get (arena, node, walk->frames[i].pc, walk->signal[i] ? NODE_SIGNAL : 0);
      if (node == 0)
        {
          cache->n_frames = 0;
          return 0;
        }
      if (keep)
        {
          walk->frames[i].node = node;
          cache->frames[n_cached++] = walk->frames[i];
        }
    }
  if (keep)
    cache->n_frames = n_cached;

  return node;
}

static inline void
check_generation (ArenaHeader *arena,
                  StackCache  *cache)
{
  uint32_t generation = atomic_load_explicit (&arena->module_generation, memory_order_acquire);

  if (cache->generation == generation)
    return;
  stack_cache_clear (cache);
  cache->generation = generation;
}

uint32_t
stack_capture (ArenaHeader  *arena,
               StackCache   *cache,
               const Caller *caller,
               bool          cached)
{
  uint32_t limit = arena->stack_depth < STACK_MAX_DEPTH ? arena->stack_depth : STACK_MAX_DEPTH;
  StackWalk *walk = cached ? &cache->walk : &cache->nested_walk;

  if (cached)
    check_generation (arena, cache);
  if (limit == 0)
    limit = 1;

  walk_stack (walk, cache, caller, cached, limit);

  /* with the shared frames it may be deeper than is asked for: then by itself */
  if (walk->shared + walk->n_frames > limit)
    {
      walk_stack (walk, cache, caller, false, limit);
      cached = false;
    }
  else if (walk->shared > 0 && walk->n_frames == 0)
    {
      cache->n_frames = walk->shared;
      return cache->frames[walk->shared - 1].node;
    }

  return intern (arena, walk, cache, cached);
}

uint32_t
stack_caller (ArenaHeader  *arena,
              StackCache   *cache,
              const Caller *caller,
              bool          cached)
{
  uint32_t slot = (uint32_t)((caller->pc * UINT64_C (0x9e3779b97f4a7c15)) >> 58) & (CALLER_CACHE_SIZE - 1);
  uint32_t node;

  if (!cached)
    return trie_get (arena, truncation_mark (arena), caller->pc, 0);

  check_generation (arena, cache);
  if (cache->callers[slot].pc == caller->pc)
    return cache->callers[slot].node;

  node = trie_get (arena, truncation_mark (arena), caller->pc, 0);
  cache->callers[slot].pc = caller->pc;
  cache->callers[slot].node = node;

  return node;
}
