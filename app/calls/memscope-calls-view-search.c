/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-calls-view-private.h"
#include "memscope-query.h"
#include "memscope-text.h"

typedef struct
{
  MemscopeCallTree *tree;
  char             *text;
  guint             module;
} HitsRequest;

static void
hits_request_free (gpointer data)
{
  HitsRequest *request = data;

  memscope_call_tree_unref (request->tree);
  g_free (request->text);
  g_free (request);
}

static gpointer
hits_query (MemscopeSession   *session,
            MemscopeSelection *selection,
            gpointer           data,
            GCancellable      *cancellable)
{
  HitsRequest *request = data;

  return memscope_call_hits_new (request->tree, request->text, request->module, cancellable);
}

void
memscope_calls_view_drop_hits (MemscopeCallsView *self)
{
  memscope_query_cancel (&self->search);
  memscope_flame_graph_set_hits (self->graph, NULL);
  g_clear_pointer (&self->hits, memscope_call_hits_free);
  self->hit = MEMSCOPE_CALL_NONE;
  memscope_calls_view_show_hits (self);
}

/* "5 / 8", and how much the hits hold. */
void
memscope_calls_view_show_hits (MemscopeCallsView *self)
{
  gboolean some = self->hits != NULL && self->hits->n_hits > 0;
  g_autofree char *position = NULL;
  g_autofree char *count = NULL;
  g_autofree char *text = NULL;

  gtk_widget_set_visible (self->hits_chip, some);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "calls.next-hit", some);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "calls.previous-hit", some);
  if (self->hits != NULL && !some && *gtk_editable_get_text (self->search_entry) != '\0')
    gtk_widget_add_css_class (GTK_WIDGET (self->search_entry), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->search_entry), "error");
  if (self->hits == NULL)
    {
      gtk_label_set_text (self->hits_label, "");
      return;
    }

  self->hit = memscope_call_hits_find (self->hits, memscope_calls_view_get_selected (self));
  position = memscope_text_count (self->hit != MEMSCOPE_CALL_NONE ? self->hit + 1 : 0);
  count = memscope_text_count (self->hits->n_hits);
  /* Translators: of hits of a search, which one is selected and how many there are */
  text = g_strdup_printf (_("%s / %s"), position, count);
  gtk_label_set_text (self->hits_label, text);

  if (some)
    {
      guint64 total = memscope_call_tree_get_total (self->tree, 0);
      g_autofree char *share = memscope_measure_dup_share (total > 0 ? (double) self->hits->weight / (double) total : 0);
      g_autofree char *exact = memscope_call_tree_dup_exact (self->tree, self->hits->weight);
      g_autofree char *holds = g_strdup_printf (ngettext ("%s frame holds %s", "%s frames hold %s", self->hits->n_hits), count, share);
      g_autofree char *once = g_strdup_printf (_("%s: %s. What several of them have on their path is counted once. Click to end the search."),
                                               memscope_measure_get_title (memscope_call_tree_get_measure (self->tree)), exact);

      gtk_label_set_text (self->hits_chip_label, holds);
      gtk_widget_set_tooltip_text (self->hits_chip, once);
    }
}

static void
memscope_calls_view_hits_done (gpointer owner,
                               gpointer result)
{
  MemscopeCallsView *self = owner;
  MemscopeCallHits *hits = result;

  if (hits != NULL && hits->tree != self->tree)
    {
      memscope_call_hits_free (hits);
      return;
    }

  memscope_flame_graph_set_hits (self->graph, hits);
  g_clear_pointer (&self->hits, memscope_call_hits_free);
  self->hits = hits;
  memscope_calls_view_show_hits (self);
}

/* What stands in the entry, and the module chosen in the legend. */
void
memscope_calls_view_find (MemscopeCallsView *self)
{
  const char *text = gtk_editable_get_text (self->search_entry);
  HitsRequest *request;

  memscope_calls_table_set_needle (self->table, text);
  if (self->tree == NULL || (*text == '\0' && self->module == MEMSCOPE_CALL_NONE))
    {
      memscope_calls_view_drop_hits (self);
      return;
    }

  request = g_new0 (HitsRequest, 1);
  request->tree = memscope_call_tree_ref (self->tree);
  request->text = g_strdup (text);
  request->module = self->module;
  memscope_query_run (&self->search, self, memscope_view_state_get_session (self->state),
                      memscope_view_state_get_selection (self->state), hits_query, request, hits_request_free,
                      (GDestroyNotify) memscope_call_hits_free, memscope_calls_view_hits_done);
}

void
memscope_calls_view_step_hit (MemscopeCallsView *self,
                              int                step)
{
  gint64 n, hit;

  if (self->hits == NULL || self->hits->n_hits == 0)
    return;

  n = self->hits->n_hits;
  if (self->hit == MEMSCOPE_CALL_NONE)
    hit = step > 0 ? 0 : n - 1;
  else
    hit = (self->hit + step + n) % n;
  memscope_calls_view_select (self, self->hits->hits[hit]);
}
