/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-filter-list.h"
#include "memscope-filter-popover.h"
#include "memscope-lifetime-term.h"
#include "memscope-match.h"
#include "memscope-parse.h"
#include "memscope-query.h"
#include "memscope-text.h"

struct _MemscopeFilterPopover
{
  GtkPopover          parent_instance;

  MemscopeViewState  *state;
  GSignalGroup       *signals;
  GCancellable       *threads_query;
  GCancellable       *modules_query;
  GCancellable       *kinds_query;
  gboolean            showing;        /* filling the widgets, nobody ticked anything */

  GtkStack           *stack;
  MemscopeFilterList *threads;
  MemscopeFilterList *modules;
  GtkBox             *kinds;
  GtkCheckButton     *checks[MEMSCOPE_N_ORIGINS];
  GtkLabel           *counts[MEMSCOPE_N_ORIGINS];
  GtkEntry           *min_entry;
  GtkEntry           *max_entry;
  GtkLabel           *size_error;
  GtkEntry           *lifetime_entry;
  GtkLabel           *lifetime_error;
};

G_DEFINE_FINAL_TYPE (MemscopeFilterPopover, memscope_filter_popover, GTK_TYPE_POPOVER)

const char *
memscope_origin_get_word (MemscopeOrigin origin)
{
  switch (origin)
    {
    case MEMSCOPE_ORIGIN_HEAP:
      return C_("kind", "heap");

    case MEMSCOPE_ORIGIN_REGION:
      return C_("kind", "regions");

    case MEMSCOPE_ORIGIN_POOL:
      return C_("kind", "pools");

    case MEMSCOPE_ORIGIN_API:
      return C_("kind", "API");

    case MEMSCOPE_ORIGIN_FILE:
      return C_("kind", "from file");

    case MEMSCOPE_N_ORIGINS:
    default:
      return "";
    }
}

const char *
memscope_origin_get_meaning (MemscopeOrigin origin)
{
  switch (origin)
    {
    case MEMSCOPE_ORIGIN_HEAP:
      return _("from the allocator: malloc and its family, new");

    case MEMSCOPE_ORIGIN_REGION:
      return _("mapped by the program itself: mmap and its family");

    case MEMSCOPE_ORIGIN_POOL:
      return _("inside a pool that the program reported");

    case MEMSCOPE_ORIGIN_API:
      return _("reported by the program through the MemScope API");

    case MEMSCOPE_ORIGIN_FILE:
      return _("as stored by memscope-rs");

    case MEMSCOPE_N_ORIGINS:
    default:
      return "";
    }
}

/* ---- threads and modules -------------------------------------------------- */

static gpointer
threads_query (MemscopeSession   *session,
               MemscopeSelection *selection,
               gpointer           data,
               GCancellable      *cancellable)
{
  return memscope_groups_new (session, selection, MEMSCOPE_GROUP_BY_THREAD, cancellable, NULL);
}

static gpointer
modules_query (MemscopeSession   *session,
               MemscopeSelection *selection,
               gpointer           data,
               GCancellable      *cancellable)
{
  return memscope_groups_new (session, selection, MEMSCOPE_GROUP_BY_MODULE, cancellable, NULL);
}

static char *
dup_module_label (MemscopeSession  *session,
                  MemscopeModuleId  id)
{
  MemscopeModule module;
  g_autofree char *path = NULL;

  if (!memscope_session_get_module (session, id, &module))
    return g_strdup (_("no module recorded"));

  path = memscope_session_dup_display_string (session, module.path);

  return memscope_text_clip (memscope_text_basename (path), MEMSCOPE_TEXT_LABEL_CHARS);
}

static char *
dup_thread_label (MemscopeSession  *session,
                  MemscopeThreadId  id)
{
  g_autofree char *label = NULL;

  if (id == 0)
    return g_strdup (_("no thread recorded"));

  label = memscope_session_dup_thread_label (session, id);

  return memscope_text_clip (label, MEMSCOPE_TEXT_LABEL_CHARS);
}

