/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <string.h>

#include "memscope-card-set.h"
#include "memscope-stage.h"

typedef struct
{
  MemscopeCardSet *set;
  GHashTable      *sums;     /* section key → its sum of the sorted figure */
} Sorting;

/* What only the selection decides. Immutable once made. */
struct _MemscopeCardFigures
{
  gatomicrefcount         references;
  guint64                 n_rows;       /* of the session: it may grow */
  MemscopeSelection      *selection;
  MemscopeSelection      *all;
  MemscopeGroups         *groups;
  MemscopeGroups         *everything;   /* of @all; NULL: it is the same selection */
  MemscopeThreadCategory *categories;
};

typedef struct _MemscopeCardFigures MemscopeCardFigures;

static void
memscope_card_figures_unref (MemscopeCardFigures *self)
{
  if (!g_atomic_ref_count_dec (&self->references))
    return;

  g_clear_pointer (&self->selection, memscope_selection_unref);
  g_clear_pointer (&self->all, memscope_selection_unref);
  g_clear_pointer (&self->groups, memscope_groups_free);
  g_clear_pointer (&self->everything, memscope_groups_free);
  g_free (self->categories);
  g_free (self);
}

/* NULL: cancelled. */
static MemscopeCardFigures *
memscope_card_figures_new (MemscopeSession   *session,
                           MemscopeSelection *selection,
                           MemscopeSelection *all,
                           GCancellable      *cancellable)
{
  MemscopeCardFigures *self = g_new0 (MemscopeCardFigures, 1);

  g_atomic_ref_count_init (&self->references);
  self->n_rows = memscope_session_get_n_blocks (session);
  self->selection = memscope_selection_ref (selection);
  self->all = memscope_selection_ref (all);
  self->groups = memscope_groups_new (session, selection, MEMSCOPE_GROUP_BY_THREAD_VARIABLE, cancellable, NULL);
  if (self->groups != NULL && !memscope_selection_equal (selection, all))
    self->everything = memscope_groups_new (session, all, MEMSCOPE_GROUP_BY_THREAD_VARIABLE, cancellable, NULL);
  if (g_cancellable_is_cancelled (cancellable))
    {
      memscope_card_figures_unref (self);
      return NULL;
    }
  self->categories = memscope_categorise_threads (session, selection);

  return self;
}

static MemscopeCardFigures *
share_figures (MemscopeCardSet   *former,
               MemscopeSession   *session,
               MemscopeSelection *selection,
               MemscopeSelection *all)
{
  MemscopeCardFigures *figures;

  if (former == NULL || former->session != session)
    return NULL;

  figures = former->figures;
  if (figures->n_rows != memscope_session_get_n_blocks (session) ||
      !memscope_selection_equal (figures->selection, selection) || !memscope_selection_equal (figures->all, all))
    return NULL;

  g_atomic_ref_count_inc (&figures->references);

  return figures;
}

static guint32
section_key (const MemscopeCardSet *self,
             const MemscopeGroup   *group)
{
  if (self->options.together)
    return 0;

  return self->options.by_variable ? group->variable : group->thread;
}

static guint64
figure_of (const MemscopeGroup *group,
           MemscopeCardSort     sort)
{
  switch (sort)
    {
    case MEMSCOPE_CARD_SORT_PEAK:
      return group->peak_bytes;
    case MEMSCOPE_CARD_SORT_ALLOCATED:
      return group->born_bytes;
    case MEMSCOPE_CARD_SORT_COUNT:
      return group->births;
    case MEMSCOPE_CARD_SORT_LIVE:
    case MEMSCOPE_CARD_SORT_NAME:
    case MEMSCOPE_N_CARD_SORTS:
    default:
      return group->live_bytes;
    }
}

