/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* Which addresses of a stack may be read.
 *
 * A frame chain should never lead outside the stack it is on, but call-frame
 * information can be wrong, and code without frame pointers leaves anything in
 * rbp. So every word is checked against a range known to be readable before it
 * is loaded. Asking pthread_getattr_np() for the stack would deadlock when the
 * program is just in there, and reads /proc for the main thread. Instead:
 *
 * - The end of a thread's own stack is known: its control block is there, and
 *   __libc_stack_end for the main thread. From the current page up to it, pages
 *   are probed once, when the thread first allocates that deep.
 * - Any other stack (sigaltstack, coroutines) is probed upwards from its pointer.
 *
 * A probe is rt_sigprocmask with an invalid `how`: the kernel reads the word
 * (EFAULT if it can't) before it rejects the call (EINVAL). No descriptor, no
 * permission, safe in a signal handler, and every sandbox allows it.
 */

#include <stdbool.h>
#include <stdint.h>

typedef struct
{
  uintptr_t start;
  uintptr_t end;
} StackRange;

typedef struct
{
  StackRange own;
  StackRange other;    /* the last foreign stack that was met */
} StackRanges;

/* What the thread's own stack ends with: set once, before the first use. */
void        stack_ranges_init (StackRanges *ranges, uintptr_t end);

/* Probes what lies below, too, for a time when nothing can be probed any more. */
void        stack_ranges_look_ahead (StackRanges *ranges);

/* The slow half of stack_ranges_find(). */
const StackRange *stack_ranges_probe (StackRanges *ranges, uintptr_t pointer);

/* Can the word at @address be read? For the doubtful case: one system call. */
bool        stack_is_readable (uintptr_t address);

/* The end of the calling thread's stack. */
uintptr_t   stack_find_end (void);

/* The readable range around the stack pointer @pointer. */
static inline const StackRange *
stack_ranges_find (StackRanges *ranges,
                   uintptr_t    pointer)
{
  if (pointer - ranges->own.start < ranges->own.end - ranges->own.start)
    return &ranges->own;
  if (pointer - ranges->other.start < ranges->other.end - ranges->other.start)
    return &ranges->other;

  return stack_ranges_probe (ranges, pointer);
}

/* Does @range hold the word at @address, aligned so that it is not cut by the end? */
static inline bool
stack_range_holds (const StackRange *range,
                   uintptr_t         address)
{
  return address >= range->start && address < range->end && (address & 7) == 0;
}
