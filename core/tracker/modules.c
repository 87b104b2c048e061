/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "modules.h"

#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>

#include "arch.h"
#include "recorder.h"
#include "trie.h"
#include "unwind.h"

#define MAX_KNOWN 4096

ModulesState modules_state;

/* What the arena's table says, for look-ups without trusting the shared memory. */
typedef struct
{
  uint64_t start;
  uint64_t end;
  uint32_t index;       /* in the arena's table */
  bool     loaded;
  bool     seen;        /* by the look under way */
} Known;

static Known known[MAX_KNOWN];
static _Atomic uint32_t n_known;
static _Atomic uint64_t list_version;   /* adds + subs of the loader */
static atomic_flag look_lock = ATOMIC_FLAG_INIT;

static uint32_t
add_text (ArenaHeader *arena,
          const char  *text,
          uint32_t     length)
{
  uint32_t offset = atomic_load_explicit (&arena->text_used, memory_order_relaxed);

  if (length > arena->text_capacity || offset > arena->text_capacity - length)
    return UINT32_MAX;
  memcpy ((char *)arena_at (arena, arena->text_offset) + offset, text, length);
  atomic_store_explicit (&arena->text_used, offset + length, memory_order_release);

  return offset;
}

static void
read_build_id (const struct dl_phdr_info *info,
               ModuleRecord              *module)
{
  for (int i = 0; i < info->dlpi_phnum; i++)
    {
      const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
      const char *at, *end;

      if (segment->p_type != PT_NOTE || segment->p_memsz > 4096)
        continue;
      at = (const char *)(info->dlpi_addr + segment->p_vaddr);
      end = at + segment->p_memsz;
      while (end - at >= (ptrdiff_t)sizeof (ElfW(Nhdr)))
        {
          ElfW(Nhdr) note;
          const char *name = at + sizeof note, *data;

          memcpy (&note, at, sizeof note);
          if (note.n_namesz > 4096 || note.n_descsz > 4096)
            break;
          data = name + ((note.n_namesz + 3) & ~3u);
          if (data + note.n_descsz > end)
            break;
          if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && memcmp (name, "GNU", 4) == 0 &&
              note.n_descsz <= sizeof module->build_id)
            {
              module->build_id_length = note.n_descsz;
              memcpy (module->build_id, data, note.n_descsz);
              return;
            }
          at = data + ((note.n_descsz + 3) & ~3u);
        }
    }
}

static uint32_t
path_of (const struct dl_phdr_info *info,
         char                      *buffer,
         size_t                     size)
{
  size_t length;

  if (info->dlpi_addr == getauxval (AT_SYSINFO_EHDR) || strncmp (info->dlpi_name, "linux-vdso", 10) == 0)
    {
      memcpy (buffer, "[vdso]", 6);
      return 6;
    }
  if (info->dlpi_name[0] == '\0')
    {
      long n = SYSCALL4 (SYS_readlinkat, AT_FDCWD, "/proc/self/exe", buffer, size);

      return n > 0 ? (uint32_t)n : 0;
    }
  length = strnlen (info->dlpi_name, size);
  memcpy (buffer, info->dlpi_name, length);

  return (uint32_t)length;
}

static void
extent_of (const struct dl_phdr_info *info,
           uint64_t                  *start,
           uint64_t                  *end)
{
  *start = UINT64_MAX;
  *end = 0;
  for (int i = 0; i < info->dlpi_phnum; i++)
    {
      const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
      uint64_t low = info->dlpi_addr + segment->p_vaddr;

      if (segment->p_type != PT_LOAD)
        continue;
      if (low < *start)
        *start = low;
      if (low + segment->p_memsz > *end)
        *end = low + segment->p_memsz;
    }
}

static void
add_module (ArenaHeader               *arena,
            const struct dl_phdr_info *info,
            uint64_t                   start,
            uint64_t                   end)
{
  uint32_t index = atomic_load_explicit (&arena->n_modules, memory_order_relaxed);
  uint32_t n = atomic_load_explicit (&n_known, memory_order_relaxed);
  ModuleRecord *module;
  char path[PATH_MAX];

  if (index >= arena->modules_capacity || n >= MAX_KNOWN)
    return;

  module = (ModuleRecord *)arena_at (arena, arena->modules_offset) + index;
  memset (module, 0, sizeof *module);
  module->bias = info->dlpi_addr;
  module->start = start;
  module->end = end;
  module->load_stamp = recorder_stamp (arena);
  module->path_length = path_of (info, path, sizeof path);
  module->path_offset = add_text (arena, path, module->path_length);
  if (module->path_offset == UINT32_MAX)
    module->path_offset = module->path_length = 0;
  read_build_id (info, module);
  atomic_store_explicit (&arena->n_modules, index + 1, memory_order_release);

  known[n] = (Known) { start, end, index, true, true };
  atomic_store_explicit (&n_known, n + 1, memory_order_release);
}

