/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "memscope-view-state.h"

struct _MemscopeViewState
{
  GObject            parent_instance;

  MemscopeSession   *session;
  MemscopeSelection *selection;
  MemscopeThreadId   thread;
  guint64            axis_begin;
  guint64            axis_end;
  MemscopeGroup      group;
  gboolean           has_group;
};

enum {
  PROP_0,
  PROP_SESSION,
  PROP_SELECTION,
  PROP_AXIS,
  PROP_GROUP,
  N_PROPS
};

G_DEFINE_FINAL_TYPE (MemscopeViewState, memscope_view_state, G_TYPE_OBJECT)

static GParamSpec *properties[N_PROPS];

static void
memscope_view_state_take (MemscopeViewState *self,
                          MemscopeSelection *selection)
{
  if (memscope_selection_equal (selection, self->selection))
    {
      memscope_selection_unref (selection);
      return;
    }

  memscope_selection_unref (self->selection);
  self->selection = selection;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SELECTION]);
}

static void
memscope_view_state_finalize (GObject *object)
{
  MemscopeViewState *self = MEMSCOPE_VIEW_STATE (object);

  g_clear_object (&self->session);
  g_clear_pointer (&self->selection, memscope_selection_unref);

  G_OBJECT_CLASS (memscope_view_state_parent_class)->finalize (object);
}

static void
memscope_view_state_get_property (GObject    *object,
                                  guint       prop_id,
                                  GValue     *value,
                                  GParamSpec *pspec)
{
  MemscopeViewState *self = MEMSCOPE_VIEW_STATE (object);

  switch (prop_id)
    {
    case PROP_SESSION:
      g_value_set_object (value, self->session);
      break;

    case PROP_SELECTION:
      g_value_set_boxed (value, self->selection);
      break;

    case PROP_AXIS:
      g_value_set_uint64 (value, self->axis_end - self->axis_begin);
      break;

    case PROP_GROUP:
      g_value_set_boolean (value, self->has_group);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
memscope_view_state_class_init (MemscopeViewStateClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = memscope_view_state_finalize;
  object_class->get_property = memscope_view_state_get_property;

  properties[PROP_SESSION] =
    g_param_spec_object ("session", NULL, NULL,
                         MEMSCOPE_TYPE_SESSION,
                         (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));

  properties[PROP_SELECTION] =
    g_param_spec_boxed ("selection", NULL, NULL,
                        MEMSCOPE_TYPE_SELECTION,
                        (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));

  /* The length of the axis; both ends: memscope_view_state_get_axis(). */
  properties[PROP_AXIS] =
    g_param_spec_uint64 ("axis", NULL, NULL,
                         0, G_MAXUINT64, 0,
                         (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));

  /* Whether there is one; which: memscope_view_state_get_group(). */
  properties[PROP_GROUP] =
    g_param_spec_boolean ("group", NULL, NULL,
                          FALSE,
                          (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
memscope_view_state_init (MemscopeViewState *self)
{
}

MemscopeViewState *
memscope_view_state_new (MemscopeSession *session)
{
  MemscopeViewState *self;

  g_return_val_if_fail (MEMSCOPE_IS_SESSION (session), NULL);

  self = g_object_new (MEMSCOPE_TYPE_VIEW_STATE, NULL);
  self->session = g_object_ref (session);
  self->selection = memscope_selection_new_all (session);
  self->axis_end = memscope_view_state_get_end (self);

  return self;
}

MemscopeSession *
memscope_view_state_get_session (MemscopeViewState *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_VIEW_STATE (self), NULL);

  return self->session;
}

MemscopeSelection *
memscope_view_state_get_selection (MemscopeViewState *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_VIEW_STATE (self), NULL);

  return self->selection;
}

MemscopeSelection *
memscope_view_state_dup_unranged (MemscopeViewState *self)
{
  guint64 end = memscope_view_state_get_end (self);
  g_autoptr(MemscopeSelection) ranged = memscope_selection_with_range (self->selection, 0, end);

  return memscope_selection_with_instant (ranged, end);
}

MemscopeSelection *
memscope_view_state_dup_untexted (MemscopeViewState *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_VIEW_STATE (self), NULL);

  return memscope_selection_with_text (self->selection, "");
}

guint64
memscope_view_state_get_end (MemscopeViewState *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_VIEW_STATE (self), 1);

  return memscope_session_get_duration (self->session) + 1;
}

gboolean
memscope_view_state_has_range (MemscopeViewState *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_VIEW_STATE (self), FALSE);

  return memscope_selection_get_begin (self->selection) > 0 ||
         memscope_selection_get_end (self->selection) < memscope_view_state_get_end (self);
}

