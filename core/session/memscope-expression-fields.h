/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a filter can ask of a block. */
typedef enum
{
  MEMSCOPE_FIELD_SIZE,        /* bytes requested */
  MEMSCOPE_FIELD_USABLE,      /* bytes the allocator gave */
  MEMSCOPE_FIELD_LIFETIME,    /* ns from birth to death; none while alive */
  MEMSCOPE_FIELD_AGE,         /* ns from birth to the instant, of what is alive then */
  MEMSCOPE_FIELD_BORN,        /* ns */
  MEMSCOPE_FIELD_DIED,        /* ns; none while alive */
  MEMSCOPE_FIELD_ALIVE_AT,    /* ns */
  MEMSCOPE_FIELD_ADDRESS,     /* of the first byte */
  MEMSCOPE_FIELD_CONTAINS,    /* an address */
  MEMSCOPE_FIELD_THREAD,      /* that allocated */
  MEMSCOPE_FIELD_FREED_BY,    /* thread */
  MEMSCOPE_FIELD_MODULE,      /* of the call site */
  MEMSCOPE_FIELD_SITE,        /* function or file of the call site */
  MEMSCOPE_FIELD_STACK,       /* function, file or module of any frame */
  MEMSCOPE_FIELD_VARIABLE,
  MEMSCOPE_FIELD_TYPE,
  MEMSCOPE_FIELD_SCOPE,       /* declaring function */
  MEMSCOPE_FIELD_KIND,        /* MemscopeOrigin */
  MEMSCOPE_FIELD_FUNCTION,    /* MemscopeFunction */
  MEMSCOPE_FIELD_STAGE,       /* MemscopeStage, at the instant */
  MEMSCOPE_FIELD_ALIVE,       /* at the instant */
  MEMSCOPE_FIELD_LEAKED,
  MEMSCOPE_FIELD_TEMPORARY,
  MEMSCOPE_FIELD_WORDS,       /* in variable, type, thread, call site: never written, words stand for it */
  MEMSCOPE_N_FIELDS
} MemscopeField;

typedef enum
{
  MEMSCOPE_VALUE_SIZE,
  MEMSCOPE_VALUE_DURATION,
  MEMSCOPE_VALUE_TIME,
  MEMSCOPE_VALUE_ADDRESS,
  MEMSCOPE_VALUE_TEXT,
  MEMSCOPE_VALUE_NAME,        /* one of `names` */
  MEMSCOPE_VALUE_NONE,        /* a flag */
} MemscopeValueType;

typedef struct
{
  const char        *word;      /* as it is written; "freed by", "alive at" are two words */
  const char        *alias;     /* likewise; NULL none */
  MemscopeValueType  type;
  gboolean           prefix;    /* the value follows at once, without an operator */
  const char *const *names;     /* by number */
  const char        *meaning;   /* for people, marked for translation */
} MemscopeFieldInfo;

extern const MemscopeFieldInfo memscope_fields[MEMSCOPE_N_FIELDS];

static inline gboolean
memscope_field_is_number (MemscopeField field)
{
  return memscope_fields[field].type <= MEMSCOPE_VALUE_ADDRESS;
}

G_END_DECLS
