/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "memscope-overview-bins.h"
#include "memscope-text.h"

guint
memscope_size_bin (guint64 size)
{
  guint bin = size > 0 ? 63 - __builtin_clzll (size) : 0;

  return MIN (bin, MEMSCOPE_SIZE_BINS - 1);
}

/* Two bins per power of ten from 1 µs: bin i ends at 10^(i / 2) µs. */
static double
lifetime_bin_end (guint bin)
{
  return pow (10, bin / 2.0) * 1e3;
}

guint
memscope_lifetime_bin (guint64 nsec)
{
  for (guint i = 0; i < MEMSCOPE_LIFETIME_BINS - 1; i++)
    if (nsec < lifetime_bin_end (i))
      return i;

  return MEMSCOPE_LIFETIME_BINS - 1;
}

static void
find_used (const guint64 *counts,
           guint          n,
           guint          at_least,
           guint         *first,
           guint         *last)
{
  *first = n;
  *last = 0;
  for (guint i = 0; i < n; i++)
    if (counts[i] > 0)
      {
        *first = MIN (*first, i);
        *last = i;
      }
  if (*first == n)
    *first = 0;

  /* A histogram of one bar says little about its neighbourhood. */
  while (*last - *first + 1 < at_least && (*first > 0 || *last < n - 1))
    {
      if (*first > 0)
        (*first)--;
      if (*last < n - 1)
        (*last)++;
    }
}

/* Whole binary units: no fraction to show. */
static char *
dup_power_of_two (guint64 size)
{
  if (size < 1024)
    return g_strdup_printf (_("%u B"), (guint) size);
  if (size < 1024 * 1024)
    return g_strdup_printf (_("%u KiB"), (guint) (size >> 10));
  if (size < 1024 * 1024 * 1024)
    return g_strdup_printf (_("%u MiB"), (guint) (size >> 20));
  return g_strdup_printf (_("%u GiB"), (guint) (size >> 30));
}

void
memscope_histogram_show_sizes (MemscopeHistogram *self,
                               const guint64     *counts,
                               guint64            marked_size,
                               const char        *mark_text)
{
  g_auto(GStrv) labels = g_new0 (char *, MEMSCOPE_SIZE_BINS + 1);
  g_auto(GStrv) ticks = g_new0 (char *, MEMSCOPE_SIZE_BINS + 1);
  guint first, last, n;

  find_used (counts, MEMSCOPE_SIZE_BINS, 8, &first, &last);
  n = last - first + 1;
  for (guint i = 0; i < n; i++)
    {
      guint64 from = first + i == 0 ? 0 : G_GUINT64_CONSTANT (1) << (first + i);
      guint64 to = (G_GUINT64_CONSTANT (1) << (first + i + 1)) - 1;
      g_autofree char *from_text = memscope_text_exact_bytes (from);
      g_autofree char *to_text = memscope_text_exact_bytes (to);

      labels[i] = g_strdup_printf (_("%s to %s"), from_text, to_text);
      ticks[i] = i % MAX (n / 4, 1) == 0 ? dup_power_of_two (from) : g_strdup ("");
    }

  memscope_histogram_set_bins (self, counts + first, (const char *const *) labels, (const char *const *) ticks, n,
                               mark_text == NULL ? -1 : (int) memscope_size_bin (marked_size) - (int) first,
                               mark_text);
}

void
memscope_histogram_show_lifetimes (MemscopeHistogram *self,
                                   const guint64     *counts,
                                   guint64            never_died,
                                   guint64            marked_lifetime,
                                   const char        *mark_text)
{
  guint64 shown[MEMSCOPE_LIFETIME_BINS + 1];
  g_auto(GStrv) labels = g_new0 (char *, MEMSCOPE_LIFETIME_BINS + 2);
  g_auto(GStrv) ticks = g_new0 (char *, MEMSCOPE_LIFETIME_BINS + 2);
  guint first, last, n;

  find_used (counts, MEMSCOPE_LIFETIME_BINS, 7, &first, &last);
  n = last - first + 1;
  for (guint i = 0; i < n; i++)
    {
      guint bin = first + i;
      g_autofree char *from = bin > 0 ? memscope_text_duration ((guint64) lifetime_bin_end (bin - 1)) : NULL;
      g_autofree char *to = memscope_text_duration ((guint64) lifetime_bin_end (bin));

      shown[i] = counts[bin];
      if (bin == 0)
        labels[i] = g_strdup_printf (_("less than %s"), to);
      else if (bin == MEMSCOPE_LIFETIME_BINS - 1)
        labels[i] = g_strdup_printf (_("%s or longer"), from);
      else
        labels[i] = g_strdup_printf (_("%s to %s"), from, to);
      ticks[i] = g_strdup (bin > 0 && bin % 2 == 1 && i % 4 <= 1 ? from : "");
    }

  shown[n] = never_died;
  labels[n] = g_strdup (_("still alive at the end"));
  ticks[n] = g_strdup (_("never"));

  memscope_histogram_set_bins (self, shown, (const char *const *) labels, (const char *const *) ticks, n + 1,
                               mark_text == NULL ? -1
                               : marked_lifetime == MEMSCOPE_NEVER ? (int) n
                               : (int) memscope_lifetime_bin (marked_lifetime) - (int) first,
                               mark_text);
}
