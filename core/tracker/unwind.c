/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Rules are compiled the first time a pc is met and kept in one table for the
 * whole process, keyed by pc. A program has some ten thousand call sites that
 * ever lie below an allocation; whole modules have a hundred times as many, so
 * compiling those (cc1plus: 30 MB of code) would cost more time and memory than
 * it saves. The table is direct-mapped and lock-free: an entry is its pc and
 * eight bytes of rule, and a reader that sees the same pc before and after the
 * rule has an undivided entry, as stores are not reordered on this machine.
 *
 * Only what occurs in compiled code becomes a rule: CFA from sp or bp, the two
 * expressions that compilers and linkers write (realigned stacks, PLT entries),
 * and the signal frame. Anything else ends the stack as truncated.
 *
 * Memory is read only where it is known to be readable: pages are probed once,
 * by a system call that fails instead of faulting, and remembered per thread.
 */

#include "unwind.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "arch.h"

#define RULE_BITS      16
#define N_RULES        (1u << RULE_BITS)
#define EXACT_BIT      (UINT64_C (1) << 63)
#define PAGE           UINT64_C (4096)
#define NEAR           (64 * 1024)
#define MAX_STATES     16
#define MAX_PROGRAM    (64 * 1024)

#define REGISTER_BP    6
#define REGISTER_SP    7
#define REGISTER_PC    16

typedef struct
{
  _Atomic uint64_t key;
  _Atomic uint64_t rule;
} RuleEntry;

static RuleEntry *rules;

extern int _dl_find_object (void *address, struct dl_find_object *result) __attribute__ ((weak));

