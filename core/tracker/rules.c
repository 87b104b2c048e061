/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "rules.h"

#include <stdatomic.h>
#include <stdbool.h>

#include "memory.h"
#include "modules.h"

#define FIRST_SIZE  (UINT32_C (1) << 14)
#define MAX_SIZE    (UINT32_C (1) << 22)
#define MAX_PROBES  64u

_Atomic (RuleTable *) rules_table;

static _Atomic uint32_t growing;
static _Atomic uint32_t forgetting;   /* odd while it goes on (under the modules' lock) */

/* ---- compiling ------------------------------------------------------------ */

static bool
fits (int64_t  value,
      unsigned bits)
{
  return value >= -(INT64_C (1) << (bits - 1)) && value < INT64_C (1) << (bits - 1);
}

/* What rules.h promises of the simple rules. */
static bool
is_sound (RuleKind kind,
          RuleRbp  rbp,
          int64_t  offset,
          int64_t  rbp_offset)
{
  if (kind > RULE_CFA_RBP)
    return true;
  if ((offset & 7) != 0 || (kind == RULE_CFA_RSP && offset < 8))
    return false;
  if (rbp != RBP_AT_CFA)
    return true;

  return (rbp_offset & 7) == 0 && rbp_offset <= -16 && (kind == RULE_CFA_RBP || offset + rbp_offset >= 0);
}

static Rule
make_rule (RuleKind kind,
           RuleRbp  rbp,
           int64_t  addend,
           int64_t  offset,
           int64_t  rbp_offset)
{
  if (!fits (addend, 8) || !fits (offset, 26) || !fits (rbp_offset, 24) || !is_sound (kind, rbp, offset, rbp_offset))
    return make_rule (RULE_COMPLEX, RBP_SAME, 0, 0, 0);

  return RULE_MADE | (uint64_t)kind | (uint64_t)rbp << 3 | ((uint64_t)addend & 0xff) << 5 |
         ((uint64_t)offset & 0x3ffffff) << 13 | ((uint64_t)rbp_offset & 0xffffff) << 39;
}

static Rule
simple_rule (RuleKind kind)
{
  return make_rule (kind, RBP_SAME, 0, 0, 0);
}

static bool
compile_cfa (const CfiRow *row,
             RuleKind     *kind,
             int64_t      *addend,
             int64_t      *offset)
{
  uint8_t reg = row->cfa_register;

  *addend = 0;
  *offset = row->cfa_value;

  if (row->cfa_is_expression)
    {
      if (!cfi_is_load ((const uint8_t *)(uintptr_t)row->cfa_value, &reg, offset, addend))
        return false;
      *kind = reg == DWARF_RSP ? RULE_CFA_LOAD_RSP : RULE_CFA_LOAD_RBP;
    }
  else
    {
      *kind = reg == DWARF_RSP ? RULE_CFA_RSP : RULE_CFA_RBP;
    }

  return reg == DWARF_RSP || reg == DWARF_RBP;
}

/* "Saved at rbp + n" is how functions that realigned their stack put it. */
static bool
compile_rbp (const CfiRow *row,
             RuleRbp      *rbp,
             int64_t      *offset)
{
  const uint8_t *expression;

  *offset = 0;

  switch ((CfiKind)row->kinds[DWARF_RBP])
    {
    case CFI_SAME:
    case CFI_UNDEFINED:
      *rbp = RBP_SAME;
      return true;

    case CFI_OFFSET:
      *rbp = RBP_AT_CFA;
      *offset = row->values[DWARF_RBP];
      return true;

    case CFI_EXPRESSION:
      expression = (const uint8_t *)(uintptr_t)row->values[DWARF_RBP];
      *rbp = RBP_AT_RBP;
      if (expression[0] != 2 || expression[1] != 0x70 + DWARF_RBP || expression[2] >= 0x80)
        return false;
      *offset = (int64_t)((uint64_t)expression[2] << 57) >> 57;
      return true;

    default:
      return false;
    }
}

static Rule
compile (const CfiScratch *scratch)
{
  const CfiRow *row = &scratch->row;
  int64_t addend, offset, rbp_offset;
  RuleKind kind;
  RuleRbp rbp;

  if (row->kinds[DWARF_RA] == CFI_UNDEFINED)
    return simple_rule (RULE_OUTERMOST);

  if (scratch->signal_frame || row->kinds[DWARF_RA] != CFI_OFFSET || row->values[DWARF_RA] != -8 ||
      row->kinds[DWARF_RSP] != CFI_SAME ||
      !compile_cfa (row, &kind, &addend, &offset) || !compile_rbp (row, &rbp, &rbp_offset))
    return simple_rule (RULE_COMPLEX);

  return make_rule (kind, rbp, addend, offset, rbp_offset);
}

static Rule
work_out (uintptr_t   pc,
          CfiScratch *scratch)
{
  uintptr_t start, end;
  const uint8_t *header = modules_find_cfi (pc - 1, &start, &end);

  if (header == NULL || !cfi_find_row (header, start, end, pc - 1, scratch))
    return simple_rule (RULE_UNKNOWN);

  return compile (scratch);
}

