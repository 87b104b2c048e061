/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <string.h>

#include "memscope-demangle.h"

int LLVMFuzzerTestOneInput (const guint8 *data,
                            gsize         length);

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         length)
{
  g_autofree char *name = g_strndup ((const char *)data, length);
  g_autofree char *text = memscope_demangle (name);

  g_assert (!text || strlen (text) <= 65536);

  return 0;
}
