/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app-fixture.h"
#include "memscope-card-model.h"
#include "memscope-view-state.h"

static MemscopeCardSet *
new_set (const char                *text,
         const MemscopeCardOptions *options)
{
  g_autoptr(MemscopeSession) session = app_fixture_load ("app/typical_full.memscope.gz");
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);
  g_autoptr(MemscopeSelection) selection = memscope_selection_with_text (all, text);

  return memscope_card_set_new (session, selection, all, options, NULL, NULL);
}

static void
test_sections_cover_every_card_once (void)
{
  for (int by_variable = 0; by_variable < 2; by_variable++)
    for (int sort = 0; sort < MEMSCOPE_N_CARD_SORTS; sort++)
      {
        MemscopeCardOptions options = { .by_variable = by_variable, .sort = sort };
        g_autoptr(MemscopeCardSet) set = new_set ("", &options);
        guint next = 0;

        g_assert_cmpuint (set->n_cards, ==, 166);
        for (guint i = 0; i < set->n_sections; i++)
          {
            g_assert_cmpuint (set->sections[i].first, ==, next);
            g_assert_cmpuint (set->sections[i].n, ==, set->sections[i].total);
            next += set->sections[i].n;
          }
        g_assert_cmpuint (next, ==, set->n_cards);
      }
}

static void
test_text_and_stage_count_against_the_total (void)
{
  MemscopeCardOptions options = { .stages = 1u << MEMSCOPE_STAGE_FREED };
  g_autoptr(MemscopeCardSet) set = new_set ("buffer", &options);

  g_assert_cmpuint (set->n_total, ==, 166);
  g_assert_cmpuint (set->n_cards, >, 0);
  g_assert_cmpuint (set->n_cards, <, 166);
  for (guint i = 0; i < set->n_cards; i++)
    g_assert_cmpuint (memscope_card_set_get_group (set, i)->stage, ==, MEMSCOPE_STAGE_FREED);
  for (guint i = 0; i < set->n_sections; i++)
    g_assert_cmpuint (set->sections[i].n, <=, set->sections[i].total);
}

static void
test_the_table_is_in_one_order (void)
{
  MemscopeCardOptions options = { .together = TRUE };
  g_autoptr(MemscopeCardSet) set = new_set ("", &options);

  g_assert_cmpuint (set->n_sections, ==, 1);
  g_assert_cmpuint (set->sections[0].n, ==, 166);
  for (guint i = 1; i < set->n_cards; i++)
    g_assert_cmpuint (memscope_card_set_get_group (set, i)->live_bytes, <=, memscope_card_set_get_group (set, i - 1)->live_bytes);
}

static void
test_another_order_needs_no_other_figures (void)
{
  g_autoptr(MemscopeSession) session = app_fixture_load ("app/typical_full.memscope.gz");
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);
  g_autoptr(MemscopeSelection) half = memscope_selection_with_range (all, 0, memscope_session_get_duration (session) / 2);
  MemscopeCardOptions options = { 0 };
  MemscopeCardOptions other = { .by_variable = TRUE, .sort = MEMSCOPE_CARD_SORT_NAME };
  g_autoptr(MemscopeCardSet) first = memscope_card_set_new (session, all, all, &options, NULL, NULL);
  g_autoptr(MemscopeCardSet) second = memscope_card_set_new (session, all, all, &other, first, NULL);
  g_autoptr(MemscopeCardSet) third = memscope_card_set_new (session, half, half, &other, second, NULL);
  g_autoptr(MemscopeCardSet) fresh = memscope_card_set_new (session, all, all, &other, NULL, NULL);

  g_assert_true (second->groups == first->groups);
  g_assert_true (third->groups != first->groups);
  g_assert_cmpuint (second->n_cards, ==, fresh->n_cards);
  for (guint i = 0; i < fresh->n_cards; i++)
    g_assert_true (memscope_group_same_key (memscope_card_set_get_group (second, i), memscope_card_set_get_group (fresh, i)));
}

