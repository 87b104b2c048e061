/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-filter-bar.h"
#include "memscope-filter-completion.h"
#include "memscope-filter-popover.h"
#include "memscope-match.h"
#include "memscope-palette.h"
#include "memscope-query.h"
#include "memscope-text.h"

#define WIDE_WIDTH  960   /* below: two rows */
#define MARGINS     36
#define MIDDLE_WIDTH 720  /* below: the controls go with the chips, not with the search */
#define CHIP_CHARS  28
#define WORDS_CHARS 22    /* of the entry, when words are typed */
#define EXPRESSION_CHARS 46

typedef enum
{
  CHIP_RANGE,
  CHIP_TEXT,
  CHIP_THREADS,
  CHIP_MODULES,
  CHIP_KINDS,
  CHIP_SIZES,
  N_CHIPS
} Chip;

struct _MemscopeFilterBar
{
  AdwBin                 parent_instance;

  MemscopeViewState     *state;
  GSignalGroup          *signals;
  GCancellable          *query;
  gboolean               open;
  gboolean               showing;       /* bringing the widgets up to date, nobody touched them */
  guint                  width_source;

  GtkWidget             *toolbar;
  GtkWidget             *search_box;
  GtkSearchEntry        *search_entry;
  MemscopeFilterCompletion *completion;
  char                  *applied;       /* the text of the selection as it was last seen here */
  GtkLabel              *match_label;
  GtkWidget             *chips;
  GtkWidget             *stages;
  gboolean               has_stages;   /* of the view that is shown */
  GtkToggleButton       *stage_chips[MEMSCOPE_N_STAGES];
  GtkMenuButton         *add_button;
  MemscopeFilterPopover *popover;
  GtkWidget             *clear_button;
  GtkWidget             *controls;

  GtkWidget             *chip_buttons[N_CHIPS];
  GtkLabel              *chip_labels[N_CHIPS];
};

G_DEFINE_FINAL_TYPE (MemscopeFilterBar, memscope_filter_bar, ADW_TYPE_BIN)

/* ---- how much a search finds ------------------------------------------------ */

static gpointer
match_query (MemscopeSession   *session,
             MemscopeSelection *selection,
             gpointer           data,
             GCancellable      *cancellable)
{
  g_autofree MemscopeMatch *match = g_new0 (MemscopeMatch, 1);

  return memscope_match_count (session, selection, match, cancellable, NULL) ? g_steal_pointer (&match) : NULL;
}

static void
memscope_filter_bar_match_done (gpointer owner,
                                gpointer result)
{
  MemscopeFilterBar *self = owner;
  g_autofree MemscopeMatch *match = result;
  g_autofree char *n = NULL;
  g_autofree char *of = NULL;
  g_autofree char *text = NULL;
  g_autofree char *tooltip = NULL;

  if (match == NULL)
    return;

  n = memscope_text_short_count (match->blocks);
  of = memscope_text_short_count (match->of_blocks);
  text = g_strdup_printf (_("%s of %s"), n, of);
  tooltip = g_strdup_printf (ngettext ("%s of %s allocation in the range matches", "%s of %s allocations in the range match",
                                       match->of_blocks), n, of);
  gtk_label_set_text (self->match_label, text);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->match_label), tooltip);
  if (match->blocks == 0)
    gtk_widget_add_css_class (GTK_WIDGET (self->search_entry), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->search_entry), "error");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->search_entry),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, tooltip, -1);
}

static void
memscope_filter_bar_count (MemscopeFilterBar *self)
{
  MemscopeSelection *selection = memscope_view_state_get_selection (self->state);

  if (*memscope_selection_get_text (selection) == '\0')
    {
      memscope_query_cancel (&self->query);
      gtk_label_set_text (self->match_label, "");
      gtk_widget_remove_css_class (GTK_WIDGET (self->search_entry), "error");
      gtk_accessible_reset_property (GTK_ACCESSIBLE (self->search_entry), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION);
      return;
    }

  memscope_query_run (&self->query, self, memscope_view_state_get_session (self->state), selection,
                      match_query, NULL, NULL, g_free, memscope_filter_bar_match_done);
}

/* ---- chips --------------------------------------------------------------------- */

