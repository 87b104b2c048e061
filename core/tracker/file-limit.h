/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* Who writes beyond RLIMIT_FSIZE gets a signal, that by default ends the program. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

static inline bool
file_limit_allows (uint64_t size)
{
  struct rlimit limit;

  return getrlimit (RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY || size <= limit.rlim_cur;
}
