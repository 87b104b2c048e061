/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "memscope-view-state.h"

struct _MemscopeViewState
{
  GObject            parent_instance;

  MemscopeSession   *session;
  MemscopeSelection *selection;
  guint64            end;           /* of the session, as far as the views know */
  gboolean           live;
  guint              stages;
  const char        *view;          /* interned */
  guint64            axis_begin;
  guint64            axis_end;
  MemscopeGroup      group;
  gboolean           has_group;
  guint64            row;

  MemscopeViewHistory *history;
  guint              settle_source;
  guint              n_gestures;
  gboolean           going;         /* back or forward: what changes is no new place */
  gboolean           could_go_back;
  gboolean           could_go_forward;
};

/* What changes again within this time is one step of the way back. */
#define SETTLE_TIME 700   /* ms */

enum {
  PROP_0,
  PROP_SESSION,
  PROP_SELECTION,
  PROP_END,
  PROP_LIVE,
  PROP_STAGES,
  PROP_AXIS,
  PROP_VIEW,
  PROP_GROUP,
  PROP_ROW,
  PROP_CAN_GO_BACK,
  PROP_CAN_GO_FORWARD,
  N_PROPS
};

G_DEFINE_FINAL_TYPE (MemscopeViewState, memscope_view_state, G_TYPE_OBJECT)

enum {
  FIND,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

static void
memscope_view_state_notify_way (MemscopeViewState *self)
{
  gboolean back = memscope_view_state_can_go (self, -1);
  gboolean forward = memscope_view_state_can_go (self, 1);

  if (back != self->could_go_back)
    {
      self->could_go_back = back;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CAN_GO_BACK]);
    }
  if (forward != self->could_go_forward)
    {
      self->could_go_forward = forward;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CAN_GO_FORWARD]);
    }
}

static gboolean
memscope_view_state_settled (gpointer user_data)
{
  MemscopeViewState *self = user_data;

  self->settle_source = 0;
  memscope_view_state_settle (self);

  return G_SOURCE_REMOVE;
}

/* Something changed that going back should bring back, once things are calm. */
static void
memscope_view_state_touch (MemscopeViewState *self)
{
  if (self->going)
    return;

  g_clear_handle_id (&self->settle_source, g_source_remove);
  if (self->n_gestures == 0)
    self->settle_source = g_timeout_add (SETTLE_TIME, memscope_view_state_settled, self);
  memscope_view_state_notify_way (self);
}

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
  memscope_view_state_touch (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SELECTION]);
}

