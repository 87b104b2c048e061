/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* The collector's own memory: anonymous mappings, never malloc. The same code
 * runs inside a program whose malloc is being recorded.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "memscope-format.h"

/* A zeroed mapping of at least @bytes, or NULL. */
void *pages_map    (size_t bytes);
void  pages_unmap  (void *memory, size_t bytes);

/* Grows @memory (NULL with 0 bytes at first); the new part is zero. It may move.
 * NULL: out of memory, and the old mapping is as it was.
 */
void *pages_resize (void *memory, size_t old_bytes, size_t new_bytes);

/* An array that grows by doubling. Elements are plain data. */
typedef struct
{
  void  *data;
  size_t length;
  size_t capacity;
  size_t element_size;
} Vector;

void  vector_init    (Vector *vector, size_t element_size);
void  vector_clear   (Vector *vector);                 /* gives the memory back */
bool  vector_reserve (Vector *vector, size_t capacity);

/* Room for one more element at the end, zeroed; NULL: out of memory. */
void *vector_add     (Vector *vector);

/* A MemscopeBuffer in such memory. */
void  pages_buffer_init  (MemscopeBuffer *buffer);
void  pages_buffer_clear (MemscopeBuffer *buffer);
