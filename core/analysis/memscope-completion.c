/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-completion.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "memscope-expression-fields.h"
#include "memscope-expression-lexer.h"

/* So many entries of a dictionary are looked through, and so many texts are taken in the order found. */
#define MAX_LOOKED 50000u

typedef struct
{
  MemscopeSession *session;
  const char      *typed;     /* the word so far, without its quote */
  char            *folded;
  GPtrArray       *found;     /* that begin with it */
  GPtrArray       *inner;     /* that have it within */
  GHashTable      *seen;
} Finder;

static void
completion_free (gpointer data)
{
  MemscopeCompletion *self = data;

  g_free (self->text);
  g_free (self->detail);
  g_free (self);
}

static void
add (GPtrArray  *list,
     const char *text,
     const char *detail,
     gboolean    more)
{
  MemscopeCompletion *completion = g_new0 (MemscopeCompletion, 1);

  completion->text = g_strdup (text);
  completion->detail = g_strdup (detail);
  completion->more = more;
  g_ptr_array_add (list, completion);
}

/* Words of the language: those that begin as what is typed. */
static void
offer (Finder     *self,
       const char *text,
       const char *detail,
       gboolean    more)
{
  if (g_ascii_strncasecmp (text, self->typed, strlen (self->typed)) == 0)
    add (self->found, text, detail, more);
}

static void
offer_fields (Finder *self)
{
  for (guint i = 0; i < MEMSCOPE_N_FIELDS; i++)
    if (*memscope_fields[i].word != '\0')
      offer (self, memscope_fields[i].word, _(memscope_fields[i].meaning), memscope_fields[i].type != MEMSCOPE_VALUE_NONE);
  offer (self, "not", _("the opposite of what follows"), TRUE);
}

static void
offer_operators (Finder        *self,
                 MemscopeField  field)
{
  MemscopeValueType type = memscope_fields[field].type;

  if (memscope_field_is_number (field))
    {
      offer (self, ">", _("more than"), TRUE);
      offer (self, ">=", _("at least"), TRUE);
      offer (self, "<", _("less than"), TRUE);
      offer (self, "<=", _("at most"), TRUE);
    }
  if (type == MEMSCOPE_VALUE_TEXT)
    {
      offer (self, "~", _("holds these words, or matches /a pattern/"), TRUE);
      offer (self, "!~", _("does not hold these words"), TRUE);
    }
  offer (self, "=", _("is"), TRUE);
  offer (self, "!=", _("is not"), TRUE);
  offer (self, "in", memscope_field_is_number (field) ? _("within a range: 1..2, or one of a list: (1, 2)")
                                                     : _("one of a list: (a, b)"), TRUE);
}

/* ---- values ---------------------------------------------------------------------------- */

static void
offer_units (Finder            *self,
             MemscopeValueType  type)
{
  static const char *const sizes[] = { "K", "M", "G", NULL };
  static const char *const times[] = { "s", "ms", "us", "ns", "min", NULL };
  const char *const *units = type == MEMSCOPE_VALUE_SIZE ? sizes : times;
  gsize digits = strspn (self->typed, "0123456789.");

  if (digits == 0 || type == MEMSCOPE_VALUE_ADDRESS)
    return;

  for (guint i = 0; units[i] != NULL; i++)
    {
      g_autofree char *number = g_strndup (self->typed, digits);
      g_autofree char *whole = g_strconcat (number, units[i], NULL);

      offer (self, whole, NULL, FALSE);
    }
}

static gboolean
needs_quotes (const char *text)
{
  MemscopeToken token;
  gsize length = strlen (text);

  memscope_lexer_next (text, length, 0, TRUE, &token);

  return token.kind != MEMSCOPE_TOKEN_WORD || token.length != length || g_ascii_strcasecmp (text, "and") == 0 ||
         g_ascii_strcasecmp (text, "or") == 0 || g_ascii_strcasecmp (text, "not") == 0 || g_ascii_strcasecmp (text, "in") == 0;
}

