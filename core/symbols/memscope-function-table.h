/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <elfutils/libdwfl.h>
#include <glib.h>

G_BEGIN_DECLS

/**
 * MemscopeFunctionTable:
 *
 * The functions of an ELF file's symbol tables (.symtab, else .dynsym), to be
 * found by address. libdwfl's own search looks at every symbol every time.
 */
typedef struct _MemscopeFunctionTable MemscopeFunctionTable;

MemscopeFunctionTable *memscope_function_table_new  (Dwfl_Module                 *module);
void                   memscope_function_table_free (MemscopeFunctionTable       *self);

/* The linkage name of the function around @address, or NULL. Lives as long as the module. */
const char            *memscope_function_table_find (const MemscopeFunctionTable *self,
                                                     guint64                      address);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeFunctionTable, memscope_function_table_free)

G_END_DECLS
