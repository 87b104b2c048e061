/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib.h>
#include <string.h>

#include "memscope-format.h"
#include "memscope-varint.h"

typedef MemscopeBuffer Bytes;

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Bytes, memscope_buffer_clear)

static void
test_varints (void)
{
  const guint64 values[] = { 0, 1, 127, 128, 16383, 16384, G_MAXUINT32, G_MAXINT64, G_MAXUINT64 - 1, G_MAXUINT64 };

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      guint8 bytes[MEMSCOPE_VARINT_MAX_SIZE];
      gsize length = memscope_varint_write (bytes, values[i]);
      MemscopeCursor cursor;

      g_assert_cmpuint (length, <=, sizeof bytes);

      for (gsize cut = 0; cut < length; cut++)
        {
          memscope_cursor_init (&cursor, bytes, cut);
          g_assert_cmpuint (memscope_cursor_varint (&cursor), ==, 0);
          g_assert_true (cursor.failed);
        }

      memscope_cursor_init (&cursor, bytes, length);
      g_assert_cmpuint (memscope_cursor_varint (&cursor), ==, values[i]);
      g_assert_false (cursor.failed);
      g_assert_true (cursor.at == cursor.end);

      g_assert_cmpuint ((guint64)memscope_zigzag_decode (memscope_zigzag_encode ((gint64)values[i])), ==, values[i]);
    }
}

static void
test_odd_varints (void)
{
  const guint8 padded[] = { 0x85, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00 };
  const guint8 eleven[] = { 0x85, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00 };
  const guint8 too_large[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02 };
  const guint8 beyond_32[] = { 0x80, 0x80, 0x80, 0x80, 0x10, 0x01 };
  MemscopeCursor cursor;

  memscope_cursor_init (&cursor, padded, sizeof padded);
  g_assert_cmpuint (memscope_cursor_varint (&cursor), ==, 5);
  g_assert_false (cursor.failed);

  memscope_cursor_init (&cursor, eleven, sizeof eleven);
  memscope_cursor_varint (&cursor);
  g_assert_true (cursor.failed);

  memscope_cursor_init (&cursor, too_large, sizeof too_large);
  memscope_cursor_varint (&cursor);
  g_assert_true (cursor.failed);

  memscope_cursor_init (&cursor, beyond_32, sizeof beyond_32);
  g_assert_cmpuint (memscope_cursor_varint32 (&cursor), ==, 0);
  g_assert_true (cursor.failed);
  g_assert_cmpuint (memscope_cursor_varint (&cursor), ==, 0);
}

static void
test_file_header (void)
{
  MemscopeFileHeader header = { .created_unix_ns = 12345, .flags = MEMSCOPE_FILE_SAMPLED };
  MemscopeFileHeader read;

  memscope_file_header_seal (&header);
  g_assert_true (memscope_file_header_read (&header, sizeof header, &read));
  g_assert_cmpuint (read.version, ==, MEMSCOPE_FORMAT_VERSION);
  g_assert_cmpuint (read.header_size, ==, sizeof header);
  g_assert_cmpuint (read.created_unix_ns, ==, 12345);
  g_assert_false (memscope_file_header_read (&header, sizeof header - 1, &read));

  for (gsize bit = 0; bit < sizeof header * 8; bit++)
    {
      MemscopeFileHeader damaged = header;

      ((guint8 *)&damaged)[bit / 8] ^= 1u << (bit % 8);
      g_assert_false (memscope_file_header_check (&damaged));
    }
}

static void
write_chunk (MemscopeBuffer *out,
             guint16         kind,
             const char     *payload)
{
  MemscopeChunkHead head = { .kind = kind, .raw_size = (guint32)strlen (payload) };

  memscope_chunk_write (out, &head, payload, strlen (payload));
}

