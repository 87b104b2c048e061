/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memscope-reader.h"

#define INTERVAL (G_USEC_PER_SEC / 50)

gboolean
memscope_reading_step (MemscopeReading  *self,
                       guint64           done,
                       GError          **error)
{
  gint64 now;

  if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
    return FALSE;

  if (self->progress == NULL)
    return TRUE;

  now = g_get_monotonic_time ();
  if (now - self->last_time >= INTERVAL)
    {
      self->last_time = now;
      self->progress (MIN (self->done_before + done, self->total), self->total, self->progress_data);
    }

  return TRUE;
}
