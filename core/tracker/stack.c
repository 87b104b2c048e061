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

/* How a stack ends, where KnownFrame has a distance: no two return addresses are as far
 * from each other.
 */
#define END_OUTERMOST (UINT32_MAX - 1)
#define END_TRUNCATED UINT32_MAX
#define MAX_DISTANCE  UINT16_MAX

size_t
stack_state_extra (unsigned max_depth)
{
  return max_depth * (2 * sizeof (uintptr_t) + sizeof (uint32_t) + 2 * sizeof (UnwoundFrame));
}

void
stack_state_init (StackState *state,
                  void       *extra,
                  unsigned    max_depth)
{
  stack_ranges_init (&state->ranges[0], stack_find_end ());
  state->ranges[1] = state->ranges[0];
  state->max_depth = max_depth;
  state->plain[0] = extra;
  state->plain[1] = state->plain[0] + max_depth;
  state->pcs = (uintptr_t *)(state->plain[1] + max_depth);
  state->made_pcs = state->pcs + max_depth;
  state->made_nodes = (uint32_t *)(state->made_pcs + max_depth);
  if (state->known == NULL)
    {
      state->known = state->first_known;
      state->known_size = STACK_NODES;
    }
}

/* ---- nodes ------------------------------------------------------------------ */

/* What a frame adds to the hash depends on its place twice, so that neither frames that
 * change places nor differences that cancel out give the hash of another stack. The
 * product is off the chain from frame to frame, which takes two cycles.
 */
typedef struct
{
  uint64_t sum;
  uint64_t factor;
} StackHash;

#define STACK_HASH_INIT ((StackHash) { 0, UINT64_C (0x9e3779b97f4a7c15) })

static inline void
hash_add (StackHash *hash,
          uintptr_t  pc)
{
  hash->sum = (hash->sum << 5 | hash->sum >> 59) + pc * hash->factor;
  hash->factor += UINT64_C (0x3c6ef372fe94f82a);
}

static inline uint64_t
hash_finish (const StackHash *hash,
             uint32_t         base)
{
  uint64_t value = (hash->sum ^ base) * UINT64_C (0xd6e8feb86659fd93);

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
  memset (state->frames, 0, sizeof state->frames);
  memset (state->callers, 0, sizeof state->callers);
  state->n_known = 0;
  state->n_made = 0;
  state->generation = generation;
  state->attachment = trie_attachment;
}

static inline void
drop_if_unloaded (StackState *state)
{
  if (UNLIKELY (!stack_is_current (state)))
    stack_state_reset (state);
}

/* The node of the @n frames in pcs, called from @base. */
static uint32_t
make_nodes (StackState *state,
            unsigned    n,
            uint32_t    base)
{
  unsigned made = state->made_base == base ? state->n_made : 0, i = 0;
  const uintptr_t *pc = state->pcs + n;

  while (i < made && i < n && state->made_pcs[i] == pc[-1 - (int)i])
    i++;

  state->n_made = 0;
  state->made_base = base;
  if (i > 0)
    base = state->made_nodes[i - 1];

  for (; i < n; i++)
    {
      base = trie_child (base, pc[-1 - (int)i], 0);
      state->made_pcs[i] = pc[-1 - (int)i];
      state->made_nodes[i] = base;
    }
  atomic_signal_fence (memory_order_seq_cst);
  state->n_made = n;

  return base;
}

