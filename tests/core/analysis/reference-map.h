/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

/* An address map once more, byte by byte. Only for regions of a few megabytes. */

#include "memscope-address-map.h"

G_BEGIN_DECLS

/* Compares the columns of @map with what the session says of every row. */
void reference_check_map_blocks  (const MemscopeAddressMap *map,
                                  MemscopeSession          *session,
                                  MemscopeSelection        *selection);
/* Compares the figures of region @r with those counted byte by byte. */
void reference_check_map_region  (const MemscopeAddressMap *map,
                                  guint                     r);

G_END_DECLS
