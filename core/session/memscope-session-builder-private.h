/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* The builder's state, for its own files: -builder.c (what it is, dictionaries),
 * -builder-events.c (births and deaths), -builder-api.c (the explicit API),
 * memscope-call-sites.c.
 */

#include "memscope-id-map.h"
#include "memscope-live-map.h"
#include "memscope-session-internal.h"

G_BEGIN_DECLS

/* From this birth of the stream on, row = `row` + (birth - `birth`); MEMSCOPE_NO_ROW:
 * these births were lost.
 */
typedef struct
{
  guint64 birth;
  guint64 row;
} MemscopeBirthPiece;

/* What the call-site rules made of a frame. All 0: not judged yet. */
typedef struct
{
  MemscopeVariableId variable;   /* 0: not made yet */
  guint8             judged;     /* MemscopeWrapper + 1 */
} MemscopeFrameSite;

/* Something that has a place in the stream and was given before that came. */
typedef struct
{
  gboolean is_mark;
  union
  {
    MemscopeAnnotation annotation;
    MemscopeMark       mark;
  };
} MemscopePending;

/* A stretch of a block that the program hands out by itself. */
typedef struct
{
  guint64 address;
  guint64 size;
  guint64 row;       /* of the block */
} MemscopePool;

struct _MemscopeSessionBuilder
{
  MemscopeSession  *session;

  /* ids of the current file */
  MemscopeIdMap     string_ids;
  MemscopeIdMap     module_ids;
  MemscopeIdMap     frame_ids;
  MemscopeIdMap     stack_ids;
  MemscopeIdMap     thread_ids;

  MemscopeInterner  modules;
  MemscopeInterner  frames;
  MemscopeInterner  stacks;
  MemscopeInterner  variables;
  MemscopeInterner  threads;           /* by tid and start */
  GHashTable       *threads_by_name;   /* string id → thread id */

  /* where the stream of the current file stands */
  guint64           next_event;
  guint64           next_birth;
  GArray           *pieces;            /* MemscopeBirthPiece */
  guint64           row_offset;        /* row - birth of the last piece */
  guint64           last_time;         /* ns: time never runs backwards */
  guint64           next_position;     /* of the session's next event */
  gboolean          is_accounted;      /* see memscope_session_builder_set_accounted () */
  gboolean          has_many_files;    /* the numbers of births began anew */
  guint64           n_known;           /* rows that `live` knows of, if they live */

  gboolean          functions_unknown;  /* a birth by malloc may have been one by anything */
  MemscopeLiveMap  *live[MEMSCOPE_N_ORIGINS];  /* by origin; FILE has none */
  GHashTable       *children;          /* row → GArray of rows */
  GHashTable       *pools;             /* address → MemscopePool */

  GArray           *pending;           /* MemscopePending, by event */
  guint             pending_at;
  guint64           pending_event;     /* of the next one; G_MAXUINT64: none */
  gboolean          pending_unsorted;

  guint64           deaths_of_lost;    /* deaths whose birth is missing from a damaged file */
  guint64           deaths_ignored;    /* of blocks that had ended already */
  guint             n_warnings_left_out;

  GArray           *modes;             /* MemscopeMode, of births to come */
  guint             modes_at;
  guint64           mode_birth;        /* of the next one; G_MAXUINT64: none */

  gboolean          has_ended;
  gboolean          symbols_changed;
  GArray           *frame_sites;       /* MemscopeFrameSite, by frame */
};

#define MEMSCOPE_NS_PER_US G_GUINT64_CONSTANT (1000)

/* Microseconds of the format as ns since the origin; absurd ones stop at the top. */
static inline guint64
memscope_ns (guint64 us)
{
  return us > (MEMSCOPE_NEVER - 2) / MEMSCOPE_NS_PER_US ? MEMSCOPE_NEVER - 2 : us * MEMSCOPE_NS_PER_US;
}

/* What a birth of the stream makes of its row. */
typedef struct
{
  guint8 origin;
  guint8 function;
  guint8 flags;
} MemscopeBirthKind;

extern const MemscopeBirthKind memscope_birth_kinds[MEMSCOPE_EVENT_FIRST_DEATH];

MemscopeDeath    memscope_death_of_kind       (guint8 kind);

/* @n births of the stream became rows from @row on. */
void             memscope_builder_note_births (MemscopeSessionBuilder *self, guint64 row, guint64 n);
/* The row of a birth, or MEMSCOPE_NO_ROW. Looks only at what note_births () was told. */
guint64          memscope_builder_row_of_birth (const MemscopeSessionBuilder *self, guint64 birth);
/* Fills the live maps with what came in bulk: they are needed for the stream, one by one. */
void             memscope_builder_know_live   (MemscopeSessionBuilder *self);

/* A stream time that does not run backwards. */
guint64          memscope_builder_hold_time   (MemscopeSessionBuilder *self, guint64 us);
MemscopeThreadId memscope_builder_map_thread  (MemscopeSessionBuilder *self, guint32 id);
guint64          memscope_builder_take_event  (MemscopeSessionBuilder *self);

/* Appends a row that is alive from now on, with what a new block needs: the end of
 * a former one at its address, its parent.
 */
guint64          memscope_builder_begin_row   (MemscopeSessionBuilder *self, MemscopeBlock *block);
void             memscope_builder_end_row     (MemscopeSessionBuilder *self,
                                               guint64                 row,
                                               MemscopeDeath           death,
                                               guint64                 time,
                                               MemscopeThreadId        thread,
                                               MemscopeStackId         stack);
/* Those that begin in [@begin, @end). */
void             memscope_builder_end_children (MemscopeSessionBuilder *self,
                                                guint64                 row,
                                                guint64                 begin,
                                                guint64                 end,
                                                guint64                 time,
                                                MemscopeThreadId        thread,
                                                MemscopeStackId         stack);

/* Applies what is pending up to the next event. */
void             memscope_builder_apply_pending (MemscopeSessionBuilder *self);
/* Whether one of those before event @event is more than a mark. */
gboolean         memscope_builder_is_annotated_before (MemscopeSessionBuilder *self, guint64 event);
void             memscope_builder_init_events   (MemscopeSessionBuilder *self);
void             memscope_builder_clear_events  (MemscopeSessionBuilder *self);
void             memscope_builder_reset_stream  (MemscopeSessionBuilder *self);
void             memscope_builder_add_pending   (MemscopeSessionBuilder *self, const MemscopePending *pending);

void             memscope_builder_update_call_sites (MemscopeSessionBuilder *self);

G_END_DECLS
