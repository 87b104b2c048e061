/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memscope-map-names.h"

#include <string.h>

/* A card and a legend have room for less; names may have 65,535 bytes. */
#define MAX_CHARACTERS 300

void
memscope_map_names_init (MemscopeMapNames *self,
                         MemscopeSession  *session)
{
  self->session = session;
  self->n_variables = memscope_session_get_n_variables (session) + 1;
  self->n_frames = memscope_session_get_n_frames (session) + 1;
  self->variable_index = g_new0 (guint32, self->n_variables);
  self->frame_index = g_new0 (guint32, self->n_frames);
  self->variables = g_array_new (FALSE, FALSE, sizeof (MemscopeVariableId));
  self->frames = g_array_new (FALSE, FALSE, sizeof (MemscopeFrameId));
}

void
memscope_map_names_clear (MemscopeMapNames *self)
{
  g_clear_pointer (&self->variable_index, g_free);
  g_clear_pointer (&self->frame_index, g_free);
  g_clear_pointer (&self->variables, g_array_unref);
  g_clear_pointer (&self->frames, g_array_unref);
}

static guint32
add (guint32 *index,
     guint    n,
     GArray  *ids,
     guint32  id)
{
  if (id == 0 || id >= n)
    return 0;

  if (index[id] == 0)
    {
      g_array_append_val (ids, id);
      index[id] = ids->len;
    }

  return index[id];
}

guint32
memscope_map_names_add_variable (MemscopeMapNames   *self,
                                 MemscopeVariableId  id)
{
  return add (self->variable_index, self->n_variables, self->variables, id);
}

guint32
memscope_map_names_add_site (MemscopeMapNames *self,
                             MemscopeFrameId   id)
{
  return add (self->frame_index, self->n_frames, self->frames, id);
}

void
memscope_map_names_write_text (MemscopeJsonWriter *writer,
                               const char         *key,
                               char               *text)
{
  g_autofree char *owned G_GNUC_UNUSED = text;
  g_autofree char *cut = NULL;

  if (g_utf8_strlen (text, -1) > MAX_CHARACTERS)
    {
      g_autofree char *head = g_utf8_substring (text, 0, MAX_CHARACTERS);

      cut = g_strconcat (head, "…", NULL);
    }

  memscope_json_writer_string (writer, key, cut != NULL ? cut : text, -1);
}

/* ---- what things are called ------------------------------------------------------------- */

static char *
dup_base_name (MemscopeSession  *session,
               MemscopeStringId  path)
{
  char *text = memscope_session_dup_display_string (session, path);
  const char *slash = strrchr (text, '/');

  if (slash != NULL && slash[1] != '\0')
    memmove (text, slash + 1, strlen (slash + 1) + 1);

  return text;
}

static char *
dup_offset (MemscopeSession *session,
            MemscopeFrameId  id)
{
  MemscopeFrame frame;
  MemscopeModule module;
  g_autofree char *name = NULL;

  if (!memscope_session_get_frame (session, id, &frame) || frame.flags & MEMSCOPE_FRAME_TEXT)
    return g_strdup ("");
  if (!memscope_session_get_module (session, frame.module, &module) || module.path == 0)
    return g_strdup_printf ("0x%" G_GINT64_MODIFIER "x", frame.offset);

  name = dup_base_name (session, module.path);

  return g_strdup_printf ("%s+0x%" G_GINT64_MODIFIER "x", name, frame.offset);
}

static const MemscopeSymbol *
symbol_of (MemscopeSession *session,
           MemscopeFrameId  id)
{
  const MemscopeSymbol *symbols;
  guint n = memscope_session_get_symbols (session, id, &symbols);

  return n > 0 && symbols[0].function != 0 ? &symbols[0] : NULL;
}

/* "parse.c:88", or where in its module. */
static char *
dup_place (MemscopeSession *session,
           MemscopeFrameId  id)
{
  const MemscopeSymbol *symbol = symbol_of (session, id);
  g_autofree char *file = NULL;

  if (symbol == NULL)
    return g_strdup ("");
  if (symbol->file == 0)
    return dup_offset (session, id);

  file = dup_base_name (session, symbol->file);

  return symbol->line != 0 ? g_strdup_printf ("%s:%u", file, symbol->line) : g_steal_pointer (&file);
}

