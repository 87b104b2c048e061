/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* From a frame to the trie node of its stack.
 *
 * Two stacks in a row have most of their outer frames in common, so each thread
 * keeps the last one and only proves that it still holds. Unwinding starts at the
 * innermost frame as always; when it *reaches* a frame whose return address, the
 * slot that holds it and rbp are those of a kept one, the two frames are the same
 * state. From there the words that the kept frames' rules would load (the next
 * return address, the saved rbp) are compared, in order, with what they were. As
 * long as they are equal the unwinder would arrive at the same states, so the kept
 * trie node is right, and the frames cost two compares each. At the first
 * difference unwinding goes on from there.
 *
 * Not kept: stacks with an interrupted frame or one that needs more registers,
 * stacks that are cut by the depth limit or end at a word that may change. Frames
 * whose CFA was loaded are unwound anew. An unload drops everything kept. A signal
 * handler that interrupts all this walks by itself.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "unwinder.h"

#define STACK_CHAINS 8192u   /* a power of two */

typedef struct
{
  uintptr_t slot;        /* where the return address was found */
  uintptr_t pc;
  uintptr_t rbp;
  uintptr_t rbp_slot;    /* where the caller's rbp is; 0: the same as here */
  uint64_t  hash;        /* of this and all outer frames */
  uint32_t  node;
  bool      opaque;      /* the step to the caller can't be verified by compares */
} KeptFrame;

/* Where the frames that were new once have their nodes: proved by a walk along the
 * nodes, which were made in one go and lie side by side.
 */
typedef struct
{
  uint32_t tag;          /* of the innermost frame's hash */
  uint32_t node;         /* of the innermost one; 0: empty */
} Chain;

typedef struct
{
  StackRanges    ranges[2];     /* for each level */
  CfiScratch     scratch[2];
  UnwoundFrame  *plain[2];      /* max_depth of them */
  KeptFrame     *kept;          /* outermost first */
  KeptFrame     *fresh;         /* innermost first */
  unsigned       n_kept;
  unsigned       max_depth;
  uint32_t       generation;    /* of the modules */
  Chain          chains[STACK_CHAINS];
} StackState;

/* The bytes that stack_state_init() wants beside the structure. To be called by
 * the thread itself.
 */
size_t   stack_state_extra  (unsigned max_depth);
void     stack_state_init   (StackState *state, void *extra, unsigned max_depth);

/* Forgets all that belongs to an arena. */
void     stack_state_reset  (StackState *state);

/* The node of the stack that begins with @frame. */
uint32_t stack_capture      (StackState *state, const Frame *frame);

/* The same, without anything kept: in signal handlers, and what the tests compare with. */
uint32_t stack_capture_plain (StackState *state, const Frame *frame, unsigned level);

/* The caller only, marked truncated. */
uint32_t stack_capture_caller (StackState *state, const Frame *frame, unsigned level);
