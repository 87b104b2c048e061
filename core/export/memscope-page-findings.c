/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memscope-page-findings.h"

static void
write_nick (MemscopeJsonWriter *writer,
            const char         *key,
            const char         *nick)
{
  memscope_json_writer_string (writer, key, nick, -1);
}

static void
write_evidence (const MemscopeFinding *finding,
                MemscopeJsonWriter    *writer)
{
  memscope_json_writer_begin_array (writer, "evidence");
  for (guint i = 0; i < finding->n_evidence; i++)
    {
      const MemscopeEvidence *evidence = &finding->evidence[i];

      memscope_json_writer_begin_object (writer, NULL);
      write_nick (writer, "id", memscope_evidence_get_nick (evidence->id));
      write_nick (writer, "unit", memscope_unit_get_nick (evidence->unit));
      memscope_json_writer_double (writer, "value", evidence->value);
      memscope_json_writer_double (writer, "limit", evidence->limit);
      memscope_json_writer_double (writer, "error", evidence->error);
      memscope_json_writer_end_object (writer);
    }
  memscope_json_writer_end_array (writer);
}

static void
write_causes (const MemscopeFinding *finding,
              MemscopePagePlaces    *places,
              MemscopeJsonWriter    *writer)
{
  memscope_json_writer_begin_array (writer, "causes");
  for (guint i = 0; i < finding->n_causes; i++)
    {
      const MemscopeCause *cause = &finding->causes[i];

      memscope_json_writer_begin_object (writer, NULL);
      memscope_json_writer_uint64 (writer, "stack", memscope_page_places_add_stack (places, cause->stack));
      memscope_json_writer_uint64 (writer, "variable", memscope_page_places_add_variable (places, cause->variable));
      memscope_json_writer_double (writer, "value", cause->value);
      memscope_json_writer_double (writer, "share", cause->share);
      memscope_json_writer_end_object (writer);
    }
  memscope_json_writer_end_array (writer);
}

static void
write_points (const MemscopeFinding *finding,
              MemscopeJsonWriter    *writer)
{
  memscope_page_begin_column (writer, "points");
  for (guint i = 0; i < finding->n_points; i++)
    memscope_page_column_add (writer, finding->points[i] < 0x1p63 ? (guint64)finding->points[i] : G_MAXINT64);
  memscope_page_end_column (writer);
  memscope_json_writer_boolean (writer, "pointsAreBirths", finding->points_are_births);
  memscope_json_writer_uint64 (writer, "pointsBegin", finding->points_begin);
  memscope_json_writer_uint64 (writer, "pointsEnd", finding->points_end);

  if (!finding->has_trend)
    {
      memscope_json_writer_null (writer, "trend");
      return;
    }

  memscope_json_writer_begin_object (writer, "trend");
  memscope_json_writer_uint64 (writer, "begin", finding->trend_begin);
  memscope_json_writer_uint64 (writer, "end", finding->trend_end);
  memscope_json_writer_double (writer, "first", finding->trend_first);
  memscope_json_writer_double (writer, "last", finding->trend_last);
  memscope_json_writer_end_object (writer);
}

static void
write_finding (const MemscopeFinding *finding,
               MemscopePagePlaces    *places,
               MemscopeJsonWriter    *writer)
{
  static const char *const shows[] = { "variable", "instant", "range" };

  memscope_json_writer_begin_object (writer, NULL);
  write_nick (writer, "rule", memscope_rule_get_id (finding->rule));
  write_nick (writer, "category", memscope_rule_category_get_nick (memscope_rule_get_category (finding->rule)));
  write_nick (writer, "severity", memscope_severity_get_nick (finding->severity));
  write_nick (writer, "confidence", memscope_confidence_get_nick (finding->confidence));
  memscope_json_writer_boolean (writer, "muted", finding->suppressed_by != NULL);
  if (finding->has_subject)
    memscope_json_writer_uint64 (writer, "variable", memscope_page_places_add_variable (places, finding->subject));
  else
    memscope_json_writer_null (writer, "variable");
  memscope_json_writer_uint64 (writer, "stack", memscope_page_places_add_stack (places, finding->stack));
  memscope_json_writer_uint64 (writer, "thread", finding->thread);
  memscope_json_writer_uint64 (writer, "otherThread", finding->other_thread);
  memscope_json_writer_uint64 (writer, "begin", finding->begin);
  memscope_json_writer_uint64 (writer, "end", finding->end);
  write_nick (writer, "show", shows[finding->show]);
  memscope_json_writer_uint64 (writer, "instant", finding->show_instant);
  write_evidence (finding, writer);
  write_causes (finding, places, writer);
  write_nick (writer, "saving", memscope_saving_get_nick (finding->saving));
  write_nick (writer, "savingUnit", memscope_unit_get_nick (finding->saving_unit));
  memscope_json_writer_double (writer, "savingValue", finding->saving_value);
  write_points (finding, writer);
  memscope_json_writer_end_object (writer);
}

/* What the advice of single cards judges by, too. */
static void
write_limits (MemscopeJsonWriter *writer)
{
  const MemscopeRuleLimits *limits = &memscope_rule_limits;

  memscope_json_writer_begin_object (writer, "limits");
  memscope_json_writer_uint64 (writer, "resizes", limits->realloc_resizes);
  memscope_json_writer_uint64 (writer, "copied", limits->realloc_copied);
  memscope_json_writer_double (writer, "temporaryShare", limits->temporary_share);
  memscope_json_writer_uint64 (writer, "temporaryCount", limits->temporary_births);
  memscope_json_writer_uint64 (writer, "smallSize", limits->equal_size);
  memscope_json_writer_uint64 (writer, "smallCount", limits->equal_blocks);
  memscope_json_writer_double (writer, "smallShare", limits->equal_share);
  memscope_json_writer_double (writer, "waste", limits->rounding_share);
  memscope_json_writer_uint64 (writer, "wasteBytes", limits->rounding_bytes);
  memscope_json_writer_end_object (writer);
}

void
memscope_page_findings_write (const MemscopeDiagnostics *diagnostics,
                              MemscopePagePlaces        *places,
                              MemscopeJsonWriter        *writer)
{
  memscope_json_writer_begin_object (writer, "diagnostics");
  memscope_json_writer_begin_array (writer, "rules");
  for (guint rule = 0; rule < MEMSCOPE_N_RULES; rule++)
    {
      const MemscopeRuleCheck *check = &diagnostics->checks[rule];

      memscope_json_writer_begin_object (writer, NULL);
      write_nick (writer, "id", memscope_rule_get_id (rule));
      write_nick (writer, "unchecked", check->unchecked != MEMSCOPE_UNCHECKED_NOT ? memscope_unchecked_get_nick (check->unchecked) : NULL);
      memscope_json_writer_uint64 (writer, "found", check->n_found);
      memscope_json_writer_uint64 (writer, "leftOut", check->n_left_out);
      memscope_json_writer_end_object (writer);
    }
  memscope_json_writer_end_array (writer);
  memscope_json_writer_begin_array (writer, "findings");
  for (guint i = 0; i < diagnostics->n_findings; i++)
    write_finding (diagnostics->findings[i], places, writer);
  memscope_json_writer_end_array (writer);
  write_limits (writer);
  memscope_json_writer_end_object (writer);
}
