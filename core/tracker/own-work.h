/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* What the API does for itself in a thread of the program may allocate: meanwhile the
 * thread is none that records, so that the program's own figures do not show it.
 */

#include "thread.h"

typedef struct
{
  Thread *thread;
} OwnWork;

static inline OwnWork
own_work_begin (void)
{
  OwnWork work = { thread_current };

  thread_begin_own_work ();
  thread_current = NULL;
  atomic_signal_fence (memory_order_seq_cst);

  return work;
}

static inline void
own_work_end (OwnWork work)
{
  atomic_signal_fence (memory_order_seq_cst);
  thread_current = work.thread;
  thread_end_own_work ();
}
