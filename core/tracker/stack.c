/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "stack.h"

#include <stdatomic.h>
#include <string.h>

#include "arena.h"
#include "memory.h"
#include "trie.h"

#define NODE_BITS   24
#define NODE_MASK   ((UINT64_C (1) << NODE_BITS) - 1)
#define MAX_KNOWN   (UINT32_C (1) << 18)     /* 2 MiB, of threads that meet 32,768 and more */

#define LIKELY(condition)   __builtin_expect (!!(condition), 1)
#define UNLIKELY(condition) __builtin_expect (!!(condition), 0)

#if defined __SANITIZE_ADDRESS__
#define NO_SANITIZE __attribute__ ((no_sanitize_address))
#else
#define NO_SANITIZE
#endif

/* Beside the frames, what else a walk depended on may need a place in the path. */
#define MAX_CHECKS 8u
#define IS_CHECK   1u
#define NO_NODE    UINT32_MAX

#define RULE_TAG_SHIFT 14u
#define RULE_MAX_BELOW 4095

_Static_assert (STACK_RULES == 1u << (RULE_TAG_SHIFT - 3), "place and tag are the return address");

static size_t
path_room (unsigned max_depth)
{
  return max_depth + MAX_CHECKS + 5;
}

size_t
stack_state_extra (unsigned max_depth)
{
  return path_room (max_depth) * 2 * sizeof (PathFrame) +
         max_depth * (sizeof (uintptr_t) + sizeof (uint32_t) + 2 * sizeof (UnwoundFrame));
}

void
stack_state_init (StackState *state,
                  void       *extra,
                  unsigned    max_depth)
{
  stack_ranges_init (&state->ranges[0], stack_find_end ());
  state->ranges[1] = state->ranges[0];
  state->max_depth = max_depth;
  state->path = (PathFrame *)extra + 1;
  state->fresh = state->path - 1 + path_room (max_depth);
  state->plain[0] = (UnwoundFrame *)(state->fresh + path_room (max_depth));
  state->plain[1] = state->plain[0] + max_depth;
  state->made_pcs = (uintptr_t *)(state->plain[1] + max_depth);
  state->made_nodes = (uint32_t *)(state->made_pcs + max_depth);
  state->n_path = 0;
  state->path_node = NO_NODE;
  state->path[0].slot = state->path[-1].slot = UINTPTR_MAX;
  if (state->known == NULL)
    {
      state->known = state->first_known;
      state->known_size = STACK_NODES;
    }
}

/* ---- nodes ------------------------------------------------------------------ */

/* Of the return addresses, from the outermost inward: what one adds depends on all
 * before it.
 */
static inline uint64_t
hash_add (uint64_t  hash,
          uintptr_t pc)
{
  return ((hash << 5 | hash >> 59) ^ pc) * UINT64_C (0x9e3779b97f4a7c15);
}

static inline uint64_t
hash_finish (uint64_t hash)
{
  uint64_t value = (hash ^ hash >> 32) * UINT64_C (0xd6e8feb86659fd93);

  return value ^ value >> 32;
}

/* The entry of @hash, or the empty one where it would be put. At most half of the
 * entries are taken.
 */
static inline KnownStack *
known_place (KnownStack *known,
             uint32_t    size,
             uint64_t    hash)
{
  for (uint64_t at = hash;; at++)
    {
      KnownStack *place = &known[at & (size - 1)];

      if (LIKELY (((*place ^ hash) & ~NODE_MASK) == 0) || *place == 0)
        return place;
    }
}

/* Only the thread itself looks in there, and not in signal handlers. The larger table
 * begins empty, for what an entry has no room for was told by its place.
 */
