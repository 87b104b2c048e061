/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-reports.h"

#include "memscope-session-private.h"

#define NS_PER_US G_GUINT64_CONSTANT (1000)

G_STATIC_ASSERT ((guint)MEMSCOPE_REPORT_NAMED == (guint)MEMSCOPE_ANNOTATION_TRACK);
G_STATIC_ASSERT ((guint)MEMSCOPE_REPORT_RETURNED == (guint)MEMSCOPE_ANNOTATION_RETURN);
G_STATIC_ASSERT ((guint)MEMSCOPE_REPORT_POOL_DESTROYED == (guint)MEMSCOPE_ANNOTATION_POOL_DESTROY);

static gboolean
is_known (guint32 kind)
{
  return kind >= MEMSCOPE_ANNOTATION_TRACK && kind <= MEMSCOPE_ANNOTATION_POOL_DESTROY &&
         kind != MEMSCOPE_ANNOTATION_SCOPE_BEGIN && kind != MEMSCOPE_ANNOTATION_SCOPE_END;
}

GArray *
memscope_reports_new (MemscopeSession *session,
                      const guint64   *rows,
                      guint            n_rows,
                      guint            max_reports,
                      guint           *n_all)
{
  GArray *reports = g_array_new (FALSE, FALSE, sizeof (MemscopeReport));
  g_autoptr(GHashTable) wanted = g_hash_table_new (g_int64_hash, g_int64_equal);
  guint n, n_known, n_found = 0;
  const MemscopeAnnotation *annotations = memscope_session_get_annotations (session, &n);
  const guint64 *of_rows = memscope_session_get_annotation_rows (session, &n_known);

  for (guint i = 0; i < n_rows; i++)
    g_hash_table_add (wanted, (gpointer)&rows[i]);

  for (guint i = 0; i < MIN (n, n_known) && n_rows > 0; i++)
    {
      guint64 row = of_rows[i] - 1;
      MemscopeReport report = {
        .kind = (MemscopeReportKind)annotations[i].kind,
        .row = row,
        .time = annotations[i].time > MEMSCOPE_NEVER / NS_PER_US ? MEMSCOPE_NEVER - 1 : annotations[i].time * NS_PER_US,
        .size = annotations[i].size,
        .thread = annotations[i].thread,
        .stack = annotations[i].stack,
        .name = annotations[i].name,
        .type = annotations[i].type,
      };

      if (of_rows[i] == 0 || !is_known (annotations[i].kind) || !g_hash_table_contains (wanted, &row))
        continue;

      n_found++;
      if (reports->len < max_reports)
        g_array_append_val (reports, report);
    }

  if (n_all != NULL)
    *n_all = n_found;

  return reports;
}
