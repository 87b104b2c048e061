/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A text of one thing a line, numbers in hexadecimal:
 *
 *   v VERSION FORMAT     X COMMAND      I PAGE-SIZE PAGES    x LENGTH PROGRAM
 *   c MILLISECONDS       R RSS-PAGES    A  (attached to a running program)
 *   s LENGTH TEXT                                 string, numbered from 1
 *   i ADDRESS MODULE [FUNCTION [FILE LINE]]…      instruction, numbered from 1; innermost function first
 *   m LENGTH PATH BASE [OFFSET SIZE]…             raw: a module; "m 1 -" forgets all
 *   t INSTRUCTION-OR-ADDRESS PARENT               stack, numbered from 1
 *   a SIZE STACK                                  what blocks have in common, numbered from 0
 *   + COMMON      or   + SIZE STACK ADDRESS       birth
 *   - COMMON      or   - ADDRESS                  death
 *
 * Formats before 3 have no lengths.
 */

#include "config.h"

#include "memscope-heaptrack-reader.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "memscope-error.h"
#include "memscope-line-source.h"
#include "memscope-live-map.h"

#define SIZED_TEXTS     3u      /* format from which texts have a length */
#define EVENTS          262144u /* kept until the next tick of the clock */
#define MAX_FUNCTIONS   256u    /* inlined into one instruction */
#define BYTES_PER_BIRTH 128u    /* what a session keeps, at most */
#define STEP_LINES      16384u

/* What blocks have in common, and the latest live one of them (birth + 1). */
typedef struct
{
  guint64 size;
  guint32 stack;
  guint32 latest;
} Common;

typedef struct
{
  guint64 start;
  guint64 end;
  guint64 base;
  guint32 module;
} Range;

typedef struct
{
  MemscopeSessionBuilder *builder;
  MemscopeLineSource     *source;
  guint64                 version;
  guint64                 format;
  guint64                 time;         /* us */
  guint64                 page_size;
  gboolean                attached;
  gboolean                has_addresses;
  guint64                 n_births;
  guint64                 max_births;
  guint64                 n_bad;
  GArray                 *events;       /* MemscopeEvent */

  /* dictionaries */
  guint64                 n_strings;
  guint64                 n_frames;
  guint64                 n_modules;
  guint64                 n_stacks;
  GArray                 *commons;      /* Common */
  GArray                 *former;       /* guint32 by birth: the live one of the same kind before it, + 1 */
  GHashTable             *modules;      /* interpreted: string → module */
  GHashTable             *frames;       /* raw: address → frame */
  GArray                 *ranges;       /* raw: Range, by start */
  gboolean                ranges_sorted;
  guint32                 program;      /* raw: string of the program's path */
  MemscopeLiveMap        *live;         /* raw: address → birth */
} Reader;

/* ---- fields ------------------------------------------------------------------------- */

static gboolean
take_hex (const char **at,
          guint64     *value)
{
  const char *c = *at;
  guint n = 0;

  while (*c == ' ')
    c++;
  for (*value = 0; g_ascii_isxdigit (*c) && n < 16; c++, n++)
    *value = *value << 4 | (guint64)g_ascii_xdigit_value (*c);

  if (n == 0 || (*c != ' ' && *c != '\0'))
    return FALSE;
  *at = c;

  return TRUE;
}

/* A text with or without its length. @rest: what follows it, NULL when nothing may. */
static gboolean
take_text (Reader      *self,
           const char  *line,
           const char  *at,
           gsize        length,
           const char **text,
           gsize       *text_length,
           const char **rest)
{
  guint64 n;
  gsize before;

  if (self->format < SIZED_TEXTS)
    {
      while (*at == ' ')
        at++;
      *text = at;
      *text_length = rest != NULL ? strcspn (at, " ") : length - (gsize)(at - line);
      if (rest != NULL)
        *rest = at + *text_length;
      return TRUE;
    }

  if (!take_hex (&at, &n) || (*at != ' ' && n != 0) || n > MEMSCOPE_LINE_MAX)
    return FALSE;
  at += *at == ' ';
  before = (gsize)(at - line);

  /* It may hold newlines. */
  if (before + n > length)
    {
      if (rest != NULL)
        return FALSE;
      line = memscope_line_source_extend (self->source, before + n, &length);
      if (line == NULL || length < before + n)
        return FALSE;
      at = line + before;
    }

  *text = at;
  *text_length = n;
  if (rest != NULL)
    *rest = at + n;

  return TRUE;
}

/* ---- events -------------------------------------------------------------------------- */

