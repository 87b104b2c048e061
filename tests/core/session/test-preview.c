/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gstdio.h>

#include "memscope-loader.h"
#include "memscope-preview.h"
#include "native-recording.h"

#define N_EVENTS 4000u

/* Two stretches of births, the second twice as dense, a death after every second. */
static void
make_recording (NativeRecording *recording,
                gboolean         closed)
{
  MemscopeEvent events[N_EVENTS] = { 0 };

  native_recording_init (recording);
  for (guint i = 0; i < N_EVENTS; i++)
    {
      events[i].time = i < N_EVENTS / 2 ? 2 * i : N_EVENTS + (i - N_EVENTS / 2);
      events[i].thread = 1;
      if (i % 3 == 2)
        {
          events[i].kind = MEMSCOPE_EVENT_FREE;
          events[i].ago = 1;
          continue;
        }
      events[i].kind = MEMSCOPE_EVENT_MALLOC;
      events[i].address = 0x1000 + 64 * (guint64)i;
      events[i].size = 16;
    }
  native_recording_add_events (recording, events, N_EVENTS / 2);
  native_recording_add_events (recording, events + N_EVENTS / 2, N_EVENTS / 2);
  if (closed)
    {
      native_recording_add_end (recording, MEMSCOPE_END_EXIT);
      native_recording_close (recording);
    }
}

static MemscopePreview *
preview_of (const void *bytes,
            gsize       length)
{
  g_autofree char *path = NULL;
  g_autoptr(GFile) file = NULL;
  MemscopePreview *preview;
  int fd = g_file_open_tmp ("memscope-test-XXXXXX", &path, NULL);

  g_assert_cmpint (fd, >=, 0);
  g_close (fd, NULL);
  g_assert_true (g_file_set_contents (path, bytes, (gssize)length, NULL));
  file = g_file_new_for_path (path);
  preview = memscope_preview_new (file, NULL);
  g_unlink (path);

  return preview;
}

static void
test_says_what_reading_finds (void)
{
  g_auto(NativeRecording) recording = { 0 };
  g_autoptr(MemscopePreview) preview = NULL;
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(GBytes) bytes = NULL;
  double sum = 0;

  make_recording (&recording, TRUE);
  preview = preview_of (recording.file.data, recording.file.length);
  bytes = g_bytes_new (recording.file.data, recording.file.length);
  session = memscope_load_bytes (bytes, "preview", NULL);
  g_assert_nonnull (preview);
  g_assert_nonnull (session);

  g_assert_true (preview->closed);
  g_assert_cmpuint (preview->events, ==, N_EVENTS);
  g_assert_cmpuint (preview->births, ==, memscope_session_get_n_blocks (session));
  g_assert_cmpuint (preview->duration, <=, memscope_session_get_duration (session));
  g_assert_cmpuint (preview->duration, ==, (N_EVENTS + N_EVENTS / 2 - 1) * 1000);
  for (guint k = 0; k < MEMSCOPE_PREVIEW_BUCKETS; k++)
    sum += preview->birth_rate[k];
  g_assert_cmpfloat_with_epsilon (sum, (double)preview->births, 1);
  g_assert_cmpfloat_with_epsilon (preview->birth_rate[50] / preview->birth_rate[10], 2, .1);
}

static void
test_a_cut_file_gives_its_whole_chunks (void)
{
  g_auto(NativeRecording) recording = { 0 };
  gsize second;

  make_recording (&recording, FALSE);
  second = native_recording_get_chunk (&recording, 1);
  for (gsize length = 0; length <= recording.file.length; length += 37)
    {
      g_autoptr(MemscopePreview) preview = preview_of (recording.file.data, length);

      if (length < sizeof (MemscopeFileHeader))
        {
          g_assert_null (preview);
          continue;
        }
      g_assert_nonnull (preview);
      g_assert_false (preview->closed);
      g_assert_cmpuint (preview->events, <=, N_EVENTS);
      if (length >= second && length < recording.file.length)
        g_assert_cmpuint (preview->events, ==, N_EVENTS / 2);
    }
}

static void
test_hostile_heads_claim_nothing (void)
{
  g_auto(NativeRecording) recording = { 0 };
  g_autoptr(GRand) random = g_rand_new_with_seed (5);

  make_recording (&recording, TRUE);
  for (guint i = 0; i < 150; i++)
    {
      g_autofree guint8 *bytes = g_memdup2 (recording.file.data, recording.file.length);
      g_autoptr(MemscopePreview) preview = NULL;

      /* The heads are where a change tells. */
      for (guint k = 0; k < 3; k++)
        bytes[sizeof (MemscopeFileHeader) + (gsize)g_rand_int_range (random, 0, 88)] = (guint8)g_rand_int (random);
      preview = preview_of (bytes, recording.file.length);
      if (preview == NULL)
        continue;
      g_assert_cmpuint (preview->births, <=, preview->events);
      for (guint k = 0; k < MEMSCOPE_PREVIEW_BUCKETS; k++)
        g_assert_true (preview->birth_rate[k] >= 0 && preview->birth_rate[k] <= (float)preview->births + 1);
    }
}

static void
test_other_files_have_none (void)
{
  static const char rs[64] = "MEMSCOPE\3\0\0\0";
  static const char text[] = "[{\"ptr\": 1}]";
  g_autoptr(GFile) folder = g_file_new_for_path ("/");

  g_assert_null (preview_of (rs, sizeof rs));
  g_assert_null (preview_of (text, sizeof text));
  g_assert_null (memscope_preview_new (folder, NULL));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/preview/says-what-reading-finds", test_says_what_reading_finds);
  g_test_add_func ("/preview/a-cut-file-gives-its-whole-chunks", test_a_cut_file_gives_its_whole_chunks);
  g_test_add_func ("/preview/hostile-heads-claim-nothing", test_hostile_heads_claim_nothing);
  g_test_add_func ("/preview/other-files-have-none", test_other_files_have_none);

  return g_test_run ();
}
