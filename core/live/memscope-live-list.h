/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-live-recording.h"

G_BEGIN_DECLS

/* What this user is recording right now on this machine: every collector is asked;
 * one that does not answer within a second is left out. Elements are
 * MemscopeLiveRecording, the latest first. No recordings is no error; a runtime
 * directory that can't be trusted is one.
 */
GPtrArray *memscope_live_list        (GCancellable         *cancellable,
                                      GError              **error);
void       memscope_live_list_async  (GCancellable         *cancellable,
                                      GAsyncReadyCallback   callback,
                                      gpointer              user_data);
GPtrArray *memscope_live_list_finish (GAsyncResult         *result,
                                      GError              **error);

/* The same of one collector. */
GPtrArray *memscope_live_list_socket (const char           *socket,
                                      GError              **error);

G_END_DECLS
