/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-card-list.h"
#include "memscope-palette.h"
#include "memscope-query.h"
#include "memscope-text.h"
#include "memscope-table-head.h"
#include "memscope-variables-view.h"

#define CARD_WIDTH  250   /* at least */
#define CARD_GAP    12
#define PAGE_MARGIN 18
#define MAX_COLUMNS 8

struct _MemscopeVariablesView
{
  AdwBin                 parent_instance;

  MemscopeViewState     *state;
  GSignalGroup          *signals;
  GCancellable          *query;
  MemscopeCardSet       *set;
  MemscopeCardModel     *lines;
  gboolean               inspect_first;
  guint                  columns_source;

  GtkWidget             *controls;
  GtkLabel              *count_label;
  GtkToggleButton       *by_variable_button;
  GtkDropDown           *sort_dropdown;
  GtkToggleButton       *table_button;
  GtkWidget             *sites_bar;
  GtkStack              *stack;
  MemscopeCardList      *list;
  MemscopeTableHead     *table_head;
  AdwStatusPage         *empty_page;
  GtkWidget             *clear_button;
};

G_DEFINE_FINAL_TYPE (MemscopeVariablesView, memscope_variables_view, ADW_TYPE_BIN)

/* ---- the set ----------------------------------------------------------- */

typedef struct
{
  MemscopeSelection   *all;
  MemscopeCardOptions  options;
  MemscopeCardSet     *former;
} CardsRequest;

static void
cards_request_free (gpointer data)
{
  CardsRequest *request = data;

  memscope_selection_unref (request->all);
  g_clear_pointer (&request->former, memscope_card_set_unref);
  g_free (request);
}

static gpointer
cards_query (MemscopeSession   *session,
             MemscopeSelection *selection,
             gpointer           data,
             GCancellable      *cancellable)
{
  CardsRequest *request = data;

  return memscope_card_set_new (session, selection, request->all, &request->options, request->former, cancellable);
}

static MemscopeCardOptions
memscope_variables_view_get_options (MemscopeVariablesView *self)
{
  MemscopeCardOptions options = { 0 };

  options.together = gtk_toggle_button_get_active (self->table_button);
  options.by_variable = gtk_toggle_button_get_active (self->by_variable_button);
  options.sort = MIN (gtk_drop_down_get_selected (self->sort_dropdown), MEMSCOPE_N_CARD_SORTS - 1);
  options.stages = memscope_view_state_get_stages (self->state);

  return options;
}

static void
memscope_variables_view_show_empty (MemscopeVariablesView *self)
{
  gboolean filtered = self->set->n_total > 0 || memscope_view_state_has_range (self->state) ||
                      memscope_view_state_has_filters (self->state);

  adw_status_page_set_title (self->empty_page, filtered ? _("No Variable Matches") : _("No Allocations"));
  adw_status_page_set_description (self->empty_page,
                                   filtered ? _("No card is left by the search and the filters above.")
                                            : _("This recording holds no allocations."));
  gtk_widget_set_visible (self->clear_button, filtered);
}

static void
memscope_variables_view_show_set (MemscopeVariablesView *self)
{
  g_autofree char *shown = memscope_text_count (self->set->n_cards);
  g_autofree char *total = memscope_text_count (self->set->n_total);
  g_autofree char *count = g_strdup_printf (ngettext ("%s of %s card", "%s of %s cards", self->set->n_total), shown, total);

  gtk_label_set_text (self->count_label, count);
  gtk_widget_set_visible (self->sites_bar, self->set->only_sites);

  if (self->set->n_cards == 0)
    {
      memscope_variables_view_show_empty (self);
      gtk_stack_set_visible_child_name (self->stack, "empty");
      return;
    }

  gtk_stack_set_visible_child_name (self->stack, "cards");
  memscope_table_head_set_sort (self->table_head, self->set->options.sort);
  memscope_card_model_set_cards (self->lines, self->set);
}

