/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-recording-list.h"

#include "memscope-recording-group-private.h"

struct _MemscopeRecordingList
{
  GObject          parent_instance;

  MemscopeSession *session;
  MemscopeGroups  *groups;
};

static void memscope_recording_list_model_init (GListModelInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE (MemscopeRecordingList, memscope_recording_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, memscope_recording_list_model_init))

static GType
memscope_recording_list_get_item_type (GListModel *model)
{
  return MEMSCOPE_TYPE_RECORDING_GROUP;
}

static guint
memscope_recording_list_get_n_items (GListModel *model)
{
  return (guint)MIN (MEMSCOPE_RECORDING_LIST (model)->groups->n_groups, G_MAXUINT);
}

static gpointer
memscope_recording_list_get_item (GListModel *model,
                                  guint       position)
{
  MemscopeRecordingList *self = MEMSCOPE_RECORDING_LIST (model);

  if (position >= self->groups->n_groups)
    return NULL;

  return memscope_recording_group_new (self->session, &self->groups->groups[position], self->groups->by);
}

static void
memscope_recording_list_model_init (GListModelInterface *interface)
{
  interface->get_item_type = memscope_recording_list_get_item_type;
  interface->get_n_items = memscope_recording_list_get_n_items;
  interface->get_item = memscope_recording_list_get_item;
}

static void
memscope_recording_list_finalize (GObject *object)
{
  MemscopeRecordingList *self = MEMSCOPE_RECORDING_LIST (object);

  memscope_groups_free (self->groups);
  g_object_unref (self->session);

  G_OBJECT_CLASS (memscope_recording_list_parent_class)->finalize (object);
}

static void
memscope_recording_list_class_init (MemscopeRecordingListClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = memscope_recording_list_finalize;
}

static void
memscope_recording_list_init (MemscopeRecordingList *self)
{
}

GListModel *
memscope_recording_list_new (MemscopeSession *session,
                             MemscopeGroups  *groups)
{
  MemscopeRecordingList *self = g_object_new (MEMSCOPE_TYPE_RECORDING_LIST, NULL);

  self->session = g_object_ref (session);
  self->groups = groups;

  return G_LIST_MODEL (self);
}
