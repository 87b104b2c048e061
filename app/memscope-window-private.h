/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "memscope-calls-view.h"
#include "memscope-diagnostics-view.h"
#include "memscope-filter-bar.h"
#include "memscope-inspector.h"
#include "memscope-launcher.h"
#include "memscope-live-follower.h"
#include "memscope-map-view.h"
#include "memscope-overview-view.h"
#include "memscope-record-bar.h"
#include "memscope-session-banner.h"
#include "memscope-sparkline.h"
#include "memscope-start-page.h"
#include "memscope-time-strip.h"
#include "memscope-variables-view.h"
#include "memscope-window.h"

G_BEGIN_DECLS

struct _MemscopeWindow
{
  AdwApplicationWindow   parent_instance;

  MemscopeViewState     *state;
  GFile                 *file;
  GSignalGroup          *signals;
  GCancellable          *remember;     /* the query for the start page's row */
  gboolean               narrow;
  guint                  narrow_source;
  guint                  title_source;
  guint                  prepare_source;
  MemscopeSelection     *cleared;      /* what “Undo” brings back */
  guint                  cleared_stages;
  int                    inspector_width;   /* while the window is not narrow */
  gboolean               below_half;        /* narrower than what gives the inspector half of it */
  char                  *memory_key;   /* of what is remembered of the session; NULL: nothing is */

  /* loading */
  GCancellable          *loading;
  struct _LoadProgress  *progress;
  guint                  progress_source;
  char                  *pending_view;

  /* live */
  MemscopeLiveSession   *live;
  MemscopeLiveFollower  *follower;     /* NULL: nothing of it is shown yet */
  MemscopeLauncher      *launcher;     /* NULL: somebody else started the program */
  gboolean               live_over;    /* its end was told */
  guint                  successor_tries;
  guint                  inhibition;

  /* exporting */
  GCancellable          *exporting;
  struct _ExportJob     *export_job;
  AdwToast              *export_toast;   /* weak */
  GtkFileChooserNative  *chooser;

  /* repairing */
  GCancellable          *repairing;
  struct _RepairJob     *repair_job;

  AdwToastOverlay       *toasts;
  AdwHeaderBar          *header;
  GtkWidget             *back_button;
  GtkWidget             *way_box;
  GtkWidget             *title_box;
  GtkLabel              *title_label;
  GtkLabel              *subtitle_label;
  AdwViewSwitcherTitle  *switcher_title;
  AdwViewSwitcherBar    *switcher_bar;
  GtkWidget             *export_button;
  GtkWidget             *search_button;
  GtkRevealer           *export_revealer;
  GtkLabel              *export_label;
  GtkProgressBar        *export_progress;
  GtkStack              *stack;
  MemscopeStartPage     *start_page;
  AdwStatusPage         *loading_page;
  GtkProgressBar        *loading_progress;
  GtkWidget             *loading_facts;
  GtkLabel              *loading_counts;
  GtkLabel              *loading_state;
  MemscopeSparkline     *loading_rate;
  AdwStatusPage         *error_page;
  GtkLabel              *error_advice;
  GtkLabel              *error_details;
  MemscopeSessionBanner *banner;
  MemscopeRecordBar     *record_bar;
  AdwFlap               *flap;
  MemscopeFilterBar     *filter_bar;
  AdwViewStack          *views;
  MemscopeOverviewView  *overview;
  MemscopeVariablesView *variables;
  MemscopeMapView       *map;
  MemscopeCallsView     *calls;
  MemscopeDiagnosticsView *diagnostics;
  MemscopeInspector     *inspector;
  MemscopeTimeStrip     *strip;

  /* while files hover over the window */
  GtkWidget             *drop_zone;
  AdwStatusPage         *drop_page;
};

/* memscope-window-actions.c */
void memscope_window_class_init_actions (MemscopeWindowClass *klass);
void memscope_window_update_actions     (MemscopeWindow      *self);
/* memscope-window-way.c */
void memscope_window_class_init_way     (MemscopeWindowClass *klass);
void memscope_window_init_way           (MemscopeWindow      *self);
void memscope_window_update_way         (MemscopeWindow      *self);
/* memscope-window-remember.c */
void memscope_window_class_init_remember (MemscopeWindowClass *klass);
void memscope_window_init_separator     (MemscopeWindow      *self);
void memscope_window_restore_geometry   (MemscopeWindow      *self);
void memscope_window_save_geometry      (MemscopeWindow      *self);
void memscope_window_save_session       (MemscopeWindow      *self);
gboolean memscope_window_restore_session (MemscopeWindow     *self);
void memscope_window_say_restored       (MemscopeWindow      *self);
const char *memscope_window_get_last_view (void);
/* memscope-window-live.c */
void memscope_window_class_init_live    (MemscopeWindowClass *klass);
void memscope_window_init_live          (MemscopeWindow      *self);
void memscope_window_update_live        (MemscopeWindow      *self);
void memscope_window_drop_live          (MemscopeWindow      *self);
gboolean memscope_window_is_recording   (MemscopeWindow      *self);
/* TRUE: a program that was launched here is being recorded, and people are asked what
 * is to become of that; the answer does what is left to do.
 */
gboolean memscope_window_ask_before_leaving (MemscopeWindow  *self,
                                             gboolean         close);
/* memscope-window-load.c */
void memscope_window_cancel_loading     (MemscopeWindow      *self);
void memscope_window_remember           (MemscopeWindow      *self);
/* memscope-window-export.c */
void memscope_window_class_init_export  (MemscopeWindowClass *klass);
void memscope_window_cancel_export      (MemscopeWindow      *self);
/* memscope-window-repair.c */
void memscope_window_class_init_repair  (MemscopeWindowClass *klass);
void memscope_window_cancel_repair      (MemscopeWindow      *self);
/* memscope-window-dnd.c */
void memscope_window_init_dnd           (MemscopeWindow      *self);
/* memscope-window.c */
void memscope_window_show_start         (MemscopeWindow      *self);
void memscope_window_show_titles        (MemscopeWindow      *self);
void memscope_window_show_page          (MemscopeWindow      *self,
                                         const char          *name);

G_END_DECLS
