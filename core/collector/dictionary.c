/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dictionary.h"

#include <string.h>

/* A module, copied from the arena once, when it was new. */
typedef struct
{
  uint64_t bias;
  uint64_t start;
  uint64_t end;
  uint64_t load_stamp;
  uint64_t unload_stamp;   /* 0: loaded */
  uint64_t load_time;      /* microseconds */
  uint64_t unload_time;    /* UINT64_MAX: loaded */
  uint32_t path;           /* STRINGS id */
  uint32_t build_id_length;
  uint8_t  build_id[20];
  bool     changed;        /* since it was written */
} Module;

bool
dictionary_init (Dictionary        *dictionary,
                 const ArenaHeader *arena,
                 StampClock        *clock)
{
  *dictionary = (Dictionary) {
    .arena = arena,
    .clock = clock,
    .nodes = arena_at (arena, arena->nodes_offset),
    .nodes_capacity = arena->nodes_capacity,
    .modules = arena_at (arena, arena->modules_offset),
    .modules_capacity = arena->modules_capacity,
    .text = arena_at (arena, arena->text_offset),
    .text_capacity = arena->text_capacity,
  };

  string_table_init (&dictionary->strings);
  pages_buffer_init (&dictionary->pending_stacks);
  pages_buffer_init (&dictionary->pending_frames);
  vector_init (&dictionary->frames, sizeof (MemscopeFrameEntry));
  vector_init (&dictionary->known_modules, sizeof (Module));
  vector_init (&dictionary->stacks, sizeof (MemscopeStackEntry));
  dictionary->stack_of_node = pages_map (((size_t)dictionary->nodes_capacity + 1) * sizeof (uint32_t));

  return dictionary->stack_of_node != NULL;
}

void
dictionary_clear (Dictionary *dictionary)
{
  string_table_clear (&dictionary->strings);
  pages_buffer_clear (&dictionary->pending_stacks);
  pages_buffer_clear (&dictionary->pending_frames);
  id_table_clear (&dictionary->frame_ids);
  vector_clear (&dictionary->frames);
  vector_clear (&dictionary->known_modules);
  vector_clear (&dictionary->stacks);
  pages_unmap (dictionary->stack_of_node, ((size_t)dictionary->nodes_capacity + 1) * sizeof (uint32_t));
  dictionary->stack_of_node = NULL;
}

/* ---- modules ---------------------------------------------------------------- */

static Module *
module_at (const Dictionary *dictionary,
           size_t            i)
{
  return (Module *)dictionary->known_modules.data + i;
}

static uint32_t
path_of (Dictionary         *dictionary,
         const ModuleRecord *record)
{
  uint32_t offset = record->path_offset, length = record->path_length;

  if (offset > dictionary->text_capacity || length > dictionary->text_capacity - offset)
    return 0;

  if (length > sizeof dictionary->path)
    length = sizeof dictionary->path;

  memcpy (dictionary->path, dictionary->text + offset, length);

  return string_table_add (&dictionary->strings, dictionary->path, length);
}

static void
add_module (Dictionary         *dictionary,
            const ModuleRecord *record)
{
  Module *module = vector_add (&dictionary->known_modules);

  if (module == NULL)
    return;

  *module = (Module) {
    .bias = record->bias,
    .start = record->start,
    .end = record->end,
    .load_stamp = record->load_stamp,
    .unload_time = UINT64_MAX,
    .path = path_of (dictionary, record),
    .build_id_length = record->build_id_length <= sizeof module->build_id ? record->build_id_length : 0,
    .changed = true,
  };
  memcpy (module->build_id, record->build_id, module->build_id_length);
  module->load_time = stamp_clock_time (dictionary->clock, module->load_stamp, 0);
}

void
dictionary_update_modules (Dictionary *dictionary)
{
  uint32_t n = atomic_load_explicit (&dictionary->arena->n_modules, memory_order_acquire);

  if (n > dictionary->modules_capacity)
    n = dictionary->modules_capacity;

  while (dictionary->known_modules.length < n)
    {
      size_t known = dictionary->known_modules.length;

      add_module (dictionary, &dictionary->modules[known]);
      if (dictionary->known_modules.length == known)
        break;
    }

  for (size_t i = 0; i < dictionary->known_modules.length; i++)
    {
      Module *module = module_at (dictionary, i);
      uint64_t unloaded = atomic_load_explicit (&dictionary->modules[i].unload_stamp, memory_order_acquire);

      if (unloaded == 0 || module->unload_stamp != 0)
        continue;

      module->unload_stamp = unloaded;
      module->unload_time = stamp_clock_time (dictionary->clock, unloaded, 0);
      module->changed = true;
    }
}

