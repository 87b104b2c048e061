/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-recording.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "memscope-error.h"
#include "memscope-loader.h"
#include "memscope-recording-list.h"
#include "memscope-session-private.h"
#include "memscope-summary.h"

struct _MemscopeRecording
{
  GObject          parent_instance;

  MemscopeSession *session;
};

G_DEFINE_FINAL_TYPE (MemscopeRecording, memscope_recording, G_TYPE_OBJECT)

static void
memscope_recording_finalize (GObject *object)
{
  g_clear_object (&MEMSCOPE_RECORDING (object)->session);

  G_OBJECT_CLASS (memscope_recording_parent_class)->finalize (object);
}

static void
memscope_recording_class_init (MemscopeRecordingClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = memscope_recording_finalize;
}

static void
memscope_recording_init (MemscopeRecording *self)
{
}

MemscopeRecording *
memscope_recording_open (const char  *path,
                         GError     **error)
{
  g_autoptr(GFile) file = NULL;
  MemscopeSession *session;
  MemscopeRecording *self;

  g_return_val_if_fail (path != NULL, NULL);

  file = g_file_new_for_path (path);
  session = memscope_load_file (file, NULL, NULL, NULL, error);
  if (session == NULL)
    return NULL;

  self = g_object_new (MEMSCOPE_TYPE_RECORDING, NULL);
  self->session = session;

  return self;
}

const char *
memscope_recording_get_format (MemscopeRecording *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_RECORDING (self), NULL);

  return memscope_session_get_format_name (self->session);
}

const char *const *
memscope_recording_get_warnings (MemscopeRecording *self)
{
  static const char *const none[] = { NULL };
  const char *const *warnings;

  g_return_val_if_fail (MEMSCOPE_IS_RECORDING (self), none);

  warnings = memscope_session_get_warnings (self->session);

  return warnings != NULL ? warnings : none;
}

guint64
memscope_recording_get_duration (MemscopeRecording *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_RECORDING (self), 0);

  return memscope_session_get_duration (self->session);
}

guint64
memscope_recording_get_n_blocks (MemscopeRecording *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_RECORDING (self), 0);

  return memscope_session_get_n_blocks (self->session);
}

static MemscopeSelection *
dup_selection (MemscopeRecording  *self,
               const char         *filter,
               GError            **error)
{
  g_autoptr(MemscopeSelection) all = memscope_selection_new_all (self->session);
  g_auto(MemscopeExpressionFault) fault = { 0 };
  g_autoptr(MemscopeExpression) expression = NULL;

  if (filter == NULL || *filter == '\0')
    return g_steal_pointer (&all);

  expression = memscope_expression_parse (filter, &fault);
  if (expression == NULL)
    {
      g_set_error (error, MEMSCOPE_ERROR, MEMSCOPE_ERROR_INVALID_ARGUMENT,
                   _("The filter is wrong at column %u: %s"), fault.column, fault.message);
      return NULL;
    }

  return memscope_selection_with_expression (all, expression);
}

/* ---- figures ---------------------------------------------------------------------------- */

#define FIGURE(name, field) { name, G_STRUCT_OFFSET (MemscopeSummary, field) }

static const struct
{
  const char *name;
  gsize       offset;
} figures[] = {
  FIGURE ("total-allocations", total_allocations),
  FIGURE ("total-bytes", total_bytes),
  FIGURE ("total-frees", total_frees),
  FIGURE ("temporary-allocations", temporary_allocations),
  FIGURE ("active-allocations", active_allocations),
  FIGURE ("active-bytes", active_bytes),
  FIGURE ("peak-bytes", peak_bytes),
  FIGURE ("peak-time", peak_time),
  FIGURE ("leaked-allocations", leaked_allocations),
  FIGURE ("leaked-bytes", leaked_bytes),
  FIGURE ("peak-rss", peak_rss),
};

guint64
memscope_recording_get_figure (MemscopeRecording  *self,
                               const char         *name,
                               const char         *filter,
                               GError            **error)
{
  g_autoptr(MemscopeSelection) selection = NULL;
  g_autoptr(MemscopeSummary) summary = NULL;

  g_return_val_if_fail (MEMSCOPE_IS_RECORDING (self), MEMSCOPE_UNKNOWN);
  g_return_val_if_fail (name != NULL, MEMSCOPE_UNKNOWN);

  for (guint i = 0; i < G_N_ELEMENTS (figures); i++)
    {
      if (!g_str_equal (name, figures[i].name))
        continue;

      selection = dup_selection (self, filter, error);
      summary = selection != NULL ? memscope_summary_new (self->session, selection, NULL, error) : NULL;

      return summary != NULL ? G_STRUCT_MEMBER (guint64, summary, figures[i].offset) : MEMSCOPE_UNKNOWN;
    }

  g_set_error (error, MEMSCOPE_ERROR, MEMSCOPE_ERROR_INVALID_ARGUMENT, _("There is no figure “%s”"), name);

  return MEMSCOPE_UNKNOWN;
}

