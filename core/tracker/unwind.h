/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <stdbool.h>
#include <stdint.h>

/* From a function to its caller, by call-frame information (.eh_frame). Async-
 * signal-safe; takes no lock and never allocates.
 */

typedef enum
{
  CFA_UNKNOWN = 0,     /* no rule: the stack ends here, truncated */
  CFA_SP,              /* sp + cfa_offset */
  CFA_BP,              /* bp + cfa_offset */
  CFA_BP_LOAD,         /* the word at bp + cfa_offset (functions that realign their stack) */
  CFA_PLT,             /* sp + 8, and 8 more behind the push of a PLT entry */
  CFA_SIGNAL,          /* the kernel's signal frame at sp */
  CFA_OUTERMOST,       /* the return address is undefined: the stack ends here */
} CfaKind;

typedef enum
{
  BP_SAME = 0,
  BP_AT_CFA,           /* saved at cfa + bp_offset */
  BP_AT_BP,            /* saved at bp + bp_offset */
} BpKind;

/* How one pc is unwound: eight bytes, so that it is read and written at once. */
typedef struct
{
  int32_t cfa_offset;
  int16_t bp_offset;
  uint8_t cfa;         /* CfaKind */
  uint8_t bp;          /* BpKind */
} UnwindRule;

typedef struct
{
  uint64_t pc;
  uint64_t sp;         /* after the call returns */
  uint64_t bp;
  uint64_t slot;       /* where pc was loaded from */
  uint64_t bp_slot;    /* where bp was loaded from on the way here; 0: it was kept */
  bool     exact;      /* pc is where a signal struck, not a return address */
  bool     loaded_cfa; /* the step here needed a word besides pc and bp */
} UnwindState;

typedef enum
{
  UNWIND_STEPPED,
  UNWIND_OUTERMOST,    /* there is no caller */
  UNWIND_TRUNCATED,    /* there may be one, but the way to it is not known */
} UnwindResult;

/* The part of the address space that was found readable around the stack. */
typedef struct
{
  uint64_t low;
  uint64_t high;
} UnwindRange;

void         unwind_init (void);

/* Forgets all rules: code was unloaded. */
void         unwind_flush_rules (void);

UnwindResult unwind_step (UnwindState *state, UnwindRange *readable);
