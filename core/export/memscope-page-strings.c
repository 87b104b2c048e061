/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memscope-page-strings.h"

#include <string.h>

#include "memscope-display.h"
#include "memscope-redact.h"

/* Texts up to this long are always whole; longer ones while there is room. */
#define SHORT_TEXT 1024

void
memscope_page_strings_init (MemscopePageStrings *self,
                            MemscopeSession     *session,
                            gboolean             base_names,
                            gsize                room)
{
  self->session = session;
  self->base_names = base_names;
  self->room = room;
  self->n_shortened = 0;
  self->by_text = g_hash_table_new (g_str_hash, g_str_equal);
  self->by_id = g_hash_table_new (NULL, NULL);
  self->by_path_id = g_hash_table_new (NULL, NULL);
  self->texts = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->texts, NULL);
}

void
memscope_page_strings_clear (MemscopePageStrings *self)
{
  g_clear_pointer (&self->by_text, g_hash_table_unref);
  g_clear_pointer (&self->by_id, g_hash_table_unref);
  g_clear_pointer (&self->by_path_id, g_hash_table_unref);
  g_clear_pointer (&self->texts, g_ptr_array_unref);
}

/* Cuts @text after whole characters, and says so in it. */
static char *
shorten (char *text)
{
  char *end = g_utf8_find_prev_char (text, text + SHORT_TEXT);
  g_autofree char *whole = text;

  *end = '\0';

  return g_strconcat (whole, "…", NULL);
}

/* Takes @text over. */
static guint
add_text (MemscopePageStrings *self,
          char                *text)
{
  gsize length = strlen (text);
  gpointer known;

  if (length > SHORT_TEXT && length > self->room)
    {
      text = shorten (text);
      self->n_shortened++;
    }
  else if (length > SHORT_TEXT)
    {
      self->room -= length;
    }

  known = g_hash_table_lookup (self->by_text, text);
  if (known != NULL)
    {
      g_free (text);
      return GPOINTER_TO_UINT (known);
    }

  g_ptr_array_add (self->texts, text);
  g_hash_table_insert (self->by_text, text, GUINT_TO_POINTER (self->texts->len - 1));

  return self->texts->len - 1;
}

static guint
add_bytes (MemscopePageStrings *self,
           GHashTable          *index,
           MemscopeStringId     id,
           gboolean             base_name)
{
  gsize length;
  const char *bytes;
  gpointer known;
  guint added;

  if (id == 0)
    return 0;

  if (g_hash_table_lookup_extended (index, GUINT_TO_POINTER (id), NULL, &known))
    return GPOINTER_TO_UINT (known);

  bytes = memscope_session_get_string (self->session, id, &length);
  if (bytes == NULL)
    return 0;

  if (base_name)
    {
      const char *slash = memrchr (bytes, '/', length);

      if (slash != NULL)
        {
          length -= slash + 1 - bytes;
          bytes = slash + 1;
        }
    }

  if (self->base_names && !base_name)
    {
      g_autoptr(GString) text = g_string_new_len (bytes, length);

      /* Names come with folders too: lambdas, Rust's generics, memscope-rs's frames. */
      memscope_redact_paths (text, 0);
      added = add_text (self, memscope_display_text (text->str, text->len));
    }
  else
    {
      added = add_text (self, memscope_display_text (bytes, length));
    }
  g_hash_table_insert (index, GUINT_TO_POINTER (id), GUINT_TO_POINTER (added));

  return added;
}

guint
memscope_page_strings_add (MemscopePageStrings *self,
                           MemscopeStringId     id)
{
  return add_bytes (self, self->by_id, id, FALSE);
}

guint
memscope_page_strings_add_path (MemscopePageStrings *self,
                                MemscopeStringId     id)
{
  return add_bytes (self, self->by_path_id, id, self->base_names);
}

void
memscope_page_strings_write (MemscopePageStrings *self,
                             MemscopeJsonWriter  *writer,
                             const char          *key)
{
  memscope_json_writer_begin_array (writer, key);
  for (guint i = 0; i < self->texts->len; i++)
    memscope_json_writer_string (writer, NULL, g_ptr_array_index (self->texts, i), -1);
  memscope_json_writer_end_array (writer);
}
