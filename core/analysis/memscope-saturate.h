/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Sizes in a damaged or hostile file may be anything: sums stay at the largest
 * number instead of starting again from 0, stocks never fall below 0.
 */
static inline guint64
memscope_saturating_add (guint64 a,
                         guint64 b)
{
  guint64 sum;

  return g_uint64_checked_add (&sum, a, b) ? sum : G_MAXUINT64;
}

static inline guint64
memscope_saturating_sub (guint64 a,
                         guint64 b)
{
  return a > b ? a - b : 0;
}

G_END_DECLS
