/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Any bytes, as a file: all readers, chosen by content. */

#include "config.h"

#include "fuzz-session.h"
#include "memscope-loader.h"

int LLVMFuzzerTestOneInput (const guint8 *data,
                            gsize         length);

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         length)
{
  g_autoptr(GBytes) bytes = g_bytes_new (data, length);
  g_autoptr(GError) error = NULL;
  g_autoptr(MemscopeSession) session = memscope_load_bytes (bytes, "fuzz", &error);

  g_assert ((session == NULL) == (error != NULL));

  if (session)
    fuzz_session_use (session);

  return 0;
}
