/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <math.h>
#include <string.h>

#include "memscope-text.h"

#define NSEC_PER_SEC G_GUINT64_CONSTANT (1000000000)

/* Three significant digits and never a number of five: 9.14, 91.4, 914. */
static char *
format_scaled (double value)
{
  if (value < 9.995)
    return g_strdup_printf ("%.2f", value);
  if (value < 999.95)
    return g_strdup_printf ("%.1f", value);
  return g_strdup_printf ("%.0f", value);
}

void
memscope_text_size_parts (guint64   bytes,
                          char    **number,
                          char    **unit)
{
  static const char *units[] = { N_("KiB"), N_("MiB"), N_("GiB"), N_("TiB"), N_("PiB"), N_("EiB") };
  double value = bytes;
  guint i = 0;

  if (bytes == MEMSCOPE_UNKNOWN)
    {
      *number = g_strdup (_("not recorded"));
      *unit = g_strdup ("");
      return;
    }

  if (bytes < 1024)
    {
      *number = g_strdup_printf ("%" G_GUINT64_FORMAT, bytes);
      *unit = g_strdup (C_("unit of bytes", "B"));
      return;
    }

  for (value /= 1024; value >= 1023.95 && i + 1 < G_N_ELEMENTS (units); i++)
    value /= 1024;

  *number = format_scaled (value);
  *unit = g_strdup (_(units[i]));
}

static char *
join_parts (char *number,
            char *unit)
{
  char *text = *unit ? g_strdup_printf ("%s\302\240%s", number, unit) : g_strdup (number);

  g_free (number);
  g_free (unit);

  return text;
}

char *
memscope_text_size (guint64 bytes)
{
  char *number, *unit;

  memscope_text_size_parts (bytes, &number, &unit);

  return join_parts (number, unit);
}

char *
memscope_text_estimated_size (const MemscopeEstimate *estimate)
{
  g_autofree char *size = memscope_text_size ((guint64) MAX (estimate->value, 0));
  g_autofree char *error = NULL;

  if (estimate->too_few)
    return g_strdup (_("too few samples"));
  if (estimate->error <= 0)
    return g_steal_pointer (&size);

  error = memscope_text_size ((guint64) estimate->error);

  return g_strdup_printf ("%s ± %s", size, error);
}

char *
memscope_text_count (guint64 count)
{
  const struct lconv *conventions = localeconv ();
  const char *separator = conventions->thousands_sep;
  char digits[32];
  GString *text;
  int length;

  if (count == MEMSCOPE_UNKNOWN)
    return g_strdup (_("not recorded"));

  /* The C locale groups nothing; long numbers still have to be readable. */
  if (separator == NULL || *separator == '\0')
    separator = ",";

  length = g_snprintf (digits, sizeof digits, "%" G_GUINT64_FORMAT, count);
  text = g_string_new (NULL);
  for (int i = 0; i < length; i++)
    {
      if (i > 0 && (length - i) % 3 == 0)
        g_string_append (text, separator);
      g_string_append_c (text, digits[i]);
    }

  return g_string_free (text, FALSE);
}

char *
memscope_text_exact_bytes (guint64 bytes)
{
  g_autofree char *count = memscope_text_count (bytes);

  if (bytes == MEMSCOPE_UNKNOWN)
    return g_steal_pointer (&count);

  return g_strdup_printf (ngettext ("%s byte", "%s bytes", bytes), count);
}

void
memscope_text_count_parts (guint64   count,
                           char    **number,
                           char    **unit)
{
  /* Translators: short units of counts, each a thousand times the one before. Where numbers
   * are grouped by ten thousands rather than thousands, begin with “10000 ”.
   */
  g_auto(GStrv) units = g_strsplit (_("1000 k M G T"), " ", -1);
  double step = g_ascii_strtod (units[0], NULL);
  double value = count;
  guint i = 1;

  if (count == MEMSCOPE_UNKNOWN || count < 100000)
    {
      *number = memscope_text_count (count);
      *unit = g_strdup ("");
      return;
    }

  g_return_if_fail (step > 1 && units[i] != NULL);

  for (value /= step; value >= step - 0.05 && units[i + 1] != NULL; i++)
    value /= step;

  *number = format_scaled (value);
  *unit = g_strdup (units[i]);
}

char *
memscope_text_short_count (guint64 count)
{
  char *number, *unit;

  memscope_text_count_parts (count, &number, &unit);

  return join_parts (number, unit);
}

char *
memscope_text_n_allocations (guint64 count)
{
  g_autofree char *text = memscope_text_count (count);

  return g_strdup_printf (ngettext ("%s allocation", "%s allocations", count), text);
}

char *
memscope_text_n_blocks (guint64 count)
{
  g_autofree char *text = memscope_text_count (count);

  return g_strdup_printf (ngettext ("%s block", "%s blocks", count), text);
}

char *
memscope_text_n_events (guint64 count)
{
  g_autofree char *text = memscope_text_short_count (count);

  return g_strdup_printf (ngettext ("%s event", "%s events", count), text);
}

