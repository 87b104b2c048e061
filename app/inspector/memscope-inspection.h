/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "memscope-groups.h"
#include "memscope-histograms.h"
#include "memscope-selection.h"

G_BEGIN_DECLS

/* More blocks than this are counted, not listed. */
#define MEMSCOPE_INSPECTION_MAX_ROWS 200000u
#define MEMSCOPE_INSPECTION_MAX_ENDS 6u

/* How some of the blocks ended: the module that freed them. */
typedef struct
{
  gboolean         freed;      /* FALSE: alive at the end */
  MemscopeModuleId module;     /* of the freeing code; 0 not recorded */
  guint64          blocks;
} MemscopeInspectionEnd;

/**
 * MemscopeInspection:
 *
 * What the inspector knows about a group: its blocks, and figures over them.
 * Figures cover the listed blocks. Immutable once made.
 */
typedef struct
{
  gatomicrefcount       references;
  MemscopeSession      *session;
  MemscopeSelection    *selection;
  MemscopeGroup         group;

  guint64              *rows;             /* in order of birth; but see @extra */
  guint64               n_rows;
  gboolean              extra;            /* the last row is one that was asked for and is not in the list */
  guint64               n_total;          /* listed or not */

  guint64               lifetimes[MEMSCOPE_LIFETIME_BINS];
  guint64               never_died;
  guint64               median_lifetime;  /* ns; MEMSCOPE_UNKNOWN: none died */

  guint64               reallocs;         /* blocks that continue another one */
  guint64               moves;            /* of them at another address */
  guint64               copied_bytes;     /* by the moves, at least */
  guint64               requested;        /* bytes of blocks whose rounding is recorded */
  guint64               rounding;
  guint64               common_size;      /* the most frequent size */
  guint64               common_count;
  guint64               foreign_frees;    /* freed by another thread */
  guint64               known_freers;     /* frees whose thread is recorded */

  MemscopeInspectionEnd ends[MEMSCOPE_INSPECTION_MAX_ENDS];
  guint                 n_ends;
  guint64               other_ends;       /* beyond those */
} MemscopeInspection;

/* In any thread; NULL: cancelled. */
MemscopeInspection *memscope_inspection_new   (MemscopeSession     *session,
                                               MemscopeSelection   *selection,
                                               const MemscopeGroup *group,
                                               GCancellable        *cancellable);
MemscopeInspection *memscope_inspection_ref   (MemscopeInspection  *self);
void                memscope_inspection_unref (MemscopeInspection  *self);

/* Where @row is in the list; G_MAXUINT64: nowhere. */
guint64             memscope_inspection_find  (MemscopeInspection  *self,
                                               guint64              row);
/* Puts @row behind the list unless it is in it: beyond the longest list, or outside
 * the selection. In no figure. Only while nobody else knows of @self.
 */
void                memscope_inspection_add   (MemscopeInspection  *self,
                                               guint64              row);

/**
 * MemscopeChain:
 *
 * A block and those it was reallocated from and into, in order.
 */
typedef struct
{
  GArray  *rows;        /* guint64 */
  guint    at;          /* the block asked about */
  gboolean cut;         /* there may be more: too long, or too far away */
} MemscopeChain;

MemscopeChain      *memscope_chain_new        (MemscopeSession     *session,
                                               guint64              row,
                                               GCancellable        *cancellable);
void                memscope_chain_free       (MemscopeChain       *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeInspection, memscope_inspection_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeChain, memscope_chain_free)

G_END_DECLS
