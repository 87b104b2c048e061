/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_RSS_BAR (memscope_rss_bar_get_type ())

/* What the resident set at an instant is made of, as far as it was recorded;
 * the rest is shown, hatched, never hidden.
 */
G_DECLARE_FINAL_TYPE (MemscopeRssBar, memscope_rss_bar, MEMSCOPE, RSS_BAR, GtkWidget)

#define MEMSCOPE_RSS_MAX_PARTS 12

typedef struct
{
  const char *name;      /* translated, static */
  const char *color;     /* of memscope_palette_get(); NULL: grey and hatched */
  guint64     bytes;
  gboolean    hatched;   /* free or not known */
  const char *meaning;   /* translated sentence, static; may be NULL */
} MemscopeRssPart;

/* A swatch of the colour, resp. hatching, for a legend. */
GtkWidget *memscope_rss_bar_swatch_new (const MemscopeRssPart *part);


void memscope_rss_bar_set_parts (MemscopeRssBar        *self,
                                 const MemscopeRssPart *parts,
                                 guint                  n_parts);

G_END_DECLS
