/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "memscope-function-table.h"
#include "memscope-range-index.h"

typedef struct
{
  guint64     address;
  guint64     end;       /* of a function without a size: of its section */
  const char *name;
  guint8      rank;      /* which of several names for one place is told: the highest */
  gboolean    has_size;
} Function;

struct _MemscopeFunctionTable
{
  GArray             *functions;
  MemscopeRangeIndex *ranges;
};

static gboolean
is_function (const GElf_Sym *symbol,
             GElf_Word       section,
             const char     *name)
{
  int type = GELF_ST_TYPE (symbol->st_info);

  if (!name || name[0] == '\0' || section == SHN_UNDEF || section == SHN_ABS)
    return FALSE;

  /* what assembly leaves untyped counts, but for labels the assembler made up */
  return type == STT_FUNC || type == STT_GNU_IFUNC ||
         (type == STT_NOTYPE && name[0] != '$' && name[0] != '.');
}

static guint8
rank_of (const GElf_Sym *symbol,
         const char     *name)
{
  guint8 rank = 0;

  if (symbol->st_size > 0)
    rank += 16;
  if (GELF_ST_TYPE (symbol->st_info) != STT_NOTYPE)
    rank += 8;
  if (GELF_ST_BIND (symbol->st_info) == STB_GLOBAL)
    rank += 4;
  else if (GELF_ST_BIND (symbol->st_info) == STB_WEAK)
    rank += 2;
  if (name[0] != '_')
    rank += 1;

  return rank;
}

/* By address; of one address the best name last. */
static int
compare_functions (gconstpointer a,
                   gconstpointer b)
{
  const Function *x = a;
  const Function *y = b;

  if (x->address != y->address)
    return x->address < y->address ? -1 : 1;

  if (x->rank != y->rank)
    return x->rank < y->rank ? -1 : 1;

  return -strcmp (x->name, y->name);
}

/* The end of the code section that a symbol without a size is in; 0: it is no code. */
static guint64
section_end (Elf       *elf,
             GElf_Word  section,
             GElf_Addr  bias)
{
  GElf_Shdr header;

  if (!gelf_getshdr (elf_getscn (elf, section), &header) || !(header.sh_flags & SHF_EXECINSTR))
    return 0;

  return header.sh_addr + header.sh_size + bias;
}

static void
collect_functions (MemscopeFunctionTable *self,
                   Dwfl_Module           *module)
{
  int n_symbols = dwfl_module_getsymtab (module);

  for (int i = 1; i < n_symbols; i++)
    {
      GElf_Sym symbol;
      GElf_Addr address, bias;
      GElf_Word section;
      Elf *elf;
      const char *name = dwfl_module_getsym_info (module, i, &symbol, &address, &section, &elf, &bias);
      Function function = { .name = name, .address = address };

      if (!name || !is_function (&symbol, section, name))
        continue;

      function.has_size = symbol.st_size > 0;
      function.end = function.has_size ? address + symbol.st_size : section_end (elf, section, bias);
      function.rank = rank_of (&symbol, name);

      if (function.end > address)
        g_array_append_val (self->functions, function);
    }

  g_array_sort (self->functions, compare_functions);
}

/* Functions without a size (assembly) end where the next one begins. */
static void
index_functions (MemscopeFunctionTable *self)
{
  guint64 next = G_MAXUINT64;

  for (guint i = self->functions->len; i-- > 0;)
    {
      const Function *function = &g_array_index (self->functions, Function, i);
      gboolean is_best = i + 1 == self->functions->len ||
                         g_array_index (self->functions, Function, i + 1).address != function->address;

      if (!is_best)
        continue;

      memscope_range_index_add (self->ranges, function->address,
                                function->has_size ? function->end : MIN (function->end, next), i);
      next = function->address;
    }

  memscope_range_index_sort (self->ranges);
}

MemscopeFunctionTable *
memscope_function_table_new (Dwfl_Module *module)
{
  MemscopeFunctionTable *self = g_new0 (MemscopeFunctionTable, 1);

  self->functions = g_array_new (FALSE, FALSE, sizeof (Function));
  self->ranges = memscope_range_index_new ();
  collect_functions (self, module);
  index_functions (self);

  return self;
}

void
memscope_function_table_free (MemscopeFunctionTable *self)
{
  g_array_unref (self->functions);
  memscope_range_index_free (self->ranges);
  g_free (self);
}

const char *
memscope_function_table_find (const MemscopeFunctionTable *self,
                              guint64                      address)
{
  guint i = memscope_range_index_find (self->ranges, address);

  return i != MEMSCOPE_NO_RANGE ? g_array_index (self->functions, Function, i).name : NULL;
}
