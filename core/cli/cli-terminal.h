/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

/* What is particular to a terminal: colours, progress, Ctrl-C; and what must
 * never reach one.
 */

/* "memscope-cli: " and a sentence, on the error stream. */
void      cli_complain           (const char         *format,
                                  ...) G_GNUC_PRINTF (1, 2);

typedef enum
{
  CLI_PLAIN,
  CLI_HEADING,
  CLI_STRONG,
  CLI_FAINT,
  CLI_WARNING,
} CliStyle;

/* The escape sequence that begins @style on standard output; "" when that is no
 * terminal, or NO_COLOR is set (https://no-color.org).
 */
const char *cli_style            (CliStyle            style);

/* memscope_display_text(): nothing in it can act on a terminal or deceive its
 * reader. Longer than @max_characters: cut, with a note of how much. 0: no limit;
 * @length -1: up to the NUL.
 */
char       *cli_safe_text        (const char         *text,
                                  gssize              length,
                                  gsize               max_characters);

/* A line with a percentage on the error stream, from half a second on, and only
 * on a terminal.
 */
typedef struct
{
  const char *what;      /* "Reading": translated */
  gint64      started;   /* monotonic, µs */
  int         percent;   /* -1: nothing shown */
} CliProgress;

void        cli_progress_begin   (CliProgress        *self,
                                  const char         *what);
/* A MemscopeProgressFunc; user_data is the CliProgress. */
void        cli_progress_update  (guint64             done,
                                  guint64             total,
                                  gpointer            user_data);
void        cli_progress_end     (CliProgress        *self);

/* Call once, first. g_print() then goes through the below, and a program that
 * ends although standard output could not take everything says so and ends with
 * CLI_DATA.
 */
void        cli_prepare_output   (void);
/* Writes bytes to standard output as they are. FALSE: it can't take more. */
gboolean    cli_write_output     (const char         *data,
                                  gsize               length);

/* Cancelled by SIGINT, SIGTERM and SIGHUP from now on: the work stops, temporary
 * files go, and cli_interrupted_status() gives 128 + the signal. Blocks these in
 * the calling thread, so nothing may be started that inherits it. Transfer none.
 */
GCancellable *cli_cancel_on_signals  (void);
int           cli_interrupted_status (void);   /* 0: no signal came */
