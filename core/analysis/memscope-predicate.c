/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-predicate.h"

#include <string.h>

#include "memscope-expression-private.h"
#include "memscope-holders.h"
#include "memscope-leak-rule.h"
#include "memscope-stage.h"
#include "memscope-term-matcher.h"
#include "memscope-text-filter.h"

#define PIECE        1024u    /* rows that are judged together */
#define CANCEL_EVERY 4096u

/* A bit for each id. */
typedef struct
{
  guint64 *bits;
  gsize    n;
} Bits;

/* What a term about dictionaries found, by id; the row has it when any of its ids has. */
typedef struct
{
  Bits threads;
  Bits stacks;
  Bits variables;       /* of rows with a variable of their own */
  Bits site_variables;  /* by stack, of rows without */
} Term;

struct _MemscopePredicate
{
  const MemscopeFilter *filter;
  MemscopeExpression   *expression;
  const MemscopeNode   *nodes;
  guint                 n_nodes;
  Term                 *terms;        /* beside the nodes */
  MemscopeHolders       holders;
  gboolean              has_holders;
  gboolean              memscope_rs;
  gboolean              knows_leaks;
  Bits                  temporary;    /* by row */
  GCancellable         *cancellable;  /* while it is made */
};

/* ---- bits ------------------------------------------------------------------------------ */

static void
bits_init (Bits  *self,
           gsize  n)
{
  self->n = n;
  self->bits = g_new0 (guint64, n / 64 + 1);
}

static inline void
bits_set (Bits     *self,
          gsize     i,
          gboolean  value)
{
  self->bits[i / 64] |= (guint64)(value != FALSE) << i % 64;
}

static inline gboolean
bits_get (const Bits *self,
          gsize       i)
{
  return i < self->n && (self->bits[i / 64] >> i % 64 & 1);
}

/* ---- making: dictionaries -------------------------------------------------------------------- */

static gboolean
goes_on (MemscopePredicate *self,
         guint              i)
{
  return i % CANCEL_EVERY != 0 || !g_cancellable_is_cancelled (self->cancellable);
}

static void
find_threads (MemscopePredicate   *self,
              Term                *term,
              MemscopeTermMatcher *matcher)
{
  bits_init (&term->threads, (gsize)memscope_session_get_n_threads (self->filter->session) + 1);
  for (guint32 id = 1; id < term->threads.n && goes_on (self, id); id++)
    bits_set (&term->threads, id, memscope_term_matcher_test_thread (matcher, id));
}

static MemscopeModuleId
module_of (MemscopePredicate *self,
           MemscopeFrameId    frame)
{
  MemscopeFrame found;

  return memscope_session_get_frame (self->filter->session, frame, &found) ? found.module : 0;
}

/* What is found of each frame. */
static void
find_frames (MemscopePredicate   *self,
             MemscopeField        field,
             MemscopeTermMatcher *matcher,
             Bits                *frames)
{
  guint n_modules = memscope_session_get_n_modules (self->filter->session) + 1;
  Bits modules = { NULL, 0 };

  if (field == MEMSCOPE_FIELD_MODULE || field == MEMSCOPE_FIELD_STACK)
    {
      bits_init (&modules, n_modules);
      for (guint32 id = 1; id < n_modules && goes_on (self, id); id++)
        bits_set (&modules, id, memscope_term_matcher_test_module (matcher, id));
    }

  bits_init (frames, (gsize)memscope_session_get_n_frames (self->filter->session) + 1);
  for (guint32 id = 1; id < frames->n && goes_on (self, id); id++)
    {
      gboolean found = modules.n != 0 && bits_get (&modules, module_of (self, id));

      if (!found && field != MEMSCOPE_FIELD_MODULE)
        found = memscope_term_matcher_test_frame (matcher, id);
      bits_set (frames, id, found);
    }

  g_free (modules.bits);
}

static void
find_stacks (MemscopePredicate   *self,
             MemscopeField        field,
             Term                *term,
             MemscopeTermMatcher *matcher)
{
  MemscopeSession *session = self->filter->session;
  Bits frames;

  find_frames (self, field, matcher, &frames);
  bits_init (&term->stacks, (gsize)memscope_session_get_n_stacks (session) + 1);

  /* Parents come first. */
  for (guint32 id = 1; id < term->stacks.n && goes_on (self, id); id++)
    {
      MemscopeStackId parent;
      MemscopeFrameId frame;

      if (field != MEMSCOPE_FIELD_STACK)
        bits_set (&term->stacks, id, bits_get (&frames, memscope_session_get_call_site (session, id)));
      else if (memscope_session_get_stack_node (session, id, &parent, &frame))
        bits_set (&term->stacks, id, bits_get (&frames, frame) || (parent < id && bits_get (&term->stacks, parent)));
    }

  g_free (frames.bits);
}

