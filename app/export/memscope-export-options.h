/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  MEMSCOPE_EXPORT_HTML,
  MEMSCOPE_EXPORT_JSON,
  MEMSCOPE_N_EXPORT_FORMATS
} MemscopeExportFormat;

/**
 * MemscopeExportOptions:
 * @selected: what the window's range and filters leave; else the whole recording
 * @redact: MemscopeRedaction
 * @language: "en", "zh_CN"; NULL: what the reader's browser prefers (static string)
 * @size_budget: of a page, in bytes
 *
 * What a person chose for an export.
 */
typedef struct
{
  MemscopeExportFormat format;
  gboolean             selected;
  gboolean             user_variables_only;
  guint                redact;
  const char          *language;
  guint64              size_budget;
} MemscopeExportOptions;

/* As they were the last time; the format is the caller's. */
void memscope_export_options_load (MemscopeExportOptions       *self,
                                   GSettings                   *settings);
void memscope_export_options_save (const MemscopeExportOptions *self,
                                   GSettings                   *settings);

G_END_DECLS
