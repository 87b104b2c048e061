/* SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef MEMSCOPE_TRACKER_H
#define MEMSCOPE_TRACKER_H

/**
 * memscope.h: a program tells MemScope what it knows of its own memory.
 *
 * The recorder sees each malloc() and free() of an unmodified program. This header
 * is for what it cannot see: what a block is called and what type it has, who
 * borrows it, where a phase of the program begins and ends, where memory goes to
 * another language, what lies inside a pool of the program's own. And it lets a
 * program record itself and write the result, without being launched by anybody.
 *
 * ## How to build
 *
 *   cc $(pkg-config --cflags memscope-tracker) prog.c
 *   cc $(pkg-config --cflags memscope-tracker) prog.c $(pkg-config --libs memscope-tracker)
 *
 * The first program links nothing. Alone, each call below is a test of a pointer
 * that is NULL; under `memscope-cli record`, or when MemScope launches it or attaches
 * to it, the calls reach the recorder. The second program carries the recorder with
 * it: it can be recorded in the same ways, and it can also record itself
 * (memscope_tracker_new(), memscope_sampler_new(), memscope_tracker_listen()). As long
 * as nobody records, an allocation in it costs one load and one branch more.
 *
 * C11 (GCC or Clang) and C++11 or later; from other languages by the C ABI of the
 * functions, for which a program has to link the library.
 *
 * With MEMSCOPE_DISABLE defined before this header is included, all of it compiles to
 * nothing.
 *
 * ## What every function has in common
 *
 * - Addresses may lie anywhere inside a block. If a live block of the allocator, or a
 *   region of mmap(), contains the address, the call says something about that
 *   block, and no byte is counted twice. Otherwise memscope_track_variable() and its
 *   relatives begin a block in a ledger of their own, which only
 *   memscope_track_end() ends. This is decided when the recording is read, so that
 *   a call costs no more than writing down its arguments and its stack.
 * - Names are UTF-8 and are copied; NULL and "" say nothing. What is longer than
 *   16,384 bytes is cut.
 * - Any thread may call at any time, signal handlers too where not said otherwise.
 *   The calls change neither errno nor the program's allocations.
 * - Where nobody records, functions do nothing and return MEMSCOPE_TRACKER_NOT_RECORDED.
 *
 * See memscope-tracker(3).
 */

#include <stddef.h>
#include <stdint.h>

#if !defined __GNUC__
#error "memscope.h needs GCC or Clang"
#endif

