/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "memscope-filter.h"
#include "memscope-loader.h"
#include "random-session.h"
#include "reference.h"
#include "session-maker.h"

/* Whoever asks row by row and whoever asks for many at once hear what the reference says. */
static void
check (MemscopeSession   *session,
       MemscopeSelection *selection,
       const char        *text)
{
  g_autoptr(MemscopeFilter) filter = memscope_filter_new (session, selection);
  g_autofree guint8 *mask = g_new (guint8, MEMSCOPE_SEGMENT_ROWS);

  for (guint index = 0; index < filter->n_batches; index++)
    {
      MemscopeBatch batch;

      memscope_filter_get_batch (filter, index, &batch);
      if (filter->predicate != NULL)
        memscope_predicate_fill (filter->predicate, &batch, mask);

      for (guint i = 0; i < batch.n_rows; i++)
        {
          gboolean expected = reference_selects (session, selection, batch.first_row + i);
          gboolean one = memscope_filter_passes (filter, &batch, i);
          gboolean many = memscope_filter_passes_plain (filter, &batch, i) && (filter->predicate == NULL || mask[i]);

          if (one != expected || many != expected)
            g_error ("row %" G_GUINT64_FORMAT " of `%s`: expected %d, found %d alone and %d with others",
                     batch.first_row + i, text, expected, one, many);
        }
    }
}

static void
check_random (MemscopeSession *session)
{
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);

  for (guint i = 0; i < 150; i++)
    {
      g_autofree char *text = random_expression_new (session, 4);
      guint64 at = (guint64)g_test_rand_int_range (0, G_MAXINT32) % (memscope_session_get_duration (session) + 1);
      g_autoptr(MemscopeSelection) instant = memscope_selection_with_instant (all, at);
      g_autoptr(MemscopeExpression) expression = memscope_expression_parse (text, NULL);
      g_autoptr(MemscopeSelection) selection = NULL;

      g_assert_nonnull (expression);
      selection = memscope_selection_with_expression (instant, expression);
      check (session, selection, text);
    }
}

static void
test_recorded (void)
{
  for (guint i = 0; i < 12; i++)
    {
      g_autoptr(MemscopeSession) session = random_session_new_recorded (20 + 20 * i);

      check_random (session);
    }
}

static void
test_stored (void)
{
  for (guint i = 0; i < 12; i++)
    {
      g_autoptr(MemscopeSession) session = random_session_new_stored (15 * i);

      check_random (session);
    }
}

static guint64
count (MemscopeSession *session,
       const char      *text)
{
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);
  g_autoptr(MemscopeExpression) expression = memscope_expression_parse (text, NULL);
  g_autoptr(MemscopeSelection) selection = memscope_selection_with_expression (all, expression);
  g_autoptr(MemscopeFilter) filter = memscope_filter_new (session, selection);
  guint64 n = 0;

  for (guint index = 0; index < filter->n_batches; index++)
    {
      MemscopeBatch batch;

      memscope_filter_get_batch (filter, index, &batch);
      for (guint i = 0; i < batch.n_rows; i++)
        n += memscope_filter_passes (filter, &batch, i);
    }

  return n;
}

/* Two expressions that are opposites share every block between them. */
static void
test_opposites (void)
{
  static const char *const terms[] = {
    "size > 64", "lifetime > 1us", "thread ~ worker", "freed by = main", "var = alpha", "stack ~ /a.*a/", "stage = shared",
    "kind in (heap, pool)", "temporary", "leaked", "age >= 1ms", "module = \"prog\"", "function = malloc",
  };
  g_autoptr(MemscopeSession) session = random_session_new_recorded (3000);
  guint64 all = count (session, "size >= 0");

  for (guint i = 0; i < G_N_ELEMENTS (terms); i++)
    {
      g_autofree char *opposite = g_strdup_printf ("not %s", terms[i]);
      g_autofree char *both = g_strdup_printf ("%s and not %s", terms[i], terms[i]);
      g_autofree char *either = g_strdup_printf ("%s or not %s", terms[i], terms[i]);

      g_assert_cmpuint (count (session, terms[i]) + count (session, opposite), ==, all);
      g_assert_cmpuint (count (session, both), ==, 0);
      g_assert_cmpuint (count (session, either), ==, all);
    }
  g_assert_cmpuint (count (session, "var != alpha"), ==, count (session, "not var = alpha"));
  g_assert_cmpuint (count (session, "size in 10..20"), ==, count (session, "size >= 10 and size < 20"));
  g_assert_cmpuint (count (session, "size in (1, 2, 3)"), ==, count (session, "size in 1..4"));
  g_assert_cmpuint (count (session, "alive at 1ms"), ==, count (session, "born < 1ms and not died < 1ms and alive at 1ms"));
}

