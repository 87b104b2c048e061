/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The side with the list: categories, findings by severity, what is muted, what was
 * not checked.
 */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-diagnostics-view-private.h"
#include "memscope-finding-row.h"
#include "memscope-finding-words.h"
#include "memscope-inspector-parts.h"
#include "memscope-text.h"

/* Rows are made for so many findings; the others wait for a click. */
#define ROWS_AT_ONCE 60u

static gboolean
is_wanted (MemscopeDiagnosticsView *self,
           const MemscopeFinding   *finding)
{
  return finding->suppressed_by == NULL &&
         (self->category < 0 || memscope_rule_get_category (finding->rule) == (guint) self->category);
}

/* ---- headings ------------------------------------------------------------------- */

static guint
count_severity (MemscopeDiagnosticsView *self,
                MemscopeSeverity         severity)
{
  guint n = 0;

  for (guint i = 0; i < self->result->n_findings; i++)
    n += self->result->findings[i]->severity == severity && is_wanted (self, self->result->findings[i]);

  return n;
}

static GtkWidget *
new_heading (MemscopeDiagnosticsView *self,
             MemscopeSeverity         severity)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *icon = gtk_image_new_from_icon_name (memscope_severity_get_icon_name (severity));
  g_autofree char *classes = g_strdup_printf ("card-title %s", memscope_severity_get_css_class (severity));
  g_autofree char *count = memscope_text_count (count_severity (self, severity));

  gtk_widget_add_css_class (icon, memscope_severity_get_css_class (severity));
  gtk_widget_add_css_class (box, "finding-section");
  gtk_box_append (GTK_BOX (box), icon);
  gtk_box_append (GTK_BOX (box), memscope_part_label (memscope_severity_get_name (severity), classes));
  gtk_box_append (GTK_BOX (box), memscope_part_label (count, "dim numeric"));

  return box;
}

/* Each severity is a card of its own: its first and last row are round outside. */
static void
update_header (GtkListBoxRow *row,
               GtkListBoxRow *before,
               gpointer       user_data)
{
  MemscopeDiagnosticsView *self = user_data;
  const MemscopeFinding *finding = memscope_finding_row_get_finding (MEMSCOPE_FINDING_ROW (row));
  const MemscopeFinding *other = before != NULL ? memscope_finding_row_get_finding (MEMSCOPE_FINDING_ROW (before)) : NULL;

  if (other != NULL && other->severity == finding->severity)
    {
      gtk_list_box_row_set_header (row, NULL);
      gtk_widget_remove_css_class (GTK_WIDGET (row), "first");
      gtk_widget_remove_css_class (GTK_WIDGET (before), "last");
    }
  else
    {
      if (gtk_list_box_row_get_header (row) == NULL)
        gtk_list_box_row_set_header (row, new_heading (self, finding->severity));
      gtk_widget_add_css_class (GTK_WIDGET (row), "first");
    }
  gtk_widget_add_css_class (GTK_WIDGET (row), "last");
}

/* ---- categories -------------------------------------------------------------------- */

static void memscope_diagnostics_view_fill_lists (MemscopeDiagnosticsView *self);

static void
category_toggled (GtkToggleButton         *button,
                  MemscopeDiagnosticsView *self)
{
  if (!gtk_toggle_button_get_active (button) || self->result == NULL)
    return;

  self->category = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (button), "category")) - 1;
  self->n_shown = ROWS_AT_ONCE;
  memscope_diagnostics_view_fill_lists (self);
}

static GtkToggleButton *
add_category (MemscopeDiagnosticsView *self,
              GtkToggleButton         *group,
              int                      category,
              const char              *name,
              guint                    n)
{
  g_autofree char *text = g_strdup_printf ("%s %u", name, n);
  GtkWidget *button = gtk_toggle_button_new_with_label (text);

  gtk_widget_add_css_class (button, "small-button");
  gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (button), group);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button), category == self->category);
  g_object_set_data (G_OBJECT (button), "category", GINT_TO_POINTER (category + 1));
  g_signal_connect_object (button, "toggled", G_CALLBACK (category_toggled), self, 0);
  gtk_box_append (self->categories, button);

  return GTK_TOGGLE_BUTTON (button);
}

