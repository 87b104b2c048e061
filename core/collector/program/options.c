/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "arena.h"

#define NSEC_PER_MSEC UINT64_C (1000000)
#define MAX_INTERVAL  (UINT64_C (1) << 40)

enum
{
  OPTION_OUTPUT = 256,
  OPTION_DIRECTORY,
  OPTION_CONTROL,
  OPTION_MAX_SIZE,
  OPTION_MAX_TIME,
  OPTION_DEPTH,
  OPTION_LOSSY,
  OPTION_FREE_STACKS,
  OPTION_NO_STACKS,
  OPTION_SAMPLE,
};

static const struct option long_options[] = {
  { "output", required_argument, NULL, OPTION_OUTPUT },
  { "socket-directory", required_argument, NULL, OPTION_DIRECTORY },
  { "control", required_argument, NULL, OPTION_CONTROL },
  { "max-size", required_argument, NULL, OPTION_MAX_SIZE },
  { "max-time", required_argument, NULL, OPTION_MAX_TIME },
  { "depth", required_argument, NULL, OPTION_DEPTH },
  { "lossy", no_argument, NULL, OPTION_LOSSY },
  { "free-stacks", no_argument, NULL, OPTION_FREE_STACKS },
  { "no-stacks", no_argument, NULL, OPTION_NO_STACKS },
  { "sample", required_argument, NULL, OPTION_SAMPLE },
  { 0 },
};

static const char usage[] =
  "Usage: memscope-collector --output FILE.memscope --socket-directory DIR [options]\n"
  "\n"
  "Started by memscope-cli record and by MemScope; see memscope-cli(1).\n"
  "  --control FD        socket to the launcher\n"
  "  --max-size BYTES    end the recording before a file grows larger\n"
  "  --max-time MSEC     end the recording after this time\n"
  "  --depth FRAMES      frames per stack at most\n"
  "  --lossy             lose events rather than let the program wait\n"
  "  --free-stacks       record whole stacks for frees too\n"
  "  --no-stacks         record no stacks\n"
  "  --sample BYTES      record samples, one in so many bytes on average\n";

static bool
parse_number (const char *text,
              uint64_t    max,
              uint64_t   *number)
{
  char *end;
  unsigned long long value;

  errno = 0;
  value = strtoull (text, &end, 10);
  if (errno != 0 || end == text || *end != '\0' || *text == '-' || value > max)
    {
      fprintf (stderr, "memscope-collector: \xe2\x80\x9c%s\xe2\x80\x9d is not a number that fits here\n", text);
      return false;
    }

  *number = value;

  return true;
}

static bool
parse_one (Options    *options,
           int         option,
           const char *argument)
{
  uint64_t number;

  switch (option)
    {
    case OPTION_OUTPUT:
      options->output = argument;
      return true;

    case OPTION_DIRECTORY:
      options->directory = argument;
      return true;

    case OPTION_CONTROL:
      if (!parse_number (argument, INT32_MAX, &number))
        return false;
      options->control_fd = (int)number;
      return true;

    case OPTION_MAX_SIZE:
      return parse_number (argument, UINT64_MAX, &options->max_size);

    case OPTION_MAX_TIME:
      if (!parse_number (argument, UINT64_MAX / NSEC_PER_MSEC, &number))
        return false;
      options->max_time = number * NSEC_PER_MSEC;
      return true;

    case OPTION_DEPTH:
      if (!parse_number (argument, 1024, &number))
        return false;
      options->stack_depth = (uint32_t)number;
      return true;

    case OPTION_LOSSY:
      options->arena_flags |= ARENA_LOSSY;
      return true;

    case OPTION_FREE_STACKS:
      options->arena_flags |= ARENA_FREE_STACKS;
      return true;

    case OPTION_NO_STACKS:
      options->arena_flags |= ARENA_NO_STACKS;
      return true;

    case OPTION_SAMPLE:
      return parse_number (argument, MAX_INTERVAL, &options->sampling_interval);

    default:
      fputs (usage, stderr);
      return false;
    }
}

bool
options_parse (Options *options,
               int      argc,
               char    *argv[])
{
  int option;

  *options = (Options) { .control_fd = -1, .max_size = UINT64_MAX, .max_time = UINT64_MAX };

  while ((option = getopt_long (argc, argv, "", long_options, NULL)) != -1)
    if (!parse_one (options, option, optarg))
      return false;

  if (options->output != NULL && options->directory != NULL && optind == argc)
    return true;

  fputs (usage, stderr);

  return false;
}
