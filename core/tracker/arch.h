/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#ifdef __x86_64__
# include "arch-x86_64.h"
#else
# error "recording is written for x86-64; another machine needs its own arch header"
#endif
