/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memscope-line-source.h"

#include <gio/gio.h>
#include <string.h>
#include <zstd.h>

#define PIECE         (256u * 1024u)
#define MAX_EXPANSION 4096u
#define FLOOR         (G_GUINT64_CONSTANT (256) * 1024 * 1024)

struct _MemscopeLineSource
{
  GBytes        *bytes;
  const guint8  *data;
  gsize          length;
  gsize          at;           /* of the file */
  ZSTD_DCtx     *zstd;
  GConverter    *gzip;
  GByteArray    *text;         /* unpacked, from `text_offset` on; one NUL behind it */
  gsize          line;         /* of the text: the present line */
  gsize          next;         /* the one after it */
  guint64        text_offset;
  guint64        unpacked;
  guint64        limit;
  gboolean       has_newline;  /* behind the present line, where there is a NUL now */
  gboolean       ended;
  gboolean       broken;
};

static gboolean
is_zstd (const guint8 *data,
         gsize         length)
{
  return length >= 4 && memcmp (data, "\x28\xb5\x2f\xfd", 4) == 0;
}

static gboolean
is_gzip (const guint8 *data,
         gsize         length)
{
  return length >= 2 && data[0] == 0x1f && data[1] == 0x8b;
}

MemscopeLineSource *
memscope_line_source_new (GBytes *bytes)
{
  MemscopeLineSource *self = g_new0 (MemscopeLineSource, 1);

  self->bytes = g_bytes_ref (bytes);
  self->data = g_bytes_get_data (bytes, &self->length);
  self->text = g_byte_array_new ();
  self->limit = MAX ((guint64)self->length * MAX_EXPANSION, FLOOR);
  if (is_zstd (self->data, self->length))
    self->zstd = ZSTD_createDCtx ();
  else if (is_gzip (self->data, self->length))
    self->gzip = G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP));

  return self;
}

void
memscope_line_source_free (MemscopeLineSource *self)
{
  ZSTD_freeDCtx (self->zstd);
  g_clear_object (&self->gzip);
  g_byte_array_unref (self->text);
  g_bytes_unref (self->bytes);
  g_free (self);
}

/* Up to @room bytes more. 0: none, for the moment or for good. */
static gsize
unpack (MemscopeLineSource *self,
        guint8             *out,
        gsize               room)
{
  if (self->zstd != NULL)
    {
      ZSTD_inBuffer input = { self->data, self->length, self->at };
      ZSTD_outBuffer output = { out, room, 0 };
      gsize left = ZSTD_decompressStream (self->zstd, &output, &input);
      gboolean moved = input.pos != self->at || output.pos != 0;

      self->at = input.pos;
      if (ZSTD_isError (left))
        self->broken = self->ended = TRUE;
      else if (input.pos == input.size && output.pos < room)
        {
          self->ended = TRUE;
          self->broken = left != 0;
        }
      else if (!moved)
        self->broken = self->ended = TRUE;
      return output.pos;
    }

  if (self->gzip != NULL)
    {
      gsize taken = 0, written = 0;
      g_autoptr(GError) error = NULL;
      GConverterResult result = g_converter_convert (self->gzip, self->data + self->at, self->length - self->at, out, room,
                                                     G_CONVERTER_INPUT_AT_END, &taken, &written, &error);

      if (result == G_CONVERTER_ERROR)
        {
          self->broken = self->ended = TRUE;
          return 0;
        }
      self->at += taken;
      if (result == G_CONVERTER_FINISHED)
        {
          /* Files of several members are one text. */
          if (is_gzip (self->data + self->at, self->length - self->at))
            g_converter_reset (self->gzip);
          else
            self->ended = TRUE;
        }
      return written;
    }

  room = MIN (room, self->length - self->at);
  memcpy (out, self->data + self->at, room);
  self->at += room;
  self->ended = self->at == self->length;

  return room;
}

/* Makes the text longer. FALSE: it has ended. */
static gboolean
grow (MemscopeLineSource *self)
{
  gsize before;

  if (self->ended)
    return FALSE;

  if (self->line > 0)
    {
      g_byte_array_remove_range (self->text, 0, (guint)self->line);
      self->text_offset += self->line;
      self->next -= self->line;
      self->line = 0;
    }

  before = self->text->len;
  g_byte_array_set_size (self->text, (guint)before + PIECE + 1);
  g_byte_array_set_size (self->text, (guint)(before + unpack (self, self->text->data + before, PIECE)));
  self->unpacked += self->text->len - before;
  if (self->unpacked > self->limit)
    self->broken = self->ended = TRUE;

  return TRUE;
}

static const char *
terminate (MemscopeLineSource *self,
           gsize               end)
{
  /* The newline's place; behind the text there is room. */
  if (end == self->text->len)
    {
      g_byte_array_set_size (self->text, (guint)end + 1);
      self->text->data[end] = '\0';
      g_byte_array_set_size (self->text, (guint)end);
    }
  else
    {
      self->text->data[end] = '\0';
    }

  return (const char *)self->text->data + self->line;
}

const char *
memscope_line_source_next (MemscopeLineSource *self,
                           gsize              *length)
{
  gsize searched = self->next;

  self->line = self->next;
  for (;;)
    {
      const guint8 *newline = searched < self->text->len
                                ? memchr (self->text->data + searched, '\n', self->text->len - searched) : NULL;
      gsize end;

      if (newline != NULL)
        {
          end = (gsize)(newline - self->text->data);
          *length = end - self->line;
          self->next = end + 1;
          self->has_newline = TRUE;
          return terminate (self, end);
        }

      if (self->text->len - self->line > MEMSCOPE_LINE_MAX)
        {
          self->broken = self->ended = TRUE;
          return NULL;
        }

      end = self->text->len - self->line;
      if (!grow (self))
        {
          if (end == 0 || self->broken)
            return NULL;
          *length = end;
          self->next = self->text->len;
          self->has_newline = FALSE;
          return terminate (self, self->text->len);
        }
      searched = self->line + end;
    }
}

const char *
memscope_line_source_extend (MemscopeLineSource *self,
                             gsize               total,
                             gsize              *length)
{
  gsize end;

  if (total > MEMSCOPE_LINE_MAX)
    return NULL;

  /* It was taken for the end of the line. */
  if (self->has_newline)
    self->text->data[self->next - 1] = '\n';
  while (self->text->len - self->line < total + 1 && grow (self))
    ;

  end = MIN (self->line + total, self->text->len);
  *length = end - self->line;
  self->next = MIN (end + 1, self->text->len);
  self->has_newline = end < self->text->len && self->text->data[end] == '\n';

  return terminate (self, end);
}

guint64
memscope_line_source_get_offset (MemscopeLineSource *self)
{
  return self->text_offset + self->line;
}

guint64
memscope_line_source_get_done (MemscopeLineSource *self)
{
  return self->at;
}

gboolean
memscope_line_source_is_broken (MemscopeLineSource *self)
{
  return self->broken;
}

gsize
memscope_line_source_peek (const guint8 *data,
                           gsize         length,
                           char         *text,
                           gsize         room)
{
  g_autoptr(GBytes) bytes = g_bytes_new_static (data, length);
  g_autoptr(MemscopeLineSource) self = memscope_line_source_new (bytes);
  gsize n = 0;

  while (n < room && !self->ended)
    {
      gsize more = unpack (self, (guint8 *)text + n, room - n);

      if (more == 0 && self->zstd == NULL)
        break;
      n += more;
    }

  return n;
}
