/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The first question of the hooks that are called most: is there anything to be said of
 * this call at all? Memory from before the real functions were known, and what the loader
 * frees when it unloads a module, read as sampled (sample_table_mark()). Where allocations are sampled nearly all calls end here, with a jump
 * to the real function. All others jump to the hook itself (hooks.c), which finds the
 * stack as the program left it.
 *
 * So this file is compiled without frame pointers, and always optimized: no function
 * here may have a frame, and each last call has to be a jump.
 */

#include "real.h"
#include "sample.h"

#include "hooks.h"

#define EXPORT __attribute__ ((visibility ("default")))

EXPORT void *malloc  (size_t size);
EXPORT void *calloc  (size_t n, size_t size);
EXPORT void *realloc (void *memory, size_t size);
EXPORT void  free    (void *memory);

/* Nobody records, as in most programs that link the recorder at most times: a load, a
 * branch and a jump.
 */
static inline bool
is_idle (void)
{
  return __builtin_expect (atomic_load_explicit (&recorder_page.state, memory_order_relaxed) == RECORDER_OFF, 1);
}

void *
malloc (size_t size)
{
  if (is_idle ())
    return real.malloc (size);
  if (sample_passes (size))
    return real.malloc (size);

  return hook_malloc (size);
}

void *
calloc (size_t n,
        size_t size)
{
  if (is_idle ())
    return real.calloc (n, size);
  if (sample_passes (n * size))
    return real.calloc (n, size);

  return hook_calloc (n, size);
}

/* The old block first: the draw must not be taken twice. */
void *
realloc (void   *memory,
         size_t  size)
{
  if (is_idle () && !real_is_bootstrap (memory))
    return real.realloc (memory, size);
  if (sample_is_unsampled (memory) && sample_passes (size))
    return real.realloc (memory, size);

  return hook_realloc (memory, size);
}

void
free (void *memory)
{
  if ((is_idle () && !real_is_bootstrap (memory)) || sample_is_unsampled (memory))
    real.free (memory);
  else
    hook_free (memory);
}
