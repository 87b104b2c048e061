/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "made-program.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "overview.h"

#define N_THREADS   4u
#define N_MODULES   6u
#define N_FUNCTIONS 4000u
#define N_STACKS    20000u
#define N_SLOTS     400000u      /* blocks that may live at one time, of those that die */
#define N_CLASSES   64u
#define MAX_RUN     64u          /* events of one thread on end */
#define STEP_US     1u

typedef struct
{
  guint64 birth;                 /* + 1; 0: the slot is free */
  guint64 address;
  guint64 time;
  guint32 size;
  guint32 stack;
  guint32 thread;
  guint32 kind;
} Slot;

typedef struct
{
  FILE    *file;
  Writer   writer;
  Overview overview;
  guint64  random;
  guint64  time;
  guint32  thread;
  guint    run;                              /* events left of this thread's */
  guint64  until_tick;
  Slot    *slots;
  GArray  *kept;                             /* Slot: blocks that never die */
  GArray  *free_addresses[N_THREADS][N_CLASSES];
  guint64  top[N_THREADS];                   /* of each arena */
  guint64  checkpoint_event;
} Program;

/* xorshift64*: fast, and the same everywhere */
static guint64
next_random (Program *self)
{
  self->random ^= self->random >> 12;
  self->random ^= self->random << 25;
  self->random ^= self->random >> 27;

  return self->random * G_GUINT64_CONSTANT (2685821657736338717);
}

/* In [0, n), low numbers more often: the cube of an even distribution. */
static guint32
skewed (Program *self,
        guint32  n)
{
  double x = (double)(next_random (self) >> 11) / (double)(G_GUINT64_CONSTANT (1) << 53);

  return (guint32)(x * x * x * n);
}

static bool
append (void       *data,
        const void *bytes,
        size_t      length,
        size_t      keep_free)
{
  return fwrite (bytes, 1, length, data) == length;
}

static size_t
compress (void       *data,
          void       *out,
          size_t      room,
          const void *in,
          size_t      length)
{
  static ZSTD_CCtx *context;
  size_t n;

  if (context == NULL)
    context = ZSTD_createCCtx ();
  n = ZSTD_compressCCtx (context, out, room, in, length, 1);

  return ZSTD_isError (n) ? 0 : n;
}

/* ---- dictionaries --------------------------------------------------------------------- */

static void
end_chunk (Program           *self,
           MemscopeChunkKind  kind,
           MemscopeBuffer    *payload)
{
  writer_add_chunk (&self->writer, kind, NULL, payload);
  payload->length = 0;
}

/* Strings: modules, then functions, then files of sources, then threads. */
#define STRING_OF_MODULE(i)   (1u + (i))
#define STRING_OF_FUNCTION(i) (1u + N_MODULES + (i))
#define STRING_OF_FILE(i)     (1u + N_MODULES + N_FUNCTIONS + (i))
#define STRING_OF_THREAD(i)   (1u + N_MODULES + N_FUNCTIONS + N_FUNCTIONS / 20 + (i))

static void
add_strings (Program        *self,
             MemscopeBuffer *payload)
{
  char text[64];

  memscope_dictionary_begin (payload, 1);
  for (guint i = 0; i < N_MODULES; i++)
    memscope_string_append (payload, text, (guint32)g_snprintf (text, sizeof text, i == 0 ? "/opt/made/bin/made" : "/opt/made/lib/libmade-%u.so", i));
  for (guint i = 0; i < N_FUNCTIONS; i++)
    memscope_string_append (payload, text, (guint32)g_snprintf (text, sizeof text, "part_%u_step_%u", i / 20, i % 20));
  for (guint i = 0; i < N_FUNCTIONS / 20; i++)
    memscope_string_append (payload, text, (guint32)g_snprintf (text, sizeof text, "/src/made/part-%u.c", i));
  for (guint i = 0; i < N_THREADS; i++)
    memscope_string_append (payload, text, (guint32)g_snprintf (text, sizeof text, i == 0 ? "made" : "worker-%u", i));
  end_chunk (self, MEMSCOPE_CHUNK_STRINGS, payload);
}

