/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "app-fixture.h"
#include "memscope-application.h"
#include "memscope-filter-bar.h"
#include "memscope-filter-completion.h"

typedef struct
{
  GtkWindow         *window;
  MemscopeFilterBar *bar;
  MemscopeViewState *state;
  GtkWidget         *entry;
} Fixture;

static GtkWidget *
find_type (GtkWidget *widget,
           GType      type)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type))
    return widget;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_type (child, type);

      if (found != NULL)
        return found;
    }

  return NULL;
}

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  g_autoptr(MemscopeSession) session = app_fixture_load ("app/typical_full.memscope.gz");

  self->state = memscope_view_state_new (session);
  self->window = GTK_WINDOW (gtk_window_new ());
  self->bar = g_object_new (MEMSCOPE_TYPE_FILTER_BAR, NULL);
  memscope_filter_bar_set_state (self->bar, self->state);
  gtk_window_set_default_size (self->window, 1200, 200);
  gtk_window_set_child (self->window, GTK_WIDGET (self->bar));
  gtk_window_present (self->window);
  memscope_filter_bar_open (self->bar);
  app_fixture_settle ();
  self->entry = find_type (GTK_WIDGET (self->bar), GTK_TYPE_SEARCH_ENTRY);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  gtk_window_destroy (self->window);
  g_object_unref (self->state);
  app_fixture_settle ();
}

static void
type (Fixture    *self,
      const char *text)
{
  int length = (int)g_utf8_strlen (gtk_editable_get_text (GTK_EDITABLE (self->entry)), -1);
  int at = length;

  /* As somebody types over it: never empty in between. */
  gtk_editable_insert_text (GTK_EDITABLE (self->entry), text, -1, &at);
  gtk_editable_delete_text (GTK_EDITABLE (self->entry), 0, length);
  gtk_editable_set_position (GTK_EDITABLE (self->entry), -1);
  g_signal_emit_by_name (self->entry, "changed");
  g_signal_emit_by_name (self->entry, "search-changed");
  app_fixture_settle ();
}

static const char *
selected (Fixture *self)
{
  return memscope_selection_get_text (memscope_view_state_get_selection (self->state));
}

static GtkWidget *
find_label (GtkWidget  *widget,
            const char *part)
{
  if (GTK_IS_LABEL (widget) && gtk_widget_get_visible (widget) && strstr (gtk_label_get_text (GTK_LABEL (widget)), part) != NULL)
    return widget;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_label (child, part);

      if (found != NULL)
        return found;
    }

  return NULL;
}

static void
test_expression_is_selected (Fixture       *self,
                             gconstpointer  data)
{
  type (self, "size > 1K and not leaked");
  g_assert_cmpstr (selected (self), ==, "size > 1K and not leaked");
  g_assert_nonnull (memscope_selection_get_expression (memscope_view_state_get_selection (self->state)));

  type (self, "tokio");
  g_assert_cmpstr (selected (self), ==, "tokio");
  g_assert_null (memscope_selection_get_expression (memscope_view_state_get_selection (self->state)));
}

/* The last whole expression stays, and so does what is typed, whatever else is selected meanwhile. */
static void
test_mistake_is_said (Fixture       *self,
                      gconstpointer  data)
{
  GtkWidget *completion = find_type (self->entry, MEMSCOPE_TYPE_FILTER_COMPLETION);
  PangoAttrList *attributes;
  g_autofree char *drawn = NULL;

  type (self, "size > 1K");
  type (self, "size > 1K and var < 3");
  g_assert_cmpstr (selected (self), ==, "size > 1K");

  type (self, "size > big and leaked");
  g_assert_cmpstr (selected (self), ==, "size > 1K");
  g_assert_nonnull (find_label (completion, "Column 8"));
  attributes = gtk_text_get_attributes (GTK_TEXT (gtk_editable_get_delegate (GTK_EDITABLE (self->entry))));
  drawn = pango_attr_list_to_string (attributes);
  g_assert_true (g_str_has_prefix (drawn, "7 10 underline"));

  memscope_view_state_set_range (self->state, 1, 1000);
  app_fixture_settle ();
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (self->entry)), ==, "size > big and leaked");

  type (self, "size > 2K");
  g_assert_cmpstr (selected (self), ==, "size > 2K");
  g_assert_null (find_label (completion, "Column"));

  /* From elsewhere: the entry shows it. */
  memscope_view_state_set_text (self->state, "");
  app_fixture_settle ();
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (self->entry)), ==, "");
}

static void
test_completions_are_taken (Fixture       *self,
                            gconstpointer  data)
{
  GtkWidget *completion = find_type (self->entry, MEMSCOPE_TYPE_FILTER_COMPLETION);
  GtkListBox *list = GTK_LIST_BOX (find_type (completion, GTK_TYPE_LIST_BOX));
  GtkListBoxRow *row;

  gtk_widget_grab_focus (self->entry);
  app_fixture_settle ();
  type (self, "lif");
  row = gtk_list_box_get_row_at_index (list, 0);
  g_assert_nonnull (row);
  g_assert_nonnull (find_label (GTK_WIDGET (row), "lifetime"));
  g_signal_emit_by_name (list, "row-activated", row);
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (self->entry)), ==, "lifetime ");
  g_assert_cmpint (gtk_editable_get_position (GTK_EDITABLE (self->entry)), ==, 9);

  /* And what may come after it. */
  row = gtk_list_box_get_row_at_index (list, 0);
  g_assert_nonnull (row);
  g_assert_nonnull (find_label (GTK_WIDGET (row), ">"));
}

int
main (int    argc,
      char **argv)
{
  GtkApplication *application;
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!app_fixture_init_gtk ())
    return 77;

  application = GTK_APPLICATION (memscope_application_new ());
  g_application_set_flags (G_APPLICATION (application), G_APPLICATION_NON_UNIQUE);
  g_assert_true (g_application_register (G_APPLICATION (application), NULL, NULL));

  g_test_add ("/filter-entry/an-expression-is-selected", Fixture, NULL, set_up, test_expression_is_selected, tear_down);
  g_test_add ("/filter-entry/a-mistake-is-said-and-changes-nothing", Fixture, NULL, set_up, test_mistake_is_said, tear_down);
  g_test_add ("/filter-entry/completions-are-taken", Fixture, NULL, set_up, test_completions_are_taken, tear_down);

  status = g_test_run ();
  g_object_unref (application);

  return status;
}
