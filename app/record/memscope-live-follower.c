/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "memscope-live-follower.h"

#include "memscope-query.h"

/* Between two refreshes, at least: curves move, and figures can be read. */
#define SHORTEST_PAUSE  (250 * G_TIME_SPAN_MILLISECOND)
/* Of a program that does nothing only the samples of the system come. */
#define IDLE_PAUSE      (1000 * G_TIME_SPAN_MILLISECOND)
/* A refresh that took so long is followed by so many times that of rest. */
#define REST_FACTOR     2
#define LOOK_INTERVAL   20     /* ms */

#define RATE_SPAN       (1000 * G_TIME_SPAN_MILLISECOND)

struct _MemscopeLiveFollower
{
  GObject              parent_instance;

  MemscopeLiveSession *live;
  MemscopeViewState   *state;
  gboolean             paused;
  gboolean             has_more;       /* since the last refresh */
  gboolean             refreshing;     /* views are computing */
  gint64               refreshed;      /* when the last refresh began */
  gint64               next;           /* not before */
  guint64              n_events;       /* at the last refresh */
  guint                n_refreshes;
  guint                source;

  gint64               rate_time;
  guint64              rate_events;
  double               rate;
};

enum {
  PROP_0,
  PROP_PAUSED,
  N_PROPS
};

G_DEFINE_FINAL_TYPE (MemscopeLiveFollower, memscope_live_follower, G_TYPE_OBJECT)

static GParamSpec *properties[N_PROPS];

static MemscopeSession *
memscope_live_follower_get_session (MemscopeLiveFollower *self)
{
  return memscope_view_state_get_session (self->state);
}

static gboolean
memscope_live_follower_is_over (MemscopeLiveFollower *self)
{
  return memscope_live_session_get_state (self->live) > MEMSCOPE_LIVE_RUNNING;
}

static void
memscope_live_follower_refresh (MemscopeLiveFollower *self)
{
  self->has_more = FALSE;
  self->refreshing = TRUE;
  self->refreshed = g_get_monotonic_time ();
  self->n_events = memscope_session_get_n_events (memscope_live_follower_get_session (self));
  self->n_refreshes++;
  memscope_view_state_grow (self->state);
}

static gboolean memscope_live_follower_look (gpointer user_data);

static void
memscope_live_follower_look_again (MemscopeLiveFollower *self)
{
  gint64 now = g_get_monotonic_time ();
  gint64 wait = self->refreshing ? LOOK_INTERVAL : MAX (self->next - now, 0) / G_TIME_SPAN_MILLISECOND;

  if (self->source == 0)
    self->source = g_timeout_add ((guint) CLAMP (wait, LOOK_INTERVAL, 60000), memscope_live_follower_look, self);
}

static gboolean
memscope_live_follower_look (gpointer user_data)
{
  MemscopeLiveFollower *self = user_data;
  MemscopeSession *session = memscope_live_follower_get_session (self);
  gint64 now = g_get_monotonic_time ();
  gboolean busy = memscope_query_count_of (session) > 0;

  self->source = 0;

  if (self->refreshing && !busy)
    {
      self->refreshing = FALSE;
      self->next = now + MAX (SHORTEST_PAUSE, REST_FACTOR * (now - self->refreshed));
      if (memscope_session_get_n_events (session) == self->n_events && !memscope_live_follower_is_over (self))
        self->next = MAX (self->next, now + IDLE_PAUSE);
    }

  /* The last word is not kept waiting. */
  if (memscope_live_follower_is_over (self))
    self->next = now;

  if (self->has_more && !self->paused && !busy && !self->refreshing && now >= self->next)
    memscope_live_follower_refresh (self);

  if (self->refreshing || (self->has_more && !self->paused))
    memscope_live_follower_look_again (self);

  return G_SOURCE_REMOVE;
}

static void
memscope_live_follower_measure (MemscopeLiveFollower *self)
{
  gint64 now = g_get_monotonic_time ();
  guint64 n = memscope_session_get_n_events (memscope_live_follower_get_session (self));

  if (self->rate_time == 0)
    {
      self->rate_time = now;
      self->rate_events = n;
    }
  else if (now - self->rate_time >= RATE_SPAN)
    {
      self->rate = (double) (n - self->rate_events) * G_TIME_SPAN_SECOND / (double) (now - self->rate_time);
      self->rate_time = now;
      self->rate_events = n;
    }

  if (memscope_live_follower_is_over (self))
    self->rate = 0;
}

