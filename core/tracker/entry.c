/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The first question of the hooks that are called most: is there anything to be said of
 * this call at all? Where allocations are sampled nearly all calls end here, with a jump
 * to the real function. All others jump to the hook itself (hooks.c), which finds the
 * stack as the program left it.
 *
 * So this file is compiled without frame pointers, and always optimized: no function
 * here may have a frame, and each last call has to be a jump.
 */

#include "modules.h"
#include "real.h"
#include "recorder.h"
#include "sample.h"

#include "hooks.h"

#define EXPORT __attribute__ ((visibility ("default")))
#define UNLIKELY(condition) __builtin_expect (!!(condition), 0)

EXPORT void *malloc  (size_t size);
EXPORT void *calloc  (size_t n, size_t size);
EXPORT void *realloc (void *memory, size_t size);
EXPORT void  free    (void *memory);

void *
malloc (size_t size)
{
  if (sample_passes (size))
    return real.malloc (size);

  return hook_malloc (size);
}

void *
calloc (size_t n,
        size_t size)
{
  if (sample_passes (n * size))
    return real.calloc (n, size);

  return hook_calloc (n, size);
}

/* The old block first: the draw must not be taken twice. */
void *
realloc (void   *memory,
         size_t  size)
{
  if (sample_is_unsampled (memory) && !UNLIKELY (real_is_bootstrap (memory)) && sample_passes (size))
    return real.realloc (memory, size);

  return hook_realloc (memory, size);
}

void
free (void *memory)
{
  if (sample_is_unsampled (memory) && !UNLIKELY (real_is_bootstrap (memory)) &&
      !UNLIKELY (modules_is_loader ((uintptr_t)__builtin_return_address (0))))
    real.free (memory);
  else
    hook_free (memory);
}
