/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* What the recorder keeps for each thread, and the life of its slot. */

#include <stdbool.h>
#include <stdint.h>

#include "recorder.h"
#include "ring-writer.h"
#include "stack.h"

#define MAX_LEVEL 2u

typedef struct _Thread Thread;

struct _Thread
{
  uint32_t   generation;      /* of the arena the slot belongs to; 0: no slot */
  uint32_t   level;           /* events under way: 1, and 2 in a handler that interrupted one */
  bool       transient;       /* the thread is ending: its slot is closed after each event */
  uint8_t    destructions;    /* rounds of key destructors seen */
  uint32_t   refused;         /* events since no slot was free */
  uintptr_t  pointers[MAX_LEVEL]; /* stack pointers of the events under way */
  RingWriter writer;
  StackState stack;
  size_t     size;            /* of this structure with all that lies behind it */
  Thread    *next;            /* of all, for a fork's child */
  bool       in_use;
};

extern __thread Thread *thread_current __attribute__ ((visibility ("hidden")));

/* Once per process image. */
bool    thread_init           (void);

/* In the child of a fork: only the calling thread is left. */
void    thread_forked         (void);

/* The recorder calls what may allocate: such calls are not recorded. */
void    thread_begin_own_work (void);
void    thread_end_own_work   (void);
bool    thread_is_own_work    (void);

/* The calling thread loses its counter, and perhaps most system calls, or has it again. */
void    thread_lose_clock     (bool lost);

/* Is an event of this thread under way? */
bool    thread_is_inside      (void);

/* The slow half of thread_enter(). */
Thread *thread_attach         (void);
Thread *thread_enter_nested   (Thread *thread, uintptr_t pointer, unsigned *level);

/* Closes the slot of a thread that is ending. */
void    thread_leave_transient (Thread *thread);

/* Begins an event; NULL: it is not recorded. @pointer is the stack pointer of the
 * hook's caller. *@level says which ring the event goes to.
 */
static inline Thread *
thread_enter (uintptr_t  pointer,
              unsigned  *level)
{
  Thread *thread = thread_current;

  if (__builtin_expect (thread == NULL ||
                        thread->generation != atomic_load_explicit (&recorder.generation, memory_order_relaxed), 0))
    {
      thread = thread_attach ();
      if (thread == NULL)
        return NULL;
    }

  if (__builtin_expect (thread->level != 0, 0))
    return thread_enter_nested (thread, pointer, level);

  thread->level = 1;
  thread->pointers[0] = pointer;
  atomic_signal_fence (memory_order_seq_cst);
  *level = 0;

  return thread;
}

static inline void
thread_leave (Thread *thread)
{
  atomic_signal_fence (memory_order_seq_cst);
  thread->level--;
  if (__builtin_expect (thread->transient, 0))
    thread_leave_transient (thread);
}
