/* SPDX-License-Identifier: GPL-3.0-or-later */

/* gtk-mix [WIDGETS [FRAMES]]: a window with a grid of that many widgets, a list of ten
 * times as many rows and a text of 4000 lines, drawn for a number of frames.
 */

#include <gtk/gtk.h>
#include <stdlib.h>

static int n_widgets = 1500, n_frames = 60, n_drawn;
static GtkWidget *pages;

static gboolean
tick (GtkWidget     *widget,
      GdkFrameClock *clock,
      gpointer       app)
{
  n_drawn++;
  gtk_stack_set_visible_child_name (GTK_STACK (pages), n_drawn / 6 % 2 != 0 ? "grid" : "list");
  gtk_widget_queue_draw (widget);
  if (n_drawn < n_frames)
    return G_SOURCE_CONTINUE;

  g_application_quit (app);

  return G_SOURCE_REMOVE;
}

static void
set_up (GtkSignalListItemFactory *factory,
        GtkListItem              *item)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name ("folder-symbolic"));
  gtk_box_append (GTK_BOX (box), gtk_label_new (NULL));
  gtk_box_append (GTK_BOX (box), gtk_button_new_with_label ("go"));
  gtk_list_item_set_child (item, box);
}

static void
bind (GtkSignalListItemFactory *factory,
      GtkListItem              *item)
{
  GtkWidget *label = gtk_widget_get_next_sibling (gtk_widget_get_first_child (gtk_list_item_get_child (item)));

  gtk_label_set_text (GTK_LABEL (label), gtk_string_object_get_string (gtk_list_item_get_item (item)));
}

static void
add_page (GtkWidget  *page,
          const char *name)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();

  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), page);
  gtk_stack_add_named (GTK_STACK (pages), scroller, name);
}

static GtkWidget *
make_list (void)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkStringList *rows = gtk_string_list_new (NULL);

  for (int i = 0; i < n_widgets * 10; i++)
    {
      g_autofree char *text = g_strdup_printf ("row %d – item %08x", i, (unsigned)i * 2654435761u);

      gtk_string_list_append (rows, text);
    }

  g_signal_connect (factory, "setup", G_CALLBACK (set_up), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (bind), NULL);

  return gtk_list_view_new (GTK_SELECTION_MODEL (gtk_single_selection_new (G_LIST_MODEL (rows))), factory);
}

static GtkWidget *
make_widget (int i)
{
  switch (i % 4)
    {
    case 0: return gtk_button_new_with_label ("button");
    case 1: return gtk_label_new ("some <b>text</b>");
    case 2: return gtk_check_button_new_with_label ("check");
    default: return gtk_entry_new ();
    }
}

static GtkWidget *
make_grid (void)
{
  GtkWidget *grid = gtk_grid_new ();

  for (int i = 0; i < n_widgets; i++)
    gtk_grid_attach (GTK_GRID (grid), make_widget (i), i % 12, i / 12, 1, 1);

  return grid;
}

static GtkWidget *
make_text (void)
{
  g_autoptr(GString) text = g_string_new (NULL);
  GtkWidget *view = gtk_text_view_new ();

  for (int i = 0; i < 4000; i++)
    g_string_append_printf (text, "line %d of a text buffer with some words in it\n", i);
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (GTK_TEXT_VIEW (view)), text->str, -1);

  return view;
}

static void
activate (GtkApplication *app)
{
  GtkWidget *window = gtk_application_window_new (app);

  pages = gtk_stack_new ();
  add_page (make_list (), "list");
  add_page (make_grid (), "grid");
  add_page (make_text (), "text");

  gtk_window_set_default_size (GTK_WINDOW (window), 1100, 800);
  gtk_window_set_child (GTK_WINDOW (window), pages);
  gtk_widget_add_tick_callback (window, tick, app, NULL);
  gtk_window_present (GTK_WINDOW (window));
}

int
main (int    argc,
      char **argv)
{
  g_autoptr(GtkApplication) app = gtk_application_new ("io.github.memscope.GtkMix", G_APPLICATION_NON_UNIQUE);

  if (argc > 1)
    n_widgets = atoi (argv[1]);
  if (argc > 2)
    n_frames = atoi (argv[2]);
  g_signal_connect (app, "activate", G_CALLBACK (activate), NULL);

  return g_application_run (G_APPLICATION (app), 0, NULL);
}