static void
memscope_view_state_finalize (GObject *object)
{
  MemscopeViewState *self = MEMSCOPE_VIEW_STATE (object);

  g_clear_handle_id (&self->settle_source, g_source_remove);
  g_clear_pointer (&self->history, memscope_view_history_free);
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

    case PROP_END:
      g_value_set_uint64 (value, self->end);
      break;

    case PROP_LIVE:
      g_value_set_boolean (value, self->live);
      break;

    case PROP_STAGES:
      g_value_set_uint (value, self->stages);
      break;

    case PROP_VIEW:
      g_value_set_string (value, self->view);
      break;

    case PROP_CAN_GO_BACK:
      g_value_set_boolean (value, memscope_view_state_can_go (self, -1));
      break;

    case PROP_CAN_GO_FORWARD:
      g_value_set_boolean (value, memscope_view_state_can_go (self, 1));
      break;

    case PROP_AXIS:
      g_value_set_uint64 (value, self->axis_end - self->axis_begin);
      break;

    case PROP_GROUP:
      g_value_set_boolean (value, self->has_group);
      break;

    case PROP_ROW:
      g_value_set_uint64 (value, self->row);
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

  properties[PROP_END] =
    g_param_spec_uint64 ("end", NULL, NULL,
                         0, G_MAXUINT64, 0,
                         (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));

  properties[PROP_LIVE] =
    g_param_spec_boolean ("live", NULL, NULL,
                          FALSE,
                          (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));

  properties[PROP_STAGES] =
    g_param_spec_uint ("stages", NULL, NULL,
                       0, G_MAXUINT, 0,
                       (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));

  properties[PROP_VIEW] =
    g_param_spec_string ("view", NULL, NULL,
                         NULL,
                         (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));

  properties[PROP_CAN_GO_BACK] =
    g_param_spec_boolean ("can-go-back", NULL, NULL,
                          FALSE,
                          (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));

  properties[PROP_CAN_GO_FORWARD] =
    g_param_spec_boolean ("can-go-forward", NULL, NULL,
                          FALSE,
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

  properties[PROP_ROW] =
    g_param_spec_uint64 ("row", NULL, NULL,
                         0, G_MAXUINT64, MEMSCOPE_UNKNOWN,
                         (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));

  g_object_class_install_properties (object_class, N_PROPS, properties);

  signals[FIND] = g_signal_new ("find", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                0, g_signal_accumulator_true_handled, NULL, NULL,
                                G_TYPE_BOOLEAN, 1, G_TYPE_INT);
}

static void
memscope_view_state_init (MemscopeViewState *self)
{
  self->row = MEMSCOPE_UNKNOWN;
}

MemscopeViewState *
memscope_view_state_new (MemscopeSession *session)
{
  MemscopeViewState *self;

  g_return_val_if_fail (MEMSCOPE_IS_SESSION (session), NULL);

  self = g_object_new (MEMSCOPE_TYPE_VIEW_STATE, NULL);
  self->session = g_object_ref (session);
  self->selection = memscope_selection_new_all (session);
  self->end = memscope_selection_get_end (self->selection);
  self->axis_end = memscope_view_state_get_end (self);
  self->history = memscope_view_history_new ();

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

  return self->end;
}

gboolean
memscope_view_state_is_live (MemscopeViewState *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_VIEW_STATE (self), FALSE);

  return self->live;
}

void
memscope_view_state_set_live (MemscopeViewState *self,
                              gboolean           live)
{
  g_return_if_fail (MEMSCOPE_IS_VIEW_STATE (self));

  if (live == self->live)
    return;

  self->live = live;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LIVE]);
}

/* A range of the past is what it was: nobody need ask again. */
static void
memscope_view_state_take_grown (MemscopeViewState *self,
                                MemscopeSelection *selection)
{
  gboolean same = memscope_selection_get_end (selection) == memscope_selection_get_end (self->selection);

  if (!same)
    {
      memscope_view_state_take (self, selection);
      return;
    }

  memscope_selection_unref (self->selection);
  self->selection = selection;
}

gboolean
memscope_view_state_grow (MemscopeViewState *self)
{
  gboolean whole_axis, going;
  guint64 end;

  g_return_val_if_fail (MEMSCOPE_IS_VIEW_STATE (self), FALSE);

  end = memscope_session_get_duration (self->session) + 1;
  if (end <= self->end)
    return FALSE;

  whole_axis = self->axis_begin == 0 && self->axis_end == self->end;
  self->end = end;

  /* Time going by is no step of the way. */
  going = self->going;
  self->going = TRUE;
  g_object_freeze_notify (G_OBJECT (self));
  if (whole_axis)
    {
      self->axis_end = end;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_AXIS]);
    }
  memscope_view_state_take_grown (self, memscope_selection_follow (self->selection, end));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_END]);
  g_object_thaw_notify (G_OBJECT (self));
  self->going = going;

  return TRUE;
}

gboolean
memscope_view_state_is_following (MemscopeViewState *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_VIEW_STATE (self), FALSE);

  return memscope_selection_get_end (self->selection) == self->end &&
         memscope_selection_get_instant (self->selection) == self->end;
}

