/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cfi.h"

#include <string.h>

/* Bytes being read; past the end every read gives 0 and `failed` stays set. */
typedef struct
{
  const uint8_t *at;
  const uint8_t *end;
  bool           failed;
} Reader;

typedef struct
{
  uint64_t code_alignment;
  int64_t  data_alignment;
  uint8_t  pointer_encoding;
} Cie;

enum
{
  EH_PE_ABSPTR  = 0x00,
  EH_PE_ULEB    = 0x01,
  EH_PE_UDATA2  = 0x02,
  EH_PE_UDATA4  = 0x03,
  EH_PE_UDATA8  = 0x04,
  EH_PE_SLEB    = 0x09,
  EH_PE_SDATA2  = 0x0a,
  EH_PE_SDATA4  = 0x0b,
  EH_PE_SDATA8  = 0x0c,
  EH_PE_PCREL   = 0x10,
  EH_PE_DATAREL = 0x30,
  EH_PE_OMIT    = 0xff,
};

/* ---- numbers ------------------------------------------------------------ */

static uint64_t
read_bytes (Reader   *reader,
            unsigned  n)
{
  uint64_t value = 0;

  if ((size_t)(reader->end - reader->at) < n)
    {
      reader->failed = true;
      reader->at = reader->end;
      return 0;
    }

  memcpy (&value, reader->at, n);
  reader->at += n;

  return value;
}

static uint64_t
read_uleb (Reader *reader)
{
  uint64_t value = 0, byte;
  unsigned shift = 0;

  do
    {
      byte = read_bytes (reader, 1);
      if (shift < 64)
        value |= (byte & 0x7f) << shift;
      shift += 7;
    }
  while (byte & 0x80);

  return value;
}

static int64_t
read_sleb (Reader *reader)
{
  uint64_t value = 0, byte;
  unsigned shift = 0;

  do
    {
      byte = read_bytes (reader, 1);
      if (shift < 64)
        value |= (byte & 0x7f) << shift;
      shift += 7;
    }
  while (byte & 0x80);

  if (shift < 64 && (byte & 0x40))
    value |= ~UINT64_C (0) << shift;

  return (int64_t)value;
}

static uint64_t
read_encoded (Reader    *reader,
              uint8_t    encoding,
              uintptr_t  data_base)
{
  uintptr_t here = (uintptr_t)reader->at;
  uint64_t value;

  switch (encoding & 0x0f)
    {
    case EH_PE_ABSPTR:
    case EH_PE_UDATA8:
    case EH_PE_SDATA8:
      value = read_bytes (reader, 8);
      break;
    case EH_PE_ULEB:
      value = read_uleb (reader);
      break;
    case EH_PE_UDATA2:
      value = read_bytes (reader, 2);
      break;
    case EH_PE_UDATA4:
      value = read_bytes (reader, 4);
      break;
    case EH_PE_SLEB:
      value = (uint64_t)read_sleb (reader);
      break;
    case EH_PE_SDATA2:
      value = (uint64_t)(int64_t)(int16_t)read_bytes (reader, 2);
      break;
    case EH_PE_SDATA4:
      value = (uint64_t)(int64_t)(int32_t)read_bytes (reader, 4);
      break;
    default:
      reader->failed = true;
      return 0;
    }

  switch (encoding & 0x70)
    {
    case 0:
      return value;
    case EH_PE_PCREL:
      return value + here;
    case EH_PE_DATAREL:
      return value + data_base;
    default:
      reader->failed = true;
      return 0;
    }
}

/* ---- finding the entry ---------------------------------------------------- */

/* A table of (start of function, entry), both relative to the header, sorted. */
typedef struct
{
  int32_t start;
  int32_t entry;
} TableEntry;

