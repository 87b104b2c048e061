/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "reference.h"

#include <math.h>
#include <string.h>

#include "memscope-expression-private.h"
#include "memscope-session-private.h"
#include "memscope-stage.h"

typedef struct
{
  MemscopeBlock      block;
  guint64            row;
  MemscopeVariableId variable;
  MemscopeFrameId    site;
  MemscopeModuleId   module;
  MemscopeStringId   type;
  gboolean           temporary;
} Block;

typedef struct
{
  guint64      time;
  guint64      event;
  gboolean     birth;
  const Block *block;
} Event;

typedef struct
{
  MemscopeSession *session;
  guint64          begin;
  guint64          end;
  guint64          instant;
  GArray          *blocks;   /* Block, the selected ones */
  GArray          *events;   /* Event, in order, of blocks that ever lived */
} Reference;

/* ---- which blocks -------------------------------------------------------------------------- */

static gboolean
has_text (MemscopeSession *session,
          MemscopeStringId id,
          const char      *text)
{
  g_autofree char *string = memscope_session_dup_display_string (session, id);
  g_autofree char *lower = g_ascii_strdown (string, -1);
  g_autofree char *needle = g_ascii_strdown (text, -1);

  return id != 0 && strstr (lower, needle) != NULL;
}

static gboolean
block_has_text (MemscopeSession *session,
                const Block     *block,
                const char      *text)
{
  g_autofree char *label = memscope_session_dup_thread_label (session, block->block.thread);
  g_autofree char *lower = g_ascii_strdown (label, -1);
  g_autofree char *needle = g_ascii_strdown (text, -1);
  MemscopeVariable variable = { 0 };
  const MemscopeSymbol *symbols;
  guint n = memscope_session_get_symbols (session, block->site, &symbols);

  for (guint i = 0; i < n; i++)
    {
      if (has_text (session, symbols[i].function, text) || has_text (session, symbols[i].file, text))
        return TRUE;
    }

  memscope_session_get_variable (session, block->variable, &variable);

  return (block->block.thread != 0 && strstr (lower, needle) != NULL) ||
         has_text (session, variable.name, text) || has_text (session, variable.type, text);
}

/* ---- which blocks: expressions -------------------------------------------------------------- */

static gboolean is_temporary (MemscopeSession *session,
                              const Block     *block);

static gboolean
text_fits (const MemscopeNode *node,
           const char         *text)
{
  g_autofree char *lower = g_ascii_strdown (text, -1);

  if (node->kind == MEMSCOPE_NODE_EQUAL)
    {
      for (guint i = 0; node->texts[i] != NULL; i++)
        if (strcmp (node->texts[i], text) == 0)
          return TRUE;
      return FALSE;
    }
  if (node->kind == MEMSCOPE_NODE_LIKE)
    {
      g_autofree char *needle = g_ascii_strdown (node->texts[0], -1);

      return strstr (lower, needle) != NULL;
    }

  return g_regex_match (node->regex, text, 0, NULL);
}

static gboolean
string_fits (MemscopeSession    *session,
             const MemscopeNode *node,
             MemscopeStringId    id)
{
  g_autofree char *text = memscope_session_dup_display_string (session, id);

  return id != 0 && text_fits (node, text);
}

static gboolean
path_fits (MemscopeSession    *session,
           const MemscopeNode *node,
           MemscopeStringId    id)
{
  g_autofree char *text = memscope_session_dup_display_string (session, id);
  g_autofree char *base = g_path_get_basename (text);

  return id != 0 && (text_fits (node, text) || text_fits (node, base));
}

static gboolean
thread_fits (MemscopeSession    *session,
             const MemscopeNode *node,
             MemscopeThreadId    id)
{
  g_autofree char *label = memscope_session_dup_thread_label (session, id);
  g_autofree char *number = NULL;
  MemscopeThread thread;

  if (!memscope_session_get_thread (session, id, &thread))
    return FALSE;
  number = g_strdup_printf ("%u", thread.tid);

  return text_fits (node, label) || string_fits (session, node, thread.name) || (thread.tid != 0 && text_fits (node, number));
}

static gboolean
module_fits (MemscopeSession    *session,
             const MemscopeNode *node,
             MemscopeFrameId     id)
{
  MemscopeFrame frame;
  MemscopeModule module;

  return memscope_session_get_frame (session, id, &frame) && memscope_session_get_module (session, frame.module, &module) &&
         path_fits (session, node, module.path);
}

static gboolean
frame_fits (MemscopeSession    *session,
            const MemscopeNode *node,
            MemscopeFrameId     id)
{
  const MemscopeSymbol *symbols;
  guint n = memscope_session_get_symbols (session, id, &symbols);
  g_autofree char *label = memscope_session_dup_frame_label (session, id);

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *path = memscope_session_dup_display_string (session, symbols[i].file);
      g_autofree char *base = g_path_get_basename (path);
      g_autofree char *place = g_strdup_printf ("%s:%u", base, symbols[i].line);

      if (string_fits (session, node, symbols[i].function) || path_fits (session, node, symbols[i].file) ||
          (symbols[i].file != 0 && symbols[i].line != 0 && text_fits (node, place)))
        return TRUE;
    }

  return id != 0 && (n == 0 || symbols[0].function == 0) && text_fits (node, label);
}

static gboolean
texts_fit (MemscopeSession    *session,
           const MemscopeNode *node,
           const Block        *block)
{
  MemscopeVariable variable = { 0 };
  MemscopeStackId stack = block->block.stack;
  MemscopeFrameId frame;

  memscope_session_get_variable (session, block->variable, &variable);
  switch (node->field)
    {
    case MEMSCOPE_FIELD_THREAD:
      return thread_fits (session, node, block->block.thread);
    case MEMSCOPE_FIELD_FREED_BY:
      return thread_fits (session, node, block->block.death_thread);
    case MEMSCOPE_FIELD_MODULE:
      return module_fits (session, node, block->site);
    case MEMSCOPE_FIELD_SITE:
      return frame_fits (session, node, block->site);
    case MEMSCOPE_FIELD_STACK:
      while (stack != 0 && memscope_session_get_stack_node (session, stack, &stack, &frame))
        if (frame_fits (session, node, frame) || module_fits (session, node, frame))
          return TRUE;
      return FALSE;
    case MEMSCOPE_FIELD_VARIABLE:
      return string_fits (session, node, variable.name);
    case MEMSCOPE_FIELD_TYPE:
      return string_fits (session, node, variable.type);
    case MEMSCOPE_FIELD_SCOPE:
      return string_fits (session, node, variable.scope);
    case MEMSCOPE_FIELD_WORDS:
      return block_has_text (session, block, node->texts[0]);
    default:
      g_assert_not_reached ();
    }
}