static void
grow_known (StackState *state)
{
  uint32_t size = state->known_size * 4, old_size = state->known_size;
  KnownStack *old = state->known, *made;

  if (size > MAX_KNOWN || (made = own_memory_map (size * sizeof *made)) == NULL)
    {
      memset (state->known, 0, state->known_size * sizeof *state->known);
    }
  else
    {
      state->known = made;
      atomic_signal_fence (memory_order_seq_cst);
      state->known_size = size;
      if (old != state->first_known)
        own_memory_unmap (old, old_size * sizeof *old);
    }

  state->n_known = 0;
}

/* Nodes are the same for all threads, and frames are checked word by word, so what a
 * thread learnt is good for the next that uses its memory. Every entry is empty while
 * it is written: what a jump out of a signal handler left half done is good, too.
 */
void
stack_state_reset (StackState *state)
{
  uint32_t generation = atomic_load_explicit (&modules_generation, memory_order_acquire);

  if (state->generation == generation && state->attachment == trie_attachment)
    return;

  memset (state->known, 0, state->known_size * sizeof *state->known);
  memset (state->recent, 0, sizeof state->recent);
  memset (state->rules, 0, sizeof state->rules);
  memset (state->callers, 0, sizeof state->callers);
  state->n_known = 0;
  state->n_made = 0;
  state->n_path = 0;
  state->path_node = NO_NODE;
  state->generation = generation;
  state->attachment = trie_attachment;
}

static inline void
drop_if_unloaded (StackState *state)
{
  if (UNLIKELY (!stack_is_current (state)))
    stack_state_reset (state);
}

/* The node of the stack in path. */
static uint32_t
make_nodes (StackState *state)
{
  uint32_t base = (uint32_t)state->path[0].hash;
  unsigned made = state->made_base == base ? state->n_made : 0, same = 0, n = 0;
  uint64_t before = base;

  state->n_made = 0;
  state->made_base = base;

  for (unsigned i = 1; i <= state->n_path; i++)
    {
      const PathFrame *frame = &state->path[i];

      if (frame->hash == before)
        continue;
      before = frame->hash;
      if (same == n && n < made && state->made_pcs[n] == frame->pc)
        same++;
      state->made_pcs[n++] = frame->pc;
    }

  if (same > 0)
    base = state->made_nodes[same - 1];
  base = trie_descend (base, state->made_pcs + same, n - same, state->made_nodes + same);
  atomic_signal_fence (memory_order_seq_cst);
  state->n_made = n;

  return base;
}

static inline KnownStack *
recent_place (StackState *state,
              uint64_t    hash)
{
  return &state->recent[hash & (STACK_RECENT - 1)];
}

/* The stack in path was not met lately. */
__attribute__ ((noinline)) static uint32_t
find_node (StackState *state,
           uint64_t    hash)
{
  KnownStack known = *known_place (state->known, state->known_size, hash);
  uint32_t node;

  if (known == 0)
    {
      node = make_nodes (state);
      if (node > NODE_MASK)
        return node;

      if (state->n_known >= state->known_size / 2)
        grow_known (state);

      known = (hash & ~NODE_MASK) | node;
      *known_place (state->known, state->known_size, hash) = known;
      state->n_known++;
    }

  *recent_place (state, hash) = known;

  return (uint32_t)(known & NODE_MASK);
}

uint32_t
stack_find_caller (StackState *state,
                   uintptr_t   pc,
                   unsigned    level)
{
  KnownCaller *known;
  uint32_t node;

  if (level != 0)
    return trie_child (trie_truncated (), pc, 0);

  drop_if_unloaded (state);
  node = trie_child (trie_truncated (), pc, 0);

  known = stack_caller_place (state, pc);
  known->pc = 0;
  atomic_signal_fence (memory_order_seq_cst);
  known->node = node;
  atomic_signal_fence (memory_order_seq_cst);
  known->pc = pc;

  return node;
}

