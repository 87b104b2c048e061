/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli-units.h"

#include <math.h>

typedef struct
{
  const char *name;
  double      factor;
} Unit;

static const Unit sizes[] = {
  { "", 1 }, { "B", 1 },
  { "K", 0x1p10 }, { "KiB", 0x1p10 }, { "M", 0x1p20 }, { "MiB", 0x1p20 },
  { "G", 0x1p30 }, { "GiB", 0x1p30 }, { "T", 0x1p40 }, { "TiB", 0x1p40 },
};

static const Unit times[] = {
  { "", 1e3 }, { "ms", 1 }, { "s", 1e3 }, { "m", 60e3 }, { "min", 60e3 }, { "h", 3600e3 },
};

static gboolean
parse (const char *text,
       const Unit *units,
       guint       n_units,
       guint64    *value)
{
  char *end;
  double number;

  /* g_ascii_strtod() also takes signs, spaces, hexadecimal, "nan" and "inf". */
  if (!g_ascii_isdigit (text[0]) || g_ascii_tolower (text[1]) == 'x')
    return FALSE;

  number = g_ascii_strtod (text, &end);

  for (guint i = 0; i < n_units; i++)
    {
      double scaled = ceil (number * units[i].factor);

      if (g_ascii_strcasecmp (end, units[i].name) != 0)
        continue;
      if (scaled < 1 || scaled >= 0x1p63)
        return FALSE;

      *value = (guint64) scaled;

      return TRUE;
    }

  return FALSE;
}

gboolean
cli_parse_size (const char *text,
                guint64    *bytes)
{
  return parse (text, sizes, G_N_ELEMENTS (sizes), bytes);
}

gboolean
cli_parse_time (const char *text,
                guint64    *milliseconds)
{
  return parse (text, times, G_N_ELEMENTS (times), milliseconds);
}
