/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The inspector's second page: what happened to the block, and how long its like live. */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-histogram.h"
#include "memscope-inspector-parts.h"
#include "memscope-inspector-reports.h"
#include "memscope-lifecycle-chart.h"
#include "memscope-overview-bins.h"
#include "memscope-text.h"

#define MAX_EVENTS  40u
#define MAX_REPORTS 40u

static void
add_event (GtkWidget  *list,
           const char *kind,
           const char *title,
           const char *where,
           const char *time)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *time_label = memscope_part_label (time, "code dim numeric");
  g_autofree char *icon_name = g_strdup_printf ("memscope-event-%s-symbolic", kind);
  GtkWidget *icon = gtk_image_new_from_icon_name (icon_name);

  gtk_widget_add_css_class (icon, "event-icon");
  gtk_widget_add_css_class (icon, kind);
  gtk_widget_set_valign (icon, GTK_ALIGN_START);
  gtk_widget_set_valign (time_label, GTK_ALIGN_START);
  gtk_widget_set_hexpand (words, TRUE);
  gtk_box_append (GTK_BOX (words), memscope_part_wrapped (title, "card-title"));
  if (where != NULL)
    gtk_box_append (GTK_BOX (words), memscope_part_wrapped (where, "caption dim"));
  gtk_box_append (GTK_BOX (row), icon);
  gtk_box_append (GTK_BOX (row), words);
  gtk_box_append (GTK_BOX (row), time_label);
  gtk_box_append (GTK_BOX (list), row);
}

static void
add_birth (GtkWidget           *list,
           MemscopeSession     *session,
           const MemscopeBlock *block)
{
  guint64 span = memscope_session_get_duration (session) + 1;
  g_autofree char *size = memscope_text_size (block->size);
  g_autofree char *label = memscope_session_dup_thread_label (session, block->thread);
  g_autofree char *thread = memscope_text_isolate (label);
  g_autofree char *title = g_strdup_printf (_("Born, %s, %s"), size, thread);
  g_autofree char *where = memscope_part_site_text (session, block->stack);
  g_autofree char *time = memscope_text_time (block->birth_time, span);

  add_event (list, "born", title, where, time);
}

static void
add_resize (GtkWidget           *list,
            MemscopeSession     *session,
            const MemscopeBlock *before,
            const MemscopeBlock *block)
{
  guint64 span = memscope_session_get_duration (session) + 1;
  g_autofree char *size = memscope_text_size (block->size);
  g_autofree char *title = NULL;
  g_autofree char *site = memscope_part_site_text (session, block->stack);
  g_autofree char *where = NULL;
  g_autofree char *time = memscope_text_time (block->birth_time, span);

  if (block->size > before->size)
    title = g_strdup_printf (_("Grew to %s"), size);
  else if (block->size < before->size)
    title = g_strdup_printf (_("Shrank to %s"), size);
  else
    title = g_strdup_printf (_("Reallocated at %s"), size);

  where = g_strdup_printf (before->address != block->address ? _("moved · %s") : _("in place · %s"), site);
  add_event (list, "grew", title, where, time);
}

static void
add_death (GtkWidget           *list,
           MemscopeSession     *session,
           const MemscopeBlock *block)
{
  guint64 span = memscope_session_get_duration (session) + 1;
  g_autofree char *time = memscope_text_time (block->death_time, span);
  g_autofree char *site = memscope_part_site_text (session, block->death_stack);
  g_autofree char *lifetime = NULL;
  g_autofree char *title = NULL;
  g_autofree char *where = NULL;

  if (block->death_time == MEMSCOPE_NEVER)
    {
      if (memscope_session_has_deaths (session))
        add_event (list, "alive", _("Never freed"), _("alive at the end of the recording"), "");
      else
        add_event (list, "alive", _("End not recorded"), _("this recording holds no deaths"), "");
      return;
    }

  lifetime = memscope_text_duration (block->death_time - MIN (block->birth_time, block->death_time));
  if (block->death == MEMSCOPE_DEATH_UNSEEN)
    {
      title = g_strdup (_("Death not seen"));
      where = g_strdup (_("its address was used again at this time"));
    }
  else if (block->death_thread != 0)
    {
      g_autofree char *label = memscope_session_dup_thread_label (session, block->death_thread);
      g_autofree char *thread = memscope_text_isolate (label);

      title = g_strdup_printf (_("Freed by %s"), thread);
      where = g_strdup_printf (_("%s · lived %s"), site, lifetime);
    }
  else
    {
      title = g_strdup (_("Freed"));
      where = g_strdup_printf (_("%s · lived %s"), site, lifetime);
    }
  add_event (list, "freed", title, where, time);
}

/* The reports before @before, from *@at on. */
static void
add_reports (GtkWidget       *list,
             MemscopeSession *session,
             const GArray    *reports,
             guint           *at,
             guint64          before)
{
  guint64 span = memscope_session_get_duration (session) + 1;

  for (; *at < reports->len && g_array_index (reports, MemscopeReport, *at).time < before; (*at)++)
    {
      const MemscopeReport *report = &g_array_index (reports, MemscopeReport, *at);
      g_autofree char *title = memscope_report_dup_words (session, report);
      g_autofree char *aside = memscope_report_dup_aside (session, report);
      g_autofree char *site = report->stack != 0 ? memscope_part_site_text (session, report->stack) : NULL;
      g_autofree char *where = site != NULL ? g_strdup_printf ("%s · %s", site, aside) : NULL;
      g_autofree char *time = memscope_text_time (report->time, span);

      add_event (list, memscope_report_get_icon (report), title, where != NULL ? where : aside, time);
    }
}