static const uint8_t *
search_table (const uint8_t *header,
              uintptr_t      end,
              uintptr_t      pc)
{
  Reader reader = { header + 4, (const uint8_t *)end, false };
  const TableEntry *table;
  int64_t relative = (int64_t)(pc - (uintptr_t)header);
  uint64_t low = 0, high, n;

  if (header[0] != 1 || header[1] == EH_PE_OMIT || header[2] == EH_PE_OMIT ||
      header[3] != (EH_PE_DATAREL | EH_PE_SDATA4))
    return NULL;

  read_encoded (&reader, header[1], (uintptr_t)header);
  n = read_encoded (&reader, header[2], (uintptr_t)header);
  if (reader.failed || n == 0 || n > (size_t)(reader.end - reader.at) / sizeof *table ||
      ((uintptr_t)reader.at & 3) != 0)
    return NULL;

  table = (const TableEntry *)(const void *)reader.at;
  if (relative < table[0].start)
    return NULL;

  for (high = n; high - low > 1; )
    {
      uint64_t middle = (low + high) / 2;

      if (table[middle].start <= relative)
        low = middle;
      else
        high = middle;
    }

  return header + table[low].entry;
}

/* Where a CIE or FDE ends; *@body is what follows its length. NULL: it has none. */
static const uint8_t *
entry_end (const uint8_t  *entry,
           uintptr_t       start,
           uintptr_t       end,
           const uint8_t **body)
{
  Reader reader = { entry, (const uint8_t *)end, false };
  uint64_t length;

  if ((uintptr_t)entry < start || (uintptr_t)entry >= end)
    return NULL;

  length = read_bytes (&reader, 4);
  if (length == UINT32_MAX)
    length = read_bytes (&reader, 8);
  if (reader.failed || length < 4 || length > (size_t)(reader.end - reader.at))
    return NULL;

  *body = reader.at;

  return reader.at + length;
}

/* Reads the augmentation; what is not known is passed by, thanks to its length. */
static bool
read_augmentation (Reader     *reader,
                   const char *text,
                   Cie        *cie,
                   bool       *signal_frame)
{
  const uint8_t *end;
  uint64_t length;

  if (*text == '\0')
    return true;
  if (*text != 'z')
    return false;

  length = read_uleb (reader);
  if (reader->failed || length > (size_t)(reader->end - reader->at))
    return false;
  end = reader->at + length;

  for (text++; *text != '\0'; text++)
    switch (*text)
      {
      case 'R':
        cie->pointer_encoding = (uint8_t)read_bytes (reader, 1);
        break;
      case 'P':
        read_encoded (reader, read_bytes (reader, 1) & 0x0f, 0);
        break;
      case 'L':
        read_bytes (reader, 1);
        break;
      case 'S':
        *signal_frame = true;
        break;
      default:
        reader->at = end;
        return !reader->failed;
      }

  reader->at = end;

  return !reader->failed;
}

/* Leaves @reader at the initial instructions. */
static bool
read_cie (Reader *reader,
          Cie    *cie,
          bool   *signal_frame)
{
  const char *augmentation;
  uint64_t version;

  read_bytes (reader, 4);
  version = read_bytes (reader, 1);
  augmentation = (const char *)reader->at;
  while (!reader->failed && read_bytes (reader, 1) != 0)
    ;
  if (version != 1 && version != 3)
    return false;

  *cie = (Cie) { .code_alignment = read_uleb (reader) };
  cie->data_alignment = read_sleb (reader);
  if ((version == 1 ? read_bytes (reader, 1) : read_uleb (reader)) != DWARF_RA || reader->failed)
    return false;

  return read_augmentation (reader, augmentation, cie, signal_frame);
}

/* ---- instructions ------------------------------------------------------------ */

typedef struct
{
  const Cie  *cie;
  CfiScratch *scratch;
  CfiRow     *row;
  uintptr_t   location;
  uintptr_t   pc;
  unsigned    n_remembered;
} Machine;

/* The vector registers and the like are of no interest. */
static void
set_rule (Machine  *machine,
          uint64_t  reg,
          CfiKind   kind,
          int64_t   value)
{
  if (reg >= DWARF_N_REGISTERS)
    return;

  machine->row->kinds[reg] = kind;
  machine->row->values[reg] = value;
}

static void
restore_rule (Machine  *machine,
              uint64_t  reg)
{
  if (reg < DWARF_N_REGISTERS)
    set_rule (machine, reg, machine->scratch->initial.kinds[reg], machine->scratch->initial.values[reg]);
}

static void
set_expression (Machine  *machine,
                Reader   *reader,
                uint64_t  reg,
                CfiKind   kind)
{
  const uint8_t *expression = reader->at;
  uint64_t length = read_uleb (reader);

  if (reader->failed || length > (size_t)(reader->end - reader->at))
    {
      reader->failed = true;
      return;
    }

  reader->at += length;
  set_rule (machine, reg, kind, (int64_t)(uintptr_t)expression);
}

