/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-rule.h"

#define KIB G_GUINT64_CONSTANT (1024)
#define MIB (1024 * KIB)
#define SECOND G_GUINT64_CONSTANT (1000000000)

const MemscopeRuleLimits memscope_rule_limits = {
  /* One block of a kind may be a cache, ten that came one after the other are a habit. */
  .leak_growing_blocks = 10,
  .leak_growing_bytes = 1 * KIB,
  /* A page: less can't be had back anyway. */
  .leak_note_bytes = 4 * KIB,
  .leak_large_bytes = 1 * MIB,
  .leak_many_blocks = 100,

  /* A line through fewer points can be anything. */
  .growth_births = 20,
  .growth_bytes = 64 * KIB,
  /* Growth means more than the noise of something that is large anyway. */
  .growth_factor = 1.5,
  /* So much of what the curve does is explained by a straight line. */
  .growth_fit = 0.8,
  /* What grows in the beginning only is being built up. */
  .growth_span_share = 0.5,
  /* And it has not levelled off: the slope of the last quarter against all of it. */
  .growth_last_quarter = 0.25,
  /* Programs that run for less build things up and end. */
  .growth_warning_span = 10 * SECOND,
  .growth_critical_span = 60 * SECOND,
  .growth_critical_bytes = 64 * MIB,

  /* A malloc and a free cost some 50 ns: a thousand are nothing, a million are felt. */
  .temporary_births = 1000,
  .temporary_share = 0.5,
  .temporary_warning = 1000000,

  /* Doubling from 16 bytes to 4 KiB takes 8 steps: what does more has not doubled. */
  .realloc_resizes = 8,
  .realloc_copied = 4 * KIB,
  .realloc_note = 1 * MIB,
  .realloc_warning = 256 * MIB,

  /* Above this size the header of a block no longer matters. */
  .equal_size = 256,
  .equal_blocks = 1000,
  .equal_share = 0.8,
  /* glibc keeps the size of a block in the 8 bytes before it. */
  .block_header = 8,

  /* A page of waste, and more than the eighth that size classes cost by design. */
  .rounding_bytes = 4 * KIB,
  .rounding_share = 0.125,
  .rounding_note = 1 * MIB,

  /* Nobody runs out of less. */
  .peak_bytes = 1 * MIB,
  .peak_share = 0.25,

  .foreign_frees = 1000,
  .foreign_share = 0.5,
  /* A contended lock costs some 100 ns: at this rate one per cent of a core. */
  .foreign_rate = 100e3,

  /* In a shorter run everything is a storm. */
  .storm_range = 1 * SECOND,
  .storm_births = 10000,
  .storm_factor = 8,

  .hot_births = 100000,
  .hot_share = 0.25,

  .pinned_bytes = 256 * KIB,
  .pinned_pages = 64,
  .pinned_fill = 0.25,
  .pinned_warning = 16 * MIB,
};

static const struct
{
  const char           *id;
  MemscopeRuleCategory  category;
} rules[MEMSCOPE_N_RULES] = {
  [MEMSCOPE_RULE_LEAK_GROWING] = { "leak.growing", MEMSCOPE_RULE_CATEGORY_LEAKS },
  [MEMSCOPE_RULE_LEAK_ALIVE_AT_EXIT] = { "leak.alive-at-exit", MEMSCOPE_RULE_CATEGORY_LEAKS },
  [MEMSCOPE_RULE_GROWTH] = { "growth.call-site", MEMSCOPE_RULE_CATEGORY_LEAKS },
  [MEMSCOPE_RULE_TEMPORARY_CHURN] = { "churn.temporary", MEMSCOPE_RULE_CATEGORY_CHURN },
  [MEMSCOPE_RULE_REALLOC_CHURN] = { "churn.realloc", MEMSCOPE_RULE_CATEGORY_CHURN },
  [MEMSCOPE_RULE_EQUAL_SMALL_BLOCKS] = { "layout.equal-small", MEMSCOPE_RULE_CATEGORY_LAYOUT },
  [MEMSCOPE_RULE_ROUNDING] = { "layout.rounding", MEMSCOPE_RULE_CATEGORY_LAYOUT },
  [MEMSCOPE_RULE_PEAK_BLAME] = { "peak.blame", MEMSCOPE_RULE_CATEGORY_PEAK },
  [MEMSCOPE_RULE_CROSS_THREAD_FREES] = { "threads.cross-thread-frees", MEMSCOPE_RULE_CATEGORY_THREADS },
  [MEMSCOPE_RULE_STORM] = { "churn.storm", MEMSCOPE_RULE_CATEGORY_CHURN },
  [MEMSCOPE_RULE_HOT_SPOT] = { "churn.hot-spot", MEMSCOPE_RULE_CATEGORY_CHURN },
  [MEMSCOPE_RULE_PINNED_PAGES] = { "layout.pinned-pages", MEMSCOPE_RULE_CATEGORY_LAYOUT },
  [MEMSCOPE_RULE_UNMATCHED_FREES] = { "free.unmatched", MEMSCOPE_RULE_CATEGORY_LEAKS },
};

