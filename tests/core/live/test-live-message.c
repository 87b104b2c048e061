/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <glib.h>
#include <string.h>

#include "memscope-live-message.h"
#include "memscope-live-recording-private.h"

static void
test_values_of_any_bytes_come_back (void)
{
  char text[2048], value[512], word[MEMSCOPE_LIVE_WORD_ROOM];
  guint8 bytes[256], uuid[16], read[16];
  MemscopeLiveWriter writer;
  MemscopeLiveCursor cursor;
  MemscopeLiveField field;
  guint64 number;

  for (guint i = 0; i < sizeof bytes; i++)
    bytes[i] = (guint8)i;
  for (guint i = 0; i < sizeof uuid; i++)
    uuid[i] = (guint8)(i * 17);

  memscope_live_begin (&writer, text, sizeof text, "image");
  memscope_live_add_bytes (&writer, "bytes", bytes, sizeof bytes);
  memscope_live_add_text (&writer, "empty", "");
  memscope_live_add_number (&writer, "most", G_MAXUINT64);
  memscope_live_add_uuid (&writer, "uuid", uuid);
  g_assert_false (writer.full);

  g_assert_true (memscope_live_open (&cursor, text, writer.length, word));
  g_assert_cmpstr (word, ==, "image");

  g_assert_true (memscope_live_next (&cursor, &field, value, sizeof value));
  g_assert_cmpstr (field.key, ==, "bytes");
  g_assert_cmpmem (field.bytes, field.length, bytes, sizeof bytes);

  g_assert_true (memscope_live_next (&cursor, &field, value, sizeof value));
  g_assert_cmpstr (field.key, ==, "empty");
  g_assert_cmpuint (field.length, ==, 0);
  g_assert_false (memscope_live_to_number (&field, &number));

  g_assert_true (memscope_live_next (&cursor, &field, value, sizeof value));
  g_assert_true (memscope_live_to_number (&field, &number));
  g_assert_cmpuint (number, ==, G_MAXUINT64);

  g_assert_true (memscope_live_next (&cursor, &field, value, sizeof value));
  g_assert_true (memscope_live_to_uuid (&field, read));
  g_assert_cmpmem (read, 16, uuid, 16);
  g_assert_false (memscope_live_next (&cursor, &field, value, sizeof value));
}

static void
test_a_message_that_does_not_fit_is_none (void)
{
  MemscopeLiveWriter writer;
  char text[8];

  memscope_live_begin (&writer, text, sizeof text, "image");
  memscope_live_add_text (&writer, "k", "too long");
  g_assert_true (writer.full);
  g_assert_cmpuint (writer.length, ==, sizeof text);
}

static void
test_long_values_are_cut (void)
{
  char word[MEMSCOPE_LIVE_WORD_ROOM], value[4];
  MemscopeLiveCursor cursor;
  MemscopeLiveField field;
  const char *text = "mark text=abcdef uuid=00";

  g_assert_true (memscope_live_open (&cursor, text, strlen (text), word));
  g_assert_true (memscope_live_next (&cursor, &field, value, sizeof value));
  g_assert_cmpstr (field.bytes, ==, "abc");
  g_assert_true (memscope_live_next (&cursor, &field, value, sizeof value));
  g_assert_cmpstr (field.key, ==, "uuid");
}

static void
test_what_is_no_message_is_refused (void)
{
  static const char *const wrong[] = { "", " ", "D", "Image", "7", "=x", "averyveryverylongword x=y", "image\tx=y", "image\n" };
  static const char *const no_field[] = { "list  ", "list x", "list =y", "list X=y", "list averyveryverylongkey=1", "list x y=z" };
  static const char *const no_number[] = { "18446744073709551616", "-1", "1x", "0x10", "99999999999999999999", "" };
  char word[MEMSCOPE_LIVE_WORD_ROOM], value[64];
  g_autofree char *huge = g_strnfill (MEMSCOPE_LIVE_MAX_TEXT + 1, 'a');
  MemscopeLiveCursor cursor;
  MemscopeLiveField field;
  guint8 uuid[16];
  guint64 number;

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    g_assert_false (memscope_live_open (&cursor, wrong[i], strlen (wrong[i]), word));
  g_assert_false (memscope_live_open (&cursor, huge, strlen (huge), word));

  for (guint i = 0; i < G_N_ELEMENTS (no_field); i++)
    {
      g_assert_true (memscope_live_open (&cursor, no_field[i], strlen (no_field[i]), word));
      g_assert_false (memscope_live_next (&cursor, &field, value, sizeof value));
    }

  for (guint i = 0; i < G_N_ELEMENTS (no_number); i++)
    {
      field = (MemscopeLiveField) { .bytes = (char *)no_number[i], .length = strlen (no_number[i]) };
      g_assert_false (memscope_live_to_number (&field, &number));
      g_assert_false (memscope_live_to_uuid (&field, uuid));
    }
}

