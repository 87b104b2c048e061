/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * MemscopeRedaction:
 * @MEMSCOPE_REDACT_PATHS: files, modules and programs by their last name only, no working directory
 * @MEMSCOPE_REDACT_ARGUMENTS: the command line without its arguments
 * @MEMSCOPE_REDACT_ENVIRONMENT: no names of environment variables, no kernel, no host name
 *
 * What an export leaves out on purpose. The export says that it was left out.
 */
typedef enum
{
  MEMSCOPE_REDACT_NOTHING     = 0,
  MEMSCOPE_REDACT_PATHS       = 1 << 0,
  MEMSCOPE_REDACT_ARGUMENTS   = 1 << 1,
  MEMSCOPE_REDACT_ENVIRONMENT = 1 << 2,
} MemscopeRedaction;

#define MEMSCOPE_REDACT_ALL (MEMSCOPE_REDACT_PATHS | MEMSCOPE_REDACT_ARGUMENTS | MEMSCOPE_REDACT_ENVIRONMENT)

/* "paths,arguments,environment", "all", "none"; FALSE, *@unknown (transfer full): a word that is none of these. */
gboolean    memscope_redaction_parse     (const char  *words,
                                          guint       *redact,
                                          char       **unknown);

/* The part of a path behind its last slash; *@length becomes its length. */
const char *memscope_redact_base_name    (const char  *path,
                                          gsize       *length);

/**
 * memscope_redact_paths:
 * @text: any bytes; JSON text too, for nothing that has a meaning in it is touched
 * @from: where in @text to begin
 *
 * Takes the folders out of everything in @text that looks like a path: of each run
 * of characters with a slash between them only what follows the last slash stays.
 * So "main (/home/me/src/main.rs:12)" reads "main (main.rs:12)". It rather takes
 * too much ("and/or" reads "or") than too little.
 */
void        memscope_redact_paths        (GString     *text,
                                          gsize        from);

G_END_DECLS
