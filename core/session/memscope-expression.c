/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-expression-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "memscope-display.h"
#include "memscope-expression-lexer.h"
#include "memscope-parse.h"

/* A regular expression may look at one text for so long, and no longer: then it does not match. */
#define PATTERN_LIMITS "(*LIMIT_MATCH=100000)(*LIMIT_DEPTH=1000)"

struct _MemscopeExpression
{
  gatomicrefcount  ref_count;
  char            *text;
  GArray          *nodes;      /* MemscopeNode */
};

G_DEFINE_BOXED_TYPE (MemscopeExpression, memscope_expression,
                     memscope_expression_ref, memscope_expression_unref)

typedef struct
{
  const char              *text;
  gsize                    length;
  gboolean                 pattern;     /* the token was read where a pattern may stand */
  MemscopeToken            token;       /* the next one */
  gsize                    end;         /* of the last one taken */
  GArray                  *nodes;
  guint                    n_terms;
  guint                    n_values;
  guint                    depth;
  MemscopeExpressionFault *fault;
} Parser;

static gboolean parse_any (Parser *self,
                           guint  *node);

/* ---- tokens ------------------------------------------------------------------------ */

static void
peek (Parser   *self,
      gboolean  pattern)
{
  self->pattern = pattern;
  memscope_lexer_next (self->text, self->length, self->end, pattern, &self->token);
}

static void
take (Parser *self)
{
  self->end = self->token.offset + self->token.length;
  peek (self, FALSE);
}

static gboolean
is_word (const char          *text,
         const MemscopeToken *token,
         const char          *word)
{
  return token->kind == MEMSCOPE_TOKEN_WORD && token->length == strlen (word) &&
         g_ascii_strncasecmp (text + token->offset, word, token->length) == 0;
}

static gboolean
at_word (Parser     *self,
         const char *word)
{
  return is_word (self->text, &self->token, word);
}

static gboolean
at_connector (Parser     *self,
              const char *word)
{
  MemscopeTokenKind sign = *word == 'a' ? MEMSCOPE_TOKEN_AND : MEMSCOPE_TOKEN_OR;

  return self->token.kind == sign || at_word (self, word);
}

static gboolean
at_not (Parser *self)
{
  return self->token.kind == MEMSCOPE_TOKEN_NOT || at_word (self, "not");
}

static gboolean
is_keyword (Parser *self)
{
  return at_word (self, "and") || at_word (self, "or") || at_word (self, "not") || at_word (self, "in");
}

/* ---- faults ------------------------------------------------------------------------- */

/* Takes @message over. */
static gboolean
fail_at (Parser *self,
         gsize   offset,
         gsize   length,
         char   *message)
{
  MemscopeExpressionFault *fault = self->fault;

  fault->offset = offset;
  fault->length = length;
  fault->column = 1;
  for (gsize i = 0; i < offset; i++)
    fault->column += ((guchar)self->text[i] & 0xc0) != 0x80;
  fault->message = message;

  return FALSE;
}

static char *
join_names (const char *const *names)
{
  g_autofree char *list = g_strjoinv (", ", (char **)names);

  return g_strdup_printf (_("Expected one of %s."), list);
}

