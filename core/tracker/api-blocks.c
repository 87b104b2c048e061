/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The functions of memscope.h that say something about memory. Compiled with frame
 * pointers, so that the caller's frame is known.
 */

#define MEMSCOPE_BUILDING
#include "memscope.h"

#include "api-report.h"
#include "memscope-format.h"
#include "record.h"

static inline uintptr_t
address_of (const void *memory)
{
  return (uintptr_t)memory;
}

/* A record of @kind_ about @memory_, by the caller of the function this stands in. */
#define REPORT(memory_, kind_, ...)                                                        \
  ({                                                                                       \
    Frame frame_ = FRAME_OF_CALLER ();                                                     \
                                                                                           \
    (memory_) == NULL ? MEMSCOPE_TRACKER_ERROR_ARGUMENT                                    \
      : api_report_annotation (&(ApiAnnotation) { .kind = (kind_), .address = address_of (memory_), __VA_ARGS__ }, &frame_); \
  })

/* ---- names ---------------------------------------------------------------------- */

int
memscope_track_variable (const void *ptr,
                         size_t      size,
                         const char *name,
                         const char *type)
{
  return REPORT (ptr, MEMSCOPE_ANNOTATION_TRACK, .size = size, .name = name, .type = type);
}

int
memscope_track_end (const void *ptr)
{
  return REPORT (ptr, MEMSCOPE_ANNOTATION_UNTRACK, .size = 0);
}

int
memscope_tracker_track_allocation (MemscopeTracker *tracker,
                                   const void      *ptr,
                                   size_t           size,
                                   const char      *name)
{
  (void)tracker;

  return REPORT (ptr, MEMSCOPE_ANNOTATION_TRACK, .size = size, .name = name);
}

int
memscope_tracker_track_deallocation (MemscopeTracker *tracker,
                                     const void      *ptr)
{
  (void)tracker;

  return REPORT (ptr, MEMSCOPE_ANNOTATION_UNTRACK, .size = 0);
}

int
memscope_sampler_track_variable (MemscopeSampler *sampler,
                                 const void      *ptr,
                                 size_t           size,
                                 const char      *name,
                                 const char      *type)
{
  (void)sampler;

  return REPORT (ptr, MEMSCOPE_ANNOTATION_TRACK, .size = size, .name = name, .type = type);
}

/* ---- holders -------------------------------------------------------------------- */

int
memscope_track_clone (const void *ptr,
                      const void *original)
{
  return REPORT (ptr, MEMSCOPE_ANNOTATION_CLONE, .other = address_of (original));
}

int
memscope_track_borrow (const void *ptr,
                       const char *borrower)
{
  return REPORT (ptr, MEMSCOPE_ANNOTATION_BORROW, .name = borrower);
}

int
memscope_track_borrow_mut (const void *ptr,
                           const char *borrower)
{
  return REPORT (ptr, MEMSCOPE_ANNOTATION_BORROW_MUT, .name = borrower);
}

int
memscope_track_return (const void *ptr)
{
  return REPORT (ptr, MEMSCOPE_ANNOTATION_RETURN, .size = 0);
}

/* ---- boundaries ------------------------------------------------------------------- */

int
memscope_ffi_hand_over (const void *ptr,
                        size_t      size,
                        const char *boundary)
{
  return REPORT (ptr, MEMSCOPE_ANNOTATION_FFI_OUT, .size = size, .name = boundary);
}

int
memscope_ffi_take_back (const void *ptr,
                        const char *boundary)
{
  return REPORT (ptr, MEMSCOPE_ANNOTATION_FFI_IN, .name = boundary);
}

/* ---- pools -------------------------------------------------------------------------- */

int
memscope_pool_create (const void *pool,
                      size_t      size,
                      const char *name)
{
  return REPORT (pool, MEMSCOPE_ANNOTATION_POOL_CREATE, .size = size, .name = name);
}

int
memscope_pool_alloc (const void *pool,
                     const void *ptr,
                     size_t      size)
{
  return REPORT (ptr, ANNOTATION_POOL_ALLOC, .size = size, .other = address_of (pool));
}

int
memscope_pool_free (const void *pool,
                    const void *ptr)
{
  return REPORT (ptr, ANNOTATION_POOL_FREE, .other = address_of (pool));
}

int
memscope_pool_destroy (const void *pool)
{
  return REPORT (pool, MEMSCOPE_ANNOTATION_POOL_DESTROY, .size = 0);
}

/* ---- moments ------------------------------------------------------------------------- */

int
memscope_scope_begin (const char *name)
{
  Frame frame = FRAME_OF_CALLER ();

  if (name == NULL || *name == '\0')
    return MEMSCOPE_TRACKER_ERROR_ARGUMENT;

  return api_report_annotation (&(ApiAnnotation) { .kind = MEMSCOPE_ANNOTATION_SCOPE_BEGIN, .name = name }, &frame);
}

int
memscope_scope_end (const char *name)
{
  Frame frame = FRAME_OF_CALLER ();

  return api_report_annotation (&(ApiAnnotation) { .kind = MEMSCOPE_ANNOTATION_SCOPE_END, .name = name }, &frame);
}

int
memscope_mark_set (const char *text)
{
  Frame frame = FRAME_OF_CALLER ();

  return text == NULL || *text == '\0' ? MEMSCOPE_TRACKER_ERROR_ARGUMENT : api_report_mark (text, &frame);
}

int
memscope_thread_set_name (const char *name)
{
  Frame frame = FRAME_OF_CALLER ();

  return name == NULL || *name == '\0' ? MEMSCOPE_TRACKER_ERROR_ARGUMENT : api_report_thread_name (name, &frame);
}
