// SPDX-License-Identifier: MIT
// The intern table: hash chains of immutable nodes in read-only pages.
#include "plans/table.h"

#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/at_fork.h"
#include "base/bits.h"
#include "base/target.h"

namespace ffi::plans {

constinit Root root = {};

namespace {

// Who adds: a process id, because a fork in the moment before the handlers are registered leaves a child with the lock held and nobody
// to release it. What the holder was doing is no obstacle: nodes are linked when they are whole.
constinit pid_t adder = 0;
bool fork_handled = false;
bool closed_once = false;  // from then on the table may be read-only, whatever became of attempts to change it
bool sealed = false;

void lock() {
  for (const pid_t self = getpid();;) {
    pid_t other = 0;
    if (__atomic_compare_exchange_n(&adder, &other, self, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) return;
    if (other != self &&
        __atomic_compare_exchange_n(&adder, &other, self, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
      return;
    }
    const timespec moment = {0, 20000};
    nanosleep(&moment, nullptr);
  }
}
void unlock() { __atomic_store_n(&adder, 0, __ATOMIC_RELEASE); }

bool protect(void *start, std::size_t bytes, int protection) {
  return mprotect(start, bytes, protection) == 0;
}

// The table's pages, and those of the newest chunk, writable for as long as this lives.
class Writable {
 public:
  Writable()
      : mapped_(mapped_chunk()),
        root_open_(!closed_once || protect(&root, sizeof root, PROT_READ | PROT_WRITE)),
        open_(root_open_ && (mapped_ == nullptr || protect(mapped_, chunk_bytes, PROT_READ | PROT_WRITE))) {}
  ~Writable() {
    if (!root_open_) return;  // nothing was opened, as in a sandbox without mprotect
    closed_once = true;
    sealed = protect(&root, sizeof root, PROT_READ);
    close(mapped_);
    if (mapped_chunk() != mapped_) close(mapped_chunk());
  }
  Writable(const Writable &) = delete;
  Writable &operator=(const Writable &) = delete;
  explicit operator bool() const { return open_; }

 private:
  // The newest chunk if it is not the one in the table. The cursor stands inside its chunk or at its end, and chunks are aligned
  // to their size.
  static unsigned char *mapped_chunk() {
    if (root.chunks == 0) return nullptr;
    const auto address = reinterpret_cast<std::uintptr_t>(root.next);
    return reinterpret_cast<unsigned char *>((address - 1) & ~(chunk_bytes - 1));
  }
  static void close(unsigned char *chunk) {
    if (chunk != nullptr && !protect(chunk, chunk_bytes, PROT_READ)) sealed = false;
  }

  unsigned char *mapped_;
  bool root_open_;
  bool open_;
};

bool new_chunk() {
  if (root.next == nullptr) {
    root.next = root.first_chunk;
    root.left = chunk_bytes;
    return true;
  }
  // Twice the size, to cut an aligned chunk from.
  void *const mapped = mmap(nullptr, 2 * chunk_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return false;
  auto *const begin = static_cast<unsigned char *>(mapped);
  auto *const aligned = reinterpret_cast<unsigned char *>(
      align_up(reinterpret_cast<std::uintptr_t>(begin), std::uintptr_t{chunk_bytes}));
  if (aligned != begin) munmap(begin, static_cast<std::size_t>(aligned - begin));
  unsigned char *const end = begin + 2 * chunk_bytes;
  if (aligned + chunk_bytes != end) {
    munmap(aligned + chunk_bytes, static_cast<std::size_t>(end - aligned) - chunk_bytes);
  }
  root.next = aligned;
  root.left = chunk_bytes;
  ++root.chunks;
  return true;
}

// An entry is filled once and keeps its first owner; readers see the word last.
void remember(std::uint64_t short_word, Ticket ticket, std::uint32_t stack_bytes) {
  if (short_word == 0) return;
  auto &entry = const_cast<ShortEntry &>(short_entry(short_word));
  if (entry.word != 0) return;
  entry.ticket = ticket;
  entry.stack_bytes = stack_bytes;
  __atomic_store_n(&entry.word, short_word, __ATOMIC_RELEASE);
}

void *carve(std::size_t bytes) {
  bytes = align_up(bytes, std::size_t{16});
  if (bytes > chunk_bytes) return nullptr;
  if (bytes > root.left && !new_chunk()) return nullptr;
  void *const place = root.next;
  root.next += bytes;
  root.left -= bytes;
  return place;
}

}  // namespace

Ticket add(const Key &key, std::uint64_t digest, std::uint64_t short_word, const Plan &plan) {
  lock();
  if (!fork_handled) {
    fork_handled = true;  // before it is: a child that is forked meanwhile would register twice, and wait for itself
    fork_handled = at_fork(lock, unlock, unlock);
  }
  const Plan *const known = find(key, digest);
  Ticket ticket = known != nullptr ? known->ticket : 0;
  if (known == nullptr && root.count < most_plans) {
    Writable table;
    void *const place = table ? carve(sizeof(Node) + key.size() + plan.bytes) : nullptr;
    if (place != nullptr) {
      const std::uint32_t index = ++root.count;
      ticket = index | static_cast<std::uint32_t>(digest >> 40) << index_bits;
      const Node *&head = root.heads[digest % buckets];
      auto *const node = static_cast<Node *>(place);
      *node = {head, digest, key.size()};
      memcpy(node->key(), key.data(), key.size());
      auto *const kept = const_cast<Plan *>(node->plan());
      memcpy(static_cast<void *>(kept), &plan, plan.bytes);
      kept->ticket = ticket;
      __atomic_store_n(&root.plans[index], kept, __ATOMIC_RELEASE);
      __atomic_store_n(&head, node, __ATOMIC_RELEASE);
      remember(short_word, ticket, plan.stack_bytes);
    }
  }
  unlock();
  return ticket;
}

Census census() {
  lock();
  const Census result{root.count, (std::size_t{root.chunks} + 1) * chunk_bytes, sealed};
  unlock();
  return result;
}

}  // namespace ffi::plans
