/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "process-image.h"
#include "stream.h"

/* Those who watch the recording: core/live/PROTOCOL.md. They never hold it up. */

typedef struct _Viewers Viewers;

/* What they may ask for. */
typedef struct
{
  void                *data;

  const ProcessImage *(*first_image) (void *data);      /* the others: its `next` */
  bool                (*mark)        (void *data, const uint8_t uuid[16], const char *text);
  bool                (*sync)        (void *data, const uint8_t uuid[16]);               /* all up to now is in the file */
  bool                (*stop)        (void *data, const uint8_t *uuid);   /* NULL: everything */
  bool                (*sample)      (void *data, const uint8_t uuid[16], uint64_t interval);   /* 0: every allocation */
} ViewersHost;

/* @poll: an epoll descriptor, woken when a viewer can take more. NULL: no memory. */
Viewers *viewers_new      (const ViewersHost *host, int poll);
void     viewers_free     (Viewers *viewers);

/* In a fork's child, whose copies must not keep connections open: closes them, no more. */
void     viewers_close    (const Viewers *viewers);

/* Takes @fd over, whose first message was a greeting. */
void     viewers_add      (Viewers *viewers, int fd, uint64_t now);

/* An image was begun: who asked for the first one gets it. */
void     viewers_note     (Viewers *viewers, const ProcessImage *image);

/* Answers and sends what can be sent without waiting. true: there is more to send
 * at once.
 */
bool     viewers_serve    (Viewers *viewers, uint64_t now);

/* All recordings have ended. Sends what is left to who still reads, in a process of
 * its own if that takes longer than a moment.
 */
void     viewers_finish   (Viewers *viewers, const int *descriptors, unsigned n_descriptors);
