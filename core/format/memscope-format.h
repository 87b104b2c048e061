/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* The native .memscope format, version 16: constants, fixed structures and the
 * codec of *one* chunk. No policy lives here: who cuts chunks, when, and what
 * to do about a damaged one is decided by the collector and the reader.
 *
 * FORMAT.md is the grammar in prose, with worked bytes. C11 and libc only; the
 * same objects are linked into the recorder, the collector and the library.
 *
 * Byte order: everything in the file is little-endian. Fixed structures below
 * are laid out so that a little-endian machine can copy them; others swap.
 *
 * Decoding never trusts a length: each decoder is given the bytes that exist,
 * and fails (false / a negative result) instead of reading past them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MEMSCOPE_FORMAT_MAGIC       "MEMSCOPE"
#define MEMSCOPE_FORMAT_VERSION     16u

/* The first bytes of a file (and of a live stream). */
typedef struct
{
  uint8_t  magic[8];           /* "MEMSCOPE" */
  uint32_t version;            /* MEMSCOPE_FORMAT_VERSION */
  uint32_t header_size;        /* bytes from the start of the file to the first chunk */
  uint8_t  session_uuid[16];   /* this recording */
  uint8_t  tree_uuid[16];      /* shared by all processes of one `record` */
  uint64_t created_unix_ns;    /* wall clock at tick 0 */
  uint32_t flags;              /* MEMSCOPE_FILE_* */
  uint32_t checksum;           /* low half of xxh3-64 over the bytes before it */
} MemscopeFileHeader;

_Static_assert (sizeof (MemscopeFileHeader) == 64, "the file header is 64 bytes");

enum
{
  MEMSCOPE_FILE_SAMPLED      = 1u << 0, /* at least a part was recorded by sampling */
  MEMSCOPE_FILE_NO_COLLECTOR = 1u << 1, /* written from inside the target: SIGKILL loses unwritten rings */
  MEMSCOPE_FILE_ACCOUNTED    = 1u << 2, /* the writer knew what was alive: no birth is at the address of a live block, no
                                         * death by address is of one */
  MEMSCOPE_FILE_SEGMENT_SHIFT = 8,      /* above that: the number of the segment, from 1; 0: one file is all there is */
};

/* The number of a rotated recording's segment, from 1; 0: the file is all there is. */
static inline uint32_t
memscope_file_header_get_segment (const MemscopeFileHeader *header)
{
  return header->flags >> MEMSCOPE_FILE_SEGMENT_SHIFT;
}

/* Chunk kinds. A reader skips the kinds it does not know. */
typedef enum
{
  MEMSCOPE_CHUNK_STRINGS     = 1,
  MEMSCOPE_CHUNK_MODULES     = 2,
  MEMSCOPE_CHUNK_FRAMES      = 3,
  MEMSCOPE_CHUNK_STACKS      = 4,
  MEMSCOPE_CHUNK_THREADS     = 5,
  MEMSCOPE_CHUNK_EVENTS      = 6,
  MEMSCOPE_CHUNK_FACTS       = 7,   /* the process: key/value */
  MEMSCOPE_CHUNK_SAMPLES     = 8,   /* context from /proc */
  MEMSCOPE_CHUNK_MAPPINGS    = 9,   /* one snapshot of the address space */
  MEMSCOPE_CHUNK_GAPS        = 10,
  MEMSCOPE_CHUNK_MARKS       = 11,
  MEMSCOPE_CHUNK_CLOCK       = 12,
  MEMSCOPE_CHUNK_CHECKPOINT  = 13,  /* the live set */
  MEMSCOPE_CHUNK_SYMBOLS     = 14,
  MEMSCOPE_CHUNK_ANNOTATIONS = 15,  /* the explicit API */
  MEMSCOPE_CHUNK_END         = 16,  /* how the recording ended */
  MEMSCOPE_CHUNK_FOOTER      = 17,  /* index of the chunks before it */
  MEMSCOPE_CHUNK_MODES       = 18,  /* from where on which allocations are recorded */
  MEMSCOPE_CHUNK_OVERVIEW    = 19,  /* what the heap's events before it come to */
} MemscopeChunkKind;

typedef enum
{
  MEMSCOPE_CODEC_RAW  = 0,
  MEMSCOPE_CODEC_ZSTD = 1,
} MemscopeCodec;