const char *
memscope_rule_get_id (MemscopeRule rule)
{
  g_return_val_if_fail (rule < MEMSCOPE_N_RULES, NULL);

  return rules[rule].id;
}

gboolean
memscope_rule_from_id (const char   *id,
                       MemscopeRule *rule)
{
  for (guint i = 0; i < MEMSCOPE_N_RULES; i++)
    {
      if (g_str_equal (rules[i].id, id))
        {
          *rule = i;
          return TRUE;
        }
    }

  return FALSE;
}

MemscopeRuleCategory
memscope_rule_get_category (MemscopeRule rule)
{
  g_return_val_if_fail (rule < MEMSCOPE_N_RULES, 0);

  return rules[rule].category;
}

const char *
memscope_rule_category_get_nick (MemscopeRuleCategory category)
{
  static const char *const nicks[MEMSCOPE_N_RULE_CATEGORIES] = { "leaks", "churn", "layout", "threads", "peak" };

  g_return_val_if_fail (category < MEMSCOPE_N_RULE_CATEGORIES, NULL);

  return nicks[category];
}

const char *
memscope_severity_get_nick (MemscopeSeverity severity)
{
  static const char *const nicks[MEMSCOPE_N_SEVERITIES] = { "critical", "warning", "note", "hint" };

  g_return_val_if_fail (severity < MEMSCOPE_N_SEVERITIES, NULL);

  return nicks[severity];
}

const char *
memscope_confidence_get_nick (MemscopeConfidence confidence)
{
  static const char *const nicks[] = { "low", "medium", "high" };

  g_return_val_if_fail (confidence < G_N_ELEMENTS (nicks), NULL);

  return nicks[confidence];
}

const char *
memscope_unchecked_get_nick (MemscopeUnchecked reason)
{
  static const char *const nicks[MEMSCOPE_N_UNCHECKED] = {
    [MEMSCOPE_UNCHECKED_NOT] = "checked",
    [MEMSCOPE_UNCHECKED_NO_DEATHS] = "no-deaths",
    [MEMSCOPE_UNCHECKED_NOT_ENDED] = "not-ended",
    [MEMSCOPE_UNCHECKED_SAMPLED] = "sampled",
    [MEMSCOPE_UNCHECKED_NO_REALLOCS] = "no-reallocs",
    [MEMSCOPE_UNCHECKED_NO_ROUNDING] = "no-rounding",
    [MEMSCOPE_UNCHECKED_NO_FREEING_THREADS] = "no-freeing-threads",
    [MEMSCOPE_UNCHECKED_NO_ADDRESSES] = "no-addresses",
    [MEMSCOPE_UNCHECKED_TOO_MANY_BLOCKS] = "too-many-blocks",
    [MEMSCOPE_UNCHECKED_NO_FREED_ADDRESSES] = "no-freed-addresses",
  };

  g_return_val_if_fail (reason < MEMSCOPE_N_UNCHECKED, NULL);

  return nicks[reason];
}

gboolean
memscope_rule_is_temporary_churn (guint64 births,
                                  guint64 temporary)
{
  return temporary >= memscope_rule_limits.temporary_births &&
         (double)temporary >= memscope_rule_limits.temporary_share * (double)births;
}

gboolean
memscope_rule_is_realloc_churn (guint64 resizes,
                                guint64 copied_bytes)
{
  return resizes >= memscope_rule_limits.realloc_resizes && copied_bytes >= memscope_rule_limits.realloc_copied;
}

gboolean
memscope_rule_is_equal_small (guint64 blocks,
                              guint64 equal_blocks,
                              guint64 equal_size)
{
  return equal_size <= memscope_rule_limits.equal_size && equal_blocks >= memscope_rule_limits.equal_blocks &&
         (double)equal_blocks >= memscope_rule_limits.equal_share * (double)blocks;
}

gboolean
memscope_rule_is_rounding (guint64 requested,
                           guint64 rounding)
{
  return rounding >= memscope_rule_limits.rounding_bytes &&
         (double)rounding >= memscope_rule_limits.rounding_share * ((double)requested + (double)rounding);
}

gboolean
memscope_rule_is_cross_thread (guint64 known_frees,
                               guint64 foreign_frees)
{
  return foreign_frees >= memscope_rule_limits.foreign_frees &&
         (double)foreign_frees >= memscope_rule_limits.foreign_share * (double)known_frees;
}
