/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* What a session is made of. For memscope-session.c, which reads it, and the
 * builder and its helpers, which alone write it.
 */

#include "memscope-interner.h"
#include "memscope-rows.h"
#include "memscope-session-builder.h"
#include "memscope-session-private.h"
#include "memscope-string-table.h"
#include "memscope-tape.h"

G_BEGIN_DECLS

/* A field that the builder changes while readers in other threads look at it, and
 * that stands for itself: either value is good.
 */
#define memscope_session_read(session, field)         __atomic_load_n (&(session)->field, __ATOMIC_RELAXED)
#define memscope_session_write(session, field, value) __atomic_store_n (&(session)->field, (value), __ATOMIC_RELAXED)

/* The symbols of a frame: a run of the symbol table, first << 32 | n, so that both
 * change at once.
 */
typedef guint64 MemscopeSymbolRun;

typedef struct
{
  MemscopeStackId parent;
  MemscopeFrameId frame;
} MemscopeStackNode;

/* What the wrapper rules say of a stack; see memscope-call-sites.c. */
typedef struct
{
  MemscopeFrameId    own;        /* innermost frame that is the program's own; 0: none on this stack */
  MemscopeFrameId    wrapper;    /* innermost frame that is no allocator; 0: none */
  MemscopeVariableId variable;   /* of the call site */
} MemscopeSite;

struct _MemscopeSession
{
  GObject              parent_instance;

  char                *label;
  const char          *format_name;
  const char          *layout;
  guint                format_version;
  gboolean             complete;
  gboolean             repaired;
  gboolean             process_ended;
  MemscopeEnding       ending;
  guint64              ending_status;
  guint64              ending_time;      /* MEMSCOPE_UNKNOWN: not recorded */
  gboolean             has_deaths;
  guint64              time_origin;
  guint64              duration;
  guint64              sampling_interval;
  guint64              n_events;
  guint64              unmatched_frees;
  guint64              failed_allocations;
  GMutex               facts_lock;
  GHashTable          *facts;            /* char* → GBytes; replaced ones live on in `former_facts` */
  GPtrArray           *former_facts;
  char               **warnings;         /* NULL-terminated; a longer one replaces it */
  guint                n_warnings;

  MemscopeRows         rows;
  MemscopeStoredOverview *overview;
  gboolean             is_outline;
  MemscopeTape        *tape;
  gboolean             has_tape;         /* the rows came with it */
  gboolean             tape_is_broken;   /* they came otherwise, or out of order */
  MemscopeStringTable  strings;
  MemscopeTable        threads;          /* MemscopeThread */
  MemscopeTable        modules;          /* MemscopeModule */
  MemscopeTable        frames;           /* MemscopeFrame */
  MemscopeTable        symbol_runs;      /* MemscopeSymbolRun, by frame */
  MemscopeTable        symbols;          /* MemscopeSymbol */
  MemscopeTable        stacks;           /* MemscopeStackNode */
  MemscopeTable        sites;            /* MemscopeSite, by stack; may lag behind stacks */
  MemscopeTable        variables;        /* MemscopeVariable */
  MemscopeTable        samples;          /* MemscopeSample */
  MemscopeTable        gaps;             /* MemscopeGap */
  MemscopeTable        modes;            /* MemscopeModeSpan; empty: sampling_interval holds for all */
  MemscopeTable        marks;            /* MemscopeMark */
  MemscopeTable        annotations;      /* MemscopeAnnotation */
  MemscopeTable        annotation_rows;  /* guint64, row + 1 */
  MemscopeTable        mappings;         /* MemscopeMappingSnapshot */
  GPtrArray           *owned;            /* build-ids, mappings: freed with the session */

  GBytes              *records;
  GArray              *record_offsets;   /* guint64, by row */
  MemscopeRecordFunc   write_record;
  gconstpointer        write_record_data;
};

G_END_DECLS
