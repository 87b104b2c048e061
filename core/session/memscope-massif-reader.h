/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-reader.h"

G_BEGIN_DECLS

/* Output of valgrind's massif: how much each stack held at some moments, the snapshots.
 *
 * A row is what one stack held from a snapshot to the next; a snapshot without a tree is
 * one row without a stack. So live bytes, their peak, the time line and the trees at
 * detailed snapshots are massif's own; single allocations, their number, sizes and
 * lifetimes were never recorded (memscope_session_has_blocks()).
 */
gboolean memscope_massif_is_one      (const guint8            *data,      /* the file's beginning */
                                      gsize                    length);
gboolean memscope_massif_reader_read (GBytes                  *bytes,
                                      MemscopeSessionBuilder  *builder,
                                      MemscopeReading         *reading,
                                      GError                 **error);

G_END_DECLS
