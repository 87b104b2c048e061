/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct
{
  const char *output;         /* FILE.memscope of the root */
  const char *directory;      /* where the socket goes */
  int         control_fd;     /* -1: none */
  uint64_t    max_size;       /* bytes per file; UINT64_MAX: no limit */
  uint64_t    max_time;       /* ns; UINT64_MAX: no limit */
  uint32_t    stack_depth;    /* 0: the default */
  uint32_t    arena_flags;
  uint64_t    sampling_interval; /* bytes; 0: every allocation */
} Options;

/* false: what is wrong was said on standard error. */
bool options_parse (Options *options, int argc, char *argv[]);