static char *
dup_expected (guint expected,
              int   field)
{
  const MemscopeFieldInfo *info = field >= 0 ? &memscope_fields[field] : NULL;

  if (expected & MEMSCOPE_EXPECT_TERM)
    return g_strdup (_("Expected a field (size, var, stack, …), words in quotes, “not” or “(”."));
  if (expected & MEMSCOPE_EXPECT_OPERATOR)
    return info->type == MEMSCOPE_VALUE_TEXT ? g_strdup (_("Expected one of =, !=, ~, !~, in."))
           : info->type == MEMSCOPE_VALUE_NAME ? g_strdup (_("Expected one of =, !=, in."))
                                              : g_strdup (_("Expected one of =, !=, <, <=, >, >=, in."));
  if (expected & MEMSCOPE_EXPECT_DOTS)
    return g_strdup (_("Expected “..” and the value below which it ends."));
  if (expected & MEMSCOPE_EXPECT_COMMA)
    return g_strdup (_("Expected “,” or “)”."));
  if (expected & MEMSCOPE_EXPECT_CLOSE)
    return g_strdup (_("Expected “and”, “or” or “)”."));
  if (expected & MEMSCOPE_EXPECT_CONNECTOR)
    return g_strdup (_("Expected “and”, “or” or the end."));
  if (expected == MEMSCOPE_EXPECT_LIST)
    return g_strdup (_("Expected “(” and a list."));

  switch (info->type)
    {
    case MEMSCOPE_VALUE_SIZE:
      return g_strdup (_("Expected a size, such as 64K, 1.5M or 4096."));
    case MEMSCOPE_VALUE_DURATION:
    case MEMSCOPE_VALUE_TIME:
      return g_strdup (_("Expected a time, such as 12s, 300ms or 01:10."));
    case MEMSCOPE_VALUE_ADDRESS:
      return g_strdup (_("Expected an address, such as 0x7f00a010."));
    case MEMSCOPE_VALUE_NAME:
      return join_names (info->names);
    case MEMSCOPE_VALUE_TEXT:
    case MEMSCOPE_VALUE_NONE:
    default:
      return g_strdup (_("Expected words, in quotes where they hold spaces or signs."));
    }
}

/* At the next token: something else should be there. */
static gboolean
fail (Parser *self,
      guint   expected,
      int     field)
{
  MemscopeToken *token = &self->token;

  if (token->kind == MEMSCOPE_TOKEN_UNENDED)
    {
      gboolean pattern = self->text[token->offset] == '/';

      return fail_at (self, token->offset, token->length,
                      g_strdup (pattern ? _("The regular expression has no end: “/” is missing.")
                                        : _("The words have no end: the closing quote is missing.")));
    }
  if (token->kind == MEMSCOPE_TOKEN_BAD_ESCAPE)
    return fail_at (self, token->offset, token->length,
                    g_strdup (_("There is no such escape: write \\\" \\\\ \\n \\r \\t \\0 \\xHH or \\u{H}.")));

  self->fault->expected = expected;
  self->fault->field = field;

  return fail_at (self, token->offset, token->length, dup_expected (expected, field));
}

/* ---- nodes -------------------------------------------------------------------------- */

static guint
add_node (Parser       *self,
          MemscopeNode *node)
{
  g_array_append_val (self->nodes, *node);

  return self->nodes->len - 1;
}

static gboolean
add_term (Parser       *self,
          MemscopeNode *node,
          gboolean      negated,
          guint        *index)
{
  *index = add_node (self, node);
  if (negated)
    *index = add_node (self, &(MemscopeNode) { .kind = MEMSCOPE_NODE_NOT, .left = *index });

  return TRUE;
}

static void
clear_node (gpointer data)
{
  MemscopeNode *node = data;

  g_free (node->spans);
  g_strfreev (node->texts);
  g_clear_pointer (&node->regex, g_regex_unref);
}

/* ---- values ---------------------------------------------------------------------------- */

static gboolean
read_number (MemscopeValueType  type,
             const char        *text,
             guint64           *value)
{
  if (type == MEMSCOPE_VALUE_SIZE)
    return memscope_parse_size (text, value);
  if (type == MEMSCOPE_VALUE_ADDRESS)
    {
      gboolean hex = g_ascii_strncasecmp (text, "0x", 2) == 0;

      return g_ascii_string_to_unsigned (hex ? text + 2 : text, hex ? 16 : 10, 0, G_MAXUINT64, value, NULL);
    }

  return memscope_parse_time (text, value);
}

