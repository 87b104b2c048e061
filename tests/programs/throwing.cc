/* SPDX-License-Identifier: GPL-3.0-or-later */

/* throwing THROWER [within-limits]: exceptions that pass through a library, through C, from thread to
 * thread, and every operator new there is. Blocks of SIZE bytes are counted as in
 * hazards.c: by the program's own account, which the recording must agree with.
 */

#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <exception>
#include <new>
#include <string>
#include <thread>
#include <unistd.h>

#define SIZE 54321

static unsigned long births, deaths;
static void (*thrower_throw) (int depth);
static void (*thrower_call) (void (*function) (int), int argument);

/* The compiler may leave out a new and its delete. */
struct Block
{
  Block () : memory (new char[SIZE]) { births++; __asm__ volatile ("" : : "r" (memory) : "memory"); }
  ~Block () { delete[] memory; deaths++; }
  Block (const Block &) = delete;

  char *memory;
};

/* Every frame of thrower_throw() holds one; the exception has one of its own. */
static void
throw_from_library (int depth)
{
  Block block;

  try
    {
      thrower_throw (depth);
    }
  catch (...)
    {
      births += (unsigned long)depth + 2;
      deaths += (unsigned long)depth + 1;
      Block caught;
      throw;
    }
}

static void
catch_it (int depth)
{
  try
    {
      throw_from_library (depth);
    }
  catch (...)
    {
      deaths++;
    }
}

static void
throw_here (int depth)
{
  Block block;

  if (depth == 0)
    throw std::string (100, 'x');
  throw_here (depth - 1);
}

static void
through_library (int depth)
{
  births++;
  try
    {
      thrower_call (throw_here, depth);
    }
  catch (const std::string &)
    {
      Block caught;
    }
  deaths++;
}

static int
compare (const void *, const void *)
{
  throw_here (3);

  return 0;
}

static void
through_c ()
{
  int numbers[] = { 3, 1, 2 };

  try
    {
      qsort (numbers, 3, sizeof *numbers, compare);
    }
  catch (const std::string &)
    {
      Block caught;
    }
}

static void
between_threads ()
{
  std::exception_ptr pointer;
  std::thread ([&] {
    try
      {
        throw_here (2);
      }
    catch (...)
      {
        pointer = std::current_exception ();
      }
  }).join ();

  try
    {
      std::rethrow_exception (pointer);
    }
  catch (const std::string &)
    {
      Block caught;
    }
}

struct alignas (128) Aligned
{
  char bytes[1280];
};

/* The compiler must not see through a pair of them. */
static void *volatile escaped;

template <typename Type> static Type *
escape (Type *memory)
{
  escaped = memory;

  return memory;
}

static void
operators (bool within_limits)
{
  const std::size_t huge = SIZE_MAX / 2 - 100;
  volatile std::size_t size = SIZE, other = 12345, too_much = huge;

  /* what is aligned may be given more than it asked for */
  births += 5;
  deaths += 5;
  operator delete (escape (operator new (size)));
  operator delete (escape (operator new (size)), std::size_t (size));
  operator delete (escape (operator new (size, std::nothrow)), std::nothrow);
  operator delete[] (escape (operator new[] (size, std::nothrow)), std::nothrow);
  operator delete (escape (operator new (other, std::align_val_t (64))), std::align_val_t (64));
  operator delete[] (escape (operator new[] (other, std::align_val_t (64))), std::size_t (other), std::align_val_t (64));
  operator delete (escape (operator new (other, std::align_val_t (64), std::nothrow)), std::align_val_t (64), std::nothrow);
  operator delete[] (escape (operator new[] (size)));
  delete escape (new Aligned);

  if (within_limits)
    return;

  bool thrown = false;
  try
    {
      escape (operator new (too_much));
    }
  catch (const std::bad_alloc &)
    {
      thrown = true;
    }
  std::printf ("too much: %d %d\n", thrown, operator new (too_much, std::nothrow) == nullptr);
}

int
main (int argc, char *argv[])
{
  void *library = argc > 1 ? dlopen (argv[1], RTLD_NOW) : nullptr;

  if (library == nullptr)
    return 96;
  *(void **)&thrower_throw = dlsym (library, "thrower_throw");
  *(void **)&thrower_call = dlsym (library, "thrower_call");

  for (int i = 0; i < 50; i++)
    {
      catch_it (i % 20);
      through_library (i % 20);
      through_c ();
      between_threads ();
    }
  operators (argc > 2);
  Block last;
  std::printf ("counts %lu %lu\n", births, deaths);
  std::fflush (stdout);
  _exit (0);
}
