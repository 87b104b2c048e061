/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * memscope_settings_get:
 *
 * What is remembered between runs, by the keys of org.memscope.MemScope.gschema.xml.
 * Never fails: where the schema is not installed, one message says so, and the
 * settings last until the program ends.
 *
 * Main thread only.
 *
 * Returns: (transfer none): the settings of the process
 */
GSettings *memscope_settings_get                   (void);

/**
 * memscope_settings_new:
 * @source: (nullable): where schemas are looked for first
 * @directory: where MemScope's is installed
 *
 * The settings behind memscope_settings_get(), by themselves: for tests.
 *
 * Returns: (transfer full): settings that last only as long as the process when
 *   the schema is in neither place
 */
GSettings *memscope_settings_new                   (GSettingsSchemaSource *source,
                                                    const char            *directory);

/**
 * memscope_settings_dup_recordings_folder:
 *
 * Where new recordings go: the folder chosen in the preferences, else MemScope in
 * the user's documents. It need not exist yet.
 *
 * Returns: (transfer full): the folder
 */
GFile     *memscope_settings_dup_recordings_folder (void);

G_END_DECLS
