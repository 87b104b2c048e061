/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "pages.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE 4096u

/* The kernel's mremap moves page tables, not bytes: growing a large table
 * costs no copy.
 */

static size_t
round_to_pages (size_t bytes)
{
  return (bytes + PAGE - 1) & ~(size_t)(PAGE - 1);
}

/* Not mmap() and the like: inside a program that is recorded those are the recorder's. */
static void *
map_call (long number,
          long a,
          long b,
          long c,
          long d)
{
  int error = errno;
  long result = syscall (number, a, b, c, d, -1L, 0L);

  errno = error;

  return (void *)result;
}

void *
pages_map (size_t bytes)
{
  void *memory;

  if (bytes == 0 || bytes > SIZE_MAX / 2)
    return NULL;

  memory = map_call (SYS_mmap, 0, (long)round_to_pages (bytes), PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE);

  return memory == MAP_FAILED ? NULL : memory;
}

void
pages_unmap (void   *memory,
              size_t  bytes)
{
  if (memory != NULL)
    map_call (SYS_munmap, (long)memory, (long)round_to_pages (bytes), 0, 0);
}

void *
pages_resize (void   *memory,
               size_t  old_bytes,
               size_t  new_bytes)
{
  void *moved;

  if (memory == NULL)
    return pages_map (new_bytes);

  if (new_bytes > SIZE_MAX / 2)
    return NULL;

  if (round_to_pages (old_bytes) == round_to_pages (new_bytes))
    return memory;

  moved = map_call (SYS_mremap, (long)memory, (long)round_to_pages (old_bytes), (long)round_to_pages (new_bytes), MREMAP_MAYMOVE);

  return moved == MAP_FAILED ? NULL : moved;
}

void
vector_init (Vector *vector,
             size_t  element_size)
{
  *vector = (Vector) { .element_size = element_size };
}

void
vector_clear (Vector *vector)
{
  pages_unmap (vector->data, vector->capacity * vector->element_size);
  vector_init (vector, vector->element_size);
}

bool
vector_reserve (Vector *vector,
                size_t  capacity)
{
  size_t grown = vector->capacity != 0 ? vector->capacity : (PAGE + vector->element_size - 1) / vector->element_size;
  void *data;

  if (capacity <= vector->capacity)
    return true;

  if (capacity > SIZE_MAX / 4 / vector->element_size)
    return false;

  while (grown < capacity)
    grown *= 2;

  data = pages_resize (vector->data, vector->capacity * vector->element_size, grown * vector->element_size);
  if (data == NULL)
    return false;

  vector->data = data;
  vector->capacity = grown;

  return true;
}

void *
vector_add (Vector *vector)
{
  char *element;

  if (!vector_reserve (vector, vector->length + 1))
    return NULL;

  element = (char *)vector->data + vector->length++ * vector->element_size;
  memset (element, 0, vector->element_size);

  return element;
}

static uint8_t *
grow_buffer (MemscopeBuffer *buffer,
             size_t          needed)
{
  size_t grown = buffer->capacity != 0 ? buffer->capacity : 16 * PAGE;
  uint8_t *data;

  if (needed > SIZE_MAX / 4)
    return NULL;

  while (grown < needed)
    grown *= 2;

  data = pages_resize (buffer->data, buffer->capacity, grown);
  if (data == NULL)
    return NULL;

  buffer->data = data;
  buffer->capacity = grown;

  return data;
}

void
pages_buffer_init (MemscopeBuffer *buffer)
{
  *buffer = (MemscopeBuffer) { .grow = grow_buffer };
}

void
pages_buffer_clear (MemscopeBuffer *buffer)
{
  pages_unmap (buffer->data, buffer->capacity);
  pages_buffer_init (buffer);
}
