/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* UTF-8 text in the encoding @charset, for somebody to read: typographic quotes, dashes and
 * the like become the plain ones where it lacks them, any other character it lacks a "?".
 * Transfer full; never NULL.
 */
char *cli_charset_convert (const char *text,
                           const char *charset);

G_END_DECLS
