/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* What the explicit API reports, into the ring of the calling thread: a record with
 * text, after which nothing waits. errno is kept. @frame: the API's caller.
 */

#include <stddef.h>
#include <stdint.h>

#include "unwinder.h"

/* What the API was told in this process, whoever records. */
typedef struct
{
  _Atomic uint64_t tracked;
  _Atomic uint64_t tracked_bytes;
  _Atomic uint64_t untracked;
} ApiCounts;

extern ApiCounts api_counts __attribute__ ((visibility ("hidden")));

typedef struct
{
  unsigned    kind;      /* MemscopeAnnotationKind, or ANNOTATION_POOL_* (record.h) */
  uintptr_t   address;
  size_t      size;
  uintptr_t   other;
  const char *name;      /* NULL: none */
  const char *type;
} ApiAnnotation;

/* Each returns a MemscopeTrackerResult. */
int api_report_annotation  (const ApiAnnotation *annotation, const Frame *frame);
int api_report_mark        (const char *text, const Frame *frame);
int api_report_thread_name (const char *name, const Frame *frame);