void
memscope_view_state_follow (MemscopeViewState *self)
{
  memscope_view_state_clear_range (self);
  memscope_view_state_zoom_fit (self);
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
memscope_view_state_set_threads (MemscopeViewState      *self,
                                 const MemscopeThreadId *threads,
                                 guint                   n_threads)
{
  g_return_if_fail (MEMSCOPE_IS_VIEW_STATE (self));

  memscope_view_state_take (self, memscope_selection_with_threads (self->selection, threads, n_threads));
}

void
memscope_view_state_set_modules (MemscopeViewState      *self,
                                 const MemscopeModuleId *modules,
                                 guint                   n_modules)
{
  g_return_if_fail (MEMSCOPE_IS_VIEW_STATE (self));

  memscope_view_state_take (self, memscope_selection_with_modules (self->selection, modules, n_modules));
}

void
memscope_view_state_set_origins (MemscopeViewState *self,
                                 guint              origins)
{
  g_return_if_fail (MEMSCOPE_IS_VIEW_STATE (self));

  memscope_view_state_take (self, memscope_selection_with_origins (self->selection, origins));
}

void
memscope_view_state_set_sizes (MemscopeViewState *self,
                               guint64            min_size,
                               guint64            max_size)
{
  g_return_if_fail (MEMSCOPE_IS_VIEW_STATE (self));

  memscope_view_state_take (self, memscope_selection_with_sizes (self->selection, min_size, max_size));
}

typedef gboolean (*HasId) (const MemscopeSelection *selection,
                           guint32                  id);

static guint32 *
dup_ids (const MemscopeSelection *selection,
         HasId                    has,
         guint                    n_ids,
         guint                   *n)
{
  g_autoptr(GArray) ids = g_array_new (FALSE, FALSE, sizeof (guint32));

  /* 0 stands for what is not recorded; that too may be selected. */
  for (guint32 id = 0; id <= n_ids; id++)
    if (has (selection, id))
      g_array_append_val (ids, id);
  *n = ids->len;

  /* NULL would mean all. */
  if (ids->len == 0)
    return g_new0 (guint32, 1);

  return (guint32 *)(void *)g_array_free (g_steal_pointer (&ids), FALSE);
}

MemscopeThreadId *
memscope_view_state_dup_threads (MemscopeViewState *self,
                                 guint             *n_threads)
{
  g_return_val_if_fail (MEMSCOPE_IS_VIEW_STATE (self), NULL);

  *n_threads = 0;
  if (memscope_selection_has_all_threads (self->selection))
    return NULL;

  return dup_ids (self->selection, memscope_selection_has_thread,
                  memscope_session_get_n_threads (self->session), n_threads);
}

MemscopeModuleId *
memscope_view_state_dup_modules (MemscopeViewState *self,
                                 guint             *n_modules)
{
  g_return_val_if_fail (MEMSCOPE_IS_VIEW_STATE (self), NULL);

  *n_modules = 0;
  if (memscope_selection_has_all_modules (self->selection))
    return NULL;

  return dup_ids (self->selection, memscope_selection_has_module,
                  memscope_session_get_n_modules (self->session), n_modules);
}

void
memscope_view_state_set_thread (MemscopeViewState *self,
                                MemscopeThreadId   thread)
{
  memscope_view_state_set_threads (self, thread != 0 ? &thread : NULL, thread != 0 ? 1 : 0);
}

MemscopeThreadId
memscope_view_state_get_thread (MemscopeViewState *self)
{
  g_autofree MemscopeThreadId *threads = NULL;
  guint n;

  g_return_val_if_fail (MEMSCOPE_IS_VIEW_STATE (self), 0);

  threads = memscope_view_state_dup_threads (self, &n);

  return n == 1 ? threads[0] : 0;
}

guint
memscope_view_state_get_stages (MemscopeViewState *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_VIEW_STATE (self), 0);

  return self->stages;
}

void
memscope_view_state_set_stages (MemscopeViewState *self,
                                guint              stages)
{
  g_return_if_fail (MEMSCOPE_IS_VIEW_STATE (self));

  if (stages == self->stages)
    return;

  self->stages = stages;
  memscope_view_state_touch (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STAGES]);
}

