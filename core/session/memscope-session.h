/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Interned things are referred to by id, an index from 1; 0 means none. */
typedef guint32 MemscopeStringId;
typedef guint32 MemscopeModuleId;
typedef guint32 MemscopeFrameId;
typedef guint32 MemscopeStackId;
typedef guint32 MemscopeThreadId;
typedef guint32 MemscopeVariableId;

/* A value that the recording does not hold. Shown as "not recorded". */
#define MEMSCOPE_UNKNOWN   G_MAXUINT64

/* The death time of a block that was alive when the recording ended. */
#define MEMSCOPE_NEVER     G_MAXUINT64

/**
 * MemscopeOrigin:
 * @MEMSCOPE_ORIGIN_HEAP: the allocator (malloc family)
 * @MEMSCOPE_ORIGIN_REGION: the mmap family, called by the program
 * @MEMSCOPE_ORIGIN_POOL: inside a pool reported by the API
 * @MEMSCOPE_ORIGIN_API: begun by the explicit API, outside every known block
 * @MEMSCOPE_ORIGIN_FILE: as stored by memscope-rs
 *
 * Who says that a block exists. HEAP, FILE and parentless API blocks make up
 * the totals; the others never add to them.
 */
typedef enum
{
  MEMSCOPE_ORIGIN_HEAP,
  MEMSCOPE_ORIGIN_REGION,
  MEMSCOPE_ORIGIN_POOL,
  MEMSCOPE_ORIGIN_API,
  MEMSCOPE_ORIGIN_FILE,
  MEMSCOPE_N_ORIGINS
} MemscopeOrigin;

/**
 * MemscopeFunction:
 *
 * The allocator function a block was born by.
 */
typedef enum
{
  MEMSCOPE_FUNCTION_UNKNOWN,
  MEMSCOPE_FUNCTION_MALLOC,
  MEMSCOPE_FUNCTION_CALLOC,
  MEMSCOPE_FUNCTION_REALLOC,
  MEMSCOPE_FUNCTION_ALIGNED,
  MEMSCOPE_FUNCTION_MMAP,
} MemscopeFunction;

/**
 * MemscopeDeath:
 * @MEMSCOPE_DEATH_NONE: alive at the end of the recording
 * @MEMSCOPE_DEATH_FREE: freed
 * @MEMSCOPE_DEATH_REALLOC: continued by a later block (see @next), or realloc (p, 0)
 * @MEMSCOPE_DEATH_UNSEEN: another block was born at its address; when it ended is not known
 * @MEMSCOPE_DEATH_WITH_PARENT: ended with the pool or region that held it
 */
typedef enum
{
  MEMSCOPE_DEATH_NONE,
  MEMSCOPE_DEATH_FREE,
  MEMSCOPE_DEATH_REALLOC,
  MEMSCOPE_DEATH_UNSEEN,
  MEMSCOPE_DEATH_WITH_PARENT,
} MemscopeDeath;

/**
 * MemscopeBlock:
 * @address: first byte
 * @size: bytes requested
 * @birth_time: ns since the session's time origin
 * @death_time: likewise, or %MEMSCOPE_NEVER
 * @birth_event: position of the birth in the event stream
 * @death_event: position of the death, or %MEMSCOPE_NEVER
 * @rounding: usable − requested bytes, or %G_MAXUINT32 when not recorded
 * @thread: the allocating thread
 * @death_thread: the freeing thread; 0 not recorded
 * @stack: where it was born; 0 not recorded
 * @death_stack: where it died (possibly one frame only); 0 not recorded
 * @variable: what owns it; 0 nothing names it
 * @previous: row + 1 of the block a realloc continued; 0 none
 * @parent: row + 1 of the block that contains it; 0 none
 * @origin: a #MemscopeOrigin
 * @function: a #MemscopeFunction
 * @death: a #MemscopeDeath
 * @flags: %MEMSCOPE_BLOCK_LEAKED_FLAG: the file itself says it leaked (memscope-rs)
 *
 * One block from birth to death: row i of the session. Rows are in order of birth.
 * Event positions are unique: they order births and deaths where times are equal.
 */