static void
memscope_filter_popover_fill (MemscopeFilterPopover *self,
                              MemscopeFilterList    *list,
                              MemscopeGroups        *groups,
                              gboolean               threads)
{
  MemscopeSession *session = memscope_view_state_get_session (self->state);
  MemscopeSelection *selection = memscope_view_state_get_selection (self->state);
  g_autoptr(GListStore) choices = g_list_store_new (MEMSCOPE_TYPE_FILTER_CHOICE);
  g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint64 i = 0; i < groups->n_groups; i++)
    {
      const MemscopeGroup *group = &groups->groups[i];
      guint32 id = threads ? group->thread : group->module;
      g_autofree char *label = threads ? dup_thread_label (session, id) : dup_module_label (session, id);
      g_autofree char *live = memscope_text_size (group->live_bytes);
      g_autofree char *detail = g_strdup_printf (_("%s live"), live);
      MemscopeFilterChoice *choice = memscope_filter_choice_new (id, label, detail);

      if (threads)
        memscope_filter_choice_set_chosen (choice, !memscope_selection_has_all_threads (selection) &&
                                                   memscope_selection_has_thread (selection, id));
      else
        memscope_filter_choice_set_chosen (choice, !memscope_selection_has_all_modules (selection) &&
                                                   memscope_selection_has_module (selection, id));
      g_ptr_array_add (all, choice);
    }

  g_list_store_splice (choices, 0, 0, all->pdata, all->len);
  memscope_filter_list_set_choices (list, choices);
}

static void
memscope_filter_popover_threads_done (gpointer owner,
                                      gpointer result)
{
  MemscopeFilterPopover *self = owner;
  g_autoptr(MemscopeGroups) groups = result;

  if (groups != NULL)
    memscope_filter_popover_fill (self, self->threads, groups, TRUE);
}

static void
memscope_filter_popover_modules_done (gpointer owner,
                                      gpointer result)
{
  MemscopeFilterPopover *self = owner;
  g_autoptr(MemscopeGroups) groups = result;

  if (groups != NULL)
    memscope_filter_popover_fill (self, self->modules, groups, FALSE);
}

static void
memscope_filter_popover_threads_changed (MemscopeFilterPopover *self)
{
  guint n;
  g_autofree guint32 *ids = memscope_filter_list_dup_chosen (self->threads, &n);

  memscope_view_state_set_threads (self->state, ids, n);
}

static void
memscope_filter_popover_modules_changed (MemscopeFilterPopover *self)
{
  guint n;
  g_autofree guint32 *ids = memscope_filter_list_dup_chosen (self->modules, &n);

  memscope_view_state_set_modules (self->state, ids, n);
}

/* ---- kinds --------------------------------------------------------------------- */

typedef struct
{
  guint64 counts[MEMSCOPE_N_ORIGINS];
} KindCounts;

static gpointer
kinds_query (MemscopeSession   *session,
             MemscopeSelection *selection,
             gpointer           data,
             GCancellable      *cancellable)
{
  g_autofree KindCounts *kinds = g_new0 (KindCounts, 1);

  for (guint origin = 0; origin < MEMSCOPE_N_ORIGINS; origin++)
    {
      g_autoptr(MemscopeSelection) only = memscope_selection_with_origins (selection, 1u << origin);
      MemscopeMatch match;

      if (!memscope_match_count (session, only, &match, cancellable, NULL))
        return NULL;
      kinds->counts[origin] = match.blocks;
    }

  return g_steal_pointer (&kinds);
}

static void
memscope_filter_popover_kinds_done (gpointer owner,
                                    gpointer result)
{
  MemscopeFilterPopover *self = owner;
  g_autofree KindCounts *kinds = result;

  for (guint origin = 0; kinds != NULL && origin < MEMSCOPE_N_ORIGINS; origin++)
    {
      g_autofree char *count = memscope_text_count (kinds->counts[origin]);
      g_autofree char *text = g_strdup_printf (ngettext ("%s block", "%s blocks", kinds->counts[origin]), count);

      gtk_label_set_text (self->counts[origin], text);
      gtk_widget_set_sensitive (GTK_WIDGET (self->checks[origin]),
                                kinds->counts[origin] > 0 || gtk_check_button_get_active (self->checks[origin]));
    }
}

static void
memscope_filter_popover_kinds_changed (MemscopeFilterPopover *self)
{
  guint origins = 0;

  if (self->showing)
    return;

  for (guint origin = 0; origin < MEMSCOPE_N_ORIGINS; origin++)
    if (gtk_check_button_get_active (self->checks[origin]))
      origins |= 1u << origin;

  /* Nothing at all is no view of anything: then it is what makes up the totals. */
  memscope_view_state_set_origins (self->state, origins != 0 ? origins : MEMSCOPE_SELECTION_TOTALS);
}

