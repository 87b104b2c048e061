/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Every stack three times: with the remembered frames, without, and by libgcc. */

#include <alloca.h>
#include <glib.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>
#include <unwind.h>

#include "recorder.h"
#include "stack.h"
#include "trie.h"

#define DEPTH 128
#define NOINLINE __attribute__ ((noinline))
#define BARRIER() __asm__ volatile ("" : : : "memory")

static __thread StackState *state;
static guint n_probes, n_truncated;

typedef struct
{
  uintptr_t pcs[1024];
  guint     n;
} Reference;

static _Unwind_Reason_Code
collect (struct _Unwind_Context *context, void *data)
{
  Reference *reference = data;

  if (reference->n == G_N_ELEMENTS (reference->pcs))
    return _URC_END_OF_STACK;

  /* the end comes as a frame of its own */
  if (_Unwind_GetIP (context) != 0)
    reference->pcs[reference->n++] = _Unwind_GetIP (context);

  return _URC_NO_REASON;
}

/* The caller of the function that called this stands third. */
static NOINLINE void
unwind_with_libgcc (Reference *reference)
{
  reference->n = 0;
  _Unwind_Backtrace (collect, reference);
  BARRIER ();
}

static void
assert_is (guint32 node, const Reference *reference)
{
  guint i = 2;

  for (; node != 0; node = trie_node (node)->parent, i++)
    {
      if (trie_node (node)->flags & NODE_TRUNCATED)
        {
          n_truncated++;
          return;
        }
      g_assert_cmpuint (i, <, reference->n);
      g_assert_cmphex (trie_node (node)->address, ==, reference->pcs[i]);
    }

  g_assert_cmpuint (i, ==, reference->n);
}

/* Stands where a hook stands. */
static NOINLINE void
probe (void)
{
  Frame frame = FRAME_OF_CALLER ();
  Reference reference;
  guint32 kept = stack_capture (state, &frame);
  guint32 plain = stack_capture_plain (state, &frame, 0);

  unwind_with_libgcc (&reference);
  assert_is (plain, &reference);
  g_assert_cmpuint (kept, ==, plain);
  g_assert_cmpuint (stack_capture (state, &frame), ==, plain);
  n_probes++;
}

static void
attach_thread (void)
{
  state = g_aligned_alloc0 (1, sizeof *state, 64);
  stack_state_init (state, g_malloc0 (stack_state_extra (DEPTH)), DEPTH);
  stack_state_reset (state);
}

static void
detach_thread (void)
{
  g_free (state->path - 1);
  g_aligned_free (state);
}

