/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* All that is bound to x86-64 Linux: system calls that leave errno alone,
 * stamps, registers. No other file of the recorder contains assembly.
 */

#include <stdint.h>

#ifndef __x86_64__
#error "the recorder runs on x86-64 only"
#endif

/* DWARF register numbers */
enum
{
  DWARF_RBX = 3,
  DWARF_RBP = 6,
  DWARF_RSP = 7,
  DWARF_R12 = 12,
  DWARF_RA  = 16,
  DWARF_N_REGISTERS  = 17,
};

/* ---- system calls: a negative errno on failure ------------------------------ */

static inline long
sys_call6 (long number,
           long a,
           long b,
           long c,
           long d,
           long e,
           long f)
{
  register long r10 __asm__ ("r10") = d;
  register long r8 __asm__ ("r8") = e;
  register long r9 __asm__ ("r9") = f;
  long result;

  __asm__ volatile ("syscall"
                    : "=a" (result)
                    : "a" (number), "D" (a), "S" (b), "d" (c), "r" (r10), "r" (r8), "r" (r9)
                    : "rcx", "r11", "memory");

  return result;
}

static inline long
sys_call4 (long number,
           long a,
           long b,
           long c,
           long d)
{
  return sys_call6 (number, a, b, c, d, 0, 0);
}

static inline long
sys_call3 (long number,
           long a,
           long b,
           long c)
{
  return sys_call6 (number, a, b, c, 0, 0, 0);
}

/* ---- time ----------------------------------------------------------------------- */

/* Whatever the thread stores next becomes visible after it. But it may be read before
 * what stands before it: by as long as an exchange waits for another core's cache line.
 */
static inline uint64_t
arch_stamp (void)
{
  return __builtin_ia32_rdtsc ();
}

/* Read after everything before it has been done: the load by which the allocator learnt
 * that the block was free, or the one by which the program learnt of a block that
 * another thread was given.
 */
static inline uint64_t
arch_stamp_ordered (void)
{
  __builtin_ia32_lfence ();

  return __builtin_ia32_rdtsc ();
}

static inline void
arch_relax (void)
{
  __builtin_ia32_pause ();
}

/* ---- registers ------------------------------------------------------------------- */

/* The thread's control block. glibc puts it above the stack, in the same mapping. */
static inline uintptr_t
arch_thread_pointer (void)
{
  uintptr_t value;

  __asm__ ("mov %%fs:0, %0" : "=r" (value));

  return value;
}

/* The registers at this point of the calling function, as far as a caller's can
 * be derived from them.
 */
__attribute__ ((always_inline)) static inline void
arch_capture (uint64_t registers[DWARF_N_REGISTERS])
{
  __asm__ volatile ("mov %%rbx, 24(%0)\n\t"
                    "mov %%rbp, 48(%0)\n\t"
                    "mov %%rsp, 56(%0)\n\t"
                    "mov %%r12, 96(%0)\n\t"
                    "mov %%r13, 104(%0)\n\t"
                    "mov %%r14, 112(%0)\n\t"
                    "mov %%r15, 120(%0)\n\t"
                    "lea 0(%%rip), %%rax\n\t"
                    "mov %%rax, 128(%0)"
                    :
                    : "r" (registers)
                    : "rax", "memory");
}
