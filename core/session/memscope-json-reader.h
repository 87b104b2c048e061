/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-reader.h"

G_BEGIN_DECLS

/* A MemscopeReaderFunc for memscope-rs's JSON (layout J): an array of AllocationInfo
 * objects, or an object that has one under "allocations", as our own export.
 */
gboolean memscope_json_reader_read (GBytes                 *bytes,
                                    MemscopeSessionBuilder *builder,
                                    MemscopeReading        *reading,
                                    GError                **error);

G_END_DECLS