static void
set_up (void)
{
  ArenaOptions options = { .n_small_slots = 4, .n_large_slots = 1, .nodes_capacity = 1 << 20, .stack_depth = DEPTH };
  static const uint8_t uuid[16] = { 9 };
  void *memory = mmap (NULL, arena_size (&options), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

  g_assert_true (memory != MAP_FAILED);
  arena_init (memory, &options, uuid, 0);
  g_assert_true (recorder_start_with (memory));
  attach_thread ();
}

/* ---- functions of every make --------------------------------------------------- */

static void wander (guint depth, GRand *rand);

static NOINLINE void
plain_function (guint depth, GRand *rand)
{
  probe ();
  wander (depth, rand);
  BARRIER ();
}

static NOINLINE void
large_frame (guint depth, GRand *rand)
{
  volatile char space[3000];

  space[depth] = 1;
  wander (depth, rand);
  space[1] = space[depth];
}

/* The size changes behind one and the same call site. */
static NOINLINE void
with_alloca (guint depth, GRand *rand)
{
  volatile char *space = alloca ((gsize)g_rand_int_range (rand, 16, 600));

  space[0] = 1;
  wander (depth, rand);
  probe ();
  space[1] = space[0];
}

/* Keeps its caller's frame in rbp-relative memory once aligned. */
static NOINLINE void
realigned (guint depth, GRand *rand)
{
  _Alignas (64) volatile char space[128];
  volatile char *more = alloca ((gsize)g_rand_int_range (rand, 16, 200));

  space[0] = more[0] = 1;
  probe ();
  wander (depth, rand);
  space[1] = space[0] + more[0];
}

static NOINLINE void
with_frame_pointer (guint depth, GRand *rand)
{
  __asm__ volatile ("" : : "r" (__builtin_frame_address (0)) : "memory");
  wander (depth, rand);
  probe ();
  BARRIER ();
}

static GRand *compare_rand;
static guint compare_depth;

static int
compare (const void *a, const void *b)
{
  if (compare_depth > 0)
    {
      guint depth = compare_depth;

      compare_depth = 0;
      wander (depth - 1, compare_rand);
    }

  return *(const int *)a - *(const int *)b;
}

static NOINLINE void
through_libc (guint depth, GRand *rand)
{
  int numbers[] = { 3, 1, 2 };

  compare_depth = depth;
  compare_rand = rand;
  qsort (numbers, 3, sizeof *numbers, compare);
  BARRIER ();
}

static NOINLINE void
wander (guint depth, GRand *rand)
{
  static void (*const functions[]) (guint, GRand *) = {
    plain_function, large_frame, with_alloca, realigned, with_frame_pointer, through_libc,
  };

  if (depth == 0 || g_rand_int_range (rand, 0, 8) == 0)
    {
      probe ();
      return;
    }

  functions[g_rand_int_range (rand, 0, G_N_ELEMENTS (functions))] (depth - 1, rand);
  BARRIER ();
}

/* ---- tests -------------------------------------------------------------------------- */

static void
test_agrees_with_libgcc_on_random_stacks (void)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed (1);

  n_probes = n_truncated = 0;
  for (guint i = 0; i < 3000; i++)
    wander (g_rand_int_range (rand, 0, 20), rand);

  g_assert_cmpuint (n_probes, >, 3000);
  g_assert_cmpuint (n_truncated, ==, 0);
}

static NOINLINE void
recurse (guint depth)
{
  if (depth > 0)
    recurse (depth - 1);
  else
    probe ();
  BARRIER ();
}

static void
test_deep_stacks_keep_their_inner_frames (void)
{
  n_truncated = 0;
  for (guint depth = DEPTH - 40; depth < DEPTH + 40; depth++)
    recurse (depth);
  for (guint depth = DEPTH + 40; depth > DEPTH - 40; depth -= 3)
    recurse (depth);

  g_assert_cmpuint (n_truncated, >, 50);
}

static void
on_signal (int number)
{
  probe ();
  recurse (3);
}

static void
handle (int flags)
{
  struct sigaction action = { .sa_handler = on_signal, .sa_flags = flags };

  sigaction (SIGUSR1, &action, NULL);
  n_truncated = 0;
  for (guint i = 0; i < 5; i++)
    {
      raise (SIGUSR1);
      recurse (i);
    }
  g_assert_cmpuint (n_truncated, ==, 0);
}

static void
test_passes_signal_frames (void)
{
  handle (0);
}

static void
test_passes_to_the_stack_that_was_interrupted (void)
{
  stack_t before, stack = { .ss_sp = g_malloc (65536), .ss_size = 65536 };

  sigaltstack (&stack, &before);
  handle (SA_ONSTACK);
  sigaltstack (&before, NULL);
  g_free (stack.ss_sp);
}

static ucontext_t main_context, other_context;

static void
coroutine (void)
{
  for (guint i = 0; i < 3; i++)
    {
      probe ();
      recurse (i * 2);
      swapcontext (&other_context, &main_context);
      with_alloca (2, compare_rand);
    }
}

