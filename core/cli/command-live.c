/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* memscope-cli live: the totals of a recording while it is made, a line now and then. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <stdlib.h>
#include <string.h>

#include "cli-format.h"
#include "cli-options.h"
#include "cli-terminal.h"
#include "cli-units.h"
#include "memscope-json-writer.h"
#include "memscope-live-list.h"
#include "memscope-live-session.h"

/* Adding up takes at most this part of the time, however large the recording is. */
#define REST_FACTOR 3

static gboolean   json;
static double     interval = 1;
static char     *mode;
static char     **pids;

#define DEFAULT_SAMPLING (512 * 1024)

static const GOptionEntry entries[] = {
  { "json", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &json,
    N_("Write one JSON object a line, keys sorted"), NULL },
  { "interval", 'i', G_OPTION_FLAG_NONE, G_OPTION_ARG_DOUBLE, &interval,
    N_("Seconds between two lines; 1 without it"), N_("SECONDS") },
  { "mode", 'm', G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &mode,
    N_("Go over to recording so, and show nothing: realtime, sampling or sampling:SIZE"), N_("MODE") },
  { G_OPTION_REMAINING, 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING_ARRAY, &pids, NULL, NULL },
  G_OPTION_ENTRY_NULL
};

static void
print_json (MemscopeSession       *session,
            const MemscopeSummary *summary,
            const char            *reason)
{
  g_autoptr(GString) text = g_string_new (NULL);
  MemscopeJsonWriter writer;

  memscope_json_writer_init (&writer, text);
  memscope_json_writer_begin_object (&writer, NULL);
  memscope_json_writer_uint64 (&writer, "active_allocations", summary->active_allocations);
  memscope_json_writer_uint64 (&writer, "active_bytes", summary->active_bytes);
  memscope_json_writer_uint64 (&writer, "duration_ns", memscope_session_get_duration (session));
  memscope_json_writer_string (&writer, "ended", reason, -1);
  memscope_json_writer_uint64 (&writer, "events", memscope_session_get_n_events (session));
  memscope_json_writer_uint64 (&writer, "peak_bytes", summary->peak_bytes);
  memscope_json_writer_count (&writer, "rss_bytes", summary->rss_at_instant);
  memscope_json_writer_uint64 (&writer, "total_allocations", summary->total_allocations);
  memscope_json_writer_uint64 (&writer, "total_bytes", summary->total_bytes);
  memscope_json_writer_end_object (&writer);

  /* one line: the writer's own breaks are blanks of indentation, strings hold none */
  for (gsize i = 0; i < text->len; i++)
    {
      if (text->str[i] == '\n')
        text->str[i] = ' ';
    }
  g_string_append_c (text, '\n');
  cli_write_output (text->str, text->len);
}

static void
print_line (MemscopeSession       *session,
            const MemscopeSummary *summary)
{
  g_autofree char *time = cli_format_duration (memscope_session_get_duration (session));
  g_autofree char *live = cli_format_bytes (summary->active_bytes);
  g_autofree char *blocks = cli_format_n_blocks (summary->active_allocations);
  g_autofree char *peak = cli_format_bytes (summary->peak_bytes);
  g_autofree char *total = cli_format_n_allocations (summary->total_allocations);

  g_print (_("%12s  %s live in %s, peak %s, %s\n"), time, live, blocks, peak, total);
}

/* FALSE: interrupted. */
static gboolean
show (MemscopeLiveSession *live,
      const char          *reason)
{
  MemscopeSession *session = memscope_live_session_get_session (live);
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (session);
  g_autoptr(MemscopeSummary) summary = memscope_summary_new (session, all, cli_cancel_on_signals (), NULL);

  if (summary == NULL)
    return FALSE;

  if (json)
    print_json (session, summary, reason);
  else
    print_line (session, summary);

  return TRUE;
}

