/* SPDX-License-Identifier: GPL-3.0-or-later */

/* tests/programs/hazards alone and under the recorder: same output, same status,
 * and the file holds exactly the births and deaths the program counted. With the
 * argument `allocators`, under allocators other than libc's.
 */

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "file-reader.h"

#define SIZE 54321

typedef struct
{
  char *directory;
  char *output;
} Fixture;

typedef struct
{
  guint64 births;
  guint64 deaths;
} Counts;

typedef struct
{
  const char *name;
  const char *argument;
  guint       n_files;   /* 0: any number */
  gboolean    racing;    /* what it says is not the same twice */
  const char *program;   /* NULL: hazards */
  const char *preload;   /* an allocator */
} Hazard;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->directory = g_dir_make_tmp ("memscope-XXXXXX", NULL);
  fixture->output = g_build_filename (fixture->directory, "run.memscope", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autofree char *command = g_strdup_printf ("rm -rf '%s'", fixture->directory);

  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL));
  g_free (fixture->directory);
  g_free (fixture->output);
}

/* As a shell counts. */
static int
exit_code (int wait_status)
{
  return WIFSIGNALED (wait_status) ? 128 + WTERMSIG (wait_status) : WEXITSTATUS (wait_status);
}

static char *
run (const char * const *argv, char **environment, int *code)
{
  g_autoptr(GError) error = NULL;
  char *text = NULL;
  int status;

  g_spawn_sync (NULL, (char **)argv, environment, G_SPAWN_DEFAULT, NULL, NULL, &text, NULL, &status, &error);
  g_assert_no_error (error);
  *code = exit_code (status);

  return text;
}

/* @arguments: room for 4 */
static void
make_command (const Hazard *hazard, const char **arguments)
{
  if (hazard->program != NULL)
    *arguments++ = hazard->program;
  else
    *arguments++ = HAZARDS;
  if (hazard->name != NULL)
    *arguments++ = hazard->name;
  if (hazard->argument != NULL)
    *arguments++ = hazard->argument;
  *arguments = NULL;
}

static char **
make_environment (const Hazard *hazard)
{
  char **environment = g_get_environ ();

  if (hazard->preload != NULL)
    environment = g_environ_setenv (environment, "LD_PRELOAD", hazard->preload, TRUE);

  return environment;
}

static char *
run_recorded (Fixture *fixture, const Hazard *hazard, int *code)
{
  const char *argv[6] = { RECORD_PROGRAM, fixture->output };
  g_auto(GStrv) environment = make_environment (hazard);

  make_command (hazard, argv + 2);

  environment = g_environ_setenv (environment, "XDG_RUNTIME_DIR", fixture->directory, TRUE);
  environment = g_environ_setenv (environment, "MEMSCOPE_RECORDER", RECORDER, TRUE);
  environment = g_environ_setenv (environment, "MEMSCOPE_COLLECTOR", COLLECTOR, TRUE);

  return run (argv, environment, code);
}

/* The sum of all "counts" lines: each process says its own. */
static Counts
counts_said (const char *text)
{
  g_auto(GStrv) lines = g_strsplit (text, "\n", -1);
  Counts sum = { 0 };

  for (guint i = 0; lines[i] != NULL; i++)
    {
      unsigned long births, deaths;

      if (sscanf (lines[i], "counts %lu %lu", &births, &deaths) == 2)
        {
          sum.births += births;
          sum.deaths += deaths;
        }
    }

  return sum;
}

static void
count_file (const char *path, Counts *sum)
{
  g_autoptr(RecordingFile) file = recording_file_read (path);
  guint births = 0;

  g_assert_nonnull (file);
  g_assert_true (file->has_footer);
  g_assert_cmpuint (file->gaps->len, ==, 0);

  for (guint i = 0; i < file->events->len; i++)
    {
      const MemscopeEvent *event = &FILE_EVENT (file, i);

      g_assert_cmpuint (event->kind, !=, MEMSCOPE_EVENT_LOST_DEATH);
      if (event->kind == MEMSCOPE_EVENT_FREE || event->kind == MEMSCOPE_EVENT_REALLOC_DEATH)
        {
          const MemscopeEvent *birth = recording_file_birth_of (file, event, births);

          sum->deaths += birth->size == SIZE && birth->kind != MEMSCOPE_EVENT_INHERITED;
        }
      if (memscope_event_is_birth (event->kind))
        {
          births++;
          sum->births += event->size == SIZE && event->kind != MEMSCOPE_EVENT_INHERITED;
        }
    }
}

