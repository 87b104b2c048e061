/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "memscope-session.h"

G_BEGIN_DECLS

/* What a recording says of itself: where, when, of which program, by which recorder, with
 * which code in it. A window that shows the session as it is now.
 */
GtkWindow *memscope_session_details_new (MemscopeSession *session);

G_END_DECLS