#define MEMSCOPE_CHUNK_SYNC      0x4b43534du          /* "MSCK" */
#define MEMSCOPE_CHUNK_MAX_SIZE  (64u * 1024u * 1024u) /* stored and raw: a larger length is damage */
#define MEMSCOPE_CHUNK_MAX_EVENTS (1024u * 1024u)     /* likewise; writers cut at 256 Ki */
#define MEMSCOPE_FILE_HEADER_MAX_SIZE 65536u          /* likewise */

/* Before each payload. Times are microseconds since tick 0. */
typedef struct
{
  uint32_t sync;           /* MEMSCOPE_CHUNK_SYNC: where a reader finds its feet again */
  uint16_t kind;           /* MemscopeChunkKind */
  uint8_t  codec;          /* MemscopeCodec */
  uint8_t  reserved0;      /* 0 */
  uint32_t stored_size;    /* bytes of payload that follow the head */
  uint32_t raw_size;       /* bytes after decompression */
  uint64_t first_event;    /* events before this chunk */
  uint64_t first_birth;    /* births before this chunk: the index of its first birth */
  uint32_t n_events;       /* 0 but in EVENTS */
  uint32_t n_births;
  uint64_t first_time;
  uint64_t last_time;
  uint64_t min_address;    /* over the births; UINT64_MAX and 0 when there are none */
  uint64_t max_address;    /* end (address + size) of the highest block */
  uint64_t reserved1;      /* 0 */
  uint64_t checksum;       /* xxh3-64 over this head before `checksum`, then seeded with that over the stored payload */
} MemscopeChunkHead;

_Static_assert (sizeof (MemscopeChunkHead) == 88, "the chunk head is 88 bytes");

/* The last bytes of a file that was closed properly. */
typedef struct
{
  uint64_t footer_offset;  /* of the FOOTER chunk's head */
  uint64_t file_size;      /* including this trailer */
  uint32_t checksum;       /* low half of xxh3-64 over the bytes before it */
  uint8_t  magic[12];      /* MEMSCOPE_TRAILER_MAGIC, without its NUL */
} MemscopeTrailer;

#define MEMSCOPE_TRAILER_MAGIC "MEMSCOPE-END"

_Static_assert (sizeof (MemscopeTrailer) == 32, "the trailer is 32 bytes");

/* ---- growable output ------------------------------------------------- */

/* Where an encoder puts bytes. @grow makes room for at least @needed bytes in
 * all and returns the (moved) data, or NULL: then `failed` stays set and
 * further writes are ignored, so that callers check once at the end. The
 * recorder passes its own arena; elsewhere memscope_buffer_init_malloc().
 */
typedef struct _MemscopeBuffer MemscopeBuffer;

struct _MemscopeBuffer
{
  uint8_t *data;
  size_t   length;
  size_t   capacity;
  bool     failed;
  uint8_t *(*grow) (MemscopeBuffer *buffer, size_t needed);
  void    *user_data;
};

void memscope_buffer_init_malloc (MemscopeBuffer *buffer);
void memscope_buffer_clear       (MemscopeBuffer *buffer);  /* only after _init_malloc */
void memscope_buffer_append      (MemscopeBuffer *buffer, const void *data, size_t length);

/* ---- bounded input ---------------------------------------------------- */

typedef struct
{
  const uint8_t *at;
  const uint8_t *end;
  bool           failed;    /* set by the first read past the end; all later reads give 0 */
} MemscopeCursor;

static inline void
memscope_cursor_init (MemscopeCursor *cursor,
                      const void     *data,
                      size_t          length)
{
  cursor->at = (const uint8_t *)data;
  cursor->end = cursor->at + length;
  cursor->failed = false;
}

/* varints: unsigned LEB128, at most 10 bytes; signed values zig-zag. Inline in memscope-varint.h. */

/* ---- heads ------------------------------------------------------------- */

void memscope_file_header_seal   (MemscopeFileHeader *header);          /* fills magic, version, size, checksum */
bool memscope_file_header_check  (const MemscopeFileHeader *header);    /* magic and checksum; not the version */

/* Copies and checks the header at @data: magic, checksum, a sane header_size;
 * not the version.
 */
bool memscope_file_header_read   (const void *data, size_t length, MemscopeFileHeader *header);

/* Appends head and payload to @out. @head's kind, codec, raw_size, event fields
 * are the caller's; sync, stored_size and checksum are filled here.
 */
