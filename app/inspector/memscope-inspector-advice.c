/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The inspector's fourth page: advice, each with the figures it rests on, what it
 * would save, and how that was reckoned.
 */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-finding-text.h"
#include "memscope-inspector-parts.h"
#include "memscope-text.h"

/* What is said here of one card is what the rules of diagnosis say of a variable: the
 * same judgements (memscope-rule.h) and the same advice.
 */

static void
add_advice (GtkBox     *page,
            guint      *n,
            const char *icon,
            const char *title,
            const char *evidence,
            const char *advice,
            const char *saving)
{
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  GtkWidget *image = gtk_image_new_from_icon_name (icon);

  gtk_widget_set_valign (image, GTK_ALIGN_START);
  gtk_widget_add_css_class (image, g_str_equal (icon, "memscope-warning-symbolic") ? "severity-warning" : "severity-hint");
  gtk_widget_set_hexpand (words, TRUE);
  gtk_box_append (GTK_BOX (words), memscope_part_wrapped (title, "card-title"));
  gtk_box_append (GTK_BOX (words), memscope_part_wrapped (evidence, "dim"));
  gtk_box_append (GTK_BOX (words), memscope_part_wrapped (advice, ""));
  gtk_box_append (GTK_BOX (words), memscope_part_wrapped (saving, "caption dim"));
  gtk_box_append (GTK_BOX (card), image);
  gtk_box_append (GTK_BOX (card), words);
  gtk_widget_add_css_class (card, "card");
  gtk_widget_add_css_class (card, "panel");
  gtk_box_append (page, card);
  (*n)++;
}

static void
advise_reserve (GtkBox             *page,
                guint              *n,
                MemscopeInspection *inspection)
{
  g_autofree char *reallocs = memscope_text_count (inspection->reallocs);
  g_autofree char *moves = memscope_text_count (inspection->moves);
  g_autofree char *copied = memscope_text_size (inspection->copied_bytes);
  g_autofree char *evidence = NULL;
  g_autofree char *saving = NULL;

  if (!memscope_rule_is_realloc_churn (inspection->reallocs, inspection->copied_bytes))
    return;

  evidence = g_strdup_printf (ngettext ("%s reallocation, %s of them moved the block and copied at least %s.",
                                        "%s reallocations, %s of them moved the block and copied at least %s.",
                                        inspection->reallocs), reallocs, moves, copied);
  saving = g_strdup_printf (_("Saves up to %s of copying: the sum of the smaller size over all moves."), copied);
  add_advice (page, n, "memscope-hint-symbolic", _("Reserve once instead of growing"), evidence,
              memscope_rule_get_advice (MEMSCOPE_RULE_REALLOC_CHURN),
              saving);
}

static void
advise_reuse (GtkBox             *page,
              guint              *n,
              MemscopeInspection *inspection)
{
  const MemscopeGroup *group = &inspection->group;
  double share = group->births > 0 ? (double) group->temporary / group->births : 0;
  g_autofree char *temporary = memscope_text_count (group->temporary);
  g_autofree char *percent = memscope_text_share (share);
  g_autofree char *evidence = NULL;
  g_autofree char *saving = NULL;

  if (!memscope_rule_is_temporary_churn (group->births, group->temporary))
    return;

  evidence = g_strdup_printf (ngettext ("%s allocation (%s) was freed before its thread’s next one.",
                                        "%s allocations (%s) were freed before their thread’s next one.",
                                        group->temporary), temporary, percent);
  saving = g_strdup_printf (ngettext ("Saves up to %s pair of malloc and free: the temporary one.",
                                      "Saves up to %s pairs of malloc and free: the temporary ones.",
                                      group->temporary), temporary);
  add_advice (page, n, "memscope-hint-symbolic", _("Reuse a buffer"), evidence,
              memscope_rule_get_advice (MEMSCOPE_RULE_TEMPORARY_CHURN), saving);
}

static void
advise_pool (GtkBox             *page,
             guint              *n,
             MemscopeInspection *inspection)
{
  double share = inspection->n_rows > 0 ? (double) inspection->common_count / inspection->n_rows : 0;
  g_autofree char *count = memscope_text_count (inspection->common_count);
  g_autofree char *size = memscope_text_exact_bytes (inspection->common_size);
  g_autofree char *percent = memscope_text_share (share);
  g_autofree char *saved = memscope_text_size (inspection->group.live_blocks * memscope_rule_limits.block_header);
  g_autofree char *evidence = NULL;
  g_autofree char *saving = NULL;

  if (!memscope_rule_is_equal_small (inspection->n_rows, inspection->common_count, inspection->common_size))
    return;

  evidence = g_strdup_printf (_("%s of the blocks (%s) have the same size of %s."), count, percent, size);
  saving = g_strdup_printf (_("Saves about %s at this instant: %u bytes of allocator overhead for each live block."), saved,
                            (guint) memscope_rule_limits.block_header);
  add_advice (page, n, "memscope-hint-symbolic", _("Use a pool for small equal blocks"), evidence,
              memscope_rule_get_advice (MEMSCOPE_RULE_EQUAL_SMALL_BLOCKS),
              inspection->group.live_blocks > 0 ? saving : _("How much time it saves was not measured."));
}

