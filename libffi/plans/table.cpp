// SPDX-License-Identifier: MIT
// The intern table: hash chains of immutable nodes in read-only pages.
#include "plans/table.h"

#include <string.h>
#include <sys/mman.h>

#include "base/bits.h"
#include "base/forks.h"
#include "base/read_only.h"
#include "base/target.h"

namespace ffi::plans {

constinit Root root = {};
[[gnu::section(READ_ONLY_FROM_LOADING)]] constinit Beginning beginning = {};

namespace {

constinit Lock adder;
bool sealed = false;
constinit std::uint32_t refused = 0;

// What callers get when a plan is not kept.
Ticket refuse() {
  __atomic_fetch_add(&refused, 1, __ATOMIC_RELAXED);
  return 0;
}

bool protect(void *start, std::size_t bytes, int protection) {
  return mprotect(start, bytes, protection) == 0;
}

void wipe() {
  if (madvise(&root, sizeof root, MADV_DONTNEED) != 0) memset(static_cast<void *>(&root), 0, sizeof root);
}

bool close_beginning() { return protect(&beginning, sizeof beginning, PROT_READ); }

bool begin() {
  if (!protect(&beginning, sizeof beginning, PROT_READ | PROT_WRITE)) return false;
  __atomic_store_n(&beginning.begun, true, __ATOMIC_RELEASE);
  return close_beginning();
}

// The table's pages, and those of the newest chunk, writable for as long as this lives. The first to have closed them again
// has begun the table.
class Writable {
 public:
  Writable() : root_open_(protect(&root, sizeof root, PROT_READ | PROT_WRITE)) {
    if (!root_open_) return;  // as in a sandbox without mprotect
    if (!has_begun()) wipe();
    mapped_ = mapped_chunk();
    open_ = mapped_ == nullptr || protect(mapped_, chunk_bytes, PROT_READ | PROT_WRITE);
  }
  ~Writable() {
    if (!root_open_) return;
    sealed = protect(&root, sizeof root, PROT_READ);
    close(mapped_);
    if (mapped_chunk() != mapped_) close(mapped_chunk());
    if (!has_begun() && sealed) sealed = begin();
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

  unsigned char *mapped_ = nullptr;
  bool root_open_;
  bool open_ = false;
};

bool is_full() { return has_begun() && root.count == most_plans; }

// A store that is seen after those before it.
template <typename T>
void publish(T &at, T value) {
  __atomic_store_n(&at, value, __ATOMIC_RELEASE);
}

bool new_chunk() {
  if (root.next == nullptr) {
    publish(root.next, root.first_chunk);
    publish(root.left, chunk_bytes);
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
  // A fork between two of these leaves its child less room than there is, never more.
  publish(root.left, std::size_t{0});
  publish(root.next, aligned);
  publish(root.chunks, root.chunks + 1);
  publish(root.left, chunk_bytes);
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
  unsigned char *const place = root.next;
  publish(root.left, root.left - bytes);
  publish(root.next, place + bytes);
  return place;
}

// What a fork may find half done: pages that are writable, and a node that is not linked.
struct Care {
  static constexpr Module module = Module::plans;
  static void locks(LockUse use, unsigned *turns) { use(adder, turns); }
  static void mend() {
    if (!adder.is_stuck()) return;
    { const Writable closes_it; }
    close_beginning();
    adder.free_stuck();
  }
};

// Set while this thread is inside: a signal handler can have interrupted it there, and goes without
// what it would have to wait for.
constinit thread_local bool inside = false;

class Visit {
 public:
  Visit() : granted_(!inside) {
    if (!granted_) return;
    inside = true;
    if (!Forks<Care>::are_locks_whole()) Forks<Care>::make_locks_whole();
  }
  ~Visit() {
    if (granted_) inside = false;
  }
  Visit(const Visit &) = delete;
  Visit &operator=(const Visit &) = delete;
  [[nodiscard]] bool granted() const { return granted_; }

 private:
  bool granted_;
};

}  // namespace

Ticket add(const Key &key, std::uint64_t digest, std::uint64_t short_word, const Plan &plan) {
  const Visit visit;
  if (!visit.granted()) return refuse();
  const Guard<Care> held(adder);
  const Plan *const known = find(key, digest);
  Ticket ticket = known != nullptr ? known->ticket : 0;
  if (known == nullptr && !is_full()) {
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
      publish(root.plans[index], const_cast<const Plan *>(kept));
      publish(head, const_cast<const Node *>(node));
      remember(short_word, ticket, plan.stack_bytes);
    }
  }
  return ticket != 0 && has_begun() ? ticket : refuse();
}

Census census() {
  Census result{};
  result.plans = has_begun() ? root.count : 0;
  result.refused = __atomic_load_n(&refused, __ATOMIC_RELAXED);
  result.bytes = (std::size_t{root.chunks} + 1) * chunk_bytes;
  const Visit visit;
  if (!visit.granted()) return result;
  const Guard<Care> held(adder);
  result.read_only = sealed;
  return result;
}

}  // namespace ffi::plans