static bool
holds (const Module *module,
       uint64_t      address)
{
  return address >= module->start && address < module->end;
}

/* Loads are noticed a little late: when the first stack that leads through a module
 * is made, after the event it belongs to was stamped. So where no module was there at
 * the time, the next one at the address is meant; where none came, the last one.
 */
static uint32_t
find_module (const Dictionary *dictionary,
             uint64_t          address,
             uint64_t          stamp)
{
  uint32_t next = 0, last = 0;

  for (size_t i = dictionary->known_modules.length; i > 0; i--)
    {
      const Module *module = module_at (dictionary, i - 1);

      if (!holds (module, address))
        continue;

      if (module->load_stamp <= stamp && (module->unload_stamp == 0 || stamp < module->unload_stamp))
        return (uint32_t)i;

      if (module->load_stamp > stamp)
        next = (uint32_t)i;
      else if (last == 0)
        last = (uint32_t)i;
    }

  return next != 0 ? next : last;
}

/* ---- frames ------------------------------------------------------------------- */

static uint64_t
frame_key (const MemscopeFrameEntry *frame)
{
  return (frame->offset ^ (uint64_t)frame->module << 48) * UINT64_C (0xff51afd7ed558ccd) ^ frame->flags;
}

static bool
same_frame (const MemscopeFrameEntry *a,
            const MemscopeFrameEntry *b)
{
  return a->module == b->module && a->flags == b->flags && a->offset == b->offset;
}

static uint32_t
add_frame (Dictionary               *dictionary,
           const MemscopeFrameEntry *frame)
{
  uint64_t key = frame_key (frame);
  MemscopeFrameEntry *added;
  uint32_t id;

  for (; (id = id_table_find (&dictionary->frame_ids, key)) != 0; key++)
    if (same_frame ((MemscopeFrameEntry *)dictionary->frames.data + (id - 1), frame))
      return id;

  added = vector_add (&dictionary->frames);
  if (added == NULL)
    return 0;

  *added = *frame;
  id = (uint32_t)dictionary->frames.length;
  if (!id_table_insert (&dictionary->frame_ids, key, id))
    {
      dictionary->frames.length--;
      return 0;
    }

  if (dictionary->n_pending_frames++ == 0)
    memscope_dictionary_begin (&dictionary->pending_frames, id);
  memscope_frame_append (&dictionary->pending_frames, frame);

  return id;
}

static uint32_t
frame_of_node (Dictionary      *dictionary,
               const StackNode *node,
               uint64_t         stamp)
{
  uint64_t address = node->address;
  bool is_signal = (node->flags & NODE_SIGNAL) != 0;
  uint32_t module = find_module (dictionary, is_signal ? address : address - 1, stamp);
  MemscopeFrameEntry frame = {
    .module = module,
    .flags = is_signal ? MEMSCOPE_FRAME_SIGNAL : MEMSCOPE_FRAME_RETURN_ADDRESS,
    .offset = module != 0 ? address - module_at (dictionary, module - 1)->bias : address,
  };

  return add_frame (dictionary, &frame);
}

/* ---- stacks --------------------------------------------------------------------- */

static uint32_t
add_stack (Dictionary *dictionary,
           uint32_t    parent,
           uint32_t    frame)
{
  MemscopeStackEntry entry = { .parent = parent, .frame = frame }, *kept;

  if (dictionary->n_stacks >= TRUNCATED_STACK - 1)
    return 0;

  if (dictionary->keeps)
    {
      kept = vector_add (&dictionary->stacks);
      if (kept == NULL)
        return 0;
      *kept = entry;
    }

  dictionary->n_stacks++;
  if (dictionary->n_pending_stacks++ == 0)
    memscope_dictionary_begin (&dictionary->pending_stacks, dictionary->n_stacks);
  memscope_stack_append (&dictionary->pending_stacks, &entry);

  return dictionary->n_stacks;
}

static bool
is_truncation (const StackNode *node)
{
  return (node->flags & NODE_TRUNCATED) != 0 || node->address == 0;
}

