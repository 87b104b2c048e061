/* SPDX-License-Identifier: GPL-3.0-or-later */

/* hazards NAME [ARGUMENT]: a program in which recording goes wrong easily.
 *
 * What it allocates to be counted has a size of its own, SIZE, which nothing else
 * uses. At the end it says how many such blocks were born and how many of them
 * died in this process, on descriptor 1, without stdio:
 *
 *   counts BIRTHS DEATHS
 *
 * Its output, status and errno values must be the same with and without a recorder.
 */

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#define SIZE 54321

static _Atomic unsigned long births, deaths;
static int output = 1;

static void
say (const char *format, ...) __attribute__ ((format (printf, 1, 2)));

static void
say (const char *format, ...)
{
  char line[200];
  va_list arguments;
  int n;

  va_start (arguments, format);
  n = vsnprintf (line, sizeof line, format, arguments);
  va_end (arguments);
  if (write (output, line, (size_t)n) != n)
    _exit (99);
}

static void
say_counts (void)
{
  say ("counts %lu %lu\n", atomic_load (&births), atomic_load (&deaths));
}

static void *
born (void *memory)
{
  if (memory != NULL)
    births++;

  return memory;
}

static void *
allocate (void)
{
  return born (malloc (SIZE));
}

static void
release (void *memory)
{
  if (memory != NULL)
    deaths++;
  free (memory);
}

/* ---- threads ------------------------------------------------------------- */

static _Atomic (void *) shelf[64];

static void *
churn (void *data)
{
  unsigned seed = (unsigned)(uintptr_t)data;

  for (int i = 0; i < 3000; i++)
    release (atomic_exchange (&shelf[rand_r (&seed) % 64], allocate ()));

  return NULL;
}

static void
run_threads (unsigned n, void *(*function) (void *))
{
  pthread_t *threads = calloc (n, sizeof *threads);

  for (unsigned i = 0; i < n; i++)
    if (pthread_create (&threads[i], NULL, function, (void *)(uintptr_t)(i + 1)) != 0)
      _exit (98);
  for (unsigned i = 0; i < n; i++)
    pthread_join (threads[i], NULL);
  free (threads);
}

static void
threads (void)
{
  run_threads (4, churn);
}

static void *
resize (void *data)
{
  unsigned seed = (unsigned)(uintptr_t)data;

  for (int i = 0; i < 3000; i++)
    {
      void *memory = atomic_exchange (&shelf[rand_r (&seed) % 64], NULL);

      if (memory != NULL)
        deaths++;
      memory = born (realloc (memory, SIZE));
      release (atomic_exchange (&shelf[rand_r (&seed) % 64], memory));
    }

  return NULL;
}

static void
realloc_race (void)
{
  run_threads (4, resize);
}

static pthread_barrier_t barrier;

static void *
meet (void *data)
{
  void *memory = allocate ();

  pthread_barrier_wait (&barrier);
  release (memory);
  release (allocate ());

  return NULL;
}

static void
live_threads (void)
{
  pthread_barrier_init (&barrier, NULL, 200);
  run_threads (200, meet);
}

static void *
short_life (void *data)
{
  release (allocate ());
  allocate ();

  return NULL;
}

static void
short_threads (void)
{
  for (unsigned i = 0; i < 500; i++)
    run_threads (20, short_life);
}

/* ---- the end of a thread --------------------------------------------------- */

static pthread_key_t key;
extern int __cxa_thread_atexit_impl (void (*function) (void *), void *data, void *object);
extern void *__dso_handle;

static void
last_words (void *data)
{
  static _Thread_local int rounds;

  release (data);
  release (allocate ());
  if (++rounds < 6)
    pthread_setspecific (key, allocate ());
}

static void *
leave_data (void *data)
{
  __cxa_thread_atexit_impl (last_words, allocate (), &__dso_handle);
  pthread_setspecific (key, allocate ());

  return NULL;
}

static void
thread_destructors (void)
{
  pthread_key_create (&key, last_words);
  for (unsigned i = 0; i < 20; i++)
    run_threads (3, leave_data);
}

/* ---- the process ------------------------------------------------------------- */

static void
fork_child (void)
{
  void *inherited = allocate ();
  int status;
  pid_t pid = fork ();

  if (pid == 0)
    {
      births = deaths = 0;
      for (int i = 0; i < 5; i++)
        release (allocate ());
      allocate ();
      free (inherited);
      say_counts ();
      _exit (7);
    }

  waitpid (pid, &status, 0);
  say ("child %d\n", WEXITSTATUS (status));
  release (inherited);
}

static void *
fork_now (void *data)
{
  fork_child ();

  return NULL;
}

static void
fork_in_thread (void)
{
  allocate ();
  run_threads (1, fork_now);
}

static void
fork_tree (void)
{
  for (int depth = 0; depth < 4; depth++)
    {
      int status;
      pid_t pid = fork ();

      if (pid != 0)
        {
          waitpid (pid, &status, 0);
          allocate ();
          return;
        }
      births = deaths = 0;
      release (allocate ());
    }
}

