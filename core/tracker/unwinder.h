/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* From a frame to its caller's, in two ways.
 *
 * By rules (rules.h): a frame is (pc, sp, rbp), and for nearly every function
 * these suffice to find the same three of its caller. A few nanoseconds.
 *
 * By registers: all callee-saved registers, all of the call-frame information's
 * vocabulary, interrupted frames. Starts inside the recorder itself, for the
 * registers of its caller are known nowhere else. Microseconds; for stacks in
 * which some frame's rule is RULE_COMPLEX.
 *
 * Every word is checked before it is read (stack-range.h), the stack pointer must
 * grow from frame to frame unless the kernel switched stacks for a signal, and
 * the number of frames is bounded. Async-signal-safe, no locks.
 */

#include <stdbool.h>
#include <stdint.h>

#include "rules.h"
#include "stack-range.h"

/* A frame that waits for a call to return: @pc is the return address, @sp and
 * @rbp what the registers will be then.
 */
typedef struct
{
  uintptr_t pc;
  uintptr_t sp;
  uintptr_t rbp;
} Frame;

/* The caller of the function this stands in, which must keep a frame pointer. */
#define FRAME_OF_CALLER()                                                   \
  ((Frame) {                                                                \
    .pc = (uintptr_t)__builtin_return_address (0),                          \
    .sp = (uintptr_t)__builtin_frame_address (0) + 2 * sizeof (uintptr_t),  \
    .rbp = *(uintptr_t *)__builtin_frame_address (0),                       \
  })

typedef struct
{
  uintptr_t pc;
  unsigned  flags;     /* NODE_SIGNAL: exact, the frame was interrupted there */
} UnwoundFrame;

typedef enum
{
  STEP_DONE,
  STEP_OUTERMOST,      /* the rule says so */
  STEP_UNKNOWN,        /* no rule: what is beyond is not recorded */
  STEP_COMPLEX,        /* start again, by registers */
  STEP_ZERO,           /* the return address is 0: outermost too, but the word might change */
  STEP_BAD,            /* leads nowhere that could be read */
} Step;

/* What the step depended on besides the frame itself. */
typedef struct
{
  uintptr_t pc_slot;   /* where the caller's return address was */
  uintptr_t rbp_slot;  /* where the caller's rbp was; 0: unchanged */
  uintptr_t cfa_slot;  /* where the CFA was; 0: it was an offset from a register */
} StepSource;

/* Replaces @frame by its caller's. */
#if defined __SANITIZE_ADDRESS__
__attribute__ ((no_sanitize_address))
#endif
static inline Step
unwind_step (Frame            *frame,
             Rule              rule,
             const StackRange *range,
             StepSource       *source)
{
  uintptr_t cfa, at, pc;

  *source = (StepSource) { 0 };

  switch (rule_kind (rule))
    {
    case RULE_CFA_RSP:
      cfa = frame->sp + (uintptr_t)rule_offset (rule);
      break;
    case RULE_CFA_RBP:
      cfa = frame->rbp + (uintptr_t)rule_offset (rule);
      break;
    case RULE_CFA_LOAD_RSP:
    case RULE_CFA_LOAD_RBP:
      at = (rule_kind (rule) == RULE_CFA_LOAD_RSP ? frame->sp : frame->rbp) + (uintptr_t)rule_offset (rule);
      if (!stack_range_holds (range, at))
        return STEP_BAD;
      cfa = *(uintptr_t *)at + (uintptr_t)rule_addend (rule);
      source->cfa_slot = at;
      break;
    case RULE_OUTERMOST:
      return STEP_OUTERMOST;
    case RULE_COMPLEX:
      return STEP_COMPLEX;
    case RULE_UNKNOWN:
    default:
      return STEP_UNKNOWN;
    }

  if (cfa <= frame->sp || !stack_range_holds (range, cfa - 8))
    return STEP_BAD;

  source->pc_slot = cfa - 8;
  pc = *(uintptr_t *)source->pc_slot;

  if (rule_rbp (rule) != RBP_SAME)
    {
      at = (rule_rbp (rule) == RBP_AT_CFA ? cfa : frame->rbp) + (uintptr_t)rule_rbp_offset (rule);
      if (!stack_range_holds (range, at))
        return STEP_BAD;
      frame->rbp = *(uintptr_t *)at;
      source->rbp_slot = at;
    }

  if (pc == 0)
    return STEP_ZERO;

  frame->pc = pc;
  frame->sp = cfa;

  return STEP_DONE;
}

/* The frames from @start outward, at most @max, by rules, and if those don't do by
 * registers. Returns how many; *@truncated: there are more, or it is not known.
 */
unsigned unwind (const Frame  *start,
                 StackRanges  *ranges,
                 CfiScratch   *scratch,
                 UnwoundFrame *frames,
                 unsigned      max,
                 bool         *truncated);
