/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "unwinder.h"

#include "arena.h"
#include "modules.h"

/* Frames of the recorder itself, and then some, before @start must be met. */
#define MAX_OWN_FRAMES 32u

#if defined __SANITIZE_ADDRESS__
#define NO_SANITIZE __attribute__ ((no_sanitize_address))
#else
#define NO_SANITIZE
#endif

NO_SANITIZE static bool
read_word (void      *data,
           uintptr_t  address,
           uint64_t  *value)
{
  const StackRanges *ranges = data;

  if (!stack_range_holds (&ranges->own, address) && !stack_range_holds (&ranges->other, address) &&
      !(stack_is_readable (address) && stack_is_readable (address + 7)))
    return false;

  *value = *(const uint64_t *)address;

  return true;
}

static bool
find_row (uintptr_t   pc,
          CfiScratch *scratch)
{
  uintptr_t start, end;
  const uint8_t *header = modules_find_cfi (pc, &start, &end);

  return header != NULL && cfi_find_row (header, start, end, pc, scratch);
}

__attribute__ ((noinline)) static unsigned
unwind_by_registers (const Frame  *start,
                     StackRanges  *ranges,
                     CfiScratch   *scratch,
                     UnwoundFrame *frames,
                     unsigned      max,
                     bool         *truncated)
{
  uint64_t registers[DWARF_N_REGISTERS] = { 0 };
  bool inside = true, exact = true;
  unsigned n = 0;

  *truncated = true;
  arch_capture (registers);

  for (unsigned i = 0; n < max && i < max + MAX_OWN_FRAMES; i++)
    {
      uintptr_t sp = registers[DWARF_RSP], pc = registers[DWARF_RA];
      CfiStep step;

      if (inside && sp == start->sp && pc == start->pc)
        inside = false;
      if (!inside)
        frames[n++] = (UnwoundFrame) { pc, exact ? NODE_SIGNAL : 0 };

      if (!find_row (exact ? pc : pc - 1, scratch))
        break;

      step = cfi_step (scratch, registers, read_word, ranges);
      if (step == CFI_OUTERMOST)
        *truncated = inside;
      if (step != CFI_STEPPED || (registers[DWARF_RSP] <= sp && !scratch->signal_frame))
        break;

      exact = scratch->signal_frame;
    }

  if (n == 0)
    frames[n++] = (UnwoundFrame) { start->pc, 0 };

  return n;
}

unsigned
unwind (const Frame  *start,
        StackRanges  *ranges,
        CfiScratch   *scratch,
        UnwoundFrame *frames,
        unsigned      max,
        bool         *truncated)
{
  const StackRange *range = stack_ranges_find (ranges, start->sp);
  Frame frame = *start;
  unsigned n = 0;

  *truncated = true;

  while (n < max)
    {
      StepSource source;
      Step step;

      frames[n++] = (UnwoundFrame) { frame.pc, 0 };
      step = unwind_step (&frame, rules_find (frame.pc, scratch), range, &source);

      if (step == STEP_COMPLEX)
        return unwind_by_registers (start, ranges, scratch, frames, max, truncated);
      if (step == STEP_OUTERMOST || step == STEP_ZERO)
        *truncated = false;
      if (step != STEP_DONE)
        break;
    }

  return n;
}
