/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-page-strings.h"

G_BEGIN_DECLS

/* Member "mappings" of the page's head, for its memory map:
 *
 *   {"guess": whether addresses tell what a region is,
 *    "snapshots": [{"time": ns, "start": ["hex digits", …], "end": …, "kind": [nick, …], "path": [string, …]}, …]}
 *
 * Of very many snapshots, some evenly in time.
 */
void memscope_page_write_mappings (MemscopeSession     *session,
                                   MemscopePageStrings *strings,
                                   MemscopeJsonWriter  *writer);

G_END_DECLS
