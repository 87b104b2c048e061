/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The functions that the program calls instead of its allocator's.
 *
 * Each does what the real one does, with the same result and errno, and reports
 * it. Until somebody has said whether to record, the first call asks; when nobody
 * records, a hook is two loads, two branches and a jump. Where allocations are sampled,
 * most calls end at the first question (sample.h).
 *
 * This file is compiled with frame pointers, so that the caller's frame is known,
 * and without builtins, for a compiler that sees malloc and memset makes calloc
 * of them.
 */

#include <errno.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "event.h"
#include "hooks.h"
#include "modules.h"
#include "real.h"
#include "recorder.h"
#include "sample.h"
#include "thread.h"

#define EXPORT __attribute__ ((visibility ("default")))
#define UNLIKELY(condition) __builtin_expect (!!(condition), 0)

/* C23; not yet in the headers of every libc. */
void free_sized         (void *memory, size_t size);
void free_aligned_sized (void *memory, size_t alignment, size_t size);

/* Is this call to be recorded? Afterwards `real` is filled, unless the call comes
 * from the recorder's own start: then only bootstrap memory can serve it.
 */
static inline bool
is_recorded (void)
{
  uint32_t state = atomic_load_explicit (&recorder_page.state, memory_order_acquire);

  if (UNLIKELY (state == RECORDER_NEW))
    return recorder_start () && recorder_state () == RECORDER_ON;

  return state == RECORDER_ON;
}

/* The same for what is not sampled: regions. */
static inline bool
is_recorded_anyway (void)
{
  return is_recorded () || sample_is_on ();
}

/* The recorder is being set up and looks for the real functions. */
static inline bool
is_bootstrap (void)
{
  return UNLIKELY (real.malloc_usable_size == NULL);
}

static inline uintptr_t
address_of (const void *memory)
{
  return (uintptr_t)memory;
}

/* ---- births ---------------------------------------------------------------- */

/* Where allocations are sampled: the call, and what there is to say about it. */
#define SAMPLED(call, size, function, alignment)                      \
  do                                                                  \
    {                                                                 \
      bool sampled = sample_take (size);                              \
      Frame frame = FRAME_OF_CALLER ();                               \
                                                                      \
      memory = (call);                                                \
      if (sampled)                                                    \
        sample_birth (memory, (size), (function), (alignment), &frame); \
      return memory;                                                  \
    }                                                                 \
  while (0)

/* What a call gave, or that it gave nothing. */
__attribute__ ((always_inline)) static inline void
report (void              *memory,
        size_t             size,
        MemscopeEventKind  function,
        size_t             alignment,
        const Frame       *frame)
{
  if (memory != NULL)
    record_birth (address_of (memory), size, real_usable_size (memory), function, alignment, frame);
  else if (errno == ENOMEM)
    record_failure ();
}

void *
hook_malloc (size_t size)
{
  bool recorded = is_recorded ();
  void *memory;

  if (is_bootstrap ())
    return real_bootstrap_alloc (size);
  if (sample_is_on ())
    SAMPLED (real.malloc (size), size, MEMSCOPE_EVENT_MALLOC, 0);

  memory = real.malloc (size);
  if (recorded)
    {
      Frame frame = FRAME_OF_CALLER ();

      report (memory, size, MEMSCOPE_EVENT_MALLOC, 0, &frame);
    }

  return memory;
}

void *
hook_calloc (size_t n,
             size_t size)
{
  bool recorded = is_recorded ();
  void *memory;

  /* never used before, so zeroed */
  if (is_bootstrap ())
    return size != 0 && n > SIZE_MAX / size ? NULL : real_bootstrap_alloc (n * size);
  if (sample_is_on ())
    SAMPLED (real.calloc (n, size), n * size, MEMSCOPE_EVENT_CALLOC, 0);

  memory = real.calloc (n, size);
  if (recorded)
    {
      Frame frame = FRAME_OF_CALLER ();

      report (memory, n * size, MEMSCOPE_EVENT_CALLOC, 0, &frame);
    }

  return memory;
}

EXPORT int
posix_memalign (void   **memory,
                size_t   alignment,
                size_t   size)
{
  bool recorded, sampled;
  int error;

  if (sample_passes (size))
    return real.posix_memalign (memory, alignment, size);

  recorded = is_recorded ();
  sampled = sample_is_on () && sample_take (size);
  error = real.posix_memalign (memory, alignment, size);

  if (sampled && error == 0)
    {
      Frame frame = FRAME_OF_CALLER ();

      sample_birth (*memory, size, MEMSCOPE_EVENT_ALIGNED, alignment, &frame);
    }
  else if (recorded && error == 0 && *memory != NULL)
    {
      Frame frame = FRAME_OF_CALLER ();

      record_birth (address_of (*memory), size, real_usable_size (*memory),
                    MEMSCOPE_EVENT_ALIGNED, alignment, &frame);
    }
  else if ((recorded || sampled) && error == ENOMEM)
    {
      record_failure ();
    }

  return error;
}