/* The clock ticks seldom, and many events happen in between, of which only the order is
 * known: they are spread evenly up to @until.
 */
static void
flush (Reader  *self,
       guint64  until)
{
  MemscopeEvent *events = (MemscopeEvent *)(void *)self->events->data;
  guint64 span = until - self->time;

  for (guint i = 0; span > 0 && i < self->events->len; i++)
    events[i].time = self->time + (guint64)((double)span * (i + 1) / (self->events->len + 1));
  memscope_session_builder_add_events (self->builder, (const MemscopeEvent *)(void *)self->events->data, self->events->len);
  g_array_set_size (self->events, 0);
}

static void
add_event (Reader              *self,
           const MemscopeEvent *event)
{
  g_array_append_val (self->events, *event);
  if (self->events->len == EVENTS)
    flush (self, self->time);
}

static gboolean
be_born (Reader  *self,
         guint64  size,
         guint64  stack,
         guint64  address,
         GError **error)
{
  MemscopeEvent event = {
    .kind = MEMSCOPE_EVENT_MALLOC, .time = self->time, .size = size, .address = address,
    .stack = stack <= self->n_stacks ? (guint32)stack : 0, .rounding = MEMSCOPE_USABLE_UNKNOWN,
  };

  if (self->n_births == self->max_births)
    {
      g_set_error_literal (error, MEMSCOPE_ERROR, MEMSCOPE_ERROR_TOO_LARGE,
                           _("The recording holds more allocations than fit the memory of this machine"));
      return FALSE;
    }
  add_event (self, &event);
  self->n_births++;

  return TRUE;
}

static void
die (Reader  *self,
     guint64  birth)
{
  MemscopeEvent event = { .kind = MEMSCOPE_EVENT_FREE, .time = self->time, .ago = self->n_births - birth };

  add_event (self, &event);
}

static gboolean
read_birth (Reader      *self,
            const char  *at,
            gboolean    *good,
            GError     **error)
{
  guint64 first, stack, address;

  if (!take_hex (&at, &first))
    return TRUE;

  if (*at == '\0')
    {
      Common *common;
      guint32 birth = (guint32)self->n_births + 1;

      if (first >= self->commons->len)
        return TRUE;
      common = &g_array_index (self->commons, Common, first);
      g_array_append_val (self->former, common->latest);
      common->latest = birth;
      *good = TRUE;
      return be_born (self, common->size, common->stack, MEMSCOPE_UNKNOWN, error);
    }

  if (!take_hex (&at, &stack) || !take_hex (&at, &address))
    return TRUE;
  *good = TRUE;
  self->has_addresses = TRUE;
  memscope_live_map_insert (self->live, address, first, self->n_births);

  return be_born (self, first, stack, address, error);
}

static gboolean
read_death (Reader     *self,
            const char *at)
{
  guint64 what;

  if (!take_hex (&at, &what))
    return FALSE;

  if (!self->has_addresses && self->commons->len > 0)
    {
      Common *common;
      guint32 birth;

      if (what >= self->commons->len)
        return FALSE;
      common = &g_array_index (self->commons, Common, what);
      if (common->latest == 0)
        return FALSE;
      birth = common->latest - 1;
      common->latest = g_array_index (self->former, guint32, birth);
      die (self, birth);
    }
  else
    {
      guint64 birth = memscope_live_map_remove (self->live, what);
      MemscopeEvent event = { .kind = MEMSCOPE_EVENT_FREE_UNKNOWN, .time = self->time, .address = what };

      if (birth != MEMSCOPE_NO_ROW)
        die (self, birth);
      else
        add_event (self, &event);
    }

  return TRUE;
}

/* ---- dictionaries -------------------------------------------------------------------------- */

static guint32
add_string (Reader     *self,
            const char *text,
            gsize       length)
{
  memscope_session_builder_add_string (self->builder, ++self->n_strings, text, length);

  return (guint32)self->n_strings;
}

/* Interpreted files name a module by its path only. */
static guint32
module_of_string (Reader  *self,
                  guint64  string)
{
  MemscopeModuleEntry entry = { .path = (guint32)string, .unload_time = G_MAXUINT64 };
  gpointer key = GUINT_TO_POINTER ((guint)string);
  guint module;

  if (string == 0 || string > self->n_strings)
    return 0;

  module = GPOINTER_TO_UINT (g_hash_table_lookup (self->modules, key));
  if (module == 0)
    {
      module = (guint)++self->n_modules;
      memscope_session_builder_add_module (self->builder, module, &entry);
      g_hash_table_insert (self->modules, key, GUINT_TO_POINTER (module));
    }

  return module;
}