/* A number, and its unit when a space is between them. */
static gboolean
parse_number (Parser        *self,
              MemscopeField  field,
              guint64       *value)
{
  MemscopeValueType type = memscope_fields[field].type;
  MemscopeToken first = self->token;
  g_autofree char *text = NULL;

  if (first.kind != MEMSCOPE_TOKEN_NUMBER)
    return fail (self, MEMSCOPE_EXPECT_VALUE, (int)field);

  text = g_strndup (self->text + first.offset, first.length);
  take (self);

  if (self->token.kind == MEMSCOPE_TOKEN_WORD && type != MEMSCOPE_VALUE_ADDRESS && !is_keyword (self))
    {
      g_autofree char *unit = g_strndup (self->text + self->token.offset, self->token.length);
      g_autofree char *both = g_strconcat (text, " ", unit, NULL);

      if (read_number (type, both, value))
        {
          take (self);
          return TRUE;
        }
    }

  if (read_number (type, text, value))
    return TRUE;

  self->token = first;

  return fail (self, MEMSCOPE_EXPECT_VALUE, (int)field);
}

static gboolean
count_value (Parser *self)
{
  if (++self->n_values <= MEMSCOPE_EXPRESSION_VALUES)
    return TRUE;

  return fail_at (self, self->token.offset, self->token.length, g_strdup (_("These are too many values.")));
}

/* As it is displayed, which is what it is compared with. */
static gboolean
parse_text (Parser         *self,
            MemscopeField   field,
            char          **value)
{
  if (self->token.kind == MEMSCOPE_TOKEN_STRING)
    {
      gsize length;
      g_autofree char *bytes = memscope_lexer_dup_string (self->text, &self->token, &length);

      *value = memscope_display_text (bytes, length);
    }
  else if ((self->token.kind == MEMSCOPE_TOKEN_WORD && !is_keyword (self)) || self->token.kind == MEMSCOPE_TOKEN_NUMBER)
    {
      *value = memscope_display_text (self->text + self->token.offset, self->token.length);
    }
  else
    {
      return fail (self, MEMSCOPE_EXPECT_VALUE, (int)field);
    }

  take (self);

  return TRUE;
}

static gboolean
parse_name (Parser        *self,
            MemscopeField  field,
            guint         *bits)
{
  const char *const *names = memscope_fields[field].names;
  g_autofree char *word = NULL;
  gsize length;

  if (self->token.kind == MEMSCOPE_TOKEN_STRING)
    word = memscope_lexer_dup_string (self->text, &self->token, &length);
  else if (self->token.kind == MEMSCOPE_TOKEN_WORD)
    word = g_strndup (self->text + self->token.offset, self->token.length);

  for (guint i = 0; word != NULL && names[i] != NULL; i++)
    {
      if (g_ascii_strcasecmp (word, names[i]) == 0)
        {
          *bits |= 1u << i;
          take (self);
          return TRUE;
        }
    }

  return fail (self, MEMSCOPE_EXPECT_VALUE, (int)field);
}

/* ---- terms -------------------------------------------------------------------------------- */

static gboolean
parse_one (Parser        *self,
           MemscopeField  field,
           MemscopeNode  *node,
           GArray        *spans,
           GPtrArray     *texts)
{
  MemscopeSpan span;
  char *text;

  if (!count_value (self))
    return FALSE;

  if (memscope_field_is_number (field))
    {
      if (!parse_number (self, field, &span.first))
        return FALSE;
      span.last = span.first;
      g_array_append_val (spans, span);
      return TRUE;
    }
  if (memscope_fields[field].type == MEMSCOPE_VALUE_NAME)
    return parse_name (self, field, &node->names);
  if (!parse_text (self, field, &text))
    return FALSE;
  g_ptr_array_add (texts, text);

  return TRUE;
}

