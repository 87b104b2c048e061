/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memscope-parse.h"

#include <math.h>
#include <string.h>

typedef struct
{
  const char *name;
  double      factor;
} Unit;

static const Unit sizes[] = {
  { "", 1 }, { "B", 1 },
  { "K", 0x1p10 }, { "KB", 0x1p10 }, { "KiB", 0x1p10 },
  { "M", 0x1p20 }, { "MB", 0x1p20 }, { "MiB", 0x1p20 },
  { "G", 0x1p30 }, { "GB", 0x1p30 }, { "GiB", 0x1p30 },
  { "T", 0x1p40 }, { "TB", 0x1p40 }, { "TiB", 0x1p40 },
};

static const Unit times[] = {
  { "", 1e9 }, { "ns", 1 }, { "us", 1e3 }, { "µs", 1e3 }, { "μs", 1e3 }, { "ms", 1e6 },
  { "s", 1e9 }, { "m", 60e9 }, { "min", 60e9 }, { "h", 3600e9 },
};

/* Digits with at most one point or comma; *@rest is what follows. */
static gboolean
take_number (const char  *text,
             double      *number,
             const char **rest)
{
  char digits[48];
  guint n = 0;
  gboolean has_digit = FALSE, has_point = FALSE;

  while (g_ascii_isspace (*text))
    text++;

  for (; n < sizeof digits - 1; text++)
    {
      if (g_ascii_isdigit (*text))
        has_digit = TRUE;
      else if ((*text == '.' || *text == ',') && !has_point && g_ascii_isdigit (text[1]))
        has_point = TRUE;
      else
        break;

      digits[n++] = *text == ',' ? '.' : *text;
    }

  if (!has_digit || g_ascii_isdigit (*text))
    return FALSE;

  digits[n] = '\0';
  *number = g_ascii_strtod (digits, NULL);
  *rest = text;

  return TRUE;
}

static gboolean
find_unit (const char *text,
           const Unit *units,
           guint       n_units,
           double     *factor)
{
  g_autofree char *name = g_strstrip (g_strdup (text));

  for (guint i = 0; i < n_units; i++)
    {
      if (g_ascii_strcasecmp (name, units[i].name) == 0)
        {
          *factor = units[i].factor;
          return TRUE;
        }
    }

  return FALSE;
}

static gboolean
store (double   value,
       guint64 *result)
{
  if (!(value >= 0 && value < 0x1p63))
    return FALSE;

  *result = (guint64) value;

  return TRUE;
}

gboolean
memscope_parse_size (const char *text,
                     guint64    *bytes)
{
  const char *rest;
  double number, factor;

  g_return_val_if_fail (text != NULL && bytes != NULL, FALSE);

  return take_number (text, &number, &rest) && find_unit (rest, sizes, G_N_ELEMENTS (sizes), &factor) &&
         store (ceil (number * factor), bytes);
}

/* "01:12.4", "1:02:03": the parts before the last are whole, and those after the first below 60. */
static gboolean
parse_clock (const char *text,
             guint64    *nsec)
{
  double seconds = 0;
  const char *at = text;

  for (guint i = 0; i < 3; i++)
    {
      const char *rest;
      double number;

      if (!take_number (at, &number, &rest) || (i > 0 && number >= 60))
        return FALSE;

      seconds = seconds * 60 + number;
      if (*rest != ':')
        {
          while (g_ascii_isspace (*rest))
            rest++;
          return i > 0 && *rest == '\0' && store (round (seconds * 1e9), nsec);
        }
      if (number != floor (number))
        return FALSE;
      at = rest + 1;
    }

  return FALSE;
}

static gboolean
parse_time_with (const char *text,
                 const char *default_unit,
                 guint64    *nsec)
{
  const char *rest;
  double number, factor;

  if (strchr (text, ':') != NULL)
    return parse_clock (text, nsec);

  if (!take_number (text, &number, &rest))
    return FALSE;
  while (g_ascii_isspace (*rest))
    rest++;

  return find_unit (*rest != '\0' ? rest : default_unit, times, G_N_ELEMENTS (times), &factor) &&
         store (round (number * factor), nsec);
}

gboolean
memscope_parse_time (const char *text,
                     guint64    *nsec)
{
  g_return_val_if_fail (text != NULL && nsec != NULL, FALSE);

  return parse_time_with (text, "", nsec);
}

/* The unit at the end of a time: "" without one. */
static const char *
unit_of (const char *text)
{
  const char *unit = text + strlen (text);

  if (strchr (text, ':') != NULL)
    return "";
  while (unit > text && !g_ascii_isdigit (unit[-1]))
    unit--;

  return unit;
}

static const char *
find_separator (const char *text,
                gsize      *length)
{
  static const char *const separators[] = { "–", "—", "…", "...", "..", "-", "~", "to", "至", "到" };

  for (guint i = 0; i < G_N_ELEMENTS (separators); i++)
    {
      const char *found = strstr (text, separators[i]);

      if (found != NULL)
        {
          *length = strlen (separators[i]);
          return found;
        }
    }

  return NULL;
}

gboolean
memscope_parse_range (const char *text,
                      guint64     end,
                      guint64    *range_begin,
                      guint64    *range_end)
{
  g_autofree char *first = NULL;
  g_autofree char *last = NULL;
  const char *separator;
  gsize length;
  guint64 from = 0, to = end;

  g_return_val_if_fail (text != NULL && range_begin != NULL && range_end != NULL, FALSE);

  separator = find_separator (text, &length);
  if (separator == NULL)
    return FALSE;

  first = g_strstrip (g_strndup (text, separator - text));
  last = g_strstrip (g_strdup (separator + length));

  if ((*first == '\0' && *last == '\0') ||
      (*last != '\0' && !memscope_parse_time (last, &to)) ||
      (*first != '\0' && !parse_time_with (first, unit_of (last), &from)))
    return FALSE;

  to = MIN (to, end);
  if (from >= to)
    return FALSE;

  *range_begin = from;
  *range_end = to;

  return TRUE;
}
