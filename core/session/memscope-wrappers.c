/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The one table of functions that nobody wants to read as "where this block comes
 * from". A frame is passed over only from the inside out: the first function
 * that is in none of these lists is the call site, whatever lies beyond it.
 */

#include "memscope-wrappers.h"

#include <string.h>

/* Whole names. */
static const char *const allocators[] = {
  "__libc_calloc", "__libc_free", "__libc_malloc", "__libc_memalign", "__libc_realloc",
  "_int_malloc", "_int_realloc", "aligned_alloc", "calloc", "cfree", "free", "malloc", "memalign",
  "mmap", "mmap64", "mremap", "posix_memalign", "pvalloc", "realloc", "reallocarray", "valloc",
  "__rust_alloc", "__rust_alloc_zeroed", "__rust_realloc", "__rdl_alloc", "__rdl_alloc_zeroed", "__rdl_realloc",
  "__rg_alloc", "__rg_alloc_zeroed", "__rg_realloc",
};

static const char *const wrappers[] = {
  "__asprintf", "__asprintf_chk", "__getdelim", "__getline", "__strdup", "__strndup", "__vasprintf_chk", "__vasprintf_internal",
  "_IO_vasprintf", "asprintf", "getdelim", "getline", "open_memstream", "strdup", "strndup", "vasprintf", "wcsdup",
  "g_array_maybe_expand", "g_array_sized_new", "g_memdup", "g_memdup2", "g_ptr_array_maybe_expand", "g_ptr_array_sized_new",
  "g_slice_alloc", "g_slice_alloc0", "g_slice_copy", "g_string_maybe_expand", "g_string_expand", "g_string_sized_new",
  "g_strconcat", "g_strdup", "g_strdup_printf", "g_strdup_vprintf", "g_strjoin", "g_strjoinv", "g_strndup", "g_strdupv",
  "g_vasprintf", "xasprintf", "xstrdup", "xstrndup", "xvasprintf", "savestring",
  "ggc_internal_alloc", "ggc_internal_cleared_alloc",
  "mallocWithAlarm", "dbMallocRawFinish", "sqlite3DbMallocRaw", "sqlite3DbMallocRawNN", "sqlite3DbMallocZero",
  "sqlite3DbReallocOrFree", "sqlite3MallocZero",
  "_PyObject_GC_Alloc", "_PyObject_GC_New", "PyType_GenericAlloc",
};

/* Beginnings of qualified names: the inside of languages' own libraries. */
static const struct
{
  const char     *prefix;
  MemscopeWrapper wrapper;
} prefixes[] = {
  { "operator new",     MEMSCOPE_WRAPPER_ALLOCATOR },
  { "memscope_track_",  MEMSCOPE_WRAPPER_ALLOCATOR },
  { "memscope_tracker_", MEMSCOPE_WRAPPER_ALLOCATOR },
  { "memscope_sampler_", MEMSCOPE_WRAPPER_ALLOCATOR },
  { "memscope_pool_",   MEMSCOPE_WRAPPER_ALLOCATOR },
  { "memscope_ffi_",    MEMSCOPE_WRAPPER_ALLOCATOR },
  { "memscope_scope_",  MEMSCOPE_WRAPPER_ALLOCATOR },
  { "std::",            MEMSCOPE_WRAPPER_WRAPPER },
  { "__gnu_cxx::",      MEMSCOPE_WRAPPER_WRAPPER },
  { "memscope::Borrow", MEMSCOPE_WRAPPER_WRAPPER },
  { "memscope::Scope",  MEMSCOPE_WRAPPER_WRAPPER },
  { "memscope::Tracked", MEMSCOPE_WRAPPER_WRAPPER },
  { "__gnu_debug::",    MEMSCOPE_WRAPPER_WRAPPER },
  { "__cxxabiv1::",     MEMSCOPE_WRAPPER_WRAPPER },
  { "alloc::",          MEMSCOPE_WRAPPER_WRAPPER },
  { "core::",           MEMSCOPE_WRAPPER_WRAPPER },
  { "hashbrown::",      MEMSCOPE_WRAPPER_WRAPPER },
  { "__cxa_allocate_",  MEMSCOPE_WRAPPER_WRAPPER },
};

/* Functions named after the one they wrap: sqlite3Malloc, xmlMallocLoc's like,
 * je_malloc, ggc_realloc, zmalloc … Compared without regard to case.
 */
static const char *const suffixes[] = {
  "malloc", "malloc0", "mallocz", "zalloc", "calloc", "realloc", "reallocarray", "malloc_n", "malloc0_n", "realloc_n",
  "memalign", "strdup", "strndup", "memdup", "memdup2",
};

/* Beginnings of base names of files. */
static const struct
{
  const char     *prefix;
  MemscopeWrapper wrapper;
} modules[] = {
  { "libmemscope-tracker.so", MEMSCOPE_WRAPPER_ALLOCATOR },
  { "libjemalloc.so",         MEMSCOPE_WRAPPER_ALLOCATOR },
  { "libmimalloc.so",         MEMSCOPE_WRAPPER_ALLOCATOR },
  { "libtcmalloc",            MEMSCOPE_WRAPPER_ALLOCATOR },
  { "libc.so",                MEMSCOPE_WRAPPER_WRAPPER },
  { "libc-2.",                MEMSCOPE_WRAPPER_WRAPPER },
  { "libpthread",             MEMSCOPE_WRAPPER_WRAPPER },
  { "libm.so",                MEMSCOPE_WRAPPER_WRAPPER },
  { "libstdc++.so",           MEMSCOPE_WRAPPER_WRAPPER },
  { "libc++.so",              MEMSCOPE_WRAPPER_WRAPPER },
  { "libc++abi.so",           MEMSCOPE_WRAPPER_WRAPPER },
  { "libgcc_s.so",            MEMSCOPE_WRAPPER_WRAPPER },
  { "ld-linux",               MEMSCOPE_WRAPPER_WRAPPER },
  { "ld-2.",                  MEMSCOPE_WRAPPER_WRAPPER },
};

