/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memscope-page-tile.h"

#include <gio/gio.h>
#include <string.h>

#define COMPRESSION_LEVEL 6

void
memscope_page_tile_init (MemscopePageTile *self,
                         guint             n_rows)
{
  self->n_rows = n_rows;
  self->head = g_string_new (NULL);
  self->planes = g_byte_array_new ();
  g_string_append_printf (self->head, "{\"rows\":%u,\"columns\":[", n_rows);
}

void
memscope_page_tile_clear (MemscopePageTile *self)
{
  g_string_free (self->head, TRUE);
  g_byte_array_unref (self->planes);
  self->head = NULL;
  self->planes = NULL;
}

void
memscope_page_tile_add (MemscopePageTile *self,
                        const char       *name,
                        guint             width,
                        gboolean          delta,
                        guint64          *values)
{
  gsize at = self->planes->len;

  g_string_append_printf (self->head, "%s[\"%s\",%u,%d]",
                          at > 0 || g_str_has_suffix (self->head->str, "]") ? "," : "", name, width, delta ? 1 : 0);

  for (guint i = self->n_rows; delta && i-- > 1;)
    values[i] -= values[i - 1];

  g_byte_array_set_size (self->planes, at + (gsize) self->n_rows * width);
  for (guint byte = 0; byte < width; byte++)
    {
      guint8 *plane = self->planes->data + at + (gsize) byte * self->n_rows;

      for (guint i = 0; i < self->n_rows; i++)
        plane[i] = values[i] >> (8 * byte);
    }
}

char *
memscope_page_pack (const void *bytes,
                    gsize       length)
{
  g_autoptr(GZlibCompressor) compressor = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, COMPRESSION_LEVEL);
  g_autoptr(GByteArray) packed = g_byte_array_new ();
  GConverterResult result = G_CONVERTER_CONVERTED;
  const guint8 *from = bytes;
  guint8 buffer[65536];

  /* Memory to memory, so nothing but running out of it can fail. */
  while (result != G_CONVERTER_FINISHED)
    {
      gsize n_read, n_written;

      result = g_converter_convert (G_CONVERTER (compressor), from, length, buffer, sizeof buffer,
                                    G_CONVERTER_INPUT_AT_END, &n_read, &n_written, NULL);
      g_assert (result != G_CONVERTER_ERROR);
      g_byte_array_append (packed, buffer, n_written);
      from += n_read;
      length -= n_read;
    }

  return g_base64_encode (packed->data, packed->len);
}

char *
memscope_page_tile_pack (MemscopePageTile *self)
{
  g_autoptr(GByteArray) whole = g_byte_array_new ();
  guint32 head_length;

  g_string_append (self->head, "]}");
  head_length = GUINT32_TO_LE ((guint32) self->head->len);

  g_byte_array_append (whole, (const guint8 *) &head_length, sizeof head_length);
  g_byte_array_append (whole, (const guint8 *) self->head->str, self->head->len);
  g_byte_array_append (whole, self->planes->data, self->planes->len);

  return memscope_page_pack (whole->data, whole->len);
}
