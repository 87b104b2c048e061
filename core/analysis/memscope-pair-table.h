/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-interner.h"

G_BEGIN_DECLS

/* Pairs of ids, each by its number from 1, in the order they came. */
typedef struct
{
  MemscopeInterner interner;
  GArray          *pairs;        /* guint64 */
  guint64          last;         /* asked for, and its number: neighbours are often alike */
  guint32          last_number;
} MemscopePairTable;

void    memscope_pair_table_init   (MemscopePairTable *self);
void    memscope_pair_table_clear  (MemscopePairTable *self);
guint32 memscope_pair_table_intern (MemscopePairTable *self,
                                    guint32            first,
                                    guint32            second);
/* 0: it never came. */
guint32 memscope_pair_table_find   (MemscopePairTable *self,
                                    guint32            first,
                                    guint32            second);

G_END_DECLS