static gboolean
read_instruction (Reader     *self,
                  const char *at)
{
  MemscopeSymbolEntry symbols[MAX_FUNCTIONS];
  guint64 address, module, value;
  guint n = 0;

  if (!take_hex (&at, &address) || !take_hex (&at, &module))
    return FALSE;

  for (; n < MAX_FUNCTIONS && take_hex (&at, &value); n++)
    {
      symbols[n] = (MemscopeSymbolEntry) { .function = (guint32)MIN (value, G_MAXUINT32) };
      if (!take_hex (&at, &value))
        {
          n++;
          break;
        }
      symbols[n].file = (guint32)MIN (value, G_MAXUINT32);
      if (take_hex (&at, &value))
        symbols[n].line = (guint32)MIN (value, G_MAXUINT32);
    }

  memscope_session_builder_add_frame (self->builder, ++self->n_frames,
                                      &(MemscopeFrameEntry) { .module = module_of_string (self, module), .offset = address });
  if (n > 0)
    memscope_session_builder_add_symbols (self->builder, self->n_frames, symbols, n);

  return TRUE;
}

static gboolean
read_module (Reader     *self,
             const char *line,
             const char *at,
             gsize       length)
{
  const char *path, *rest;
  gsize path_length;
  guint64 base, offset, size;
  MemscopeModuleEntry entry = { .start = G_MAXUINT64, .unload_time = G_MAXUINT64, .load_time = self->time };
  guint first = self->ranges->len;

  if (!take_text (self, line, at, length, &path, &path_length, &rest))
    return FALSE;
  if (path_length == 1 && *path == '-')
    {
      g_array_set_size (self->ranges, 0);
      g_hash_table_remove_all (self->frames);
      return TRUE;
    }
  if (!take_hex (&rest, &base))
    return FALSE;

  entry.path = path_length == 1 && *path == 'x' && self->program != 0 ? self->program : add_string (self, path, path_length);
  entry.bias = base;
  self->n_modules++;
  while (take_hex (&rest, &offset) && take_hex (&rest, &size))
    {
      Range range = { base + offset, base + offset + size, base, (guint32)self->n_modules };

      if (range.end <= range.start)
        continue;
      entry.start = MIN (entry.start, range.start);
      entry.end = MAX (entry.end, range.end);
      g_array_append_val (self->ranges, range);
      self->ranges_sorted = FALSE;
    }
  if (self->ranges->len == first)
    entry.start = 0;
  memscope_session_builder_add_module (self->builder, self->n_modules, &entry);

  return TRUE;
}

static int
compare_ranges (gconstpointer a,
                gconstpointer b)
{
  const Range *left = a;
  const Range *right = b;

  return left->start < right->start ? -1 : left->start > right->start;
}

static const Range *
find_range (Reader  *self,
            guint64  address)
{
  guint low = 0;
  guint high = self->ranges->len;
  const Range *ranges = (const Range *)(void *)self->ranges->data;

  if (!self->ranges_sorted)
    g_array_sort (self->ranges, compare_ranges);
  self->ranges_sorted = TRUE;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (ranges[middle].start <= address)
        low = middle + 1;
      else
        high = middle;
    }

  return low > 0 && address < ranges[low - 1].end ? &ranges[low - 1] : NULL;
}

/* Raw files have an address where others have an instruction. */
static guint32
frame_of_address (Reader  *self,
                  guint64  address)
{
  guint32 frame = GPOINTER_TO_UINT (g_hash_table_lookup (self->frames, &address));
  const Range *range;

  if (frame != 0)
    return frame;

  range = find_range (self, address);
  memscope_session_builder_add_frame (self->builder, ++self->n_frames,
                                      &(MemscopeFrameEntry) { .module = range != NULL ? range->module : 0,
                                                              .offset = range != NULL ? address - range->base : address });
  g_hash_table_insert (self->frames, g_memdup2 (&address, sizeof address), GUINT_TO_POINTER ((guint)self->n_frames));

  return (guint32)self->n_frames;
}

static gboolean
read_stack (Reader     *self,
            const char *at)
{
  MemscopeStackEntry entry;
  guint64 frame, parent;

  if (!take_hex (&at, &frame) || !take_hex (&at, &parent) || parent > self->n_stacks || self->n_stacks >= G_MAXUINT32 - 1)
    return FALSE;

  entry.parent = (guint32)parent;
  if (g_hash_table_size (self->frames) > 0 || self->ranges->len > 0 || frame > self->n_frames)
    entry.frame = frame_of_address (self, frame);
  else
    entry.frame = (guint32)frame;
  memscope_session_builder_add_stack (self->builder, ++self->n_stacks, &entry);

  return TRUE;
}

