/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The inspector's third page: which module and language allocated the block, what boundaries
 * the call crossed, who freed it. Stamps say where each fact comes from.
 */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-columns.h"
#include "memscope-inspector-parts.h"
#include "memscope-inspector-reports.h"
#include "memscope-passport-rail.h"
#include "memscope-side.h"
#include "memscope-text.h"

#define ASIDE_WIDTH 300
#define MAX_STAMPS  20u     /* of what the program reported */

/* A block, and the sides of its two stacks. */
typedef struct
{
  MemscopeSession *session;
  MemscopeBlock    block;
  MemscopeSide     born[MEMSCOPE_MAX_SIDES];
  MemscopeSide     freed[MEMSCOPE_MAX_SIDES];
  guint            n_born;
  guint            n_freed;
  GArray          *reports;   /* MemscopeReport */
} Story;

/* Freed by other code than that which allocated it. */
static gboolean
story_changes_sides (const Story *story)
{
  return story->n_born > 0 && story->n_freed > 0 && memscope_side_is_boundary (&story->born[0], &story->freed[0]);
}

/* Both calls were seen where the recorder hooks: in the one malloc of the process. */
static gboolean
story_is_one_allocator (const Story *story)
{
  return story->n_freed > 0 && story->block.origin == MEMSCOPE_ORIGIN_HEAP && story->block.death != MEMSCOPE_DEATH_UNSEEN;
}

static void
add_verdict (GtkBox     *page,
             const char *icon_name,
             const char *text,
             const char *style)
{
  GtkWidget *pill = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);
  GtkWidget *label = memscope_part_wrapped (text, "");

  gtk_label_set_max_width_chars (GTK_LABEL (label), 80);
  gtk_widget_add_css_class (pill, "verdict");
  gtk_widget_add_css_class (pill, style);
  gtk_widget_set_halign (pill, GTK_ALIGN_START);
  gtk_box_append (GTK_BOX (pill), gtk_image_new_from_icon_name (icon_name));
  gtk_box_append (GTK_BOX (pill), label);
  gtk_box_append (page, pill);
}

static void
fill_verdict (GtkBox      *page,
              const Story *story)
{
  g_autofree char *birth = NULL;
  g_autofree char *death = NULL;
  g_autofree char *text = NULL;

  if (story->n_born == 0)
    {
      add_verdict (page, "memscope-note-symbolic", _("No stack was recorded, so nothing is known of boundaries."), "unknown");
      return;
    }

  birth = memscope_side_dup_words (story->session, &story->born[0]);
  if (story->n_freed > 0)
    {
      gboolean crossed = story_changes_sides (story);

      death = memscope_side_dup_words (story->session, &story->freed[0]);
      text = g_strdup_printf (_("Allocated by %s, freed by %s"), birth, death);
      add_verdict (page, crossed ? "memscope-warning-symbolic" : "memscope-complete-symbolic", text, crossed ? "warning" : "ok");
      if (crossed && story_is_one_allocator (story))
        add_verdict (page, "memscope-complete-symbolic", _("Same allocator"), "ok");
      return;
    }

  if (story->block.death_time == MEMSCOPE_NEVER)
    text = g_strdup_printf (_("Allocated by %s, not freed in the recording"), birth);
  else
    text = g_strdup_printf (_("Allocated by %s; who freed it was not recorded"), birth);
  add_verdict (page, "memscope-note-symbolic", text, "note");

  if (story->n_born == 1 && story->born[0].module != 0)
    {
      g_autofree char *module = memscope_part_module (story->session, story->born[0].module);
      g_autofree char *isolated = memscope_text_isolate (module);
      g_autofree char *stayed = g_strdup_printf (_("The allocating call stayed inside %s"), isolated);

      add_verdict (page, "memscope-complete-symbolic", stayed, "ok");
    }
}

static MemscopeRail
rail_between (const MemscopeSide *from,
              const MemscopeSide *to)
{
  return memscope_side_is_inferred (from, to) ? MEMSCOPE_RAIL_INFERRED : MEMSCOPE_RAIL_OBSERVED;
}

