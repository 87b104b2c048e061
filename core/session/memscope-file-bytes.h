/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-reader.h"

G_BEGIN_DECLS

/* The whole content of @file, read into memory: a file that somebody cuts while we
 * look at it must not take the program down, as a mapped one would.
 *
 * Refused in one sentence: what is not a regular file, and what this machine
 * cannot hold. @is_wanted sees the first bytes before the rest is read, so that a
 * large file of another kind costs nothing.
 */
typedef gboolean (*MemscopeSniffFunc) (const guint8  *head,
                                       gsize          length,
                                       GError       **error);

GBytes *memscope_file_bytes_read (GFile              *file,
                                  MemscopeSniffFunc   is_wanted,
                                  MemscopeReading    *reading,
                                  GError            **error);

G_END_DECLS