static void
advise_rounding (GtkBox             *page,
                 guint              *n,
                 MemscopeInspection *inspection)
{
  double share = inspection->requested > 0 ? (double) inspection->rounding / inspection->requested : 0;
  g_autofree char *rounding = memscope_text_size (inspection->rounding);
  g_autofree char *percent = memscope_text_share (share);
  g_autofree char *evidence = NULL;
  g_autofree char *saving = NULL;

  if (!memscope_rule_is_rounding (inspection->requested, inspection->rounding))
    return;

  evidence = g_strdup_printf (_("The allocator gave %s more than was asked for, %s of it, over all blocks listed."), rounding, percent);
  saving = g_strdup_printf (_("Saves up to %s over the blocks’ lives: usable less requested bytes."), rounding);
  add_advice (page, n, "memscope-hint-symbolic", _("Sizes fit the allocator badly"), evidence,
              memscope_rule_get_advice (MEMSCOPE_RULE_ROUNDING),
              saving);
}

static void
advise_never_freed (GtkBox             *page,
                    guint              *n,
                    MemscopeInspection *inspection)
{
  MemscopeSession *session = inspection->session;
  g_autofree char *count = memscope_text_count (inspection->never_died);
  g_autofree char *live = memscope_text_size (inspection->group.live_bytes);
  g_autofree char *evidence = NULL;
  g_autofree char *saving = NULL;

  if (inspection->never_died == 0 || !memscope_session_has_deaths (session))
    return;
  /* A program cut off or still running may yet free them. */
  if (!memscope_session_get_complete (session) || !memscope_session_get_process_ended (session))
    return;

  evidence = g_strdup_printf (ngettext ("%s block was alive when the program ended.",
                                        "%s blocks were alive when the program ended.",
                                        inspection->never_died), count);
  saving = g_strdup_printf (_("%s are live at the instant. Alive at the end is what a recording shows; whether it matters depends on whether the number grows with the work done."), live);
  add_advice (page, n, "memscope-warning-symbolic", _("Never freed"), evidence,
              _("Look at the allocation stack: who should free them, and when?"), saving);
}

static void
advise_contention (GtkBox             *page,
                   guint              *n,
                   MemscopeInspection *inspection)
{
  double share = inspection->known_freers > 0 ? (double) inspection->foreign_frees / inspection->known_freers : 0;
  g_autofree char *count = memscope_text_count (inspection->foreign_frees);
  g_autofree char *percent = memscope_text_share (share);
  g_autofree char *evidence = NULL;

  if (!memscope_rule_is_cross_thread (inspection->known_freers, inspection->foreign_frees))
    return;

  evidence = g_strdup_printf (ngettext ("%s block (%s) was freed by another thread than the one that allocated it.",
                                        "%s blocks (%s) were freed by another thread than the one that allocated them.",
                                        inspection->foreign_frees), count, percent);
  add_advice (page, n, "memscope-hint-symbolic", _("Freed across threads"), evidence,
              memscope_rule_get_advice (MEMSCOPE_RULE_CROSS_THREAD_FREES),
              _("How much time it saves was not measured."));
}

void
memscope_inspector_fill_advice (GtkBox             *page,
                                MemscopeInspection *inspection)
{
  guint n = 0;

  memscope_part_clear (page);
  advise_never_freed (page, &n, inspection);
  advise_reserve (page, &n, inspection);
  advise_reuse (page, &n, inspection);
  advise_pool (page, &n, inspection);
  advise_rounding (page, &n, inspection);
  advise_contention (page, &n, inspection);

  if (n == 0)
    {
      GtkWidget *card = memscope_part_card (page, _("Nothing to advise"), NULL);

      gtk_box_append (GTK_BOX (card),
                      memscope_part_wrapped (_("Checked: blocks never freed, growth by realloc, temporary blocks, many small equal blocks, rounding, frees across threads."), "dim"));
    }
  if (!memscope_session_has_deaths (inspection->session))
    gtk_box_append (page, memscope_part_wrapped (_("Deaths were not recorded, so temporary blocks and blocks never freed could not be checked."), "caption dim"));
  if (inspection->n_rows < inspection->n_total)
    {
      g_autofree char *listed = memscope_text_count (inspection->n_rows);
      g_autofree char *text = g_strdup_printf (_("Figures over single blocks cover the first %s."), listed);

      gtk_box_append (page, memscope_part_wrapped (text, "caption dim"));
    }
}