gboolean
memscope_view_state_has_filters (MemscopeViewState *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_VIEW_STATE (self), FALSE);

  return self->stages != 0 || !memscope_selection_has_all_threads (self->selection) ||
         !memscope_selection_has_all_modules (self->selection) ||
         !memscope_selection_has_all_sizes (self->selection) ||
         memscope_selection_get_origins (self->selection) != MEMSCOPE_SELECTION_TOTALS ||
         *memscope_selection_get_text (self->selection) != '\0';
}

void
memscope_view_state_clear_filters (MemscopeViewState *self)
{
  g_autoptr(MemscopeSelection) threads = NULL;
  g_autoptr(MemscopeSelection) modules = NULL;
  g_autoptr(MemscopeSelection) sizes = NULL;
  g_autoptr(MemscopeSelection) origins = NULL;

  g_return_if_fail (MEMSCOPE_IS_VIEW_STATE (self));

  memscope_view_state_settle (self);
  threads = memscope_selection_with_threads (self->selection, NULL, 0);
  modules = memscope_selection_with_modules (threads, NULL, 0);
  sizes = memscope_selection_with_sizes (modules, 0, G_MAXUINT64);
  origins = memscope_selection_with_origins (sizes, MEMSCOPE_SELECTION_TOTALS);
  memscope_view_state_set_stages (self, 0);
  memscope_view_state_take (self, memscope_selection_with_text (origins, ""));
  memscope_view_state_settle (self);
}

void
memscope_view_state_set_selection (MemscopeViewState *self,
                                   MemscopeSelection *selection)
{
  g_return_if_fail (MEMSCOPE_IS_VIEW_STATE (self));
  g_return_if_fail (selection != NULL);

  /* One from before may be of a time when there was less. */
  memscope_view_state_take (self, memscope_selection_follow (selection, self->end));
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

void
memscope_view_state_set_axis (MemscopeViewState *self,
                              guint64            begin,
                              guint64            end)
{
  guint64 last = memscope_view_state_get_end (self);

  g_return_if_fail (MEMSCOPE_IS_VIEW_STATE (self));

  begin = MIN (begin, last - 1);
  end = CLAMP (end, begin + 1, last);
  if (begin == self->axis_begin && end == self->axis_end)
    return;

  self->axis_begin = begin;
  self->axis_end = end;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_AXIS]);
}

const char *
memscope_view_state_get_view (MemscopeViewState *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_VIEW_STATE (self), NULL);

  return self->view;
}

void
memscope_view_state_set_view (MemscopeViewState *self,
                              const char        *view)
{
  g_return_if_fail (MEMSCOPE_IS_VIEW_STATE (self));

  view = g_intern_string (view);
  if (view == self->view)
    return;

  /* To another view is a step, however soon. */
  if (self->view != NULL && !self->going)
    memscope_view_state_settle (self);
  self->view = view;
  memscope_view_state_touch (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_VIEW]);
}

/* ---- the way back ------------------------------------------------------------ */

static void
memscope_view_state_get_place (MemscopeViewState *self,
                               MemscopeViewPlace *place)
{
  *place = (MemscopeViewPlace) {
    .view = self->view,
    .selection = self->selection,
    .stages = self->stages,
    .has_group = self->has_group,
    .group = self->group,
  };
}

void
memscope_view_state_settle (MemscopeViewState *self)
{
  MemscopeViewPlace place;

  g_return_if_fail (MEMSCOPE_IS_VIEW_STATE (self));

  g_clear_handle_id (&self->settle_source, g_source_remove);
  /* The first view is where the way begins. */
  if (self->view == NULL)
    return;

  memscope_view_state_get_place (self, &place);
  memscope_view_history_add (self->history, &place);
  memscope_view_state_notify_way (self);
}

