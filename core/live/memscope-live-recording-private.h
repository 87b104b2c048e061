/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-live-recording.h"

G_BEGIN_DECLS

/* From an `image` message. NULL: it is none. @collector: who is at the other end. */
MemscopeLiveRecording *memscope_live_recording_parse (const char *socket,
                                                      GPid        collector,
                                                      const void *message,
                                                      gsize       length);

G_END_DECLS
