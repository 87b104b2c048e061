/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One payload of EVENTS, its head first. What is decoded is legal, and encoded
 * again it decodes to the same.
 */

#include "config.h"

#include <glib.h>
#include <string.h>

#include "memscope-format.h"

int LLVMFuzzerTestOneInput (const guint8 *data,
                            gsize         length);

static void
check_round_trip (const MemscopeChunkHead *head,
                  const MemscopeEvent     *events)
{
  g_autofree MemscopeEvent *again = g_new (MemscopeEvent, head->n_events + 1);
  MemscopeChunkHead written = { 0 };
  MemscopeBuffer payload;

  memscope_buffer_init_malloc (&payload);
  memscope_events_encode (events, head->n_events, head->first_event, head->first_birth, &written, &payload);
  g_assert (!payload.failed);
  g_assert (memscope_events_decode (&written, payload.data, payload.length, again));
  g_assert (memcmp (again, events, head->n_events * sizeof *events) == 0);
  memscope_buffer_clear (&payload);
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         length)
{
  g_autofree MemscopeEvent *events = NULL;
  MemscopeChunkHead head;

  if (length < sizeof head)
    return 0;

  memcpy (&head, data, sizeof head);
  head.n_events %= 4096;
  events = g_new (MemscopeEvent, head.n_events + 1);

  if (memscope_events_decode (&head, data + sizeof head, length - sizeof head, events))
    check_round_trip (&head, events);

  return 0;
}