char *
memscope_text_duration (guint64 nsec)
{
  double seconds = nsec / 1e9;

  if (nsec == MEMSCOPE_UNKNOWN)
    return g_strdup (_("not recorded"));
  /* Most recordings have no finer clock than that. */
  if (nsec == 0)
    return g_strdup (_("< 1 µs"));
  if (nsec < 1000)
    return g_strdup_printf (_("%u ns"), (guint) nsec);
  if (nsec < 1000 * 1000)
    return g_strdup_printf (_("%.3g µs"), nsec / 1e3);
  if (nsec < NSEC_PER_SEC)
    return g_strdup_printf (_("%.3g ms"), nsec / 1e6);
  if (seconds < 100)
    return g_strdup_printf (_("%.3g s"), seconds);
  if (seconds < 3600)
    return g_strdup_printf (_("%u min %02u s"), (guint) (seconds / 60), (guint) fmod (seconds, 60));
  return g_strdup_printf (_("%u h %02u min"), (guint) (seconds / 3600), (guint) (fmod (seconds, 3600) / 60));
}

char *
memscope_text_time (guint64 nsec,
                    guint64 span)
{
  double seconds = nsec / 1e9;
  guint minutes = (guint) (seconds / 60);

  if (nsec == MEMSCOPE_UNKNOWN)
    return g_strdup (_("not recorded"));
  if (nsec == 0 && span < 10 * NSEC_PER_SEC)
    return g_strdup ("0");
  if (span < 10 * 1000)
    return g_strdup_printf (_("%.3f µs"), nsec / 1e3);
  if (span < 10 * 1000 * 1000)
    return g_strdup_printf (_("%.3f ms"), nsec / 1e6);
  if (span < NSEC_PER_SEC)
    return g_strdup_printf (_("%.1f ms"), nsec / 1e6);
  if (span < 10 * NSEC_PER_SEC)
    return g_strdup_printf (_("%.3f s"), seconds);
  if (minutes < 60)
    return g_strdup_printf ("%02u:%04.1f", minutes, floor ((seconds - minutes * 60.0) * 10) / 10);
  return g_strdup_printf ("%u:%02u:%02u", minutes / 60, minutes % 60, (guint) fmod (seconds, 60));
}

char *
memscope_text_share (double share)
{
  if (share > 0 && share < 0.01)
    return g_strdup_printf (_("%.2g %%"), share * 100);

  return g_strdup_printf (_("%.0f %%"), share * 100);
}

char *
memscope_text_date (gint64 unix_usec)
{
  g_autoptr(GDateTime) now = g_date_time_new_now_local ();
  g_autoptr(GDateTime) time = g_date_time_new_from_unix_local (unix_usec / G_USEC_PER_SEC);
  GTimeSpan age;

  if (time == NULL)
    return g_strdup ("");

  age = g_date_time_difference (now, time);
  if (age < G_TIME_SPAN_DAY && g_date_time_get_day_of_month (now) == g_date_time_get_day_of_month (time))
    return g_date_time_format (time, _("Today, %H:%M"));
  if (g_date_time_get_year (now) == g_date_time_get_year (time))
    return g_date_time_format (time, _("%-d %b, %H:%M"));
  return g_date_time_format (time, _("%-d %b %Y"));
}

char *
memscope_text_clip (const char *text,
                    guint       max_chars)
{
  const char *end = text;

  for (guint i = 0; i < max_chars; i++)
    {
      if (*end == '\0')
        return g_strdup (text);
      end = g_utf8_next_char (end);
    }

  if (*end == '\0')
    return g_strdup (text);

  return g_strdup_printf ("%.*s…", (int) (end - text), text);
}

char *
memscope_text_isolate (const char *text)
{
  g_autofree char *clipped = memscope_text_clip (text, MEMSCOPE_TEXT_LABEL_CHARS);

  /* FIRST STRONG ISOLATE … POP DIRECTIONAL ISOLATE */
  return g_strdup_printf ("\342\201\250%s\342\201\251", clipped);
}

char *
memscope_text_string (MemscopeSession  *session,
                      MemscopeStringId  id,
                      const char       *fallback)
{
  g_autofree char *text = NULL;

  if (id == 0)
    return g_strdup (fallback);

  text = memscope_session_dup_display_string (session, id);

  return memscope_text_clip (text, MEMSCOPE_TEXT_LABEL_CHARS);
}

char *
memscope_text_variable (MemscopeSession    *session,
                        MemscopeVariableId  id)
{
  MemscopeVariable variable;

  if (!memscope_session_get_variable (session, id, &variable))
    return g_strdup (_("(no name)"));

  return memscope_text_string (session, variable.name, _("(no name)"));
}

const char *
memscope_text_basename (const char *path)
{
  const char *slash = strrchr (path, '/');

  return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

const char *
memscope_text_name_source (MemscopeNameSource source)
{
  switch (source)
    {
    case MEMSCOPE_NAME_API:
      return "api";
    case MEMSCOPE_NAME_FILE:
      return "file";
    case MEMSCOPE_NAME_DWARF:
      return "dwarf";
    case MEMSCOPE_NAME_SOURCE:
      return "source";
    case MEMSCOPE_NAME_SITE:
    default:
      return "site";
    }
}

const char *
memscope_text_name_source_meaning (MemscopeNameSource source)
{
  switch (source)
    {
    case MEMSCOPE_NAME_API:
      return _("The program gave this name through the MemScope API");
    case MEMSCOPE_NAME_FILE:
      return _("The name is stored in the file");
    case MEMSCOPE_NAME_DWARF:
      return _("The name comes from the program’s debug information");
    case MEMSCOPE_NAME_SOURCE:
      return _("The name was read from the source line");
    case MEMSCOPE_NAME_SITE:
    default:
      return _("Nothing names this memory: shown is the function and line that allocated it");
    }
}
