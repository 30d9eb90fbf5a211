// SPDX-License-Identifier: MIT
// The intern table: hash chains of immutable nodes in read-only pages.
#include "plans/table.h"

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/bits.h"
#include "base/target.h"

namespace ffi::plans {

constinit Root root = {};

// A plan and the shape it was compiled from: a Node, the Plan, then the key.
struct Node {
  std::uint32_t next;  // index of the next node in the chain, 0 at its end
  std::uint32_t key_bytes;
  std::uint64_t digest;

  Plan *plan() { return reinterpret_cast<Plan *>(this + 1); }
  const std::uint64_t *key(const Plan &plan) const {
    return reinterpret_cast<const std::uint64_t *>(reinterpret_cast<const unsigned char *>(this + 1) + plan.bytes);
  }
};

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

void *carve(std::size_t bytes) {
  bytes = align_up(bytes, std::size_t{16});
  if (bytes > chunk_bytes) return nullptr;
  if (bytes > root.chunk_left && !new_chunk()) return nullptr;
  void *const place = root.chunk;
  root.chunk += bytes;
  root.chunk_left -= bytes;
  return place;
}

const Plan *chain_find(const Key &key, std::uint64_t digest) {
  std::uint32_t index = __atomic_load_n(&root.heads[digest % buckets], __ATOMIC_ACQUIRE);
  while (index != 0) {
    const Node &candidate = *root.nodes[index];
    const Plan &plan = *root.plans[index];
    if (candidate.digest == digest && candidate.key_bytes == key.size() && key.equals(candidate.key(plan))) {
      return &plan;
    }
    index = candidate.next;
  }
  return nullptr;
}

}  // namespace

const Plan *find(const Key &key, std::uint64_t digest) { return chain_find(key, digest); }

Ticket add(const Key &key, std::uint64_t digest, const Plan &plan) {
  lock();
  if (!fork_handled) fork_handled = pthread_atfork(lock, unlock, unlock) == 0;
  const Plan *const known = chain_find(key, digest);
  Ticket ticket = known != nullptr ? known->ticket : 0;
  if (known == nullptr && root.count < most_plans) {
    Writable table;
    void *const place = table ? carve(sizeof(Node) + plan.bytes + key.size()) : nullptr;
    if (place != nullptr) {
      const std::uint32_t index = ++root.count;
      ticket = index | static_cast<std::uint32_t>(digest >> 40) << index_bits;
      std::uint32_t &head = root.heads[digest % buckets];
      auto *const node = static_cast<Node *>(place);
      *node = {head, static_cast<std::uint32_t>(key.size()), digest};
      memcpy(node->plan(), &plan, plan.bytes);
      node->plan()->ticket = ticket;
      memcpy(reinterpret_cast<unsigned char *>(node + 1) + plan.bytes, key.data(), key.size());
      root.nodes[index] = node;
      __atomic_store_n(&root.plans[index], node->plan(), __ATOMIC_RELEASE);
      __atomic_store_n(&head, index, __ATOMIC_RELEASE);
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
