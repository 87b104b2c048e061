/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memscope-json-walker.h"

#include <errno.h>
#include <string.h>

#include "memscope-json-text.h"

static void
skip_blanks (MemscopeJsonWalker *self)
{
  while (self->at < self->end && (*self->at == ' ' || *self->at == '\t' || *self->at == '\n' || *self->at == '\r'))
    self->at++;
}

gboolean
memscope_json_walker_init (MemscopeJsonWalker *self,
                           const char         *text,
                           gsize               length)
{
  if (length == 0 || (*text != '{' && *text != '['))
    return FALSE;

  *self = (MemscopeJsonWalker) { .at = text + 1, .end = text + length, .closer = *text == '{' ? '}' : ']' };

  return TRUE;
}

static gboolean
fail (MemscopeJsonWalker *self)
{
  self->failed = TRUE;

  return FALSE;
}

static gboolean
take_value (MemscopeJsonWalker *self,
            MemscopeJsonSpan   *value)
{
  value->text = self->at;
  value->length = memscope_json_text_value_length (self->at, (gsize)(self->end - self->at));
  self->at += value->length;

  return value->length > 0;
}

static gboolean
take_key (MemscopeJsonWalker *self,
          MemscopeJsonSpan   *key)
{
  if (self->at == self->end || *self->at != '"' || !take_value (self, key))
    return FALSE;

  skip_blanks (self);
  if (self->at == self->end || *self->at != ':')
    return FALSE;

  self->at++;
  skip_blanks (self);

  return TRUE;
}

/* Up to the next value. */
gboolean
memscope_json_walker_next_key (MemscopeJsonWalker *self,
                               MemscopeJsonSpan   *key)
{
  if (self->failed)
    return FALSE;

  skip_blanks (self);
  if (self->at == self->end)
    return fail (self);

  if (*self->at == self->closer)
    {
      self->at++;
      return FALSE;
    }

  if (self->n_values > 0)
    {
      if (*self->at != ',')
        return fail (self);
      self->at++;
      skip_blanks (self);
    }

  self->n_values++;
  if (self->closer == '}' && !take_key (self, key))
    return fail (self);

  return TRUE;
}

gboolean
memscope_json_walker_next (MemscopeJsonWalker *self,
                           MemscopeJsonSpan   *key,
                           MemscopeJsonSpan   *value)
{
  if (!memscope_json_walker_next_key (self, key))
    return FALSE;

  return take_value (self, value) || fail (self);
}

gboolean
memscope_json_span_is (const MemscopeJsonSpan *self,
                       const char             *text)
{
  gsize length = strlen (text);

  return self->length == length && memcmp (self->text, text, length) == 0;
}

/* ---- trees ------------------------------------------------------------------- */

static char *
dup_string (const MemscopeJsonSpan *span)
{
  GString *bytes = g_string_sized_new (span->length);

  memscope_json_text_read_string (span->text, span->length, bytes);

  return g_string_free (bytes, FALSE);
}

static JsonNode *
new_number (const MemscopeJsonSpan *span)
{
  g_autofree char *text = g_strndup (span->text, span->length);
  gint64 value;

  if (strpbrk (text, ".eE") != NULL)
    return json_node_init_double (json_node_alloc (), g_ascii_strtod (text, NULL));

  errno = 0;
  value = g_ascii_strtoll (text, NULL, 10);
  if (errno == 0)
    return json_node_init_int (json_node_alloc (), value);

  return json_node_init_string (json_node_alloc (), text);
}

static JsonNode *new_node (const MemscopeJsonSpan *span);

static JsonObject *
new_object (const MemscopeJsonSpan *span)
{
  JsonObject *object = json_object_new ();
  MemscopeJsonWalker walker;
  MemscopeJsonSpan key;
  MemscopeJsonSpan value;

  memscope_json_walker_init (&walker, span->text, span->length);
  while (memscope_json_walker_next (&walker, &key, &value))
    {
      g_autofree char *name = dup_string (&key);

      json_object_set_member (object, name, new_node (&value));
    }

  return object;
}

static JsonArray *
new_array (const MemscopeJsonSpan *span)
{
  JsonArray *array = json_array_new ();
  MemscopeJsonWalker walker;
  MemscopeJsonSpan value;

  memscope_json_walker_init (&walker, span->text, span->length);
  while (memscope_json_walker_next (&walker, NULL, &value))
    json_array_add_element (array, new_node (&value));

  return array;
}

/* Recursive as deep as memscope_json_text_value_length() allows. */
static JsonNode *
new_node (const MemscopeJsonSpan *span)
{
  g_autofree char *text = NULL;
  JsonNode *node;

  switch (*span->text)
    {
    case '{':
      node = json_node_new (JSON_NODE_OBJECT);
      json_node_take_object (node, new_object (span));
      return node;

    case '[':
      node = json_node_new (JSON_NODE_ARRAY);
      json_node_take_array (node, new_array (span));
      return node;

    case '"':
      text = dup_string (span);
      return json_node_init_string (json_node_alloc (), text);

    case 't':
    case 'f':
      return json_node_init_boolean (json_node_alloc (), *span->text == 't');

    case 'n':
      return json_node_new (JSON_NODE_NULL);

    default:
      return new_number (span);
    }
}

JsonObject *
memscope_json_tree_new (const char *text,
                        gsize       length)
{
  MemscopeJsonSpan span = { text, length };

  if (length == 0 || *text != '{' || memscope_json_text_value_length (text, length) != length)
    return NULL;

  return new_object (&span);
}
