/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "cli-charset.h"
#include "cli-terminal.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli-command.h"
#include "memscope-display.h"

#define QUIET_TIME (500 * G_TIME_SPAN_MILLISECOND)

void
cli_complain (const char *format,
              ...)
{
  g_autofree char *message = NULL;
  g_autofree char *safe = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);

  safe = cli_safe_text (message, -1, 0);
  g_printerr ("memscope-cli: %s\n", safe);
}

static gboolean
is_colourful (void)
{
  static gsize answer;

  if (g_once_init_enter (&answer))
    {
      const char *no_color = g_getenv ("NO_COLOR");
      gboolean plain = (no_color != NULL && *no_color != '\0')
                       || g_strcmp0 (g_getenv ("TERM"), "dumb") == 0
                       || !isatty (STDOUT_FILENO);

      g_once_init_leave (&answer, plain ? 1 : 2);
    }

  return answer == 2;
}

const char *
cli_style (CliStyle style)
{
  static const char *const sequences[] = {
    [CLI_PLAIN] = "\033[0m",
    [CLI_HEADING] = "\033[1;36m",
    [CLI_STRONG] = "\033[1m",
    [CLI_FAINT] = "\033[2m",
    [CLI_WARNING] = "\033[1;33m",
  };

  return is_colourful () ? sequences[style] : "";
}

char *
cli_safe_text (const char *text,
               gssize      length,
               gsize       max_characters)
{
  g_autofree char *safe = memscope_display_text (text, length < 0 ? strlen (text) : (gsize) length);
  g_autofree char *cut = NULL;
  g_autofree char *rest = NULL;
  gsize n = g_utf8_strlen (safe, -1);

  if (max_characters == 0 || n <= max_characters)
    return g_steal_pointer (&safe);

  cut = g_utf8_substring (safe, 0, max_characters);
  rest = g_strdup_printf ("%" G_GSIZE_FORMAT, n - max_characters);

  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s… (%s character more)", "%s… (%s characters more)",
                                       (gulong) (n - max_characters)), cut, rest);
}

void
cli_progress_begin (CliProgress *self,
                    const char  *what)
{
  self->what = what;
  self->started = g_get_monotonic_time ();
  self->percent = -1;
}

void
cli_progress_update (guint64  done,
                     guint64  total,
                     gpointer user_data)
{
  CliProgress *self = user_data;
  int percent;

  if (total == 0 || !isatty (STDERR_FILENO) || g_get_monotonic_time () - self->started < QUIET_TIME)
    return;

  percent = (int) (100.0 * (double) MIN (done, total) / (double) total);
  if (percent == self->percent)
    return;

  self->percent = percent;
  g_printerr ("\r%s %3d %%", self->what, percent);
}

void
cli_progress_end (CliProgress *self)
{
  if (self->percent >= 0)
    g_printerr ("\r\033[K");
}

/* The first reason standard output did not take something; 0: it took all. */
static int output_error;

gboolean
cli_write_output (const char *data,
                  gsize       length)
{
  if (output_error == 0 && fwrite (data, 1, length, stdout) != length)
    output_error = errno != 0 ? errno : EIO;

  return output_error == 0;
}

/* What g_print() prints, in the locale's encoding as well as that can say it. */
static void
print_to_output (const char *text)
{
  g_autofree char *converted = NULL;
  const char *charset;

  if (!g_get_charset (&charset))
    text = converted = cli_charset_convert (text, charset);

  cli_write_output (text, strlen (text));
}

/* The same for g_printerr(); who can't be told of errors can't be told of that one. */
static void
print_to_errors (const char *text)
{
  g_autofree char *converted = NULL;
  const char *charset;

  if (!g_get_charset (&charset))
    text = converted = cli_charset_convert (text, charset);

  fputs (text, stderr);
  fflush (stderr);
}

static void
check_output (void)
{
  if (fflush (stdout) != 0 && output_error == 0)
    output_error = errno;

  if (output_error == 0)
    return;

  cli_complain (_("Can’t write to standard output: %s"), g_strerror (output_error));
  _exit (CLI_DATA);
}

void
cli_prepare_output (void)
{
  g_set_print_handler (print_to_output);
  g_set_printerr_handler (print_to_errors);
  atexit (check_output);
}

static int caught_signal;   /* atomic */

/* Signals are waited for in a thread of their own, where everything is allowed
 * that is not in a handler. The work gets some time to clean up; it may be stuck
 * in writing to a pipe that nobody reads. A second signal ends the program at once.
 */
static gpointer
wait_for_signals (gpointer data)
{
  const struct timespec grace = { .tv_sec = 2 };
  GCancellable *cancellable = data;
  sigset_t set;
  int number;

  sigemptyset (&set);
  sigaddset (&set, SIGINT);
  sigaddset (&set, SIGTERM);
  sigaddset (&set, SIGHUP);

  if (sigwait (&set, &number) != 0)
    return NULL;

  g_atomic_int_set (&caught_signal, number);
  g_cancellable_cancel (cancellable);

  sigtimedwait (&set, NULL, &grace);
  _exit (128 + number);
}

GCancellable *
cli_cancel_on_signals (void)
{
  static GCancellable *cancellable;
  sigset_t set;

  if (cancellable != NULL)
    return cancellable;

  /* Who ignores a signal (nohup) goes on ignoring it: sigwait() would not see it anyway. */
  sigemptyset (&set);
  sigaddset (&set, SIGINT);
  sigaddset (&set, SIGTERM);
  sigaddset (&set, SIGHUP);
  pthread_sigmask (SIG_BLOCK, &set, NULL);

  cancellable = g_cancellable_new ();
  g_thread_unref (g_thread_new ("signals", wait_for_signals, cancellable));

  return cancellable;
}

int
cli_interrupted_status (void)
{
  int number = g_atomic_int_get (&caught_signal);

  return number != 0 ? 128 + number : 0;
}
