/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "memscope-groups.h"

G_BEGIN_DECLS

typedef enum
{
  MEMSCOPE_CARD_SORT_LIVE,
  MEMSCOPE_CARD_SORT_PEAK,
  MEMSCOPE_CARD_SORT_ALLOCATED,
  MEMSCOPE_CARD_SORT_COUNT,
  MEMSCOPE_CARD_SORT_NAME,
  MEMSCOPE_N_CARD_SORTS
} MemscopeCardSort;

typedef struct
{
  gboolean         by_variable;   /* sections are variables, not threads */
  gboolean         together;      /* one section of all: the table */
  guint            stages;        /* bit 1 << MemscopeStage; 0: all */
  MemscopeCardSort sort;
} MemscopeCardOptions;

/* Cards that share a thread (or a variable). */
typedef struct
{
  guint32                key;         /* thread or variable id; 0 when all are together */
  guint                  first;       /* index into `order` */
  guint                  n;           /* matched */
  guint                  total;       /* without text and stage filter */
  guint64                live_bytes;
  MemscopeThreadCategory category;    /* sections by thread */
} MemscopeCardSection;

/**
 * MemscopeCardSet:
 *
 * The thread–variable cards of a selection: which, in what order, in which
 * section. Holds indices, not objects. Immutable once made.
 */
typedef struct
{
  gatomicrefcount      references;
  MemscopeSession     *session;
  MemscopeCardOptions  options;
  struct _MemscopeCardFigures *figures;  /* shared by sets that differ in their options alone */
  const MemscopeGroups *groups;       /* those of the figures */
  guint32             *order;         /* card → group */
  guint                n_cards;
  guint                n_total;       /* without text and stage filter */
  MemscopeCardSection *sections;
  guint                n_sections;
  guint64              live_bytes;    /* of all cards */
  gboolean             only_sites;    /* nothing has a name of its own */
} MemscopeCardSet;

/* @all: the selection without its text, for the totals. @former: may be NULL; when it is
 * of the same selection only its order is made anew. NULL: cancelled.
 */
MemscopeCardSet     *memscope_card_set_new       (MemscopeSession           *session,
                                                  MemscopeSelection         *selection,
                                                  MemscopeSelection         *all,
                                                  const MemscopeCardOptions *options,
                                                  MemscopeCardSet           *former,
                                                  GCancellable              *cancellable);
MemscopeCardSet     *memscope_card_set_ref       (MemscopeCardSet           *self);
void                 memscope_card_set_unref     (MemscopeCardSet           *self);

const MemscopeGroup *memscope_card_set_get_group (MemscopeCardSet           *self,
                                                  guint                      card);
/* FALSE: it is not among them. */
gboolean             memscope_card_set_find      (MemscopeCardSet           *self,
                                                  const MemscopeGroup       *group,
                                                  guint                     *card);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeCardSet, memscope_card_set_unref)

G_END_DECLS
