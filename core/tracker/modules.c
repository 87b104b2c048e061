/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "modules.h"

#include <elf.h>
#include <link.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>

#include "arch-x86_64.h"
#include "clock.h"
#include "rules.h"
#include "trie.h"

#define MAX_LOADED 4096u
#define MAX_PATH   4096u

/* A module that is loaded now. Readers look at start and end without a lock. */
typedef struct
{
  _Atomic uintptr_t      start;
  _Atomic uintptr_t      end;    /* 0: no module */
  const struct link_map *map;
  uint32_t               record; /* its index in the arena; UINT32_MAX: the arena had no room */
} LoadedModule;

_Atomic uint32_t modules_generation = 1;
uintptr_t modules_loader_start;
uintptr_t modules_loader_size;

static LoadedModule loaded[MAX_LOADED];
static _Atomic uint32_t n_loaded;
static _Atomic uint32_t last_hit;
static _Atomic uint32_t table_lock;
static ArenaHeader *arena;
static char executable_path[MAX_PATH];

/* The program itself may have holes between its segments, which a module that ld.so
 * loads has not: _dl_find_object() then knows each segment by itself.
 */
static struct
{
  const struct link_map *map;
  uintptr_t              start;
  uintptr_t              end;
} program;

/* Never waited for without end: a signal handler may have interrupted the owner. */
static bool
lock_table (void)
{
  for (unsigned i = 0; i < 10000; i++)
    {
      if (atomic_exchange_explicit (&table_lock, 1, memory_order_acquire) == 0)
        return true;
      arch_relax ();
    }

  return false;
}

static void
unlock_table (void)
{
  atomic_store_explicit (&table_lock, 0, memory_order_release);
}

bool
modules_find_object (uintptr_t              pc,
                     struct dl_find_object *object)
{
  if (_dl_find_object ((void *)pc, object) != 0)
    return false;

  if (object->dlfo_link_map == program.map)
    {
      object->dlfo_map_start = (void *)program.start;
      object->dlfo_map_end = (void *)program.end;
    }

  return true;
}

const uint8_t *
modules_find_cfi (uintptr_t  pc,
                  uintptr_t *start,
                  uintptr_t *end)
{
  struct dl_find_object object, holder;

  if (_dl_find_object ((void *)pc, &object) != 0 || object.dlfo_eh_frame == NULL ||
      _dl_find_object (object.dlfo_eh_frame, &holder) != 0)
    return NULL;

  *start = (uintptr_t)holder.dlfo_map_start;
  *end = (uintptr_t)holder.dlfo_map_end;

  return object.dlfo_eh_frame;
}

/* ---- what a module says about itself -------------------------------------------- */

static bool
lies_inside (const struct dl_find_object *object,
             uintptr_t                    address,
             uint64_t                     length)
{
  uintptr_t start = (uintptr_t)object->dlfo_map_start, end = (uintptr_t)object->dlfo_map_end;

  return address >= start && address <= end && length <= end - address;
}

static void
copy_build_id (uintptr_t     at,
               uint64_t      length,
               ModuleRecord *record)
{
  while (length >= sizeof (ElfW (Nhdr)) && record->build_id_length == 0)
    {
      const ElfW (Nhdr) *note = (const ElfW (Nhdr) *)at;
      uint64_t name = (note->n_namesz + 3ull) & ~3ull, content = (note->n_descsz + 3ull) & ~3ull;
      const char *bytes = (const char *)(note + 1);

      if (name + content > length - sizeof *note)
        return;

      if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 && memcmp (bytes, "GNU", 4) == 0 &&
          note->n_descsz <= sizeof record->build_id)
        {
          memcpy (record->build_id, bytes + name, note->n_descsz);
          record->build_id_length = note->n_descsz;
        }

      at += sizeof *note + name + content;
      length -= sizeof *note + name + content;
    }
}

