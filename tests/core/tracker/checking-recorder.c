/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A recorder that looks at its own stacks: the objects of the real one, linked with
 * --wrap=stack_capture, so that what event.c calls is here. Of some events the stack
 * is unwound by libunwind too, and both are compared frame by frame.
 *
 *   MEMSCOPE_CHECK_OUTPUT=PREFIX   PREFIX.PID is written: statistics, and the first
 *                                  stacks that differ
 *   MEMSCOPE_CHECK_EVERY=N         one of N events, at random
 *   MEMSCOPE_CHECK_MAX=N           and at most so many of a process
 *
 * Only frames that call-frame information leads to are a reference. Where there is
 * none, libunwind goes on by guesses: a stack of ours that ends there, marked
 * truncated, is whole; what lies beyond is counted apart.
 *
 * With MEMSCOPE_CHECK_STOP=1 libunwind is not asked: a debugger that has a breakpoint at
 * checking_recorder_stop() finds the stack in its arguments.
 */

#define UNW_LOCAL_ONLY
#include <libunwind.h>

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "recorder.h"
#include "stack.h"
#include "thread.h"
#include "trie.h"

#define MAX_FRAMES   1024u
#define MAX_SHOWN    20u
#define SAVE_EVERY   1000u

uint32_t __real_stack_capture       (StackState *state, const Frame *frame);
uint32_t __real_stack_capture_plain (StackState *state, const Frame *frame, unsigned level);
uint32_t __wrap_stack_capture       (StackState *state, const Frame *frame);
uint32_t __wrap_stack_capture_plain (StackState *state, const Frame *frame, unsigned level);

typedef struct
{
  uintptr_t pcs[MAX_FRAMES];
  unsigned  n;
  unsigned  n_sure;        /* libunwind's: reached by call-frame information */
  bool      truncated;     /* ours: the mark; libunwind's: it gave up */
} Stack;

/* ---- what was found ------------------------------------------------------------ */

static struct
{
  _Atomic uint64_t events;
  _Atomic uint64_t checked;
  _Atomic uint64_t equal;
  _Atomic uint64_t ended_where_information_ends;   /* truncated there: as good as equal */
  _Atomic uint64_t truncated;                      /* a prefix of the reference, but a shorter one */
  _Atomic uint64_t longer;                         /* the reference is a prefix */
  _Atomic uint64_t wrong;
  _Atomic uint64_t depth;
  _Atomic uint64_t reference_depth;
  _Atomic uint64_t guessed_depth;                  /* of libunwind's with its guesses */
  _Atomic uint64_t not_met;                        /* libunwind did not get to the first frame */
} results;

static _Atomic uint32_t n_shown;
static char output_path[4000];
static unsigned long check_every = 1, check_max = 1000000;
static bool stops;
static int details = -1;
static pid_t process;

void checking_recorder_stop (const uintptr_t *pcs, unsigned n, int truncated);

static __thread bool busy;
static __thread uint32_t random_state;
static __thread Stack ours, theirs;

static struct
{
  int (*init_local)   (unw_cursor_t *cursor, unw_context_t *context);
  int (*step)         (unw_cursor_t *cursor);
  int (*get_reg)      (unw_cursor_t *cursor, int reg, unw_word_t *value);
  int (*get_context)  (unw_context_t *context);
  int (*get_proc_info) (unw_cursor_t *cursor, unw_proc_info_t *info);
} reference;

