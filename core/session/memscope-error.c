/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "memscope-error.h"

G_DEFINE_QUARK (memscope-error-quark, memscope_error)
