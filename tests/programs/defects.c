/* SPDX-License-Identifier: GPL-3.0-or-later */

/* defects NAME: a program with one defect of memory, and one without any. Each has a
 * function of its own for what is wrong, so that a finding can be told by it.
 */

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NOINLINE __attribute__ ((noinline))

/* What is written to here can't be left out. */
static void *volatile sink;

static void
pass_time (long milliseconds)
{
  struct timespec time = { milliseconds / 1000, milliseconds % 1000 * 1000000 };

  nanosleep (&time, NULL);
}

/* ---- leak: each request leaves 1000 bytes behind ----------------------------------- */

NOINLINE static void
leak_request (void)
{
  sink = malloc (1000);
}

static void
leak (void)
{
  for (int i = 0; i < 400; i++)
    {
      leak_request ();
      if (i % 4 == 0)
        pass_time (1);
    }
}

/* ---- kept: three blocks from the beginning, alive at exit ----------------------------- */

NOINLINE static void *
keep_for_ever (void)
{
  return malloc (2000);
}

static void
kept (void)
{
  static void *tables[3];

  for (int i = 0; i < 3; i++)
    tables[i] = sink = keep_for_ever ();
  pass_time (50);
  sink = tables[0];
}

/* ---- growth: a cache that is emptied at the end only ------------------------------------- */

#define ENTRIES 2000

NOINLINE static void *
cache_entry (void)
{
  return malloc (4096);
}

static void
growth (void)
{
  static void *entries[ENTRIES];

  for (int i = 0; i < ENTRIES; i++)
    {
      entries[i] = sink = cache_entry ();
      /* Long against what a busy machine adds. */
      if (i % 10 == 0)
        pass_time (5);
    }
  for (int i = 0; i < ENTRIES; i++)
    free (entries[i]);
}

/* ---- churn: a buffer for each line -------------------------------------------------------- */

NOINLINE static void
parse_line (void)
{
  char *buffer = malloc (200);

  sink = buffer;
  free (buffer);
}

static void
churn (void)
{
  for (int i = 0; i < 20000; i++)
    parse_line ();
}

/* ---- realloc: a list that grows one element at a time --------------------------------------- */

NOINLINE static void *
push_element (void *list, int n)
{
  return realloc (list, (size_t)n * 64);
}

static void
realloc_loop (void)
{
  void *list = NULL;
  static void *blockers[2000];

  /* What lies behind the list keeps it from growing where it is. */
  for (int i = 1; i <= 2000; i++)
    {
      list = push_element (list, i);
      sink = list;
      blockers[i - 1] = malloc (24);
    }
  for (int i = 0; i < 2000; i++)
    free (blockers[i]);
  free (list);
}

/* ---- threads: one allocates, another frees -------------------------------------------------- */

#define HANDED 5000

static void *handed[HANDED];

NOINLINE static void *
make_message (void)
{
  return malloc (300);
}

static void *
produce (void *data)
{
  for (int i = 0; i < HANDED; i++)
    handed[i] = make_message ();

  return data;
}

static void *
consume (void *data)
{
  for (int i = 0; i < HANDED; i++)
    free (handed[i]);

  return data;
}

static void
threads (void)
{
  pthread_t thread;

  pthread_create (&thread, NULL, produce, NULL);
  pthread_join (thread, NULL);
  pthread_create (&thread, NULL, consume, NULL);
  pthread_join (thread, NULL);
}

/* ---- clean: a bit of everything, and nothing wrong --------------------------------------------- */

static void
clean (void)
{
  char *table[300];
  char *text = malloc (100);

  for (int i = 0; i < 300; i++)
    table[i] = malloc ((size_t)(i % 70) * 13 + 1);
  text = realloc (text, 1000);
  memset (text, 'x', 999);
  text[999] = '\0';
  printf ("%zu\n", strlen (text));
  for (int i = 0; i < 300; i++)
    free (table[i]);
  free (text);
}

int
main (int argc, char **argv)
{
  static const struct { const char *name; void (*run) (void); } defects[] = {
    { "leak", leak }, { "kept", kept }, { "growth", growth }, { "churn", churn },
    { "realloc", realloc_loop }, { "threads", threads }, { "clean", clean },
  };

  for (size_t i = 0; argc == 2 && i < sizeof defects / sizeof *defects; i++)
    {
      if (strcmp (defects[i].name, argv[1]) == 0)
        {
          defects[i].run ();
          return 0;
        }
    }

  return 2;
}
