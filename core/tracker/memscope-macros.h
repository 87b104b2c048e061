/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef MEMSCOPE_MACROS_H
#define MEMSCOPE_MACROS_H

/* Part of memscope.h: what takes a variable and finds out its name, its type and
 * its size.
 *
 *   struct node *root = malloc (sizeof *root);
 *   MEMSCOPE_TRACK (root);                       name "root", the size of a node
 *   MEMSCOPE_TRACK_AS (root, struct node);       and the type, which C can't tell by itself
 *   int *table = calloc (n, sizeof *table);
 *   MEMSCOPE_TRACK_ARRAY (table, n);             name "table", type "int *", n ints
 *
 * In C, types are known for the arithmetic ones and pointers to them; in C++ for
 * all. There, MEMSCOPE_TRACK() follows smart pointers and containers (what has data()
 * and size()) to what they own.
 */

/**
 * MEMSCOPE_TRACK:
 * @variable: a pointer: what it points to. Else the variable itself
 *
 * Returns: as memscope_track_variable()
 */
#define MEMSCOPE_TRACK(variable)                                                           \
  memscope_track_variable (MEMSCOPE_ADDRESS_ (variable), MEMSCOPE_SIZE_ (variable), #variable, MEMSCOPE_TYPE_ (variable))

/**
 * MEMSCOPE_TRACK_ARRAY:
 * @pointer: a pointer to the first of @n elements
 * @n: how many
 */
#define MEMSCOPE_TRACK_ARRAY(pointer, n)                                                   \
  memscope_track_variable ((pointer), (size_t)(n) * sizeof *(pointer), #pointer, MEMSCOPE_TYPE_ (pointer))

/**
 * MEMSCOPE_TRACK_AS:
 * @pointer: a pointer to one @type
 * @type: what to call it; a type that is complete here
 */
#define MEMSCOPE_TRACK_AS(pointer, type)                                                   \
  memscope_track_variable ((pointer), sizeof (type), #pointer, #type)

/**
 * MEMSCOPE_TRACK_SIZED:
 * @pointer: a pointer, also to void or to what is not known here
 * @size: bytes
 */
#define MEMSCOPE_TRACK_SIZED(pointer, size)                                                \
  memscope_track_variable ((pointer), (size), #pointer, MEMSCOPE_TYPE_ (pointer))

/* The same address as MEMSCOPE_TRACK() finds. */
#define MEMSCOPE_UNTRACK(variable)    memscope_track_end (MEMSCOPE_ADDRESS_ (variable))
#define MEMSCOPE_BORROW(variable)     memscope_track_borrow (MEMSCOPE_ADDRESS_ (variable), __func__)
#define MEMSCOPE_BORROW_MUT(variable) memscope_track_borrow_mut (MEMSCOPE_ADDRESS_ (variable), __func__)
#define MEMSCOPE_RETURN(variable)     memscope_track_return (MEMSCOPE_ADDRESS_ (variable))
#define MEMSCOPE_CLONE(variable, original)                                                 \
  memscope_track_clone (MEMSCOPE_ADDRESS_ (variable), MEMSCOPE_ADDRESS_ (original))
#define MEMSCOPE_HAND_OVER(variable, boundary)                                             \
  memscope_ffi_hand_over (MEMSCOPE_ADDRESS_ (variable), MEMSCOPE_SIZE_ (variable), (boundary))
#define MEMSCOPE_TAKE_BACK(variable, boundary)                                             \
  memscope_ffi_take_back (MEMSCOPE_ADDRESS_ (variable), (boundary))

/**
 * MEMSCOPE_SCOPE:
 * @name: a string that lives as long as the scope
 *
 * A scope (memscope_scope_begin()) from here to the end of the C block, however it is
 * left.
 */
#define MEMSCOPE_SCOPE(name) MEMSCOPE_SCOPE_AT_ (name, __LINE__)

/* ---- how ------------------------------------------------------------------------ */

#define MEMSCOPE_SCOPE_AT_(name, line) MEMSCOPE_SCOPE_NAMED_ (name, line)

#ifdef __cplusplus

#define MEMSCOPE_SCOPE_NAMED_(name, line) ::memscope::Scope memscope_scope_##line##_ (name)
#define MEMSCOPE_ADDRESS_(variable)       ::memscope::address_of (variable)
#define MEMSCOPE_SIZE_(variable)          ::memscope::size_of (variable)
#define MEMSCOPE_TYPE_(variable)          ::memscope::type_name<decltype (variable)> ()

#else

#define MEMSCOPE_SCOPE_NAMED_(name, line)                                                  \
  __attribute__ ((cleanup (memscope_scope_leave_), unused))                                \
  const char *memscope_scope_##line##_ = memscope_scope_enter_ (name)

__attribute__ ((unused, always_inline)) static inline const char *
memscope_scope_enter_ (const char *name)
{
  memscope_scope_begin (name);

  return name;
}

__attribute__ ((unused, always_inline)) static inline void
memscope_scope_leave_ (const char **name)
{
  memscope_scope_end (*name);
}

/* Arrays count as pointers here; 5 is GCC's pointer_type_class. */
#define MEMSCOPE_IS_POINTER_(variable) (__builtin_classify_type (variable) == 5)

#define MEMSCOPE_POINTER_(variable)                                                        \
  __builtin_choose_expr (MEMSCOPE_IS_POINTER_ (variable), (variable), &(variable))

#define MEMSCOPE_ADDRESS_(variable) ((const void *)MEMSCOPE_POINTER_ (variable))

/* Of what may be asked for its size: a void has none. */
#define MEMSCOPE_SIZED_(variable)                                                          \
  _Generic (MEMSCOPE_POINTER_ (variable),                                                  \
            void *: (char *)0, const void *: (char *)0, volatile void *: (char *)0,        \
            default: MEMSCOPE_POINTER_ (variable))

#define MEMSCOPE_IS_VOID_(variable)                                                        \
  _Generic (MEMSCOPE_POINTER_ (variable), void *: 1, const void *: 1, volatile void *: 1, default: 0)

/* A pointer is compatible with the address of what it points to; an array is not. */
#define MEMSCOPE_SIZE_(variable)                                                           \
  (MEMSCOPE_IS_VOID_ (variable) ? 0                                                        \
   : __builtin_types_compatible_p (__typeof__ (variable), __typeof__ (&*MEMSCOPE_POINTER_ (variable))) \
     ? sizeof *MEMSCOPE_SIZED_ (variable) : sizeof (variable))

#define MEMSCOPE_NAMES_OF_(type)                                                           \
  type: #type, type *: #type " *", const type *: "const " #type " *", type **: #type " **"

#define MEMSCOPE_TYPE_(variable)                                                           \
  _Generic ((variable),                                                                    \
            MEMSCOPE_NAMES_OF_ (char), MEMSCOPE_NAMES_OF_ (signed char), MEMSCOPE_NAMES_OF_ (unsigned char), \
            MEMSCOPE_NAMES_OF_ (short), MEMSCOPE_NAMES_OF_ (unsigned short),               \
            MEMSCOPE_NAMES_OF_ (int), MEMSCOPE_NAMES_OF_ (unsigned int),                   \
            MEMSCOPE_NAMES_OF_ (long), MEMSCOPE_NAMES_OF_ (unsigned long),                 \
            MEMSCOPE_NAMES_OF_ (long long), MEMSCOPE_NAMES_OF_ (unsigned long long),       \
            MEMSCOPE_NAMES_OF_ (float), MEMSCOPE_NAMES_OF_ (double), MEMSCOPE_NAMES_OF_ (long double), \
            _Bool: "bool", _Bool *: "bool *", const _Bool *: "const bool *",               \
            void *: "void *", const void *: "const void *", void **: "void **",            \
            default: "")

#endif

#endif
