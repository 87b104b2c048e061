/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-finding-row.h"
#include "memscope-finding-words.h"
#include "memscope-inspector-parts.h"
#include "memscope-text.h"

struct _MemscopeFindingRow
{
  GtkListBoxRow          parent_instance;

  const MemscopeFinding *finding;
};

enum { SHOW_ME, MUTE, N_SIGNALS };

G_DEFINE_FINAL_TYPE (MemscopeFindingRow, memscope_finding_row, GTK_TYPE_LIST_BOX_ROW)

static guint signals[N_SIGNALS];

static void
memscope_finding_row_show_me (MemscopeFindingRow *self)
{
  g_signal_emit (self, signals[SHOW_ME], 0);
}

static void
memscope_finding_row_mute (MemscopeFindingRow *self)
{
  g_signal_emit (self, signals[MUTE], 0);
}

static void
memscope_finding_row_class_init (MemscopeFindingRowClass *klass)
{
  signals[SHOW_ME] = g_signal_new ("show-me", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[MUTE] = g_signal_new ("mute", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
memscope_finding_row_init (MemscopeFindingRow *self)
{
  gtk_widget_add_css_class (GTK_WIDGET (self), "finding");
}

GtkWidget *
memscope_finding_row_new_confidence (MemscopeConfidence confidence)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *bars = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 2);

  for (guint i = 0; i < 3; i++)
    {
      GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

      gtk_widget_add_css_class (bar, "confidence-bar");
      if (i <= confidence)
        gtk_widget_add_css_class (bar, "filled");
      gtk_widget_set_valign (bar, GTK_ALIGN_CENTER);
      gtk_box_append (GTK_BOX (bars), bar);
    }
  gtk_box_append (GTK_BOX (box), bars);
  gtk_box_append (GTK_BOX (box), memscope_part_label (memscope_confidence_get_name (confidence), "caption dim"));

  return box;
}

static GtkWidget *
ellipsized (const char *text,
            const char *classes)
{
  GtkWidget *label = memscope_part_label (text, classes);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_set_tooltip_text (label, text);

  return label;
}

/* The title wraps: on narrow windows it is all there is to read. @what: of what the
 * number is, where its unit does not say.
 */
static GtkWidget *
new_head (const char *title,
          const char *number,
          const char *what)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *label = memscope_part_wrapped (title, "finding-title");
  GtkWidget *value = memscope_part_label (number, "numeric finding-number");

  GtkWidget *end = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  gtk_label_set_lines (GTK_LABEL (label), 4);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 60);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_set_tooltip_text (label, title);
  gtk_label_set_xalign (GTK_LABEL (value), 1);
  gtk_widget_set_valign (label, GTK_ALIGN_START);
  gtk_widget_set_valign (end, GTK_ALIGN_START);
  gtk_box_append (GTK_BOX (end), value);
  gtk_box_append (GTK_BOX (box), label);
  if (what != NULL)
    {
      GtkWidget *words = memscope_part_label (what, "caption dim");

      gtk_label_set_xalign (GTK_LABEL (words), 1);
      gtk_widget_set_tooltip_text (words, what);
      gtk_box_append (GTK_BOX (end), words);
    }
  gtk_box_append (GTK_BOX (box), end);

  return box;
}

static GtkWidget *
new_mute_button (MemscopeFindingRow *self,
                 const char         *title)
{
  gboolean muted = self->finding->suppressed_by != NULL;
  GtkWidget *button = gtk_button_new_from_icon_name (muted ? "audio-volume-high-symbolic" : "audio-volume-muted-symbolic");
  const char *word = muted ? _("Unmute") : _("Mute");
  g_autofree char *label = g_strdup_printf ("%s: %s", word, title);

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, word);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (memscope_finding_row_mute), self);

  return button;
}

static GtkWidget *
new_show_button (MemscopeFindingRow *self,
                 const char         *title)
{
  GtkWidget *button = gtk_button_new_with_label (_("Show me"));
  g_autofree char *label = g_strdup_printf ("%s: %s", _("Show me"), title);

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "small-button");
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (memscope_finding_row_show_me), self);

  return button;
}

GtkWidget *
memscope_finding_row_new (MemscopeSession       *session,
                          const MemscopeFinding *finding,
                          gboolean               can_unmute)
{
  MemscopeFindingRow *self = g_object_new (MEMSCOPE_TYPE_FINDING_ROW, NULL);
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *foot = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *sure = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *icon = gtk_image_new_from_icon_name (memscope_severity_get_icon_name (finding->severity));
  g_autofree char *title = memscope_finding_words_title (session, finding);
  g_autofree char *place = memscope_finding_words_place (session, finding);
  g_autofree char *number = memscope_finding_words_evidence (&finding->evidence[0], memscope_session_get_duration (session));
  g_autofree char *spoken = g_strdup_printf ("%s: %s, %s %s, %s", memscope_severity_get_name (finding->severity), title,
                                             memscope_evidence_get_name (finding->evidence[0].id), number,
                                             memscope_confidence_get_name (finding->confidence));
  gboolean muted = finding->suppressed_by != NULL;

  self->finding = finding;
  gtk_widget_set_valign (icon, GTK_ALIGN_START);
  gtk_widget_add_css_class (icon, memscope_severity_get_css_class (finding->severity));
  gtk_widget_set_hexpand (words, TRUE);
  gtk_box_append (GTK_BOX (words), new_head (title, number, finding->evidence[0].unit == MEMSCOPE_UNIT_COUNT
                                                            ? memscope_evidence_get_name (finding->evidence[0].id) : NULL));

  gtk_widget_set_hexpand (sure, TRUE);
  gtk_box_append (GTK_BOX (sure), ellipsized (muted ? finding->suppressed_by : place, muted ? "caption dim code" : "caption dim"));
  gtk_box_append (GTK_BOX (sure), memscope_finding_row_new_confidence (finding->confidence));
  gtk_box_append (GTK_BOX (foot), sure);
  gtk_box_append (GTK_BOX (foot), new_show_button (self, title));
  if (!muted || can_unmute)
    gtk_box_append (GTK_BOX (foot), new_mute_button (self, title));
  gtk_box_append (GTK_BOX (words), foot);

  gtk_box_append (GTK_BOX (row), icon);
  gtk_box_append (GTK_BOX (row), words);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (self), row);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);

  return GTK_WIDGET (self);
}

const MemscopeFinding *
memscope_finding_row_get_finding (MemscopeFindingRow *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_FINDING_ROW (self), NULL);

  return self->finding;
}
