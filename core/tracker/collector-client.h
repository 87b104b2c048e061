/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* What a recorded program asks of the collector that records it, as a viewer would
 * (core/live/PROTOCOL.md). Each returns a MemscopeTrackerResult.
 */

#include "own-recording.h"

int collector_client_sync   (OwnFigures *figures);
int collector_client_export (const char *path);
