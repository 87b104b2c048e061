/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "memscope-card-set.h"

G_BEGIN_DECLS

/* The columns of the table of variables: what is in them, and where they stand. */
typedef enum
{
  MEMSCOPE_COLUMN_NAME,
  MEMSCOPE_COLUMN_SOURCE,
  MEMSCOPE_COLUMN_TYPE,
  MEMSCOPE_COLUMN_STAGE,
  MEMSCOPE_COLUMN_THREAD,
  MEMSCOPE_COLUMN_LIVE,
  MEMSCOPE_COLUMN_PEAK,
  MEMSCOPE_COLUMN_ALLOCATED,
  MEMSCOPE_COLUMN_COUNT,
  MEMSCOPE_N_COLUMNS
} MemscopeColumn;

typedef struct
{
  int x;
  int width;    /* 0: there is no room for it */
} MemscopeColumnPlace;

/* @width: of the line. Where it is short, the least important columns go first. */
void        memscope_columns_place     (int                   width,
                                        MemscopeColumnPlace   places[MEMSCOPE_N_COLUMNS]);

const char *memscope_column_get_title  (MemscopeColumn        column);      /* translated */
gboolean    memscope_column_is_number  (MemscopeColumn        column);
gboolean    memscope_column_is_code    (MemscopeColumn        column);
/* FALSE: lines cannot be sorted by it. */
gboolean    memscope_column_get_sort   (MemscopeColumn        column,
                                        MemscopeCardSort     *sort);
char       *memscope_column_dup_text   (MemscopeColumn        column,
                                        MemscopeSession      *session,
                                        const MemscopeGroup  *group);

G_END_DECLS