static gboolean
number_fits (const MemscopeNode *node,
             const Block        *block,
             guint64             instant)
{
  const MemscopeBlock *b = &block->block;
  gboolean dead = b->death != MEMSCOPE_DEATH_NONE && b->death != MEMSCOPE_DEATH_UNSEEN;
  gboolean alive = b->birth_time < instant && b->death_time >= instant;
  guint64 asked = node->spans[0].first;
  guint64 value;

  switch (node->field)
    {
    case MEMSCOPE_FIELD_SIZE:
      value = b->size;
      break;
    case MEMSCOPE_FIELD_USABLE:
      if (b->rounding == G_MAXUINT32)
        return FALSE;
      value = b->size + b->rounding;
      break;
    case MEMSCOPE_FIELD_LIFETIME:
      if (!dead)
        return FALSE;
      value = b->death_time > b->birth_time ? b->death_time - b->birth_time : 0;
      break;
    case MEMSCOPE_FIELD_AGE:
      if (!alive)
        return FALSE;
      value = instant - b->birth_time;
      break;
    case MEMSCOPE_FIELD_BORN:
      value = b->birth_time;
      break;
    case MEMSCOPE_FIELD_DIED:
      if (!dead)
        return FALSE;
      value = b->death_time;
      break;
    case MEMSCOPE_FIELD_ALIVE_AT:
      return b->birth_time < asked && b->death_time >= asked;
    case MEMSCOPE_FIELD_ADDRESS:
      value = b->address;
      break;
    case MEMSCOPE_FIELD_CONTAINS:
      return asked == b->address || (asked > b->address && asked - b->address < b->size);
    default:
      g_assert_not_reached ();
    }

  for (guint i = 0; i < node->n_spans; i++)
    if (node->spans[i].first <= value && value <= node->spans[i].last)
      return TRUE;

  return FALSE;
}

static gboolean has_other_holder (const Reference *self,
                                  const Block     *block,
                                  guint64         *last_time);

static gboolean
stage_fits (MemscopeSession    *session,
            const MemscopeNode *node,
            const Block        *block,
            guint64             instant)
{
  const MemscopeBlock *b = &block->block;
  guint64 last = b->birth_time;
  guint64 window;
  const Reference whole = { .session = session, .instant = instant };

  if (b->birth_time >= instant)
    return FALSE;
  if (b->death_time < instant)
    return node->names >> MEMSCOPE_STAGE_FREED & 1;

  if (has_other_holder (&whole, block, &last))
    return node->names >> MEMSCOPE_STAGE_SHARED & 1;

  window = MAX ((instant - b->birth_time) / 10, 100000000);

  return node->names >> (instant <= last || instant - last <= window ? MEMSCOPE_STAGE_ACTIVE : MEMSCOPE_STAGE_ALLOCATED) & 1;
}

static gboolean
expression_fits (MemscopeSession    *session,
                 guint64             instant,
                 const MemscopeNode *nodes,
                 guint               index,
                 const Block        *block)
{
  const MemscopeNode *node = &nodes[index];
  gboolean rs = g_str_has_prefix (memscope_session_get_format_name (session), "memscope-rs");

  switch (node->kind)
    {
    case MEMSCOPE_NODE_AND:
      return expression_fits (session, instant, nodes, node->left, block) &&
             expression_fits (session, instant, nodes, node->right, block);
    case MEMSCOPE_NODE_OR:
      return expression_fits (session, instant, nodes, node->left, block) ||
             expression_fits (session, instant, nodes, node->right, block);
    case MEMSCOPE_NODE_NOT:
      return !expression_fits (session, instant, nodes, node->left, block);
    case MEMSCOPE_NODE_NUMBER:
      return number_fits (node, block, instant);
    case MEMSCOPE_NODE_NAME:
      return node->field == MEMSCOPE_FIELD_KIND ? (node->names >> block->block.origin & 1) != 0 :
             node->field == MEMSCOPE_FIELD_FUNCTION ? (node->names >> block->block.function & 1) != 0
                                                    : stage_fits (session, node, block, instant);
    case MEMSCOPE_NODE_FLAG:
      if (node->field == MEMSCOPE_FIELD_ALIVE)
        return block->block.birth_time < instant && block->block.death_time >= instant;
      if (node->field == MEMSCOPE_FIELD_TEMPORARY)
        return is_temporary (session, block);
      return memscope_session_get_complete (session) && (rs || memscope_session_get_process_ended (session)) &&
             (rs ? (block->block.flags & MEMSCOPE_BLOCK_LEAKED_FLAG) != 0 : block->block.death_time == MEMSCOPE_NEVER);
    case MEMSCOPE_NODE_EQUAL:
    case MEMSCOPE_NODE_LIKE:
    case MEMSCOPE_NODE_PATTERN:
    default:
      return texts_fit (session, node, block);
    }
}

static gboolean
is_selected (MemscopeSession   *session,
             MemscopeSelection *selection,
             const Block       *block)
{
  MemscopeExpression *expression = memscope_selection_get_expression (selection);
  guint origins = memscope_selection_get_origins (selection);
  const char *text = memscope_selection_get_text (selection);
  MemscopeBlock parent;

  if (!(origins >> block->block.origin & 1) || block->block.flags & MEMSCOPE_BLOCK_INHERITED ||
      block->block.size < memscope_selection_get_min_size (selection) ||
      block->block.size > memscope_selection_get_max_size (selection) ||
      !memscope_selection_has_thread (selection, block->block.thread) ||
      !memscope_selection_has_module (selection, block->module))
    return FALSE;

  if (block->block.parent != 0)
    {
      memscope_session_get_block (session, block->block.parent - 1, &parent);
      if (origins >> parent.origin & 1)
        return FALSE;
    }

  if (expression != NULL)
    {
      guint n;
      const MemscopeNode *nodes = memscope_expression_get_nodes (expression, &n);

      return expression_fits (session, memscope_selection_get_instant (selection), nodes, n - 1, block);
    }

  return text[0] == '\0' || block_has_text (session, block, text);
}

