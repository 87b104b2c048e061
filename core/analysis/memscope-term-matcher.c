/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-term-matcher.h"

#include <string.h>

enum
{
  WHOLE_KNOWN = 1 << 0,
  WHOLE_YES   = 1 << 1,
  PATH_KNOWN  = 1 << 2,
  PATH_YES    = 1 << 3,
};

struct _MemscopeTermMatcher
{
  MemscopeSession    *session;   /* not owned */
  const MemscopeNode *node;      /* likewise */
  char               *needle;    /* LIKE: ASCII in lower case, else case-folded */
  gsize               length;
  gboolean            ascii;
  gboolean            raw;       /* the bytes of the recording can be searched as they are */
  gboolean            has_line;  /* of "file:line" more than the file may match */
  GArray             *strings;   /* guint8 by string id: what is known of it */
};

MemscopeTermMatcher *
memscope_term_matcher_new (MemscopeSession    *session,
                           const MemscopeNode *node)
{
  MemscopeTermMatcher *self = g_new0 (MemscopeTermMatcher, 1);

  self->session = session;
  self->node = node;
  self->strings = g_array_new (FALSE, TRUE, 1);
  self->has_line = TRUE;

  if (node->kind == MEMSCOPE_NODE_LIKE)
    {
      const char *text = node->texts[0];

      self->ascii = g_str_is_ascii (text);
      self->needle = self->ascii ? g_ascii_strdown (text, -1) : g_utf8_casefold (text, -1);
      self->length = strlen (self->needle);
      self->raw = self->ascii && strchr (text, '\\') == NULL;
      self->has_line = strpbrk (text, ":0123456789") != NULL;
    }

  return self;
}

void
memscope_term_matcher_free (MemscopeTermMatcher *self)
{
  g_array_unref (self->strings);
  g_free (self->needle);
  g_free (self);
}

/* Whether @bytes hold the needle, in whatever case of ASCII letters. */
static gboolean
contains (const MemscopeTermMatcher *self,
          const char                *bytes,
          gsize                      length)
{
  char lower = self->needle[0];
  char upper = g_ascii_toupper (lower);

  if (self->length > length)
    return FALSE;
  if (self->length == 0)
    return TRUE;

  for (gsize i = 0; i <= length - self->length; i++)
    {
      if ((bytes[i] == lower || bytes[i] == upper) &&
          g_ascii_strncasecmp (bytes + i, self->needle, self->length) == 0)
        return TRUE;
    }

  return FALSE;
}

/* @text as it is displayed. */
static gboolean
test_text (const MemscopeTermMatcher *self,
           const char                *text)
{
  if (self->node->kind == MEMSCOPE_NODE_EQUAL)
    return g_strv_contains ((const char *const *)self->node->texts, text);

  /* One that takes too long does not match. */
  if (self->node->kind == MEMSCOPE_NODE_PATTERN)
    return g_regex_match (self->node->regex, text, 0, NULL);

  if (self->ascii)
    return contains (self, text, strlen (text));

  {
    g_autofree char *folded = g_utf8_casefold (text, -1);

    return strstr (folded, self->needle) != NULL;
  }
}

static const char *
base_name (const char *path)
{
  const char *slash = strrchr (path, '/');

  return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

static guint8 *
flags_of (MemscopeTermMatcher *self,
          MemscopeStringId     id)
{
  if (id >= self->strings->len)
    g_array_set_size (self->strings, MAX (id + 1, 2 * self->strings->len));

  return &g_array_index (self->strings, guint8, id);
}

gboolean
memscope_term_matcher_test_string (MemscopeTermMatcher *self,
                                   MemscopeStringId     id)
{
  gsize length;
  const char *bytes;
  guint8 *flags;
  gboolean yes;

  if (id == 0)
    return FALSE;

  flags = flags_of (self, id);
  if (*flags & WHOLE_KNOWN)
    return (*flags & WHOLE_YES) != 0;

  bytes = memscope_session_get_string (self->session, id, &length);
  if (bytes == NULL)
    {
      yes = FALSE;
    }
  else if (self->raw)
    {
      yes = contains (self, bytes, length);
    }
  else
    {
      g_autofree char *text = memscope_session_dup_display_string (self->session, id);

      yes = test_text (self, text);
    }
  *flags |= WHOLE_KNOWN | (yes ? WHOLE_YES : 0);

  return yes;
}

/* Also by its base name, which `~` finds within the whole. */
static gboolean
test_path (MemscopeTermMatcher *self,
           MemscopeStringId     id)
{
  g_autofree char *text = NULL;
  guint8 *flags;
  gboolean yes;

  if (memscope_term_matcher_test_string (self, id))
    return TRUE;
  if (id == 0 || self->node->kind == MEMSCOPE_NODE_LIKE)
    return FALSE;

  flags = flags_of (self, id);
  if (*flags & PATH_KNOWN)
    return (*flags & PATH_YES) != 0;

  text = memscope_session_dup_display_string (self->session, id);
  yes = test_text (self, base_name (text));
  *flags |= PATH_KNOWN | (yes ? PATH_YES : 0);

  return yes;
}

gboolean
memscope_term_matcher_test_thread (MemscopeTermMatcher *self,
                                   MemscopeThreadId     id)
{
  g_autofree char *label = NULL;
  g_autofree char *number = NULL;
  MemscopeThread thread;

  if (!memscope_session_get_thread (self->session, id, &thread))
    return FALSE;

  label = memscope_session_dup_thread_label (self->session, id);
  number = g_strdup_printf ("%u", thread.tid);

  return test_text (self, label) || memscope_term_matcher_test_string (self, thread.name) ||
         (thread.tid != 0 && test_text (self, number));
}

gboolean
memscope_term_matcher_test_module (MemscopeTermMatcher *self,
                                   MemscopeModuleId     id)
{
  MemscopeModule module;

  return memscope_session_get_module (self->session, id, &module) && test_path (self, module.path);
}

gboolean
memscope_term_matcher_test_frame (MemscopeTermMatcher *self,
                                  MemscopeFrameId      frame)
{
  const MemscopeSymbol *symbols;
  guint n = memscope_session_get_symbols (self->session, frame, &symbols);

  for (guint i = 0; i < n; i++)
    {
      if (memscope_term_matcher_test_string (self, symbols[i].function) || test_path (self, symbols[i].file))
        return TRUE;

      if (symbols[i].file != 0 && symbols[i].line != 0 && self->has_line)
        {
          g_autofree char *path = memscope_session_dup_display_string (self->session, symbols[i].file);
          g_autofree char *place = g_strdup_printf ("%s:%u", base_name (path), symbols[i].line);

          if (test_text (self, place))
            return TRUE;
        }
    }

  if (frame != 0 && (n == 0 || symbols[0].function == 0))
    {
      g_autofree char *label = memscope_session_dup_frame_label (self->session, frame);

      return test_text (self, label);
    }

  return FALSE;
}