/* What stands behind `in`. */
static gboolean
parse_set (Parser        *self,
           MemscopeField  field,
           MemscopeNode  *node,
           GArray        *spans,
           GPtrArray     *texts)
{
  if (self->token.kind == MEMSCOPE_TOKEN_OPEN)
    {
      do
        {
          take (self);
          if (!parse_one (self, field, node, spans, texts))
            return FALSE;
        }
      while (self->token.kind == MEMSCOPE_TOKEN_COMMA);

      if (self->token.kind != MEMSCOPE_TOKEN_CLOSE)
        return fail (self, MEMSCOPE_EXPECT_COMMA, (int)field);
      take (self);
      return TRUE;
    }

  if (!memscope_field_is_number (field))
    return fail (self, MEMSCOPE_EXPECT_LIST, (int)field);
  if (!parse_one (self, field, node, spans, texts))
    return FALSE;
  if (self->token.kind != MEMSCOPE_TOKEN_DOTS)
    return fail (self, MEMSCOPE_EXPECT_DOTS, (int)field);
  take (self);
  if (!parse_one (self, field, node, spans, texts))
    return FALSE;

  /* Half open, as all ranges are. */
  {
    MemscopeSpan *first = &g_array_index (spans, MemscopeSpan, 0);
    guint64 end = g_array_index (spans, MemscopeSpan, 1).first;

    first->last = end != 0 ? end - 1 : 0;
    if (end == 0)
      first->first = 1;
    g_array_set_size (spans, 1);
  }

  return TRUE;
}

static gboolean
parse_pattern (Parser         *self,
               MemscopeNode   *node)
{
  MemscopeToken *token = &self->token;
  g_autofree char *pattern = NULL;
  g_autofree char *valid = NULL;
  g_autofree char *limited = NULL;
  g_autoptr(GError) error = NULL;

  if (token->length > MEMSCOPE_PATTERN_LENGTH)
    return fail_at (self, token->offset, token->length, g_strdup (_("The regular expression is too long.")));

  pattern = g_strndup (self->text + token->offset + 1, token->length - 2);
  valid = g_utf8_make_valid (pattern, -1);
  limited = g_strconcat (PATTERN_LIMITS, valid, NULL);
  node->kind = MEMSCOPE_NODE_PATTERN;
  node->regex = g_regex_new (limited, G_REGEX_CASELESS, 0, &error);
  if (node->regex == NULL)
    {
      return fail_at (self, token->offset, token->length,
                      g_strdup_printf (_("This is not a regular expression: %s"), error->message));
    }

  take (self);
  if (self->token.kind == MEMSCOPE_TOKEN_WORD && self->token.offset == self->end)
    return fail_at (self, self->token.offset, self->token.length,
                    g_strdup (_("A path is written in quotes; between slashes is a regular expression.")));

  return TRUE;
}

static gboolean
parse_like (Parser        *self,
            MemscopeField  field,
            MemscopeNode  *node)
{
  char *text;

  peek (self, TRUE);
  if (self->token.kind == MEMSCOPE_TOKEN_PATTERN)
    return parse_pattern (self, node);

  if (!count_value (self) || !parse_text (self, field, &text))
    return FALSE;
  node->kind = MEMSCOPE_NODE_LIKE;
  node->texts = g_new0 (char *, 2);
  node->texts[0] = text;

  return TRUE;
}

/* Numbers that are below, at least, … the one that is there. */
static void
bend_span (MemscopeTokenKind  op,
           MemscopeSpan      *span)
{
  guint64 value = span->first;

  switch (op)
    {
    case MEMSCOPE_TOKEN_LESS:
      *span = value != 0 ? (MemscopeSpan) { 0, value - 1 } : (MemscopeSpan) { 1, 0 };
      break;
    case MEMSCOPE_TOKEN_AT_MOST:
      *span = (MemscopeSpan) { 0, value };
      break;
    case MEMSCOPE_TOKEN_GREATER:
      *span = value != G_MAXUINT64 ? (MemscopeSpan) { value + 1, G_MAXUINT64 } : (MemscopeSpan) { 1, 0 };
      break;
    case MEMSCOPE_TOKEN_AT_LEAST:
      *span = (MemscopeSpan) { value, G_MAXUINT64 };
      break;
    default:
      break;
    }
}

static gboolean
has_operator (MemscopeField     field,
              MemscopeTokenKind op)
{
  if (op == MEMSCOPE_TOKEN_EQUAL || op == MEMSCOPE_TOKEN_UNEQUAL)
    return memscope_fields[field].type != MEMSCOPE_VALUE_NONE;
  if (op == MEMSCOPE_TOKEN_LIKE || op == MEMSCOPE_TOKEN_UNLIKE)
    return memscope_fields[field].type == MEMSCOPE_VALUE_TEXT;

  return op >= MEMSCOPE_TOKEN_LESS && op <= MEMSCOPE_TOKEN_AT_LEAST && memscope_field_is_number (field);
}