typedef struct
{
  guint64 address;
  guint64 size;
  guint64 birth_time;
  guint64 death_time;
  guint64 birth_event;
  guint64 death_event;
  guint32 rounding;
  guint32 thread;
  guint32 death_thread;
  guint32 stack;
  guint32 death_stack;
  guint32 variable;
  guint64 previous;
  guint64 parent;
  guint8  origin;
  guint8  function;
  guint8  death;
  guint8  flags;
  guint8  alignment_log2;
} MemscopeBlock;

enum
{
  MEMSCOPE_BLOCK_LEAKED_FLAG = 1 << 0,
  MEMSCOPE_BLOCK_INHERITED   = 1 << 1,  /* alive at the fork: in no total */
  MEMSCOPE_BLOCK_SHARED      = 1 << 2,  /* the file itself reports more than one holder (memscope-rs) */
};

/**
 * MemscopeNameSource:
 *
 * Where a variable's name comes from, strongest first. Always shown.
 */
typedef enum
{
  MEMSCOPE_NAME_API,     /* MEMSCOPE_TRACK () or a call */
  MEMSCOPE_NAME_FILE,    /* stored by memscope-rs */
  MEMSCOPE_NAME_DWARF,
  MEMSCOPE_NAME_SOURCE,
  MEMSCOPE_NAME_SITE,    /* fallback: function:line of the call site */
} MemscopeNameSource;

/**
 * MemscopeEnding:
 * @MEMSCOPE_ENDING_UNKNOWN: the recording was not closed, or its format does not say
 * @MEMSCOPE_ENDING_EXIT: the program exited; status: what it returned
 * @MEMSCOPE_ENDING_SIGNAL: it was killed; status: the signal
 * @MEMSCOPE_ENDING_EXEC: another program took its place
 * @MEMSCOPE_ENDING_DETACHED: the recorder was taken out, the program ran on
 * @MEMSCOPE_ENDING_STOPPED: recording was stopped, the program ran on; status: an errno, 0 when asked for
 * @MEMSCOPE_ENDING_GONE: the program ended, nobody saw how
 *
 * How a recording came to its end.
 */
typedef enum
{
  MEMSCOPE_ENDING_UNKNOWN,
  MEMSCOPE_ENDING_EXIT,
  MEMSCOPE_ENDING_SIGNAL,
  MEMSCOPE_ENDING_EXEC,
  MEMSCOPE_ENDING_DETACHED,
  MEMSCOPE_ENDING_STOPPED,
  MEMSCOPE_ENDING_GONE,
} MemscopeEnding;

/* Why a stretch of time was not recorded. */
typedef enum
{
  MEMSCOPE_LOSS_UNKNOWN,
  MEMSCOPE_LOSS_BUFFER_FULL,   /* a buffer of the recorder was full */
  MEMSCOPE_LOSS_STALLED,       /* the collector made no progress */
  MEMSCOPE_LOSS_PAUSED,        /* recording was paused */
  MEMSCOPE_LOSS_NESTED,        /* signal handlers interrupted each other inside the recorder */
  MEMSCOPE_LOSS_FORK,          /* a child process could not register */
  MEMSCOPE_LOSS_DAMAGED,       /* the program wrote over a buffer */
  MEMSCOPE_LOSS_DEATHS,        /* more sampled blocks were alive than can be watched: deaths were not seen */
  MEMSCOPE_LOSS_SEGMENT,       /* a segment of a rotated recording is missing */
} MemscopeLossReason;

/**
 * MemscopeLoss:
 * @begin: ns since the origin
 * @end: likewise, not before @begin
 * @events: that were lost; %MEMSCOPE_UNKNOWN when nobody knows
 * @bytes: requested by the births among them; likewise
 * @thread: whose; 0: of all
 *
 * One stretch in which events were not recorded (a gap).
 */
typedef struct
{
  guint64            begin;
  guint64            end;
  guint64            events;
  guint64            bytes;
  guint32            thread;
  MemscopeLossReason reason;
} MemscopeLoss;

/* A moment that the program itself marked. */
typedef struct
{
  guint64            time;        /* ns since the origin */
  guint32            thread;      /* 0 not recorded */
  guint32            text;        /* string id */
} MemscopeMoment;

#define MEMSCOPE_TYPE_SESSION (memscope_session_get_type ())

G_DECLARE_FINAL_TYPE (MemscopeSession, memscope_session, MEMSCOPE, SESSION, GObject)