static void
test_a_percent_sign_alone_is_one (void)
{
  static const char *const texts[] = { "m v=%", "m v=%4", "m v=%zz", "m v=%%" };
  static const char *const values[] = { "%", "%4", "%zz", "%%" };
  char word[MEMSCOPE_LIVE_WORD_ROOM], value[64];
  MemscopeLiveCursor cursor;
  MemscopeLiveField field;

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_assert_true (memscope_live_open (&cursor, texts[i], strlen (texts[i]), word));
      g_assert_true (memscope_live_next (&cursor, &field, value, sizeof value));
      g_assert_cmpstr (field.bytes, ==, values[i]);
    }
}

static MemscopeLiveRecording *
parse (const char *text)
{
  return memscope_live_recording_parse ("/x.sock", 7, text, strlen (text));
}

static void
test_a_description_becomes_a_recording (void)
{
  g_autoptr(MemscopeLiveRecording) recording =
    parse ("image uuid=000102030405060708090a0b0c0d0e0f pid=12 future=1 events=5 state=ending program=/usr/bin/jsond "
           "command=jsond%00--name%00a%20b%00cut");
  g_autofree char *name = memscope_live_recording_dup_name (recording);
  g_autofree char *command = memscope_live_recording_dup_command (recording);

  g_assert_cmpstr (recording->uuid, ==, "000102030405060708090a0b0c0d0e0f");
  g_assert_cmpint (recording->pid, ==, 12);
  g_assert_cmpint (recording->collector, ==, 7);
  g_assert_cmpuint (recording->events, ==, 5);
  g_assert_true (recording->ending);
  g_assert_null (recording->parent);
  g_assert_cmpstr (recording->file, ==, "");
  g_assert_cmpuint (g_strv_length (recording->command), ==, 4);
  g_assert_cmpstr (name, ==, "jsond");
  g_assert_cmpstr (command, ==, "jsond --name 'a b' cut");
}

static void
test_a_description_without_a_name_is_none (void)
{
  g_assert_null (parse ("image pid=12"));
  g_assert_null (parse ("image uuid=000102030405060708090a0b0c0d0e0f"));
  g_assert_null (parse ("image uuid=0001 pid=12"));
  g_assert_null (parse ("image uuid=000102030405060708090a0b0c0d0e0f pid=99999999999"));
  g_assert_null (parse ("listed n=0"));
  g_assert_null (parse (""));
}

/* Whatever comes: read to its end, nothing else. The fuzz target does this for longer. */
static void
test_noise_is_read_to_its_end (void)
{
  g_autoptr(GRand) random = g_rand_new_with_seed (4711);

  for (guint round = 0; round < 20000; round++)
    {
      static const char alphabet[] = "image uuid= %0f\0\377Dz\n";
      char text[128];
      gsize length = g_rand_int_range (random, 0, sizeof text);
      MemscopeLiveRecording *recording;

      for (gsize i = 0; i < length; i++)
        text[i] = alphabet[g_rand_int_range (random, 0, sizeof alphabet)];
      if (length > 6 && round % 2 == 0)
        memcpy (text, "image ", 6);

      recording = memscope_live_recording_parse ("/x.sock", 1, text, length);
      g_clear_pointer (&recording, memscope_live_recording_unref);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/live-message/values-of-any-bytes-come-back", test_values_of_any_bytes_come_back);
  g_test_add_func ("/live-message/a-message-that-does-not-fit-is-none", test_a_message_that_does_not_fit_is_none);
  g_test_add_func ("/live-message/long-values-are-cut", test_long_values_are_cut);
  g_test_add_func ("/live-message/what-is-no-message-is-refused", test_what_is_no_message_is_refused);
  g_test_add_func ("/live-message/a-percent-sign-alone-is-one", test_a_percent_sign_alone_is_one);
  g_test_add_func ("/live-message/a-description-becomes-a-recording", test_a_description_becomes_a_recording);
  g_test_add_func ("/live-message/a-description-without-a-name-is-none", test_a_description_without_a_name_is_none);
  g_test_add_func ("/live-message/noise-is-read-to-its-end", test_noise_is_read_to_its_end);

  return g_test_run ();
}