static void
set_cfa (Machine  *machine,
         Reader   *reader,
         uint64_t  reg,
         int64_t   offset)
{
  machine->row->cfa_is_expression = false;
  machine->row->cfa_register = (uint8_t)reg;
  machine->row->cfa_value = offset;
  if (reg >= DWARF_N_REGISTERS)
    reader->failed = true;
}

/* True when the row of the wanted pc is complete. */
static bool
advance (Machine  *machine,
         uint64_t  delta)
{
  machine->location += delta * machine->cie->code_alignment;

  return machine->location > machine->pc;
}

static void
remember (Machine *machine,
          Reader  *reader)
{
  if (machine->n_remembered == CFI_MAX_REMEMBERED)
    reader->failed = true;
  else
    machine->scratch->remembered[machine->n_remembered++] = *machine->row;
}

static void
recall (Machine *machine,
        Reader  *reader)
{
  if (machine->n_remembered == 0)
    reader->failed = true;
  else
    *machine->row = machine->scratch->remembered[--machine->n_remembered];
}

static bool
execute_extended (Machine *machine,
                  Reader  *reader,
                  uint8_t  opcode)
{
  int64_t scale = machine->cie->data_alignment;
  uint64_t reg;

  switch (opcode)
    {
    case 0x00: /* nop */
      return false;
    case 0x01: /* set_loc */
      machine->location = read_encoded (reader, machine->cie->pointer_encoding, 0);
      return machine->location > machine->pc;
    case 0x02: /* advance_loc1 */
      return advance (machine, read_bytes (reader, 1));
    case 0x03: /* advance_loc2 */
      return advance (machine, read_bytes (reader, 2));
    case 0x04: /* advance_loc4 */
      return advance (machine, read_bytes (reader, 4));
    case 0x05: /* offset_extended */
      reg = read_uleb (reader);
      set_rule (machine, reg, CFI_OFFSET, (int64_t)read_uleb (reader) * scale);
      return false;
    case 0x06: /* restore_extended */
      restore_rule (machine, read_uleb (reader));
      return false;
    case 0x07: /* undefined */
      set_rule (machine, read_uleb (reader), CFI_UNDEFINED, 0);
      return false;
    case 0x08: /* same_value */
      set_rule (machine, read_uleb (reader), CFI_SAME, 0);
      return false;
    case 0x09: /* register */
      reg = read_uleb (reader);
      set_rule (machine, reg, CFI_REGISTER, (int64_t)read_uleb (reader));
      return false;
    case 0x0a:
      remember (machine, reader);
      return false;
    case 0x0b:
      recall (machine, reader);
      return false;
    case 0x0c: /* def_cfa */
      reg = read_uleb (reader);
      set_cfa (machine, reader, reg, (int64_t)read_uleb (reader));
      return false;
    case 0x0d: /* def_cfa_register */
      set_cfa (machine, reader, read_uleb (reader), machine->row->cfa_value);
      return false;
    case 0x0e: /* def_cfa_offset */
      set_cfa (machine, reader, machine->row->cfa_register, (int64_t)read_uleb (reader));
      return false;
    case 0x0f: /* def_cfa_expression */
      machine->row->cfa_is_expression = true;
      machine->row->cfa_value = (int64_t)(uintptr_t)reader->at;
      set_expression (machine, reader, DWARF_N_REGISTERS, CFI_EXPRESSION);
      return false;
    case 0x10: /* expression */
      set_expression (machine, reader, read_uleb (reader), CFI_EXPRESSION);
      return false;
    case 0x11: /* offset_extended_sf */
      reg = read_uleb (reader);
      set_rule (machine, reg, CFI_OFFSET, read_sleb (reader) * scale);
      return false;
    case 0x12: /* def_cfa_sf */
      reg = read_uleb (reader);
      set_cfa (machine, reader, reg, read_sleb (reader) * scale);
      return false;
    case 0x13: /* def_cfa_offset_sf */
      set_cfa (machine, reader, machine->row->cfa_register, read_sleb (reader) * scale);
      return false;
    case 0x14: /* val_offset */
      reg = read_uleb (reader);
      set_rule (machine, reg, CFI_VAL_OFFSET, (int64_t)read_uleb (reader) * scale);
      return false;
    case 0x15: /* val_offset_sf */
      reg = read_uleb (reader);
      set_rule (machine, reg, CFI_VAL_OFFSET, read_sleb (reader) * scale);
      return false;
    case 0x16: /* val_expression */
      set_expression (machine, reader, read_uleb (reader), CFI_VAL_EXPRESSION);
      return false;
    case 0x2e: /* GNU_args_size: of use to landing pads only */
      read_uleb (reader);
      return false;
    case 0x2f: /* GNU_negative_offset_extended */
      reg = read_uleb (reader);
      set_rule (machine, reg, CFI_OFFSET, -((int64_t)read_uleb (reader) * scale));
      return false;
    default:
      reader->failed = true;
      return true;
    }
}

