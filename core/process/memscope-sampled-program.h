/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How a program samples itself, without a collector; zeros mean the recorder's defaults. */
typedef struct
{
  const char *directory;      /* of the segments; made if it is not there */
  guint64     interval;       /* mean bytes between samples */
  guint64     rotate_size;    /* bytes of a segment */
  guint64     rotate_age;     /* ms that a segment covers */
  guint       keep;           /* segments; 0: all */
  guint       stack_depth;
} MemscopeSampledProgram;

/* Replaces the calling process by the program of @argv, which samples itself from then
 * on: nothing else has to stay. Returns only if that fails: MEMSCOPE_TARGET_ERROR,
 * G_IO_ERROR (the folder can't be written).
 */
void memscope_sampled_program_exec (const MemscopeSampledProgram  *self,
                                    const char * const            *argv,
                                    GError                       **error);

G_END_DECLS