typedef struct
{
  const char *bytes;
  gsize       length;
} Text;

/* How much of @prefix @text begins with; all of it: its length. */
static gsize
match (Text        text,
       const char *prefix)
{
  gsize i = 0;

  while (i < text.length && prefix[i] != '\0' && prefix[i] == text.bytes[i])
    i++;

  return i;
}

static gboolean
begins_with (Text        text,
             const char *prefix)
{
  return prefix[match (text, prefix)] == '\0';
}

static gboolean
is_equal (Text        text,
          const char *name)
{
  gsize matched = match (text, name);

  return matched == text.length && name[matched] == '\0';
}

static gboolean
ends_with (Text        text,
           const char *suffix)
{
  gsize length = strlen (suffix);

  return text.length >= length && g_ascii_tolower (text.bytes[text.length - 1]) == suffix[length - 1] &&
         g_ascii_strncasecmp (text.bytes + text.length - length, suffix, length) == 0;
}

static gboolean
is_listed (Text               text,
           const char *const *names,
           gsize              n_names)
{
  for (gsize i = 0; i < n_names; i++)
    {
      if (is_equal (text, names[i]))
        return TRUE;
    }

  return FALSE;
}

/* "void* operator new(unsigned long)" → what stands before the parameters; a
 * version ("malloc@@GLIBC_2.2.5") and a compiler's clone ("f.part.0") go too.
 */
static Text
strip_parameters (Text text)
{
  gint depth = 0;

  for (gsize i = 0; i < text.length; i++)
    {
      char c = text.bytes[i];

      if (c == '<')
        depth++;
      else if (c == '>')
        depth--;
      else if (depth <= 0 && i > 0 && (c == '(' || c == '@' || c == '.' || c == '['))
        return (Text) { text.bytes, i };
    }

  return text;
}

/* The return type that demanglers put before a template's name: what stands before
 * the last space outside of brackets, unless that is part of the name.
 */
static Text
strip_return_type (Text text)
{
  gint depth = 0;
  gsize start = 0;

  for (gsize i = 0; i < text.length; i++)
    {
      char c = text.bytes[i];
      Text rest = { text.bytes + i, text.length - i };

      if (depth == 0 && begins_with (rest, "operator"))
        break;

      if (c == '<' || c == '(')
        depth++;
      else if (c == '>' || c == ')')
        depth--;
      else if (c == ' ' && depth == 0)
        start = i + 1;
    }

  return (Text) { text.bytes + start, text.length - start };
}

static MemscopeWrapper
judge_prefix (Text text)
{
  for (guint i = 0; i < G_N_ELEMENTS (prefixes); i++)
    {
      if (begins_with (text, prefixes[i].prefix))
        return prefixes[i].wrapper;
    }

  return MEMSCOPE_WRAPPER_NONE;
}

/* Rust's "<Type as Trait>::method": the library's when the type is, or when a trait
 * of the library is implemented for what cannot be the program's own type.
 */
static MemscopeWrapper
judge_implementation (Text text)
{
  const char *as;

  while (text.length > 0 && (*text.bytes == '<' || *text.bytes == '&'))
    {
      text.bytes++;
      text.length--;
    }

  as = memmem (text.bytes, text.length, " as ", 4);
  if (as != NULL && (as - text.bytes == 1 || begins_with (text, "[") || begins_with (text, "str ")))
    {
      text.length -= (gsize)(as + 4 - text.bytes);
      text.bytes = as + 4;
    }

  return judge_prefix (text);
}

static gboolean
has_wrapper_suffix (Text text)
{
  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      if (ends_with (text, suffixes[i]))
        return TRUE;
    }

  return FALSE;
}

MemscopeWrapper
memscope_wrapper_judge_function (const char *function,
                                 gsize       length)
{
  Text text = { function, length };
  MemscopeWrapper wrapper;

  if (length == 0)
    return MEMSCOPE_WRAPPER_NONE;

  if (*function == '<')
    return judge_implementation (text);

  text = strip_return_type (strip_parameters (text));
  wrapper = judge_prefix (text);
  if (wrapper != MEMSCOPE_WRAPPER_NONE)
    return wrapper;

  if (is_listed (text, allocators, G_N_ELEMENTS (allocators)))
    return MEMSCOPE_WRAPPER_ALLOCATOR;

  if (is_listed (text, wrappers, G_N_ELEMENTS (wrappers)) || has_wrapper_suffix (text))
    return MEMSCOPE_WRAPPER_WRAPPER;

  return MEMSCOPE_WRAPPER_NONE;
}

MemscopeWrapper
memscope_wrapper_judge_module (const char *path,
                               gsize       length)
{
  Text text = { path, length };
  const char *slash = length > 0 ? memrchr (path, '/', length) : NULL;

  if (slash != NULL)
    {
      text.bytes = slash + 1;
      text.length = length - (gsize)(text.bytes - path);
    }

  for (guint i = 0; i < G_N_ELEMENTS (modules); i++)
    {
      if (begins_with (text, modules[i].prefix))
        return modules[i].wrapper;
    }

  return MEMSCOPE_WRAPPER_NONE;
}