typedef struct
{
  ArenaHeader *arena;
  uint64_t     version;
  bool         first;
  bool         changed;
} Look;

static int
look_at_module (struct dl_phdr_info *info,
                size_t               size,
                void                *data)
{
  Look *look = data;
  uint64_t start, end;

  if (look->first)
    {
      uint64_t version = info->dlpi_adds + info->dlpi_subs;

      look->first = false;
      if (version == look->version)
        return 1;
      look->version = version;
      look->changed = true;
    }

  extent_of (info, &start, &end);
  if (start >= end)
    return 0;
  for (uint32_t i = 0; i < atomic_load_explicit (&n_known, memory_order_relaxed); i++)
    if (known[i].loaded && known[i].start == start && known[i].end == end)
      {
        known[i].seen = true;
        return 0;
      }
  add_module (look->arena, info, start, end);

  return 0;
}

static void
drop_unseen (ArenaHeader *arena)
{
  uint32_t n = atomic_load_explicit (&n_known, memory_order_relaxed);

  for (uint32_t i = 0; i < n; i++)
    {
      ModuleRecord *module;

      if (!known[i].loaded || known[i].seen)
        continue;
      known[i].loaded = false;
      module = (ModuleRecord *)arena_at (arena, arena->modules_offset) + known[i].index;
      atomic_store_explicit (&module->unload_stamp, recorder_stamp (arena), memory_order_release);
      trie_mark_dead (arena, known[i].start, known[i].end);
      unwind_flush_rules ();
    }
}

/* One thread looks, the others go on with what is known. */
static void
look (ArenaHeader *arena)
{
  Look state = { arena, atomic_load_explicit (&list_version, memory_order_relaxed), true, false };
  uint32_t n;

  if (atomic_flag_test_and_set_explicit (&look_lock, memory_order_acquire))
    return;

  atomic_store_explicit (&modules_state.dirty, 0, memory_order_relaxed);
  n = atomic_load_explicit (&n_known, memory_order_relaxed);
  for (uint32_t i = 0; i < n; i++)
    known[i].seen = false;
  dl_iterate_phdr (look_at_module, &state);
  if (state.changed)
    {
      atomic_store_explicit (&list_version, state.version, memory_order_relaxed);
      drop_unseen (arena);
      atomic_fetch_add_explicit (&arena->module_generation, 1, memory_order_release);
    }
  atomic_flag_clear_explicit (&look_lock, memory_order_release);
}

void
modules_notice_slow (ArenaHeader *arena,
                     uint64_t     pc)
{
  if (pc - modules_state.loader_start < modules_state.loader_length)
    atomic_store_explicit (&modules_state.dirty, 1, memory_order_relaxed);
  else
    look (arena);
}

void
modules_meet (ArenaHeader *arena,
              uint64_t     address)
{
  uint32_t n = atomic_load_explicit (&n_known, memory_order_acquire);

  if (address == 0)
    return;
  for (uint32_t i = n; i-- > 0;)
    if (known[i].loaded && address >= known[i].start && address < known[i].end)
      return;

  /* not now (the loader may be the caller), but before the next event */
  atomic_store_explicit (&modules_state.dirty, 1, memory_order_relaxed);
}

static int
find_loader (struct dl_phdr_info *info,
             size_t               size,
             void                *data)
{
  uint64_t base = getauxval (AT_BASE), start, end;

  if (info->dlpi_addr != base)
    return 0;
  extent_of (info, &start, &end);
  modules_state.loader_start = start;
  modules_state.loader_length = end - start;

  return 1;
}

void
modules_init (ArenaHeader *arena)
{
  atomic_flag_clear (&look_lock);
  atomic_store (&n_known, 0);
  atomic_store (&list_version, 0);
  if (getauxval (AT_BASE) != 0)
    dl_iterate_phdr (find_loader, NULL);
  unwind_init ();
  atomic_store (&modules_state.dirty, 1);
}
