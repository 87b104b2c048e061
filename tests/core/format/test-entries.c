/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Every kind of entry outside EVENTS: what goes in comes out, and no cut or
 * flipped byte makes a decoder read too far or run forever.
 */

#include "config.h"

#include <glib.h>
#include <string.h>

#include "memscope-format.h"

typedef MemscopeBuffer Bytes;

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Bytes, memscope_buffer_clear)

/* One entry of any kind. */
typedef union
{
  MemscopeStringEntry string;
  MemscopeModuleEntry module;
  MemscopeFrameEntry  frame;
  MemscopeStackEntry  stack;
  MemscopeThreadEntry thread;
  MemscopeFact        fact;
  MemscopeSample      sample;
  MemscopeMapping     mapping;
  MemscopeGap         gap;
  MemscopeMark        mark;
  MemscopeClockPoint  clock;
  MemscopeAnnotation  annotation;
  MemscopeEnd         end;
} Entry;

typedef struct
{
  const char *name;
  gsize       size;     /* of the structure, all of it compared */
  void        (*append) (MemscopeBuffer *out, const Entry *entry);
  bool        (*next)   (MemscopeCursor *cursor, Entry *entry);
  void        (*fill)   (Entry *entry, guint64 seed);
} Kind;

/* The prototypes differ by the pointer's type only; these give them one type. */
#define DEFINE_KIND(name) \
  static void append_##name (MemscopeBuffer *out, const Entry *entry) { memscope_##name##_append (out, &entry->name); } \
  static bool next_##name (MemscopeCursor *cursor, Entry *entry) { return memscope_##name##_next (cursor, &entry->name); }

#define KIND(name) { #name, sizeof ((Entry *)0)->name, append_##name, next_##name, fill_##name }

DEFINE_KIND (module)
DEFINE_KIND (frame)
DEFINE_KIND (stack)
DEFINE_KIND (thread)
DEFINE_KIND (sample)
DEFINE_KIND (mapping)
DEFINE_KIND (gap)
DEFINE_KIND (mark)
DEFINE_KIND (clock)
DEFINE_KIND (annotation)
DEFINE_KIND (end)

static void
fill_module (Entry   *entry,
             guint64  seed)
{
  entry->module = (MemscopeModuleEntry) {
    .path = (guint32)seed, .bias = seed, .start = seed / 2, .end = seed, .load_time = seed / 3, .unload_time = seed - 1,
  };
}

static void
fill_frame (Entry   *entry,
            guint64  seed)
{
  entry->frame = (MemscopeFrameEntry) { (guint32)seed, MEMSCOPE_FRAME_SIGNAL, seed };
}

static void
fill_stack (Entry   *entry,
            guint64  seed)
{
  entry->stack = (MemscopeStackEntry) { (guint32)seed, (guint32)(seed >> 32) };
}

static void
fill_thread (Entry   *entry,
             guint64  seed)
{
  entry->thread = (MemscopeThreadEntry) { (guint32)seed | 1, (guint32)seed, 7, 0, seed, seed - 1 };
}

static void
fill_sample (Entry   *entry,
             guint64  seed)
{
  entry->sample = (MemscopeSample) { .time = seed, .kind = MEMSCOPE_SAMPLE_THREAD, .thread = (guint32)seed };

  for (guint i = 0; i < G_N_ELEMENTS (entry->sample.values); i++)
    entry->sample.values[i] = i % 3 == 0 ? MEMSCOPE_NOT_RECORDED : seed - i;
}

static void
fill_mapping (Entry   *entry,
              guint64  seed)
{
  entry->mapping = (MemscopeMapping) { seed / 2, seed, 4096, MEMSCOPE_NOT_RECORDED, seed, 5, (guint32)seed };
}

static void
fill_gap (Entry   *entry,
          guint64  seed)
{
  entry->gap = (MemscopeGap) { seed / 2, seed, MEMSCOPE_NOT_RECORDED, seed - 1, (guint32)seed, MEMSCOPE_GAP_RING_FULL };
}

static void
fill_mark (Entry   *entry,
           guint64  seed)
{
  entry->mark = (MemscopeMark) { seed, seed / 2, 3, (guint32)seed };
}

static void
fill_clock (Entry   *entry,
            guint64  seed)
{
  entry->clock = (MemscopeClockPoint) { seed, seed / 2, seed / 3, G_MAXUINT64 };
}

static void
fill_annotation (Entry   *entry,
                 guint64  seed)
{
  entry->annotation = (MemscopeAnnotation) {
    seed, seed / 2, seed / 3, seed / 4, seed / 5, MEMSCOPE_ANNOTATION_POOL_DESTROY, 1, 2, (guint32)seed, 4, 0,
  };
}

static void
fill_end (Entry   *entry,
          guint64  seed)
{
  entry->end = (MemscopeEnd) { MEMSCOPE_END_SIGNAL, 9, seed, seed / 2, seed / 3, seed / 4, seed / 5, G_MAXUINT64 };
}

