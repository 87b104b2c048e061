/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* layout.pinned-pages
 *
 *   Pages of the heap that at the instant hold something, but less than pinned_fill of
 *   what they could, and on which another block was freed before: the live rest keeps
 *   them from being given back. Each belongs to the variable with the largest block on
 *   it. Of one variable: ≥ pinned_pages and free bytes on them ≥ pinned_bytes.
 *   Warning from pinned_warning on, note from a sixteenth of that, else hint.
 *   The free bytes may be used again by blocks that fit: so confidence is medium.
 */

#include "config.h"

#include "memscope-rules.h"

#define DEFAULT_PAGE_SIZE 4096u
/* More live blocks, and the table of pages would be larger than the session. */
#define MAX_LIVE_BLOCKS 4000000u
#define MAX_PAGES       8000000u
/* glibc gives larger blocks a mapping of their own. */
#define MAX_HEAP_BLOCK (128u * 1024u)

typedef struct
{
  guint64  number;
  guint32  live_bytes;
  guint32  blocks;
  guint32  largest;
  guint32  variable;
  gboolean was_used;
} Page;

typedef struct
{
  const MemscopeSurvey *survey;
  guint64               page_size;
  guint64               n_live;
  GHashTable           *index;      /* number → place in @pages + 1 */
  GArray               *pages;      /* Page */
} Finder;

static gpointer
finder_init (const MemscopeFilter *filter,
             gpointer              user_data)
{
  return user_data;
}

static void
finder_keep (gpointer state)
{
}

static Page *
look_up (Finder  *self,
         guint64  number,
         gboolean add)
{
  gpointer place = g_hash_table_lookup (self->index, GSIZE_TO_POINTER (number));

  if (place == NULL)
    {
      Page page = { .number = number };

      if (!add)
        return NULL;
      g_array_append_val (self->pages, page);
      place = GUINT_TO_POINTER (self->pages->len);
      g_hash_table_insert (self->index, GSIZE_TO_POINTER (number), place);
    }

  return &g_array_index (self->pages, Page, GPOINTER_TO_UINT (place) - 1);
}

static guint64
get_usable (const MemscopeBatch *columns,
            guint                i)
{
  return columns->size[i] + (columns->rounding[i] != G_MAXUINT32 ? columns->rounding[i] : 0);
}

static gboolean
is_on_heap (const MemscopeBatch *columns,
            guint                i)
{
  return memscope_batch_origin (columns, i) == MEMSCOPE_ORIGIN_HEAP && columns->size[i] < MAX_HEAP_BLOCK &&
         columns->address[i] != 0 && columns->address[i] < G_MAXUINT64 - 2 * MAX_HEAP_BLOCK;
}

static gboolean
has_too_many (const Finder *self)
{
  return self->n_live > MAX_LIVE_BLOCKS || self->pages->len > MAX_PAGES;
}

static void
add_live (Finder              *self,
          const MemscopeBatch *columns,
          guint                i)
{
  guint64 begin = columns->address[i];
  guint64 end = begin + MIN (MAX (get_usable (columns, i), 1), 2 * MAX_HEAP_BLOCK);

  for (guint64 number = begin / self->page_size; number <= (end - 1) / self->page_size; number++)
    {
      Page *page = look_up (self, number, TRUE);
      guint32 part = (guint32)(MIN (end, (number + 1) * self->page_size) - MAX (begin, number * self->page_size));

      page->live_bytes = (guint32)MIN ((guint64)page->live_bytes + part, self->page_size);
      page->blocks++;
      if (part > page->largest)
        {
          page->largest = part;
          page->variable = memscope_survey_variable (self->survey, columns, i);
        }
    }
}

static void
find_live (gpointer                 state,
           const MemscopeFoldBatch *batch)
{
  Finder *self = state;

  for (guint j = 0; j < batch->n; j++)
    {
      guint i = batch->rows[j];

      if (!is_on_heap (&batch->columns, i) || !memscope_batch_is_alive_at (&batch->columns, i, self->survey->filter->instant))
        continue;
      self->n_live++;
      if (has_too_many (self))
        return;
      add_live (self, &batch->columns, i);
    }
}

static void
find_dead (gpointer                 state,
           const MemscopeFoldBatch *batch)
{
  Finder *self = state;
  const MemscopeBatch *columns = &batch->columns;

  for (guint j = 0; j < batch->n; j++)
    {
      guint i = batch->rows[j];
      guint64 begin = columns->address[i];
      guint64 end = begin + MIN (MAX (get_usable (columns, i), 1), 2 * MAX_HEAP_BLOCK);

      if (!is_on_heap (columns, i) || memscope_batch_end_time (columns, i) >= self->survey->filter->instant)
        continue;

      for (guint64 number = begin / self->page_size; number <= (end - 1) / self->page_size; number++)
        {
          Page *page = look_up (self, number, FALSE);

          if (page != NULL)
            page->was_used = TRUE;
        }
    }
}

/* Only pages that are nearly empty matter from here on. */
static void
drop_full_pages (Finder *self)
{
  g_autoptr(GArray) all = g_steal_pointer (&self->pages);

  self->pages = g_array_new (FALSE, FALSE, sizeof (Page));
  g_hash_table_remove_all (self->index);

  for (guint k = 0; k < all->len; k++)
    {
      const Page *page = &g_array_index (all, Page, k);

      if ((double)page->live_bytes >= memscope_rule_limits.pinned_fill * (double)self->page_size)
        continue;
      g_array_append_val (self->pages, *page);
      g_hash_table_insert (self->index, GSIZE_TO_POINTER (page->number), GUINT_TO_POINTER (self->pages->len));
    }
}

