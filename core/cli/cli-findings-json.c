/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli-findings.h"

#include "memscope-json-frames.h"

typedef struct
{
  MemscopeSession    *session;
  MemscopeJsonWriter *writer;
  MemscopeJsonFrames *frames;
} Output;

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
  const char *bytes = id != 0 ? memscope_session_get_string (output->session, id, &length) : NULL;

  memscope_json_writer_string (output->writer, key, bytes, length);
}

static void
write_thread (const Output     *output,
              const char       *key,
              MemscopeThreadId  thread)
{
  g_autofree char *label = thread != 0 ? memscope_session_dup_thread_label (output->session, thread) : NULL;

  memscope_json_writer_string (output->writer, key, label, -1);
}

static void
write_causes (const Output          *output,
              const MemscopeFinding *finding)
{
  MemscopeJsonWriter *writer = output->writer;

  memscope_json_writer_begin_array (writer, "causes");
  for (guint i = 0; i < finding->n_causes; i++)
    {
      const MemscopeCause *cause = &finding->causes[i];
      MemscopeVariable variable = { 0 };

      memscope_session_get_variable (output->session, cause->variable, &variable);
      memscope_json_writer_begin_object (writer, NULL);
      memscope_json_writer_double (writer, "share", cause->share);
      write_stack (output, "stack_trace", cause->stack);
      memscope_json_writer_double (writer, "value", cause->value);
      write_string_id (output, "var_name", variable.name);
      memscope_json_writer_end_object (writer);
    }
  memscope_json_writer_end_array (writer);
}

static void
write_evidence (const Output          *output,
                const MemscopeFinding *finding)
{
  MemscopeJsonWriter *writer = output->writer;

  memscope_json_writer_begin_array (writer, "evidence");
  for (guint i = 0; i < finding->n_evidence; i++)
    {
      const MemscopeEvidence *evidence = &finding->evidence[i];

      memscope_json_writer_begin_object (writer, NULL);
      memscope_json_writer_double (writer, "error", evidence->error);
      memscope_json_writer_string (writer, "id", memscope_evidence_get_nick (evidence->id), -1);
      memscope_json_writer_double (writer, "limit", evidence->limit);
      memscope_json_writer_string (writer, "unit", memscope_unit_get_nick (evidence->unit), -1);
      memscope_json_writer_double (writer, "value", evidence->value);
      memscope_json_writer_end_object (writer);
    }
  memscope_json_writer_end_array (writer);
}

static void
write_saving (const Output          *output,
              const MemscopeFinding *finding)
{
  if (finding->saving == MEMSCOPE_SAVING_NOT_MEASURED)
    {
      memscope_json_writer_null (output->writer, "saving");
      return;
    }

  memscope_json_writer_begin_object (output->writer, "saving");
  memscope_json_writer_string (output->writer, "method", memscope_saving_get_nick (finding->saving), -1);
  memscope_json_writer_string (output->writer, "unit", memscope_unit_get_nick (finding->saving_unit), -1);
  memscope_json_writer_double (output->writer, "value", finding->saving_value);
  memscope_json_writer_end_object (output->writer);
}

static void
write_finding (const Output          *output,
               const MemscopeFinding *finding)
{
  MemscopeJsonWriter *writer = output->writer;
  MemscopeVariable variable = { 0 };
  g_autofree char *suppression = memscope_suppressions_write (output->session, finding);

  if (finding->has_subject)
    memscope_session_get_variable (output->session, finding->subject, &variable);

  memscope_json_writer_begin_object (writer, NULL);
  memscope_json_writer_uint64 (writer, "begin_ns", finding->begin);
  memscope_json_writer_string (writer, "category", memscope_rule_category_get_nick (memscope_rule_get_category (finding->rule)), -1);
  write_causes (output, finding);
  memscope_json_writer_string (writer, "confidence", memscope_confidence_get_nick (finding->confidence), -1);
  memscope_json_writer_uint64 (writer, "end_ns", finding->end);
  write_evidence (output, finding);
  write_thread (output, "freeing_thread_id", finding->other_thread);
  memscope_json_writer_string (writer, "muted_by", finding->suppressed_by, -1);
  memscope_json_writer_string (writer, "rule", memscope_rule_get_id (finding->rule), -1);
  write_saving (output, finding);
  memscope_json_writer_string (writer, "severity", memscope_severity_get_nick (finding->severity), -1);
  write_stack (output, "stack_trace", finding->stack);
  memscope_json_writer_string (writer, "suppression", suppression, -1);
  write_thread (output, "thread_id", finding->thread);
  write_string_id (output, "type_name", variable.type);
  write_string_id (output, "var_name", variable.name);
  memscope_json_writer_end_object (writer);
}

void
cli_write_findings (MemscopeSession           *session,
                    const MemscopeDiagnostics *diagnostics,
                    guint                      top,
                    MemscopeJsonWriter        *writer)
{
  g_autoptr(MemscopeJsonFrames) frames = memscope_json_frames_new (session, FALSE);
  const Output output = { session, writer, frames };

  memscope_json_writer_begin_array (writer, "findings");
  for (guint i = 0; i < diagnostics->n_findings && (top == 0 || i < top); i++)
    write_finding (&output, diagnostics->findings[i]);
  memscope_json_writer_end_array (writer);
}

void
cli_write_rules (const MemscopeDiagnostics *diagnostics,
                 MemscopeJsonWriter        *writer)
{
  memscope_json_writer_begin_array (writer, "rules");
  for (guint rule = 0; rule < MEMSCOPE_N_RULES; rule++)
    {
      const MemscopeRuleCheck *check = &diagnostics->checks[rule];

      memscope_json_writer_begin_object (writer, NULL);
      memscope_json_writer_boolean (writer, "checked", check->unchecked == MEMSCOPE_UNCHECKED_NOT);
      memscope_json_writer_uint64 (writer, "found", check->n_found);
      memscope_json_writer_string (writer, "id", memscope_rule_get_id (rule), -1);
      memscope_json_writer_uint64 (writer, "left_out", check->n_left_out);
      memscope_json_writer_uint64 (writer, "muted", check->n_muted);
      memscope_json_writer_string (writer, "not_checked_because",
                                   check->unchecked != MEMSCOPE_UNCHECKED_NOT ? memscope_unchecked_get_nick (check->unchecked) : NULL, -1);
      memscope_json_writer_end_object (writer);
    }
  memscope_json_writer_end_array (writer);
}