static void
add_more_reports (GtkWidget *list,
                  guint      n)
{
  g_autofree char *count = memscope_text_count (n);
  g_autofree char *text = g_strdup_printf (ngettext ("%s more report of the program", "%s more reports of the program", n), count);

  add_event (list, "told", text, NULL, "");
}

static void
fill_events (GtkBox              *page,
             MemscopeSession     *session,
             const MemscopeChain *chain)
{
  GtkWidget *card = memscope_part_card (page, _("Events"), NULL);
  GtkWidget *list = gtk_box_new (GTK_ORIENTATION_VERTICAL, 9);
  guint n = chain->rows->len, n_all, told = 0;
  g_autoptr(GArray) reports = memscope_reports_new (session, (const guint64 *)(gconstpointer)chain->rows->data, n, MAX_REPORTS, &n_all);
  MemscopeBlock before = { 0 };
  MemscopeBlock block = { 0 };

  for (guint i = 0; i < n; i++)
    {
      memscope_session_get_block (session, g_array_index (chain->rows, guint64, i), &block);
      if (i > 0)
        add_reports (list, session, reports, &told, block.birth_time);
      /* Long chains: the first and the last ones tell the story. */
      if (i == 0 && block.previous == 0)
        {
          add_birth (list, session, &block);
        }
      else if (i < MAX_EVENTS / 2 || i + MAX_EVENTS / 2 >= n)
        {
          if (i > 0)
            add_resize (list, session, &before, &block);
        }
      else if (i == MAX_EVENTS / 2)
        {
          g_autofree char *count = memscope_text_count (n - MAX_EVENTS);
          g_autofree char *text = g_strdup_printf (ngettext ("%s more resize", "%s more resizes", n - MAX_EVENTS), count);

          add_event (list, "grew", text, NULL, "");
        }
      before = block;
    }
  add_reports (list, session, reports, &told, block.death_time);
  if (n_all > reports->len)
    add_more_reports (list, n_all - reports->len);
  add_death (list, session, &block);
  add_reports (list, session, reports, &told, MEMSCOPE_NEVER);

  gtk_box_append (GTK_BOX (card), list);
  if (chain->cut)
    gtk_box_append (GTK_BOX (card), memscope_part_wrapped (_("There may be more: the search for what it became was cut short."), "caption dim"));
}

static void
fill_lifetimes (GtkBox              *page,
                MemscopeInspection  *inspection,
                const MemscopeBlock *block)
{
  g_autofree char *count = memscope_text_count (inspection->n_rows);
  g_autofree char *heading = g_strdup_printf (ngettext ("Lifetime of its %s block", "Lifetimes of all %s blocks", inspection->n_rows), count);
  g_autofree char *median = inspection->median_lifetime != MEMSCOPE_UNKNOWN ? memscope_text_duration (inspection->median_lifetime) : NULL;
  g_autofree char *aside = median != NULL ? g_strdup_printf (_("median %s"), median) : NULL;
  g_autofree char *lifetime = NULL;
  g_autofree char *mark = NULL;
  guint64 marked = MEMSCOPE_NEVER;
  GtkWidget *card = memscope_part_card (page, heading, aside);
  GtkWidget *histogram;

  if (!memscope_session_has_deaths (inspection->session))
    {
      gtk_box_append (GTK_BOX (card), memscope_part_label (_("not recorded"), "dim"));
      return;
    }

  if (block->death_time != MEMSCOPE_NEVER)
    {
      marked = block->death_time - MIN (block->birth_time, block->death_time);
      lifetime = memscope_text_duration (marked);
    }
  mark = g_strdup_printf (_("this block: %s"), lifetime != NULL ? lifetime : _("alive"));

  histogram = memscope_histogram_new ();
  memscope_histogram_set_color (MEMSCOPE_HISTOGRAM (histogram), "c3");
  memscope_histogram_show_lifetimes (MEMSCOPE_HISTOGRAM (histogram), inspection->lifetimes, inspection->never_died, marked, mark);
  gtk_accessible_update_property (GTK_ACCESSIBLE (histogram), GTK_ACCESSIBLE_PROPERTY_LABEL, heading, -1);
  gtk_box_append (GTK_BOX (card), histogram);
}

void
memscope_inspector_fill_lifecycle (GtkBox             *page,
                                   MemscopeInspection *inspection,
                                   guint64             index,
                                   MemscopeChain      *chain)
{
  MemscopeBlock block;
  GtkWidget *card;

  memscope_part_clear (page);
  if (inspection->n_rows == 0)
    return;

  memscope_session_get_block (inspection->session, inspection->rows[index], &block);
  card = memscope_part_card (page, _("Size over time"), chain->rows->len > 1 ? _("filled dot: moved") : NULL);
  gtk_box_append (GTK_BOX (card), memscope_lifecycle_chart_new (inspection->session, chain,
                                                                      inspection->n_rows == 1 && inspection->group.shared_blocks > 0));
  fill_events (page, inspection->session, chain);
  fill_lifetimes (page, inspection, &block);
}
