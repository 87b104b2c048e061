/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memscope-folded-exporter.h"

#include <string.h>

#include "memscope-export-file.h"

#define NOT_RECORDED "[not recorded]"

/* Lines looked at between two words on how far it is. */
#define STRIDE 4096u

typedef struct
{
  MemscopeSession   *session;
  MemscopeFlameTree *tree;
  char             **names;     /* by node, made when first needed */
} Folder;

gboolean
memscope_measure_parse (const char      *name,
                        MemscopeMeasure *measure)
{
  static const char *const names[MEMSCOPE_N_MEASURES] = {
    "live-bytes", "live-blocks", "allocated-bytes", "allocations", "temporary", "temporary-bytes", "peak-bytes", "peak-blocks",
  };

  for (guint m = 0; m < MEMSCOPE_N_MEASURES; m++)
    {
      if (g_ascii_strcasecmp (name, names[m]) == 0)
        {
          *measure = (MemscopeMeasure) m;
          return TRUE;
        }
    }

  return FALSE;
}

static char *
dup_name (Folder  *self,
          guint32  node)
{
  const MemscopeFlameNode *record = &self->tree->nodes[node];
  char *name = NULL;

  switch (record->kind)
    {
    case MEMSCOPE_FLAME_THREAD:
      name = record->thread != 0 ? memscope_session_dup_thread_label (self->session, record->thread) : NULL;
      break;

    case MEMSCOPE_FLAME_FUNCTION:
      name = memscope_session_dup_display_string (self->session, record->function);
      break;

    case MEMSCOPE_FLAME_FRAME:
      name = memscope_session_dup_frame_label (self->session, record->frame);
      break;

    case MEMSCOPE_FLAME_ROOT:
    case MEMSCOPE_FLAME_REST:
    default:
      break;
    }

  if (name == NULL || *name == '\0')
    {
      g_free (name);
      name = g_strdup (NOT_RECORDED);
    }

  return g_strdelimit (name, ";", ':');
}

static const char *
get_name (Folder  *self,
          guint32  node)
{
  if (self->names[node] == NULL)
    self->names[node] = dup_name (self, node);

  return self->names[node];
}

static char *
make_line (Folder  *self,
           guint32  node,
           guint64  weight)
{
  g_autoptr(GPtrArray) steps = g_ptr_array_new ();
  GString *line = g_string_new (NULL);
  gboolean has_stack = FALSE;

  for (; node != 0; node = self->tree->nodes[node].parent)
    {
      g_ptr_array_add (steps, (gpointer) get_name (self, node));
      has_stack = has_stack || self->tree->nodes[node].kind != MEMSCOPE_FLAME_THREAD;
    }

  for (guint i = steps->len; i-- > 0;)
    g_string_append_printf (line, "%s%s", line->len > 0 ? ";" : "", (const char *) g_ptr_array_index (steps, i));
  if (!has_stack)
    g_string_append_printf (line, "%s" NOT_RECORDED, line->len > 0 ? ";" : "");
  g_string_append_printf (line, " %" G_GUINT64_FORMAT "\n", weight);

  return g_string_free (line, FALSE);
}

static int
compare_lines (gconstpointer a,
               gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static gboolean
write_lines (Folder                *self,
             MemscopeMeasure        measure,
             GOutputStream         *stream,
             MemscopeProgressFunc   progress,
             gpointer               progress_data,
             GCancellable          *cancellable,
             GError               **error)
{
  g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GOutputStream) buffered = g_buffered_output_stream_new (stream);

  for (guint32 i = 0; i < self->tree->n_nodes; i++)
    {
      guint64 weight = self->tree->nodes[i].self[measure];

      if (weight > 0)
        g_ptr_array_add (lines, make_line (self, i, weight));
      if (i % STRIDE == 0 && progress != NULL)
        progress (i, 2 * (guint64) self->tree->n_nodes, progress_data);
      if (i % STRIDE == 0 && g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
    }
  g_ptr_array_sort (lines, compare_lines);

  g_filter_output_stream_set_close_base_stream (G_FILTER_OUTPUT_STREAM (buffered), FALSE);
  for (guint i = 0; i < lines->len; i++)
    {
      const char *line = g_ptr_array_index (lines, i);

      if (!g_output_stream_write_all (buffered, line, strlen (line), NULL, cancellable, error))
        return FALSE;
      if (i % STRIDE == 0 && progress != NULL)
        progress (lines->len + i, 2 * (guint64) lines->len, progress_data);
    }

  return g_output_stream_flush (buffered, cancellable, error);
}

gboolean
memscope_folded_export_to_stream (MemscopeSession              *session,
                                  MemscopeSelection            *selection,
                                  const MemscopeFoldedOptions  *options,
                                  GOutputStream                *stream,
                                  MemscopeProgressFunc          progress,
                                  gpointer                      progress_data,
                                  GCancellable                 *cancellable,
                                  GError                      **error)
{
  g_autoptr(MemscopeSelection) whole = NULL;
  g_autoptr(MemscopeFlameTree) tree = NULL;
  Folder folder = { .session = session };
  gboolean written;

  g_return_val_if_fail (MEMSCOPE_IS_SESSION (session), FALSE);
  g_return_val_if_fail (options != NULL && options->measure < MEMSCOPE_N_MEASURES, FALSE);
  g_return_val_if_fail (G_IS_OUTPUT_STREAM (stream), FALSE);

  if (selection == NULL)
    selection = whole = memscope_selection_new_all (session);

  tree = memscope_flame_tree_new (session, selection, options->by_thread ? MEMSCOPE_FLAME_BY_THREAD : MEMSCOPE_FLAME_TOP_DOWN,
                                  cancellable, error);
  if (tree == NULL)
    return FALSE;

  folder.tree = tree;
  folder.names = g_new0 (char *, tree->n_nodes);
  written = write_lines (&folder, options->measure, stream, progress, progress_data, cancellable, error);
  for (guint i = 0; i < tree->n_nodes; i++)
    g_free (folder.names[i]);
  g_free (folder.names);

  return written;
}

typedef struct
{
  MemscopeSession             *session;
  MemscopeSelection           *selection;
  const MemscopeFoldedOptions *options;
  MemscopeProgressFunc         progress;
  gpointer                     progress_data;
} Request;

static gboolean
write_request (GOutputStream  *stream,
               gpointer        user_data,
               GCancellable   *cancellable,
               GError        **error)
{
  const Request *request = user_data;

  return memscope_folded_export_to_stream (request->session, request->selection, request->options, stream,
                                           request->progress, request->progress_data, cancellable, error);
}

gboolean
memscope_folded_export (MemscopeSession              *session,
                        MemscopeSelection            *selection,
                        const MemscopeFoldedOptions  *options,
                        GFile                        *file,
                        MemscopeProgressFunc          progress,
                        gpointer                      progress_data,
                        GCancellable                 *cancellable,
                        GError                      **error)
{
  Request request = { session, selection, options, progress, progress_data };

  return memscope_export_to_file (file, write_request, &request, cancellable, error);
}
