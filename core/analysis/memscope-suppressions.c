/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-suppressions.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define MAX_FILE_SIZE (1024 * 1024)
/* Longer names are cut, and a * stands for the rest. */
#define MAX_NAME_CHARS 200

typedef enum
{
  FIELD_VARIABLE,
  FIELD_TYPE,
  FIELD_SITE,
  FIELD_MODULE,
  FIELD_FRAME,
  FIELD_SIZE,
  N_FIELDS
} Field;

static const char *const field_names[N_FIELDS] = { "variable", "type", "site", "module", "frame", "size" };

typedef struct
{
  gatomicrefcount  references;
  char            *line;
  GPatternSpec    *rule;
  GPatternSpec    *patterns[N_FIELDS];   /* NULL: anything */
} Suppression;

struct _MemscopeSuppressions
{
  GPtrArray *list;
};

/* Each of these stays alive at exit by design. glibc has its functions under several
 * names: with and without __GI_.
 */
static const char built_in[] =
  "leak.* frame=libstdc++.so* size=72704\n"        /* the pool for exceptions when memory is out */
  "leak.* frame=libstdc++.so* size=73728\n"
  "leak.* frame=*IO_file_doallocate\n"             /* buffers of stdio */
  "leak.* frame=*IO_wfile_doallocate\n"
  "leak.* frame=*dl_allocate_tls*\n"               /* stacks of ended threads are kept for the next */
  "leak.* frame=*tzset_internal\n"                 /* the time zone */
  "leak.* frame=*tzfile_read\n"
  "leak.* frame=*nl_load_locale*\n"                /* locales and catalogues, once loaded */
  "leak.* frame=*nl_find_domain\n"
  "leak.* frame=*nl_make_l10nflist\n"
  "leak.* frame=__gconv_*\n"
  "leak.* frame=*new_exitfn\n"                     /* the list of atexit functions */
  "leak.* frame=*dl_catch_exception\n"             /* the loader's own tables of dlopen */
  "leak.* frame=g_quark_*\n"                       /* GLib's tables of names and types */
  "leak.* frame=g_type_register_*\n"
  "leak.* frame=type_node_*new_W\n"
  "leak.* frame=std::rt::init\n"                   /* Rust's name of the main thread and its handlers */
  "leak.* frame=std::rt::lang_start*\n";

static void
suppression_unref (gpointer data)
{
  Suppression *self = data;

  if (!g_atomic_ref_count_dec (&self->references))
    return;

  g_clear_pointer (&self->rule, g_pattern_spec_free);
  for (guint k = 0; k < N_FIELDS; k++)
    g_clear_pointer (&self->patterns[k], g_pattern_spec_free);
  g_free (self->line);
  g_free (self);
}

/* ---- reading ---------------------------------------------------------------------------- */

/* The next word of a line; NULL: there is no more. Quotes may begin anywhere in it. */
static char *
next_word (const char **at,
           gboolean    *unclosed)
{
  g_autoptr(GString) word = g_string_new (NULL);
  const char *p = *at;
  gboolean quoted = FALSE;

  while (g_ascii_isspace (*p))
    p++;
  if (*p == '\0' || *p == '#')
    return NULL;

  for (; *p != '\0' && (quoted || !g_ascii_isspace (*p)); p++)
    {
      if (*p == '"')
        quoted = !quoted;
      else if (quoted && *p == '\\' && (p[1] == '"' || p[1] == '\\'))
        g_string_append_c (word, *++p);
      else
        g_string_append_c (word, *p);
    }

  *unclosed = quoted;
  *at = p;

  return g_string_free (g_steal_pointer (&word), FALSE);
}

static gboolean
parse_condition (Suppression  *self,
                 const char   *word,
                 char        **complaint)
{
  const char *equals = strchr (word, '=');

  for (guint k = 0; equals != NULL && k < N_FIELDS; k++)
    {
      if (strlen (field_names[k]) != (gsize)(equals - word) || strncmp (field_names[k], word, equals - word) != 0)
        continue;

      if (self->patterns[k] != NULL)
        {
          *complaint = g_strdup_printf (_("“%s” stands there twice"), field_names[k]);
          return FALSE;
        }

      self->patterns[k] = g_pattern_spec_new (equals + 1);
      return TRUE;
    }

  *complaint = g_strdup_printf (_("“%s” is no condition; there are variable, type, site, module, frame and size, each followed by = and a name"), word);

  return FALSE;
}

/* NULL without @complaint: there is nothing on the line. */
static Suppression *
parse_line (const char  *line,
            char       **complaint)
{
  Suppression *self = g_new0 (Suppression, 1);
  const char *at = line;
  gboolean unclosed = FALSE;
  g_autofree char *rule = next_word (&at, &unclosed);

  g_atomic_ref_count_init (&self->references);
  self->line = g_strstrip (g_strdup (line));

  if (rule != NULL && !unclosed)
    {
      self->rule = g_pattern_spec_new (rule);

      while (*complaint == NULL && !unclosed)
        {
          g_autofree char *word = next_word (&at, &unclosed);

          if (word == NULL)
            return self;
          if (!unclosed)
            parse_condition (self, word, complaint);
        }
    }

  if (unclosed)
    *complaint = g_strdup (_("a quote is not closed"));
  suppression_unref (self);

  return NULL;
}

