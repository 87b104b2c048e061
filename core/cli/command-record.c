/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* memscope-cli record: runs a program under the recorder, in its own terminal,
 * and ends as it ended.
 */

#include "config.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli-format.h"
#include "cli-options.h"
#include "cli-terminal.h"
#include "cli-units.h"
#include "memscope-launcher.h"
#include "memscope-loader.h"
#include "memscope-paths.h"
#include "memscope-sampled-program.h"
#include "memscope-target.h"

/* A recording up to this size is read back for the last two lines; a larger one
 * would keep the shell waiting.
 */
#define QUICK_SIZE (16 * 1024 * 1024)

static char     *output;
static gboolean  no_symbols;
static gboolean  lossy;
static gboolean  free_stacks;
static int       stack_depth;
static char     *max_size_text;
static char     *max_time_text;
static guint64   sampling_interval;
static char     *output_directory;
static char     *rotate_size_text;
static char     *rotate_age_text;
static int       keep;

/* What tcmalloc and Go's profiler take, too: a sample costs microseconds, so that
 * with this a program that allocates gigabytes a second hardly notices.
 */
#define DEFAULT_INTERVAL (512 * 1024)

static gboolean
parse_sample (const char  *name,
              const char  *value,
              gpointer     data,
              GError     **error)
{
  sampling_interval = DEFAULT_INTERVAL;

  if (value == NULL || (cli_parse_size (value, &sampling_interval) && sampling_interval > 0))
    return TRUE;

  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               _("“%s” is not a size: write 64K or 1M."), value);

  return FALSE;
}

static const GOptionEntry entries[] = {
  { "output", 'o', G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME, &output,
    N_("Where to write; else the program’s name with .memscope, here"), N_("FILE") },
  { "no-symbols", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &no_symbols,
    N_("Don’t look up functions and lines afterwards"), NULL },
  { "free-stacks", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &free_stacks,
    N_("Record the whole stack of each free too"), NULL },
  { "stack-depth", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_INT, &stack_depth,
    N_("Frames per stack at most"), N_("N") },
  { "lossy", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &lossy,
    N_("Lose events rather than let the program wait"), NULL },
  { "sample", 0, G_OPTION_FLAG_OPTIONAL_ARG, G_OPTION_ARG_CALLBACK, parse_sample,
    N_("Record samples, one in so many bytes on average (512K unless said), at a fraction of the cost"), N_("SIZE") },
  { "output-dir", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME, &output_directory,
    N_("Let the program write samples into this folder by itself, for days if need be"), N_("FOLDER") },
  { "rotate-size", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &rotate_size_text,
    N_("There: begin another file at this size (64M unless said)"), N_("SIZE") },
  { "rotate-age", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &rotate_age_text,
    N_("There: begin another file after this time (1h unless said)"), N_("TIME") },
  { "keep", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_INT, &keep,
    N_("There: keep the newest N files only"), N_("N") },
  { "max-size", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &max_size_text,
    N_("End the recording, not the program, at this size: 500M, 2G"), N_("SIZE") },
  { "max-time", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &max_time_text,
    N_("End the recording, not the program, after this time: 90s, 10m, 2h"), N_("TIME") },
  G_OPTION_ENTRY_NULL
};

/* FALSE: complained. */
static gboolean
read_size (const char *text,
           guint64    *bytes)
{
  if (text == NULL || cli_parse_size (text, bytes))
    return TRUE;

  cli_usage_error (&cli_command_record, _("“%s” is not a size: write 500M or 2G."), text);

  return FALSE;
}

static gboolean
read_time (const char *text,
           guint64    *milliseconds)
{
  if (text == NULL || cli_parse_time (text, milliseconds))
    return TRUE;

  cli_usage_error (&cli_command_record, _("“%s” is not a time: write 90s, 10m or 2h."), text);

  return FALSE;
}

/* FALSE: complained. */
static gboolean
apply_options (MemscopeLauncher *launcher)
{
  guint64 size = 0, milliseconds = 0;

  if (!read_size (max_size_text, &size) || !read_time (max_time_text, &milliseconds))
    return FALSE;

  if (rotate_size_text != NULL || rotate_age_text != NULL || keep != 0)
    {
      cli_usage_error (&cli_command_record, _("--rotate-size, --rotate-age and --keep say how to fill a folder: name it with --output-dir."));
      return FALSE;
    }

  if (stack_depth < 0)
    {
      cli_usage_error (&cli_command_record, _("--stack-depth can’t be negative."));
      return FALSE;
    }

  if (output != NULL)
    memscope_launcher_set_output (launcher, output);
  memscope_launcher_set_sampling (launcher, sampling_interval);
  memscope_launcher_set_max_size (launcher, size);
  memscope_launcher_set_max_time (launcher, milliseconds);
  memscope_launcher_set_stack_depth (launcher, (guint) stack_depth);
  memscope_launcher_set_lossy (launcher, lossy);
  memscope_launcher_set_free_stacks (launcher, free_stacks);
  memscope_launcher_set_foreground (launcher, TRUE);

  return TRUE;
}

