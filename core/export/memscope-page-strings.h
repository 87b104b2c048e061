/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-json-writer.h"
#include "memscope-session.h"

G_BEGIN_DECLS

/* The page's string table: what a person reads, each text once. Texts went
 * through memscope_display_text(), so they are valid UTF-8 on one line without
 * anything that acts on its surroundings. Index 0 is "not recorded".
 */
typedef struct
{
  MemscopeSession *session;
  gboolean         base_names;    /* paths: their last name only */
  gsize            room;          /* bytes that long texts may take in all */
  guint64          n_shortened;

  GHashTable      *by_text;
  GHashTable      *by_id;
  GHashTable      *by_path_id;
  GPtrArray       *texts;
} MemscopePageStrings;

void  memscope_page_strings_init     (MemscopePageStrings *self,
                                      MemscopeSession     *session,
                                      gboolean             base_names,
                                      gsize                room);
void  memscope_page_strings_clear    (MemscopePageStrings *self);
guint memscope_page_strings_add      (MemscopePageStrings *self,
                                      MemscopeStringId     id);
guint memscope_page_strings_add_path (MemscopePageStrings *self,
                                      MemscopeStringId     id);
void  memscope_page_strings_write    (MemscopePageStrings *self,
                                      MemscopeJsonWriter  *writer,
                                      const char          *key);

G_END_DECLS