static void
add_crossing (GtkBox             *list,
              MemscopeSession    *session,
              const MemscopeSide *from,
              const MemscopeSide *to)
{
  g_autofree char *from_module = memscope_part_module (session, from->module);
  g_autofree char *to_module = memscope_part_module (session, to->module);
  g_autofree char *from_isolated = memscope_text_isolate (from_module);
  g_autofree char *to_isolated = memscope_text_isolate (to_module);
  gboolean by_language = from->module == to->module;
  MemscopeRail rail = rail_between (from, to);
  g_autofree char *text = by_language
                        ? g_strdup_printf ("%s → %s", memscope_side_language (from->language), memscope_side_language (to->language))
                        : g_strdup_printf ("%s → %s", from_isolated, to_isolated);

  memscope_passport_add_crossing (list, "memscope-event-handed-symbolic", text,
                                  rail == MEMSCOPE_RAIL_INFERRED ? _("inferred") : _("observed"), rail);
}

/* The way in: who called, from the outermost side on, and who allocated. */
static void
fill_birth (GtkBox       *list,
            const Story  *story,
            MemscopeRail  rail)
{
  const MemscopeBlock *block = &story->block;
  g_autofree char *time = memscope_text_time (block->birth_time, memscope_session_get_duration (story->session) + 1);
  g_autofree char *size = memscope_text_size (block->size);
  g_autofree char *thread = memscope_session_dup_thread_label (story->session, block->thread);
  g_autofree char *thread_text = memscope_text_isolate (thread);
  g_autofree char *aside = g_strdup_printf ("%s · %s", thread_text, size);

  for (guint i = story->n_born; i-- > 0; )
    {
      const MemscopeSide *side = &story->born[i];
      g_autofree char *code = memscope_side_dup_words (story->session, side);
      g_autofree char *title = i == 0 ? g_strdup_printf (_("Allocated by %s"), code)
                                      : g_strdup_printf (_("Called through %s"), code);

      memscope_passport_add_stamp (list, story->session, side, title, i == 0 ? aside : NULL, i == 0 ? time : "",
                                   i > 0 ? rail_between (side, side - 1) : rail);
      if (i > 0)
        add_crossing (list, story->session, side, side - 1);
    }
}

static gboolean
is_about_boundaries (const MemscopeReport *report)
{
  return report->kind == MEMSCOPE_REPORT_HANDED_OVER || report->kind == MEMSCOPE_REPORT_TAKEN_BACK;
}

static void
add_reported_stamp (GtkBox               *list,
                    MemscopeSession      *session,
                    const MemscopeReport *report,
                    MemscopeRail          rail)
{
  g_autofree char *title = memscope_report_dup_words (session, report);
  g_autofree char *aside = memscope_report_dup_aside (session, report);
  g_autofree char *time = memscope_text_time (report->time, memscope_session_get_duration (session) + 1);
  MemscopeSide sides[MEMSCOPE_MAX_SIDES] = { 0 };

  memscope_side_find (session, report->stack, sides);
  memscope_passport_add_stamp (list, session, &sides[0], title, aside, time, rail);
}

/* Where the program itself said that the memory crosses a boundary. */
static void
fill_reports (GtkBox       *list,
              const Story  *story,
              MemscopeRail  rail)
{
  guint n_stamps = 0, n_left = 0;

  for (guint i = 0; i < story->reports->len; i++)
    {
      const MemscopeReport *report = &g_array_index (story->reports, MemscopeReport, i);

      if (!is_about_boundaries (report))
        continue;
      if (n_stamps++ < MAX_STAMPS)
        add_reported_stamp (list, story->session, report, rail);
      else
        n_left++;
    }

  if (n_left > 0)
    {
      g_autofree char *count = memscope_text_count (n_left);
      g_autofree char *text = g_strdup_printf (ngettext ("%s more hand-over", "%s more hand-overs", n_left), count);

      memscope_passport_add_crossing (list, "memscope-event-handed-symbolic", text, NULL, rail);
    }
}

