/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "memscope-diagnostics.h"
#include "memscope-groups.h"
#include "memscope-histograms.h"
#include "memscope-html-exporter.h"
#include "memscope-leaks.h"
#include "memscope-page-calls.h"
#include "memscope-page-places.h"
#include "memscope-page-rows.h"
#include "memscope-summary.h"
#include "memscope-timeline.h"

G_BEGIN_DECLS

/* Everything the analyses say of a selection, as the page shows it. */
typedef struct
{
  MemscopeSession        *session;
  MemscopeSelection      *selection;
  MemscopeSummary        *summary;
  MemscopeTimeline       *timeline;
  MemscopeHistograms     *histograms;
  MemscopeLeaks          *leaks;
  MemscopeDiagnostics    *diagnostics;
  MemscopeGroups         *cards;       /* by thread and variable */
  MemscopeGroups         *threads;
  MemscopeGroups         *variables;
  MemscopeGroups         *call_sites;
  MemscopeGroups         *types;
  MemscopeGroups         *modules;
  MemscopeThreadCategory *categories;
  MemscopePageCalls      *calls;
} MemscopePageModel;

/* Steps of memscope_page_model_init(), for its progress. */
#define MEMSCOPE_PAGE_MODEL_STEPS 12

typedef void (*MemscopePageStepFunc) (gpointer user_data);

gboolean memscope_page_model_init  (MemscopePageModel          *self,
                                    MemscopeSession            *session,
                                    MemscopeSelection          *selection,
                                    const MemscopeSuppressions *suppressions,    /* NULL: those of run-time libraries */
                                    MemscopePageStepFunc        step,
                                    gpointer                    step_data,
                                    GCancellable               *cancellable,
                                    GError                    **error);
void     memscope_page_model_clear (MemscopePageModel          *self);

/* The head of the page as JSON. The strings come last: all else refers to them. */
char    *memscope_page_model_write (MemscopePageModel          *self,
                                    const MemscopeHtmlOptions  *options,
                                    MemscopePageRows           *rows,
                                    MemscopePagePlaces         *places,
                                    guint                       calls_left_out,
                                    gboolean                    extras_left_out);

G_END_DECLS