/* The inspected card's figures are those of the selection now. */
static void
memscope_variables_view_refresh_inspected (MemscopeVariablesView *self)
{
  const MemscopeGroup *inspected = memscope_view_state_get_group (self->state);
  guint card;

  if (inspected != NULL && inspected->thread != 0 && inspected->variable != 0 &&
      memscope_card_set_find (self->set, inspected, &card))
    {
      MemscopeGroup group = *memscope_card_set_get_group (self->set, card);

      memscope_view_state_set_group (self->state, &group);
    }
}

static void
memscope_variables_view_cards_done (gpointer owner,
                                    gpointer result)
{
  MemscopeVariablesView *self = owner;

  if (result == NULL)
    return;

  g_clear_pointer (&self->set, memscope_card_set_unref);
  self->set = result;
  memscope_variables_view_show_set (self);
  memscope_variables_view_refresh_inspected (self);
  if (self->inspect_first)
    memscope_variables_view_inspect_first (self);
}

static void
memscope_variables_view_update (MemscopeVariablesView *self)
{
  CardsRequest *request;

  if (self->state == NULL || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;

  request = g_new0 (CardsRequest, 1);
  request->all = memscope_view_state_dup_untexted (self->state);
  request->options = memscope_variables_view_get_options (self);
  request->former = self->set != NULL ? memscope_card_set_ref (self->set) : NULL;
  memscope_query_run (&self->query, self,
                      memscope_view_state_get_session (self->state),
                      memscope_view_state_get_selection (self->state),
                      cards_query, request, cards_request_free,
                      (GDestroyNotify) memscope_card_set_unref, memscope_variables_view_cards_done);
}

static void
memscope_variables_view_only_thread (MemscopeVariablesView *self,
                                     guint                  thread)
{
  memscope_view_state_set_thread (self->state, thread);
}

/* As many cards side by side as there is room for; in the table, none. */
static void
memscope_variables_view_fit_columns (MemscopeVariablesView *self)
{
  int width = gtk_widget_get_width (GTK_WIDGET (self)) - 2 * PAGE_MARGIN + CARD_GAP;
  guint columns = (guint) CLAMP (width / (CARD_WIDTH + CARD_GAP), 1, MAX_COLUMNS);

  memscope_card_model_set_columns (self->lines, gtk_toggle_button_get_active (self->table_button) ? 0 : columns);
}

static void
memscope_variables_view_table_toggled (MemscopeVariablesView *self)
{
  gboolean table = gtk_toggle_button_get_active (self->table_button);

  /* Lines of the table stand together, whatever the sections of the cards are. */
  gtk_widget_set_visible (GTK_WIDGET (self->table_head), table);
  gtk_widget_set_sensitive (gtk_widget_get_parent (GTK_WIDGET (self->by_variable_button)), !table);
  memscope_card_model_set_cards (self->lines, NULL);
  memscope_variables_view_fit_columns (self);
  memscope_variables_view_update (self);
}

static void
memscope_variables_view_sort (MemscopeVariablesView *self,
                              guint                  sort)
{
  gtk_drop_down_set_selected (self->sort_dropdown, sort);
}

/* ---- the list --------------------------------------------------------------- */

static void
memscope_variables_view_go_to (MemscopeVariablesView *self,
                               guint                  position)
{
  MemscopeVariableCard *card;

  if (!memscope_card_list_scroll_to (self->list, position))
    return;

  card = memscope_card_list_find_card (self->list, position);
  if (card != NULL)
    gtk_widget_grab_focus (GTK_WIDGET (card));
}

static gboolean
memscope_variables_view_key_pressed (GtkEventControllerKey *controller,
                                     guint                  keyval,
                                     guint                  keycode,
                                     GdkModifierType        modifiers,
                                     MemscopeVariablesView *self)
{
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (GTK_WIDGET (self)));
  gint64 position, columns;

  if (!MEMSCOPE_IS_VARIABLE_CARD (focus) || (modifiers & (GDK_CONTROL_MASK | GDK_ALT_MASK)) || self->set == NULL)
    return GDK_EVENT_PROPAGATE;

  position = memscope_variable_card_get_position (MEMSCOPE_VARIABLE_CARD (focus));
  columns = MAX (memscope_card_model_get_columns (self->lines), 1);
  switch (keyval)
    {
    case GDK_KEY_Left:
      position--;
      break;

    case GDK_KEY_Right:
      position++;
      break;

    case GDK_KEY_Up:
      position -= columns;
      break;

    case GDK_KEY_Down:
      position += columns;
      break;

    case GDK_KEY_Page_Up:
      position -= 4 * columns;
      break;

    case GDK_KEY_Page_Down:
      position += 4 * columns;
      break;

    case GDK_KEY_Home:
      position = 0;
      break;

    case GDK_KEY_End:
      position = (gint64) self->set->n_cards - 1;
      break;

    default:
      return GDK_EVENT_PROPAGATE;
    }

  memscope_variables_view_go_to (self, (guint) CLAMP (position, 0, (gint64) self->set->n_cards - 1));

  return GDK_EVENT_STOP;
}