/* Freed before the next birth of its thread, of its kind. */
static gboolean
is_temporary (MemscopeSession *session,
              const Block     *block)
{
  if (block->block.death == MEMSCOPE_DEATH_NONE || block->block.death == MEMSCOPE_DEATH_UNSEEN ||
      block->block.death_event < block->block.birth_event)
    return FALSE;

  for (guint64 row = block->row + 1; row < memscope_session_get_n_blocks (session); row++)
    {
      MemscopeBlock next;

      memscope_session_get_block (session, row, &next);
      if (next.thread == block->block.thread && next.origin == block->block.origin &&
          !(next.flags & MEMSCOPE_BLOCK_INHERITED))
        return block->block.death_event < next.birth_event;
    }

  return TRUE;
}

static Block
read_block (MemscopeSession *session,
            guint64          row)
{
  Block block = { .row = row };
  MemscopeFrame frame = { 0 };
  MemscopeVariable variable = { 0 };

  memscope_session_get_block (session, row, &block.block);
  block.site = memscope_session_get_call_site (session, block.block.stack);
  block.module = memscope_session_get_frame (session, block.site, &frame) ? frame.module : 0;
  block.variable = block.block.variable != 0 ? block.block.variable
                                             : memscope_session_get_site_variable (session, block.block.stack);
  if (memscope_session_get_variable (session, block.variable, &variable))
    block.type = variable.type;

  /* A death stored before its birth: the block was never alive, and died where it was born. */
  if (block.block.death_time < block.block.birth_time)
    block.block.death_time = block.block.birth_time;

  return block;
}

static int
compare_events (gconstpointer a,
                gconstpointer b)
{
  const Event *left = a;
  const Event *right = b;

  return left->event < right->event ? -1 : left->event > right->event;
}

static void
list_events (Reference *self)
{
  for (guint i = 0; i < self->blocks->len; i++)
    {
      const Block *block = &g_array_index (self->blocks, Block, i);
      Event birth = { block->block.birth_time, block->block.birth_event, TRUE, block };
      Event death = { block->block.death_time, block->block.death_event, FALSE, block };

      if (death.event < birth.event)
        continue;

      g_array_append_val (self->events, birth);
      if (block->block.death != MEMSCOPE_DEATH_NONE)
        g_array_append_val (self->events, death);
    }

  g_array_sort (self->events, compare_events);
}

static void
reference_init (Reference         *self,
                MemscopeSession   *session,
                MemscopeSelection *selection)
{
  self->session = session;
  self->begin = memscope_selection_get_begin (selection);
  self->end = memscope_selection_get_end (selection);
  self->instant = memscope_selection_get_instant (selection);
  self->blocks = g_array_new (FALSE, FALSE, sizeof (Block));
  self->events = g_array_new (FALSE, FALSE, sizeof (Event));

  for (guint64 row = 0; row < memscope_session_get_n_blocks (session); row++)
    {
      Block block = read_block (session, row);

      if (!is_selected (session, selection, &block))
        continue;

      block.temporary = is_temporary (session, &block);
      g_array_append_val (self->blocks, block);
    }

  list_events (self);
}

static void
reference_clear (Reference *self)
{
  g_array_unref (self->blocks);
  g_array_unref (self->events);
}

/* ---- what they say ------------------------------------------------------------------------------ */

static gboolean
born_in (const Block *block, guint64 begin, guint64 end)
{
  return block->block.birth_time >= begin && block->block.birth_time < end;
}

static gboolean
died_in (const Block *block, guint64 begin, guint64 end)
{
  return block->block.death != MEMSCOPE_DEATH_NONE && block->block.death_time >= begin && block->block.death_time < end;
}

static gboolean
alive_at (const Block *block, guint64 time)
{
  return block->block.birth_time < time &&
         (block->block.death == MEMSCOPE_DEATH_NONE || block->block.death_time >= time);
}

/* Its life, [birth, death], has something in common with [begin, end). */
static gboolean
overlaps (const Block *block, guint64 begin, guint64 end)
{
  return block->block.birth_time < end &&
         (block->block.death == MEMSCOPE_DEATH_NONE || block->block.death_time >= begin);
}

typedef gboolean (*BlockFunc) (const Block *block, gpointer data);

typedef struct
{
  guint64 bytes;
  guint64 blocks;
  guint64 time;
} Peak;

static Peak
find_peak (const Reference *self, guint64 begin, guint64 end, BlockFunc wanted, gpointer data)
{
  Peak now = { 0, 0, begin };
  Peak peak;

  for (guint i = 0; i < self->blocks->len; i++)
    {
      const Block *block = &g_array_index (self->blocks, Block, i);

      if (alive_at (block, begin) && wanted (block, data))
        {
          now.bytes += block->block.size;
          now.blocks++;
        }
    }

  peak = now;
  for (guint i = 0; i < self->events->len; i++)
    {
      const Event *event = &g_array_index (self->events, Event, i);

      if (event->time < begin || event->time >= end || !wanted (event->block, data))
        continue;

      now.time = event->time;
      now.bytes += event->birth ? event->block->block.size : -event->block->block.size;
      now.blocks += event->birth ? 1 : -1;
      if (now.bytes > peak.bytes)
        peak = now;
    }

  return peak;
}

static gboolean
everything (const Block *block, gpointer data)
{
  return TRUE;
}

static gint
compare_numbers (gconstpointer a,
                 gconstpointer b)
{
  guint64 left = *(const guint64 *)a;
  guint64 right = *(const guint64 *)b;

  return left < right ? -1 : left > right;
}

static guint64
quantile (GArray *values, double q)
{
  if (values->len == 0)
    return MEMSCOPE_UNKNOWN;

  g_array_sort (values, compare_numbers);

  return g_array_index (values, guint64, (guint)MAX (ceil (q * values->len), 1) - 1);
}

static GArray *
lifetimes_of (const Reference *self)
{
  GArray *lifetimes = g_array_new (FALSE, FALSE, sizeof (guint64));

  for (guint i = 0; i < self->blocks->len; i++)
    {
      const Block *block = &g_array_index (self->blocks, Block, i);
      guint64 lifetime = block->block.death_time - block->block.birth_time;

      if (died_in (block, self->begin, self->end) && block->block.death != MEMSCOPE_DEATH_UNSEEN)
        g_array_append_val (lifetimes, lifetime);
    }

  return lifetimes;
}

