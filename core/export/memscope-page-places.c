/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memscope-page-places.h"

#include "memscope-page-tile.h"

void
memscope_page_places_init (MemscopePagePlaces  *self,
                           MemscopePageStrings *strings)
{
  static const guint32 none = 0;

  self->session = strings->session;
  self->strings = strings;
  self->by_variable = g_hash_table_new (NULL, NULL);
  self->by_frame = g_hash_table_new (NULL, NULL);
  self->by_stack = g_hash_table_new (NULL, NULL);
  self->variables = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->frames = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->stack_parents = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->stack_frames = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->stack_sites = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_array_append_val (self->variables, none);
  g_array_append_val (self->frames, none);
  g_array_append_val (self->stack_parents, none);
  g_array_append_val (self->stack_frames, none);
  g_array_append_val (self->stack_sites, none);
}

void
memscope_page_places_clear (MemscopePagePlaces *self)
{
  g_clear_pointer (&self->by_variable, g_hash_table_unref);
  g_clear_pointer (&self->by_frame, g_hash_table_unref);
  g_clear_pointer (&self->by_stack, g_hash_table_unref);
  g_clear_pointer (&self->variables, g_array_unref);
  g_clear_pointer (&self->frames, g_array_unref);
  g_clear_pointer (&self->stack_parents, g_array_unref);
  g_clear_pointer (&self->stack_frames, g_array_unref);
  g_clear_pointer (&self->stack_sites, g_array_unref);
}

static guint
add_id (GHashTable *index,
        GArray     *ids,
        guint32     id)
{
  gpointer known;

  if (id == 0)
    return 0;

  known = g_hash_table_lookup (index, GUINT_TO_POINTER (id));
  if (known != NULL)
    return GPOINTER_TO_UINT (known);

  g_array_append_val (ids, id);
  g_hash_table_insert (index, GUINT_TO_POINTER (id), GUINT_TO_POINTER (ids->len - 1));

  return ids->len - 1;
}

guint
memscope_page_places_add_variable (MemscopePagePlaces *self,
                                   MemscopeVariableId  id)
{
  MemscopeVariable variable;

  if (!memscope_session_get_variable (self->session, id, &variable))
    return 0;

  memscope_page_places_add_frame (self, variable.site);

  return add_id (self->by_variable, self->variables, id);
}

guint
memscope_page_places_add_frame (MemscopePagePlaces *self,
                                MemscopeFrameId     id)
{
  return add_id (self->by_frame, self->frames, id);
}

guint
memscope_page_places_add_stack (MemscopePagePlaces *self,
                                MemscopeStackId     id)
{
  g_autoptr(GArray) path = g_array_new (FALSE, FALSE, sizeof (guint32));
  MemscopeStackId parent;
  MemscopeFrameId frame;
  guint32 index = 0;

  /* Outwards to a node that is known, then back in. */
  while (id != 0)
    {
      index = GPOINTER_TO_UINT (g_hash_table_lookup (self->by_stack, GUINT_TO_POINTER (id)));
      if (index != 0 || !memscope_session_get_stack_node (self->session, id, &parent, &frame))
        break;
      g_array_append_val (path, id);
      id = parent;
    }

  for (guint i = path->len; i-- > 0;)
    {
      guint32 node = g_array_index (path, guint32, i);
      guint32 site = memscope_page_places_add_frame (self, memscope_session_get_call_site (self->session, node));

      memscope_session_get_stack_node (self->session, node, &parent, &frame);
      frame = memscope_page_places_add_frame (self, frame);
      g_array_append_val (self->stack_parents, index);
      g_array_append_val (self->stack_frames, frame);
      g_array_append_val (self->stack_sites, site);
      index = self->stack_parents->len - 1;
      g_hash_table_insert (self->by_stack, GUINT_TO_POINTER (node), GUINT_TO_POINTER (index));
    }

  return index;
}

void
memscope_page_begin_column (MemscopeJsonWriter *writer,
                            const char         *key)
{
  memscope_json_writer_begin_value (writer, key);
  g_string_append_c (writer->text, '[');
}

void
memscope_page_column_add (MemscopeJsonWriter *writer,
                          guint64             value)
{
  if (writer->text->str[writer->text->len - 1] != '[')
    g_string_append_c (writer->text, ',');
  if (value == MEMSCOPE_UNKNOWN)
    g_string_append (writer->text, "null");
  else
    memscope_json_append_uint64 (writer->text, value);
}

void
memscope_page_end_column (MemscopeJsonWriter *writer)
{
  g_string_append_c (writer->text, ']');
}

