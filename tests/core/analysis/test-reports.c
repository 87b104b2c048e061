/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a program reports: scopes, and what is said of single blocks. */

#include "memscope-reports.h"
#include "memscope-scopes.h"

#include "session-maker.h"

#define MS G_GUINT64_CONSTANT (1000000)

enum { PARSE = 100, BUILD = 101, RUST = 102 };

static MemscopeSessionBuilder *
new_builder (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();

  memscope_session_builder_add_string (builder, PARSE, "parse", 5);
  memscope_session_builder_add_string (builder, BUILD, "build", 5);
  memscope_session_builder_add_string (builder, RUST, "Rust", 4);

  return builder;
}

/* @event: births and deaths before it; @time in ms. */
static void
report (MemscopeSessionBuilder *builder,
        guint                   kind,
        guint64                 event,
        guint64                 time,
        guint32                 thread,
        guint64                 address,
        guint32                 name)
{
  MemscopeAnnotation annotation = { .kind = kind, .event = event, .time = time * 1000, .thread = thread,
                                    .address = address, .name = name };

  memscope_session_builder_add_annotation (builder, &annotation);
}

static const char *
name_at (MemscopeSession *session,
         MemscopeScopes  *scopes,
         guint32          thread,
         guint64          event)
{
  const MemscopeScope *scope = memscope_scopes_find (scopes, thread, event);

  return scope != NULL ? memscope_session_get_string (session, scope->name, NULL) : NULL;
}

static void
test_scopes_nest_in_their_thread (void)
{
  MemscopeSessionBuilder *builder = new_builder ();
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeScopes) scopes = NULL;
  const MemscopeScope *all;
  guint n;

  report (builder, MEMSCOPE_ANNOTATION_SCOPE_BEGIN, 1, 10, 1, 0, PARSE);
  report (builder, MEMSCOPE_ANNOTATION_SCOPE_BEGIN, 2, 20, 1, 0, BUILD);
  report (builder, MEMSCOPE_ANNOTATION_SCOPE_BEGIN, 2, 20, 2, 0, BUILD);
  report (builder, MEMSCOPE_ANNOTATION_SCOPE_END, 3, 30, 1, 0, 0);
  report (builder, MEMSCOPE_ANNOTATION_SCOPE_END, 4, 40, 1, 0, PARSE);
  for (guint i = 0; i < 6; i++)
    session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 5000 + 10000 * i, 16, 1, 1);
  session = session_maker_finish (builder, 100000);
  scopes = memscope_scopes_new (session);

  g_assert_null (name_at (session, scopes, 1, 0));
  g_assert_cmpstr (name_at (session, scopes, 1, 1), ==, "parse");
  g_assert_cmpstr (name_at (session, scopes, 1, 2), ==, "build");
  g_assert_cmpstr (name_at (session, scopes, 1, 3), ==, "parse");
  g_assert_null (name_at (session, scopes, 1, 4));
  g_assert_null (name_at (session, scopes, 2, 1));
  g_assert_cmpstr (name_at (session, scopes, 2, 5), ==, "build");
  g_assert_null (name_at (session, scopes, 3, 5));

  all = memscope_scopes_get (scopes, &n);
  g_assert_cmpuint (n, ==, 3);
  g_assert_cmpuint (all[0].depth, ==, 0);
  g_assert_cmpuint (all[1].depth, ==, 1);
  g_assert_cmpuint (all[1].parent, ==, 0);
  g_assert_cmpuint (all[1].begin, ==, 20 * MS);
  g_assert_cmpuint (all[1].end, ==, 30 * MS);
  g_assert_cmpuint (all[2].thread, ==, 2);
  g_assert_cmpuint (all[2].end, ==, MEMSCOPE_NEVER);
}

/* A scope that is left early takes with it what is open inside; a stray end does nothing. */
static void
test_ends_find_their_scope (void)
{
  MemscopeSessionBuilder *builder = new_builder ();
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeScopes) scopes = NULL;
  const MemscopeScope *all;
  guint n;

  report (builder, MEMSCOPE_ANNOTATION_SCOPE_END, 0, 1, 1, 0, 0);
  report (builder, MEMSCOPE_ANNOTATION_SCOPE_BEGIN, 0, 10, 1, 0, PARSE);
  report (builder, MEMSCOPE_ANNOTATION_SCOPE_BEGIN, 0, 20, 1, 0, BUILD);
  report (builder, MEMSCOPE_ANNOTATION_SCOPE_END, 0, 25, 1, 0, RUST);
  report (builder, MEMSCOPE_ANNOTATION_SCOPE_END, 0, 30, 1, 0, PARSE);
  report (builder, MEMSCOPE_ANNOTATION_SCOPE_END, 0, 40, 1, 0, BUILD);
  session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 50000, 16, 1, 1);
  session = session_maker_finish (builder, 100000);
  scopes = memscope_scopes_new (session);

  all = memscope_scopes_get (scopes, &n);
  g_assert_cmpuint (n, ==, 2);
  g_assert_cmpuint (all[0].end, ==, 30 * MS);
  g_assert_cmpuint (all[1].end, ==, 30 * MS);
  g_assert_null (name_at (session, scopes, 1, 0));
}

static void
test_reports_of_some_blocks (void)
{
  MemscopeSessionBuilder *builder = new_builder ();
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(GArray) reports = NULL;
  g_autoptr(GArray) few = NULL;
  const guint64 rows[] = { 1 };
  const MemscopeReport *report_0;
  guint n_all;

  for (guint i = 0; i < 2; i++)
    session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 1000, 100, 1, 1);
  report (builder, MEMSCOPE_ANNOTATION_BORROW, 2, 2, 1, session_maker_address (0), PARSE);
  report (builder, MEMSCOPE_ANNOTATION_FFI_OUT, 2, 3, 1, session_maker_address (1) + 10, RUST);
  report (builder, MEMSCOPE_ANNOTATION_SCOPE_BEGIN, 2, 4, 1, session_maker_address (1), RUST);
  report (builder, MEMSCOPE_ANNOTATION_FFI_IN, 2, 5, 2, session_maker_address (1), RUST);
  report (builder, MEMSCOPE_ANNOTATION_BORROW, 2, 6, 2, 0x1, PARSE);
  session = session_maker_finish (builder, 100000);

  reports = memscope_reports_new (session, rows, 1, G_MAXUINT, &n_all);
  g_assert_cmpuint (n_all, ==, 2);
  g_assert_cmpuint (reports->len, ==, 2);
  report_0 = &g_array_index (reports, MemscopeReport, 0);
  g_assert_cmpint (report_0->kind, ==, MEMSCOPE_REPORT_HANDED_OVER);
  g_assert_cmpuint (report_0->row, ==, 1);
  g_assert_cmpuint (report_0->time, ==, 3 * MS);
  g_assert_cmpstr (memscope_session_get_string (session, report_0->name, NULL), ==, "Rust");
  g_assert_cmpint (g_array_index (reports, MemscopeReport, 1).kind, ==, MEMSCOPE_REPORT_TAKEN_BACK);

  few = memscope_reports_new (session, rows, 1, 1, &n_all);
  g_assert_cmpuint (few->len, ==, 1);
  g_assert_cmpuint (n_all, ==, 2);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/reports/scopes-nest-in-their-thread", test_scopes_nest_in_their_thread);
  g_test_add_func ("/reports/ends-find-their-scope", test_ends_find_their_scope);
  g_test_add_func ("/reports/some-blocks", test_reports_of_some_blocks);

  return g_test_run ();
}
