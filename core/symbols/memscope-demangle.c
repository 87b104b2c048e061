/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <libiberty/demangle.h>
#include <setjmp.h>
#include <string.h>

#include "memscope-demangle.h"

/* Longer names exist only to exhaust whoever demangles them; and since a name
 * may refer to its own parts, a short one can stand for gigabytes.
 */
#define MAX_LINKAGE_NAME  16384u
#define MAX_NAME          65536u

typedef struct
{
  GString *text;
  jmp_buf  too_long;
} Output;

/* Legacy Rust names look like C++ ones that end in 17h, 16 hexadecimal digits, E. */
static gboolean
is_legacy_rust (const char *name)
{
  const char *hash;

  if (!g_str_has_prefix (name, "_ZN"))
    return FALSE;

  /* a suffix such as ".llvm.123" may follow */
  hash = g_strrstr (name, "17h");

  if (!hash || strlen (hash) < 20 || hash[19] != 'E')
    return FALSE;

  for (guint i = 3; i < 19; i++)
    {
      if (!g_ascii_isxdigit (hash[i]))
        return FALSE;
    }

  return TRUE;
}

MemscopeLanguage
memscope_mangled_language (const char *linkage_name)
{
  if (g_str_has_prefix (linkage_name, "_R") || is_legacy_rust (linkage_name))
    return MEMSCOPE_LANGUAGE_RUST;

  if (g_str_has_prefix (linkage_name, "_Z"))
    return MEMSCOPE_LANGUAGE_CXX;

  return MEMSCOPE_LANGUAGE_UNKNOWN;
}

/* The demanglers hold nothing on the heap while they write: leaving them here
 * loses nothing.
 */
static void
write_part (const char *part,
            size_t      length,
            void       *user_data)
{
  Output *output = user_data;

  if (length > MAX_NAME - output->text->len)
    longjmp (output->too_long, 1);

  g_string_append_len (output->text, part, (gssize)length);
}

static gboolean
write_name (const char *linkage_name,
            Output     *output)
{
  const int options = DMGL_PARAMS | DMGL_ANSI | DMGL_TYPES;

  if (setjmp (output->too_long) != 0)
    return FALSE;

  switch (memscope_mangled_language (linkage_name))
    {
    case MEMSCOPE_LANGUAGE_RUST:
      return rust_demangle_callback (linkage_name, options, write_part, output) != 0;

    case MEMSCOPE_LANGUAGE_CXX:
      return cplus_demangle_v3_callback (linkage_name, options & ~DMGL_TYPES, write_part, output) != 0;

    case MEMSCOPE_LANGUAGE_UNKNOWN:
    case MEMSCOPE_LANGUAGE_C:
    case MEMSCOPE_LANGUAGE_OTHER:
    default:
      return FALSE;
    }
}

char *
memscope_demangle (const char *linkage_name)
{
  Output output;
  gboolean written;

  if (linkage_name[0] != '_' || strlen (linkage_name) > MAX_LINKAGE_NAME)
    return NULL;

  output.text = g_string_sized_new (128);
  written = write_name (linkage_name, &output) && output.text->len > 0;

  return g_string_free (output.text, !written);
}
