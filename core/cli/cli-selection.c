/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "cli-selection.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "cli-options.h"
#include "cli-terminal.h"
#include "memscope-parse.h"

#define LONGEST_LINE 200

static char *range;
static char *instant;
static char *threads;
static char *modules;
static char *kinds;
static char *min_size;
static char *max_size;
static char *text;
static char *filter;

const GOptionEntry cli_selection_entries[] = {
  { "range", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &range,
    N_("Only this time: 1.2s..3.4s, 01:10..01:20, 2s.."), N_("A..B") },
  { "instant", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &instant,
    N_("What is live then; else at the end of the range"), N_("TIME") },
  { "threads", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &threads,
    N_("Only what these threads allocated: names, patterns (worker-*) or ids, with commas between"), N_("THREADS") },
  { "modules", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &modules,
    N_("Only what these modules allocated: file names or patterns, with commas between"), N_("MODULES") },
  { "kinds", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &kinds,
    N_("Only these kinds: heap, region, pool, api, file, with commas between"), N_("KINDS") },
  { "min-size", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &min_size,
    N_("Only blocks of at least this size"), N_("SIZE") },
  { "max-size", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &max_size,
    N_("Only blocks of at most this size"), N_("SIZE") },
  { "text", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &text,
    N_("Only blocks whose variable, type, thread, function or file has these words in its name"), N_("WORDS") },
  { "filter", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &filter,
    N_("Only blocks for which this is true: 'size > 64K and stack ~ \"parse_\"'"), N_("EXPRESSION") },
  G_OPTION_ENTRY_NULL
};

GOptionEntry *
cli_selection_extend (const GOptionEntry *entries)
{
  GArray *all = g_array_new (TRUE, TRUE, sizeof (GOptionEntry));

  for (guint i = 0; entries[i].long_name != NULL; i++)
    g_array_append_val (all, entries[i]);
  for (guint i = 0; cli_selection_entries[i].long_name != NULL; i++)
    g_array_append_val (all, cli_selection_entries[i]);

  return (GOptionEntry *)(void *)g_array_free (all, FALSE);
}

const char *
cli_selection_get_filter (void)
{
  return filter != NULL ? filter : text;
}

gboolean
cli_selection_is_set (void)
{
  return range != NULL || instant != NULL || threads != NULL || modules != NULL || kinds != NULL ||
         min_size != NULL || max_size != NULL || text != NULL || filter != NULL;
}

/* Whether entry @id of a dictionary is meant by @word. */
typedef gboolean (*MatchFunc) (MemscopeSession *session,
                               guint32          id,
                               const char      *word);

static gboolean
match_thread (MemscopeSession *session,
              guint32          id,
              const char      *word)
{
  g_autofree char *label = memscope_session_dup_thread_label (session, id);
  g_autofree char *name = NULL;
  MemscopeThread thread;
  guint64 tid;

  if (g_pattern_match_simple (word, label))
    return TRUE;
  if (!memscope_session_get_thread (session, id, &thread))
    return FALSE;
  if (g_ascii_string_to_unsigned (word, 10, 1, G_MAXUINT32, &tid, NULL) && thread.tid == tid)
    return TRUE;

  name = memscope_session_dup_display_string (session, thread.name);

  return thread.name != 0 && g_pattern_match_simple (word, name);
}

static gboolean
match_module (MemscopeSession *session,
              guint32          id,
              const char      *word)
{
  g_autofree char *path = NULL;
  const char *slash;
  MemscopeModule module;

  if (!memscope_session_get_module (session, id, &module))
    return FALSE;

  path = memscope_session_dup_display_string (session, module.path);
  slash = strrchr (path, '/');

  return g_pattern_match_simple (word, path) || (slash != NULL && g_pattern_match_simple (word, slash + 1));
}

/* NULL: some word means nothing here. */
static GArray *
find_ids (MemscopeSession  *session,
          const char       *words,
          guint             n_ids,
          MatchFunc         match,
          char            **message)
{
  g_autoptr(GArray) ids = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_auto(GStrv) parts = g_strsplit (words, ",", -1);

  for (guint i = 0; parts[i] != NULL; i++)
    {
      const char *word = g_strstrip (parts[i]);
      gboolean any = FALSE;

      for (guint32 id = 1; id <= n_ids; id++)
        {
          if (match (session, id, word))
            {
              g_array_append_val (ids, id);
              any = TRUE;
            }
        }

      if (!any)
        {
          *message = g_strdup_printf (_("“%s” is in this recording nowhere."), word);
          return NULL;
        }
    }

  return g_steal_pointer (&ids);
}

static gboolean
read_kinds (guint  *origins,
            char  **message)
{
  static const char *const names[MEMSCOPE_N_ORIGINS] = { "heap", "region", "pool", "api", "file" };
  g_auto(GStrv) parts = g_strsplit (kinds, ",", -1);

  *origins = 0;
  for (guint i = 0; parts[i] != NULL; i++)
    {
      const char *word = g_strstrip (parts[i]);
      guint origin = 0;

      while (origin < MEMSCOPE_N_ORIGINS && g_ascii_strcasecmp (word, names[origin]) != 0)
        origin++;
      if (origin == MEMSCOPE_N_ORIGINS)
        {
          *message = g_strdup_printf (_("“%s” is not a kind: use heap, region, pool, api or file."), word);
          return FALSE;
        }
      *origins |= 1u << origin;
    }

  return TRUE;
}

