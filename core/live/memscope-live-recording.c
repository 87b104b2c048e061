/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-live-connection.h"
#include "memscope-live-recording-private.h"

#include <string.h>

#include "memscope-live-message.h"

#define MAX_ARGUMENTS 256

G_DEFINE_BOXED_TYPE (MemscopeLiveRecording, memscope_live_recording,
                     memscope_live_recording_ref, memscope_live_recording_unref)

MemscopeLiveRecording *
memscope_live_recording_ref (MemscopeLiveRecording *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_atomic_rc_box_acquire (self);
}

static void
memscope_live_recording_clear (gpointer data)
{
  MemscopeLiveRecording *self = data;

  g_free (self->socket);
  g_free (self->uuid);
  g_free (self->tree);
  g_free (self->parent);
  g_free (self->program);
  g_strfreev (self->command);
  g_free (self->file);
}

void
memscope_live_recording_unref (MemscopeLiveRecording *self)
{
  g_return_if_fail (self != NULL);

  g_atomic_rc_box_release_full (self, memscope_live_recording_clear);
}

/* Each argument ends with a NUL; the last one may be cut short. */
static char **
split_command (const char *bytes,
               gsize       length)
{
  GPtrArray *arguments = g_ptr_array_new ();
  const char *at = bytes, *end = bytes + length;

  while (at < end && arguments->len < MAX_ARGUMENTS)
    {
      gsize step = strnlen (at, (gsize)(end - at));

      g_ptr_array_add (arguments, g_strndup (at, step));
      at += step + 1;
    }
  g_ptr_array_add (arguments, NULL);

  return (char **)g_ptr_array_free (arguments, FALSE);
}

static void
take_text (char                    **place,
           const MemscopeLiveField  *field)
{
  g_free (*place);
  *place = g_strndup (field->bytes, field->length);
}

static void
take_uuid (char                    **place,
           const MemscopeLiveField  *field)
{
  guint8 uuid[16];

  if (memscope_live_to_uuid (field, uuid))
    take_text (place, field);
}

static void
take_number (guint64                 *place,
             const MemscopeLiveField *field)
{
  memscope_live_to_number (field, place);
}

static void
take_field (MemscopeLiveRecording   *self,
            const MemscopeLiveField *field)
{
  const char *key = field->key;
  guint64 number = 0;

  if (g_str_equal (key, "uuid"))
    take_uuid (&self->uuid, field);
  else if (g_str_equal (key, "tree"))
    take_uuid (&self->tree, field);
  else if (g_str_equal (key, "parent"))
    take_uuid (&self->parent, field);
  else if (g_str_equal (key, "program"))
    take_text (&self->program, field);
  else if (g_str_equal (key, "file"))
    take_text (&self->file, field);
  else if (g_str_equal (key, "started"))
    take_number (&self->started, field);
  else if (g_str_equal (key, "size"))
    take_number (&self->size, field);
  else if (g_str_equal (key, "events"))
    take_number (&self->events, field);
  else if (g_str_equal (key, "live"))
    take_number (&self->live_blocks, field);
  else if (g_str_equal (key, "state"))
    self->ending = !g_str_equal (field->bytes, "recording");
  else if (g_str_equal (key, "pid") && memscope_live_to_number (field, &number) && number <= G_MAXINT32)
    self->pid = (GPid)number;
  else if (g_str_equal (key, "command"))
    {
      g_strfreev (self->command);
      self->command = split_command (field->bytes, field->length);
    }
}

MemscopeLiveRecording *
memscope_live_recording_parse (const char *socket,
                               GPid        collector,
                               const void *message,
                               gsize       length)
{
  g_autoptr(MemscopeLiveRecording) self = NULL;
  g_autofree char *value = g_malloc (MEMSCOPE_LIVE_MAX_TEXT);
  char word[MEMSCOPE_LIVE_WORD_ROOM];
  MemscopeLiveCursor cursor;
  MemscopeLiveField field;

  if (!memscope_live_open (&cursor, message, length, word) || !g_str_equal (word, "image"))
    return NULL;

  self = g_atomic_rc_box_new0 (MemscopeLiveRecording);
  self->socket = g_strdup (socket);
  self->collector = collector;
  while (memscope_live_next (&cursor, &field, value, MEMSCOPE_LIVE_MAX_TEXT))
    take_field (self, &field);

  if (self->uuid == NULL || self->pid <= 0)
    return NULL;

  if (self->program == NULL)
    self->program = g_strdup ("");
  if (self->file == NULL)
    self->file = g_strdup ("");
  if (self->command == NULL)
    self->command = g_new0 (char *, 1);

  return g_steal_pointer (&self);
}

char *
memscope_live_recording_dup_name (const MemscopeLiveRecording *self)
{
  g_autofree char *base = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  if (*self->program == '\0')
    return g_strdup_printf ("%d", (int)self->pid);

  base = g_path_get_basename (self->program);

  return g_utf8_make_valid (base, -1);
}

static gboolean
needs_quotes (const char *argument)
{
  return *argument == '\0' || strpbrk (argument, " \t\n'\"\\$`;&|<>()*?[]#~") != NULL;
}

char *
memscope_live_recording_dup_command (const MemscopeLiveRecording *self)
{
  g_autoptr(GString) text = g_string_new (NULL);

  g_return_val_if_fail (self != NULL, NULL);

  for (guint i = 0; self->command[i] != NULL; i++)
    {
      g_autofree char *valid = g_utf8_make_valid (self->command[i], -1);
      g_autofree char *quoted = needs_quotes (valid) ? g_shell_quote (valid) : g_strdup (valid);

      g_string_append_printf (text, "%s%s", i > 0 ? " " : "", quoted);
    }

  return g_string_free (g_steal_pointer (&text), FALSE);
}

gboolean
memscope_live_recording_set_sampling (const MemscopeLiveRecording  *self,
                                      guint64                       interval,
                                      GError                      **error)
{
  MemscopeLiveWriter writer;
  char room[128];

  g_return_val_if_fail (self != NULL, FALSE);

  memscope_live_begin (&writer, room, sizeof room, "mode");
  memscope_live_add_text (&writer, "uuid", self->uuid);
  memscope_live_add_number (&writer, "interval", interval);

  return memscope_live_command (self->socket, &writer, error);
}
