/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "memscope-selection.h"

G_BEGIN_DECLS

/**
 * MemscopeRegionKind:
 * @MEMSCOPE_REGION_HEAP: the main heap of glibc, which the kernel calls `[heap]`
 * @MEMSCOPE_REGION_ARENA: a further heap of glibc: anonymous memory that begins at
 *   a multiple of 64 MiB
 * @MEMSCOPE_REGION_MMAP: other anonymous memory; where large blocks have mappings of their own
 * @MEMSCOPE_REGION_PROGRAM: mapped from the program's own file
 * @MEMSCOPE_REGION_FILE: mapped from another file, mostly libraries
 * @MEMSCOPE_REGION_STACK: the main stack
 * @MEMSCOPE_REGION_CLUSTER: a run of blocks near one another, of which nothing else is known
 *
 * What a part of the address space is. For a region that was not recorded the kind is
 * a guess from the addresses of its blocks; see MemscopeMapRegion.recorded.
 */
typedef enum
{
  MEMSCOPE_REGION_HEAP,
  MEMSCOPE_REGION_ARENA,
  MEMSCOPE_REGION_MMAP,
  MEMSCOPE_REGION_PROGRAM,
  MEMSCOPE_REGION_FILE,
  MEMSCOPE_REGION_STACK,
  MEMSCOPE_REGION_CLUSTER,
  MEMSCOPE_N_REGION_KINDS
} MemscopeRegionKind;

/* Flags of a block of the map. */
enum
{
  MEMSCOPE_MAP_SELECTED  = 1 << 0,   /* passes the whole selection; the others are there, but in no figure of it */
  MEMSCOPE_MAP_INHERITED = 1 << 1,   /* alive at the fork */
  MEMSCOPE_MAP_OVERLAPS  = 1 << 2,   /* begins inside a block before it: only in files that say so */
};

/* A gap shorter than this is the allocator's bookkeeping, not a hole: no allocator
 * of a 64-bit system could place a block in it.
 */
#define MEMSCOPE_MAP_MIN_HOLE 32u

/**
 * MemscopeMapRegion:
 * @kind: a #MemscopeRegionKind
 * @recorded: a mapping of the recording; else inferred from the addresses
 * @start: first byte
 * @end: behind the last byte
 * @path: of the mapping; 0 anonymous or not recorded
 * @thread: which thread's blocks have most bytes in it; 0 not recorded
 * @number: counts the regions of its kind from 1, by address
 * @first: its first block
 * @n_blocks: how many follow one another in the map from there
 * @n_selected: of these, selected
 * @live_bytes: requested bytes of the selected ones
 * @used_bytes: bytes that lie in at least one block, its rounding included
 * @hole_bytes: bytes of all holes: gaps of at least %MEMSCOPE_MAP_MIN_HOLE
 * @largest_hole: the largest of them
 * @n_holes: how many
 * @top_free: bytes behind the last block; part of the holes
 * @sparse_bytes: bytes of pages that are in use, but less than 25 % full
 * @empty_bytes: bytes of pages that lie in holes altogether
 * @fragmentation: 1 − largest_hole ÷ hole_bytes; 0 without holes; NAN when not known
 * @n_pins: so many of the last blocks keep the end of the region from being returned; 0 none
 * @pin_bytes: bytes that the end of the region would have free without them, in whole
 *   pages, those behind the last block included
 *
 * A contiguous part of the address space with blocks in it. The figures but
 * @n_selected and @live_bytes are of all blocks alive there, selected or not. Where
 * only samples were recorded, those of holes, pages and pins are %MEMSCOPE_UNKNOWN
 * (n_pins 0).
 *
 * The pins are as few of the last blocks as give nine tenths of what at most
 * %MEMSCOPE_MAP_MAX_PINS of them could: without them at least 128 KiB more would be
 * free at the end, of which they fill less than a quarter. Only of heaps and arenas.
 */
typedef struct
{
  guint            kind;
  gboolean         recorded;
  guint64          start;
  guint64          end;
  MemscopeStringId path;
  MemscopeThreadId thread;
  guint            number;
  guint64          first;
  guint64          n_blocks;
  guint64          n_selected;
  guint64          live_bytes;
  guint64          used_bytes;
  guint64          hole_bytes;
  guint64          largest_hole;
  guint64          n_holes;
  guint64          top_free;
  guint64          sparse_bytes;
  guint64          empty_bytes;
  double           fragmentation;
  guint            n_pins;
  guint64          pin_bytes;
} MemscopeMapRegion;