static gboolean
read_common (Reader     *self,
             const char *at)
{
  Common common = { 0 };
  guint64 stack;

  if (!take_hex (&at, &common.size) || !take_hex (&at, &stack))
    return FALSE;
  common.stack = stack <= self->n_stacks ? (guint32)stack : 0;
  g_array_append_val (self->commons, common);

  return TRUE;
}

/* ---- the rest -------------------------------------------------------------------------------- */

static gboolean
read_rss (Reader     *self,
          const char *at)
{
  MemscopeSample sample = { .time = self->time, .kind = MEMSCOPE_SAMPLE_PROCESS };
  guint64 pages;

  if (!take_hex (&at, &pages))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (sample.values); i++)
    sample.values[i] = MEMSCOPE_NOT_RECORDED;
  if (self->page_size != 0 && pages <= G_MAXUINT64 / self->page_size)
    sample.values[0] = pages * self->page_size;
  memscope_session_builder_add_sample (self->builder, &sample);

  return TRUE;
}

/* Arguments stand side by side there; facts have a NUL behind each. */
static void
add_command (Reader     *self,
             const char *command,
             gsize       length)
{
  g_autofree char *words = g_memdup2 (command, length + 1);

  words[length] = '\0';
  for (gsize i = 0; i < length; i++)
    if (words[i] == ' ')
      words[i] = '\0';
  memscope_session_builder_add_fact (self->builder, "command", words, length + 1);
}

/* FALSE: @error is set. @good: the line says something. */
static gboolean
read_line (Reader      *self,
           const char  *line,
           gsize        length,
           gboolean    *good,
           GError     **error)
{
  const char *at = line + 1;
  const char *text;
  gsize text_length;
  guint64 value;

  *good = FALSE;
  switch (*line)
    {
    case '+':
      return read_birth (self, at, good, error);
    case '-':
      *good = read_death (self, at);
      return TRUE;
    case 't':
      *good = read_stack (self, at);
      return TRUE;
    case 'a':
      *good = read_common (self, at);
      return TRUE;
    case 'i':
      *good = read_instruction (self, at);
      return TRUE;
    case 'm':
      *good = read_module (self, line, at, length);
      return TRUE;
    case 'R':
      *good = read_rss (self, at);
      return TRUE;

    case 's':
      *good = take_text (self, line, at, length, &text, &text_length, NULL);
      /* Its number is taken also when it could not be read. */
      add_string (self, *good ? text : "", *good ? text_length : 0);
      return TRUE;

    case 'x':
      *good = take_text (self, line, at, length, &text, &text_length, NULL);
      if (*good)
        {
          self->program = add_string (self, text, text_length);
          memscope_session_builder_add_fact (self->builder, "exe", text, text_length);
        }
      return TRUE;

    case 'X':
      *good = length > 2;
      if (*good)
        add_command (self, line + 2, length - 2);
      return TRUE;

    case 'I':
      *good = take_hex (&at, &self->page_size);
      return TRUE;

    case 'c':
      *good = take_hex (&at, &value) && value <= G_MAXUINT64 / 1000000;
      if (*good && value * 1000 > self->time)
        {
          flush (self, value * 1000);
          self->time = value * 1000;
        }
      return TRUE;

    case 'A':
      self->attached = *good = TRUE;
      return TRUE;

    /* Suppressions, notes, and what comes in later versions. */
    default:
      *good = TRUE;
      return TRUE;
    }
}