static int
watch (MemscopeLiveSession *live)
{
  gint64 next = 0;

  while (memscope_live_session_get_state (live) <= MEMSCOPE_LIVE_RUNNING && cli_interrupted_status () == 0)
    {
      gint64 began;

      g_main_context_iteration (NULL, FALSE);
      g_usleep (20000);
      began = g_get_monotonic_time ();
      if (memscope_live_session_get_state (live) != MEMSCOPE_LIVE_RUNNING || began < next)
        continue;

      if (!show (live, NULL))
        break;
      next = MAX (began + (gint64) (interval * G_TIME_SPAN_SECOND),
                  g_get_monotonic_time () + REST_FACTOR * (g_get_monotonic_time () - began));
    }

  if (cli_interrupted_status () != 0)
    return cli_interrupted_status ();

  if (memscope_live_session_get_state (live) == MEMSCOPE_LIVE_FAILED)
    {
      cli_complain ("%s", memscope_live_session_get_error (live)->message);
      return CLI_TARGET;
    }

  show (live, memscope_live_session_get_state (live) == MEMSCOPE_LIVE_LOST ? "lost" : memscope_live_session_get_reason (live, NULL));
  if (memscope_live_session_get_state (live) != MEMSCOPE_LIVE_LOST)
    return CLI_OK;

  cli_complain ("%s", memscope_live_session_get_error (live)->message);

  return CLI_TARGET;
}

/* FALSE: it is neither. */
static gboolean
parse_mode (const char *text,
            guint64    *bytes)
{
  *bytes = 0;
  if (g_str_equal (text, "realtime"))
    return TRUE;

  *bytes = DEFAULT_SAMPLING;

  return g_str_equal (text, "sampling") ||
         (g_str_has_prefix (text, "sampling:") && cli_parse_size (text + strlen ("sampling:"), bytes) && *bytes > 0);
}

static int
change_mode (const MemscopeLiveRecording *recording,
             guint64                      bytes)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *size = cli_format_bytes (bytes);

  if (!memscope_live_recording_set_sampling (recording, bytes, &error))
    {
      cli_complain ("%s", error->message);
      return CLI_TARGET;
    }

  if (bytes == 0)
    cli_complain (_("Process %d: every allocation is recorded from now on."), (int) recording->pid);
  else
    cli_complain (_("Process %d: samples are recorded from now on, one in %s on average."), (int) recording->pid, size);

  return CLI_OK;
}

static int
run (int    argc,
     char **argv)
{
  g_autoptr(MemscopeLiveSession) live = NULL;
  g_autoptr(GPtrArray) recordings = NULL;
  g_autoptr(GError) error = NULL;
  guint64 pid = 0, bytes = 0;

  if (!cli_parse_options (&cli_command_live, entries, NULL, CLI_PARSE_ANYWHERE, &argc, &argv))
    return CLI_USAGE;
  if (pids == NULL || pids[1] != NULL)
    return cli_usage_error (&cli_command_live, _("Which process? Name one; “memscope-cli list” knows them."));
  if (!g_ascii_string_to_unsigned (pids[0], 10, 1, G_MAXINT32, &pid, NULL))
    return cli_usage_error (&cli_command_live, _("“%s” is no process id."), pids[0]);
  if (!(interval >= 0.1 && interval <= 86400))
    return cli_usage_error (&cli_command_live, _("--interval takes 0.1 to 86400 seconds."));

  if (mode != NULL && !parse_mode (mode, &bytes))
    return cli_usage_error (&cli_command_live, _("“%s” is no mode: write realtime, sampling or sampling:64K."), mode);

  recordings = memscope_live_list (cli_cancel_on_signals (), &error);
  for (guint i = 0; recordings != NULL && i < recordings->len && live == NULL; i++)
    {
      const MemscopeLiveRecording *recording = g_ptr_array_index (recordings, i);

      if ((guint64) recording->pid == pid && mode != NULL)
        return change_mode (recording, bytes);
      if ((guint64) recording->pid == pid)
        live = memscope_live_session_new (recording->socket, recording->uuid);
    }

  if (live != NULL)
    return watch (live);

  if (cli_interrupted_status () != 0)
    return cli_interrupted_status ();

  if (error != NULL)
    cli_complain ("%s", error->message);
  else
    cli_complain (_("Process %d is not being recorded."), (int) pid);

  return CLI_TARGET;
}

const CliCommand cli_command_live = {
  .name = "live",
  .arguments = N_("PID"),
  .summary = N_("Show the totals of a recording while it is made"),
  .run = run,
};
