/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "recorder.h"

#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "arch.h"
#include "handshake.h"
#include "modules.h"
#include "real.h"
#include "thread.h"

#define PAGE_SIZE         4096u
#define ENVIRONMENT_LIMIT (256u * 1024u)
#define LOWEST_DESCRIPTOR 64

static RecorderPage first_page;    /* until a wipeable one is mapped */
RecorderPage *recorder_page = &first_page;

static ArenaHeader *joined_arena;
static _Atomic uint32_t joined_epoch;
static _Atomic uint32_t joiner;    /* tid of the thread that joins */
static char socket_path[sizeof ((struct sockaddr_un *)0)->sun_path];
static bool have_path;

ArenaHeader *
recorder_arena (void)
{
  return joined_arena;
}

uint32_t
recorder_epoch (void)
{
  return atomic_load_explicit (&joined_epoch, memory_order_acquire);
}

uint64_t
recorder_stamp (ArenaHeader *arena)
{
  if (arena->clock == CLOCK_TSC)
    return arch_stamp_after ();

  return atomic_fetch_add_explicit (&arena->stamp_counter, 1, memory_order_relaxed) + 1;
}

void
recorder_switch_off (void)
{
  atomic_store_explicit (&recorder_page->state, RECORDER_OFF, memory_order_release);
}

/* ---- where the collector is --------------------------------------------------- */

static bool
take_value (const char *assignment,
            size_t      length)
{
  const size_t name = sizeof HANDSHAKE_ENV_SOCKET - 1;

  if (length <= name + 1 || memcmp (assignment, HANDSHAKE_ENV_SOCKET "=", name + 1) != 0 ||
      length - name - 1 >= sizeof socket_path)
    return false;
  memcpy (socket_path, assignment + name + 1, length - name - 1);
  socket_path[length - name - 1] = '\0';

  return true;
}

/* The first allocation may come before libc has an environment: the kernel's
 * copy is there from the start.
 */
static bool
find_path_in_proc (void)
{
  char buffer[PAGE_SIZE];
  char assignment[sizeof socket_path + sizeof HANDSHAKE_ENV_SOCKET + 1];
  size_t length = 0, total = 0;
  long fd = SYSCALL4 (SYS_openat, AT_FDCWD, "/proc/self/environ", O_RDONLY | O_CLOEXEC, 0);
  bool found = false;

  if (fd < 0)
    return false;

  while (!found && total < ENVIRONMENT_LIMIT)
    {
      long n = SYSCALL3 (SYS_read, fd, buffer, sizeof buffer);

      if (n <= 0)
        break;
      total += (size_t)n;
      for (long i = 0; i < n && !found; i++)
        {
          if (buffer[i] != '\0')
            {
              /* longer ones only need to stay too long */
              if (length < sizeof assignment)
                assignment[length] = buffer[i];
              length++;
              continue;
            }
          found = length <= sizeof assignment && take_value (assignment, length);
          length = 0;
        }
    }
  SYSCALL1 (SYS_close, fd);

  return found;
}

static bool
find_path (void)
{
  if (environ != NULL)
    {
      for (char **entry = environ; *entry != NULL; entry++)
        if (take_value (*entry, strlen (*entry)))
          return true;
      return false;
    }

  return find_path_in_proc ();
}

/* ---- the handshake ---------------------------------------------------------------- */

/* Programs close, dup2 over and poll the low descriptors: stay out of their way. */
static long
move_up (long fd)
{
  long moved;

  if (fd < 0 || fd >= LOWEST_DESCRIPTOR)
    return fd;
  moved = SYSCALL3 (SYS_fcntl, fd, F_DUPFD_CLOEXEC, LOWEST_DESCRIPTOR);
  if (moved < 0)
    return fd;
  SYSCALL1 (SYS_close, fd);

  return moved;
}

static long
connect_to_collector (void)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  struct timeval patience = { .tv_sec = 5 };
  long fd = move_up (SYSCALL3 (SYS_socket, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));

  if (fd < 0)
    return fd;

  memcpy (address.sun_path, socket_path, sizeof socket_path);
  SYSCALL6 (SYS_setsockopt, fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience, 0);
  SYSCALL6 (SYS_setsockopt, fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience, 0);
  if (SYSCALL3 (SYS_connect, fd, &address, sizeof address) == 0)
    return fd;
  SYSCALL1 (SYS_close, fd);

  return -1;
}

static long
receive_reply (long            fd,
               HandshakeReply *reply)
{
  union { struct cmsghdr head; char bytes[CMSG_SPACE (sizeof (int))]; } control;
  struct iovec vector = { reply, sizeof *reply };
  struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
  struct cmsghdr *head;
  int received;

  if (SYSCALL3 (SYS_recvmsg, fd, &message, MSG_CMSG_CLOEXEC) != (long)sizeof *reply ||
      reply->magic != HANDSHAKE_MAGIC || reply->version != HANDSHAKE_VERSION || !reply->accepted)
    return -1;

  head = CMSG_FIRSTHDR (&message);
  if (head == NULL || head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS ||
      head->cmsg_len != CMSG_LEN (sizeof received))
    return -1;
  memcpy (&received, CMSG_DATA (head), sizeof received);

  return move_up (received);
}

