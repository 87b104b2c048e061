/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* From a frame to the trie node of its stack.
 *
 * Stacks have most of their outer frames in common with the one before. Each thread
 * keeps that one, its path: for every frame the return address, where that is, rbp, and
 * where the caller's rbp was loaded from. A stack is unwound from the inside until a frame
 * that was *reached by unwinding* has the return address, the slot and the rbp of one in
 * the path. What a frame's caller is depends on these three and on the words that are
 * loaded alone, so from there on it is enough that each of those words is what it was:
 * two compares a frame, which don't wait for each other. At the first that differs
 * unwinding goes on. What else a walk depended on (a CFA that was loaded, the zero that
 * ends a stack) is a word to compare, too.
 *
 * Frames that are not in the path are stepped over by their rules; those that thread met
 * before are in a small table of its own (ShortRule), one word each.
 *
 * Each frame of the path has the hash of the return addresses up to it, from the outermost
 * inward; so only the new frames' have to be added. A stack becomes a node by its hash: a
 * table of the thread's own knows the nodes of the stacks it met by 40 bits of it and its
 * place, which tells 8 more bits in the smallest table and 18 in the largest (that a stack
 * is taken for another of 128, resp. 131,072, has a chance of less than 1 in 10^11). As
 * such tables grow large and are met at random, the stacks met lately are in a small one,
 * too. Only a stack that is in neither asks the trie, from where it parts from the last one
 * that did.
 *
 * Stacks that are deeper than allowed, or end where nothing can be read, leave no path.
 * Those with an interrupted frame, or one whose rule needs more registers, are unwound in
 * the other way each time (unwinder.h). An unload makes all be forgotten. A signal handler
 * that interrupts this walks by itself.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "modules.h"
#include "unwinder.h"

#define STACK_RULES    2048u  /* powers of two */
#define STACK_RECENT   4096u
#define STACK_CALLERS  64u
#define STACK_NODES    256u   /* to begin with */

/* A frame of the path, and how its caller was found. */
typedef struct
{
  uintptr_t pc;
  uintptr_t slot;        /* where the return address was found */
  uintptr_t rbp;
  uintptr_t rbp_at;      /* where the caller's rbp was; that of the field above: it is the same */
  uint64_t  hash;
} PathFrame;

/* A rule that is an offset from rsp or rbp, with rbp left alone or saved not far below
 * the return address, and what it is the rule of: place and tag together are the whole
 * return address, of 47 bits.
 *   bit  0      the CFA is an offset from rbp, not rsp
 *   bits 1-15   the offset, in words (signed)
 *   bits 16-27  words from the return address down to where rbp is saved; 0: it is the same
 *   bits 28-63  the return address' upper bits
 */
typedef uint64_t ShortRule;

/* The low 24 bits are a node, the others those of the stack's hash; 0: empty. */
typedef uint64_t KnownStack;

typedef struct
{
  uintptr_t pc;          /* 0: empty */
  uint64_t  node;
} KnownCaller;

typedef struct
{
  ShortRule      rules[STACK_RULES];    /* by return address; what collides is replaced */
  KnownStack     recent[STACK_RECENT];  /* by hash, likewise */
  KnownCaller    callers[STACK_CALLERS];
  KnownStack     first_known[STACK_NODES];
  KnownStack    *known;                 /* by hash, half of it empty */
  uint32_t       known_size;
  uint32_t       n_known;
  uint32_t       generation;            /* of the modules */
  uint32_t       attachment;            /* of the trie */
  unsigned       max_depth;
  PathFrame     *path;                  /* outermost first, from 1; what is before is beyond all slots */
  PathFrame     *fresh;                 /* innermost first */
  uintptr_t      path_end;              /* the end of the stack it is on */
  unsigned       n_path;
  uint32_t       path_node;             /* of its last frame; UINT32_MAX: not known */
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
