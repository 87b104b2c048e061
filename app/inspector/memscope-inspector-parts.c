/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "memscope-inspector-parts.h"
#include "memscope-side.h"
#include "memscope-text.h"

#define MAX_FRAMES     256u
#define LANGUAGE_WIDTH 38

GtkWidget *
memscope_part_label (const char *text,
                     const char *classes)
{
  GtkWidget *label = gtk_label_new (text);
  g_auto(GStrv) names = g_strsplit (classes, " ", -1);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  for (guint i = 0; names[i] != NULL; i++)
    if (*names[i] != '\0')
      gtk_widget_add_css_class (label, names[i]);

  return label;
}

GtkWidget *
memscope_part_wrapped (const char *text,
                       const char *classes)
{
  GtkWidget *label = memscope_part_label (text, classes);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_width_chars (GTK_LABEL (label), 10);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 40);

  return label;
}

GtkWidget *
memscope_part_card (GtkBox     *page,
                    const char *heading,
                    const char *aside)
{
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  gtk_widget_add_css_class (card, "card");
  gtk_widget_add_css_class (card, "panel");
  if (heading != NULL)
    {
      GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
      GtkWidget *title = memscope_part_label (heading, "card-title");

      gtk_label_set_ellipsize (GTK_LABEL (title), PANGO_ELLIPSIZE_END);
      gtk_widget_set_hexpand (title, TRUE);
      gtk_box_append (GTK_BOX (head), title);
      if (aside != NULL)
        gtk_box_append (GTK_BOX (head), memscope_part_label (aside, "caption dim numeric"));
      gtk_box_append (GTK_BOX (card), head);
    }
  gtk_box_append (page, card);

  return card;
}

void
memscope_part_clear (GtkBox *page)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (page))) != NULL)
    gtk_box_remove (page, child);
}

GtkWidget *
memscope_part_facts (void)
{
  GtkWidget *grid = gtk_grid_new ();

  gtk_grid_set_column_spacing (GTK_GRID (grid), 12);
  gtk_grid_set_row_spacing (GTK_GRID (grid), 3);

  return grid;
}

void
memscope_part_add_fact (GtkWidget  *facts,
                        const char *key,
                        const char *value,
                        const char *tooltip)
{
  int row = 0;
  GtkWidget *key_label = memscope_part_label (key, "dim");
  g_autofree char *clipped = memscope_text_clip (value, MEMSCOPE_TEXT_LABEL_CHARS);
  GtkWidget *value_label = memscope_part_wrapped (clipped, "numeric");

  while (gtk_grid_get_child_at (GTK_GRID (facts), 0, row) != NULL)
    row++;

  gtk_widget_set_valign (key_label, GTK_ALIGN_START);
  gtk_widget_set_hexpand (value_label, TRUE);
  gtk_label_set_selectable (GTK_LABEL (value_label), TRUE);
  /* Selectable for the pointer; the keyboard has better stops. Merely not focusable, it would
   * say that it took the focus, and Tab would end before it.
   */
  gtk_widget_set_can_focus (value_label, FALSE);
  if (tooltip != NULL)
    gtk_widget_set_tooltip_text (value_label, tooltip);
  gtk_accessible_update_relation (GTK_ACCESSIBLE (value_label),
                                  GTK_ACCESSIBLE_RELATION_LABELLED_BY, key_label, NULL,
                                  -1);
  gtk_grid_attach (GTK_GRID (facts), key_label, 0, row, 1, 1);
  gtk_grid_attach (GTK_GRID (facts), value_label, 1, row, 1, 1);
}

char *
memscope_part_module (MemscopeSession  *session,
                      MemscopeModuleId  module)
{
  MemscopeModule entry;
  g_autofree char *path = NULL;

  if (module == 0 || !memscope_session_get_module (session, module, &entry) || entry.path == 0)
    return g_strdup (_("not recorded"));

  path = memscope_session_dup_display_string (session, entry.path);

  return memscope_text_clip (memscope_text_basename (path), MEMSCOPE_TEXT_LABEL_CHARS);
}

