/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "memscope-json-frames.h"
#include "memscope-json-writer.h"

G_BEGIN_DECLS

/* What the program itself reported: the members `marks` and `annotations`, one report
 * a line, those of a time range.
 */
typedef struct
{
  MemscopeSession    *session;
  MemscopeJsonFrames *frames;
  guint64             begin;          /* ns since the origin */
  guint64             end;
  gboolean            redact_paths;

  /* After each report, to write what has gathered; FALSE with @error ends it. NULL: never. */
  gboolean          (*written) (gpointer data, GError **error);
  gpointer            data;
} MemscopeJsonReports;

gboolean memscope_json_reports_write (const MemscopeJsonReports  *self,
                                      MemscopeJsonWriter         *writer,
                                      GError                    **error);

G_END_DECLS