static gboolean
test_variable (MemscopeSession     *session,
               MemscopeField        field,
               MemscopeTermMatcher *matcher,
               MemscopeVariableId   id)
{
  MemscopeVariable variable;

  if (!memscope_session_get_variable (session, id, &variable))
    return FALSE;

  return memscope_term_matcher_test_string (matcher, field == MEMSCOPE_FIELD_VARIABLE ? variable.name :
                                                     field == MEMSCOPE_FIELD_TYPE ? variable.type : variable.scope);
}

static void
spread_variables (MemscopePredicate *self,
                  Term              *term)
{
  MemscopeSession *session = self->filter->session;

  bits_init (&term->site_variables, (gsize)memscope_session_get_n_stacks (session) + 1);
  for (guint32 id = 1; id < term->site_variables.n && goes_on (self, id); id++)
    bits_set (&term->site_variables, id, bits_get (&term->variables, memscope_session_get_site_variable (session, id)));
}

static void
find_variables (MemscopePredicate   *self,
                MemscopeField        field,
                Term                *term,
                MemscopeTermMatcher *matcher)
{
  bits_init (&term->variables, (gsize)memscope_session_get_n_variables (self->filter->session) + 1);
  for (guint32 id = 1; id < term->variables.n && goes_on (self, id); id++)
    bits_set (&term->variables, id, test_variable (self->filter->session, field, matcher, id));
  spread_variables (self, term);
}

/* As a search for words does. */
static void
find_words (MemscopePredicate  *self,
            Term               *term,
            const MemscopeNode *node)
{
  MemscopeSession *session = self->filter->session;
  g_autoptr(MemscopeTextFilter) text = memscope_text_filter_new (session, node->texts[0]);
  Bits frames;

  bits_init (&term->threads, (gsize)memscope_session_get_n_threads (session) + 1);
  for (guint32 id = 1; id < term->threads.n && goes_on (self, id); id++)
    bits_set (&term->threads, id, memscope_text_filter_match_thread (text, id));

  bits_init (&term->variables, (gsize)memscope_session_get_n_variables (session) + 1);
  for (guint32 id = 1; id < term->variables.n && goes_on (self, id); id++)
    bits_set (&term->variables, id, memscope_text_filter_match_variable (text, id));
  spread_variables (self, term);

  bits_init (&frames, (gsize)memscope_session_get_n_frames (session) + 1);
  for (guint32 id = 1; id < frames.n && goes_on (self, id); id++)
    bits_set (&frames, id, memscope_text_filter_match_frame (text, id));
  bits_init (&term->stacks, (gsize)memscope_session_get_n_stacks (session) + 1);
  for (guint32 id = 1; id < term->stacks.n && goes_on (self, id); id++)
    bits_set (&term->stacks, id, bits_get (&frames, memscope_session_get_call_site (session, id)));
  g_free (frames.bits);
}

static void
find_term (MemscopePredicate  *self,
           Term               *term,
           const MemscopeNode *node)
{
  g_autoptr(MemscopeTermMatcher) matcher = NULL;

  if (node->field == MEMSCOPE_FIELD_WORDS)
    {
      find_words (self, term, node);
      return;
    }

  matcher = memscope_term_matcher_new (self->filter->session, node);
  if (node->field == MEMSCOPE_FIELD_THREAD || node->field == MEMSCOPE_FIELD_FREED_BY)
    find_threads (self, term, matcher);
  else if (node->field == MEMSCOPE_FIELD_MODULE || node->field == MEMSCOPE_FIELD_SITE || node->field == MEMSCOPE_FIELD_STACK)
    find_stacks (self, node->field, term, matcher);
  else
    find_variables (self, node->field, term, matcher);
}

/* ---- making: what only all rows together tell ----------------------------------------------------- */

/* A block is temporary when it dies before the next birth of its thread and kind: backwards,
 * each row is the next birth for those before it.
 */
