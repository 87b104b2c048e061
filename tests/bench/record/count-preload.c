/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The floor: a preloaded library that does nothing but pass calls on and count them for
 * each thread. What it costs, every recorder pays.
 *
 * At the end of the program a line of JSON is appended to the file $BENCH_COUNTS: births,
 * frees, and threads. With BENCH_DEPTH=N glibc's backtrace() is asked at each Nth birth,
 * and the line has the number of stacks and of frames: what depth a recorder should see.
 */

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXPORT __attribute__ ((visibility ("default")))
#define MAX_THREADS 65536
#define MAX_DEPTH   1024

typedef struct
{
  uint64_t births;
  uint64_t frees;
  uint64_t stacks;
  uint64_t frames;
} Counts;

static void *(*real_malloc) (size_t);
static void *(*real_calloc) (size_t, size_t);
static void *(*real_realloc) (void *, size_t);
static void (*real_free) (void *);
static int (*real_posix_memalign) (void **, size_t, size_t);
static void *(*real_aligned_alloc) (size_t, size_t);
static void *(*real_memalign) (size_t, size_t);

static Counts counts[MAX_THREADS];
static atomic_uint n_counts;
static unsigned depth_every;
static bool asking;
static __thread Counts *own;
static __thread bool busy;

/* for the calls that dlsym() itself makes */
static char bootstrap[65536];
static size_t bootstrap_used;

static void *
bootstrap_alloc (size_t size)
{
  size_t at = bootstrap_used;

  bootstrap_used += (size + 15) & ~(size_t)15;
  if (bootstrap_used > sizeof bootstrap)
    abort ();

  return bootstrap + at;
}

static bool
is_bootstrap (const void *memory)
{
  return (const char *)memory >= bootstrap && (const char *)memory < bootstrap + sizeof bootstrap;
}

static void
resolve (void)
{
  const char *depth = getenv ("BENCH_DEPTH");

  asking = true;
  real_calloc = dlsym (RTLD_NEXT, "calloc");
  real_realloc = dlsym (RTLD_NEXT, "realloc");
  real_free = dlsym (RTLD_NEXT, "free");
  real_posix_memalign = dlsym (RTLD_NEXT, "posix_memalign");
  real_aligned_alloc = dlsym (RTLD_NEXT, "aligned_alloc");
  real_memalign = dlsym (RTLD_NEXT, "memalign");
  real_malloc = dlsym (RTLD_NEXT, "malloc");
  asking = false;
  depth_every = depth != NULL ? (unsigned)atoi (depth) : 0;
}

static inline Counts *
counts_of_thread (void)
{
  if (__builtin_expect (own == NULL, 0))
    own = &counts[atomic_fetch_add (&n_counts, 1) % MAX_THREADS];

  return own;
}

__attribute__ ((noinline)) static void
count_frames (Counts *to)
{
  void *frames[MAX_DEPTH];
  int before = errno;

  busy = true;
  to->stacks++;
  to->frames += (uint64_t)backtrace (frames, MAX_DEPTH) - 2;   /* this function and the hook */
  busy = false;
  errno = before;
}

/* Only hooks that keep a frame of their own may call this. */
__attribute__ ((always_inline)) static inline void *
count_birth (void *memory)
{
  Counts *to = counts_of_thread ();

  if (memory != NULL)
    to->births++;
  if (__builtin_expect (depth_every != 0, 0) && !busy && memory != NULL && to->births % depth_every == 0)
    count_frames (to);

  return memory;
}

EXPORT void *
malloc (size_t size)
{
  if (__builtin_expect (real_malloc == NULL, 0))
    {
      if (asking)
        return bootstrap_alloc (size);
      resolve ();
    }

  return count_birth (real_malloc (size));
}

EXPORT void *
calloc (size_t n,
        size_t size)
{
  if (__builtin_expect (real_malloc == NULL, 0))
    {
      if (asking)
        return bootstrap_alloc (n * size);
      resolve ();
    }

  return count_birth (real_calloc (n, size));
}

EXPORT void
free (void *memory)
{
  if (memory == NULL || is_bootstrap (memory))
    return;

  counts_of_thread ()->frees++;
  real_free (memory);
}

EXPORT void *
realloc (void   *memory,
         size_t  size)
{
  if (real_malloc == NULL)
    resolve ();
  if (is_bootstrap (memory))
    return memcpy (malloc (size), memory, size);
  if (memory != NULL)
    counts_of_thread ()->frees++;

  return count_birth (real_realloc (memory, size));
}

EXPORT int
posix_memalign (void   **memory,
                size_t   alignment,
                size_t   size)
{
  int error;

  if (real_malloc == NULL)
    resolve ();
  error = real_posix_memalign (memory, alignment, size);
  if (error == 0)
    count_birth (*memory);

  return error;
}

EXPORT void *
aligned_alloc (size_t alignment,
               size_t size)
{
  if (real_malloc == NULL)
    resolve ();

  return count_birth (real_aligned_alloc (alignment, size));
}

EXPORT void *
memalign (size_t alignment,
          size_t size)
{
  if (real_malloc == NULL)
    resolve ();

  return count_birth (real_memalign (alignment, size));
}

__attribute__ ((destructor)) static void
report (void)
{
  const char *path = getenv ("BENCH_COUNTS");
  Counts all = { 0 };
  unsigned n = n_counts < MAX_THREADS ? n_counts : MAX_THREADS;
  char line[256];
  int fd, length;

  for (unsigned i = 0; i < n; i++)
    {
      all.births += counts[i].births;
      all.frees += counts[i].frees;
      all.stacks += counts[i].stacks;
      all.frames += counts[i].frames;
    }

  if (path == NULL || (fd = open (path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)) < 0)
    return;

  length = snprintf (line, sizeof line, "{\"births\": %lu, \"frees\": %lu, \"stacks\": %lu, \"frames\": %lu, \"threads\": %u}\n",
                     all.births, all.frees, all.stacks, all.frames, n);
  if (write (fd, line, (size_t)length) != length)
    abort ();
  close (fd);
}
