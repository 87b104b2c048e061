/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memscope-demangle.h"

#include <libiberty/demangle.h>
#include <stdlib.h>
#include <string.h>

/* Longer names exist only to exhaust whoever demangles them. */
#define MAX_LINKAGE_NAME 16384

/* Legacy Rust names look like C++ ones that end in 17h, 16 hexadecimal digits, E. */
static gboolean
is_legacy_rust (const char *name,
                gsize       length)
{
  const char *hash;

  if (length < 3 + 20 + 1 || !g_str_has_prefix (name, "_ZN"))
    return FALSE;

  /* a suffix such as ".llvm.123" may follow */
  hash = g_strrstr (name, "17h");
  if (hash == NULL || strlen (hash) < 20 || hash[19] != 'E')
    return FALSE;
  for (int i = 3; i < 19; i++)
    if (!g_ascii_isxdigit (hash[i]))
      return FALSE;

  return TRUE;
}

MemscopeLanguage
memscope_mangled_language (const char *linkage_name)
{
  if (g_str_has_prefix (linkage_name, "_R") || is_legacy_rust (linkage_name, strlen (linkage_name)))
    return MEMSCOPE_LANGUAGE_RUST;
  if (g_str_has_prefix (linkage_name, "_Z"))
    return MEMSCOPE_LANGUAGE_CXX;

  return MEMSCOPE_LANGUAGE_UNKNOWN;
}

char *
memscope_demangle (const char *linkage_name)
{
  char *demangled, *copy;

  if (linkage_name[0] != '_' || strlen (linkage_name) > MAX_LINKAGE_NAME)
    return NULL;

  demangled = cplus_demangle (linkage_name, DMGL_PARAMS | DMGL_ANSI | DMGL_AUTO);
  if (demangled == NULL)
    return NULL;

  copy = g_strdup (demangled);
  free (demangled);

  return copy;
}