/* The stack of the @n frames in pcs, called from @base, is not among the known ones. */
__attribute__ ((noinline)) static uint32_t
find_node (StackState *state,
           unsigned    n,
           uint32_t    base,
           uint64_t    hash)
{
  uint32_t node = make_nodes (state, n, base);

  if (node > NODE_MASK)
    return node;

  if (state->n_known >= state->known_size / 2)
    grow_known (state);

  *known_place (state->known, state->known_size, hash) = (hash & ~NODE_MASK) | node;
  state->n_known++;

  return node;
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

/* ---- frames ------------------------------------------------------------------- */

static inline uint16_t
place_of_slot (uintptr_t slot)
{
  return (uint16_t)((slot >> 3 & (STACK_FRAMES - 1)) * sizeof (KnownFrame));
}

static inline KnownFrame *
frame_at (StackState *state,
          uint16_t    place)
{
  return (KnownFrame *)(void *)((char *)state->frames + place);
}

/* The entry is empty while it is written. */
static inline void
remember (KnownFrame *known,
          uintptr_t   slot,
          uintptr_t   pc,
          uintptr_t   rbp,
          uint32_t    outer,
          uint16_t    rbp_saved,
          uint16_t    next)
{
  known->slot = 0;
  atomic_signal_fence (memory_order_seq_cst);
  known->pc = pc;
  known->rbp = rbp;
  known->outer = outer;
  known->rbp_saved = rbp_saved;
  known->next = next;
  atomic_signal_fence (memory_order_seq_cst);
  known->slot = slot;
}

/* Replaces @frame by its caller's, by its rule, and remembers how if that depends on
 * the frame alone.
 */
__attribute__ ((noinline)) static Step
step_slowly (StackState       *state,
             Frame            *frame,
             const StackRange *range,
             KnownFrame       *known)
{
  Frame before = *frame;
  StepSource source;
  Step step = unwind_step (frame, rules_find (frame->pc, &state->scratch[0]), range, &source);
  uintptr_t slot = before.sp - 8, outer = frame->sp - before.sp;

  if (step == STEP_OUTERMOST)
    remember (known, slot, before.pc, before.rbp, END_OUTERMOST, 0, 0);
  else if (step == STEP_UNKNOWN)
    remember (known, slot, before.pc, before.rbp, END_TRUNCATED, 0, 0);
  else if (step == STEP_DONE && !source.opaque && outer / 8 <= MAX_DISTANCE &&
           (source.rbp_slot == 0 || source.rbp_slot - before.sp < outer))
    remember (known, slot, before.pc, before.rbp, (uint32_t)(outer / 8),
              source.rbp_slot != 0 ? (uint16_t)((source.rbp_slot - slot) / 8) : 0, place_of_slot (frame->sp - 8));

  return step;
}

NO_SANITIZE uint32_t
stack_capture (StackState  *state,
               const Frame *start)
{
  const StackRange *range = stack_ranges_find (&state->ranges[0], start->sp);
  const RuleTable *rules = atomic_load_explicit (&rules_table, memory_order_acquire);
  uintptr_t end = range->end;
  uintptr_t *pcs = state->pcs, *pcs_end = pcs + state->max_depth;
  uintptr_t sp = start->sp, pc = start->pc, rbp = start->rbp;
  KnownFrame *known = frame_at (state, place_of_slot (sp - 8));
  KnownStack known_stack;
  StackHash hash = STACK_HASH_INIT;
  uint64_t value;
  uint32_t base = 0;

  drop_if_unloaded (state);
  if (UNLIKELY (!stack_range_holds (range, sp) || rules == NULL))
    return stack_capture_plain (state, start, 0);

  for (;;)
    {
      uintptr_t slot = sp - 8, cfa;
      const RuleEntry *entry;
      uint64_t key;
      Rule rule;

      if (UNLIKELY (pcs == pcs_end))
        {
          base = trie_truncated ();
          break;
        }
      *pcs++ = pc;
      hash_add (&hash, pc);

      cfa = sp + (uintptr_t)known->outer * 8;
      if ((known->slot == slot) & (known->pc == pc) & (known->rbp == rbp))
        {
          uintptr_t saved = slot + (uintptr_t)known->rbp_saved * 8;

          if (UNLIKELY (cfa > end))
            {
              if (known->outer < END_OUTERMOST)
                return stack_capture_plain (state, start, 0);
              base = known->outer == END_OUTERMOST ? 0 : trie_truncated ();
              break;
            }

          rbp = *(uintptr_t *)(known->rbp_saved != 0 ? saved : (uintptr_t)&known->rbp);
          pc = *(uintptr_t *)(cfa - 8);
          sp = cfa;
          known = frame_at (state, known->next);
          if (LIKELY (pc != 0))
            continue;
          break;
        }

      /* A rule that adds an offset to rsp or rbp, and leaves rbp where it is or loads
       * it from an offset to the CFA: what unwind_step() does for those, without
       * branches that depend on the function.
       */
      entry = &rules->entries[rules_place (rules, pc)];
      key = atomic_load_explicit (&entry->key, memory_order_acquire);
      rule = atomic_load_explicit (&entry->rule, memory_order_acquire);
      if (LIKELY ((key == pc) & ((rule & RULE_FAST_MASK) == RULE_MADE)))
        {
          uintptr_t loads = -(uintptr_t)(rule >> 3 & 1);
          uintptr_t lowest, outer_pc;

          cfa = (rule & 1 ? rbp : sp) + (uintptr_t)rule_offset (rule);
          lowest = cfa - 8 + (loads & (uintptr_t)(rule_rbp_offset (rule) + 8));
          if (LIKELY ((lowest >= sp) & (cfa <= end) & ((cfa & 7) == 0) & (lowest < cfa)))
            {
              outer_pc = *(uintptr_t *)(cfa - 8);
              if (LIKELY ((outer_pc != 0) & ((cfa - sp) / 8 <= MAX_DISTANCE)))
                {
                  uint16_t next = place_of_slot (cfa - 8);

                  remember (known, slot, pc, rbp, (uint32_t)((cfa - sp) / 8), (uint16_t)(loads & (lowest - slot) / 8), next);
                  rbp = *(uintptr_t *)(loads != 0 ? lowest : (uintptr_t)&known->rbp);
                  pc = outer_pc;
                  sp = cfa;
                  known = frame_at (state, next);
                  continue;
                }
            }
        }

      {
        Frame frame = { pc, sp, rbp };
        Step step = step_slowly (state, &frame, range, known);

        if (step == STEP_COMPLEX)
          return stack_capture_plain (state, start, 0);
        if (step != STEP_DONE)
          {
            base = step == STEP_OUTERMOST || step == STEP_ZERO ? 0 : trie_truncated ();
            break;
          }
        pc = frame.pc;
        sp = frame.sp;
        rbp = frame.rbp;
        known = frame_at (state, place_of_slot (sp - 8));
      }
    }

  value = hash_finish (&hash, base);
  known_stack = *known_place (state->known, state->known_size, value);

  return LIKELY (known_stack != 0) ? (uint32_t)(known_stack & NODE_MASK)
                                   : find_node (state, (unsigned)(pcs - state->pcs), base, value);
}