/* The longest chain and the deepest nesting there may be. */
static void
test_largest (void)
{
  g_autoptr(MemscopeSession) session = random_session_new_recorded (200);
  g_autoptr(GString) chain = g_string_new ("size >= 0");
  g_autoptr(GString) deep = g_string_new ("size >= 0");

  for (guint i = 1; i < 200; i++)
    g_string_append (chain, i % 2 ? " and size >= 0" : " or size < 0");
  for (guint i = 0; i < 60; i++)
    {
      g_string_prepend (deep, i % 2 ? "(temporary or (" : "(");
      g_string_append (deep, i % 2 ? "))" : ")");
      if (i == 20)
        break;
    }

  g_assert_cmpuint (count (session, chain->str), ==, count (session, "size >= 0"));
  g_assert_cmpuint (count (session, deep->str), ==, count (session, "size >= 0"));
}

/* A pattern that would take for ever does not match. */
static void
test_hostile_pattern (void)
{
  MemscopeSessionBuilder *builder = memscope_session_builder_new ("names");
  g_autoptr(GString) name = g_string_new (NULL);
  g_autoptr(MemscopeSession) session = NULL;
  MemscopeBlock block = { .size = 10, .death_time = MEMSCOPE_NEVER, .death_event = MEMSCOPE_NEVER, .origin = MEMSCOPE_ORIGIN_FILE };
  MemscopeStringId id;

  for (guint i = 0; i < 5000; i++)
    g_string_append_c (name, 'a');
  id = memscope_session_builder_intern_string (builder, name->str, name->len);
  block.variable = memscope_session_builder_intern_variable (builder, MEMSCOPE_NAME_FILE, id, 0, 0);
  memscope_session_builder_add_block (builder, &block);
  session = memscope_session_builder_finish (builder);

  g_assert_cmpuint (count (session, "var ~ /^(a+)+$/"), <=, 1);
  g_assert_cmpuint (count (session, "var ~ /(a|aa)+b/"), ==, 0);
  g_assert_cmpuint (count (session, "var ~ /^a/"), ==, 1);
}

/* The same file as the exported page's test reads: both answer as it says. */
static void
test_golden (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "golden", "filter", "expressions.txt", NULL);
  g_autofree char *text = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(MemscopeSession) session = NULL;
  g_auto(GStrv) lines = NULL;
  guint n = 0;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      const char *tab = strchr (lines[i], '\t');
      g_auto(MemscopeExpressionFault) fault = { 0 };
      g_autoptr(MemscopeExpression) expression = NULL;
      g_autofree char *found = NULL;
      g_autofree char *expected = NULL;

      if (g_str_has_prefix (lines[i], "@ "))
        {
          g_autofree char *name = g_test_build_filename (G_TEST_DIST, "golden", lines[i] + 2, NULL);
          g_autoptr(GFile) file = g_file_new_for_path (name);

          g_clear_object (&session);
          session = memscope_load_file (file, NULL, NULL, NULL, &error);
          g_assert_no_error (error);
        }
      if (tab == NULL)
        continue;

      expected = g_strndup (lines[i], (gsize)(tab - lines[i]));
      expression = memscope_expression_parse (tab + 1, &fault);
      found = expression != NULL ? g_strdup_printf ("%" G_GUINT64_FORMAT, count (session, tab + 1))
                                 : g_strdup_printf ("!%u", fault.column);
      if (!g_str_equal (found, expected))
        g_error ("`%s`: %s, expected %s", tab + 1, found, expected);
      n++;
    }
  g_assert_cmpuint (n, >, 100);
}

static void
test_cancelled (void)
{
  g_autoptr(MemscopeSession) session = random_session_new_recorded (500);
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);
  g_autoptr(MemscopeSelection) selection = memscope_selection_with_text (all, "temporary and stack ~ alpha");
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(MemscopeFilter) filter = NULL;

  g_cancellable_cancel (cancellable);
  filter = memscope_filter_new_cancellable (session, selection, cancellable);

  /* It answers, whatever it is. */
  for (guint index = 0; index < filter->n_batches; index++)
    {
      MemscopeBatch batch;

      memscope_filter_get_batch (filter, index, &batch);
      for (guint i = 0; i < batch.n_rows; i++)
        memscope_filter_passes (filter, &batch, i);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/predicate/equals-the-reference-on-recorded-sessions", test_recorded);
  g_test_add_func ("/predicate/equals-the-reference-on-stored-sessions", test_stored);
  g_test_add_func ("/predicate/opposites-share-all-blocks", test_opposites);
  g_test_add_func ("/predicate/takes-the-longest-and-the-deepest", test_largest);
  g_test_add_func ("/predicate/bounds-what-a-pattern-costs", test_hostile_pattern);
  g_test_add_func ("/predicate/answers-the-golden-expressions", test_golden);
  g_test_add_func ("/predicate/can-be-cancelled", test_cancelled);

  return g_test_run ();
}