void memscope_chunk_write        (MemscopeBuffer          *out,
                                  const MemscopeChunkHead *head,
                                  const void              *stored,
                                  size_t                   stored_size);

/* Compresses @raw into @out, which has room for @capacity bytes, more than any
 * codec here makes of @raw_size. Returns the compressed size; 0 = could not.
 */
typedef size_t (*MemscopeCompressFunc) (void       *user_data,
                                        void       *out,
                                        size_t      capacity,
                                        const void *raw,
                                        size_t      raw_size);

/* Appends head and compressed payload, or the raw one where that is no larger
 * or @compress is NULL. Fills raw_size and codec too.
 */
void memscope_chunk_compress     (MemscopeBuffer          *out,
                                  const MemscopeChunkHead *head,
                                  const void              *raw,
                                  size_t                   raw_size,
                                  MemscopeCodec            codec,
                                  MemscopeCompressFunc     compress,
                                  void                    *user_data);

typedef enum
{
  MEMSCOPE_CHUNK_OK,
  MEMSCOPE_CHUNK_INCOMPLETE,   /* the bytes end inside the head or the payload */
  MEMSCOPE_CHUNK_BAD_HEAD,     /* no sync word, or numbers beyond the limits */
  MEMSCOPE_CHUNK_BAD_CHECKSUM,
} MemscopeChunkStatus;

/* Reads the head at @data and checks that the payload is there and intact. */
MemscopeChunkStatus memscope_chunk_read  (const void         *data,
                                          size_t              length,
                                          MemscopeChunkHead  *head);

/* The offset >= @from of the next sync word whose head is plausible, or @length. */
size_t memscope_chunk_resync             (const void *data, size_t length, size_t from);

/* ---- events -------------------------------------------------------------- */

/* Births first, deaths after: (kind < MEMSCOPE_EVENT_FIRST_DEATH) is a birth. */
typedef enum
{
  MEMSCOPE_EVENT_INVALID       = 0,
  MEMSCOPE_EVENT_MALLOC        = 1,
  MEMSCOPE_EVENT_CALLOC        = 2,
  MEMSCOPE_EVENT_REALLOC       = 3,   /* the birth half; `ago` names the block it continues */
  MEMSCOPE_EVENT_ALIGNED       = 4,   /* posix_memalign, aligned_alloc, memalign, valloc, pvalloc */
  MEMSCOPE_EVENT_REGION        = 5,   /* mmap family, called by the program itself */
  MEMSCOPE_EVENT_POOL          = 6,   /* a block inside a pool reported by the API */
  MEMSCOPE_EVENT_INHERITED     = 7,   /* alive in the parent at fork: known, but in no total */
  MEMSCOPE_EVENT_FIRST_DEATH   = 8,
  MEMSCOPE_EVENT_FREE          = 8,   /* by index: `ago` */
  MEMSCOPE_EVENT_REALLOC_DEATH = 9,   /* by index: the death half of a realloc, or realloc (p, 0) */
  MEMSCOPE_EVENT_FREE_UNKNOWN  = 10,  /* by address: the block was never seen being born */
  MEMSCOPE_EVENT_REALLOC_UNKNOWN = 11,
  MEMSCOPE_EVENT_REGION_DEATH  = 12,  /* by index */
  MEMSCOPE_EVENT_POOL_DEATH    = 13,  /* by index */
  MEMSCOPE_EVENT_LOST_DEATH    = 14,  /* by index: a birth met this live block, so its death was not seen */
  MEMSCOPE_EVENT_N_KINDS       = 15,
} MemscopeEventKind;

#define MEMSCOPE_USABLE_UNKNOWN UINT32_MAX

/* One birth or one death, decoded. Order is the position in the stream. */
typedef struct
{
  uint64_t time;            /* microseconds since tick 0 */
  uint64_t address;         /* births, and deaths by address; else 0 */
  uint64_t size;            /* births: bytes requested; else 0 */
  uint64_t ago;             /* deaths by index: 1 = the latest birth before this event, and so on;
                             * births by realloc: the same for the block that is continued, 0 = unknown */
  uint32_t thread;          /* THREADS id */
  uint32_t stack;           /* STACKS id; 0 = not recorded */
  uint32_t rounding;        /* births: usable - requested bytes, or MEMSCOPE_USABLE_UNKNOWN */
  uint8_t  kind;            /* MemscopeEventKind */
  uint8_t  alignment_log2;  /* births with an explicit alignment; else 0 */
  uint8_t  reserved[2];
} MemscopeEvent;

