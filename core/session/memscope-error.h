/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * MEMSCOPE_ERROR:
 *
 * What is wrong with a recording's content, in words a person can act on:
 * what, where (byte offset), what to do. Failures of reading and writing stay
 * in %G_IO_ERROR.
 */
#define MEMSCOPE_ERROR (memscope_error_quark ())

typedef enum
{
  MEMSCOPE_ERROR_NOT_A_SESSION,       /* the bytes are something else */
  MEMSCOPE_ERROR_UNSUPPORTED_VERSION, /* a .memscope of a version nobody here knows */
  MEMSCOPE_ERROR_DAMAGED,             /* nothing could be saved from it */
  MEMSCOPE_ERROR_TOO_LARGE,           /* it claims more than this machine can hold */
  MEMSCOPE_ERROR_INVALID_ARGUMENT,    /* a filter expression, a setting */
} MemscopeError;

GQuark memscope_error_quark (void);

G_END_DECLS