/* ---- the table ------------------------------------------------------------------ */

static RuleTable *
new_table (uint32_t size)
{
  RuleTable *made = own_memory_map (sizeof *made + size * sizeof (RuleEntry));

  if (made != NULL)
    made->size = size;

  return made;
}

/* The entry of @pc, taken for it if need be; NULL when there is no place near. */
static RuleEntry *
entry_of (RuleTable *in,
          uintptr_t  pc)
{
  uint32_t at = rules_place (in, pc);

  for (unsigned i = 0; i < MAX_PROBES; i++, at++)
    {
      RuleEntry *entry = &in->entries[at & (in->size - 1)];
      uint64_t key = atomic_load_explicit (&entry->key, memory_order_acquire);

      if (key == 0 && atomic_compare_exchange_strong (&entry->key, &key, pc))
        {
          atomic_fetch_add_explicit (&in->n_used, 1, memory_order_relaxed);
          return entry;
        }
      if (key == pc)
        return entry;
    }

  return NULL;
}

/* What others add to the full table meanwhile is worked out once more. */
static void
copy_rules (RuleTable *to,
            RuleTable *from)
{
  for (uint32_t i = 0; i < from->size; i++)
    {
      uint64_t key = atomic_load_explicit (&from->entries[i].key, memory_order_acquire);
      Rule rule = atomic_load_explicit (&from->entries[i].rule, memory_order_acquire);
      RuleEntry *entry = rule != 0 ? entry_of (to, key) : NULL;

      if (entry != NULL)
        atomic_store_explicit (&entry->rule, rule, memory_order_relaxed);
    }
}

static void
clear_rules (RuleTable *in,
             uintptr_t  start,
             uintptr_t  end)
{
  for (uint32_t i = 0; i < in->size; i++)
    {
      uint64_t key = atomic_load_explicit (&in->entries[i].key, memory_order_relaxed);

      /* a return address may be the first one behind the module */
      if (key > start && key <= end)
        atomic_store_explicit (&in->entries[i].rule, 0, memory_order_release);
    }
}

/* Nobody waits: who finds another thread at it goes on with the full table. A rule
 * that was forgotten while it was copied would live on in the copy, so then the
 * copy begins without rules.
 */
static void
grow (RuleTable *full)
{
  uint32_t size = full != NULL ? full->size * 4 : FIRST_SIZE;
  uint32_t before = atomic_load (&forgetting);
  RuleTable *made;

  if (size > MAX_SIZE || atomic_exchange_explicit (&growing, 1, memory_order_acquire) != 0)
    return;

  if (atomic_load_explicit (&rules_table, memory_order_relaxed) == full && (made = new_table (size)) != NULL)
    {
      if (full != NULL)
        copy_rules (made, full);
      atomic_store (&rules_table, made);
      if ((before & 1) != 0 || atomic_load (&forgetting) != before)
        clear_rules (made, 0, UINTPTR_MAX);
    }

  atomic_store_explicit (&growing, 0, memory_order_release);
}

__attribute__ ((noinline)) static Rule
find_slowly (uintptr_t   pc,
             CfiScratch *scratch)
{
  Rule rule = work_out (pc, scratch);
  RuleTable *in = atomic_load_explicit (&rules_table, memory_order_acquire);
  RuleEntry *entry;

  if (in == NULL || atomic_load_explicit (&in->n_used, memory_order_relaxed) >= in->size / 2)
    {
      grow (in);
      in = atomic_load_explicit (&rules_table, memory_order_acquire);
    }

  if (in != NULL && (entry = entry_of (in, pc)) != NULL)
    atomic_store_explicit (&entry->rule, rule, memory_order_release);

  return rule;
}

Rule
rules_search (uintptr_t   pc,
              CfiScratch *scratch)
{
  RuleTable *in = atomic_load_explicit (&rules_table, memory_order_acquire);

  if (in != NULL)
    {
      uint32_t at = rules_place (in, pc);

      for (unsigned i = 0; i < MAX_PROBES; i++, at++)
        {
          RuleEntry *entry = &in->entries[at & (in->size - 1)];
          uint64_t key = atomic_load_explicit (&entry->key, memory_order_acquire);

          if (key == pc)
            {
              Rule rule = atomic_load_explicit (&entry->rule, memory_order_acquire);

              if (rule != 0)
                return rule;
              break;
            }
          if (key == 0)
            break;
        }
    }

  return find_slowly (pc, scratch);
}

void
rules_forked (void)
{
  atomic_store_explicit (&growing, 0, memory_order_relaxed);
  atomic_store_explicit (&forgetting, 0, memory_order_relaxed);
}

void
rules_forget (uintptr_t start,
              uintptr_t end)
{
  RuleTable *in;

  atomic_fetch_add (&forgetting, 1);
  in = atomic_load (&rules_table);
  if (in != NULL)
    clear_rules (in, start, end);
  atomic_fetch_add (&forgetting, 1);
}
