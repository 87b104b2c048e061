/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-json-writer.h"
#include "memscope-session.h"

G_BEGIN_DECLS

/* What the blocks of a map are called: variables and call sites, each under an index
 * of its own from 1 in the order they are asked for; 0 is "not recorded".
 */
typedef struct
{
  MemscopeSession *session;
  guint            n_variables;    /* elements of the tables */
  guint            n_frames;
  guint32         *variable_index; /* by MemscopeVariableId; 0: not asked for */
  guint32         *frame_index;    /* by MemscopeFrameId */
  GArray          *variables;      /* MemscopeVariableId, by index − 1 */
  GArray          *frames;         /* MemscopeFrameId */
} MemscopeMapNames;

void    memscope_map_names_init         (MemscopeMapNames   *self,
                                         MemscopeSession    *session);
void    memscope_map_names_clear        (MemscopeMapNames   *self);
guint32 memscope_map_names_add_variable (MemscopeMapNames   *self,
                                         MemscopeVariableId  id);
guint32 memscope_map_names_add_site     (MemscopeMapNames   *self,
                                         MemscopeFrameId     id);

/* Members "threads", "variables" and "sites". */
void    memscope_map_names_write        (MemscopeMapNames   *self,
                                         MemscopeJsonWriter *writer);

/* A text for people, of at most a few hundred characters. @text is taken over. */
void    memscope_map_names_write_text   (MemscopeJsonWriter *writer,
                                         const char         *key,
                                         char               *text);

G_END_DECLS
