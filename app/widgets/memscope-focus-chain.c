/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Every container remembers which of its children has the focus; Tab goes on from there. When
 * the focus leaves, GTK makes them forget. GTK 4.8 does not when the focused widget was hidden,
 * as it is with another view or with the search: then a container remembers a child that Tab
 * never meets, and all that is in the container is passed over.
 */

#include "config.h"

#include "memscope-focus-chain.h"

static void
forget_what_is_hidden (GtkWidget *widget)
{
  GtkWidget *child = gtk_widget_get_focus_child (widget);

  if (child != NULL && !gtk_widget_get_mapped (child))
    gtk_widget_set_focus_child (widget, NULL);

  for (child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    forget_what_is_hidden (child);
}

static void
focus_changed (GtkWindow *window)
{
  if (gtk_widget_get_mapped (GTK_WIDGET (window)))
    forget_what_is_hidden (GTK_WIDGET (window));
}

void
memscope_focus_chain_keep (GtkWindow *window)
{
  g_return_if_fail (GTK_IS_WINDOW (window));

  g_signal_connect (window, "notify::focus-widget", G_CALLBACK (focus_changed), NULL);
}
