/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memscope-expression-lexer.h"

#include <string.h>

static gboolean
is_space (char c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Every byte of a character beyond ASCII belongs to a word. */
static gboolean
is_word (char c)
{
  return g_ascii_isalnum (c) || (guchar)c >= 0x80 || (c != '\0' && strchr ("_-.:/*$@#[]+%?", c) != NULL);
}

static gboolean
is_dots (const char *text,
         gsize       length,
         gsize       at)
{
  return at + 1 < length && text[at] == '.' && text[at + 1] == '.';
}

static gsize
end_of_word (const char *text,
             gsize       length,
             gsize       at)
{
  while (at < length && is_word (text[at]) && !is_dots (text, length, at))
    at++;

  return at;
}

/* Length of the escape at @at (a backslash), 0: there is none like it. */
static gsize
escape_length (const char *text,
               gsize       length,
               gsize       at,
               gunichar   *value)
{
  static const char letters[] = "\"\\nrt0";
  static const char values[] = "\"\\\n\r\t\0";
  const char *letter;
  gsize end;

  if (at + 1 >= length || text[at + 1] == '\0')
    return 0;

  letter = strchr (letters, text[at + 1]);
  if (letter != NULL)
    {
      *value = (guchar)values[letter - letters];
      return 2;
    }

  *value = 0;
  if (text[at + 1] == 'x')
    {
      if (at + 3 >= length || !g_ascii_isxdigit (text[at + 2]) || !g_ascii_isxdigit (text[at + 3]))
        return 0;
      *value = (gunichar)(g_ascii_xdigit_value (text[at + 2]) * 16 + g_ascii_xdigit_value (text[at + 3]));
      return 4;
    }

  if (text[at + 1] != 'u' || at + 2 >= length || text[at + 2] != '{')
    return 0;
  for (end = at + 3; end < length && end < at + 9 && g_ascii_isxdigit (text[end]); end++)
    *value = *value * 16 + (gunichar)g_ascii_xdigit_value (text[end]);

  return end > at + 3 && end < length && text[end] == '}' && g_unichar_validate (*value) ? end + 1 - at : 0;
}

static void
take_string (const char    *text,
             gsize          length,
             MemscopeToken *token)
{
  gsize at = token->offset + 1;

  while (at < length && text[at] != '"')
    {
      gunichar value;
      gsize escape;

      if (text[at] != '\\')
        {
          at++;
          continue;
        }

      escape = escape_length (text, length, at, &value);
      if (escape == 0)
        {
          *token = (MemscopeToken) { MEMSCOPE_TOKEN_BAD_ESCAPE, at, MIN (2, length - at) };
          return;
        }
      at += escape;
    }

  token->kind = at < length ? MEMSCOPE_TOKEN_STRING : MEMSCOPE_TOKEN_UNENDED;
  token->length = MIN (at + 1, length) - token->offset;
}

static void
take_pattern (const char    *text,
              gsize          length,
              MemscopeToken *token)
{
  gsize at = token->offset + 1;

  while (at < length && text[at] != '/')
    at += text[at] == '\\' && at + 1 < length ? 2 : 1;

  token->kind = at < length ? MEMSCOPE_TOKEN_PATTERN : MEMSCOPE_TOKEN_UNENDED;
  token->length = MIN (at + 1, length) - token->offset;
}

static const struct
{
  char              text[3];
  MemscopeTokenKind kind;
} signs[] = {
  { "==", MEMSCOPE_TOKEN_EQUAL }, { "!=", MEMSCOPE_TOKEN_UNEQUAL }, { "<=", MEMSCOPE_TOKEN_AT_MOST },
  { ">=", MEMSCOPE_TOKEN_AT_LEAST }, { "!~", MEMSCOPE_TOKEN_UNLIKE }, { "=~", MEMSCOPE_TOKEN_LIKE },
  { "..", MEMSCOPE_TOKEN_DOTS }, { "&&", MEMSCOPE_TOKEN_AND }, { "||", MEMSCOPE_TOKEN_OR },
  { "=", MEMSCOPE_TOKEN_EQUAL }, { "<", MEMSCOPE_TOKEN_LESS }, { ">", MEMSCOPE_TOKEN_GREATER },
  { "~", MEMSCOPE_TOKEN_LIKE }, { "!", MEMSCOPE_TOKEN_NOT }, { "(", MEMSCOPE_TOKEN_OPEN },
  { ")", MEMSCOPE_TOKEN_CLOSE }, { ",", MEMSCOPE_TOKEN_COMMA },
};

void
memscope_lexer_next (const char    *text,
                     gsize          length,
                     gsize          offset,
                     gboolean       pattern,
                     MemscopeToken *token)
{
  while (offset < length && is_space (text[offset]))
    offset++;

  *token = (MemscopeToken) { MEMSCOPE_TOKEN_END, offset, 0 };
  if (offset >= length)
    return;

  if (text[offset] == '"')
    {
      take_string (text, length, token);
      return;
    }
  if (pattern && text[offset] == '/')
    {
      take_pattern (text, length, token);
      return;
    }

  for (guint i = 0; i < G_N_ELEMENTS (signs); i++)
    {
      gsize n = strlen (signs[i].text);

      if (n <= length - offset && memcmp (text + offset, signs[i].text, n) == 0)
        {
          token->kind = signs[i].kind;
          token->length = n;
          return;
        }
    }

  if (is_word (text[offset]))
    {
      token->kind = g_ascii_isdigit (text[offset]) ? MEMSCOPE_TOKEN_NUMBER : MEMSCOPE_TOKEN_WORD;
      token->length = end_of_word (text, length, offset) - offset;
      return;
    }

  token->kind = MEMSCOPE_TOKEN_BAD;
  token->length = 1;
}

char *
memscope_lexer_dup_string (const char          *text,
                           const MemscopeToken *token,
                           gsize               *length)
{
  gsize end = token->offset + token->length - 1;
  GString *string = g_string_new (NULL);

  for (gsize at = token->offset + 1; at < end;)
    {
      gunichar value = 0;
      gsize escape = text[at] == '\\' ? escape_length (text, end, at, &value) : 0;

      if (escape == 0)
        g_string_append_c (string, text[at++]);
      else if (text[at + 1] == 'u')
        g_string_append_unichar (string, value);
      else
        g_string_append_c (string, (char)value);
      at += escape;
    }

  *length = string->len;

  return g_string_free (string, FALSE);
}
