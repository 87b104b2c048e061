/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "file-sink.h"
#include "handshake.h"
#include "recording.h"
#include "sampler.h"
#include "stream.h"

/* What the whole collector was told. */
typedef struct
{
  const char *output;          /* path of the root's file, ending in .memscope */
  uint64_t    max_size;        /* per file */
  uint32_t    arena_flags;     /* ARENA_* */
  uint32_t    stack_depth;     /* 0: the default */
  uint64_t    sampling_interval; /* bytes; 0: every allocation */
  ArenaClock  clock;
  double      nsec_per_tick;
  uint8_t     tree_uuid[16];
} ImageOptions;

/* Of its arguments that much is kept for those who ask what is being recorded. */
#define IMAGE_COMMAND_ROOM 1024

/* One process image that is being recorded: from its hello to its end or exec. */
typedef struct _ProcessImage ProcessImage;

struct _ProcessImage
{
  ProcessImage  *next;
  pid_t          pid;
  int            pidfd;            /* -1: not available, /proc is asked instead */
  uint64_t       start_time;       /* with the pid: who it is */
  char           name[32];         /* as the kernel calls it, at its hello */
  char          *program;          /* path of the executable, else as the kernel calls it */
  char           command[IMAGE_COMMAND_ROOM];   /* arguments, each ended by NUL */
  size_t         command_length;
  char          *path;
  FileSink       sink;
  Stream        *stream;           /* what viewers read */
  int            arena_fd;
  ArenaHeader   *arena;
  uint64_t       arena_size;
  Recording     *recording;
  Sampler        sampler;
  uint64_t       next_sample;
  uint64_t       started;          /* CLOCK_MONOTONIC */
  uint64_t       died;             /* likewise; when it was noticed */
  uint64_t       started_realtime; /* ns since 1970 */
  uint8_t        uuid[16];
  uint8_t        tree_uuid[16];
  bool           foreign_ids;      /* in another pid namespace: its tids mean nothing here */
  bool           dead;             /* the process has ended; its rings are to be emptied */

  uint8_t        parent_uuid[16];  /* of the image this one was forked from */
  uint64_t       fork_stamp;
  bool           waits_for_parent; /* its first drain comes when the parent's stream has passed the fork */
};

/* NULL: the hello can't be served; @error says why. The file is @path. */
ProcessImage *process_image_new    (const ImageOptions *options, const HandshakeHello *hello, pid_t pid,
                                    const char *path, bool replace, const char **error);

/* Ends the recording (END chunk and footer) and gives everything back. */
void          process_image_end    (ProcessImage *image, MemscopeEndReason reason, uint32_t status);

/* Samples that are due. */
void          process_image_sample (ProcessImage *image, uint64_t now);

/* Did the process end? (Of a process without a pidfd.) */
bool          process_image_is_gone (const ProcessImage *image);

/* How the process ended, as waitpid() says. false: it can't be told any more. */
bool          process_image_get_exit (const ProcessImage *image, int *status);

/* Reads all clocks at once. */
void          process_image_now    (void *data, RecordingTime *time);
