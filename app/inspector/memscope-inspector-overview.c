/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The inspector's first page: what is known of the variable, and of one block. */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-inspector-parts.h"
#include "memscope-text.h"

static void
add_estimate (GtkWidget              *facts,
              const char             *key,
              const MemscopeEstimate *estimate,
              const char             *format,
              guint64                 count)
{
  guint64 bytes = (guint64) MAX (estimate->value, 0);
  g_autofree char *size = memscope_text_estimated_size (estimate);
  g_autofree char *exact = memscope_text_exact_bytes (bytes);
  g_autofree char *number = memscope_text_count (count);
  g_autoptr(GString) text = g_string_new (format);

  g_string_replace (text, "{size}", size, 1);
  g_string_replace (text, "{count}", number, 1);
  memscope_part_add_fact (facts, key, estimate->too_few ? size : text->str, exact);
}

static void
add_size (GtkWidget  *facts,
          const char *key,
          guint64     bytes,
          const char *format,
          guint64     count)
{
  add_estimate (facts, key, &(MemscopeEstimate) { .value = (double) bytes }, format, count);
}

static void
add_time (GtkWidget       *facts,
          const char      *key,
          guint64          time,
          MemscopeSession *session)
{
  g_autofree char *text = memscope_text_time (time, memscope_session_get_duration (session) + 1);

  memscope_part_add_fact (facts, key, text, NULL);
}

static void
fill_variable (GtkBox             *page,
               MemscopeInspection *inspection)
{
  const MemscopeGroup *group = &inspection->group;
  MemscopeSession *session = inspection->session;
  GtkWidget *card = memscope_part_card (page, _("In the selected range"), NULL);
  GtkWidget *facts = memscope_part_facts ();
  MemscopeEstimate live = memscope_group_get_live_bytes (group), born = memscope_group_get_born_bytes (group);
  MemscopeVariable variable;

  add_estimate (facts, _("Live"), &live, ngettext ("{size} in {count} block", "{size} in {count} blocks", group->live_blocks), group->live_blocks);
  add_size (facts, _("Peak"), group->peak_bytes, "{size}", 0);
  add_time (facts, _("Peak at"), group->peak_time, session);
  add_estimate (facts, _("Allocated"), &born, ngettext ("{size} in {count} block", "{size} in {count} blocks", group->births), group->births);
  if (memscope_session_has_deaths (session))
    {
      add_size (facts, _("Freed"), group->dead_bytes, ngettext ("{size} in {count} block", "{size} in {count} blocks", group->deaths), group->deaths);
      if (group->births > 0)
        {
          g_autofree char *share = memscope_text_share ((double) group->temporary / group->births);

          memscope_part_add_fact (facts, _("Temporary"), share, _("Freed before their thread’s next allocation"));
        }
    }
  else
    {
      memscope_part_add_fact (facts, _("Freed"), _("not recorded"), NULL);
    }
  add_size (facts, _("Largest block"), group->largest, "{size}", 0);
  add_time (facts, _("First event"), group->first_time, session);
  add_time (facts, _("Last event"), group->last_time, session);

  if (memscope_session_get_variable (session, group->variable, &variable))
    {
      g_autofree char *type = memscope_text_string (session, variable.type, _("not recorded"));
      g_autofree char *scope = memscope_text_string (session, variable.scope, _("not recorded"));

      memscope_part_add_fact (facts, _("Name from"), memscope_text_name_source_meaning (variable.source), NULL);
      memscope_part_add_fact (facts, _("Type"), type, NULL);
      memscope_part_add_fact (facts, _("Scope"), scope, NULL);
    }
  gtk_box_append (GTK_BOX (card), facts);
}

static const char *
function_word (MemscopeFunction function)
{
  switch (function)
    {
    case MEMSCOPE_FUNCTION_MALLOC:
      return "malloc";
    case MEMSCOPE_FUNCTION_CALLOC:
      return "calloc";
    case MEMSCOPE_FUNCTION_REALLOC:
      return "realloc";
    case MEMSCOPE_FUNCTION_ALIGNED:
      return "aligned_alloc";
    case MEMSCOPE_FUNCTION_MMAP:
      return "mmap";
    case MEMSCOPE_FUNCTION_UNKNOWN:
    default:
      return _("not recorded");
    }
}

static const char *
origin_word (MemscopeOrigin origin)
{
  switch (origin)
    {
    case MEMSCOPE_ORIGIN_HEAP:
      return _("allocator");
    case MEMSCOPE_ORIGIN_REGION:
      return _("mapped region");
    case MEMSCOPE_ORIGIN_POOL:
      return _("inside a pool");
    case MEMSCOPE_ORIGIN_API:
      return _("reported by the program");
    case MEMSCOPE_ORIGIN_FILE:
      return _("stored in the file");
    case MEMSCOPE_N_ORIGINS:
    default:
      return _("not recorded");
    }
}

