/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-finding-text.h"

#include <glib/gi18n-lib.h>

/* A table of strings marked for translation, by index. */
static const char *
translate (const char *const *words,
           guint              n,
           guint              index)
{
  g_return_val_if_fail (index < n, "");

  return _(words[index]);
}

char *
memscope_finding_dup_title (const MemscopeFinding *self,
                            const char            *subject,
                            const char            *thread,
                            const char            *other_thread)
{
  switch (self->rule)
    {
    case MEMSCOPE_RULE_LEAK_GROWING:
      return g_strdup_printf (_("%s leaks, and keeps growing"), subject);

    case MEMSCOPE_RULE_LEAK_ALIVE_AT_EXIT:
      return g_strdup_printf (_("%s is alive at exit"), subject);

    case MEMSCOPE_RULE_GROWTH:
      return g_strdup_printf (_("%s grows all the time"), subject);

    case MEMSCOPE_RULE_TEMPORARY_CHURN:
      return g_strdup_printf (_("%s is freed as soon as it is allocated"), subject);

    case MEMSCOPE_RULE_REALLOC_CHURN:
      return g_strdup_printf (_("%s is copied while it grows"), subject);

    case MEMSCOPE_RULE_EQUAL_SMALL_BLOCKS:
      return g_strdup_printf (_("%s is many small blocks of one size"), subject);

    case MEMSCOPE_RULE_ROUNDING:
      return g_strdup_printf (_("%s fits the allocator’s sizes badly"), subject);

    case MEMSCOPE_RULE_PEAK_BLAME:
      return g_strdup_printf (_("%s holds most at the peak"), subject);

    case MEMSCOPE_RULE_CROSS_THREAD_FREES:
      /* Translators: two threads, then a variable: "worker-3 frees what worker-2 allocates: request". */
      return self->thread != 0 ? g_strdup_printf (_("%s frees what %s allocates: %s"), other_thread, thread, subject)
                               : g_strdup_printf (_("%s is freed by other threads"), subject);

    case MEMSCOPE_RULE_STORM:
      return self->has_subject ? g_strdup_printf (_("%s makes a storm of allocations"), subject)
                               : g_strdup (_("A storm of allocations"));

    case MEMSCOPE_RULE_HOT_SPOT:
      return g_strdup_printf (_("%s allocates most often"), subject);

    case MEMSCOPE_RULE_PINNED_PAGES:
      return g_strdup_printf (_("%s keeps nearly empty pages"), subject);

    default:
      return g_strdup (subject);
    }
}

const char *
memscope_rule_get_advice (MemscopeRule rule)
{
  static const char *const words[MEMSCOPE_N_RULES] = {
    [MEMSCOPE_RULE_LEAK_GROWING] = N_("Look at the stack: who should free these blocks, and when? Each round of work leaves more of them behind. Free them when their last user is done, or bound what keeps them."),
    [MEMSCOPE_RULE_LEAK_ALIVE_AT_EXIT] = N_("Alive at the end is all that a recording by itself can say: something meant to stay until the end is no defect. Free it when its last user is done, or mute it."),
    [MEMSCOPE_RULE_GROWTH] = N_("Bound it: a limit on the number of entries, an age after which they go, or a smaller lifetime. If it is only being built up, it will level off: record for longer."),
    [MEMSCOPE_RULE_TEMPORARY_CHURN] = N_("Keep one buffer between the calls, or put small ones on the stack."),
    [MEMSCOPE_RULE_REALLOC_CHURN] = N_("If the final size is known or can be bounded, allocate it at once (reserve, with_capacity), or grow by a factor."),
    [MEMSCOPE_RULE_EQUAL_SMALL_BLOCKS] = N_("Allocate them from an array or a pool: less overhead, and neighbours in memory."),
    [MEMSCOPE_RULE_ROUNDING] = N_("Use the room that is there (malloc_usable_size), choose sizes just below a size class, or allocate several together."),
    [MEMSCOPE_RULE_PEAK_BLAME] = N_("The peak decides how much memory the program needs: what it holds then is what is worth making smaller, or shorter-lived."),
    [MEMSCOPE_RULE_CROSS_THREAD_FREES] = N_("Hand the blocks back to the allocating thread, or pass ownership in batches: such frees contend for the allocator’s locks."),
    [MEMSCOPE_RULE_STORM] = N_("Look at what the program did just then: allocate in larger pieces, reuse buffers, or spread the work."),
    [MEMSCOPE_RULE_HOT_SPOT] = N_("What is allocated this often is worth allocating differently: several at once, from a pool, or not at all."),
    [MEMSCOPE_RULE_PINNED_PAGES] = N_("Allocate what lives long before what lives short, or apart from it, so that whole pages become free and can be given back."),
    [MEMSCOPE_RULE_UNMATCHED_FREES] = "",
  };

  g_return_val_if_fail (rule < MEMSCOPE_N_RULES, "");

  return *words[rule] != '\0' ? _(words[rule]) : "";
}

