/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A run of rows as columns, in the form the page decodes:
 *
 *   u32  length of the head
 *   …    the head: {"rows":n,"columns":[["name",width,delta],…]}
 *   …    for each column its bytes in planes: first the lowest byte of every
 *        row, then the next … (little-endian), of the differences to the row
 *        before (modulo 2^(8·width)) where `delta` is 1
 *
 * Planes of small or regular numbers are runs of equal bytes, which is what
 * deflate is good at.
 */
typedef struct
{
  guint       n_rows;
  GString    *head;
  GByteArray *planes;
} MemscopePageTile;

void memscope_page_tile_init     (MemscopePageTile *self,
                                  guint             n_rows);
void memscope_page_tile_clear    (MemscopePageTile *self);
/* @values: n_rows of them, of which the low @width bytes count. Overwritten. */
void memscope_page_tile_add      (MemscopePageTile *self,
                                  const char       *name,
                                  guint             width,
                                  gboolean          delta,
                                  guint64          *values);
/* The tile as base64 of gzip. */
char *memscope_page_tile_pack    (MemscopePageTile *self);

/* Any bytes as base64 of gzip. */
char *memscope_page_pack         (const void       *bytes,
                                  gsize             length);

G_END_DECLS
