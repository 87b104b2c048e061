/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memory.h"

#include <sys/mman.h>
#include <sys/syscall.h>

#include "arch-x86_64.h"

void *
own_memory_map (size_t size)
{
  long result = sys_call6 (SYS_mmap, 0, (long)size, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

  return result < 0 ? NULL : (void *)result;
}

void
own_memory_unmap (void   *memory,
                  size_t  size)
{
  if (memory != NULL)
    sys_call3 (SYS_munmap, (long)memory, (long)size, 0);
}