static void
find_temporary (MemscopePredicate *self)
{
  const MemscopeFilter *filter = self->filter;
  gsize n = ((gsize)filter->last_thread + 1) * MEMSCOPE_N_ORIGINS;
  g_autofree guint64 *next_births = g_new (guint64, n);

  memset (next_births, 0xff, n * sizeof (guint64));
  bits_init (&self->temporary, filter->n_rows);

  for (guint index = filter->n_batches; index-- > 0 && !g_cancellable_is_cancelled (self->cancellable);)
    {
      MemscopeBatch batch;

      memscope_filter_get_batch (filter, index, &batch);
      for (guint i = batch.n_rows; i-- > 0;)
        {
          gsize thread = MIN (batch.thread[i], filter->last_thread);
          guint64 *next = &next_births[thread * MEMSCOPE_N_ORIGINS + MIN (memscope_batch_origin (&batch, i), MEMSCOPE_N_ORIGINS - 1)];

          bits_set (&self->temporary, batch.first_row + i,
                    batch.death_event[i] != MEMSCOPE_NEVER && batch.death_event[i] < *next &&
                    batch.death_event[i] > batch.birth_event[i] &&
                    memscope_batch_death (&batch, i) != MEMSCOPE_DEATH_UNSEEN);
          if (!(batch.flags[i] & MEMSCOPE_BLOCK_INHERITED))
            *next = batch.birth_event[i];
        }
    }
}

static void
prepare_node (MemscopePredicate  *self,
              guint               index)
{
  const MemscopeNode *node = &self->nodes[index];

  if (node->kind >= MEMSCOPE_NODE_EQUAL)
    find_term (self, &self->terms[index], node);
  else if (node->kind == MEMSCOPE_NODE_FLAG && node->field == MEMSCOPE_FIELD_TEMPORARY && self->temporary.bits == NULL)
    find_temporary (self);
  else if (node->kind == MEMSCOPE_NODE_NAME && node->field == MEMSCOPE_FIELD_STAGE && !self->has_holders)
    {
      memscope_holders_init (&self->holders, self->filter->session, self->filter->instant);
      self->has_holders = TRUE;
    }
}

MemscopePredicate *
memscope_predicate_new (MemscopeExpression   *expression,
                        const MemscopeFilter *filter,
                        GCancellable         *cancellable)
{
  MemscopePredicate *self = g_new0 (MemscopePredicate, 1);

  self->filter = filter;
  self->expression = memscope_expression_ref (expression);
  self->nodes = memscope_expression_get_nodes (expression, &self->n_nodes);
  self->terms = g_new0 (Term, self->n_nodes);
  self->memscope_rs = memscope_session_is_memscope_rs (filter->session);
  self->knows_leaks = memscope_session_is_final (filter->session);
  self->cancellable = cancellable;

  for (guint i = 0; i < self->n_nodes && !g_cancellable_is_cancelled (cancellable); i++)
    prepare_node (self, i);
  self->cancellable = NULL;

  return self;
}

void
memscope_predicate_free (MemscopePredicate *self)
{
  for (guint i = 0; i < self->n_nodes; i++)
    {
      g_free (self->terms[i].threads.bits);
      g_free (self->terms[i].stacks.bits);
      g_free (self->terms[i].variables.bits);
      g_free (self->terms[i].site_variables.bits);
    }
  if (self->has_holders)
    memscope_holders_clear (&self->holders);
  g_free (self->temporary.bits);
  g_free (self->terms);
  memscope_expression_unref (self->expression);
  g_free (self);
}

/* ---- asking: one term of one row --------------------------------------------------------------------- */

/* FALSE: not recorded. */
static inline gboolean
get_number (const MemscopePredicate *self,
            MemscopeField            field,
            const MemscopeBatch     *batch,
            guint                    i,
            guint64                 *value)
{
  switch (field)
    {
    case MEMSCOPE_FIELD_SIZE:
      *value = batch->size[i];
      return TRUE;
    case MEMSCOPE_FIELD_USABLE:
      *value = batch->size[i] + batch->rounding[i];
      return batch->rounding[i] != G_MAXUINT32;
    case MEMSCOPE_FIELD_LIFETIME:
      *value = memscope_batch_end_time (batch, i) - batch->birth_time[i];
      return batch->death_time[i] != MEMSCOPE_NEVER && memscope_batch_death (batch, i) != MEMSCOPE_DEATH_UNSEEN;
    case MEMSCOPE_FIELD_AGE:
      *value = self->filter->instant - batch->birth_time[i];
      return memscope_batch_is_alive_at (batch, i, self->filter->instant);
    case MEMSCOPE_FIELD_BORN:
      *value = batch->birth_time[i];
      return TRUE;
    case MEMSCOPE_FIELD_DIED:
      *value = memscope_batch_end_time (batch, i);
      return batch->death_time[i] != MEMSCOPE_NEVER && memscope_batch_death (batch, i) != MEMSCOPE_DEATH_UNSEEN;
    default:
      *value = batch->address[i];
      return TRUE;
    }
}

