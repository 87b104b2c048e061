/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

/* Code whose every call is known by name, file and line: calls return where they
 * were called from, so that the test can ask what stands there.
 */

typedef struct
{
  void *address;         /* a return address */
  int   line;            /* of the call in the innermost function */
  int   middle_line;     /* where the innermost was called, when it is inlined */
  int   outer_line;
} TargetCall;

#define TARGET_EXPORT __attribute__((visibility ("default")))

TARGET_EXPORT void target_plain   (TargetCall *call);
TARGET_EXPORT void target_inlined (TargetCall *call);
TARGET_EXPORT void target_static  (TargetCall *call);
