/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "memscope-inspector-reports.h"

#include <glib/gi18n.h>

#include "memscope-inspector-parts.h"
#include "memscope-text.h"

/* Names come from the recorded program: cut, and kept from turning the sentence around. */
static char *
dup_name (MemscopeSession  *session,
          MemscopeStringId  id)
{
  g_autofree char *name = id != 0 ? memscope_text_string (session, id, "") : NULL;

  return name != NULL && *name != '\0' ? memscope_text_isolate (name) : NULL;
}

static char *
with_name (const char *name,
           const char *named,
           const char *unnamed)
{
  if (name == NULL)
    return g_strdup (unnamed);

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  return g_strdup_printf (named, name);
#pragma GCC diagnostic pop
}

char *
memscope_report_dup_words (MemscopeSession      *session,
                           const MemscopeReport *report)
{
  g_autofree char *name = dup_name (session, report->name);

  switch (report->kind)
    {
    case MEMSCOPE_REPORT_NAMED:
      return with_name (name, _("Named “%s”"), _("Tracked, without a name"));
    case MEMSCOPE_REPORT_ENDED:
      return g_strdup (_("Said to be of no more use"));
    case MEMSCOPE_REPORT_CLONED:
      return g_strdup (_("Cloned"));
    case MEMSCOPE_REPORT_BORROWED:
      return with_name (name, _("Borrowed by %s"), _("Borrowed"));
    case MEMSCOPE_REPORT_BORROWED_MUT:
      return with_name (name, _("Borrowed by %s, to write"), _("Borrowed, to write"));
    case MEMSCOPE_REPORT_RETURNED:
      return g_strdup (_("Returned"));
    case MEMSCOPE_REPORT_HANDED_OVER:
      return with_name (name, _("Handed over to %s"), _("Handed over"));
    case MEMSCOPE_REPORT_TAKEN_BACK:
      return with_name (name, _("Taken back from %s"), _("Taken back"));
    case MEMSCOPE_REPORT_POOL_CREATED:
      return with_name (name, _("Became the pool “%s”"), _("Became a pool"));
    case MEMSCOPE_REPORT_POOL_DESTROYED:
      return g_strdup (_("Is no pool any more"));
    default:
      return g_strdup (_("Reported"));
    }
}

char *
memscope_report_dup_aside (MemscopeSession      *session,
                           const MemscopeReport *report)
{
  g_autofree char *label = report->thread != 0 ? memscope_session_dup_thread_label (session, report->thread) : NULL;
  g_autofree char *thread = label != NULL ? memscope_text_isolate (label) : NULL;

  return thread != NULL ? g_strdup_printf (_("reported by the program · %s"), thread)
                        : g_strdup (_("reported by the program"));
}

const char *
memscope_report_get_icon (const MemscopeReport *report)
{
  switch (report->kind)
    {
    case MEMSCOPE_REPORT_HANDED_OVER:
    case MEMSCOPE_REPORT_TAKEN_BACK:
      return "handed";
    default:
      return "told";
    }
}
