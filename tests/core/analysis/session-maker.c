/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "session-maker.h"

#include <string.h>

/* One session at a time is made. */
static guint64 n_births;
static guint64 n_events;

enum { STRING_APP = 1, STRING_LIB, STRING_NAMES, STRING_FILES = STRING_NAMES + 4, STRING_THREADS = STRING_FILES + 4 };

static void
add_strings (MemscopeSessionBuilder *builder)
{
  static const char *const strings[] = {
    "/app", "/lib", "alpha", "beta", "gamma", "delta",
    "alpha.c", "beta.c", "gamma.c", "delta.c", "main", "worker", "helper",
  };

  for (guint i = 0; i < G_N_ELEMENTS (strings); i++)
    memscope_session_builder_add_string (builder, i + 1, strings[i], strlen (strings[i]));
}

MemscopeSessionBuilder *
session_maker_new (void)
{
  static const MemscopeStackEntry stacks[] = { { 0, 1 }, { 1, 2 }, { 1, 3 }, { 3, 4 }, { 0, 4 } };
  MemscopeSessionBuilder *builder = memscope_session_builder_new ("test");

  n_births = 0;
  n_events = 0;
  add_strings (builder);

  for (guint i = 0; i < 2; i++)
    {
      MemscopeModuleEntry module = { .path = STRING_APP + i, .unload_time = UINT64_MAX };

      memscope_session_builder_add_module (builder, i + 1, &module);
    }

  for (guint i = 0; i < 4; i++)
    {
      MemscopeFrameEntry frame = { .module = i / 2 + 1, .offset = 0x100 * (i + 1) };
      MemscopeSymbolEntry symbol = { .function = STRING_NAMES + i, .file = STRING_FILES + i, .line = 10 * (i + 1) };

      memscope_session_builder_add_frame (builder, i + 1, &frame);
      memscope_session_builder_add_symbols (builder, i + 1, &symbol, 1);
    }

  for (guint i = 0; i < G_N_ELEMENTS (stacks); i++)
    memscope_session_builder_add_stack (builder, i + 1, &stacks[i]);

  for (guint i = 0; i < 3; i++)
    {
      MemscopeThreadEntry thread = { .id = i + 1, .tid = 100 + i, .name = STRING_THREADS + i, .end_time = UINT64_MAX };

      memscope_session_builder_add_thread (builder, &thread);
    }

  return builder;
}

void
session_maker_add (MemscopeSessionBuilder *builder,
                   MemscopeEvent           event)
{
  n_events++;
  n_births += memscope_event_is_birth (event.kind);
  memscope_session_builder_add_events (builder, &event, 1);
}

guint64
session_maker_address (guint64 birth)
{
  return 0x100000 + birth * 0x10000;
}

guint64
session_maker_birth (MemscopeSessionBuilder *builder,
                     guint8                  kind,
                     guint64                 time,
                     guint64                 size,
                     guint32                 thread,
                     guint32                 stack)
{
  guint64 birth = n_births;

  session_maker_add (builder, (MemscopeEvent) { .kind = kind, .time = time, .address = session_maker_address (birth),
                                                .size = size, .thread = thread, .stack = stack, .rounding = 8 });

  return birth;
}

void
session_maker_death (MemscopeSessionBuilder *builder,
                     guint8                  kind,
                     guint64                 time,
                     guint64                 birth,
                     guint32                 thread)
{
  session_maker_add (builder, (MemscopeEvent) { .kind = kind, .time = time, .ago = n_births - birth, .thread = thread });
}

guint64
session_maker_realloc (MemscopeSessionBuilder *builder,
                       guint64                 time,
                       guint64                 birth,
                       guint64                 size,
                       guint32                 thread,
                       guint32                 stack)
{
  guint64 ago = n_births - birth;

  session_maker_death (builder, MEMSCOPE_EVENT_REALLOC_DEATH, time, birth, thread);
  session_maker_add (builder, (MemscopeEvent) { .kind = MEMSCOPE_EVENT_REALLOC, .time = time,
                                                .address = session_maker_address (n_births), .size = size,
                                                .ago = ago, .thread = thread, .stack = stack, .rounding = 0 });

  return n_births - 1;
}

MemscopeSession *
session_maker_finish (MemscopeSessionBuilder *builder,
                      guint64                 time)
{
  MemscopeEnd end = { .reason = MEMSCOPE_END_EXIT, .time = time, .n_events = n_events, .n_births = n_births };

  memscope_session_builder_add_end (builder, &end);
  memscope_session_builder_set_complete (builder, TRUE);

  return memscope_session_builder_finish (builder);
}
