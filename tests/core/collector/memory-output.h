/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

#include "file-reader.h"
#include "recording.h"

/* A recording that writes into memory, on the machine's own clocks. */
typedef struct
{
  GByteArray *bytes;
  gsize       room;          /* refuse beyond this size; G_MAXSIZE */
  gboolean    all_alive;     /* what thread_alive() says */
  GPtrArray  *warnings;
  Recording  *recording;
} MemoryOutput;

MemoryOutput  *memory_output_new  (ArenaHeader *arena, gsize room);
void           memory_output_free (MemoryOutput *output);
void           memory_output_now  (void *data, RecordingTime *time);

/* What has been written so far. */
RecordingFile *memory_output_read (MemoryOutput *output);