_Static_assert (sizeof (MemscopeEvent) == 48, "the decoded event is 48 bytes");

static inline bool
memscope_event_is_birth (uint8_t kind)
{
  return kind != MEMSCOPE_EVENT_INVALID && kind < MEMSCOPE_EVENT_FIRST_DEATH;
}

/* Deaths that name the block by address, because its birth was never seen. */
static inline bool
memscope_event_is_unknown_death (uint8_t kind)
{
  return kind == MEMSCOPE_EVENT_FREE_UNKNOWN || kind == MEMSCOPE_EVENT_REALLOC_UNKNOWN;
}

/* The rounding that is not written: what glibc makes of a request (chunks of
 * 16 bytes, 8 of them the header, at least 32). Modulo 2^32 for absurd sizes.
 */
static inline uint32_t
memscope_event_expected_rounding (uint64_t size)
{
  uint64_t usable = ((size + 23) & ~UINT64_C (15)) - 8;

  return (uint32_t)((usable < 24 ? 24 : usable) - size);
}

/* Appends the payload of an EVENTS chunk (column by column) and fills kind,
 * codec (raw), raw_size and the event fields of @head. @events are in stream
 * order with non-decreasing times, MEMSCOPE_CHUNK_MAX_EVENTS at most; fields
 * that the kind does not have are not written. A kind that does not exist, and
 * an `ago` that names no birth, set @out's `failed`.
 */
void memscope_events_encode (const MemscopeEvent *events,
                             size_t               n_events,
                             uint64_t             first_event,
                             uint64_t             first_birth,
                             MemscopeChunkHead   *head,
                             MemscopeBuffer      *out);

/* Decodes the raw payload of an EVENTS chunk into @events, room for
 * head->n_events (which is at most @length, or this fails). false: the payload contradicts itself or the head; nothing
 * of the chunk may then be used.
 */
bool memscope_events_decode (const MemscopeChunkHead *head,
                             const void              *payload,
                             size_t                   length,
                             MemscopeEvent           *events);

/* ---- dictionaries: each chunk holds entries first_id, first_id + 1, ... ---- */

/* Ids start at 1; 0 is "none". Each append function adds one entry to @out,
 * which begins with memscope_dictionary_begin(). Each `next` decodes the entry
 * at the cursor and returns false at the end or on damage (cursor.failed).
 */
void memscope_dictionary_begin (MemscopeBuffer *out, uint64_t first_id);
bool memscope_dictionary_open  (MemscopeCursor *cursor, const void *payload, size_t length, uint64_t *first_id);

typedef struct
{
  const uint8_t *bytes;      /* any bytes, NULs included; not terminated */
  uint32_t       length;
} MemscopeStringEntry;

typedef struct
{
  uint32_t       path;            /* STRINGS id */
  uint32_t       build_id_length;
  const uint8_t *build_id;
  uint64_t       bias;            /* address in memory - address in the ELF file */
  uint64_t       start;           /* mapped range, addresses in memory */
  uint64_t       end;
  uint64_t       load_time;       /* microseconds since tick 0 */
  uint64_t       unload_time;     /* UINT64_MAX: never */
} MemscopeModuleEntry;

enum
{
  MEMSCOPE_FRAME_RETURN_ADDRESS = 1u << 0,  /* look up `offset - 1` */
  MEMSCOPE_FRAME_SIGNAL         = 1u << 1,
};

typedef struct
{
  uint32_t module;           /* MODULES id; 0: `offset` is an absolute address */
  uint32_t flags;            /* MEMSCOPE_FRAME_* */
  uint64_t offset;           /* address in the ELF file */
} MemscopeFrameEntry;

/* A trie node. The id of a stack is that of its innermost frame; `parent` is
 * the caller's node. parent 0 is the outermost frame. A node with frame 0 and
 * parent 0 stands for "frames beyond here were not recorded" (truncated).
 */
typedef struct
{
  uint32_t parent;
  uint32_t frame;
} MemscopeStackEntry;

/* Later entries with an id already known replace the earlier ones. */
typedef struct
{
  uint32_t id;
  uint32_t tid;              /* of the operating system; 0 = not recorded */
  uint32_t name;             /* STRINGS id; 0 = not recorded */
  uint32_t reserved;
  uint64_t start_time;       /* microseconds since tick 0, of the first event */
  uint64_t end_time;         /* UINT64_MAX: alive at the end of the recording */
} MemscopeThreadEntry;