static void
memscope_filter_popover_make_kinds (MemscopeFilterPopover *self)
{
  for (guint origin = 0; origin < MEMSCOPE_N_ORIGINS; origin++)
    {
      GtkWidget *check = gtk_check_button_new ();
      GtkWidget *grid = gtk_grid_new ();
      GtkWidget *word = gtk_label_new (memscope_origin_get_word (origin));
      GtkWidget *meaning = gtk_label_new (memscope_origin_get_meaning (origin));
      GtkWidget *count = gtk_label_new (NULL);

      gtk_label_set_xalign (GTK_LABEL (word), 0);
      gtk_label_set_xalign (GTK_LABEL (meaning), 0);
      gtk_label_set_xalign (GTK_LABEL (count), 1);
      gtk_label_set_wrap (GTK_LABEL (meaning), TRUE);
      gtk_widget_set_hexpand (word, TRUE);
      gtk_widget_add_css_class (meaning, "caption");
      gtk_widget_add_css_class (meaning, "dim");
      gtk_widget_add_css_class (count, "caption");
      gtk_widget_add_css_class (count, "dim");
      gtk_widget_add_css_class (count, "numeric");
      gtk_grid_attach (GTK_GRID (grid), word, 0, 0, 1, 1);
      gtk_grid_attach (GTK_GRID (grid), count, 1, 0, 1, 1);
      gtk_grid_attach (GTK_GRID (grid), meaning, 0, 1, 2, 1);
      gtk_check_button_set_child (GTK_CHECK_BUTTON (check), grid);
      gtk_accessible_update_property (GTK_ACCESSIBLE (check),
                                      GTK_ACCESSIBLE_PROPERTY_LABEL, memscope_origin_get_word (origin),
                                      GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, memscope_origin_get_meaning (origin),
                                      -1);
      g_signal_connect_swapped (check, "toggled", G_CALLBACK (memscope_filter_popover_kinds_changed), self);
      gtk_box_append (self->kinds, check);
      self->checks[origin] = GTK_CHECK_BUTTON (check);
      self->counts[origin] = GTK_LABEL (count);
    }
}

/* ---- sizes ------------------------------------------------------------------------ */

static gboolean
read_size (GtkEntry *entry,
           guint64   missing,
           guint64  *size)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (entry));
  gboolean good = TRUE;

  *size = missing;
  if (*text != '\0')
    good = memscope_parse_size (text, size);

  if (good)
    gtk_widget_remove_css_class (GTK_WIDGET (entry), "error");
  else
    gtk_widget_add_css_class (GTK_WIDGET (entry), "error");
  gtk_accessible_update_state (GTK_ACCESSIBLE (entry),
                               GTK_ACCESSIBLE_STATE_INVALID,
                               good ? GTK_ACCESSIBLE_INVALID_FALSE : GTK_ACCESSIBLE_INVALID_TRUE,
                               -1);

  return good;
}

static void
memscope_filter_popover_sizes_changed (MemscopeFilterPopover *self)
{
  guint64 min_size, max_size;
  gboolean good;

  if (self->showing)
    return;

  good = read_size (self->min_entry, 0, &min_size);
  good = read_size (self->max_entry, G_MAXUINT64, &max_size) && good;

  gtk_label_set_text (self->size_error,
                      !good ? _("Write a size like 4096, 64K or 1.5 MiB.")
                      : min_size > max_size ? _("The smallest is larger than the largest: nothing matches.")
                      : "");
  if (good)
    memscope_view_state_set_sizes (self->state, min_size, max_size);
}

static void
memscope_filter_popover_preset (MemscopeFilterPopover *self,
                                GtkButton             *button)
{
  self->showing = TRUE;
  gtk_editable_set_text (GTK_EDITABLE (self->min_entry), gtk_widget_get_name (GTK_WIDGET (button)));
  self->showing = FALSE;
  memscope_filter_popover_sizes_changed (self);
}

/* "64K" where that is exact, for a person to change. */
static char *
dup_typed_size (guint64 bytes)
{
  static const char units[] = "\0KMGT";
  guint unit = 0;

  while (unit < 4 && bytes > 0 && bytes % 1024 == 0)
    {
      bytes /= 1024;
      unit++;
    }

  return g_strdup_printf ("%" G_GUINT64_FORMAT "%c", bytes, units[unit]);
}

/* ---- lifetime ----------------------------------------------------------------------- */