void
unwind_init (void)
{
  long memory = SYSCALL6 (SYS_mmap, 0, sizeof (RuleEntry) * N_RULES, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  if (rules == NULL && !(memory < 0 && memory > -4096))
    rules = (RuleEntry *)memory;
}

void
unwind_flush_rules (void)
{
  if (rules == NULL)
    return;
  for (uint32_t i = 0; i < N_RULES; i++)
    if (atomic_load_explicit (&rules[i].key, memory_order_relaxed) != 0)
      atomic_store_explicit (&rules[i].key, 0, memory_order_relaxed);
}

/* ---- reading .eh_frame -------------------------------------------------------- */

typedef struct
{
  const uint8_t *at;
  const uint8_t *end;
  bool           bad;
} Bytes;

static uint64_t
get_fixed (Bytes  *bytes,
           size_t  size)
{
  uint64_t value = 0;

  if ((size_t)(bytes->end - bytes->at) < size)
    {
      bytes->bad = true;
      bytes->at = bytes->end;
      return 0;
    }
  memcpy (&value, bytes->at, size);
  bytes->at += size;

  return value;
}

static uint64_t
get_uleb (Bytes *bytes)
{
  uint64_t value = 0;

  for (unsigned shift = 0; shift < 64; shift += 7)
    {
      uint64_t byte = get_fixed (bytes, 1);

      value |= (byte & 0x7f) << shift;
      if (byte < 0x80)
        return value;
    }
  bytes->bad = true;

  return 0;
}

static int64_t
get_sleb (Bytes *bytes)
{
  uint64_t value = 0;

  for (unsigned shift = 0; shift < 64;)
    {
      uint64_t byte = get_fixed (bytes, 1);

      value |= (byte & 0x7f) << shift;
      shift += 7;
      if (byte < 0x80)
        {
          if (shift < 64 && (byte & 0x40))
            value |= ~UINT64_C (0) << shift;
          return (int64_t)value;
        }
    }
  bytes->bad = true;

  return 0;
}

enum
{
  ENCODING_FORMAT  = 0x0f,
  ENCODING_PCREL   = 0x10,
  ENCODING_DATAREL = 0x30,
  ENCODING_BASE    = 0x70,
  ENCODING_OMIT    = 0xff,
};

static uint64_t
get_encoded (Bytes    *bytes,
             uint8_t   encoding,
             uint64_t  data_base)
{
  uint64_t here = (uint64_t)(uintptr_t)bytes->at;
  uint64_t value;

  switch (encoding & ENCODING_FORMAT)
    {
    case 0x00: value = get_fixed (bytes, 8); break;
    case 0x01: value = get_uleb (bytes); break;
    case 0x02: value = get_fixed (bytes, 2); break;
    case 0x03: value = get_fixed (bytes, 4); break;
    case 0x04: value = get_fixed (bytes, 8); break;
    case 0x09: value = (uint64_t)get_sleb (bytes); break;
    case 0x0a: value = (uint64_t)(int64_t)(int16_t)get_fixed (bytes, 2); break;
    case 0x0b: value = (uint64_t)(int64_t)(int32_t)get_fixed (bytes, 4); break;
    case 0x0c: value = get_fixed (bytes, 8); break;
    default:
      bytes->bad = true;
      return 0;
    }

  switch (encoding & ENCODING_BASE)
    {
    case 0: return value;
    case ENCODING_PCREL: return value + here;
    case ENCODING_DATAREL: return value + data_base;
    default:
      bytes->bad = true;
      return 0;
    }
}

/* The entry (FDE) that covers @pc, by the sorted table in .eh_frame_hdr. */
static const uint8_t *
find_entry (const uint8_t *header,
            uint64_t       pc)
{
  Bytes bytes = { header + 4, header + 64, false };
  const uint64_t base = (uint64_t)(uintptr_t)header;
  const int32_t *table;
  uint64_t count, low = 0, high;
  int64_t offset = (int64_t)(pc - base);

  if (header[0] != 1 || header[2] == ENCODING_OMIT || header[3] != (ENCODING_DATAREL | 0x0b))
    return NULL;
  get_encoded (&bytes, header[1], base);
  count = get_encoded (&bytes, header[2], base);
  if (bytes.bad || count == 0)
    return NULL;

  table = (const int32_t *)(const void *)bytes.at;
  high = count;
  if (offset < table[0])
    return NULL;
  while (high - low > 1)
    {
      uint64_t middle = low + (high - low) / 2;

      if (table[2 * middle] <= offset)
        low = middle;
      else
        high = middle;
    }

  return header + table[2 * low + 1];
}

/* What a common entry (CIE) and its FDE say. */
typedef struct
{
  uint64_t code_alignment;
  int64_t  data_alignment;
  uint8_t  pointer_encoding;
  bool     signal_frame;
  uint64_t start;
  uint64_t length;
  Bytes    initial;    /* the CIE's instructions */
  Bytes    program;    /* the FDE's */
} FrameDescription;

static bool
open_unit (const uint8_t *at,
           Bytes         *bytes)
{
  uint32_t length;

  memcpy (&length, at, sizeof length);
  if (length == 0 || length == UINT32_MAX || length > MAX_PROGRAM)
    return false;
  *bytes = (Bytes) { at + sizeof length, at + sizeof length + length, false };

  return true;
}

static bool
read_common (const uint8_t    *at,
             FrameDescription *frame)
{
  Bytes bytes;
  const char *augmentation;
  uint64_t version;

  if (!open_unit (at, &bytes) || get_fixed (&bytes, 4) != 0)
    return false;
  version = get_fixed (&bytes, 1);
  augmentation = (const char *)bytes.at;
  while (get_fixed (&bytes, 1) != 0)
    if (bytes.bad)
      return false;
  if (version != 1 && version != 3)
    return false;

  frame->code_alignment = get_uleb (&bytes);
  frame->data_alignment = get_sleb (&bytes);
  if ((version == 1 ? get_fixed (&bytes, 1) : get_uleb (&bytes)) != REGISTER_PC)
    return false;

  frame->pointer_encoding = 0;
  frame->signal_frame = false;
  if (augmentation[0] == 'z')
    {
      uint64_t length = get_uleb (&bytes);
      Bytes data = { bytes.at, bytes.at + length, false };

      if (length > (uint64_t)(bytes.end - bytes.at))
        return false;
      for (const char *letter = augmentation + 1; *letter != '\0'; letter++)
        switch (*letter)
          {
          case 'R': frame->pointer_encoding = (uint8_t)get_fixed (&data, 1); break;
          case 'P': get_encoded (&data, (uint8_t)get_fixed (&data, 1) & 0x7f, 0); break;
          case 'L': get_fixed (&data, 1); break;
          case 'S': frame->signal_frame = true; break;
          case 'B': break;
          default: return false;
          }
      bytes.at += length;
    }
  else if (augmentation[0] != '\0')
    return false;
  frame->initial = bytes;

  return !bytes.bad;
}

static bool
read_entry (const uint8_t    *at,
            uint64_t          pc,
            FrameDescription *frame)
{
  Bytes bytes;
  const uint8_t *here;
  int32_t back;

  if (at == NULL || !open_unit (at, &bytes))
    return false;
  here = bytes.at;
  back = (int32_t)get_fixed (&bytes, 4);
  if (back <= 0 || !read_common (here - back, frame))
    return false;

  frame->start = get_encoded (&bytes, frame->pointer_encoding, 0);
  frame->length = get_encoded (&bytes, frame->pointer_encoding & ENCODING_FORMAT, 0);
  if (bytes.bad || pc < frame->start || pc - frame->start >= frame->length)
    return false;
  {
    uint64_t length = get_uleb (&bytes);

    if (length > (uint64_t)(bytes.end - bytes.at))
      return false;
    bytes.at += length;
  }
  frame->program = bytes;

  return !bytes.bad;
}

/* ---- running its instructions ------------------------------------------------------ */

typedef struct
{
  uint64_t cfa_register;
  int64_t  cfa_offset;
  uint8_t  cfa;            /* CFA_UNKNOWN: register and offset hold */
  uint8_t  bp;             /* BpKind */
  int64_t  bp_offset;
  bool     bp_unknown;     /* a rule for bp that has no kind */
  bool     outermost;
  bool     pc_elsewhere;   /* the return address is not at cfa - 8 */
} Row;

enum { OP_BREG0 = 0x70, OP_DEREF = 0x06 };

/* The expressions that occur: "breg6 n, deref" (a realigned frame) and the PLT's
 * "breg7 8, breg16 0, lit15, and, lit11, ge, lit3, shl, plus".
 */
static void
read_cfa_expression (Row   *row,
                     Bytes  expression)
{
  static const uint8_t plt[] = { 0x77, 0x08, 0x80, 0x00, 0x3f, 0x1a, 0x3b, 0x2a, 0x33, 0x24, 0x22 };
  size_t length = (size_t)(expression.end - expression.at);

  row->cfa = CFA_UNKNOWN;
  row->cfa_register = UINT64_MAX;
  /* older linkers compare with 10 */
  if (length == sizeof plt && memcmp (expression.at, plt, 6) == 0 && memcmp (expression.at + 7, plt + 7, 4) == 0 &&
      expression.at[6] == 0x3b)
    {
      row->cfa = CFA_PLT;
      return;
    }
  if (length >= 3 && expression.at[0] == OP_BREG0 + REGISTER_BP)
    {
      expression.at++;
      row->cfa_offset = get_sleb (&expression);
      if (expression.end - expression.at == 1 && expression.at[0] == OP_DEREF)
        row->cfa = CFA_BP_LOAD;
    }
}

/* "breg6 n": bp is saved at bp + n. */
static void
read_bp_expression (Row   *row,
                    Bytes  expression)
{
  row->bp_unknown = true;
  if (expression.end - expression.at < 2 || *expression.at++ != OP_BREG0 + REGISTER_BP)
    return;
  row->bp_offset = get_sleb (&expression);
  if (expression.at != expression.end || expression.bad)
    return;
  row->bp = BP_AT_BP;
  row->bp_unknown = false;
}

static void
set_saved (Row      *row,
           uint64_t  which,
           int64_t   offset)
{
  if (which == REGISTER_BP)
    {
      row->bp = BP_AT_CFA;
      row->bp_offset = offset;
      row->bp_unknown = false;
    }
  else if (which == REGISTER_PC)
    row->pc_elsewhere = offset != -8;
}

static void
restore (Row       *row,
         uint64_t   which,
         const Row *initial)
{
  if (which == REGISTER_BP)
    {
      row->bp = initial->bp;
      row->bp_offset = initial->bp_offset;
      row->bp_unknown = initial->bp_unknown;
    }
}

static void
set_cfa (Row      *row,
         uint64_t  which,
         int64_t   offset)
{
  row->cfa = CFA_UNKNOWN;
  row->cfa_register = which;
  row->cfa_offset = offset;
}

static Bytes
get_block (Bytes *bytes)
{
  uint64_t length = get_uleb (bytes);
  Bytes block = { bytes->at, bytes->at, false };

  if (length > (uint64_t)(bytes->end - bytes->at))
    bytes->bad = true;
  else
    {
      block.end = bytes->at + length;
      bytes->at = block.end;
    }

  return block;
}

/* Runs instructions until the row for @pc is complete. */
static bool
run (const FrameDescription *frame,
     Bytes                   bytes,
     uint64_t                pc,
     const Row              *initial,
     Row                    *row)
{
  Row states[MAX_STATES];
  int n_states = 0;
  uint64_t location = frame->start;

  while (bytes.at < bytes.end && !bytes.bad)
    {
      uint8_t op = (uint8_t)get_fixed (&bytes, 1);
      uint8_t low = op & 0x3f;
      uint64_t which;
      Bytes block;

      switch (op & 0xc0)
        {
        case 0x40: /* advance_loc */
          location += low * frame->code_alignment;
          if (location > pc)
            return true;
          continue;
        case 0x80: /* offset */
          set_saved (row, low, (int64_t)get_uleb (&bytes) * frame->data_alignment);
          continue;
        case 0xc0: /* restore */
          restore (row, low, initial);
          continue;
        default:
          break;
        }

      switch (op)
        {
        case 0x00: /* nop */
          break;
        case 0x01: /* set_loc */
          location = get_encoded (&bytes, frame->pointer_encoding, 0);
          if (location > pc)
            return true;
          break;
        case 0x02: /* advance_loc1, 2, 4 */
        case 0x03:
        case 0x04:
          location += get_fixed (&bytes, op == 0x02 ? 1 : op == 0x03 ? 2 : 4) * frame->code_alignment;
          if (location > pc)
            return true;
          break;
        case 0x05: /* offset_extended */
          which = get_uleb (&bytes);
          set_saved (row, which, (int64_t)get_uleb (&bytes) * frame->data_alignment);
          break;
        case 0x06: /* restore_extended */
          restore (row, get_uleb (&bytes), initial);
          break;
        case 0x07: /* undefined */
          which = get_uleb (&bytes);
          if (which == REGISTER_PC)
            row->outermost = true;
          break;
        case 0x08: /* same_value */
          which = get_uleb (&bytes);
          if (which == REGISTER_BP)
            {
              row->bp = BP_SAME;
              row->bp_unknown = false;
            }
          break;
        case 0x09: /* register */
          which = get_uleb (&bytes);
          get_uleb (&bytes);
          row->bp_unknown |= which == REGISTER_BP;
          row->pc_elsewhere |= which == REGISTER_PC;
          break;
        case 0x0a: /* remember_state */
          if (n_states == MAX_STATES)
            return false;
          states[n_states++] = *row;
          break;
        case 0x0b: /* restore_state */
          if (n_states == 0)
            return false;
          *row = states[--n_states];
          break;
        case 0x0c: /* def_cfa */
          which = get_uleb (&bytes);
          set_cfa (row, which, (int64_t)get_uleb (&bytes));
          break;
        case 0x0d: /* def_cfa_register */
          set_cfa (row, get_uleb (&bytes), row->cfa_offset);
          break;
        case 0x0e: /* def_cfa_offset */
          row->cfa_offset = (int64_t)get_uleb (&bytes);
          break;
        case 0x0f: /* def_cfa_expression */
          read_cfa_expression (row, get_block (&bytes));
          break;
        case 0x10: /* expression */
          which = get_uleb (&bytes);
          block = get_block (&bytes);
          if (which == REGISTER_BP)
            read_bp_expression (row, block);
          row->pc_elsewhere |= which == REGISTER_PC;
          break;
        case 0x11: /* offset_extended_sf */
          which = get_uleb (&bytes);
          set_saved (row, which, get_sleb (&bytes) * frame->data_alignment);
          break;
        case 0x12: /* def_cfa_sf */
          which = get_uleb (&bytes);
          set_cfa (row, which, get_sleb (&bytes) * frame->data_alignment);
          break;
        case 0x13: /* def_cfa_offset_sf */
          row->cfa_offset = get_sleb (&bytes) * frame->data_alignment;
          break;
        case 0x14: /* val_offset */
        case 0x15: /* val_offset_sf */
          which = get_uleb (&bytes);
          get_uleb (&bytes);
          row->bp_unknown |= which == REGISTER_BP;
          row->pc_elsewhere |= which == REGISTER_PC;
          break;
        case 0x16: /* val_expression */
          which = get_uleb (&bytes);
          get_block (&bytes);
          row->bp_unknown |= which == REGISTER_BP;
          row->pc_elsewhere |= which == REGISTER_PC;
          break;
        case 0x2e: /* GNU_args_size */
          get_uleb (&bytes);
          break;
        default:
          return false;
        }
    }

  return !bytes.bad;
}

static UnwindRule
rule_of_row (const Row *row)
{
  UnwindRule rule = { 0 };

  if (row->outermost)
    rule.cfa = CFA_OUTERMOST;
  else if (row->pc_elsewhere || row->bp_unknown ||
           row->bp_offset != (int16_t)row->bp_offset || row->cfa_offset != (int32_t)row->cfa_offset)
    rule.cfa = CFA_UNKNOWN;
  else if (row->cfa != CFA_UNKNOWN)
    rule.cfa = row->cfa;
  else if (row->cfa_register == REGISTER_SP)
    rule.cfa = CFA_SP;
  else if (row->cfa_register == REGISTER_BP)
    rule.cfa = CFA_BP;

  rule.cfa_offset = (int32_t)row->cfa_offset;
  rule.bp = row->bp;
  rule.bp_offset = (int16_t)row->bp_offset;

  return rule;
}

static UnwindRule
compile_rule (uint64_t pc,
              bool     exact)
{
  static const UnwindRule unknown = { 0 };
  struct dl_find_object object;
  FrameDescription frame;
  Row initial = { .cfa_register = UINT64_MAX }, row;
  uint64_t lookup = exact ? pc : pc - 1;

  if (_dl_find_object == NULL || _dl_find_object ((void *)(uintptr_t)lookup, &object) != 0 ||
      object.dlfo_eh_frame == NULL ||
      !read_entry (find_entry (object.dlfo_eh_frame, lookup), lookup, &frame))
    return unknown;

  if (frame.signal_frame)
    return (UnwindRule) { .cfa = CFA_SIGNAL };

  if (!run (&frame, frame.initial, UINT64_MAX, &initial, &initial))
    return unknown;
  row = initial;
  if (!run (&frame, frame.program, lookup, &initial, &row))
    return unknown;

  return rule_of_row (&row);
}

static inline UnwindRule
find_rule (uint64_t pc,
           bool     exact)
{
  uint64_t key = exact ? pc | EXACT_BIT : pc;
  RuleEntry *entry;
  UnwindRule rule;
  uint64_t packed;

  if (rules == NULL)
    return compile_rule (pc, exact);

  entry = &rules[(key * UINT64_C (0x9e3779b97f4a7c15)) >> (64 - RULE_BITS)];
  if (atomic_load_explicit (&entry->key, memory_order_acquire) == key)
    {
      packed = atomic_load_explicit (&entry->rule, memory_order_acquire);
      if (atomic_load_explicit (&entry->key, memory_order_relaxed) == key)
        {
          memcpy (&rule, &packed, sizeof rule);
          return rule;
        }
    }

  rule = compile_rule (pc, exact);
  memcpy (&packed, &rule, sizeof packed);
  atomic_store_explicit (&entry->key, 0, memory_order_release);
  atomic_store_explicit (&entry->rule, packed, memory_order_release);
  atomic_store_explicit (&entry->key, key, memory_order_release);

  return rule;
}

/* ---- reading the stack ---------------------------------------------------------------- */

/* The kernel copies the word in before it finds the first argument senseless:
 * EFAULT instead of EINVAL means that it could not.
 */
static bool
page_is_readable (uint64_t address)
{
  return SYSCALL4 (SYS_rt_sigprocmask, -1, address, 0, 8) != -14;
}

/* Stacks are read upwards from sp, and sp moves: the range grows by pages to
 * either side while that is near, and begins anew on another stack.
 */
static bool
extend_range (UnwindRange *range,
              uint64_t     address)
{
  uint64_t page = address & ~(PAGE - 1);
  bool above = page >= range->high && page - range->high <= NEAR;
  bool below = page < range->low && range->low - page <= NEAR;

  if (range->low == range->high || !(above || below))
    {
      if (!page_is_readable (page))
        return false;
      *range = (UnwindRange) { page, page + PAGE };
      return true;
    }
  for (; range->high <= page; range->high += PAGE)
    if (!page_is_readable (range->high))
      return false;
  for (; range->low > page; range->low -= PAGE)
    if (!page_is_readable (range->low - PAGE))
      return false;

  return true;
}

static inline bool
load (UnwindRange *range,
      uint64_t     address,
      uint64_t    *word)
{
  if (address & 7)
    return false;
  if ((address < range->low || address >= range->high) && !extend_range (range, address))
    return false;
  *word = *(const uint64_t *)(uintptr_t)address;

  return true;
}

static UnwindResult
step_over_signal (UnwindState *state,
                  UnwindRange *readable)
{
  uint64_t frame = state->sp, pc, sp, bp;

  if (!load (readable, frame + ARCH_SIGNAL_PC, &pc) ||
      !load (readable, frame + ARCH_SIGNAL_SP, &sp) ||
      !load (readable, frame + ARCH_SIGNAL_BP, &bp) || pc == 0)
    return UNWIND_TRUNCATED;

  *state = (UnwindState) { .pc = pc, .sp = sp, .bp = bp, .slot = frame + ARCH_SIGNAL_PC, .exact = true, .loaded_cfa = true };

  return UNWIND_STEPPED;
}

UnwindResult
unwind_step (UnwindState *state,
             UnwindRange *readable)
{
  UnwindRule rule = find_rule (state->pc, state->exact);
  uint64_t cfa, pc, bp = state->bp, bp_slot = 0;

  switch ((CfaKind)rule.cfa)
    {
    case CFA_SP:
      cfa = state->sp + (uint64_t)(int64_t)rule.cfa_offset;
      break;
    case CFA_BP:
      cfa = state->bp + (uint64_t)(int64_t)rule.cfa_offset;
      break;
    case CFA_BP_LOAD:
      if (!load (readable, state->bp + (uint64_t)(int64_t)rule.cfa_offset, &cfa))
        return UNWIND_TRUNCATED;
      break;
    case CFA_PLT:
      cfa = state->sp + 8 + ((state->pc & 15) >= 11 ? 8 : 0);
      break;
    case CFA_SIGNAL:
      return step_over_signal (state, readable);
    case CFA_OUTERMOST:
      return UNWIND_OUTERMOST;
    case CFA_UNKNOWN:
    default:
      return UNWIND_TRUNCATED;
    }

  /* stacks grow down: a caller's frame lies above */
  if (cfa <= state->sp && !(state->exact && cfa == state->sp))
    return UNWIND_TRUNCATED;
  if (!load (readable, cfa - 8, &pc))
    return UNWIND_TRUNCATED;
  if (rule.bp != BP_SAME)
    {
      bp_slot = (rule.bp == BP_AT_CFA ? cfa : state->bp) + (uint64_t)(int64_t)rule.bp_offset;
      if (!load (readable, bp_slot, &bp))
        return UNWIND_TRUNCATED;
    }
  if (pc == 0)
    return UNWIND_OUTERMOST;

  *state = (UnwindState) { .pc = pc, .sp = cfa, .bp = bp, .slot = cfa - 8, .bp_slot = bp_slot,
                           .loaded_cfa = rule.cfa == CFA_BP_LOAD };

  return UNWIND_STEPPED;
}
