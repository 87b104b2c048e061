/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* How a recorder finds its arena. `MEMSCOPE_SOCKET` names an AF_UNIX
 * SOCK_SEQPACKET socket of the collector in a private directory (0700). The
 * recorder connects (from its constructor, the first allocation, or in a
 * fork's child), sends one HandshakeHello and receives one HandshakeReply,
 * whose single SCM_RIGHTS descriptor is the arena's memfd; it maps that, closes
 * both descriptors and never uses the socket again. The collector checks the
 * peer by SO_PEERCRED and takes the pid from there, not from the message.
 *
 * Any failure means: do not record. The program runs on, nothing is printed
 * unless MEMSCOPE_VERBOSE is set.
 */

#include <stdint.h>

#define HANDSHAKE_MAGIC    UINT32_C (0x3148534d)   /* "MSH1" */
#define HANDSHAKE_VERSION  1u

#define HANDSHAKE_ENV_SOCKET "MEMSCOPE_SOCKET"

typedef enum
{
  HANDSHAKE_IMAGE = 1,   /* a new process image: launched, or after exec */
  HANDSHAKE_FORK  = 2,   /* the child of a recorded process */
} HandshakeKind;

typedef struct
{
  uint32_t magic;
  uint32_t version;
  uint32_t kind;               /* HandshakeKind */
  uint32_t page_size;
  int32_t  pid;                /* as the sender sees itself (another pid namespace is possible) */
  int32_t  parent_pid;
  uint8_t  parent_uuid[16];    /* FORK: the session of the parent; else zeros */
  uint64_t fork_stamp;         /* FORK: taken in the child when it noticed */
  uint32_t allocator;          /* HandshakeAllocator */
  uint32_t reserved;
} HandshakeHello;

typedef enum
{
  HANDSHAKE_ALLOCATOR_GLIBC = 1,
  HANDSHAKE_ALLOCATOR_OTHER = 2,  /* malloc comes from another library */
  HANDSHAKE_ALLOCATOR_BUILT_IN = 3,   /* the program's own malloc is found before the recorder's: nothing is seen */
  HANDSHAKE_ALLOCATOR_OPERATORS = 4,  /* another library, whose operator new is not seen */
} HandshakeAllocator;

typedef struct
{
  uint32_t magic;
  uint32_t version;
  uint32_t accepted;           /* 0: no descriptor comes, do not record */
  uint32_t reserved;
  uint64_t arena_size;
} HandshakeReply;
