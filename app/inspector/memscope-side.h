/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "memscope-session.h"

G_BEGIN_DECLS

/* What is looked at of a stack. */
#define MEMSCOPE_MAX_SIDES        8u
#define MEMSCOPE_MAX_SIDE_FRAMES  256u

typedef enum
{
  MEMSCOPE_SIDE_EVIDENCE_NONE,
  MEMSCOPE_SIDE_EVIDENCE_UNIT,       /* the compilation unit says the language */
  MEMSCOPE_SIDE_EVIDENCE_MANGLING,   /* inferred from how the symbol's name is made */
} MemscopeSideEvidence;

/**
 * MemscopeSide:
 *
 * Frames in a row of one module and one language: one side of a boundary.
 */
typedef struct
{
  MemscopeModuleId     module;       /* 0 not recorded */
  guint32              language;     /* MemscopeLanguage of the format */
  MemscopeSideEvidence evidence;     /* for the language */
  MemscopeFrameId      innermost;
} MemscopeSide;

MemscopeSide  memscope_side_of_frame       (MemscopeSession    *session,
                                            MemscopeFrameId     frame);
/* Whether going from one to the other changes the module or the language. Where a language
 * is not known on either side, only the module makes a boundary.
 */
gboolean      memscope_side_is_boundary    (const MemscopeSide *inner,
                                            const MemscopeSide *outer);
/* Those of a stack from the call site outwards, at most MEMSCOPE_MAX_SIDES: the allocator
 * and its wrappers are none. Returns how many.
 */
guint         memscope_side_find           (MemscopeSession    *session,
                                            MemscopeStackId     stack,
                                            MemscopeSide       *sides);
/* Whether that they differ rests on something inferred. */
gboolean      memscope_side_is_inferred    (const MemscopeSide *from,
                                            const MemscopeSide *to);

/* "Rust"; NULL: not known */
const char   *memscope_side_language       (guint32             language);
/* The class of style for it. */
const char   *memscope_side_language_style (guint32             language);
const char   *memscope_side_evidence       (MemscopeSideEvidence evidence);
/* "Rust code in tls_shim" */
char         *memscope_side_dup_words      (MemscopeSession    *session,
                                            const MemscopeSide *side);

G_END_DECLS