void memscope_string_append (MemscopeBuffer *out, const void *bytes, uint32_t length);
bool memscope_string_next   (MemscopeCursor *cursor, MemscopeStringEntry *entry);
void memscope_module_append (MemscopeBuffer *out, const MemscopeModuleEntry *entry);
bool memscope_module_next   (MemscopeCursor *cursor, MemscopeModuleEntry *entry);
void memscope_frame_append  (MemscopeBuffer *out, const MemscopeFrameEntry *entry);
bool memscope_frame_next    (MemscopeCursor *cursor, MemscopeFrameEntry *entry);
void memscope_stack_append  (MemscopeBuffer *out, const MemscopeStackEntry *entry);
bool memscope_stack_next    (MemscopeCursor *cursor, MemscopeStackEntry *entry);
void memscope_thread_append (MemscopeBuffer *out, const MemscopeThreadEntry *entry);  /* THREADS: no dictionary head */
bool memscope_thread_next   (MemscopeCursor *cursor, MemscopeThreadEntry *entry);

/* ---- facts -------------------------------------------------------------- */

/* Keys are ASCII, values any bytes. Known keys, in FORMAT.md: exe, command
 * (arguments joined by NUL), cwd, pid, parent_pid, start_time, parent_uuid,
 * parent_event, host, kernel, page_size, allocator, mode (realtime|sampling),
 * interval, stack_depth, recorder_version, environment_names (joined by NUL).
 */
typedef struct
{
  MemscopeStringEntry key;
  MemscopeStringEntry value;
} MemscopeFact;

void memscope_fact_append (MemscopeBuffer *out, const char *key, const void *value, uint32_t length);
bool memscope_fact_next   (MemscopeCursor *cursor, MemscopeFact *fact);

/* ---- context samples --------------------------------------------------------- */

typedef enum
{
  MEMSCOPE_SAMPLE_PROCESS = 1,   /* /proc/PID/statm and io */
  MEMSCOPE_SAMPLE_THREAD  = 2,   /* /proc/PID/task/TID/{stat,status,io} */
  MEMSCOPE_SAMPLE_ROLLUP  = 3,   /* /proc/PID/smaps_rollup */
} MemscopeSampleKind;

#define MEMSCOPE_NOT_RECORDED UINT64_MAX

/* Unused and unreadable values are MEMSCOPE_NOT_RECORDED. All counters are cumulative. */
typedef struct
{
  uint64_t time;             /* microseconds since tick 0 */
  uint32_t kind;             /* MemscopeSampleKind */
  uint32_t thread;           /* THREADS id; THREAD samples only */
  uint64_t values[8];        /* PROCESS: rss, shared, vsize, data bytes; read, written bytes; minor, major faults
                              * THREAD: user ns, system ns, voluntary, involuntary switches, read, written bytes,
                              *         state character, block-I/O delay ns
                              * ROLLUP: rss, pss, anonymous, shared clean, private dirty, swap, recorder's own rss, - */
} MemscopeSample;

void memscope_sample_append (MemscopeBuffer *out, const MemscopeSample *sample);
bool memscope_sample_next   (MemscopeCursor *cursor, MemscopeSample *sample);

/* ---- mappings: a snapshot; time in head.first_time --------------------------- */

typedef struct
{
  uint64_t start;
  uint64_t end;
  uint64_t offset;           /* in the file */
  uint64_t rss;              /* bytes; MEMSCOPE_NOT_RECORDED when read from maps alone */
  uint64_t dirty;
  uint32_t permissions;      /* bits r=1 w=2 x=4 shared=8 */
  uint32_t path;             /* STRINGS id; "[heap]", "[stack]" as the kernel says; 0 = anonymous */
} MemscopeMapping;

void memscope_mapping_append (MemscopeBuffer *out, const MemscopeMapping *mapping);
bool memscope_mapping_next   (MemscopeCursor *cursor, MemscopeMapping *mapping);

/* ---- gaps, marks, clock ------------------------------------------------------- */