static char *
dup_symbol_place (MemscopeSession      *session,
                  const MemscopeSymbol *symbol)
{
  g_autofree char *file = NULL;
  g_autofree char *clipped = NULL;

  if (symbol->file == 0)
    return NULL;

  file = memscope_session_dup_display_string (session, symbol->file);
  clipped = memscope_text_clip (memscope_text_basename (file), MEMSCOPE_TEXT_LABEL_CHARS);
  if (symbol->line == 0)
    return g_steal_pointer (&clipped);

  return g_strdup_printf ("%s:%u", clipped, symbol->line);
}

static char *
dup_frame_offset (MemscopeSession *session,
                  MemscopeFrameId  frame,
                  gboolean         absolute)
{
  MemscopeFrame entry;
  g_autofree char *module = NULL;

  if (!memscope_session_get_frame (session, frame, &entry))
    return g_strdup (_("not recorded"));
  /* Frames of memscope-rs are text: their offsets mean nothing. */
  if (entry.module == 0)
    return absolute ? g_strdup_printf ("0x%" G_GINT64_MODIFIER "x", entry.offset) : g_strdup ("");

  module = memscope_part_module (session, entry.module);

  return g_strdup_printf ("%s+0x%" G_GINT64_MODIFIER "x", module, entry.offset);
}

void
memscope_part_frame (MemscopeSession  *session,
                     MemscopeFrameId   frame,
                     char            **function,
                     char            **place)
{
  const MemscopeSymbol *symbols;
  guint n = memscope_session_get_symbols (session, frame, &symbols);
  char *where = NULL;

  *function = n > 0 && symbols[0].function != 0
            ? memscope_text_string (session, symbols[0].function, "")
            : NULL;
  if (n > 0)
    where = dup_symbol_place (session, &symbols[0]);
  if (*function == NULL)
    {
      *function = dup_frame_offset (session, frame, TRUE);
      *place = where != NULL ? where : g_strdup (_("no symbols"));
      return;
    }

  *place = where != NULL ? where : dup_frame_offset (session, frame, FALSE);
}

char *
memscope_part_site_text (MemscopeSession *session,
                         MemscopeStackId  stack)
{
  MemscopeFrameId site = stack != 0 ? memscope_session_get_call_site (session, stack) : 0;
  g_autofree char *function = NULL;
  g_autofree char *place = NULL;

  if (site == 0)
    return g_strdup (_("where: not recorded"));

  memscope_part_frame (session, site, &function, &place);

  return *place != '\0' ? g_strdup_printf ("%s · %s", function, place) : g_steal_pointer (&function);
}

static void
add_frame_row (GtkWidget  *box,
               const char *function,
               const char *place,
               gboolean    inlined)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *name = memscope_part_label (function, "code");
  g_autofree char *tooltip = g_strdup_printf ("%s\n%s", function, place);
  g_autofree char *below = inlined ? g_strdup_printf (_("%s · inlined"), place) : g_strdup (place);
  GtkWidget *where = memscope_part_label (below, "caption dim");

  gtk_label_set_ellipsize (GTK_LABEL (name), PANGO_ELLIPSIZE_END);
  gtk_label_set_ellipsize (GTK_LABEL (where), PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_set_tooltip_text (row, tooltip);
  gtk_box_append (GTK_BOX (row), name);
  if (*below != '\0')
    gtk_box_append (GTK_BOX (row), where);
  gtk_box_append (GTK_BOX (box), row);
}

static void
add_frame (GtkWidget       *box,
           MemscopeSession *session,
           MemscopeFrameId  frame)
{
  const MemscopeSymbol *symbols;
  guint n = memscope_session_get_symbols (session, frame, &symbols);

  for (guint i = 0; i + 1 < n; i++)
    {
      g_autofree char *function = memscope_text_string (session, symbols[i].function, _("not recorded"));
      g_autofree char *place = dup_symbol_place (session, &symbols[i]);

      add_frame_row (box, function, place != NULL ? place : "", TRUE);
    }

  if (n > 1 && symbols[n - 1].function != 0)
    {
      g_autofree char *function = memscope_text_string (session, symbols[n - 1].function, "");
      g_autofree char *place = dup_symbol_place (session, &symbols[n - 1]);

      add_frame_row (box, function, place != NULL ? place : "", FALSE);
    }
  else
    {
      g_autofree char *function = NULL;
      g_autofree char *place = NULL;

      memscope_part_frame (session, frame, &function, &place);
      add_frame_row (box, function, place, FALSE);
    }
}

