/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "memscope-call-hits.h"
#include "memscope-calls-table.h"
#include "memscope-calls-view.h"
#include "memscope-flame-graph.h"
#include "memscope-peak-hint.h"

G_BEGIN_DECLS

struct _MemscopeCallsView
{
  AdwBin                parent_instance;

  MemscopeViewState    *state;
  GSignalGroup         *signals;
  GCancellable         *query;
  GCancellable         *search;
  GCancellable         *inspect;
  MemscopeCallTree     *tree;
  MemscopeSelection    *shown;          /* what the tree is of */
  MemscopeSelection    *asked;          /* what the one under way will be of */
  MemscopeCallHits     *hits;
  guint                 hit;            /* of them, the selected one; MEMSCOPE_CALL_NONE: none */
  guint                 module;         /* the colour that is looked for; MEMSCOPE_CALL_NONE: any */
  guint                 spinner_source;
  guint                 layout_source;
  guint                 width_source;
  gboolean              narrow;
  gboolean              by_thread;
  gboolean              flames;
  gboolean              chosen;         /* the measure: not at first sight any more */
  gboolean              placing;        /* the program moves the divider */
  gboolean              placed;         /* a person has moved it */

  GtkWidget            *toolbar;
  GtkWidget            *controls;
  GtkWidget            *finder;
  GtkWidget            *previous_hit_button;
  GtkWidget            *next_hit_button;
  GtkWidget            *chips;
  GtkWidget            *displays;
  GtkToggleButton      *bottom_up_button;
  GtkDropDown          *measure_dropdown;
  GtkEditable          *search_entry;
  GtkLabel             *hits_label;
  GtkWidget            *hits_chip;
  GtkLabel             *hits_chip_label;
  GtkBox               *legend;
  GtkToggleButton      *graph_button;
  GtkToggleButton      *table_button;
  MemscopePeakHint     *peak_hint;
  GtkWidget            *names_bar;
  GtkLabel             *names_label;
  GtkWidget            *path_row;
  GtkBox               *path;
  GtkScrolledWindow    *path_scroller;
  GtkWidget            *busy_box;
  GtkSpinner           *spinner;
  GtkSpinner           *first_spinner;
  GtkLabel             *status_label;
  GtkStack             *stack;
  GtkPaned             *paned;
  GtkScrolledWindow    *graph_scroller;
  MemscopeFlameGraph   *graph;
  MemscopeCallsTable   *table;
  AdwStatusPage        *empty_page;
  GtkWidget            *clear_button;
  GtkWidget            *again_button;
  GtkWidget            *menu;
};

/* memscope-calls-view.c */
void    memscope_calls_view_select          (MemscopeCallsView      *self,
                                             guint32                 node);
void    memscope_calls_view_zoom            (MemscopeCallsView      *self,
                                             guint32                 node);
guint32 memscope_calls_view_get_selected    (MemscopeCallsView      *self);
/* memscope-calls-view-actions.c */
void    memscope_calls_view_class_init_actions (MemscopeCallsViewClass *klass);
void    memscope_calls_view_update_actions  (MemscopeCallsView      *self);
/* memscope-calls-view-search.c */
void    memscope_calls_view_find            (MemscopeCallsView      *self);
void    memscope_calls_view_step_hit        (MemscopeCallsView      *self,
                                             int                     step);
void    memscope_calls_view_show_hits       (MemscopeCallsView      *self);
void    memscope_calls_view_drop_hits       (MemscopeCallsView      *self);
/* memscope-calls-view-words.c */
void    memscope_calls_view_show_path       (MemscopeCallsView      *self);
void    memscope_calls_view_show_status     (MemscopeCallsView      *self);
void    memscope_calls_view_show_legend     (MemscopeCallsView      *self);
void    memscope_calls_view_show_empty      (MemscopeCallsView      *self);
void    memscope_calls_view_show_stopped    (MemscopeCallsView      *self);

G_END_DECLS