/* Behind the field. */
static gboolean
parse_comparison (Parser        *self,
                  MemscopeField  field,
                  guint         *index)
{
  MemscopeTokenKind op = self->token.kind;
  MemscopeNode node = { .field = field };
  g_autoptr(GArray) spans = g_array_new (FALSE, FALSE, sizeof (MemscopeSpan));
  g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  gboolean set = at_word (self, "in");

  if (!set && !has_operator (field, op))
    return fail (self, MEMSCOPE_EXPECT_OPERATOR, (int)field);

  take (self);
  if (op == MEMSCOPE_TOKEN_LIKE || op == MEMSCOPE_TOKEN_UNLIKE)
    {
      if (parse_like (self, field, &node))
        return add_term (self, &node, op == MEMSCOPE_TOKEN_UNLIKE, index);
      clear_node (&node);
      return FALSE;
    }

  if (set ? !parse_set (self, field, &node, spans, texts) : !parse_one (self, field, &node, spans, texts))
    return FALSE;

  if (memscope_field_is_number (field))
    {
      if (!set)
        bend_span (op, &g_array_index (spans, MemscopeSpan, 0));
      node.kind = MEMSCOPE_NODE_NUMBER;
      node.n_spans = spans->len;
      node.spans = g_memdup2 (spans->data, spans->len * sizeof (MemscopeSpan));
    }
  else if (memscope_fields[field].type == MEMSCOPE_VALUE_NAME)
    {
      node.kind = MEMSCOPE_NODE_NAME;
    }
  else
    {
      node.kind = MEMSCOPE_NODE_EQUAL;
      g_ptr_array_add (texts, NULL);
      node.texts = (char **)g_ptr_array_free (g_steal_pointer (&texts), FALSE);
    }

  return add_term (self, &node, !set && op == MEMSCOPE_TOKEN_UNEQUAL, index);
}

/* The field whose words the next tokens are: how many of them. 0: none is. */
static guint
match_word (const char          *text,
            gsize                length,
            const MemscopeToken *token,
            const char          *words,
            MemscopeToken       *second)
{
  const char *space = words != NULL ? strchr (words, ' ') : NULL;
  g_autofree char *first = NULL;

  if (words == NULL || *words == '\0')
    return 0;
  if (space == NULL)
    return is_word (text, token, words) ? 1 : 0;

  first = g_strndup (words, (gsize)(space - words));
  if (!is_word (text, token, first))
    return 0;
  memscope_lexer_next (text, length, token->offset + token->length, FALSE, second);

  return is_word (text, second, space + 1) ? 2 : 0;
}

static guint
find_field (const char          *text,
            gsize                length,
            const MemscopeToken *token,
            MemscopeField       *field,
            MemscopeToken       *last)
{
  /* Two words before one: "alive at" is not "alive". */
  for (guint n = 2; n >= 1; n--)
    for (guint i = 0; i < MEMSCOPE_N_FIELDS; i++)
      {
        const char *const words[] = { memscope_fields[i].word, memscope_fields[i].alias };

        for (guint k = 0; k < G_N_ELEMENTS (words); k++)
          {
            *last = *token;
            if (match_word (text, length, token, words[k], last) == n)
              {
                *field = i;
                return n;
              }
          }
      }

  return 0;
}

