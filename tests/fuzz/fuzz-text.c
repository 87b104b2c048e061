/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Any bytes behind FUZZ_PREFIX, as a file: a reader of texts gets past its first line. */

#include "config.h"

#include <string.h>

#include "fuzz-session.h"
#include "memscope-loader.h"

int LLVMFuzzerTestOneInput (const guint8 *data,
                            gsize         length);

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         length)
{
  const gsize before = strlen (FUZZ_PREFIX);
  guint8 *whole = g_malloc (before + length);
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(MemscopeSession) session = NULL;

  memcpy (whole, FUZZ_PREFIX, before);
  if (length > 0)
    memcpy (whole + before, data, length);
  bytes = g_bytes_new_take (whole, before + length);
  session = memscope_load_bytes (bytes, "fuzz", &error);

  g_assert ((session == NULL) == (error != NULL));
  if (session != NULL)
    fuzz_session_use (session);

  return 0;
}
