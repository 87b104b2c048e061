/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Looking an address up. libdw's own searches walk all symbols, and a unit's
 * whole tree, for every address; and they find a unit only by .debug_aranges,
 * which clang and rustc leave out. So the ranges of all units are gathered when
 * the file is opened, those of a unit's functions when it is first asked about;
 * an address then needs binary searches and a walk inside one function.
 */

#include "config.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwelf.h>
#include <elfutils/libdwfl.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "memscope-demangle.h"
#include "memscope-error.h"
#include "memscope-function-table.h"
#include "memscope-module-symbols.h"
#include "memscope-range-index.h"

#define DEBUG_DIRECTORY   "/usr/lib/debug"

/* Beyond what compilers write: hostile DWARF, which can also go in circles. */
#define MAX_DIE_DEPTH     256u
#define MAX_INLINE_DEPTH  128u
#define MAX_DIES          (64u * 1024u * 1024u)
#define MAX_UNITS         (1024u * 1024u)

typedef struct
{
  Dwarf_Die           die;          /* has the line table */
  Dwarf_Die           tree;         /* has the functions: the same, or in a .dwo file */
  GArray             *functions;    /* Dwarf_Die; NULL until the unit is first asked about */
  MemscopeRangeIndex *ranges;       /* indices of functions */
  MemscopeLanguage    language;
  const char         *directory;
} Unit;

struct _MemscopeModuleSymbols
{
  Dwfl                  *dwfl;
  Dwfl_Module           *module;
  Dwarf                 *dwarf;
  Dwarf_Addr             dwarf_bias;
  GArray                *units;
  MemscopeRangeIndex    *unit_ranges;   /* indices of units */
  MemscopeFunctionTable *table;         /* NULL until first needed */
  GStringChunk          *strings;
  GHashTable            *demangled;     /* linkage name in strings -> demangled in strings */
  guint                  dies_left;
};

static void
unit_clear (gpointer data)
{
  Unit *unit = data;

  g_clear_pointer (&unit->functions, g_array_unref);
  g_clear_pointer (&unit->ranges, memscope_range_index_free);
}

/* ---- opening ------------------------------------------------------------------ */

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

static int
open_debug_file (const unsigned char  *build_id,
                 int                   length,
                 char                **file_name)
{
  g_autoptr(GString) path = g_string_new (DEBUG_DIRECTORY "/.build-id/");
  int fd;

  for (int i = 0; i < length; i++)
    g_string_append_printf (path, i == 0 ? "%02x/" : "%02x", build_id[i]);

  g_string_append (path, ".debug");
  fd = open (path->str, O_RDONLY | O_CLOEXEC);

  /* libdwfl frees it */
  if (fd >= 0)
    *file_name = strdup (path->str);

  return fd;
}

/* Where the debug information is when it isn't in the file itself. libdwfl would
 * ask the servers of DEBUGINFOD_URLS as its last resort; what was recorded is
 * nobody else's business, so where they are set only the build-id is looked up.
 */
static int
find_debug_file (Dwfl_Module  *module,
                 void        **user_data,
                 const char   *module_name,
                 Dwarf_Addr    base,
                 const char   *file_name,
                 const char   *link_file,
                 GElf_Word     link_checksum,
                 char        **debug_file_name)
{
  const char *servers = g_getenv ("DEBUGINFOD_URLS");
  const unsigned char *build_id;
  GElf_Addr address;
  int length;

  if (!servers || servers[0] == '\0')
    return dwfl_standard_find_debuginfo (module, user_data, module_name, base, file_name,
                                         link_file, link_checksum, debug_file_name);

  length = dwfl_module_build_id (module, &build_id, &address);

  return length > 0 ? open_debug_file (build_id, length, debug_file_name) : -1;
}

