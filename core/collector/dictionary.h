/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "arena.h"
#include "id-table.h"
#include "pages.h"
#include "stamp-clock.h"
#include "string-table.h"
#include "writer.h"

/* A chain of nodes longer than this is damage: the recorder's depth limit is far below. */
#define DICTIONARY_MAX_DEPTH 4096u
#define DICTIONARY_MAX_PATH  4096u

/* The file's STRINGS, MODULES, FRAMES and STACKS, from the arena's module
 * records and stack nodes. An entry is made when the first event needs it.
 */
typedef struct
{
  StringTable           strings;

  const StackNode      *nodes;           /* the arena's, not trusted */
  uint32_t              nodes_capacity;
  uint32_t             *stack_of_node;   /* file id | TRUNCATED_STACK; 0: not met yet */
  uint32_t              n_stacks;
  bool                  keeps;           /* the stacks, to write them once more */
  Vector                stacks;          /* MemscopeStackEntry by id - 1, if so */
  uint32_t              n_pending_stacks;
  MemscopeBuffer        pending_stacks;

  IdTable               frame_ids;       /* hash -> id */
  Vector                frames;          /* MemscopeFrameEntry by id - 1 */
  uint32_t              n_pending_frames;
  MemscopeBuffer        pending_frames;

  const ArenaHeader    *arena;           /* for n_modules only */
  const ModuleRecord   *modules;         /* the arena's, not trusted */
  uint32_t              modules_capacity;
  const char           *text;            /* likewise */
  uint32_t              text_capacity;
  Vector                known_modules;   /* Module */

  StampClock           *clock;

  /* room that a small stack may not have */
  uint32_t              chain[DICTIONARY_MAX_DEPTH];
  char                  path[DICTIONARY_MAX_PATH];
} Dictionary;

/* Set in what dictionary_stack() returns when frames are missing at the outer end. */
#define TRUNCATED_STACK (1u << 31)

bool     dictionary_init  (Dictionary *dictionary, const ArenaHeader *arena, StampClock *clock);
void     dictionary_clear (Dictionary *dictionary);

/* The STACKS id (maybe with TRUNCATED_STACK) of the arena's node. @stamp is that
 * of the event: it decides between modules that were loaded at one address.
 */
uint32_t dictionary_stack (Dictionary *dictionary, uint32_t node, uint64_t stamp);

/* Takes in new modules and those that were unloaded. */
void     dictionary_update_modules (Dictionary *dictionary);

/* Writes what is new, in the order a reader needs it. */
void     dictionary_write (Dictionary *dictionary, Writer *writer);

/* Of a dictionary that keeps: another file begins, which gets all entries with the
 * ids they have.
 */
void     dictionary_repeat (Dictionary *dictionary, Writer *writer);

/* The bytes that wait for dictionary_write(). */
size_t   dictionary_pending (const Dictionary *dictionary);