static void
memscope_filter_bar_set_chip (MemscopeFilterBar *self,
                              Chip               chip,
                              char              *text)    /* (transfer full) (nullable) */
{
  g_autofree char *owned G_GNUC_UNUSED = text;

  if (text != NULL)
    {
      g_autofree char *spoken = g_strdup_printf (_("Take away the filter: %s"), text);

      gtk_label_set_text (self->chip_labels[chip], text);
      gtk_accessible_update_property (GTK_ACCESSIBLE (self->chip_buttons[chip]),
                                      GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
    }
  gtk_widget_set_visible (self->chip_buttons[chip], text != NULL);
}

static char *
dup_thread_name (MemscopeSession *session,
                 guint32          id)
{
  g_autofree char *label = memscope_session_dup_thread_label (session, id);

  return id == 0 ? g_strdup (_("not recorded")) : memscope_text_isolate (label);
}

static char *
dup_module_name (MemscopeSession *session,
                 guint32          id)
{
  MemscopeModule module;
  g_autofree char *path = NULL;

  if (!memscope_session_get_module (session, id, &module))
    return g_strdup (_("not recorded"));

  path = memscope_session_dup_display_string (session, module.path);

  return memscope_text_isolate (memscope_text_basename (path));
}

static char *
dup_threads_text (MemscopeFilterBar *self)
{
  MemscopeSession *session = memscope_view_state_get_session (self->state);
  g_autofree guint32 *ids = NULL;
  guint n;

  ids = memscope_view_state_dup_threads (self->state, &n);
  if (ids == NULL)
    return NULL;
  if (n == 1)
    {
      g_autofree char *name = dup_thread_name (session, ids[0]);

      return g_strdup_printf (_("thread: %s"), name);
    }

  return g_strdup_printf (ngettext ("%u thread", "%u threads", n), n);
}

static char *
dup_modules_text (MemscopeFilterBar *self)
{
  MemscopeSession *session = memscope_view_state_get_session (self->state);
  g_autofree guint32 *ids = NULL;
  guint n;

  ids = memscope_view_state_dup_modules (self->state, &n);
  if (ids == NULL)
    return NULL;
  if (n == 1)
    {
      g_autofree char *name = dup_module_name (session, ids[0]);

      return g_strdup_printf (_("module: %s"), name);
    }

  return g_strdup_printf (ngettext ("%u module", "%u modules", n), n);
}

static char *
dup_kinds_text (MemscopeSelection *selection)
{
  guint origins = memscope_selection_get_origins (selection);
  g_autoptr(GString) words = g_string_new (NULL);

  if (origins == MEMSCOPE_SELECTION_TOTALS)
    return NULL;

  for (guint origin = 0; origin < MEMSCOPE_N_ORIGINS; origin++)
    if (origins >> origin & 1)
      g_string_append_printf (words, "%s%s", words->len > 0 ? ", " : "", memscope_origin_get_word (origin));

  return g_strdup_printf (_("kinds: %s"), words->str);
}

static char *
dup_sizes_text (MemscopeSelection *selection)
{
  guint64 min_size = memscope_selection_get_min_size (selection);
  guint64 max_size = memscope_selection_get_max_size (selection);
  g_autofree char *smallest = memscope_text_size (min_size);
  g_autofree char *largest = memscope_text_size (max_size);

  if (memscope_selection_has_all_sizes (selection))
    return NULL;
  if (max_size == G_MAXUINT64)
    return g_strdup_printf ("≥ %s", smallest);
  if (min_size == 0)
    return g_strdup_printf ("≤ %s", largest);
  return g_strdup_printf ("%s – %s", smallest, largest);
}

static char *
dup_range_text (MemscopeFilterBar *self)
{
  MemscopeSelection *selection = memscope_view_state_get_selection (self->state);
  g_autofree char *length = NULL;

  if (!memscope_view_state_has_range (self->state))
    return NULL;

  length = memscope_text_duration (memscope_selection_get_end (selection) - memscope_selection_get_begin (selection));

  return g_strdup_printf (_("%s range"), length);
}

static char *
dup_text_text (MemscopeFilterBar *self)
{
  const char *text = memscope_selection_get_text (memscope_view_state_get_selection (self->state));
  g_autofree char *isolated = NULL;

  /* The entry says it when it is there. */
  if (*text == '\0' || gtk_widget_get_visible (self->search_box))
    return NULL;

  isolated = memscope_text_isolate (text);

  return g_strdup_printf (_("“%s”"), isolated);
}

static void
memscope_filter_bar_update_chips (MemscopeFilterBar *self)
{
  MemscopeSelection *selection = memscope_view_state_get_selection (self->state);
  guint stages = memscope_view_state_get_stages (self->state);

  memscope_filter_bar_set_chip (self, CHIP_RANGE, dup_range_text (self));
  memscope_filter_bar_set_chip (self, CHIP_TEXT, dup_text_text (self));
  memscope_filter_bar_set_chip (self, CHIP_THREADS, dup_threads_text (self));
  memscope_filter_bar_set_chip (self, CHIP_MODULES, dup_modules_text (self));
  memscope_filter_bar_set_chip (self, CHIP_KINDS, dup_kinds_text (selection));
  memscope_filter_bar_set_chip (self, CHIP_SIZES, dup_sizes_text (selection));

  self->showing = TRUE;
  for (guint stage = 0; stage < MEMSCOPE_N_STAGES; stage++)
    gtk_toggle_button_set_active (self->stage_chips[stage], stages >> stage & 1);
  self->showing = FALSE;

  gtk_widget_set_visible (self->clear_button, memscope_view_state_has_filters (self->state));
}

static void
memscope_filter_bar_take_away (MemscopeFilterBar *self,
                               GtkWidget         *button)
{
  guint chip = 0;

  while (chip < N_CHIPS && self->chip_buttons[chip] != button)
    chip++;

  switch ((Chip) chip)
    {
    case CHIP_RANGE:
      memscope_view_state_clear_range (self->state);
      break;

    case CHIP_TEXT:
      memscope_view_state_set_text (self->state, "");
      break;

    case CHIP_THREADS:
      memscope_view_state_set_threads (self->state, NULL, 0);
      break;

    case CHIP_MODULES:
      memscope_view_state_set_modules (self->state, NULL, 0);
      break;

    case CHIP_KINDS:
      memscope_view_state_set_origins (self->state, MEMSCOPE_SELECTION_TOTALS);
      break;

    case CHIP_SIZES:
      memscope_view_state_set_sizes (self->state, 0, G_MAXUINT64);
      break;

    case N_CHIPS:
    default:
      break;
    }
}

static void
memscope_filter_bar_stage_toggled (MemscopeFilterBar *self)
{
  guint stages = 0;

  if (self->showing || self->state == NULL)
    return;

  for (guint stage = 0; stage < MEMSCOPE_N_STAGES; stage++)
    if (gtk_toggle_button_get_active (self->stage_chips[stage]))
      stages |= 1u << stage;
  memscope_view_state_set_stages (self->state, stages);
}

static void
memscope_filter_bar_make_chips (MemscopeFilterBar *self)
{
  static const char *const icons[N_CHIPS] = { [CHIP_RANGE] = "memscope-clock-symbolic" };
  static const char *const tooltips[N_CHIPS] = {
    [CHIP_RANGE] = N_("Look at the whole recording again"),
    [CHIP_TEXT] = N_("End the search"),
    [CHIP_THREADS] = N_("Show all threads again"),
    [CHIP_MODULES] = N_("Show all modules again"),
    [CHIP_KINDS] = N_("Show what makes up the totals again"),
    [CHIP_SIZES] = N_("Show all sizes again"),
  };

  for (int chip = N_CHIPS - 1; chip >= 0; chip--)
    {
      GtkWidget *button = gtk_button_new ();
      GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
      GtkWidget *label = gtk_label_new (NULL);
      GtkWidget *cross = gtk_image_new_from_icon_name ("window-close-symbolic");

      if (icons[chip] != NULL)
        gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name (icons[chip]));
      gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
      gtk_label_set_max_width_chars (GTK_LABEL (label), CHIP_CHARS);
      gtk_image_set_pixel_size (GTK_IMAGE (cross), 12);
      gtk_box_append (GTK_BOX (box), label);
      gtk_box_append (GTK_BOX (box), cross);
      gtk_button_set_child (GTK_BUTTON (button), box);
      gtk_widget_set_tooltip_text (button, _(tooltips[chip]));
      gtk_widget_add_css_class (button, "chip");
      gtk_widget_add_css_class (button, "set");
      gtk_widget_set_visible (button, FALSE);
      g_signal_connect_swapped (button, "clicked", G_CALLBACK (memscope_filter_bar_take_away), self);
      gtk_box_prepend (GTK_BOX (self->chips), button);
      self->chip_buttons[chip] = button;
      self->chip_labels[chip] = GTK_LABEL (label);
    }
}