static void
fill_categories (MemscopeDiagnosticsView *self)
{
  guint n[MEMSCOPE_N_RULE_CATEGORIES] = { 0 };
  guint total = memscope_diagnostics_get_n_unmuted (self->result, MEMSCOPE_N_SEVERITIES);
  GtkToggleButton *group;

  for (guint i = 0; i < self->result->n_findings; i++)
    {
      if (self->result->findings[i]->suppressed_by == NULL)
        n[memscope_rule_get_category (self->result->findings[i]->rule)]++;
    }
  if (self->category >= 0 && n[self->category] == 0)
    self->category = -1;

  memscope_part_clear (self->categories);
  group = add_category (self, NULL, -1, _("All"), total);
  for (guint category = 0; category < MEMSCOPE_N_RULE_CATEGORIES; category++)
    {
      if (n[category] > 0)
        add_category (self, group, (int) category, memscope_rule_category_get_name (category), n[category]);
    }
  gtk_widget_set_visible (self->category_scroller, total > 0);
}

/* ---- rows ------------------------------------------------------------------------------ */

static void
row_show_me (MemscopeFindingRow      *row,
             MemscopeDiagnosticsView *self)
{
  memscope_diagnostics_view_show_me (self, memscope_finding_row_get_finding (row));
}

static void
row_mute (MemscopeFindingRow      *row,
          MemscopeDiagnosticsView *self)
{
  memscope_diagnostics_view_mute (self, memscope_finding_row_get_finding (row));
}

static void
add_row (MemscopeDiagnosticsView *self,
         GtkListBox              *list,
         const MemscopeFinding   *finding)
{
  gboolean can_unmute = finding->suppressed_by != NULL && memscope_mutes_has (self->mutes, finding->suppressed_by);
  GtkWidget *row = memscope_finding_row_new (memscope_view_state_get_session (self->state), finding, can_unmute);

  g_signal_connect_object (row, "show-me", G_CALLBACK (row_show_me), self, 0);
  g_signal_connect_object (row, "mute", G_CALLBACK (row_mute), self, 0);
  gtk_list_box_append (list, row);
}

static void
clear_list (GtkListBox *list)
{
  GtkListBoxRow *row;

  while ((row = gtk_list_box_get_row_at_index (list, 0)) != NULL)
    gtk_list_box_remove (list, GTK_WIDGET (row));
}

void
memscope_diagnostics_view_clear_rows (MemscopeDiagnosticsView *self)
{
  self->selecting = TRUE;
  clear_list (self->list);
  clear_list (self->muted_list);
  self->selecting = FALSE;
}

static void
fill_rows (MemscopeDiagnosticsView *self)
{
  guint shown = 0;
  guint wanted = 0;

  for (guint i = 0; i < self->result->n_findings; i++)
    {
      const MemscopeFinding *finding = self->result->findings[i];

      if (!is_wanted (self, finding))
        continue;
      if (wanted++ < self->n_shown)
        {
          add_row (self, self->list, finding);
          shown++;
        }
    }

  gtk_widget_set_visible (GTK_WIDGET (self->list), shown > 0);
  gtk_widget_set_visible (self->more_button, shown < wanted);
  if (shown < wanted)
    {
      g_autofree char *count = memscope_text_count (wanted - shown);
      g_autofree char *text = g_strdup_printf (ngettext ("Show %s more", "Show %s more", wanted - shown), count);

      gtk_button_set_label (GTK_BUTTON (self->more_button), text);
    }
}

static void
fill_muted (MemscopeDiagnosticsView *self)
{
  guint n = memscope_diagnostics_get_n_muted (self->result);
  guint shown = 0;
  g_autofree char *label = g_strdup_printf (ngettext ("%u muted", "%u muted", n), n);

  for (guint i = 0; i < self->result->n_findings && shown < self->n_shown; i++)
    {
      if (self->result->findings[i]->suppressed_by == NULL)
        continue;
      add_row (self, self->muted_list, self->result->findings[i]);
      shown++;
    }
  gtk_expander_set_label (self->muted_expander, label);
  gtk_widget_set_visible (GTK_WIDGET (self->muted_expander), n > 0);
}

/* ---- rules ---------------------------------------------------------------------------------- */

