// SPDX-License-Identifier: MIT
// The system calls behind the gateway.
#include "trampfd-glue/map.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "arch/room.h"
#include "base/fatal.h"
#include "base/uncancelled.h"

// Constants that the C library's headers may be too old for. mseal has one number on every
// architecture we have a room for.
#ifndef SYS_mseal
#define SYS_mseal 462
#endif
#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8u
#endif

#ifndef PROC_SUPER_MAGIC
#define PROC_SUPER_MAGIC 0x9fa0
#endif

namespace ffi::glue::sys {

#ifdef FFI_TEST_HOOKS
extern "C" {
__attribute__((visibility("default"))) int (*ffi_test_refuse)(int call);
}
#endif

namespace {

[[nodiscard]] bool refused([[maybe_unused]] Call call) {
#ifdef FFI_TEST_HOOKS
  if (ffi_test_refuse != nullptr) {
    if (const int error = ffi_test_refuse(static_cast<int>(call)); error != 0) {
      errno = error;
      return true;
    }
  }
#endif
  return false;
}

void check_protection(int protection) {
  if ((protection & PROT_WRITE) && (protection & PROT_EXEC)) {
    fatal("a writable and executable page was about to be made");
  }
}

// Where jumps have to land on pads, code is mapped so that they must. A kernel that knows nothing
// of it ignores the bit in mmap, but refuses it in mprotect.
[[nodiscard]] int guarded(int protection) {
  return protection & PROT_EXEC ? protection | arch::TableGeometry::protection : protection;
}

[[nodiscard]] bool changed(void *at, std::size_t bytes, int protection) {
  const int wanted = guarded(protection);
  if (mprotect(at, bytes, wanted) == 0) return true;
  return wanted != protection && errno == EINVAL && mprotect(at, bytes, protection) == 0;
}

[[nodiscard]] void *or_null(void *mapped) { return mapped == MAP_FAILED ? nullptr : mapped; }

[[nodiscard]] void *remap(const void *from, std::size_t old_bytes, std::size_t bytes, int flags,
                          void *at) {
  void *const source = const_cast<void *>(from);
  return or_null(mremap(source, old_bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED | flags, at));
}

// What opens, reads, writes or closes would end a thread that was cancelled, with the glue's locks held.
[[nodiscard]] bool write_all(int fd, const void *data, std::size_t bytes) {
  const Uncancelled whole;
  const auto *from = static_cast<const unsigned char *>(data);
  while (bytes != 0) {
    const ssize_t written = refused(Call::write) ? -1 : ::write(fd, from, bytes);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    from += written;
    bytes -= static_cast<std::size_t>(written);
  }
  return true;
}

}  // namespace

void *map(void *at, std::size_t bytes, int protection, int flags, int fd, std::uint64_t offset) {
  check_protection(protection);
  if (refused(Call::map)) return nullptr;
  return or_null(mmap(at, bytes, guarded(protection), flags, fd, static_cast<off_t>(offset)));
}

void *copy(const void *from, std::size_t bytes, void *at) {
  return refused(Call::copy) ? nullptr : remap(from, 0, bytes, 0, at);
}

void *move(const void *from, std::size_t bytes, void *at) {
  return refused(Call::move) ? nullptr : remap(from, bytes, bytes, MREMAP_DONTUNMAP, at);
}

int protect(void *at, std::size_t bytes, int protection) {
  check_protection(protection);
  return refused(Call::protect) || !changed(at, bytes, protection) ? errno : 0;
}

int mseal(void *at, std::size_t bytes) {
  return refused(Call::mseal) || syscall(SYS_mseal, at, bytes, 0UL) != 0 ? errno : 0;
}

int discard(void *at, std::size_t bytes) {
  return refused(Call::discard) || madvise(at, bytes, MADV_DONTNEED) != 0 ? errno : 0;
}

void unmap(void *at, std::size_t bytes) { munmap(at, bytes); }

int open_to_read(const char *path) {
  const Uncancelled whole;
  return refused(Call::open) ? -1 : ::open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

// The name is asked, because an emulator answers some of these names with a file of its own.
int open_of_proc(const char *path) {
  struct statfs system;
  if (statfs(path, &system) != 0) return -1;
  if (system.f_type == PROC_SUPER_MAGIC) return open_to_read(path);
  errno = ENODEV;
  return -1;
}

std::ptrdiff_t read(int fd, void *buffer, std::size_t bytes) {
  const Uncancelled whole;
  ssize_t got;
  do {
    got = refused(Call::read) ? -1 : ::read(fd, buffer, bytes);
  } while (got < 0 && errno == EINTR);
  return got;
}

void close(int fd) {
  const Uncancelled whole;
  const int saved = errno;
  ::close(fd);
  errno = saved;
}

int open_device(const char *path) {
  const Uncancelled whole;
  if (refused(Call::open)) return -1;
  const int fd = ::open(path, O_RDWR | O_CLOEXEC | O_NOCTTY);
  if (fd < 0 || fd > STDERR_FILENO) return fd;
  // A program without standard streams will open its own, and expects their numbers to be free.
  const int higher = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  close(fd);
  return higher;
}

std::ptrdiff_t read_at(int fd, void *buffer, std::size_t bytes, std::uint64_t offset) {
  const Uncancelled whole;
  return refused(Call::read) ? -1 : pread(fd, buffer, bytes, static_cast<off_t>(offset));
}

std::ptrdiff_t write_at(int fd, const void *buffer, std::size_t bytes, std::uint64_t offset) {
  const Uncancelled whole;
  return refused(Call::write) ? -1 : pwrite(fd, buffer, bytes, static_cast<off_t>(offset));
}

int control(int fd, unsigned long command, const void *argument) {
  return refused(Call::control) || ioctl(fd, command, argument) != 0 ? errno : 0;
}

int sealed_memory_file(const void *data, std::size_t bytes) {
  static const char name[] = "libffi-table";
  if (refused(Call::memfd)) return -1;
  // Kernels before 6.3 do not know the flag and say EINVAL.
  int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
  if (fd < 0 && errno == EINVAL) fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return -1;
  constexpr int seals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;
  if (!write_all(fd, data, bytes) || refused(Call::seal_file) ||
      fcntl(fd, F_ADD_SEALS, seals) != 0) {
    close(fd);
    return -1;
  }
  return fd;
}

bool readable(const void *at) {
  // The kernel reads the signal set before it looks at the impossible `how': EFAULT or EINVAL
  // tells, and nothing changes.
  return syscall(SYS_rt_sigprocmask, ~0, at, nullptr, 8) != 0 && errno == EINVAL;
}

pid_t thread_number() { return static_cast<pid_t>(syscall(SYS_gettid)); }

bool is_alive(pid_t thread) {
  const int saved = errno;
  const bool gone = syscall(SYS_tgkill, getpid(), thread, 0) != 0 && errno == ESRCH;
  errno = saved;
  return !gone;
}

int random(void *buffer, std::size_t bytes) {
  if (refused(Call::random)) return errno;
  constexpr unsigned nonblocking = 1;  // GRND_NONBLOCK
  const long got = syscall(SYS_getrandom, buffer, bytes, nonblocking);
  if (got < 0) return errno;
  return static_cast<std::size_t>(got) == bytes ? 0 : EAGAIN;
}

}  // namespace ffi::glue::sys