uint32_t
stack_capture_plain (StackState  *state,
                     const Frame *frame,
                     unsigned     level)
{
  UnwoundFrame *frames = state->plain[level];
  bool truncated;
  unsigned n = unwind (frame, &state->ranges[level], &state->scratch[level], frames, state->max_depth, &truncated);
  uint32_t node = truncated ? trie_truncated () : 0;

  while (n > 0)
    {
      n--;
      node = trie_child (node, frames[n].pc, frames[n].flags);
    }

  return node;
}

/* ---- rules of the thread's own -------------------------------------------------- */

/* Calls that stand side by side have their rules side by side: a stack's rules should
 * take few cache lines.
 */
static inline ShortRule *
rule_place (StackState *state,
            uintptr_t   pc)
{
  return &state->rules[(pc >> 3 ^ pc >> RULE_TAG_SHIFT) & (STACK_RULES - 1)];
}

/* What the place does not tell of it. */
static inline uint64_t
rule_tag (uintptr_t pc)
{
  return pc >> RULE_TAG_SHIFT << 3 | (pc & 7);
}

/* Is it what unwind_step() does for offsets from rsp or rbp, and will fit? */
static void
learn_rule (StackState *state,
            uintptr_t   pc,
            Rule        rule)
{
  int64_t words = rule_offset (rule) / 8, below = 0;

  if ((rule & RULE_FAST_MASK) != RULE_MADE || pc >> 47 != 0)
    return;

  if (rule_rbp (rule) == RBP_AT_CFA)
    below = -8 - rule_rbp_offset (rule);
  if (words < INT16_MIN / 2 || words > INT16_MAX / 2 || below < 0 || below / 8 > RULE_MAX_BELOW)
    return;

  *rule_place (state, pc) = (uint64_t)(rule_kind (rule) == RULE_CFA_RBP) | (uint64_t)(uint16_t)(words * 2) |
                            (uint64_t)below / 8 << 16 | rule_tag (pc) << 28;
}

/* ---- walking --------------------------------------------------------------------- */

/* A frame waiting to be stepped over: @slot is where its return address is. */
typedef struct
{
  uintptr_t pc;
  uintptr_t slot;
  uintptr_t rbp;
} Place;

/* Is all that a walk outward from @frame would load what it was then? Returns the first
 * frame that isn't called from where it was, or @path.
 */
NO_SANITIZE static inline const PathFrame *
first_changed (const PathFrame *path,
               const PathFrame *frame)
{
  for (const PathFrame *inner = frame, *outer = frame - 1; outer != path; inner = outer--)
    if (*(uintptr_t *)outer->slot != outer->pc || *(uintptr_t *)inner->rbp_at != outer->rbp)
      return outer;

  return path;
}

static inline void
set_frame (PathFrame   *frame,
           const Place *place)
{
  frame->pc = place->pc;
  frame->slot = place->slot;
  frame->rbp = place->rbp;
  frame->hash = 0;
}

/* Up to two frames outward, to one that is not further in than @slot. A branch would go
 * differently with each frame, and the second should not have to wait for the first.
 */
static inline const PathFrame *
go_outward (const PathFrame *frame,
            uintptr_t        slot)
{
  size_t first = frame[0].slot < slot, second = frame[-1].slot < slot;

  first += first & second;
  __asm__ ("" : "+r" (first));

  return frame - first;
}

/* What unwind_step() does for rules that are short. Whether rbp is saved is not branched
 * on, for that depends on the function. Whether it leads to the caller does, too, but
 * rarely differs within a program; and the next slot should not have to wait for rbp.
 * False: not such a rule, or one that leads elsewhere; nothing was changed.
 */
