/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli-report.h"

#include <math.h>

#include "cli-findings.h"
#include "cli-selection.h"
#include "memscope-json-frames.h"
#include "memscope-session-json.h"

typedef struct
{
  const CliReport    *report;
  MemscopeJsonWriter *writer;
  MemscopeJsonFrames *frames;
  guint               top;
} Output;

static guint64
limit (const Output *output,
       guint64       n)
{
  return output->top > 0 ? MIN (n, output->top) : n;
}

static void
write_stack (const Output    *output,
             const char      *key,
             MemscopeStackId  stack)
{
  memscope_json_writer_begin_value (output->writer, key);
  memscope_json_frames_append (output->frames, stack, output->writer->text);
}

static void
write_string_id (const Output     *output,
                 const char       *key,
                 MemscopeStringId  id)
{
  gsize length = 0;
  const char *bytes = id != 0 ? memscope_session_get_string (output->report->session, id, &length) : NULL;

  memscope_json_writer_string (output->writer, key, bytes, length);
}

static void
write_estimate (const Output     *output,
                const char       *key,
                MemscopeEstimate  estimate)
{
  memscope_json_writer_begin_object (output->writer, key);
  memscope_json_writer_double (output->writer, "error", estimate.too_few ? NAN : estimate.error);
  memscope_json_writer_double (output->writer, "value", estimate.too_few ? NAN : estimate.value);
  memscope_json_writer_end_object (output->writer);
}

/* As of the whole session: with half the width of the 95 % interval; null from too few samples. */
static void
write_group_estimates (const Output        *output,
                       const MemscopeGroup *group)
{
  memscope_json_writer_begin_object (output->writer, "estimates");
  write_estimate (output, "allocated_bytes", memscope_group_get_born_bytes (group));
  write_estimate (output, "allocations", memscope_group_get_births (group));
  write_estimate (output, "bytes_at_peak", memscope_group_get_live_bytes (group));
  memscope_json_writer_end_object (output->writer);
}

static void
write_group (const Output        *output,
             const MemscopeGroup *group)
{
  memscope_json_writer_uint64 (output->writer, "allocated_bytes", group->born_bytes);
  memscope_json_writer_uint64 (output->writer, "allocations", group->births);
  memscope_json_writer_uint64 (output->writer, "bytes_at_peak", group->live_bytes);
  if (group->estimated)
    write_group_estimates (output, group);
  memscope_json_writer_uint64 (output->writer, "frees", group->deaths);
}

static void
write_call_sites (const Output *output)
{
  const MemscopeGroups *groups = output->report->call_sites;

  memscope_json_writer_begin_array (output->writer, "call_sites");
  for (guint64 i = 0; i < limit (output, groups->n_groups); i++)
    {
      const MemscopeGroup *group = &groups->groups[i];
      g_autofree char *name = NULL;

      if (group->call_site != 0)
        name = memscope_session_dup_frame_label (output->report->session, group->call_site);

      memscope_json_writer_begin_object (output->writer, NULL);
      write_group (output, group);
      memscope_json_writer_string (output->writer, "name", name, -1);
      write_stack (output, "stack_trace", cli_report_get_stack (output->report, group->call_site));
      memscope_json_writer_uint64 (output->writer, "temporary", group->temporary);
      memscope_json_writer_end_object (output->writer);
    }
  memscope_json_writer_end_array (output->writer);
}

static void
write_leaks (const Output *output)
{
  const MemscopeLeaks *leaks = output->report->leaks;

  memscope_json_writer_begin_array (output->writer, "leaks");
  for (guint i = 0; i < limit (output, leaks->n_leaks); i++)
    {
      const MemscopeLeak *leak = &leaks->leaks[i];
      MemscopeVariable variable = { 0 };

      memscope_session_get_variable (output->report->session, leak->variable, &variable);
      memscope_json_writer_begin_object (output->writer, NULL);
      memscope_json_writer_uint64 (output->writer, "blocks", leak->blocks);
      memscope_json_writer_uint64 (output->writer, "bytes", leak->bytes);
      memscope_json_writer_boolean (output->writer, "grows", leak->grows);
      write_stack (output, "stack_trace", leak->stack);
      memscope_json_writer_uint64 (output->writer, "total_allocations", leak->total_births);
      write_string_id (output, "var_name", variable.name);
      memscope_json_writer_end_object (output->writer);
    }
  memscope_json_writer_end_array (output->writer);
}

static void
write_threads (const Output *output)
{
  const MemscopeGroups *groups = output->report->threads;

  memscope_json_writer_begin_array (output->writer, "threads");
  for (guint64 i = 0; i < limit (output, groups->n_groups); i++)
    {
      g_autofree char *label = memscope_session_dup_thread_label (output->report->session, groups->groups[i].thread);

      memscope_json_writer_begin_object (output->writer, NULL);
      write_group (output, &groups->groups[i]);
      memscope_json_writer_string (output->writer, "thread_id", label, -1);
      memscope_json_writer_end_object (output->writer);
    }
  memscope_json_writer_end_array (output->writer);
}

static void
write_variables (const Output *output)
{
  const MemscopeGroups *groups = output->report->variables;

  memscope_json_writer_begin_array (output->writer, "variables");
  for (guint64 i = 0; i < limit (output, groups->n_groups); i++)
    {
      MemscopeVariable variable = { 0 };

      memscope_session_get_variable (output->report->session, groups->groups[i].variable, &variable);
      memscope_json_writer_begin_object (output->writer, NULL);
      write_group (output, &groups->groups[i]);
      write_string_id (output, "type_name", variable.type);
      write_string_id (output, "var_name", variable.name);
      memscope_json_writer_end_object (output->writer);
    }
  memscope_json_writer_end_array (output->writer);
}

void
cli_report_write_json (const CliReport    *self,
                       guint               top,
                       const char         *path,
                       MemscopeJsonWriter *writer)
{
  g_autoptr(MemscopeJsonFrames) frames = memscope_json_frames_new (self->session, FALSE);
  const Output output = { self, writer, frames, top };

  memscope_json_writer_begin_object (writer, NULL);
  write_call_sites (&output);
  memscope_json_writer_string (writer, "file", path, -1);
  memscope_json_writer_string (writer, "filter", cli_selection_get_filter (), -1);
  cli_write_findings (self->session, self->diagnostics, top, writer);
  write_leaks (&output);
  memscope_json_writer_boolean (writer, "leaks_are_final", self->leaks->final);
  cli_write_rules (self->diagnostics, writer);
  memscope_json_writer_begin_object (writer, "session");
  memscope_session_json_write_session (writer, self->session, 0);
  memscope_json_writer_end_object (writer);
  memscope_json_writer_begin_object (writer, "stats");
  memscope_session_json_write_stats (writer, self->session, self->summary);
  memscope_json_writer_end_object (writer);
  write_threads (&output);
  write_variables (&output);
  memscope_json_writer_end_object (writer);
}