static guint
count_distinct (const Reference *self, gsize offset)
{
  g_autoptr(GHashTable) seen = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < self->blocks->len; i++)
    {
      const Block *block = &g_array_index (self->blocks, Block, i);
      guint32 id = G_STRUCT_MEMBER (guint32, block, offset);

      if (id != 0 && overlaps (block, self->begin, self->end))
        g_hash_table_add (seen, GUINT_TO_POINTER (id));
    }

  return g_hash_table_size (seen);
}

static gboolean
is_stored (MemscopeSession *session)
{
  return g_str_equal (memscope_session_get_format_name (session), "memscope-rs");
}

static gboolean
is_leaked (MemscopeSession *session, const Block *block)
{
  return is_stored (session) ? block->block.flags & MEMSCOPE_BLOCK_LEAKED_FLAG : block->block.death == MEMSCOPE_DEATH_NONE;
}

static gboolean
is_final (MemscopeSession *session)
{
  return memscope_session_get_complete (session) &&
         (is_stored (session) || memscope_session_get_process_ended (session));
}

/* ---- summary --------------------------------------------------------------------------------------- */

static void
summary_add (MemscopeSummary *summary, const Reference *self, const Block *block)
{
  if (born_in (block, self->begin, self->end))
    {
      summary->total_allocations++;
      summary->total_bytes += block->block.size;
      summary->reallocations += block->block.previous != 0;
    }

  if (died_in (block, self->begin, self->end))
    {
      summary->total_frees++;
      summary->freed_bytes += block->block.size;
      summary->temporary_allocations += block->temporary;
    }

  if (alive_at (block, self->instant))
    {
      summary->active_allocations++;
      summary->active_bytes += block->block.size;
    }

  if (overlaps (block, self->begin, self->end))
    {
      if (is_leaked (self->session, block))
        {
          summary->leaked_allocations++;
          summary->leaked_bytes += block->block.size;
        }
      summary->derived_alive_at_end += block->block.death == MEMSCOPE_DEATH_NONE;
    }
}

static void
summary_add_usable (MemscopeSummary *summary, const Reference *self)
{
  guint64 requested = 0;
  guint64 usable = 0;
  gboolean any = FALSE;

  for (guint i = 0; i < self->blocks->len; i++)
    {
      const Block *block = &g_array_index (self->blocks, Block, i);

      if (!alive_at (block, self->instant) || block->block.rounding == G_MAXUINT32)
        continue;

      any = TRUE;
      requested += block->block.size;
      usable += block->block.size + block->block.rounding;
    }

  summary->usable_bytes = any || summary->active_allocations == 0 ? usable : MEMSCOPE_UNKNOWN;
  summary->efficiency = usable > 0 ? (double)requested / (double)usable : (double)NAN;
}

MemscopeSummary *
reference_summary (MemscopeSession   *session,
                   MemscopeSelection *selection)
{
  MemscopeSummary *summary = g_new0 (MemscopeSummary, 1);
  g_autoptr(GArray) lifetimes = NULL;
  Reference self;
  Peak peak;

  reference_init (&self, session, selection);
  for (guint i = 0; i < self.blocks->len; i++)
    summary_add (summary, &self, &g_array_index (self.blocks, Block, i));
  summary_add_usable (summary, &self);

  if (!is_final (session))
    summary->leaked_allocations = summary->leaked_bytes = MEMSCOPE_UNKNOWN;
  if (!is_stored (session))
    summary->derived_alive_at_end = MEMSCOPE_UNKNOWN;

  peak = find_peak (&self, self.begin, self.end, everything, NULL);
  summary->peak_bytes = peak.bytes;
  summary->peak_time = peak.time;
  summary->peak_allocations = peak.blocks;

  lifetimes = lifetimes_of (&self);
  summary->lifetime_min = quantile (lifetimes, 0);
  summary->lifetime_median = quantile (lifetimes, 0.5);
  summary->lifetime_p90 = quantile (lifetimes, 0.9);
  summary->lifetime_max = quantile (lifetimes, 1);

  summary->n_threads = count_distinct (&self, G_STRUCT_OFFSET (Block, block.thread));
  summary->n_variables = count_distinct (&self, G_STRUCT_OFFSET (Block, variable));
  summary->n_call_sites = count_distinct (&self, G_STRUCT_OFFSET (Block, site));
  reference_clear (&self);

  return summary;
}

/* ---- timeline ------------------------------------------------------------------------------------------ */

static guint64
live_bytes_at (const Reference *self, guint64 time, guint64 *blocks)
{
  guint64 bytes = 0;

  *blocks = 0;
  for (guint i = 0; i < self->blocks->len; i++)
    {
      const Block *block = &g_array_index (self->blocks, Block, i);

      if (alive_at (block, time))
        {
          bytes += block->block.size;
          (*blocks)++;
        }
    }

  return bytes;
}

static void
fill_bucket (MemscopeTimelineBucket *bucket, const Reference *self, guint64 begin, guint64 end)
{
  guint64 blocks;
  guint64 bytes = live_bytes_at (self, begin, &blocks);

  bucket->min_bytes = bucket->max_bytes = bytes;
  for (guint i = 0; i < self->events->len; i++)
    {
      const Event *event = &g_array_index (self->events, Event, i);

      if (event->time < begin || event->time >= end)
        continue;

      bytes += event->birth ? event->block->block.size : -event->block->block.size;
      bucket->min_bytes = MIN (bucket->min_bytes, bytes);
      bucket->max_bytes = MAX (bucket->max_bytes, bytes);
      bucket->births += event->birth;
      bucket->deaths += !event->birth;
      bucket->born_bytes += event->birth ? event->block->block.size : 0;
    }

  bucket->last_bytes = live_bytes_at (self, end, &bucket->last_blocks);
  g_assert_cmpuint (bucket->last_bytes, ==, bytes);
}

static guint64
rss_in (MemscopeSession *session, guint64 begin, guint64 end)
{
  guint n;
  const MemscopeSample *samples = memscope_session_get_samples (session, &n);
  guint64 rss = MEMSCOPE_UNKNOWN;

  for (guint i = 0; i < n; i++)
    {
      if (samples[i].kind == MEMSCOPE_SAMPLE_PROCESS && samples[i].time * 1000 >= begin && samples[i].time * 1000 < end &&
          samples[i].values[0] != MEMSCOPE_NOT_RECORDED)
        rss = samples[i].values[0];
    }

  return rss;
}