static ArenaHeader *
map_arena (long     fd,
           uint64_t size)
{
  long memory = SYSCALL6 (SYS_mmap, 0, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ArenaHeader *arena;

  if (memory < 0 && memory > -4096)
    return NULL;

  arena = arena_open ((void *)memory, size);
  if (arena == NULL)
    {
      SYSCALL2 (SYS_munmap, memory, size);
      return NULL;
    }
  SYSCALL3 (SYS_madvise, memory, size, MADV_DONTFORK);
  SYSCALL3 (SYS_madvise, memory, size, MADV_DONTDUMP);

  return arena;
}

static ArenaHeader *
shake_hands (HandshakeKind kind)
{
  HandshakeHello hello = {
    .magic = HANDSHAKE_MAGIC,
    .version = HANDSHAKE_VERSION,
    .kind = kind,
    .page_size = PAGE_SIZE,
    .pid = (int32_t)SYSCALL0 (SYS_getpid),
    .parent_pid = (int32_t)SYSCALL0 (SYS_getppid),
    .allocator = real.glibc ? HANDSHAKE_ALLOCATOR_GLIBC : HANDSHAKE_ALLOCATOR_OTHER,
  };
  static uint8_t session_uuid[16];
  HandshakeReply reply;
  ArenaHeader *arena = NULL;
  long fd = connect_to_collector (), memory;

  if (fd < 0)
    return NULL;

  if (kind == HANDSHAKE_FORK)
    {
      memcpy (hello.parent_uuid, session_uuid, sizeof session_uuid);
      hello.fork_stamp = arch_stamp_after ();
    }
  if (SYSCALL6 (SYS_sendto, fd, &hello, sizeof hello, MSG_NOSIGNAL, 0, 0) == (long)sizeof hello)
    {
      memory = receive_reply (fd, &reply);
      if (memory >= 0)
        {
          arena = map_arena (memory, reply.arena_size);
          SYSCALL1 (SYS_close, memory);
        }
    }
  SYSCALL1 (SYS_close, fd);
  if (arena != NULL)
    memcpy (session_uuid, arena->session_uuid, sizeof session_uuid);

  return arena;
}

/* ---- joining ------------------------------------------------------------------------- */

static bool
map_wipeable_page (void)
{
  long memory = SYSCALL6 (SYS_mmap, 0, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  RecorderPage *page = (RecorderPage *)memory;

  if (memory < 0 && memory > -4096)
    return false;
  if (SYSCALL3 (SYS_madvise, memory, PAGE_SIZE, MADV_WIPEONFORK) != 0)
    {
      SYSCALL2 (SYS_munmap, memory, PAGE_SIZE);
      return false;
    }
  atomic_store_explicit (&page->state, RECORDER_JOINING, memory_order_relaxed);
  recorder_page = page;

  return true;
}

static void
join_as_image (void)
{
  real_resolve ();
  have_path = getauxval (AT_SECURE) == 0 && find_path ();
  if (!have_path)
    return;

  joined_arena = shake_hands (HANDSHAKE_IMAGE);
  if (joined_arena == NULL || !map_wipeable_page ())
    {
      joined_arena = NULL;
      return;
    }
  thread_init ();
  modules_init (joined_arena);
}

static void
join_as_child (void)
{
  thread_after_fork ();
  joined_arena = shake_hands (HANDSHAKE_FORK);
  if (joined_arena != NULL)
    modules_init (joined_arena);
}

void
recorder_join (void)
{
  uint32_t state = RECORDER_WIPED;
  uint32_t tid;

  if (recorder_is_on () || recorder_is_off ())
    return;

  tid = (uint32_t)SYSCALL0 (SYS_gettid);
  if (!atomic_compare_exchange_strong (&recorder_page->state, &state, RECORDER_JOINING))
    {
      /* this very thread, further out: it allocates while it joins */
      if (atomic_load (&joiner) == tid)
        return;
      while (!recorder_is_on () && !recorder_is_off ())
        SYSCALL0 (SYS_sched_yield);
      return;
    }

  atomic_store (&joiner, tid);
  if (real_is_resolved ())
    join_as_child ();
  else
    join_as_image ();

  if (joined_arena != NULL)
    {
      atomic_fetch_add_explicit (&joined_epoch, 1, memory_order_release);
      atomic_store_explicit (&recorder_page->state, RECORDER_ON, memory_order_release);
    }
  else
    recorder_switch_off ();
  atomic_store (&joiner, 0);
}

/* Programs that never allocate are recorded too. */
__attribute__ ((constructor)) static void
recorder_begin (void)
{
  recorder_join ();
}

__attribute__ ((destructor)) static void
recorder_end (void)
{
  if (recorder_is_on ())
    atomic_store_explicit (&joined_arena->ended, 1, memory_order_release);
}
