/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-massif-reader.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "memscope-error.h"
#include "memscope-line-source.h"

/* massif itself ends stacks at 200 frames. */
#define MAX_DEPTH  256u
#define STEP_LINES 16384u

typedef struct
{
  MemscopeSessionBuilder *builder;
  MemscopeLineSource     *source;
  gboolean                milliseconds;
  guint64                 time;          /* us, of the present snapshot */
  guint64                 heap;          /* bytes of it */
  guint64                 in_tree;       /* of these, seen in its tree */
  gboolean                open;          /* its rows are not complete yet */
  gboolean                has_stacks;    /* thread stacks were measured */
  guint64                 n_snapshots;
  guint64                 n_bad;
  guint64                 n_births;
  guint64                 first_live;    /* the birth of the present rows, from here on */
  guint64                 n_strings;
  guint64                 n_frames;
  guint64                 n_stacks;
  guint64                 n_modules;
  GHashTable             *strings;       /* text → id */
  GHashTable             *modules;       /* path → id */
  GHashTable             *frames;        /* "0x…: …" → id */
  GHashTable             *stacks;        /* parent << 32 | frame → id */
  GArray                 *path;          /* guint32 frames of the node, innermost first */
  GArray                 *events;
} Reader;

/* ---- events -------------------------------------------------------------------------- */

static void
add_row (Reader  *self,
         guint64  size,
         guint32  stack)
{
  MemscopeEvent event = {
    .kind = MEMSCOPE_EVENT_MALLOC, .time = self->time, .size = size, .stack = stack,
    .address = MEMSCOPE_UNKNOWN, .rounding = MEMSCOPE_USABLE_UNKNOWN,
  };

  if (size == 0)
    return;
  g_array_append_val (self->events, event);
  self->n_births++;
}

/* The rows of the snapshot before end where this one begins. */
static void
end_rows (Reader *self)
{
  for (guint64 birth = self->first_live; birth < self->n_births; birth++)
    {
      MemscopeEvent event = { .kind = MEMSCOPE_EVENT_LOST_DEATH, .time = self->time, .ago = self->n_births - birth };

      g_array_append_val (self->events, event);
    }
  self->first_live = self->n_births;
}

static void
close_snapshot (Reader *self)
{
  if (!self->open)
    return;

  if (self->heap > self->in_tree)
    add_row (self, self->heap - self->in_tree, 0);
  memscope_session_builder_add_events (self->builder, (const MemscopeEvent *)(void *)self->events->data, self->events->len);
  g_array_set_size (self->events, 0);
  self->open = FALSE;
}

/* ---- dictionaries ----------------------------------------------------------------------- */

static guint32
intern (GHashTable *table,
        const char *text,
        gsize       length,
        guint64    *n,
        gboolean   *is_new)
{
  g_autofree char *key = g_strndup (text, length);
  guint id = GPOINTER_TO_UINT (g_hash_table_lookup (table, key));

  *is_new = id == 0;
  if (id == 0)
    {
      id = (guint)++*n;
      g_hash_table_insert (table, g_steal_pointer (&key), GUINT_TO_POINTER (id));
    }

  return id;
}

static guint32
intern_string (Reader     *self,
               const char *text,
               gsize       length)
{
  gboolean is_new;
  guint32 id = intern (self->strings, text, length, &self->n_strings, &is_new);

  if (is_new)
    memscope_session_builder_add_string (self->builder, id, text, length);

  return id;
}

static guint32
intern_module (Reader     *self,
               const char *path,
               gsize       length)
{
  gboolean is_new;
  guint32 id = intern (self->modules, path, length, &self->n_modules, &is_new);

  if (is_new)
    memscope_session_builder_add_module (self->builder, id, &(MemscopeModuleEntry) { .path = intern_string (self, path, length),
                                                                                     .unload_time = G_MAXUINT64 });

  return id;
}

/* "0x4004A1D: call_init (dl-init.c:74)", "0x401AB9F: ??? (in /lib/ld.so)". */
static guint32
intern_frame (Reader     *self,
              const char *text,
              gsize       length)
{
  gboolean is_new;
  guint32 id = intern (self->frames, text, length, &self->n_frames, &is_new);
  g_autofree char *line = NULL;
  char *name, *where, *colon;
  MemscopeFrameEntry frame = { 0 };
  MemscopeSymbolEntry symbol = { 0 };

  if (!is_new)
    return id;

  line = g_strndup (text, length);
  frame.offset = g_ascii_strtoull (line, &name, 16);
  if (*name == ':')
    name++;
  while (*name == ' ')
    name++;

  where = g_strrstr (name, " (");
  if (where != NULL && g_str_has_suffix (where, ")"))
    {
      where[strlen (where) - 1] = '\0';
      *where = '\0';
      where += 2;
      colon = strrchr (where, ':');
      if (g_str_has_prefix (where, "in "))
        {
          frame.module = intern_module (self, where + 3, strlen (where + 3));
        }
      else
        {
          if (colon != NULL)
            {
              symbol.line = (guint32)MIN (g_ascii_strtoull (colon + 1, NULL, 10), G_MAXUINT32);
              *colon = '\0';
            }
          symbol.file = intern_string (self, where, strlen (where));
        }
    }
  if (*name != '\0' && !g_str_equal (name, "???"))
    symbol.function = intern_string (self, name, strlen (name));

  memscope_session_builder_add_frame (self->builder, id, &frame);
  if (symbol.function != 0)
    memscope_session_builder_add_symbols (self->builder, id, &symbol, 1);

  return id;
}

