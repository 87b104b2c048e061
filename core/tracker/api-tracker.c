/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The tracker object of memscope.h. It has nothing of its own: what it stands for is the
 * one recording of this process, kept by a collector or by the process itself.
 */

#define MEMSCOPE_BUILDING
#include "memscope.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api-report.h"
#include "collector-client.h"
#include "own-recording.h"
#include "own-work.h"
#include "recorder.h"
#include "run-cli.h"

struct _MemscopeTracker
{
  char unused;
};

static MemscopeTracker the_tracker;

/* ---- the object ------------------------------------------------------------------- */

MemscopeTracker *
memscope_tracker_new (void)
{
  int error = errno;
  bool on = recorder_is_on () || recorder_start () || own_recording_begin () == MEMSCOPE_TRACKER_OK;

  errno = error;

  return on ? &the_tracker : NULL;
}

void
memscope_tracker_free (MemscopeTracker *tracker)
{
  (void)tracker;
}

int
memscope_tracker_is_recording (void)
{
  return (recorder_is_on () || recorder_start ()) &&
         (atomic_load_explicit (&recorder.arena->flags, memory_order_relaxed) & ARENA_ENABLED) != 0;
}

/* ---- figures ------------------------------------------------------------------------ */

/* The recording is in files of a sampler, and no collector knows of it. */
static bool
is_self_sampled (void)
{
  return recorder_is_on () && own_recording_get () == NULL && *recorder_get_socket () == '\0';
}

static int
sync_recording (OwnFigures *figures)
{
  if (own_recording_get () != NULL)
    return own_recording_sync (figures);

  return recorder_is_on () && !is_self_sampled () ? collector_client_sync (figures) : MEMSCOPE_TRACKER_NOT_RECORDED;
}

/* What only the API knows. */
static void
fill_counts (MemscopeTrackerStats *stats)
{
  stats->tracked = atomic_load_explicit (&api_counts.tracked, memory_order_relaxed);
  stats->untracked = atomic_load_explicit (&api_counts.untracked, memory_order_relaxed);
  stats->total_allocations = stats->tracked;
  stats->total_deallocations = stats->untracked;
  stats->active_allocations = stats->tracked > stats->untracked ? stats->tracked - stats->untracked : 0;
  stats->total_memory = atomic_load_explicit (&api_counts.tracked_bytes, memory_order_relaxed);
}

static void
fill_figures (MemscopeTrackerStats *stats,
              const OwnFigures     *figures)
{
  stats->exact = 1;
  stats->total_allocations = figures->births;
  stats->total_deallocations = figures->deaths;
  stats->active_allocations = figures->births - figures->deaths;
  stats->total_memory = figures->born_bytes;
  stats->active_memory = figures->live_bytes;
  stats->peak_memory = figures->peak_bytes;
  stats->failed_allocations = figures->failed;
  stats->lost_events = figures->lost;
}

int
memscope_tracker_get_stats (MemscopeTracker      *tracker,
                            MemscopeTrackerStats *stats)
{
  int error = errno, result;
  MemscopeTrackerStats whole = { .size = sizeof whole };
  OwnFigures figures = { 0 };
  OwnWork work;

  (void)tracker;
  if (stats == NULL || stats->size < sizeof stats->size)
    return MEMSCOPE_TRACKER_ERROR_ARGUMENT;

  fill_counts (&whole);

  work = own_work_begin ();
  result = sync_recording (&figures);
  own_work_end (work);

  /* samples are no figures */
  if (result == MEMSCOPE_TRACKER_OK && recorder.arena->sampling_interval == 0)
    fill_figures (&whole, &figures);

  whole.size = stats->size < sizeof whole ? stats->size : (uint32_t)sizeof whole;
  memcpy (stats, &whole, whole.size);
  errno = error;

  return result == MEMSCOPE_TRACKER_NOT_RECORDED || result == MEMSCOPE_TRACKER_LOST ? MEMSCOPE_TRACKER_OK : result;
}

/* ---- exports -------------------------------------------------------------------------- */

