/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "ledger.h"

/* Writes all that is alive, by ascending birth: a reader that wants the state at
 * some later instant starts here. Call it when the epoch has just been written.
 */
void checkpoint_write (const Ledger *ledger, Writer *writer);
