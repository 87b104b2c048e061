/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app-fixture.h"
#include "memscope-query.h"

/* Answers with the number it was asked with, when it may. */
typedef struct
{
  gint number;
  gint may_end;      /* atomic */
  gint has_begun;    /* atomic */
  gint was_cancelled;
} Question;

static GObject           *owner;
static MemscopeSession   *session;
static MemscopeSelection *selection;
static GCancellable      *slot;
static GString           *answers;

static gpointer
answer (Question     *question,
        GCancellable *cancellable)
{
  g_atomic_int_set (&question->has_begun, TRUE);
  while (!g_atomic_int_get (&question->may_end))
    {
      if (g_cancellable_is_cancelled (cancellable))
        {
          g_atomic_int_set (&question->was_cancelled, TRUE);
          return NULL;
        }
      g_usleep (500);
    }

  return question;
}

static gpointer
quick_query (MemscopeSession   *of,
             MemscopeSelection *with,
             gpointer           data,
             GCancellable      *cancellable)
{
  return answer (data, cancellable);
}

static gpointer
slow_query (MemscopeSession   *of,
            MemscopeSelection *with,
            gpointer           data,
            GCancellable      *cancellable)
{
  g_usleep (200 * 1000);

  return answer (data, cancellable);
}

static void
done (gpointer who,
      gpointer result)
{
  Question *question = result;

  g_assert_true (who == owner);
  g_string_append_printf (answers, "%d ", question != NULL ? question->number : -1);
}

static void
ask (MemscopeQueryFunc  func,
     Question          *question)
{
  memscope_query_run (&slot, owner, session, selection, func, question, NULL, NULL, done);
}

static gboolean
is_through (gpointer user_data)
{
  return memscope_query_count () == 0;
}

static gboolean
has_begun (gpointer user_data)
{
  Question *question = user_data;

  return g_atomic_int_get (&question->has_begun);
}

/* Once let end, so that it is known how long it takes. */
static void
make_known (MemscopeQueryFunc func)
{
  Question question = { .number = 9, .may_end = TRUE };

  ask (func, &question);
  app_fixture_wait (is_through, NULL);
  g_assert_cmpstr (answers->str, ==, "9 ");
  g_assert_null (slot);
  g_string_truncate (answers, 0);
}

static void
wait_until_begun (Question *question)
{
  while (!has_begun (question))
    g_usleep (500);
}

static void
test_quick_ones_end_and_the_newest_follows (void)
{
  Question questions[4] = { { .number = 1 }, { .number = 2, .may_end = TRUE }, { .number = 3, .may_end = TRUE }, { .number = 4, .may_end = TRUE } };

  make_known (quick_query);
  ask (quick_query, &questions[0]);
  wait_until_begun (&questions[0]);
  for (guint i = 1; i < 4; i++)
    ask (quick_query, &questions[i]);
  g_assert_cmpuint (memscope_query_count (), ==, 2);
  g_atomic_int_set (&questions[0].may_end, TRUE);
  app_fixture_wait (is_through, NULL);

  g_assert_cmpstr (answers->str, ==, "1 4 ");
  g_assert_false (questions[0].was_cancelled);
  g_assert_false (questions[1].has_begun);
  g_assert_null (slot);
}

static void
test_slow_ones_are_cancelled (void)
{
  Question questions[2] = { { .number = 1 }, { .number = 2, .may_end = TRUE } };

  make_known (slow_query);
  ask (slow_query, &questions[0]);
  wait_until_begun (&questions[0]);
  ask (slow_query, &questions[1]);
  app_fixture_wait (is_through, NULL);

  g_assert_cmpstr (answers->str, ==, "2 ");
  g_assert_true (questions[0].was_cancelled);
}

static void
test_nothing_comes_after_cancelling (void)
{
  Question questions[2] = { { .number = 1 }, { .number = 2, .may_end = TRUE } };

  make_known (quick_query);
  ask (quick_query, &questions[0]);
  wait_until_begun (&questions[0]);
  ask (quick_query, &questions[1]);
  memscope_query_cancel (&slot);
  g_assert_null (slot);
  g_assert_cmpuint (memscope_query_count (), ==, 1);
  app_fixture_wait (is_through, NULL);

  g_assert_cmpstr (answers->str, ==, "");
  g_assert_true (questions[0].was_cancelled);
  g_assert_false (questions[1].has_begun);
}

static void
test_another_recording_waits_for_nothing (void)
{
  MemscopeSession *first = session;
  Question questions[2] = { { .number = 1 }, { .number = 2, .may_end = TRUE } };

  make_known (quick_query);
  ask (quick_query, &questions[0]);
  wait_until_begun (&questions[0]);
  session = app_fixture_load ("golden/memscope-rs/tiny_user.memscope.gz");
  ask (quick_query, &questions[1]);
  app_fixture_wait (is_through, NULL);
  g_object_unref (session);
  session = first;

  g_assert_cmpstr (answers->str, ==, "2 ");
  g_assert_true (questions[0].was_cancelled);
}

static void
set_up (gconstpointer test)
{
  void (*run) (void) = (void (*) (void)) test;

  answers = g_string_new (NULL);
  owner = g_object_new (G_TYPE_OBJECT, NULL);
  session = app_fixture_load ("golden/memscope-rs/tiny_user.memscope.gz");
  selection = memscope_selection_new_all (session);
  run ();
  g_clear_pointer (&selection, memscope_selection_unref);
  g_object_unref (session);
  g_assert_cmpuint (owner->ref_count, ==, 1);
  g_object_unref (owner);
  g_string_free (answers, TRUE);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/query/quick-ones-end-and-the-newest-follows", (gconstpointer) test_quick_ones_end_and_the_newest_follows, set_up);
  g_test_add_data_func ("/query/slow-ones-are-cancelled", (gconstpointer) test_slow_ones_are_cancelled, set_up);
  g_test_add_data_func ("/query/nothing-comes-after-cancelling", (gconstpointer) test_nothing_comes_after_cancelling, set_up);
  g_test_add_data_func ("/query/another-recording-waits-for-nothing", (gconstpointer) test_another_recording_waits_for_nothing, set_up);

  return g_test_run ();
}