typedef enum
{
  MEMSCOPE_GAP_RING_FULL         = 1,
  MEMSCOPE_GAP_COLLECTOR_STALLED = 2,
  MEMSCOPE_GAP_PAUSED            = 3,
  MEMSCOPE_GAP_NESTED            = 4,   /* a third signal level inside the recorder */
  MEMSCOPE_GAP_FORK              = 5,   /* a child could not register */
  MEMSCOPE_GAP_DAMAGED           = 6,   /* the target wrote over a ring: what followed in it is not known */
  MEMSCOPE_GAP_DEATHS            = 7,   /* more sampled blocks alive than can be watched: of so many the death is not seen */
  MEMSCOPE_GAP_SEGMENT           = 8,   /* only readers say so: a segment of a rotated recording is missing */
} MemscopeGapReason;

typedef struct
{
  uint64_t begin;            /* microseconds since tick 0 */
  uint64_t end;
  uint64_t events;           /* lost; MEMSCOPE_NOT_RECORDED when not even that is known */
  uint64_t bytes;            /* requested bytes of the lost births, likewise */
  uint32_t thread;           /* 0 = all */
  uint32_t reason;
} MemscopeGap;

typedef struct
{
  uint64_t time;
  uint64_t event;            /* events before it */
  uint32_t thread;
  uint32_t text;             /* STRINGS id */
} MemscopeMark;

typedef struct
{
  uint64_t time;             /* microseconds since tick 0 */
  uint64_t tick;             /* the raw counter */
  uint64_t monotonic_ns;
  uint64_t realtime_ns;
} MemscopeClockPoint;

/* From birth `birth` on, blocks of the heap were recorded so. */
typedef struct
{
  uint64_t time;
  uint64_t birth;            /* births before it */
  uint64_t interval;         /* mean bytes between samples; 0: every allocation */
} MemscopeMode;

void memscope_gap_append   (MemscopeBuffer *out, const MemscopeGap *gap);
bool memscope_gap_next     (MemscopeCursor *cursor, MemscopeGap *gap);
void memscope_mark_append  (MemscopeBuffer *out, const MemscopeMark *mark);
bool memscope_mark_next    (MemscopeCursor *cursor, MemscopeMark *mark);
void memscope_mode_append  (MemscopeBuffer *out, const MemscopeMode *mode);
bool memscope_mode_next    (MemscopeCursor *cursor, MemscopeMode *mode);
void memscope_clock_append (MemscopeBuffer *out, const MemscopeClockPoint *point);
bool memscope_clock_next   (MemscopeCursor *cursor, MemscopeClockPoint *point);

/* ---- checkpoint: every block alive before event head.first_event ---------------- */

typedef struct
{
  uint64_t birth;            /* index of its birth; entries ascend */
  uint64_t address;
  uint64_t size;
  uint64_t time;             /* of its birth, microseconds */
  uint32_t thread;
  uint32_t stack;
  uint32_t rounding;
  uint32_t kind;             /* of its birth */
} MemscopeLiveBlock;

void memscope_live_block_append (MemscopeBuffer *out, uint64_t *previous_birth, const MemscopeLiveBlock *block);
bool memscope_live_block_next   (MemscopeCursor *cursor, uint64_t *previous_birth, MemscopeLiveBlock *block);

/* ---- symbols ---------------------------------------------------------------------- */

/* What an address is, innermost inlined function first. Strings 0 = not known. */
typedef struct
{
  uint32_t function;         /* STRINGS id, demangled */
  uint32_t linkage_name;     /* STRINGS id, as in the symbol table; 0 when equal */
  uint32_t file;             /* STRINGS id */
  uint32_t line;             /* 0 = not known */
  uint32_t column;           /* 0 = not known */
  uint32_t language;         /* MemscopeLanguage */
} MemscopeSymbolEntry;

typedef enum
{
  MEMSCOPE_LANGUAGE_UNKNOWN = 0,
  MEMSCOPE_LANGUAGE_C       = 1,
  MEMSCOPE_LANGUAGE_CXX     = 2,
  MEMSCOPE_LANGUAGE_RUST    = 3,
  MEMSCOPE_LANGUAGE_OTHER   = 4,
} MemscopeLanguage;

/* One frame's symbols: frame id, count, entries. A later record for a frame replaces the earlier one. */
void memscope_symbols_append (MemscopeBuffer *out, uint32_t frame, const MemscopeSymbolEntry *entries, uint32_t n_entries);
bool memscope_symbols_next   (MemscopeCursor *cursor, uint32_t *frame, uint32_t *n_entries);  /* then that many: */
bool memscope_symbol_next    (MemscopeCursor *cursor, MemscopeSymbolEntry *entry);