static void
write_variables (MemscopePagePlaces *self,
                 MemscopeJsonWriter *writer)
{
  static const char *const keys[] = { "source", "name", "type", "scope", "site" };

  memscope_json_writer_begin_object (writer, "variables");
  for (guint k = 0; k < G_N_ELEMENTS (keys); k++)
    {
      memscope_page_begin_column (writer, keys[k]);
      for (guint i = 0; i < self->variables->len; i++)
        {
          MemscopeVariable variable = { 0, };
          guint64 value;

          memscope_session_get_variable (self->session, g_array_index (self->variables, guint32, i), &variable);
          value = k == 0 ? variable.source
                  : k == 1 ? memscope_page_strings_add (self->strings, variable.name)
                  : k == 2 ? memscope_page_strings_add (self->strings, variable.type)
                  : k == 3 ? memscope_page_strings_add (self->strings, variable.scope)
                           : memscope_page_places_add_frame (self, variable.site);
          memscope_page_column_add (writer, value);
        }
      memscope_page_end_column (writer);
    }
  memscope_json_writer_end_object (writer);
}

/* Symbols of all frames in one run: frame i has those from first[i] to first[i + 1]. */
static void
write_symbols (MemscopePagePlaces *self,
               MemscopeJsonWriter *writer)
{
  static const char *const keys[] = { "function", "file", "line", "language" };

  memscope_json_writer_begin_object (writer, "symbols");
  for (guint k = 0; k < G_N_ELEMENTS (keys); k++)
    {
      memscope_page_begin_column (writer, keys[k]);
      for (guint i = 1; i < self->frames->len; i++)
        {
          const MemscopeSymbol *symbols;
          guint n = memscope_session_get_symbols (self->session, g_array_index (self->frames, guint32, i), &symbols);

          for (guint s = 0; s < n; s++)
            memscope_page_column_add (writer,
                                      k == 0 ? memscope_page_strings_add (self->strings, symbols[s].function)
                                      : k == 1 ? memscope_page_strings_add_path (self->strings, symbols[s].file)
                                      : k == 2 ? symbols[s].line : symbols[s].language);
        }
      memscope_page_end_column (writer);
    }
  memscope_json_writer_end_object (writer);
}

static void
write_frames (MemscopePagePlaces *self,
              MemscopeJsonWriter *writer)
{
  static const char *const keys[] = { "module", "offset", "flags", "symbols" };

  memscope_json_writer_begin_object (writer, "frames");
  for (guint k = 0; k < G_N_ELEMENTS (keys); k++)
    {
      memscope_page_begin_column (writer, keys[k]);
      for (guint i = 0; i < self->frames->len; i++)
        {
          guint32 id = g_array_index (self->frames, guint32, i);
          MemscopeFrame frame = { 0, };
          const MemscopeSymbol *symbols;

          memscope_session_get_frame (self->session, id, &frame);
          memscope_page_column_add (writer, k == 0 ? frame.module
                                            : k == 1 ? frame.offset
                                            : k == 2 ? frame.flags
                                            : id == 0 ? 0 : memscope_session_get_symbols (self->session, id, &symbols));
        }
      memscope_page_end_column (writer);
    }
  memscope_json_writer_end_object (writer);
}

static void
write_modules (MemscopePagePlaces *self,
               MemscopeJsonWriter *writer)
{
  memscope_page_begin_column (writer, "modules");
  for (guint id = 0; id <= memscope_session_get_n_modules (self->session); id++)
    {
      MemscopeModule module = { 0, };

      memscope_session_get_module (self->session, id, &module);
      memscope_page_column_add (writer, memscope_page_strings_add_path (self->strings, module.path));
    }
  memscope_page_end_column (writer);
}

void
memscope_page_places_write (MemscopePagePlaces *self,
                            MemscopeJsonWriter *writer)
{
  write_variables (self, writer);
  write_frames (self, writer);
  write_symbols (self, writer);
  write_modules (self, writer);
}

char *
memscope_page_places_pack_stacks (MemscopePagePlaces *self)
{
  const struct
  {
    const char *name;
    GArray     *values;
  } columns[] = {
    { "parent", self->stack_parents },
    { "frame", self->stack_frames },
    { "site", self->stack_sites },
  };
  guint n = self->stack_parents->len;
  g_autofree guint64 *values = g_new (guint64, n);
  MemscopePageTile tile;
  char *packed;

  memscope_page_tile_init (&tile, n);
  for (guint k = 0; k < G_N_ELEMENTS (columns); k++)
    {
      for (guint i = 0; i < n; i++)
        values[i] = g_array_index (columns[k].values, guint32, i);
      memscope_page_tile_add (&tile, columns[k].name, 4, TRUE, values);
    }
  packed = memscope_page_tile_pack (&tile);
  memscope_page_tile_clear (&tile);

  return packed;
}
