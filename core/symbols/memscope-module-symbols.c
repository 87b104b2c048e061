/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Looking an address up. libdw's own scope search walks a unit's whole tree for
 * every address; we ask thousands. So each unit that is asked about is walked
 * once, for the ranges of its functions; an address then needs a binary search
 * and a walk inside one function.
 */

#include "config.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "memscope-demangle.h"
#include "memscope-error.h"
#include "memscope-module-symbols.h"

/* Nesting deeper than any compiler writes: hostile DWARF. */
#define MAX_DIE_DEPTH     256
#define MAX_INLINE_DEPTH  128

typedef struct
{
  guint64   low;
  guint64   high;
  guint64   high_before;   /* the largest `high` of this and earlier entries */
  Dwarf_Off die;
} FunctionRange;

typedef struct
{
  GArray           *ranges;       /* FunctionRange by low */
  MemscopeLanguage  language;
  const char       *directory;
} Unit;

struct _MemscopeModuleSymbols
{
  Dwfl         *dwfl;
  Dwfl_Module  *module;
  Dwarf        *dwarf;
  Dwarf_Addr    dwarf_bias;
  GHashTable   *units;       /* Dwarf_Off* -> Unit */
  GStringChunk *strings;
  GHashTable   *demangled;   /* linkage name in strings -> demangled in strings */
};

static void
unit_free (gpointer data)
{
  Unit *unit = data;

  g_array_unref (unit->ranges);
  g_free (unit);
}

static gboolean
build_id_matches (Dwfl_Module  *module,
                  const guint8 *build_id,
                  gsize         length)
{
  const unsigned char *bits;
  GElf_Addr address;
  int n_bits;

  if (length == 0)
    return TRUE;
  n_bits = dwfl_module_build_id (module, &bits, &address);

  return n_bits > 0 && (gsize)n_bits == length && memcmp (bits, build_id, length) == 0;
}

MemscopeModuleSymbols *
memscope_module_symbols_new (const char    *path,
                             const guint8  *build_id,
                             gsize          build_id_length,
                             GError       **error)
{
  static const Dwfl_Callbacks callbacks = {
    .find_elf = dwfl_build_id_find_elf,
    .find_debuginfo = dwfl_standard_find_debuginfo,
    .section_address = dwfl_offline_section_address,
  };
  g_autoptr(MemscopeModuleSymbols) self = g_new0 (MemscopeModuleSymbols, 1);

  self->strings = g_string_chunk_new (4096);
  self->demangled = g_hash_table_new (g_str_hash, g_str_equal);
  self->units = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, unit_free);

  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _("%s is not there any more"), path);
      return NULL;
    }

  self->dwfl = dwfl_begin (&callbacks);
  if (self->dwfl != NULL)
    {
      dwfl_report_begin (self->dwfl);
      self->module = dwfl_report_elf (self->dwfl, "", path, -1, 0, true);
      dwfl_report_end (self->dwfl, NULL, NULL);
    }
  if (self->module == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _("%s can’t be read as an ELF file: %s"),
                   path, dwfl_errmsg (-1));
      return NULL;
    }
  if (!build_id_matches (self->module, build_id, build_id_length))
    {
      g_set_error (error, MEMSCOPE_ERROR, MEMSCOPE_ERROR_INVALID_ARGUMENT,
                   _("%s is another build than the one that was recorded"), path);
      return NULL;
    }

  self->dwarf = dwfl_module_getdwarf (self->module, &self->dwarf_bias);

  return g_steal_pointer (&self);
}

void
memscope_module_symbols_free (MemscopeModuleSymbols *self)
{
  g_hash_table_unref (self->units);
  g_hash_table_unref (self->demangled);
  g_string_chunk_free (self->strings);
  if (self->dwfl != NULL)
    dwfl_end (self->dwfl);
  g_free (self);
}

gboolean
memscope_module_symbols_has_debug_info (MemscopeModuleSymbols *self)
{
  return self->dwarf != NULL;
}

