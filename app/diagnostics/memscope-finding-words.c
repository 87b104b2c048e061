/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "memscope-finding-words.h"
#include "memscope-inspector-parts.h"
#include "memscope-text.h"

#define MIB (1024.0 * 1024.0)

/* Counts and sizes are whole numbers, and never above what 64 bits hold. */
static guint64
to_whole (double value)
{
  return value >= 0x1p63 ? G_MAXINT64 : (guint64) MAX (value + .5, 0);
}

static char *
dup_slope (double bytes_per_second)
{
  gboolean minutes = fabs (bytes_per_second) < MIB;
  g_autofree char *size = memscope_text_size (to_whole (bytes_per_second * (minutes ? 60 : 1)));

  return minutes ? g_strdup_printf (_("%s/min"), size) : g_strdup_printf (_("%s/s"), size);
}

char *
memscope_finding_words_value (MemscopeUnit unit,
                              double       value,
                              guint64      span)
{
  switch (unit)
    {
    case MEMSCOPE_UNIT_COUNT:
      return memscope_text_count (to_whole (value));

    case MEMSCOPE_UNIT_BYTES:
      return memscope_text_size (to_whole (value));

    case MEMSCOPE_UNIT_DURATION:
      return memscope_text_duration (to_whole (value));

    case MEMSCOPE_UNIT_MOMENT:
      return memscope_text_time (to_whole (value), span);

    case MEMSCOPE_UNIT_SHARE:
      return memscope_text_share (value);

    case MEMSCOPE_UNIT_RATE:
      {
        g_autofree char *count = memscope_text_short_count (to_whole (value));

        return g_strdup_printf (_("%s/s"), count);
      }

    case MEMSCOPE_UNIT_BYTES_PER_SECOND:
      return dup_slope (value);

    default:
      return g_strdup_printf (value < 100 ? "%.3g" : "%.0f", value);
    }
}

char *
memscope_finding_words_evidence (const MemscopeEvidence *evidence,
                                 guint64                 span)
{
  g_autofree char *value = memscope_finding_words_value (evidence->unit, evidence->value, span);
  g_autofree char *error = NULL;

  if (evidence->error <= 0)
    return g_steal_pointer (&value);

  error = memscope_finding_words_value (evidence->unit, evidence->error, span);

  return g_strdup_printf ("%s ± %s", value, error);
}

char *
memscope_finding_words_title (MemscopeSession       *session,
                              const MemscopeFinding *finding)
{
  g_autofree char *name = memscope_text_variable (session, finding->subject);
  g_autofree char *subject = memscope_text_isolate (name);
  g_autofree char *thread_label = memscope_session_dup_thread_label (session, finding->thread);
  g_autofree char *thread = memscope_text_isolate (thread_label);
  g_autofree char *other_label = memscope_session_dup_thread_label (session, finding->other_thread);
  g_autofree char *other_thread = memscope_text_isolate (other_label);

  return memscope_finding_dup_title (finding, subject, thread, other_thread);
}

char *
memscope_finding_words_place (MemscopeSession       *session,
                              const MemscopeFinding *finding)
{
  return memscope_part_site_text (session, finding->stack);
}

/* The frame outside of the call site; 0: there is none. */
static MemscopeFrameId
find_caller (MemscopeSession *session,
             MemscopeStackId  stack)
{
  MemscopeFrameId site = memscope_session_get_call_site (session, stack);
  gboolean passed = FALSE;
  MemscopeFrameId frame;

  while (stack != 0 && memscope_session_get_stack_node (session, stack, &stack, &frame))
    {
      if (passed)
        return frame;
      passed = frame == site;
    }

  return 0;
}

char *
memscope_finding_words_cause (MemscopeSession     *session,
                              const MemscopeCause *cause)
{
  MemscopeFrameId site = cause->stack != 0 ? memscope_session_get_call_site (session, cause->stack) : 0;
  MemscopeFrameId caller = site != 0 ? find_caller (session, cause->stack) : 0;
  g_autofree char *here = NULL;
  g_autofree char *here_place = NULL;
  g_autofree char *there = NULL;
  g_autofree char *there_place = NULL;

  if (site == 0)
    return memscope_text_variable (session, cause->variable);

  memscope_part_frame (session, site, &here, &here_place);
  if (caller == 0)
    return g_strdup_printf ("%s (%s)", here, here_place);
  memscope_part_frame (session, caller, &there, &there_place);

  return g_strdup_printf ("%s (%s) → %s (%s)", there, there_place, here, here_place);
}

static void
append_evidence (GString               *text,
                 const MemscopeFinding *finding,
                 guint64                span)
{
  for (guint i = 0; i < finding->n_evidence; i++)
    {
      const MemscopeEvidence *evidence = &finding->evidence[i];
      g_autofree char *value = memscope_finding_words_evidence (evidence, span);

      g_string_append_printf (text, "  %s: %s", memscope_evidence_get_name (evidence->id), value);
      if (!isnan (evidence->limit))
        {
          g_autofree char *limit = memscope_finding_words_value (evidence->unit, evidence->limit, span);

          g_string_append_c (text, ' ');
          g_string_append_printf (text, _("(from %s on)"), limit);
        }
      g_string_append_c (text, '\n');
    }
}

char *
memscope_finding_words_report (MemscopeSession       *session,
                               const MemscopeFinding *finding)
{
  GString *text = g_string_new (NULL);
  guint64 span = memscope_session_get_duration (session);
  g_autofree char *title = memscope_finding_words_title (session, finding);
  g_autofree char *stack = memscope_part_stack_text (session, finding->stack);

  g_string_append_printf (text, "%s: %s\n%s · %s\n", memscope_severity_get_name (finding->severity), title,
                          memscope_rule_get_id (finding->rule), memscope_confidence_get_name (finding->confidence));
  append_evidence (text, finding, span);
  for (guint i = 0; i < finding->n_causes; i++)
    {
      g_autofree char *share = memscope_text_share (finding->causes[i].share);
      g_autofree char *cause = memscope_finding_words_cause (session, &finding->causes[i]);

      g_string_append_printf (text, "  %s  %s\n", share, cause);
    }
  g_string_append_printf (text, "%s\n", memscope_rule_get_advice (finding->rule));
  if (*stack != '\0')
    g_string_append_printf (text, "\n%s", stack);

  return g_string_free (text, FALSE);
}

const char *
memscope_severity_get_icon_name (MemscopeSeverity severity)
{
  static const char *const names[MEMSCOPE_N_SEVERITIES] = {
    "memscope-critical-symbolic", "memscope-warning-symbolic", "memscope-note-symbolic", "memscope-hint-symbolic",
  };

  return names[severity];
}

const char *
memscope_severity_get_css_class (MemscopeSeverity severity)
{
  static const char *const names[MEMSCOPE_N_SEVERITIES] = {
    "severity-critical", "severity-warning", "severity-note", "severity-hint",
  };

  return names[severity];
}
