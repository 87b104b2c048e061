/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-address-map.h"

G_BEGIN_DECLS

/* Fills the figures of every region of @map, whose columns and regions are there. */
void memscope_map_measure_regions (MemscopeAddressMap *map,
                                   guint               n_threads);

G_END_DECLS
