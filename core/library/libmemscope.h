/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* All of libmemscope-1: open recordings, look at them through a selection,
 * export them, make new ones. `pkg-config --cflags --libs memscope-1`.
 */

#include <memscope-error.h>
#include <memscope-expression.h>
#include <memscope-loader.h>
#include <memscope-selection.h>
#include <memscope-session.h>

#include <memscope-address-map.h>
#include <memscope-completion.h>
#include <memscope-diagnostics.h>
#include <memscope-estimate.h>
#include <memscope-finding-text.h>
#include <memscope-finding.h>
#include <memscope-groups.h>
#include <memscope-histograms.h>
#include <memscope-hot-pages.h>
#include <memscope-leaks.h>
#include <memscope-rule.h>
#include <memscope-stage.h>
#include <memscope-summary.h>
#include <memscope-suppressions.h>
#include <memscope-timeline.h>

#include <memscope-html-exporter.h>
#include <memscope-html-exporter.h>
#include <memscope-json-exporter.h>
#include <memscope-map-blob.h>

#include <memscope-launcher.h>
#include <memscope-live-list.h>
#include <memscope-live-recording.h>
#include <memscope-live-session.h>
#include <memscope-paths.h>
#include <memscope-symbolizer.h>
#include <memscope-target.h>

#include <memscope-recording.h>
#include <memscope-recording-group.h>