static char *
dup_death_text (MemscopeSession     *session,
                const MemscopeBlock *block)
{
  guint64 span = memscope_session_get_duration (session) + 1;
  g_autofree char *time = memscope_text_time (block->death_time, span);

  switch (block->death)
    {
    case MEMSCOPE_DEATH_NONE:
      if (!memscope_session_has_deaths (session))
        return g_strdup (_("deaths were not recorded"));
      return g_strdup (_("alive at the end of the recording"));

    case MEMSCOPE_DEATH_REALLOC:
      return g_strdup_printf (_("%s, by realloc"), time);

    case MEMSCOPE_DEATH_UNSEEN:
      return g_strdup_printf (_("not seen; before %s, when its address was used again"), time);

    case MEMSCOPE_DEATH_WITH_PARENT:
      return g_strdup_printf (_("%s, with what contained it"), time);

    case MEMSCOPE_DEATH_FREE:
    default:
      return g_steal_pointer (&time);
    }
}

static void
fill_block (GtkBox              *page,
            MemscopeInspection  *inspection,
            const MemscopeBlock *block)
{
  MemscopeSession *session = inspection->session;
  GtkWidget *card = memscope_part_card (page, _("This block"), NULL);
  GtkWidget *facts = memscope_part_facts ();
  g_autofree char *address = block->address != MEMSCOPE_UNKNOWN ? g_strdup_printf ("0x%" G_GINT64_MODIFIER "x", block->address)
                                                                : g_strdup (_("not recorded"));
  g_autofree char *size = memscope_text_exact_bytes (block->size);
  g_autofree char *thread = memscope_session_dup_thread_label (session, block->thread);
  g_autofree char *death = dup_death_text (session, block);

  memscope_part_add_fact (facts, _("Address"), address, NULL);
  memscope_part_add_fact (facts, _("Size"), size, NULL);
  if (block->rounding != G_MAXUINT32)
    {
      g_autofree char *rounding = memscope_text_exact_bytes (block->rounding);

      memscope_part_add_fact (facts, _("Rounding"), rounding, _("What the allocator gave beyond what was asked for"));
    }
  else
    {
      memscope_part_add_fact (facts, _("Rounding"), _("not recorded"), NULL);
    }
  if (block->alignment_log2 > 0)
    {
      g_autofree char *alignment = memscope_text_exact_bytes (G_GUINT64_CONSTANT (1) << MIN (block->alignment_log2, 63));

      memscope_part_add_fact (facts, _("Alignment asked for"), alignment, NULL);
    }
  memscope_part_add_fact (facts, _("Source"), origin_word (block->origin), NULL);
  memscope_part_add_fact (facts, _("Function"), function_word (block->function), NULL);
  memscope_part_add_fact (facts, _("Thread"), thread, NULL);
  add_time (facts, _("Allocated at"), block->birth_time, session);
  memscope_part_add_fact (facts, _("Ended"), death, NULL);
  if (block->death_time != MEMSCOPE_NEVER)
    {
      g_autofree char *lifetime = memscope_text_duration (block->death_time - MIN (block->birth_time, block->death_time));

      memscope_part_add_fact (facts, _("Lifetime"), lifetime, NULL);
    }
  if (block->death_thread != 0)
    {
      g_autofree char *by = memscope_session_dup_thread_label (session, block->death_thread);

      memscope_part_add_fact (facts, _("Freed by"), by, NULL);
    }
  if (block->flags & MEMSCOPE_BLOCK_LEAKED_FLAG)
    memscope_part_add_fact (facts, _("Leaked"), _("the file says so"), NULL);
  gtk_box_append (GTK_BOX (card), facts);
}

static void
copy_stack (GtkButton *button,
            char      *text)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (button)), text);
}

static void
free_closure_text (gpointer  text,
                   GClosure *closure)
{
  g_free (text);
}

static void
fill_stack (GtkBox          *page,
            MemscopeSession *session,
            const char      *heading,
            MemscopeStackId  stack)
{
  GtkWidget *card = memscope_part_card (page, heading, NULL);

  if (stack != 0)
    {
      GtkWidget *head = gtk_widget_get_first_child (card);
      GtkWidget *copy = gtk_button_new_from_icon_name ("edit-copy-symbolic");

      gtk_widget_add_css_class (copy, "flat");
      gtk_widget_set_tooltip_text (copy, _("Copy the stack"));
      g_signal_connect_data (copy, "clicked", G_CALLBACK (copy_stack),
                             memscope_part_stack_text (session, stack), free_closure_text, 0);
      gtk_box_append (GTK_BOX (head), copy);
    }
  gtk_box_append (GTK_BOX (card), memscope_part_stack (session, stack));
}

void
memscope_inspector_fill_overview (GtkBox             *page,
                                  MemscopeInspection *inspection,
                                  guint64             index)
{
  MemscopeBlock block;
  GtkWidget *record;

  memscope_part_clear (page);
  if (inspection->n_rows > 0)
    {
      memscope_session_get_block (inspection->session, inspection->rows[index], &block);
      fill_block (page, inspection, &block);
      fill_stack (page, inspection->session, _("Allocation stack"), block.stack);
      if (block.death_stack != 0)
        fill_stack (page, inspection->session, _("Free stack"), block.death_stack);
    }
  fill_variable (page, inspection);

  record = inspection->n_rows > 0 ? memscope_part_record (inspection->session, inspection->rows[index]) : NULL;
  if (record != NULL)
    gtk_box_append (GTK_BOX (memscope_part_card (page, NULL, NULL)), record);
}
