/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memscope-json-text.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* How many bytes the well-formed UTF-8 character at @text has: 1 … 4, or 0 when
 * what stands there is none (truncated, overlong, a surrogate, above U+10FFFF).
 */
static gsize
utf8_character_length (const guint8 *text,
                       gsize         length)
{
  guint8 low = 0x80, high = 0xbf;
  gsize wanted;

  if (text[0] < 0x80)
    return 1;

  if (text[0] >= 0xc2 && text[0] <= 0xdf)
    wanted = 2;
  else if (text[0] >= 0xe0 && text[0] <= 0xef)
    wanted = 3;
  else if (text[0] >= 0xf0 && text[0] <= 0xf4)
    wanted = 4;
  else
    return 0;

  if (length < wanted)
    return 0;

  if (text[0] == 0xe0)
    low = 0xa0;
  else if (text[0] == 0xed)
    high = 0x9f;
  else if (text[0] == 0xf0)
    low = 0x90;
  else if (text[0] == 0xf4)
    high = 0x8f;

  if (text[1] < low || text[1] > high)
    return 0;

  for (gsize i = 2; i < wanted; i++)
    if ((text[i] & 0xc0) != 0x80)
      return 0;

  return wanted;
}

static gboolean
is_plain (guint8 c)
{
  return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static void
append_escape (GString *json,
               guint8   c)
{
  static const char digits[] = "0123456789abcdef";
  char escape[6] = { '\\', 'u', '0', '0', digits[c >> 4], digits[c & 15] };

  switch (c)
    {
    case '"':  g_string_append_len (json, "\\\"", 2); return;
    case '\\': g_string_append_len (json, "\\\\", 2); return;
    case '\n': g_string_append_len (json, "\\n", 2);  return;
    case '\r': g_string_append_len (json, "\\r", 2);  return;
    case '\t': g_string_append_len (json, "\\t", 2);  return;
    default:   break;
    }

  if (c >= 0x80)
    {
      escape[2] = 'd';
      escape[3] = 'c';
    }

  g_string_append_len (json, escape, sizeof escape);
}

void
memscope_json_append_string (GString    *json,
                             const char *bytes,
                             gssize      length)
{
  const guint8 *text = (const guint8 *) bytes;
  gsize n = length < 0 ? strlen (bytes) : (gsize) length;
  gsize i = 0;

  g_string_append_c (json, '"');

  while (i < n)
    {
      gsize start = i;
      gsize character;

      while (i < n)
        {
          if (is_plain (text[i]))
            i++;
          else if (text[i] >= 0x80 && (character = utf8_character_length (text + i, n - i)) > 0)
            i += character;
          else
            break;
        }

      if (i > start)
        g_string_append_len (json, bytes + start, i - start);
      if (i < n)
        append_escape (json, text[i++]);
    }

  g_string_append_c (json, '"');
}

void
memscope_json_append_uint64 (GString *json,
                             guint64  value)
{
  char digits[20];
  gsize at = sizeof digits;

  do
    {
      digits[--at] = '0' + value % 10;
      value /= 10;
    }
  while (value > 0);

  g_string_append_len (json, digits + at, sizeof digits - at);
}

void
memscope_json_append_int64 (GString *json,
                            gint64   value)
{
  if (value < 0)
    g_string_append_c (json, '-');

  memscope_json_append_uint64 (json, value < 0 ? -(guint64) value : (guint64) value);
}

void
memscope_json_append_double (GString *json,
                             double   value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  if (!isfinite (value))
    {
      g_string_append (json, "null");
      return;
    }

  /* Fifteen digits always survive, and "%g" drops the zeros; only the numbers
   * below the normal range have fewer.
   */
  for (int precision = fabs (value) < DBL_MIN ? 1 : 15; precision <= 17; precision++)
    {
      char format[8];

      g_snprintf (format, sizeof format, "%%.%dg", precision);
      g_ascii_formatd (text, sizeof text, format, value);
      if (g_ascii_strtod (text, NULL) == value)
        break;
    }

  g_string_append (json, text);

  /* A reader shall see that it is a fraction, not a count. */
  if (strpbrk (text, ".e") == NULL)
    g_string_append (json, ".0");
}

/* -- validation: one pass, no recursion -- */

typedef struct
{
  const guint8 *at;
  const guint8 *end;
} Scanner;

static void
skip_space (Scanner *scanner)
{
  while (scanner->at < scanner->end
         && (*scanner->at == ' ' || *scanner->at == '\t' || *scanner->at == '\n' || *scanner->at == '\r'))
    scanner->at++;
}

static gboolean
take (Scanner *scanner,
      guint8   c)
{
  if (scanner->at == scanner->end || *scanner->at != c)
    return FALSE;

  scanner->at++;

  return TRUE;
}

static gboolean
scan_escape (Scanner *scanner)
{
  if (scanner->at == scanner->end)
    return FALSE;

  if (*scanner->at != 'u')
    return *scanner->at != '\0' && strchr ("\"\\/bfnrt", *scanner->at++) != NULL;

  scanner->at++;
  for (guint i = 0; i < 4; i++)
    if (scanner->at == scanner->end || !g_ascii_isxdigit (*scanner->at++))
      return FALSE;

  return TRUE;
}

static gboolean
scan_string (Scanner *scanner)
{
  if (!take (scanner, '"'))
    return FALSE;

  for (;;)
    {
      gsize character;

      while (scanner->at < scanner->end && is_plain (*scanner->at))
        scanner->at++;

      if (scanner->at == scanner->end)
        return FALSE;

      if (take (scanner, '"'))
        return TRUE;

      if (take (scanner, '\\'))
        {
          if (!scan_escape (scanner))
            return FALSE;
          continue;
        }

      character = utf8_character_length (scanner->at, scanner->end - scanner->at);
      if (character == 0 || *scanner->at < 0x20)
        return FALSE;

      scanner->at += character;
    }
}

static gboolean
scan_digits (Scanner *scanner)
{
  const guint8 *start = scanner->at;

  while (scanner->at < scanner->end && g_ascii_isdigit (*scanner->at))
    scanner->at++;

  return scanner->at > start;
}

static gboolean
scan_number (Scanner *scanner)
{
  take (scanner, '-');

  if (!take (scanner, '0') && !scan_digits (scanner))
    return FALSE;

  if (take (scanner, '.') && !scan_digits (scanner))
    return FALSE;

  if (take (scanner, 'e') || take (scanner, 'E'))
    {
      if (!take (scanner, '+'))
        take (scanner, '-');
      return scan_digits (scanner);
    }

  return TRUE;
}

static gboolean
scan_word (Scanner    *scanner,
           const char *word)
{
  gsize length = strlen (word);

  if ((gsize) (scanner->end - scanner->at) < length || memcmp (scanner->at, word, length) != 0)
    return FALSE;

  scanner->at += length;

  return TRUE;
}

static gboolean
scan_scalar (Scanner *scanner)
{
  if (scanner->at == scanner->end)
    return FALSE;

  switch (*scanner->at)
    {
    case '"': return scan_string (scanner);
    case 't': return scan_word (scanner, "true");
    case 'f': return scan_word (scanner, "false");
    case 'n': return scan_word (scanner, "null");
    default:  return scan_number (scanner);
    }
}

static gboolean
scan_key (Scanner *scanner)
{
  skip_space (scanner);
  if (!scan_string (scanner))
    return FALSE;

  skip_space (scanner);

  return take (scanner, ':');
}

/* One value, from its first character to its last. */
static gboolean
scan_value (Scanner *scanner)
{
  guint8 closers[MEMSCOPE_JSON_MAX_DEPTH];
  guint depth = 0;

  for (;;)
    {
      /* A value: a scalar, an empty container, or one level down. */
      if (scanner->at < scanner->end && (*scanner->at == '{' || *scanner->at == '['))
        {
          guint8 closer = *scanner->at++ == '{' ? '}' : ']';

          skip_space (scanner);
          if (!take (scanner, closer))
            {
              if (depth == G_N_ELEMENTS (closers))
                return FALSE;
              closers[depth++] = closer;
              if (closer == '}' && !scan_key (scanner))
                return FALSE;
              skip_space (scanner);
              continue;
            }
        }
      else if (!scan_scalar (scanner))
        {
          return FALSE;
        }

      /* After a value: containers end, or the innermost one goes on. */
      for (;;)
        {
          if (depth == 0)
            return TRUE;
          skip_space (scanner);
          if (!take (scanner, closers[depth - 1]))
            break;
          depth--;
        }

      if (!take (scanner, ','))
        return FALSE;
      if (closers[depth - 1] == '}' && !scan_key (scanner))
        return FALSE;
      skip_space (scanner);
    }
}

gsize
memscope_json_text_value_length (const char *text,
                                 gsize       length)
{
  Scanner scanner = { (const guint8 *) text, (const guint8 *) text + length };

  return scan_value (&scanner) ? (gsize) (scanner.at - (const guint8 *) text) : 0;
}

gboolean
memscope_json_text_is_valid (const char *text,
                             gsize       length)
{
  Scanner scanner = { (const guint8 *) text, (const guint8 *) text + length };

  skip_space (&scanner);
  if (!scan_value (&scanner))
    return FALSE;

  skip_space (&scanner);

  return scanner.at == scanner.end;
}

/* -- reading -- */

gboolean
memscope_json_text_read_uint64 (const char *text,
                                gsize       length,
                                guint64    *value)
{
  guint64 sum = 0;

  if (length == 0)
    return FALSE;

  for (gsize i = 0; i < length; i++)
    {
      if (!g_ascii_isdigit (text[i]) || __builtin_mul_overflow (sum, 10, &sum) ||
          __builtin_add_overflow (sum, (guint64) (text[i] - '0'), &sum))
        return FALSE;
    }

  *value = sum;

  return TRUE;
}

/* @at: four hexadecimal digits, which the scanner has seen. */
static gunichar
read_hex (const char *at)
{
  gunichar value = 0;

  for (guint i = 0; i < 4; i++)
    value = value << 4 | (gunichar) g_ascii_xdigit_value (at[i]);

  return value;
}

/* Three bytes that are not UTF-8, but show which half of a pair stands alone. */
static void
append_lone_surrogate (GString  *bytes,
                       gunichar  c)
{
  g_string_append_c (bytes, (char) (0xe0 | c >> 12));
  g_string_append_c (bytes, (char) (0x80 | (c >> 6 & 0x3f)));
  g_string_append_c (bytes, (char) (0x80 | (c & 0x3f)));
}

/* The character after `\u` at @at; returns what follows it. */
static const char *
read_unicode_escape (const char *at,
                     const char *end,
                     GString    *bytes)
{
  gunichar c = read_hex (at);

  at += 4;
  if (c >= 0xdc80 && c <= 0xdcff)
    g_string_append_c (bytes, (char) (c - 0xdc00));
  else if (c >= 0xd800 && c <= 0xdbff && end - at >= 6 && at[0] == '\\' && at[1] == 'u' &&
           read_hex (at + 2) >= 0xdc00 && read_hex (at + 2) <= 0xdfff)
    {
      g_string_append_unichar (bytes, 0x10000 + ((c - 0xd800) << 10) + (read_hex (at + 2) - 0xdc00));
      at += 6;
    }
  else if (c >= 0xd800 && c <= 0xdfff)
    append_lone_surrogate (bytes, c);
  else if (c == 0)
    g_string_append_c (bytes, '\0');
  else
    g_string_append_unichar (bytes, c);

  return at;
}

void
memscope_json_text_read_string (const char *text,
                                gsize       length,
                                GString    *bytes)
{
  static const char escapes[] = "\"\\/bfnrt";
  static const char meanings[] = "\"\\/\b\f\n\r\t";
  const char *at = text + 1;
  const char *end = text + length - 1;

  while (at < end)
    {
      const char *escape = memchr (at, '\\', end - at);

      if (escape == NULL)
        escape = end;
      g_string_append_len (bytes, at, escape - at);
      if (escape == end)
        return;

      if (escape[1] == 'u')
        {
          at = read_unicode_escape (escape + 2, end, bytes);
        }
      else
        {
          g_string_append_c (bytes, meanings[strchr (escapes, escape[1]) - escapes]);
          at = escape + 2;
        }
    }
}
