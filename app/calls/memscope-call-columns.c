/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-call-columns.h"
#include "memscope-text.h"

#define GAP         18
#define TIGHT       560
#define BAR_AND_GAP 70
#define LONG_NAMES  80

static const struct
{
  const char *title;       /* NULL: the measure's */
  gboolean    is_number;
  int         width;       /* at least */
  int         share;       /* of the room that is left */
  int         importance;  /* the lowest go first */
  int         sort;        /* -1: none */
} columns[MEMSCOPE_CALL_N_COLUMNS] = {
  [MEMSCOPE_CALL_COLUMN_NAME]        = { N_("Function"), FALSE, 150, 4, 8, MEMSCOPE_CALL_SORT_NAME },
  [MEMSCOPE_CALL_COLUMN_PLACE]       = { N_("Where"), FALSE, 150, 1, 1, MEMSCOPE_CALL_SORT_PLACE },
  [MEMSCOPE_CALL_COLUMN_TOTAL]       = { NULL, TRUE, 146, 0, 7, MEMSCOPE_CALL_SORT_TOTAL },
  [MEMSCOPE_CALL_COLUMN_PARENT]      = { N_("Of parent"), TRUE, 78, 0, 3, -1 },
  [MEMSCOPE_CALL_COLUMN_SELF]        = { N_("Itself"), TRUE, 84, 0, 6, MEMSCOPE_CALL_SORT_SELF },
  [MEMSCOPE_CALL_COLUMN_ALLOCATIONS] = { N_("Allocations"), TRUE, 96, 0, 5, MEMSCOPE_CALL_SORT_ALLOCATIONS },
  [MEMSCOPE_CALL_COLUMN_LIVE]        = { N_("Live"), TRUE, 84, 0, 4, MEMSCOPE_CALL_SORT_LIVE },
  [MEMSCOPE_CALL_COLUMN_TREND]       = { N_("Trend"), TRUE, 76, 0, 2, -1 },
};

double
memscope_call_columns_get_scale (GtkWidget *widget)
{
  int dpi = -1;

  g_object_get (gtk_widget_get_settings (widget), "gtk-xft-dpi", &dpi, NULL);

  return dpi > 0 ? MAX (dpi / 96.0 / PANGO_SCALE, 1) : 1;
}

gboolean
memscope_call_columns_is_tight (GtkWidget *widget,
                                int        width)
{
  return width < TIGHT * memscope_call_columns_get_scale (widget);
}

/* No number twice. */
gboolean
memscope_call_column_is_needed (MemscopeCallColumn      column,
                                const MemscopeCallTree *tree)
{
  MemscopeMeasure measure;

  if (tree == NULL)
    return TRUE;

  measure = memscope_call_tree_get_measure (tree);
  switch (column)
    {
    case MEMSCOPE_CALL_COLUMN_SELF:
      return !(memscope_call_tree_get_flags (tree) & MEMSCOPE_FLAME_BOTTOM_UP);
    case MEMSCOPE_CALL_COLUMN_ALLOCATIONS:
      return measure != MEMSCOPE_MEASURE_BIRTHS;
    case MEMSCOPE_CALL_COLUMN_LIVE:
      return measure != MEMSCOPE_MEASURE_LIVE_BYTES;
    case MEMSCOPE_CALL_COLUMN_TREND:
      return memscope_call_tree_has_trends (tree);
    case MEMSCOPE_CALL_COLUMN_NAME:
    case MEMSCOPE_CALL_COLUMN_PLACE:
    case MEMSCOPE_CALL_COLUMN_TOTAL:
    case MEMSCOPE_CALL_COLUMN_PARENT:
    case MEMSCOPE_CALL_N_COLUMNS:
    default:
      return TRUE;
    }
}

