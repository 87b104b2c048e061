/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "memscope-live-recording.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_RECORDING_LIST (memscope_recording_list_get_type ())

/**
 * MemscopeRecordingList:
 *
 * What is being recorded on this machine, asked for again and again while
 * somebody looks (`memscope_recording_list_watch`). Emits `changed` when it is
 * another list, or its figures are.
 */
G_DECLARE_FINAL_TYPE (MemscopeRecordingList, memscope_recording_list, MEMSCOPE, RECORDING_LIST, GObject)

MemscopeRecordingList *memscope_recording_list_new        (guint                  interval);   /* ms */
void                   memscope_recording_list_watch      (MemscopeRecordingList *self,
                                                           gboolean               watch);
guint                  memscope_recording_list_get_n      (MemscopeRecordingList *self);
MemscopeLiveRecording *memscope_recording_list_get        (MemscopeRecordingList *self,
                                                           guint                  i);   /* transfer none */
/* The first answer is here. */
gboolean               memscope_recording_list_is_known   (MemscopeRecordingList *self);
/* Why nothing can be known; NULL: it can. */
const char            *memscope_recording_list_get_error  (MemscopeRecordingList *self);

G_END_DECLS