static int
compare_names (MemscopeSession     *session,
               const MemscopeGroup *a,
               const MemscopeGroup *b)
{
  MemscopeVariable variable_a = { 0 };
  MemscopeVariable variable_b = { 0 };
  gsize length_a = 0, length_b = 0;
  const char *name_a, *name_b;
  int order;

  memscope_session_get_variable (session, a->variable, &variable_a);
  memscope_session_get_variable (session, b->variable, &variable_b);
  name_a = variable_a.name ? memscope_session_get_string (session, variable_a.name, &length_a) : "";
  name_b = variable_b.name ? memscope_session_get_string (session, variable_b.name, &length_b) : "";
  order = memcmp (name_a, name_b, MIN (length_a, length_b));

  return order != 0 ? order : (length_a > length_b) - (length_a < length_b);
}

/* Sections by their sum, cards within by their figure; ties keep the groups' own order. */
static int
compare_cards (gconstpointer a,
               gconstpointer b,
               gpointer      user_data)
{
  Sorting *sorting = user_data;
  MemscopeCardSet *set = sorting->set;
  guint32 index_a = *(const guint32 *) a;
  guint32 index_b = *(const guint32 *) b;
  const MemscopeGroup *group_a = &set->groups->groups[index_a];
  const MemscopeGroup *group_b = &set->groups->groups[index_b];
  guint32 key_a = section_key (set, group_a);
  guint32 key_b = section_key (set, group_b);
  guint64 value_a, value_b;

  if (key_a != key_b)
    {
      if (set->options.by_variable && set->options.sort == MEMSCOPE_CARD_SORT_NAME)
        {
          int order = compare_names (set->session, group_a, group_b);

          if (order != 0)
            return order;
        }
      value_a = *(guint64 *) g_hash_table_lookup (sorting->sums, GUINT_TO_POINTER (key_a));
      value_b = *(guint64 *) g_hash_table_lookup (sorting->sums, GUINT_TO_POINTER (key_b));
      if (value_a != value_b)
        return value_a < value_b ? 1 : -1;
      return key_a < key_b ? -1 : 1;
    }

  if (set->options.sort == MEMSCOPE_CARD_SORT_NAME)
    {
      int order = compare_names (set->session, group_a, group_b);

      if (order != 0)
        return order;
    }

  value_a = figure_of (group_a, set->options.sort);
  value_b = figure_of (group_b, set->options.sort);
  if (value_a != value_b)
    return value_a < value_b ? 1 : -1;

  return (index_a > index_b) - (index_a < index_b);
}

static void
memscope_card_set_sort (MemscopeCardSet *self)
{
  Sorting sorting = { self, g_hash_table_new_full (NULL, NULL, NULL, g_free) };

  for (guint i = 0; i < self->n_cards; i++)
    {
      const MemscopeGroup *group = &self->groups->groups[self->order[i]];
      gpointer key = GUINT_TO_POINTER (section_key (self, group));
      guint64 *sum = g_hash_table_lookup (sorting.sums, key);

      if (sum == NULL)
        {
          sum = g_new0 (guint64, 1);
          g_hash_table_insert (sorting.sums, key, sum);
        }
      *sum += figure_of (group, self->options.sort);
    }

  g_qsort_with_data (self->order, (int) self->n_cards, sizeof *self->order, compare_cards, &sorting);
  g_hash_table_unref (sorting.sums);
}

static void
memscope_card_set_cut (MemscopeCardSet              *self,
                       GHashTable                   *totals,
                       const MemscopeThreadCategory *categories,
                       guint                         n_threads)
{
  g_autoptr(GArray) sections = g_array_new (FALSE, TRUE, sizeof (MemscopeCardSection));
  MemscopeCardSection *section = NULL;

  for (guint i = 0; i < self->n_cards; i++)
    {
      const MemscopeGroup *group = &self->groups->groups[self->order[i]];
      guint32 key = section_key (self, group);

      if (section == NULL || section->key != key)
        {
          g_array_set_size (sections, sections->len + 1);
          section = &g_array_index (sections, MemscopeCardSection, sections->len - 1);
          section->key = key;
          section->first = i;
          section->total = GPOINTER_TO_UINT (g_hash_table_lookup (totals, GUINT_TO_POINTER (key)));
          if (!self->options.by_variable && !self->options.together && categories != NULL && key <= n_threads)
            section->category = categories[key];
        }
      section->n++;
      section->live_bytes += group->live_bytes;
      self->live_bytes += group->live_bytes;
    }

  self->n_sections = sections->len;
  self->sections = (gpointer) g_array_free (g_steal_pointer (&sections), FALSE);
}