/* ---- groups ------------------------------------------------------------------------------- */

static const struct
{
  const char      *name;
  MemscopeGroupBy  by;
} groupings[] = {
  { "call-site", MEMSCOPE_GROUP_BY_CALL_SITE },
  { "stack", MEMSCOPE_GROUP_BY_STACK },
  { "thread", MEMSCOPE_GROUP_BY_THREAD },
  { "variable", MEMSCOPE_GROUP_BY_VARIABLE },
  { "type", MEMSCOPE_GROUP_BY_TYPE },
  { "module", MEMSCOPE_GROUP_BY_MODULE },
};

GListModel *
memscope_recording_list_groups (MemscopeRecording  *self,
                                const char         *by,
                                const char         *filter,
                                GError            **error)
{
  g_autoptr(MemscopeSelection) selection = NULL;
  MemscopeGroups *groups;

  g_return_val_if_fail (MEMSCOPE_IS_RECORDING (self), NULL);
  g_return_val_if_fail (by != NULL, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (groupings); i++)
    {
      if (!g_str_equal (by, groupings[i].name))
        continue;

      selection = dup_selection (self, filter, error);
      groups = selection != NULL ? memscope_groups_new (self->session, selection, groupings[i].by, NULL, error) : NULL;

      return groups != NULL ? memscope_recording_list_new (self->session, groups) : NULL;
    }

  g_set_error (error, MEMSCOPE_ERROR, MEMSCOPE_ERROR_INVALID_ARGUMENT, _("Blocks can’t be grouped by “%s”"), by);

  return NULL;
}

/* ---- columns -------------------------------------------------------------------------------- */

#define COLUMN(name, field, size) { name, G_STRUCT_OFFSET (MemscopeBatch, field), size }

static const struct
{
  const char *name;
  gsize       offset;
  gsize       size;
} columns[] = {
  COLUMN ("address", address, 8),
  COLUMN ("size", size, 8),
  COLUMN ("birth-time", birth_time, 8),
  COLUMN ("death-time", death_time, 8),
  COLUMN ("rounding", rounding, 4),
  COLUMN ("thread", thread, 4),
  COLUMN ("death-thread", death_thread, 4),
  COLUMN ("stack", stack, 4),
  COLUMN ("variable", variable, 4),
  COLUMN ("function", function, 1),
  COLUMN ("flags", flags, 1),
};

static GBytes *
copy_column (MemscopeSession *session,
             gsize            offset,
             gsize            size)
{
  guint64 n = memscope_session_get_n_blocks (session);
  guint n_batches = memscope_session_get_n_batches (session);
  guint8 *values = g_malloc_n (MAX (n, 1), size);
  guint64 filled = 0;

  for (guint index = 0; index < n_batches && filled < n; index++)
    {
      MemscopeBatch batch;
      guint64 n_rows;

      memscope_session_get_batch (session, index, &batch);
      n_rows = MIN (batch.n_rows, n - filled);
      memcpy (values + filled * size, G_STRUCT_MEMBER (gconstpointer, &batch, offset), n_rows * size);
      filled += n_rows;
    }

  return g_bytes_new_take (values, filled * size);
}

GBytes *
memscope_recording_get_column (MemscopeRecording  *self,
                               const char         *name,
                               const char        **element_type,
                               GError            **error)
{
  g_return_val_if_fail (MEMSCOPE_IS_RECORDING (self), NULL);
  g_return_val_if_fail (name != NULL && element_type != NULL, NULL);

  *element_type = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    {
      if (!g_str_equal (name, columns[i].name))
        continue;

      *element_type = columns[i].size == 8 ? "uint64" : columns[i].size == 4 ? "uint32" : "uint8";

      return copy_column (self->session, columns[i].offset, columns[i].size);
    }

  g_set_error (error, MEMSCOPE_ERROR, MEMSCOPE_ERROR_INVALID_ARGUMENT, _("There is no column “%s”"), name);

  return NULL;
}
