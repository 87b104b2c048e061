/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "memscope-format.h"

G_BEGIN_DECLS

typedef struct
{
  guint32  path_id;
  char    *path;          /* as recorded; NULL not known */
  GBytes  *build_id;      /* NULL: the module was never described */
} MemscopeStoredModule;

typedef struct
{
  MemscopeFrameEntry entry;
  guint32            id;
  gboolean           has_symbols;
} MemscopeStoredFrame;

/**
 * MemscopeSymbolStore:
 *
 * A native recording that symbols are added to. Opening reads what frames and
 * modules there are; nothing is written before the first memscope_symbol_store_add().
 * The first write takes off the old footer (and what was cut short behind the
 * last whole chunk); the file opens at every moment from then on, and has its
 * footer again after memscope_symbol_store_close().
 */
typedef struct _MemscopeSymbolStore MemscopeSymbolStore;

/* Errors: G_IO_ERROR (BUSY: it is being written); MEMSCOPE_ERROR when it is no
 * native recording.
 */
MemscopeSymbolStore  *memscope_symbol_store_open        (GFile                      *file,
                                                         GError                    **error);
void                  memscope_symbol_store_free        (MemscopeSymbolStore        *self);

/* By id - 1; frames with id 0 were never described. */
MemscopeStoredFrame  *memscope_symbol_store_get_frames  (MemscopeSymbolStore        *self,
                                                         guint                      *n_frames);
MemscopeStoredModule *memscope_symbol_store_get_modules (MemscopeSymbolStore        *self,
                                                         guint                      *n_modules);

/* The id of @text in the recording's strings; 0 for NULL. */
guint32               memscope_symbol_store_intern      (MemscopeSymbolStore        *self,
                                                         const char                 *text);
gboolean              memscope_symbol_store_add         (MemscopeSymbolStore        *self,
                                                         guint32                     frame,
                                                         const MemscopeSymbolEntry  *entries,
                                                         guint                       n_entries,
                                                         GError                    **error);
gboolean              memscope_symbol_store_close       (MemscopeSymbolStore        *self,
                                                         GError                    **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeSymbolStore, memscope_symbol_store_free)

G_END_DECLS