const char *
memscope_rule_get_name (MemscopeRule rule)
{
  static const char *const words[MEMSCOPE_N_RULES] = {
    [MEMSCOPE_RULE_LEAK_GROWING] = N_("blocks never freed that keep growing"),
    [MEMSCOPE_RULE_LEAK_ALIVE_AT_EXIT] = N_("blocks alive at exit"),
    [MEMSCOPE_RULE_GROWTH] = N_("growth without bound"),
    [MEMSCOPE_RULE_TEMPORARY_CHURN] = N_("temporary blocks"),
    [MEMSCOPE_RULE_REALLOC_CHURN] = N_("growth by repeated realloc"),
    [MEMSCOPE_RULE_EQUAL_SMALL_BLOCKS] = N_("many small equal blocks"),
    [MEMSCOPE_RULE_ROUNDING] = N_("waste by rounding"),
    [MEMSCOPE_RULE_PEAK_BLAME] = N_("what holds most at the peak"),
    [MEMSCOPE_RULE_CROSS_THREAD_FREES] = N_("frees across threads"),
    [MEMSCOPE_RULE_STORM] = N_("storms of allocations"),
    [MEMSCOPE_RULE_HOT_SPOT] = N_("hot spots"),
    [MEMSCOPE_RULE_PINNED_PAGES] = N_("nearly empty pages"),
    [MEMSCOPE_RULE_UNMATCHED_FREES] = N_("double and invalid frees"),
  };

  return translate (words, MEMSCOPE_N_RULES, rule);
}

const char *
memscope_rule_category_get_name (MemscopeRuleCategory category)
{
  static const char *const words[MEMSCOPE_N_RULE_CATEGORIES] = {
    NC_("finding", "Leaks"), NC_("finding", "Churn"), NC_("finding", "Layout"), NC_("finding", "Threads"), NC_("finding", "Peak"),
  };

  g_return_val_if_fail (category < MEMSCOPE_N_RULE_CATEGORIES, "");

  return g_dpgettext2 (GETTEXT_PACKAGE, "finding", words[category]);
}

const char *
memscope_severity_get_name (MemscopeSeverity severity)
{
  static const char *const words[MEMSCOPE_N_SEVERITIES] = {
    NC_("severity", "Critical"), NC_("severity", "Warning"), NC_("severity", "Note"), NC_("severity", "Hint"),
  };

  g_return_val_if_fail (severity < MEMSCOPE_N_SEVERITIES, "");

  return g_dpgettext2 (GETTEXT_PACKAGE, "severity", words[severity]);
}

const char *
memscope_confidence_get_name (MemscopeConfidence confidence)
{
  static const char *const words[] = { N_("low confidence"), N_("medium confidence"), N_("high confidence") };

  return translate (words, G_N_ELEMENTS (words), confidence);
}

