/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "memscope-cause-bar.h"
#include "memscope-finding-chart.h"
#include "memscope-finding-detail.h"
#include "memscope-finding-row.h"
#include "memscope-finding-words.h"
#include "memscope-inspector-parts.h"
#include "memscope-text.h"

struct _MemscopeFindingDetail
{
  AdwBin     parent_instance;

  GtkWidget *scroller;
  GtkBox    *page;
  char      *report;      /* what Copy copies */
};

enum { SHOW_ME, SHOW_CALLS, MUTE, N_SIGNALS };

G_DEFINE_FINAL_TYPE (MemscopeFindingDetail, memscope_finding_detail, ADW_TYPE_BIN)

static guint signals[N_SIGNALS];

static void
memscope_finding_detail_copy (MemscopeFindingDetail *self)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), self->report);
}

static void
memscope_finding_detail_show_me (MemscopeFindingDetail *self)
{
  g_signal_emit (self, signals[SHOW_ME], 0);
}

static void
memscope_finding_detail_show_calls (MemscopeFindingDetail *self)
{
  g_signal_emit (self, signals[SHOW_CALLS], 0);
}

static void
memscope_finding_detail_mute (MemscopeFindingDetail *self)
{
  g_signal_emit (self, signals[MUTE], 0);
}

static void
memscope_finding_detail_finalize (GObject *object)
{
  g_clear_pointer (&MEMSCOPE_FINDING_DETAIL (object)->report, g_free);

  G_OBJECT_CLASS (memscope_finding_detail_parent_class)->finalize (object);
}

static void
memscope_finding_detail_class_init (MemscopeFindingDetailClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = memscope_finding_detail_finalize;

  signals[SHOW_ME] = g_signal_new ("show-me", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SHOW_CALLS] = g_signal_new ("show-calls", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[MUTE] = g_signal_new ("mute", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
memscope_finding_detail_init (MemscopeFindingDetail *self)
{
  self->scroller = gtk_scrolled_window_new ();
  self->page = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 12));
  gtk_widget_add_css_class (GTK_WIDGET (self->page), "page");
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), GTK_WIDGET (self->page));
  adw_bin_set_child (ADW_BIN (self), self->scroller);
}

/* ---- the head --------------------------------------------------------------- */

static void
add_head (MemscopeFindingDetail *self,
          MemscopeSession       *session,
          const MemscopeFinding *finding)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);
  GtkWidget *icon = gtk_image_new_from_icon_name (memscope_severity_get_icon_name (finding->severity));
  g_autofree char *title = memscope_finding_words_title (session, finding);
  GtkWidget *label = memscope_part_wrapped (title, "finding-heading");
  GtkWidget *copy = gtk_button_new_from_icon_name ("edit-copy-symbolic");

  gtk_image_set_pixel_size (GTK_IMAGE (icon), 20);
  gtk_widget_set_valign (icon, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (icon, memscope_severity_get_css_class (finding->severity));
  gtk_widget_set_tooltip_text (icon, memscope_severity_get_name (finding->severity));
  gtk_label_set_max_width_chars (GTK_LABEL (label), 60);
  gtk_label_set_lines (GTK_LABEL (label), 4);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_set_tooltip_text (copy, _("Copy the finding as text"));
  gtk_widget_set_valign (copy, GTK_ALIGN_START);
  g_signal_connect_swapped (copy, "clicked", G_CALLBACK (memscope_finding_detail_copy), self);
  gtk_box_append (GTK_BOX (head), icon);
  gtk_box_append (GTK_BOX (head), label);
  gtk_box_append (GTK_BOX (head), copy);
  gtk_box_append (self->page, head);
}

static void
add_to_flow (GtkWidget *flow,
             GtkWidget *child)
{
  GtkWidget *item = gtk_flow_box_child_new ();

  gtk_widget_set_focusable (item, FALSE);
  gtk_flow_box_child_set_child (GTK_FLOW_BOX_CHILD (item), child);
  gtk_flow_box_append (GTK_FLOW_BOX (flow), item);
}

