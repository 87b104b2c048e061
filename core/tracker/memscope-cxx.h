/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef MEMSCOPE_CXX_H
#define MEMSCOPE_CXX_H

/* Part of memscope.h, for C++11 and later: types by templates, scopes and tracked
 * variables that end by themselves. No run-time type information is needed.
 */

#include <cstddef>
#include <cstring>
#include <type_traits>
#include <utility>

namespace memscope
{

/* A scope from here to the end of the block; exceptions end it too. */
class Scope
{
public:
  explicit Scope (const char *name) : name_ (name) { memscope_scope_begin (name); }
  ~Scope () { memscope_scope_end (name_); }

  Scope (const Scope &) = delete;
  Scope &operator= (const Scope &) = delete;

private:
  const char *name_;
};

/* A borrow that is returned by itself. */
class Borrow
{
public:
  Borrow (const void *ptr, const char *borrower, bool is_mutable = false) : ptr_ (ptr)
  {
    if (is_mutable)
      memscope_track_borrow_mut (ptr, borrower);
    else
      memscope_track_borrow (ptr, borrower);
  }
  ~Borrow () { memscope_track_return (ptr_); }

  Borrow (const Borrow &) = delete;
  Borrow &operator= (const Borrow &) = delete;

private:
  const void *ptr_;
};

/* A variable that is no block of the allocator, for as long as this lives. */
class Tracked
{
public:
  Tracked (const void *ptr, std::size_t size, const char *name, const char *type) : ptr_ (ptr)
  {
    memscope_track_variable (ptr, size, name, type);
  }
  ~Tracked () { memscope_track_end (ptr_); }

  Tracked (const Tracked &) = delete;
  Tracked &operator= (const Tracked &) = delete;

private:
  const void *ptr_;
};

namespace detail
{

struct Last {};
struct Middle : Last {};
struct First : Middle {};

/* What owns elements: vector, string, span. */
template <typename T>
auto address (const T &container, First) -> decltype (container.size (), static_cast<const void *> (container.data ()))
{
  return static_cast<const void *> (container.data ());
}

/* What owns one: unique_ptr, shared_ptr. */
template <typename T>
auto address (const T &pointer, Middle) -> decltype (static_cast<const void *> (pointer.get ()))
{
  return static_cast<const void *> (pointer.get ());
}

template <typename T>
const void *address (const T &variable, Last)
{
  return static_cast<const void *> (&reinterpret_cast<const char &> (variable));
}

template <typename T>
auto size (const T &container, First) -> decltype (static_cast<const void *> (container.data ()), container.size () + std::size_t ())
{
  return container.size () * sizeof *container.data ();
}

template <typename T>
auto size (const T &pointer, Middle) -> decltype (sizeof *pointer.get ())
{
  return sizeof *pointer.get ();
}

template <typename T>
std::size_t size (const T &, Last)
{
  return sizeof (T);
}

template <typename T> struct Pointee { static constexpr std::size_t size = sizeof (T); };
template <> struct Pointee<void> { static constexpr std::size_t size = 0; };

template <std::size_t N>
struct Text
{
  char bytes[N];
};

/* GCC writes "... [with T = int; ...]", Clang "... [T = int]". */
template <std::size_t N>
Text<N> cut_type (const char (&pretty)[N])
{
  Text<N> result = {};
  const char *begin = std::strstr (pretty, "T = ");
  std::size_t length = 0;
  int depth = 0;

  if (begin == nullptr)
    return result;

  for (begin += 4; begin[length] != '\0'; length++)
    {
      char c = begin[length];

      if (depth == 0 && (c == ';' || c == ']'))
        break;
      depth += (c == '<' || c == '(' || c == '[') - (c == '>' || c == ')' || c == ']');
    }

  std::memcpy (result.bytes, begin, length);

  return result;
}

template <typename T>
const char *type_name_of ()
{
  static const auto text = cut_type (__PRETTY_FUNCTION__);

  return text.bytes;
}

}

template <typename T>
const void *address_of (T *const &pointer) { return const_cast<const void *> (static_cast<const volatile void *> (pointer)); }

template <typename T, std::size_t N>
const void *address_of (T (&array)[N]) { return const_cast<const void *> (static_cast<const volatile void *> (array)); }

template <typename T>
const void *address_of (const T &variable) { return detail::address (variable, detail::First ()); }

template <typename T>
std::size_t size_of (T *const &) { return detail::Pointee<typename std::remove_cv<T>::type>::size; }

template <typename T, std::size_t N>
std::size_t size_of (T (&)[N]) { return sizeof (T) * N; }

template <typename T>
std::size_t size_of (const T &variable) { return detail::size (variable, detail::First ()); }

/* The name of a type as the compiler writes it. */
template <typename T>
const char *type_name () { return detail::type_name_of<typename std::remove_reference<T>::type> (); }

}

#endif
