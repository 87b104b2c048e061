/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* From a frame to the trie node of its stack.
 *
 * Stacks have most of their outer frames in common with those before them. Where
 * such a frame's caller is found depends on its return address, the slot that
 * holds it and rbp alone, so each thread remembers, by slot, where it found it: the
 * slot of the caller's return address, and the one of the caller's rbp. When
 * unwinding *reaches* a frame with the same three words, the two words are loaded
 * from there, as the rule would have it, without looking for the rule. As what is
 * loaded is what is there now, nothing has to be proved about the frames beyond;
 * each is met with its own three words. A frame costs about as much as in a walk
 * along frame pointers.
 *
 * What was unwound becomes a node by the hash of its return addresses: a table of
 * the thread's own knows the nodes of the stacks it met by 40 bits of it and its place,
 * which tells 8 more bits in the smallest table and 18 in the largest (that a stack is
 * taken for another of 128, resp. 131,072, has a chance of less than 1 in 10^11). Only
 * a stack that is not in there asks the trie, frame by frame, from where it parts from
 * the last one that did.
 *
 * Not remembered: frames whose CFA was loaded from memory, and ends that depend on
 * what a word holds. Stacks with an interrupted frame, or one whose rule needs more
 * registers, are unwound in the other way each time (unwinder.h). An unload makes
 * all be forgotten. A signal handler that interrupts this walks by itself.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "modules.h"
#include "unwinder.h"

#define STACK_FRAMES   512u   /* powers of two */
#define STACK_CALLERS  64u
#define STACK_NODES    256u   /* to begin with */

/* A frame, and how its caller was found. Half a cache line. */
typedef struct
{
  _Alignas (32)
  uintptr_t slot;        /* where the return address was found; 0: empty */
  uintptr_t pc;
  uintptr_t rbp;
  uint32_t  outer;       /* words to where the caller's is; or how the stack ends here */
  uint16_t  rbp_saved;   /* words to where the caller's rbp is, before that; 0: it is the same */
  uint16_t  next;        /* bytes from the first entry to the caller's: told, not computed, to be there sooner */
} KnownFrame;

_Static_assert (STACK_FRAMES * sizeof (KnownFrame) <= UINT16_MAX + 1, "next has 16 bits");

/* The low 24 bits are a node, the others those of the stack's hash; 0: empty. */
typedef uint64_t KnownStack;

typedef struct
{
  uintptr_t pc;          /* 0: empty */
  uint64_t  node;
} KnownCaller;

typedef struct
{
  KnownFrame     frames[STACK_FRAMES];  /* by slot; what collides is replaced */
  KnownCaller    callers[STACK_CALLERS];
  KnownStack     first_known[STACK_NODES];
  KnownStack    *known;                 /* by hash, half of it empty */
  uint32_t       known_size;
  uint32_t       n_known;
  uint32_t       generation;            /* of the modules */
  uint32_t       attachment;            /* of the trie */
  unsigned       max_depth;
  uintptr_t     *pcs;                   /* max_depth of them, innermost first */
  uintptr_t     *made_pcs;              /* of the last stack that asked the trie, outermost first */
  uint32_t      *made_nodes;
  uint32_t       made_base;
  unsigned       n_made;
  UnwoundFrame  *plain[2];              /* likewise, for each level */
  StackRanges    ranges[2];
  CfiScratch     scratch[2];
} StackState;

/* The bytes that stack_state_init() wants beside the structure. To be called by
 * the thread itself.
 */
size_t   stack_state_extra  (unsigned max_depth);
void     stack_state_init   (StackState *state, void *extra, unsigned max_depth);

/* Forgets what belongs to another arena, or to code that is gone. */
void     stack_state_reset  (StackState *state);

/* The node of the stack that begins with @frame. */
uint32_t stack_capture      (StackState *state, const Frame *frame);

/* The same, without anything remembered: in signal handlers, and what the tests
 * compare with.
 */
uint32_t stack_capture_plain (StackState *state, const Frame *frame, unsigned level);

/* The slow half of stack_capture_caller(). */
uint32_t stack_find_caller  (StackState *state, uintptr_t pc, unsigned level);

/* Nothing was unloaded since. */
static inline bool
stack_is_current (const StackState *state)
{
  return state->generation == atomic_load_explicit (&modules_generation, memory_order_acquire);
}

static inline KnownCaller *
stack_caller_place (StackState *state,
                    uintptr_t   pc)
{
  return &state->callers[(pc * UINT64_C (0x9e3779b97f4a7c15)) >> 58];
}

/* The caller only, marked truncated. */
static inline uint32_t
stack_capture_caller (StackState  *state,
                      const Frame *frame,
                      unsigned     level)
{
  const KnownCaller *known = stack_caller_place (state, frame->pc);

  if (__builtin_expect (level == 0 && known->pc == frame->pc && stack_is_current (state), 1))
    return (uint32_t)known->node;

  return stack_find_caller (state, frame->pc, level);
}