static int
export_binary (const char *path)
{
  OwnWork work = own_work_begin ();
  int result = MEMSCOPE_TRACKER_NOT_RECORDED;

  if (own_recording_get () != NULL)
    result = own_recording_export (path);
  else if (is_self_sampled ())
    result = MEMSCOPE_TRACKER_ERROR_SAMPLED;
  else if (recorder_is_on ())
    result = collector_client_export (path);

  own_work_end (work);

  return result;
}

int
memscope_tracker_export_binary (MemscopeTracker *tracker,
                                const char      *path)
{
  int error = errno, result;

  (void)tracker;
  if (path == NULL || *path == '\0')
    return MEMSCOPE_TRACKER_ERROR_ARGUMENT;

  result = export_binary (path);
  errno = error;

  return result;
}

int
memscope_tracker_binary_to_html (const char *binary,
                                 const char *html)
{
  int error = errno, result;
  OwnWork work;

  if (binary == NULL || html == NULL || *binary == '\0' || *html == '\0')
    return MEMSCOPE_TRACKER_ERROR_ARGUMENT;

  work = own_work_begin ();
  result = access (binary, R_OK) == 0 ? run_cli_export_html (binary, html) : MEMSCOPE_TRACKER_ERROR_IO;
  own_work_end (work);
  errno = error;

  return result;
}

/* An empty file beside nobody else's; the recording takes its place. */
static bool
make_temporary (char   *path,
                size_t  room)
{
  const char *folder = getenv ("TMPDIR");
  int fd;

  if ((size_t)snprintf (path, room, "%s/memscope-XXXXXX.memscope", folder != NULL && *folder == '/' ? folder : "/tmp") >= room)
    return false;

  fd = mkostemps (path, (int)strlen (".memscope"), O_CLOEXEC);
  if (fd >= 0)
    close (fd);

  return fd >= 0;
}

int
memscope_tracker_export_html (MemscopeTracker *tracker,
                              const char      *path)
{
  int error = errno, result;
  char temporary[4096];

  if (path == NULL || *path == '\0')
    return MEMSCOPE_TRACKER_ERROR_ARGUMENT;
  if (!memscope_tracker_is_recording ())
    return MEMSCOPE_TRACKER_NOT_RECORDED;
  if (!make_temporary (temporary, sizeof temporary))
    return MEMSCOPE_TRACKER_ERROR_IO;

  result = memscope_tracker_export_binary (tracker, temporary);
  if (result == MEMSCOPE_TRACKER_OK)
    result = memscope_tracker_binary_to_html (temporary, path);
  unlink (temporary);
  errno = error;

  return result;
}

/* ---- words ------------------------------------------------------------------------------- */

const char *
memscope_tracker_get_text (int result)
{
  switch (result)
    {
    case MEMSCOPE_TRACKER_OK:
      return "Done";
    case MEMSCOPE_TRACKER_NOT_RECORDED:
      return "This program is not being recorded";
    case MEMSCOPE_TRACKER_LOST:
      return "The recording had no room for this";
    case MEMSCOPE_TRACKER_ERROR_ARGUMENT:
      return "An argument is missing";
    case MEMSCOPE_TRACKER_ERROR_BUSY:
      return "Another call of this thread is not finished";
    case MEMSCOPE_TRACKER_ERROR_REFUSED:
      return "This program can't be recorded: it has more rights than its user, or the kernel refuses";
    case MEMSCOPE_TRACKER_ERROR_MEMORY:
      return "There is not enough memory";
    case MEMSCOPE_TRACKER_ERROR_IO:
      return "A file or a socket can't be made, written or read";
    case MEMSCOPE_TRACKER_ERROR_NO_ANSWER:
      return "The collector that records this program does not answer";
    case MEMSCOPE_TRACKER_ERROR_NOT_INSTALLED:
      return "memscope-cli, which writes HTML, is not installed";
    case MEMSCOPE_TRACKER_ERROR_SAMPLED:
      return "This program samples itself: the files in the sampler's folder are its recording";
    case MEMSCOPE_TRACKER_ERROR_EXPORT:
      return "memscope-cli could not write the file";
    default:
      return "Unknown result";
    }
}