/* ---- annotations: the explicit API ---------------------------------------------------- */

typedef enum
{
  MEMSCOPE_ANNOTATION_TRACK      = 1,   /* name and type the block at address, or begin an api block */
  MEMSCOPE_ANNOTATION_UNTRACK    = 2,
  MEMSCOPE_ANNOTATION_CLONE      = 3,   /* other = the original */
  MEMSCOPE_ANNOTATION_BORROW     = 4,
  MEMSCOPE_ANNOTATION_BORROW_MUT = 5,
  MEMSCOPE_ANNOTATION_RETURN     = 6,   /* of a borrow or a clone */
  MEMSCOPE_ANNOTATION_SCOPE_BEGIN = 7,  /* name = the scope */
  MEMSCOPE_ANNOTATION_SCOPE_END  = 8,
  MEMSCOPE_ANNOTATION_FFI_OUT    = 9,   /* name = the boundary */
  MEMSCOPE_ANNOTATION_FFI_IN     = 10,
  MEMSCOPE_ANNOTATION_POOL_CREATE = 11, /* address = the pool, name = its name */
  MEMSCOPE_ANNOTATION_POOL_DESTROY = 12,
} MemscopeAnnotationKind;

typedef struct
{
  uint64_t event;            /* events before it in the stream */
  uint64_t time;             /* microseconds since tick 0 */
  uint64_t address;
  uint64_t size;             /* as reported */
  uint64_t other;
  uint32_t kind;
  uint32_t thread;
  uint32_t stack;
  uint32_t name;             /* STRINGS id */
  uint32_t type;             /* STRINGS id */
  uint32_t reserved;
} MemscopeAnnotation;

void memscope_annotation_append (MemscopeBuffer *out, const MemscopeAnnotation *annotation);
bool memscope_annotation_next   (MemscopeCursor *cursor, MemscopeAnnotation *annotation);

/* ---- the end ----------------------------------------------------------------------------- */

typedef enum
{
  MEMSCOPE_END_UNKNOWN   = 0,
  MEMSCOPE_END_EXIT      = 1,   /* status = exit status */
  MEMSCOPE_END_SIGNAL    = 2,   /* status = signal number */
  MEMSCOPE_END_EXEC      = 3,   /* the image was replaced; the next file of the tree goes on */
  MEMSCOPE_END_DETACHED  = 4,   /* the recorder was taken out; the program runs on */
  MEMSCOPE_END_STOPPED   = 5,   /* the recording was stopped (size, time, user); the program ran on;
                                 * status = the errno that stopped it (EFBIG: the size limit), 0 = asked for */
  MEMSCOPE_END_GONE      = 6,   /* the process ended; nobody who saw it could read its status */
  MEMSCOPE_END_CONTINUED = 7,   /* the recording goes on in the next segment */
  MEMSCOPE_END_REPAIRED  = 8,   /* it was cut or damaged, and closed afterwards: nobody saw the end */
} MemscopeEndReason;

typedef struct
{
  uint32_t reason;             /* MemscopeEndReason */
  uint32_t status;
  uint64_t time;               /* microseconds since tick 0 */
  uint64_t n_events;           /* in the whole file: a check for readers */
  uint64_t n_births;
  uint64_t failed_allocations; /* calls that returned NULL for lack of memory; these three may be MEMSCOPE_NOT_RECORDED */
  uint64_t unmatched_frees;
  uint64_t truncated_stacks;
} MemscopeEnd;

void memscope_end_append (MemscopeBuffer *out, const MemscopeEnd *end);
bool memscope_end_next   (MemscopeCursor *cursor, MemscopeEnd *end);

/* ---- overview: what all events before it come to ------------------------------------------- */

/* Of blocks of the heap; those inherited at a fork are in no figure. Bytes are requested ones. */
typedef struct
{
  uint64_t n_events;           /* before the chunk, of any kind */
  uint64_t births;
  uint64_t born_bytes;
  uint64_t deaths;
  uint64_t dead_bytes;
  uint64_t temporary;          /* of the deaths: seen, before the next birth of the thread that allocated */
  uint64_t reallocations;      /* of the births: continue a block */
  uint64_t sized_blocks;       /* alive at the end, whose rounding is recorded */
  uint64_t sized_bytes;
  uint64_t usable_bytes;       /* of the same */
  uint64_t peak_bytes;         /* of what was alive at one time */
  uint64_t peak_time;          /* when the first event reached it; microseconds */
  uint64_t peak_blocks;        /* alive right after that */
} MemscopeOverview;

