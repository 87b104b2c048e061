/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-expression-fields.h"

#include <glib/gi18n-lib.h>

static const char *const kinds[] = { "heap", "region", "pool", "api", "file", NULL };
static const char *const functions[] = { "unknown", "malloc", "calloc", "realloc", "aligned", "mmap", NULL };
static const char *const stages[] = { "allocated", "active", "shared", "freed", NULL };

const MemscopeFieldInfo memscope_fields[MEMSCOPE_N_FIELDS] = {
  [MEMSCOPE_FIELD_SIZE] = { "size", NULL, MEMSCOPE_VALUE_SIZE, .meaning = N_("bytes requested") },
  [MEMSCOPE_FIELD_USABLE] = { "usable", NULL, MEMSCOPE_VALUE_SIZE, .meaning = N_("bytes the allocator gave") },
  [MEMSCOPE_FIELD_LIFETIME] = { "lifetime", NULL, MEMSCOPE_VALUE_DURATION, .meaning = N_("time from birth to death") },
  [MEMSCOPE_FIELD_AGE] = { "age", NULL, MEMSCOPE_VALUE_DURATION, .meaning = N_("time from birth to the instant, of what is live then") },
  [MEMSCOPE_FIELD_BORN] = { "born", NULL, MEMSCOPE_VALUE_TIME, .meaning = N_("time of the allocation") },
  [MEMSCOPE_FIELD_DIED] = { "died", NULL, MEMSCOPE_VALUE_TIME, .meaning = N_("time of the free") },
  [MEMSCOPE_FIELD_ALIVE_AT] = { "alive at", NULL, MEMSCOPE_VALUE_TIME, .prefix = TRUE, .meaning = N_("live at a time") },
  [MEMSCOPE_FIELD_ADDRESS] = { "address", NULL, MEMSCOPE_VALUE_ADDRESS, .meaning = N_("address of the first byte") },
  [MEMSCOPE_FIELD_CONTAINS] = { "contains", NULL, MEMSCOPE_VALUE_ADDRESS, .prefix = TRUE, .meaning = N_("an address lies within the block") },
  [MEMSCOPE_FIELD_THREAD] = { "thread", NULL, MEMSCOPE_VALUE_TEXT, .meaning = N_("thread that allocated") },
  [MEMSCOPE_FIELD_FREED_BY] = { "freed by", NULL, MEMSCOPE_VALUE_TEXT, .meaning = N_("thread that freed") },
  [MEMSCOPE_FIELD_MODULE] = { "module", NULL, MEMSCOPE_VALUE_TEXT, .meaning = N_("program or library of the call site") },
  [MEMSCOPE_FIELD_SITE] = { "site", NULL, MEMSCOPE_VALUE_TEXT, .meaning = N_("function or file of the call site") },
  [MEMSCOPE_FIELD_STACK] = { "stack", NULL, MEMSCOPE_VALUE_TEXT, .meaning = N_("function, file or module of any frame") },
  [MEMSCOPE_FIELD_VARIABLE] = { "var", "variable", MEMSCOPE_VALUE_TEXT, .meaning = N_("name of the variable") },
  [MEMSCOPE_FIELD_TYPE] = { "type", NULL, MEMSCOPE_VALUE_TEXT, .meaning = N_("type of the variable") },
  [MEMSCOPE_FIELD_SCOPE] = { "scope", NULL, MEMSCOPE_VALUE_TEXT, .meaning = N_("function that declares the variable") },
  [MEMSCOPE_FIELD_KIND] = { "kind", "origin", MEMSCOPE_VALUE_NAME, .names = kinds, .meaning = N_("heap, region, pool, api or file") },
  [MEMSCOPE_FIELD_FUNCTION] = { "function", NULL, MEMSCOPE_VALUE_NAME, .names = functions, .meaning = N_("allocator function") },
  [MEMSCOPE_FIELD_STAGE] = { "stage", NULL, MEMSCOPE_VALUE_NAME, .names = stages, .meaning = N_("stage of life at the instant") },
  [MEMSCOPE_FIELD_ALIVE] = { "alive", "live", MEMSCOPE_VALUE_NONE, .meaning = N_("live at the instant") },
  [MEMSCOPE_FIELD_LEAKED] = { "leaked", NULL, MEMSCOPE_VALUE_NONE, .meaning = N_("never freed in a complete recording") },
  [MEMSCOPE_FIELD_TEMPORARY] = { "temporary", NULL, MEMSCOPE_VALUE_NONE, .meaning = N_("freed before the next allocation of its thread") },
  [MEMSCOPE_FIELD_WORDS] = { "", NULL, MEMSCOPE_VALUE_TEXT, .prefix = TRUE, .meaning = N_("words in variable, type, thread or call site") },
};
