/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memscope-display.h"

#include <string.h>

/* Characters that change how their surroundings are laid out. */
static gboolean
is_layout_mark (gunichar c)
{
  return c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
         (c >= 0x2066 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
         (c >= 0xe0000 && c <= 0xe007f);
}

static gboolean
is_harmless (gunichar c)
{
  return c >= 0x20 && c != 0x7f && !(c >= 0x80 && c < 0xa0) && !is_layout_mark (c);
}

static void
append_escaped (GString  *text,
                gunichar  c)
{
  switch (c)
    {
    case '\0':
      g_string_append (text, "\\0");
      break;

    case '\t':
      g_string_append (text, "\\t");
      break;

    case '\n':
      g_string_append (text, "\\n");
      break;

    case '\r':
      g_string_append (text, "\\r");
      break;

    default:
      g_string_append_printf (text, "\\u{%x}", c);
    }
}

/* @bytes is valid UTF-8 but for NULs, which g_utf8_validate_len() refuses. */
static void
append_valid (GString    *text,
              const char *bytes,
              gsize       length)
{
  const char *end = bytes + length;
  const char *kept = bytes;

  for (const char *at = bytes; at < end; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      if (is_harmless (c))
        continue;

      g_string_append_len (text, kept, at - kept);
      append_escaped (text, c);
      kept = g_utf8_next_char (at);
    }

  g_string_append_len (text, kept, end - kept);
}

char *
memscope_display_text (const char *bytes,
                       gsize       length)
{
  GString *text = g_string_sized_new (length);
  const char *end = bytes + length;

  while (bytes < end)
    {
      const char *invalid;

      g_utf8_validate_len (bytes, (gsize)(end - bytes), &invalid);
      append_valid (text, bytes, (gsize)(invalid - bytes));
      bytes = invalid;

      if (bytes == end)
        break;

      if (*bytes == '\0')
        g_string_append (text, "\\0");
      else
        g_string_append_printf (text, "\\x%02X", (guint8)*bytes);
      bytes++;
    }

  return g_string_free (text, FALSE);
}
