/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memscope-json-reports.h"

#include "memscope-redact.h"
#include "memscope-session-private.h"

#define NS_PER_US G_GUINT64_CONSTANT (1000)

static const char *const kind_names[] = {
  [MEMSCOPE_ANNOTATION_TRACK] = "track",
  [MEMSCOPE_ANNOTATION_UNTRACK] = "untrack",
  [MEMSCOPE_ANNOTATION_CLONE] = "clone",
  [MEMSCOPE_ANNOTATION_BORROW] = "borrow",
  [MEMSCOPE_ANNOTATION_BORROW_MUT] = "mutable borrow",
  [MEMSCOPE_ANNOTATION_RETURN] = "return",
  [MEMSCOPE_ANNOTATION_SCOPE_BEGIN] = "scope begin",
  [MEMSCOPE_ANNOTATION_SCOPE_END] = "scope end",
  [MEMSCOPE_ANNOTATION_FFI_OUT] = "hand over",
  [MEMSCOPE_ANNOTATION_FFI_IN] = "take back",
  [MEMSCOPE_ANNOTATION_POOL_CREATE] = "pool create",
  [MEMSCOPE_ANNOTATION_POOL_DESTROY] = "pool destroy",
};

static void
append_string (const MemscopeJsonReports *self,
               GString                   *text,
               const char                *key,
               MemscopeStringId           id)
{
  gsize length = 0;
  const char *bytes = id != 0 ? memscope_session_get_string (self->session, id, &length) : NULL;

  g_string_append (text, key);
  if (bytes != NULL)
    memscope_json_append_string (text, bytes, length);
  else
    g_string_append (text, "null");
}

static void
append_number (GString    *text,
               const char *key,
               gboolean    known,
               guint64     value)
{
  g_string_append (text, key);
  if (known)
    memscope_json_append_uint64 (text, value);
  else
    g_string_append (text, "null");
}

static void
append_thread (const MemscopeJsonReports *self,
               GString                   *text,
               MemscopeThreadId           thread)
{
  g_autofree char *label = thread != 0 ? memscope_session_dup_thread_label (self->session, thread) : NULL;

  g_string_append (text, ",\"thread_id\":");
  if (label != NULL)
    memscope_json_append_string (text, label, -1);
  else
    g_string_append (text, "null");
}

/* ns since 1970, as allocations have it. */
static void
append_time (const MemscopeJsonReports *self,
             GString                   *text,
             guint64                    us)
{
  append_number (text, "\"timestamp\":", TRUE, memscope_session_get_time_origin (self->session) + us * NS_PER_US);
}

static gboolean
is_wanted (const MemscopeJsonReports *self,
           guint64                    us)
{
  return us <= G_MAXUINT64 / NS_PER_US && us * NS_PER_US >= self->begin && us * NS_PER_US <= self->end;
}

static void
append_mark (const MemscopeJsonReports *self,
             const MemscopeMark        *mark,
             GString                   *text)
{
  append_time (self, text, mark->time);
  append_thread (self, text, mark->thread);
  append_string (self, text, ",\"text\":", mark->text);
}

static void
append_annotation (const MemscopeJsonReports *self,
                   const MemscopeAnnotation  *annotation,
                   guint64                    row,
                   GString                   *text)
{
  gboolean about_memory = annotation->kind != MEMSCOPE_ANNOTATION_SCOPE_BEGIN &&
                          annotation->kind != MEMSCOPE_ANNOTATION_SCOPE_END;

  append_time (self, text, annotation->time);
  append_thread (self, text, annotation->thread);
  g_string_append_printf (text, ",\"kind\":\"%s\"",
                          annotation->kind < G_N_ELEMENTS (kind_names) && kind_names[annotation->kind] != NULL
                            ? kind_names[annotation->kind] : "unknown");
  append_string (self, text, ",\"name\":", annotation->name);
  append_string (self, text, ",\"type_name\":", annotation->type);
  append_number (text, ",\"ptr\":", about_memory, annotation->address);
  append_number (text, ",\"size\":", annotation->size != 0, annotation->size);
  append_number (text, ",\"original\":", annotation->kind == MEMSCOPE_ANNOTATION_CLONE && annotation->other != 0,
                 annotation->other);
  append_number (text, ",\"row\":", row != 0, row - 1);
  g_string_append (text, ",\"stack_trace\":");
  memscope_json_frames_append (self->frames, annotation->stack, text);
}

static gboolean
end_line (const MemscopeJsonReports *self,
          GString                   *text,
          gsize                      begin,
          GError                   **error)
{
  g_string_append_c (text, '}');
  if (self->redact_paths)
    memscope_redact_paths (text, begin);

  return self->written == NULL || self->written (self->data, error);
}

static void
begin_line (GString  *text,
            gboolean *is_first)
{
  g_string_append (text, *is_first ? "\n    {" : ",\n    {");
  *is_first = FALSE;
}

static gboolean
write_marks (const MemscopeJsonReports *self,
             GString                   *text,
             GError                   **error)
{
  gboolean is_first = TRUE;
  guint n;
  const MemscopeMark *marks = memscope_session_get_marks (self->session, &n);

  for (guint i = 0; i < n; i++)
    {
      gsize begin = text->len;

      if (!is_wanted (self, marks[i].time))
        continue;

      begin_line (text, &is_first);
      append_mark (self, &marks[i], text);
      if (!end_line (self, text, begin, error))
        return FALSE;
    }

  g_string_append (text, is_first ? "]" : "\n  ]");

  return TRUE;
}

static gboolean
write_annotations (const MemscopeJsonReports *self,
                   GString                   *text,
                   GError                   **error)
{
  gboolean is_first = TRUE;
  guint n, n_rows;
  const MemscopeAnnotation *annotations = memscope_session_get_annotations (self->session, &n);
  const guint64 *rows = memscope_session_get_annotation_rows (self->session, &n_rows);

  for (guint i = 0; i < MIN (n, n_rows); i++)
    {
      gsize begin = text->len;

      if (!is_wanted (self, annotations[i].time))
        continue;

      begin_line (text, &is_first);
      append_annotation (self, &annotations[i], rows[i], text);
      if (!end_line (self, text, begin, error))
        return FALSE;
    }

  g_string_append (text, is_first ? "]" : "\n  ]");

  return TRUE;
}

gboolean
memscope_json_reports_write (const MemscopeJsonReports  *self,
                             MemscopeJsonWriter         *writer,
                             GError                    **error)
{
  memscope_json_writer_begin_value (writer, "marks");
  g_string_append_c (writer->text, '[');
  if (!write_marks (self, writer->text, error))
    return FALSE;

  memscope_json_writer_begin_value (writer, "annotations");
  g_string_append_c (writer->text, '[');

  return write_annotations (self, writer->text, error);
}
