/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-samples.h"

#define NS_PER_US G_GUINT64_CONSTANT (1000)

G_STATIC_ASSERT (MEMSCOPE_UNKNOWN == MEMSCOPE_NOT_RECORDED);

guint64
memscope_sample_get_rss (const MemscopeSample *sample)
{
  return sample->kind == MEMSCOPE_SAMPLE_PROCESS ? sample->values[0] : MEMSCOPE_UNKNOWN;
}

guint64
memscope_sample_get_time (const MemscopeSample *sample)
{
  return sample->time > G_MAXUINT64 / NS_PER_US ? G_MAXUINT64 : sample->time * NS_PER_US;
}

guint64
memscope_samples_rss_at (MemscopeSession *session,
                         guint64          time)
{
  guint n;
  const MemscopeSample *samples = memscope_session_get_samples (session, &n);
  guint64 rss = MEMSCOPE_UNKNOWN;

  for (guint i = 0; i < n && memscope_sample_get_time (&samples[i]) <= time; i++)
    {
      if (memscope_sample_get_rss (&samples[i]) != MEMSCOPE_UNKNOWN)
        rss = memscope_sample_get_rss (&samples[i]);
    }

  return rss;
}

guint64
memscope_samples_max_rss (MemscopeSession *session,
                          guint64          begin,
                          guint64          end)
{
  guint n;
  const MemscopeSample *samples = memscope_session_get_samples (session, &n);
  guint64 max = memscope_samples_rss_at (session, begin);

  for (guint i = 0; i < n; i++)
    {
      guint64 time = memscope_sample_get_time (&samples[i]);
      guint64 rss = memscope_sample_get_rss (&samples[i]);

      if (time >= begin && time < end && rss != MEMSCOPE_UNKNOWN && (max == MEMSCOPE_UNKNOWN || rss > max))
        max = rss;
    }

  return max;
}