/* As a library would, without libc's knowledge. */
static void
raw_clone (void)
{
  int status;
  long pid;

  release (allocate ());
  pid = syscall (SYS_clone, SIGCHLD, 0, 0, 0, 0);
  if (pid == 0)
    {
      births = deaths = 0;
      release (allocate ());
      say_counts ();
      _exit (0);
    }
  waitpid ((pid_t)pid, &status, 0);
  allocate ();
}

static const char *self;

static void
vfork_exec (void)
{
  int status;
  pid_t pid;

  allocate ();
  say_counts ();
  pid = vfork ();
  if (pid == 0)
    {
      execl (self, self, "threads", (char *)NULL);
      _exit (97);
    }
  waitpid (pid, &status, 0);
  births = deaths = 0;
}

static void
exec_chain (const char *argument)
{
  int left = argument != NULL ? atoi (argument) : 3;
  char next[12];

  release (allocate ());
  allocate ();
  if (left == 0)
    return;

  say_counts ();
  snprintf (next, sizeof next, "%d", left - 1);
  execl (self, self, "exec-chain", next, (char *)NULL);
}

static void
quick_exit_now (void)
{
  release (allocate ());
  allocate ();
  say_counts ();
  _exit (3);
}

static void
abort_now (void)
{
  allocate ();
  say_counts ();
  abort ();
}

static void
kill_now (void)
{
  for (int i = 0; i < 1000; i++)
    release (allocate ());
  say_counts ();
  kill (getpid (), SIGKILL);
}

static void
at_exit (void)
{
  release (allocate ());
  allocate ();
  say_counts ();
}

static void
exit_handlers (void)
{
  atexit (at_exit);
  allocate ();
  exit (5);
}

static void *early;

__attribute__ ((constructor)) static void
before_main (void)
{
  early = malloc (SIZE);
}

static void
constructors (void)
{
  /* every run of this program allocates one before main */
}

/* ---- signals -------------------------------------------------------------------- */

static sigjmp_buf target;

static void
on_signal (int number)
{
  release (allocate ());
}

static void
on_signal_jump (int number)
{
  allocate ();
  siglongjmp (target, 1);
}

static void
signal_handlers (void)
{
  signal (SIGUSR1, on_signal);
  for (int i = 0; i < 200; i++)
    {
      release (allocate ());
      raise (SIGUSR1);
    }
}

static void
jump_out_of_handlers (void)
{
  signal (SIGUSR1, on_signal_jump);
  for (int i = 0; i < 200; i++)
    if (sigsetjmp (target, 1) == 0)
      raise (SIGUSR1);
}