typedef struct
{
  guint64 pages;
  guint64 free_bytes;
  guint64 blocks;
} Pins;

static void
report (MemscopeRuleContext *context,
        const Finder        *self,
        guint32              variable,
        const Pins          *pins)
{
  const MemscopeRuleLimits *limits = &memscope_rule_limits;
  MemscopeSeverity severity = MEMSCOPE_SEVERITY_HINT;
  MemscopeFinding *finding;

  if (context->survey->variables[variable].touched_bytes == 0 || pins->pages < limits->pinned_pages || pins->free_bytes < limits->pinned_bytes)
    return;

  if (pins->free_bytes >= limits->pinned_warning)
    severity = MEMSCOPE_SEVERITY_WARNING;
  else if (pins->free_bytes >= limits->pinned_warning / 16)
    severity = MEMSCOPE_SEVERITY_NOTE;

  finding = memscope_rule_add_finding (context, MEMSCOPE_RULE_PINNED_PAGES, severity, MEMSCOPE_CONFIDENCE_MEDIUM, variable);
  memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_PINNED_BYTES, MEMSCOPE_UNIT_BYTES, (double)pins->free_bytes, (double)limits->pinned_bytes);
  memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_PINNED_PAGES, MEMSCOPE_UNIT_COUNT, (double)pins->pages, (double)limits->pinned_pages);
  memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_PINNING_BLOCKS, MEMSCOPE_UNIT_COUNT, (double)pins->blocks, MEMSCOPE_NO_LIMIT);
  memscope_finding_add_evidence (finding, MEMSCOPE_EVIDENCE_PINNED_FREE_SHARE, MEMSCOPE_UNIT_SHARE,
                                 (double)pins->free_bytes / ((double)pins->pages * (double)self->page_size), MEMSCOPE_NO_LIMIT);
  finding->cause_unit = MEMSCOPE_UNIT_BYTES;
  finding->saving = MEMSCOPE_SAVING_UNPINNED;
  finding->saving_unit = MEMSCOPE_UNIT_BYTES;
  finding->saving_value = (double)pins->free_bytes;
  finding->show = MEMSCOPE_SHOW_VARIABLE;
  finding->show_instant = context->survey->filter->instant;
}

static void
add_up (MemscopeRuleContext *context,
        const Finder        *self)
{
  const MemscopeSurvey *survey = context->survey;
  g_autofree Pins *pins = g_new0 (Pins, survey->n_variables);

  for (guint k = 0; k < self->pages->len; k++)
    {
      const Page *page = &g_array_index (self->pages, Page, k);

      if (!page->was_used)
        continue;
      pins[page->variable].pages++;
      pins[page->variable].blocks += page->blocks;
      pins[page->variable].free_bytes += self->page_size - page->live_bytes;
    }

  for (guint v = 0; v < survey->n_variables; v++)
    report (context, self, v, &pins[v]);
}

static guint64
get_page_size (MemscopeSession *session)
{
  gsize length;
  const char *fact = memscope_session_get_fact (session, "page_size", &length);
  guint64 size = fact != NULL ? g_ascii_strtoull (fact, NULL, 10) : 0;

  return size >= 512 && size <= 1024 * 1024 ? size : DEFAULT_PAGE_SIZE;
}

/* Whose blocks lie beside the selected ones on a page matters too. */
static MemscopeFilter *
new_filter (const MemscopeSurvey *survey)
{
  g_autoptr(MemscopeSelection) threads = memscope_selection_with_threads (survey->selection, NULL, 0);
  g_autoptr(MemscopeSelection) modules = memscope_selection_with_modules (threads, NULL, 0);
  g_autoptr(MemscopeSelection) all = memscope_selection_with_text (modules, "");

  return memscope_filter_new (survey->session, all);
}

static void
find_pinned_pages (MemscopeRuleContext *context)
{
  static const MemscopeFold live = { .init = finder_init, .add = find_live, .free = finder_keep };
  static const MemscopeFold dead = { .all_history = TRUE, .init = finder_init, .add = find_dead, .free = finder_keep };
  g_autoptr(MemscopeFilter) filter = new_filter (context->survey);
  Finder finder = { .survey = context->survey, .page_size = get_page_size (context->survey->session) };

  finder.index = g_hash_table_new (NULL, NULL);
  finder.pages = g_array_new (FALSE, FALSE, sizeof (Page));

  if (memscope_fold_run (&live, filter, &finder, context->cancellable, NULL) != NULL)
    {
      if (has_too_many (&finder))
        context->unchecked = MEMSCOPE_UNCHECKED_TOO_MANY_BLOCKS;
      else
        drop_full_pages (&finder);

      if (!has_too_many (&finder) && finder.pages->len >= memscope_rule_limits.pinned_pages &&
          memscope_fold_run (&dead, filter, &finder, context->cancellable, NULL) != NULL)
        add_up (context, &finder);
    }

  g_hash_table_unref (finder.index);
  g_array_unref (finder.pages);
}

static MemscopeUnchecked
check_pinned_pages (const MemscopeSurvey *survey)
{
  if (survey->sampled)
    return MEMSCOPE_UNCHECKED_SAMPLED;
  if (survey->memscope_rs || !(survey->filter->origins >> MEMSCOPE_ORIGIN_HEAP & 1))
    return MEMSCOPE_UNCHECKED_NO_ADDRESSES;

  return survey->has_deaths ? MEMSCOPE_UNCHECKED_NOT : MEMSCOPE_UNCHECKED_NO_DEATHS;
}

const MemscopeRuleMethods memscope_rule_pinned_pages = { check_pinned_pages, find_pinned_pages };
