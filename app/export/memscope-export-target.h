/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "memscope-export-options.h"

G_BEGIN_DECLS

/**
 * MemscopeExportTargetState:
 * @MEMSCOPE_EXPORT_TARGET_NEW: nothing of this name is there
 * @MEMSCOPE_EXPORT_TARGET_EXISTS: a file of this name is there and would be replaced
 * @MEMSCOPE_EXPORT_TARGET_NO_NAME: no name, or one that no file can have
 * @MEMSCOPE_EXPORT_TARGET_NO_FOLDER: there is no such folder
 * @MEMSCOPE_EXPORT_TARGET_IS_FOLDER: a folder has this name
 * @MEMSCOPE_EXPORT_TARGET_IS_RECORDING: it would overwrite what is being exported
 * @MEMSCOPE_EXPORT_TARGET_NOT_WRITABLE: not allowed to write there
 * @MEMSCOPE_EXPORT_TARGET_UNKNOWN: it could not be found out; `message` says why
 *
 * What somebody who writes to a place would meet there.
 */
typedef enum
{
  MEMSCOPE_EXPORT_TARGET_NEW,
  MEMSCOPE_EXPORT_TARGET_EXISTS,
  MEMSCOPE_EXPORT_TARGET_NO_NAME,
  MEMSCOPE_EXPORT_TARGET_NO_FOLDER,
  MEMSCOPE_EXPORT_TARGET_IS_FOLDER,
  MEMSCOPE_EXPORT_TARGET_IS_RECORDING,
  MEMSCOPE_EXPORT_TARGET_NOT_WRITABLE,
  MEMSCOPE_EXPORT_TARGET_UNKNOWN,
} MemscopeExportTargetState;

/**
 * MemscopeExportTarget:
 * @file: (nullable): where it would be written; %NULL without a name
 * @size: bytes of the file that is there
 * @modified: when that was changed, in µs of Unix time; 0: not known
 * @message: (nullable): of %MEMSCOPE_EXPORT_TARGET_UNKNOWN
 *
 * A place to export to, looked at.
 */
typedef struct
{
  MemscopeExportTargetState state;
  GFile                    *file;
  guint64                   size;
  gint64                    modified;
  char                     *message;
} MemscopeExportTarget;

void                  memscope_export_target_free         (MemscopeExportTarget  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeExportTarget, memscope_export_target_free)

/* How a folder is written for people: a path (~ for home), else a URI. */
char                 *memscope_export_target_show_folder  (GFile                 *folder);

/**
 * memscope_export_target_resolve:
 * @folder: as typed: a path (with ~, or from the home folder on) or a URI
 * @name: as typed: a name, or a path from @folder on; without a suffix of the
 *   format it gets one
 *
 * Returns: (transfer full) (nullable): the file that is meant; %NULL: none can be
 */
GFile                *memscope_export_target_resolve      (const char            *folder,
                                                           const char            *name,
                                                           MemscopeExportFormat   format);

/* The name of the recording with the suffix of the format. */
char                 *memscope_export_target_default_name (GFile                 *recording,
                                                           MemscopeExportFormat   format);

/* `name`, with the suffix of the format in place of another format's. */
char                 *memscope_export_target_change_suffix (const char            *name,
                                                            MemscopeExportFormat   format);

/* Bytes of `name` before its suffix: what somebody would type over. */
gsize                 memscope_export_target_stem_length  (const char            *name);

/**
 * memscope_export_target_check:
 * @recording: (nullable): what is exported
 *
 * Looks at the place. Blocks: call it in a thread.
 */
MemscopeExportTarget *memscope_export_target_check        (const char            *folder,
                                                           const char            *name,
                                                           MemscopeExportFormat   format,
                                                           GFile                 *recording,
                                                           GCancellable          *cancellable);

/**
 * memscope_export_target_propose:
 * @last_folder: (nullable): where the last export went
 * @folder: (out): a folder that can be written to: @last_folder, that of the
 *   recording, the documents, the home
 * @name: (out): a name that nothing there has yet
 *
 * Where an export goes unless somebody says otherwise. Blocks: call it in a thread.
 */
void                  memscope_export_target_propose      (GFile                 *recording,
                                                           GFile                 *last_folder,
                                                           MemscopeExportFormat   format,
                                                           GCancellable          *cancellable,
                                                           GFile                **folder,
                                                           char                 **name);

G_END_DECLS