static void
memscope_filter_bar_make_stages (MemscopeFilterBar *self)
{
  static const MemscopeStage order[] = {
    MEMSCOPE_STAGE_ACTIVE, MEMSCOPE_STAGE_ALLOCATED, MEMSCOPE_STAGE_SHARED, MEMSCOPE_STAGE_FREED,
  };

  G_STATIC_ASSERT (G_N_ELEMENTS (order) == MEMSCOPE_N_STAGES);

  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    {
      MemscopeStage stage = order[i];
      GtkWidget *button = gtk_toggle_button_new ();
      GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 5);
      GtkWidget *icon = gtk_image_new_from_icon_name (memscope_stage_get_icon_name (stage));
      g_autofree char *css = g_strdelimit (g_strdup (memscope_stage_get_color (stage)), "_", '-');

      gtk_widget_add_css_class (icon, css);
      gtk_box_append (GTK_BOX (box), icon);
      gtk_box_append (GTK_BOX (box), gtk_label_new (memscope_stage_get_word (stage)));
      gtk_button_set_child (GTK_BUTTON (button), box);
      gtk_widget_set_tooltip_text (button, memscope_stage_get_meaning (stage));
      gtk_widget_add_css_class (button, "chip");
      gtk_accessible_update_property (GTK_ACCESSIBLE (button),
                                      GTK_ACCESSIBLE_PROPERTY_LABEL, memscope_stage_get_word (stage), -1);
      g_signal_connect_swapped (button, "toggled", G_CALLBACK (memscope_filter_bar_stage_toggled), self);
      gtk_box_append (GTK_BOX (self->stages), button);
      self->stage_chips[stage] = GTK_TOGGLE_BUTTON (button);
    }
}