GtkWidget *
memscope_part_stack (MemscopeSession *session,
                     MemscopeStackId  stack)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  MemscopeStackId parent;
  MemscopeFrameId frame;
  guint n = 0;

  if (stack == 0)
    {
      gtk_box_append (GTK_BOX (box), memscope_part_label (_("not recorded"), "dim"));
      return box;
    }

  while (stack != 0 && n < MAX_FRAMES && memscope_session_get_stack_node (session, stack, &parent, &frame))
    {
      if (frame != 0)
        add_frame (box, session, frame);
      else if (parent == 0)
        gtk_box_append (GTK_BOX (box), memscope_part_label (_("the rest was not recorded"), "caption dim"));
      stack = parent;
      n++;
    }
  if (n == MAX_FRAMES && stack != 0)
    gtk_box_append (GTK_BOX (box), memscope_part_label (_("… and more"), "caption dim"));

  return box;
}

static void
add_side_row (GtkWidget          *box,
              MemscopeSession    *session,
              const MemscopeSide *side)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  const char *language = memscope_side_language (side->language);
  GtkWidget *word = memscope_part_label (language != NULL ? language : "–", "stack-language caption");
  g_autofree char *function = NULL;
  g_autofree char *place = NULL;
  g_autofree char *tooltip = NULL;
  GtkWidget *name;

  memscope_part_frame (session, side->innermost, &function, &place);
  tooltip = *place != '\0' ? g_strdup_printf ("%s\n%s", function, place) : g_strdup (function);
  name = memscope_part_label (function, "code caption");
  gtk_label_set_ellipsize (GTK_LABEL (name), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (word, memscope_side_language_style (side->language));
  gtk_widget_set_size_request (word, LANGUAGE_WIDTH, -1);
  gtk_widget_set_tooltip_text (row, tooltip);
  gtk_box_append (GTK_BOX (row), word);
  gtk_box_append (GTK_BOX (row), name);
  gtk_box_append (GTK_BOX (box), row);
}

GtkWidget *
memscope_part_stack_sides (MemscopeSession *session,
                           MemscopeStackId  stack)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  MemscopeSide inner = { 0 };
  MemscopeStackId parent;
  MemscopeFrameId frame;
  guint n = 0;

  if (stack == 0)
    gtk_box_append (GTK_BOX (box), memscope_part_label (_("not recorded"), "dim"));

  for (; stack != 0 && n < MAX_FRAMES && memscope_session_get_stack_node (session, stack, &parent, &frame); n++, stack = parent)
    {
      MemscopeSide side;

      if (frame == 0)
        {
          if (parent == 0)
            gtk_box_append (GTK_BOX (box), memscope_part_label (_("the rest was not recorded"), "caption dim"));
          continue;
        }
      side = memscope_side_of_frame (session, frame);
      if (inner.innermost != 0 && memscope_side_is_boundary (&inner, &side))
        {
          GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

          gtk_widget_add_css_class (line, "boundary");
          gtk_box_append (GTK_BOX (box), line);
        }
      add_side_row (box, session, &side);
      inner = side;
    }
  if (n == MAX_FRAMES && stack != 0)
    gtk_box_append (GTK_BOX (box), memscope_part_label (_("… and more"), "caption dim"));

  return box;
}

char *
memscope_part_stack_text (MemscopeSession *session,
                          MemscopeStackId  stack)
{
  GString *text = g_string_new (NULL);
  MemscopeStackId parent;
  MemscopeFrameId frame;

  for (guint n = 0; stack != 0 && n < MAX_FRAMES && memscope_session_get_stack_node (session, stack, &parent, &frame); n++)
    {
      g_autofree char *label = frame != 0 ? memscope_session_dup_frame_label (session, frame) : g_strdup ("…");

      g_string_append_printf (text, "%s\n", label);
      stack = parent;
    }

  return g_string_free (text, FALSE);
}