gboolean
memscope_view_state_find (MemscopeViewState *self,
                          int                step)
{
  gboolean found = FALSE;

  g_return_val_if_fail (MEMSCOPE_IS_VIEW_STATE (self), FALSE);

  g_signal_emit (self, signals[FIND], 0, step, &found);

  return found;
}

void
memscope_view_state_begin_gesture (MemscopeViewState *self)
{
  g_return_if_fail (MEMSCOPE_IS_VIEW_STATE (self));

  memscope_view_state_settle (self);
  self->n_gestures++;
}

void
memscope_view_state_end_gesture (MemscopeViewState *self)
{
  g_return_if_fail (MEMSCOPE_IS_VIEW_STATE (self));
  g_return_if_fail (self->n_gestures > 0);

  self->n_gestures--;
  if (self->n_gestures == 0)
    memscope_view_state_settle (self);
}

gboolean
memscope_view_state_can_go (MemscopeViewState *self,
                            int                step)
{
  g_return_val_if_fail (MEMSCOPE_IS_VIEW_STATE (self), FALSE);

  /* A change that has not settled yet is left behind by going back. */
  if (self->settle_source != 0)
    return step < 0;

  return memscope_view_history_can (self->history, step);
}

void
memscope_view_state_go (MemscopeViewState *self,
                        int                step)
{
  const MemscopeViewPlace *place;

  g_return_if_fail (MEMSCOPE_IS_VIEW_STATE (self));

  if (self->settle_source != 0)
    memscope_view_state_settle (self);
  place = memscope_view_history_step (self->history, step);
  if (place == NULL)
    return;

  self->going = TRUE;
  memscope_view_state_set_stages (self, place->stages);
  memscope_view_state_set_selection (self, place->selection);
  if (place->view != NULL)
    memscope_view_state_set_view (self, place->view);
  if (place->has_group != self->has_group ||
      (place->has_group && !memscope_group_same_key (&place->group, &self->group)))
    memscope_view_state_set_group (self, place->has_group ? &place->group : NULL);
  self->going = FALSE;
  memscope_view_state_notify_way (self);
}

const MemscopeGroup *
memscope_view_state_get_group (MemscopeViewState *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_VIEW_STATE (self), NULL);

  return self->has_group ? &self->group : NULL;
}

guint64
memscope_view_state_get_row (MemscopeViewState *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_VIEW_STATE (self), MEMSCOPE_UNKNOWN);

  return self->row;
}

void
memscope_view_state_set_row (MemscopeViewState *self,
                             guint64            row)
{
  g_return_if_fail (MEMSCOPE_IS_VIEW_STATE (self));

  if (self->row == row)
    return;

  self->row = row;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ROW]);
}

void
memscope_view_state_set_group (MemscopeViewState   *self,
                               const MemscopeGroup *group)
{
  gboolean same;

  g_return_if_fail (MEMSCOPE_IS_VIEW_STATE (self));

  /* The same card with new figures: its block is still the one looked at. */
  same = group != NULL && self->has_group && memscope_group_same_key (group, &self->group);
  memscope_view_state_inspect (self, group, same ? self->row : MEMSCOPE_UNKNOWN);
}

void
memscope_view_state_inspect (MemscopeViewState   *self,
                             const MemscopeGroup *group,
                             guint64              row)
{
  gboolean changed;

  g_return_if_fail (MEMSCOPE_IS_VIEW_STATE (self));
  g_return_if_fail (group != NULL || row == MEMSCOPE_UNKNOWN);

  changed = self->has_group != (group != NULL) ||
            (group != NULL && !memscope_group_same_key (group, &self->group));
  g_object_freeze_notify (G_OBJECT (self));
  self->has_group = group != NULL;
  if (group != NULL)
    self->group = *group;
  if (changed)
    memscope_view_state_touch (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_GROUP]);
  memscope_view_state_set_row (self, row);
  g_object_thaw_notify (G_OBJECT (self));
}
