/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A message of the live socket, from either side: read to its end, and written
 * again from what was read.
 */

#include <string.h>

#include "memscope-live-message.h"
#include "memscope-live-recording-private.h"

int LLVMFuzzerTestOneInput (const guint8 *data,
                            gsize         length);

static void
write_again (const guint8 *data,
             gsize         length)
{
  static char text[4 * MEMSCOPE_LIVE_MAX_TEXT];
  char word[MEMSCOPE_LIVE_WORD_ROOM], again[MEMSCOPE_LIVE_WORD_ROOM];
  static char value[MEMSCOPE_LIVE_MAX_TEXT + 1], copy[MEMSCOPE_LIVE_MAX_TEXT + 1];
  MemscopeLiveCursor cursor, other;
  MemscopeLiveField field, same;
  MemscopeLiveWriter writer;

  if (!memscope_live_open (&cursor, data, length, word))
    return;

  while (memscope_live_next (&cursor, &field, value, sizeof value))
    {
      memscope_live_begin (&writer, text, sizeof text, word);
      memscope_live_add_bytes (&writer, field.key, field.bytes, field.length);

      /* written out it may be too long for a message, then it is refused as a whole */
      if (writer.full || writer.length > MEMSCOPE_LIVE_MAX_TEXT)
        continue;

      g_assert_true (memscope_live_open (&other, text, writer.length, again));
      g_assert_cmpstr (again, ==, word);
      g_assert_true (memscope_live_next (&other, &same, copy, sizeof copy));
      g_assert_cmpmem (same.bytes, same.length, field.bytes, field.length);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         length)
{
  MemscopeLiveRecording *recording = memscope_live_recording_parse ("/x.sock", 1, data, length);

  if (recording != NULL)
    {
      g_autofree char *name = memscope_live_recording_dup_name (recording);
      g_autofree char *command = memscope_live_recording_dup_command (recording);

      g_assert_true (g_utf8_validate (name, -1, NULL) && g_utf8_validate (command, -1, NULL));
      memscope_live_recording_unref (recording);
    }

  write_again (data, length);

  return 0;
}