MemscopeTimeline *
reference_timeline (MemscopeSession   *session,
                    MemscopeSelection *selection,
                    guint64            begin,
                    guint64            end,
                    guint              n_buckets)
{
  MemscopeTimeline *timeline = g_new0 (MemscopeTimeline, 1);
  Reference self;

  reference_init (&self, session, selection);
  timeline->begin = begin;
  timeline->end = end;
  timeline->n_buckets = n_buckets;
  timeline->buckets = g_new0 (MemscopeTimelineBucket, n_buckets);

  for (guint k = 0; k < n_buckets; k++)
    {
      guint64 from = begin + (guint64)((unsigned __int128)(end - begin) * k / n_buckets);
      guint64 to = begin + (guint64)((unsigned __int128)(end - begin) * (k + 1) / n_buckets);

      fill_bucket (&timeline->buckets[k], &self, from, to);
      timeline->buckets[k].rss = rss_in (session, from, to);
      timeline->max_bytes = MAX (timeline->max_bytes, timeline->buckets[k].max_bytes);
      timeline->max_births = MAX (timeline->max_births, timeline->buckets[k].births);
    }
  reference_clear (&self);

  return timeline;
}

/* ---- groups ---------------------------------------------------------------------------------------------- */

static MemscopeGroup
key_of (const Block *block, MemscopeGroupBy by)
{
  MemscopeGroup key = { 0 };

  if (by == MEMSCOPE_GROUP_BY_THREAD || by == MEMSCOPE_GROUP_BY_THREAD_VARIABLE)
    key.thread = block->block.thread;
  if (by == MEMSCOPE_GROUP_BY_VARIABLE || by == MEMSCOPE_GROUP_BY_THREAD_VARIABLE)
    key.variable = block->variable;
  if (by == MEMSCOPE_GROUP_BY_CALL_SITE)
    key.call_site = block->site;
  if (by == MEMSCOPE_GROUP_BY_STACK)
    key.stack = block->block.stack;
  if (by == MEMSCOPE_GROUP_BY_MODULE)
    key.module = block->module;
  if (by == MEMSCOPE_GROUP_BY_TYPE)
    key.type = block->type;

  return key;
}

static gboolean
same_key (const MemscopeGroup *a, const MemscopeGroup *b)
{
  return a->thread == b->thread && a->variable == b->variable && a->call_site == b->call_site &&
         a->stack == b->stack && a->module == b->module && a->type == b->type;
}

typedef struct
{
  MemscopeGroup   key;
  MemscopeGroupBy by;
} Wanted;

static gboolean
is_of_group (const Block *block, gpointer data)
{
  const Wanted *wanted = data;
  MemscopeGroup key = key_of (block, wanted->by);

  return same_key (&key, &wanted->key);
}

/* Told by the API before the instant: cloned or borrowed, and not given back. */
static gboolean
is_held (const Reference *self, const Block *block, guint64 *last_time)
{
  guint n;
  const MemscopeAnnotation *annotations = memscope_session_get_annotations (self->session, &n);
  const guint64 *rows = memscope_session_get_annotation_rows (self->session, &n);
  int borrows = 0;

  for (guint i = 0; i < n; i++)
    {
      guint32 kind = annotations[i].kind;

      if (rows[i] != block->row + 1 || annotations[i].time * 1000 >= self->instant ||
          (kind != MEMSCOPE_ANNOTATION_CLONE && kind != MEMSCOPE_ANNOTATION_BORROW &&
           kind != MEMSCOPE_ANNOTATION_BORROW_MUT && kind != MEMSCOPE_ANNOTATION_RETURN))
        continue;

      *last_time = MAX (*last_time, annotations[i].time * 1000);
      borrows += kind == MEMSCOPE_ANNOTATION_RETURN ? -(borrows > 0) : 1;
    }

  return borrows > 0;
}

static gboolean
has_other_holder (const Reference *self, const Block *block, guint64 *last_time)
{
  MemscopeBlock previous;

  if (is_held (self, block, last_time) || block->block.flags & MEMSCOPE_BLOCK_SHARED ||
      (block->block.death_thread != 0 && block->block.death_thread != block->block.thread))
    return TRUE;

  if (block->block.previous == 0)
    return FALSE;

  memscope_session_get_block (self->session, block->block.previous - 1, &previous);

  return previous.thread != block->block.thread;
}

static void
group_add_stock (MemscopeGroup *group, const Reference *self, const Block *block,
                 gboolean *shared, guint64 *first, guint64 *last)
{
  guint64 told = 0;
  gboolean others;

  if (block->block.birth_time >= self->instant)
    return;

  others = has_other_holder (self, block, &told);
  *shared |= others;
  *first = MIN (*first, block->block.birth_time);
  *last = MAX (*last, MAX (told, block->block.birth_time));
  if (died_in (block, 0, self->instant))
    *last = MAX (*last, block->block.death_time);

  if (alive_at (block, self->instant))
    {
      group->live_blocks++;
      group->live_bytes += block->block.size;
      group->shared_blocks += others;
    }
}

static void
group_add_flow (MemscopeGroup *group, const Reference *self, const Block *block)
{
  if (overlaps (block, self->begin, self->end))
    {
      group->rows++;
      group->largest = MAX (group->largest, block->block.size);
    }

  if (born_in (block, self->begin, self->end))
    {
      group->births++;
      group->born_bytes += block->block.size;
      group->first_time = MIN (group->first_time, block->block.birth_time);
      group->last_time = group->last_time == MEMSCOPE_UNKNOWN ? block->block.birth_time : MAX (group->last_time, block->block.birth_time);
    }

  if (died_in (block, self->begin, self->end))
    {
      group->deaths++;
      group->dead_bytes += block->block.size;
      group->temporary += block->temporary;
      group->first_time = MIN (group->first_time, block->block.death_time);
      group->last_time = group->last_time == MEMSCOPE_UNKNOWN ? block->block.death_time : MAX (group->last_time, block->block.death_time);
    }
}

static MemscopeStage
stage_of (const MemscopeGroup *group, gboolean shared, guint64 first, guint64 last, guint64 instant)
{
  if (group->live_blocks == 0)
    return MEMSCOPE_STAGE_FREED;
  if (shared)
    return MEMSCOPE_STAGE_SHARED;

  return instant - last <= MAX ((instant - first) / 10, 100000000) ? MEMSCOPE_STAGE_ACTIVE : MEMSCOPE_STAGE_ALLOCATED;
}

