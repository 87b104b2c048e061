/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* What a thread writes into its ring. Records are byte strings: a head byte, then
 * numbers. The four kinds of the hot path say the lengths of their numbers first, so
 * that writing them takes no branch that depends on a value; the others use LEB128.
 * The common birth takes eleven bytes, the common death nine.
 *
 *   head = kind (low 4 bits) | flags (high 4 bits)
 *
 * kind          then
 * PAD           nothing: skip to the end of the ring
 * BIRTH         lengths (16 bits), stamp, address, size, stack [, alignment] [, rounding] [, time]
 * MOVE_END      the same; without address and what follows it unless the result is "moved"
 * DEATH         lengths (8 bits), stamp, address, stack [, time]
 * MOVE_BEGIN    the same                       a realloc is under way; not yet a death
 * all others    stamp [, time], and:
 * REGION_BIRTH  start / 4096, length, kind byte, stack
 * REGION_DEATH  start / 4096, length, stack
 * ANNOTATION    kind byte (FORMAT.md's, or ANNOTATION_*), address, size, other, stack,
 *               name length, name, type length, type
 * THREAD_NAME   length, bytes
 * MARK          length, bytes
 * GAP           reason, begin stamp (difference to this one, backwards), events, bytes
 * SWITCH        slot index: this thread goes on there
 *
 *   lengths (16 bits): bits 0-2, 3-5, 6-8, 9-10: bytes of stamp, address, size, stack
 *                      minus 1; bits 11-13: the function (BIRTH), the result (MOVE_END)
 *   lengths (8 bits):  bits 0-2, 3-5, 6-7: bytes of stamp, address, stack minus 1
 *
 * Stamps: zig-zag difference to the ring's previous record (the slot's base_stamp
 * for the first); under CLOCK_TSC both in units of 32, which is less than what one core
 * needs to learn anything from another, so a block's death and the next one's birth differ. Time: under CLOCK_COUNTER only, CLOCK_MONOTONIC_COARSE in ns, as a
 * zig-zag difference too. Addresses: zig-zag difference to the ring's last address,
 * in units of 16 bytes; with RECORD_FLAG_UNALIGNED in bytes. Stacks: node ids
 * (arena.h), 0 = none. Alignment: its log2, a byte, with RECORD_FLAG_ALIGNMENT.
 *
 * Order. A death is stamped and published before the real call, a birth stamped
 * (after an lfence) when it has returned; so no two blocks own an address at
 * once, whichever threads are involved. See decisions in core/collector/merge.c.
 */

#include "arena.h"

typedef enum
{
  RECORD_PAD          = 0,
  RECORD_BIRTH        = 1,
  RECORD_DEATH        = 2,
  RECORD_MOVE_BEGIN   = 3,
  RECORD_MOVE_END     = 4,
  RECORD_REGION_BIRTH = 5,
  RECORD_REGION_DEATH = 6,
  RECORD_ANNOTATION   = 7,
  RECORD_THREAD_NAME  = 8,
  RECORD_MARK         = 9,
  RECORD_GAP          = 10,
  RECORD_SWITCH       = 11,
  N_RECORD_KINDS      = 12,
} RecordKind;

enum
{
  RECORD_FLAG_UNALIGNED = 0x10,  /* the address is not a multiple of 16 */
  RECORD_FLAG_ROUNDING  = 0x20,  /* usable size is not what record_expected_rounding() says */
  RECORD_FLAG_ALIGNMENT = 0x40,
  RECORD_FLAG_SAMPLED   = 0x80,  /* a birth: it stands for others that were not recorded */
};

enum
{
  MOVE_FAILED = 0,
  MOVE_FREED  = 1,
  MOVE_MOVED  = 2,   /* also when the address stayed the same */
};

/* Kinds of ANNOTATION that become births and deaths of blocks in a pool. */
enum
{
  ANNOTATION_POOL_ALLOC = 128,
  ANNOTATION_POOL_FREE  = 129,
};

#define RECORD_STAMP_SHIFT   5u

/* An upper bound for every record without text. Producers make sure that this
 * many bytes are free before encoding.
 */
#define RECORD_MAX_SIZE      96u
#define RECORD_MAX_TEXT      (16u * 1024u)   /* of one string in a record; longer ones are cut */

/* One record, decoded. Fields that the kind does not have are 0. */
typedef struct
{
  uint64_t       stamp;
  uint64_t       time_ns;        /* CLOCK_COUNTER only */
  uint64_t       address;
  uint64_t       size;
  uint64_t       other;          /* ANNOTATION: the other address; GAP: events lost; SWITCH: slot */
  uint64_t       bytes_lost;     /* GAP */
  uint64_t       begin_stamp;    /* GAP */
  const uint8_t *name;
  const uint8_t *type;
  uint32_t       name_length;
  uint32_t       type_length;
  uint32_t       stack;
  uint32_t       rounding;       /* births: usable - requested */
  uint8_t        kind;           /* RecordKind */
  uint8_t        function;       /* births: MEMSCOPE_EVENT_MALLOC ... ALIGNED; ANNOTATION: its kind; GAP: reason; MOVE_END: MOVE_* */
  uint8_t        alignment_log2;
  bool           sampled;        /* births */
} Record;

/* What glibc makes of a request: chunks of 16 bytes, 8 of them the header, at least 32. */
static inline uint32_t
record_expected_rounding (uint64_t size)
{
  uint64_t usable = ((size + 8 + 15) & ~UINT64_C (15)) - 8;

  return (uint32_t)((usable < 24 ? 24 : usable) - size);
}

/* Encodes @record at @out, which has room for RECORD_MAX_SIZE plus its texts.
 * @last_stamp, @last_time and @last_address are the ring's running values and
 * are updated. Returns the bytes written.
 */
size_t record_encode (uint8_t      *out,
                      const Record *record,
                      ArenaClock    clock,
                      uint64_t     *last_stamp,
                      uint64_t     *last_time,
                      uint64_t     *last_address);

/* For looking ahead: the size of the record at @data and (in *@last_address) the address
 * it is about. 0: not of the hot path's kinds, or it may not be all there; nothing else
 * is checked. Under CLOCK_TSC only.
 */
size_t record_peek   (const uint8_t *data,
                      size_t         length,
                      uint8_t       *kind,
                      uint64_t      *last_address);

/* Decodes the record at @data. Returns its size, or 0 when the bytes are not a
 * record (the ring was scribbled over). PAD: the size is @length.
 */
size_t record_decode (const uint8_t *data,
                      size_t         length,
                      Record        *record,
                      ArenaClock     clock,
                      uint64_t      *last_stamp,
                      uint64_t      *last_time,
                      uint64_t      *last_address);
