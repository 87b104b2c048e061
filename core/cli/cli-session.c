/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "cli-session.h"

#include <glib/gi18n-lib.h>

#include "cli-command.h"
#include "cli-terminal.h"
#include "memscope-loader.h"

MemscopeSession *
cli_load_session (const char *path)
{
  g_autoptr(GFile) file = g_file_new_for_path (path);
  g_autoptr(GError) error = NULL;
  MemscopeSession *session;
  CliProgress progress;

  cli_progress_begin (&progress, _("Reading"));
  session = memscope_load_file (file, cli_cancel_on_signals (), cli_progress_update, &progress, &error);
  cli_progress_end (&progress);

  if (session == NULL && cli_interrupted_status () == 0)
    cli_complain ("%s: %s", path, error->message);

  return session;
}

MemscopeSession *
cli_load_totals (const char *path)
{
  g_autoptr(GFile) file = g_file_new_for_path (path);
  MemscopeSession *outline = memscope_load_outline (file);

  return outline != NULL ? outline : cli_load_session (path);
}

int
cli_failure_status (void)
{
  int interrupted = cli_interrupted_status ();

  return interrupted != 0 ? interrupted : CLI_DATA;
}
