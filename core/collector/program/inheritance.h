/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "live-map.h"
#include "process-image.h"

/* What a fork's child gets from its parent: the blocks that were alive. The
 * parent's stream is stopped at the fork until the child has its copy, and the
 * child's begins only then.
 */

#define INHERITANCE_KEPT 16u

/* What was alive in the last few processes that ended: a daemon's first process
 * is gone before its child has said a word.
 */
typedef struct
{
  struct
  {
    uint8_t  uuid[16];
    uint64_t n_events;
    LiveMap  live;
  }        places[INHERITANCE_KEPT];
  unsigned n;                  /* ever kept; the latest ones still are */
} EndedProcesses;

/* Takes the live blocks of an image that is about to end, unless they are many. */
void          inheritance_keep         (EndedProcesses *ended, ProcessImage *image);
void          inheritance_forget       (EndedProcesses *ended);

/* @images: all that are being recorded. */
ProcessImage *inheritance_find         (ProcessImage *images, const uint8_t uuid[16]);

/* Lets @parent's stream go as far as its waiting children allow. */
void          inheritance_set_limit    (ProcessImage *images, ProcessImage *parent);

/* Gives to the children whose fork @parent's stream has reached. */
void          inheritance_serve        (ProcessImage *images, ProcessImage *parent);

/* Gives what the parent of that name left, if it is still known. */
void          inheritance_from_ended   (const EndedProcesses *ended, ProcessImage *child, const uint8_t uuid[16]);

/* Empties a dead process's rings, stopping at each fork that a child waits for. */
void          inheritance_drain_to_end (ProcessImage *images, ProcessImage *image);
