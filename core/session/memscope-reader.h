/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-loader.h"
#include "memscope-session-builder.h"

G_BEGIN_DECLS

/* What all readers have in common: one is given the whole file as bytes, feeds
 * the builder, and says now and then how far it is.
 */
typedef struct
{
  GCancellable         *cancellable;
  MemscopeProgressFunc  progress;        /* NULL: nobody asks */
  gpointer              progress_data;
  guint64               total;
  guint64               done_before;     /* of `total`, before this reader began */
  gint64                last_time;
} MemscopeReading;

/* Reports that @done bytes are understood; call it every few thousand records.
 * FALSE: cancelled, and @error is set.
 */
gboolean memscope_reading_step (MemscopeReading  *self,
                                guint64           done,
                                GError          **error);

/* Feeds @builder with what @bytes holds. What is damaged becomes a warning; FALSE
 * with @error only when nothing could be saved, or cancelled.
 */
typedef gboolean (*MemscopeReaderFunc) (GBytes                 *bytes,
                                        MemscopeSessionBuilder *builder,
                                        MemscopeReading        *reading,
                                        GError                **error);

G_END_DECLS
