/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The inspector's pages say what the program reported, whatever it is called. */

#include "config.h"

#include <adwaita.h>

#include "memscope-inspector-parts.h"

#include "session-maker.h"

#define HOSTILE "\xe2\x80\xae</b><script>"

static void
report (MemscopeSessionBuilder *builder,
        guint                   kind,
        guint64                 time,
        guint32                 name)
{
  MemscopeAnnotation annotation = { .kind = kind, .event = 1, .time = time, .thread = 2, .stack = 2,
                                    .address = session_maker_address (0), .name = name };

  memscope_session_builder_add_annotation (builder, &annotation);
}

static MemscopeSession *
new_session (void)
{
  MemscopeSessionBuilder *builder = session_maker_new ();

  memscope_session_builder_add_string (builder, 100, "Rust", 4);
  memscope_session_builder_add_string (builder, 101, HOSTILE, strlen (HOSTILE));
  session_maker_birth (builder, MEMSCOPE_EVENT_MALLOC, 1000, 100, 1, 1);
  report (builder, MEMSCOPE_ANNOTATION_TRACK, 2000, 101);
  report (builder, MEMSCOPE_ANNOTATION_BORROW, 3000, 101);
  report (builder, MEMSCOPE_ANNOTATION_RETURN, 4000, 0);
  report (builder, MEMSCOPE_ANNOTATION_FFI_OUT, 5000, 100);
  for (guint i = 0; i < 60; i++)
    report (builder, MEMSCOPE_ANNOTATION_BORROW_MUT, 6000 + i, 0);

  return session_maker_finish (builder, 100000);
}

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
assert_says (GtkWidget  *page,
             const char *words,
             gboolean    said)
{
  g_autoptr(GString) text = g_string_new (NULL);

  gather (page, text);
  if ((strstr (text->str, words) != NULL) != said)
    g_error ("“%s” is %s:\n%s", words, said ? "missing" : "there", text->str);
}

static void
test_reports_are_on_the_pages (void)
{
  g_autoptr(MemscopeSession) session = new_session ();
  g_autoptr(MemscopeSelection) selection = memscope_selection_new_all (session);
  g_autoptr(MemscopeGroups) groups = memscope_groups_new (session, selection, MEMSCOPE_GROUP_BY_THREAD_VARIABLE, NULL, NULL);
  g_autoptr(MemscopeInspection) inspection = memscope_inspection_new (session, selection, &groups->groups[0], NULL);
  g_autoptr(MemscopeChain) chain = memscope_chain_new (session, inspection->rows[0], NULL);
  GtkWidget *lifecycle = g_object_ref_sink (gtk_box_new (GTK_ORIENTATION_VERTICAL, 0));
  GtkWidget *passport = g_object_ref_sink (gtk_box_new (GTK_ORIENTATION_VERTICAL, 0));

  memscope_inspector_fill_lifecycle (GTK_BOX (lifecycle), inspection, 0, chain);
  assert_says (lifecycle, "Named", TRUE);
  assert_says (lifecycle, "</b><script>", TRUE);
  assert_says (lifecycle, "Returned", TRUE);
  assert_says (lifecycle, "Handed over to", TRUE);
  assert_says (lifecycle, "Borrowed, to write", TRUE);
  assert_says (lifecycle, "24 more reports", TRUE);

  memscope_inspector_fill_passport (GTK_BOX (passport), inspection, 0);
  assert_says (passport, "Handed over to", TRUE);
  assert_says (passport, "and not taken back", TRUE);
  assert_says (passport, "Borrowed", FALSE);

  g_object_unref (lifecycle);
  g_object_unref (passport);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  gtk_init ();
  adw_init ();

  g_test_add_func ("/inspector/reports-are-on-the-pages", test_reports_are_on_the_pages);

  return g_test_run ();
}
