/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-estimate.h"
#include "memscope-selection.h"
#include "memscope-stage.h"

G_BEGIN_DECLS

typedef enum
{
  MEMSCOPE_GROUP_BY_THREAD,
  MEMSCOPE_GROUP_BY_VARIABLE,
  MEMSCOPE_GROUP_BY_THREAD_VARIABLE,  /* the cards */
  MEMSCOPE_GROUP_BY_CALL_SITE,
  MEMSCOPE_GROUP_BY_STACK,
  MEMSCOPE_GROUP_BY_MODULE,
  MEMSCOPE_GROUP_BY_TYPE,
} MemscopeGroupBy;

#define MEMSCOPE_SPARK_BUCKETS 32

/* Which of a group's ids are its key. */
enum
{
  MEMSCOPE_GROUP_KEY_THREAD    = 1 << 0,
  MEMSCOPE_GROUP_KEY_VARIABLE  = 1 << 1,
  MEMSCOPE_GROUP_KEY_CALL_SITE = 1 << 2,
  MEMSCOPE_GROUP_KEY_STACK     = 1 << 3,
  MEMSCOPE_GROUP_KEY_MODULE    = 1 << 4,
  MEMSCOPE_GROUP_KEY_TYPE      = 1 << 5,
};

/* The blocks of the selection that share a key. Keys that do not apply are 0; one
 * that applies may be 0 too: blocks that nothing names, or without a stack.
 */
typedef struct
{
  guint              keys;     /* MEMSCOPE_GROUP_KEY_* that apply */
  MemscopeThreadId   thread;
  MemscopeVariableId variable;
  MemscopeFrameId    call_site;
  MemscopeStackId    stack;
  MemscopeModuleId   module;
  MemscopeStringId   type;

  guint64 rows;               /* blocks whose life overlaps the range */
  guint64 births;             /* flows */
  guint64 born_bytes;
  guint64 deaths;
  guint64 dead_bytes;
  guint64 temporary;          /* of the deaths: before the thread's next birth */
  guint64 live_blocks;        /* stocks at the instant */
  guint64 live_bytes;
  guint64 peak_bytes;         /* over the range */
  guint64 peak_time;
  guint64 first_time;         /* first and last event of the group inside the range; UNKNOWN: none is */
  guint64 last_time;
  guint64 largest;            /* bytes of the largest block */
  guint64 shared_blocks;      /* live blocks with evidence of more than one holder: cloned, borrowed and not
                               * returned, grown from or (at any time) freed by another thread's hands */

  /* Of a sampled session the figures are estimates. These are half the widths of the
   * 95 % intervals of four of them, and from how many samples they are: from fewer than
   * MEMSCOPE_ESTIMATE_MIN_SAMPLES, show no number.
   */
  gboolean estimated;
  guint32  born_samples;
  guint32  live_samples;
  double   births_error;
  double   born_bytes_error;
  double   live_blocks_error;
  double   live_bytes_error;

  MemscopeStage stage;        /* at the instant, from all that happened to the group before it; evidence on
                               * blocks that are dead by then counts for the group */
  float   spark[MEMSCOPE_SPARK_BUCKETS];  /* live bytes over the range, equal parts, each its maximum */
} MemscopeGroup;

/**
 * MemscopeGroups: the result, groups in descending order of live bytes (ties:
 * born bytes, then key).
 */
typedef struct
{
  MemscopeGroupBy by;
  guint64         n_groups;
  MemscopeGroup  *groups;
} MemscopeGroups;

MemscopeGroups *memscope_groups_new  (MemscopeSession    *session,
                                      MemscopeSelection  *selection,
                                      MemscopeGroupBy     by,
                                      GCancellable       *cancellable,
                                      GError            **error);
void            memscope_groups_free (MemscopeGroups     *self);

/* The same figures with what is to be known of them. */
MemscopeEstimate memscope_group_get_live_bytes (const MemscopeGroup *self);
MemscopeEstimate memscope_group_get_born_bytes (const MemscopeGroup *self);
MemscopeEstimate memscope_group_get_births     (const MemscopeGroup *self);

/* The rows of one group, in order of birth, at most @max of them; *@n_total says how
 * many there are. The ids of @key that its @keys name must be equal; when @keys is 0,
 * those that are not 0. Free with g_free(); NULL only when cancelled.
 */
guint64        *memscope_group_list_rows (MemscopeSession     *session,
                                          MemscopeSelection   *selection,
                                          const MemscopeGroup *key,
                                          guint64              max,
                                          guint64             *n_rows,
                                          guint64             *n_total,
                                          GCancellable        *cancellable,
                                          GError             **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeGroups, memscope_groups_free)

G_END_DECLS
