/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A program that has been forked but waits before its exec: whoever must know
 * its pid first can be told in between.
 */
typedef struct
{
  GPid pid;
  int  go;        /* closing it without a word ends the child */
  int  answer;    /* errno of a failed exec, or end of file */
} MemscopeSpawn;

typedef struct
{
  const char         *path;
  const char * const *argv;
  const char * const *environment;   /* NULL: the caller's */
  const char         *directory;     /* NULL: the caller's */
  int                 inherited_fd;  /* becomes descriptor 3 of the child; -1: none */
  gboolean            reset_signals; /* SIGPIPE, SIGINT, SIGQUIT as a fresh program expects them */
} MemscopeSpawnOptions;

/* The child inherits the caller's standard streams and nothing else. */
gboolean memscope_spawn_begin (MemscopeSpawn              *spawn,
                               const MemscopeSpawnOptions *options,
                               GError                    **error);

/* Lets the child go. FALSE: the exec failed; the child is reaped. */
gboolean memscope_spawn_run   (MemscopeSpawn              *spawn,
                               GError                    **error);

/* Gives up before memscope_spawn_run (). */
void     memscope_spawn_abort (MemscopeSpawn              *spawn);

G_END_DECLS
