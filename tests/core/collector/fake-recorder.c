/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "fake-recorder.h"

#include <linux/futex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "handshake.h"

ArenaHeader *
fake_arena_new (const ArenaOptions *options,
                uint64_t            first_stamp)
{
  static const uint8_t uuid[16] = { 1 };
  void *memory = mmap (NULL, arena_size (options), PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

  if (memory == MAP_FAILED)
    abort ();

  arena_init (memory, options, uuid, first_stamp);

  return memory;
}

void
fake_arena_free (ArenaHeader *arena)
{
  munmap (arena, arena->size);
}

static int
receive_reply (int             fd,
               HandshakeReply *reply)
{
  union { struct cmsghdr head; char bytes[CMSG_SPACE (sizeof (int))]; } extra = { 0 };
  struct iovec part = { .iov_base = reply, .iov_len = sizeof *reply };
  struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = extra.bytes,
                            .msg_controllen = sizeof extra.bytes };
  int arena_fd;

  if (recvmsg (fd, &message, MSG_CMSG_CLOEXEC) != (ssize_t)sizeof *reply || !reply->accepted ||
      message.msg_controllen < CMSG_LEN (sizeof (int)))
    return -1;

  memcpy (&arena_fd, CMSG_DATA (&extra.head), sizeof arena_fd);

  return arena_fd;
}