static MemscopeGroup
make_group (const Reference *self, Wanted wanted)
{
  MemscopeGroup group = wanted.key;
  gboolean shared = FALSE;
  guint64 first = G_MAXUINT64;
  guint64 last = 0;
  Peak peak;

  group.first_time = group.last_time = MEMSCOPE_UNKNOWN;
  for (guint i = 0; i < self->blocks->len; i++)
    {
      const Block *block = &g_array_index (self->blocks, Block, i);

      if (!is_of_group (block, &wanted))
        continue;

      group_add_flow (&group, self, block);
      group_add_stock (&group, self, block, &shared, &first, &last);
    }

  peak = find_peak (self, self->begin, self->end, is_of_group, &wanted);
  group.peak_bytes = peak.bytes;
  group.peak_time = peak.time;
  group.stage = stage_of (&group, shared, first, last, self->instant);

  for (guint k = 0; k < MEMSCOPE_SPARK_BUCKETS; k++)
    {
      guint64 from = self->begin + (guint64)((unsigned __int128)(self->end - self->begin) * k / MEMSCOPE_SPARK_BUCKETS);
      guint64 to = self->begin + (guint64)((unsigned __int128)(self->end - self->begin) * (k + 1) / MEMSCOPE_SPARK_BUCKETS);

      group.spark[k] = (float)find_peak (self, from, to, is_of_group, &wanted).bytes;
    }

  return group;
}

static int
compare_ids (guint32 a, guint32 b)
{
  return a < b ? -1 : a > b;
}

static int
compare_groups (gconstpointer a, gconstpointer b)
{
  const MemscopeGroup *left = a;
  const MemscopeGroup *right = b;

  if (left->live_bytes != right->live_bytes)
    return left->live_bytes > right->live_bytes ? -1 : 1;
  if (left->born_bytes != right->born_bytes)
    return left->born_bytes > right->born_bytes ? -1 : 1;
  if (left->thread != right->thread)
    return compare_ids (left->thread, right->thread);

  return compare_ids (left->variable + left->call_site + left->stack + left->module + left->type,
                      right->variable + right->call_site + right->stack + right->module + right->type);
}

MemscopeGroups *
reference_groups (MemscopeSession   *session,
                  MemscopeSelection *selection,
                  MemscopeGroupBy    by)
{
  MemscopeGroups *groups = g_new0 (MemscopeGroups, 1);
  g_autoptr(GArray) found = g_array_new (FALSE, FALSE, sizeof (MemscopeGroup));
  Reference self;

  reference_init (&self, session, selection);
  for (guint i = 0; i < self.blocks->len; i++)
    {
      const Block *block = &g_array_index (self.blocks, Block, i);
      Wanted wanted = { key_of (block, by), by };
      gboolean known = FALSE;
      MemscopeGroup group;

      for (guint k = 0; k < found->len && !known; k++)
        known = same_key (&g_array_index (found, MemscopeGroup, k), &wanted.key);
      if (known || !overlaps (block, self.begin, self.end))
        continue;

      group = make_group (&self, wanted);
      g_array_append_val (found, group);
    }
  reference_clear (&self);

  g_array_sort (found, compare_groups);
  groups->by = by;
  groups->n_groups = found->len;
  groups->groups = (gpointer)g_array_free (g_steal_pointer (&found), FALSE);

  return groups;
}

/* ---- histograms -------------------------------------------------------------------------------------------- */

MemscopeHistograms *
reference_histograms (MemscopeSession   *session,
                      MemscopeSelection *selection)
{
  MemscopeHistograms *histograms = g_new0 (MemscopeHistograms, 1);
  g_autoptr(GArray) sizes = g_array_new (FALSE, FALSE, sizeof (guint64));
  g_autoptr(GArray) lifetimes = NULL;
  Reference self;

  reference_init (&self, session, selection);
  for (guint i = 0; i < self.blocks->len; i++)
    {
      const Block *block = &g_array_index (self.blocks, Block, i);
      guint bin = 0;

      if (!overlaps (block, self.begin, self.end))
        continue;

      histograms->never_died += !died_in (block, self.begin, self.end);
      if (!born_in (block, self.begin, self.end))
        continue;

      while (bin + 1 < MEMSCOPE_SIZE_BINS && block->block.size >= G_GUINT64_CONSTANT (1) << (bin + 1))
        bin++;
      histograms->size_counts[bin]++;
      histograms->size_bytes[bin] += block->block.size;
      g_array_append_val (sizes, block->block.size);
    }

  lifetimes = lifetimes_of (&self);
  for (guint i = 0; i < lifetimes->len; i++)
    {
      guint bin = 0;

      while (bin + 1 < MEMSCOPE_LIFETIME_BINS && (double)g_array_index (lifetimes, guint64, i) >= round (pow (10, 3 + bin / 2.0)))
        bin++;
      histograms->lifetime_counts[bin]++;
    }

  histograms->median_size = quantile (sizes, 0.5);
  histograms->median_lifetime = quantile (lifetimes, 0.5);
  reference_clear (&self);

  return histograms;
}

/* ---- leaks ---------------------------------------------------------------------------------------------------- */

static guint64
live_bytes_of (const Reference *self, const MemscopeLeak *leak, guint64 time)
{
  guint64 bytes = 0;

  for (guint i = 0; i < self->blocks->len; i++)
    {
      const Block *block = &g_array_index (self->blocks, Block, i);

      if (block->block.stack == leak->stack && block->variable == leak->variable && alive_at (block, time))
        bytes += block->block.size;
    }

  return bytes;
}

static void
describe_leak (MemscopeLeak *leak, const Reference *self)
{
  guint64 end = memscope_session_get_duration (self->session) + 1;
  guint64 live = live_bytes_of (self, leak, leak->first_birth);

  leak->grows = TRUE;
  for (guint quarter = 1; quarter <= 4; quarter++)
    {
      guint64 later = live_bytes_of (self, leak, leak->first_birth + (end - leak->first_birth) * quarter / 4);

      leak->grows &= later > live;
      live = later;
    }

  for (guint i = 0; i < self->blocks->len; i++)
    {
      const Block *block = &g_array_index (self->blocks, Block, i);

      leak->total_births += block->block.stack == leak->stack && block->variable == leak->variable;
    }
}

