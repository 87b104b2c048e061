/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-selection.h"

G_BEGIN_DECLS

/* The rules of diagnosis by name: what each is called in files and reports, what
 * it looks after, and the numbers it judges by. The formulas stand at the top of
 * the files in rules/.
 */
typedef enum
{
  MEMSCOPE_RULE_LEAK_GROWING,
  MEMSCOPE_RULE_LEAK_ALIVE_AT_EXIT,
  MEMSCOPE_RULE_GROWTH,
  MEMSCOPE_RULE_TEMPORARY_CHURN,
  MEMSCOPE_RULE_REALLOC_CHURN,
  MEMSCOPE_RULE_EQUAL_SMALL_BLOCKS,
  MEMSCOPE_RULE_ROUNDING,
  MEMSCOPE_RULE_PEAK_BLAME,
  MEMSCOPE_RULE_CROSS_THREAD_FREES,
  MEMSCOPE_RULE_STORM,
  MEMSCOPE_RULE_HOT_SPOT,
  MEMSCOPE_RULE_PINNED_PAGES,
  MEMSCOPE_RULE_UNMATCHED_FREES,
  MEMSCOPE_N_RULES
} MemscopeRule;

typedef enum
{
  MEMSCOPE_RULE_CATEGORY_LEAKS,
  MEMSCOPE_RULE_CATEGORY_CHURN,
  MEMSCOPE_RULE_CATEGORY_LAYOUT,
  MEMSCOPE_RULE_CATEGORY_THREADS,
  MEMSCOPE_RULE_CATEGORY_PEAK,
  MEMSCOPE_N_RULE_CATEGORIES
} MemscopeRuleCategory;

typedef enum
{
  MEMSCOPE_SEVERITY_CRITICAL,
  MEMSCOPE_SEVERITY_WARNING,
  MEMSCOPE_SEVERITY_NOTE,
  MEMSCOPE_SEVERITY_HINT,
  MEMSCOPE_N_SEVERITIES
} MemscopeSeverity;

/* How sure it is that something is wrong, not how sure the numbers are. */
typedef enum
{
  MEMSCOPE_CONFIDENCE_LOW,
  MEMSCOPE_CONFIDENCE_MEDIUM,
  MEMSCOPE_CONFIDENCE_HIGH,
} MemscopeConfidence;

/* Why a rule could not be applied. */
typedef enum
{
  MEMSCOPE_UNCHECKED_NOT,                /* it was applied */
  MEMSCOPE_UNCHECKED_NO_DEATHS,          /* frees were not recorded */
  MEMSCOPE_UNCHECKED_NOT_ENDED,          /* the recording does not reach the end of the program */
  MEMSCOPE_UNCHECKED_SAMPLED,            /* needs every allocation */
  MEMSCOPE_UNCHECKED_NO_REALLOCS,        /* which block a realloc continued was not recorded */
  MEMSCOPE_UNCHECKED_NO_ROUNDING,        /* usable sizes were not recorded */
  MEMSCOPE_UNCHECKED_NO_FREEING_THREADS,
  MEMSCOPE_UNCHECKED_NO_ADDRESSES,       /* there is no heap with addresses */
  MEMSCOPE_UNCHECKED_TOO_MANY_BLOCKS,    /* more live blocks than the rule looks at */
  MEMSCOPE_UNCHECKED_NO_FREED_ADDRESSES, /* the session keeps no addresses of frees without a block */
  MEMSCOPE_N_UNCHECKED
} MemscopeUnchecked;

/**
 * MemscopeRuleLimits:
 *
 * The one table of thresholds, with the reason of each beside its value in
 * memscope-rule.c. Also what the inspector's advice and the page judge by.
 * Sizes in bytes, times in ns, shares 0 … 1.
 */
typedef struct
{
  guint64 leak_growing_blocks;
  guint64 leak_growing_bytes;
  guint64 leak_note_bytes;
  guint64 leak_large_bytes;
  guint64 leak_many_blocks;

  guint64 growth_births;
  guint64 growth_bytes;
  double  growth_factor;
  double  growth_fit;
  double  growth_span_share;
  double  growth_last_quarter;
  guint64 growth_warning_span;
  guint64 growth_critical_span;
  guint64 growth_critical_bytes;

  guint64 temporary_births;
  double  temporary_share;
  guint64 temporary_warning;

  guint64 realloc_resizes;
  guint64 realloc_copied;
  guint64 realloc_note;
  guint64 realloc_warning;

  guint64 equal_size;
  guint64 equal_blocks;
  double  equal_share;
  guint64 block_header;

  guint64 rounding_bytes;
  double  rounding_share;
  guint64 rounding_note;

  guint64 peak_bytes;
  double  peak_share;

  guint64 foreign_frees;
  double  foreign_share;
  double  foreign_rate;

  guint64 storm_range;
  guint64 storm_births;
  double  storm_factor;

  guint64 hot_births;
  double  hot_share;

  guint64 pinned_bytes;
  guint64 pinned_pages;
  double  pinned_fill;
  guint64 pinned_warning;
} MemscopeRuleLimits;

extern const MemscopeRuleLimits memscope_rule_limits;

/* "leak.growing": never changes, is in files of suppressions and in reports. */
const char           *memscope_rule_get_id             (MemscopeRule       rule);
/* FALSE: there is none of this name. */
gboolean              memscope_rule_from_id            (const char        *id,
                                                        MemscopeRule      *rule);
MemscopeRuleCategory  memscope_rule_get_category       (MemscopeRule       rule);

/* Names that never change, for files. */
const char           *memscope_rule_category_get_nick  (MemscopeRuleCategory category);
const char           *memscope_severity_get_nick       (MemscopeSeverity     severity);
const char           *memscope_confidence_get_nick     (MemscopeConfidence   confidence);
const char           *memscope_unchecked_get_nick      (MemscopeUnchecked    reason);

/* The judgements that the inspector's advice shares with the rules. */
gboolean              memscope_rule_is_temporary_churn (guint64              births,
                                                        guint64              temporary);
gboolean              memscope_rule_is_realloc_churn   (guint64              resizes,
                                                        guint64              copied_bytes);
gboolean              memscope_rule_is_equal_small     (guint64              blocks,
                                                        guint64              equal_blocks,
                                                        guint64              equal_size);
gboolean              memscope_rule_is_rounding        (guint64              requested,
                                                        guint64              rounding);
gboolean              memscope_rule_is_cross_thread    (guint64              known_frees,
                                                        guint64              foreign_frees);

G_END_DECLS
