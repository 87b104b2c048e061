/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memscope-paths.h"
#include "memscope-web-support.h"

#define PATIENCE_SECONDS 25
#define MAX_STDERR       16384

typedef struct
{
  GSubprocess *process;
  int          output;        /* memfds: what the probe wrote to stderr … */
  int          findings;      /* … and to stdout */
  guint        patience;
  gboolean     gave_up;
  GPtrArray   *waiting;       /* GTask */
} Probe;

static struct
{
  gboolean  known;
  char     *reason;           /* NULL: it works */
  gboolean  software;         /* OpenGL is emulated */
  Probe    *probe;            /* under way */
} support;

static void
answer (GTask *task)
{
  if (support.reason == NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "%s", support.reason);
}

static void
support_settle (char *reason)
{
  g_free (support.reason);
  support.reason = reason;
  support.known = TRUE;
}

static void
probe_free (Probe *probe)
{
  g_clear_handle_id (&probe->patience, g_source_remove);
  g_clear_object (&probe->process);
  g_clear_pointer (&probe->waiting, g_ptr_array_unref);
  if (probe->output >= 0)
    close (probe->output);
  if (probe->findings >= 0)
    close (probe->findings);
  g_free (probe);
}

/* What the probe said last, as a line that can be shown. */
static char *
dup_last_line (int output)
{
  g_autofree char *text = g_malloc (MAX_STDERR + 1);
  g_autofree char *valid = NULL;
  off_t size = lseek (output, 0, SEEK_END);
  ssize_t n;
  char *line;

  if (size <= 0)
    return g_strdup ("");

  n = pread (output, text, MAX_STDERR, MAX (size - MAX_STDERR, 0));
  text[MAX (n, 0)] = '\0';
  valid = g_utf8_make_valid (text, -1);
  g_strchomp (valid);
  line = strrchr (valid, '\n');

  return g_strndup (line != NULL ? line + 1 : valid, 400);
}

static gboolean
output_mentions (int         output,
                 const char *word)
{
  g_autofree char *text = g_malloc0 (MAX_STDERR + 1);
  ssize_t n = pread (output, text, MAX_STDERR, 0);

  return n > 0 && memmem (text, n, word, strlen (word)) != NULL;
}

static char *
dup_reason (Probe *probe)
{
  g_autofree char *line = NULL;

  if (probe->gave_up)
    return g_strdup (_("WebKit does not answer here"));
  if (g_subprocess_get_if_exited (probe->process) && g_subprocess_get_exit_status (probe->process) == 0)
    return NULL;

  if (output_mentions (probe->output, "bwrap: "))
    return g_strdup (_("WebKit’s sandbox needs user namespaces, which this system does not allow"));
  if (output_mentions (probe->output, "EGL"))
    return g_strdup (_("WebKit needs OpenGL, and no driver can be loaded here; Mesa’s software driver would do"));

  line = dup_last_line (probe->output);
  if (*line != '\0')
    return g_strdup_printf (_("WebKit does not start here: %s"), line);
  if (g_subprocess_get_if_signaled (probe->process))
    return g_strdup_printf (_("WebKit does not start here: %s"), g_strsignal (g_subprocess_get_term_sig (probe->process)));

  return g_strdup_printf (_("WebKit does not start here: exit status %d"), g_subprocess_get_exit_status (probe->process));
}

static void
probe_ended (GObject      *object,
             GAsyncResult *result,
             gpointer      user_data)
{
  Probe *probe = user_data;

  g_subprocess_wait_finish (G_SUBPROCESS (object), result, NULL);
  if (support.probe == probe)
    {
      support_settle (dup_reason (probe));
      support.software = output_mentions (probe->findings, "software");
      support.probe = NULL;
    }

  for (guint i = 0; i < probe->waiting->len; i++)
    {
      GTask *task = g_ptr_array_index (probe->waiting, i);

      if (support.known)
        answer (task);
      else
        g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "Forgotten");
    }
  probe_free (probe);
}

static gboolean
probe_takes_too_long (gpointer user_data)
{
  Probe *probe = user_data;

  probe->patience = 0;
  probe->gave_up = TRUE;
  g_subprocess_force_exit (probe->process);

  return G_SOURCE_REMOVE;
}

/* FALSE: it could not even be started, and the answer is known now. */
static gboolean
probe_start (void)
{
  const char *extensions = memscope_paths_get_web_extensions ();
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_autoptr(GError) error = NULL;
  Probe *probe;

  /* A folder that the sandbox is told to show, and can't, is one more thing WebKit dies of. */
  if (!g_file_test (extensions, G_FILE_TEST_IS_DIR))
    {
      support_settle (g_strdup_printf (_("a part of MemScope is not installed, %s"), extensions));
      return FALSE;
    }

  probe = g_new0 (Probe, 1);
  /* Not pipes: helpers that outlive the probe would keep their ends open. */
  probe->output = memfd_create ("memscope-web-probe", MFD_CLOEXEC);
  probe->findings = memfd_create ("memscope-web-probe", MFD_CLOEXEC);
  if (probe->output >= 0)
    g_subprocess_launcher_take_stderr_fd (launcher, dup (probe->output));
  if (probe->findings >= 0)
    g_subprocess_launcher_take_stdout_fd (launcher, dup (probe->findings));
  probe->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  probe->process = g_subprocess_launcher_spawn (launcher, &error, memscope_paths_get_web_probe (), NULL);
  if (probe->process == NULL)
    {
      support_settle (g_strdup_printf (_("WebKit could not be tried: %s"), error->message));
      probe_free (probe);
      return FALSE;
    }

  support.probe = probe;
  probe->patience = g_timeout_add_seconds (PATIENCE_SECONDS, probe_takes_too_long, probe);
  g_subprocess_wait_async (probe->process, NULL, probe_ended, probe);

  return TRUE;
}

void
memscope_web_support_check_async (GCancellable        *cancellable,
                                  GAsyncReadyCallback  callback,
                                  gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, memscope_web_support_check_async);
#ifndef HAVE_WEB
  if (!support.known)
    support_settle (g_strdup (_("This MemScope was built without WebKit")));
#endif

  if (support.known || (support.probe == NULL && !probe_start ()))
    {
      answer (task);
      return;
    }

  g_ptr_array_add (support.probe->waiting, g_steal_pointer (&task));
}

gboolean
memscope_web_support_check_finish (GAsyncResult  *result,
                                   GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

gboolean
memscope_web_support_is_software (void)
{
  return support.software;
}

void
memscope_web_support_forget (void)
{
  support.known = FALSE;
  g_clear_pointer (&support.reason, g_free);
  support.probe = NULL;
}