/* Known before the program runs, not after. FALSE: complained. */
static gboolean
check_output (void)
{
  g_autofree char *folder = NULL;
  int reason = 0;

  folder = output != NULL ? g_path_get_dirname (output) : g_strdup (".");
  if (g_access (folder, W_OK | X_OK) != 0)
    reason = errno;
  else if (output != NULL && g_file_test (output, G_FILE_TEST_IS_DIR))
    reason = EISDIR;

  if (reason != 0)
    cli_complain (_("Can’t write %s: %s"), output != NULL ? output : folder, g_strerror (reason));

  return reason == 0;
}

static char *
describe_ending (MemscopeLauncher *launcher,
                 const char       *program)
{
  int status = memscope_launcher_get_wait_status (launcher);

  if (WIFSIGNALED (status))
    return g_strdup_printf (_("%s was ended by signal %d (%s)"), program, WTERMSIG (status), strsignal (WTERMSIG (status)));

  return g_strdup_printf (_("%s ended with status %d"), program, WEXITSTATUS (status));
}

/* ", 12 allocations …" or "" when reading it back would take too long. */
static char *
describe_totals (const char *path,
                 guint64     size)
{
  g_autoptr(GFile) file = g_file_new_for_path (path);
  g_autoptr(MemscopeSession) session = NULL;
  g_autoptr(MemscopeSelection) everything = NULL;
  g_autoptr(MemscopeSummary) summary = NULL;
  g_autofree char *count = NULL, *bytes = NULL, *peak = NULL, *left = NULL;

  session = memscope_load_outline (file);
  if (session == NULL && size <= QUICK_SIZE)
    session = memscope_load_file (file, NULL, NULL, NULL, NULL);
  if (session == NULL)
    return g_strdup ("");

  everything = memscope_selection_new_all (session);
  summary = memscope_summary_new (session, everything, NULL, NULL);
  count = cli_format_n_allocations (summary->total_allocations);
  bytes = cli_format_bytes (summary->total_bytes);
  peak = cli_format_bytes (summary->peak_bytes);
  left = cli_format_bytes (summary->active_bytes);

  return g_strdup_printf (_(": %s in %s, peak %s, %s never freed"), bytes, count, peak, left);
}

/* The recording to look at first: a program that replaced itself by exec (a script
 * that starts the real one) has one for each image: NAME, NAME.PID, NAME.PID.2 and
 * so on, and the last is the one that was meant. NULL: nothing was recorded.
 */
static const char *
find_main_file (MemscopeLauncher *launcher)
{
  const char *const *files = memscope_launcher_get_files (launcher);
  g_autofree char *mark = g_strdup_printf (".%d.", (int) memscope_launcher_get_pid (launcher));
  const char *found = files != NULL ? files[0] : NULL;
  guint64 last = 0;

  for (guint i = 1; found != NULL && files[i] != NULL; i++)
    {
      const char *name = strrchr (files[i], '/');
      const char *number = strstr (name != NULL ? name : files[i], mark);
      guint64 image = number != NULL ? g_ascii_strtoull (number + strlen (mark), NULL, 10) : 0;

      if (number != NULL && MAX (image, 1) > last)
        {
          last = MAX (image, 1);
          found = files[i];
        }
    }

  return found;
}

/* The two lines at the end, and what the launcher has to say besides. */
static void
print_summary (MemscopeLauncher *launcher,
               const char       *program,
               const char       *main_file,
               const char       *totals)
{
  const char *const *files = memscope_launcher_get_files (launcher);
  const char *const *warnings = memscope_launcher_get_warnings (launcher);
  g_autofree char *ending = describe_ending (launcher, program);
  guint n_files = files != NULL ? g_strv_length ((char **) files) : 0;

  for (guint i = 0; warnings != NULL && warnings[i] != NULL; i++)
    cli_complain ("%s", warnings[i]);

  cli_complain ("%s%s", ending, totals);
  if (n_files == 0 && warnings != NULL && warnings[0] != NULL)
    return;

  if (n_files == 0)
    cli_complain (_("Nothing was recorded."));
  else if (n_files == 1)
    cli_complain (_("Wrote %s; “memscope-cli report” shows what is in it."), main_file);
  else
    cli_complain (g_dngettext (GETTEXT_PACKAGE,
                               "Wrote %s and %u more file, of the programs it became or started.",
                               "Wrote %s and %u more files, of the programs it became or started.", n_files - 1),
                  main_file, n_files - 1);
}