static bool
execute (Machine *machine,
         Reader  *reader)
{
  while (reader->at < reader->end && !reader->failed)
    {
      uint8_t opcode = (uint8_t)read_bytes (reader, 1);
      uint8_t operand = opcode & 0x3f;
      bool complete = false;

      switch (opcode >> 6)
        {
        case 1:
          complete = advance (machine, operand);
          break;
        case 2:
          set_rule (machine, operand, CFI_OFFSET, (int64_t)read_uleb (reader) * machine->cie->data_alignment);
          break;
        case 3:
          restore_rule (machine, operand);
          break;
        default:
          complete = execute_extended (machine, reader, opcode);
          break;
        }

      if (complete)
        break;
    }

  return !reader->failed;
}

bool
cfi_find_row (const uint8_t *header,
              uintptr_t      start,
              uintptr_t      end,
              uintptr_t      pc,
              CfiScratch    *scratch)
{
  const uint8_t *entry, *entry_stop, *cie_stop, *body;
  Reader cie_reader, reader;
  uint64_t first, length;
  Machine machine;
  Cie cie;

  entry = search_table (header, end, pc);
  if (entry == NULL || (entry_stop = entry_end (entry, start, end, &body)) == NULL)
    return false;

  /* the distance back to the CIE, from where it stands */
  reader = (Reader) { body, entry_stop, false };
  cie_stop = entry_end (body - read_bytes (&reader, 4), start, end, &body);
  if (cie_stop == NULL)
    return false;

  scratch->signal_frame = false;
  cie_reader = (Reader) { body, cie_stop, false };
  if (!read_cie (&cie_reader, &cie, &scratch->signal_frame))
    return false;

  first = read_encoded (&reader, cie.pointer_encoding, 0);
  length = read_encoded (&reader, cie.pointer_encoding & 0x0f, 0);
  if (reader.failed || pc - first >= length)
    return false;

  length = read_uleb (&reader);
  if (reader.failed || length > (size_t)(reader.end - reader.at))
    return false;
  reader.at += length;

  memset (&scratch->row, 0, sizeof scratch->row);
  memset (&scratch->initial, 0, sizeof scratch->initial);
  machine = (Machine) { .cie = &cie, .scratch = scratch, .row = &scratch->row, .pc = UINTPTR_MAX };
  if (!execute (&machine, &cie_reader))
    return false;

  scratch->initial = scratch->row;
  machine.location = first;
  machine.pc = pc;
  machine.n_remembered = 0;

  return execute (&machine, &reader);
}

/* ---- expressions ---------------------------------------------------------------- */

#define STACK_DEPTH 16

typedef struct
{
  uint64_t        values[STACK_DEPTH];
  unsigned        depth;
  const uint64_t *registers;
  CfiReader       read;
  void           *data;
} Evaluation;

static bool
push (Evaluation *evaluation,
      uint64_t    value)
{
  if (evaluation->depth == STACK_DEPTH)
    return false;

  evaluation->values[evaluation->depth++] = value;

  return true;
}

static bool
push_copy (Evaluation *evaluation,
           uint64_t    below)
{
  return below < evaluation->depth && push (evaluation, evaluation->values[evaluation->depth - 1 - below]);
}