static gboolean
test_number (const MemscopePredicate *self,
             const MemscopeNode      *node,
             const MemscopeBatch     *batch,
             guint                    i)
{
  guint64 value;

  if (node->field == MEMSCOPE_FIELD_ALIVE_AT)
    return memscope_batch_is_alive_at (batch, i, node->spans[0].first);
  if (node->field == MEMSCOPE_FIELD_CONTAINS)
    return node->spans[0].first >= batch->address[i] &&
           node->spans[0].first - batch->address[i] < MAX (batch->size[i], 1);
  if (!get_number (self, node->field, batch, i, &value))
    return FALSE;

  for (guint k = 0; k < node->n_spans; k++)
    if (value >= node->spans[k].first && value <= node->spans[k].last)
      return TRUE;

  return FALSE;
}

/* MEMSCOPE_N_STAGES: not born yet. */
static guint
stage_of (const MemscopePredicate *self,
          const MemscopeBatch     *batch,
          guint                    i)
{
  guint64 birth = batch->birth_time[i];
  const MemscopeHolder *holder;

  if (!memscope_batch_is_alive_at (batch, i, self->filter->instant))
    return birth >= self->filter->instant ? MEMSCOPE_N_STAGES : MEMSCOPE_STAGE_FREED;

  holder = self->holders.n > 0 ? memscope_holders_find (&self->holders, batch->first_row + i) : NULL;

  return memscope_stage_judge (1, memscope_holders_is_shared (self->filter, batch, i, holder), birth,
                               holder != NULL ? MAX (birth, holder->last_time) : birth, self->filter->instant);
}

static gboolean
test_name (const MemscopePredicate *self,
           const MemscopeNode      *node,
           const MemscopeBatch     *batch,
           guint                    i)
{
  guint name = node->field == MEMSCOPE_FIELD_KIND ? memscope_batch_origin (batch, i) :
               node->field == MEMSCOPE_FIELD_FUNCTION ? batch->function[i] : stage_of (self, batch, i);

  return name < 32 && node->names >> name & 1;
}

static gboolean
test_flag (const MemscopePredicate *self,
           const MemscopeNode      *node,
           const MemscopeBatch     *batch,
           guint                    i)
{
  if (node->field == MEMSCOPE_FIELD_ALIVE)
    return memscope_batch_is_alive_at (batch, i, self->filter->instant);
  if (node->field == MEMSCOPE_FIELD_LEAKED)
    return self->knows_leaks && memscope_batch_is_leaked (batch, i, self->memscope_rs);

  return bits_get (&self->temporary, batch->first_row + i);
}

static gboolean
test_term (const Term          *term,
           MemscopeField        field,
           const MemscopeBatch *batch,
           guint                i)
{
  guint32 variable;

  if (field == MEMSCOPE_FIELD_FREED_BY)
    return bits_get (&term->threads, batch->death_thread[i]);
  if (bits_get (&term->threads, batch->thread[i]) || bits_get (&term->stacks, batch->stack[i]))
    return TRUE;

  variable = batch->variable[i];

  return variable != 0 ? bits_get (&term->variables, variable) : bits_get (&term->site_variables, batch->stack[i]);
}

static gboolean
test_node (const MemscopePredicate *self,
           guint                    index,
           const MemscopeBatch     *batch,
           guint                    i)
{
  const MemscopeNode *node = &self->nodes[index];

  switch (node->kind)
    {
    case MEMSCOPE_NODE_AND:
      return test_node (self, node->left, batch, i) && test_node (self, node->right, batch, i);
    case MEMSCOPE_NODE_OR:
      return test_node (self, node->left, batch, i) || test_node (self, node->right, batch, i);
    case MEMSCOPE_NODE_NOT:
      return !test_node (self, node->left, batch, i);
    case MEMSCOPE_NODE_NUMBER:
      return test_number (self, node, batch, i);
    case MEMSCOPE_NODE_NAME:
      return test_name (self, node, batch, i);
    case MEMSCOPE_NODE_FLAG:
      return test_flag (self, node, batch, i);
    case MEMSCOPE_NODE_EQUAL:
    case MEMSCOPE_NODE_LIKE:
    case MEMSCOPE_NODE_PATTERN:
    default:
      return test_term (&self->terms[index], node->field, batch, i);
    }
}