gboolean
memscope_suppressions_parse (MemscopeSuppressions  *self,
                             const char            *text,
                             gsize                  length,
                             GError               **error)
{
  g_autofree char *copy = NULL;
  g_auto(GStrv) lines = NULL;
  guint n_before = self->list->len;

  if (!g_utf8_validate (text, (gssize)length, NULL))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _("It is not UTF-8 text"));
      return FALSE;
    }

  copy = g_strndup (text, length);
  lines = g_strsplit (copy, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autofree char *complaint = NULL;
      Suppression *suppression = parse_line (lines[i], &complaint);

      if (complaint != NULL)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _("Line %u: %s"), i + 1, complaint);
          g_ptr_array_set_size (self->list, (int)n_before);
          return FALSE;
        }
      if (suppression != NULL)
        g_ptr_array_add (self->list, suppression);
    }

  return TRUE;
}

gboolean
memscope_suppressions_load (MemscopeSuppressions  *self,
                            GFile                 *file,
                            GCancellable          *cancellable,
                            GError               **error)
{
  g_autoptr(GFileInputStream) stream = g_file_read (file, cancellable, error);
  g_autofree char *text = g_malloc (MAX_FILE_SIZE + 1);
  gsize length;

  if (stream == NULL ||
      !g_input_stream_read_all (G_INPUT_STREAM (stream), text, MAX_FILE_SIZE + 1, &length, cancellable, error))
    return FALSE;

  if (length > MAX_FILE_SIZE)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _("It is larger than a file of suppressions can be (1 MiB)"));
      return FALSE;
    }

  return memscope_suppressions_parse (self, text, length, error);
}

MemscopeSuppressions *
memscope_suppressions_new (void)
{
  MemscopeSuppressions *self = g_new0 (MemscopeSuppressions, 1);
  g_autoptr(GError) error = NULL;

  self->list = g_ptr_array_new_with_free_func (suppression_unref);
  if (!memscope_suppressions_parse (self, built_in, strlen (built_in), &error))
    g_error ("The table of suppressions is wrong: %s", error->message);

  return self;
}

MemscopeSuppressions *
memscope_suppressions_copy (const MemscopeSuppressions *self)
{
  MemscopeSuppressions *copy = g_new0 (MemscopeSuppressions, 1);

  copy->list = g_ptr_array_new_with_free_func (suppression_unref);
  for (guint i = 0; i < self->list->len; i++)
    {
      Suppression *suppression = g_ptr_array_index (self->list, i);

      g_atomic_ref_count_inc (&suppression->references);
      g_ptr_array_add (copy->list, suppression);
    }

  return copy;
}

void
memscope_suppressions_free (MemscopeSuppressions *self)
{
  g_ptr_array_unref (self->list);
  g_free (self);
}

guint
memscope_suppressions_get_n (const MemscopeSuppressions *self)
{
  return self->list->len;
}

/* ---- matching ------------------------------------------------------------------------------ */

static char *
dup_module_name (MemscopeSession  *session,
                 MemscopeModuleId  id)
{
  MemscopeModule module;
  g_autofree char *path = NULL;

  if (!memscope_session_get_module (session, id, &module))
    return NULL;

  path = memscope_session_dup_display_string (session, module.path);

  return g_path_get_basename (path);
}

static char *
dup_module_of_frame (MemscopeSession *session,
                     MemscopeFrameId  id)
{
  MemscopeFrame frame;

  return memscope_session_get_frame (session, id, &frame) ? dup_module_name (session, frame.module) : NULL;
}

static gboolean
match_id (GPatternSpec     *pattern,
          MemscopeSession  *session,
          MemscopeStringId  id)
{
  g_autofree char *name = id != 0 ? memscope_session_dup_display_string (session, id) : NULL;

  return name != NULL && g_pattern_spec_match_string (pattern, name);
}

static gboolean
match_module (GPatternSpec    *pattern,
              MemscopeSession *session,
              MemscopeFrameId  frame)
{
  g_autofree char *name = dup_module_of_frame (session, frame);

  return name != NULL && g_pattern_spec_match_string (pattern, name);
}

static gboolean
match_function (GPatternSpec    *pattern,
                MemscopeSession *session,
                MemscopeFrameId  frame)
{
  const MemscopeSymbol *symbols;
  guint n = memscope_session_get_symbols (session, frame, &symbols);

  for (guint i = 0; i < n; i++)
    {
      if (match_id (pattern, session, symbols[i].function) || match_id (pattern, session, symbols[i].linkage_name))
        return TRUE;
    }

  return FALSE;
}

static gboolean
match_stack (GPatternSpec    *pattern,
             MemscopeSession *session,
             MemscopeStackId  stack)
{
  MemscopeFrameId frame;

  while (stack != 0 && memscope_session_get_stack_node (session, stack, &stack, &frame))
    {
      if (frame != 0 && (match_function (pattern, session, frame) || match_module (pattern, session, frame)))
        return TRUE;
    }

  return FALSE;
}

