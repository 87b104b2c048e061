/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-group-keys.h"

#include <string.h>

/* Cells of a table of threads and variables that cost less than hashing each pair. */
#define MAX_CELLS (4u * 1024u * 1024u)

static guint
keys_of (MemscopeGroupBy by)
{
  static const guint keys[] = {
    [MEMSCOPE_GROUP_BY_THREAD] = MEMSCOPE_GROUP_KEY_THREAD,
    [MEMSCOPE_GROUP_BY_VARIABLE] = MEMSCOPE_GROUP_KEY_VARIABLE,
    [MEMSCOPE_GROUP_BY_THREAD_VARIABLE] = MEMSCOPE_GROUP_KEY_THREAD | MEMSCOPE_GROUP_KEY_VARIABLE,
    [MEMSCOPE_GROUP_BY_CALL_SITE] = MEMSCOPE_GROUP_KEY_CALL_SITE,
    [MEMSCOPE_GROUP_BY_STACK] = MEMSCOPE_GROUP_KEY_STACK,
    [MEMSCOPE_GROUP_BY_MODULE] = MEMSCOPE_GROUP_KEY_MODULE,
    [MEMSCOPE_GROUP_BY_TYPE] = MEMSCOPE_GROUP_KEY_TYPE,
  };

  return keys[by];
}

static guint32
module_of_stack (MemscopeSession *session,
                 MemscopeStackId  id)
{
  MemscopeFrame frame;

  return memscope_session_get_frame (session, memscope_session_get_call_site (session, id), &frame) ? frame.module : 0;
}

static guint32
id_of_stack (MemscopeGroupKeys *self,
             MemscopeStackId    id)
{
  switch (self->by)
    {
    case MEMSCOPE_GROUP_BY_CALL_SITE:
      return memscope_session_get_call_site (self->session, id);

    case MEMSCOPE_GROUP_BY_MODULE:
      return module_of_stack (self->session, id);

    default:
      return memscope_session_get_site_variable (self->session, id);
    }
}

static guint32
type_of_variable (MemscopeSession    *session,
                  MemscopeVariableId  id)
{
  MemscopeVariable variable;

  return memscope_session_get_variable (session, id, &variable) ? variable.type : 0;
}

void
memscope_group_keys_init (MemscopeGroupKeys *self,
                          MemscopeSession   *session,
                          MemscopeGroupBy    by)
{
  memset (self, 0, sizeof *self);
  self->session = session;
  self->by = by;
  self->n_stacks = memscope_session_get_n_stacks (session) + 1;
  self->n_variables = memscope_session_get_n_variables (session) + 1;
  self->last_thread = memscope_session_get_n_threads (session);
  self->direct = ((guint64)self->last_thread + 1) * self->n_variables <= MAX_CELLS;
  memscope_pair_table_init (&self->pairs);

  if (by != MEMSCOPE_GROUP_BY_THREAD && by != MEMSCOPE_GROUP_BY_STACK)
    {
      self->of_stack = g_new (guint32, self->n_stacks);
      for (MemscopeStackId id = 0; id < self->n_stacks; id++)
        self->of_stack[id] = id_of_stack (self, id);
    }

  if (by == MEMSCOPE_GROUP_BY_TYPE)
    {
      self->of_variable = g_new (guint32, self->n_variables);
      for (MemscopeVariableId id = 0; id < self->n_variables; id++)
        self->of_variable[id] = type_of_variable (session, id);
    }
}

void
memscope_group_keys_init_like (MemscopeGroupKeys       *self,
                               const MemscopeGroupKeys *like)
{
  *self = *like;
  self->is_copy = TRUE;
  self->slots = NULL;
  self->n_slots = 0;
  self->n_groups = 0;
  memscope_pair_table_init (&self->pairs);
}

void
memscope_group_keys_clear (MemscopeGroupKeys *self)
{
  memscope_pair_table_clear (&self->pairs);
  if (!self->is_copy)
    {
      g_free (self->of_stack);
      g_free (self->of_variable);
    }
  g_clear_pointer (&self->slots, g_free);
}