static void
add_dictionaries (Program *self)
{
  MemscopeBuffer payload;

  memscope_buffer_init_malloc (&payload);
  add_strings (self, &payload);

  memscope_dictionary_begin (&payload, 1);
  for (guint i = 0; i < N_MODULES; i++)
    memscope_module_append (&payload, &(MemscopeModuleEntry) {
      .path = STRING_OF_MODULE (i), .bias = 0x10000000ull * (i + 1), .start = 0x10000000ull * (i + 1),
      .end = 0x10000000ull * (i + 1) + 0x800000, .unload_time = UINT64_MAX });
  end_chunk (self, MEMSCOPE_CHUNK_MODULES, &payload);

  memscope_dictionary_begin (&payload, 1);
  for (guint i = 0; i < N_FUNCTIONS; i++)
    memscope_frame_append (&payload, &(MemscopeFrameEntry) {
      .module = 1 + i * N_MODULES / N_FUNCTIONS, .flags = MEMSCOPE_FRAME_RETURN_ADDRESS, .offset = 0x1000 + i * 0x40 });
  end_chunk (self, MEMSCOPE_CHUNK_FRAMES, &payload);

  /* A trie whose nodes have three children each: nine levels. */
  memscope_dictionary_begin (&payload, 1);
  for (guint i = 1; i <= N_STACKS; i++)
    memscope_stack_append (&payload, &(MemscopeStackEntry) { .parent = i / 3, .frame = 1 + (guint32)(next_random (self) % N_FUNCTIONS) });
  end_chunk (self, MEMSCOPE_CHUNK_STACKS, &payload);

  for (guint i = 0; i < N_THREADS; i++)
    memscope_thread_append (&payload, &(MemscopeThreadEntry) {
      .id = i + 1, .tid = 4000 + i, .name = STRING_OF_THREAD (i), .end_time = UINT64_MAX });
  end_chunk (self, MEMSCOPE_CHUNK_THREADS, &payload);

  for (guint i = 0; i < N_FUNCTIONS; i++)
    {
      MemscopeSymbolEntry symbol = { .function = STRING_OF_FUNCTION (i), .file = STRING_OF_FILE (i / 20),
                                     .line = 10 + i % 20 * 30, .language = MEMSCOPE_LANGUAGE_C };

      memscope_symbols_append (&payload, i + 1, &symbol, 1);
    }
  end_chunk (self, MEMSCOPE_CHUNK_SYMBOLS, &payload);

  memscope_fact_append (&payload, "exe", "/opt/made/bin/made", 18);
  memscope_fact_append (&payload, "pid", "4000", 4);
  memscope_fact_append (&payload, "mode", "realtime", 8);
  end_chunk (self, MEMSCOPE_CHUNK_FACTS, &payload);
  memscope_buffer_clear (&payload);
}

/* ---- the live set, as a checkpoint ------------------------------------------------------- */

static int
compare_births (const void *a,
                const void *b)
{
  guint64 x = (*(Slot *const *)a)->birth;
  guint64 y = (*(Slot *const *)b)->birth;

  return (x > y) - (x < y);
}