static void
add_meta (MemscopeFindingDetail *self,
          MemscopeSession       *session,
          const MemscopeFinding *finding)
{
  guint64 span = memscope_session_get_duration (session);
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  g_autofree char *begin = memscope_text_time (MIN (finding->begin, span), span);
  g_autofree char *end = memscope_text_time (MIN (finding->end, span), span);
  g_autofree char *text = g_strdup_printf (_("rule %s · holds for %s – %s"), memscope_rule_get_id (finding->rule), begin, end);
  GtkWidget *rule = memscope_part_wrapped (text, "caption dim numeric");

  gtk_widget_set_hexpand (rule, TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (rule), 80);
  gtk_box_append (GTK_BOX (line), memscope_part_label (memscope_severity_get_name (finding->severity),
                                                       memscope_severity_get_css_class (finding->severity)));
  gtk_box_append (GTK_BOX (line), memscope_finding_row_new_confidence (finding->confidence));
  gtk_box_append (GTK_BOX (line), rule);
  gtk_box_append (self->page, line);

  if (finding->suppressed_by != NULL)
    {
      g_autofree char *muted = g_strdup_printf (_("Muted by: %s"), finding->suppressed_by);

      gtk_box_append (self->page, memscope_part_wrapped (muted, "caption dim code"));
    }
}

/* ---- the numbers -------------------------------------------------------------- */

static GtkWidget *
new_number (const MemscopeEvidence *evidence,
            guint64                 span)
{
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 1);
  g_autofree char *value = memscope_finding_words_evidence (evidence, span);
  g_autofree char *context = NULL;
  GtkWidget *name = memscope_part_label (memscope_evidence_get_name (evidence->id), "caption dim");
  GtkWidget *number = memscope_part_label (value, "finding-figure numeric");
  GtkWidget *below;

  if (!isnan (evidence->limit))
    {
      g_autofree char *limit = memscope_finding_words_value (evidence->unit, evidence->limit, span);

      context = g_strdup_printf (_("limit %s"), limit);
    }

  below = memscope_part_label (context != NULL ? context : "", "caption dim numeric");
  gtk_label_set_ellipsize (GTK_LABEL (name), PANGO_ELLIPSIZE_END);
  gtk_widget_set_tooltip_text (name, memscope_evidence_get_name (evidence->id));
  gtk_widget_add_css_class (card, "card");
  gtk_widget_add_css_class (card, "tile");
  gtk_box_append (GTK_BOX (card), name);
  gtk_box_append (GTK_BOX (card), number);
  gtk_box_append (GTK_BOX (card), below);
  gtk_accessible_update_relation (GTK_ACCESSIBLE (number), GTK_ACCESSIBLE_RELATION_LABELLED_BY, name, NULL, -1);

  return card;
}

static void
add_numbers (MemscopeFindingDetail *self,
             MemscopeSession       *session,
             const MemscopeFinding *finding)
{
  GtkWidget *flow = gtk_flow_box_new ();

  gtk_flow_box_set_selection_mode (GTK_FLOW_BOX (flow), GTK_SELECTION_NONE);
  gtk_flow_box_set_homogeneous (GTK_FLOW_BOX (flow), TRUE);
  gtk_flow_box_set_min_children_per_line (GTK_FLOW_BOX (flow), 2);
  gtk_flow_box_set_max_children_per_line (GTK_FLOW_BOX (flow), finding->n_evidence > 4 ? 3 : 4);
  gtk_flow_box_set_column_spacing (GTK_FLOW_BOX (flow), 12);
  gtk_flow_box_set_row_spacing (GTK_FLOW_BOX (flow), 12);
  gtk_accessible_update_property (GTK_ACCESSIBLE (flow), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Numbers of the finding"), -1);
  for (guint i = 0; i < finding->n_evidence; i++)
    add_to_flow (flow, new_number (&finding->evidence[i], memscope_session_get_duration (session)));
  gtk_box_append (self->page, flow);
}

/* ---- the evidence over time ------------------------------------------------------ */

static GtkWidget *
new_legend (const char *word,
            const char *swatch)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 5);
  GtkWidget *mark = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  gtk_widget_add_css_class (mark, "legend-line");
  gtk_widget_add_css_class (mark, swatch);
  gtk_widget_set_valign (mark, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), mark);
  gtk_box_append (GTK_BOX (box), memscope_part_label (word, "caption"));

  return box;
}

