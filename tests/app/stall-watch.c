/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "stall-watch.h"

struct _StallWatch
{
  GSource    source;

  StallTime  began;      /* of this round's dispatching (own: queued until then); wall 0: the loop waits */
  StallTime  worst;
  int        schedule;   /* the main thread's figures from the kernel; -1: none */
};

static double
read_clock (clockid_t clock)
{
  struct timespec now;

  clock_gettime (clock, &now);

  return (double) now.tv_sec * 1e3 + (double) now.tv_nsec / 1e6;
}

/* How long the thread was ready to run and did not, so far; ms. */
static double
read_queued (const StallWatch *self)
{
  char text[128];
  char *rest;
  gssize n = self->schedule >= 0 ? pread (self->schedule, text, sizeof text - 1, 0) : 0;

  if (n <= 0)
    return 0;

  text[n] = '\0';
  strtoull (text, &rest, 10);

  return (double) strtoull (rest, NULL, 10) / 1e6;
}

/* A round of the loop begins with this, so whatever the last one dispatched is over. */
static gboolean
stall_watch_prepare (GSource *source,
                     int     *timeout)
{
  StallWatch *self = (StallWatch *) source;

  *timeout = -1;
  if (self->began.wall > 0)
    {
      double wall = read_clock (CLOCK_MONOTONIC) - self->began.wall;

      self->worst.wall = MAX (self->worst.wall, wall);
      self->worst.own = MAX (self->worst.own, wall - (read_queued (self) - self->began.own));
      self->worst.cpu = MAX (self->worst.cpu, read_clock (CLOCK_THREAD_CPUTIME_ID) - self->began.cpu);
    }
  self->began.wall = 0;

  return FALSE;
}

/* The loop has waited as long as it had nothing to do. */
static gboolean
stall_watch_check (GSource *source)
{
  StallWatch *self = (StallWatch *) source;

  self->began = (StallTime) { read_clock (CLOCK_MONOTONIC), read_clock (CLOCK_THREAD_CPUTIME_ID), read_queued (self) };

  return FALSE;
}

static gboolean
stall_watch_dispatch (GSource     *source,
                      GSourceFunc  callback,
                      gpointer     user_data)
{
  return G_SOURCE_CONTINUE;
}

StallWatch *
stall_watch_new (void)
{
  static GSourceFuncs funcs = { .prepare = stall_watch_prepare, .check = stall_watch_check, .dispatch = stall_watch_dispatch };
  GSource *source = g_source_new (&funcs, sizeof (StallWatch));

  /* Sources behind a ready one of higher priority are not asked. */
  g_source_set_priority (source, G_MININT);
  g_source_set_static_name (source, "stall-watch");
  g_source_attach (source, NULL);
  ((StallWatch *) source)->schedule = open ("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);

  return (StallWatch *) source;
}

void
stall_watch_free (StallWatch *self)
{
  if (self->schedule >= 0)
    close (self->schedule);
  g_source_destroy ((GSource *) self);
  g_source_unref ((GSource *) self);
}

void
stall_watch_reset (StallWatch *self)
{
  self->began = (StallTime) { 0 };
  self->worst = (StallTime) { 0 };
}

StallTime
stall_watch_get_worst (StallWatch *self)
{
  return self->worst;
}