NO_SANITIZE __attribute__ ((always_inline)) static inline bool
step_by_rule (StackState *state,
              Place      *place,
              PathFrame  *frame,
              uintptr_t   last)
{
  ShortRule rule = *rule_place (state, place->pc);
  uintptr_t slot = place->slot, from = slot, outer, below, span, saved_at, saved, pc;

  if (rule & 1)
    {
      from = place->rbp - 8;
      __asm__ ("" : "+r" (from));
    }

  outer = from + (uintptr_t)((int64_t)((int16_t)rule & ~1) * 4);
  below = (rule >> 16 & RULE_MAX_BELOW) * 8;
  span = outer - slot;

  if (UNLIKELY (rule >> 28 != rule_tag (place->pc)) ||
      UNLIKELY ((span > last - slot) | (span < below + 8) | ((span & 7) != 0)))
    return false;

  pc = *(uintptr_t *)outer;
  if (UNLIKELY (pc == 0))
    return false;

  saved_at = outer - below;
  saved = *(uintptr_t *)saved_at;
  set_frame (frame, place);
  frame->rbp_at = below != 0 ? saved_at : (uintptr_t)&frame->rbp;
  place->rbp = below != 0 ? saved : place->rbp;
  place->pc = pc;
  place->slot = outer;

  return true;
}

/* A word that the walk depended on, as a frame of its own between two others. */
NO_SANITIZE static void
add_check (PathFrame *check,
           PathFrame *inner,
           uintptr_t  slot)
{
  check->slot = slot;
  check->pc = *(uintptr_t *)slot;
  check->rbp = inner->rbp;
  check->rbp_at = inner->rbp_at != (uintptr_t)&inner->rbp ? inner->rbp_at : (uintptr_t)&check->rbp;
  check->hash = IS_CHECK;
  inner->rbp_at = (uintptr_t)&inner->rbp;
}

/* Replaces @place by its caller's, by its rule. *@fresh is left behind what was added. */
__attribute__ ((noinline)) static Step
step_slowly (StackState       *state,
             Place            *place,
             PathFrame       **fresh,
             const StackRange *range)
{
  Frame frame = { place->pc, place->slot + 8, place->rbp };
  Rule rule = rules_find (frame.pc, &state->scratch[0]);
  PathFrame *added = (*fresh)++;
  StepSource source;
  Step step;

  learn_rule (state, frame.pc, rule);
  step = unwind_step (&frame, rule, range, &source);

  set_frame (added, place);
  added->rbp_at = source.rbp_slot != 0 ? source.rbp_slot : (uintptr_t)&added->rbp;
  if (source.cfa_slot != 0 && (step == STEP_DONE || step == STEP_ZERO))
    add_check ((*fresh)++, added, source.cfa_slot);
  if (step == STEP_ZERO)
    add_check (*fresh, *fresh - 1, source.pc_slot), (*fresh)++;

  place->pc = frame.pc;
  place->slot = frame.sp - 8;
  place->rbp = frame.rbp;

  return step;
}

typedef enum
{
  WALK_MET,          /* a frame of the path, from which on nothing has changed */
  WALK_ENDED,
  WALK_UNKNOWN,      /* no rule: what is beyond is not recorded */
  WALK_CUT,          /* it depends on the length, or on what can't be read */
  WALK_COMPLEX,      /* needs more than rules */
} WalkEnd;

/* The frames that are not in the path go to fresh, up to *@end. *@met: the frame of
 * the path that called them, its entry 0 where none did.
 */
