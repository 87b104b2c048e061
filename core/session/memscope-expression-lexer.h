/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  MEMSCOPE_TOKEN_END,
  MEMSCOPE_TOKEN_WORD,
  MEMSCOPE_TOKEN_NUMBER,     /* begins with a digit; units and all */
  MEMSCOPE_TOKEN_STRING,     /* quoted */
  MEMSCOPE_TOKEN_PATTERN,    /* between slashes; only where one is asked for */
  MEMSCOPE_TOKEN_EQUAL,
  MEMSCOPE_TOKEN_UNEQUAL,
  MEMSCOPE_TOKEN_LESS,
  MEMSCOPE_TOKEN_AT_MOST,
  MEMSCOPE_TOKEN_GREATER,
  MEMSCOPE_TOKEN_AT_LEAST,
  MEMSCOPE_TOKEN_LIKE,
  MEMSCOPE_TOKEN_UNLIKE,
  MEMSCOPE_TOKEN_OPEN,
  MEMSCOPE_TOKEN_CLOSE,
  MEMSCOPE_TOKEN_COMMA,
  MEMSCOPE_TOKEN_DOTS,
  MEMSCOPE_TOKEN_AND,        /* "&&" */
  MEMSCOPE_TOKEN_OR,         /* "||" */
  MEMSCOPE_TOKEN_NOT,        /* "!" */
  MEMSCOPE_TOKEN_BAD,        /* a character that is nothing */
  MEMSCOPE_TOKEN_UNENDED,    /* a string or pattern without its end */
  MEMSCOPE_TOKEN_BAD_ESCAPE, /* offset and length are those of the escape */
} MemscopeTokenKind;

typedef struct
{
  MemscopeTokenKind kind;
  gsize             offset;   /* bytes */
  gsize             length;
} MemscopeToken;

/* The token at or after @offset of @text, whose end is at @length. With @pattern a
 * slash begins a regular expression.
 */
void  memscope_lexer_next      (const char          *text,
                                gsize                length,
                                gsize                offset,
                                gboolean             pattern,
                                MemscopeToken       *token);
/* What a string stands for: escapes undone. It was found to be right. May hold NUL. */
char *memscope_lexer_dup_string (const char          *text,
                                 const MemscopeToken *token,
                                 gsize               *length);

G_END_DECLS
