/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * MemscopeWrapper:
 * @MEMSCOPE_WRAPPER_NONE: the program's own code
 * @MEMSCOPE_WRAPPER_WRAPPER: passes on what others ask for: xmalloc, g_strdup,
 *   the C and C++ libraries, Rust's alloc and std
 * @MEMSCOPE_WRAPPER_ALLOCATOR: malloc and its family, operator new, __rust_alloc,
 *   and the recorder itself
 *
 * Whether a function is where a block comes from. Ordered: the higher, the less.
 */
typedef enum
{
  MEMSCOPE_WRAPPER_NONE,
  MEMSCOPE_WRAPPER_WRAPPER,
  MEMSCOPE_WRAPPER_ALLOCATOR,
} MemscopeWrapper;

/* @function: demangled, as symbols give it (with parameters and template
 * arguments or without); need not be UTF-8.
 */
MemscopeWrapper memscope_wrapper_judge_function (const char *function,
                                                 gsize       length);
/* @path: of the file a frame lies in. */
MemscopeWrapper memscope_wrapper_judge_module   (const char *path,
                                                 gsize       length);

G_END_DECLS
