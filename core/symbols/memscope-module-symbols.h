/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "memscope-format.h"

G_BEGIN_DECLS

/* A function at an address. Strings belong to the module symbols object. */
typedef struct
{
  const char       *function;       /* demangled; never NULL */
  const char       *linkage_name;   /* NULL when equal to function */
  const char       *file;           /* NULL not known */
  guint32           line;           /* 0 not known */
  guint32           column;
  MemscopeLanguage  language;
} MemscopeResolved;

/**
 * MemscopeModuleSymbols:
 *
 * The debug information and symbol tables of one ELF file: DWARF from the file
 * itself or from separate debug files found by build-id or debug link, else the
 * symbol tables. Nothing is fetched from a network. One thread at a time.
 */
typedef struct _MemscopeModuleSymbols MemscopeModuleSymbols;

/* NULL with @error set: G_IO_ERROR when the file can't be read, MEMSCOPE_ERROR
 * when it is another build than the one recorded (an empty build-id matches all).
 */
MemscopeModuleSymbols *memscope_module_symbols_new     (const char             *path,
                                                        const guint8           *build_id,
                                                        gsize                   build_id_length,
                                                        GError                **error);
void                   memscope_module_symbols_free    (MemscopeModuleSymbols  *self);

/* What stands at @address (as the ELF file counts): appends MemscopeResolved
 * elements, the innermost inlined function first. FALSE: nothing is known.
 */
gboolean               memscope_module_symbols_resolve (MemscopeModuleSymbols  *self,
                                                        guint64                 address,
                                                        GArray                 *resolved);

/* Whether there was DWARF, or only symbol tables. */
gboolean               memscope_module_symbols_has_debug_info (MemscopeModuleSymbols *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeModuleSymbols, memscope_module_symbols_free)

G_END_DECLS