static void
write_checkpoint (Program *self)
{
  g_autoptr(GPtrArray) live = g_ptr_array_new ();
  MemscopeBuffer payload;
  guint64 previous = 0;

  for (guint i = 0; i < N_SLOTS; i++)
    {
      if (self->slots[i].birth != 0)
        g_ptr_array_add (live, &self->slots[i]);
    }
  for (guint i = 0; i < self->kept->len; i++)
    g_ptr_array_add (live, &g_array_index (self->kept, Slot, i));
  if (live->len == 0)
    return;
  qsort (live->pdata, live->len, sizeof *live->pdata, compare_births);

  memscope_buffer_init_malloc (&payload);
  for (guint i = 0; i < live->len; i++)
    {
      const Slot *slot = live->pdata[i];

      memscope_live_block_append (&payload, &previous, &(MemscopeLiveBlock) {
        .birth = slot->birth - 1, .address = slot->address, .size = slot->size, .time = slot->time,
        .thread = slot->thread + 1, .stack = slot->stack, .rounding = memscope_event_expected_rounding (slot->size),
        .kind = slot->kind });

      if (payload.length >= 16u * 1024u * 1024u)
        {
          end_chunk (self, MEMSCOPE_CHUNK_CHECKPOINT, &payload);
          previous = 0;
        }
    }
  end_chunk (self, MEMSCOPE_CHUNK_CHECKPOINT, &payload);
  memscope_buffer_clear (&payload);
}

static MemscopeLiveBlock
block_of (const Slot *slot)
{
  return (MemscopeLiveBlock) {
    .birth = slot->birth - 1, .address = slot->address, .size = slot->size, .time = slot->time,
    .thread = slot->thread + 1, .stack = slot->stack, .rounding = memscope_event_expected_rounding (slot->size),
    .kind = slot->kind };
}

/* ---- births and deaths ---------------------------------------------------------------------- */

static void
add_event (Program             *self,
           const MemscopeEvent *event)
{
  writer_add_event (&self->writer, event);

  if (writer_is_full (&self->writer))
    {
      guint64 n = writer_next_event (&self->writer);

      writer_write_epoch (&self->writer);
      if (n - self->checkpoint_event >= MAX (1000000, 2 * (N_SLOTS / 2 + self->kept->len)))
        {
          self->checkpoint_event = n;
          write_checkpoint (self);
        }
    }
}

static guint
class_of (guint32 size)
{
  return MIN ((size + 15) / 16, N_CLASSES - 1);
}

static guint64
take_address (Program *self,
              guint32  thread,
              guint32  size)
{
  GArray *list = self->free_addresses[thread][class_of (size)];
  guint64 address;

  if (list->len > 0 && class_of (size) < N_CLASSES - 1)
    {
      address = g_array_index (list, guint64, list->len - 1);
      g_array_set_size (list, list->len - 1);
      return address;
    }

  address = self->top[thread];
  self->top[thread] += MAX (32, (size + 8 + 15) / 16 * 16);

  return address;
}

static void
give_back (Program    *self,
           const Slot *slot)
{
  g_array_append_val (self->free_addresses[slot->thread][class_of (slot->size)], slot->address);
}

static guint32
pick_size (Program *self)
{
  guint64 x = next_random (self) % 1000;

  if (x < 600)
    return 16 + skewed (self, 112);
  if (x < 950)
    return 64 + skewed (self, 900);
  if (x < 998)
    return 1024 + skewed (self, 16000);

  return 65536 + skewed (self, 2000000);
}

static void
be_born (Program *self,
         Slot    *slot,
         guint32  stack,
         guint8   kind,
         guint64  continues)
{
  guint32 size = pick_size (self);
  MemscopeLiveBlock block;

  *slot = (Slot) { .birth = writer_next_birth (&self->writer) + 1, .address = take_address (self, self->thread, size),
                   .time = self->time, .size = size, .stack = stack, .thread = self->thread, .kind = kind };

  add_event (self, &(MemscopeEvent) {
    .time = self->time, .kind = kind, .thread = self->thread + 1, .address = slot->address, .size = size,
    .stack = stack, .rounding = memscope_event_expected_rounding (size),
    .ago = continues != 0 ? slot->birth - continues : 0 });
  block = block_of (slot);
  overview_birth (&self->overview, &block, continues != 0, self->time);
}

