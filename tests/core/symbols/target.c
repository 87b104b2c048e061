/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "target.h"

static int sink;

static __attribute__((noinline)) void *
where (void)
{
  return __builtin_return_address (0);
}

void
target_plain (TargetCall *call)
{
  call->address = where (); call->line = __LINE__;
  sink++;
}

static inline __attribute__((always_inline)) void
innermost (TargetCall *call)
{
  call->address = where (); call->line = __LINE__;
  sink++;
}

static inline __attribute__((always_inline)) void
middle (TargetCall *call)
{
  innermost (call); call->middle_line = __LINE__;
  sink++;
}

void
target_inlined (TargetCall *call)
{
  middle (call); call->outer_line = __LINE__;
  sink++;
}

static __attribute__((noinline)) void
hidden_function (TargetCall *call)
{
  call->address = where (); call->line = __LINE__;
  sink++;
}

void
target_static (TargetCall *call)
{
  hidden_function (call);
  sink++;
}
