/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

#include "memscope-card-set.h"

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_CARD_LINE  (memscope_card_line_get_type ())
#define MEMSCOPE_TYPE_CARD_MODEL (memscope_card_model_get_type ())

/* One line of the list: a section's header, or as many cards as fit side by side. */
G_DECLARE_FINAL_TYPE (MemscopeCardLine, memscope_card_line, MEMSCOPE, CARD_LINE, GObject)

struct _MemscopeCardLine
{
  GObject          parent_instance;

  MemscopeCardSet *set;
  guint            section;
  guint            first;       /* card; headers: the section's */
  guint            n;           /* cards; 0: a header */
  guint            columns;
  gboolean         collapsed;   /* headers */
};

/**
 * MemscopeCardModel:
 *
 * The lines of a card set, made when they are asked for. With columns 0 there
 * are no headers and each line is one card: the table. `refilled` is emitted
 * whenever the lines are others than before.
 */
G_DECLARE_FINAL_TYPE (MemscopeCardModel, memscope_card_model, MEMSCOPE, CARD_MODEL, GObject)

MemscopeCardModel *memscope_card_model_new         (void);
/* @set: NULL empties it. */
void               memscope_card_model_set_cards   (MemscopeCardModel *self,
                                                    MemscopeCardSet   *set);
void               memscope_card_model_set_columns (MemscopeCardModel *self,
                                                    guint              columns);
guint              memscope_card_model_get_columns (MemscopeCardModel *self);
void               memscope_card_model_toggle      (MemscopeCardModel *self,
                                                    guint              section);
gboolean           memscope_card_model_is_header   (MemscopeCardModel *self,
                                                    guint              line);
/* Headers among the lines before @line. */
guint              memscope_card_model_count_headers (MemscopeCardModel *self,
                                                    guint              line);
/* The line that holds a card. FALSE: its section is collapsed. */
gboolean           memscope_card_model_find_line   (MemscopeCardModel *self,
                                                    guint              card,
                                                    guint             *line);

G_END_DECLS
