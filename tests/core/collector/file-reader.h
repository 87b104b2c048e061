/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

#include "memscope-format.h"

/* A recording, decoded by the codec alone and checked on the way: chunks follow
 * each other, counts agree, ids were defined before they are used, deaths by
 * index name a live block, times never run backwards.
 */
typedef struct
{
  MemscopeFileHeader header;
  GArray   *events;        /* MemscopeEvent */
  GArray   *births;        /* guint: index into events, by birth */
  GArray   *ended;         /* gboolean, by birth */
  GArray   *threads;       /* MemscopeThreadEntry; index = id */
  GArray   *stacks;        /* MemscopeStackEntry; index = id */
  GArray   *frames;        /* MemscopeFrameEntry; index = id */
  GArray   *modules;       /* MemscopeModuleEntry without build id; index = id */
  GPtrArray *strings;      /* char *; index = id */
  GHashTable *facts;       /* char * -> char * (cut at the first NUL) */
  GArray   *gaps;          /* MemscopeGap */
  GArray   *marks;         /* MemscopeMark */
  GArray   *samples;       /* MemscopeSample */
  GArray   *annotations;   /* MemscopeAnnotation */
  GArray   *clock;         /* MemscopeClockPoint */
  guint     n_mappings;
  guint     n_checkpoints;
  MemscopeEnd end;
  gboolean  has_end;
  gboolean  has_footer;    /* and a trailer that leads to it */
  gboolean  cut;           /* the bytes end inside a chunk */
} RecordingFile;

/* Fails the test when the file contradicts itself. NULL: not even a header. */
RecordingFile *recording_file_read       (const char *path);
RecordingFile *recording_file_read_bytes (const guint8 *bytes, gsize length);
void           recording_file_free       (RecordingFile *file);

#define FILE_EVENT(file, i) g_array_index ((file)->events, MemscopeEvent, i)

/* The birth event a death by index ends. */
const MemscopeEvent *recording_file_birth_of (RecordingFile *file, const MemscopeEvent *death, guint death_births);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RecordingFile, recording_file_free)