/* mmap may be called in a handler, wherever it strikes. */
static void
on_timer (int number)
{
  void *memory = mmap (NULL, 3 * 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  munmap (memory, 3 * 4096);
}

static void
interrupted_hooks (void)
{
  struct itimerval interval = { { 0, 200 }, { 0, 200 } };
  static char space[65536];
  stack_t stack = { .ss_sp = space, .ss_size = sizeof space };
  struct sigaction action = { .sa_handler = on_timer, .sa_flags = SA_ONSTACK | SA_RESTART };

  sigaltstack (&stack, NULL);
  sigaction (SIGALRM, &action, NULL);
  setitimer (ITIMER_REAL, &interval, NULL);
  for (int i = 0; i < 200000; i++)
    release (allocate ());
  interval = (struct itimerval) { 0 };
  setitimer (ITIMER_REAL, &interval, NULL);
}

/* ---- stacks -------------------------------------------------------------------------- */

static ucontext_t main_context, contexts[4];

static void
coroutine (void)
{
  for (int i = 0; i < 50; i++)
    {
      release (allocate ());
      swapcontext (&contexts[i % 4], &main_context);
    }
}

static void
coroutines (void)
{
  for (int round = 0; round < 20; round++)
    {
      char *stacks[4];

      for (int i = 0; i < 4; i++)
        {
          stacks[i] = mmap (NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
          getcontext (&contexts[i]);
          contexts[i].uc_stack.ss_sp = stacks[i];
          contexts[i].uc_stack.ss_size = 65536;
          contexts[i].uc_link = &main_context;
          makecontext (&contexts[i], coroutine, 0);
          swapcontext (&main_context, &contexts[i]);
        }
      for (int i = 0; i < 4; i++)
        munmap (stacks[i], 65536);
    }
}

static __attribute__ ((noinline)) void
recurse (int depth)
{
  volatile char space[64];

  space[0] = (char)depth;
  if (depth > 0)
    recurse (depth - 1);
  else
    release (allocate ());
  space[1] = space[0];
}

static void
deep_recursion (void)
{
  for (int depth = 0; depth < 20000; depth += 100)
    recurse (depth);
}

/* ---- libraries -------------------------------------------------------------------------- */

static void
libraries (const char *argument)
{
  char paths[2][4096];

  for (int i = 0; i < 2; i++)
    snprintf (paths[i], sizeof paths[i], "%s/lib%s.so", argument, i == 0 ? "plugin-a" : "plugin-b");

  for (int i = 0; i < 60; i++)
    {
      void *library = dlopen (paths[i % 2], RTLD_NOW | RTLD_LOCAL);
      void *(*function) (size_t);

      if (library == NULL)
        {
          say ("%s\n", dlerror ());
          return;
        }
      *(void **)&function = dlsym (library, "plugin_allocate");
      release (born (function (SIZE)));
      dlclose (library);
    }
}

/* ---- the calls themselves ------------------------------------------------------------------ */

static void
bad_arguments (void)
{
  void *memory = NULL;
  volatile size_t huge = SIZE_MAX / 2, odd = 3;

  errno = 0;
  say ("posix_memalign %d %d\n", posix_memalign (&memory, 3, 100), errno);
  say ("posix_memalign %d %d\n", posix_memalign (&memory, 64, huge), errno);
  say ("aligned_alloc %d", aligned_alloc (odd, 100) != NULL);
  say (" %d\n", errno);
  errno = 0;
  say ("calloc %d", calloc (huge, 16) == NULL);
  say (" %d\n", errno);
  errno = 0;
  say ("reallocarray %d", reallocarray (NULL, huge, 16) == NULL);
  say (" %d\n", errno);
  errno = 0;
  say ("malloc %d", malloc (huge) == NULL);
  say (" %d\n", errno);
  errno = 0;
  memory = allocate ();
  say ("realloc %d", realloc (memory, huge) == NULL);
  say (" %d\n", errno);
  errno = E2BIG;
  deaths++;
  say ("realloc to 0 %d", realloc (memory, 0) == NULL);
  say (" %d\n", errno);
  errno = E2BIG;
  release (allocate ());
  free (NULL);
  say ("errno %d\n", errno);
}

static void
all_calls (void)
{
  void *memory = NULL;

  release (born (calloc (1, SIZE)));
  release (born (reallocarray (NULL, SIZE, 1)));
  release (born (aligned_alloc (64, SIZE)));
  release (born (memalign (4096, SIZE)));
  release (born (valloc (SIZE)));
  release (born (pvalloc (SIZE)));
  if (posix_memalign (&memory, 128, SIZE) == 0)
    release (born (memory));
  memory = allocate ();
  say ("usable %zu\n", malloc_usable_size (memory));
  deaths++;
  memory = born (realloc (memory, SIZE));
  release (memory);
  malloc_trim (0);
}

/* What is opened next must get the number it would get anyway. */
static void
closed_descriptors (void)
{
  output = fcntl (1, F_DUPFD, 10);
  close (0);
  close (1);
  close (2);
  release (allocate ());
  say ("descriptor %d\n", open ("/dev/null", O_RDWR));
  say ("descriptor %d\n", open ("/dev/null", O_RDWR));
  closefrom (20);
  release (allocate ());
}

/* --------------------------------------------------------------------------------------------- */

static const struct
{
  const char *name;
  void      (*run) (void);
  void      (*run_with) (const char *argument);
} hazards[] = {
  { "threads", threads, NULL },
  { "realloc-race", realloc_race, NULL },
  { "live-threads", live_threads, NULL },
  { "short-threads", short_threads, NULL },
  { "thread-destructors", thread_destructors, NULL },
  { "fork", fork_child, NULL },
  { "fork-in-thread", fork_in_thread, NULL },
  { "fork-tree", fork_tree, NULL },
  { "raw-clone", raw_clone, NULL },
  { "vfork-exec", vfork_exec, NULL },
  { "exec-chain", NULL, exec_chain },
  { "quick-exit", quick_exit_now, NULL },
  { "abort", abort_now, NULL },
  { "kill", kill_now, NULL },
  { "exit-handlers", exit_handlers, NULL },
  { "constructors", constructors, NULL },
  { "signal-handlers", signal_handlers, NULL },
  { "jump-out-of-handlers", jump_out_of_handlers, NULL },
  { "interrupted-hooks", interrupted_hooks, NULL },
  { "coroutines", coroutines, NULL },
  { "deep-recursion", deep_recursion, NULL },
  { "libraries", NULL, libraries },
  { "bad-arguments", bad_arguments, NULL },
  { "all-calls", all_calls, NULL },
  { "closed-descriptors", closed_descriptors, NULL },
};

int
main (int argc, char *argv[])
{
  self = argv[0];
  births = early != NULL;

  for (size_t i = 0; argc > 1 && i < sizeof hazards / sizeof *hazards; i++)
    if (strcmp (argv[1], hazards[i].name) == 0)
      {
        if (hazards[i].run != NULL)
          hazards[i].run ();
        else
          hazards[i].run_with (argv[2]);
        say_counts ();
        return 0;
      }

  return 96;
}
