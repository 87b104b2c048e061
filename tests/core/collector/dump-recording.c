/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Reads recordings as the tests do, says what is in them. For a look by hand. */

#include "file-reader.h"

int
main (int argc, char *argv[])
{
  for (int i = 1; i < argc; i++)
    {
      g_autoptr(RecordingFile) file = recording_file_read (argv[i]);
      guint kinds[MEMSCOPE_EVENT_N_KINDS] = { 0 };

      g_print ("%s: %u events, %u births, %u threads, %u stacks, %u frames, %u modules, %u strings, %u gaps, %u marks, "
               "%u samples, %u mappings, %u checkpoints, %u clock points, end %d (reason %u status %u), footer %d, cut %d\n",
               argv[i], file->events->len, file->births->len, file->threads->len - 1, file->stacks->len - 1,
               file->frames->len - 1, file->modules->len - 1, file->strings->len - 1, file->gaps->len, file->marks->len,
               file->samples->len, file->n_mappings, file->n_checkpoints, file->clock->len, file->has_end,
               file->end.reason, file->end.status, file->has_footer, file->cut);
      for (guint j = 0; j < file->events->len; j++)
        kinds[FILE_EVENT (file, j).kind]++;
      for (guint j = 0; j < MEMSCOPE_EVENT_N_KINDS; j++)
        if (kinds[j] != 0)
          g_print ("  kind %u: %u\n", j, kinds[j]);
      for (guint j = 0, births = 0; j < file->events->len; j++)
        {
          const MemscopeEvent *event = &FILE_EVENT (file, j);

          if (event->kind == MEMSCOPE_EVENT_LOST_DEATH)
            {
              const MemscopeEvent *birth = recording_file_birth_of (file, event, births);

              g_print ("  lost death at event %u of %#" G_GINT64_MODIFIER "x, born by kind %u\n", j, birth->address, birth->kind);
            }
          births += memscope_event_is_birth (event->kind);
        }
      for (guint j = 0; j < file->gaps->len; j++)
        g_print ("  gap reason %u events %" G_GUINT64_FORMAT "\n", g_array_index (file->gaps, MemscopeGap, j).reason,
                 g_array_index (file->gaps, MemscopeGap, j).events);
      for (guint j = 0; j < file->marks->len; j++)
        g_print ("  mark %s\n", (char *)file->strings->pdata[g_array_index (file->marks, MemscopeMark, j).text]);
    }

  return 0;
}