void
memscope_view_state_set_range (MemscopeViewState *self,
                               guint64            begin,
                               guint64            end)
{
  guint64 last = memscope_view_state_get_end (self);
  guint64 instant;
  g_autoptr(MemscopeSelection) ranged = NULL;

  g_return_if_fail (MEMSCOPE_IS_VIEW_STATE (self));

  begin = MIN (begin, last - 1);
  end = CLAMP (end, begin + 1, last);

  /* An instant that was at the end stays there; one inside stays where it is. */
  instant = memscope_selection_get_instant (self->selection);
  if (instant == memscope_selection_get_end (self->selection))
    instant = end;

  ranged = memscope_selection_with_range (self->selection, begin, end);
  memscope_view_state_take (self, memscope_selection_with_instant (ranged, CLAMP (instant, begin, end)));
}

void
memscope_view_state_clear_range (MemscopeViewState *self)
{
  g_return_if_fail (MEMSCOPE_IS_VIEW_STATE (self));

  memscope_view_state_take (self, memscope_view_state_dup_unranged (self));
}

void
memscope_view_state_set_instant (MemscopeViewState *self,
                                 guint64            instant)
{
  g_return_if_fail (MEMSCOPE_IS_VIEW_STATE (self));

  instant = CLAMP (instant,
                   memscope_selection_get_begin (self->selection),
                   memscope_selection_get_end (self->selection));
  memscope_view_state_take (self, memscope_selection_with_instant (self->selection, instant));
}

void
memscope_view_state_set_text (MemscopeViewState *self,
                              const char        *text)
{
  g_return_if_fail (MEMSCOPE_IS_VIEW_STATE (self));

  memscope_view_state_take (self, memscope_selection_with_text (self->selection, text));
}

void
memscope_view_state_set_thread (MemscopeViewState *self,
                                MemscopeThreadId   thread)
{
  g_return_if_fail (MEMSCOPE_IS_VIEW_STATE (self));

  self->thread = thread;
  memscope_view_state_take (self, memscope_selection_with_threads (self->selection,
                                                                   thread ? &thread : NULL,
                                                                   thread ? 1 : 0));
}

MemscopeThreadId
memscope_view_state_get_thread (MemscopeViewState *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_VIEW_STATE (self), 0);

  return self->thread;
}

void
memscope_view_state_get_axis (MemscopeViewState *self,
                              guint64           *begin,
                              guint64           *end)
{
  g_return_if_fail (MEMSCOPE_IS_VIEW_STATE (self));

  *begin = self->axis_begin;
  *end = self->axis_end;
}

void
memscope_view_state_zoom (MemscopeViewState *self,
                          double             factor,
                          guint64            center)
{
  double length, left, whole;

  g_return_if_fail (MEMSCOPE_IS_VIEW_STATE (self));
  g_return_if_fail (factor > 0);

  whole = memscope_view_state_get_end (self);
  length = CLAMP ((self->axis_end - self->axis_begin) / factor, MIN (1000.0, whole), whole);
  center = CLAMP (center, self->axis_begin, self->axis_end);

  /* What is under the pointer stays under it. */
  left = center - length * (center - self->axis_begin) / (double) (self->axis_end - self->axis_begin);
  left = CLAMP (left, 0.0, whole - length);

  self->axis_begin = (guint64) left;
  self->axis_end = MIN ((guint64) (left + length), memscope_view_state_get_end (self));
  self->axis_end = MAX (self->axis_end, self->axis_begin + 1);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_AXIS]);
}

void
memscope_view_state_zoom_fit (MemscopeViewState *self)
{
  g_return_if_fail (MEMSCOPE_IS_VIEW_STATE (self));

  self->axis_begin = 0;
  self->axis_end = memscope_view_state_get_end (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_AXIS]);
}

gboolean
memscope_group_same_key (const MemscopeGroup *a,
                         const MemscopeGroup *b)
{
  return a->thread == b->thread && a->variable == b->variable && a->call_site == b->call_site &&
         a->stack == b->stack && a->module == b->module && a->type == b->type;
}

const MemscopeGroup *
memscope_view_state_get_group (MemscopeViewState *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_VIEW_STATE (self), NULL);

  return self->has_group ? &self->group : NULL;
}

void
memscope_view_state_set_group (MemscopeViewState   *self,
                               const MemscopeGroup *group)
{
  g_return_if_fail (MEMSCOPE_IS_VIEW_STATE (self));

  self->has_group = group != NULL;
  if (group != NULL)
    self->group = *group;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_GROUP]);
}
