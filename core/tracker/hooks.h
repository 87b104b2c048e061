/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* What entry.c leaves to hooks.c. To be jumped to, not called: the caller's frame is
 * that of the program.
 */

#include <stddef.h>

void *hook_malloc  (size_t size);
void *hook_calloc  (size_t n, size_t size);
void *hook_realloc (void *memory, size_t size);
void  hook_free    (void *memory);