static gboolean
parse_term (Parser *self,
            guint  *index)
{
  MemscopeField field;
  MemscopeToken last;
  MemscopeNode node = { 0 };

  if (++self->n_terms > MEMSCOPE_EXPRESSION_TERMS)
    return fail_at (self, self->token.offset, self->token.length, g_strdup (_("These are too many terms.")));

  if (self->token.kind == MEMSCOPE_TOKEN_WORD &&
      find_field (self->text, self->length, &self->token, &field, &last) > 0)
    {
      self->token = last;
      take (self);
      node.field = field;
      if (memscope_fields[field].type == MEMSCOPE_VALUE_NONE)
        {
          node.kind = MEMSCOPE_NODE_FLAG;
          return add_term (self, &node, FALSE, index);
        }
      if (memscope_fields[field].prefix)
        {
          MemscopeSpan span;

          if (!parse_number (self, field, &span.first))
            return FALSE;
          span.last = span.first;
          node.kind = MEMSCOPE_NODE_NUMBER;
          node.n_spans = 1;
          node.spans = g_memdup2 (&span, sizeof span);
          return add_term (self, &node, FALSE, index);
        }
      return parse_comparison (self, field, index);
    }

  if (self->token.kind == MEMSCOPE_TOKEN_STRING || self->token.kind == MEMSCOPE_TOKEN_NUMBER ||
      (self->token.kind == MEMSCOPE_TOKEN_WORD && !is_keyword (self)))
    {
      char *text;

      if (!count_value (self) || !parse_text (self, MEMSCOPE_FIELD_WORDS, &text))
        return FALSE;
      node.kind = MEMSCOPE_NODE_LIKE;
      node.field = MEMSCOPE_FIELD_WORDS;
      node.texts = g_new0 (char *, 2);
      node.texts[0] = text;
      return add_term (self, &node, FALSE, index);
    }

  return fail (self, MEMSCOPE_EXPECT_TERM, -1);
}

/* ---- not, and, or ------------------------------------------------------------------------------ */

static gboolean
parse_not (Parser *self,
           guint  *index)
{
  gboolean good;

  if (!at_not (self) && self->token.kind != MEMSCOPE_TOKEN_OPEN)
    return parse_term (self, index);

  if (self->depth == MEMSCOPE_EXPRESSION_DEPTH)
    return fail_at (self, self->token.offset, self->token.length, g_strdup (_("This is nested too deeply.")));

  self->depth++;
  if (at_not (self))
    {
      take (self);
      good = parse_not (self, index);
      if (good)
        *index = add_node (self, &(MemscopeNode) { .kind = MEMSCOPE_NODE_NOT, .left = *index });
    }
  else
    {
      take (self);
      good = parse_any (self, index);
      if (good && self->token.kind != MEMSCOPE_TOKEN_CLOSE)
        good = fail (self, MEMSCOPE_EXPECT_CONNECTOR | MEMSCOPE_EXPECT_CLOSE, -1);
      if (good)
        take (self);
    }
  self->depth--;

  return good;
}

static gboolean
parse_all (Parser *self,
           guint  *index)
{
  if (!parse_not (self, index))
    return FALSE;

  while (at_connector (self, "and"))
    {
      MemscopeNode node = { .kind = MEMSCOPE_NODE_AND, .left = *index };

      take (self);
      if (!parse_not (self, &node.right))
        return FALSE;
      *index = add_node (self, &node);
    }

  return TRUE;
}

static gboolean
parse_any (Parser *self,
           guint  *index)
{
  if (!parse_all (self, index))
    return FALSE;

  while (at_connector (self, "or"))
    {
      MemscopeNode node = { .kind = MEMSCOPE_NODE_OR, .left = *index };

      take (self);
      if (!parse_all (self, &node.right))
        return FALSE;
      *index = add_node (self, &node);
    }

  return TRUE;
}

/* ---- the expression ------------------------------------------------------------------------------ */

