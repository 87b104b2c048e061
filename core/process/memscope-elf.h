/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Two questions to a 64-bit ELF file; what is none, or can't be read, answers NULL and FALSE. */

/* The dynamic linker it names. Free with g_free(). */
char    *memscope_elf_find_interpreter (const char *path);

/* Does it define every one of @symbols (NULL-terminated) for others to find? */
gboolean memscope_elf_defines_all      (const char *path, const char * const *symbols);

G_END_DECLS
