/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Sizes and times as people type them. All return FALSE, and leave the result
 * alone, when the text is anything else. Spaces around a number and before its
 * unit are ignored, units in any case; the decimal point may be a comma. Any thread.
 */

/* "4096", "64K", "64 KiB", "1.5 MB": powers of 1024, rounded up to whole bytes. */
gboolean memscope_parse_size  (const char *text,
                               guint64    *bytes);

/* "1.2s", "300 ms", "5µs", "90" (seconds), "01:12.4" (minutes), "1:02:03.5" (hours). */
gboolean memscope_parse_time  (const char *text,
                               guint64    *nsec);

/**
 * memscope_parse_range:
 * @end: the end of the recording in ns, exclusive
 *
 * Two times with "–", "-", "..", "…" or "to" between them. A missing one is
 * the begin, resp. the end, of the recording; a unit on the second holds for the
 * first too ("1.2–3.4s"). The result lies within the recording and is not empty.
 */
gboolean memscope_parse_range (const char *text,
                               guint64     end,
                               guint64    *range_begin,
                               guint64    *range_end);

G_END_DECLS
