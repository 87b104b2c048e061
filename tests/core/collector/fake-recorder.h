/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <stdbool.h>

#include "arena.h"
#include "record.h"

/* The thread's side of a ring, as plain as it can be: what the recorder does,
 * without hooks, unwinder or speed.
 */
typedef struct
{
  ArenaHeader *arena;
  RingSlot    *slot;
  uint64_t     last_time;
  bool         gave_up;     /* the collector is dead or was told to stop */
} FakeThread;

/* An arena in private memory, for tests within one process. */
ArenaHeader *fake_arena_new     (const ArenaOptions *options, uint64_t first_stamp);
void         fake_arena_free    (ArenaHeader *arena);

/* Knocks at MEMSCOPE_SOCKET and maps what it is given. NULL: refused. @kind: HandshakeKind. */
ArenaHeader *fake_arena_connect (uint32_t kind, const uint8_t *parent_uuid, uint64_t fork_stamp);

void         fake_thread_open   (FakeThread *thread, ArenaHeader *arena, uint32_t tid);
void         fake_thread_close  (FakeThread *thread);

/* Stamps (unless the record has a stamp) and publishes. false: it was lost. */
bool         fake_put           (FakeThread *thread, const Record *record);

/* The same through the nested ring. */
bool         fake_put_nested    (FakeThread *thread, const Record *record);

/* The two halves: between them the thread is in its hook. */
void         fake_enter         (FakeThread *thread);
void         fake_leave         (FakeThread *thread);
bool         fake_publish       (FakeThread *thread, unsigned ring, const Record *record);

uint64_t     fake_stamp         (ArenaHeader *arena);

/* A stack of one frame per address, outermost first. Returns its node. */
uint32_t     fake_stack         (ArenaHeader *arena, const uint64_t *addresses, unsigned depth);
uint32_t     fake_module        (ArenaHeader *arena, const char *path, uint64_t start, uint64_t end, uint64_t bias);