/* ---- names ------------------------------------------------------------------ */

static const char *
demangle (MemscopeModuleSymbols *self,
          const char            *linkage_name)
{
  const char *known = g_hash_table_lookup (self->demangled, linkage_name);
  g_autofree char *text = NULL;

  if (known != NULL)
    return known;

  text = memscope_demangle (linkage_name);
  known = g_string_chunk_insert (self->strings, text != NULL ? text : linkage_name);
  g_hash_table_insert (self->demangled, g_string_chunk_insert (self->strings, linkage_name), (char *)known);

  return known;
}

static void
set_name (MemscopeModuleSymbols *self,
          MemscopeResolved      *resolved,
          const char            *linkage_name)
{
  resolved->function = demangle (self, linkage_name);
  if (!g_str_equal (resolved->function, linkage_name))
    resolved->linkage_name = g_string_chunk_insert_const (self->strings, linkage_name);
}

static MemscopeLanguage
unit_language (Dwarf_Die *unit)
{
  switch (dwarf_srclang (unit))
    {
    case DW_LANG_C89:
    case DW_LANG_C:
    case DW_LANG_C99:
    case DW_LANG_C11:
    case 0x2c: /* DW_LANG_C17 */
      return MEMSCOPE_LANGUAGE_C;

    case DW_LANG_C_plus_plus:
    case DW_LANG_C_plus_plus_03:
    case DW_LANG_C_plus_plus_11:
    case DW_LANG_C_plus_plus_14:
    case 0x2b: /* DW_LANG_C_plus_plus_17 */
    case 0x2d: /* DW_LANG_C_plus_plus_20 */
      return MEMSCOPE_LANGUAGE_CXX;

    case DW_LANG_Rust:
      return MEMSCOPE_LANGUAGE_RUST;

    case -1:
      return MEMSCOPE_LANGUAGE_UNKNOWN;

    default:
      return MEMSCOPE_LANGUAGE_OTHER;
    }
}

static const char *
die_linkage_name (Dwarf_Die *die)
{
  Dwarf_Attribute attribute;

  if (dwarf_attr_integrate (die, DW_AT_linkage_name, &attribute) != NULL ||
      dwarf_attr_integrate (die, DW_AT_MIPS_linkage_name, &attribute) != NULL)
    return dwarf_formstring (&attribute);

  return NULL;
}

static const char *
die_name (Dwarf_Die *die)
{
  Dwarf_Attribute attribute;

  return dwarf_attr_integrate (die, DW_AT_name, &attribute) != NULL ? dwarf_formstring (&attribute) : NULL;
}

static const char *
full_path (MemscopeModuleSymbols *self,
           const Unit            *unit,
           const char            *path)
{
  g_autofree char *joined = NULL;

  if (path == NULL)
    return NULL;
  if (path[0] != '/' && unit->directory != NULL)
    joined = g_build_filename (unit->directory, path, NULL);

  return g_string_chunk_insert_const (self->strings, joined != NULL ? joined : path);
}

/* ---- the functions of a unit -------------------------------------------------- */

static void
add_ranges (GArray    *ranges,
            Dwarf_Die *die)
{
  Dwarf_Addr base, low, high;
  ptrdiff_t offset = 0;

  while ((offset = dwarf_ranges (die, offset, &base, &low, &high)) > 0)
    {
      FunctionRange range = { low, high, 0, dwarf_dieoffset (die) };

      if (low < high)
        g_array_append_val (ranges, range);
    }
}