static void
collect_units (MemscopeModuleSymbols *self)
{
  Dwarf_CU *cu = NULL;
  Dwarf_Half version;
  uint8_t type;
  Dwarf_Die die, split;

  while (dwarf_get_units (self->dwarf, cu, &cu, &version, &type, &die, &split) == 0 && cu && self->units->len < MAX_UNITS)
    {
      Unit unit = { .die = die, .tree = type == DW_UT_skeleton && split.addr ? split : die };
      Dwarf_Addr base, low, high;
      ptrdiff_t offset = 0;

      if (type != DW_UT_compile && type != DW_UT_skeleton)
        continue;

      while ((offset = dwarf_ranges (&die, offset, &base, &low, &high)) > 0)
        memscope_range_index_add (self->unit_ranges, low, high, self->units->len);

      g_array_append_val (self->units, unit);
    }

  memscope_range_index_sort (self->unit_ranges);
}

static gboolean
report_file (MemscopeModuleSymbols  *self,
             const char             *path,
             GError                **error)
{
  static const Dwfl_Callbacks callbacks = {
    .find_elf = dwfl_build_id_find_elf,
    .find_debuginfo = find_debug_file,
    .section_address = dwfl_offline_section_address,
  };

  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _("%s is not there any more"), path);
      return FALSE;
    }

  if ((self->dwfl = dwfl_begin (&callbacks)))
    {
      dwfl_report_begin (self->dwfl);
      self->module = dwfl_report_elf (self->dwfl, "", path, -1, 0, true);
      dwfl_report_end (self->dwfl, NULL, NULL);
    }

  if (!self->module)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _("%s can’t be read as an ELF file: %s"),
                   path, dwfl_errmsg (-1));
      return FALSE;
    }

  return TRUE;
}

MemscopeModuleSymbols *
memscope_module_symbols_new (const char    *path,
                             const guint8  *build_id,
                             gsize          build_id_length,
                             GError       **error)
{
  g_autoptr(MemscopeModuleSymbols) self = g_new0 (MemscopeModuleSymbols, 1);

  self->dies_left = MAX_DIES;
  self->units = g_array_new (FALSE, FALSE, sizeof (Unit));
  g_array_set_clear_func (self->units, unit_clear);
  self->unit_ranges = memscope_range_index_new ();
  self->strings = g_string_chunk_new (4096);
  self->demangled = g_hash_table_new (g_str_hash, g_str_equal);

  if (!report_file (self, path, error))
    return NULL;

  if (!build_id_matches (self->module, build_id, build_id_length))
    {
      g_set_error (error, MEMSCOPE_ERROR, MEMSCOPE_ERROR_INVALID_ARGUMENT,
                   _("%s is another build than the one that was recorded"), path);
      return NULL;
    }

  if ((self->dwarf = dwfl_module_getdwarf (self->module, &self->dwarf_bias)))
    collect_units (self);

  return g_steal_pointer (&self);
}

