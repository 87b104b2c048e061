/* SPDX-License-Identifier: GPL-3.0-or-later */

extern "C" {
#include "target.h"
}

static int sink;

static __attribute__((noinline)) void *
where ()
{
  return __builtin_return_address (0);
}

namespace outer
{
template <typename T>
struct Holder
{
  static __attribute__((noinline)) void
  hold (TargetCall *call, T)
  {
    call->address = where (); call->line = __LINE__;
    sink++;
  }
};
}

extern "C" TARGET_EXPORT void
target_plain (TargetCall *call)
{
  outer::Holder<int>::hold (call, sink);
  sink++;
}
