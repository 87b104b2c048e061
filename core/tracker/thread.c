/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "thread.h"

#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "arch.h"
#include "recorder.h"
#include "ring.h"

__thread Thread *thread_self __attribute__ ((tls_model ("initial-exec")));
__thread bool thread_internal __attribute__ ((tls_model ("initial-exec")));

static pthread_key_t end_key;
static bool have_end_key;
static atomic_flag free_lock = ATOMIC_FLAG_INIT;
static Thread *free_threads;

static void
lock_free_list (void)
{
  while (atomic_flag_test_and_set_explicit (&free_lock, memory_order_acquire))
    SYSCALL0 (SYS_sched_yield);
}

static void
unlock_free_list (void)
{
  atomic_flag_clear_explicit (&free_lock, memory_order_release);
}

static Thread *
thread_new (void)
{
  Thread *self;
  long memory;

  lock_free_list ();
  self = free_threads;
  if (self != NULL)
    free_threads = self->next_free;
  unlock_free_list ();

  if (self != NULL)
    {
      stack_cache_clear (&self->stack);
      return self;
    }

  memory = SYSCALL6 (SYS_mmap, 0, sizeof *self, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  return memory < 0 && memory > -4096 ? NULL : (Thread *)memory;
}

/* The thread ends. Other destructors may still allocate: that is then a new
 * state, whose destructor runs in the next round.
 */
static void
thread_end (void *data)
{
  Thread *self = data;

  thread_internal = true;
  thread_self = NULL;
  if (self->slot != NULL && self->epoch == recorder_epoch ())
    {
      ring_close_gap (self);
      atomic_store_explicit (&self->slot->state, SLOT_CLOSED, memory_order_release);
    }
  self->slot = NULL;

  lock_free_list ();
  self->next_free = free_threads;
  free_threads = self;
  unlock_free_list ();
  thread_internal = false;
}

void
thread_init (void)
{
  /* early, so that the key is one of the first 32: setting it then never allocates */
  have_end_key = pthread_key_create (&end_key, thread_end) == 0;
}

/* Claims a slot by its tid, and says the rest before it says ACTIVE. */
static RingSlot *
claim_slot (ArenaHeader *arena,
            uint32_t     tid,
            uint32_t     serial,
            bool         large)
{
  uint32_t start = atomic_load_explicit (&arena->last_slot, memory_order_relaxed);

  for (uint32_t i = 0; i < arena->n_slots; i++)
    {
      uint32_t index = (start + i) % arena->n_slots;
      RingSlot *slot = arena_slot (arena, index);
      uint32_t nobody = 0;

      if ((slot->large != 0) != large ||
          atomic_load_explicit (&slot->state, memory_order_acquire) != SLOT_FREE ||
          !atomic_compare_exchange_strong_explicit (&slot->tid, &nobody, tid,
                                                    memory_order_acquire, memory_order_relaxed))
        continue;

      /* the collector clears the tid just before it says FREE */
      if (atomic_load_explicit (&slot->state, memory_order_acquire) != SLOT_FREE)
        {
          atomic_store_explicit (&slot->tid, 0, memory_order_release);
          continue;
        }

      atomic_store_explicit (&slot->thread_serial, serial, memory_order_relaxed);
      slot->base_stamp = recorder_stamp (arena);
      atomic_store_explicit (&slot->state, SLOT_ACTIVE, memory_order_release);
      atomic_store_explicit (&arena->last_slot, index + 1, memory_order_relaxed);

      return slot;
    }

  return NULL;
}

static void
enter_slot (Thread   *self,
            RingSlot *slot)
{
  self->slot = slot;
  for (int i = 0; i < N_RINGS; i++)
    {
      self->head_seen[i] = 0;
      self->last_stamp[i] = slot != NULL ? slot->base_stamp : 0;
      self->last_time[i] = 0;
      self->last_address[i] = 0;
    }
}

static void
join_recording (Thread *self)
{
  ArenaHeader *arena = recorder_arena ();

  self->epoch = recorder_epoch ();
  self->arena = arena;
  self->tid = (uint32_t)SYSCALL0 (SYS_gettid);
  self->serial = atomic_fetch_add_explicit (&arena->n_threads, 1, memory_order_relaxed) + 1;
  self->waits = 0;
  self->lossy = false;
  self->gap_begin = 0;
  stack_cache_clear (&self->stack);
  enter_slot (self, claim_slot (arena, self->tid, self->serial, false));
  if (self->slot == NULL)
    enter_slot (self, claim_slot (arena, self->tid, self->serial, true));
}

Thread *
thread_get_slow (void)
{
  Thread *self = thread_self;

  if (thread_internal || !recorder_is_on ())
    return NULL;

  thread_internal = true;
  if (self == NULL)
    {
      self = thread_new ();
      if (self != NULL)
        {
          atomic_store_explicit (&self->level, 0, memory_order_relaxed);
          self->epoch = 0;
          thread_self = self;
          if (have_end_key)
            pthread_setspecific (end_key, self);
        }
    }
  if (self != NULL && self->epoch != recorder_epoch ())
    join_recording (self);
  else if (self != NULL && self->slot == NULL)
    enter_slot (self, claim_slot (self->arena, self->tid, self->serial, false));
  if (self != NULL && self->slot == NULL)
    {
      atomic_fetch_add_explicit (&self->arena->slots_refused, 1, memory_order_relaxed);
      self = NULL;
    }
  thread_internal = false;

  return self;
}

void
thread_move_to_large (Thread *self)
{
  RingSlot *old = self->slot;
  RingSlot *slot = claim_slot (self->arena, self->tid, self->serial, true);

  if (slot == NULL)
    return;

  ring_write_switch (self, (uint32_t)(slot - arena_slot (self->arena, 0)));
  enter_slot (self, slot);
  atomic_store_explicit (&old->state, SLOT_CLOSED, memory_order_release);
}

void
thread_after_fork (void)
{
  atomic_flag_clear (&free_lock);
}