static bool
push_register (Evaluation *evaluation,
               uint64_t    reg,
               int64_t     offset)
{
  return reg < DWARF_N_REGISTERS && push (evaluation, evaluation->registers[reg] + (uint64_t)offset);
}

static bool
evaluate_unary (Evaluation *evaluation,
                Reader     *reader,
                uint8_t     opcode)
{
  uint64_t *top = &evaluation->values[evaluation->depth - 1];

  if (evaluation->depth < 1)
    return false;

  switch (opcode)
    {
    case 0x06: /* deref */
      return evaluation->read (evaluation->data, *top, top);
    case 0x13: /* drop */
      evaluation->depth--;
      return true;
    case 0x19: /* abs */
      *top = (int64_t)*top < 0 ? -*top : *top;
      return true;
    case 0x1f: /* neg */
      *top = -*top;
      return true;
    case 0x20: /* not */
      *top = ~*top;
      return true;
    case 0x23: /* plus_uconst */
      *top += read_uleb (reader);
      return true;
    default:
      return false;
    }
}

static bool
evaluate_binary (Evaluation *evaluation,
                 uint8_t     opcode)
{
  uint64_t a, b, *result;

  if (evaluation->depth < 2)
    return false;

  b = evaluation->values[--evaluation->depth];
  result = &evaluation->values[evaluation->depth - 1];
  a = *result;

  switch (opcode)
    {
    case 0x16: /* swap */
      *result = b;
      return push (evaluation, a);
    case 0x1a: *result = a & b; return true;
    case 0x1c: *result = a - b; return true;
    case 0x1e: *result = a * b; return true;
    case 0x21: *result = a | b; return true;
    case 0x22: *result = a + b; return true;
    case 0x24: *result = b < 64 ? a << b : 0; return true;
    case 0x25: *result = b < 64 ? a >> b : 0; return true;
    case 0x26: *result = (uint64_t)((int64_t)a >> (b < 64 ? b : 63)); return true;
    case 0x27: *result = a ^ b; return true;
    case 0x29: *result = a == b; return true;
    case 0x2a: *result = (int64_t)a >= (int64_t)b; return true;
    case 0x2b: *result = (int64_t)a > (int64_t)b; return true;
    case 0x2c: *result = (int64_t)a <= (int64_t)b; return true;
    case 0x2d: *result = (int64_t)a < (int64_t)b; return true;
    case 0x2e: *result = a != b; return true;
    default: return false;
    }
}

static bool
evaluate_operation (Evaluation *evaluation,
                    Reader     *reader,
                    uint8_t     opcode)
{
  if (opcode >= 0x30 && opcode <= 0x4f) /* lit0 ... lit31 */
    return push (evaluation, opcode - 0x30u);
  if (opcode >= 0x50 && opcode <= 0x6f) /* reg0 ... reg31 */
    return push_register (evaluation, opcode - 0x50u, 0);
  if (opcode >= 0x70 && opcode <= 0x8f) /* breg0 ... breg31 */
    return push_register (evaluation, opcode - 0x70u, read_sleb (reader));

  switch (opcode)
    {
    case 0x03: /* addr */
    case 0x0e: /* const8u */
    case 0x0f: /* const8s */
      return push (evaluation, read_bytes (reader, 8));
    case 0x08: return push (evaluation, read_bytes (reader, 1));
    case 0x09: return push (evaluation, (uint64_t)(int64_t)(int8_t)read_bytes (reader, 1));
    case 0x0a: return push (evaluation, read_bytes (reader, 2));
    case 0x0b: return push (evaluation, (uint64_t)(int64_t)(int16_t)read_bytes (reader, 2));
    case 0x0c: return push (evaluation, read_bytes (reader, 4));
    case 0x0d: return push (evaluation, (uint64_t)(int64_t)(int32_t)read_bytes (reader, 4));
    case 0x10: return push (evaluation, read_uleb (reader));
    case 0x11: return push (evaluation, (uint64_t)read_sleb (reader));
    case 0x12: return push_copy (evaluation, 0);
    case 0x14: return push_copy (evaluation, 1);
    case 0x15: return push_copy (evaluation, read_bytes (reader, 1));
    case 0x96: return true; /* nop */
    case 0x06: case 0x13: case 0x19: case 0x1f: case 0x20: case 0x23:
      return evaluate_unary (evaluation, reader, opcode);
    default:
      return evaluate_binary (evaluation, opcode);
    }
}

