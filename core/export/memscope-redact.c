/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memscope-redact.h"

#include <string.h>

gboolean
memscope_redaction_parse (const char  *words,
                          guint       *redact,
                          char       **unknown)
{
  static const struct { const char *word; guint bits; } known[] = {
    { "paths", MEMSCOPE_REDACT_PATHS },
    { "arguments", MEMSCOPE_REDACT_ARGUMENTS },
    { "environment", MEMSCOPE_REDACT_ENVIRONMENT },
    { "all", MEMSCOPE_REDACT_ALL },
    { "none", 0 },
  };
  g_auto(GStrv) parts = g_strsplit (words, ",", -1);
  guint bits = 0;

  for (guint i = 0; parts[i] != NULL; i++)
    {
      const char *word = g_strstrip (parts[i]);
      guint k = 0;

      while (k < G_N_ELEMENTS (known) && g_ascii_strcasecmp (word, known[k].word) != 0)
        k++;
      if (k == G_N_ELEMENTS (known))
        {
          if (unknown != NULL)
            *unknown = g_strdup (word);
          return FALSE;
        }
      bits |= known[k].bits;
    }

  *redact = bits;

  return TRUE;
}

const char *
memscope_redact_base_name (const char *path,
                           gsize      *length)
{
  const char *slash = *length > 0 ? memrchr (path, '/', *length) : NULL;

  if (slash == NULL)
    return path;

  *length -= slash + 1 - path;

  return slash + 1;
}

/* How many bytes at @at end a path in running text; 0: they belong to one. A
 * backslash goes with what it escapes, in JSON as in C.
 */
static gsize
separator_at (const GString *text,
              gsize          at)
{
  char c = text->str[at];

  if (c == '\\')
    return MIN (at + 1 < text->len && text->str[at + 1] == 'u' ? 6 : 2, text->len - at);

  return (guchar)c <= ' ' || strchr ("\"'`()[]{}<>,;:=|&*?!", c) != NULL ? 1 : 0;
}

void
memscope_redact_paths (GString *text,
                       gsize    from)
{
  gsize to = from, at = from;

  while (at < text->len)
    {
      gsize run = at, length, separator = 0;
      const char *kept;

      while (at < text->len && (separator = separator_at (text, at)) == 0)
        at++;

      /* A folder has a name too: that before its last slash. But "operator/" and "a /" are no paths. */
      length = at - run;
      while (length > 0 && text->str[run + length - 1] == '/')
        length--;
      kept = memscope_redact_base_name (text->str + run, &length);
      if (length == 0 || kept == text->str + run)
        {
          kept = text->str + run;
          length = at - run;
        }
      memmove (text->str + to, kept, length);
      to += length;
      memmove (text->str + to, text->str + at, separator);
      to += separator;
      at += separator;
    }

  g_string_truncate (text, to);
}