static const Kind kinds[] = {
  KIND (module), KIND (frame), KIND (stack), KIND (thread), KIND (sample), KIND (mapping),
  KIND (gap), KIND (mark), KIND (clock), KIND (annotation), KIND (end),
};

static const guint64 seeds[] = { 0, 1, 127, 128, 0xdeadbeef, G_MAXUINT32, G_MAXINT64, G_MAXUINT64 };

static void
test_round_trip (gconstpointer data)
{
  const Kind *kind = data;
  g_auto(Bytes) out = { 0 };
  MemscopeCursor cursor;

  memscope_buffer_init_malloc (&out);

  for (guint i = 0; i < G_N_ELEMENTS (seeds); i++)
    {
      Entry entry;

      memset (&entry, 0, sizeof entry);
      kind->fill (&entry, seeds[i]);
      kind->append (&out, &entry);
    }

  g_assert_false (out.failed);
  memscope_cursor_init (&cursor, out.data, out.length);

  for (guint i = 0; i < G_N_ELEMENTS (seeds); i++)
    {
      Entry expected, entry;

      memset (&expected, 0, sizeof expected);
      memset (&entry, 0, sizeof entry);
      kind->fill (&expected, seeds[i]);
      g_assert_true (kind->next (&cursor, &entry));

      if (kind->append == append_module)
        entry.module.build_id = NULL;

      g_assert_cmpmem (&entry, kind->size, &expected, kind->size);
    }

  {
    Entry none;

    g_assert_false (kind->next (&cursor, &none));
    g_assert_false (cursor.failed);
  }
}

static void
walk (const Kind   *kind,
      const guint8 *bytes,
      gsize         length)
{
  MemscopeCursor cursor;
  Entry entry;
  gsize n = 0;

  memscope_cursor_init (&cursor, bytes, length);

  while (kind->next (&cursor, &entry))
    n++;

  g_assert_cmpuint (n, <=, length);
}

static void
test_damage (gconstpointer data)
{
  const Kind *kind = data;
  g_auto(Bytes) out = { 0 };

  memscope_buffer_init_malloc (&out);

  for (guint i = 0; i < G_N_ELEMENTS (seeds); i++)
    {
      Entry entry;

      kind->fill (&entry, seeds[i]);
      kind->append (&out, &entry);
    }

  for (gsize length = 0; length < out.length; length++)
    {
      g_autofree guint8 *cut = g_memdup2 (out.data, length ? length : 1);

      walk (kind, cut, length);
    }

  for (gsize bit = 0; bit < out.length * 8; bit++)
    {
      out.data[bit / 8] ^= 1u << (bit % 8);
      walk (kind, out.data, out.length);
      out.data[bit / 8] ^= 1u << (bit % 8);
    }
}

static void
test_strings (void)
{
  g_auto(Bytes) out = { 0 };
  MemscopeCursor cursor;
  MemscopeStringEntry entry;
  guint64 first_id;

  memscope_buffer_init_malloc (&out);
  memscope_dictionary_begin (&out, 300);
  memscope_string_append (&out, "", 0);
  memscope_string_append (&out, "a\0b\xff", 4);

  g_assert_true (memscope_dictionary_open (&cursor, out.data, out.length, &first_id));
  g_assert_cmpuint (first_id, ==, 300);
  g_assert_true (memscope_string_next (&cursor, &entry));
  g_assert_cmpuint (entry.length, ==, 0);
  g_assert_true (memscope_string_next (&cursor, &entry));
  g_assert_cmpmem (entry.bytes, entry.length, "a\0b\xff", 4);
  g_assert_false (memscope_string_next (&cursor, &entry));
  g_assert_false (cursor.failed);

  g_assert_true (memscope_dictionary_open (&cursor, out.data, out.length - 1, &first_id));
  g_assert_true (memscope_string_next (&cursor, &entry));
  g_assert_false (memscope_string_next (&cursor, &entry));
  g_assert_true (cursor.failed);
  g_assert_false (memscope_dictionary_open (&cursor, "", 0, &first_id));
  g_assert_false (memscope_dictionary_open (&cursor, "\0", 1, &first_id));
}

static void
test_build_id (void)
{
  g_auto(Bytes) out = { 0 };
  MemscopeModuleEntry entry = { .build_id = (const guint8 *)"12345678901234567890", .build_id_length = 20 };
  MemscopeModuleEntry read;
  MemscopeCursor cursor;

  memscope_buffer_init_malloc (&out);
  memscope_module_append (&out, &entry);
  memscope_cursor_init (&cursor, out.data, out.length);
  g_assert_true (memscope_module_next (&cursor, &read));
  g_assert_cmpmem (read.build_id, read.build_id_length, "12345678901234567890", 20);
}