static gboolean
read_lines (Reader           *self,
            MemscopeReading  *reading,
            GError          **error)
{
  guint64 n = 0;
  const char *line;
  gsize length;

  while ((line = memscope_line_source_next (self->source, &length)) != NULL)
    {
      guint64 offset = memscope_line_source_get_offset (self->source);
      gboolean good;

      if (length == 0)
        continue;
      if (!read_line (self, line, length, &good, error))
        return FALSE;
      if (!good && self->n_bad++ == 0)
        memscope_session_builder_add_warning (self->builder, _("The line at byte %zu of heaptrack’s text makes no sense; it is left out"),
                                              (gsize)offset);
      if (++n % STEP_LINES == 0 &&
          !memscope_reading_step (reading, memscope_line_source_get_done (self->source), error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
read_version (Reader      *self,
              GError     **error)
{
  gsize length;
  const char *line = memscope_line_source_next (self->source, &length);
  const char *at = line != NULL ? line + 1 : NULL;

  if (line == NULL || *line != 'v' || !take_hex (&at, &self->version))
    {
      g_set_error (error, MEMSCOPE_ERROR, MEMSCOPE_ERROR_DAMAGED, _("Nothing of heaptrack’s recording could be read"));
      return FALSE;
    }
  if (!take_hex (&at, &self->format))
    self->format = 0;

  return TRUE;
}

static void
end (Reader *self)
{
  gboolean broken = memscope_line_source_is_broken (self->source);
  MemscopeEnd last = {
    .reason = self->attached ? MEMSCOPE_END_UNKNOWN : MEMSCOPE_END_GONE, .time = self->time,
    .n_events = MEMSCOPE_NOT_RECORDED, .n_births = MEMSCOPE_NOT_RECORDED, .failed_allocations = MEMSCOPE_NOT_RECORDED,
    .unmatched_frees = MEMSCOPE_NOT_RECORDED, .truncated_stacks = MEMSCOPE_NOT_RECORDED,
  };

  flush (self, self->time);
  memscope_session_builder_set_format (self->builder, self->has_addresses ? "heaptrack (raw)" : "heaptrack",
                                       (guint)MIN (self->format, G_MAXUINT), NULL);
  memscope_session_builder_set_complete (self->builder, !broken && self->n_bad == 0);
  memscope_session_builder_add_warning (self->builder, _("heaptrack’s clock ticks every 10 ms; times in between follow from the order of events"));
  if (!broken)
    memscope_session_builder_add_end (self->builder, &last);
  else
    memscope_session_builder_add_warning (self->builder, _("The file is cut or damaged at byte %zu: what comes before is shown"),
                                          (gsize)memscope_line_source_get_done (self->source));
  if (self->n_bad > 1)
    memscope_session_builder_add_warning (self->builder,
                                          g_dngettext (GETTEXT_PACKAGE, "%zu line makes no sense", "%zu lines make no sense",
                                                       (gulong)MIN (self->n_bad, G_MAXINT)),
                                          (gsize)self->n_bad);
}

static guint64
affordable_births (void)
{
  long n_pages = sysconf (_SC_PHYS_PAGES);
  long page_size = sysconf (_SC_PAGESIZE);

  if (n_pages <= 0 || page_size <= 0)
    return G_MAXUINT32 - 1;

  return MIN ((guint64)n_pages * (guint64)page_size / 4 * 3 / BYTES_PER_BIRTH, G_MAXUINT32 - 1);
}

gboolean
memscope_heaptrack_reader_read (GBytes                  *bytes,
                                MemscopeSessionBuilder  *builder,
                                MemscopeReading         *reading,
                                GError                 **error)
{
  Reader self = { .builder = builder, .source = memscope_line_source_new (bytes), .max_births = affordable_births () };
  gboolean good;

  self.events = g_array_sized_new (FALSE, FALSE, sizeof (MemscopeEvent), EVENTS);
  self.commons = g_array_new (FALSE, FALSE, sizeof (Common));
  self.former = g_array_new (FALSE, FALSE, sizeof (guint32));
  self.ranges = g_array_new (FALSE, FALSE, sizeof (Range));
  self.modules = g_hash_table_new (NULL, NULL);
  self.frames = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self.live = memscope_live_map_new ();

  memscope_session_builder_set_functions_recorded (builder, FALSE);
  good = read_version (&self, error) && read_lines (&self, reading, error);
  if (good)
    end (&self);

  memscope_live_map_free (self.live);
  g_hash_table_unref (self.frames);
  g_hash_table_unref (self.modules);
  g_array_unref (self.ranges);
  g_array_unref (self.former);
  g_array_unref (self.commons);
  g_array_unref (self.events);
  memscope_line_source_free (self.source);

  return good;
}

gboolean
memscope_heaptrack_is_one (const guint8 *data,
                           gsize         length)
{
  char text[64] = { 0 };
  const char *at = text + 1;
  guint64 version, format;
  char *newline;

  memscope_line_source_peek (data, length, text, sizeof text - 1);
  newline = strchr (text, '\n');
  if (newline == NULL)
    return FALSE;
  *newline = '\0';

  /* v 10400 3: the program's version first. */
  return text[0] == 'v' && text[1] == ' ' && take_hex (&at, &version) && version >= 0x10000 &&
         (*at == '\0' || (take_hex (&at, &format) && *at == '\0'));
}