uint32_t
dictionary_stack (Dictionary *dictionary,
                  uint32_t    node,
                  uint64_t    stamp)
{
  uint32_t *chain = dictionary->chain;
  uint32_t depth = 0, id = 0;

  if (node == 0 || node > dictionary->nodes_capacity)
    return 0;

  if (dictionary->stack_of_node[node] != 0)
    return dictionary->stack_of_node[node];

  if (atomic_load_explicit (&dictionary->arena->n_modules, memory_order_acquire) != dictionary->known_modules.length)
    dictionary_update_modules (dictionary);

  /* Outwards to the first node that is known. A parent is older than its child,
   * so its id is smaller; anything else is damage and cuts the stack there.
   */
  while (node != 0 && depth < DICTIONARY_MAX_DEPTH && dictionary->stack_of_node[node] == 0)
    {
      uint32_t parent = dictionary->nodes[node].parent;

      chain[depth++] = node;
      if (is_truncation (&dictionary->nodes[node]))
        parent = 0;
      if (parent >= node)
        {
          id = add_stack (dictionary, 0, 0) | TRUNCATED_STACK;
          parent = 0;
        }
      node = parent;
    }

  if (node != 0)
    id = dictionary->stack_of_node[node];

  while (depth > 0)
    {
      const StackNode *inner = &dictionary->nodes[chain[--depth]];
      uint32_t parent = id & ~TRUNCATED_STACK;
      uint32_t truncated = id & TRUNCATED_STACK;

      if (is_truncation (inner))
        id = add_stack (dictionary, 0, 0) | TRUNCATED_STACK;
      else
        id = add_stack (dictionary, parent, frame_of_node (dictionary, inner, stamp)) | truncated;

      dictionary->stack_of_node[chain[depth]] = id;
    }

  return id;
}

/* ---- writing ---------------------------------------------------------------------- */

static void
write_module (MemscopeBuffer *payload,
              Module         *module)
{
  memscope_module_append (payload, &(MemscopeModuleEntry) {
    .path = module->path,
    .build_id_length = module->build_id_length,
    .build_id = module->build_id,
    .bias = module->bias,
    .start = module->start,
    .end = module->end,
    .load_time = module->load_time,
    .unload_time = module->unload_time,
  });
  module->changed = false;
}

/* New modules follow each other; one that changed is written again, in a chunk
 * of its own that replaces the entry.
 */
static void
write_modules (Dictionary *dictionary,
               Writer     *writer)
{
  size_t i = 0;

  while (i < dictionary->known_modules.length)
    {
      MemscopeBuffer payload;
      size_t first = i;

      if (!module_at (dictionary, i)->changed)
        {
          i++;
          continue;
        }

      pages_buffer_init (&payload);
      memscope_dictionary_begin (&payload, first + 1);
      while (i < dictionary->known_modules.length && module_at (dictionary, i)->changed)
        write_module (&payload, module_at (dictionary, i++));

      writer_add_chunk (writer, MEMSCOPE_CHUNK_MODULES, NULL, &payload);
      pages_buffer_clear (&payload);
    }
}

static void
write_pending (Writer            *writer,
               MemscopeChunkKind  kind,
               MemscopeBuffer    *pending,
               uint32_t          *n_pending)
{
  if (*n_pending == 0)
    return;

  writer_add_chunk (writer, kind, NULL, pending);
  pending->length = 0;
  *n_pending = 0;
}

void
dictionary_write (Dictionary *dictionary,
                  Writer     *writer)
{
  write_pending (writer, MEMSCOPE_CHUNK_STRINGS, &dictionary->strings.pending, &dictionary->strings.n_pending);
  write_modules (dictionary, writer);
  write_pending (writer, MEMSCOPE_CHUNK_FRAMES, &dictionary->pending_frames, &dictionary->n_pending_frames);
  write_pending (writer, MEMSCOPE_CHUNK_STACKS, &dictionary->pending_stacks, &dictionary->n_pending_stacks);
}

void
dictionary_repeat (Dictionary *dictionary,
                   Writer     *writer)
{
  const MemscopeFrameEntry *frames = dictionary->frames.data;
  const MemscopeStackEntry *stacks = dictionary->stacks.data;

  string_table_repeat (&dictionary->strings, writer);
  for (size_t i = 0; i < dictionary->known_modules.length; i++)
    module_at (dictionary, i)->changed = true;

  dictionary->pending_frames.length = dictionary->pending_stacks.length = 0;
  dictionary->n_pending_frames = (uint32_t)dictionary->frames.length;
  if (dictionary->n_pending_frames != 0)
    memscope_dictionary_begin (&dictionary->pending_frames, 1);
  for (size_t i = 0; i < dictionary->frames.length; i++)
    memscope_frame_append (&dictionary->pending_frames, &frames[i]);

  dictionary->n_pending_stacks = (uint32_t)dictionary->stacks.length;
  if (dictionary->n_pending_stacks != 0)
    memscope_dictionary_begin (&dictionary->pending_stacks, 1);
  for (size_t i = 0; i < dictionary->stacks.length; i++)
    memscope_stack_append (&dictionary->pending_stacks, &stacks[i]);

  dictionary_write (dictionary, writer);
}

size_t
dictionary_pending (const Dictionary *dictionary)
{
  return dictionary->strings.pending.length + dictionary->pending_frames.length + dictionary->pending_stacks.length;
}
