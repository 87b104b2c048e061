/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-diagnostics.h"
#include "memscope-page-places.h"

G_BEGIN_DECLS

/* Member "diagnostics" of the page's head: what the rules found, by names that never
 * change and numbers; the page has the words, in its languages.
 */
void memscope_page_findings_write (const MemscopeDiagnostics *diagnostics,
                                   MemscopePagePlaces        *places,
                                   MemscopeJsonWriter        *writer);

G_END_DECLS
