/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <unistd.h>

#include "memscope-map-blob.h"
#include "memscope-map-data.h"
#include "memscope-shared-bytes.h"

static gboolean
memscope_map_data_write_bytes (MemscopeMapData *self)
{
  g_autoptr(GBytes) bytes = memscope_map_blob_new (self->map, NULL, self->session);
  g_autoptr(GError) error = NULL;

  self->bytes = memscope_shared_bytes_new (bytes, &error);
  self->n_bytes = g_bytes_get_size (bytes);
  if (self->bytes < 0)
    g_message ("The memory map can’t be handed on: %s", error->message);

  return self->bytes >= 0;
}

MemscopeMapData *
memscope_map_data_new (MemscopeSession   *session,
                       MemscopeSelection *selection,
                       guint              stages,
                       gboolean           with_bytes,
                       GCancellable      *cancellable)
{
  g_autoptr(MemscopeMapData) self = g_new0 (MemscopeMapData, 1);

  g_atomic_ref_count_init (&self->references);
  self->bytes = -1;
  self->session = g_object_ref (session);
  self->selection = memscope_selection_ref (selection);
  self->stages = stages;
  self->map = memscope_address_map_new_at_stages (session, selection, stages, cancellable, NULL);
  if (self->map == NULL)
    return NULL;
  if (with_bytes && !memscope_map_data_write_bytes (self))
    return NULL;

  return g_steal_pointer (&self);
}

MemscopeMapData *
memscope_map_data_ref (MemscopeMapData *self)
{
  g_atomic_ref_count_inc (&self->references);

  return self;
}

void
memscope_map_data_unref (MemscopeMapData *self)
{
  if (!g_atomic_ref_count_dec (&self->references))
    return;

  if (self->bytes >= 0)
    close (self->bytes);
  g_clear_pointer (&self->map, memscope_address_map_free);
  g_clear_pointer (&self->selection, memscope_selection_unref);
  g_clear_object (&self->session);
  g_free (self);
}

MemscopeGroup *
memscope_map_find_group (MemscopeSession   *session,
                         MemscopeSelection *selection,
                         guint64            row,
                         GCancellable      *cancellable)
{
  g_autoptr(MemscopeSelection) of_thread = NULL;
  g_autoptr(MemscopeGroups) groups = NULL;
  MemscopeGroup *group;
  MemscopeVariableId variable;
  MemscopeBlock block;

  memscope_session_get_block (session, row, &block);
  variable = block.variable;
  if (variable == 0 && block.stack != 0)
    variable = memscope_session_get_site_variable (session, block.stack);

  if (block.thread == 0 || memscope_selection_has_thread (selection, block.thread))
    {
      of_thread = memscope_selection_with_threads (selection, block.thread != 0 ? &block.thread : NULL, block.thread != 0 ? 1 : 0);
      groups = memscope_groups_new (session, of_thread, MEMSCOPE_GROUP_BY_THREAD_VARIABLE, cancellable, NULL);
      if (groups == NULL)
        return NULL;
      for (guint64 i = 0; i < groups->n_groups; i++)
        if (groups->groups[i].thread == block.thread && groups->groups[i].variable == variable)
          return g_memdup2 (&groups->groups[i], sizeof *groups->groups);
    }

  group = g_new0 (MemscopeGroup, 1);
  group->keys = MEMSCOPE_GROUP_KEY_THREAD | MEMSCOPE_GROUP_KEY_VARIABLE;
  group->thread = block.thread;
  group->variable = variable;
  group->peak_time = MEMSCOPE_UNKNOWN;
  group->first_time = MEMSCOPE_UNKNOWN;
  group->last_time = MEMSCOPE_UNKNOWN;
  group->stage = MEMSCOPE_STAGE_FREED;

  return group;
}
