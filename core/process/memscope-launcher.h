/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "memscope-target.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_LAUNCHER (memscope_launcher_get_type ())

G_DECLARE_FINAL_TYPE (MemscopeLauncher, memscope_launcher, MEMSCOPE, LAUNCHER, GObject)

/* Runs a program under the recorder: a collector in a session of its own, and
 * the program as a child of the caller, with the caller's terminal, standard
 * streams and signal mask.
 *
 *   launcher = memscope_launcher_new (argv);
 *   memscope_launcher_set_output (launcher, "run.memscope");
 *   if (memscope_launcher_start (launcher, &error))
 *     memscope_launcher_wait (launcher, NULL, &error);
 *
 * Set things before start. Not thread-safe, but wait may be called from another
 * thread than start (wait_async does that), and stop from any.
 */
MemscopeLauncher   *memscope_launcher_new             (const char * const    *argv);

/* Where the program's file goes; its children's go beside it (FILE.PID.memscope).
 * Default: PROGRAM.memscope in the working directory. An existing file is replaced.
 */
void                memscope_launcher_set_output      (MemscopeLauncher      *self,
                                                       const char            *path);
void                memscope_launcher_set_directory   (MemscopeLauncher      *self,
                                                       const char            *working_directory);
void                memscope_launcher_set_environment (MemscopeLauncher      *self,
                                                       const char * const    *environment);

/* Ends the recording, not the program, at this size per file or after this time; 0: no limit. */
void                memscope_launcher_set_max_size    (MemscopeLauncher      *self,
                                                       guint64                bytes);
void                memscope_launcher_set_max_time    (MemscopeLauncher      *self,
                                                       guint64                msec);

/* Frames per stack at most; 0: the recorder's default. */
void                memscope_launcher_set_stack_depth (MemscopeLauncher      *self,
                                                       guint                  frames);

/* Lose events rather than let the program wait for a full ring. */
void                memscope_launcher_set_lossy       (MemscopeLauncher      *self,
                                                       gboolean               lossy);

/* Whole stacks for frees too. */
void                memscope_launcher_set_free_stacks (MemscopeLauncher      *self,
                                                       gboolean               free_stacks);

/* Record samples, one in so many bytes on average, with far less cost; 0: every allocation. */
void                memscope_launcher_set_sampling    (MemscopeLauncher      *self,
                                                       guint64                interval);

/* A command in a terminal: Ctrl-C and Ctrl-\ are the program's while it runs (as
 * a shell does it); afterwards Ctrl-C ends the wait for processes it left behind.
 */
void                memscope_launcher_set_foreground  (MemscopeLauncher      *self,
                                                       gboolean               foreground);

/* Checks the program and starts it. Errors: MEMSCOPE_TARGET_ERROR, G_IO_ERROR. */
gboolean            memscope_launcher_start           (MemscopeLauncher      *self,
                                                       GError               **error);

/* Blocks until the program and all it started have ended and the files are
 * complete. A cancelled wait leaves everything running.
 */
gboolean            memscope_launcher_wait            (MemscopeLauncher      *self,
                                                       GCancellable          *cancellable,
                                                       GError               **error);
void                memscope_launcher_wait_async      (MemscopeLauncher      *self,
                                                       GCancellable          *cancellable,
                                                       GAsyncReadyCallback    callback,
                                                       gpointer               user_data);
gboolean            memscope_launcher_wait_finish     (MemscopeLauncher      *self,
                                                       GAsyncResult          *result,
                                                       GError               **error);

/* Ends the recording now; the program runs on. */
void                memscope_launcher_stop            (MemscopeLauncher      *self);

/* The program's process id; 0 before start. */
GPid                memscope_launcher_get_pid         (MemscopeLauncher      *self);

/* Where the root's file is (or will be). */
const char         *memscope_launcher_get_output      (MemscopeLauncher      *self);

/* After start: where the collector listens, also for those who want to watch (core/live). */
const char         *memscope_launcher_get_socket      (MemscopeLauncher      *self);

/* After wait: as waitpid() says; and as a shell would: the exit status, or 128 + the signal. */
int                 memscope_launcher_get_wait_status (MemscopeLauncher      *self);
int                 memscope_launcher_get_exit_code   (MemscopeLauncher      *self);

/* After wait: every file that was written, the root's first; NULL-terminated, owned by @self. */
const char * const *memscope_launcher_get_files       (MemscopeLauncher      *self);

/* After wait: sentences for the user; NULL-terminated, owned by @self. */
const char * const *memscope_launcher_get_warnings    (MemscopeLauncher      *self);

G_END_DECLS
