/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "memscope-export-options.h"

#define MIB (1024 * 1024)

enum
{
  RANGE_SELECTION,
  RANGE_ALL,
};

void
memscope_export_options_load (MemscopeExportOptions *self,
                              GSettings             *settings)
{
  g_autofree char *language = g_settings_get_string (settings, "export-language");

  self->selected = g_settings_get_enum (settings, "export-range") == RANGE_SELECTION;
  self->user_variables_only = g_settings_get_boolean (settings, "export-user-variables-only");
  self->redact = g_settings_get_flags (settings, "export-redact");
  self->language = *language != '\0' ? g_intern_string (language) : NULL;
  self->size_budget = (guint64) g_settings_get_int (settings, "export-size-budget") * MIB;
}

void
memscope_export_options_save (const MemscopeExportOptions *self,
                              GSettings                   *settings)
{
  g_settings_set_enum (settings, "export-range", self->selected ? RANGE_SELECTION : RANGE_ALL);
  g_settings_set_boolean (settings, "export-user-variables-only", self->user_variables_only);
  g_settings_set_flags (settings, "export-redact", self->redact);
  g_settings_set_string (settings, "export-language", self->language != NULL ? self->language : "");
  g_settings_set_int (settings, "export-size-budget", (int) CLAMP (self->size_budget / MIB, 1, 2048));
}
