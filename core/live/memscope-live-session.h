/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-live-recording.h"
#include "memscope-session.h"

G_BEGIN_DECLS

/**
 * MemscopeLiveState:
 * @MEMSCOPE_LIVE_WAITING: nothing has come yet
 * @MEMSCOPE_LIVE_RUNNING: the session grows
 * @MEMSCOPE_LIVE_ENDED: all of the recording is there
 * @MEMSCOPE_LIVE_LOST: the line broke; what came until then is there
 * @MEMSCOPE_LIVE_FAILED: nothing came at all, see memscope_live_session_get_error()
 */
typedef enum
{
  MEMSCOPE_LIVE_WAITING,
  MEMSCOPE_LIVE_RUNNING,
  MEMSCOPE_LIVE_ENDED,
  MEMSCOPE_LIVE_LOST,
  MEMSCOPE_LIVE_FAILED,
} MemscopeLiveState;

#define MEMSCOPE_TYPE_LIVE_SESSION (memscope_live_session_get_type ())

/**
 * MemscopeLiveSession:
 *
 * A recording that is being made, as a session that grows: the bytes of the file,
 * read by the reader of files, with functions and lines looked up meanwhile. A
 * thread of its own does the work; the session may be read by any thread at any
 * moment.
 *
 * Everything here is for the thread that made it, whose default main context
 * gets the signals: `changed` when there is more than before, or another state, at
 * most about ten times a second.
 */
G_DECLARE_FINAL_TYPE (MemscopeLiveSession, memscope_live_session, MEMSCOPE, LIVE_SESSION, GObject)

/* Connects at once. @uuid: which recording; NULL: the first that the collector has
 * or will have.
 */
MemscopeLiveSession   *memscope_live_session_new           (const char            *socket,
                                                            const char            *uuid);

/* Lets go of the recording, which goes on; what came stays. Dropping the object does
 * the same.
 */
void                   memscope_live_session_disconnect    (MemscopeLiveSession   *self);

MemscopeLiveState      memscope_live_session_get_state     (MemscopeLiveSession   *self);
/* Transfer none; there from the beginning, empty at first. */
MemscopeSession       *memscope_live_session_get_session   (MemscopeLiveSession   *self);
/* What is being recorded. NULL until the collector has said so. */
MemscopeLiveRecording *memscope_live_session_get_recording (MemscopeLiveSession   *self);
/* Bytes of the file that are in the session. */
guint64                memscope_live_session_get_position  (MemscopeLiveSession   *self);
/* ENDED: "exit", "signal", "exec", "stopped", "gone" …, or "none"; and its number. Else NULL. */
const char            *memscope_live_session_get_reason    (MemscopeLiveSession   *self,
                                                            guint                 *status);
/* FAILED, LOST: why. Else NULL. */
const GError          *memscope_live_session_get_error     (MemscopeLiveSession   *self);
/* TRUE until all frames that are known have been looked up. */
gboolean               memscope_live_session_is_looking_up (MemscopeLiveSession   *self);

/* A mark in the recording, now. */
void                   memscope_live_session_mark_async    (MemscopeLiveSession   *self,
                                                            const char            *text,
                                                            GCancellable          *cancellable,
                                                            GAsyncReadyCallback    callback,
                                                            gpointer               user_data);
/* Ends the recording of the program and of all that are recorded with it; they run on. */
void                   memscope_live_session_stop_async    (MemscopeLiveSession   *self,
                                                            GCancellable          *cancellable,
                                                            GAsyncReadyCallback    callback,
                                                            gpointer               user_data);
/* Copies the recording as far as it has come (all of it after its end) to @target,
 * which is replaced at once, or not at all.
 */
void                   memscope_live_session_save_async    (MemscopeLiveSession   *self,
                                                            GFile                 *target,
                                                            GCancellable          *cancellable,
                                                            GAsyncReadyCallback    callback,
                                                            gpointer               user_data);
/* Of any of these. */
gboolean               memscope_live_session_finish        (MemscopeLiveSession   *self,
                                                            GAsyncResult          *result,
                                                            GError               **error);

G_END_DECLS