/* The same addresses, again and again, under other frames. */
static void
test_coroutines_reuse_a_stack (void)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed (5);
  char *stack = mmap (NULL, 131072, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  compare_rand = rand;
  for (guint round = 0; round < 20; round++)
    {
      getcontext (&other_context);
      other_context.uc_stack.ss_sp = stack + 16 * (round % 3);
      other_context.uc_stack.ss_size = 131072 - 64;
      other_context.uc_link = &main_context;
      makecontext (&other_context, coroutine, 0);
      for (guint i = 0; i < 4; i++)
        {
          recurse (round);
          swapcontext (&main_context, &other_context);
          recurse (1);
        }
    }
  munmap (stack, 131072);
}

static void *
run_thread (void *data)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed (GPOINTER_TO_UINT (data));

  attach_thread ();
  for (guint i = 0; i < 300; i++)
    plain_function (g_rand_int_range (rand, 0, 12), rand);
  detach_thread ();

  return NULL;
}

static void
test_threads_end_at_their_start (void)
{
  n_truncated = 0;
  for (guint i = 1; i <= 3; i++)
    {
      pthread_t thread;

      g_assert_cmpint (pthread_create (&thread, NULL, run_thread, GUINT_TO_POINTER (i)), ==, 0);
      pthread_join (thread, NULL);
    }
  g_assert_cmpuint (n_truncated, ==, 0);
}

/* Code nobody describes: it moves its argument to the stack and calls it. */
static void
test_code_without_information_truncates (void)
{
  static const guint8 code[] = { 0x55, 0xff, 0xd7, 0x5d, 0xc3 };   /* push rbp; call rdi; pop rbp; ret */
  void *memory = mmap (NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  void (*call) (void (*) (void));
  Frame frame;
  guint32 node;

  memcpy (memory, code, sizeof code);
  memcpy (&call, &memory, sizeof call);
  n_truncated = 0;
  call (probe);
  g_assert_cmpuint (n_truncated, ==, 1);

  frame = (Frame) { .pc = (uintptr_t)memory + 3, .sp = (uintptr_t)__builtin_frame_address (0) };
  node = stack_capture (state, &frame);
  g_assert_cmphex (trie_node (node)->address, ==, frame.pc);
  g_assert_cmpuint (trie_node (node)->parent, ==, trie_truncated ());
  munmap (memory, 4096);
}

/* Frames that lead nowhere must not be followed. */
static void
test_reads_nothing_it_may_not (void)
{
  static const uintptr_t wild[] = { 0, 8, 4096, 0x7fffffffe000, UINTPTR_MAX - 7, UINTPTR_MAX, 0x8000000000000000 };
  Frame real = { .pc = (uintptr_t)__builtin_return_address (0), .sp = (uintptr_t)__builtin_frame_address (0) };

  for (guint i = 0; i < G_N_ELEMENTS (wild); i++)
    for (guint j = 0; j < G_N_ELEMENTS (wild); j++)
      {
        Frame frames[] = {
          { real.pc, wild[i], wild[j] }, { real.pc, real.sp, wild[j] }, { wild[i], real.sp, wild[j] },
        };

        for (guint k = 0; k < G_N_ELEMENTS (frames); k++)
          g_assert_cmpuint (stack_capture (state, &frames[k]), !=, 0);
      }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  set_up ();

  g_test_add_func ("/stack/agrees-with-libgcc-on-random-stacks", test_agrees_with_libgcc_on_random_stacks);
  g_test_add_func ("/stack/deep-stacks-keep-their-inner-frames", test_deep_stacks_keep_their_inner_frames);
  g_test_add_func ("/stack/passes-signal-frames", test_passes_signal_frames);
  g_test_add_func ("/stack/passes-to-the-stack-that-was-interrupted", test_passes_to_the_stack_that_was_interrupted);
  g_test_add_func ("/stack/coroutines-reuse-a-stack", test_coroutines_reuse_a_stack);
  g_test_add_func ("/stack/threads-end-at-their-start", test_threads_end_at_their_start);
  g_test_add_func ("/stack/code-without-information-truncates", test_code_without_information_truncates);
  g_test_add_func ("/stack/reads-nothing-it-may-not", test_reads_nothing_it_may_not);

  return g_test_run ();
}
