/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-address-map.h"
#include "memscope-hot-pages.h"

G_BEGIN_DECLS

/**
 * The map as bytes for the drawing in data/dashboard (openMapBlob () of map-data.js):
 *
 *   u32   length of the head in bytes, padding included
 *   u32   0x504d534d ("MSMP")
 *   …     the head: JSON, padded with spaces to a multiple of 8
 *   …     the columns, little-endian, each padded to a multiple of 8
 *
 * The head: {"blocks":n, "instant":ns, "begin":ns, "end":ns, "pageSize":bytes,
 * "sampled":bool, "hasDeaths":bool, "mappingsTime":ns|null, "selected":n,
 * "liveBytes":bytes, "overlapping":n,
 * "columns":[[name, type, offset behind the head], …],
 * "regions":[{"kind":nick, "recorded":bool, "label":text, "path":text|null,
 *   "start":"hex digits", "end":"hex digits", "thread":id, "number":n, "first":i, "blocks":n,
 *   "selected":n, "liveBytes", "usedBytes", "holeBytes", "largestHole", "holes",
 *   "topFree", "sparseBytes", "emptyBytes": bytes|null, "fragmentation":number|null,
 *   "pins":n, "pinBytes":bytes}, …],
 * "areas":[{"kind", "recorded", "start", "end", "mappedBytes", "path"}, …],
 * "hotPages":[{"address":"hex digits", "births":n, "bytes":n, "row":n}, …] or null,
 * "threads":[text, …]        by thread id; 0 is ""
 * "variables":{"name":[text], "source":[0 … 4], "type":[text]}
 * "sites":{"function":[text], "place":[text]}}
 *
 * Addresses in the head are hexadecimal text, because a JSON number is not exact
 * above 2^53. Columns: "address" and "size" u64; "birth", "death" f64 in ns (Infinity:
 * never), "row" f64; "rounding", "thread", "deathThread", "variable", "site", "stack", "region"
 * u32; "stage", "origin", "flags" u8. "variable" and "site" are indices into the head's
 * tables (0: not recorded), not ids of the session; "stack" is the session's id.
 * All texts went through memscope_display_text(), and are cut at a few hundred characters.
 *
 * @hot_pages: NULL: "hotPages" is null, they are not known (yet).
 *
 * Transfer full. Any thread.
 */
GBytes *memscope_map_blob_new (const MemscopeAddressMap *map,
                               const MemscopeHotPages   *hot_pages,
                               MemscopeSession          *session);

G_END_DECLS