/* Reading whole files: see memscope-loader.h. */

/* -- what it is -- */
const char      *memscope_session_get_format_name     (MemscopeSession *self);  /* "native" | "memscope-rs" | "memscope-rs JSON" */
guint            memscope_session_get_format_version  (MemscopeSession *self);
const char      *memscope_session_get_layout          (MemscopeSession *self);  /* memscope-rs: "A" … "J"; else NULL */
/* Whether it was cut or damaged, and closed by a repair: it is not complete then. */
gboolean         memscope_session_get_repaired        (MemscopeSession *self);
gboolean         memscope_session_get_complete        (MemscopeSession *self);  /* the file was closed properly and whole */
gboolean         memscope_session_get_process_ended   (MemscopeSession *self);
const char      *memscope_session_get_label           (MemscopeSession *self);
const char      *memscope_session_get_fact            (MemscopeSession *self,
                                                       const char      *key,
                                                       gsize           *length);   /* NULL: not recorded */
const char *const *
                 memscope_session_get_warnings        (MemscopeSession *self);     /* sentences; NULL-terminated */
gboolean         memscope_session_has_deaths          (MemscopeSession *self);     /* they were recorded, if there were any */
gboolean         memscope_session_has_stacks          (MemscopeSession *self);
/* FALSE: a row is what one stack held for a while (massif), not one allocation: numbers of
 * rows, their sizes and lifetimes say nothing of the program.
 */
gboolean         memscope_session_has_blocks          (MemscopeSession *self);

/* @status and @time may be NULL; @time: ns, MEMSCOPE_UNKNOWN when not recorded. */
MemscopeEnding   memscope_session_get_ending          (MemscopeSession *self,
                                                       guint64         *status,
                                                       guint64         *time);

/* -- what was marked, in order of time; and what was lost, as recorded -- */
guint            memscope_session_get_n_moments       (MemscopeSession *self);
gboolean         memscope_session_get_moment          (MemscopeSession *self,
                                                       guint            index,
                                                       MemscopeMoment  *moment);
/* Where the way of recording changed; @interval: of sampling, in bytes, from @time on; 0: every
 * allocation. FALSE: there are no more changes.
 */
gboolean         memscope_session_get_mode_change     (MemscopeSession *self,
                                                       guint            index,
                                                       guint64         *time,
                                                       guint64         *interval);
guint            memscope_session_get_n_losses        (MemscopeSession *self);
gboolean         memscope_session_get_loss            (MemscopeSession *self,
                                                       guint            index,
                                                       MemscopeLoss    *loss);

/* -- time: ns since the origin -- */
guint64          memscope_session_get_time_origin     (MemscopeSession *self);     /* ns since 1970, or what the file had */
guint64          memscope_session_get_duration        (MemscopeSession *self);     /* ns: end of the last event or of the recording */
guint64          memscope_session_get_sampling_interval (MemscopeSession *self);   /* bytes, of the latest stretch that was sampled; 0 = every allocation */

/* -- rows -- */
guint64          memscope_session_get_n_blocks        (MemscopeSession *self);
guint64          memscope_session_get_n_events        (MemscopeSession *self);
void             memscope_session_get_block           (MemscopeSession *self,
                                                       guint64          row,
                                                       MemscopeBlock   *block);
guint64          memscope_session_get_unmatched_frees (MemscopeSession *self);     /* MEMSCOPE_UNKNOWN: not recorded */
guint64          memscope_session_get_failed_allocations (MemscopeSession *self);  /* MEMSCOPE_UNKNOWN: not recorded */

/* -- dictionaries: ids 1 … n -- */
const char      *memscope_session_get_string          (MemscopeSession *self,
                                                       MemscopeStringId id,
                                                       gsize           *length);   /* any bytes; also NUL-terminated */
guint            memscope_session_get_n_threads       (MemscopeSession *self);
guint            memscope_session_get_n_stacks        (MemscopeSession *self);
guint            memscope_session_get_n_frames        (MemscopeSession *self);
guint            memscope_session_get_n_modules       (MemscopeSession *self);
guint            memscope_session_get_n_variables     (MemscopeSession *self);

/**
 * MemscopeThread:
 * @name: string id; memscope-rs's thread text, or the thread's name; 0 not recorded
 * @tid: of the operating system; 0 not recorded
 */
