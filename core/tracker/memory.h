/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* The recorder's own memory, straight from the kernel: it never uses the
 * allocator it watches.
 */

#include <stddef.h>

/* Zeroed pages, touched only when used. NULL when there are none to be had. */
void *own_memory_map   (size_t size);
void  own_memory_unmap (void *memory, size_t size);