/* Of the frames on the path: the outermost is its root. */
static guint32
intern_stack (Reader *self,
              guint   depth)
{
  guint32 stack = 0;

  for (guint i = depth; i-- > 0;)
    {
      guint64 key = (guint64)stack << 32 | g_array_index (self->path, guint32, i);
      guint32 id = GPOINTER_TO_UINT (g_hash_table_lookup (self->stacks, &key));

      if (id == 0)
        {
          id = (guint32)++self->n_stacks;
          memscope_session_builder_add_stack (self->builder, id,
                                              &(MemscopeStackEntry) { .parent = stack, .frame = g_array_index (self->path, guint32, i) });
          g_hash_table_insert (self->stacks, g_memdup2 (&key, sizeof key), GUINT_TO_POINTER (id));
        }
      stack = id;
    }

  return stack;
}

/* ---- lines --------------------------------------------------------------------------------- */

static gboolean
take_figure (const char *line,
             const char *key,
             guint64    *value)
{
  gsize length = strlen (key);

  return strncmp (line, key, length) == 0 &&
         g_ascii_string_to_unsigned (line + length, 10, 0, G_MAXUINT64, value, NULL);
}

/* "  n1: 72704 0x48FD7B9: ??? (in /usr/lib/libstdc++.so)": one space more for each level. */
static gboolean
read_node (Reader     *self,
           const char *line,
           gsize       length)
{
  const char *at = line + strspn (line, " ");
  gsize depth = (gsize)(at - line);
  guint64 n_children, bytes;
  char *end;

  if (*at != 'n' || !g_ascii_isdigit (at[1]) || depth > MAX_DEPTH || depth > self->path->len + 1)
    return FALSE;
  n_children = g_ascii_strtoull (at + 1, &end, 10);
  if (*end != ':' || end[1] != ' ' || !g_ascii_isdigit (end[2]))
    return FALSE;
  bytes = g_ascii_strtoull (end + 2, &end, 10);
  while (*end == ' ')
    end++;

  g_array_set_size (self->path, (guint)(depth > 0 ? depth - 1 : 0));
  if (depth > 0 && g_str_has_prefix (end, "0x"))
    {
      guint32 frame = intern_frame (self, end, length - (gsize)(end - line));

      g_array_append_val (self->path, frame);
    }

  /* What is too little to be told apart belongs to the frames above it. */
  if (n_children == 0)
    {
      guint64 rest = self->heap > self->in_tree ? self->heap - self->in_tree : 0;

      bytes = MIN (bytes, rest);
      add_row (self, bytes, intern_stack (self, self->path->len));
      self->in_tree += bytes;
    }

  return TRUE;
}

static gboolean
read_line (Reader     *self,
           const char *line,
           gsize       length)
{
  guint64 value;

  if (*line == 'n' || *line == ' ')
    return self->open && read_node (self, line, length);
  if (*line == '#' || g_str_has_prefix (line, "desc:") || g_str_has_prefix (line, "heap_tree=") ||
      g_str_has_prefix (line, "mem_heap_extra_B="))
    return TRUE;

  if (g_str_has_prefix (line, "cmd: "))
    {
      g_autofree char *words = g_strdup (line + 5);

      /* The line may hold a NUL: no more of it than that. */
      memscope_session_builder_add_fact (self->builder, "command", g_strdelimit (words, " ", '\0'), MIN (length, strlen (line)) - 4);
      return TRUE;
    }

  if (g_str_has_prefix (line, "time_unit: "))
    {
      self->milliseconds = g_str_equal (line + 11, "ms");
      if (!self->milliseconds)
        memscope_session_builder_add_warning (self->builder, g_str_equal (line + 11, "B")
                                                ? _("Time is counted in bytes allocated and freed; each is shown as a microsecond")
                                                : _("Time is counted in instructions; each is shown as a microsecond"));
      return TRUE;
    }

  if (take_figure (line, "snapshot=", &value))
    {
      close_snapshot (self);
      self->open = TRUE;
      self->heap = self->in_tree = 0;
      self->n_snapshots++;
      g_array_set_size (self->path, 0);
      return TRUE;
    }
  if (take_figure (line, "time=", &value))
    {
      if (value > G_MAXUINT64 / 1000000)
        return FALSE;
      self->time = MAX (self->time, self->milliseconds ? value * 1000 : value);
      return TRUE;
    }
  if (take_figure (line, "mem_heap_B=", &value))
    {
      if (!self->open || value > G_MAXINT64)
        return FALSE;
      self->heap = value;
      end_rows (self);
      return TRUE;
    }
  if (take_figure (line, "mem_stacks_B=", &value))
    {
      self->has_stacks |= value != 0;
      return TRUE;
    }

  return FALSE;
}

