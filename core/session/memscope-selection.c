/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memscope-selection.h"

#include <string.h>

/* A set of ids, as bits; NULL is the set of all. */
typedef struct
{
  guint   n_bits;
  guint64 bits[];
} IdSet;

struct _MemscopeSelection
{
  gatomicrefcount  ref_count;
  guint64          session_end;   /* end of the whole range */
  guint64          begin;
  guint64          end;
  guint64          instant;
  guint            origins;
  guint64          min_size;
  guint64          max_size;
  IdSet           *threads;
  IdSet           *modules;
  char            *text;
  MemscopeExpression *expression;   /* NULL: the text is words */
};

G_DEFINE_BOXED_TYPE (MemscopeSelection, memscope_selection,
                     memscope_selection_ref, memscope_selection_unref)

static gsize
id_set_size (guint n_bits)
{
  return sizeof (IdSet) + ((gsize)n_bits + 63) / 64 * sizeof (guint64);
}

static IdSet *
id_set_new (const guint32 *ids,
            guint          n_ids)
{
  guint32 largest = 0;
  IdSet *self;

  if (ids == NULL)
    return NULL;

  for (guint i = 0; i < n_ids; i++)
    largest = MAX (largest, ids[i]);

  g_return_val_if_fail (largest < G_MAXUINT32, NULL);

  self = g_malloc0 (id_set_size (largest + 1));
  self->n_bits = largest + 1;
  for (guint i = 0; i < n_ids; i++)
    self->bits[ids[i] / 64] |= G_GUINT64_CONSTANT (1) << ids[i] % 64;

  return self;
}

static IdSet *
id_set_copy (const IdSet *self)
{
  return self != NULL ? g_memdup2 (self, id_set_size (self->n_bits)) : NULL;
}

static gboolean
id_set_has (const IdSet *self,
            guint32      id)
{
  return self == NULL || (id < self->n_bits && (self->bits[id / 64] >> id % 64 & 1));
}

/* n_bits is that of the largest member, so equal sets have equal bytes; but the
 * empty set and {0} differ only in theirs.
 */
static gboolean
id_set_equal (const IdSet *a,
              const IdSet *b)
{
  if (a == NULL || b == NULL)
    return a == b;

  return a->n_bits == b->n_bits && memcmp (a->bits, b->bits, id_set_size (a->n_bits) - sizeof (IdSet)) == 0;
}

/**
 * memscope_selection_new_all:
 *
 * Everything that counts in the totals: the whole time, all threads and modules,
 * origins %MEMSCOPE_SELECTION_TOTALS.
 */
