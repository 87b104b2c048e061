/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "cli-charset.h"

/* What the C library's transliteration knows depends on the locale, and in "C" it is next to
 * nothing: the characters of our own texts are turned here.
 */
static const struct
{
  gunichar    character;
  const char *plain;
} plain_ones[] = {
  { 0x201c, "\"" }, { 0x201d, "\"" }, { 0x201e, "\"" },
  { 0x2018, "'" }, { 0x2019, "'" },
  { 0x2026, "..." }, { 0x2013, "-" }, { 0x2014, "-" }, { 0x2212, "-" }, { 0x00b7, "-" }, { 0x2022, "*" },
  { 0x00d7, "x" }, { 0x2192, "->" }, { 0x00b5, "u" }, { 0x03bc, "u" }, { 0x00b1, "+/-" }, { 0x00b2, "^2" },
  { 0x2264, "<=" }, { 0x2265, ">=" }, { 0x00a0, " " }, { 0x202f, " " }, { 0x00a9, "(c)" },
  /* Marks of direction and of isolation say nothing where all goes from left to right. */
  { 0x2066, "" }, { 0x2067, "" }, { 0x2068, "" }, { 0x2069, "" }, { 0x200e, "" }, { 0x200f, "" },
};

static const char *
plain_for (gunichar character)
{
  for (guint i = 0; i < G_N_ELEMENTS (plain_ones); i++)
    if (plain_ones[i].character == character)
      return plain_ones[i].plain;

  return NULL;
}

static gboolean
charset_has (const char *charset,
             const char *utf8,
             gsize       length)
{
  g_autofree char *converted = g_convert (utf8, (gssize) length, charset, "UTF-8", NULL, NULL, NULL);

  return converted != NULL;
}

char *
cli_charset_convert (const char *text,
                     const char *charset)
{
  g_autofree char *valid = NULL;
  g_autoptr(GString) plain = NULL;
  char *converted = g_convert (text, -1, charset, "UTF-8", NULL, NULL, NULL);

  if (converted != NULL)
    return converted;

  valid = g_utf8_make_valid (text, -1);
  plain = g_string_new (NULL);
  for (const char *at = valid; *at != '\0'; at = g_utf8_next_char (at))
    {
      gsize length = (gsize) (g_utf8_next_char (at) - at);
      const char *instead = length > 1 ? plain_for (g_utf8_get_char (at)) : NULL;

      if (length == 1 || charset_has (charset, at, length))
        g_string_append_len (plain, at, (gssize) length);
      else
        g_string_append (plain, instead != NULL ? instead : "?");
    }
  converted = g_convert (plain->str, (gssize) plain->len, charset, "UTF-8", NULL, NULL, NULL);

  /* An encoding that is not known at all, or one of states: ASCII is in all of them. */
  return converted != NULL ? converted : g_str_to_ascii (plain->str, "C");
}
