/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <stddef.h>

/* zstd, level 1: what the collector's share of a processor allows. For Output.compress. */
size_t compressor_run (void *data, void *out, size_t room, const void *in, size_t length);
