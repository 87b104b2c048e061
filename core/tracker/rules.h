/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* Call-frame information compiled to one word per return address.
 *
 * The table is shared by all threads and lock-free: a key (the return address)
 * takes an empty place by compare and swap and never leaves it; its rule is one
 * atomic word, 0 while it is not known. Whoever meets a 0 works the rule out and
 * stores it; two threads that do so store the same. When a module goes, the rules
 * of its addresses become 0 again. A table that is half full is replaced by a copy
 * four times as large; nobody waits for that, and readers of the old one go on.
 *
 * A Rule:
 *   bits  0-2   RuleKind
 *   bits  3-4   RuleRbp
 *   bits  5-12  what is added to a loaded CFA (signed)
 *   bits 13-38  offset of the CFA from its register, or of the load (signed)
 *   bits 39-62  offset of the saved rbp from the CFA or from rbp (signed)
 *   bit  63     always set
 *
 * Offsets of RULE_CFA_RSP and RULE_CFA_RBP are multiples of 8; where rbp is saved at
 * an offset from the CFA, that is below the return address, and under RULE_CFA_RSP
 * not below rsp. Any other rule is RULE_COMPLEX.
 */

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "cfi.h"

typedef uint64_t Rule;

typedef struct
{
  _Atomic uint64_t key;    /* the return address; 0: empty */
  _Atomic uint64_t rule;
} RuleEntry;

typedef struct
{
  uint32_t         size;   /* a power of two */
  _Atomic uint32_t n_used;
  RuleEntry        entries[];
} RuleTable;

extern _Atomic (RuleTable *) rules_table __attribute__ ((visibility ("hidden")));

typedef enum
{
  RULE_CFA_RSP      = 0,   /* CFA = rsp + offset */
  RULE_CFA_RBP      = 1,   /* CFA = rbp + offset */
  RULE_CFA_LOAD_RSP = 2,   /* CFA = *(rsp + offset) + addend */
  RULE_CFA_LOAD_RBP = 3,   /* CFA = *(rbp + offset) + addend: a function that realigned its stack */
  RULE_OUTERMOST    = 4,
  RULE_UNKNOWN      = 5,   /* no information: the rest of the stack is not recorded */
  RULE_COMPLEX      = 6,   /* needs more registers than rsp and rbp, or is a signal frame */
} RuleKind;

typedef enum
{
  RBP_SAME   = 0,
  RBP_AT_CFA = 1,          /* saved at CFA + offset */
  RBP_AT_RBP = 2,          /* saved at rbp + offset */
} RuleRbp;

/* Of these bits only the last is set in the rules of nearly all frames: the CFA is an
 * offset from rsp or rbp, and rbp is the same or saved at an offset from the CFA.
 */
#define RULE_MADE      (UINT64_C (1) << 63)
#define RULE_FAST_MASK (RULE_MADE | UINT64_C (0x16))

/* The slow half of rules_find(): not in its first place, or not known yet. */
Rule rules_search (uintptr_t pc, CfiScratch *scratch);

/* In the child of a fork: the thread that was making the table larger is gone. */
void rules_forked (void);

/* The code in [@start, @end) is gone. */
void rules_forget (uintptr_t start, uintptr_t end);

/* Calls that stand side by side have their rules side by side: a stack's rules should
 * take few cache lines.
 */
static inline uint32_t
rules_place (const RuleTable *in,
             uintptr_t        pc)
{
  return (uint32_t)(pc >> 3 ^ pc >> 14) & (in->size - 1);
}

/* The rule for the caller's frame whose return address is @pc; never 0. */
static inline Rule
rules_find (uintptr_t   pc,
            CfiScratch *scratch)
{
  RuleTable *in = atomic_load_explicit (&rules_table, memory_order_acquire);

  if (__builtin_expect (in != NULL, 1))
    {
      RuleEntry *entry = &in->entries[rules_place (in, pc)];

      if (__builtin_expect (atomic_load_explicit (&entry->key, memory_order_acquire) == pc, 1))
        {
          Rule rule = atomic_load_explicit (&entry->rule, memory_order_acquire);

          if (__builtin_expect (rule != 0, 1))
            return rule;
        }
    }

  return rules_search (pc, scratch);
}

static inline RuleKind
rule_kind (Rule rule)
{
  return (RuleKind)(rule & 7);
}

static inline RuleRbp
rule_rbp (Rule rule)
{
  return (RuleRbp)(rule >> 3 & 3);
}

static inline int64_t
rule_addend (Rule rule)
{
  return (int64_t)(rule << 51) >> 56;
}

static inline int64_t
rule_offset (Rule rule)
{
  return (int64_t)(rule << 25) >> 38;
}

static inline int64_t
rule_rbp_offset (Rule rule)
{
  return (int64_t)(rule << 1) >> 40;
}
