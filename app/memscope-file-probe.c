/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-file-probe.h"
#include "memscope-loader.h"

static void
probed_file_free (gpointer data)
{
  MemscopeProbedFile *self = data;

  g_object_unref (self->file);
  g_free (self->kind);
  g_free (self);
}

/* Of a recording that was cut into files; opening it says if they are none. */
static gboolean
may_hold_segments (GFile        *folder,
                   GCancellable *cancellable)
{
  g_autoptr(GFileEnumerator) children = g_file_enumerate_children (folder, G_FILE_ATTRIBUTE_STANDARD_NAME,
                                                                   G_FILE_QUERY_INFO_NONE, cancellable, NULL);
  GFileInfo *info;

  while (children != NULL && g_file_enumerator_iterate (children, &info, NULL, cancellable, NULL) && info != NULL)
    {
      if (g_str_has_suffix (g_file_info_get_name (info), ".memscope"))
        return TRUE;
    }

  return FALSE;
}

static char *
describe_kind (GFile        *file,
               GCancellable *cancellable)
{
  g_autoptr(GFileInfo) info = g_file_query_info (file,
                                                 G_FILE_ATTRIBUTE_STANDARD_TYPE ","
                                                 G_FILE_ATTRIBUTE_STANDARD_CONTENT_TYPE ","
                                                 G_FILE_ATTRIBUTE_STANDARD_NAME,
                                                 G_FILE_QUERY_INFO_NONE, cancellable, NULL);
  g_autoptr(GFileInputStream) stream = NULL;
  char head[MEMSCOPE_LOADER_HEAD];
  gsize length = 0;
  const char *name, *type;

  if (info == NULL)
    return NULL;
  if (g_file_info_get_file_type (info) == G_FILE_TYPE_DIRECTORY)
    return may_hold_segments (file, cancellable) ? NULL : g_strdup (_("a folder"));
  if (g_file_info_get_file_type (info) != G_FILE_TYPE_REGULAR)
    return g_strdup (_("a special file"));

  /* Somebody took it for one, damaged as it may be: reading it says what is wrong. */
  name = g_file_info_get_name (info);
  if (name != NULL && g_str_has_suffix (name, ".memscope"))
    return NULL;

  stream = g_file_read (file, cancellable, NULL);
  if (stream == NULL ||
      !g_input_stream_read_all (G_INPUT_STREAM (stream), head, sizeof head, &length, cancellable, NULL) ||
      memscope_loader_may_begin ((const guint8 *)head, length))
    return NULL;

  if (length == 0)
    return g_strdup (_("an empty file"));

  type = g_file_info_get_content_type (info);

  return type != NULL && !g_content_type_is_unknown (type) ? g_content_type_get_description (type)
                                                           : g_strdup (_("a file of unknown type"));
}

static void
probe_worker (GTask        *task,
              gpointer      source_object,
              gpointer      task_data,
              GCancellable *cancellable)
{
  g_autoptr(GPtrArray) probed = g_ptr_array_new_with_free_func (probed_file_free);
  GPtrArray *files = task_data;

  for (guint i = 0; i < files->len && !g_cancellable_is_cancelled (cancellable); i++)
    {
      MemscopeProbedFile *file = g_new0 (MemscopeProbedFile, 1);

      file->file = g_object_ref (g_ptr_array_index (files, i));
      file->kind = describe_kind (file->file, cancellable);
      g_ptr_array_add (probed, file);
    }

  g_task_return_pointer (task, g_steal_pointer (&probed), (GDestroyNotify) g_ptr_array_unref);
}

void
memscope_file_probe_async (GListModel          *files,
                           GCancellable        *cancellable,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  GPtrArray *copy = g_ptr_array_new_with_free_func (g_object_unref);

  g_return_if_fail (G_IS_LIST_MODEL (files));

  for (guint i = 0; i < g_list_model_get_n_items (files); i++)
    g_ptr_array_add (copy, g_list_model_get_item (files, i));

  g_task_set_source_tag (task, memscope_file_probe_async);
  g_task_set_task_data (task, copy, (GDestroyNotify) g_ptr_array_unref);
  g_task_run_in_thread (task, probe_worker);
}

GPtrArray *
memscope_file_probe_finish (GAsyncResult  *result,
                            GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
