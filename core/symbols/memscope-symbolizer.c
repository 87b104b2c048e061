/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From frames to names: module by module, each in the order of its addresses, so
 * that one module's debug information is open at a time and its caches hit.
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "memscope-module-symbols.h"
#include "memscope-symbol-store.h"
#include "memscope-symbolizer.h"

typedef struct
{
  MemscopeSymbolStore       *store;
  MemscopeSymbolizeReport   *report;
  GPtrArray                 *frames;      /* MemscopeStoredFrame, by module and offset */
  GPtrArray                 *reasons;
  GCancellable              *cancellable;
  MemscopeSymbolizeProgress  progress;
  gpointer                   progress_data;
} Work;

void
memscope_symbolize_report_clear (MemscopeSymbolizeReport *report)
{
  g_clear_pointer (&report->reasons, g_strfreev);
}

static int
compare_frames (gconstpointer a,
                gconstpointer b)
{
  const MemscopeStoredFrame *x = *(const MemscopeStoredFrame *const *)a;
  const MemscopeStoredFrame *y = *(const MemscopeStoredFrame *const *)b;

  if (x->entry.module != y->entry.module)
    return x->entry.module < y->entry.module ? -1 : 1;

  return x->entry.offset < y->entry.offset ? -1 : x->entry.offset > y->entry.offset;
}

static void
choose_frames (Work     *work,
               gboolean  again)
{
  guint n_frames, n_modules;
  MemscopeStoredFrame *frames = memscope_symbol_store_get_frames (work->store, &n_frames);

  memscope_symbol_store_get_modules (work->store, &n_modules);

  for (guint i = 0; i < n_frames; i++)
    {
      MemscopeStoredFrame *frame = &frames[i];

      if (frame->id == 0)
        continue;

      work->report->n_frames++;

      if (frame->entry.module > 0 && frame->entry.module <= n_modules && (again || !frame->has_symbols))
        g_ptr_array_add (work->frames, frame);
    }

  g_ptr_array_sort (work->frames, compare_frames);
}

static gboolean
add_frame (Work                       *work,
           const MemscopeStoredFrame  *frame,
           GArray                     *resolved,
           GError                    **error)
{
  g_autofree MemscopeSymbolEntry *entries = g_new0 (MemscopeSymbolEntry, resolved->len);

  for (guint i = 0; i < resolved->len; i++)
    {
      const MemscopeResolved *symbol = &g_array_index (resolved, MemscopeResolved, i);

      entries[i] = (MemscopeSymbolEntry) {
        .function = memscope_symbol_store_intern (work->store, symbol->function),
        .linkage_name = memscope_symbol_store_intern (work->store, symbol->linkage_name),
        .file = memscope_symbol_store_intern (work->store, symbol->file),
        .line = symbol->line,
        .column = symbol->column,
        .language = symbol->language,
      };
    }

  work->report->n_resolved++;
  work->report->n_lines += entries[0].line != 0;

  return memscope_symbol_store_add (work->store, frame->id, entries, resolved->len, error);
}

/* NULL, and a reason where there is one to tell. */
static MemscopeModuleSymbols *
open_module (Work    *work,
             guint32  id)
{
  g_autoptr(GError) error = NULL;
  guint n_modules;
  const MemscopeStoredModule *module = &memscope_symbol_store_get_modules (work->store, &n_modules)[id - 1];
  MemscopeModuleSymbols *symbols;
  const guint8 *build_id;
  gsize length;

  /* "[vdso]" and what else is no file */
  if (!module->path || module->path[0] != '/' || !module->build_id)
    return NULL;

  build_id = g_bytes_get_data (module->build_id, &length);
  symbols = memscope_module_symbols_new (module->path, build_id, length, &error);

  if (!symbols)
    g_ptr_array_add (work->reasons, g_steal_pointer (&error->message));

  return symbols;
}

static gboolean
resolve_frames (Work    *work,
                GError **error)
{
  g_autoptr(MemscopeModuleSymbols) symbols = NULL;
  g_autoptr(GArray) resolved = g_array_new (FALSE, FALSE, sizeof (MemscopeResolved));
  guint32 module = 0;

  for (guint i = 0; i < work->frames->len; i++)
    {
      const MemscopeStoredFrame *frame = g_ptr_array_index (work->frames, i);
      guint64 back = frame->entry.flags & MEMSCOPE_FRAME_RETURN_ADDRESS ? 1 : 0;

      if (g_cancellable_set_error_if_cancelled (work->cancellable, error))
        return FALSE;

      if (frame->entry.module != module)
        {
          g_clear_pointer (&symbols, memscope_module_symbols_free);
          module = frame->entry.module;
          symbols = open_module (work, module);
        }

      g_array_set_size (resolved, 0);

      if (symbols && memscope_module_symbols_resolve (symbols, frame->entry.offset - back, resolved) &&
          !add_frame (work, frame, resolved, error))
        return FALSE;

      if (work->progress && i % 256 == 255)
        work->progress (i + 1, work->frames->len, work->progress_data);
    }

  return TRUE;
}

gboolean
memscope_symbolize_file (GFile                      *file,
                         gboolean                    again,
                         MemscopeSymbolizeReport    *report,
                         GCancellable               *cancellable,
                         MemscopeSymbolizeProgress   progress,
                         gpointer                    progress_data,
                         GError                    **error)
{
  g_autoptr(MemscopeSymbolStore) store = NULL;
  g_autoptr(GPtrArray) frames = g_ptr_array_new ();
  g_autoptr(GPtrArray) reasons = g_ptr_array_new_with_free_func (g_free);
  Work work = { NULL, report, frames, reasons, cancellable, progress, progress_data };

  g_return_val_if_fail (G_IS_FILE (file), FALSE);
  g_return_val_if_fail (report != NULL, FALSE);

  *report = (MemscopeSymbolizeReport) { 0 };

  if (!(store = memscope_symbol_store_open (file, error)))
    return FALSE;

  work.store = store;
  choose_frames (&work, again);

  if (!resolve_frames (&work, error))
    {
      /* whole again, with what was found so far */
      memscope_symbol_store_close (store, NULL);
      return FALSE;
    }

  g_ptr_array_add (reasons, NULL);
  report->reasons = (char **)g_ptr_array_free (g_steal_pointer (&reasons), FALSE);

  return memscope_symbol_store_close (store, error);
}
