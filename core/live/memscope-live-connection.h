/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "memscope-live-message.h"

G_BEGIN_DECLS

/* A viewer's line to a collector; see PROTOCOL.md. One thread at a time. */
typedef struct
{
  int     fd;              /* non-blocking */
  GPid    peer;            /* the collector */
  guint8 *buffer;          /* MEMSCOPE_LIVE_MAX_MESSAGE bytes */
  gsize   length;          /* of the message in it */
} MemscopeLiveConnection;

typedef enum
{
  MEMSCOPE_LIVE_NOTHING,   /* yet */
  MEMSCOPE_LIVE_MESSAGE,
  MEMSCOPE_LIVE_CLOSED,
} MemscopeLiveReceived;

/* Connects and greets. Nobody there: G_IO_ERROR_CONNECTION_REFUSED or NOT_FOUND;
 * somebody else's: G_IO_ERROR_PERMISSION_DENIED.
 */
MemscopeLiveConnection *memscope_live_connection_new     (const char              *path,
                                                          GError                 **error);
void                    memscope_live_connection_free    (MemscopeLiveConnection  *self);

/* FALSE: the line is dead, or the collector does not listen. */
gboolean                memscope_live_connection_send    (MemscopeLiveConnection  *self,
                                                          const MemscopeLiveWriter *message);
MemscopeLiveReceived    memscope_live_connection_receive (MemscopeLiveConnection  *self);

/* Sends one command and waits for `ok`. Blocks, a few seconds at most. */
gboolean                memscope_live_command            (const char              *path,
                                                          const MemscopeLiveWriter *message,
                                                          GError                 **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeLiveConnection, memscope_live_connection_free)

G_END_DECLS
