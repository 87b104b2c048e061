/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a C program tells MemScope of its memory: each call of memscope.h once and
 * more. Built twice, with the library and with the header alone, and recorded by a
 * test that compares with what is printed here.
 */

#include <memscope.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_ORDERS 40

struct order
{
  uint64_t number;
  char     text[240];
};

static unsigned named, borrows, pooled, scopes;

static struct order *
new_order (uint64_t number)
{
  struct order *order = malloc (sizeof *order);

  if (order == NULL)
    exit (1);

  order->number = number;
  snprintf (order->text, sizeof order->text, "order %u", (unsigned)number);

  MEMSCOPE_TRACK_AS (order, struct order);
  named++;

  return order;
}

static uint64_t
look_at (const struct order *order)
{
  uint64_t number;

  MEMSCOPE_BORROW (order);
  number = order->number + strlen (order->text);
  MEMSCOPE_RETURN (order);
  borrows++;

  return number;
}

/* A pool of 8 KiB, handed out from its start on. */
static void
use_pool (void)
{
  char *pool = malloc (8192);
  char *next = pool;

  if (pool == NULL)
    exit (1);

  memscope_pool_create (pool, 8192, "parse nodes");
  for (unsigned i = 0; i < 60; i++)
    {
      memscope_pool_alloc (pool, next, 64);
      pooled++;
      next += 64;
    }

  for (unsigned i = 0; i < 10; i++)
    memscope_pool_free (pool, pool + (size_t)i * 64);

  /* at the place of one that is free */
  memscope_pool_alloc (pool, pool, 128);
  pooled++;

  memscope_pool_destroy (pool);
  free (pool);
}

int
main (void)
{
  struct order *orders[N_ORDERS];
  static int settings[16];
  double *prices;
  int counter = 0;
  uint64_t sum = 0;

  memscope_thread_set_name ("the thread that takes orders");
  memscope_mark_set ("begin");

  {
    MEMSCOPE_SCOPE ("take orders");
    scopes++;

    for (unsigned i = 0; i < N_ORDERS; i++)
      orders[i] = new_order (i);
  }

  /* The allocator's block has a name and a type of its own. */
  prices = calloc (1000, sizeof *prices);
  MEMSCOPE_TRACK_ARRAY (prices, 1000);
  named++;

  /* Not the allocator's: begun and ended here. */
  MEMSCOPE_TRACK (settings);
  MEMSCOPE_TRACK (counter);

  for (unsigned i = 0; i < N_ORDERS; i += 2)
    sum += look_at (orders[i]);

  /* Two holders, one of which lets go; and two who both hold on. */
  MEMSCOPE_CLONE (orders[0], orders[0]);
  MEMSCOPE_RETURN (orders[0]);
  MEMSCOPE_CLONE (orders[1], orders[1]);

  MEMSCOPE_HAND_OVER (prices, "Rust");
  MEMSCOPE_TAKE_BACK (prices, "Rust");

  memscope_scope_begin ("pools");
  scopes++;
  use_pool ();
  use_pool ();
  memscope_scope_end ("pools");

  /* A block that is resized stays what it was named. */
  prices = realloc (prices, 3000 * sizeof *prices);

  MEMSCOPE_UNTRACK (counter);
  memscope_mark_set ("end");

  for (unsigned i = 2; i < N_ORDERS; i++)
    free (orders[i]);

  printf ("named %u\nborrows %u\npooled %u\nscopes %u\norders %u\norder-bytes %u\nalive %u\nsum %u\n",
          named, borrows, pooled, scopes, N_ORDERS, (unsigned)sizeof (struct order), 2u, (unsigned)(sum + (prices != NULL)));

  return 0;
}
