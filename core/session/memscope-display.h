/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Any bytes as one line of UTF-8 that says what is there and does nothing:
 *
 *   bytes that are not UTF-8           \xHH
 *   NUL, tab, newline, return          \0 \t \n \r
 *   other control characters           \u{H…}
 *   line and paragraph separators      \u{2028} \u{2029}
 *   marks that turn the direction of   \u{202e} and the like
 *   the text around them, and BOMs
 *
 * Everything else is kept, markup and backslashes included; so the result is for
 * reading, not for reading back. Not escaped for Pango markup or HTML. Transfer
 * full, never NULL.
 */
char *memscope_display_text (const char *bytes,
                             gsize       length);

G_END_DECLS
