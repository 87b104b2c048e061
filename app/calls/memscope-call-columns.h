/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "memscope-call-rows.h"

G_BEGIN_DECLS

/* The columns of the table of calls: what is in them, and where they stand. */
typedef enum
{
  MEMSCOPE_CALL_COLUMN_NAME,
  MEMSCOPE_CALL_COLUMN_PLACE,
  MEMSCOPE_CALL_COLUMN_TOTAL,
  MEMSCOPE_CALL_COLUMN_PARENT,
  MEMSCOPE_CALL_COLUMN_SELF,
  MEMSCOPE_CALL_COLUMN_ALLOCATIONS,
  MEMSCOPE_CALL_COLUMN_LIVE,
  MEMSCOPE_CALL_COLUMN_TREND,
  MEMSCOPE_CALL_N_COLUMNS
} MemscopeCallColumn;

typedef struct
{
  int x;
  int width;    /* 0: there is no room for it, or another says the same */
} MemscopeCallColumnPlace;

/* @width: of @widget, a line or the head. Where it is short, the least important
 * columns go first.
 */
void        memscope_call_columns_place    (GtkWidget               *widget,
                                            const MemscopeCallTree  *tree,
                                            int                      width,
                                            MemscopeCallColumnPlace  places[MEMSCOPE_CALL_N_COLUMNS]);
/* A line has so little room that bars and wide indents are left out. */
gboolean    memscope_call_columns_is_tight (GtkWidget               *widget,
                                            int                      width);
/* How much larger than usual text is to be. */
double      memscope_call_columns_get_scale (GtkWidget              *widget);

const char *memscope_call_column_get_title (MemscopeCallColumn       column,
                                            const MemscopeCallTree  *tree);     /* translated */
/* FALSE: another column says the same of this tree. */
gboolean    memscope_call_column_is_needed (MemscopeCallColumn       column,
                                            const MemscopeCallTree  *tree);
gboolean    memscope_call_column_is_number (MemscopeCallColumn       column);
/* FALSE: rows cannot be sorted by it. */
gboolean    memscope_call_column_get_sort  (MemscopeCallColumn       column,
                                            MemscopeCallSort        *sort);
char       *memscope_call_column_dup_text  (MemscopeCallColumn       column,
                                            const MemscopeCallTree  *tree,
                                            guint32                  node);

G_END_DECLS