/* ---- search ------------------------------------------------------------------------ */

/* What is there depends on what is filtered and which view is shown. */
static void
memscope_filter_bar_update_visible (MemscopeFilterBar *self)
{
  gboolean has_controls = self->controls != NULL;

  gtk_widget_set_visible (self->search_box, self->open || has_controls);
  gtk_widget_set_visible (self->stages, has_controls || (self->has_stages && gtk_widget_get_visible (self->search_box)) ||
                                        (self->state != NULL && memscope_view_state_get_stages (self->state) != 0));
  gtk_widget_set_visible (GTK_WIDGET (self),
                          self->open || has_controls ||
                          (self->state != NULL && memscope_view_state_has_filters (self->state)));
}

/* An expression needs more room than a word. */
static void
memscope_filter_bar_update_entry (MemscopeFilterBar *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->search_entry));

  gtk_editable_set_width_chars (GTK_EDITABLE (self->search_entry),
                                memscope_expression_is_meant (text) ? EXPRESSION_CHARS : WORDS_CHARS);
}

static void
memscope_filter_bar_selection_changed (MemscopeFilterBar *self)
{
  const char *text = memscope_selection_get_text (memscope_view_state_get_selection (self->state));

  /* Changed from elsewhere: the entry shows it; typed here: it already does. The
   * entry is empty for a moment, which is not to be searched for.
   */
  if (!g_str_equal (text, gtk_editable_get_text (GTK_EDITABLE (self->search_entry))) &&
      g_strcmp0 (text, self->applied) != 0)
    {
      self->showing = TRUE;
      gtk_editable_set_text (GTK_EDITABLE (self->search_entry), text);
      memscope_filter_completion_set_fault (self->completion, NULL);
      memscope_filter_bar_update_entry (self);
      self->showing = FALSE;
    }
  if (g_strcmp0 (text, self->applied) != 0)
    {
      g_free (self->applied);
      self->applied = g_strdup (text);
    }

  memscope_filter_bar_update_visible (self);
  memscope_filter_bar_update_chips (self);
  memscope_filter_bar_count (self);
}

static void
memscope_filter_bar_stages_changed (MemscopeFilterBar *self)
{
  memscope_filter_bar_update_visible (self);
  memscope_filter_bar_update_chips (self);
}

static void
memscope_filter_bar_search_changed (MemscopeFilterBar *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->search_entry));

  if (self->state == NULL || self->showing)
    return;

  /* What an expression asks is asked when it is whole; until then the last one stays. */
  if (memscope_expression_is_meant (text))
    {
      g_auto(MemscopeExpressionFault) fault = { 0 };
      g_autoptr(MemscopeExpression) expression = memscope_expression_parse (text, &fault);

      memscope_filter_completion_set_fault (self->completion, expression == NULL ? &fault : NULL);
      memscope_filter_bar_update_entry (self);
      if (expression == NULL)
        return;
    }
  else
    {
      memscope_filter_completion_set_fault (self->completion, NULL);
      memscope_filter_bar_update_entry (self);
    }
  memscope_view_state_set_text (self->state, text);
}