void
memscope_call_columns_place (GtkWidget               *widget,
                             const MemscopeCallTree  *tree,
                             int                      width,
                             MemscopeCallColumnPlace  places[MEMSCOPE_CALL_N_COLUMNS])
{
  double scale = memscope_call_columns_get_scale (widget);
  gboolean tight = memscope_call_columns_is_tight (widget, width);
  gboolean full = FALSE;
  int taken = -GAP;
  int shares = 0;
  int x = 0;

  for (guint i = 0; i < MEMSCOPE_CALL_N_COLUMNS; i++)
    places[i] = (MemscopeCallColumnPlace) { 0, 0 };

  for (int importance = MEMSCOPE_CALL_N_COLUMNS; importance > 0; importance--)
    {
      for (MemscopeCallColumn i = 0; i < MEMSCOPE_CALL_N_COLUMNS; i++)
        {
          int wanted = (int) (columns[i].width * scale);

          if (columns[i].importance != importance || !memscope_call_column_is_needed (i, tree))
            continue;
          if (i == MEMSCOPE_CALL_COLUMN_TOTAL && !tight)
            wanted += BAR_AND_GAP;
          if (i == MEMSCOPE_CALL_COLUMN_NAME && !tight)
            wanted += LONG_NAMES;
          /* names and their weight always, and nothing less important than what has no room */
          full = full || (importance < columns[MEMSCOPE_CALL_COLUMN_TOTAL].importance && taken + GAP + wanted > width);
          if (full)
            continue;
          places[i].width = wanted;
          taken += GAP + wanted;
          shares += columns[i].share;
        }
    }

  for (guint i = 0; i < MEMSCOPE_CALL_N_COLUMNS; i++)
    {
      places[i].x = x;
      if (places[i].width == 0)
        continue;
      if (width > taken)
        places[i].width += (width - taken) * columns[i].share / shares;
      x += places[i].width + GAP;
    }
}

const char *
memscope_call_column_get_title (MemscopeCallColumn      column,
                                const MemscopeCallTree *tree)
{
  if (columns[column].title != NULL)
    return _(columns[column].title);

  return memscope_measure_get_title (tree != NULL ? memscope_call_tree_get_measure (tree) : MEMSCOPE_MEASURE_LIVE_BYTES);
}

gboolean
memscope_call_column_is_number (MemscopeCallColumn column)
{
  return columns[column].is_number;
}

gboolean
memscope_call_column_get_sort (MemscopeCallColumn  column,
                               MemscopeCallSort   *sort)
{
  if (columns[column].sort < 0)
    return FALSE;

  *sort = (MemscopeCallSort) columns[column].sort;

  return TRUE;
}

/* What the small curve shows, in words. */
static char *
dup_trend_words (const float *trend)
{
  float most = 0;
  g_autofree char *share = NULL;
  g_autofree char *size = NULL;

  if (trend == NULL)
    return g_strdup ("");

  for (guint k = 0; k < MEMSCOPE_FLAME_TREND_POINTS; k++)
    most = MAX (most, trend[k]);
  share = memscope_text_share (most > 0 ? trend[MEMSCOPE_FLAME_TREND_POINTS - 1] / most : 0);
  size = memscope_text_size ((guint64) most);

  return g_strdup_printf (_("live at most %s, at the end %s of it"), size, share);
}

char *
memscope_call_column_dup_text (MemscopeCallColumn      column,
                               const MemscopeCallTree *tree,
                               guint32                 node)
{
  const MemscopeFlameNode *record = memscope_call_tree_get_node (tree, node);

  switch (column)
    {
    case MEMSCOPE_CALL_COLUMN_NAME:
      return memscope_call_tree_dup_name (tree, node);
    case MEMSCOPE_CALL_COLUMN_PLACE:
      return memscope_call_tree_dup_place (tree, node);
    case MEMSCOPE_CALL_COLUMN_TOTAL:
      return memscope_call_tree_dup_weight (tree, memscope_call_tree_get_total (tree, node));
    case MEMSCOPE_CALL_COLUMN_PARENT:
      return memscope_measure_dup_share (memscope_call_tree_get_parent_share (tree, node));
    case MEMSCOPE_CALL_COLUMN_SELF:
      return memscope_call_tree_dup_weight (tree, memscope_call_tree_get_self (tree, node));
    case MEMSCOPE_CALL_COLUMN_ALLOCATIONS:
      return memscope_text_count (record->total[MEMSCOPE_MEASURE_BIRTHS]);
    case MEMSCOPE_CALL_COLUMN_LIVE:
      return memscope_text_size (record->total[MEMSCOPE_MEASURE_LIVE_BYTES]);
    case MEMSCOPE_CALL_COLUMN_TREND:
      return dup_trend_words (memscope_call_tree_get_trend (tree, node));
    case MEMSCOPE_CALL_N_COLUMNS:
    default:
      return g_strdup ("");
    }
}
