/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-recording-group-private.h"

#include <glib/gi18n-lib.h>

struct _MemscopeRecordingGroup
{
  GObject parent_instance;

  guint64 id;
  char   *name;
  guint64 live_bytes;
  guint64 live_blocks;
  guint64 peak_bytes;
  guint64 allocated_bytes;
  guint64 allocations;
  guint64 frees;
  guint64 temporary;
};

enum
{
  PROP_0,
  PROP_ID,
  PROP_NAME,
  PROP_LIVE_BYTES,
  PROP_LIVE_BLOCKS,
  PROP_PEAK_BYTES,
  PROP_ALLOCATED_BYTES,
  PROP_ALLOCATIONS,
  PROP_FREES,
  PROP_TEMPORARY,
  N_PROPS
};

G_DEFINE_FINAL_TYPE (MemscopeRecordingGroup, memscope_recording_group, G_TYPE_OBJECT)

static GParamSpec *properties[N_PROPS];

static void
memscope_recording_group_get_property (GObject    *object,
                                       guint       id,
                                       GValue     *value,
                                       GParamSpec *pspec)
{
  MemscopeRecordingGroup *self = MEMSCOPE_RECORDING_GROUP (object);
  const guint64 figures[N_PROPS] = {
    [PROP_ID] = self->id,
    [PROP_LIVE_BYTES] = self->live_bytes,
    [PROP_LIVE_BLOCKS] = self->live_blocks,
    [PROP_PEAK_BYTES] = self->peak_bytes,
    [PROP_ALLOCATED_BYTES] = self->allocated_bytes,
    [PROP_ALLOCATIONS] = self->allocations,
    [PROP_FREES] = self->frees,
    [PROP_TEMPORARY] = self->temporary,
  };

  if (id == PROP_NAME)
    g_value_set_string (value, self->name);
  else if (id > PROP_0 && id < N_PROPS)
    g_value_set_uint64 (value, figures[id]);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
memscope_recording_group_finalize (GObject *object)
{
  g_free (MEMSCOPE_RECORDING_GROUP (object)->name);

  G_OBJECT_CLASS (memscope_recording_group_parent_class)->finalize (object);
}

static void
memscope_recording_group_class_init (MemscopeRecordingGroupClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  static const char *const names[N_PROPS] = {
    [PROP_ID] = "id", [PROP_LIVE_BYTES] = "live-bytes", [PROP_LIVE_BLOCKS] = "live-blocks", [PROP_PEAK_BYTES] = "peak-bytes",
    [PROP_ALLOCATED_BYTES] = "allocated-bytes", [PROP_ALLOCATIONS] = "allocations", [PROP_FREES] = "frees",
    [PROP_TEMPORARY] = "temporary",
  };

  object_class->get_property = memscope_recording_group_get_property;
  object_class->finalize = memscope_recording_group_finalize;

  for (guint id = PROP_ID; id < N_PROPS; id++)
    {
      if (id == PROP_NAME)
        properties[id] = g_param_spec_string ("name", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
      else
        properties[id] = g_param_spec_uint64 (names[id], NULL, NULL, 0, G_MAXUINT64, 0, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
    }
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
memscope_recording_group_init (MemscopeRecordingGroup *self)
{
}

static char *
dup_module_name (MemscopeSession  *session,
                 MemscopeModuleId  id)
{
  MemscopeModule module;

  return memscope_session_get_module (session, id, &module) ? memscope_session_dup_display_string (session, module.path)
                                                             : g_strdup (_("not recorded"));
}

static char *
dup_variable_name (MemscopeSession    *session,
                   MemscopeVariableId  id)
{
  MemscopeVariable variable;

  return memscope_session_get_variable (session, id, &variable) && variable.name != 0
           ? memscope_session_dup_display_string (session, variable.name) : g_strdup (_("not recorded"));
}

static void
memscope_recording_group_identify (MemscopeRecordingGroup *self,
                                   MemscopeSession        *session,
                                   const MemscopeGroup    *group,
                                   MemscopeGroupBy         by)
{
  switch (by)
    {
    case MEMSCOPE_GROUP_BY_THREAD:
      self->id = group->thread;
      self->name = memscope_session_dup_thread_label (session, group->thread);
      break;
    case MEMSCOPE_GROUP_BY_VARIABLE:
      self->id = group->variable;
      self->name = dup_variable_name (session, group->variable);
      break;
    case MEMSCOPE_GROUP_BY_MODULE:
      self->id = group->module;
      self->name = dup_module_name (session, group->module);
      break;
    case MEMSCOPE_GROUP_BY_TYPE:
      self->id = group->type;
      self->name = group->type != 0 ? memscope_session_dup_display_string (session, group->type) : g_strdup (_("not recorded"));
      break;
    case MEMSCOPE_GROUP_BY_STACK:
      self->id = group->stack;
      self->name = memscope_session_dup_frame_label (session, memscope_session_get_call_site (session, group->stack));
      break;
    case MEMSCOPE_GROUP_BY_CALL_SITE:
    default:
      self->id = group->call_site;
      self->name = memscope_session_dup_frame_label (session, group->call_site);
      break;
    }
}

MemscopeRecordingGroup *
memscope_recording_group_new (MemscopeSession     *session,
                              const MemscopeGroup *group,
                              MemscopeGroupBy      by)
{
  MemscopeRecordingGroup *self = g_object_new (MEMSCOPE_TYPE_RECORDING_GROUP, NULL);
  gboolean blocks = memscope_session_has_blocks (session);

  memscope_recording_group_identify (self, session, group, by);
  self->live_bytes = group->live_bytes;
  self->peak_bytes = group->peak_bytes;
  self->live_blocks = blocks ? group->live_blocks : MEMSCOPE_UNKNOWN;
  self->allocated_bytes = blocks ? group->born_bytes : MEMSCOPE_UNKNOWN;
  self->allocations = blocks ? group->births : MEMSCOPE_UNKNOWN;
  self->frees = blocks ? group->deaths : MEMSCOPE_UNKNOWN;
  self->temporary = blocks ? group->temporary : MEMSCOPE_UNKNOWN;

  return self;
}

guint64
memscope_recording_group_get_id (MemscopeRecordingGroup *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_RECORDING_GROUP (self), 0);

  return self->id;
}

const char *
memscope_recording_group_get_name (MemscopeRecordingGroup *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_RECORDING_GROUP (self), NULL);

  return self->name;
}

guint64
memscope_recording_group_get_live_bytes (MemscopeRecordingGroup *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_RECORDING_GROUP (self), 0);

  return self->live_bytes;
}

guint64
memscope_recording_group_get_live_blocks (MemscopeRecordingGroup *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_RECORDING_GROUP (self), 0);

  return self->live_blocks;
}

guint64
memscope_recording_group_get_peak_bytes (MemscopeRecordingGroup *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_RECORDING_GROUP (self), 0);

  return self->peak_bytes;
}

guint64
memscope_recording_group_get_allocated_bytes (MemscopeRecordingGroup *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_RECORDING_GROUP (self), 0);

  return self->allocated_bytes;
}

guint64
memscope_recording_group_get_allocations (MemscopeRecordingGroup *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_RECORDING_GROUP (self), 0);

  return self->allocations;
}

guint64
memscope_recording_group_get_frees (MemscopeRecordingGroup *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_RECORDING_GROUP (self), 0);

  return self->frees;
}

guint64
memscope_recording_group_get_temporary (MemscopeRecordingGroup *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_RECORDING_GROUP (self), 0);

  return self->temporary;
}
