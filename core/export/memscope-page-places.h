/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-page-strings.h"

G_BEGIN_DECLS

/* The parts of a session's dictionaries that a page refers to: variables,
 * frames, stacks, each under an index of its own from 1; 0 is "not recorded".
 */
typedef struct
{
  MemscopeSession     *session;
  MemscopePageStrings *strings;
  GHashTable          *by_variable;
  GHashTable          *by_frame;
  GHashTable          *by_stack;
  GArray              *variables;      /* MemscopeVariableId */
  GArray              *frames;         /* MemscopeFrameId */
  GArray              *stack_parents;  /* guint32, indices */
  GArray              *stack_frames;
  GArray              *stack_sites;    /* call site of the stack: a frame's index */
} MemscopePagePlaces;

void  memscope_page_places_init         (MemscopePagePlaces  *self,
                                         MemscopePageStrings *strings);
void  memscope_page_places_clear        (MemscopePagePlaces  *self);
guint memscope_page_places_add_variable (MemscopePagePlaces  *self,
                                         MemscopeVariableId   id);
guint memscope_page_places_add_frame    (MemscopePagePlaces  *self,
                                         MemscopeFrameId      id);
guint memscope_page_places_add_stack    (MemscopePagePlaces  *self,
                                         MemscopeStackId      id);

/* Members "variables", "frames", "symbols", "modules" of the page's head. */
void  memscope_page_places_write        (MemscopePagePlaces  *self,
                                         MemscopeJsonWriter  *writer);
/* The stacks as a tile with the columns "parent", "frame", "site". */
char *memscope_page_places_pack_stacks  (MemscopePagePlaces  *self);

/* One line: "key": [numbers]. */
void  memscope_page_begin_column        (MemscopeJsonWriter  *writer,
                                         const char          *key);
void  memscope_page_column_add          (MemscopeJsonWriter  *writer,
                                         guint64              value);
void  memscope_page_end_column          (MemscopeJsonWriter  *writer);

G_END_DECLS