static void
collect_functions (GArray    *ranges,
                   Dwarf_Die *parent,
                   guint      depth)
{
  Dwarf_Die die;

  if (depth > MAX_DIE_DEPTH || dwarf_child (parent, &die) != 0)
    return;

  do
    {
      switch (dwarf_tag (&die))
        {
        case DW_TAG_subprogram:
          add_ranges (ranges, &die);
          /* nested functions (GNU C, Rust closures) lie inside */
          collect_functions (ranges, &die, depth + 1);
          break;

        case DW_TAG_namespace:
        case DW_TAG_module:
        case DW_TAG_structure_type:
        case DW_TAG_class_type:
        case DW_TAG_union_type:
        case DW_TAG_enumeration_type:
        case DW_TAG_lexical_block:
          if (dwarf_haschildren (&die) > 0)
            collect_functions (ranges, &die, depth + 1);
          break;

        default:
          break;
        }
    }
  while (dwarf_siblingof (&die, &die) == 0);
}

static int
compare_ranges (gconstpointer a,
                gconstpointer b)
{
  const FunctionRange *x = a, *y = b;

  if (x->low != y->low)
    return x->low < y->low ? -1 : 1;

  /* of two that begin together the inner one comes last */
  return x->high > y->high ? -1 : x->high < y->high;
}

static Unit *
get_unit (MemscopeModuleSymbols *self,
          Dwarf_Die             *die)
{
  gint64 key = (gint64)dwarf_dieoffset (die);
  Unit *unit = g_hash_table_lookup (self->units, &key);
  Dwarf_Attribute attribute;
  guint64 highest = 0;

  if (unit != NULL)
    return unit;

  unit = g_new0 (Unit, 1);
  unit->ranges = g_array_new (FALSE, FALSE, sizeof (FunctionRange));
  unit->language = unit_language (die);
  if (dwarf_attr (die, DW_AT_comp_dir, &attribute) != NULL)
    unit->directory = dwarf_formstring (&attribute);

  collect_functions (unit->ranges, die, 0);
  g_array_sort (unit->ranges, compare_ranges);
  for (guint i = 0; i < unit->ranges->len; i++)
    {
      FunctionRange *range = &g_array_index (unit->ranges, FunctionRange, i);

      highest = MAX (highest, range->high);
      range->high_before = highest;
    }
  g_hash_table_insert (self->units, g_memdup2 (&key, sizeof key), unit);

  return unit;
}

/* The innermost function whose range holds @address. */
static gboolean
find_function (MemscopeModuleSymbols *self,
               const Unit            *unit,
               guint64                address,
               Dwarf_Die             *function)
{
  const FunctionRange *ranges = (const FunctionRange *)(gpointer)unit->ranges->data;
  guint low = 0, high = unit->ranges->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (ranges[middle].low <= address)
        low = middle + 1;
      else
        high = middle;
    }

  while (low > 0 && ranges[low - 1].high_before > address)
    {
      low--;
      if (ranges[low].high > address)
        return dwarf_offdie (self->dwarf, ranges[low].die, function) != NULL;
    }

  return FALSE;
}

/* ---- inside a function ----------------------------------------------------------- */

/* The inlined calls that hold @address, outermost first, after the function itself. */
static void
collect_inlined (Dwarf_Die *parent,
                 guint64    address,
                 GArray    *chain)
{
  Dwarf_Die die;

  if (chain->len > MAX_INLINE_DEPTH || dwarf_child (parent, &die) != 0)
    return;

  do
    {
      int tag = dwarf_tag (&die);

      if ((tag == DW_TAG_inlined_subroutine || tag == DW_TAG_lexical_block) &&
          dwarf_haspc (&die, address) > 0)
        {
          if (tag == DW_TAG_inlined_subroutine)
            g_array_append_val (chain, die);
          collect_inlined (&die, address, chain);
          return;
        }
    }
  while (dwarf_siblingof (&die, &die) == 0);
}

static guint32
die_number (Dwarf_Die    *die,
            unsigned int  name)
{
  Dwarf_Attribute attribute;
  Dwarf_Word value;

  if (dwarf_attr (die, name, &attribute) == NULL || dwarf_formudata (&attribute, &value) != 0 || value > G_MAXUINT32)
    return 0;

  return (guint32)value;
}