static void
test_facts (void)
{
  g_auto(Bytes) out = { 0 };
  MemscopeCursor cursor;
  MemscopeFact fact;

  memscope_buffer_init_malloc (&out);
  memscope_fact_append (&out, "command", "ls\0-l", 5);
  memscope_fact_append (&out, "cwd", "", 0);

  memscope_cursor_init (&cursor, out.data, out.length);
  g_assert_true (memscope_fact_next (&cursor, &fact));
  g_assert_cmpmem (fact.key.bytes, fact.key.length, "command", 7);
  g_assert_cmpmem (fact.value.bytes, fact.value.length, "ls\0-l", 5);
  g_assert_true (memscope_fact_next (&cursor, &fact));
  g_assert_cmpuint (fact.value.length, ==, 0);
  g_assert_false (memscope_fact_next (&cursor, &fact));
  g_assert_false (cursor.failed);

  /* a key without a value is damage, not an end */
  memscope_cursor_init (&cursor, out.data, 8);
  g_assert_false (memscope_fact_next (&cursor, &fact));
  g_assert_true (cursor.failed);
}

static void
test_symbols (void)
{
  const MemscopeSymbolEntry inlined[] = {
    { 1, 0, 2, 88, 7, MEMSCOPE_LANGUAGE_CXX },
    { 3, 4, 2, G_MAXUINT32, 0, MEMSCOPE_LANGUAGE_RUST },
  };
  g_auto(Bytes) out = { 0 };
  MemscopeSymbolEntry entry;
  MemscopeCursor cursor;
  guint32 frame, n_entries;

  memscope_buffer_init_malloc (&out);
  memscope_symbols_append (&out, 9, NULL, 0);
  memscope_symbols_append (&out, 10, inlined, G_N_ELEMENTS (inlined));

  memscope_cursor_init (&cursor, out.data, out.length);
  g_assert_true (memscope_symbols_next (&cursor, &frame, &n_entries));
  g_assert_cmpuint (frame, ==, 9);
  g_assert_cmpuint (n_entries, ==, 0);
  g_assert_true (memscope_symbols_next (&cursor, &frame, &n_entries));
  g_assert_cmpuint (n_entries, ==, 2);
  g_assert_true (memscope_symbol_next (&cursor, &entry));
  g_assert_cmpmem (&entry, sizeof entry, &inlined[0], sizeof entry);
  g_assert_true (memscope_symbol_next (&cursor, &entry));
  g_assert_cmpmem (&entry, sizeof entry, &inlined[1], sizeof entry);
  g_assert_false (memscope_symbols_next (&cursor, &frame, &n_entries));
  g_assert_false (cursor.failed);

  /* more entries than bytes */
  memscope_cursor_init (&cursor, "\x01\xff\xff\xff\xff\x0f\x01\x01\x01\x01\x01\x01", 12);
  g_assert_false (memscope_symbols_next (&cursor, &frame, &n_entries));
  g_assert_true (cursor.failed);
}

static void
test_live_blocks (void)
{
  const MemscopeLiveBlock blocks[] = {
    { 0, 0x1000, 10, 5, 1, 2, 14, MEMSCOPE_EVENT_MALLOC },
    { 1, G_MAXUINT64, G_MAXUINT64, G_MAXUINT64, G_MAXUINT32, G_MAXUINT32, MEMSCOPE_USABLE_UNKNOWN, MEMSCOPE_EVENT_POOL },
    { G_MAXUINT64 - 1, 0, 0, 0, 0, 0, G_MAXUINT32 - 1, MEMSCOPE_EVENT_INHERITED },
  };
  g_auto(Bytes) out = { 0 };
  MemscopeLiveBlock block;
  MemscopeCursor cursor;
  guint64 previous = 0;

  memscope_buffer_init_malloc (&out);

  for (guint i = 0; i < G_N_ELEMENTS (blocks); i++)
    memscope_live_block_append (&out, &previous, &blocks[i]);

  g_assert_false (out.failed);
  memscope_cursor_init (&cursor, out.data, out.length);
  previous = 0;

  for (guint i = 0; i < G_N_ELEMENTS (blocks); i++)
    {
      g_assert_true (memscope_live_block_next (&cursor, &previous, &block));
      g_assert_cmpmem (&block, sizeof block, &blocks[i], sizeof block);
    }

  g_assert_false (memscope_live_block_next (&cursor, &previous, &block));
  g_assert_false (cursor.failed);

  /* they ascend */
  previous = 1;
  memscope_live_block_append (&out, &previous, &blocks[0]);
  g_assert_true (out.failed);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *round_trip = g_strdup_printf ("/entries/%s/round-trip", kinds[i].name);
      g_autofree char *damage = g_strdup_printf ("/entries/%s/survives-damage", kinds[i].name);

      g_test_add_data_func (round_trip, &kinds[i], test_round_trip);
      g_test_add_data_func (damage, &kinds[i], test_damage);
    }

  g_test_add_func ("/entries/strings", test_strings);
  g_test_add_func ("/entries/build-id", test_build_id);
  g_test_add_func ("/entries/facts", test_facts);
  g_test_add_func ("/entries/symbols", test_symbols);
  g_test_add_func ("/entries/live-blocks", test_live_blocks);

  return g_test_run ();
}