static void
show_table (GtkToggleButton *button,
            GtkStack        *stack)
{
  gtk_stack_set_visible_child_name (stack, gtk_toggle_button_get_active (button) ? "table" : "chart");
}

static void
add_evidence (MemscopeFindingDetail *self,
              const MemscopeFinding *finding)
{
  const char *title = finding->points_are_births ? _("Evidence: allocations over time") : _("Evidence: live bytes over time");
  GtkWidget *card = memscope_part_card (self->page, title, NULL);
  GtkWidget *head = gtk_widget_get_first_child (card);
  GtkWidget *stack = gtk_stack_new ();
  GtkWidget *toggle = gtk_toggle_button_new ();

  if (finding->n_points == 0)
    {
      gtk_box_append (GTK_BOX (card), memscope_part_wrapped (_("No curve was kept of this one: there are many larger ones."), "dim"));
      return;
    }

  gtk_button_set_icon_name (GTK_BUTTON (toggle), "memscope-table-symbolic");
  gtk_widget_add_css_class (toggle, "flat");
  gtk_widget_set_tooltip_text (toggle, _("Show as a table"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (toggle), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Show as a table"), -1);
  g_signal_connect_object (toggle, "toggled", G_CALLBACK (show_table), stack, 0);
  if (finding->has_trend)
    {
      gtk_box_append (GTK_BOX (head), new_legend (_("measured"), "measured"));
      gtk_box_append (GTK_BOX (head), new_legend (_("trend"), "trend"));
    }
  gtk_box_append (GTK_BOX (head), toggle);

  gtk_stack_set_vhomogeneous (GTK_STACK (stack), FALSE);
  gtk_stack_add_named (GTK_STACK (stack), memscope_finding_chart_new (finding), "chart");
  gtk_stack_add_named (GTK_STACK (stack), memscope_finding_chart_new_table (finding), "table");
  gtk_box_append (GTK_BOX (card), stack);
}

/* ---- the cause ---------------------------------------------------------------------- */

static void
add_cause_line (GtkWidget  *card,
                const char *swatch,
                double      share,
                const char *words)
{
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *mark = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  g_autofree char *percent = memscope_text_share (share);
  GtkWidget *label = memscope_part_wrapped (words, "code");
  GtkWidget *number = memscope_part_label (percent, "numeric card-title");

  gtk_widget_add_css_class (mark, "swatch");
  gtk_widget_add_css_class (mark, swatch);
  gtk_widget_set_valign (mark, GTK_ALIGN_CENTER);
  gtk_widget_set_halign (mark, GTK_ALIGN_START);
  gtk_label_set_width_chars (GTK_LABEL (number), 5);
  gtk_label_set_xalign (GTK_LABEL (number), 1);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 80);
  gtk_label_set_lines (GTK_LABEL (label), 3);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_set_tooltip_text (label, words);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_box_append (GTK_BOX (line), mark);
  gtk_box_append (GTK_BOX (line), number);
  gtk_box_append (GTK_BOX (line), label);
  gtk_box_append (GTK_BOX (card), line);
}

static void
add_causes (MemscopeFindingDetail *self,
            MemscopeSession       *session,
            const MemscopeFinding *finding)
{
  GtkWidget *card;
  double rest = 1;

  if (finding->n_causes == 0)
    return;

  card = memscope_part_card (self->page, _("Root cause"), memscope_rule_get_cause_name (finding->rule));
  gtk_box_append (GTK_BOX (card), memscope_cause_bar_new (finding));
  for (guint i = 0; i < finding->n_causes; i++)
    {
      g_autofree char *words = memscope_finding_words_cause (session, &finding->causes[i]);

      add_cause_line (card, memscope_cause_bar_get_color (i), finding->causes[i].share, words);
      rest -= finding->causes[i].share;
    }
  if (rest > .0005)
    add_cause_line (card, "rest", rest, _("others"));
}

/* ---- the stack, the advice, the buttons ------------------------------------------------- */

static void
add_stack (MemscopeFindingDetail *self,
           MemscopeSession       *session,
           const MemscopeFinding *finding)
{
  GtkWidget *card = memscope_part_card (self->page, _("Stack"), NULL);

  gtk_box_append (GTK_BOX (card), memscope_part_stack (session, finding->stack));
}

static void
add_advice (MemscopeFindingDetail *self,
            MemscopeSession       *session,
            const MemscopeFinding *finding)
{
  GtkWidget *card = memscope_part_card (self->page, _("Advice"), NULL);
  GtkWidget *head = gtk_widget_get_first_child (card);
  GtkWidget *icon = gtk_image_new_from_icon_name ("memscope-hint-symbolic");
  GtkWidget *advice = memscope_part_wrapped (memscope_rule_get_advice (finding->rule), "");

  gtk_widget_add_css_class (icon, "severity-note");
  gtk_box_prepend (GTK_BOX (head), icon);
  gtk_label_set_max_width_chars (GTK_LABEL (advice), 80);
  gtk_box_append (GTK_BOX (card), advice);

  if (finding->saving == MEMSCOPE_SAVING_NOT_MEASURED)
    {
      gtk_box_append (GTK_BOX (card), memscope_part_wrapped (memscope_saving_get_name (finding->saving), "caption dim"));
    }
  else
    {
      g_autofree char *value = memscope_finding_words_value (finding->saving_unit, finding->saving_value,
                                                             memscope_session_get_duration (session));
      g_autofree char *text = g_strdup_printf (_("Predicted saving: %s %s"), value, memscope_saving_get_name (finding->saving));
      GtkWidget *label = memscope_part_wrapped (text, "caption");

      gtk_label_set_max_width_chars (GTK_LABEL (label), 80);
      gtk_box_append (GTK_BOX (card), label);
    }
}

static GtkWidget *
add_button (GtkWidget  *box,
            const char *label,
            const char *css_class,
            GCallback   clicked,
            gpointer    owner)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  gtk_widget_add_css_class (button, "pill-small");
  if (css_class != NULL)
    gtk_widget_add_css_class (button, css_class);
  g_signal_connect_swapped (button, "clicked", clicked, owner);
  gtk_box_append (GTK_BOX (box), button);

  return button;
}

