/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The functions programs call instead of the allocator's. Each asks whether this
 * thread records, calls the real function, and says what happened: a death
 * before the real call, a birth after it, a move around it. So no two blocks
 * ever own an address at once, whichever threads are involved.
 *
 * errno is the real function's: nothing here calls anything that sets it.
 */

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "arch.h"
#include "memscope-format.h"
#include "modules.h"
#include "real.h"
#include "recorder.h"
#include "ring.h"
#include "stack.h"
#include "thread.h"

#define EXPORT __attribute__ ((visibility ("default"), noinline))
#define UNLIKELY(condition) __builtin_expect (!!(condition), 0)

/* ---- recording --------------------------------------------------------------- */

/* The thread's state if this call is to be recorded. */
static inline Thread *
begin (void)
{
  Thread *self;

  if (UNLIKELY (!recorder_is_on ()))
    {
      if (!recorder_is_off ())
        recorder_join ();
      if (!recorder_is_on ())
        return NULL;
    }

  self = thread_self;
  if (UNLIKELY (thread_internal || self == NULL || self->slot == NULL || self->epoch != recorder_epoch ()))
    self = thread_get_slow ();

  return self;
}

static inline bool
enter (Thread *self)
{
  uint32_t level = atomic_load_explicit (&self->level, memory_order_relaxed);

  if (UNLIKELY (!(atomic_load_explicit (&self->arena->flags, memory_order_relaxed) & ARENA_ENABLED)))
    return false;
  if (UNLIKELY (level >= 2))
    {
      ring_note_lost (self, 0);
      return false;
    }
  atomic_store_explicit (&self->level, level + 1, memory_order_relaxed);
  atomic_signal_fence (memory_order_seq_cst);

  return true;
}

static inline void
leave (Thread *self)
{
  atomic_signal_fence (memory_order_seq_cst);
  atomic_store_explicit (&self->level, atomic_load_explicit (&self->level, memory_order_relaxed) - 1, memory_order_relaxed);
}

static inline bool
is_outermost (Thread *self)
{
  return atomic_load_explicit (&self->level, memory_order_relaxed) == 1;
}

static inline void
write_record (Thread *self,
              Record *record,
              bool    before)
{
  if (UNLIKELY (self->gap_begin != 0) && is_outermost (self))
    ring_close_gap (self);
  if (UNLIKELY (!ring_write (self, record, before)))
    ring_note_lost (self, record->size);
}

static inline uint32_t
birth_stack (Thread       *self,
             const Caller *caller)
{
  uint32_t flags = atomic_load_explicit (&self->arena->flags, memory_order_relaxed);

  modules_notice (self->arena, caller->pc);
  if (UNLIKELY (flags & ARENA_NO_STACKS))
    return 0;

  return stack_capture (self->arena, &self->stack, caller, is_outermost (self));
}

static inline uint32_t
death_stack (Thread       *self,
             const Caller *caller)
{
  uint32_t flags = atomic_load_explicit (&self->arena->flags, memory_order_relaxed);

  modules_notice (self->arena, caller->pc);
  if (UNLIKELY (flags & (ARENA_NO_STACKS | ARENA_FREE_STACKS)))
    return flags & ARENA_NO_STACKS ? 0 : stack_capture (self->arena, &self->stack, caller, is_outermost (self));

  return stack_caller (self->arena, &self->stack, caller, is_outermost (self));
}

/* libc keeps the chunk's size before the block, with three flag bits; chunks that
 * are mappings of their own have two words of head.
 */
static inline uint32_t
rounding_of (const void *block,
             size_t      size)
{
  size_t usable;

  if (real.glibc)
    {
      size_t head = ((const size_t *)block)[-1];

      usable = (head & ~(size_t)7) - (head & 2 ? 16 : 8);
    }
  else if (real.malloc_usable_size != NULL)
    usable = real.malloc_usable_size ((void *)(uintptr_t)block);
  else
    return MEMSCOPE_USABLE_UNKNOWN;

  return usable >= size && usable - size < UINT32_MAX ? (uint32_t)(usable - size) : 0;
}

