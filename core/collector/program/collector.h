/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <stdbool.h>

#include "options.h"

typedef struct _Collector Collector;

/* Listens; NULL: why not was said. */
Collector *collector_new  (const Options *options);

/* Until the last process has ended, or until told to stop. false: something could not be written. */
bool       collector_run  (Collector *collector);

void       collector_free (Collector *collector);