static void
add_buttons (MemscopeFindingDetail *self,
             const MemscopeFinding *finding,
             gboolean               can_unmute)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);
  gboolean muted = finding->suppressed_by != NULL;

  add_button (box, _("_Show Me"), "suggested-action", G_CALLBACK (memscope_finding_detail_show_me), self);
  if (finding->stack != 0)
    add_button (box, _("_Call Tree"), NULL, G_CALLBACK (memscope_finding_detail_show_calls), self);
  if (!muted || can_unmute)
    add_button (box, muted ? _("_Unmute") : _("_Mute"), NULL, G_CALLBACK (memscope_finding_detail_mute), self);
  gtk_box_append (self->page, box);
  if (!muted)
    gtk_box_append (self->page, memscope_part_wrapped (_("Mute writes a rule that the command line reads too."), "caption dim"));
}

void
memscope_finding_detail_set_finding (MemscopeFindingDetail *self,
                                     MemscopeSession       *session,
                                     const MemscopeFinding *finding,
                                     gboolean               can_unmute)
{
  g_return_if_fail (MEMSCOPE_IS_FINDING_DETAIL (self));

  memscope_part_clear (self->page);
  g_clear_pointer (&self->report, g_free);
  gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->scroller)), 0);
  if (finding == NULL)
    return;

  self->report = memscope_finding_words_report (session, finding);
  add_head (self, session, finding);
  add_meta (self, session, finding);
  add_numbers (self, session, finding);
  add_evidence (self, finding);
  add_causes (self, session, finding);
  add_advice (self, session, finding);
  add_buttons (self, finding, can_unmute);
  add_stack (self, session, finding);
}
