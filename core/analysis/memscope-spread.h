/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

#include "memscope-format.h"

G_BEGIN_DECLS

/* How values are spread, in a fixed amount of memory: bins that are exact below
 * 512 and 1/256 of their value wide above. So a quantile is at most 0.4 % below
 * the exact one, and never outside of what occurred. The format's bins.
 */
typedef struct
{
  guint64 n;
  guint64 min;
  guint64 max;
  guint64 bins[MEMSCOPE_SPREAD_BINS];
} MemscopeSpread;

void    memscope_spread_init     (MemscopeSpread       *self);
void    memscope_spread_add      (MemscopeSpread       *self,
                                  guint64               value,
                                  guint64               weight);
void    memscope_spread_merge    (MemscopeSpread       *self,
                                  const MemscopeSpread *other);

/* The value at rank ceil (q * n), 0 < q <= 1: what a share q of the values does not
 * exceed. %G_MAXUINT64 when there are none.
 */
guint64 memscope_spread_quantile (const MemscopeSpread *self,
                                  double                q);

G_END_DECLS