static int
compare_leaks (gconstpointer a, gconstpointer b)
{
  const MemscopeLeak *left = a;
  const MemscopeLeak *right = b;

  if (left->bytes != right->bytes)
    return left->bytes > right->bytes ? -1 : 1;
  if (left->blocks != right->blocks)
    return left->blocks > right->blocks ? -1 : 1;

  return left->stack != right->stack ? compare_ids (left->stack, right->stack) : compare_ids (left->variable, right->variable);
}

MemscopeLeaks *
reference_leaks (MemscopeSession   *session,
                 MemscopeSelection *selection)
{
  MemscopeLeaks *leaks = g_new0 (MemscopeLeaks, 1);
  GArray *found = g_array_new (FALSE, FALSE, sizeof (MemscopeLeak));
  Reference self;

  reference_init (&self, session, selection);
  leaks->final = is_final (session);

  for (guint i = 0; i < self.blocks->len; i++)
    {
      const Block *block = &g_array_index (self.blocks, Block, i);
      MemscopeLeak *leak = NULL;

      if (!overlaps (block, self.begin, self.end) || !is_leaked (session, block))
        continue;

      for (guint k = 0; k < found->len; k++)
        {
          MemscopeLeak *known = &g_array_index (found, MemscopeLeak, k);

          if (known->stack == block->block.stack && known->variable == block->variable)
            leak = known;
        }

      if (leak == NULL)
        {
          MemscopeLeak fresh = { block->block.stack, block->variable, .first_birth = block->block.birth_time };

          g_array_append_val (found, fresh);
          leak = &g_array_index (found, MemscopeLeak, found->len - 1);
        }

      leak->blocks++;
      leak->bytes += block->block.size;
      leak->last_birth = block->block.birth_time;
      leaks->blocks++;
      leaks->bytes += block->block.size;
    }

  for (guint k = 0; k < found->len; k++)
    describe_leak (&g_array_index (found, MemscopeLeak, k), &self);
  g_array_sort (found, compare_leaks);
  reference_clear (&self);

  leaks->n_leaks = found->len;
  leaks->leaks = (gpointer)g_array_free (found, FALSE);

  return leaks;
}

/* ---- flame trees: every block adds to each place on its path ----------------------------------- */

char *
reference_flame_step (MemscopeSession      *session,
                      MemscopeFrameId       frame,
                      const MemscopeSymbol *symbol)
{
  MemscopeFrame record = { 0 };

  if (frame == 0)
    return g_strdup ("rest");
  if (symbol == NULL || symbol->function == 0)
    return g_strdup_printf ("frame %u", frame);
  if (symbol->file != 0)
    return g_strdup_printf ("function %u file %u", symbol->function, symbol->file);

  memscope_session_get_frame (session, frame, &record);

  return g_strdup_printf ("function %u module %u", symbol->function, record.module);
}

/* Innermost first. */
static GPtrArray *
flame_steps (MemscopeSession *session, MemscopeStackId stack)
{
  GPtrArray *steps = g_ptr_array_new_with_free_func (g_free);

  while (stack != 0)
    {
      const MemscopeSymbol *symbols;
      MemscopeFrameId frame;
      MemscopeStackId parent;
      guint n;

      memscope_session_get_stack_node (session, stack, &parent, &frame);
      n = memscope_session_get_symbols (session, frame, &symbols);
      for (guint i = 0; i < n; i++)
        g_ptr_array_add (steps, reference_flame_step (session, frame, &symbols[i]));
      if (n == 0)
        g_ptr_array_add (steps, reference_flame_step (session, frame, NULL));
      stack = parent;
    }

  return steps;
}

typedef guint64 FlameSums[2][MEMSCOPE_N_MEASURES];

static void
flame_add (GHashTable *places, const char *path, gboolean is_end, const guint64 *weights)
{
  FlameSums *sums = g_hash_table_lookup (places, path);

  if (sums == NULL)
    {
      sums = g_malloc0 (sizeof *sums);
      g_hash_table_insert (places, g_strdup (path), sums);
    }

  for (guint m = 0; m < MEMSCOPE_N_MEASURES; m++)
    {
      (*sums)[0][m] += is_end ? weights[m] : 0;
      (*sums)[1][m] += weights[m];
    }
}

static void
flame_add_block (GHashTable *places, MemscopeSession *session, const Block *block, MemscopeFlameFlags flags,
                 const guint64 *weights)
{
  g_autoptr(GPtrArray) steps = flame_steps (session, block->block.stack);
  g_autoptr(GString) path = g_string_new (NULL);
  guint64 weight = 0;

  for (guint m = 0; m < MEMSCOPE_N_MEASURES; m++)
    weight += weights[m];
  if (weight == 0)
    return;

  flame_add (places, "", steps->len == 0 && !(flags & MEMSCOPE_FLAME_BY_THREAD), weights);
  if (flags & MEMSCOPE_FLAME_BY_THREAD)
    {
      g_string_append_printf (path, "\nthread %u", block->block.thread);
      flame_add (places, path->str, steps->len == 0, weights);
    }

  for (guint i = 0; i < steps->len; i++)
    {
      guint at = flags & MEMSCOPE_FLAME_BOTTOM_UP ? i : steps->len - 1 - i;

      g_string_append_printf (path, "\n%s", (const char *)g_ptr_array_index (steps, at));
      flame_add (places, path->str, i + 1 == steps->len, weights);
    }
}

/* Which blocks are alive at the peak: those whose births, but not deaths, are behind
 * the first moment at which the bytes are the most.
 */
static GHashTable *
flame_peak_blocks (const Reference *self)
{
  GHashTable *best = g_hash_table_new (NULL, NULL);
  guint64 bytes = 0;
  guint64 most;
  guint last = 0;

  for (guint i = 0; i < self->blocks->len; i++)
    {
      const Block *block = &g_array_index (self->blocks, Block, i);

      if (alive_at (block, self->begin))
        {
          bytes += block->block.size;
          g_hash_table_add (best, (gpointer)block);
        }
    }

  most = bytes;
  for (guint i = 0; i < self->events->len; i++)
    {
      const Event *event = &g_array_index (self->events, Event, i);

      if (event->time < self->begin || event->time >= self->end)
        continue;

      bytes += event->birth ? event->block->block.size : -event->block->block.size;
      if (bytes > most)
        {
          most = bytes;
          last = i + 1;
        }
    }

  for (guint i = 0; i < last; i++)
    {
      const Event *event = &g_array_index (self->events, Event, i);

      if (event->time < self->begin || event->time >= self->end)
        continue;
      if (event->birth)
        g_hash_table_add (best, (gpointer)event->block);
      else
        g_hash_table_remove (best, event->block);
    }

  return best;
}