EXPORT void *
aligned_alloc (size_t alignment,
               size_t size)
{
  bool recorded;
  void *memory;

  if (sample_passes (size))
    return real.aligned_alloc (alignment, size);

  recorded = is_recorded ();
  if (sample_is_on ())
    SAMPLED (real.aligned_alloc (alignment, size), size, MEMSCOPE_EVENT_ALIGNED, alignment);

  memory = real.aligned_alloc (alignment, size);
  if (recorded)
    {
      Frame frame = FRAME_OF_CALLER ();

      report (memory, size, MEMSCOPE_EVENT_ALIGNED, alignment, &frame);
    }

  return memory;
}

EXPORT void *
memalign (size_t alignment,
          size_t size)
{
  bool recorded;
  void *memory;

  if (sample_passes (size))
    return real.memalign (alignment, size);

  recorded = is_recorded ();
  if (sample_is_on ())
    SAMPLED (real.memalign (alignment, size), size, MEMSCOPE_EVENT_ALIGNED, alignment);

  memory = real.memalign (alignment, size);
  if (recorded)
    {
      Frame frame = FRAME_OF_CALLER ();

      report (memory, size, MEMSCOPE_EVENT_ALIGNED, alignment, &frame);
    }

  return memory;
}

EXPORT void *
valloc (size_t size)
{
  bool recorded;
  void *memory;

  if (sample_passes (size))
    return real.valloc (size);

  recorded = is_recorded ();
  if (sample_is_on ())
    SAMPLED (real.valloc (size), size, MEMSCOPE_EVENT_ALIGNED, (size_t)getpagesize ());

  memory = real.valloc (size);
  if (recorded)
    {
      Frame frame = FRAME_OF_CALLER ();

      report (memory, size, MEMSCOPE_EVENT_ALIGNED, (size_t)getpagesize (), &frame);
    }

  return memory;
}

EXPORT void *
pvalloc (size_t size)
{
  bool recorded;
  void *memory;

  if (sample_passes (size))
    return real.pvalloc (size);

  recorded = is_recorded ();
  if (sample_is_on ())
    SAMPLED (real.pvalloc (size), size, MEMSCOPE_EVENT_ALIGNED, (size_t)getpagesize ());

  memory = real.pvalloc (size);
  if (recorded)
    {
      Frame frame = FRAME_OF_CALLER ();

      report (memory, size, MEMSCOPE_EVENT_ALIGNED, (size_t)getpagesize (), &frame);
    }

  return memory;
}

/* ---- moves -------------------------------------------------------------------- */

static void *
move_out_of_bootstrap (void   *memory,
                       size_t  size)
{
  size_t before = real_bootstrap_size (memory);
  void *moved = is_bootstrap () ? real_bootstrap_alloc (size) : real.malloc (size);

  if (moved != NULL)
    memcpy (moved, memory, before < size ? before : size);

  return moved;
}

static void *
recorded_realloc (void        *memory,
                  size_t       size,
                  const Frame *frame)
{
  void *moved;

  if (memory == NULL)
    {
      moved = real.realloc (NULL, size);
      report (moved, size, MEMSCOPE_EVENT_MALLOC, 0, frame);
      return moved;
    }

  record_move_begin (address_of (memory), frame);
  moved = real.realloc (memory, size);

  if (moved != NULL)
    {
      record_move_end (address_of (moved), size, real_usable_size (moved), frame);
    }
  else if (size == 0)
    {
      record_move_freed (frame);
    }
  else
    {
      record_move_failed (frame);
      record_failure ();
    }

  return moved;
}

void *
hook_realloc (void   *memory,
              size_t  size)
{
  bool recorded = is_recorded ();

  if (UNLIKELY (is_bootstrap () && memory == NULL))
    return real_bootstrap_alloc (size);
  if (UNLIKELY (real_is_bootstrap (memory)))
    return move_out_of_bootstrap (memory, size);

  if (recorded)
    {
      Frame frame = FRAME_OF_CALLER ();

      return recorded_realloc (memory, size, &frame);
    }
  if (sample_is_on ())
    {
      Frame frame = FRAME_OF_CALLER ();

      return sample_realloc (memory, size, &frame);
    }

  return real.realloc (memory, size);
}

EXPORT void *
reallocarray (void   *memory,
              size_t  n,
              size_t  size)
{
  bool recorded = is_recorded ();
  size_t bytes;

  if (__builtin_mul_overflow (n, size, &bytes))
    {
      errno = ENOMEM;
      if (recorded || sample_is_on ())
        record_failure ();
      return NULL;
    }

  if (recorded)
    {
      Frame frame = FRAME_OF_CALLER ();

      return recorded_realloc (memory, bytes, &frame);
    }
  if (sample_is_on ())
    {
      Frame frame = FRAME_OF_CALLER ();

      return sample_realloc (memory, bytes, &frame);
    }

  return real.realloc (memory, bytes);
}

/* ---- deaths --------------------------------------------------------------------- */