/* The innermost frames of the blocks, by library: two that stand at one address. */
static void
assert_libraries_are_told_apart (const char *path)
{
  g_autoptr(RecordingFile) file = recording_file_read (path);
  guint n[2] = { 0 };

  for (guint i = 0; i < file->events->len; i++)
    {
      const MemscopeEvent *event = &FILE_EVENT (file, i);
      const MemscopeFrameEntry *frame;
      const char *name;

      if (!memscope_event_is_birth (event->kind) || event->size != SIZE || event->stack == 0)
        continue;

      frame = &g_array_index (file->frames, MemscopeFrameEntry,
                              g_array_index (file->stacks, MemscopeStackEntry, event->stack).frame);
      g_assert_cmpuint (frame->module, !=, 0);
      name = file->strings->pdata[g_array_index (file->modules, MemscopeModuleEntry, frame->module).path];
      n[0] += g_str_has_suffix (name, "/libplugin-a.so");
      n[1] += g_str_has_suffix (name, "/libplugin-b.so");
    }

  g_assert_cmpuint (n[0], ==, 30);
  g_assert_cmpuint (n[1], ==, 30);
}

static guint
count_files (Fixture *fixture, Counts *sum)
{
  g_autoptr(GDir) directory = g_dir_open (fixture->directory, 0, NULL);
  const char *name;
  guint n = 0;

  while ((name = g_dir_read_name (directory)) != NULL)
    if (g_str_has_suffix (name, ".memscope"))
      {
        g_autofree char *path = g_build_filename (fixture->directory, name, NULL);

        count_file (path, sum);
        n++;
      }

  return n;
}

static void
test_hazard (Fixture *fixture, gconstpointer data)
{
  const Hazard *hazard = data;
  const char *argv[4];
  g_auto(GStrv) environment = make_environment (hazard);
  int code_alone, code_recorded;
  g_autofree char *alone = NULL;
  g_autofree char *recorded = NULL;
  Counts said, found = { 0 };
  guint n_files;

  make_command (hazard, argv);
  alone = run (argv, environment, &code_alone);
  recorded = run_recorded (fixture, hazard, &code_recorded);
  said = counts_said (recorded);

  g_assert_cmpint (code_recorded, ==, code_alone);
  g_assert_cmpuint (said.births, >, 0);

  if (!hazard->racing)
    g_assert_cmpstr (recorded, ==, alone);

  n_files = count_files (fixture, &found);
  g_assert_cmpuint (found.births, ==, said.births);
  g_assert_cmpuint (found.deaths, ==, said.deaths);
  if (hazard->n_files != 0)
    g_assert_cmpuint (n_files, ==, hazard->n_files);
  if (g_strcmp0 (hazard->name, "libraries") == 0)
    assert_libraries_are_told_apart (fixture->output);
}

static const Hazard hazards[] = {
  { "threads", NULL, 1, TRUE },
  { "realloc-race", NULL, 1, TRUE },
  { "live-threads", NULL, 1 },
  { "short-threads", NULL, 1 },
  { "thread-destructors", NULL, 1 },
  { "cancelled-threads", NULL, 1 },
  { "main-ends-first", NULL, 1 },
  { "small-stacks", NULL, 1 },
  { "fork", NULL, 2 },
  { "fork-handlers", NULL, 2 },
  { "fork-while-busy", NULL, 11, TRUE },
  { "daemon", NULL, 2 },
  { "spawn", NULL, 2 },
  { "vfork-allocates", NULL, 1 },
  { "killed-for-its-size", NULL, 1 },
  { "few-descriptors", NULL, 2 },
  { "no-descriptors", NULL, 1 },
  { "bounded-memory", NULL, 2 },
  { "hardly-any-memory", NULL, 0 },
  { "new-root", NULL, 2 },
  { "dropped-rights", NULL, 2 },
  { "not-dumpable", NULL, 1 },
  { "strict-sandbox", NULL, 1 },
  { "fork-in-thread", NULL, 2 },
  { "fork-tree", NULL, 5 },
  { "raw-clone", NULL, 2 },
  { "vfork-exec", NULL, 2, TRUE },
  { "exec-chain", "3", 4 },
  { "quick-exit", NULL, 1 },
  { "abort", NULL, 1 },
  { "kill", NULL, 1 },
  { "exit-handlers", NULL, 1 },
  { "constructors", NULL, 1 },
  { "signal-handlers", NULL, 1 },
  { "jump-out-of-handlers", NULL, 1 },
  { "jumps", NULL, 1 },
  { "jump-off-the-alternate-stack", NULL, 1 },
  { "interrupted-hooks", NULL, 1 },
  { "coroutines", NULL, 1 },
  { "deep-recursion", NULL, 1 },
  { "changing-frames", NULL, 1 },
  { "aligned-frames", NULL, 1 },
  { "libraries", PLUGINS, 1 },
  { "name-spaces", PLUGINS, 1 },
  { "bad-arguments", NULL, 1 },
  { "all-calls", NULL, 1 },
  { "closed-descriptors", NULL, 1 },
  { "closed-streams", NULL, 1 },
};

#ifdef THROWING
static const Hazard throwing = { THROWER, NULL, 1, FALSE, THROWING };
#endif

/* ---- other allocators -------------------------------------------------------------- */