GHashTable *
reference_flame (MemscopeSession *session, MemscopeSelection *selection, MemscopeFlameFlags flags)
{
  GHashTable *places = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr(GHashTable) peak = NULL;
  Reference self;

  reference_init (&self, session, selection);
  peak = flame_peak_blocks (&self);
  for (guint i = 0; i < self.blocks->len; i++)
    {
      const Block *block = &g_array_index (self.blocks, Block, i);
      guint64 weights[MEMSCOPE_N_MEASURES] = { 0 };
      guint64 size = block->block.size;

      if (alive_at (block, self.instant))
        {
          weights[MEMSCOPE_MEASURE_LIVE_BYTES] = size;
          weights[MEMSCOPE_MEASURE_LIVE_BLOCKS] = 1;
        }
      if (born_in (block, self.begin, self.end))
        {
          weights[MEMSCOPE_MEASURE_BORN_BYTES] = size;
          weights[MEMSCOPE_MEASURE_BIRTHS] = 1;
        }
      if (block->temporary && died_in (block, self.begin, self.end))
        {
          weights[MEMSCOPE_MEASURE_TEMPORARY] = 1;
          weights[MEMSCOPE_MEASURE_TEMPORARY_BYTES] = size;
        }
      if (g_hash_table_contains (peak, block))
        {
          weights[MEMSCOPE_MEASURE_PEAK_BYTES] = size;
          weights[MEMSCOPE_MEASURE_PEAK_BLOCKS] = 1;
        }
      flame_add_block (places, session, block, flags, weights);
    }
  reference_clear (&self);

  return places;
}

/* ---- what the rules of diagnosis read ------------------------------------------------------ */

static void
survey_birth (MemscopeSession        *session,
              MemscopeSurveyVariable *variable,
              const Block            *block)
{
  MemscopeBlock before;

  variable->births++;
  variable->born_bytes += block->block.size;
  variable->first_birth = MIN (variable->first_birth, block->block.birth_time);
  variable->last_birth = MAX (variable->last_birth, block->block.birth_time);

  if (block->block.previous == 0)
    return;

  variable->resizes++;
  memscope_session_get_block (session, block->block.previous - 1, &before);
  variable->chains += before.previous == 0;
  if (before.address != block->block.address)
    {
      variable->moves++;
      variable->copied_bytes += MIN (before.size, block->block.size);
    }
}

static void
survey_death (MemscopeSurveyVariable *variable,
              const Block            *block)
{
  variable->temporary += block->temporary;
  if (block->block.death_thread == 0)
    return;

  variable->known_frees++;
  variable->foreign_frees += block->block.death_thread != block->block.thread;
}

static void
survey_peak (const Reference        *self,
             MemscopeSurveyVariable *variables,
             guint64                *peak_time)
{
  g_autofree guint64 *bytes = NULL;
  guint64 total = 0, highest = 0;
  guint n = memscope_session_get_n_variables (self->session) + 1;
  g_autofree guint64 *blocks = g_new0 (guint64, n);

  bytes = g_new0 (guint64, n);
  *peak_time = self->begin;
  for (guint i = 0; i < self->blocks->len; i++)
    {
      const Block *block = &g_array_index (self->blocks, Block, i);

      if (!alive_at (block, self->begin))
        continue;
      bytes[block->variable] += block->block.size;
      blocks[block->variable]++;
      total += block->block.size;
    }

  for (guint i = 0; i <= self->events->len; i++)
    {
      const Event *event = i > 0 ? &g_array_index (self->events, Event, i - 1) : NULL;

      if (event != NULL)
        {
          if (event->time < self->begin || event->time >= self->end)
            continue;
          bytes[event->block->variable] += event->birth ? event->block->block.size : -event->block->block.size;
          blocks[event->block->variable] += event->birth ? 1 : -1;
          total += event->birth ? event->block->block.size : -event->block->block.size;
        }
      if (event != NULL && total <= highest)
        continue;

      highest = total;
      *peak_time = event != NULL ? event->time : self->begin;
      for (guint v = 0; v < n; v++)
        {
          variables[v].peak_bytes = bytes[v];
          variables[v].peak_blocks = blocks[v];
        }
    }
}

MemscopeSurveyVariable *
reference_survey (MemscopeSession   *session,
                  MemscopeSelection *selection,
                  guint              n_variables,
                  guint64           *peak_time)
{
  MemscopeSurveyVariable *variables = g_new0 (MemscopeSurveyVariable, n_variables);
  Reference reference;

  for (guint v = 0; v < n_variables; v++)
    variables[v].first_birth = G_MAXUINT64;

  reference_init (&reference, session, selection);
  survey_peak (&reference, variables, peak_time);

  for (guint i = 0; i < reference.blocks->len; i++)
    {
      const Block *block = &g_array_index (reference.blocks, Block, i);
      MemscopeSurveyVariable *variable = &variables[block->variable];

      if (overlaps (block, reference.begin, reference.end))
        variable->touched_bytes += block->block.size;
      if (born_in (block, reference.begin, reference.end))
        survey_birth (session, variable, block);
      if (died_in (block, reference.begin, reference.end))
        survey_death (variable, block);
      if (overlaps (block, reference.begin, reference.end) && alive_at (block, *peak_time + 1) &&
          block->block.rounding != G_MAXUINT32)
        {
          variable->peak_requested += block->block.size;
          variable->peak_rounding += block->block.rounding;
        }
    }

  reference_clear (&reference);

  return variables;
}

void
reference_live_bytes (MemscopeSession    *session,
                      MemscopeSelection  *selection,
                      MemscopeVariableId  variable,
                      const guint64      *times,
                      guint               n_times,
                      guint64            *bytes)
{
  Reference reference;

  reference_init (&reference, session, selection);
  for (guint k = 0; k < n_times; k++)
    {
      bytes[k] = 0;
      for (guint i = 0; i < reference.blocks->len; i++)
        {
          const Block *block = &g_array_index (reference.blocks, Block, i);

          if (block->variable == variable && alive_at (block, times[k]))
            bytes[k] += block->block.size;
        }
    }
  reference_clear (&reference);
}

gboolean
reference_selects (MemscopeSession   *session,
                   MemscopeSelection *selection,
                   guint64            row)
{
  Block block = read_block (session, row);

  return is_selected (session, selection, &block);
}