/* A name of the session. FALSE: there are enough. */
static gboolean
offer_name (Finder     *self,
            const char *name)
{
  g_autofree char *folded = NULL;
  g_autofree char *quoted = NULL;
  const char *at;

  if (*name == '\0' || strlen (name) > 400 || g_hash_table_contains (self->seen, name))
    return TRUE;

  folded = g_utf8_casefold (name, -1);
  at = strstr (folded, self->folded);
  if (at == NULL)
    return TRUE;

  g_hash_table_add (self->seen, g_strdup (name));
  if (needs_quotes (name))
    quoted = memscope_expression_quote (name);
  if (at == folded)
    add (self->found, quoted != NULL ? quoted : name, NULL, FALSE);
  else if (self->inner->len < MEMSCOPE_COMPLETIONS_MAX)
    add (self->inner, quoted != NULL ? quoted : name, NULL, FALSE);

  return self->found->len < MEMSCOPE_COMPLETIONS_MAX;
}

static gboolean
offer_string (Finder           *self,
              MemscopeStringId  id,
              gboolean          base)
{
  g_autofree char *text = memscope_session_dup_display_string (self->session, id);
  const char *slash = base ? strrchr (text, '/') : NULL;

  return offer_name (self, slash != NULL && slash[1] != '\0' ? slash + 1 : text);
}

static void
offer_threads (Finder *self)
{
  guint n = MIN (memscope_session_get_n_threads (self->session), MAX_LOOKED);
  MemscopeThread thread;
  gboolean more = TRUE;

  for (guint32 id = 1; id <= n && more; id++)
    {
      if (!memscope_session_get_thread (self->session, id, &thread))
        continue;
      if (thread.name != 0)
        {
          more = offer_string (self, thread.name, FALSE);
        }
      else if (thread.tid != 0)
        {
          g_autofree char *number = g_strdup_printf ("%u", thread.tid);

          more = offer_name (self, number);
        }
    }
}

static void
offer_modules (Finder *self)
{
  guint n = MIN (memscope_session_get_n_modules (self->session), MAX_LOOKED);
  MemscopeModule module;

  for (guint32 id = 1; id <= n; id++)
    if (memscope_session_get_module (self->session, id, &module) && !offer_string (self, module.path, TRUE))
      return;
}

static void
offer_variables (Finder        *self,
                 MemscopeField  field)
{
  guint n = MIN (memscope_session_get_n_variables (self->session), MAX_LOOKED);
  MemscopeVariable variable;

  for (guint32 id = 1; id <= n; id++)
    if (memscope_session_get_variable (self->session, id, &variable) &&
        !offer_string (self, field == MEMSCOPE_FIELD_VARIABLE ? variable.name : field == MEMSCOPE_FIELD_TYPE ? variable.type
                                                                                                            : variable.scope, FALSE))
      return;
}

static void
offer_functions (Finder *self)
{
  guint n = MIN (memscope_session_get_n_frames (self->session), MAX_LOOKED);

  for (guint32 id = 1; id <= n; id++)
    {
      const MemscopeSymbol *symbols;
      guint n_symbols = memscope_session_get_symbols (self->session, id, &symbols);

      for (guint i = 0; i < n_symbols; i++)
        if (!offer_string (self, symbols[i].function, FALSE) || !offer_string (self, symbols[i].file, TRUE))
          return;
    }
}

static void
offer_values (Finder        *self,
              MemscopeField  field)
{
  const MemscopeFieldInfo *info = &memscope_fields[field];

  if (memscope_field_is_number (field))
    {
      offer_units (self, info->type);
      return;
    }
  if (info->type == MEMSCOPE_VALUE_NAME)
    {
      for (guint i = 0; info->names[i] != NULL; i++)
        offer (self, info->names[i], NULL, FALSE);
      return;
    }
  if (self->session == NULL)
    return;

  switch (field)
    {
    case MEMSCOPE_FIELD_THREAD:
    case MEMSCOPE_FIELD_FREED_BY:
      offer_threads (self);
      break;
    case MEMSCOPE_FIELD_MODULE:
      offer_modules (self);
      break;
    case MEMSCOPE_FIELD_VARIABLE:
    case MEMSCOPE_FIELD_TYPE:
    case MEMSCOPE_FIELD_SCOPE:
      offer_variables (self, field);
      break;
    default:
      offer_functions (self);
      break;
    }
}

/* ---- what is expected ------------------------------------------------------------------------- */