MemscopeExpression *
memscope_expression_parse (const char              *text,
                           MemscopeExpressionFault *fault)
{
  MemscopeExpressionFault unasked = { 0 };
  Parser parser = { .text = text, .length = strlen (text) };
  MemscopeExpression *self;
  guint index;
  gboolean good;

  g_return_val_if_fail (text != NULL, NULL);

  parser.fault = fault != NULL ? fault : &unasked;
  *parser.fault = (MemscopeExpressionFault) { .field = -1 };
  parser.nodes = g_array_new (FALSE, FALSE, sizeof (MemscopeNode));
  g_array_set_clear_func (parser.nodes, clear_node);

  peek (&parser, FALSE);
  if (parser.length > MEMSCOPE_EXPRESSION_LENGTH)
    good = fail_at (&parser, 0, parser.length, g_strdup (_("This is too long.")));
  else
    good = parse_any (&parser, &index) &&
           (parser.token.kind == MEMSCOPE_TOKEN_END || fail (&parser, MEMSCOPE_EXPECT_CONNECTOR | MEMSCOPE_EXPECT_END, -1));

  memscope_expression_fault_clear (&unasked);
  if (!good)
    {
      g_array_unref (parser.nodes);
      return NULL;
    }

  self = g_new0 (MemscopeExpression, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->text = g_strdup (text);
  self->nodes = parser.nodes;

  return self;
}

MemscopeExpression *
memscope_expression_ref (MemscopeExpression *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
memscope_expression_unref (MemscopeExpression *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_array_unref (self->nodes);
  g_free (self->text);
  g_free (self);
}

const char *
memscope_expression_get_text (const MemscopeExpression *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->text;
}

const MemscopeNode *
memscope_expression_get_nodes (const MemscopeExpression *self,
                               guint                    *n_nodes)
{
  *n_nodes = self->nodes->len;

  return (const MemscopeNode *)(void *)self->nodes->data;
}

void
memscope_expression_fault_clear (MemscopeExpressionFault *fault)
{
  g_clear_pointer (&fault->message, g_free);
}

/* ---- is it one? ------------------------------------------------------------------------------------ */

static gboolean
begins_term (const char          *text,
             const MemscopeToken *token)
{
  return token->kind == MEMSCOPE_TOKEN_AND || token->kind == MEMSCOPE_TOKEN_OR || token->kind == MEMSCOPE_TOKEN_NOT ||
         token->kind == MEMSCOPE_TOKEN_OPEN || is_word (text, token, "and") || is_word (text, token, "or") ||
         is_word (text, token, "not");
}

static gboolean
ends_term (const char          *text,
           const MemscopeToken *token)
{
  return token->kind == MEMSCOPE_TOKEN_END || token->kind == MEMSCOPE_TOKEN_CLOSE || token->kind == MEMSCOPE_TOKEN_AND ||
         token->kind == MEMSCOPE_TOKEN_OR || is_word (text, token, "and") || is_word (text, token, "or");
}

gboolean
memscope_expression_is_meant (const char *text)
{
  gsize length;
  MemscopeToken token;
  gboolean term = TRUE;

  g_return_val_if_fail (text != NULL, FALSE);

  length = MIN (strlen (text), MEMSCOPE_EXPRESSION_LENGTH);
  for (gsize at = 0;; at = token.offset + token.length)
    {
      MemscopeField field;
      MemscopeToken last, next;

      memscope_lexer_next (text, length, at, FALSE, &token);
      if (token.kind == MEMSCOPE_TOKEN_END)
        return FALSE;
      if (term && (token.kind == MEMSCOPE_TOKEN_STRING || token.kind == MEMSCOPE_TOKEN_UNENDED))
        return TRUE;

      if (term && token.kind == MEMSCOPE_TOKEN_WORD && find_field (text, length, &token, &field, &last) > 0)
        {
          memscope_lexer_next (text, length, last.offset + last.length, FALSE, &next);
          if (memscope_fields[field].prefix ? next.kind == MEMSCOPE_TOKEN_NUMBER
              : memscope_fields[field].type == MEMSCOPE_VALUE_NONE ? ends_term (text, &next)
                : has_operator (field, next.kind) || is_word (text, &next, "in"))
            return TRUE;
        }
      term = begins_term (text, &token);
    }
}

char *
memscope_expression_quote (const char *words)
{
  GString *quoted = g_string_new ("\"");

  for (const char *at = words; *at != '\0'; at++)
    {
      if (*at == '"' || *at == '\\')
        g_string_append_c (quoted, '\\');
      g_string_append_c (quoted, *at);
    }
  g_string_append_c (quoted, '"');

  return g_string_free (quoted, FALSE);
}