const char *
memscope_evidence_get_name (MemscopeEvidenceId id)
{
  static const char *const words[MEMSCOPE_N_EVIDENCE] = {
    [MEMSCOPE_EVIDENCE_NEVER_FREED_BYTES] = N_("Never freed"),
    [MEMSCOPE_EVIDENCE_NEVER_FREED_BLOCKS] = N_("Blocks never freed"),
    [MEMSCOPE_EVIDENCE_NEVER_FREED_SHARE] = N_("Of its allocations"),
    [MEMSCOPE_EVIDENCE_OLDEST_AGE] = N_("Age of the oldest"),
    [MEMSCOPE_EVIDENCE_SLOPE] = N_("Slope"),
    [MEMSCOPE_EVIDENCE_FIT] = N_("Fit of the line (R²)"),
    [MEMSCOPE_EVIDENCE_GAINED] = N_("Gained"),
    [MEMSCOPE_EVIDENCE_SPAN] = N_("Over"),
    [MEMSCOPE_EVIDENCE_TEMPORARY] = N_("Temporary blocks"),
    [MEMSCOPE_EVIDENCE_TEMPORARY_SHARE] = N_("Of its allocations"),
    [MEMSCOPE_EVIDENCE_BORN_BYTES] = N_("Bytes allocated"),
    [MEMSCOPE_EVIDENCE_COPIED] = N_("Copied"),
    [MEMSCOPE_EVIDENCE_RESIZES] = N_("Resizes"),
    [MEMSCOPE_EVIDENCE_MOVES] = N_("Of them moved"),
    [MEMSCOPE_EVIDENCE_CHAINS] = N_("Blocks that grew"),
    [MEMSCOPE_EVIDENCE_EQUAL_BLOCKS] = N_("Blocks of one size"),
    [MEMSCOPE_EVIDENCE_EQUAL_SIZE] = N_("That size"),
    [MEMSCOPE_EVIDENCE_EQUAL_SHARE] = N_("Of its allocations"),
    [MEMSCOPE_EVIDENCE_ROUNDING] = N_("Rounding at the peak"),
    [MEMSCOPE_EVIDENCE_ROUNDING_SHARE] = N_("Of the usable bytes"),
    [MEMSCOPE_EVIDENCE_REQUESTED] = N_("Asked for"),
    [MEMSCOPE_EVIDENCE_PEAK_BYTES] = N_("Held at the peak"),
    [MEMSCOPE_EVIDENCE_PEAK_SHARE] = N_("Of the peak"),
    [MEMSCOPE_EVIDENCE_PEAK_TOTAL] = N_("Peak of all"),
    [MEMSCOPE_EVIDENCE_PEAK_TIME] = N_("At"),
    [MEMSCOPE_EVIDENCE_FOREIGN_FREES] = N_("Freed by another thread"),
    [MEMSCOPE_EVIDENCE_FOREIGN_SHARE] = N_("Of its frees"),
    [MEMSCOPE_EVIDENCE_FOREIGN_RATE] = N_("Such frees a second"),
    [MEMSCOPE_EVIDENCE_PAIR_SHARE] = N_("Between these two threads"),
    [MEMSCOPE_EVIDENCE_STORM_BIRTHS] = N_("Allocations in it"),
    [MEMSCOPE_EVIDENCE_STORM_RATE] = N_("Rate in it"),
    [MEMSCOPE_EVIDENCE_STORM_FACTOR] = N_("Times the rate of the rest"),
    [MEMSCOPE_EVIDENCE_STORM_LENGTH] = N_("Length"),
    [MEMSCOPE_EVIDENCE_BIRTHS] = N_("Allocations"),
    [MEMSCOPE_EVIDENCE_BIRTH_SHARE] = N_("Of all allocations"),
    [MEMSCOPE_EVIDENCE_BIRTH_RATE] = N_("Allocations a second"),
    [MEMSCOPE_EVIDENCE_PINNED_BYTES] = N_("Free on these pages"),
    [MEMSCOPE_EVIDENCE_PINNED_PAGES] = N_("Pages"),
    [MEMSCOPE_EVIDENCE_PINNING_BLOCKS] = N_("Live blocks on them"),
    [MEMSCOPE_EVIDENCE_PINNED_FREE_SHARE] = N_("Of these pages free"),
  };

  return translate (words, MEMSCOPE_N_EVIDENCE, id);
}