ArenaHeader *
fake_arena_connect (uint32_t       kind,
                    const uint8_t *parent_uuid,
                    uint64_t       fork_stamp)
{
  const char *path = getenv (HANDSHAKE_ENV_SOCKET);
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  HandshakeHello hello = {
    .magic = HANDSHAKE_MAGIC, .version = HANDSHAKE_VERSION, .kind = kind, .page_size = 4096,
    .pid = getpid (), .parent_pid = getppid (), .fork_stamp = fork_stamp, .allocator = HANDSHAKE_ALLOCATOR_GLIBC,
  };
  HandshakeReply reply;
  void *memory;
  int fd, arena_fd;

  if (path == NULL || strlen (path) >= sizeof address.sun_path)
    return NULL;

  if (parent_uuid != NULL)
    memcpy (hello.parent_uuid, parent_uuid, 16);
  memcpy (address.sun_path, path, strlen (path) + 1);

  fd = socket (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (fd < 0 || connect (fd, (struct sockaddr *)&address, sizeof address) != 0 ||
      send (fd, &hello, sizeof hello, MSG_NOSIGNAL) != (ssize_t)sizeof hello)
    return NULL;

  arena_fd = receive_reply (fd, &reply);
  close (fd);
  if (arena_fd < 0)
    return NULL;

  memory = mmap (NULL, reply.arena_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, arena_fd, 0);
  close (arena_fd);

  return memory != MAP_FAILED ? arena_open (memory, reply.arena_size) : NULL;
}

uint64_t
fake_stamp (ArenaHeader *arena)
{
  if (arena->clock == CLOCK_COUNTER)
    return atomic_fetch_add (&arena->stamp_counter, 1) + 1;

  __builtin_ia32_lfence ();

  return __builtin_ia32_rdtsc ();
}

void
fake_thread_open (FakeThread  *thread,
                  ArenaHeader *arena,
                  uint32_t     tid)
{
  *thread = (FakeThread) { .arena = arena };

  for (uint32_t i = 0; thread->slot == NULL; i = (i + 1) % arena->n_slots)
    {
      uint32_t expected = SLOT_FREE;
      RingSlot *slot = arena_slot (arena, i);

      if (!atomic_compare_exchange_strong (&slot->state, &expected, SLOT_CLAIMED))
        continue;

      slot->base_stamp = fake_stamp (arena);
      slot->rings[RING_MAIN].last_stamp = slot->rings[RING_NESTED].last_stamp = slot->base_stamp;
      atomic_store (&slot->tid, tid);
      atomic_store (&slot->thread_serial, atomic_fetch_add (&arena->n_threads, 1) + 1);
      atomic_store_explicit (&slot->state, SLOT_ACTIVE, memory_order_release);
      thread->slot = slot;
    }
}

void
fake_thread_close (FakeThread *thread)
{
  atomic_store_explicit (&thread->slot->state, SLOT_CLOSED, memory_order_release);
  thread->slot = NULL;
}

static bool
collector_is_dead (ArenaHeader *arena)
{
  uint32_t owner = atomic_load (&arena->collector_futex);

  return (owner & FUTEX_OWNER_DIED) != 0 || owner == 0 || (atomic_load (&arena->flags) & ARENA_ENABLED) == 0;
}

static bool
wait_for_space (FakeThread *thread,
                Ring       *ring,
                uint64_t    needed)
{
  static const struct timespec timeout = { .tv_nsec = 10000000 };
  uint64_t tail = atomic_load_explicit (&ring->tail, memory_order_relaxed);

  while (tail + needed - atomic_load_explicit (&ring->head, memory_order_acquire) > ring->size)
    {
      if (collector_is_dead (thread->arena))
        return false;

      atomic_store (&thread->slot->space_wanted, 1);
      if (tail + needed - atomic_load (&ring->head) > ring->size)
        syscall (SYS_futex, &thread->slot->space_wanted, FUTEX_WAIT, 1, &timeout, NULL, 0);
    }

  return true;
}

void
fake_enter (FakeThread *thread)
{
  atomic_fetch_add (&thread->slot->in_hook, 1);
}

void
fake_leave (FakeThread *thread)
{
  atomic_fetch_add_explicit (&thread->slot->in_hook, 1, memory_order_release);
}

bool
fake_publish (FakeThread   *thread,
              unsigned      which,
              const Record *record)
{
  Ring *ring = &thread->slot->rings[which];
  uint8_t *bytes = arena_at (thread->arena, ring->offset);
  uint64_t tail = atomic_load_explicit (&ring->tail, memory_order_relaxed);
  uint64_t room = ring->size - (tail & (ring->size - 1));
  size_t most = RECORD_MAX_SIZE + record->name_length + record->type_length;

  if (thread->gave_up || !wait_for_space (thread, ring, (room < most ? room : 0) + most))
    {
      thread->gave_up = true;
      return false;
    }

  if (room < most)
    {
      bytes[tail & (ring->size - 1)] = RECORD_PAD;
      tail += room;
    }

  tail += record_encode (bytes + (tail & (ring->size - 1)), record, thread->arena->clock,
                         &ring->last_stamp, &thread->last_time, &ring->last_address);
  atomic_store_explicit (&ring->tail, tail, memory_order_release);

  return true;
}

static bool
put (FakeThread   *thread,
     unsigned      which,
     const Record *record)
{
  Record stamped = *record;
  bool ok;

  fake_enter (thread);
  if (stamped.stamp == 0)
    stamped.stamp = fake_stamp (thread->arena);
  if (thread->arena->clock == CLOCK_COUNTER && stamped.time_ns == 0)
    {
      struct timespec now;

      clock_gettime (CLOCK_MONOTONIC_COARSE, &now);
      stamped.time_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
    }
  ok = fake_publish (thread, which, &stamped);
  fake_leave (thread);

  return ok;
}

bool
fake_put (FakeThread   *thread,
          const Record *record)
{
  return put (thread, RING_MAIN, record);
}

bool
fake_put_nested (FakeThread   *thread,
                 const Record *record)
{
  return put (thread, RING_NESTED, record);
}

uint32_t
fake_stack (ArenaHeader    *arena,
            const uint64_t *addresses,
            unsigned        depth)
{
  uint32_t node = 0;

  for (unsigned i = 0; i < depth; i++)
    {
      uint32_t id = atomic_fetch_add (&arena->n_nodes, 1) + 1;

      *arena_node (arena, id) = (StackNode) { .address = addresses[i], .parent = node,
                                              .flags = addresses[i] == 0 ? NODE_TRUNCATED : 0 };
      node = id;
    }

  return node;
}

uint32_t
fake_module (ArenaHeader *arena,
             const char  *path,
             uint64_t     start,
             uint64_t     end,
             uint64_t     bias)
{
  uint32_t index = atomic_load (&arena->n_modules);
  ModuleRecord *module = (ModuleRecord *)arena_at (arena, arena->modules_offset) + index;
  uint32_t length = (uint32_t)strlen (path);

  *module = (ModuleRecord) { .bias = bias, .start = start, .end = end, .load_stamp = fake_stamp (arena),
                             .path_offset = atomic_load (&arena->text_used), .path_length = length,
                             .build_id_length = 4, .build_id = { 0xde, 0xad, 0xbe, 0xef } };
  memcpy ((char *)arena_at (arena, arena->text_offset) + module->path_offset, path, length);
  atomic_fetch_add (&arena->text_used, length);
  atomic_store_explicit (&arena->n_modules, index + 1, memory_order_release);

  return index;
}
