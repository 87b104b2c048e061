/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-inspector-parts.h"
#include "memscope-passport-rail.h"

#define SEAL_SIZE  54
#define RAIL_WIDTH 2
#define LINE_WIDTH 24
/* Of a thread and a size; longer names are cut. */
#define ASIDE_CHARS 20

static GtkWidget *
rail_new (MemscopeRail rail)
{
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  gtk_widget_add_css_class (line, "rail");
  if (rail == MEMSCOPE_RAIL_INFERRED)
    gtk_widget_add_css_class (line, "inferred");
  gtk_widget_set_halign (line, GTK_ALIGN_CENTER);
  gtk_widget_set_vexpand (line, TRUE);
  gtk_widget_set_size_request (line, RAIL_WIDTH, -1);

  return line;
}

static GtkWidget *
seal_new (const MemscopeSide *side)
{
  const char *language = memscope_side_language (side->language);
  GtkWidget *seal = gtk_label_new (language != NULL ? language : "?");

  gtk_widget_add_css_class (seal, "seal");
  gtk_widget_add_css_class (seal, memscope_side_language_style (side->language));
  gtk_widget_set_tooltip_text (seal, memscope_side_evidence (side->evidence));

  return seal;
}

/* A row whose left cell carries the rail on. */
static GtkWidget *
row_new (GtkWidget    *seal,
         MemscopeRail  rail)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *left = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  gtk_widget_set_size_request (left, SEAL_SIZE, -1);
  if (seal != NULL)
    gtk_box_append (GTK_BOX (left), seal);
  if (rail != MEMSCOPE_RAIL_NONE)
    gtk_box_append (GTK_BOX (left), rail_new (rail));
  gtk_box_append (GTK_BOX (row), left);

  return row;
}

static GtkWidget *
head_new (const char *title,
          const char *time)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *title_label = memscope_part_wrapped (title, "card-title");
  GtkWidget *time_label = memscope_part_label (time, "code dim numeric");

  gtk_widget_set_hexpand (title_label, TRUE);
  gtk_widget_set_valign (time_label, GTK_ALIGN_START);
  gtk_box_append (GTK_BOX (head), title_label);
  gtk_box_append (GTK_BOX (head), time_label);

  return head;
}

static GtkWidget *
evidence_new (const MemscopeSide *side,
              const char         *aside)
{
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *words = memscope_part_wrapped (memscope_side_evidence (side->evidence), "caption dim");

  if (side->evidence != MEMSCOPE_SIDE_EVIDENCE_NONE)
    {
      GtkWidget *icon = gtk_image_new_from_icon_name (side->evidence == MEMSCOPE_SIDE_EVIDENCE_UNIT ? "memscope-complete-symbolic"
                                                                                                     : "memscope-hint-symbolic");

      gtk_widget_add_css_class (icon, "dim");
      gtk_image_set_pixel_size (GTK_IMAGE (icon), 12);
      gtk_widget_set_valign (icon, GTK_ALIGN_CENTER);
      gtk_box_append (GTK_BOX (line), icon);
    }
  gtk_widget_set_hexpand (words, TRUE);
  gtk_box_append (GTK_BOX (line), words);
  if (aside != NULL)
    {
      GtkWidget *label = memscope_part_label (aside, "caption dim numeric");

      gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
      gtk_label_set_width_chars (GTK_LABEL (label), (int) MIN (g_utf8_strlen (aside, -1), ASIDE_CHARS));
      gtk_widget_set_valign (label, GTK_ALIGN_START);
      gtk_widget_set_tooltip_text (label, aside);
      gtk_box_append (GTK_BOX (line), label);
    }

  return line;
}

void
memscope_passport_add_stamp (GtkBox             *list,
                             MemscopeSession    *session,
                             const MemscopeSide *side,
                             const char         *title,
                             const char         *aside,
                             const char         *time,
                             MemscopeRail        rail)
{
  GtkWidget *row = row_new (seal_new (side), rail);
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);

  gtk_box_append (GTK_BOX (card), head_new (title, time));
  if (side->innermost != 0)
    {
      g_autofree char *function = NULL;
      g_autofree char *place = NULL;
      g_autofree char *where = NULL;

      memscope_part_frame (session, side->innermost, &function, &place);
      where = *place != '\0' ? g_strdup_printf ("%s · %s", function, place) : g_strdup (function);
      gtk_box_append (GTK_BOX (card), memscope_part_wrapped (where, "code"));
    }
  gtk_box_append (GTK_BOX (card), evidence_new (side, aside));
  gtk_widget_add_css_class (card, "card");
  gtk_widget_add_css_class (card, "panel");
  gtk_widget_set_hexpand (card, TRUE);
  gtk_widget_set_valign (card, GTK_ALIGN_START);
  gtk_box_append (GTK_BOX (row), card);
  gtk_box_append (list, row);
}

void
memscope_passport_add_crossing (GtkBox       *list,
                                const char   *icon_name,
                                const char   *text,
                                const char   *tag,
                                MemscopeRail  rail)
{
  GtkWidget *row = row_new (NULL, rail);
  GtkWidget *icon = gtk_image_new_from_icon_name (icon_name);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  gtk_widget_add_css_class (icon, "dim");
  gtk_widget_add_css_class (words, "crossing");
  gtk_box_append (GTK_BOX (words), icon);
  gtk_box_append (GTK_BOX (words), memscope_part_wrapped (text, "caption dim"));
  if (tag != NULL)
    {
      GtkWidget *label = memscope_part_label (tag, "tag");

      gtk_widget_set_valign (label, GTK_ALIGN_CENTER);
      gtk_box_append (GTK_BOX (words), label);
    }
  gtk_box_append (GTK_BOX (row), words);
  gtk_box_append (list, row);
}

static void
add_legend_entry (GtkWidget  *legend,
                  const char *style,
                  const char *text)
{
  GtkWidget *entry = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  gtk_widget_add_css_class (line, "rail");
  gtk_widget_add_css_class (line, style);
  gtk_widget_set_size_request (line, LINE_WIDTH, RAIL_WIDTH);
  gtk_widget_set_valign (line, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (entry), line);
  gtk_box_append (GTK_BOX (entry), memscope_part_wrapped (text, "caption dim"));
  gtk_box_append (GTK_BOX (legend), entry);
}

void
memscope_passport_add_legend (GtkBox *list)
{
  GtkWidget *legend = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 18);

  gtk_widget_set_margin_start (legend, SEAL_SIZE + 12);
  gtk_widget_set_margin_top (legend, 12);
  add_legend_entry (legend, "lying", _("observed or reported"));
  add_legend_entry (legend, "inferred-lying", _("inferred, not proven"));
  gtk_box_append (list, legend);
}
