/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "memscope-card-model.h"

/* A list view ends at INT_MAX pixels: lines of 130 pixels and then some. */
#define MAX_LINES 15000000u

struct _MemscopeCardModel
{
  GObject          parent_instance;

  MemscopeCardSet *set;
  guint            columns;
  GHashTable      *collapsed;     /* section keys */
  guint           *starts;        /* first line of each section, and the end */
  guint            n_lines;
};

static guint refilled_signal;

static void list_model_iface_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE (MemscopeCardLine, memscope_card_line, G_TYPE_OBJECT)
G_DEFINE_FINAL_TYPE_WITH_CODE (MemscopeCardModel, memscope_card_model, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_iface_init))

static void
memscope_card_line_finalize (GObject *object)
{
  g_clear_pointer (&MEMSCOPE_CARD_LINE (object)->set, memscope_card_set_unref);

  G_OBJECT_CLASS (memscope_card_line_parent_class)->finalize (object);
}

static void
memscope_card_line_class_init (MemscopeCardLineClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = memscope_card_line_finalize;
}

static void
memscope_card_line_init (MemscopeCardLine *self)
{
}

static gboolean
memscope_card_model_is_collapsed (MemscopeCardModel *self,
                                  guint              section)
{
  return g_hash_table_contains (self->collapsed, GUINT_TO_POINTER (self->set->sections[section].key));
}

static guint
memscope_card_model_count_lines (MemscopeCardModel *self,
                                 guint              section)
{
  guint n = self->set->sections[section].n;

  if (memscope_card_model_is_collapsed (self, section))
    return 1;

  return 1 + (n + self->columns - 1) / self->columns;
}

static void
memscope_card_model_layout (MemscopeCardModel *self)
{
  guint64 line = 0;

  g_clear_pointer (&self->starts, g_free);
  self->n_lines = 0;
  if (self->set == NULL)
    return;

  if (self->columns == 0)
    {
      self->n_lines = self->set->n_cards;
      return;
    }

  self->starts = g_new0 (guint, self->set->n_sections + 1);
  for (guint i = 0; i < self->set->n_sections; i++)
    {
      self->starts[i] = (guint) MIN (line, MAX_LINES);
      line += memscope_card_model_count_lines (self, i);
    }
  self->n_lines = (guint) MIN (line, MAX_LINES);
  self->starts[self->set->n_sections] = self->n_lines;
}

/* Emptied and filled again: a list view looks at each item that "changes" in
 * place, and takes seconds for millions of them.
 */
static void
memscope_card_model_refill (MemscopeCardModel *self,
                            MemscopeCardSet   *set)
{
  guint before = self->n_lines;

  self->n_lines = 0;
  if (before > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), 0, before, 0);

  if (set != self->set)
    {
      g_clear_pointer (&self->set, memscope_card_set_unref);
      self->set = set != NULL ? memscope_card_set_ref (set) : NULL;
    }
  memscope_card_model_layout (self);
  if (self->n_lines > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), 0, 0, self->n_lines);
  g_signal_emit (self, refilled_signal, 0);
}

/* The last section that starts at or before @line. */
static guint
memscope_card_model_section_of (MemscopeCardModel *self,
                                guint              line)
{
  guint low = 0;
  guint high = self->set->n_sections;

  while (high - low > 1)
    {
      guint middle = low + (high - low) / 2;

      if (self->starts[middle] <= line)
        low = middle;
      else
        high = middle;
    }

  return low;
}

static GType
memscope_card_model_get_item_type (GListModel *model)
{
  return MEMSCOPE_TYPE_CARD_LINE;
}

static guint
memscope_card_model_get_n_items (GListModel *model)
{
  return MEMSCOPE_CARD_MODEL (model)->n_lines;
}

static gpointer
memscope_card_model_get_item (GListModel *model,
                              guint       position)
{
  MemscopeCardModel *self = MEMSCOPE_CARD_MODEL (model);
  MemscopeCardSection *section;
  MemscopeCardLine *line;
  guint within;

  if (position >= self->n_lines)
    return NULL;

  line = g_object_new (MEMSCOPE_TYPE_CARD_LINE, NULL);
  line->set = memscope_card_set_ref (self->set);
  line->columns = self->columns;
  if (self->columns == 0)
    {
      line->first = position;
      line->n = 1;
      return line;
    }

  line->section = memscope_card_model_section_of (self, position);
  section = &self->set->sections[line->section];
  within = position - self->starts[line->section];
  line->first = section->first;
  line->collapsed = memscope_card_model_is_collapsed (self, line->section);
  if (within > 0)
    {
      line->first += (within - 1) * self->columns;
      line->n = MIN (self->columns, section->first + section->n - line->first);
    }

  return line;
}