/* The list finds its way by these, for any line. */
static void
test_headers_are_counted (void)
{
  MemscopeCardOptions options = { 0 };
  g_autoptr(MemscopeCardSet) set = new_set ("", &options);
  g_autoptr(MemscopeCardModel) model = memscope_card_model_new ();

  for (guint columns = 0; columns < 5; columns++)
    {
      guint headers = 0;

      memscope_card_model_set_columns (model, columns);
      memscope_card_model_set_cards (model, set);
      for (guint line = 0; line < g_list_model_get_n_items (G_LIST_MODEL (model)); line++)
        {
          g_autoptr(MemscopeCardLine) item = g_list_model_get_item (G_LIST_MODEL (model), line);

          g_assert_cmpuint (memscope_card_model_count_headers (model, line), ==, headers);
          g_assert_true (memscope_card_model_is_header (model, line) == (item->n == 0));
          headers += item->n == 0;
        }
      g_assert_cmpuint (memscope_card_model_count_headers (model, G_MAXUINT), ==, headers);
      g_assert_cmpuint (headers, ==, columns > 0 ? set->n_sections : 0);
    }
}

typedef struct
{
  guint n_items;
  guint n_emissions;
} Watch;

static void
items_changed (GListModel *model,
               guint       position,
               guint       removed,
               guint       added,
               Watch      *watch)
{
  /* Never both at once: a list view would look at every item one by one. */
  g_assert_true (removed == 0 || added == 0);
  watch->n_items = watch->n_items - removed + added;
  watch->n_emissions++;
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, watch->n_items);
}

static void
test_lines_hold_every_card_for_any_number_of_columns (void)
{
  MemscopeCardOptions options = { 0 };
  g_autoptr(MemscopeCardSet) set = new_set ("", &options);
  g_autoptr(MemscopeCardModel) model = memscope_card_model_new ();
  Watch watch = { 0 };

  g_signal_connect (model, "items-changed", G_CALLBACK (items_changed), &watch);
  memscope_card_model_set_cards (model, set);
  for (guint columns = 0; columns < 7; columns++)
    {
      guint n_cards = 0, n_headers = 0;

      memscope_card_model_set_columns (model, columns);
      for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (model)); i++)
        {
          g_autoptr(MemscopeCardLine) line = g_list_model_get_item (G_LIST_MODEL (model), i);

          n_headers += line->n == 0;
          for (guint j = 0; j < line->n; j++)
            {
              guint found;

              g_assert_cmpuint (line->first + j, ==, n_cards++);
              g_assert_true (memscope_card_model_find_line (model, line->first + j, &found));
              g_assert_cmpuint (found, ==, i);
            }
        }
      g_assert_cmpuint (n_cards, ==, set->n_cards);
      g_assert_cmpuint (n_headers, ==, columns == 0 ? 0 : set->n_sections);
    }
}

static void
test_a_collapsed_section_is_one_line (void)
{
  MemscopeCardOptions options = { 0 };
  g_autoptr(MemscopeCardSet) set = new_set ("", &options);
  g_autoptr(MemscopeCardModel) model = memscope_card_model_new ();
  guint before, line;

  memscope_card_model_set_columns (model, 1);
  memscope_card_model_set_cards (model, set);
  before = g_list_model_get_n_items (G_LIST_MODEL (model));
  memscope_card_model_toggle (model, 0);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), ==, before - set->sections[0].n);
  g_assert_false (memscope_card_model_find_line (model, 0, &line));
  memscope_card_model_toggle (model, 0);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), ==, before);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/card-set/sections-cover-every-card-once", test_sections_cover_every_card_once);
  g_test_add_func ("/card-set/text-and-stage-count-against-the-total", test_text_and_stage_count_against_the_total);
  g_test_add_func ("/card-set/the-table-is-in-one-order", test_the_table_is_in_one_order);
  g_test_add_func ("/card-set/another-order-needs-no-other-figures", test_another_order_needs_no_other_figures);
  g_test_add_func ("/card-model/headers-are-counted", test_headers_are_counted);
  g_test_add_func ("/card-model/lines-hold-every-card-for-any-number-of-columns", test_lines_hold_every_card_for_any_number_of_columns);
  g_test_add_func ("/card-model/a-collapsed-section-is-one-line", test_a_collapsed_section_is_one_line);

  return g_test_run ();
}
