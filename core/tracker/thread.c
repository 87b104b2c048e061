/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "thread.h"

#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>

#include "arch-x86_64.h"
#include "memory.h"
#include "memscope-format.h"

#define MAX_DEPTH     4096u
#define RETRY_EVENTS  64u    /* between two looks for a free slot */

/* ThreadSanitizer's own state of a thread is gone after the first rounds. */
#ifdef __SANITIZE_THREAD__
#define END_ROUND     1
#else
#define END_ROUND     PTHREAD_DESTRUCTOR_ITERATIONS
#endif

__thread Thread *thread_current;

/* The thread's number, kept when its slot and memory are not. */
static __thread uint32_t serial;
static __thread uint32_t serial_generation;
static __thread uint8_t own_work;
static __thread bool ending;

static pthread_key_t end_key;
static Thread *threads;
static _Atomic uint32_t threads_lock;

/* ---- memory ---------------------------------------------------------------- */

/* A signal handler that strikes meanwhile must not come here: it is not recorded. */
static void
lock_threads (void)
{
  thread_begin_own_work ();
  while (atomic_exchange_explicit (&threads_lock, 1, memory_order_acquire) != 0)
    arch_relax ();
}

static void
unlock_threads (void)
{
  atomic_store_explicit (&threads_lock, 0, memory_order_release);
  thread_end_own_work ();
}

static Thread *
new_thread (unsigned depth)
{
  size_t size = sizeof (Thread) + stack_state_extra (depth);
  Thread *thread;

  lock_threads ();
  for (thread = threads; thread != NULL; thread = thread->next)
    if (!thread->in_use && thread->size >= size)
      break;

  if (thread == NULL && (thread = own_memory_map (size)) != NULL)
    {
      thread->size = size;
      thread->next = threads;
      threads = thread;
    }

  if (thread != NULL)
    thread->in_use = true;
  unlock_threads ();

  return thread;
}

static void
give_back (Thread *thread)
{
  thread->generation = 0;
  thread->level = 0;
  thread->transient = false;
  thread->destructions = 0;
  thread->refused = 0;
  thread->writer = (RingWriter) { 0 };

  lock_threads ();
  thread->in_use = false;
  unlock_threads ();
}

/* ---- the end of a thread -------------------------------------------------------- */

/* Key destructors run in rounds as long as keys have values. Ours sets its own
 * again until the last round, so that what the others free is still recorded in
 * the usual way. What comes after that opens a slot for each event.
 */
static void
thread_ended (void *data)
{
  Thread *thread = data;

  if (thread != thread_current)
    return;

  if (++thread->destructions < END_ROUND)
    {
      thread_begin_own_work ();
      pthread_setspecific (end_key, thread);
      thread_end_own_work ();
      return;
    }

  ending = true;
  thread_current = NULL;
  atomic_signal_fence (memory_order_seq_cst);
  if (thread->generation == atomic_load_explicit (&recorder.generation, memory_order_relaxed) && recorder_is_on ())
    ring_writer_close (&thread->writer);
  give_back (thread);
}

void
thread_leave_transient (Thread *thread)
{
  if (thread->level != 0)
    return;

  thread_current = NULL;
  atomic_signal_fence (memory_order_seq_cst);
  ring_writer_close (&thread->writer);
  give_back (thread);
}

/* A key made this early has an index below 32, whose value needs no allocation. */
bool
thread_init (void)
{
  return pthread_key_create (&end_key, thread_ended) == 0;
}

void
thread_forked (void)
{
  atomic_store_explicit (&threads_lock, 0, memory_order_release);

  for (Thread *thread = threads; thread != NULL; thread = thread->next)
    {
      thread->generation = 0;
      thread->in_use = thread == thread_current;
    }
}

/* ---- own work --------------------------------------------------------------------- */

void
thread_begin_own_work (void)
{
  own_work++;
  atomic_signal_fence (memory_order_seq_cst);
}

void
thread_end_own_work (void)
{
  atomic_signal_fence (memory_order_seq_cst);
  own_work--;
}

bool
thread_is_own_work (void)
{
  return own_work != 0;
}