gboolean
memscope_predicate_test (const MemscopePredicate *self,
                         const MemscopeBatch     *batch,
                         guint                    i)
{
  return test_node (self, self->n_nodes - 1, batch, i);
}

/* ---- asking: many rows at once ------------------------------------------------------------------------- */

static void
fill_column (const MemscopeSpan *span,
             const guint64      *column,
             guint               n,
             guint8             *mask)
{
  guint64 first = span->first;
  guint64 width = span->last - first;

  if (first > span->last)
    {
      memset (mask, 0, n);
      return;
    }
  for (guint i = 0; i < n; i++)
    mask[i] = column[i] - first <= width;
}

/* The term's own loop where it is worth one: numbers that every row has, one span. */
static gboolean
fill_number (const MemscopeNode  *node,
             const MemscopeBatch *batch,
             guint                first,
             guint                n,
             guint8              *mask)
{
  if (node->field == MEMSCOPE_FIELD_ALIVE_AT)
    {
      for (guint i = 0; i < n; i++)
        mask[i] = memscope_batch_is_alive_at (batch, first + i, node->spans[0].first);
      return TRUE;
    }
  if (node->n_spans != 1)
    return FALSE;

  switch (node->field)
    {
    case MEMSCOPE_FIELD_SIZE:
      fill_column (node->spans, batch->size + first, n, mask);
      return TRUE;
    case MEMSCOPE_FIELD_BORN:
      fill_column (node->spans, batch->birth_time + first, n, mask);
      return TRUE;
    case MEMSCOPE_FIELD_ADDRESS:
      fill_column (node->spans, batch->address + first, n, mask);
      return TRUE;
    default:
      return FALSE;
    }
}

static void fill_node (const MemscopePredicate *self,
                       guint                    index,
                       const MemscopeBatch     *batch,
                       guint                    first,
                       guint                    n,
                       guint8                  *mask);

static gboolean
is_all (const guint8 *mask,
        guint         n,
        guint8        value)
{
  return memchr (mask, !value, n) == NULL;
}

/* The second operand has its own mask; kept out of fill_node() so that a long chain of
 * first operands needs none.
 */
static __attribute__ ((noinline)) void
combine (const MemscopePredicate *self,
         const MemscopeNode      *node,
         const MemscopeBatch     *batch,
         guint                    first,
         guint                    n,
         guint8                  *mask)
{
  guint8 right[PIECE];

  fill_node (self, node->right, batch, first, n, right);
  if (node->kind == MEMSCOPE_NODE_AND)
    for (guint i = 0; i < n; i++)
      mask[i] &= right[i];
  else
    for (guint i = 0; i < n; i++)
      mask[i] |= right[i];
}

static void
fill_node (const MemscopePredicate *self,
           guint                    index,
           const MemscopeBatch     *batch,
           guint                    first,
           guint                    n,
           guint8                  *mask)
{
  const MemscopeNode *node = &self->nodes[index];

  switch (node->kind)
    {
    case MEMSCOPE_NODE_AND:
    case MEMSCOPE_NODE_OR:
      fill_node (self, node->left, batch, first, n, mask);
      if (!is_all (mask, n, node->kind == MEMSCOPE_NODE_OR))
        combine (self, node, batch, first, n, mask);
      return;

    case MEMSCOPE_NODE_NOT:
      fill_node (self, node->left, batch, first, n, mask);
      for (guint i = 0; i < n; i++)
        mask[i] ^= 1;
      return;

    case MEMSCOPE_NODE_NUMBER:
      if (fill_number (node, batch, first, n, mask))
        return;
      break;

    case MEMSCOPE_NODE_NAME:
    case MEMSCOPE_NODE_FLAG:
    case MEMSCOPE_NODE_EQUAL:
    case MEMSCOPE_NODE_LIKE:
    case MEMSCOPE_NODE_PATTERN:
    default:
      break;
    }

  for (guint i = 0; i < n; i++)
    mask[i] = (guint8)test_node (self, index, batch, first + i);
}

void
memscope_predicate_fill (const MemscopePredicate *self,
                         const MemscopeBatch     *batch,
                         guint8                  *mask)
{
  for (guint first = 0; first < batch->n_rows; first += PIECE)
    fill_node (self, self->n_nodes - 1, batch, first, MIN (PIECE, batch->n_rows - first), mask + first);
}
