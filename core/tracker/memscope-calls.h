/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef MEMSCOPE_CALLS_H
#define MEMSCOPE_CALLS_H

/* Part of memscope.h: from here on the functions' names stand for inline functions
 * that call them where they are there. The test is made at each call, because a
 * recorder that is attached to a running program comes late.
 *
 * The reference has to go through the global offset table, which the loader (and who
 * attaches) can fill; compilers do so in position-independent code only, so in other
 * code it is spelled out.
 */

#if defined MEMSCOPE_DISABLE
#define MEMSCOPE_FIND_(function) ((__typeof__ (&function))0)
#elif defined __x86_64__ && !defined __PIC__
#define MEMSCOPE_FIND_(function)                                                           \
  (__extension__ ({                                                                        \
    __typeof__ (&function) found_;                                                         \
                                                                                           \
    __asm__ (".weak " #function "\n\tmovq " #function "@GOTPCREL(%%rip), %0" : "=r" (found_)); \
    found_;                                                                                \
  }))
#else
#define MEMSCOPE_FIND_(function) (&function)
#endif

#define MEMSCOPE_CALL_(result, function, parameters, arguments, otherwise)                 \
  MEMSCOPE_CALL_WITH_ (, result, function, parameters, arguments, otherwise)

#define MEMSCOPE_CALL_WITH_(attributes, result, function, parameters, arguments, otherwise) \
  __attribute__ ((unused, always_inline)) attributes static inline result                                            \
  function##_if_recorded parameters                                                        \
  {                                                                                        \
    __typeof__ (&function) found = MEMSCOPE_FIND_ (function);                              \
                                                                                           \
    return found != 0 ? found arguments : otherwise;                                       \
  }

#define MEMSCOPE_REPORT_(attributes, function, parameters, arguments)                      \
  MEMSCOPE_CALL_WITH_ (attributes, int, function, parameters, arguments, MEMSCOPE_TRACKER_NOT_RECORDED)

#if defined __clang__
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wtautological-pointer-compare"
#elif defined __GNUC__
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Waddress"
#endif

MEMSCOPE_CALL_ (MemscopeTracker *, memscope_tracker_new, (void), (), 0)
MEMSCOPE_CALL_ (int, memscope_tracker_is_recording, (void), (), 0)
MEMSCOPE_CALL_ (const char *, memscope_tracker_get_text, (int result), (result),
                "This program is not being recorded")
MEMSCOPE_CALL_ (MemscopeSampler *, memscope_sampler_new, (const char *directory), (directory), 0)

MEMSCOPE_REPORT_ (MEMSCOPE_UNREAD_2_, memscope_tracker_track_allocation,
                  (MemscopeTracker *tracker, const void *ptr, size_t size, const char *name),
                  (tracker, ptr, size, name))
MEMSCOPE_REPORT_ (MEMSCOPE_UNREAD_2_, memscope_tracker_track_deallocation, (MemscopeTracker *tracker, const void *ptr),
                  (tracker, ptr))
MEMSCOPE_REPORT_ (, memscope_tracker_get_stats, (MemscopeTracker *tracker, MemscopeTrackerStats *stats),
                  (tracker, stats))
MEMSCOPE_REPORT_ (, memscope_tracker_export_binary, (MemscopeTracker *tracker, const char *path), (tracker, path))
MEMSCOPE_REPORT_ (, memscope_tracker_export_html, (MemscopeTracker *tracker, const char *path), (tracker, path))
MEMSCOPE_REPORT_ (, memscope_tracker_binary_to_html, (const char *binary, const char *html), (binary, html))
MEMSCOPE_REPORT_ (, memscope_tracker_listen, (void), ())
MEMSCOPE_REPORT_ (MEMSCOPE_UNREAD_2_, memscope_sampler_track_variable,
                  (MemscopeSampler *sampler, const void *ptr, size_t size, const char *name, const char *type),
                  (sampler, ptr, size, name, type))
MEMSCOPE_REPORT_ (MEMSCOPE_UNREAD_, memscope_track_variable,
                  (const void *ptr, size_t size, const char *name, const char *type),
                  (ptr, size, name, type))
MEMSCOPE_REPORT_ (MEMSCOPE_UNREAD_, memscope_track_end, (const void *ptr), (ptr))
MEMSCOPE_REPORT_ (MEMSCOPE_UNREAD_BOTH_, memscope_track_clone, (const void *ptr, const void *original),
                  (ptr, original))
MEMSCOPE_REPORT_ (MEMSCOPE_UNREAD_, memscope_track_borrow, (const void *ptr, const char *borrower), (ptr, borrower))
MEMSCOPE_REPORT_ (MEMSCOPE_UNREAD_, memscope_track_borrow_mut, (const void *ptr, const char *borrower),
                  (ptr, borrower))
MEMSCOPE_REPORT_ (MEMSCOPE_UNREAD_, memscope_track_return, (const void *ptr), (ptr))
MEMSCOPE_REPORT_ (, memscope_scope_begin, (const char *name), (name))
MEMSCOPE_REPORT_ (, memscope_scope_end, (const char *name), (name))
MEMSCOPE_REPORT_ (MEMSCOPE_UNREAD_, memscope_ffi_hand_over, (const void *ptr, size_t size, const char *boundary),
                  (ptr, size, boundary))
MEMSCOPE_REPORT_ (MEMSCOPE_UNREAD_, memscope_ffi_take_back, (const void *ptr, const char *boundary), (ptr, boundary))
MEMSCOPE_REPORT_ (MEMSCOPE_UNREAD_, memscope_pool_create, (const void *pool, size_t size, const char *name),
                  (pool, size, name))
MEMSCOPE_REPORT_ (MEMSCOPE_UNREAD_BOTH_, memscope_pool_alloc, (const void *pool, const void *ptr, size_t size),
                  (pool, ptr, size))
MEMSCOPE_REPORT_ (MEMSCOPE_UNREAD_BOTH_, memscope_pool_free, (const void *pool, const void *ptr), (pool, ptr))
MEMSCOPE_REPORT_ (MEMSCOPE_UNREAD_, memscope_pool_destroy, (const void *pool), (pool))
MEMSCOPE_REPORT_ (, memscope_mark_set, (const char *text), (text))
MEMSCOPE_REPORT_ (, memscope_thread_set_name, (const char *name), (name))

__attribute__ ((unused, always_inline)) static inline void
memscope_tracker_free_if_recorded (MemscopeTracker *tracker)
{
  __typeof__ (&memscope_tracker_free) found = MEMSCOPE_FIND_ (memscope_tracker_free);

  if (found != 0)
    found (tracker);
}

__attribute__ ((unused, always_inline)) static inline void
memscope_sampler_free_if_recorded (MemscopeSampler *sampler)
{
  __typeof__ (&memscope_sampler_free) found = MEMSCOPE_FIND_ (memscope_sampler_free);

  if (found != 0)
    found (sampler);
}

#if defined __clang__
#pragma clang diagnostic pop
#elif defined __GNUC__
#pragma GCC diagnostic pop
#endif

#define memscope_tracker_new                memscope_tracker_new_if_recorded
#define memscope_tracker_free               memscope_tracker_free_if_recorded
#define memscope_tracker_is_recording       memscope_tracker_is_recording_if_recorded
#define memscope_tracker_track_allocation   memscope_tracker_track_allocation_if_recorded
#define memscope_tracker_track_deallocation memscope_tracker_track_deallocation_if_recorded
#define memscope_tracker_get_stats          memscope_tracker_get_stats_if_recorded
#define memscope_tracker_export_binary      memscope_tracker_export_binary_if_recorded
#define memscope_tracker_export_html        memscope_tracker_export_html_if_recorded
#define memscope_tracker_binary_to_html     memscope_tracker_binary_to_html_if_recorded
#define memscope_tracker_listen             memscope_tracker_listen_if_recorded
#define memscope_tracker_get_text           memscope_tracker_get_text_if_recorded
#define memscope_sampler_new                memscope_sampler_new_if_recorded
#define memscope_sampler_free               memscope_sampler_free_if_recorded
#define memscope_sampler_track_variable     memscope_sampler_track_variable_if_recorded
#define memscope_track_variable             memscope_track_variable_if_recorded
#define memscope_track_end                  memscope_track_end_if_recorded
#define memscope_track_clone                memscope_track_clone_if_recorded
#define memscope_track_borrow               memscope_track_borrow_if_recorded
#define memscope_track_borrow_mut           memscope_track_borrow_mut_if_recorded
#define memscope_track_return               memscope_track_return_if_recorded
#define memscope_scope_begin                memscope_scope_begin_if_recorded
#define memscope_scope_end                  memscope_scope_end_if_recorded
#define memscope_ffi_hand_over              memscope_ffi_hand_over_if_recorded
#define memscope_ffi_take_back              memscope_ffi_take_back_if_recorded
#define memscope_pool_create                memscope_pool_create_if_recorded
#define memscope_pool_alloc                 memscope_pool_alloc_if_recorded
#define memscope_pool_free                  memscope_pool_free_if_recorded
#define memscope_pool_destroy               memscope_pool_destroy_if_recorded
#define memscope_mark_set                   memscope_mark_set_if_recorded
#define memscope_thread_set_name            memscope_thread_set_name_if_recorded

#endif
