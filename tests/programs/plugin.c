/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A library that is loaded and unloaded. Built twice, with other code before the
 * call, so that another library stands at the same addresses.
 */

#include <stdlib.h>

void *plugin_allocate (size_t size);

#ifdef SECOND
static int counter;

static __attribute__ ((noinline)) void *
deeper (size_t size)
{
  void *memory = malloc (size);

  counter++;

  return memory;
}

void *
plugin_allocate (size_t size)
{
  char space[200];
  void *memory = deeper (size);

  __asm__ volatile ("" : : "r" (space) : "memory");
  counter++;

  return memory;
}
#else
void *
plugin_allocate (size_t size)
{
  void *memory = malloc (size);

  __asm__ volatile ("" : : : "memory");

  return memory;
}
#endif