typedef struct
{
  MemscopeStringId name;
  guint32          tid;
  guint64          start_time;
  guint64          end_time;      /* MEMSCOPE_NEVER: alive at the end */
} MemscopeThread;

typedef struct
{
  MemscopeStringId path;
  const guint8    *build_id;
  guint            build_id_length;
  guint64          bias;
  guint64          start;
  guint64          end;
} MemscopeModule;

typedef struct
{
  MemscopeModuleId module;        /* 0: `offset` is an absolute address */
  guint64          offset;
  guint32          flags;         /* MEMSCOPE_FRAME_* of the format, or MEMSCOPE_FRAME_TEXT */
} MemscopeFrame;

/* All that is known of the frame is a text (memscope-rs): its symbol's function,
 * which is also the string id in `offset`. There is no address.
 */
#define MEMSCOPE_FRAME_TEXT (1u << 31)

/* One function at a frame; frames with inlining have several, innermost first. */
typedef struct
{
  MemscopeStringId function;      /* demangled; 0 not known */
  MemscopeStringId linkage_name;
  MemscopeStringId file;
  guint32          line;          /* 0 not known */
  guint32          column;
  guint32          language;      /* MemscopeLanguage of the format */
} MemscopeSymbol;

typedef struct
{
  MemscopeNameSource source;
  MemscopeStringId   name;        /* 0: only the type is recorded (memscope-rs) */
  MemscopeStringId   type;        /* 0 not recorded */
  MemscopeStringId   scope;       /* declaring function or scope; 0 not recorded */
  MemscopeFrameId    site;        /* SITE variables: the frame that names them */
} MemscopeVariable;

gboolean         memscope_session_get_thread          (MemscopeSession   *self,
                                                       MemscopeThreadId   id,
                                                       MemscopeThread    *thread);
gboolean         memscope_session_get_module          (MemscopeSession   *self,
                                                       MemscopeModuleId   id,
                                                       MemscopeModule    *module);
gboolean         memscope_session_get_frame           (MemscopeSession   *self,
                                                       MemscopeFrameId    id,
                                                       MemscopeFrame     *frame);
gboolean         memscope_session_get_variable        (MemscopeSession   *self,
                                                       MemscopeVariableId id,
                                                       MemscopeVariable  *variable);

/* A stack is its innermost node; walking: frame, then parent, until 0.
 * A node with frame 0 and parent 0 marks "the rest was not recorded".
 */
gboolean         memscope_session_get_stack_node      (MemscopeSession   *self,
                                                       MemscopeStackId    id,
                                                       MemscopeStackId   *parent,
                                                       MemscopeFrameId   *frame);
guint            memscope_session_get_symbols         (MemscopeSession       *self,
                                                       MemscopeFrameId        id,
                                                       const MemscopeSymbol **symbols);  /* 0 symbols: not resolved */

/* The innermost frame that is neither an allocator nor a known wrapper (xmalloc,
 * g_malloc, operator new, …); where a block is said to come from. 0: no stack.
 */
MemscopeFrameId  memscope_session_get_call_site       (MemscopeSession   *self,
                                                       MemscopeStackId    id);
/* The variable that rows of this stack have unless a stronger source names them. */
MemscopeVariableId memscope_session_get_site_variable (MemscopeSession   *self,
                                                       MemscopeStackId    id);

/* memscope-rs: everything the file holds about a row, columns or not, with the
 * guide's field names (json-glib's JsonObject, transfer full). NULL: the session's
 * format has nothing of the kind.
 */
struct _JsonObject *
                 memscope_session_dup_stored_record   (MemscopeSession   *self,
                                                       guint64            row);

/* -- words for people: UTF-8, never NULL, transfer full -- */
char            *memscope_session_dup_display_string  (MemscopeSession   *self,
                                                       MemscopeStringId   id);     /* invalid bytes as \xHH */
char            *memscope_session_dup_thread_label    (MemscopeSession   *self,
                                                       MemscopeThreadId   id);     /* "worker-1 (4127)" */
char            *memscope_session_dup_frame_label     (MemscopeSession   *self,
                                                       MemscopeFrameId    id);     /* "parse_file · parse.c:88" */

G_END_DECLS