static void
memscope_filter_bar_find_next (MemscopeFilterBar *self)
{
  /* What was typed a moment ago is searched for before going anywhere. */
  memscope_filter_bar_search_changed (self);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.find-next", NULL);
}

static void
memscope_filter_bar_find_previous (MemscopeFilterBar *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.find-previous", NULL);
}

static void
memscope_filter_bar_stop_search (MemscopeFilterBar *self)
{
  memscope_filter_completion_close (self->completion);
  gtk_editable_set_text (GTK_EDITABLE (self->search_entry), "");
  memscope_filter_bar_search_changed (self);
  memscope_filter_bar_close (self);
  gtk_widget_child_focus (GTK_WIDGET (gtk_widget_get_root (GTK_WIDGET (self))), GTK_DIR_TAB_FORWARD);
}

/* ---- size ---------------------------------------------------------------------------- */

static void
move_to (GtkWidget *child,
         GtkWidget *box)
{
  GtkWidget *parent = gtk_widget_get_parent (child);

  if (parent == box)
    return;

  g_object_ref (child);
  if (parent != NULL)
    gtk_box_remove (GTK_BOX (parent), child);
  gtk_box_append (GTK_BOX (box), child);
  g_object_unref (child);
}

/* Narrow: the search has a line of its own, or one with the controls where there is room
 * for both; all else is one scrolling row.
 */
static gboolean
memscope_filter_bar_apply_width (gpointer user_data)
{
  MemscopeFilterBar *self = user_data;
  int width = gtk_widget_get_width (GTK_WIDGET (self)) - MARGINS;
  gboolean narrow = width < WIDE_WIDTH;

  self->width_source = 0;
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->toolbar),
                                  narrow ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL);
  gtk_widget_set_hexpand (self->search_box, narrow);
  if (self->controls != NULL)
    move_to (self->controls, !narrow ? self->toolbar : width < MIDDLE_WIDTH ? self->chips : self->search_box);

  return G_SOURCE_REMOVE;
}

static void
memscope_filter_bar_measure (GtkWidget      *widget,
                             GtkOrientation  orientation,
                             int             for_size,
                             int            *minimum,
                             int            *natural,
                             int            *minimum_baseline,
                             int            *natural_baseline)
{
  gtk_widget_measure (adw_bin_get_child (ADW_BIN (widget)), orientation, for_size,
                      minimum, natural, minimum_baseline, natural_baseline);
}

static void
memscope_filter_bar_size_allocate (GtkWidget *widget,
                                   int        width,
                                   int        height,
                                   int        baseline)
{
  MemscopeFilterBar *self = MEMSCOPE_FILTER_BAR (widget);

  gtk_widget_allocate (adw_bin_get_child (ADW_BIN (self)), width, height, baseline, NULL);
  if (self->width_source == 0)
    self->width_source = g_idle_add_full (G_PRIORITY_HIGH_IDLE, memscope_filter_bar_apply_width, self, NULL);
}

static void
memscope_filter_bar_dispose (GObject *object)
{
  MemscopeFilterBar *self = MEMSCOPE_FILTER_BAR (object);

  memscope_query_cancel (&self->query);
  g_clear_handle_id (&self->width_source, g_source_remove);
  g_clear_object (&self->signals);
  g_clear_object (&self->state);

  G_OBJECT_CLASS (memscope_filter_bar_parent_class)->dispose (object);
}

static void
memscope_filter_bar_finalize (GObject *object)
{
  g_free (MEMSCOPE_FILTER_BAR (object)->applied);

  G_OBJECT_CLASS (memscope_filter_bar_parent_class)->finalize (object);
}

static void
memscope_filter_bar_class_init (MemscopeFilterBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = memscope_filter_bar_dispose;
  G_OBJECT_CLASS (klass)->finalize = memscope_filter_bar_finalize;
  widget_class->measure = memscope_filter_bar_measure;
  widget_class->size_allocate = memscope_filter_bar_size_allocate;

  g_type_ensure (MEMSCOPE_TYPE_FILTER_POPOVER);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/memscope/MemScope/memscope-filter-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, MemscopeFilterBar, toolbar);
  gtk_widget_class_bind_template_child (widget_class, MemscopeFilterBar, search_box);
  gtk_widget_class_bind_template_child (widget_class, MemscopeFilterBar, search_entry);
  gtk_widget_class_bind_template_child (widget_class, MemscopeFilterBar, match_label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeFilterBar, chips);
  gtk_widget_class_bind_template_child (widget_class, MemscopeFilterBar, stages);
  gtk_widget_class_bind_template_child (widget_class, MemscopeFilterBar, add_button);
  gtk_widget_class_bind_template_child (widget_class, MemscopeFilterBar, popover);
  gtk_widget_class_bind_template_child (widget_class, MemscopeFilterBar, clear_button);
  gtk_widget_class_bind_template_callback (widget_class, memscope_filter_bar_search_changed);
  gtk_widget_class_bind_template_callback (widget_class, memscope_filter_bar_stop_search);
  gtk_widget_class_bind_template_callback (widget_class, memscope_filter_bar_find_next);
  gtk_widget_class_bind_template_callback (widget_class, memscope_filter_bar_find_previous);
}