/* Without branches (bra, skip), which compilers do not use here, it ends by itself. */
static bool
evaluate (const uint8_t  *expression,
          const uint64_t *registers,
          const uint64_t *initial,
          CfiReader       read,
          void           *data,
          uint64_t       *result)
{
  Reader reader = { expression, expression + 10, false };
  Evaluation evaluation = { .registers = registers, .read = read, .data = data };
  uint64_t length = read_uleb (&reader);

  reader.end = reader.at + length;
  if (initial != NULL)
    push (&evaluation, *initial);

  while (reader.at < reader.end)
    if (!evaluate_operation (&evaluation, &reader, (uint8_t)read_bytes (&reader, 1)) || reader.failed)
      return false;

  if (evaluation.depth == 0)
    return false;
  *result = evaluation.values[evaluation.depth - 1];

  return true;
}

bool
cfi_is_load (const uint8_t *expression,
             uint8_t       *cfa_register,
             int64_t       *offset,
             int64_t       *addend)
{
  Reader reader = { expression, expression + 10, false };
  uint64_t length = read_uleb (&reader);
  uint8_t opcode;

  reader.end = reader.at + length;
  opcode = (uint8_t)read_bytes (&reader, 1);
  if (opcode < 0x70 || opcode >= 0x70 + DWARF_N_REGISTERS)
    return false;

  *cfa_register = opcode - 0x70;
  *offset = read_sleb (&reader);
  *addend = 0;
  if (read_bytes (&reader, 1) != 0x06)
    return false;

  if (reader.at < reader.end && read_bytes (&reader, 1) == 0x23)
    *addend = (int64_t)read_uleb (&reader);

  return !reader.failed && reader.at == reader.end;
}

/* ---- one step ---------------------------------------------------------------------- */

static bool
caller_register (const CfiRow   *row,
                 unsigned        reg,
                 const uint64_t *registers,
                 uint64_t        cfa,
                 CfiReader       read,
                 void           *data,
                 uint64_t       *value)
{
  uint64_t address;

  switch ((CfiKind)row->kinds[reg])
    {
    case CFI_OFFSET:
      return read (data, cfa + (uint64_t)row->values[reg], value);
    case CFI_VAL_OFFSET:
      *value = cfa + (uint64_t)row->values[reg];
      return true;
    case CFI_REGISTER:
      if ((uint64_t)row->values[reg] >= DWARF_N_REGISTERS)
        return false;
      *value = registers[row->values[reg]];
      return true;
    case CFI_EXPRESSION:
      return evaluate ((const uint8_t *)(uintptr_t)row->values[reg], registers, &cfa, read, data, &address) &&
             read (data, address, value);
    case CFI_VAL_EXPRESSION:
      return evaluate ((const uint8_t *)(uintptr_t)row->values[reg], registers, &cfa, read, data, value);
    case CFI_UNDEFINED:
    case CFI_SAME:
    default:
      *value = reg == DWARF_RSP ? cfa : registers[reg];
      return true;
    }
}

CfiStep
cfi_step (const CfiScratch *scratch,
          uint64_t          registers[DWARF_N_REGISTERS],
          CfiReader         reader,
          void             *data)
{
  const CfiRow *row = &scratch->row;
  uint64_t caller[DWARF_N_REGISTERS], cfa;

  if (row->kinds[DWARF_RA] == CFI_UNDEFINED)
    return CFI_OUTERMOST;
  if (row->kinds[DWARF_RA] == CFI_SAME)
    return CFI_FAILED;

  if (!row->cfa_is_expression)
    cfa = registers[row->cfa_register] + (uint64_t)row->cfa_value;
  else if (!evaluate ((const uint8_t *)(uintptr_t)row->cfa_value, registers, NULL, reader, data, &cfa))
    return CFI_FAILED;

  for (unsigned i = 0; i < DWARF_N_REGISTERS; i++)
    if (!caller_register (row, i, registers, cfa, reader, data, &caller[i]))
      return CFI_FAILED;

  if (caller[DWARF_RA] == 0)
    return CFI_OUTERMOST;

  memcpy (registers, caller, sizeof caller);

  return CFI_STEPPED;
}
