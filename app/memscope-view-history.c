/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "memscope-view-history.h"

struct _MemscopeViewHistory
{
  GArray *places;      /* MemscopeViewPlace */
  guint   at;          /* where the window is; places before are back, after forward */
};

static void
place_clear (gpointer data)
{
  MemscopeViewPlace *place = data;

  g_clear_pointer (&place->selection, memscope_selection_unref);
}

MemscopeViewHistory *
memscope_view_history_new (void)
{
  MemscopeViewHistory *self = g_new0 (MemscopeViewHistory, 1);

  self->places = g_array_new (FALSE, FALSE, sizeof (MemscopeViewPlace));
  g_array_set_clear_func (self->places, place_clear);

  return self;
}

void
memscope_view_history_free (MemscopeViewHistory *self)
{
  g_array_unref (self->places);
  g_free (self);
}

gboolean
memscope_group_same_key (const MemscopeGroup *a,
                         const MemscopeGroup *b)
{
  return a->thread == b->thread && a->variable == b->variable && a->call_site == b->call_site &&
         a->stack == b->stack && a->module == b->module && a->type == b->type;
}

gboolean
memscope_view_place_equal (const MemscopeViewPlace *a,
                           const MemscopeViewPlace *b)
{
  return a->view == b->view && a->stages == b->stages && a->has_group == b->has_group &&
         (!a->has_group || memscope_group_same_key (&a->group, &b->group)) &&
         memscope_selection_equal (a->selection, b->selection);
}

gboolean
memscope_view_history_add (MemscopeViewHistory     *self,
                           const MemscopeViewPlace *place)
{
  MemscopeViewPlace copy = *place;

  if (self->places->len > 0)
    {
      MemscopeViewPlace *current = &g_array_index (self->places, MemscopeViewPlace, self->at);

      if (memscope_view_place_equal (current, place))
        {
          current->group = place->group;
          return FALSE;
        }

      g_array_set_size (self->places, self->at + 1);
    }

  if (self->places->len == MEMSCOPE_VIEW_HISTORY_MAX)
    g_array_remove_index (self->places, 0);

  copy.selection = memscope_selection_ref (place->selection);
  g_array_append_val (self->places, copy);
  self->at = self->places->len - 1;

  return TRUE;
}

gboolean
memscope_view_history_can (MemscopeViewHistory *self,
                           int                  step)
{
  return step < 0 ? self->at > 0 : self->at + 1 < self->places->len;
}

const MemscopeViewPlace *
memscope_view_history_step (MemscopeViewHistory *self,
                            int                  step)
{
  if (!memscope_view_history_can (self, step))
    return NULL;

  self->at = step < 0 ? self->at - 1 : self->at + 1;

  return &g_array_index (self->places, MemscopeViewPlace, self->at);
}
