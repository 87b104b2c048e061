/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_RSS_BAR (memscope_rss_bar_get_type ())

/* What the resident set at an instant is made of, as far as it was recorded;
 * the rest is shown, hatched, never hidden.
 */
G_DECLARE_FINAL_TYPE (MemscopeRssBar, memscope_rss_bar, MEMSCOPE, RSS_BAR, GtkWidget)

#define MEMSCOPE_RSS_MAX_PARTS 8

typedef struct
{
  const char *name;      /* translated, static */
  const char *color;     /* of memscope_palette_get(); NULL: hatched */
  guint64     bytes;
} MemscopeRssPart;

void memscope_rss_bar_set_parts (MemscopeRssBar        *self,
                                 const MemscopeRssPart *parts,
                                 guint                  n_parts);

G_END_DECLS