/* How long those lived that were seen dying: how many of them in each bin of
 * memscope_spread_bin (nanoseconds); and the shortest and the longest, in microseconds.
 */
typedef struct
{
  uint64_t shortest;           /* MEMSCOPE_NOT_RECORDED: none died */
  uint64_t longest;
} MemscopeOverviewLifetimes;

/* What the blocks of one birth stack come to. */
typedef struct
{
  uint32_t stack;
  uint64_t births;
  uint64_t born_bytes;
  uint64_t deaths;
  uint64_t dead_bytes;
} MemscopeOverviewStack;

/* Bytes alive in one stretch of events, which ends at @time. */
typedef struct
{
  uint64_t time;               /* microseconds */
  uint64_t min_bytes;
  uint64_t max_bytes;
  uint64_t last_bytes;
} MemscopeOverviewPoint;

/* In this order: totals, lifetimes, then four lists, each begun by its length: bins
 * (ascending), threads that allocated (ascending), stacks (ascending), points. `previous`
 * is 0 at the beginning of each list.
 */
void memscope_overview_append        (MemscopeBuffer *out, const MemscopeOverview *overview, const MemscopeOverviewLifetimes *lifetimes);
void memscope_overview_append_length (MemscopeBuffer *out, uint64_t length);
void memscope_overview_append_bin    (MemscopeBuffer *out, uint64_t *previous, uint32_t bin, uint64_t count);
void memscope_overview_append_thread (MemscopeBuffer *out, uint64_t *previous, uint32_t thread);
void memscope_overview_append_stack  (MemscopeBuffer *out, uint64_t *previous, const MemscopeOverviewStack *stack);
void memscope_overview_append_point  (MemscopeBuffer *out, uint64_t *previous, const MemscopeOverviewPoint *point);
bool memscope_overview_read          (MemscopeCursor *cursor, MemscopeOverview *overview, MemscopeOverviewLifetimes *lifetimes);
uint64_t memscope_overview_read_length (MemscopeCursor *cursor);   /* at most as many as there are bytes left */
bool memscope_overview_read_bin      (MemscopeCursor *cursor, uint64_t *previous, uint32_t *bin, uint64_t *count);
bool memscope_overview_read_thread   (MemscopeCursor *cursor, uint64_t *previous, uint32_t *thread);
bool memscope_overview_read_stack    (MemscopeCursor *cursor, uint64_t *previous, MemscopeOverviewStack *stack);
bool memscope_overview_read_point    (MemscopeCursor *cursor, uint64_t *previous, MemscopeOverviewPoint *point);

/* Bins of values from 0 to 2^64 - 1: exact below 512, 1/256 of their value wide above. */
#define MEMSCOPE_SPREAD_EXACT_BITS 9u
#define MEMSCOPE_SPREAD_SUB_BINS   (1u << (MEMSCOPE_SPREAD_EXACT_BITS - 1))
#define MEMSCOPE_SPREAD_BINS       14592u

static inline uint32_t
memscope_spread_bin (uint64_t value)
{
  unsigned shift;

  if (value < 2 * MEMSCOPE_SPREAD_SUB_BINS)
    return (uint32_t)value;

  shift = (unsigned)(64 - __builtin_clzll (value)) - MEMSCOPE_SPREAD_EXACT_BITS;

  return shift * MEMSCOPE_SPREAD_SUB_BINS + (uint32_t)(value >> shift);
}

/* ---- footer: the heads of all chunks before it -------------------------------------------- */

typedef struct
{
  uint64_t          offset;    /* of the chunk's head in the file */
  MemscopeChunkHead head;
} MemscopeFooterEntry;

void memscope_footer_append (MemscopeBuffer *out, const MemscopeFooterEntry *entry);
bool memscope_footer_next   (MemscopeCursor *cursor, MemscopeFooterEntry *entry);
void memscope_trailer_seal  (MemscopeTrailer *trailer, uint64_t footer_offset, uint64_t file_size);
bool memscope_trailer_check (const MemscopeTrailer *trailer);

/* The trailer in the last bytes of @data, checked. */
bool memscope_trailer_read  (const void *data, size_t length, MemscopeTrailer *trailer);

#ifdef __cplusplus
}
#endif