static void
fill_rules (MemscopeDiagnosticsView *self)
{
  guint n_checked = memscope_diagnostics_get_n_checked (self->result);
  guint n_unchecked = MEMSCOPE_N_RULES - n_checked;
  g_autofree char *checked = g_strdup_printf (ngettext ("%u rule was applied", "%u rules were applied", n_checked), n_checked);
  g_autofree char *unchecked = g_strdup_printf (ngettext ("%u not checked", "%u not checked", n_unchecked), n_unchecked);

  memscope_part_clear (self->checked);
  memscope_part_clear (self->unchecked);
  for (guint rule = 0; rule < MEMSCOPE_N_RULES; rule++)
    {
      const MemscopeRuleCheck *check = &self->result->checks[rule];
      GtkWidget *label;
      g_autofree char *text = NULL;

      if (check->unchecked != MEMSCOPE_UNCHECKED_NOT)
        text = g_strdup_printf ("%s: %s", memscope_rule_get_name (rule), memscope_unchecked_get_reason (check->unchecked));
      else if (check->n_left_out > 0)
        text = g_strdup_printf (ngettext ("%s: %u found, the largest are listed", "%s: %u found, the largest are listed", check->n_found),
                                memscope_rule_get_name (rule), check->n_found);
      else
        text = g_strdup_printf (ngettext ("%s: %u found", "%s: %u found", check->n_found), memscope_rule_get_name (rule), check->n_found);

      label = memscope_part_wrapped (text, "caption dim");
      gtk_label_set_max_width_chars (GTK_LABEL (label), 60);
      gtk_box_append (check->unchecked == MEMSCOPE_UNCHECKED_NOT ? self->checked : self->unchecked, label);
    }

  gtk_expander_set_label (self->checked_expander, checked);
  gtk_expander_set_label (self->unchecked_expander, unchecked);
  gtk_widget_set_visible (GTK_WIDGET (self->unchecked_expander), n_unchecked > 0);
}

static void
fill_nothing (MemscopeDiagnosticsView *self)
{
  gboolean nothing = memscope_diagnostics_get_n_unmuted (self->result, MEMSCOPE_N_SEVERITIES) == 0;
  guint n = memscope_diagnostics_get_n_checked (self->result);
  gboolean narrowed = !memscope_selection_is_whole (self->answered);
  g_autofree char *title = g_strdup_printf (ngettext ("Nothing found by %u rule", "Nothing found by %u rules", n), n);
  g_autoptr(GString) words = g_string_new (NULL);

  gtk_widget_set_visible (self->nothing, nothing);
  if (!nothing)
    return;

  for (guint rule = 0; rule < MEMSCOPE_N_RULES; rule++)
    {
      if (self->result->checks[rule].unchecked == MEMSCOPE_UNCHECKED_NOT)
        g_string_append_printf (words, "%s%s", words->len > 0 ? _(", ") : "", memscope_rule_get_name (rule));
    }
  if (narrowed)
    g_string_append_printf (words, "\n%s", _("Only what the range and the filters leave was looked at."));

  gtk_label_set_text (self->nothing_title, title);
  gtk_label_set_text (self->nothing_words, words->str);
}

static void
memscope_diagnostics_view_fill_lists (MemscopeDiagnosticsView *self)
{
  memscope_diagnostics_view_clear_rows (self);
  self->n_shown = MAX (self->n_shown, ROWS_AT_ONCE);
  self->selecting = TRUE;
  fill_rows (self);
  fill_muted (self);
  self->selecting = FALSE;
  memscope_diagnostics_view_mark_row (self);
}

void
memscope_diagnostics_view_fill (MemscopeDiagnosticsView *self)
{
  const char *complaint = memscope_mutes_get_complaint (self->mutes);

  fill_categories (self);
  memscope_diagnostics_view_fill_lists (self);
  fill_rules (self);
  fill_nothing (self);
  gtk_label_set_text (self->complaint, complaint != NULL ? complaint : "");
  gtk_widget_set_visible (GTK_WIDGET (self->complaint), complaint != NULL);
  gtk_widget_set_visible (self->sampled, self->result->sampled);
}

static gboolean
mark_in (GtkListBox            *list,
         const MemscopeFinding *finding)
{
  GtkListBoxRow *row;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (list, i)) != NULL; i++)
    {
      if (memscope_finding_row_get_finding (MEMSCOPE_FINDING_ROW (row)) == finding)
        {
          gtk_list_box_select_row (list, row);
          return TRUE;
        }
    }
  gtk_list_box_unselect_all (list);

  return FALSE;
}

void
memscope_diagnostics_view_mark_row (MemscopeDiagnosticsView *self)
{
  self->selecting = TRUE;
  mark_in (self->list, self->selected);
  mark_in (self->muted_list, self->selected);
  self->selecting = FALSE;
}

void
memscope_diagnostics_view_init_list (MemscopeDiagnosticsView *self)
{
  self->category = -1;
  self->n_shown = ROWS_AT_ONCE;
  gtk_list_box_set_header_func (self->list, update_header, self, NULL);
}
