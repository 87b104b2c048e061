/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-text-filter.h"

#include <string.h>

struct _MemscopeTextFilter
{
  MemscopeSession *session;   /* not owned */
  char            *needle;    /* ASCII: in lower case; else case-folded */
  gsize            length;
  gboolean         ascii;
  guint8          *strings;   /* by id: 0 not asked yet, 1 no, 2 yes */
  gsize            n_strings;
};

MemscopeTextFilter *
memscope_text_filter_new (MemscopeSession *session,
                          const char      *text)
{
  MemscopeTextFilter *self = g_new0 (MemscopeTextFilter, 1);

  self->session = session;
  self->ascii = g_str_is_ascii (text);

  if (self->ascii)
    {
      self->needle = g_ascii_strdown (text, -1);
    }
  else
    {
      g_autofree char *valid = g_utf8_make_valid (text, -1);

      self->needle = g_utf8_casefold (valid, -1);
    }

  self->length = strlen (self->needle);

  return self;
}

void
memscope_text_filter_free (MemscopeTextFilter *self)
{
  g_free (self->needle);
  g_free (self->strings);
  g_free (self);
}

static gboolean
contains (const MemscopeTextFilter *self,
          const char               *bytes,
          gsize                     length)
{
  char lower = self->needle[0];
  char upper = g_ascii_toupper (lower);
  gsize last;

  if (self->length > length)
    return FALSE;

  last = length - self->length;
  for (gsize i = 0; i <= last; i++)
    {
      if ((bytes[i] == lower || bytes[i] == upper) &&
          g_ascii_strncasecmp (bytes + i, self->needle, self->length) == 0)
        return TRUE;
    }

  return FALSE;
}

static gboolean
contains_folded (const MemscopeTextFilter *self,
                 const char               *displayed)
{
  g_autofree char *folded = g_utf8_casefold (displayed, -1);

  return strstr (folded, self->needle) != NULL;
}

static gboolean
search_string (MemscopeTextFilter *self,
               MemscopeStringId    id)
{
  gsize length;
  const char *bytes = memscope_session_get_string (self->session, id, &length);
  g_autofree char *displayed = NULL;

  if (bytes == NULL)
    return FALSE;

  if (self->ascii)
    return contains (self, bytes, length);

  displayed = memscope_session_dup_display_string (self->session, id);

  return contains_folded (self, displayed);
}

/* Many variables share a type, many frames a file: each string is searched once. */
static gboolean
match_string (MemscopeTextFilter *self,
              MemscopeStringId    id)
{
  if (id == 0)
    return FALSE;

  if (id >= self->n_strings)
    {
      gsize n = MAX ((gsize)id + 1, self->n_strings * 2);

      self->strings = g_realloc (self->strings, n);
      memset (self->strings + self->n_strings, 0, n - self->n_strings);
      self->n_strings = n;
    }

  if (self->strings[id] == 0)
    self->strings[id] = search_string (self, id) ? 2 : 1;

  return self->strings[id] == 2;
}

gboolean
memscope_text_filter_match_thread (MemscopeTextFilter *self,
                                   MemscopeThreadId    thread)
{
  g_autofree char *label = memscope_session_dup_thread_label (self->session, thread);

  return self->ascii ? contains (self, label, strlen (label)) : contains_folded (self, label);
}

gboolean
memscope_text_filter_match_variable (MemscopeTextFilter *self,
                                     MemscopeVariableId  id)
{
  MemscopeVariable variable;

  return memscope_session_get_variable (self->session, id, &variable) &&
         (match_string (self, variable.name) || match_string (self, variable.type));
}

gboolean
memscope_text_filter_match_frame (MemscopeTextFilter *self,
                                  MemscopeFrameId     frame)
{
  const MemscopeSymbol *symbols;
  guint n = memscope_session_get_symbols (self->session, frame, &symbols);

  for (guint i = 0; i < n; i++)
    {
      if (match_string (self, symbols[i].function) || match_string (self, symbols[i].file))
        return TRUE;
    }

  return FALSE;
}
