/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-palette.h"
#include "memscope-table-columns.h"
#include "memscope-text.h"

#define GAP 12

static const struct
{
  const char *title;
  gboolean    is_number;
  gboolean    is_code;
  int         width;       /* at least */
  int         share;       /* of the room that is left */
  int         importance;  /* the lowest go first */
  int         sort;        /* -1: none */
} columns[MEMSCOPE_N_COLUMNS] = {
  [MEMSCOPE_COLUMN_NAME]      = { N_("Name"), FALSE, TRUE, 110, 5, 9, MEMSCOPE_CARD_SORT_NAME },
  [MEMSCOPE_COLUMN_SOURCE]    = { N_("Named by"), FALSE, FALSE, 76, 0, 1, -1 },
  [MEMSCOPE_COLUMN_TYPE]      = { N_("Type"), FALSE, TRUE, 100, 4, 2, -1 },
  [MEMSCOPE_COLUMN_STAGE]     = { N_("Stage"), FALSE, FALSE, 96, 0, 6, -1 },
  [MEMSCOPE_COLUMN_THREAD]    = { N_("Thread"), FALSE, FALSE, 90, 2, 3, -1 },
  [MEMSCOPE_COLUMN_LIVE]      = { N_("Live"), TRUE, FALSE, 82, 0, 8, MEMSCOPE_CARD_SORT_LIVE },
  [MEMSCOPE_COLUMN_PEAK]      = { N_("Peak"), TRUE, FALSE, 82, 0, 5, MEMSCOPE_CARD_SORT_PEAK },
  [MEMSCOPE_COLUMN_ALLOCATED] = { N_("Allocated"), TRUE, FALSE, 82, 0, 4, MEMSCOPE_CARD_SORT_ALLOCATED },
  [MEMSCOPE_COLUMN_COUNT]     = { N_("Blocks"), TRUE, FALSE, 72, 0, 7, MEMSCOPE_CARD_SORT_COUNT },
};

void
memscope_columns_place (int                 width,
                        MemscopeColumnPlace places[MEMSCOPE_N_COLUMNS])
{
  gboolean shown[MEMSCOPE_N_COLUMNS] = { FALSE };
  int taken = -GAP;
  int shares = 0;
  int x = 0;

  for (int importance = MEMSCOPE_N_COLUMNS; importance > 0; importance--)
    {
      for (guint i = 0; i < MEMSCOPE_N_COLUMNS; i++)
        {
          if (columns[i].importance != importance || (taken > 0 && taken + GAP + columns[i].width > width))
            continue;
          shown[i] = TRUE;
          taken += GAP + columns[i].width;
          shares += columns[i].share;
        }
    }

  for (guint i = 0; i < MEMSCOPE_N_COLUMNS; i++)
    {
      places[i] = (MemscopeColumnPlace) { x, 0 };
      if (!shown[i])
        continue;
      places[i].width = columns[i].width;
      if (shares > 0 && width > taken)
        places[i].width += (width - taken) * columns[i].share / shares;
      x += places[i].width + GAP;
    }
}

const char *
memscope_column_get_title (MemscopeColumn column)
{
  return _(columns[column].title);
}

gboolean
memscope_column_is_number (MemscopeColumn column)
{
  return columns[column].is_number;
}

gboolean
memscope_column_is_code (MemscopeColumn column)
{
  return columns[column].is_code;
}

gboolean
memscope_column_get_sort (MemscopeColumn    column,
                          MemscopeCardSort *sort)
{
  if (columns[column].sort < 0)
    return FALSE;

  *sort = (MemscopeCardSort) columns[column].sort;

  return TRUE;
}

char *
memscope_column_dup_text (MemscopeColumn       column,
                          MemscopeSession     *session,
                          const MemscopeGroup *group)
{
  MemscopeVariable variable = { .source = MEMSCOPE_NAME_SITE };
  MemscopeEstimate estimate;

  memscope_session_get_variable (session, group->variable, &variable);
  switch (column)
    {
    case MEMSCOPE_COLUMN_NAME:
      return memscope_text_variable (session, group->variable);
    case MEMSCOPE_COLUMN_SOURCE:
      return g_strdup (memscope_text_name_source (variable.source));
    case MEMSCOPE_COLUMN_TYPE:
      return memscope_text_string (session, variable.type, _("not recorded"));
    case MEMSCOPE_COLUMN_STAGE:
      return g_strdup (memscope_stage_get_word (group->stage));
    case MEMSCOPE_COLUMN_THREAD:
      {
        g_autofree char *label = memscope_session_dup_thread_label (session, group->thread);

        return memscope_text_clip (label, MEMSCOPE_TEXT_LABEL_CHARS);
      }
    case MEMSCOPE_COLUMN_LIVE:
      estimate = memscope_group_get_live_bytes (group);
      return memscope_text_estimated_size (&estimate);
    case MEMSCOPE_COLUMN_PEAK:
      return memscope_text_size (group->peak_bytes);
    case MEMSCOPE_COLUMN_ALLOCATED:
      estimate = memscope_group_get_born_bytes (group);
      return memscope_text_estimated_size (&estimate);
    case MEMSCOPE_COLUMN_COUNT:
      return memscope_text_count (group->rows);
    case MEMSCOPE_N_COLUMNS:
    default:
      return g_strdup ("");
    }
}
