/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Writes the recording of a made-up program to @path, through the collector's own
 * chunk writer: @n_events births and deaths, in the shapes that real programs have.
 * Four threads work in turns; sizes and call stacks are skewed; most blocks die young,
 * some live long, some for ever; addresses are used again as an allocator would;
 * one birth in thirty continues a block. The same @n_events give the same file.
 *
 * FALSE, with a message on standard error: it could not be written.
 */
gboolean made_program_write (const char *path,
                             guint64     n_events);

G_END_DECLS
