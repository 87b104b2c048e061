/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "memscope-diagnostics-view.h"
#include "memscope-finding-detail.h"
#include "memscope-mutes.h"

G_BEGIN_DECLS

struct _MemscopeDiagnosticsView
{
  AdwBin                 parent_instance;

  MemscopeViewState     *state;
  GSignalGroup          *signals;
  MemscopeMutes         *mutes;

  /* the analysis */
  GCancellable          *query;
  MemscopeSelection     *asked;         /* what the query under way is of */
  MemscopeSelection     *answered;      /* what @result is of */
  MemscopeDiagnostics   *result;
  struct _Progress      *progress_state;
  guint                  progress_source;
  gint64                 started;
  gint64                 starving_since;  /* queries are cancelled by newer ones since then; 0: not */
  gboolean               again;
  gboolean               stopped;
  guint                  first_source;
  guint                  mutes_source;

  /* what is shown */
  int                    category;      /* -1: all */
  guint                  n_shown;       /* rows of the list, at most */
  const MemscopeFinding *selected;      /* of @result */
  gboolean               select_leak;
  gboolean               selecting;
  GCancellable          *group_query;

  GtkRevealer           *progress_revealer;
  GtkProgressBar        *progress;
  GtkStack              *stack;
  AdwStatusPage         *wait_page;
  GtkWidget             *again_button;
  AdwLeaflet            *leaflet;
  GtkWidget             *list_side;
  GtkWidget             *detail_side;
  GtkBox                *categories;
  GtkWidget             *category_scroller;
  GtkLabel              *complaint;
  GtkWidget             *sampled;
  GtkListBox            *list;
  GtkWidget             *more_button;
  GtkWidget             *nothing;
  GtkLabel              *nothing_title;
  GtkLabel              *nothing_words;
  GtkExpander           *muted_expander;
  GtkListBox            *muted_list;
  GtkExpander           *unchecked_expander;
  GtkBox                *unchecked;
  GtkExpander           *checked_expander;
  GtkBox                *checked;
  GtkWidget             *back;
  MemscopeFindingDetail *detail;
};

/* memscope-diagnostics-view.c: shows @finding in the detail pane; NULL: none. */
void memscope_diagnostics_view_select     (MemscopeDiagnosticsView *self,
                                           const MemscopeFinding   *finding);
/* memscope-diagnostics-view.c: the result again, when what is muted changed. */
void memscope_diagnostics_view_refresh    (MemscopeDiagnosticsView *self);

/* memscope-diagnostics-view-list.c */
void memscope_diagnostics_view_init_list  (MemscopeDiagnosticsView *self);
void memscope_diagnostics_view_fill       (MemscopeDiagnosticsView *self);
void memscope_diagnostics_view_clear_rows (MemscopeDiagnosticsView *self);
/* Selects the row of @finding where there is one. */
void memscope_diagnostics_view_mark_row   (MemscopeDiagnosticsView *self);

/* memscope-diagnostics-view-actions.c */
void memscope_diagnostics_view_show_me    (MemscopeDiagnosticsView *self,
                                           const MemscopeFinding   *finding);
void memscope_diagnostics_view_show_tree  (MemscopeDiagnosticsView *self,
                                           const MemscopeFinding   *finding);
/* Mutes it, or unmutes it when it is muted; with a toast to take that back. */
void memscope_diagnostics_view_mute       (MemscopeDiagnosticsView *self,
                                           const MemscopeFinding   *finding);

G_END_DECLS