#define MEMSCOPE_MAP_MAX_PINS 64u

/* A part of the address space for the overview of all of it, blocks or none: mappings
 * of one kind that follow one another. Where none are recorded, the regions.
 */
typedef struct
{
  guint            kind;
  gboolean         recorded;
  guint64          start;
  guint64          end;
  guint64          mapped_bytes;   /* without the gaps between its mappings */
  MemscopeStringId path;           /* of the first mapping */
} MemscopeMapArea;

/**
 * MemscopeAddressMap:
 * @n_blocks: blocks alive at the instant; element i of each column is one of them
 * @n_selected: of these, selected
 * @live_bytes: requested bytes of the selected ones
 * @n_overlapping: blocks that begin inside another
 * @n_regions: regions, ascending; every block is in one
 * @n_areas: areas, ascending
 * @page_size: bytes
 * @sampled: only samples were recorded: "sampled blocks only"
 * @mappings_time: ns, of the snapshot of the address space that was used; %MEMSCOPE_UNKNOWN:
 *   none is recorded, and the regions are inferred
 *
 * Where everything is at the instant of a selection: the blocks, ascending by address
 * (then row), and what lies around them.
 *
 * All blocks of the selected origins are there, for they take up room; those that
 * the threads, modules or text of the selection leave out, or that were inherited
 * at a fork, lack %MEMSCOPE_MAP_SELECTED. "Alive" is as in memscope-summary.h.
 * Nested blocks are left to their parents, as everywhere.
 */
typedef struct
{
  guint64            n_blocks;
  guint64            n_selected;
  guint64            live_bytes;
  guint64            n_overlapping;

  guint64           *address;
  guint64           *size;          /* requested */
  guint64           *birth_time;    /* ns */
  guint64           *death_time;    /* ns; MEMSCOPE_NEVER: alive at the end */
  guint64           *row;
  guint32           *rounding;      /* G_MAXUINT32: not recorded */
  guint32           *thread;
  guint32           *death_thread;  /* 0: not recorded */
  guint32           *stack;         /* MemscopeStackId of the birth */
  guint32           *call_site;     /* MemscopeFrameId */
  guint32           *variable;      /* explicit or of the call site */
  guint32           *region;        /* index */
  guint8            *stage;         /* MemscopeStage of the block alone */
  guint8            *origin;        /* MemscopeOrigin */
  guint8            *flags;         /* MEMSCOPE_MAP_* */

  guint              n_regions;
  MemscopeMapRegion *regions;
  guint              n_areas;
  MemscopeMapArea   *areas;

  guint64            begin;
  guint64            end;
  guint64            instant;
  guint64            page_size;
  guint64            mappings_time;
  gboolean           sampled;
} MemscopeAddressMap;

/* Pure, any thread; NULL with G_IO_ERROR_CANCELLED is the only error. */
/* The same where only blocks at some stages pass (bit 1 << MemscopeStage; 0: all). */
MemscopeAddressMap *memscope_address_map_new_at_stages (MemscopeSession   *session,
                                                        MemscopeSelection *selection,
                                                        guint              stages,
                                                        GCancellable      *cancellable,
                                                        GError           **error);
MemscopeAddressMap *memscope_address_map_new  (MemscopeSession           *session,
                                               MemscopeSelection         *selection,
                                               GCancellable              *cancellable,
                                               GError                   **error);
void                memscope_address_map_free (MemscopeAddressMap        *self);

/* The block that contains @address (the highest that begins at or before it, where
 * several do), else G_MAXUINT64. A block of size 0 contains its own address.
 */
guint64             memscope_address_map_find (const MemscopeAddressMap  *self,
                                               guint64                    address);
/* The block that is @row, else G_MAXUINT64. */
guint64             memscope_address_map_find_row (const MemscopeAddressMap *self,
                                                   guint64                   row);

/* Bytes of each of @n_pages pages from the one of @address on that lie in a block. */
void                memscope_address_map_get_occupancy (const MemscopeAddressMap *self,
                                                        guint64                   address,
                                                        guint                     n_pages,
                                                        guint32                  *bytes);

/* "Main heap", "Arena 2 · worker-1", "Large blocks": translated; how it is known is
 * for the caller to say (@recorded). Transfer full.
 */
char               *memscope_map_region_dup_label (const MemscopeMapRegion *region,
                                                   MemscopeSession         *session);
/* "heap", "arena", …: never translated. */
const char         *memscope_region_kind_get_nick (MemscopeRegionKind       kind);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MemscopeAddressMap, memscope_address_map_free)

G_END_DECLS
