/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* How a program samples itself: from the environment, or from who calls the explicit API. */

#include <stdbool.h>
#include <stdint.h>

#define SAMPLE_ENV_DIRECTORY   "MEMSCOPE_OUTPUT_DIR"    /* with it in the environment, a program samples itself */
#define SAMPLE_ENV_INTERVAL    "MEMSCOPE_SAMPLE"        /* bytes */
#define SAMPLE_ENV_ROTATE_SIZE "MEMSCOPE_ROTATE_SIZE"   /* bytes */
#define SAMPLE_ENV_ROTATE_AGE  "MEMSCOPE_ROTATE_AGE"    /* seconds */
#define SAMPLE_ENV_KEEP        "MEMSCOPE_KEEP"          /* segments */
#define SAMPLE_ENV_DEPTH       "MEMSCOPE_STACK_DEPTH"   /* frames */

#define SAMPLE_PATH_SIZE       4096u

typedef struct
{
  char     directory[SAMPLE_PATH_SIZE];   /* of the segments; made if it is not there. Absolute: programs change directory */
  uint64_t interval;      /* mean bytes between samples; 0: 512 KiB */
  uint64_t rotate_size;   /* bytes of a segment; 0: 64 MiB */
  uint64_t rotate_age;    /* ns that a segment covers; 0: an hour */
  uint32_t keep;          /* the newest so many segments are kept; 0: all */
  uint32_t stack_depth;   /* 0: 256 */
  bool     no_ticks;      /* take the time from clock_gettime() alone; for tests with a clock of their own */
} SampleOptions;

/* Fills in what is 0. false: the directory is not absolute, or its name too long. */
bool sample_options_complete (SampleOptions *options);

/* @get looks a variable up; NULL: it is not there. false: nothing, or nothing of use,
 * is said there.
 */
bool sample_options_read     (SampleOptions *options, const char *(*get) (const char *name));
