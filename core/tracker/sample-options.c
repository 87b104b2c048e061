/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "sample-options.h"

#include <string.h>

#define DEFAULT_INTERVAL (UINT64_C (512) * 1024)
#define DEFAULT_SIZE     (UINT64_C (64) * 1024 * 1024)
#define DEFAULT_AGE      (UINT64_C (3600) * 1000000000)
#define SMALLEST_SIZE    (UINT64_C (64) * 1024)
#define LARGEST          (UINT64_C (1) << 40)
#define NSEC             UINT64_C (1000000000)

/* The longest name that is made in the directory. */
#define NAME_ROOM        320u

static uint64_t
or_default (uint64_t value,
            uint64_t fallback)
{
  return value != 0 ? value : fallback;
}

bool
sample_options_complete (SampleOptions *options)
{
  size_t length = strnlen (options->directory, sizeof options->directory);

  if (options->directory[0] != '/' || length > sizeof options->directory - NAME_ROOM)
    return false;

  while (length > 1 && options->directory[length - 1] == '/')
    options->directory[--length] = '\0';

  options->interval = or_default (options->interval, DEFAULT_INTERVAL);
  options->rotate_size = or_default (options->rotate_size, DEFAULT_SIZE);
  options->rotate_age = or_default (options->rotate_age, DEFAULT_AGE);
  if (options->rotate_size < SMALLEST_SIZE)
    options->rotate_size = SMALLEST_SIZE;

  return true;
}

/* Decimal, up to @max; else 0, which stands for the default. */
static uint64_t
read_number (const char *text,
             uint64_t    max)
{
  uint64_t value = 0;

  if (text == NULL || *text == '\0')
    return 0;

  for (; *text >= '0' && *text <= '9' && value <= max; text++)
    value = value * 10 + (uint64_t)(*text - '0');

  return *text == '\0' && value <= max ? value : 0;
}

bool
sample_options_read (SampleOptions *options,
                     const char  *(*get) (const char *name))
{
  const char *directory = get (SAMPLE_ENV_DIRECTORY);

  if (directory == NULL || strlen (directory) >= sizeof options->directory)
    return false;

  *options = (SampleOptions) {
    .interval = read_number (get (SAMPLE_ENV_INTERVAL), LARGEST),
    .rotate_size = read_number (get (SAMPLE_ENV_ROTATE_SIZE), LARGEST),
    .rotate_age = read_number (get (SAMPLE_ENV_ROTATE_AGE), UINT32_MAX) * NSEC,
    .keep = (uint32_t)read_number (get (SAMPLE_ENV_KEEP), UINT32_MAX),
    .stack_depth = (uint32_t)read_number (get (SAMPLE_ENV_DEPTH), 1024),
  };
  memcpy (options->directory, directory, strlen (directory) + 1);

  return sample_options_complete (options);
}
