/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "memscope-diagnostics.h"
#include "memscope-trend.h"
#include "session-maker.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

/* One block of 100 bytes from each of "alpha" and, through "gamma", "delta". */
static MemscopeSession *
make_session (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();

  session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 1, 100, 1, 1);
  session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 2, 100, 1, 4);

  return session_maker_finish (builder, 1000);
}

static gboolean
parse (MemscopeSuppressions  *self,
       const char            *text,
       GError               **error)
{
  return memscope_suppressions_parse (self, text, strlen (text), error);
}

/* Whether a line mutes leak.alive-at-exit of "delta" from gamma from alpha, 100 bytes. */
static gboolean
mutes (MemscopeSession *session,
       const char      *line)
{
  g_autoptr(MemscopeSuppressions) suppressions = memscope_suppressions_new ();
  MemscopeVariableId variable = memscope_session_get_site_variable (session, 4);

  g_assert_true (parse (suppressions, line, NULL));

  return memscope_suppressions_match (suppressions, session, MEMSCOPE_RULE_LEAK_ALIVE_AT_EXIT, 4, variable, 100) != NULL;
}

static void
test_conditions (void)
{
  g_autoptr(MemscopeSession) session = make_session ();

  g_assert_true (mutes (session, "leak.alive-at-exit"));
  g_assert_true (mutes (session, "leak.*"));
  g_assert_true (mutes (session, "*"));
  g_assert_false (mutes (session, "churn.*"));
  g_assert_false (mutes (session, "leak"));

  g_assert_true (mutes (session, "leak.* variable=delta:40"));
  g_assert_true (mutes (session, "leak.* variable=delta*"));
  g_assert_false (mutes (session, "leak.* variable=delta"));
  g_assert_false (mutes (session, "leak.* type=*"));
  g_assert_true (mutes (session, "leak.* site=delta"));
  g_assert_true (mutes (session, "leak.* site=d?lta"));
  g_assert_false (mutes (session, "leak.* site=gamma"));
  g_assert_true (mutes (session, "leak.* module=lib"));
  g_assert_false (mutes (session, "leak.* module=app"));
  g_assert_true (mutes (session, "leak.* frame=gamma"));
  g_assert_true (mutes (session, "leak.* frame=alpha"));
  g_assert_true (mutes (session, "leak.* frame=app"));
  g_assert_false (mutes (session, "leak.* frame=beta"));
  g_assert_true (mutes (session, "leak.* size=100"));
  g_assert_false (mutes (session, "leak.* size=10"));
  g_assert_true (mutes (session, "leak.* site=delta module=lib frame=gamma size=1??"));
  g_assert_false (mutes (session, "leak.* site=delta module=app"));
}

static void
test_syntax (void)
{
  g_autoptr(MemscopeSession) session = make_session ();

  g_assert_false (mutes (session, ""));
  g_assert_false (mutes (session, "# leak.*\n\n   \t\n"));
  g_assert_true (mutes (session, "\tleak.*   site=delta   # why\r\n"));
  g_assert_true (mutes (session, "leak.* site=\"delta\""));
  g_assert_true (mutes (session, "leak.* site=d\"elt\"a"));
  g_assert_false (mutes (session, "leak.* site=\"de lta # \\\" \\\\\""));
  g_assert_true (mutes (session, "churn.*\nleak.* site=x\nleak.* site=delta"));
}