static void
memscope_live_follower_changed (MemscopeLiveFollower *self)
{
  memscope_live_follower_measure (self);
  if (memscope_live_follower_is_over (self))
    memscope_view_state_set_live (self->state, FALSE);

  self->has_more = TRUE;
  if (!self->paused)
    memscope_live_follower_look_again (self);
}

static void
memscope_live_follower_get_property (GObject    *object,
                                     guint       prop_id,
                                     GValue     *value,
                                     GParamSpec *pspec)
{
  MemscopeLiveFollower *self = MEMSCOPE_LIVE_FOLLOWER (object);

  switch (prop_id)
    {
    case PROP_PAUSED:
      g_value_set_boolean (value, self->paused);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
memscope_live_follower_set_property (GObject      *object,
                                     guint         prop_id,
                                     const GValue *value,
                                     GParamSpec   *pspec)
{
  MemscopeLiveFollower *self = MEMSCOPE_LIVE_FOLLOWER (object);

  switch (prop_id)
    {
    case PROP_PAUSED:
      memscope_live_follower_set_paused (self, g_value_get_boolean (value));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
memscope_live_follower_dispose (GObject *object)
{
  MemscopeLiveFollower *self = MEMSCOPE_LIVE_FOLLOWER (object);

  g_clear_handle_id (&self->source, g_source_remove);
  g_clear_object (&self->live);
  g_clear_object (&self->state);

  G_OBJECT_CLASS (memscope_live_follower_parent_class)->dispose (object);
}

static void
memscope_live_follower_class_init (MemscopeLiveFollowerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = memscope_live_follower_dispose;
  object_class->get_property = memscope_live_follower_get_property;
  object_class->set_property = memscope_live_follower_set_property;

  properties[PROP_PAUSED] =
    g_param_spec_boolean ("paused", NULL, NULL,
                          FALSE,
                          (G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS));

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
memscope_live_follower_init (MemscopeLiveFollower *self)
{
}

MemscopeLiveFollower *
memscope_live_follower_new (MemscopeLiveSession *live,
                            MemscopeViewState   *state)
{
  MemscopeLiveFollower *self;

  g_return_val_if_fail (MEMSCOPE_IS_LIVE_SESSION (live), NULL);
  g_return_val_if_fail (MEMSCOPE_IS_VIEW_STATE (state), NULL);

  self = g_object_new (MEMSCOPE_TYPE_LIVE_FOLLOWER, NULL);
  self->live = g_object_ref (live);
  self->state = g_object_ref (state);
  memscope_view_state_set_live (state, TRUE);
  g_signal_connect_object (live, "changed", G_CALLBACK (memscope_live_follower_changed), self, G_CONNECT_SWAPPED);
  memscope_live_follower_changed (self);

  return self;
}

MemscopeLiveSession *
memscope_live_follower_get_live (MemscopeLiveFollower *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_LIVE_FOLLOWER (self), NULL);

  return self->live;
}

MemscopeViewState *
memscope_live_follower_get_state (MemscopeLiveFollower *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_LIVE_FOLLOWER (self), NULL);

  return self->state;
}

gboolean
memscope_live_follower_get_paused (MemscopeLiveFollower *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_LIVE_FOLLOWER (self), FALSE);

  return self->paused;
}

void
memscope_live_follower_set_paused (MemscopeLiveFollower *self,
                                   gboolean              paused)
{
  g_return_if_fail (MEMSCOPE_IS_LIVE_FOLLOWER (self));

  paused = !!paused;
  if (paused == self->paused)
    return;

  self->paused = paused;
  if (!paused)
    memscope_live_follower_look_again (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PAUSED]);
}

double
memscope_live_follower_get_rate (MemscopeLiveFollower *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_LIVE_FOLLOWER (self), 0);

  return self->rate;
}

guint
memscope_live_follower_get_n_refreshes (MemscopeLiveFollower *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_LIVE_FOLLOWER (self), 0);

  return self->n_refreshes;
}
