/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "memscope-inspection.h"
#include "memscope-timeline-chart.h"

G_BEGIN_DECLS

/* Building blocks of the inspector's pages. All text is plain: nothing from a
 * recording is ever read as markup.
 */

GtkWidget  *memscope_part_label     (const char       *text,
                                     const char       *classes);    /* separated by spaces */
GtkWidget  *memscope_part_wrapped   (const char       *text,
                                     const char       *classes);
/* A card with a heading; what is added goes below it. */
GtkWidget  *memscope_part_card      (GtkBox           *page,
                                     const char       *heading,
                                     const char       *aside);      /* NULL: none */
void        memscope_part_clear     (GtkBox           *page);

/* Key and value, one below the other; @tooltip may be NULL. */
GtkWidget  *memscope_part_facts     (void);
void        memscope_part_add_fact  (GtkWidget        *facts,
                                     const char       *key,
                                     const char       *value,
                                     const char       *tooltip);

/* The frames of a stack, innermost first, inlined ones included. */
GtkWidget  *memscope_part_stack     (MemscopeSession  *session,
                                     MemscopeStackId   stack);
/* The same shorter, each with the language it is written in, and a line where the module
 * or the language changes.
 */
GtkWidget  *memscope_part_stack_sides (MemscopeSession *session,
                                       MemscopeStackId  stack);
/* The same as text, to copy. */
char       *memscope_part_stack_text (MemscopeSession *session,
                                      MemscopeStackId  stack);

/* Where a frame is: "parse_file", "parse.c:88"; each "not recorded" when unknown. */
void        memscope_part_frame     (MemscopeSession  *session,
                                     MemscopeFrameId   frame,
                                     char            **function,
                                     char            **place);
char       *memscope_part_module    (MemscopeSession  *session,
                                     MemscopeModuleId  module);
char       *memscope_part_site_text (MemscopeSession  *session,
                                     MemscopeStackId   stack);      /* "function · place" */

/* Everything a memscope-rs file stores about a block. NULL: nothing. */
GtkWidget  *memscope_part_record    (MemscopeSession  *session,
                                     guint64           row);

/* The pages. @page is emptied first; @index: which of the listed blocks. */
void        memscope_inspector_fill_overview  (GtkBox             *page,
                                               MemscopeInspection *inspection,
                                               guint64             index);
void        memscope_inspector_fill_lifecycle (GtkBox             *page,
                                               MemscopeInspection *inspection,
                                               guint64             index,
                                               MemscopeChain      *chain);
void        memscope_inspector_fill_passport  (GtkBox             *page,
                                               MemscopeInspection *inspection,
                                               guint64             index);
void        memscope_inspector_fill_advice    (GtkBox             *page,
                                               MemscopeInspection *inspection);

G_END_DECLS
