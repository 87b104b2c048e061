/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a recording says of itself is shown as it is, and what it doesn't say as that. */

#include "config.h"

#include <adwaita.h>

#include "memscope-session-details.h"

#include "session-maker.h"

#define HOSTILE "\xe2\x80\xae<b>&\xff"

static void
gather (GtkWidget *widget,
        GString   *text)
{
  if (GTK_IS_LABEL (widget))
    g_string_append_printf (text, "%s\n", gtk_label_get_text (GTK_LABEL (widget)));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    gather (child, text);
}

static void
assert_says (GtkWindow  *window,
             const char *words)
{
  g_autoptr(GString) text = g_string_new (NULL);

  gather (GTK_WIDGET (window), text);
  if (strstr (text->str, words) == NULL)
    g_error ("“%s” is missing:\n%s", words, text->str);
}

static void
test_facts_are_shown_as_they_are (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();
  g_autoptr(MemscopeSession) session = NULL;
  GtkWindow *window;

  memscope_session_builder_add_fact (builder, "exe", HOSTILE, strlen (HOSTILE));
  memscope_session_builder_add_fact (builder, "command", "prog\0--flag\0two words", 21);
  memscope_session_builder_add_fact (builder, "kernel", "Linux 1.2", 9);
  memscope_session_builder_add_fact (builder, "environment_names", "HOME\0PATH\0" HOSTILE, 10 + strlen (HOSTILE));
  session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 1000, 100, 1, 1);
  session = session_maker_finish (builder, 100000);

  window = memscope_session_details_new (session);
  assert_says (window, "<b>&");
  assert_says (window, "prog --flag two words");
  assert_says (window, "Linux 1.2");
  assert_says (window, "3 names");
  assert_says (window, "PATH");
  assert_says (window, "2 files");
  assert_says (window, "/app");
  assert_says (window, "no build-id");
  gtk_window_destroy (window);
}

static void
test_what_is_not_recorded_is_said (void)
{
  g_autoptr(MemscopeSession) session = session_maker_finish (session_maker_new (), 1000);
  GtkWindow *window = memscope_session_details_new (session);

  assert_says (window, "not recorded");
  gtk_window_destroy (window);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  gtk_init ();
  adw_init ();

  g_test_add_func ("/session-details/facts-are-shown-as-they-are", test_facts_are_shown_as_they_are);
  g_test_add_func ("/session-details/what-is-not-recorded-is-said", test_what_is_not_recorded_is_said);

  return g_test_run ();
}
