/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Something small for cc1 to compile under valgrind. */

#include <stdio.h>

struct node
{
  int          value;
  struct node *next;
};

static int
sum (const struct node *node)
{
  int total = 0;

  for (; node != NULL; node = node->next)
    total += node->value;

  return total;
}

int
main (void)
{
  struct node last = { 2, NULL }, first = { 1, &last };

  return printf ("%d\n", sum (&first)) < 0;
}