static char *
dup_function (MemscopeSession *session,
              MemscopeFrameId  id)
{
  const MemscopeSymbol *symbol = symbol_of (session, id);

  return symbol != NULL ? memscope_session_dup_display_string (session, symbol->function) : dup_offset (session, id);
}

static char *
dup_variable_name (MemscopeSession        *session,
                   const MemscopeVariable *variable)
{
  const MemscopeSymbol *symbol = symbol_of (session, variable->site);
  g_autofree char *function = NULL;

  if (variable->name != 0)
    return memscope_session_dup_display_string (session, variable->name);
  if (variable->site == 0)
    return g_strdup ("");

  function = dup_function (session, variable->site);

  return symbol != NULL && symbol->line != 0 ? g_strdup_printf ("%s:%u", function, symbol->line) : g_steal_pointer (&function);
}

/* ---- tables ---------------------------------------------------------------------------- */

static void
write_threads (MemscopeMapNames   *self,
               MemscopeJsonWriter *writer)
{
  guint n = memscope_session_get_n_threads (self->session);

  memscope_json_writer_begin_array (writer, "threads");
  memscope_json_writer_string (writer, NULL, "", 0);
  for (guint id = 1; id <= n; id++)
    memscope_map_names_write_text (writer, NULL, memscope_session_dup_thread_label (self->session, id));
  memscope_json_writer_end_array (writer);
}

static MemscopeVariable
variable_at (MemscopeMapNames *self,
             guint             i)
{
  MemscopeVariable variable = { 0, };

  memscope_session_get_variable (self->session, g_array_index (self->variables, MemscopeVariableId, i), &variable);

  return variable;
}

static void
write_variables (MemscopeMapNames   *self,
                 MemscopeJsonWriter *writer)
{
  memscope_json_writer_begin_object (writer, "variables");

  memscope_json_writer_begin_array (writer, "name");
  memscope_json_writer_string (writer, NULL, "", 0);
  for (guint i = 0; i < self->variables->len; i++)
    {
      MemscopeVariable variable = variable_at (self, i);

      memscope_map_names_write_text (writer, NULL, dup_variable_name (self->session, &variable));
    }
  memscope_json_writer_end_array (writer);

  memscope_json_writer_begin_array (writer, "source");
  memscope_json_writer_null (writer, NULL);
  for (guint i = 0; i < self->variables->len; i++)
    memscope_json_writer_uint64 (writer, NULL, variable_at (self, i).source);
  memscope_json_writer_end_array (writer);

  memscope_json_writer_begin_array (writer, "type");
  memscope_json_writer_string (writer, NULL, "", 0);
  for (guint i = 0; i < self->variables->len; i++)
    memscope_map_names_write_text (writer, NULL, memscope_session_dup_display_string (self->session, variable_at (self, i).type));
  memscope_json_writer_end_array (writer);

  memscope_json_writer_end_object (writer);
}

static void
write_sites (MemscopeMapNames   *self,
             MemscopeJsonWriter *writer)
{
  memscope_json_writer_begin_object (writer, "sites");

  memscope_json_writer_begin_array (writer, "function");
  memscope_json_writer_string (writer, NULL, "", 0);
  for (guint i = 0; i < self->frames->len; i++)
    memscope_map_names_write_text (writer, NULL, dup_function (self->session, g_array_index (self->frames, MemscopeFrameId, i)));
  memscope_json_writer_end_array (writer);

  memscope_json_writer_begin_array (writer, "place");
  memscope_json_writer_string (writer, NULL, "", 0);
  for (guint i = 0; i < self->frames->len; i++)
    memscope_map_names_write_text (writer, NULL, dup_place (self->session, g_array_index (self->frames, MemscopeFrameId, i)));
  memscope_json_writer_end_array (writer);

  memscope_json_writer_end_object (writer);
}

void
memscope_map_names_write (MemscopeMapNames   *self,
                          MemscopeJsonWriter *writer)
{
  write_threads (self, writer);
  write_variables (self, writer);
  write_sites (self, writer);
}
