/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-reader.h"

G_BEGIN_DECLS

/* A MemscopeReaderFunc for memscope-rs's binary files, versions 1 to 3: layouts A
 * to I. The version number covers several layouts; which one it is shows in the
 * string-table marker and in the first records.
 */
gboolean memscope_rs_reader_read (GBytes                 *bytes,
                                  MemscopeSessionBuilder *builder,
                                  MemscopeReading        *reading,
                                  GError                **error);

G_END_DECLS