static void
memscope_filter_bar_init (MemscopeFilterBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  /* A layout manager would keep widths to itself; they decide the rows. */
  gtk_widget_set_layout_manager (GTK_WIDGET (self), NULL);

  self->completion = memscope_filter_completion_new (GTK_EDITABLE (self->search_entry));
  memscope_filter_bar_make_chips (self);
  memscope_filter_bar_make_stages (self);
  self->signals = g_signal_group_new (MEMSCOPE_TYPE_VIEW_STATE);
  g_signal_group_connect_swapped (self->signals, "notify::selection",
                                  G_CALLBACK (memscope_filter_bar_selection_changed), self);
  g_signal_group_connect_swapped (self->signals, "notify::stages",
                                  G_CALLBACK (memscope_filter_bar_stages_changed), self);
}

void
memscope_filter_bar_set_state (MemscopeFilterBar *self,
                               MemscopeViewState *state)
{
  g_return_if_fail (MEMSCOPE_IS_FILTER_BAR (self));
  g_return_if_fail (MEMSCOPE_IS_VIEW_STATE (state));

  memscope_query_cancel (&self->query);
  self->open = FALSE;
  g_set_object (&self->state, state);
  g_signal_group_set_target (self->signals, state);
  memscope_filter_popover_set_state (self->popover, state);
  memscope_filter_completion_set_session (self->completion, memscope_view_state_get_session (state));
  memscope_filter_completion_set_fault (self->completion, NULL);
  memscope_filter_bar_selection_changed (self);
}

void
memscope_filter_bar_set_has_stages (MemscopeFilterBar *self,
                                    gboolean           has_stages)
{
  g_return_if_fail (MEMSCOPE_IS_FILTER_BAR (self));

  self->has_stages = has_stages;
  memscope_filter_bar_update_visible (self);
}

void
memscope_filter_bar_set_controls (MemscopeFilterBar *self,
                                  GtkWidget         *controls)
{
  g_return_if_fail (MEMSCOPE_IS_FILTER_BAR (self));

  if (controls == self->controls)
    return;

  if (self->controls != NULL)
    {
      g_object_ref (self->controls);
      gtk_box_remove (GTK_BOX (gtk_widget_get_parent (self->controls)), self->controls);
      g_object_unref (self->controls);
    }
  self->controls = controls;
  if (controls != NULL)
    move_to (controls, self->toolbar);
  if (self->width_source == 0)
    self->width_source = g_idle_add_full (G_PRIORITY_HIGH_IDLE, memscope_filter_bar_apply_width, self, NULL);

  memscope_filter_bar_update_visible (self);
  if (self->state != NULL)
    memscope_filter_bar_update_chips (self);
}

void
memscope_filter_bar_open (MemscopeFilterBar *self)
{
  g_return_if_fail (MEMSCOPE_IS_FILTER_BAR (self));

  self->open = TRUE;
  memscope_filter_bar_update_visible (self);
  if (self->state != NULL)
    memscope_filter_bar_update_chips (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->search_entry));
}

void
memscope_filter_bar_close (MemscopeFilterBar *self)
{
  g_return_if_fail (MEMSCOPE_IS_FILTER_BAR (self));

  self->open = FALSE;
  memscope_filter_bar_update_visible (self);
  if (self->state != NULL)
    memscope_filter_bar_update_chips (self);
}

gboolean
memscope_filter_bar_is_open (MemscopeFilterBar *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_FILTER_BAR (self), FALSE);

  return self->open;
}

void
memscope_filter_bar_add_filter (MemscopeFilterBar *self)
{
  g_return_if_fail (MEMSCOPE_IS_FILTER_BAR (self));

  self->open = TRUE;
  memscope_filter_bar_update_visible (self);
  gtk_menu_button_popup (self->add_button);
}