static const struct
{
  const char *name;
  const char *library;
  const char *linked;    /* hazards, linked with it; NULL: it was not here to link */
  gboolean    whole;     /* it has all of the family: libc's pvalloc() and its own free() don't go together */
} allocators[] = {
  { "jemalloc", "libjemalloc.so.2", JEMALLOC_HAZARDS, FALSE },
  { "mimalloc", "libmimalloc.so.2", MIMALLOC_HAZARDS, TRUE },
  { "tcmalloc", "libtcmalloc_minimal.so.4", TCMALLOC_HAZARDS, TRUE },
};

static const Hazard allocator_hazards[] = {
  { "threads", NULL, 1, TRUE },
  { "realloc-race", NULL, 1, TRUE },
  { "live-threads", NULL, 1 },
  { "thread-destructors", NULL, 1 },
  { "fork", NULL, 2 },
  { "exec-chain", "3", 4 },
  { "exit-handlers", NULL, 1 },
  { "constructors", NULL, 1 },
  { "coroutines", NULL, 1 },
  { "libraries", PLUGINS, 1 },
  { "bad-arguments", NULL, 1 },
  { "all-calls", NULL, 1 },
  { "spawn", NULL, 2 },
};
#define N_HAZARDS_OF_A_PART (G_N_ELEMENTS (allocator_hazards) - 2)

static gboolean
is_installed (const char *library)
{
  const char *argv[] = { "/bin/true", NULL };
  g_auto(GStrv) environment = g_environ_setenv (g_get_environ (), "LD_PRELOAD", library, TRUE);
  g_autofree char *errors = NULL;

  return g_spawn_sync (NULL, (char **)argv, environment, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, &errors, NULL, NULL) &&
         errors[0] == '\0';
}

static void
test_allocator (Fixture *fixture, gconstpointer data)
{
  const Hazard *hazard = data;

  if (hazard->preload != NULL && !is_installed (hazard->preload))
    g_test_skip ("this allocator is not installed");
  else
    test_hazard (fixture, data);
}

static void
add_allocator_test (const char *how, const char *allocator, const char *name, Hazard hazard)
{
  g_autofree char *path = g_strdup_printf ("/allocator/%s/%s/%s", how, allocator, name);

  g_test_add_vtable (path, sizeof (Fixture), g_memdup2 (&hazard, sizeof hazard),
                     (GTestFixtureFunc)(void (*) (void))set_up, (GTestFixtureFunc)(void (*) (void))test_allocator,
                     (GTestFixtureFunc)(void (*) (void))tear_down);
}

static void
add_allocator_tests (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (allocators); i++)
    {
      for (guint j = 0; j < (allocators[i].whole ? G_N_ELEMENTS (allocator_hazards) : N_HAZARDS_OF_A_PART); j++)
        {
          Hazard hazard = allocator_hazards[j];

          hazard.program = allocators[i].linked;
          if (hazard.program != NULL)
            add_allocator_test ("linked", allocators[i].name, hazard.name, hazard);
          hazard.program = NULL;
          hazard.preload = allocators[i].library;
          add_allocator_test ("preloaded", allocators[i].name, hazard.name, hazard);
        }

#ifdef THROWING
      /* operators new of their own; mimalloc's can't throw */
      add_allocator_test ("preloaded", allocators[i].name, "throwing",
                          (Hazard) { THROWER, "within-limits", 1, FALSE, THROWING, allocators[i].library });
#endif
    }
}

/* Every symbol the recorder defines for others, against the list; those of memscope.h
 * are held to the header by the test library-exports.
 */
static void
test_exports_the_allocator_and_its_own_names_alone (void)
{
  static const char expected[] =
    "aligned_alloc calloc free free_aligned_sized free_sized malloc memalign mmap mmap64 mremap munmap "
    "posix_memalign prctl pvalloc realloc reallocarray valloc ";
  const char *argv[] = { "/bin/sh", "-c", "nm -D --defined-only -P " RECORDER " | cut -d' ' -f1 | "
                         "grep -Ev '^memscope_(tracker|sampler|track|scope|pool|ffi|mark|thread)_' | LC_ALL=C sort | tr '\\n' ' '", NULL };
  g_autofree char *symbols = NULL;
  int code;

  symbols = run (argv, NULL, &code);
  g_assert_cmpstr (symbols, ==, expected);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  if (argc > 1 && strcmp (argv[1], "allocators") == 0)
    {
      add_allocator_tests ();
      return g_test_run ();
    }

  g_test_add_func ("/recorder/exports-the-allocator-and-its-own-names-alone", test_exports_the_allocator_and_its_own_names_alone);
  for (guint i = 0; i < G_N_ELEMENTS (hazards); i++)
    {
      g_autofree char *path = g_strdup_printf ("/recorder/same-with-and-without/%s", hazards[i].name);

      g_test_add (path, Fixture, &hazards[i], set_up, test_hazard, tear_down);
    }

#ifdef THROWING
  g_test_add ("/recorder/same-with-and-without/throwing", Fixture, &throwing, set_up, test_hazard, tear_down);
#endif

  return g_test_run ();
}
