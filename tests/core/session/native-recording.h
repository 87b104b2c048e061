/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

#include "memscope-format.h"

/* A native recording as a test puts it together: append entries to `payload`,
 * then end the chunk.
 */
typedef struct
{
  MemscopeBuffer file;
  MemscopeBuffer payload;
  MemscopeBuffer footer;
  GArray        *chunks;          /* gsize: offset of each */
  guint64        n_events;
  guint64        n_births;
  gboolean       compress;
} NativeRecording;

void    native_recording_init         (NativeRecording     *self);
void    native_recording_clear        (NativeRecording     *self);
void    native_recording_end_chunk    (NativeRecording     *self,
                                       MemscopeChunkKind    kind);
void    native_recording_add_strings  (NativeRecording     *self,
                                       guint64              first_id,
                                       const char *const   *strings);
void    native_recording_add_events   (NativeRecording     *self,
                                       const MemscopeEvent *events,
                                       gsize                n_events);
void    native_recording_add_end      (NativeRecording     *self,
                                       MemscopeEndReason    reason);
void    native_recording_close        (NativeRecording     *self);   /* footer and trailer */
gsize   native_recording_get_chunk    (NativeRecording     *self,
                                       guint                index);
GBytes *native_recording_dup_bytes    (NativeRecording     *self,
                                       gsize                length);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NativeRecording, native_recording_clear)

/* A small program's whole recording with every kind of chunk. Chunks, in order:
 * 0 FACTS, 1 STRINGS, 2 MODULES, 3 FRAMES, 4 STACKS, 5 THREADS, 6 EVENTS (4
 * events, 3 births), 7 SAMPLES, 8 MAPPINGS, 9 GAPS, 10 MARKS, 11 CLOCK,
 * 12 ANNOTATIONS, 13 EVENTS (3 events, 1 birth), 14 CHECKPOINT, 15 SYMBOLS, 16 END.
 */
void    native_recording_fill         (NativeRecording     *self);

#define NATIVE_RECORDING_FIRST_EVENTS  6u
#define NATIVE_RECORDING_SECOND_EVENTS 13u
#define NATIVE_RECORDING_N_CHUNKS      17u
