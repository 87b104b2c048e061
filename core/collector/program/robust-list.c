/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "robust-list.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NODE_DISTANCE 64u

static struct robust_list_head head;

static struct robust_list *
node_of (ArenaHeader *arena)
{
  return (struct robust_list *)(void *)((char *)arena - NODE_DISTANCE);
}

void
robust_list_begin (void)
{
  head.list.next = &head.list;
  head.futex_offset = (long)(NODE_DISTANCE + offsetof (ArenaHeader, collector_futex));
  syscall (SYS_set_robust_list, &head, sizeof head);
}

void
robust_list_add (ArenaHeader *arena)
{
  struct robust_list *node = node_of (arena);

  atomic_store_explicit (&arena->collector_futex, (uint32_t)syscall (SYS_gettid), memory_order_seq_cst);
  node->next = head.list.next;
  head.list.next = node;
}

void
robust_list_remove (ArenaHeader *arena)
{
  struct robust_list *node = node_of (arena);

  for (struct robust_list *at = &head.list; at->next != &head.list; at = at->next)
    if (at->next == node)
      {
        at->next = node->next;
        break;
      }

  atomic_store_explicit (&arena->collector_futex, 0, memory_order_seq_cst);
  syscall (SYS_futex, &arena->collector_futex, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}
