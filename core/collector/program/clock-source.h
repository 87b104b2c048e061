/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "arena.h"

/* The time-stamp counter where the kernel itself trusts it; else numbers. Takes 10 ms. */
void clock_source_choose (ArenaClock *clock, double *nsec_per_tick);
