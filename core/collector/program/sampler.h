/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "recording.h"

/* Looks at one process from outside, now and then: memory, threads, mappings. */
typedef struct
{
  pid_t    pid;
  int      arena_fd;           /* to tell the recorder's own memory; -1: by its mappings */
  uint64_t next_process;       /* CLOCK_MONOTONIC, when each kind is due */
  uint64_t next_threads;
  uint64_t next_rollup;
  uint64_t next_mappings;
  uint64_t mappings_hash;      /* of the last snapshot written */
  uint64_t amounts_resident;   /* bytes in all, when how much of each is resident was last written */
  bool     has_mapped;         /* the arena was seen among the mappings ... */
  bool     is_replaced;        /* ... and is not any more: another program runs there now */
} Sampler;

/* What the arena's memfd is called. */
#define SAMPLER_ARENA_NAME "memscope-arena"

void     sampler_init     (Sampler *sampler, pid_t pid, int arena_fd, uint64_t now);

/* Takes the samples that are due. Returns when to call again. */
uint64_t sampler_run      (Sampler *sampler, Recording *recording, uint64_t now);

/* What is said once: program, arguments, directory, machine. */
void     sampler_add_facts (pid_t pid, Recording *recording);