static void
die (Program *self,
     Slot    *slot,
     guint8   kind)
{
  MemscopeLiveBlock block = block_of (slot);

  add_event (self, &(MemscopeEvent) {
    .time = self->time, .kind = kind, .thread = self->thread + 1, .stack = 1 + skewed (self, N_STACKS - 1),
    .ago = writer_next_birth (&self->writer) + 1 - slot->birth });
  overview_death (&self->overview, &block, true, self->time);
  give_back (self, slot);
  slot->birth = 0;
}

static void
move (Program *self,
      Slot    *slot)
{
  guint64 former = slot->birth;
  guint32 stack = slot->stack;

  die (self, slot, MEMSCOPE_EVENT_REALLOC_DEATH);
  be_born (self, slot, stack, MEMSCOPE_EVENT_REALLOC, former);
}

static void
step (Program *self)
{
  Slot *slot = &self->slots[(next_random (self) & 3) == 0 ? skewed (self, N_SLOTS) : skewed (self, N_SLOTS / 100)];
  guint64 x = next_random (self);

  if (self->run-- == 0)
    {
      self->thread = skewed (self, N_THREADS);
      self->run = (guint)(x >> 32) % MAX_RUN;
    }
  self->time += (x & 3) == 0 ? STEP_US : 0;

  if (slot->birth == 0)
    {
      Slot kept;

      be_born (self, (x >> 8 & 255) == 0 ? &kept : slot, 1 + skewed (self, N_STACKS - 1),
               (x >> 16 & 31) == 0 ? MEMSCOPE_EVENT_CALLOC : MEMSCOPE_EVENT_MALLOC, 0);
      if ((x >> 8 & 255) == 0)
        g_array_append_val (self->kept, kept);
    }
  else if ((x >> 16 & 15) == 0)
    {
      move (self, slot);
    }
  else
    {
      die (self, slot, MEMSCOPE_EVENT_FREE);
    }
}

gboolean
made_program_write (const char *path,
                    guint64     n_events)
{
  Program self = { .file = fopen (path, "wb"), .random = 88172645463325252ull };
  MemscopeFileHeader header = { .created_unix_ns = G_GUINT64_CONSTANT (1700000000000000000), .flags = MEMSCOPE_FILE_ACCOUNTED };
  gboolean good;

  if (self.file == NULL || !writer_init (&self.writer, &(Output) { .data = self.file, .append = append, .compress = compress }) ||
      !overview_init (&self.overview))
    {
      g_printerr ("%s: %s\n", path, g_strerror (errno));
      return FALSE;
    }

  self.slots = g_new0 (Slot, N_SLOTS);
  self.kept = g_array_new (FALSE, FALSE, sizeof (Slot));
  for (guint t = 0; t < N_THREADS; t++)
    {
      self.top[t] = t == 0 ? G_GUINT64_CONSTANT (0x555500000000) : G_GUINT64_CONSTANT (0x7f0000000000) + t * G_GUINT64_CONSTANT (0x4000000000);
      for (guint c = 0; c < N_CLASSES; c++)
        self.free_addresses[t][c] = g_array_new (FALSE, FALSE, sizeof (guint64));
    }

  writer_begin (&self.writer, &header);
  add_dictionaries (&self);
  while (writer_next_event (&self.writer) < n_events)
    step (&self);
  writer_write_epoch (&self.writer);
  overview_write (&self.overview, &self.writer);
  writer_end (&self.writer, &(MemscopeEnd) {
    .reason = MEMSCOPE_END_EXIT, .time = self.time, .n_events = self.writer.first_event, .n_births = self.writer.first_birth });
  good = !self.writer.failed;

  writer_clear (&self.writer);
  overview_clear (&self.overview);
  for (guint t = 0; t < N_THREADS; t++)
    {
      for (guint c = 0; c < N_CLASSES; c++)
        g_array_unref (self.free_addresses[t][c]);
    }
  g_array_unref (self.kept);
  g_free (self.slots);

  return fclose (self.file) == 0 && good;
}
