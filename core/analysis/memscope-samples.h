/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-session-private.h"

G_BEGIN_DECLS

/* The resident set that the context samples say, which holds from each sample to
 * the next. Times in ns; MEMSCOPE_UNKNOWN: no sample says.
 */
guint64 memscope_samples_rss_at  (MemscopeSession *session,
                                  guint64          time);
/* The largest in force within [begin, end). */
guint64 memscope_samples_max_rss (MemscopeSession *session,
                                  guint64          begin,
                                  guint64          end);

/* The resident set a sample says, or MEMSCOPE_UNKNOWN. */
guint64 memscope_sample_get_rss  (const MemscopeSample *sample);
guint64 memscope_sample_get_time (const MemscopeSample *sample);   /* ns */

G_END_DECLS