#ifdef __cplusplus
extern "C" {
#endif

/**
 * MemscopeTrackerResult:
 * @MEMSCOPE_TRACKER_OK: done.
 * @MEMSCOPE_TRACKER_NOT_RECORDED: nobody records: nothing was done. Not an error.
 * @MEMSCOPE_TRACKER_LOST: the recording had no room (it says how much is missing), or the
 *   call came from a signal handler that interrupted the recorder at work of its own.
 * @MEMSCOPE_TRACKER_ERROR_ARGUMENT: an argument is NULL or empty that must not be.
 * @MEMSCOPE_TRACKER_ERROR_BUSY: the call is made inside another one of this thread.
 * @MEMSCOPE_TRACKER_ERROR_REFUSED: this process must not be recorded (set-user-ID), or
 *   the kernel refuses what a recording needs.
 * @MEMSCOPE_TRACKER_ERROR_MEMORY: no memory.
 * @MEMSCOPE_TRACKER_ERROR_IO: a file or socket can't be made, written or read.
 * @MEMSCOPE_TRACKER_ERROR_NO_ANSWER: the collector that records this program does not
 *   answer.
 * @MEMSCOPE_TRACKER_ERROR_NOT_INSTALLED: there is no memscope-cli, which writes HTML.
 * @MEMSCOPE_TRACKER_ERROR_EXPORT: memscope-cli could not write the file.
 * @MEMSCOPE_TRACKER_ERROR_SAMPLED: this process samples itself: the files in the sampler's
 *   folder are its recording.
 *
 * What became of a call. memscope_tracker_get_text() has a sentence for each.
 */
typedef enum
{
  MEMSCOPE_TRACKER_OK                  = 0,
  MEMSCOPE_TRACKER_NOT_RECORDED        = 1,
  MEMSCOPE_TRACKER_LOST                = 2,
  MEMSCOPE_TRACKER_ERROR_ARGUMENT      = -1,
  MEMSCOPE_TRACKER_ERROR_BUSY          = -2,
  MEMSCOPE_TRACKER_ERROR_REFUSED       = -3,
  MEMSCOPE_TRACKER_ERROR_MEMORY        = -4,
  MEMSCOPE_TRACKER_ERROR_IO            = -5,
  MEMSCOPE_TRACKER_ERROR_NO_ANSWER     = -6,
  MEMSCOPE_TRACKER_ERROR_NOT_INSTALLED = -7,
  MEMSCOPE_TRACKER_ERROR_EXPORT        = -8,
  MEMSCOPE_TRACKER_ERROR_SAMPLED       = -9
} MemscopeTrackerResult;

/**
 * MemscopeTracker:
 *
 * The recording of this process, seen from inside. There is one per process: all
 * trackers that are made share it. NULL is a good tracker, whose functions do
 * nothing.
 */
typedef struct _MemscopeTracker MemscopeTracker;

/**
 * MemscopeSampler:
 *
 * The same for a recording that samples, into a directory of its own.
 */
typedef struct _MemscopeSampler MemscopeSampler;

/**
 * MemscopeTrackerStats:
 * @size: sizeof (MemscopeTrackerStats), set by the caller: how far the library may fill it.
 * @exact: 1: the figures are those of the recording as of now. 0: they count only what
 *   the explicit API itself was told in this process, for nobody records, or who records
 *   can't be asked.
 * @total_allocations: blocks born since recording began.
 * @total_deallocations: of these, the ones that have died.
 * @active_allocations: blocks that are alive.
 * @total_memory: bytes of all blocks born, as requested.
 * @active_memory: bytes of the blocks that are alive.
 * @peak_memory: the most that @active_memory ever was.
 * @failed_allocations: calls that returned NULL for lack of memory.
 * @tracked: calls of the explicit API that named or began a block.
 * @untracked: calls of the explicit API that ended one.
 * @lost_events: what the recording is known to miss.
 *
 * Blocks of the allocator, not those of mmap() or of pools. Figures that need the
 * recording's end (leaks, lifetimes, fragmentation) are in what is exported.
 */
typedef struct
{
  uint32_t size;
  uint32_t exact;
  uint64_t total_allocations;
  uint64_t total_deallocations;
  uint64_t active_allocations;
  uint64_t total_memory;
  uint64_t active_memory;
  uint64_t peak_memory;
  uint64_t failed_allocations;
  uint64_t tracked;
  uint64_t untracked;
  uint64_t lost_events;
} MemscopeTrackerStats;

/* Without the library and without a recorder these are NULL. */
#if defined MEMSCOPE_BUILDING
#define MEMSCOPE_API __attribute__ ((visibility ("default")))
#else
#define MEMSCOPE_API __attribute__ ((weak))
#endif

/* Addresses are written down, what is there is not read. */
#if __GNUC__ >= 11 && !defined __clang__
#define MEMSCOPE_UNREAD_ __attribute__ ((access (none, 1)))
#define MEMSCOPE_UNREAD_2_ __attribute__ ((access (none, 2)))
#define MEMSCOPE_UNREAD_BOTH_ __attribute__ ((access (none, 1), access (none, 2)))
#else
#define MEMSCOPE_UNREAD_
#define MEMSCOPE_UNREAD_2_
#define MEMSCOPE_UNREAD_BOTH_
#endif

/* ---- the tracker ---------------------------------------------------------------- */

/**
 * memscope_tracker_new:
 *
 * The tracker of this process. If a collector records it already (memscope-cli
 * record, the window), that recording is meant. Otherwise recording begins now: every
 * allocation of every thread from here on, with its stack. The process then keeps the
 * recording itself, in a temporary file without a name; no thread and no process is
 * started, what waits is written by the thread whose buffer is full. It lasts until
 * the process ends (a child made by fork() is not recorded), and what is not exported
 * is gone with it, also when the process is killed.
 *
 * Not for signal handlers.
 *
 * Returns: the tracker, to be freed with memscope_tracker_free(); NULL: this
 *   process can't be recorded (or the library is not there).
 */
MEMSCOPE_API MemscopeTracker *memscope_tracker_new (void);

/**
 * memscope_tracker_free:
 * @tracker: (nullable): a tracker
 *
 * Recording goes on: other trackers, and other threads, may depend on it.
 */
MEMSCOPE_API void memscope_tracker_free (MemscopeTracker *tracker);

/**
 * memscope_tracker_is_recording:
 *
 * Returns: 1 if this process is being recorded just now, by whomever; else 0.
 */
MEMSCOPE_API int memscope_tracker_is_recording (void);

/**
 * memscope_tracker_track_allocation:
 * @tracker: (nullable): a tracker
 * @ptr: an address
 * @size: bytes, as the program sees it
 * @name: (nullable): what the program calls it
 *
 * Names the block at @ptr, or begins one: see memscope_track_variable().
 */
MEMSCOPE_API int memscope_tracker_track_allocation (MemscopeTracker *tracker,
                                                    const void      *ptr,
                                                    size_t           size,
                                                    const char      *name) MEMSCOPE_UNREAD_2_;

/**
 * memscope_tracker_track_deallocation:
 * @tracker: (nullable): a tracker
 * @ptr: an address given to memscope_tracker_track_allocation()
 *
 * Ends what was begun: see memscope_track_end().
 */
MEMSCOPE_API int memscope_tracker_track_deallocation (MemscopeTracker *tracker,
                                                      const void      *ptr) MEMSCOPE_UNREAD_2_;

/**
 * memscope_tracker_get_stats:
 * @tracker: (nullable): a tracker
 * @stats: where to put the figures; its `size` must be set
 *
 * Brings the recording up to date, which may take some milliseconds, and asks it.
 * Not for signal handlers.
 *
 * Returns: MEMSCOPE_TRACKER_OK; `stats->exact` says what the figures cover.
 */
MEMSCOPE_API int memscope_tracker_get_stats (MemscopeTracker      *tracker,
                                             MemscopeTrackerStats *stats);

/**
 * memscope_tracker_export_binary:
 * @tracker: (nullable): a tracker
 * @path: the file, by custom ending in `.memscope`; one that exists is replaced when
 *   the new one is whole
 *
 * Writes what was recorded up to now as a complete recording, which MemScope and
 * memscope-cli open. Recording goes on. Not for signal handlers.
 */
MEMSCOPE_API int memscope_tracker_export_binary (MemscopeTracker *tracker,
                                                 const char      *path);

/**
 * memscope_tracker_export_html:
 * @tracker: (nullable): a tracker
 * @path: the file; one that exists is replaced
 *
 * Writes what was recorded up to now as one HTML page, with everything in it that is
 * needed to look at it. This is done by memscope-cli (the one this library was
 * installed with, else the one in PATH; MEMSCOPE_CLI names another), which is waited
 * for: some seconds for a long recording. The program's SIGCHLD handler and its
 * waitpid (-1) do not see that process. Not for signal handlers.
 */
MEMSCOPE_API int memscope_tracker_export_html (MemscopeTracker *tracker,
                                               const char      *path);

/**
 * memscope_tracker_binary_to_html:
 * @binary: a recording: ours, or one that memscope-rs wrote
 * @html: the file to write
 *
 * Does the same for a recording that exists. Needs no tracker, and nobody to record.
 */
MEMSCOPE_API int memscope_tracker_binary_to_html (const char *binary,
                                                  const char *html);

/**
 * memscope_tracker_listen:
 *
 * Lets MemScope's *Connect* and `memscope-cli list` find this process and watch it
 * live, through a socket in the user's private runtime directory; nobody else can
 * connect, nothing listens on a network. Begins to record if nobody does (see
 * memscope_tracker_new()), and starts a thread, in which all signals are blocked. Under
 * a collector there is nothing to do: it listens. The environment variable
 * MEMSCOPE_LISTEN=1 does the same for a program that links the library, or has it
 * preloaded, without a call.
 *
 * Not for signal handlers.
 */
MEMSCOPE_API int memscope_tracker_listen (void);

/**
 * memscope_tracker_get_text:
 * @result: a MemscopeTrackerResult
 *
 * Returns: (transfer none): what it means, one sentence in English.
 */
MEMSCOPE_API const char *memscope_tracker_get_text (int result);

/* ---- the sampler ------------------------------------------------------------------ */

/**
 * memscope_sampler_new:
 * @directory: where recordings go; made if it is not there
 *
 * Samples the allocations of this process from now on, one about every 512 KiB on
 * average (MEMSCOPE_SAMPLE, in bytes, says otherwise), for as long as it runs: a new file
 * in @directory is begun after 64 MiB or an hour (MEMSCOPE_ROTATE_SIZE in bytes,
 * MEMSCOPE_ROTATE_AGE in seconds), and the newest MEMSCOPE_KEEP of them are kept
 * (all, without it). MemScope and memscope-cli open the folder as one recording. Cheap
 * enough for production. A process that is recorded already is not sampled too: the
 * calls below go to the recording there is.
 *
 * Not for signal handlers.
 *
 * Returns: the sampler, to be freed with memscope_sampler_free(); NULL: it can't be
 *   done.
 */
MEMSCOPE_API MemscopeSampler *memscope_sampler_new (const char *directory);

/**
 * memscope_sampler_free:
 * @sampler: (nullable): a sampler
 *
 * Sampling goes on until the process ends.
 */
MEMSCOPE_API void memscope_sampler_free (MemscopeSampler *sampler);

/**
 * memscope_sampler_track_variable:
 * @sampler: (nullable): a sampler
 * @ptr: an address
 * @size: bytes
 * @name: (nullable): what the program calls it
 * @type: (nullable): its type, as the program would write it
 *
 * As memscope_track_variable(): what is tracked explicitly is not sampled, each call
 * is in the recording.
 */
MEMSCOPE_API int memscope_sampler_track_variable (MemscopeSampler *sampler,
                                                  const void      *ptr,
                                                  size_t           size,
                                                  const char      *name,
                                                  const char      *type) MEMSCOPE_UNREAD_2_;

/* ---- blocks: names, types, holders ----------------------------------------------------- */

/**
 * memscope_track_variable:
 * @ptr: an address; NULL does nothing
 * @size: bytes the variable takes, 0 if not known
 * @name: (nullable): what the program calls it
 * @type: (nullable): its type
 *
 * Gives the live block that contains @ptr a name and a type. Where there is none,
 * (static data, a stack, memory of a pool that nobody reported) a block of @size bytes
 * begins. Naming a block again renames it. A block that is resized keeps its name.
 */
MEMSCOPE_API int memscope_track_variable (const void *ptr,
                                          size_t      size,
                                          const char *name,
                                          const char *type) MEMSCOPE_UNREAD_;

/**
 * memscope_track_end:
 * @ptr: an address given to memscope_track_variable()
 *
 * Ends the block that this API began at exactly @ptr. Blocks of the allocator are
 * ended by free() alone: for them this is a remark.
 */
MEMSCOPE_API int memscope_track_end (const void *ptr) MEMSCOPE_UNREAD_;

/**
 * memscope_track_clone:
 * @ptr: the data that has one more holder now
 * @original: (nullable): what it was cloned from; the same as @ptr where only a count of
 *   references went up
 *
 * The block counts as *shared* until as many memscope_track_return() came.
 */
MEMSCOPE_API int memscope_track_clone (const void *ptr,
                                       const void *original) MEMSCOPE_UNREAD_BOTH_;

/**
 * memscope_track_borrow:
 * @ptr: what is borrowed
 * @borrower: (nullable): who borrows, for people to read
 *
 * Someone else than the owner reads the block for a while.
 */
MEMSCOPE_API int memscope_track_borrow (const void *ptr,
                                        const char *borrower) MEMSCOPE_UNREAD_;

/**
 * memscope_track_borrow_mut:
 * @ptr: what is borrowed
 * @borrower: (nullable): who borrows
 *
 * Likewise, and writes to it.
 */
MEMSCOPE_API int memscope_track_borrow_mut (const void *ptr,
                                            const char *borrower) MEMSCOPE_UNREAD_;

/**
 * memscope_track_return:
 * @ptr: what was borrowed or cloned
 *
 * The latest borrow or clone of the block is over.
 */
MEMSCOPE_API int memscope_track_return (const void *ptr) MEMSCOPE_UNREAD_;

/* ---- scopes ------------------------------------------------------------------------------ */

/**
 * memscope_scope_begin:
 * @name: what the program does from here on
 *
 * Begins a scope of the calling thread. Scopes nest.
 */
MEMSCOPE_API int memscope_scope_begin (const char *name);

/**
 * memscope_scope_end:
 * @name: (nullable): the scope
 *
 * Ends the innermost scope of the calling thread that has this name; NULL: the
 * innermost of all.
 */
MEMSCOPE_API int memscope_scope_end (const char *name);

/* ---- language boundaries ---------------------------------------------------------------------- */

/**
 * memscope_ffi_hand_over:
 * @ptr: the memory
 * @size: bytes, 0 if not known
 * @boundary: where to, such as `"Rust"` or `"libfoo"`
 *
 * Ownership goes to code in another language or library, which is to free the memory
 * or give it back. A stamp in the block's FFI passport.
 */
MEMSCOPE_API int memscope_ffi_hand_over (const void *ptr,
                                         size_t      size,
                                         const char *boundary) MEMSCOPE_UNREAD_;

/**
 * memscope_ffi_take_back:
 * @ptr: the memory
 * @boundary: where from
 *
 * Ownership comes (back) to the calling code.
 */
MEMSCOPE_API int memscope_ffi_take_back (const void *ptr,
                                         const char *boundary) MEMSCOPE_UNREAD_;

/* ---- pools ------------------------------------------------------------------------------------------ */

/**
 * memscope_pool_create:
 * @pool: where the pool's memory begins
 * @size: bytes of it
 * @name: (nullable): what the pool is called
 *
 * From a piece of memory that the program has (a block of the allocator, a region of
 * mmap(), static data) it will hand out parts by itself. A pool that grows by chunks is
 * one pool per chunk; those of one name are shown together.
 */
MEMSCOPE_API int memscope_pool_create (const void *pool,
                                       size_t      size,
                                       const char *name) MEMSCOPE_UNREAD_;

/**
 * memscope_pool_alloc:
 * @pool: the pool
 * @ptr: the part handed out; it should lie inside the pool
 * @size: bytes of it
 *
 * A block is born inside the pool. It never adds to the totals, for the pool's memory
 * is counted already.
 */
MEMSCOPE_API int memscope_pool_alloc (const void *pool,
                                      const void *ptr,
                                      size_t      size) MEMSCOPE_UNREAD_BOTH_;

/**
 * memscope_pool_free:
 * @pool: the pool
 * @ptr: a part of it
 *
 * The block that was born at @ptr dies.
 */
MEMSCOPE_API int memscope_pool_free (const void *pool,
                                     const void *ptr) MEMSCOPE_UNREAD_BOTH_;

/**
 * memscope_pool_destroy:
 * @pool: the pool
 *
 * All blocks of the pool that are alive die with it. The memory itself does not: it
 * is the allocator's, or whose it was.
 */
MEMSCOPE_API int memscope_pool_destroy (const void *pool) MEMSCOPE_UNREAD_;

/* ---- moments and threads ----------------------------------------------------------------------------- */

/**
 * memscope_mark_set:
 * @text: what happens now
 *
 * A mark on the time line.
 */
MEMSCOPE_API int memscope_mark_set (const char *text);

/**
 * memscope_thread_set_name:
 * @name: what the calling thread is for
 *
 * Stronger than the name the system knows (pthread_setname_np()), which is cut at
 * 15 bytes.
 */
MEMSCOPE_API int memscope_thread_set_name (const char *name);

#ifdef __cplusplus
}
#endif

#if !defined MEMSCOPE_BUILDING
#include "memscope-calls.h"
#include "memscope-macros.h"
#ifdef __cplusplus
#include "memscope-cxx.h"
#endif
#endif

#endif