static gboolean
read_lines (Reader           *self,
            MemscopeReading  *reading,
            GError          **error)
{
  const char *line;
  gsize length;
  guint64 n = 0;

  while ((line = memscope_line_source_next (self->source, &length)) != NULL)
    {
      if (length > 0 && !read_line (self, line, length) && self->n_bad++ == 0)
        memscope_session_builder_add_warning (self->builder, _("The line at byte %zu of massif’s text makes no sense; it is left out"),
                                              (gsize)memscope_line_source_get_offset (self->source));
      if (++n % STEP_LINES == 0 &&
          !memscope_reading_step (reading, memscope_line_source_get_done (self->source), error))
        return FALSE;
    }
  close_snapshot (self);

  if (self->n_snapshots > 0)
    return TRUE;

  g_set_error (error, MEMSCOPE_ERROR, MEMSCOPE_ERROR_DAMAGED, _("There is no snapshot in massif’s output"));

  return FALSE;
}

static void
end (Reader *self)
{
  gboolean broken = memscope_line_source_is_broken (self->source);

  memscope_session_builder_add_end (self->builder, &(MemscopeEnd) {
    .reason = MEMSCOPE_END_UNKNOWN, .time = self->time,
    .n_events = MEMSCOPE_NOT_RECORDED, .n_births = MEMSCOPE_NOT_RECORDED, .failed_allocations = MEMSCOPE_NOT_RECORDED,
    .unmatched_frees = MEMSCOPE_NOT_RECORDED, .truncated_stacks = MEMSCOPE_NOT_RECORDED,
  });
  memscope_session_builder_set_complete (self->builder, !broken && self->n_bad == 0);
  memscope_session_builder_add_warning (self->builder,
                                        g_dngettext (GETTEXT_PACKAGE,
                                                     "massif recorded %zu snapshot, not single allocations: a row is what one stack held from one to the next",
                                                     "massif recorded %zu snapshots, not single allocations: a row is what one stack held from one to the next",
                                                     (gulong)MIN (self->n_snapshots, G_MAXINT)), (gsize)self->n_snapshots);
  if (self->has_stacks)
    memscope_session_builder_add_warning (self->builder, _("The stacks of threads, which massif measured too, are not shown"));
  if (broken)
    memscope_session_builder_add_warning (self->builder, _("The file is cut or damaged at byte %zu: what comes before is shown"),
                                          (gsize)memscope_line_source_get_done (self->source));
}

gboolean
memscope_massif_reader_read (GBytes                  *bytes,
                             MemscopeSessionBuilder  *builder,
                             MemscopeReading         *reading,
                             GError                 **error)
{
  Reader self = { .builder = builder, .source = memscope_line_source_new (bytes) };
  gboolean good;

  self.strings = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self.modules = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self.frames = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self.stacks = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self.path = g_array_new (FALSE, FALSE, sizeof (guint32));
  self.events = g_array_new (FALSE, FALSE, sizeof (MemscopeEvent));

  memscope_session_builder_set_format (builder, "massif", 1, NULL);
  memscope_session_builder_set_functions_recorded (builder, FALSE);
  good = read_lines (&self, reading, error);
  if (good)
    end (&self);

  g_array_unref (self.events);
  g_array_unref (self.path);
  g_hash_table_unref (self.stacks);
  g_hash_table_unref (self.frames);
  g_hash_table_unref (self.modules);
  g_hash_table_unref (self.strings);
  memscope_line_source_free (self.source);

  return good;
}

gboolean
memscope_massif_is_one (const guint8 *data,
                        gsize         length)
{
  char text[4096];
  gsize n = memscope_line_source_peek (data, length, text, sizeof text - 1);
  const char *cmd;

  /* desc: …, cmd: …, time_unit: … are its first lines. */
  text[n] = '\0';
  if (!g_str_has_prefix (text, "desc: "))
    return FALSE;
  cmd = strstr (text, "\ncmd: ");

  return cmd != NULL && (n == sizeof text - 1 || strstr (cmd, "\ntime_unit: ") != NULL);
}