static void
memscope_filter_popover_lifetime_changed (MemscopeFilterPopover *self)
{
  const char *typed = gtk_editable_get_text (GTK_EDITABLE (self->lifetime_entry));
  guint64 nsec = 0;
  gboolean good = *typed == '\0' || memscope_parse_time (typed, &nsec);
  g_autofree char *text = NULL;

  if (self->showing)
    return;

  if (good)
    gtk_widget_remove_css_class (GTK_WIDGET (self->lifetime_entry), "error");
  else
    gtk_widget_add_css_class (GTK_WIDGET (self->lifetime_entry), "error");
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->lifetime_entry),
                               GTK_ACCESSIBLE_STATE_INVALID,
                               good ? GTK_ACCESSIBLE_INVALID_FALSE : GTK_ACCESSIBLE_INVALID_TRUE,
                               -1);
  gtk_label_set_text (self->lifetime_error, good ? "" : _("Write a time like 250us, 10ms or 1.5s."));
  if (!good)
    return;

  text = memscope_lifetime_term_set (memscope_selection_get_text (memscope_view_state_get_selection (self->state)), nsec);
  memscope_view_state_set_text (self->state, text);
}

static void
memscope_filter_popover_lifetime_preset (MemscopeFilterPopover *self,
                                         GtkButton             *button)
{
  self->showing = TRUE;
  gtk_editable_set_text (GTK_EDITABLE (self->lifetime_entry), gtk_widget_get_name (GTK_WIDGET (button)));
  self->showing = FALSE;
  memscope_filter_popover_lifetime_changed (self);
}

/* ---- all of it ---------------------------------------------------------------------- */

static void
memscope_filter_popover_show_selection (MemscopeFilterPopover *self)
{
  MemscopeSelection *selection = memscope_view_state_get_selection (self->state);
  guint64 min_size = memscope_selection_get_min_size (selection);
  guint64 max_size = memscope_selection_get_max_size (selection);
  g_autofree char *smallest = min_size > 0 ? dup_typed_size (min_size) : g_strdup ("");
  g_autofree char *largest = max_size < G_MAXUINT64 ? dup_typed_size (max_size) : g_strdup ("");
  guint64 lifetime = memscope_lifetime_term_get (memscope_selection_get_text (selection));
  g_autofree char *lived = lifetime > 0 ? memscope_lifetime_term_dup_words (lifetime) : g_strdup ("");

  self->showing = TRUE;
  for (guint origin = 0; origin < MEMSCOPE_N_ORIGINS; origin++)
    gtk_check_button_set_active (self->checks[origin], memscope_selection_get_origins (selection) >> origin & 1);
  /* Not under the hands of somebody who types. */
  if (!gtk_widget_has_focus (GTK_WIDGET (gtk_editable_get_delegate (GTK_EDITABLE (self->min_entry)))) &&
      !gtk_widget_has_focus (GTK_WIDGET (gtk_editable_get_delegate (GTK_EDITABLE (self->max_entry)))))
    {
      gtk_editable_set_text (GTK_EDITABLE (self->min_entry), smallest);
      gtk_editable_set_text (GTK_EDITABLE (self->max_entry), largest);
    }
  if (!gtk_widget_has_focus (GTK_WIDGET (gtk_editable_get_delegate (GTK_EDITABLE (self->lifetime_entry)))))
    gtk_editable_set_text (GTK_EDITABLE (self->lifetime_entry), lived);
  self->showing = FALSE;
}

static void
memscope_filter_popover_update (MemscopeFilterPopover *self)
{
  MemscopeSession *session = memscope_view_state_get_session (self->state);
  MemscopeSelection *selection = memscope_view_state_get_selection (self->state);
  g_autoptr(MemscopeSelection) any_thread = memscope_selection_with_threads (selection, NULL, 0);
  g_autoptr(MemscopeSelection) any_module = memscope_selection_with_modules (selection, NULL, 0);

  memscope_filter_popover_show_selection (self);
  memscope_query_run (&self->threads_query, self, session, any_thread, threads_query, NULL, NULL,
                      (GDestroyNotify) memscope_groups_free, memscope_filter_popover_threads_done);
  memscope_query_run (&self->modules_query, self, session, any_module, modules_query, NULL, NULL,
                      (GDestroyNotify) memscope_groups_free, memscope_filter_popover_modules_done);
  memscope_query_run (&self->kinds_query, self, session, selection, kinds_query, NULL, NULL,
                      g_free, memscope_filter_popover_kinds_done);
}

static void
untick (MemscopeFilterList *list)
{
  GListModel *choices = memscope_filter_list_get_choices (list);

  for (guint i = 0; i < g_list_model_get_n_items (choices); i++)
    {
      g_autoptr(MemscopeFilterChoice) choice = g_list_model_get_item (choices, i);

      memscope_filter_choice_set_chosen (choice, FALSE);
    }
}

