/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memscope-json-frames.h"

#include "memscope-json-text.h"
#include "memscope-redact.h"

/* The recorder stops far below; a damaged file must not multiply into terabytes. */
#define MAX_FRAMES 65536u

struct _MemscopeJsonFrames
{
  MemscopeSession *session;
  guint            n_frames;
  char           **texts;    /* by frame id; NULL: not asked for yet */
  GString         *scratch;
  gboolean         redact_paths;
};

MemscopeJsonFrames *
memscope_json_frames_new (MemscopeSession *session,
                          gboolean         redact_paths)
{
  MemscopeJsonFrames *self = g_new0 (MemscopeJsonFrames, 1);

  self->session = g_object_ref (session);
  self->n_frames = memscope_session_get_n_frames (session);
  self->texts = g_new0 (char *, (gsize) self->n_frames + 1);
  self->scratch = g_string_new (NULL);
  self->redact_paths = redact_paths;

  return self;
}

void
memscope_json_frames_free (MemscopeJsonFrames *self)
{
  for (gsize i = 0; i <= self->n_frames; i++)
    g_free (self->texts[i]);

  g_free (self->texts);
  g_string_free (self->scratch, TRUE);
  g_object_unref (self->session);
  g_free (self);
}

static void
append_id (MemscopeJsonFrames *self,
           GString            *text,
           MemscopeStringId    id)
{
  gsize length;
  const char *bytes = memscope_session_get_string (self->session, id, &length);

  g_string_append_len (text, bytes, length);
}

static void
append_path (MemscopeJsonFrames *self,
             GString            *text,
             MemscopeStringId    id)
{
  gsize length;
  const char *bytes = memscope_session_get_string (self->session, id, &length);

  if (self->redact_paths)
    bytes = memscope_redact_base_name (bytes, &length);
  g_string_append_len (text, bytes, length);
}

static void
append_symbol (MemscopeJsonFrames   *self,
               const MemscopeSymbol *symbol,
               GString              *json)
{
  GString *words = self->scratch;

  g_string_truncate (words, 0);

  if (symbol->function != 0)
    append_id (self, words, symbol->function);
  else if (symbol->linkage_name != 0)
    append_id (self, words, symbol->linkage_name);
  else
    g_string_append (words, "??");

  if (symbol->file != 0)
    {
      g_string_append (words, " (");
      append_path (self, words, symbol->file);
      if (symbol->line != 0)
        g_string_append_printf (words, ":%u", symbol->line);
      g_string_append_c (words, ')');
    }

  memscope_json_append_string (json, words->str, words->len);
}

static void
append_address (MemscopeJsonFrames *self,
                MemscopeFrameId     id,
                GString            *json)
{
  GString *words = self->scratch;
  MemscopeFrame frame = { 0 };
  MemscopeModule module;

  g_string_truncate (words, 0);

  if (memscope_session_get_frame (self->session, id, &frame)
      && memscope_session_get_module (self->session, frame.module, &module)
      && module.path != 0)
    {
      append_path (self, words, module.path);
      g_string_append_c (words, '+');
    }

  g_string_append_printf (words, "0x%" G_GINT64_MODIFIER "x", frame.offset);
  memscope_json_append_string (json, words->str, words->len);
}

static const char *
describe (MemscopeJsonFrames *self,
          MemscopeFrameId     id)
{
  const MemscopeSymbol *symbols;
  g_autoptr(GString) json = NULL;
  guint n;

  if (self->texts[id] != NULL)
    return self->texts[id];

  json = g_string_new (NULL);
  n = memscope_session_get_symbols (self->session, id, &symbols);

  for (guint i = 0; i < n; i++)
    {
      if (i > 0)
        g_string_append_c (json, ',');
      append_symbol (self, &symbols[i], json);
    }

  if (n == 0)
    append_address (self, id, json);

  return self->texts[id] = g_string_free (g_steal_pointer (&json), FALSE);
}

void
memscope_json_frames_append (MemscopeJsonFrames *self,
                             MemscopeStackId     stack,
                             GString            *json)
{
  MemscopeStackId parent;
  MemscopeFrameId frame;
  guint n = 0;

  if (stack == 0)
    {
      g_string_append_len (json, "null", 4);
      return;
    }

  g_string_append_c (json, '[');

  for (; stack != 0 && n < MAX_FRAMES; stack = parent, n++)
    {
      if (!memscope_session_get_stack_node (self->session, stack, &parent, &frame))
        break;

      if (n > 0)
        g_string_append_c (json, ',');
      if (frame == 0 || frame > self->n_frames)
        g_string_append (json, "\"[not recorded]\"");
      else
        g_string_append (json, describe (self, frame));
    }

  g_string_append_c (json, ']');
}