static inline uint8_t
log2_of (size_t alignment)
{
  return alignment == 0 ? 0 : (uint8_t)(63 - __builtin_clzl (alignment));
}

static void
record_birth (Thread       *self,
              const void   *block,
              size_t        size,
              uint8_t       function,
              size_t        alignment,
              const Caller *caller)
{
  Record record = { .kind = RECORD_BIRTH, .function = function, .size = size };

  if (UNLIKELY (block == NULL))
    {
      atomic_fetch_add_explicit (&self->arena->failed_allocations, 1, memory_order_relaxed);
      return;
    }
  if (!enter (self))
    return;
  record.address = (uint64_t)(uintptr_t)block;
  record.alignment_log2 = log2_of (alignment);
  record.rounding = rounding_of (block, size);
  record.stack = birth_stack (self, caller);
  write_record (self, &record, false);
  leave (self);
}

static void
record_death (Thread       *self,
              const void   *block,
              uint8_t       kind,
              const Caller *caller)
{
  Record record = { .kind = kind, .address = (uint64_t)(uintptr_t)block };

  if (!enter (self))
    return;
  record.stack = death_stack (self, caller);
  write_record (self, &record, true);
  leave (self);
}

static void
record_move_end (Thread       *self,
                 const void   *block,
                 size_t        size,
                 uint8_t       result,
                 const Caller *caller)
{
  Record record = { .kind = RECORD_MOVE_END, .function = result };

  if (!enter (self))
    return;
  if (result == MOVE_MOVED)
    {
      record.address = (uint64_t)(uintptr_t)block;
      record.size = size;
      record.rounding = rounding_of (block, size);
      record.stack = birth_stack (self, caller);
    }
  write_record (self, &record, result != MOVE_MOVED);
  leave (self);
}

/* ---- before the real functions are known ------------------------------------------ */

static inline bool
have_real (void)
{
  if (__builtin_expect (real_is_resolved (), 1))
    return true;
  recorder_join ();

  return real_is_resolved ();
}

static void *
bootstrap_realloc (void   *block,
                   size_t  size)
{
  void *moved = have_real () ? real.malloc (size) : real_bootstrap_alloc (16, size);

  if (moved != NULL && block != NULL)
    {
      size_t old = real_bootstrap_size (block);

      memcpy (moved, block, old < size ? old : size);
    }

  return moved;
}

/* ---- the hooks ----------------------------------------------------------------------- */

EXPORT void *malloc            (size_t size);
EXPORT void *calloc            (size_t count, size_t size);
EXPORT void *realloc           (void *block, size_t size);
EXPORT void *reallocarray      (void *block, size_t count, size_t size);
EXPORT void  free              (void *block);
EXPORT int   posix_memalign    (void **block, size_t alignment, size_t size);
EXPORT void *aligned_alloc     (size_t alignment, size_t size);
EXPORT void *memalign          (size_t alignment, size_t size);
EXPORT void *valloc            (size_t size);
EXPORT void *pvalloc           (size_t size);

void *
malloc (size_t size)
{
  ARCH_CALLER (caller);
  Thread *self;
  void *block;

  if (UNLIKELY (!have_real ()))
    return real_bootstrap_alloc (16, size);
  self = begin ();
  block = real.malloc (size);
  if (self != NULL)
    record_birth (self, block, size, MEMSCOPE_EVENT_MALLOC, 0, &caller);

  return block;
}

void *
calloc (size_t count,
        size_t size)
{
  ARCH_CALLER (caller);
  Thread *self;
  void *block;

  if (UNLIKELY (!have_real ()))
    return size != 0 && count > SIZE_MAX / size ? NULL : real_bootstrap_alloc (16, count * size);
  self = begin ();
  block = real.calloc (count, size);
  if (self != NULL)
    record_birth (self, block, count * size, MEMSCOPE_EVENT_CALLOC, 0, &caller);

  return block;
}

