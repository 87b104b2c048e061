/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "stack-range.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arch-x86_64.h"

#define PAGE           UINT64_C (4096)
#define MAX_OWN_PAGES  16384u   /* 64 MiB between two allocations of one thread */
#define MAX_OTHER_PAGES  256u   /* 1 MiB of a foreign stack */
#define PAGES_AHEAD      256u

extern void *__libc_stack_end;

bool
stack_is_readable (uintptr_t address)
{
  /* to the kernel no set at all */
  if (address < PAGE)
    return false;

  return sys_call4 (SYS_rt_sigprocmask, -1, (long)(address & ~(PAGE - 1)), 0, 8) != -EFAULT;
}

/* A thread's control block is above it, the main thread's far below; which of the
 * two this is can't be told by its id: the child of a thread's fork has the id of a
 * main thread.
 */
uintptr_t
stack_find_end (void)
{
  uintptr_t control_block = arch_thread_pointer ();
  uintptr_t here = (uintptr_t)__builtin_frame_address (0);
  uintptr_t main_end = (uintptr_t)__libc_stack_end;

  return here < main_end && control_block < here ? main_end : control_block;
}

void
stack_ranges_init (StackRanges *ranges,
                   uintptr_t    end)
{
  *ranges = (StackRanges) { .own = { end & ~(PAGE - 1), end } };
}

void
stack_ranges_look_ahead (StackRanges *ranges)
{
  for (unsigned i = 0; i < PAGES_AHEAD && stack_is_readable (ranges->own.start - PAGE); i++)
    ranges->own.start -= PAGE;
}

static bool
all_readable (uintptr_t from,
              uintptr_t to)
{
  for (; from < to; from += PAGE)
    if (!stack_is_readable (from))
      return false;

  return true;
}

const StackRange *
stack_ranges_probe (StackRanges *ranges,
                    uintptr_t    pointer)
{
  uintptr_t page = pointer & ~(PAGE - 1);
  uintptr_t end = page;

  if (page < ranges->own.start && ranges->own.start - page <= MAX_OWN_PAGES * PAGE &&
      all_readable (page, ranges->own.start))
    {
      ranges->own.start = page;
      return &ranges->own;
    }

  while (end - page < MAX_OTHER_PAGES * PAGE && stack_is_readable (end))
    end += PAGE;

  ranges->other = (StackRange) { page, end };

  return &ranges->other;
}
