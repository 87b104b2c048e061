/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "memscope-filter-choice.h"

struct _MemscopeFilterChoice
{
  GObject   parent_instance;

  guint32   id;
  char     *label;
  char     *detail;
  gboolean  chosen;
};

enum {
  PROP_0,
  PROP_LABEL,
  PROP_CHOSEN,
  N_PROPS
};

G_DEFINE_FINAL_TYPE (MemscopeFilterChoice, memscope_filter_choice, G_TYPE_OBJECT)

static GParamSpec *properties[N_PROPS];

static void
memscope_filter_choice_finalize (GObject *object)
{
  MemscopeFilterChoice *self = MEMSCOPE_FILTER_CHOICE (object);

  g_clear_pointer (&self->label, g_free);
  g_clear_pointer (&self->detail, g_free);

  G_OBJECT_CLASS (memscope_filter_choice_parent_class)->finalize (object);
}

static void
memscope_filter_choice_get_property (GObject    *object,
                                     guint       prop_id,
                                     GValue     *value,
                                     GParamSpec *pspec)
{
  MemscopeFilterChoice *self = MEMSCOPE_FILTER_CHOICE (object);

  switch (prop_id)
    {
    case PROP_LABEL:
      g_value_set_string (value, self->label);
      break;

    case PROP_CHOSEN:
      g_value_set_boolean (value, self->chosen);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
memscope_filter_choice_set_property (GObject      *object,
                                     guint         prop_id,
                                     const GValue *value,
                                     GParamSpec   *pspec)
{
  MemscopeFilterChoice *self = MEMSCOPE_FILTER_CHOICE (object);

  switch (prop_id)
    {
    case PROP_CHOSEN:
      memscope_filter_choice_set_chosen (self, g_value_get_boolean (value));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
memscope_filter_choice_class_init (MemscopeFilterChoiceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = memscope_filter_choice_finalize;
  object_class->get_property = memscope_filter_choice_get_property;
  object_class->set_property = memscope_filter_choice_set_property;

  properties[PROP_LABEL] =
    g_param_spec_string ("label", NULL, NULL,
                         NULL,
                         (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));

  properties[PROP_CHOSEN] =
    g_param_spec_boolean ("chosen", NULL, NULL,
                          FALSE,
                          (G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS));

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
memscope_filter_choice_init (MemscopeFilterChoice *self)
{
}

MemscopeFilterChoice *
memscope_filter_choice_new (guint32     id,
                            const char *label,
                            const char *detail)
{
  MemscopeFilterChoice *self = g_object_new (MEMSCOPE_TYPE_FILTER_CHOICE, NULL);

  self->id = id;
  self->label = g_strdup (label);
  self->detail = g_strdup (detail);

  return self;
}

guint32
memscope_filter_choice_get_id (MemscopeFilterChoice *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_FILTER_CHOICE (self), 0);

  return self->id;
}

const char *
memscope_filter_choice_get_label (MemscopeFilterChoice *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_FILTER_CHOICE (self), NULL);

  return self->label;
}

const char *
memscope_filter_choice_get_detail (MemscopeFilterChoice *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_FILTER_CHOICE (self), NULL);

  return self->detail;
}

gboolean
memscope_filter_choice_get_chosen (MemscopeFilterChoice *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_FILTER_CHOICE (self), FALSE);

  return self->chosen;
}

void
memscope_filter_choice_set_chosen (MemscopeFilterChoice *self,
                                   gboolean              chosen)
{
  g_return_if_fail (MEMSCOPE_IS_FILTER_CHOICE (self));

  if (self->chosen == !!chosen)
    return;

  self->chosen = !!chosen;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CHOSEN]);
}