static void
list_model_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = memscope_card_model_get_item_type;
  iface->get_n_items = memscope_card_model_get_n_items;
  iface->get_item = memscope_card_model_get_item;
}

static void
memscope_card_model_finalize (GObject *object)
{
  MemscopeCardModel *self = MEMSCOPE_CARD_MODEL (object);

  g_clear_pointer (&self->set, memscope_card_set_unref);
  g_clear_pointer (&self->collapsed, g_hash_table_unref);
  g_clear_pointer (&self->starts, g_free);

  G_OBJECT_CLASS (memscope_card_model_parent_class)->finalize (object);
}

static void
memscope_card_model_class_init (MemscopeCardModelClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = memscope_card_model_finalize;

  refilled_signal = g_signal_new ("refilled", MEMSCOPE_TYPE_CARD_MODEL, G_SIGNAL_RUN_LAST,
                                  0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
memscope_card_model_init (MemscopeCardModel *self)
{
  self->collapsed = g_hash_table_new (NULL, NULL);
  self->columns = 3;
}

MemscopeCardModel *
memscope_card_model_new (void)
{
  return g_object_new (MEMSCOPE_TYPE_CARD_MODEL, NULL);
}

void
memscope_card_model_set_cards (MemscopeCardModel *self,
                               MemscopeCardSet   *set)
{
  g_return_if_fail (MEMSCOPE_IS_CARD_MODEL (self));

  /* Another grouping's keys mean other things. */
  if (self->set != NULL && set != NULL && self->set->options.by_variable != set->options.by_variable)
    g_hash_table_remove_all (self->collapsed);
  memscope_card_model_refill (self, set);
}

void
memscope_card_model_set_columns (MemscopeCardModel *self,
                                 guint              columns)
{
  g_return_if_fail (MEMSCOPE_IS_CARD_MODEL (self));

  if (self->columns == columns)
    return;

  self->columns = columns;
  memscope_card_model_refill (self, self->set);
}

guint
memscope_card_model_get_columns (MemscopeCardModel *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_CARD_MODEL (self), 0);

  return self->columns;
}

void
memscope_card_model_toggle (MemscopeCardModel *self,
                            guint              section)
{
  gpointer key;

  g_return_if_fail (MEMSCOPE_IS_CARD_MODEL (self));
  g_return_if_fail (self->set != NULL && section < self->set->n_sections);

  key = GUINT_TO_POINTER (self->set->sections[section].key);
  if (!g_hash_table_remove (self->collapsed, key))
    g_hash_table_add (self->collapsed, key);
  memscope_card_model_refill (self, self->set);
}

gboolean
memscope_card_model_is_header (MemscopeCardModel *self,
                               guint              line)
{
  g_return_val_if_fail (MEMSCOPE_IS_CARD_MODEL (self), FALSE);

  return self->columns > 0 && line < self->n_lines &&
         self->starts[memscope_card_model_section_of (self, line)] == line;
}

guint
memscope_card_model_count_headers (MemscopeCardModel *self,
                                   guint              line)
{
  guint section;

  g_return_val_if_fail (MEMSCOPE_IS_CARD_MODEL (self), 0);

  if (self->columns == 0 || self->n_lines == 0)
    return 0;
  if (line >= self->n_lines)
    line = self->n_lines;

  section = memscope_card_model_section_of (self, line);

  return section + (self->starts[section] < line);
}

static guint
memscope_card_model_section_of_card (MemscopeCardModel *self,
                                     guint              card)
{
  guint low = 0;
  guint high = self->set->n_sections;

  while (high - low > 1)
    {
      guint middle = low + (high - low) / 2;

      if (self->set->sections[middle].first <= card)
        low = middle;
      else
        high = middle;
    }

  return low;
}

gboolean
memscope_card_model_find_line (MemscopeCardModel *self,
                               guint              card,
                               guint             *line)
{
  guint section;

  g_return_val_if_fail (MEMSCOPE_IS_CARD_MODEL (self), FALSE);

  if (self->set == NULL || card >= self->set->n_cards)
    return FALSE;
  if (self->columns == 0)
    {
      *line = card;
      return TRUE;
    }

  section = memscope_card_model_section_of_card (self, card);
  *line = self->starts[section] + 1 + (card - self->set->sections[section].first) / self->columns;

  return !memscope_card_model_is_collapsed (self, section) && *line < self->n_lines;
}