static gboolean
read_size (const char  *typed,
           guint64     *size,
           char       **message)
{
  if (typed == NULL || memscope_parse_size (typed, size))
    return TRUE;

  *message = g_strdup_printf (_("“%s” is not a size: write 500M or 2G."), typed);

  return FALSE;
}

/* Takes over @next. */
static void
replace (MemscopeSelection **selection,
         MemscopeSelection  *next)
{
  memscope_selection_unref (*selection);
  *selection = next;
}

/* The expression, and below it a line under what is wrong with it. */
static void
print_fault (const MemscopeExpressionFault *fault)
{
  g_autofree char *line = cli_safe_text (filter, -1, 0);
  g_autofree char *wrong = g_strndup (filter + fault->offset, fault->length);
  glong length = MAX (g_utf8_strlen (wrong, -1), 1);

  /* Where what is shown is not what was typed, no column is right. */
  if (!g_str_equal (line, filter) || g_utf8_strlen (line, -1) > LONGEST_LINE)
    return;

  g_printerr ("  %s\n  %*s", line, (int)fault->column - 1, "");
  while (length-- > 0)
    g_printerr ("^");
  g_printerr ("\n");
}

int
cli_selection_usage_error (const CliCommand *command,
                           const char       *message)
{
  g_auto(MemscopeExpressionFault) fault = { 0 };
  g_autoptr(MemscopeExpression) expression = NULL;

  cli_complain ("%s", message);
  if (filter != NULL)
    {
      expression = memscope_expression_parse (filter, &fault);
      if (expression == NULL)
        print_fault (&fault);
    }

  return cli_suggest_help (command);
}

/* FALSE: it has a fault. What is asked with words is asked as well. */
static gboolean
apply_filter (MemscopeSelection **selection,
              char              **message)
{
  g_auto(MemscopeExpressionFault) fault = { 0 };
  g_autoptr(MemscopeExpression) expression = memscope_expression_parse (filter, &fault);

  if (expression == NULL)
    {
      *message = g_strdup_printf (_("The filter is wrong at column %u: %s"), fault.column, fault.message);
      return FALSE;
    }

  if (text != NULL && *text != '\0')
    {
      g_autofree char *words = memscope_expression_quote (text);
      g_autofree char *both = g_strdup_printf ("%s and (%s)", words, filter);

      g_clear_pointer (&expression, memscope_expression_unref);
      expression = memscope_expression_parse (both, &fault);
      if (expression == NULL)
        {
          *message = g_strdup (fault.message);
          return FALSE;
        }
    }
  replace (selection, memscope_selection_with_expression (*selection, expression));

  return TRUE;
}

MemscopeSelection *
cli_selection_make (MemscopeSession  *session,
                    char            **message)
{
  g_autoptr(MemscopeSelection) selection = memscope_selection_new_all (session);
  guint64 begin, end, time, smallest = 0, largest = G_MAXUINT64;

  if (range != NULL)
    {
      if (!memscope_parse_range (range, memscope_selection_get_end (selection), &begin, &end))
        {
          *message = g_strdup_printf (_("“%s” is not a time within the recording: write 1.2s..3.4s."), range);
          return NULL;
        }
      replace (&selection, memscope_selection_with_range (selection, begin, end));
    }

  if (instant != NULL)
    {
      if (!memscope_parse_time (instant, &time))
        {
          *message = g_strdup_printf (_("“%s” is not a time: write 1.2s or 01:10."), instant);
          return NULL;
        }
      replace (&selection, memscope_selection_with_instant (selection, time));
    }

  if (threads != NULL)
    {
      g_autoptr(GArray) ids = find_ids (session, threads, memscope_session_get_n_threads (session), match_thread, message);

      if (ids == NULL)
        return NULL;
      replace (&selection, memscope_selection_with_threads (selection, (guint32 *)(void *)ids->data, ids->len));
    }

  if (modules != NULL)
    {
      g_autoptr(GArray) ids = find_ids (session, modules, memscope_session_get_n_modules (session), match_module, message);

      if (ids == NULL)
        return NULL;
      replace (&selection, memscope_selection_with_modules (selection, (guint32 *)(void *)ids->data, ids->len));
    }

  if (kinds != NULL)
    {
      guint origins;

      if (!read_kinds (&origins, message))
        return NULL;
      replace (&selection, memscope_selection_with_origins (selection, origins));
    }

  if (!read_size (min_size, &smallest, message) || !read_size (max_size, &largest, message))
    return NULL;
  if (min_size != NULL || max_size != NULL)
    replace (&selection, memscope_selection_with_sizes (selection, smallest, largest));

  /* Words are words, also where they would be an expression. */
  if (text != NULL && memscope_expression_is_meant (text))
    {
      g_autofree char *words = memscope_expression_quote (text);

      replace (&selection, memscope_selection_with_text (selection, words));
    }
  else if (text != NULL)
    {
      replace (&selection, memscope_selection_with_text (selection, text));
    }

  if (filter != NULL && !apply_filter (&selection, message))
    return NULL;

  return g_steal_pointer (&selection);
}