static void
read_build_id (const struct dl_find_object *object,
               ModuleRecord                *record)
{
  uintptr_t start = (uintptr_t)object->dlfo_map_start;
  const ElfW (Ehdr) *header = (const ElfW (Ehdr) *)start;
  const ElfW (Phdr) *segments;

  if (!lies_inside (object, start, sizeof *header) || memcmp (header->e_ident, ELFMAG, SELFMAG) != 0 ||
      !lies_inside (object, start + header->e_phoff, header->e_phnum * sizeof *segments))
    return;

  segments = (const ElfW (Phdr) *)(start + header->e_phoff);
  for (unsigned i = 0; i < header->e_phnum; i++)
    {
      uintptr_t at = record->bias + segments[i].p_vaddr;

      if (segments[i].p_type == PT_NOTE && lies_inside (object, at, segments[i].p_memsz))
        copy_build_id (at, segments[i].p_memsz, record);
    }
}

static uint32_t
add_text (const char *text,
          uint32_t    length,
          uint32_t    used)
{
  if (length > arena->text_capacity - used)
    length = arena->text_capacity - used;

  memcpy ((char *)arena_at (arena, arena->text_offset) + used, text, length);

  return length;
}

/* The loader keeps names as they were given: one relative to the directory the
 * program was in is made absolute while that is still likely to be the same.
 */
static void
write_path (const char   *name,
            ModuleRecord *record)
{
  uint32_t used = atomic_load_explicit (&arena->text_used, memory_order_relaxed);
  char directory[MAX_PATH];
  long length = 0;

  if (used > arena->text_capacity)
    return;

  record->path_offset = used;
  if (name[0] != '/' && strchr (name, '/') != NULL)
    length = sys_call3 (SYS_getcwd, (long)directory, sizeof directory - 1, 0);
  if (length > 1)
    {
      directory[length - 1] = '/';
      record->path_length = add_text (directory, (uint32_t)length, used);
    }

  record->path_length += add_text (name, (uint32_t)strnlen (name, MAX_PATH), used + record->path_length);
  atomic_store_explicit (&arena->text_used, used + record->path_length, memory_order_release);
}

/* ---- the tables ------------------------------------------------------------------- */

/* With the lock held. */
static uint32_t
write_record (const struct dl_find_object *object)
{
  uint32_t index = atomic_load_explicit (&arena->n_modules, memory_order_relaxed);
  const char *name = object->dlfo_link_map->l_name;
  ModuleRecord *record;

  if (index >= arena->modules_capacity)
    return UINT32_MAX;

  record = (ModuleRecord *)arena_at (arena, arena->modules_offset) + index;
  record->bias = object->dlfo_link_map->l_addr;
  record->start = (uintptr_t)object->dlfo_map_start;
  record->end = (uintptr_t)object->dlfo_map_end;
  record->load_stamp = clock_now (arena);
  record->path_length = record->build_id_length = 0;
  write_path (name != NULL && name[0] != '\0' ? name : executable_path, record);
  read_build_id (object, record);

  /* its death is a module's, and has to be seen where allocations are sampled, too */
  sample_table_mark (arena_samples (arena), (uintptr_t)object->dlfo_link_map);
  atomic_store_explicit (&arena->n_modules, index + 1, memory_order_release);
  atomic_fetch_add_explicit (&arena->module_generation, 1, memory_order_relaxed);

  return index;
}

static LoadedModule *
find_loaded (uintptr_t pc)
{
  uint32_t n = atomic_load_explicit (&n_loaded, memory_order_acquire);
  uint32_t at = atomic_load_explicit (&last_hit, memory_order_relaxed);

  for (uint32_t i = 0; i < n; i++, at++)
    {
      LoadedModule *module;

      if (at >= n)
        at = 0;
      module = &loaded[at];
      if (pc < atomic_load_explicit (&module->end, memory_order_acquire) &&
          pc >= atomic_load_explicit (&module->start, memory_order_relaxed))
        {
          atomic_store_explicit (&last_hit, at, memory_order_relaxed);
          return module;
        }
    }

  return NULL;
}