static void
restore_signals (gpointer user_data)
{
  signal (SIGINT, SIG_DFL);
}

/* In a process of its own: reading debug information takes memory that nobody
 * needs afterwards, and a broken ELF file can only hurt the helper.
 */
static void
symbolize (const char *path)
{
  const char *arguments[] = { memscope_paths_get_cli (), "symbolize", "--", path, NULL };
  g_autoptr(GError) error = NULL;
  int status = 0;

  if (!g_spawn_sync (NULL, (char **) arguments, NULL, G_SPAWN_CHILD_INHERITS_STDERR | G_SPAWN_STDOUT_TO_DEV_NULL,
                     restore_signals, NULL, NULL, NULL, &status, &error))
    cli_complain (_("Functions and lines could not be looked up: %s"), error->message);
}

static guint64
file_size (const char *path)
{
  GStatBuf info;

  return g_stat (path, &info) == 0 ? (guint64) info.st_size : 0;
}

static void
finish (MemscopeLauncher *launcher,
        const char       *program)
{
  const char *const *files = memscope_launcher_get_files (launcher);
  const char *main_file = find_main_file (launcher);
  g_autofree char *totals = NULL;

  totals = main_file != NULL ? describe_totals (main_file, file_size (main_file)) : g_strdup ("");
  print_summary (launcher, program, main_file, totals);

  for (guint i = 0; !no_symbols && files != NULL && files[i] != NULL; i++)
    symbolize (files[i]);
}

/* Returns only if it can't be. */
static int
run_by_itself (char **argv)
{
  MemscopeSampledProgram program = { .directory = output_directory, .interval = sampling_interval, .keep = (guint) keep,
                                     .stack_depth = (guint) MAX (stack_depth, 0) };
  g_autoptr(GError) error = NULL;

  if (output != NULL || max_size_text != NULL || max_time_text != NULL || lossy || free_stacks)
    return cli_usage_error (&cli_command_record,
                            _("With --output-dir the program records itself: --output, --max-size, --max-time, --lossy and --free-stacks have no meaning there."));
  if (keep < 0)
    return cli_usage_error (&cli_command_record, _("--keep can’t be negative."));
  if (!read_size (rotate_size_text, &program.rotate_size) || !read_time (rotate_age_text, &program.rotate_age))
    return CLI_USAGE;

  memscope_sampled_program_exec (&program, (const char *const *) argv, &error);
  cli_complain ("%s", error->message);

  return error->domain == MEMSCOPE_TARGET_ERROR ? CLI_TARGET : CLI_DATA;
}

static int
run (int    argc,
     char **argv)
{
  g_autoptr(MemscopeLauncher) launcher = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *program = NULL;

  if (!cli_parse_options (&cli_command_record, entries, NULL, CLI_PARSE_LEADING, &argc, &argv))
    return CLI_USAGE;

  argv++;
  if (*argv != NULL && strcmp (*argv, "--") == 0)
    argv++;
  if (*argv == NULL)
    return cli_usage_error (&cli_command_record, _("Which program? None is named."));

  if (output_directory != NULL)
    return run_by_itself (argv);

  launcher = memscope_launcher_new ((const char *const *) argv);
  if (!apply_options (launcher))
    return CLI_USAGE;
  if (!check_output ())
    return CLI_DATA;

  if (!memscope_launcher_start (launcher, &error))
    {
      cli_complain ("%s", error->message);
      return error->domain == MEMSCOPE_TARGET_ERROR ? CLI_TARGET : CLI_DATA;
    }

  if (!memscope_launcher_wait (launcher, NULL, &error))
    {
      cli_complain ("%s", error->message);
      return CLI_TARGET;
    }

  program = g_path_get_basename (argv[0]);
  finish (launcher, program);

  return memscope_launcher_get_exit_code (launcher);
}

const CliCommand cli_command_record = {
  .name = "record",
  .arguments = N_("[--] PROGRAM [ARGUMENT…]"),
  .summary = N_("Run a program and record what it does with its memory"),
  .run = run,
};