/* The last word of the program: who has it. */
static void
fill_holder (GtkBox      *page,
             const Story *story)
{
  const MemscopeReport *last = NULL;
  g_autofree char *name = NULL;
  g_autofree char *isolated = NULL;
  g_autofree char *text = NULL;

  for (guint i = 0; i < story->reports->len; i++)
    if (is_about_boundaries (&g_array_index (story->reports, MemscopeReport, i)))
      last = &g_array_index (story->reports, MemscopeReport, i);

  if (last == NULL || last->kind != MEMSCOPE_REPORT_HANDED_OVER || last->name == 0)
    return;

  name = memscope_text_string (story->session, last->name, "");
  isolated = memscope_text_isolate (name);
  text = g_strdup_printf (_("Handed over to %s and not taken back"), isolated);
  add_verdict (page, "memscope-event-handed-symbolic", text, "note");
}

static void
fill_death (GtkBox      *list,
            const Story *story)
{
  const MemscopeBlock *block = &story->block;
  const MemscopeSide *side = &story->freed[0];
  g_autofree char *time = memscope_text_time (block->death_time, memscope_session_get_duration (story->session) + 1);
  g_autofree char *code = memscope_side_dup_words (story->session, side);
  g_autofree char *title = g_strdup_printf (_("Freed by %s"), code);
  g_autofree char *thread = block->death_thread != 0 ? memscope_session_dup_thread_label (story->session, block->death_thread) : NULL;
  g_autofree char *thread_text = thread != NULL ? memscope_text_isolate (thread) : NULL;

  memscope_passport_add_stamp (list, story->session, side, title, thread_text, time, MEMSCOPE_RAIL_NONE);
}

static void
fill_stamps (GtkBox      *page,
             const Story *story)
{
  GtkBox *list = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 0));
  const MemscopeBlock *block = &story->block;
  gboolean alive = block->death_time == MEMSCOPE_NEVER;
  MemscopeRail rail = story->n_freed > 0 && story->n_born > 0 ? rail_between (&story->born[0], &story->freed[0])
                    : alive ? MEMSCOPE_RAIL_OBSERVED : MEMSCOPE_RAIL_INFERRED;

  if (story->n_born == 0 && story->n_freed == 0 && story->reports->len == 0)
    {
      g_object_ref_sink (list);
      g_object_unref (list);
      return;
    }

  fill_birth (list, story, rail);
  fill_reports (list, story, rail);
  if (!alive && story->n_born > 0)
    {
      g_autofree char *lived = memscope_text_duration (block->death_time - MIN (block->birth_time, block->death_time));
      g_autofree char *text = g_strdup_printf (_("Lived %s"), lived);

      memscope_passport_add_crossing (list, "memscope-clock-symbolic", text, NULL, rail);
    }
  if (story_changes_sides (story))
    add_crossing (list, story->session, &story->born[0], &story->freed[0]);
  if (story->n_freed > 0)
    fill_death (list, story);
  else if (alive)
    memscope_passport_add_crossing (list, "memscope-event-alive-symbolic",
                                    memscope_session_has_deaths (story->session) ? _("alive at the end of the recording")
                                                                                 : _("this recording holds no deaths"), NULL, rail);
  else
    memscope_passport_add_crossing (list, "memscope-event-freed-symbolic", _("freed; by whom was not recorded"), NULL, rail);
  memscope_passport_add_legend (list);
  gtk_box_append (page, GTK_WIDGET (list));
}

static void
fill_ends (GtkBox             *page,
           MemscopeInspection *inspection)
{
  g_autofree char *count = memscope_text_count (inspection->n_rows);
  g_autofree char *heading = g_strdup_printf (ngettext ("Its %s block", "All %s blocks", inspection->n_rows), count);
  GtkWidget *card = memscope_part_card (page, heading, NULL);

  for (guint i = 0; i < inspection->n_ends; i++)
    {
      const MemscopeInspectionEnd *end = &inspection->ends[i];
      g_autofree char *module = memscope_part_module (inspection->session, end->module);
      g_autofree char *isolated = memscope_text_isolate (module);
      g_autofree char *blocks = memscope_text_count (end->blocks);
      g_autofree char *share = memscope_text_share ((double) end->blocks / MAX (inspection->n_rows, 1));
      g_autofree char *value = g_strdup_printf ("%s · %s", blocks, share);
      g_autofree char *text = !end->freed ? g_strdup (_("alive at the end"))
                            : end->module != 0 ? g_strdup_printf (_("freed in %s"), isolated)
                            : g_strdup (_("freed; by whom was not recorded"));
      GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
      GtkWidget *label = memscope_part_wrapped (text, "caption");
      GtkWidget *bar = gtk_level_bar_new_for_interval (0, (double) MAX (inspection->n_rows, 1));

      gtk_widget_set_hexpand (label, TRUE);
      gtk_box_append (GTK_BOX (row), label);
      gtk_box_append (GTK_BOX (row), memscope_part_label (value, "caption numeric"));
      gtk_box_append (GTK_BOX (card), row);
      gtk_level_bar_set_value (GTK_LEVEL_BAR (bar), (double) end->blocks);
      gtk_widget_add_css_class (bar, "thin");
      gtk_accessible_update_property (GTK_ACCESSIBLE (bar), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
      gtk_box_append (GTK_BOX (card), bar);
    }
}

static void
copy_stack (GtkButton *button)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (button)), g_object_get_data (G_OBJECT (button), "text"));
}