__attribute__ ((always_inline)) static inline void
free_from (void        *memory,
           const Frame *frame)
{
  bool recorded = is_recorded ();

  if (memory == NULL || UNLIKELY (real_is_bootstrap (memory)))
    return;

  if (recorded)
    record_death (address_of (memory), frame);
  else if (sample_is_on ())
    sample_death (memory, frame);
  if (UNLIKELY (modules_is_loader (frame->pc)) && recorder_is_on ())
    modules_note_loader_free (memory);

  real.free (memory);
}

void
hook_free (void *memory)
{
  Frame frame = FRAME_OF_CALLER ();

  free_from (memory, &frame);
}

EXPORT void
free_sized (void   *memory,
            size_t  size)
{
  Frame frame = FRAME_OF_CALLER ();

  (void)size;
  free_from (memory, &frame);
}

EXPORT void
free_aligned_sized (void   *memory,
                    size_t  alignment,
                    size_t  size)
{
  Frame frame = FRAME_OF_CALLER ();

  (void)alignment;
  (void)size;
  free_from (memory, &frame);
}

/* ---- regions ---------------------------------------------------------------------- */

/* Would the kernel look at such a range at all? */
static bool
is_range (const void *start,
          size_t      length)
{
  return length != 0 && (address_of (start) & 4095) == 0;
}

EXPORT void *
mmap (void   *start,
      size_t  length,
      int     protection,
      int     flags,
      int     fd,
      off_t   offset)
{
  bool recorded = is_recorded_anyway ();
  Frame frame = FRAME_OF_CALLER ();
  void *memory;

  if (recorded && (flags & MAP_FIXED) != 0 && (flags & MAP_FIXED_NOREPLACE) != MAP_FIXED_NOREPLACE &&
      is_range (start, length))
    record_region_death (address_of (start), length, &frame);

  memory = real.mmap (start, length, protection, flags, fd, offset);
  if (recorded && memory != MAP_FAILED)
    record_region_birth (address_of (memory), length, &frame);

  return memory;
}

EXPORT void *
mmap64 (void    *start,
        size_t   length,
        int      protection,
        int      flags,
        int      fd,
        off64_t  offset) __attribute__ ((alias ("mmap")));

EXPORT int
munmap (void   *start,
        size_t  length)
{
  bool recorded = is_recorded_anyway ();
  Frame frame = FRAME_OF_CALLER ();

  if (recorded && is_range (start, length))
    record_region_death (address_of (start), length, &frame);

  return real.munmap (start, length);
}

EXPORT void *
mremap (void   *start,
        size_t  length,
        size_t  new_length,
        int     flags,
        ...)
{
  bool recorded = is_recorded_anyway () && is_range (start, length);
  Frame frame = FRAME_OF_CALLER ();
  void *wanted = NULL, *memory;

  if ((flags & MREMAP_FIXED) != 0)
    {
      va_list rest;

      va_start (rest, flags);
      wanted = va_arg (rest, void *);
      va_end (rest);
    }

  if (recorded)
    record_region_death (address_of (start), length, &frame);
  if (recorded && wanted != NULL && is_range (wanted, new_length))
    record_region_death (address_of (wanted), new_length, &frame);

  memory = real.mremap (start, length, new_length, flags, wanted);

  if (recorded && memory != MAP_FAILED)
    record_region_birth (address_of (memory), new_length, &frame);
  else if (recorded)
    record_region_birth (address_of (start), length, &frame);

  return memory;
}

/* ---- the process ---------------------------------------------------------------------- */

/* What takes the counter from the calling thread, so that reading it is a fault. The
 * library's call only: whoever makes the system call by hand is not seen.
 */
EXPORT int
prctl (int option,
       ...)
{
  unsigned long arguments[4];
  bool lost, restored;
  va_list rest;
  int result;

  va_start (rest, option);
  for (unsigned i = 0; i < 4; i++)
    arguments[i] = va_arg (rest, unsigned long);
  va_end (rest);

  (void)is_recorded ();
  lost = (option == PR_SET_SECCOMP && arguments[0] == SECCOMP_MODE_STRICT) ||
         (option == PR_SET_TSC && arguments[0] == PR_TSC_SIGSEGV);
  restored = option == PR_SET_TSC && arguments[0] == PR_TSC_ENABLE;

  if (UNLIKELY (lost))
    thread_lose_clock (true);
  result = real.prctl (option, arguments[0], arguments[1], arguments[2], arguments[3]);
  if (UNLIKELY ((lost && result != 0) || (restored && result == 0)))
    thread_lose_clock (false);

  return result;
}

/* A program that never allocates is recorded too. */
__attribute__ ((constructor)) static void
begin_process (void)
{
  recorder_start ();
}

__attribute__ ((destructor)) static void
end_process (void)
{
  recorder_stop_sampling (MEMSCOPE_END_GONE);
  if (recorder_is_on ())
    atomic_store_explicit (&recorder.arena->ended, 1, memory_order_relaxed);
}