void
thread_lose_clock (bool lost)
{
  Thread *thread = thread_current;

  clock_stopped = lost ? arch_stamp () : 0;
  if (thread == NULL || thread->writer.slot == NULL)
    return;

  ring_writer_choose_clock (&thread->writer);
  stack_ranges_look_ahead (&thread->stack.ranges[0]);
  thread->stack.ranges[1].own = thread->stack.ranges[0].own;
}

bool
thread_is_inside (void)
{
  return thread_current != NULL && thread_current->level != 0;
}

/* ---- slots ------------------------------------------------------------------------- */

static bool
open_slot (Thread   *thread,
           uint32_t  generation)
{
  ArenaHeader *arena = recorder.arena;

  if (serial == 0 || serial_generation != generation)
    {
      serial = atomic_fetch_add_explicit (&arena->n_threads, 1, memory_order_relaxed) + 1;
      serial_generation = generation;
    }

  return ring_writer_open (&thread->writer, arena, serial, false);
}

static Thread *
attach (void)
{
  uint32_t generation = atomic_load_explicit (&recorder.generation, memory_order_acquire);
  unsigned depth = recorder.arena->stack_depth < MAX_DEPTH ? recorder.arena->stack_depth : MAX_DEPTH;
  Thread *thread = thread_current;
  bool made = thread == NULL;

  if (made)
    {
      thread = new_thread (depth);
      if (thread == NULL)
        return NULL;
    }

  /* slots are scarce: one that was refused asks again, but not each time */
  if (thread->refused % RETRY_EVENTS != 0 || !open_slot (thread, generation))
    {
      thread->refused++;
      atomic_fetch_add_explicit (&recorder.arena->slots_refused, 1, memory_order_relaxed);
      if (made && ending)
        give_back (thread);
      else
        thread_current = thread;
      return NULL;
    }

  stack_state_init (&thread->stack, thread + 1, depth);
  stack_state_reset (&thread->stack);
  thread->refused = 0;
  thread->transient = ending;
  thread->generation = generation;

  if (made && !ending)
    pthread_setspecific (end_key, thread);
  thread_current = thread;

  return thread;
}

Thread *
thread_attach (void)
{
  Thread *thread;

  if (own_work != 0 || !recorder_is_on ())
    return NULL;

  thread_begin_own_work ();
  thread = attach ();
  thread_end_own_work ();

  return thread;
}

/* ---- nesting ----------------------------------------------------------------------- */

static bool
is_on_alternate_stack (void)
{
  stack_t stack;

  return sys_call3 (SYS_sigaltstack, 0, (long)&stack, 0) == 0 && (stack.ss_flags & SS_ONSTACK) != 0;
}

/* Was the event under way left for good, by a jump out of the signal handler that
 * interrupted it? Then the stack has been unwound beyond it.
 */
static bool
was_left (Thread    *thread,
          uintptr_t  pointer)
{
  const StackRange *own = &thread->stack.ranges[0].own;
  uintptr_t before = thread->pointers[thread->level - 1];

  return pointer > before && pointer - own->start < own->end - own->start &&
         before - own->start < own->end - own->start && !is_on_alternate_stack ();
}

/* What it was about to write may be half written: its slot is of no more use. */
static Thread *
start_over (Thread *thread)
{
  ArenaHeader *arena = thread->writer.arena;
  uint32_t number = thread->writer.serial;

  thread->level = 0;
  stack_state_reset (&thread->stack);
  atomic_store_explicit (&thread->writer.slot->in_hook, 0, memory_order_relaxed);
  atomic_store_explicit (&thread->writer.slot->state, SLOT_CLOSED, memory_order_release);
  thread->writer.slot = NULL;

  if (ring_writer_open (&thread->writer, arena, number, false))
    return thread;

  thread->generation = 0;

  return NULL;
}

Thread *
thread_enter_nested (Thread    *thread,
                     uintptr_t  pointer,
                     unsigned  *level)
{
  bool left = false;

  while (thread->level != 0 && was_left (thread, pointer))
    {
      thread->level--;
      left = true;
    }

  if (thread->level == 0)
    {
      if (left && start_over (thread) == NULL)
        return NULL;
    }
  else if (thread->level >= MAX_LEVEL)
    {
      ring_writer_lose (&thread->writer, 0, MEMSCOPE_GAP_NESTED);
      return NULL;
    }

  thread->pointers[thread->level] = pointer;
  *level = thread->level++;
  atomic_signal_fence (memory_order_seq_cst);

  return thread;
}
