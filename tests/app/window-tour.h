/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "memscope-window.h"
#include "stall-watch.h"

G_BEGIN_DECLS

/* What happened in one step of a tour. Times in ms. */
typedef struct
{
  const char *name;
  StallTime   worst;       /* round of the main loop */
  double      wall;        /* of the whole step, until all is shown */
  double      cpu;         /* of the process, all threads */
  double      first;       /* opening: until something can be read about the recording */
  double      figures;     /* opening: until the tiles have their figures */
  guint       n_frames;    /* 0: nothing was animated */
  double      median;      /* between two frames */
  double      slowest;
  double      frame_cpu;   /* the main thread's, of a frame, in the mean */
} TourStep;

typedef void (*TourDone) (const TourStep *step,
                          gpointer        user_data);

/**
 * window_tour_run:
 * @only: "views", "overview", "cards", "table", "inspector" or "calls"; NULL: all of them
 * @done: after each step
 *
 * Does to a window what a person does: opens @file, goes through all views,
 * scrolls, drags a range, types into the search, sorts, inspects, walks through the calls. Each step is
 * waited for until nothing is under way.
 */
void window_tour_run (MemscopeWindow *window,
                      GFile          *file,
                      const char     *only,
                      TourDone        done,
                      gpointer        user_data);

G_END_DECLS