const char *
memscope_saving_get_name (MemscopeSavingMethod method)
{
  static const char *const words[MEMSCOPE_N_SAVINGS] = {
    [MEMSCOPE_SAVING_NOT_MEASURED] = N_("How much it saves was not measured."),
    [MEMSCOPE_SAVING_FREED_IN_TIME] = N_("at the end of the recording: all that was never freed"),
    [MEMSCOPE_SAVING_BOUNDED] = N_("if it stayed as large as where the trend begins"),
    [MEMSCOPE_SAVING_CALLS] = N_("pairs of malloc and free: the temporary blocks"),
    [MEMSCOPE_SAVING_COPIES] = N_("of copying, if each had its last size from the beginning: the sum of the smaller size over all moves"),
    [MEMSCOPE_SAVING_POOLED] = N_("at the peak: the rounding of these blocks, and 8 bytes of header each"),
    [MEMSCOPE_SAVING_FITTED] = N_("at the peak: usable less requested bytes"),
    [MEMSCOPE_SAVING_UNPINNED] = N_("at this instant: what is free on these pages"),
  };

  return translate (words, MEMSCOPE_N_SAVINGS, method);
}

const char *
memscope_unchecked_get_reason (MemscopeUnchecked reason)
{
  static const char *const words[MEMSCOPE_N_UNCHECKED] = {
    [MEMSCOPE_UNCHECKED_NOT] = N_("checked"),
    [MEMSCOPE_UNCHECKED_NO_DEATHS] = N_("frees were not recorded"),
    [MEMSCOPE_UNCHECKED_NOT_ENDED] = N_("the recording does not reach the end of the program"),
    [MEMSCOPE_UNCHECKED_SAMPLED] = N_("it needs every allocation, and these are samples"),
    [MEMSCOPE_UNCHECKED_NO_REALLOCS] = N_("which block a realloc continued was not recorded"),
    [MEMSCOPE_UNCHECKED_NO_ROUNDING] = N_("usable sizes were not recorded"),
    [MEMSCOPE_UNCHECKED_NO_FREEING_THREADS] = N_("the freeing threads were not recorded"),
    [MEMSCOPE_UNCHECKED_NO_ADDRESSES] = N_("there is no heap with addresses here"),
    [MEMSCOPE_UNCHECKED_TOO_MANY_BLOCKS] = N_("there are too many live blocks"),
    [MEMSCOPE_UNCHECKED_NO_FREED_ADDRESSES] = N_("how many frees met no known block is recorded, not where"),
  };

  return translate (words, MEMSCOPE_N_UNCHECKED, reason);
}

const char *
memscope_rule_get_cause_name (MemscopeRule rule)
{
  switch (rule)
    {
    case MEMSCOPE_RULE_LEAK_GROWING:
    case MEMSCOPE_RULE_LEAK_ALIVE_AT_EXIT:
      return _("who allocated what was never freed");

    case MEMSCOPE_RULE_GROWTH:
      return _("who holds it where the trend ends");

    case MEMSCOPE_RULE_REALLOC_CHURN:
      return _("who copies");

    case MEMSCOPE_RULE_ROUNDING:
      return _("who wastes at the peak");

    case MEMSCOPE_RULE_PEAK_BLAME:
      return _("who holds the peak");

    case MEMSCOPE_RULE_PINNED_PAGES:
      return _("who holds it at the instant");

    default:
      return _("who allocates");
    }
}