void
free (void *block)
{
  ARCH_CALLER (caller);
  Thread *self;

  if (block == NULL || UNLIKELY (real_is_bootstrap (block)) || UNLIKELY (!have_real ()))
    return;
  self = begin ();
  if (self != NULL)
    record_death (self, block, RECORD_DEATH, &caller);
  real.free (block);
}

static inline __attribute__ ((always_inline)) void *
resize (void         *block,
        size_t        count,
        size_t        size,
        bool          array,
        const Caller *caller)
{
  Thread *self = begin ();
  uint64_t old = (uint64_t)(uintptr_t)block;
  void *moved;

  if (self != NULL && block != NULL)
    record_death (self, block, RECORD_MOVE_BEGIN, caller);

  moved = array ? real.reallocarray (block, count, size) : real.realloc (block, size);

  if (self == NULL)
    return moved;
  if (old == 0)
    record_birth (self, moved, count * size, MEMSCOPE_EVENT_REALLOC, 0, caller);
  else if (moved != NULL)
    record_move_end (self, moved, count * size, MOVE_MOVED, caller);
  else if (count == 0 || size == 0)
    record_move_end (self, NULL, 0, MOVE_FREED, caller);
  else
    {
      record_move_end (self, NULL, 0, MOVE_FAILED, caller);
      atomic_fetch_add_explicit (&self->arena->failed_allocations, 1, memory_order_relaxed);
    }

  return moved;
}

void *
realloc (void   *block,
         size_t  size)
{
  ARCH_CALLER (caller);

  if (UNLIKELY (real_is_bootstrap (block)) || UNLIKELY (!have_real ()))
    return bootstrap_realloc (block, size);

  return resize (block, 1, size, false, &caller);
}

void *
reallocarray (void   *block,
              size_t  count,
              size_t  size)
{
  ARCH_CALLER (caller);

  if (UNLIKELY (real_is_bootstrap (block)) || UNLIKELY (!have_real ()))
    {
      if (size != 0 && count > SIZE_MAX / size)
        {
          errno = ENOMEM;
          return NULL;
        }
      return bootstrap_realloc (block, count * size);
    }

  return resize (block, count, size, true, &caller);
}

int
posix_memalign (void   **block,
                size_t   alignment,
                size_t   size)
{
  ARCH_CALLER (caller);
  Thread *self;
  int result;

  if (UNLIKELY (!have_real ()))
    return (*block = real_bootstrap_alloc (alignment, size)) == NULL ? ENOMEM : 0;
  self = begin ();
  result = real.posix_memalign (block, alignment, size);
  if (self != NULL && result != EINVAL)
    record_birth (self, result == 0 ? *block : NULL, size, MEMSCOPE_EVENT_ALIGNED, alignment, &caller);

  return result;
}

/* The rest of the family differs by name and by how the alignment is said. */
#define ALIGNED_HOOK(name, parameters, arguments, alignment) \
  void * \
  name parameters \
  { \
    ARCH_CALLER (caller); \
    Thread *self; \
    void *block; \
\
    if (UNLIKELY (!have_real ())) \
      return real_bootstrap_alloc (alignment, size); \
    self = begin (); \
    block = real.name arguments; \
    if (self != NULL) \
      record_birth (self, block, size, MEMSCOPE_EVENT_ALIGNED, alignment, &caller); \
\
    return block; \
  }

#define PAGE_SIZE 4096

ALIGNED_HOOK (aligned_alloc, (size_t alignment, size_t size), (alignment, size), alignment)
ALIGNED_HOOK (memalign, (size_t alignment, size_t size), (alignment, size), alignment)
ALIGNED_HOOK (valloc, (size_t size), (size), PAGE_SIZE)
ALIGNED_HOOK (pvalloc, (size_t size), (size), PAGE_SIZE)
