/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "memscope-recording-list.h"

#include "memscope-live-list.h"

struct _MemscopeRecordingList
{
  GObject       parent_instance;

  guint         interval;
  guint         source;
  gboolean      watching;
  GCancellable *cancellable;   /* a question is under way */
  GPtrArray    *recordings;    /* NULL: not known yet */
  char         *error;
};

enum {
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (MemscopeRecordingList, memscope_recording_list, G_TYPE_OBJECT)

static gboolean memscope_recording_list_ask (gpointer user_data);

static void
memscope_recording_list_answered (GObject      *source,
                                  GAsyncResult *result,
                                  gpointer      user_data)
{
  g_autoptr(MemscopeRecordingList) self = user_data;
  g_autoptr(GError) error = NULL;
  GPtrArray *recordings = memscope_live_list_finish (result, &error);

  g_clear_object (&self->cancellable);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  g_clear_pointer (&self->recordings, g_ptr_array_unref);
  g_clear_pointer (&self->error, g_free);
  self->recordings = recordings;
  if (error != NULL)
    self->error = g_strdup (error->message);

  if (self->watching && self->source == 0)
    self->source = g_timeout_add (self->interval, memscope_recording_list_ask, self);
  g_signal_emit (self, signals[CHANGED], 0);
}

static gboolean
memscope_recording_list_ask (gpointer user_data)
{
  MemscopeRecordingList *self = user_data;

  self->source = 0;
  if (self->cancellable != NULL)
    return G_SOURCE_REMOVE;

  self->cancellable = g_cancellable_new ();
  memscope_live_list_async (self->cancellable, memscope_recording_list_answered, g_object_ref (self));

  return G_SOURCE_REMOVE;
}

static void
memscope_recording_list_dispose (GObject *object)
{
  MemscopeRecordingList *self = MEMSCOPE_RECORDING_LIST (object);

  memscope_recording_list_watch (self, FALSE);
  g_clear_pointer (&self->recordings, g_ptr_array_unref);
  g_clear_pointer (&self->error, g_free);

  G_OBJECT_CLASS (memscope_recording_list_parent_class)->dispose (object);
}

static void
memscope_recording_list_class_init (MemscopeRecordingListClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = memscope_recording_list_dispose;

  signals[CHANGED] =
    g_signal_new ("changed",
                  G_TYPE_FROM_CLASS (klass),
                  G_SIGNAL_RUN_LAST,
                  0,
                  NULL, NULL,
                  NULL,
                  G_TYPE_NONE,
                  0);
}

static void
memscope_recording_list_init (MemscopeRecordingList *self)
{
}

MemscopeRecordingList *
memscope_recording_list_new (guint interval)
{
  MemscopeRecordingList *self = g_object_new (MEMSCOPE_TYPE_RECORDING_LIST, NULL);

  self->interval = interval;

  return self;
}

void
memscope_recording_list_watch (MemscopeRecordingList *self,
                               gboolean               watch)
{
  g_return_if_fail (MEMSCOPE_IS_RECORDING_LIST (self));

  self->watching = watch;
  if (watch)
    {
      if (self->source == 0)
        memscope_recording_list_ask (self);
      return;
    }

  g_clear_handle_id (&self->source, g_source_remove);
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
}

guint
memscope_recording_list_get_n (MemscopeRecordingList *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_RECORDING_LIST (self), 0);

  return self->recordings != NULL ? self->recordings->len : 0;
}

MemscopeLiveRecording *
memscope_recording_list_get (MemscopeRecordingList *self,
                             guint                  i)
{
  g_return_val_if_fail (MEMSCOPE_IS_RECORDING_LIST (self), NULL);
  g_return_val_if_fail (i < memscope_recording_list_get_n (self), NULL);

  return g_ptr_array_index (self->recordings, i);
}

gboolean
memscope_recording_list_is_known (MemscopeRecordingList *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_RECORDING_LIST (self), FALSE);

  return self->recordings != NULL || self->error != NULL;
}

const char *
memscope_recording_list_get_error (MemscopeRecordingList *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_RECORDING_LIST (self), NULL);

  return self->error;
}
