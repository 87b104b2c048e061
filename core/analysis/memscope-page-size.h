/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-session.h"

G_BEGIN_DECLS

/* Of the machine that was recorded, in bytes; 4096 where the recording does not say. */
guint64 memscope_session_page_size (MemscopeSession *session);

G_END_DECLS
