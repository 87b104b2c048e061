/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "inheritance.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* A child's copy of the live blocks takes as much memory as the parent's map. */
#define MAX_COPIED_BYTES (512u * 1024u * 1024u)
#define MAX_KEPT_BYTES   (4u * 1024u * 1024u)

/* A parent whose stream is held up for longer is not waited for. */
#define PARENT_TIMEOUT   UINT64_C (300000000)

void
inheritance_keep (EndedProcesses *ended,
                  ProcessImage   *image)
{
  unsigned i = ended->n % INHERITANCE_KEPT;

  if (live_map_memory (recording_get_live (image->recording)) > MAX_KEPT_BYTES)
    return;

  if (ended->n++ >= INHERITANCE_KEPT)
    live_map_clear (&ended->places[i].live);

  memcpy (ended->places[i].uuid, image->uuid, sizeof image->uuid);
  ended->places[i].n_events = recording_get_n_events (image->recording);
  recording_take_live (image->recording, &ended->places[i].live);
}

void
inheritance_forget (EndedProcesses *ended)
{
  for (unsigned i = 0; i < INHERITANCE_KEPT && i < ended->n; i++)
    live_map_clear (&ended->places[i].live);

  ended->n = 0;
}

ProcessImage *
inheritance_find (ProcessImage  *images,
                  const uint8_t  uuid[16])
{
  for (ProcessImage *image = images; image != NULL; image = image->next)
    if (memcmp (image->uuid, uuid, 16) == 0)
      return image;

  return NULL;
}

static bool
waits_for (const ProcessImage *child,
           const ProcessImage *parent)
{
  return child->waits_for_parent && memcmp (child->parent_uuid, parent->uuid, 16) == 0;
}

void
inheritance_set_limit (ProcessImage *images,
                       ProcessImage *parent)
{
  uint64_t limit = UINT64_MAX;

  for (ProcessImage *child = images; child != NULL; child = child->next)
    if (waits_for (child, parent) && child->fork_stamp < limit)
      limit = child->fork_stamp;

  recording_set_limit (parent->recording, limit);
}

static void
give (ProcessImage  *child,
      uint64_t       n_events,
      const LiveMap *live)
{
  char number[24];

  child->waits_for_parent = false;
  snprintf (number, sizeof number, "%" PRIu64, n_events);
  recording_add_fact (child->recording, "parent_event", number, (uint32_t)strlen (number));

  if (!recording_inherit (child->recording, live, MAX_COPIED_BYTES))
    recording_add_mark (child->recording, "Blocks inherited from the parent process are not known: they were too many to copy");
}

static void
give_from (ProcessImage *child,
           ProcessImage *parent)
{
  give (child, recording_get_n_events (parent->recording), recording_get_live (parent->recording));
}

static bool
is_overdue (const ProcessImage *child)
{
  RecordingTime now;

  process_image_now (NULL, &now);

  return now.monotonic - child->started > PARENT_TIMEOUT;
}

void
inheritance_serve (ProcessImage *images,
                   ProcessImage *parent)
{
  for (ProcessImage *child = images; child != NULL; child = child->next)
    {
      if (!waits_for (child, parent))
        continue;

      inheritance_set_limit (images, parent);
      if (recording_reached_limit (parent->recording) || is_overdue (child))
        give_from (child, parent);
    }

  inheritance_set_limit (images, parent);
}

void
inheritance_from_ended (const EndedProcesses *ended,
                        ProcessImage         *child,
                        const uint8_t         uuid[16])
{
  for (unsigned i = 0; i < INHERITANCE_KEPT && i < ended->n; i++)
    if (memcmp (ended->places[i].uuid, uuid, 16) == 0)
      give (child, ended->places[i].n_events, &ended->places[i].live);
}

static bool
has_waiting_child (ProcessImage *images,
                   ProcessImage *parent)
{
  for (ProcessImage *child = images; child != NULL; child = child->next)
    if (waits_for (child, parent))
      return true;

  return false;
}

void
inheritance_drain_to_end (ProcessImage *images,
                          ProcessImage *image)
{
  ProcessImage *parent = image->waits_for_parent ? inheritance_find (images, image->parent_uuid) : NULL;
  bool waiting;

  if (parent != NULL)
    give_from (image, parent);

  do
    {
      waiting = has_waiting_child (images, image);
      inheritance_set_limit (images, image);
      recording_drain (image->recording, true);
      inheritance_serve (images, image);
    }
  while (waiting);
}
