/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_EXPRESSION (memscope_expression_get_type ())

/**
 * MemscopeExpression:
 *
 * A filter as a person writes it, understood: `size > 64K and alive at 12s and
 * stack ~ "parse_" and var == "buf"`. What can be said is in the table of
 * memscope-expression-fields.c; the grammar:
 *
 *     any     = all { ("or" | "||") all }
 *     all     = not { ("and" | "&&") not }
 *     not     = ("not" | "!") not | "(" any ")" | term
 *     term    = FIELD OPERATOR value
 *             | FIELD "in" value ".." value          from the first, below the second
 *             | FIELD "in" "(" value { "," value } ")"
 *             | ("alive at" | "contains") value | FLAG
 *             | WORDS                                 in names, as a search for them
 *
 * Words are quoted where they hold more than letters, digits and `_ - . : / * $ @ # [ ] + % ?`;
 * within quotes `\" \\ \n \r \t \0 \xHH \u{H…}`. After `~` and `!~` words are looked
 * for whatever the case, `/…/` is a regular expression. What is not recorded of a
 * block matches nothing; `!=` and `!~` are the opposites of `=` and `~`.
 *
 * Knows no session: syntax only. Immutable, for any thread.
 */
typedef struct _MemscopeExpression MemscopeExpression;

/* What may come at a place. */
typedef enum
{
  MEMSCOPE_EXPECT_TERM      = 1 << 0,   /* a field, a flag, words, "not", "(" */
  MEMSCOPE_EXPECT_OPERATOR  = 1 << 1,
  MEMSCOPE_EXPECT_VALUE     = 1 << 2,
  MEMSCOPE_EXPECT_CONNECTOR = 1 << 3,   /* "and", "or" */
  MEMSCOPE_EXPECT_CLOSE     = 1 << 4,   /* ")" */
  MEMSCOPE_EXPECT_END       = 1 << 5,
  MEMSCOPE_EXPECT_DOTS      = 1 << 6,   /* ".." */
  MEMSCOPE_EXPECT_COMMA     = 1 << 7,
  MEMSCOPE_EXPECT_LIST      = 1 << 8,   /* "(" of a list */
} MemscopeExpected;

/**
 * MemscopeExpressionFault:
 * @offset: in bytes, where it is wrong; the length of the text: something is missing
 * @length: in bytes, of what is wrong; 0 at the end
 * @column: the same place in characters, from 1
 * @expected: #MemscopeExpected bits; 0: not a question of what comes next
 * @field: of memscope-expression-fields.h, of the operator or value that is expected; -1 none
 * @message: one sentence for people, translated, without the place
 */
typedef struct
{
  gsize  offset;
  gsize  length;
  guint  column;
  guint  expected;
  int    field;
  char  *message;
} MemscopeExpressionFault;

GType               memscope_expression_get_type    (void);
/* NULL: @fault is filled, free its content with memscope_expression_fault_clear(). */
MemscopeExpression *memscope_expression_parse       (const char               *text,
                                                     MemscopeExpressionFault  *fault);
MemscopeExpression *memscope_expression_ref         (MemscopeExpression       *self);
void                memscope_expression_unref       (MemscopeExpression       *self);
const char         *memscope_expression_get_text    (const MemscopeExpression *self);
void                memscope_expression_fault_clear (MemscopeExpressionFault  *fault);

/* Whether a person who typed @text where words are searched for means an expression:
 * some field has an operator behind it, a flag stands by itself, words are quoted.
 * It may still have faults.
 */
gboolean            memscope_expression_is_meant    (const char               *text);
/* @words as a term: in quotes. Transfer full. */
char               *memscope_expression_quote       (const char               *words);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeExpression, memscope_expression_unref)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MemscopeExpressionFault, memscope_expression_fault_clear)

G_END_DECLS
