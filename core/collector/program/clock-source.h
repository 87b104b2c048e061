/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "recording.h"

/* The time-stamp counter where the kernel itself trusts it; else numbers. Takes 10 ms. */
void clock_source_choose (ArenaClock *clock, double *nsec_per_tick);

/* Reads all clocks at once. */
void clock_source_now    (RecordingTime *time);