static void
test_chunk_round_trip (void)
{
  g_auto(Bytes) out = { 0 };
  MemscopeChunkHead head;

  memscope_buffer_init_malloc (&out);
  write_chunk (&out, MEMSCOPE_CHUNK_FACTS, "payload");

  g_assert_cmpuint (out.length, ==, sizeof head + 7);
  g_assert_cmpint (memscope_chunk_read (out.data, out.length, &head), ==, MEMSCOPE_CHUNK_OK);
  g_assert_cmpuint (head.kind, ==, MEMSCOPE_CHUNK_FACTS);
  g_assert_cmpuint (head.stored_size, ==, 7);
  g_assert_cmpmem (out.data + sizeof head, 7, "payload", 7);

  for (gsize length = 0; length < out.length; length++)
    {
      g_autofree guint8 *cut = g_memdup2 (out.data, length ? length : 1);

      g_assert_cmpint (memscope_chunk_read (cut, length, &head), ==, MEMSCOPE_CHUNK_INCOMPLETE);
    }
}

static void
test_chunk_damage (void)
{
  g_auto(Bytes) out = { 0 };

  memscope_buffer_init_malloc (&out);
  write_chunk (&out, MEMSCOPE_CHUNK_FACTS, "payload");

  for (gsize bit = 0; bit < out.length * 8; bit++)
    {
      MemscopeChunkHead head;

      out.data[bit / 8] ^= 1u << (bit % 8);
      g_assert_cmpint (memscope_chunk_read (out.data, out.length, &head), !=, MEMSCOPE_CHUNK_OK);
      out.data[bit / 8] ^= 1u << (bit % 8);
    }
}

static void
test_chunk_too_large (void)
{
  g_auto(Bytes) out = { 0 };
  MemscopeChunkHead head = { .kind = MEMSCOPE_CHUNK_FACTS, .codec = MEMSCOPE_CODEC_ZSTD,
                             .raw_size = MEMSCOPE_CHUNK_MAX_SIZE + 1 };

  memscope_buffer_init_malloc (&out);
  memscope_chunk_write (&out, &head, "x", 1);
  g_assert_true (out.failed);
  g_assert_cmpuint (out.length, ==, 0);
}

static void
test_resync (void)
{
  g_auto(Bytes) out = { 0 };
  gsize first, second;

  memscope_buffer_init_malloc (&out);
  memscope_buffer_append (&out, "xMSMSCK", 7);
  first = out.length;
  write_chunk (&out, MEMSCOPE_CHUNK_FACTS, "a payload with MSCK inside, which is no head at all: "
                                           "the numbers behind it are text, far beyond any limit there is");
  second = out.length;
  write_chunk (&out, MEMSCOPE_CHUNK_MARKS, "");

  g_assert_cmpuint (memscope_chunk_resync (out.data, out.length, 0), ==, first);
  g_assert_cmpuint (memscope_chunk_resync (out.data, out.length, first), ==, first);
  g_assert_cmpuint (memscope_chunk_resync (out.data, out.length, first + 1), ==, second);
  g_assert_cmpuint (memscope_chunk_resync (out.data, out.length, second + 1), ==, out.length);
  g_assert_cmpuint (memscope_chunk_resync (out.data, out.length, out.length), ==, out.length);

  /* a head that the bytes end in may still become one */
  g_assert_cmpuint (memscope_chunk_resync (out.data, second + 10, first + 1), ==, second);
}

/* "Compresses" by leaving out every second byte. */
static gsize
halve (gpointer      user_data,
       gpointer      out,
       gsize         capacity,
       gconstpointer raw,
       gsize         raw_size)
{
  gsize *limit = user_data;

  g_assert_cmpuint (capacity, >=, raw_size);

  for (gsize i = 0; i < raw_size / 2; i++)
    ((guint8 *)out)[i] = ((const guint8 *)raw)[2 * i];

  return raw_size > *limit ? 0 : raw_size / 2;
}

