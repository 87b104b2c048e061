/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* @bytes in shared memory of their own that can't be changed any more: a descriptor
 * to hand to another process. -1 with @error. Any thread.
 */
int memscope_shared_bytes_new (GBytes  *bytes,
                               GError **error);

G_END_DECLS
