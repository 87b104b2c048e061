/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* C++'s operator new and delete by malloc() and free(), as libstdc++ has them.
 *
 * Allocators that are loaded in libc's place often bring operators of their own, which
 * don't pass by malloc() and so by no hook. Before programs with such an allocator this
 * library is preloaded, too, behind the recorder: what they allocate is the same block
 * of the same allocator, asked for by malloc(). Only there: a program that has no C++
 * library, or one that only its plug-ins see, must not find these.
 *
 * In C, for these names are the ABI's. What is thrown is thrown by the program's own C++
 * library.
 */

#include <stdint.h>
#include <stdlib.h>

#define EXPORT __attribute__ ((visibility ("default")))

typedef void (*NewHandler) (void);

extern NewHandler _ZSt15get_new_handlerv (void) __attribute__ ((weak));
extern void       _ZSt17__throw_bad_allocv (void) __attribute__ ((weak));

static void *
allocate_once (size_t size,
               size_t alignment)
{
  void *memory = NULL;

  if (alignment <= sizeof (void *))
    return malloc (size != 0 ? size : 1);

  return posix_memalign (&memory, alignment, size != 0 ? size : 1) == 0 ? memory : NULL;
}

/* The handler may make room, and throws when it can't. */
static void *
allocate (size_t size,
          size_t alignment)
{
  void *memory;

  while ((memory = allocate_once (size, alignment)) == NULL)
    {
      NewHandler handler = _ZSt15get_new_handlerv != NULL ? _ZSt15get_new_handlerv () : NULL;

      if (handler == NULL)
        break;
      handler ();
    }

  return memory;
}

/* A handler that throws out of an operator which may not is the end of the program, in
 * the C++ library as well as here; without one there is nothing to throw.
 */
static void *
allocate_or_throw (size_t size,
                   size_t alignment)
{
  void *memory = allocate (size, alignment);

  if (memory == NULL && _ZSt17__throw_bad_allocv != NULL)
    _ZSt17__throw_bad_allocv ();
  if (memory == NULL)
    abort ();

  return memory;
}

#define NEW(name)                                                                                \
  EXPORT void *name (size_t size);                                                               \
  EXPORT void *name##RKSt9nothrow_t (size_t size, const void *tag);                              \
  EXPORT void *name##St11align_val_t (size_t size, size_t alignment);                            \
  EXPORT void *name##St11align_val_tRKSt9nothrow_t (size_t size, size_t alignment, const void *tag); \
  void *name (size_t size) { return allocate_or_throw (size, 0); }                               \
  void *name##RKSt9nothrow_t (size_t size, const void *tag) { (void)tag; return allocate (size, 0); } \
  void *name##St11align_val_t (size_t size, size_t alignment) { return allocate_or_throw (size, alignment); } \
  void *name##St11align_val_tRKSt9nothrow_t (size_t size, size_t alignment, const void *tag)     \
  { (void)tag; return allocate (size, alignment); }

#define DELETE(name)                                                                             \
  EXPORT void name (void *memory);                                                               \
  EXPORT void name##m (void *memory, size_t size);                                               \
  EXPORT void name##RKSt9nothrow_t (void *memory, const void *tag);                              \
  EXPORT void name##St11align_val_t (void *memory, size_t alignment);                            \
  EXPORT void name##mSt11align_val_t (void *memory, size_t size, size_t alignment);              \
  EXPORT void name##St11align_val_tRKSt9nothrow_t (void *memory, size_t alignment, const void *tag); \
  void name (void *memory) { free (memory); }                                                    \
  void name##m (void *memory, size_t size) { (void)size; free (memory); }                        \
  void name##RKSt9nothrow_t (void *memory, const void *tag) { (void)tag; free (memory); }        \
  void name##St11align_val_t (void *memory, size_t alignment) { (void)alignment; free (memory); } \
  void name##mSt11align_val_t (void *memory, size_t size, size_t alignment)                      \
  { (void)size; (void)alignment; free (memory); }                                                \
  void name##St11align_val_tRKSt9nothrow_t (void *memory, size_t alignment, const void *tag)     \
  { (void)alignment; (void)tag; free (memory); }

NEW (_Znwm)
NEW (_Znam)
DELETE (_ZdlPv)
DELETE (_ZdaPv)
