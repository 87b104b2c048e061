/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <string.h>

#include "memscope-expression.h"
#include "memscope-lifetime-term.h"
#include "memscope-parse.h"

#define ALONE  "^lifetime >= ([0-9.]+[mun]?s) or age >= \\1$"
#define BEHIND "^(.*) and \\(lifetime >= ([0-9.]+[mun]?s) or age >= \\2\\)$"

/* What stands before the part, NULL: there is no such part. @words: how long, as written. */
static char *
split (const char  *text,
       char       **words)
{
  g_autoptr(GRegex) alone = g_regex_new (ALONE, G_REGEX_DOTALL, 0, NULL);
  g_autoptr(GRegex) behind = g_regex_new (BEHIND, G_REGEX_DOTALL, 0, NULL);
  g_autoptr(GMatchInfo) found = NULL;

  *words = NULL;
  if (g_regex_match (alone, text, 0, &found))
    {
      *words = g_match_info_fetch (found, 1);
      return g_strdup ("");
    }

  g_clear_pointer (&found, g_match_info_unref);
  if (!g_regex_match (behind, text, 0, &found))
    return NULL;

  *words = g_match_info_fetch (found, 2);

  return g_match_info_fetch (found, 1);
}

guint64
memscope_lifetime_term_get (const char *text)
{
  g_autofree char *words = NULL;
  g_autofree char *rest = split (text, &words);
  guint64 nsec;

  return rest != NULL && memscope_parse_time (words, &nsec) ? nsec : 0;
}

char *
memscope_lifetime_term_dup_words (guint64 nsec)
{
  static const struct
  {
    guint64     nsec;
    const char *unit;
  } units[] = { { 1000000000, "s" }, { 1000000, "ms" }, { 1000, "us" }, { 1, "ns" } };
  guint i = 0;

  while (nsec % units[i].nsec != 0)
    i++;

  return g_strdup_printf ("%" G_GUINT64_FORMAT "%s", nsec / units[i].nsec, units[i].unit);
}

/* Whether the first parenthesis closes with the last character, and nothing is quoted. */
static gboolean
is_in_parentheses (const char *text)
{
  int depth = 0;

  if (*text != '(')
    return FALSE;

  for (const char *at = text; *at != '\0'; at++)
    {
      if (*at == '"' || *at == '/')
        return FALSE;
      depth += *at == '(' ? 1 : *at == ')' ? -1 : 0;
      if (depth == 0)
        return at[1] == '\0';
    }

  return FALSE;
}

char *
memscope_lifetime_term_set (const char *text,
                            guint64     nsec)
{
  g_autofree char *old = NULL;
  g_autofree char *before = split (text, &old);
  g_autofree char *rest = g_strstrip (g_strdup (before != NULL ? before : text));
  g_autofree char *words = NULL;
  g_autofree char *first = NULL;

  if (nsec == 0)
    return is_in_parentheses (rest) && before != NULL ? g_strndup (rest + 1, strlen (rest) - 2) : g_steal_pointer (&rest);

  words = memscope_lifetime_term_dup_words (nsec);
  if (*rest == '\0')
    return g_strdup_printf ("lifetime >= %s or age >= %s", words, words);

  if (!memscope_expression_is_meant (rest))
    first = memscope_expression_quote (rest);
  else if (is_in_parentheses (rest) || before != NULL)
    first = g_strdup (rest);
  else
    first = g_strdup_printf ("(%s)", rest);

  return g_strdup_printf ("%s and (lifetime >= %s or age >= %s)", first, words, words);
}
