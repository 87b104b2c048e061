/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* The recording that a program keeps of itself, without a collector's process: the
 * arena is its own, the file one without a name. Nothing runs beside the program: what
 * waits in the rings is written by the thread whose ring is full, and by who wants to
 * know. What a kill leaves in the rings is lost.
 *
 * One per process. The child of a fork starts without.
 */

#include <stdbool.h>
#include <stdint.h>

#include "recording.h"

typedef struct
{
  uint64_t births;
  uint64_t deaths;
  uint64_t born_bytes;
  uint64_t live_bytes;
  uint64_t peak_bytes;
  uint64_t failed;
  uint64_t lost;
} OwnFigures;

/* What who watches the recording has to know. Constant while it lasts. */
typedef struct
{
  Recording   *recording;
  ArenaHeader *arena;
  int          fd;            /* of the file, for reading; the recording's own */
  uint8_t      uuid[16];
  uint8_t      tree_uuid[16];
  uint64_t     started;       /* ns since 1970 */
} OwnRecording;

/* Begins to record, unless that is so already. Returns a MemscopeTrackerResult. */
int                 own_recording_begin  (void);

/* NULL: there is none in this process. */
const OwnRecording *own_recording_get    (void);

/* Everything that happened before the call is in the file when this returns. Returns a
 * MemscopeTrackerResult.
 */
int                 own_recording_sync   (OwnFigures *figures);

/* Writes all up to now to @path, as a closed recording. */
int                 own_recording_export (const char *path);

/* Takes what is due from the rings, and samples that are due. For the thread that
 * listens; the file's size afterwards.
 */
uint64_t            own_recording_drain  (void);

/* The same lock: nobody drains between these. false: this thread holds it. */
bool                own_recording_lock   (void);
void                own_recording_unlock (void);

/* The program ends, or somebody wants no more of it: END and index are in the file, whose
 * size is returned.
 */
uint64_t            own_recording_end    (MemscopeEndReason reason);
