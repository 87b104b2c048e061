/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_LIVE_RECORDING (memscope_live_recording_get_type ())

/**
 * MemscopeLiveRecording:
 * @socket: path of its collector's socket
 * @uuid: names it: 32 hexadecimal digits
 * @tree: shared by all processes that are recorded together
 * @parent: uuid of the process it was forked from; NULL not recorded
 * @pid: of the program
 * @collector: process id of the collector
 * @program: path of the executable, or what the kernel calls it; any bytes
 * @command: its arguments, possibly cut short; NULL-terminated, any bytes
 * @file: path of the recording
 * @started: ns since 1970
 * @size: of the file, bytes
 * @events: recorded so far
 * @live_blocks: alive at this moment
 * @ending: the program has ended, the file is being completed
 *
 * A program that is being recorded right now, as its collector described it when
 * it was asked. Immutable.
 */
typedef struct
{
  char     *socket;
  char     *uuid;
  char     *tree;
  char     *parent;
  GPid      pid;
  GPid      collector;
  char     *program;
  char    **command;
  char     *file;
  guint64   started;
  guint64   size;
  guint64   events;
  guint64   live_blocks;
  gboolean  ending;
} MemscopeLiveRecording;

GType                  memscope_live_recording_get_type (void);
MemscopeLiveRecording *memscope_live_recording_ref      (MemscopeLiveRecording       *self);
void                   memscope_live_recording_unref    (MemscopeLiveRecording       *self);

/* "jsond": the executable's base name, as UTF-8. Transfer full. */
char                  *memscope_live_recording_dup_name    (const MemscopeLiveRecording *self);
/* "jsond --listen :8080", as UTF-8, quoted where a shell would need it. Transfer full. */
char                  *memscope_live_recording_dup_command (const MemscopeLiveRecording *self);

/* The program is recorded by samples from now on, with @interval bytes between them on
 * average; 0: every allocation is. It follows when it allocates or frees next. Blocks, a
 * few seconds at most. Errors: G_IO_ERROR.
 */
gboolean               memscope_live_recording_set_sampling (const MemscopeLiveRecording *self,
                                                             guint64                      interval,
                                                             GError                     **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeLiveRecording, memscope_live_recording_unref)

G_END_DECLS