NO_SANITIZE __attribute__ ((always_inline)) static inline WalkEnd
walk (StackState        *state,
      Place              place,
      const StackRange  *range,
      PathFrame        **end,
      const PathFrame  **met)
{
  const PathFrame *path = state->path, *frame = path + state->n_path;
  PathFrame *fresh = state->fresh, *limit = fresh + state->max_depth;
  uintptr_t last = range->end - 8;
  Step step;

  while (frame->slot < place.slot)
    frame--;

  for (;;)
    {
      frame = go_outward (frame, place.slot);

      if (((frame->pc ^ place.pc) | (frame->slot ^ place.slot) | (frame->rbp ^ place.rbp)) == 0 &&
          LIKELY (frame - path <= limit - fresh))
        {
          const PathFrame *changed = first_changed (path, frame);

          if (changed == path)
            {
              *end = fresh;
              *met = frame;
              return WALK_MET;
            }
          frame = changed;
        }

      *met = path;
      *end = fresh;
      if (UNLIKELY (fresh == limit))
        return WALK_CUT;

      if (LIKELY (step_by_rule (state, &place, fresh, last)))
        {
          fresh++;
          continue;
        }

      step = step_slowly (state, &place, end, range);
      limit += *end - fresh - 1;
      fresh = *end;
      if (limit - state->fresh > state->max_depth + MAX_CHECKS)
        return WALK_COMPLEX;

      switch (step)
        {
        case STEP_DONE:
          break;

        case STEP_OUTERMOST:
        case STEP_ZERO:
          return WALK_ENDED;

        case STEP_UNKNOWN:
          return WALK_UNKNOWN;

        case STEP_COMPLEX:
          return WALK_COMPLEX;

        case STEP_BAD:
        default:
          return WALK_CUT;
        }
    }
}

/* Puts the frames from fresh to @end, innermost first, inside of @outer: the path is
 * never longer than what it holds, should a signal handler jump out of here.
 */
static inline uint64_t
extend_path (StackState      *state,
             PathFrame       *outer,
             const PathFrame *end)
{
  PathFrame *to = outer;
  uint64_t hash = outer->hash;

  for (const PathFrame *from = end; from-- != state->fresh; )
    {
      to++;
      to->slot = from->slot;
      to->pc = from->pc;
      to->rbp = from->rbp;
      to->rbp_at = from->rbp_at != (uintptr_t)&from->rbp ? from->rbp_at : (uintptr_t)&to->rbp;
      hash = to->hash = LIKELY (from->hash != IS_CHECK) ? hash_add (hash, from->pc) : hash;
    }

  atomic_signal_fence (memory_order_seq_cst);
  state->n_path = (unsigned)(to - state->path);

  return hash;
}

static inline uint32_t
node_of_hash (StackState *state,
              uint64_t    hash)
{
  KnownStack known;

  hash = hash_finish (hash);
  known = *recent_place (state, hash);

  return LIKELY ((known ^ hash) <= NODE_MASK && known != 0) ? (uint32_t)(known & NODE_MASK) : find_node (state, hash);
}

static inline void
shorten_path (StackState *state,
              unsigned    n)
{
  state->path_node = NO_NODE;
  atomic_signal_fence (memory_order_seq_cst);
  state->n_path = n;
  atomic_signal_fence (memory_order_seq_cst);
}

NO_SANITIZE uint32_t
stack_capture (StackState  *state,
               const Frame *start)
{
  const StackRange *range = stack_ranges_find (&state->ranges[0], start->sp);
  const PathFrame *met;
  PathFrame *end;
  uint64_t hash;
  WalkEnd ended;
  uint32_t node;

  drop_if_unloaded (state);
  if (UNLIKELY (!stack_range_holds (range, start->sp)))
    return stack_capture_plain (state, start, 0);

  /* what is not on this stack may not be read any more */
  if (UNLIKELY (state->path_end != range->end))
    {
      shorten_path (state, 0);
      state->path_end = range->end;
    }

  ended = walk (state, (Place) { start->pc, start->sp - 8, start->rbp }, range, &end, &met);
  if (UNLIKELY (ended == WALK_COMPLEX))
    return stack_capture_plain (state, start, 0);

  if (end == state->fresh && met == state->path + state->n_path && LIKELY (state->path_node != NO_NODE))
    return state->path_node;

  shorten_path (state, (unsigned)(met - state->path));
  if (ended != WALK_MET)
    state->path[0].hash = ended == WALK_ENDED ? 0 : trie_truncated ();
  hash = extend_path (state, &state->path[state->n_path], end);
  node = node_of_hash (state, hash);

  if (LIKELY (ended != WALK_CUT))
    state->path_node = node;
  else
    state->n_path = 0;

  return node;
}