/* From the cheapest to the dearest. */
static gboolean
suppression_matches (const Suppression  *self,
                     MemscopeSession    *session,
                     MemscopeStackId     stack,
                     MemscopeVariableId  id,
                     guint64             block_size)
{
  MemscopeFrameId site = memscope_session_get_call_site (session, stack);
  MemscopeVariable variable = { 0 };

  if (self->patterns[FIELD_SIZE] != NULL)
    {
      g_autofree char *size = g_strdup_printf ("%" G_GUINT64_FORMAT, block_size);

      if (block_size == 0 || !g_pattern_spec_match_string (self->patterns[FIELD_SIZE], size))
        return FALSE;
    }

  memscope_session_get_variable (session, id, &variable);

  return (self->patterns[FIELD_VARIABLE] == NULL || match_id (self->patterns[FIELD_VARIABLE], session, variable.name)) &&
         (self->patterns[FIELD_TYPE] == NULL || match_id (self->patterns[FIELD_TYPE], session, variable.type)) &&
         (self->patterns[FIELD_SITE] == NULL || match_function (self->patterns[FIELD_SITE], session, site)) &&
         (self->patterns[FIELD_MODULE] == NULL || match_module (self->patterns[FIELD_MODULE], session, site)) &&
         (self->patterns[FIELD_FRAME] == NULL || match_stack (self->patterns[FIELD_FRAME], session, stack));
}

const char *
memscope_suppressions_match (const MemscopeSuppressions *self,
                             MemscopeSession            *session,
                             MemscopeRule                rule,
                             MemscopeStackId             stack,
                             MemscopeVariableId          variable,
                             guint64                     block_size)
{
  for (guint i = 0; i < self->list->len; i++)
    {
      const Suppression *suppression = g_ptr_array_index (self->list, i);

      if (g_pattern_spec_match_string (suppression->rule, memscope_rule_get_id (rule)) &&
          suppression_matches (suppression, session, stack, variable, block_size))
        return suppression->line;
    }

  return NULL;
}

/* ---- writing --------------------------------------------------------------------------------- */

/* What stands for any text in a pattern stands for itself in a name: for any one
 * character, then, which a name's own is.
 */
static void
append_condition (GString    *line,
                  Field       field,
                  const char *name)
{
  g_autofree char *cut = g_utf8_strlen (name, -1) > MAX_NAME_CHARS ? g_utf8_substring (name, 0, MAX_NAME_CHARS) : NULL;

  g_string_append_printf (line, " %s=\"", field_names[field]);
  for (const char *p = cut != NULL ? cut : name; *p != '\0'; p++)
    {
      if (*p == '"' || *p == '\\')
        g_string_append_c (line, '\\');
      g_string_append_c (line, *p == '*' ? '?' : *p);
    }
  g_string_append (line, cut != NULL ? "*\"" : "\"");
}

static gboolean
append_site (GString         *line,
             MemscopeSession *session,
             MemscopeFrameId  site)
{
  const MemscopeSymbol *symbols;
  guint n = memscope_session_get_symbols (session, site, &symbols);
  g_autofree char *module = dup_module_of_frame (session, site);
  g_autofree char *function = n > 0 && symbols[0].function != 0
                                ? memscope_session_dup_display_string (session, symbols[0].function) : NULL;

  if (function != NULL)
    append_condition (line, FIELD_SITE, function);
  if (module != NULL)
    append_condition (line, FIELD_MODULE, module);

  return function != NULL;
}

char *
memscope_suppressions_write (MemscopeSession       *session,
                             const MemscopeFinding *finding)
{
  g_autoptr(GString) line = g_string_new (memscope_rule_get_id (finding->rule));
  MemscopeVariable variable = { .source = MEMSCOPE_NAME_SITE };
  gboolean told_apart = FALSE;

  if (!finding->has_subject)
    return g_string_free (g_steal_pointer (&line), FALSE);

  memscope_session_get_variable (session, finding->subject, &variable);
  if (variable.source != MEMSCOPE_NAME_SITE && variable.name != 0)
    {
      g_autofree char *name = memscope_session_dup_display_string (session, variable.name);

      append_condition (line, FIELD_VARIABLE, name);
      told_apart = TRUE;
    }
  if (variable.source != MEMSCOPE_NAME_SITE && variable.type != 0)
    {
      g_autofree char *type = memscope_session_dup_display_string (session, variable.type);

      append_condition (line, FIELD_TYPE, type);
      told_apart = TRUE;
    }
  if (!told_apart)
    told_apart = append_site (line, session, memscope_session_get_call_site (session, finding->stack));
  /* Without a symbol: the place in the module. */
  if (!told_apart && variable.name != 0)
    {
      g_autofree char *name = memscope_session_dup_display_string (session, variable.name);

      append_condition (line, FIELD_VARIABLE, name);
      told_apart = TRUE;
    }

  return told_apart ? g_string_free (g_steal_pointer (&line), FALSE) : NULL;
}