static gboolean
memscope_variables_view_apply_columns (gpointer user_data)
{
  MemscopeVariablesView *self = user_data;

  self->columns_source = 0;
  memscope_variables_view_fit_columns (self);

  return G_SOURCE_REMOVE;
}

static void
memscope_variables_view_measure (GtkWidget      *widget,
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
memscope_variables_view_size_allocate (GtkWidget *widget,
                                       int        width,
                                       int        height,
                                       int        baseline)
{
  MemscopeVariablesView *self = MEMSCOPE_VARIABLES_VIEW (widget);

  gtk_widget_allocate (adw_bin_get_child (ADW_BIN (self)), width, height, baseline, NULL);

  if (self->columns_source == 0)
    self->columns_source = g_idle_add_full (G_PRIORITY_HIGH_IDLE, memscope_variables_view_apply_columns, self, NULL);
}

/* Next and previous of a search: from card to card, which is all that matches. */
static gboolean
memscope_variables_view_find (MemscopeVariablesView *self,
                              int                    step)
{
  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    return FALSE;

  if (memscope_view_state_get_group (self->state) == NULL)
    memscope_variables_view_inspect_first (self);
  else
    memscope_variables_view_step (self, step);

  return TRUE;
}

static void
memscope_variables_view_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (memscope_variables_view_parent_class)->map (widget);

  memscope_variables_view_update (MEMSCOPE_VARIABLES_VIEW (widget));
}

static void
memscope_variables_view_dispose (GObject *object)
{
  MemscopeVariablesView *self = MEMSCOPE_VARIABLES_VIEW (object);

  memscope_query_cancel (&self->query);
  g_clear_handle_id (&self->columns_source, g_source_remove);
  g_clear_object (&self->signals);
  g_clear_object (&self->lines);
  g_clear_object (&self->state);
  g_clear_pointer (&self->set, memscope_card_set_unref);

  G_OBJECT_CLASS (memscope_variables_view_parent_class)->dispose (object);
}

static void
memscope_variables_view_class_init (MemscopeVariablesViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = memscope_variables_view_dispose;
  widget_class->measure = memscope_variables_view_measure;
  widget_class->size_allocate = memscope_variables_view_size_allocate;
  widget_class->map = memscope_variables_view_map;

  g_type_ensure (MEMSCOPE_TYPE_CARD_LIST);
  g_type_ensure (MEMSCOPE_TYPE_TABLE_HEAD);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/memscope/MemScope/memscope-variables-view.ui");
  gtk_widget_class_bind_template_child (widget_class, MemscopeVariablesView, controls);
  gtk_widget_class_bind_template_child (widget_class, MemscopeVariablesView, count_label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeVariablesView, by_variable_button);
  gtk_widget_class_bind_template_child (widget_class, MemscopeVariablesView, sort_dropdown);
  gtk_widget_class_bind_template_child (widget_class, MemscopeVariablesView, table_button);
  gtk_widget_class_bind_template_child (widget_class, MemscopeVariablesView, sites_bar);
  gtk_widget_class_bind_template_child (widget_class, MemscopeVariablesView, stack);
  gtk_widget_class_bind_template_child (widget_class, MemscopeVariablesView, list);
  gtk_widget_class_bind_template_child (widget_class, MemscopeVariablesView, table_head);
  gtk_widget_class_bind_template_child (widget_class, MemscopeVariablesView, empty_page);
  gtk_widget_class_bind_template_child (widget_class, MemscopeVariablesView, clear_button);
  gtk_widget_class_bind_template_callback (widget_class, memscope_variables_view_update);
  gtk_widget_class_bind_template_callback (widget_class, memscope_variables_view_table_toggled);
  gtk_widget_class_bind_template_callback (widget_class, memscope_variables_view_only_thread);
  gtk_widget_class_bind_template_callback (widget_class, memscope_variables_view_sort);
}