static void
fill_stack (GtkBox      *page,
            const Story *story)
{
  GtkWidget *card = memscope_part_card (page, _("Allocation stack"), NULL);
  GtkWidget *head = gtk_widget_get_first_child (card);
  GtkWidget *button = gtk_button_new_from_icon_name ("edit-copy-symbolic");

  gtk_widget_set_tooltip_text (button, _("Copy the stack"));
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  g_object_set_data_full (G_OBJECT (button), "text", memscope_part_stack_text (story->session, story->block.stack), g_free);
  g_signal_connect (button, "clicked", G_CALLBACK (copy_stack), NULL);
  gtk_widget_set_sensitive (button, story->block.stack != 0);
  gtk_box_append (GTK_BOX (head), button);
  gtk_box_append (GTK_BOX (card), memscope_part_stack_sides (story->session, story->block.stack));
}

static void
fill_meaning (GtkBox      *page,
              const Story *story)
{
  const char *text;
  GtkWidget *card;

  if (story->n_born == 0)
    return;

  if (story_changes_sides (story) && story_is_one_allocator (story))
    text = _("Who allocates it never sees the free. That works while both sides use the same malloc, as they did here, "
             "and breaks when one of them brings an allocator of its own.");
  else if (story_changes_sides (story))
    text = _("Who allocates it never sees the free: the two sides have to agree on the allocator, and on who frees.");
  else if (story->n_freed > 0)
    text = _("Who allocates it also frees it: its ownership crosses no boundary.");
  else if (story->block.death_time == MEMSCOPE_NEVER && story->n_born > 1)
    text = _("The call came across a boundary, and the block was not freed: look for which side was to free it.");
  else
    text = _("Which side frees it can’t be told: no free with a stack was recorded for this block.");

  card = memscope_part_card (page, _("What this means"), NULL);
  gtk_box_append (GTK_BOX (card), memscope_part_wrapped (text, ""));
}

void
memscope_inspector_fill_passport (GtkBox             *page,
                                  MemscopeInspection *inspection,
                                  guint64             index)
{
  Story story = { .session = inspection->session };
  GtkWidget *columns;

  memscope_part_clear (page);
  if (inspection->n_rows == 0)
    return;

  memscope_session_get_block (story.session, inspection->rows[index], &story.block);
  story.n_born = memscope_side_find (story.session, story.block.stack, story.born);
  story.n_freed = memscope_side_find (story.session, story.block.death_stack, story.freed);

  story.reports = memscope_reports_new (story.session, &inspection->rows[index], 1, G_MAXUINT, NULL);

  columns = memscope_columns_new (ASIDE_WIDTH, 12);
  gtk_box_append (page, columns);
  fill_verdict (memscope_columns_get_first (MEMSCOPE_COLUMNS (columns)), &story);
  fill_holder (memscope_columns_get_first (MEMSCOPE_COLUMNS (columns)), &story);
  fill_stamps (memscope_columns_get_first (MEMSCOPE_COLUMNS (columns)), &story);
  fill_ends (memscope_columns_get_second (MEMSCOPE_COLUMNS (columns)), inspection);
  fill_stack (memscope_columns_get_second (MEMSCOPE_COLUMNS (columns)), &story);
  fill_meaning (memscope_columns_get_second (MEMSCOPE_COLUMNS (columns)), &story);
  g_array_unref (story.reports);
}
