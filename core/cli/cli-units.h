/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

/* "500", "500K", "2G", "2GiB", "1.5M" as bytes; powers of 1024. FALSE: it is none. */
gboolean cli_parse_size (const char *text,
                         guint64    *bytes);

/* "90", "90s", "1.5m", "2h", "250ms" as milliseconds; a bare number is seconds. */
gboolean cli_parse_time (const char *text,
                         guint64    *milliseconds);
