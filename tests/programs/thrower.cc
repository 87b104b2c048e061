/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A library that throws, or lets pass what its caller's function throws. */

#include <cstddef>

/* The compiler may leave out a new and its delete. */
static char *
allocate ()
{
  char *memory = new char[54321];

  __asm__ volatile ("" : : "r" (memory) : "memory");

  return memory;
}

struct Thrown
{
  explicit Thrown (int depth) : depth (depth), text (allocate ()) {}
  Thrown (const Thrown &other) : depth (other.depth), text (allocate ()) {}
  ~Thrown () { delete[] text; }

  int   depth;
  char *text;
};

struct Held
{
  Held () : memory (allocate ()) {}
  ~Held () { delete[] memory; }

  char *memory;
};

extern "C" __attribute__ ((visibility ("default"))) void
thrower_throw (int depth)
{
  Held held;

  if (depth == 0)
    throw Thrown (7);
  thrower_throw (depth - 1);
}

extern "C" __attribute__ ((visibility ("default"))) void
thrower_call (void (*function) (int), int argument)
{
  Held held;

  function (argument);
}
