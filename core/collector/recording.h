/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* One process image: from its arena to its file. Everything a collector does
 * that is not about sockets, processes and descriptors, which are the host's.
 *
 * Not thread-safe: one thread drives a recording. It never calls malloc.
 */

#include "arena.h"
#include "ledger.h"
#include "live-map.h"
#include "memscope-format.h"
#include "writer.h"

typedef struct _Recording Recording;

typedef struct
{
  uint64_t tick;           /* time-stamp counter; 0 under CLOCK_COUNTER */
  uint64_t monotonic;      /* ns */
  uint64_t realtime;       /* ns since 1970 */
} RecordingTime;

/* What the recording asks of its surroundings. @thread_name and @warn may be NULL. */
typedef struct
{
  void   *data;
  void  (*now)          (void *data, RecordingTime *time);
  bool  (*thread_alive) (void *data, uint32_t tid);
  size_t (*thread_name) (void *data, uint32_t tid, char *name, size_t room);   /* the length; 0: not known */
  void  (*warn)         (void *data, const char *text);
} RecordingHost;

typedef struct
{
  Output        output;
  RecordingHost host;
  RecordingTime start;             /* tick 0: arena_init()'s first_stamp was taken here */
  double        nsec_per_tick;     /* first estimate; it is refined each second */
  uint8_t       session_uuid[16];
  uint8_t       tree_uuid[16];
  uint32_t      file_flags;        /* MEMSCOPE_FILE_* */
  bool          segments;          /* the recording is to be cut into files: see below */
} RecordingOptions;

/* Writes the file's header. NULL: no memory, a bad arena, or no room for a header.
 * The arena must stay mapped until recording_free().
 */
Recording *recording_new           (ArenaHeader *arena, const RecordingOptions *options);
void       recording_free          (Recording *recording);

/* Takes what is due from the rings and writes what is due to the file. Returns
 * the number of records taken. @final: the process is gone, take everything.
 */
uint64_t   recording_drain         (Recording *recording, bool final);

/* Waits until everything that happened before the call is in the stream, and writes it.
 * false: a thread did not get out of its hook, or a limit is in the way.
 */
bool       recording_catch_up      (Recording *recording);

/* How old an epoch may become before it is written; 0: the default, 200 ms. */
void       recording_set_epoch     (Recording *recording, uint64_t nsec);

/* How full the fullest ring was when the last drain began, in 1/256. */
uint32_t   recording_get_fill      (const Recording *recording);

/* true: the output refused (disk full, size limit): the target is told to stop
 * recording, and recording_end() should follow.
 */
bool       recording_has_failed    (const Recording *recording);

/* From now on samples are recorded, with @interval bytes between them on average; 0: every
 * allocation. The program follows when it allocates or frees next. What is alive then
 * is watched to its death, as far as the sample table has room; what has none ends as
 * "death not seen" there.
 */
void       recording_set_sampling  (Recording *recording, uint64_t interval);

/* What was asked for last. */
uint64_t   recording_get_sampling  (const Recording *recording);

/* Tells the recorder to stop; what is in the rings can still be drained. */
void       recording_disable       (Recording *recording);

/* END, footer, trailer. Nothing may be added afterwards. */
void       recording_end           (Recording *recording, MemscopeEndReason reason, uint32_t status);

/* ---- segments ---------------------------------------------------------- */

/* The stream of a recording that goes on for days is cut into files. Each is a whole
 * recording: what was known when it begins (facts, dictionaries, threads, the blocks
 * alive) stands at its head, with the ids, births and events of the stream.
 *
 * Between the two calls the host sees to it that the output goes to another file.
 * Meanwhile, and when the output refused, nothing is lost but what happened: the
 * recording goes on without a file, and keeps count.
 */
void       recording_end_segment   (Recording *recording);
bool       recording_begin_segment (Recording *recording);

/* true: there is no file at present. */
bool       recording_is_idle       (const Recording *recording);

/* ---- forks ------------------------------------------------------------- */

/* Lets no drain go beyond @stamp; UINT64_MAX: no limit. */
void       recording_set_limit     (Recording *recording, uint64_t stamp);

/* true: all records up to the limit were taken. */
bool       recording_reached_limit (const Recording *recording);

/* What is alive in the stream as far as it was drained. */
const LiveMap *recording_get_live  (const Recording *recording);

/* Likewise, added up. */
const LedgerTotals *recording_get_totals (const Recording *recording);

/* Events that are known to be missing. */
uint64_t   recording_get_n_lost    (const Recording *recording);

/* The same, for good: the recording knows of no live block afterwards. */
void       recording_take_live     (Recording *recording, LiveMap *live);

/* Takes a copy of the parent's live blocks as inherited, before the first drain.
 * false: they are too many (@max_bytes of memory), or there is no memory.
 */
bool       recording_inherit       (Recording *child, const LiveMap *live, size_t max_bytes);

/* ---- context ------------------------------------------------------------- */

/* Microseconds since tick 0, for samples. */
uint64_t   recording_get_time      (Recording *recording);
uint64_t   recording_get_n_events  (const Recording *recording);
uint64_t   recording_get_n_births  (const Recording *recording);
uint64_t   recording_get_file_size (const Recording *recording);

void       recording_add_fact      (Recording *recording, const char *key, const void *value, uint32_t length);
void       recording_add_sample    (Recording *recording, const MemscopeSample *sample);
void       recording_add_mark      (Recording *recording, const char *text);

/* A STRINGS id for a mapping's path; 0 for an empty one. */
uint32_t   recording_add_string    (Recording *recording, const void *bytes, uint32_t length);

/* @mappings: the whole snapshot, already encoded. */
void       recording_add_mappings  (Recording *recording, const MemscopeBuffer *mappings);

/* The THREADS id of a running thread; 0: it was never met. */
uint32_t   recording_find_thread   (const Recording *recording, uint32_t tid);
void       recording_name_thread   (Recording *recording, uint32_t thread, const char *name, size_t length);

/* Writes everything that waits, whatever its age. */
void       recording_flush         (Recording *recording);
