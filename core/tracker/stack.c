/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "stack.h"

#include <string.h>

#include "arena.h"
#include "modules.h"
#include "trie.h"

#if defined __SANITIZE_ADDRESS__
#define NO_SANITIZE __attribute__ ((no_sanitize_address))
#else
#define NO_SANITIZE
#endif

size_t
stack_state_extra (unsigned max_depth)
{
  return max_depth * 2 * (sizeof (UnwoundFrame) + sizeof (KeptFrame));
}

void
stack_state_init (StackState *state,
                  void       *extra,
                  unsigned    max_depth)
{
  stack_ranges_init (&state->ranges[0], stack_find_end ());
  state->ranges[1] = state->ranges[0];
  state->max_depth = max_depth;
  state->kept = extra;
  state->fresh = state->kept + max_depth;
  state->plain[0] = (UnwoundFrame *)(state->fresh + max_depth);
  state->plain[1] = state->plain[0] + max_depth;
}

void
stack_state_reset (StackState *state)
{
  state->n_kept = 0;
  memset (state->chains, 0, sizeof state->chains);
  state->generation = atomic_load_explicit (&modules_generation, memory_order_acquire);
}

static inline void
drop_if_unloaded (StackState *state)
{
  if (state->generation != atomic_load_explicit (&modules_generation, memory_order_acquire))
    stack_state_reset (state);
}

/* ---- nodes ------------------------------------------------------------------ */

/* Is @node the innermost of the @n frames, called from @base? They learn their nodes. */
static inline bool
is_chain (KeptFrame *frames,
          unsigned   n,
          uint32_t   node,
          uint32_t   base)
{
  for (unsigned i = 0; i < n; i++)
    {
      const StackNode *at = trie_node (node);

      if (node == 0 || at->address != frames[i].pc || at->flags != 0)
        return false;
      frames[i].node = node;
      node = at->parent;
    }

  return node == base;
}

/* Gives @n frames, innermost first and called from @base (whose hash is @hash), their
 * nodes. Level 0 only: a handler that interrupts the update of an entry must not meet it.
 */
static inline void
find_nodes (StackState *state,
            KeptFrame  *frames,
            unsigned    n,
            uint64_t    hash,
            uint32_t    base)
{
  Chain *chain;

  for (unsigned i = n; i > 0; i--)
    {
      hash = (hash ^ hash >> 29 ^ frames[i - 1].pc) * UINT64_C (0x9e3779b97f4a7c15);
      frames[i - 1].hash = hash;
    }

  hash ^= hash >> 29;
  chain = &state->chains[hash & (STACK_CHAINS - 1)];
  if (chain->tag == (uint32_t)(hash >> 32) && is_chain (frames, n, chain->node, base))
    return;

  for (unsigned i = n; i > 0; i--)
    base = frames[i - 1].node = trie_child (base, frames[i - 1].pc, 0);

  *chain = (Chain) { (uint32_t)(hash >> 32), base };
}

uint32_t
stack_capture_caller (StackState  *state,
                      const Frame *frame,
                      unsigned     level)
{
  KeptFrame caller = { .pc = frame->pc };

  if (level != 0)
    return trie_child (trie_truncated (), frame->pc, 0);

  drop_if_unloaded (state);
  find_nodes (state, &caller, 1, 1, trie_truncated ());

  return caller.node;
}

uint32_t
stack_capture_plain (StackState  *state,
                     const Frame *frame,
                     unsigned     level)
{
  UnwoundFrame *frames = state->plain[level];
  bool truncated;
  unsigned n = unwind (frame, &state->ranges[level], &state->scratch[level], frames, state->max_depth, &truncated);
  uint32_t node = truncated ? trie_truncated () : 0;

  while (n > 0)
    {
      n--;
      node = trie_child (node, frames[n].pc, frames[n].flags);
    }

  return node;
}

/* ---- with the kept frames ----------------------------------------------------- */

/* How far outward the kept frames hold, given that number @from does. */
NO_SANITIZE static inline unsigned
verify (const KeptFrame *kept,
        unsigned         from)
{
  unsigned i = from;

  for (; i > 0; i--)
    {
      const KeptFrame *frame = &kept[i], *caller = &kept[i - 1];

      if (*(uintptr_t *)caller->slot != caller->pc || frame->opaque ||
          (frame->rbp_slot != 0 && *(uintptr_t *)frame->rbp_slot != caller->rbp))
        break;
    }

  return i;
}

/* Puts the fresh frames, called from @base, on top of @n_kept kept ones. */
static uint32_t
keep (StackState *state,
      unsigned    n_kept,
      unsigned    n_fresh,
      uint32_t    base)
{
  KeptFrame *kept = &state->kept[n_kept];

  find_nodes (state, state->fresh, n_fresh, n_kept > 0 ? state->kept[n_kept - 1].hash : base, base);
  for (unsigned i = n_fresh; i > 0; i--)
    *kept++ = state->fresh[i - 1];

  state->n_kept = n_kept + n_fresh;

  return n_fresh > 0 ? state->fresh[0].node : base;
}

uint32_t
stack_capture (StackState  *state,
               const Frame *start)
{
  const StackRange *range = stack_ranges_find (&state->ranges[0], start->sp);
  unsigned n_fresh = 0, candidate;
  Frame frame = *start;
  Step step = STEP_DONE;

  drop_if_unloaded (state);
  if (state->n_kept > 0 && !stack_range_holds (range, state->kept[0].slot))
    state->n_kept = 0;
  candidate = state->n_kept;

  while (step == STEP_DONE)
    {
      uintptr_t slot = frame.sp - 8;
      const KeptFrame *same;
      StepSource source;

      while (candidate > 0 && state->kept[candidate - 1].slot < slot)
        candidate--;

      same = candidate > 0 ? &state->kept[candidate - 1] : NULL;
      if (same != NULL && same->slot == slot && same->pc == frame.pc && same->rbp == frame.rbp)
        {
          unsigned reached = verify (state->kept, candidate - 1);

          if (reached == 0)
            {
              if (candidate + n_fresh > state->max_depth)
                return stack_capture_plain (state, start, 0);
              return keep (state, candidate, n_fresh, same->node);
            }

          /* those in between are as they were; their nodes are not */
          for (; candidate - 1 > reached && n_fresh < state->max_depth; candidate--)
            state->fresh[n_fresh++] = state->kept[candidate - 1];
          candidate = reached;
          frame = (Frame) { state->kept[reached].pc, state->kept[reached].slot + 8, state->kept[reached].rbp };
          slot = frame.sp - 8;
        }

      if (n_fresh == state->max_depth)
        return stack_capture_plain (state, start, 0);

      state->fresh[n_fresh] = (KeptFrame) { .slot = slot, .pc = frame.pc, .rbp = frame.rbp };
      step = unwind_step (&frame, rules_find (frame.pc, &state->scratch[0]), range, &source);
      state->fresh[n_fresh].rbp_slot = source.rbp_slot;
      state->fresh[n_fresh].opaque = source.opaque;
      n_fresh++;
    }

  if (step == STEP_COMPLEX)
    return stack_capture_plain (state, start, 0);

  {
    bool ends = step == STEP_OUTERMOST || step == STEP_ZERO;
    uint32_t node = keep (state, 0, n_fresh, ends ? 0 : trie_truncated ());

    /* what such an end depends on is not among the words that are verified */
    if (step == STEP_ZERO || step == STEP_BAD)
      state->n_kept = 0;

    return node;
  }
}