MemscopeSelection *
memscope_selection_new_all (MemscopeSession *session)
{
  MemscopeSelection *self;

  g_return_val_if_fail (MEMSCOPE_IS_SESSION (session), NULL);

  self = g_new0 (MemscopeSelection, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->session_end = memscope_session_get_duration (session) + 1;
  self->end = self->session_end;
  self->instant = self->session_end;
  self->origins = MEMSCOPE_SELECTION_TOTALS;
  self->max_size = G_MAXUINT64;
  self->text = g_strdup ("");

  return self;
}

MemscopeSelection *
memscope_selection_ref (MemscopeSelection *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
memscope_selection_unref (MemscopeSelection *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_free (self->threads);
  g_free (self->modules);
  g_clear_pointer (&self->expression, memscope_expression_unref);
  g_free (self->text);
  g_free (self);
}

gboolean
memscope_selection_equal (const MemscopeSelection *a,
                          const MemscopeSelection *b)
{
  g_return_val_if_fail (a != NULL && b != NULL, FALSE);

  return a->session_end == b->session_end && a->begin == b->begin && a->end == b->end &&
         a->instant == b->instant && a->origins == b->origins &&
         a->min_size == b->min_size && a->max_size == b->max_size &&
         id_set_equal (a->threads, b->threads) && id_set_equal (a->modules, b->modules) &&
         g_str_equal (a->text, b->text) && (a->expression == NULL) == (b->expression == NULL);
}

guint64
memscope_selection_get_begin (const MemscopeSelection *self)
{
  return self->begin;
}

guint64
memscope_selection_get_end (const MemscopeSelection *self)
{
  return self->end;
}

guint64
memscope_selection_get_instant (const MemscopeSelection *self)
{
  return self->instant;
}

gboolean
memscope_selection_is_whole (const MemscopeSelection *self)
{
  return self->begin == 0 && self->end == self->session_end && self->threads == NULL &&
         self->modules == NULL && memscope_selection_has_all_sizes (self) && self->text[0] == '\0';
}

const char *
memscope_selection_get_text (const MemscopeSelection *self)
{
  return self->text;
}

MemscopeExpression *
memscope_selection_get_expression (const MemscopeSelection *self)
{
  return self->expression;
}

guint
memscope_selection_get_origins (const MemscopeSelection *self)
{
  return self->origins;
}

guint64
memscope_selection_get_min_size (const MemscopeSelection *self)
{
  return self->min_size;
}

guint64
memscope_selection_get_max_size (const MemscopeSelection *self)
{
  return self->max_size;
}

gboolean
memscope_selection_has_all_sizes (const MemscopeSelection *self)
{
  return self->min_size == 0 && self->max_size == G_MAXUINT64;
}

gboolean
memscope_selection_has_thread (const MemscopeSelection *self,
                               MemscopeThreadId         thread)
{
  return id_set_has (self->threads, thread);
}

gboolean
memscope_selection_has_module (const MemscopeSelection *self,
                               MemscopeModuleId         module)
{
  return id_set_has (self->modules, module);
}

gboolean
memscope_selection_has_all_threads (const MemscopeSelection *self)
{
  return self->threads == NULL;
}

gboolean
memscope_selection_has_all_modules (const MemscopeSelection *self)
{
  return self->modules == NULL;
}

static MemscopeSelection *
memscope_selection_copy (const MemscopeSelection *self)
{
  MemscopeSelection *copy = g_memdup2 (self, sizeof *self);

  g_atomic_ref_count_init (&copy->ref_count);
  copy->threads = id_set_copy (self->threads);
  copy->modules = id_set_copy (self->modules);
  copy->text = g_strdup (self->text);
  if (self->expression != NULL)
    memscope_expression_ref (self->expression);

  return copy;
}

/**
 * memscope_selection_with_range:
 *
 * The range is brought into the session's time, its ends into order. An instant
 * that stood at the end stays at the end; another is brought into the range.
 */
MemscopeSelection *
memscope_selection_with_range (const MemscopeSelection *self,
                               guint64                  begin,
                               guint64                  end)
{
  MemscopeSelection *copy;

  g_return_val_if_fail (self != NULL, NULL);

  copy = memscope_selection_copy (self);
  copy->begin = MIN (MIN (begin, end), self->session_end);
  copy->end = MIN (MAX (begin, end), self->session_end);
  copy->instant = self->instant == self->end ? copy->end : CLAMP (self->instant, copy->begin, copy->end);

  return copy;
}

MemscopeSelection *
memscope_selection_with_instant (const MemscopeSelection *self,
                                 guint64                  instant)
{
  MemscopeSelection *copy;

  g_return_val_if_fail (self != NULL, NULL);

  copy = memscope_selection_copy (self);
  copy->instant = CLAMP (instant, self->begin, self->end);

  return copy;
}

MemscopeSelection *
memscope_selection_follow (const MemscopeSelection *self,
                           guint64                  end)
{
  MemscopeSelection *copy;

  g_return_val_if_fail (self != NULL, NULL);

  copy = memscope_selection_copy (self);
  if (end <= self->session_end)
    return copy;

  copy->session_end = end;
  if (self->end == self->session_end)
    {
      copy->end = end;
      if (self->instant == self->end)
        copy->instant = end;
    }

  return copy;
}

MemscopeSelection *
memscope_selection_with_threads (const MemscopeSelection *self,
                                 const MemscopeThreadId  *threads,
                                 guint                    n_threads)
{
  MemscopeSelection *copy;

  g_return_val_if_fail (self != NULL, NULL);

  copy = memscope_selection_copy (self);
  g_free (copy->threads);
  copy->threads = id_set_new (threads, n_threads);

  return copy;
}

MemscopeSelection *
memscope_selection_with_modules (const MemscopeSelection *self,
                                 const MemscopeModuleId  *modules,
                                 guint                    n_modules)
{
  MemscopeSelection *copy;

  g_return_val_if_fail (self != NULL, NULL);

  copy = memscope_selection_copy (self);
  g_free (copy->modules);
  copy->modules = id_set_new (modules, n_modules);

  return copy;
}

MemscopeSelection *
memscope_selection_with_origins (const MemscopeSelection *self,
                                 guint                    origins)
{
  MemscopeSelection *copy;

  g_return_val_if_fail (self != NULL, NULL);

  copy = memscope_selection_copy (self);
  copy->origins = origins & ((1u << MEMSCOPE_N_ORIGINS) - 1);

  return copy;
}

MemscopeSelection *
memscope_selection_with_sizes (const MemscopeSelection *self,
                               guint64                  min_size,
                               guint64                  max_size)
{
  MemscopeSelection *copy;

  g_return_val_if_fail (self != NULL, NULL);

  copy = memscope_selection_copy (self);
  copy->min_size = min_size;
  copy->max_size = max_size;

  return copy;
}

MemscopeSelection *
memscope_selection_with_text (const MemscopeSelection *self,
                              const char              *text)
{
  MemscopeSelection *copy;

  g_return_val_if_fail (self != NULL, NULL);

  copy = memscope_selection_copy (self);
  g_free (copy->text);
  copy->text = g_strdup (text != NULL ? text : "");
  g_clear_pointer (&copy->expression, memscope_expression_unref);
  if (memscope_expression_is_meant (copy->text))
    copy->expression = memscope_expression_parse (copy->text, NULL);

  return copy;
}

MemscopeSelection *
memscope_selection_with_expression (const MemscopeSelection *self,
                                    MemscopeExpression      *expression)
{
  MemscopeSelection *copy;

  g_return_val_if_fail (self != NULL && expression != NULL, NULL);

  copy = memscope_selection_copy (self);
  g_free (copy->text);
  g_clear_pointer (&copy->expression, memscope_expression_unref);
  copy->text = g_strdup (memscope_expression_get_text (expression));
  copy->expression = memscope_expression_ref (expression);

  return copy;
}
