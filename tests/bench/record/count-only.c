/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The least that anything preloaded costs: each call is counted and goes on. What
 * sampling costs is measured against this.
 */

#include <dlfcn.h>
#include <stddef.h>
#include <stdlib.h>

#define REAL(name) __typeof__ (&name) real_##name

static struct
{
  REAL (malloc);
  REAL (calloc);
  REAL (realloc);
  REAL (free);
} real;

static __thread unsigned long n_births, n_deaths;

/* For what dlsym() itself may ask. */
static _Alignas (16) char early[4096];
static size_t early_used;

static void
resolve (void)
{
  real.real_malloc = (__typeof__ (&malloc))dlsym (RTLD_NEXT, "malloc");
  real.real_calloc = (__typeof__ (&calloc))dlsym (RTLD_NEXT, "calloc");
  real.real_realloc = (__typeof__ (&realloc))dlsym (RTLD_NEXT, "realloc");
  real.real_free = (__typeof__ (&free))dlsym (RTLD_NEXT, "free");
}

static void *
take_early (size_t size)
{
  void *memory = early + early_used;

  early_used += (size + 15) & ~(size_t)15;

  return early_used <= sizeof early ? memory : NULL;
}

void *
malloc (size_t size)
{
  n_births++;
  if (__builtin_expect (real.real_malloc == NULL, 0))
    resolve ();

  return real.real_malloc (size);
}

void *
calloc (size_t n, size_t size)
{
  static int resolving;

  n_births++;
  if (__builtin_expect (real.real_calloc == NULL, 0))
    {
      if (resolving)
        return take_early (n * size);
      resolving = 1;
      resolve ();
    }

  return real.real_calloc (n, size);
}

void *
realloc (void *memory, size_t size)
{
  n_births++;
  if (__builtin_expect (real.real_realloc == NULL, 0))
    resolve ();

  return real.real_realloc (memory, size);
}

void
free (void *memory)
{
  if (memory == NULL || ((char *)memory >= early && (char *)memory < early + sizeof early))
    return;

  n_deaths++;
  real.real_free (memory);
}
