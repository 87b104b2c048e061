/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* memscope-cli list: what is being recorded on this machine right now. */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "cli-format.h"
#include "cli-options.h"
#include "cli-terminal.h"
#include "memscope-json-writer.h"
#include "memscope-live-list.h"

static gboolean json;

static const GOptionEntry entries[] = {
  { "json", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &json,
    N_("Write one JSON array, keys sorted"), NULL },
  G_OPTION_ENTRY_NULL
};

static void
write_command (MemscopeJsonWriter *writer,
               char              **command)
{
  memscope_json_writer_begin_array (writer, "command");
  for (guint i = 0; command[i] != NULL; i++)
    memscope_json_writer_string (writer, NULL, command[i], -1);
  memscope_json_writer_end_array (writer);
}

static void
write_recording (MemscopeJsonWriter          *writer,
                 const MemscopeLiveRecording *recording)
{
  memscope_json_writer_begin_object (writer, NULL);
  memscope_json_writer_uint64 (writer, "collector", (guint64) recording->collector);
  write_command (writer, recording->command);
  memscope_json_writer_uint64 (writer, "events", recording->events);
  memscope_json_writer_string (writer, "file", recording->file, -1);
  memscope_json_writer_uint64 (writer, "live_blocks", recording->live_blocks);
  memscope_json_writer_string (writer, "parent", recording->parent, -1);
  memscope_json_writer_uint64 (writer, "pid", (guint64) recording->pid);
  memscope_json_writer_string (writer, "program", recording->program, -1);
  memscope_json_writer_string (writer, "session", recording->uuid, -1);
  memscope_json_writer_uint64 (writer, "size_bytes", recording->size);
  memscope_json_writer_uint64 (writer, "started_unix_ns", recording->started);
  memscope_json_writer_string (writer, "state", recording->ending ? "ending" : "recording", -1);
  memscope_json_writer_string (writer, "tree", recording->tree, -1);
  memscope_json_writer_end_object (writer);
}

static void
print_json (GPtrArray *recordings)
{
  g_autoptr(GString) text = g_string_new (NULL);
  MemscopeJsonWriter writer;

  memscope_json_writer_init (&writer, text);
  memscope_json_writer_begin_array (&writer, NULL);
  for (guint i = 0; i < recordings->len; i++)
    write_recording (&writer, g_ptr_array_index (recordings, i));
  memscope_json_writer_end_array (&writer);
  g_string_append_c (text, '\n');
  cli_write_output (text->str, text->len);
}

static char *
format_since (guint64 unix_ns)
{
  g_autoptr(GDateTime) when = g_date_time_new_from_unix_local ((gint64) (unix_ns / 1000000000u));
  g_autoptr(GDateTime) now = g_date_time_new_now_local ();
  gint64 seconds = when != NULL ? g_date_time_difference (now, when) / G_TIME_SPAN_SECOND : 0;

  if (when == NULL)
    return g_strdup (_("not recorded"));

  return g_date_time_format (when, seconds < 12 * 3600 ? "%H:%M:%S" : "%F %H:%M");
}

/* "jsond" is what one looks for; "jsond --listen :8080" tells two of them apart. */
static void
print_recording (const MemscopeLiveRecording *recording)
{
  g_autofree char *command = memscope_live_recording_dup_command (recording);
  g_autofree char *name = memscope_live_recording_dup_name (recording);
  g_autofree char *safe_command = cli_safe_text (*command != '\0' ? command : name, -1, CLI_NAME_LIMIT);
  g_autofree char *safe_file = cli_safe_text (recording->file, -1, 0);
  g_autofree char *since = format_since (recording->started);
  g_autofree char *events = cli_format_n_events (recording->events);
  g_autofree char *live = cli_format_n_blocks (recording->live_blocks);
  g_autofree char *size = cli_format_bytes (recording->size);

  g_print ("%s%-8d%s %s%s\n", cli_style (CLI_STRONG), (int) recording->pid, cli_style (CLI_PLAIN), safe_command,
           recording->ending ? _(" (ending)") : "");
  g_print (_("         since %s · %s · %s live · %s\n"), since, events, live, size);
  g_print ("         %s%s%s\n", cli_style (CLI_FAINT), *safe_file != '\0' ? safe_file : _("kept by the program itself"),
           cli_style (CLI_PLAIN));
}

static int
run (int    argc,
     char **argv)
{
  g_autoptr(GPtrArray) recordings = NULL;
  g_autoptr(GError) error = NULL;

  if (!cli_parse_options (&cli_command_list, entries, NULL, CLI_PARSE_ANYWHERE, &argc, &argv))
    return CLI_USAGE;
  if (argc > 1)
    return cli_usage_error (&cli_command_list, _("“%s” is too much: this command takes no arguments."), argv[1]);

  recordings = memscope_live_list (cli_cancel_on_signals (), &error);
  if (recordings == NULL)
    {
      int interrupted = cli_interrupted_status ();

      if (interrupted == 0)
        cli_complain ("%s", error->message);

      return interrupted != 0 ? interrupted : CLI_TARGET;
    }

  if (json)
    {
      print_json (recordings);
      return CLI_OK;
    }

  for (guint i = 0; i < recordings->len; i++)
    print_recording (g_ptr_array_index (recordings, i));

  /* Not on standard output: there, nothing is what there is. */
  if (recordings->len == 0)
    cli_complain (_("Nothing is being recorded."));

  return CLI_OK;
}

const CliCommand cli_command_list = {
  .name = "list",
  .arguments = "",
  .summary = N_("Say which programs are being recorded right now"),
  .run = run,
};
