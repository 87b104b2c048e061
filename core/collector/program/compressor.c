/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "compressor.h"

#include <zstd.h>

/* One context for all files: the collector has one thread. */
size_t
compressor_run (void       *data,
                void       *out,
                size_t      room,
                const void *in,
                size_t      length)
{
  static ZSTD_CCtx *context;
  size_t n;

  if (context == NULL)
    context = ZSTD_createCCtx ();
  if (context == NULL)
    return 0;

  n = ZSTD_compressCCtx (context, out, room, in, length, 1);

  return ZSTD_isError (n) ? 0 : n;
}
