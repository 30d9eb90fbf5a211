// SPDX-License-Identifier: MIT
// The intern table: hash chains of immutable nodes in read-only pages.
#include "plans/table.h"

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/at_fork.h"
#include "base/bits.h"
#include "base/target.h"

namespace ffi::plans {

constinit Root root = {};

namespace {

constexpr std::size_t chunk_bytes = 65536;  // a multiple of every page size

pthread_mutex_t adding = PTHREAD_MUTEX_INITIALIZER;
bool fork_handled = false;
bool sealed = false;

void lock() { pthread_mutex_lock(&adding); }
void unlock() { pthread_mutex_unlock(&adding); }

bool protect(void *start, std::size_t bytes, int protection) {
  return mprotect(start, bytes, protection) == 0;
}

// The table's pages, writable for as long as this lives.
class Writable {
 public:
  Writable() : chunk_(chunk_start()), open_(reopen()) {}
  ~Writable() {
    sealed = protect(&root, sizeof root, PROT_READ);
    close(chunk_);
    if (chunk_start() != chunk_) close(chunk_start());
  }
  Writable(const Writable &) = delete;
  Writable &operator=(const Writable &) = delete;
  explicit operator bool() const { return open_; }

 private:
  static unsigned char *chunk_start() {
    // The cursor stands inside its chunk or at its end, and chunks are aligned to their size.
    const auto address = reinterpret_cast<std::uintptr_t>(root.chunk);
    return root.chunk == nullptr ? nullptr
                                 : reinterpret_cast<unsigned char *>((address - 1) & ~(chunk_bytes - 1));
  }
  bool reopen() const {
    if (sealed && !protect(&root, sizeof root, PROT_READ | PROT_WRITE)) return false;
    return chunk_ == nullptr || protect(chunk_, chunk_bytes, PROT_READ | PROT_WRITE);
  }
  static void close(unsigned char *chunk) {
    if (chunk != nullptr && !protect(chunk, chunk_bytes, PROT_READ)) sealed = false;
  }

  unsigned char *chunk_;
  bool open_;
};

bool new_chunk() {
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
  root.chunk = aligned;
  root.chunk_left = chunk_bytes;
  root.bytes += chunk_bytes;
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
  if (bytes > root.chunk_left && !new_chunk()) return nullptr;
  void *const place = root.chunk;
  root.chunk += bytes;
  root.chunk_left -= bytes;
  return place;
}

}  // namespace

Ticket add(const Key &key, std::uint64_t digest, std::uint64_t short_word, const Plan &plan) {
  lock();
  if (!fork_handled) fork_handled = at_fork(lock, unlock, unlock);
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
  const Census result{root.count, root.bytes, sealed};
  unlock();
  return result;
}

}  // namespace ffi::plans
