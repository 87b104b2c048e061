/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define MEMSCOPE_TARGET_ERROR (memscope_target_error_quark ())

/* Why a program can't be recorded, or not even started. */
typedef enum
{
  MEMSCOPE_TARGET_ERROR_NOT_FOUND,
  MEMSCOPE_TARGET_ERROR_NOT_EXECUTABLE,
  MEMSCOPE_TARGET_ERROR_UNSUPPORTED,     /* static, setuid, sanitizer-built, another architecture */
  MEMSCOPE_TARGET_ERROR_FAILED,
} MemscopeTargetError;

GQuark memscope_target_error_quark (void);

/* The file that execvp() would run for @program with this @search_path (NULL:
 * the system's default). Free with g_free().
 */
char    *memscope_target_find  (const char *program, const char *search_path, GError **error);

/* Can the recorder be loaded into the program at @path? Follows `#!`. The error
 * is one sentence that says why not.
 */
gboolean memscope_target_check (const char *path, GError **error);

G_END_DECLS