static void
test_compress (void)
{
  g_auto(Bytes) out = { 0 };
  MemscopeChunkHead head = { .kind = MEMSCOPE_CHUNK_FACTS };
  MemscopeChunkHead read;
  gsize limit = 10;
  gsize second;

  memscope_buffer_init_malloc (&out);
  memscope_chunk_compress (&out, &head, "a-b-c-", 6, MEMSCOPE_CODEC_ZSTD, halve, &limit);
  second = out.length;
  memscope_chunk_compress (&out, &head, "too long to be halved", 21, MEMSCOPE_CODEC_ZSTD, halve, &limit);
  g_assert_false (out.failed);

  g_assert_cmpint (memscope_chunk_read (out.data, out.length, &read), ==, MEMSCOPE_CHUNK_OK);
  g_assert_cmpuint (read.codec, ==, MEMSCOPE_CODEC_ZSTD);
  g_assert_cmpuint (read.raw_size, ==, 6);
  g_assert_cmpmem (out.data + sizeof read, read.stored_size, "abc", 3);

  g_assert_cmpint (memscope_chunk_read (out.data + second, out.length - second, &read), ==, MEMSCOPE_CHUNK_OK);
  g_assert_cmpuint (read.codec, ==, MEMSCOPE_CODEC_RAW);
  g_assert_cmpmem (out.data + second + sizeof read, read.stored_size, "too long to be halved", 21);
}

static void
test_footer_and_trailer (void)
{
  g_auto(Bytes) out = { 0 };
  MemscopeFooterEntry entry = { .offset = 64, .head = { .sync = MEMSCOPE_CHUNK_SYNC, .kind = 3, .last_time = 9 } };
  MemscopeFooterEntry read;
  MemscopeTrailer trailer, found;
  MemscopeCursor cursor;

  memscope_buffer_init_malloc (&out);
  memscope_footer_append (&out, &entry);
  memscope_footer_append (&out, &entry);

  memscope_cursor_init (&cursor, out.data, out.length);
  g_assert_true (memscope_footer_next (&cursor, &read));
  g_assert_true (memscope_footer_next (&cursor, &read));
  g_assert_cmpuint (read.offset, ==, 64);
  g_assert_cmpuint (read.head.last_time, ==, 9);
  g_assert_false (memscope_footer_next (&cursor, &read));
  g_assert_false (cursor.failed);

  memscope_cursor_init (&cursor, out.data, out.length - 1);
  g_assert_true (memscope_footer_next (&cursor, &read));
  g_assert_false (memscope_footer_next (&cursor, &read));
  g_assert_true (cursor.failed);

  memscope_trailer_seal (&trailer, 1000, 2000);
  memscope_buffer_append (&out, &trailer, sizeof trailer);
  g_assert_true (memscope_trailer_read (out.data, out.length, &found));
  g_assert_cmpuint (found.footer_offset, ==, 1000);
  g_assert_cmpuint (found.file_size, ==, 2000);
  g_assert_false (memscope_trailer_read (out.data, out.length - 1, &found));
  g_assert_false (memscope_trailer_read (out.data, 31, &found));
}

static guint8 *
grow_never (MemscopeBuffer *buffer,
            gsize           needed)
{
  return NULL;
}

static void
test_no_room (void)
{
  guint8 room[8];
  MemscopeBuffer out = { .data = room, .capacity = sizeof room, .grow = grow_never };

  memscope_buffer_append (&out, "12345678", 8);
  g_assert_false (out.failed);
  memscope_buffer_append (&out, "9", 1);
  g_assert_true (out.failed);
  write_chunk (&out, MEMSCOPE_CHUNK_FACTS, "payload");
  memscope_buffer_varint (&out, 1);
  g_assert_cmpuint (out.length, ==, 8);
  g_assert_cmpmem (room, 8, "12345678", 8);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/varint/round-trip-and-truncation", test_varints);
  g_test_add_func ("/varint/padded-read-oversized-refused", test_odd_varints);
  g_test_add_func ("/chunk/file-header", test_file_header);
  g_test_add_func ("/chunk/round-trip-and-truncation", test_chunk_round_trip);
  g_test_add_func ("/chunk/notices-every-bit-flip", test_chunk_damage);
  g_test_add_func ("/chunk/refuses-to-write-too-much", test_chunk_too_large);
  g_test_add_func ("/chunk/resync-finds-the-next-head", test_resync);
  g_test_add_func ("/chunk/compresses-where-it-pays", test_compress);
  g_test_add_func ("/chunk/footer-and-trailer", test_footer_and_trailer);
  g_test_add_func ("/buffer/stays-failed-without-room", test_no_room);

  return g_test_run ();
}
