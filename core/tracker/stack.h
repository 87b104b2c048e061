/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "arch.h"
#include "arena.h"
#include "unwind.h"

#define STACK_MAX_DEPTH   512
#define STACK_CACHE_DEPTH 256
#define CALLER_CACHE_SIZE 64

/* One frame of the last stack of a thread. */
typedef struct
{
  uint64_t slot;       /* where its pc was loaded from */
  uint64_t pc;
  uint64_t bp;         /* after unwinding to it */
  uint64_t bp_slot;    /* where bp was loaded from; 0: kept */
  uint32_t node;       /* trie node of this frame and all outer ones */
} CachedFrame;

/* A walk under way. It stands here and not on the program's stack, which may be small. */
typedef struct
{
  uint32_t    n_frames;
  uint32_t    shared;        /* outer frames taken from the cache */
  bool        truncated;
  bool        at_limit;      /* … because it is as deep as was asked for */
  bool        cacheable;
  CachedFrame frames[STACK_MAX_DEPTH];   /* innermost first; node unused */
  uint8_t     signal[STACK_MAX_DEPTH];
} StackWalk;

typedef struct
{
  CachedFrame frames[STACK_CACHE_DEPTH];  /* outermost first */
  uint32_t    n_frames;
  uint32_t    generation;   /* of the modules when it was made */
  UnwindRange readable;
  struct
  {
    uint64_t pc;
    uint32_t node;
  } callers[CALLER_CACHE_SIZE];
  StackWalk   walk;
  StackWalk   nested_walk;   /* of a signal handler that struck inside the hook */
} StackCache;

void     stack_cache_clear (StackCache *cache);

/* The trie node of the whole stack, innermost frame first the hook's caller.
 * @cached: use and renew the thread's cache (not from a signal handler that
 * struck inside the hook). 0: no stack could be had.
 */
uint32_t stack_capture     (ArenaHeader *arena, StackCache *cache, const Caller *caller, bool cached);

/* The node of the caller alone, marked as truncated. */
uint32_t stack_caller      (ArenaHeader *arena, StackCache *cache, const Caller *caller, bool cached);