static void
memscope_variables_view_init (MemscopeVariablesView *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  /* A layout manager would keep widths to itself; they decide the columns. */
  gtk_widget_set_layout_manager (GTK_WIDGET (self), NULL);

  self->lines = memscope_card_model_new ();
  memscope_card_list_set_model (self->list, self->lines);

  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (memscope_variables_view_key_pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self->list), keys);

  self->signals = g_signal_group_new (MEMSCOPE_TYPE_VIEW_STATE);
  g_signal_group_connect_swapped (self->signals, "notify::selection",
                                  G_CALLBACK (memscope_variables_view_update), self);
  g_signal_group_connect_swapped (self->signals, "notify::stages",
                                  G_CALLBACK (memscope_variables_view_update), self);
  g_signal_group_connect_swapped (self->signals, "find",
                                  G_CALLBACK (memscope_variables_view_find), self);
}

void
memscope_variables_view_set_state (MemscopeVariablesView *self,
                                   MemscopeViewState     *state)
{
  g_return_if_fail (MEMSCOPE_IS_VARIABLES_VIEW (self));
  g_return_if_fail (MEMSCOPE_IS_VIEW_STATE (state));

  memscope_query_cancel (&self->query);
  memscope_card_model_set_cards (self->lines, NULL);
  g_clear_pointer (&self->set, memscope_card_set_unref);
  g_set_object (&self->state, state);
  memscope_card_list_set_state (self->list, state);
  g_signal_group_set_target (self->signals, state);
  memscope_variables_view_update (self);
}

GtkWidget *
memscope_variables_view_get_controls (MemscopeVariablesView *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_VARIABLES_VIEW (self), NULL);

  return self->controls;
}

void
memscope_variables_view_inspect_first (MemscopeVariablesView *self)
{
  g_return_if_fail (MEMSCOPE_IS_VARIABLES_VIEW (self));

  self->inspect_first = self->set == NULL;
  if (self->set != NULL && self->set->n_cards > 0)
    {
      MemscopeGroup group = *memscope_card_set_get_group (self->set, 0);

      memscope_view_state_set_group (self->state, &group);
    }
}

void
memscope_variables_view_step (MemscopeVariablesView *self,
                              int                    step)
{
  const MemscopeGroup *inspected;
  MemscopeGroup group;
  guint card;

  g_return_if_fail (MEMSCOPE_IS_VARIABLES_VIEW (self));

  inspected = self->state != NULL ? memscope_view_state_get_group (self->state) : NULL;
  if (inspected == NULL || self->set == NULL || self->set->n_cards == 0)
    return;

  if (memscope_card_set_find (self->set, inspected, &card))
    card = (guint) CLAMP ((gint64) card + step, 0, (gint64) self->set->n_cards - 1);
  else
    card = 0;

  group = *memscope_card_set_get_group (self->set, card);
  memscope_view_state_set_group (self->state, &group);
  memscope_variables_view_go_to (self, card);
}

MemscopeCardSet *
memscope_variables_view_get_cards (MemscopeVariablesView *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_VARIABLES_VIEW (self), NULL);

  return self->set;
}
