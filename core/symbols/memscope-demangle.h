/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

#include "memscope-format.h"

G_BEGIN_DECLS

/* C++ (Itanium ABI), Rust (v0 and legacy). NULL: the name is not mangled,
 * or not a name this knows. Thread-safe.
 */
char            *memscope_demangle         (const char *linkage_name);

/* What the mangling says about the language; UNKNOWN for names without one. */
MemscopeLanguage memscope_mangled_language (const char *linkage_name);

G_END_DECLS
