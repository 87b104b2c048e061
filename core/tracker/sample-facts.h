/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "recording.h"
#include "sample-options.h"

/* What the process is, as the collector would have asked it: from /proc/self. */
void sample_facts_add   (Recording *recording, const SampleOptions *options, const char *executable, uint32_t stack_depth,
                         bool is_glibc);

/* Resident memory and the like, now. */
void sample_facts_probe (Recording *recording);