static void
save_results (void)
{
  char text[1000], path[sizeof output_path + 20];
  int n, fd;

  if (output_path[0] == '\0' || results.checked == 0)
    return;

  n = snprintf (text, sizeof text,
                "events %lu\nchecked %lu\nequal %lu\nended %lu\ntruncated %lu\nlonger %lu\nwrong %lu\n"
                "depth %lu\nreference_depth %lu\nguessed_depth %lu\nnot_met %lu\n",
                results.events, results.checked, results.equal, results.ended_where_information_ends,
                results.truncated, results.longer, results.wrong, results.depth, results.reference_depth,
                results.guessed_depth, results.not_met);
  snprintf (path, sizeof path, "%s.%d", output_path, (int)getpid ());
  fd = open (path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (fd >= 0)
    {
      if (write (fd, text, (size_t)n) != n || ftruncate (fd, n) != 0)
        unlink (path);
      close (fd);
    }
}

static void
show (const char *format, ...) __attribute__ ((format (printf, 1, 2)));

static void
show (const char *format, ...)
{
  char line[600];
  va_list arguments;
  int n;

  va_start (arguments, format);
  n = vsnprintf (line, sizeof line, format, arguments);
  va_end (arguments);
  if (n > 0 && write (details, line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1) < 0)
    return;
}

static void
show_stack (const char  *title,
            const Stack *stack,
            unsigned     from)
{
  show ("  %s, %u frames%s, from %u:\n", title, stack->n, stack->truncated ? " and more" : "", from);
  for (unsigned i = from; i < stack->n && i < from + 12; i++)
    {
      struct dl_find_object object;

      if (_dl_find_object ((void *)(stack->pcs[i] - 1), &object) == 0)
        show ("    %3u %#lx  %s+%#lx%s\n", i, stack->pcs[i], object.dlfo_link_map->l_name,
              stack->pcs[i] - object.dlfo_link_map->l_addr, stack == &theirs && i >= stack->n_sure ? "  (guessed)" : "");
      else
        show ("    %3u %#lx  in no module%s\n", i, stack->pcs[i],
              stack == &theirs && i >= stack->n_sure ? "  (guessed)" : "");
    }
}

static void
show_difference (const char *what,
                 unsigned    at)
{
  if (atomic_fetch_add (&n_shown, 1) >= MAX_SHOWN)
    return;

  if (details < 0)
    {
      char path[sizeof output_path + 32];

      snprintf (path, sizeof path, "%s.%d.differences", output_path, (int)getpid ());
      details = open (path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    }

  show ("%s at frame %u:\n", what, at);
  show_stack ("ours", &ours, at > 2 ? at - 2 : 0);
  show_stack ("the reference", &theirs, at > 2 ? at - 2 : 0);
}

/* ---- the two stacks ------------------------------------------------------------ */

static void
take_ours (uint32_t node)
{
  ours.n = 0;
  ours.truncated = false;

  for (; node != 0 && ours.n < MAX_FRAMES; node = trie_node (node)->parent)
    {
      if ((trie_node (node)->flags & NODE_TRUNCATED) != 0)
        ours.truncated = true;
      else
        ours.pcs[ours.n++] = trie_node (node)->address;
    }
}

/* Of a frame without call-frame information libunwind says that it is one byte long. */
static bool
is_described (unw_cursor_t *cursor)
{
  unw_proc_info_t info;

  return reference.get_proc_info (cursor, &info) == 0 && info.end_ip - info.start_ip > 1;
}

static bool
take_theirs (unw_context_t *context,
             const Frame   *start)
{
  unw_cursor_t cursor;
  bool met = false, sure = true;
  int step = 1;

  theirs.n = theirs.n_sure = 0;
  theirs.truncated = false;
  if (reference.init_local (&cursor, context) != 0)
    return false;

  for (unsigned i = 0; i < MAX_FRAMES + 64 && theirs.n < MAX_FRAMES; i++)
    {
      unw_word_t pc = 0, sp = 0;

      reference.get_reg (&cursor, UNW_REG_IP, &pc);
      reference.get_reg (&cursor, UNW_REG_SP, &sp);
      if (pc == 0)
        break;

      met = met || (pc == start->pc && sp == start->sp);
      if (met)
        {
          theirs.pcs[theirs.n++] = pc;
          if (sure)
            theirs.n_sure = theirs.n;
          sure = sure && is_described (&cursor);
        }

      step = reference.step (&cursor);
      if (step <= 0)
        break;
    }

  theirs.truncated = step < 0 || !sure;

  return met;
}

/* What a fork inherits is its parent's. */
static void
begin_again_if_forked (void)
{
  if (process == getpid ())
    return;

  process = getpid ();
  memset (&results, 0, sizeof results);
  n_shown = 0;
  if (details >= 0)
    close (details);
  details = -1;
}

static void
compare (const Frame *frame,
         uint32_t     node)
{
  unw_context_t context;
  unsigned same = 0;

  take_ours (node);

  reference.get_context (&context);
  if (!take_theirs (&context, frame))
    {
      results.not_met++;
      return;
    }

  while (same < ours.n && same < theirs.n && ours.pcs[same] == theirs.pcs[same])
    same++;

  results.checked++;
  results.depth += same;
  results.reference_depth += theirs.n_sure < recorder.arena->stack_depth ? theirs.n_sure : recorder.arena->stack_depth;
  results.guessed_depth += theirs.n;

  if (same < ours.n && same < theirs.n_sure)
    {
      results.wrong++;
      show_difference ("different", same);
    }
  else if (same == ours.n && same == theirs.n && !ours.truncated)
    {
      results.equal++;
    }
  else if (same == ours.n && ours.truncated &&
           (same == recorder.arena->stack_depth || (same == theirs.n_sure && theirs.truncated)))
    {
      results.ended_where_information_ends++;
    }
  else if (same == ours.n && same < theirs.n_sure && ours.truncated)
    {
      results.truncated++;
      show_difference ("truncated", same);
    }
  else if (same == ours.n && !ours.truncated)
    {
      results.wrong++;
      show_difference ("ends too early", same);
    }
  else
    {
      results.longer++;
      show_difference ("longer", same);
    }

  if (results.checked % SAVE_EVERY == 0)
    save_results ();
}

__attribute__ ((noinline)) void
checking_recorder_stop (const uintptr_t *pcs,
                        unsigned         n,
                        int              truncated)
{
  __asm__ volatile ("" : : "r" (pcs), "r" (n), "r" (truncated) : "memory");
}

static void
stop_with (uint32_t node)
{
  take_ours (node);
  checking_recorder_stop (ours.pcs, ours.n, ours.truncated);
  results.checked++;
}

static bool
is_sampled (void)
{
  uint32_t x = random_state != 0 ? random_state : (uint32_t)syscall (SYS_gettid) * 2654435769u | 1;

  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  random_state = x;

  return x % check_every == 0 && results.checked < check_max;
}

static void
check (const Frame *frame,
       uint32_t     node)
{
  int before = errno;

  results.events++;
  if (busy || (reference.step == NULL && !stops) || !is_sampled ())
    return;

  busy = true;
  begin_again_if_forked ();
  if (stops)
    stop_with (node);
  else
    compare (frame, node);
  busy = false;
  errno = before;
}

/* ---- where the recorder comes by ------------------------------------------------- */

uint32_t
__wrap_stack_capture (StackState  *state,
                      const Frame *frame)
{
  uint32_t node = __real_stack_capture (state, frame);

  check (frame, node);

  return node;
}

uint32_t
__wrap_stack_capture_plain (StackState  *state,
                            const Frame *frame,
                            unsigned     level)
{
  uint32_t node = __real_stack_capture_plain (state, frame, level);

  check (frame, node);

  return node;
}

/* ---- beginning and end ----------------------------------------------------------- */

static unsigned long
number_of (const char    *name,
           unsigned long  otherwise)
{
  const char *text = getenv (name);

  return text != NULL && atol (text) > 0 ? strtoul (text, NULL, 10) : otherwise;
}

__attribute__ ((constructor)) static void
begin (void)
{
  const char *output = getenv ("MEMSCOPE_CHECK_OUTPUT");
  void *library;

  if (output == NULL || strlen (output) >= sizeof output_path)
    return;

  memcpy (output_path, output, strlen (output) + 1);
  check_every = number_of ("MEMSCOPE_CHECK_EVERY", 1);
  check_max = number_of ("MEMSCOPE_CHECK_MAX", 1000000);
  stops = getenv ("MEMSCOPE_CHECK_STOP") != NULL;

  /* not linked: it has functions of libgcc's names, which the program would find here */
  library = dlopen ("libunwind.so.8", RTLD_NOW | RTLD_LOCAL);
  if (library == NULL)
    return;

  *(void **)&reference.init_local = dlsym (library, "_ULx86_64_init_local");
  *(void **)&reference.get_reg = dlsym (library, "_ULx86_64_get_reg");
  *(void **)&reference.get_context = dlsym (library, "_Ux86_64_getcontext");
  *(void **)&reference.get_proc_info = dlsym (library, "_ULx86_64_get_proc_info");
  *(void **)&reference.step = dlsym (library, "_ULx86_64_step");
}

__attribute__ ((destructor)) static void
end (void)
{
  save_results ();
}