static GHashTable *
count_totals (MemscopeCardSet      *self,
              const MemscopeGroups *all)
{
  GHashTable *totals = g_hash_table_new (NULL, NULL);

  for (guint64 i = 0; i < all->n_groups; i++)
    {
      gpointer key = GUINT_TO_POINTER (section_key (self, &all->groups[i]));
      guint n = GPOINTER_TO_UINT (g_hash_table_lookup (totals, key));

      g_hash_table_insert (totals, key, GUINT_TO_POINTER (n + 1));
    }

  return totals;
}

static void
memscope_card_set_filter (MemscopeCardSet *self)
{
  guint n = (guint) MIN (self->groups->n_groups, G_MAXINT / 2);

  self->order = g_new (guint32, MAX (n, 1));
  self->only_sites = n > 0;
  for (guint i = 0; i < n; i++)
    {
      const MemscopeGroup *group = &self->groups->groups[i];
      MemscopeVariable variable;

      if (self->only_sites && memscope_session_get_variable (self->session, group->variable, &variable) &&
          variable.source != MEMSCOPE_NAME_SITE)
        self->only_sites = FALSE;
      if (self->options.stages == 0 || (self->options.stages & (1u << group->stage)))
        self->order[self->n_cards++] = i;
    }
}

MemscopeCardSet *
memscope_card_set_new (MemscopeSession           *session,
                       MemscopeSelection         *selection,
                       MemscopeSelection         *all,
                       const MemscopeCardOptions *options,
                       MemscopeCardSet           *former,
                       GCancellable              *cancellable)
{
  g_autoptr(MemscopeCardSet) self = g_new0 (MemscopeCardSet, 1);
  const MemscopeGroups *everything;
  g_autoptr(GHashTable) totals = NULL;

  g_atomic_ref_count_init (&self->references);
  self->session = g_object_ref (session);
  self->options = *options;
  self->figures = share_figures (former, session, selection, all);
  if (self->figures == NULL)
    self->figures = memscope_card_figures_new (session, selection, all, cancellable);
  if (self->figures == NULL)
    return NULL;

  self->groups = self->figures->groups;
  everything = self->figures->everything != NULL ? self->figures->everything : self->groups;
  totals = count_totals (self, everything);
  self->n_total = (guint) everything->n_groups;
  memscope_card_set_filter (self);
  if (g_cancellable_is_cancelled (cancellable))
    return NULL;
  memscope_card_set_sort (self);
  memscope_card_set_cut (self, totals, self->figures->categories, memscope_session_get_n_threads (session));

  return g_steal_pointer (&self);
}

MemscopeCardSet *
memscope_card_set_ref (MemscopeCardSet *self)
{
  g_atomic_ref_count_inc (&self->references);

  return self;
}

void
memscope_card_set_unref (MemscopeCardSet *self)
{
  if (!g_atomic_ref_count_dec (&self->references))
    return;

  g_clear_object (&self->session);
  g_clear_pointer (&self->figures, memscope_card_figures_unref);
  g_clear_pointer (&self->order, g_free);
  g_clear_pointer (&self->sections, g_free);
  g_free (self);
}

const MemscopeGroup *
memscope_card_set_get_group (MemscopeCardSet *self,
                             guint            card)
{
  g_return_val_if_fail (card < self->n_cards, NULL);

  return &self->groups->groups[self->order[card]];
}

gboolean
memscope_card_set_find (MemscopeCardSet     *self,
                        const MemscopeGroup *group,
                        guint               *card)
{
  for (guint i = 0; i < self->n_cards; i++)
    {
      const MemscopeGroup *candidate = memscope_card_set_get_group (self, i);

      if (candidate->thread == group->thread && candidate->variable == group->variable)
        {
          *card = i;
          return TRUE;
        }
    }

  return FALSE;
}