void
memscope_module_symbols_free (MemscopeModuleSymbols *self)
{
  g_clear_pointer (&self->table, memscope_function_table_free);
  g_array_unref (self->units);
  memscope_range_index_free (self->unit_ranges);
  g_hash_table_unref (self->demangled);
  g_string_chunk_free (self->strings);

  if (self->dwfl)
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

  if (known)
    return known;

  text = memscope_demangle (linkage_name);
  known = g_string_chunk_insert (self->strings, text ? text : linkage_name);
  g_hash_table_insert (self->demangled, g_string_chunk_insert (self->strings, linkage_name), (gpointer)known);

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

/* Symbol tables may say "name@@VERSION". */
static void
set_symbol_name (MemscopeModuleSymbols *self,
                 MemscopeResolved      *resolved,
                 const char            *name)
{
  const char *version = strchr (name, '@');
  g_autofree char *plain = version && version > name ? g_strndup (name, (gsize)(version - name)) : g_strdup (name);

  set_name (self, resolved, plain);
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

  if (dwarf_attr_integrate (die, DW_AT_linkage_name, &attribute) ||
      dwarf_attr_integrate (die, DW_AT_MIPS_linkage_name, &attribute))
    return dwarf_formstring (&attribute);

  return NULL;
}

static const char *
die_name (Dwarf_Die *die)
{
  Dwarf_Attribute attribute;

  return dwarf_attr_integrate (die, DW_AT_name, &attribute) ? dwarf_formstring (&attribute) : NULL;
}

static const char *
full_path (MemscopeModuleSymbols *self,
           const Unit            *unit,
           const char            *path)
{
  g_autofree char *joined = NULL;

  if (!path)
    return NULL;

  if (path[0] != '/' && unit->directory)
    joined = g_build_filename (unit->directory, path, NULL);

  return g_string_chunk_insert_const (self->strings, joined ? joined : path);
}

/* ---- the functions of a unit -------------------------------------------------- */

static void
add_function (Unit      *unit,
              Dwarf_Die *die)
{
  Dwarf_Addr base, low, high;
  ptrdiff_t offset = 0;
  gboolean has_code = FALSE;

  while ((offset = dwarf_ranges (die, offset, &base, &low, &high)) > 0)
    {
      memscope_range_index_add (unit->ranges, low, high, unit->functions->len);
      has_code = TRUE;
    }

  if (has_code)
    g_array_append_val (unit->functions, *die);
}

static void
collect_functions (MemscopeModuleSymbols *self,
                   Unit                  *unit,
                   Dwarf_Die             *parent,
                   guint                  depth)
{
  Dwarf_Die die;

  if (depth > MAX_DIE_DEPTH || dwarf_child (parent, &die) != 0)
    return;

  do
    {
      if (self->dies_left == 0)
        return;

      self->dies_left--;

      switch (dwarf_tag (&die))
        {
        case DW_TAG_subprogram:
          add_function (unit, &die);
          /* nested functions (GNU C, Rust closures) lie inside */
          collect_functions (self, unit, &die, depth + 1);
          break;

        case DW_TAG_namespace:
        case DW_TAG_module:
        case DW_TAG_structure_type:
        case DW_TAG_class_type:
        case DW_TAG_union_type:
        case DW_TAG_enumeration_type:
        case DW_TAG_lexical_block:
          collect_functions (self, unit, &die, depth + 1);
          break;

        default:
          break;
        }
    }
  while (dwarf_siblingof (&die, &die) == 0);
}

static Unit *
find_unit (MemscopeModuleSymbols *self,
           guint64                address)
{
  guint index = memscope_range_index_find (self->unit_ranges, address);
  Dwarf_Attribute attribute;
  Unit *unit;

  if (index == MEMSCOPE_NO_RANGE)
    return NULL;

  unit = &g_array_index (self->units, Unit, index);

  if (unit->functions)
    return unit;

  unit->functions = g_array_new (FALSE, FALSE, sizeof (Dwarf_Die));
  unit->ranges = memscope_range_index_new ();
  unit->language = unit_language (&unit->tree);

  if (dwarf_attr (&unit->die, DW_AT_comp_dir, &attribute))
    unit->directory = dwarf_formstring (&attribute);

  collect_functions (self, unit, &unit->tree, 0);
  memscope_range_index_sort (unit->ranges);

  return unit;
}

/* ---- inside a function ----------------------------------------------------------- */

/* The inlined calls that hold @address, outermost first, after the function itself. */
static void
collect_inlined (MemscopeModuleSymbols *self,
                 Dwarf_Die             *parent,
                 guint64                address,
                 guint                  depth,
                 GArray                *chain)
{
  Dwarf_Die die;

  if (depth > MAX_INLINE_DEPTH || dwarf_child (parent, &die) != 0)
    return;

  do
    {
      int tag = dwarf_tag (&die);

      if (self->dies_left == 0)
        return;

      self->dies_left--;

      if ((tag == DW_TAG_inlined_subroutine || tag == DW_TAG_lexical_block) && dwarf_haspc (&die, address) > 0)
        {
          if (tag == DW_TAG_inlined_subroutine)
            g_array_append_val (chain, die);

          collect_inlined (self, &die, address, depth + 1, chain);
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

  if (!dwarf_attr (die, name, &attribute) || dwarf_formudata (&attribute, &value) != 0 || value > G_MAXUINT32)
    return 0;

  return (guint32)value;
}

/* Where the inlined function was called: a position in the function around it. */
static void
set_call_position (MemscopeModuleSymbols *self,
                   Unit                  *unit,
                   Dwarf_Die             *inlined,
                   MemscopeResolved      *resolved)
{
  guint32 index = die_number (inlined, DW_AT_call_file);
  Dwarf_Files *files;
  size_t n_files;

  resolved->line = die_number (inlined, DW_AT_call_line);
  resolved->column = die_number (inlined, DW_AT_call_column);

  if (dwarf_getsrcfiles (&unit->die, &files, &n_files) == 0 && index < n_files)
    resolved->file = full_path (self, unit, dwarf_filesrc (files, index, NULL, NULL));
}

static void
set_line (MemscopeModuleSymbols *self,
          Unit                  *unit,
          guint64                address,
          MemscopeResolved      *resolved)
{
  Dwarf_Line *line = dwarf_getsrc_die (&unit->die, address);
  int number = 0;
  int column = 0;

  if (!line)
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

  if (linkage_name)
    set_name (self, resolved, linkage_name);
  else if (name)
    resolved->function = g_string_chunk_insert_const (self->strings, name);
}

/* What the symbol tables call the function, without a position. */
static gboolean
set_table_name (MemscopeModuleSymbols *self,
                guint64                address,
                MemscopeResolved      *resolved)
{
  const char *name;

  if (!self->table)
    self->table = memscope_function_table_new (self->module);

  if (!(name = memscope_function_table_find (self->table, address)))
    return FALSE;

  set_symbol_name (self, resolved, name);

  if (resolved->language == MEMSCOPE_LANGUAGE_UNKNOWN)
    resolved->language = memscope_mangled_language (resolved->linkage_name ? resolved->linkage_name : name);

  return TRUE;
}

static void
resolve_in_function (MemscopeModuleSymbols *self,
                     Unit                  *unit,
                     Dwarf_Die             *function,
                     guint64                address,
                     GArray                *resolved)
{
  g_autoptr(GArray) chain = g_array_new (FALSE, FALSE, sizeof (Dwarf_Die));

  g_array_append_val (chain, *function);
  collect_inlined (self, function, address, 0, chain);

  for (guint i = chain->len; i-- > 0;)
    {
      MemscopeResolved symbol = { .language = unit->language };

      set_die_name (self, &g_array_index (chain, Dwarf_Die, i), &symbol);

      if (i + 1 == chain->len)
        set_line (self, unit, address, &symbol);
      else
        set_call_position (self, unit, &g_array_index (chain, Dwarf_Die, i + 1), &symbol);

      if (!symbol.function)
        set_table_name (self, address + self->dwarf_bias, &symbol);

      if (symbol.function)
        g_array_append_val (resolved, symbol);
    }
}

/* Assembly has lines, but functions only in the symbol table. */
static void
resolve_in_unit (MemscopeModuleSymbols *self,
                 Unit                  *unit,
                 guint64                address,
                 GArray                *resolved)
{
  MemscopeResolved symbol = { .language = unit->language };

  if (!set_table_name (self, address + self->dwarf_bias, &symbol))
    return;

  set_line (self, unit, address, &symbol);
  g_array_append_val (resolved, symbol);
}

gboolean
memscope_module_symbols_resolve (MemscopeModuleSymbols *self,
                                 guint64                address,
                                 GArray                *resolved)
{
  guint64 dwarf_address = address - self->dwarf_bias;
  guint before = resolved->len;
  Unit *unit = self->dwarf ? find_unit (self, dwarf_address) : NULL;

  if (unit)
    {
      guint index = memscope_range_index_find (unit->ranges, dwarf_address);

      if (index != MEMSCOPE_NO_RANGE)
        resolve_in_function (self, unit, &g_array_index (unit->functions, Dwarf_Die, index), dwarf_address, resolved);
      else
        resolve_in_unit (self, unit, dwarf_address, resolved);
    }

  if (resolved->len == before)
    {
      MemscopeResolved symbol = { NULL };

      if (set_table_name (self, address, &symbol))
        g_array_append_val (resolved, symbol);
    }

  return resolved->len > before;
}
