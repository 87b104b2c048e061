/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-reader.h"

G_BEGIN_DECLS

/* Recordings of heaptrack, as it wrote them (raw) or as heaptrack_interpret left them,
 * compressed or not.
 *
 * What heaptrack does not record stays "not recorded": threads, which function
 * allocated, what the allocator gave; and in interpreted files the addresses: there a
 * death names only size and stack, so the latest such block is taken for it. Its clock
 * ticks every 10 ms.
 */
gboolean memscope_heaptrack_is_one      (const guint8            *data,      /* the file's beginning */
                                         gsize                    length);
gboolean memscope_heaptrack_reader_read (GBytes                  *bytes,
                                         MemscopeSessionBuilder  *builder,
                                         MemscopeReading         *reading,
                                         GError                 **error);

G_END_DECLS
