/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-suppressions.h"

G_BEGIN_DECLS

/* Those of run-time libraries and of the files named (NULL: none). NULL after a complaint
 * that names the file. Transfer full.
 */
MemscopeSuppressions *cli_load_suppressions (char **files);

G_END_DECLS
