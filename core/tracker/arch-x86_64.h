/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* All that is bound to this machine: stamps, raw system calls, the registers an
 * unwind starts from. The calls don't touch errno and are no cancellation points.
 */

#include <stdint.h>

/* After everything before it: a birth is stamped when the allocator is done. */
static inline uint64_t
arch_stamp_after (void)
{
  uint32_t low, high;

  __asm__ volatile ("lfence\n\trdtsc" : "=a" (low), "=d" (high) : : "memory");

  return (uint64_t)high << 32 | low;
}

/* A death is stamped before the real call: stores are not moved before it. */
static inline uint64_t
arch_stamp_before (void)
{
  uint32_t low, high;

  __asm__ volatile ("rdtsc" : "=a" (low), "=d" (high) : : "memory");

  return (uint64_t)high << 32 | low;
}

static inline long
arch_syscall (long number,
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

#define SYSCALL0(n)                 arch_syscall (n, 0, 0, 0, 0, 0, 0)
#define SYSCALL1(n, a)              arch_syscall (n, (long)(a), 0, 0, 0, 0, 0)
#define SYSCALL2(n, a, b)           arch_syscall (n, (long)(a), (long)(b), 0, 0, 0, 0)
#define SYSCALL3(n, a, b, c)        arch_syscall (n, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define SYSCALL4(n, a, b, c, d)     arch_syscall (n, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)
#define SYSCALL6(n, a, b, c, d, e, f) \
  arch_syscall (n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

/* The state of the function that called a hook, as it is right after the call
 * returns. Hooks keep frame pointers, so this is two loads.
 */
typedef struct
{
  uint64_t pc;       /* return address */
  uint64_t slot;     /* where it was found */
  uint64_t sp;       /* above it */
  uint64_t bp;
} Caller;

#define ARCH_CALLER(name) \
  const uint64_t *name##_frame = __builtin_frame_address (0); \
  const Caller name = { name##_frame[1], (uint64_t)(uintptr_t)(name##_frame + 1), \
                        (uint64_t)(uintptr_t)(name##_frame + 2), name##_frame[0] }

/* On entry to the signal trampoline the stack pointer is at the ucontext. */
#define ARCH_SIGNAL_BP 120
#define ARCH_SIGNAL_SP 160
#define ARCH_SIGNAL_PC 168
