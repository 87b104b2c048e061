/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Where findings lead to, and muting them. */

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "memscope-diagnostics-view-private.h"
#include "memscope-query.h"

/* As much of a name as is searched for. */
#define MAX_TEXT_CHARS 200

/* ---- show me ---------------------------------------------------------------------- */

static gpointer
group_query (MemscopeSession   *session,
             MemscopeSelection *selection,
             gpointer           data,
             GCancellable      *cancellable)
{
  MemscopeVariableId variable = GPOINTER_TO_UINT (data);
  static const MemscopeGroupBy ways[] = { MEMSCOPE_GROUP_BY_THREAD_VARIABLE, MEMSCOPE_GROUP_BY_VARIABLE };

  /* One thread's card when one thread has all of it, else all threads together. */
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autoptr(MemscopeGroups) groups = memscope_groups_new (session, selection, ways[i], cancellable, NULL);
      const MemscopeGroup *found = NULL;
      guint n = 0;

      for (guint64 k = 0; groups != NULL && k < groups->n_groups; k++)
        {
          if (groups->groups[k].variable != variable)
            continue;
          if (found == NULL)
            found = &groups->groups[k];
          n++;
        }
      if (n == 1)
        return g_memdup2 (found, sizeof *found);
    }

  return NULL;
}

static void
memscope_diagnostics_view_group_done (gpointer owner,
                                      gpointer result)
{
  MemscopeDiagnosticsView *self = owner;
  g_autofree MemscopeGroup *group = result;

  if (group != NULL && self->state != NULL)
    memscope_view_state_set_group (self->state, group);
}

/* What finds the variable in a search; NULL: nothing that can be typed. */
static char *
dup_search_text (MemscopeSession       *session,
                 const MemscopeFinding *finding)
{
  MemscopeVariable variable;
  g_autofree char *displayed = NULL;
  const char *bytes;
  gsize length;

  if (!finding->has_subject || !memscope_session_get_variable (session, finding->subject, &variable) || variable.name == 0)
    return NULL;

  displayed = memscope_session_dup_display_string (session, variable.name);
  bytes = memscope_session_get_string (session, variable.name, &length);
  if (*displayed == '\0' || strlen (displayed) != length || memcmp (displayed, bytes, length) != 0)
    return NULL;

  return g_utf8_strlen (displayed, -1) > MAX_TEXT_CHARS ? g_utf8_substring (displayed, 0, MAX_TEXT_CHARS)
                                                         : g_steal_pointer (&displayed);
}

/* The selection that a finding is of: its time, and where it helps its variable. */
static MemscopeSelection *
dup_selection (MemscopeDiagnosticsView *self,
               const MemscopeFinding   *finding)
{
  MemscopeSession *session = memscope_view_state_get_session (self->state);
  MemscopeSelection *current = memscope_view_state_get_selection (self->state);
  guint64 last = memscope_view_state_get_end (self->state);
  gboolean instant_only = finding->show == MEMSCOPE_SHOW_INSTANT;
  guint64 begin = instant_only ? memscope_selection_get_begin (current) : MIN (finding->begin, last - 1);
  guint64 end = instant_only ? memscope_selection_get_end (current) : CLAMP (finding->end, begin + 1, last);
  g_autofree char *text = finding->show == MEMSCOPE_SHOW_VARIABLE ? dup_search_text (session, finding) : NULL;
  g_autoptr(MemscopeSelection) ranged = memscope_selection_with_range (current, begin, end);
  g_autoptr(MemscopeSelection) timed = memscope_selection_with_instant (ranged, CLAMP (finding->show_instant, begin, end));

  return text != NULL ? memscope_selection_with_text (timed, text) : g_steal_pointer (&timed);
}

void
memscope_diagnostics_view_show_me (MemscopeDiagnosticsView *self,
                                   const MemscopeFinding   *finding)
{
  g_autoptr(MemscopeSelection) selection = dup_selection (self, finding);
  MemscopeViewState *state = self->state;
  gboolean has_subject = finding->has_subject;
  MemscopeVariableId subject = finding->subject;
  const char *view = finding->show == MEMSCOPE_SHOW_RANGE ? "overview" : "variables";

  /* The view first: the way back then leads to this list as it is. From here on the
   * finding may be gone.
   */
  memscope_view_state_set_view (state, view);
  memscope_view_state_set_stages (state, 0);
  memscope_view_state_set_selection (state, selection);
  if (has_subject && g_str_equal (view, "variables"))
    memscope_query_run (&self->group_query, self, memscope_view_state_get_session (state), selection,
                        group_query, GUINT_TO_POINTER (subject), NULL, g_free, memscope_diagnostics_view_group_done);
}

void
memscope_diagnostics_view_show_tree (MemscopeDiagnosticsView *self,
                                     const MemscopeFinding   *finding)
{
  g_autoptr(MemscopeSelection) selection = dup_selection (self, finding);

  memscope_view_state_set_view (self->state, "calls");
  memscope_view_state_set_selection (self->state, selection);
}

/* ---- mute ------------------------------------------------------------------------------ */

typedef struct
{
  MemscopeMutes *mutes;
  char          *line;
  gboolean       muted;     /* what is to be taken back */
} Undo;

static void
undo_free (gpointer  data,
           GClosure *closure)
{
  Undo *undo = data;

  g_object_unref (undo->mutes);
  g_free (undo->line);
  g_free (undo);
}

static void
undo_run (Undo *undo)
{
  if (undo->muted)
    memscope_mutes_remove (undo->mutes, undo->line, NULL);
  else
    memscope_mutes_add (undo->mutes, undo->line, NULL);
}

static void
add_toast (MemscopeDiagnosticsView *self,
           const char              *text,
           Undo                    *undo)
{
  GtkWidget *overlay = gtk_widget_get_ancestor (GTK_WIDGET (self), ADW_TYPE_TOAST_OVERLAY);
  AdwToast *toast;

  if (overlay == NULL)
    {
      if (undo != NULL)
        undo_free (undo, NULL);
      return;
    }

  toast = adw_toast_new (text);
  adw_toast_set_priority (toast, ADW_TOAST_PRIORITY_HIGH);
  if (undo != NULL)
    {
      adw_toast_set_button_label (toast, _("_Undo"));
      g_signal_connect_data (toast, "button-clicked", G_CALLBACK (undo_run), undo, undo_free, G_CONNECT_SWAPPED);
    }
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (overlay), toast);
}

void
memscope_diagnostics_view_mute (MemscopeDiagnosticsView *self,
                                const MemscopeFinding   *finding)
{
  MemscopeSession *session = memscope_view_state_get_session (self->state);
  gboolean muting = finding->suppressed_by == NULL;
  g_autofree char *line = muting ? memscope_suppressions_write (session, finding) : g_strdup (finding->suppressed_by);
  g_autoptr(GError) error = NULL;
  Undo *undo;
  gboolean done;

  if (line == NULL)
    {
      add_toast (self, _("Nothing tells this finding apart from others, so it can’t be muted"), NULL);
      return;
    }

  /* The finding is shown anew while this runs. */
  done = muting ? memscope_mutes_add (self->mutes, line, &error) : memscope_mutes_remove (self->mutes, line, &error);
  if (!done)
    {
      g_autofree char *escaped = g_markup_escape_text (error->message, -1);

      add_toast (self, escaped, NULL);
      return;
    }

  undo = g_new0 (Undo, 1);
  undo->mutes = g_object_ref (self->mutes);
  undo->line = g_steal_pointer (&line);
  undo->muted = muting;
  add_toast (self, muting ? _("Muted, here and in later recordings") : _("No longer muted"), undo);
}