/* Cleared from elsewhere while the lists are open. */
static void
memscope_filter_popover_selection_changed (MemscopeFilterPopover *self)
{
  MemscopeSelection *selection = memscope_view_state_get_selection (self->state);

  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;

  memscope_filter_popover_show_selection (self);
  if (memscope_selection_has_all_threads (selection))
    untick (self->threads);
  if (memscope_selection_has_all_modules (selection))
    untick (self->modules);
}

static void
memscope_filter_popover_map (GtkWidget *widget)
{
  MemscopeFilterPopover *self = MEMSCOPE_FILTER_POPOVER (widget);

  GTK_WIDGET_CLASS (memscope_filter_popover_parent_class)->map (widget);

  if (self->state != NULL)
    memscope_filter_popover_update (self);
}

static void
memscope_filter_popover_cancel (MemscopeFilterPopover *self)
{
  memscope_query_cancel (&self->threads_query);
  memscope_query_cancel (&self->modules_query);
  memscope_query_cancel (&self->kinds_query);
}

static void
memscope_filter_popover_dispose (GObject *object)
{
  MemscopeFilterPopover *self = MEMSCOPE_FILTER_POPOVER (object);

  memscope_filter_popover_cancel (self);
  g_clear_object (&self->signals);
  g_clear_object (&self->state);

  G_OBJECT_CLASS (memscope_filter_popover_parent_class)->dispose (object);
}

static void
memscope_filter_popover_class_init (MemscopeFilterPopoverClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = memscope_filter_popover_dispose;
  widget_class->map = memscope_filter_popover_map;

  g_type_ensure (MEMSCOPE_TYPE_FILTER_LIST);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/memscope/MemScope/memscope-filter-popover.ui");
  gtk_widget_class_bind_template_child (widget_class, MemscopeFilterPopover, stack);
  gtk_widget_class_bind_template_child (widget_class, MemscopeFilterPopover, threads);
  gtk_widget_class_bind_template_child (widget_class, MemscopeFilterPopover, modules);
  gtk_widget_class_bind_template_child (widget_class, MemscopeFilterPopover, kinds);
  gtk_widget_class_bind_template_child (widget_class, MemscopeFilterPopover, min_entry);
  gtk_widget_class_bind_template_child (widget_class, MemscopeFilterPopover, max_entry);
  gtk_widget_class_bind_template_child (widget_class, MemscopeFilterPopover, size_error);
  gtk_widget_class_bind_template_child (widget_class, MemscopeFilterPopover, lifetime_entry);
  gtk_widget_class_bind_template_child (widget_class, MemscopeFilterPopover, lifetime_error);
  gtk_widget_class_bind_template_callback (widget_class, memscope_filter_popover_threads_changed);
  gtk_widget_class_bind_template_callback (widget_class, memscope_filter_popover_modules_changed);
  gtk_widget_class_bind_template_callback (widget_class, memscope_filter_popover_sizes_changed);
  gtk_widget_class_bind_template_callback (widget_class, memscope_filter_popover_preset);
  gtk_widget_class_bind_template_callback (widget_class, memscope_filter_popover_lifetime_changed);
  gtk_widget_class_bind_template_callback (widget_class, memscope_filter_popover_lifetime_preset);
}

static void
memscope_filter_popover_init (MemscopeFilterPopover *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));

  memscope_filter_popover_make_kinds (self);
  self->signals = g_signal_group_new (MEMSCOPE_TYPE_VIEW_STATE);
  g_signal_group_connect_swapped (self->signals, "notify::selection",
                                  G_CALLBACK (memscope_filter_popover_selection_changed), self);
}

void
memscope_filter_popover_set_state (MemscopeFilterPopover *self,
                                   MemscopeViewState     *state)
{
  g_return_if_fail (MEMSCOPE_IS_FILTER_POPOVER (self));
  g_return_if_fail (state == NULL || MEMSCOPE_IS_VIEW_STATE (state));

  memscope_filter_popover_cancel (self);
  g_set_object (&self->state, state);
  g_signal_group_set_target (self->signals, state);
}

void
memscope_filter_popover_show_page (MemscopeFilterPopover *self,
                                   const char            *name)
{
  g_return_if_fail (MEMSCOPE_IS_FILTER_POPOVER (self));

  gtk_stack_set_visible_child_name (self->stack, name);
}