/* Of @text up to @at. FALSE: something before is wrong. */
static gboolean
find_expected (const char *text,
               gsize       at,
               guint      *expected,
               int        *field)
{
  g_autofree char *before = g_strndup (text, at);
  g_auto(MemscopeExpressionFault) fault = { 0 };
  g_autoptr(MemscopeExpression) expression = memscope_expression_parse (before, &fault);

  *expected = MEMSCOPE_EXPECT_CONNECTOR | MEMSCOPE_EXPECT_END;
  *field = -1;
  if (expression != NULL)
    return TRUE;

  *expected = fault.expected;
  *field = fault.field;

  return fault.expected != 0 && fault.length == 0 && fault.offset >= at - strspn (before + fault.offset, " ");
}

/* Fields of two words, of which the first stands there. */
static void
offer_second_words (Finder     *self,
                    const char *text,
                    gsize       first,
                    gsize       cursor,
                    gsize      *begin)
{
  g_autofree char *both = NULL;
  guint expected;
  int field;

  if (!find_expected (text, first, &expected, &field) || !(expected & MEMSCOPE_EXPECT_TERM))
    return;

  both = g_strndup (text + first, cursor - first);
  for (guint i = 0; i < MEMSCOPE_N_FIELDS; i++)
    {
      const char *word = memscope_fields[i].word;

      if (strchr (word, ' ') != NULL && strlen (both) <= strlen (word) && strchr (both, ' ') != NULL &&
          g_ascii_strncasecmp (word, both, strlen (both)) == 0)
        {
          add (self->found, word, _(memscope_fields[i].meaning), TRUE);
          *begin = first;
        }
    }
}

static gboolean
is_typed (const MemscopeToken *token,
          gsize                cursor)
{
  return token->offset + token->length == cursor && token->length > 0 &&
         (token->kind == MEMSCOPE_TOKEN_WORD || token->kind == MEMSCOPE_TOKEN_NUMBER || token->kind == MEMSCOPE_TOKEN_UNENDED);
}

GPtrArray *
memscope_completions_new (MemscopeSession *session,
                          const char      *text,
                          gsize            cursor,
                          gsize           *begin)
{
  GPtrArray *found = g_ptr_array_new_with_free_func (completion_free);
  Finder finder = { .session = session, .found = found };
  MemscopeToken token, last = { 0 }, before = { 0 };
  g_autofree char *typed = NULL;
  guint expected;
  int field;

  g_return_val_if_fail (text != NULL && begin != NULL, found);

  cursor = MIN (cursor, strlen (text));
  *begin = cursor;
  if (cursor > 4096)
    return found;

  for (gsize at = 0;; at = token.offset + token.length)
    {
      memscope_lexer_next (text, cursor, at, FALSE, &token);
      if (token.kind == MEMSCOPE_TOKEN_END)
        break;
      before = last;
      last = token;
    }

  if (is_typed (&last, cursor))
    *begin = last.offset;
  typed = g_strndup (text + *begin, cursor - *begin);
  finder.typed = *typed == '"' ? typed + 1 : typed;
  finder.folded = g_utf8_casefold (finder.typed, -1);
  finder.inner = g_ptr_array_new_with_free_func (completion_free);
  finder.seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  if (*typed != '"')
    offer_second_words (&finder, text, *begin < cursor ? before.offset : last.offset, cursor, begin);

  if (found->len == 0 && find_expected (text, *begin, &expected, &field))
    {
      if (expected & MEMSCOPE_EXPECT_TERM && *typed != '"')
        offer_fields (&finder);
      if (expected & MEMSCOPE_EXPECT_OPERATOR)
        offer_operators (&finder, (MemscopeField)field);
      if (expected & MEMSCOPE_EXPECT_VALUE)
        offer_values (&finder, (MemscopeField)field);
      if (expected & MEMSCOPE_EXPECT_CONNECTOR)
        {
          offer (&finder, "and", NULL, TRUE);
          offer (&finder, "or", NULL, TRUE);
        }
      if (expected & MEMSCOPE_EXPECT_CLOSE)
        offer (&finder, ")", NULL, FALSE);
    }

  while (finder.inner->len > 0 && found->len < MEMSCOPE_COMPLETIONS_MAX)
    g_ptr_array_add (found, g_ptr_array_steal_index (finder.inner, 0));

  g_ptr_array_unref (finder.inner);
  g_hash_table_unref (finder.seen);
  g_free (finder.folded);

  return found;
}