/* Ids that a live session gained since count as none. */
static inline guint32
from_stack (const MemscopeGroupKeys *self,
            const MemscopeBatch     *batch,
            guint                    i)
{
  return batch->stack[i] < self->n_stacks ? self->of_stack[batch->stack[i]] : 0;
}

static inline MemscopeVariableId
variable_of (const MemscopeGroupKeys *self,
             const MemscopeBatch     *batch,
             guint                    i)
{
  MemscopeVariableId id = batch->variable[i] != 0 ? batch->variable[i] : from_stack (self, batch, i);

  return id < self->n_variables ? id : 0;
}

static guint32
key_of_pair (MemscopeGroupKeys   *self,
             const MemscopeBatch *batch,
             guint                i)
{
  MemscopeVariableId variable = variable_of (self, batch, i);

  if (self->direct)
    return MIN (batch->thread[i], self->last_thread) * self->n_variables + variable;

  return memscope_pair_table_intern (&self->pairs, batch->thread[i], variable);
}

/* What tells groups apart, as a number that can index an array. */
static guint32
key_of (MemscopeGroupKeys   *self,
        const MemscopeBatch *batch,
        guint                i)
{
  switch (self->by)
    {
    case MEMSCOPE_GROUP_BY_THREAD:
      return batch->thread[i];

    case MEMSCOPE_GROUP_BY_VARIABLE:
      return variable_of (self, batch, i);

    case MEMSCOPE_GROUP_BY_THREAD_VARIABLE:
      return key_of_pair (self, batch, i);

    case MEMSCOPE_GROUP_BY_STACK:
      return batch->stack[i] < self->n_stacks ? batch->stack[i] : 0;

    case MEMSCOPE_GROUP_BY_TYPE:
      return self->of_variable[variable_of (self, batch, i)];

    case MEMSCOPE_GROUP_BY_CALL_SITE:
    case MEMSCOPE_GROUP_BY_MODULE:
    default:
      return from_stack (self, batch, i);
    }
}

guint32
memscope_group_keys_intern (MemscopeGroupKeys   *self,
                            const MemscopeBatch *batch,
                            guint                i)
{
  guint32 key = key_of (self, batch, i);

  if (G_UNLIKELY (key >= self->n_slots))
    {
      gsize n = MAX ((gsize)key + 1, self->n_slots * 2);

      self->slots = g_renew (guint32, self->slots, n);
      memset (self->slots + self->n_slots, 0, (n - self->n_slots) * sizeof *self->slots);
      self->n_slots = n;
    }

  if (self->slots[key] == 0)
    self->slots[key] = ++self->n_groups;

  return self->slots[key] - 1;
}

guint32
memscope_group_keys_find (MemscopeGroupKeys   *self,
                          const MemscopeBatch *batch,
                          guint                i)
{
  guint32 key = key_of (self, batch, i);

  /* In a live session a block may have been given its name since it was counted. */
  return key < self->n_slots && self->slots[key] != 0 ? self->slots[key] - 1 : MEMSCOPE_NO_GROUP;
}

void
memscope_group_keys_fill (MemscopeGroupKeys   *self,
                          const MemscopeBatch *batch,
                          guint                i,
                          MemscopeGroup       *group)
{
  group->keys = keys_of (self->by);

  switch (self->by)
    {
    case MEMSCOPE_GROUP_BY_THREAD:
      group->thread = batch->thread[i];
      break;

    case MEMSCOPE_GROUP_BY_VARIABLE:
      group->variable = variable_of (self, batch, i);
      break;

    case MEMSCOPE_GROUP_BY_THREAD_VARIABLE:
      group->thread = batch->thread[i];
      group->variable = variable_of (self, batch, i);
      break;

    case MEMSCOPE_GROUP_BY_CALL_SITE:
      group->call_site = from_stack (self, batch, i);
      break;

    case MEMSCOPE_GROUP_BY_STACK:
      group->stack = key_of (self, batch, i);
      break;

    case MEMSCOPE_GROUP_BY_MODULE:
      group->module = from_stack (self, batch, i);
      break;

    case MEMSCOPE_GROUP_BY_TYPE:
      group->type = key_of (self, batch, i);
      break;

    default:
      g_assert_not_reached ();
    }
}
