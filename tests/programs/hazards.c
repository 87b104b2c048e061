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

#include <alloca.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
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

static void *
end_by_cancellation (void *data)
{
  void *memory = allocate ();

  pthread_cleanup_push (release, memory);
  for (;;)
    pause ();
  pthread_cleanup_pop (1);

  return NULL;
}

static void
cancelled_threads (void)
{
  for (unsigned i = 0; i < 20; i++)
    {
      pthread_t thread;

      pthread_create (&thread, NULL, end_by_cancellation, NULL);
      pthread_cancel (thread);
      pthread_join (thread, NULL);
    }
}

static void *
outlive_main (void *data)
{
  pthread_t *first = data;

  pthread_join (*first, NULL);
  for (unsigned i = 0; i < 50; i++)
    release (allocate ());
  say_counts ();
  exit (0);
}

static void
main_ends_first (void)
{
  static pthread_t self_thread;
  pthread_t thread;

  self_thread = pthread_self ();
  allocate ();
  pthread_create (&thread, NULL, outlive_main, &self_thread);
  pthread_exit (NULL);
}

/* As little stack as a thread can have. */
static void
small_stacks (void)
{
  pthread_attr_t attributes;

  pthread_attr_init (&attributes);
  pthread_attr_setstacksize (&attributes, (size_t)sysconf (_SC_THREAD_STACK_MIN));
  for (unsigned i = 0; i < 20; i++)
    {
      pthread_t thread;

      if (pthread_create (&thread, &attributes, short_life, NULL) != 0)
        _exit (98);
      pthread_join (thread, NULL);
    }
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

static void
allocate_a_little (void)
{
  release (allocate ());
}

/* The child has not begun to count. */
static void
allocate_something (void)
{
  free (malloc (100));
}

static void
fork_handlers (void)
{
  pthread_atfork (allocate_a_little, allocate_a_little, allocate_something);
  fork_child ();
}

/* The parent's threads go on allocating while it forks. */
static void *
churn_until_told (void *data)
{
  _Atomic int *stop = data;

  while (!atomic_load (stop))
    release (allocate ());

  return NULL;
}

static void
fork_while_busy (void)
{
  static _Atomic int stop;
  pthread_t threads[2];

  for (int i = 0; i < 2; i++)
    pthread_create (&threads[i], NULL, churn_until_told, &stop);
  for (int i = 0; i < 10; i++)
    {
      int status;
      pid_t pid = fork ();

      if (pid == 0)
        {
          births = deaths = 0;
          release (allocate ());
          say_counts ();
          _exit (0);
        }
      waitpid (pid, &status, 0);
    }
  stop = 1;
  for (int i = 0; i < 2; i++)
    pthread_join (threads[i], NULL);
}

static void
daemon_process (void)
{
  pid_t pid = fork ();

  if (pid != 0)
    {
      allocate ();
      return;
    }

  births = deaths = 0;
  setsid ();
  if (chdir ("/") != 0)
    _exit (95);
  usleep (100000);
  for (int i = 0; i < 100; i++)
    release (allocate ());
}

static const char *self;

static void
spawn (void)
{
  char *arguments[] = { (char *)self, (char *)"all-calls", NULL };
  extern char **environ;
  int status;
  pid_t pid;

  allocate ();
  if (posix_spawn (&pid, self, NULL, NULL, arguments, environ) == 0)
    waitpid (pid, &status, 0);
}

/* Not allowed, but done: the child has its parent's memory and stops it meanwhile. */
static void
vfork_allocates (void)
{
  int status;
  pid_t pid = vfork ();

  if (pid == 0)
    {
      release (allocate ());
      allocate ();
      _exit (0);
    }
  waitpid (pid, &status, 0);
  allocate ();
}

/* Somebody outside kills what has become too large. */
static void
killed_for_its_size (void)
{
  int ready[2];
  char byte = 0;

  if (pipe (ready) != 0)
    _exit (95);
  if (fork () == 0)
    {
      pid_t parent = getppid ();

      close (ready[1]);
      births = deaths = 0;
      if (read (ready[0], &byte, 1) == 1)
        kill (parent, SIGKILL);
      _exit (0);
    }

  for (int i = 0; i < 1000; i++)
    memset (allocate (), 1, SIZE);
  say_counts ();
  if (write (ready[1], &byte, 1) == 1)
    for (;;)
      pause ();
}

/* What the limits leave must do for the recorder, too. */
static void
become (const char *hazard)
{
  say_counts ();
  execl (self, self, hazard, (char *)NULL);
  _exit (97);
}

static void
set_limit (int which, rlim_t value)
{
  struct rlimit limit = { value, value };

  if (setrlimit (which, &limit) != 0)
    _exit (95);
}

static void
few_descriptors (void)
{
  allocate ();
  set_limit (RLIMIT_NOFILE, 5);
  become ("all-calls");
}

/* Not one is left: the program works, so it must go on doing so. */
static void
no_descriptors (void)
{
  allocate ();
  set_limit (RLIMIT_NOFILE, 3);
  release (allocate ());
  run_threads (4, short_life);
}

static void
bounded_memory (void)
{
  allocate ();
  set_limit (RLIMIT_AS, (rlim_t)700 << 20);
  become ("within-bounds");
}

static void
within_bounds (void)
{
  void *much = malloc ((size_t)200 << 20), *too_much;

  say ("much %d\n", much != NULL);
  errno = 0;
  too_much = malloc ((size_t)600 << 20);
  say ("too much %d %d\n", too_much != NULL, errno);
  free (much);
  run_threads (4, short_life);
}

/* Too little for the recorder's memory: then nobody records. */
static void
hardly_any_memory (void)
{
  allocate ();
  set_limit (RLIMIT_AS, (rlim_t)48 << 20);
  become ("within-hardly-any-memory");
}

static void
within_hardly_any_memory (void)
{
  void *memory = malloc (1 << 20);

  births = 0;
  say ("memory %d\n", memory != NULL);
  free (memory);
  say ("too much %d\n", malloc ((size_t)48 << 20) != NULL);
}

/* A directory without anything in it, /proc included. */
static void
new_root (void)
{
  char directory[] = "/tmp/hazards-XXXXXX";
  int status;

  if (mkdtemp (directory) == NULL)
    _exit (95);
  allocate ();
  if (chdir (directory) != 0 || rmdir (directory) != 0)
    _exit (95);
  if (chroot (".") != 0)
    say ("no chroot\n");
  run_threads (4, short_life);
  if (fork () == 0)
    {
      births = deaths = 0;
      release (allocate ());
      say_counts ();
      _exit (6);
    }
  wait (&status);
  say ("child %d\n", WEXITSTATUS (status));
}

/* A server that needs its rights for the beginning only. */
static void
dropped_rights (void)
{
  int status;

  allocate ();
  if (geteuid () == 0 && (setgid (65534) != 0 || setuid (65534) != 0))
    say ("no other user\n");
  run_threads (4, short_life);
  if (fork () == 0)
    {
      births = deaths = 0;
      for (int i = 0; i < 10; i++)
        release (allocate ());
      say_counts ();
      _exit (6);
    }
  wait (&status);
  say ("child %d\n", WEXITSTATUS (status));
}

/* Nobody may look into it from outside. */
static void
not_dumpable (void)
{
  prctl (PR_SET_DUMPABLE, 0);
  run_threads (4, short_life);
}

/* Any system call but read, write and exit is the end. */
static void
strict_sandbox (void)
{
  void *memory[200];

  /* what it will need it has by then */
  mallopt (M_TRIM_THRESHOLD, 1 << 30);
  mallopt (M_MMAP_THRESHOLD, 32 << 20);
  for (int round = 0; round < 20; round++)
    {
      if (round == 1 && prctl (PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0)
        say ("no sandbox\n");
      for (int i = 0; i < 200; i++)
        memory[i] = allocate ();
      for (int i = 0; i < 200; i++)
        release (memory[i]);
    }
  say_counts ();
  syscall (SYS_exit, 4);
}

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

static __attribute__ ((noinline)) void
descend_and_jump (int depth)
{
  volatile char space[200];

  space[0] = (char)depth;
  release (allocate ());
  if (depth == 0)
    siglongjmp (target, 1);
  descend_and_jump (depth - 1);
  space[1] = space[0];
}

static void
jumps (void)
{
  for (volatile int depth = 0; depth < 100; depth++)
    if (sigsetjmp (target, 0) == 0)
      descend_and_jump (depth);
    else
      release (allocate ());
}

static void
on_fault (int number)
{
  allocate ();
  siglongjmp (target, 1);
}

static void
jump_off_the_alternate_stack (void)
{
  static char space[65536];
  stack_t stack = { .ss_sp = space, .ss_size = sizeof space };
  struct sigaction action = { .sa_handler = on_fault, .sa_flags = SA_ONSTACK };
  volatile char *nowhere = NULL;

  sigaltstack (&stack, NULL);
  sigaction (SIGSEGV, &action, NULL);
  for (volatile int i = 0; i < 50; i++)
    if (sigsetjmp (target, 1) == 0)
      *nowhere = 1;
    else
      release (allocate ());
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
deep_recursion_once (void)
{
  recurse (20);
}

static void
deep_recursion (void)
{
  for (int depth = 0; depth < 20000; depth += 100)
    recurse (depth);
}

static void
call_with_more_stack (void (*function) (void), size_t size)
{
  volatile char *space = alloca (size);

  space[0] = 1;
  function ();
  space[size - 1] = space[0];
}

/* The frames beyond one indirect call site move. */
static void
changing_frames (void)
{
  for (size_t i = 0; i < 300; i++)
    call_with_more_stack (i % 3 != 0 ? allocate_a_little : deep_recursion_once, 16 + i * 37 % 900);
}

static __attribute__ ((noinline)) void
aligned_frame (int depth)
{
  _Alignas (64) volatile char space[64];
  volatile char *more = alloca ((size_t)(16 + depth * 24));

  space[0] = more[0] = (char)depth;
  release (allocate ());
  if (depth > 0)
    aligned_frame (depth - 1);
  space[1] = space[0] + more[0];
}

static void
aligned_frames (void)
{
  for (int i = 0; i < 20; i++)
    aligned_frame (i);
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

/* With a second C library, whose blocks are not this one's. */
static void
name_spaces (const char *argument)
{
  char path[4096];

  snprintf (path, sizeof path, "%s/libplugin-a.so", argument);
  for (int i = 0; i < 5; i++)
    {
      void *library = dlmopen (LM_ID_NEWLM, path, RTLD_NOW);
      void *(*function) (size_t);

      release (allocate ());
      if (library == NULL)
        {
          say ("%s\n", dlerror ());
          return;
        }
      *(void **)&function = dlsym (library, "plugin_allocate");
      say ("allocated %d\n", function (SIZE + 16) != NULL);
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

static void
closed_streams (void)
{
  output = fcntl (1, F_DUPFD, 10);
  printf ("text\n");
  say ("closed %d\n", fcloseall ());
  release (allocate ());
  say ("descriptor %d\n", open ("/dev/null", O_RDWR));
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
  { "cancelled-threads", cancelled_threads, NULL },
  { "main-ends-first", main_ends_first, NULL },
  { "small-stacks", small_stacks, NULL },
  { "fork", fork_child, NULL },
  { "fork-handlers", fork_handlers, NULL },
  { "fork-while-busy", fork_while_busy, NULL },
  { "daemon", daemon_process, NULL },
  { "spawn", spawn, NULL },
  { "vfork-allocates", vfork_allocates, NULL },
  { "killed-for-its-size", killed_for_its_size, NULL },
  { "few-descriptors", few_descriptors, NULL },
  { "no-descriptors", no_descriptors, NULL },
  { "bounded-memory", bounded_memory, NULL },
  { "within-bounds", within_bounds, NULL },
  { "hardly-any-memory", hardly_any_memory, NULL },
  { "within-hardly-any-memory", within_hardly_any_memory, NULL },
  { "new-root", new_root, NULL },
  { "dropped-rights", dropped_rights, NULL },
  { "not-dumpable", not_dumpable, NULL },
  { "strict-sandbox", strict_sandbox, NULL },
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
  { "jumps", jumps, NULL },
  { "jump-off-the-alternate-stack", jump_off_the_alternate_stack, NULL },
  { "interrupted-hooks", interrupted_hooks, NULL },
  { "coroutines", coroutines, NULL },
  { "deep-recursion", deep_recursion, NULL },
  { "changing-frames", changing_frames, NULL },
  { "aligned-frames", aligned_frames, NULL },
  { "libraries", NULL, libraries },
  { "name-spaces", NULL, name_spaces },
  { "bad-arguments", bad_arguments, NULL },
  { "all-calls", all_calls, NULL },
  { "closed-descriptors", closed_descriptors, NULL },
  { "closed-streams", closed_streams, NULL },
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
