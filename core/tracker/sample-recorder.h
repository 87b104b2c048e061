/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* Samples without a collector: the program writes them itself, from the threads that
 * were sampled, into a directory of segments.
 */

#include <stdbool.h>
#include <stdint.h>

/* After each sampled event: writes what is due. errno is kept. */
static inline void sample_recorder_poke (void) { }

/* The process ends in order. */
static inline void sample_recorder_end  (void) { }
