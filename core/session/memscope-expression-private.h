/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* What an expression says, for those who ask it of blocks. */

#include "memscope-expression.h"
#include "memscope-expression-fields.h"

G_BEGIN_DECLS

typedef enum
{
  MEMSCOPE_NODE_AND,
  MEMSCOPE_NODE_OR,
  MEMSCOPE_NODE_NOT,
  MEMSCOPE_NODE_NUMBER,      /* the field is a number in one of the spans; ALIVE_AT, CONTAINS: first of the only span */
  MEMSCOPE_NODE_NAME,        /* the field's name is in the mask */
  MEMSCOPE_NODE_FLAG,
  MEMSCOPE_NODE_EQUAL,       /* one of the texts */
  MEMSCOPE_NODE_LIKE,        /* holds the only text, whatever the case */
  MEMSCOPE_NODE_PATTERN,
} MemscopeNodeKind;

/* Both inclusive; empty when first > last. */
typedef struct
{
  guint64 first;
  guint64 last;
} MemscopeSpan;

typedef struct
{
  MemscopeNodeKind  kind;
  MemscopeField     field;
  guint             left;      /* index of a node that comes before; NOT: only this */
  guint             right;
  guint             n_spans;
  MemscopeSpan     *spans;
  guint             names;     /* bits */
  char            **texts;     /* as displayed; NULL-terminated */
  GRegex           *regex;
} MemscopeNode;

/* Limits of what is accepted. */
#define MEMSCOPE_EXPRESSION_LENGTH 65536u
#define MEMSCOPE_EXPRESSION_DEPTH  64u
#define MEMSCOPE_EXPRESSION_TERMS  200u
#define MEMSCOPE_EXPRESSION_VALUES 1000u     /* of all lists */
#define MEMSCOPE_PATTERN_LENGTH    1000u

/* Children come before their parents: the last node is the whole. */
const MemscopeNode *memscope_expression_get_nodes (const MemscopeExpression *self,
                                                   guint                    *n_nodes);

G_END_DECLS