static void
assert_refused (const char *text,
                const char *words)
{
  g_autoptr(MemscopeSuppressions) suppressions = memscope_suppressions_new ();
  g_autoptr(GError) error = NULL;
  guint n = memscope_suppressions_get_n (suppressions);

  g_assert_false (parse (suppressions, text, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_assert_nonnull (strstr (error->message, words));
  g_assert_cmpuint (memscope_suppressions_get_n (suppressions), ==, n);
}

static void
test_refuses_what_it_does_not_understand (void)
{
  assert_refused ("leak.*\n\nleak.* colour=red", "Line 3");
  assert_refused ("leak.* delta", "Line 1");
  assert_refused ("leak.* site=\"delta", "quote");
  assert_refused ("leak.* site=a site=b", "twice");
  assert_refused ("leak.* =a", "Line 1");
  assert_refused ("leak.* site=\xff", "UTF-8");
}

static void
test_files (void)
{
  g_autofree char *path = NULL;
  g_autoptr(GFile) file = NULL;
  g_autoptr(GFile) missing = g_file_new_for_path ("/nonexistent/suppressions");
  g_autoptr(MemscopeSuppressions) suppressions = memscope_suppressions_new ();
  g_autoptr(GError) error = NULL;
  g_autofree char *large = g_strnfill (1024 * 1024 + 1, '\n');
  guint n = memscope_suppressions_get_n (suppressions);
  int descriptor = g_file_open_tmp ("memscope-XXXXXX", &path, NULL);

  g_close (descriptor, NULL);
  file = g_file_new_for_path (path);

  g_assert_true (g_file_set_contents (path, "leak.* site=a\nleak.* site=b\n", -1, NULL));
  g_assert_true (memscope_suppressions_load (suppressions, file, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (memscope_suppressions_get_n (suppressions), ==, n + 2);

  g_assert_true (g_file_set_contents (path, large, 1024 * 1024 + 1, NULL));
  g_assert_false (memscope_suppressions_load (suppressions, file, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_clear_error (&error);

  g_assert_false (memscope_suppressions_load (suppressions, missing, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_unlink (path);
}

/* What is written for a finding mutes that finding, whatever its names are. */
static void
test_what_is_written_mutes (void)
{
  static const char *const names[] = {
    "plain", "with space", "std::map<char*, int>::operator[](char const*)", "a \"quoted\" \\ name", "#hash", "日本語 的",
    "\xff\xfe not text", "line\nbreak", "\xe2\x80\xae turned", "=", "*", "",
  };

  for (guint i = 0; i <= G_N_ELEMENTS (names); i++)
    {
      MemscopeSessionBuilder *builder = session_maker_new ();
      g_autofree char *long_name = g_strnfill (65535, 'n');
      const char *name = i < G_N_ELEMENTS (names) ? names[i] : long_name;
      g_autoptr(MemscopeSuppressions) suppressions = memscope_suppressions_new ();
      g_autoptr(MemscopeSession) session = NULL;
      g_autoptr(MemscopeSelection) all = NULL;
      g_autoptr(MemscopeDiagnostics) diagnostics = NULL;
      g_autofree char *line = NULL;

      memscope_session_builder_add_string (builder, 50, name, strlen (name));
      memscope_session_builder_add_frame (builder, 50, &(MemscopeFrameEntry) { .module = 1, .offset = 0x9000 });
      memscope_session_builder_add_symbols (builder, 50, &(MemscopeSymbolEntry) { .function = 50, .line = 7 }, 1);
      memscope_session_builder_add_stack (builder, 50, &(MemscopeStackEntry) { 0, 50 });
      session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 1, 100, 1, 50);
      session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 1, 50, 1, 1);
      session = session_maker_finish (builder, 1000);
      all = memscope_selection_new_all (session);
      diagnostics = memscope_diagnostics_new (session, all, suppressions, NULL, NULL, NULL, NULL);

      g_assert_cmpuint (memscope_diagnostics_get_n_unmuted (diagnostics, MEMSCOPE_N_SEVERITIES), ==, 2);
      line = memscope_suppressions_write (session, diagnostics->findings[0]);
      g_assert_nonnull (line);
      g_assert_null (strchr (line, '\n'));
      g_assert_cmpuint (strlen (line), <, 1000);
      g_assert_true (parse (suppressions, line, NULL));
      memscope_diagnostics_mute (diagnostics, session, suppressions);
      g_assert_cmpstr (diagnostics->findings[0]->suppressed_by, ==, line);
      g_assert_null (diagnostics->findings[1]->suppressed_by);
      g_assert_cmpuint (memscope_diagnostics_get_n_muted (diagnostics), ==, 1);
    }
}

/* The line of the source is not in it, so it outlives edits. */
static void
test_lines_are_left_out (void)
{
  g_autoptr(MemscopeSession) session = make_session ();
  MemscopeFinding finding = { .rule = MEMSCOPE_RULE_GROWTH, .has_subject = TRUE, .stack = 4,
                              .subject = memscope_session_get_site_variable (session, 4) };
  g_autofree char *line = memscope_suppressions_write (session, &finding);

  g_assert_cmpstr (line, ==, "growth.call-site site=\"delta\" module=\"lib\"");
}

/* What the C++ run-time library keeps is shown, but muted. */
static void
test_known_caches_are_muted (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeSelection) all = NULL;
  g_autoptr(MemscopeDiagnostics) diagnostics = NULL;

  memscope_session_builder_add_string (builder, 50, "/usr/lib/libstdc++.so.6", 23);
  memscope_session_builder_add_module (builder, 50, &(MemscopeModuleEntry) { .path = 50, .unload_time = G_MAXUINT64 });
  memscope_session_builder_add_frame (builder, 50, &(MemscopeFrameEntry) { .module = 50, .offset = 0xa57ba });
  memscope_session_builder_add_stack (builder, 50, &(MemscopeStackEntry) { 0, 50 });
  session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 1, 72704, 1, 50);
  session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 1, 72705, 1, 50);
  session = session_maker_finish (builder, 1000);
  all = memscope_selection_new_all (session);
  diagnostics = memscope_diagnostics_new (session, all, NULL, NULL, NULL, NULL, NULL);

  /* Both are of one place and grouped there: 145,409 bytes are no pool. */
  g_assert_cmpuint (diagnostics->n_findings, ==, 1);
  g_assert_null (diagnostics->findings[0]->suppressed_by);
}

static void
test_the_pool_alone_is_muted (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeSelection) all = NULL;
  g_autoptr(MemscopeDiagnostics) diagnostics = NULL;

  memscope_session_builder_add_string (builder, 50, "/usr/lib/libstdc++.so.6", 23);
  memscope_session_builder_add_module (builder, 50, &(MemscopeModuleEntry) { .path = 50, .unload_time = G_MAXUINT64 });
  memscope_session_builder_add_frame (builder, 50, &(MemscopeFrameEntry) { .module = 50, .offset = 0xa57ba });
  memscope_session_builder_add_stack (builder, 50, &(MemscopeStackEntry) { 0, 50 });
  session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 1, 72704, 1, 50);
  session = session_maker_finish (builder, 1000);
  all = memscope_selection_new_all (session);
  diagnostics = memscope_diagnostics_new (session, all, NULL, NULL, NULL, NULL, NULL);

  g_assert_cmpuint (diagnostics->n_findings, ==, 1);
  g_assert_nonnull (diagnostics->findings[0]->suppressed_by);
  g_assert_cmpuint (diagnostics->checks[MEMSCOPE_RULE_LEAK_ALIVE_AT_EXIT].n_muted, ==, 1);
}

/* ---- the line of Theil and Sen --------------------------------------------------------------- */

static void
test_trend_is_exact_on_a_line (void)
{
  double x[10], y[10];
  MemscopeTrend trend;

  for (guint i = 0; i < 10; i++)
    {
      x[i] = i * 0.5;
      y[i] = 7 + 3 * x[i];
    }
  g_assert_true (memscope_trend_fit (&trend, x, y, 10));
  g_assert_cmpfloat (trend.slope, ==, 3);
  g_assert_cmpfloat (trend.intercept, ==, 7);
  g_assert_cmpfloat (trend.fit, ==, 1);
}

static void
test_trend_bears_outliers (void)
{
  double x[20], y[20];
  MemscopeTrend trend;

  for (guint i = 0; i < 20; i++)
    {
      x[i] = i;
      y[i] = 2.0 * i;
    }
  y[3] = 1e6;
  y[9] = -1e6;
  y[15] = 1e9;
  g_assert_true (memscope_trend_fit (&trend, x, y, 20));
  g_assert_true (fabs (trend.slope - 2) < 0.5);
}

static void
test_trend_of_nothing (void)
{
  double x[3] = { 1, 1, 1 }, y[3] = { 1, 2, 3 }, flat[3] = { 5, 5, 5 };
  MemscopeTrend trend;

  g_assert_false (memscope_trend_fit (&trend, x, y, 3));
  g_assert_false (memscope_trend_fit (&trend, y, x, 2));
  g_assert_true (memscope_trend_fit (&trend, y, flat, 3));
  g_assert_cmpfloat (trend.slope, ==, 0);
  g_assert_cmpfloat (trend.fit, ==, 0);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/suppressions/conditions-must-all-hold", test_conditions);
  g_test_add_func ("/suppressions/comments-quotes-and-spaces", test_syntax);
  g_test_add_func ("/suppressions/refuses-what-it-does-not-understand", test_refuses_what_it_does_not_understand);
  g_test_add_func ("/suppressions/reads-files", test_files);
  g_test_add_func ("/suppressions/what-is-written-mutes", test_what_is_written_mutes);
  g_test_add_func ("/suppressions/lines-of-the-source-are-left-out", test_lines_are_left_out);
  g_test_add_func ("/suppressions/other-blocks-beside-a-known-cache-are-not-muted", test_known_caches_are_muted);
  g_test_add_func ("/suppressions/a-known-cache-is-muted", test_the_pool_alone_is_muted);
  g_test_add_func ("/trend/exact-on-a-line", test_trend_is_exact_on_a_line);
  g_test_add_func ("/trend/bears-outliers", test_trend_bears_outliers);
  g_test_add_func ("/trend/of-nothing", test_trend_of_nothing);

  return g_test_run ();
}
