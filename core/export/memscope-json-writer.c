/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memscope-json-writer.h"

#include "memscope-session.h"

void
memscope_json_writer_init (MemscopeJsonWriter *self,
                           GString            *text)
{
  self->text = text;
  self->depth = 0;
  self->has_members = FALSE;
}

static void
new_line (MemscopeJsonWriter *self)
{
  g_string_append_c (self->text, '\n');
  for (guint i = 0; i < self->depth; i++)
    g_string_append_len (self->text, "  ", 2);
}

void
memscope_json_writer_begin_value (MemscopeJsonWriter *self,
                                  const char         *key)
{
  if (self->has_members)
    g_string_append_c (self->text, ',');
  if (self->depth > 0)
    new_line (self);
  self->has_members = TRUE;

  if (key != NULL)
    {
      memscope_json_append_string (self->text, key, -1);
      g_string_append_len (self->text, ": ", 2);
    }
}

static void
begin_container (MemscopeJsonWriter *self,
                 const char         *key,
                 char                bracket)
{
  memscope_json_writer_begin_value (self, key);
  g_string_append_c (self->text, bracket);
  self->depth++;
  self->has_members = FALSE;
}

static void
end_container (MemscopeJsonWriter *self,
               char                bracket)
{
  g_assert (self->depth > 0);

  self->depth--;
  if (self->has_members)
    new_line (self);
  g_string_append_c (self->text, bracket);
  self->has_members = TRUE;
}

void
memscope_json_writer_begin_object (MemscopeJsonWriter *self,
                                   const char         *key)
{
  begin_container (self, key, '{');
}

void
memscope_json_writer_end_object (MemscopeJsonWriter *self)
{
  end_container (self, '}');
}

void
memscope_json_writer_begin_array (MemscopeJsonWriter *self,
                                  const char         *key)
{
  begin_container (self, key, '[');
}

void
memscope_json_writer_end_array (MemscopeJsonWriter *self)
{
  end_container (self, ']');
}

void
memscope_json_writer_null (MemscopeJsonWriter *self,
                           const char         *key)
{
  memscope_json_writer_begin_value (self, key);
  g_string_append_len (self->text, "null", 4);
}

void
memscope_json_writer_boolean (MemscopeJsonWriter *self,
                              const char         *key,
                              gboolean            value)
{
  memscope_json_writer_begin_value (self, key);
  g_string_append (self->text, value ? "true" : "false");
}

void
memscope_json_writer_uint64 (MemscopeJsonWriter *self,
                             const char         *key,
                             guint64             value)
{
  memscope_json_writer_begin_value (self, key);
  memscope_json_append_uint64 (self->text, value);
}

void
memscope_json_writer_count (MemscopeJsonWriter *self,
                            const char         *key,
                            guint64             value)
{
  if (value == MEMSCOPE_UNKNOWN)
    memscope_json_writer_null (self, key);
  else
    memscope_json_writer_uint64 (self, key, value);
}

void
memscope_json_writer_double (MemscopeJsonWriter *self,
                             const char         *key,
                             double              value)
{
  memscope_json_writer_begin_value (self, key);
  memscope_json_append_double (self->text, value);
}

void
memscope_json_writer_string (MemscopeJsonWriter *self,
                             const char         *key,
                             const char         *bytes,
                             gssize              length)
{
  if (bytes == NULL)
    {
      memscope_json_writer_null (self, key);
      return;
    }

  memscope_json_writer_begin_value (self, key);
  memscope_json_append_string (self->text, bytes, length);
}