/* With the lock held. */
static void
add_loaded (const struct dl_find_object *object)
{
  uint32_t n = atomic_load_explicit (&n_loaded, memory_order_relaxed), i;

  for (i = 0; i < n && atomic_load_explicit (&loaded[i].end, memory_order_relaxed) != 0; i++)
    ;
  if (i == MAX_LOADED)
    return;

  loaded[i].map = object->dlfo_link_map;
  loaded[i].record = write_record (object);
  atomic_store_explicit (&loaded[i].start, (uintptr_t)object->dlfo_map_start, memory_order_relaxed);
  atomic_store_explicit (&loaded[i].end, (uintptr_t)object->dlfo_map_end, memory_order_release);
  if (i == n)
    atomic_store_explicit (&n_loaded, n + 1, memory_order_release);
}

void
modules_note (uintptr_t pc)
{
  struct dl_find_object object;

  if (find_loaded (pc) != NULL || !modules_find_object (pc, &object) || !lock_table ())
    return;

  if (find_loaded (pc) == NULL)
    add_loaded (&object);
  unlock_table ();
}

/* With the lock held. */
static void
forget (LoadedModule *module)
{
  uintptr_t start = module->start, end = module->end;
  ModuleRecord *records = (ModuleRecord *)arena_at (arena, arena->modules_offset);

  atomic_store_explicit (&module->end, 0, memory_order_release);
  module->map = NULL;
  if (module->record != UINT32_MAX)
    atomic_store_explicit (&records[module->record].unload_stamp, clock_now (arena), memory_order_release);

  rules_forget (start, end);
  trie_forget (start, end);
  atomic_fetch_add_explicit (&modules_generation, 1, memory_order_release);
  atomic_fetch_add_explicit (&arena->module_generation, 1, memory_order_relaxed);
}

void
modules_note_loader_free (const void *memory)
{
  uint32_t n = atomic_load_explicit (&n_loaded, memory_order_acquire);

  for (uint32_t i = 0; i < n; i++)
    if (loaded[i].map == memory && loaded[i].end != 0 && lock_table ())
      {
        forget (&loaded[i]);
        unlock_table ();
      }
}

static void
find_program (void)
{
  const ElfW (Phdr) *segments = (const ElfW (Phdr) *)getauxval (AT_PHDR);
  unsigned long n = getauxval (AT_PHNUM);
  uintptr_t start = UINTPTR_MAX, end = 0;
  struct dl_find_object object;

  if (segments == NULL || _dl_find_object ((void *)segments, &object) != 0)
    return;

  for (unsigned long i = 0; i < n; i++)
    if (segments[i].p_type == PT_LOAD)
      {
        uintptr_t from = object.dlfo_link_map->l_addr + segments[i].p_vaddr;

        start = from < start ? from : start;
        end = from + segments[i].p_memsz > end ? from + segments[i].p_memsz : end;
      }

  if (start < end)
    {
      program.start = start & ~UINT64_C (4095);
      program.end = end;
      program.map = object.dlfo_link_map;
    }
}

void
modules_init (const char *executable)
{
  struct dl_find_object object;
  uintptr_t loader = getauxval (AT_BASE);
  size_t length = strnlen (executable, sizeof executable_path - 1);

  memcpy (executable_path, executable, length);
  executable_path[length] = '\0';

  find_program ();
  if (loader != 0 && modules_find_object (loader, &object))
    {
      modules_loader_start = (uintptr_t)object.dlfo_map_start;
      modules_loader_size = (uintptr_t)object.dlfo_map_end - modules_loader_start;
    }
}

/* In a fork's child nobody holds the lock any more; who did, does not exist. */
void
modules_attach (ArenaHeader *new_arena)
{
  uint32_t n = atomic_load_explicit (&n_loaded, memory_order_relaxed);
  struct dl_find_object object;

  arena = new_arena;
  unlock_table ();

  for (uint32_t i = 0; i < n; i++)
    if (loaded[i].end != 0 && modules_find_object (loaded[i].start, &object))
      loaded[i].record = write_record (&object);
}
