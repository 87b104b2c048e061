/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* What lies where: regions and areas of an address map, from the recorded
 * mappings and the blocks.
 */

#include "memscope-address-map.h"

G_BEGIN_DECLS

/* Fills regions, areas, mappings_time and the region of each block of @map, whose
 * other columns are there. Everything of a region but its figures.
 */
void memscope_map_find_regions (MemscopeAddressMap *map,
                                MemscopeSession    *session);

G_END_DECLS
