/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* Call-frame information (.eh_frame): what it says about one pc, and taking one
 * step outward by it. No locks, no memory but the caller's, async-signal-safe.
 */

#include <stdbool.h>
#include <stdint.h>

#include "arch-x86_64.h"

typedef enum
{
  CFI_SAME        = 0,   /* unchanged, also where nothing is said */
  CFI_UNDEFINED   = 1,   /* for the return address: the outermost frame */
  CFI_OFFSET      = 2,   /* saved at CFA + value */
  CFI_VAL_OFFSET  = 3,   /* is CFA + value */
  CFI_REGISTER    = 4,   /* is in register value */
  CFI_EXPRESSION  = 5,   /* saved where the expression at value says */
  CFI_VAL_EXPRESSION = 6,
} CfiKind;

/* One row of the table that call-frame information encodes. */
typedef struct
{
  uint8_t  kinds[DWARF_N_REGISTERS];       /* CfiKind */
  bool     cfa_is_expression;
  uint8_t  cfa_register;
  int64_t  values[DWARF_N_REGISTERS];      /* offset, register, or the address of an expression's length */
  int64_t  cfa_value;           /* offset, or the address of an expression's length */
} CfiRow;

#define CFI_MAX_REMEMBERED 6

/* Work space: large, so it is not put on the stack of the program. */
typedef struct
{
  CfiRow   row;                 /* the answer */
  CfiRow   initial;
  CfiRow   remembered[CFI_MAX_REMEMBERED];
  bool     signal_frame;        /* the frame was made by the kernel: the pc it returns to is exact */
} CfiScratch;

/* Finds the row of @pc: an address inside the instruction in question, so one
 * less than a return address. @header is the module's .eh_frame_hdr, [@start,
 * @end) the readable memory it and .eh_frame lie in. False: nothing is said about @pc, or not in a form we know.
 */
bool cfi_find_row (const uint8_t *header,
                   uintptr_t      start,
                   uintptr_t      end,
                   uintptr_t      pc,
                   CfiScratch    *scratch);

/* Reads a word of the target's memory; false when that is not possible. */
typedef bool (*CfiReader) (void *data, uintptr_t address, uint64_t *value);

typedef enum
{
  CFI_STEPPED,
  CFI_OUTERMOST,
  CFI_FAILED,
} CfiStep;

/* Replaces @registers by the caller's, by the row in @scratch. */
CfiStep cfi_step (const CfiScratch *scratch,
                  uint64_t          registers[DWARF_N_REGISTERS],
                  CfiReader         reader,
                  void             *data);

/* Does the expression at @expression (its length first) load the word at
 * register + *@offset and add *@addend to it? Then *@cfa_register is the register.
 */
bool cfi_is_load (const uint8_t *expression,
                  uint8_t       *cfa_register,
                  int64_t       *offset,
                  int64_t       *addend);