/* Where the inlined function was called: a position in the function around it. */
static void
set_call_position (MemscopeModuleSymbols *self,
                   const Unit            *unit,
                   Dwarf_Die             *unit_die,
                   Dwarf_Die             *inlined,
                   MemscopeResolved      *resolved)
{
  Dwarf_Files *files;
  size_t n_files;
  guint32 index = die_number (inlined, DW_AT_call_file);

  resolved->line = die_number (inlined, DW_AT_call_line);
  resolved->column = die_number (inlined, DW_AT_call_column);
  if (dwarf_getsrcfiles (unit_die, &files, &n_files) == 0 && index < n_files)
    resolved->file = full_path (self, unit, dwarf_filesrc (files, index, NULL, NULL));
}

static void
set_line (MemscopeModuleSymbols *self,
          const Unit            *unit,
          Dwarf_Die             *unit_die,
          guint64                address,
          MemscopeResolved      *resolved)
{
  Dwarf_Line *line = dwarf_getsrc_die (unit_die, address);
  int number = 0, column = 0;

  if (line == NULL)
    return;
  resolved->file = full_path (self, unit, dwarf_linesrc (line, NULL, NULL));
  if (dwarf_lineno (line, &number) == 0 && number > 0)
    resolved->line = (guint32)number;
  if (dwarf_linecol (line, &column) == 0 && column > 0)
    resolved->column = (guint32)column;
}

static void
set_die_name (MemscopeModuleSymbols *self,
              Dwarf_Die             *die,
              MemscopeResolved      *resolved)
{
  const char *linkage_name = die_linkage_name (die);
  const char *name = die_name (die);

  if (linkage_name != NULL)
    set_name (self, resolved, linkage_name);
  else if (name != NULL)
    resolved->function = g_string_chunk_insert_const (self->strings, name);
}

static gboolean
resolve_by_dwarf (MemscopeModuleSymbols *self,
                  guint64                address,
                  GArray                *resolved)
{
  g_autoptr(GArray) chain = NULL;
  Dwarf_Die unit_die, function;
  Dwarf_Die *found;
  Dwarf_Addr bias;
  Unit *unit;
  guint first = resolved->len;

  if (self->dwarf == NULL || (found = dwfl_module_addrdie (self->module, address, &bias)) == NULL)
    return FALSE;
  unit_die = *found;
  address -= bias;
  unit = get_unit (self, &unit_die);
  if (!find_function (self, unit, address, &function))
    return FALSE;

  chain = g_array_new (FALSE, FALSE, sizeof (Dwarf_Die));
  g_array_append_val (chain, function);
  collect_inlined (&function, address, chain);

  for (guint i = chain->len; i-- > 0;)
    {
      Dwarf_Die *die = &g_array_index (chain, Dwarf_Die, i);
      MemscopeResolved symbol = { .language = unit->language };

      set_die_name (self, die, &symbol);
      if (i == chain->len - 1)
        set_line (self, unit, &unit_die, address, &symbol);
      else
        set_call_position (self, unit, &unit_die, &g_array_index (chain, Dwarf_Die, i + 1), &symbol);
      if (symbol.function != NULL)
        g_array_append_val (resolved, symbol);
    }

  return resolved->len > first;
}

static gboolean
resolve_by_symbol_table (MemscopeModuleSymbols *self,
                         guint64                address,
                         GArray                *resolved)
{
  MemscopeResolved symbol = { NULL };
  GElf_Off offset;
  GElf_Sym sym;
  const char *name = dwfl_module_addrinfo (self->module, address, &offset, &sym, NULL, NULL, NULL);

  if (name == NULL || name[0] == '\0')
    return FALSE;
  set_name (self, &symbol, name);
  symbol.language = memscope_mangled_language (name);
  g_array_append_val (resolved, symbol);

  return TRUE;
}

gboolean
memscope_module_symbols_resolve (MemscopeModuleSymbols *self,
                                 guint64                address,
                                 GArray                *resolved)
{
  return resolve_by_dwarf (self, address, resolved) ||
         resolve_by_symbol_table (self, address, resolved);
}
