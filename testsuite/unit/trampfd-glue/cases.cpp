// SPDX-License-Identifier: MIT
// The cases of the contract: what every backend must do for closures, under every policy.
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "testsuite/unit/main/helpers/child.h"
#include "testsuite/unit/trampfd-glue/contract.h"
#include "trampfd-glue/cache.h"
#include "trampfd-glue/diary.h"
#include "trampfd-glue/directory.h"
#include "trampfd-glue/state.h"

namespace ffi::glue::test {
namespace {

constexpr std::size_t closure_bytes = 64;

struct Closure {
  void *memory = nullptr;
  void *code = nullptr;
};

Closure make() {
  Closure made;
  made.memory = allocate(closure_bytes, &made.code);
  return made;
}

// A binding whose every part tells its number.
Binding numbered(std::uintptr_t n) {
  return {reinterpret_cast<const void *>(n * 64 + 1),
          reinterpret_cast<void *>(n * 64 + 2),
          reinterpret_cast<void (*)()>(n * 64 + 3),
          reinterpret_cast<void *>(n * 64 + 4),
          1 + static_cast<std::uint32_t>(n) % (arch::TableGeometry::record_handlers - 1),
          static_cast<Source>(n % 3)};
}

bool equal(const Binding &a, const Binding &b) {
  return a.plan == b.plan && a.cif == b.cif && a.fun == b.fun && a.user_data == b.user_data &&
         a.handler == b.handler && a.source == b.source;
}

Closure make_bound(std::uintptr_t n) {
  const Closure made = make();
  REQUIRE(made.memory != nullptr);
  REQUIRE(bind(made.memory, made.code, numbered(n)) == Status::ok);
  return made;
}

Record *record_of(const Closure &closure) {
  Slot slot;
  REQUIRE(find(closure.code, &slot));
  return slot.record;
}

bool is_writable(const void *at) {
  const auto end = ffi::test::in_child([at] {
    auto *const byte = static_cast<volatile unsigned char *>(const_cast<void *>(at));
    *byte = *byte;
    return 0;
  });
  REQUIRE(end.clean() || end.signal == SIGSEGV);
  return end.clean();
}

template <typename Work>
void require_fatal(Work &&work, const char *line) {
  const auto end = ffi::test::in_child([&work] {
    work();
    return 0;
  });
  if (end.signal != SIGABRT)
    fprintf(stderr, "no abort but %d: %s\n", end.status, end.errors.c_str());
  REQUIRE(end.signal == SIGABRT);
  if (end.errors != std::string("libffi: fatal: ") + line + "\n")
    fprintf(stderr, "%s", end.errors.c_str());
  REQUIRE(end.errors == std::string("libffi: fatal: ") + line + "\n");
}

void wait_for_next_moment() { usleep(25000); }  // longer than any kernel's tick

// ---- The cases
// ------------------------------------------------------------------------------------

void gives_distinct_closures() {
  std::set<void *> codes, memories;
  for (int i = 0; i < 5000; ++i) {
    const Closure closure = make();
    REQUIRE(closure.memory != nullptr);
    REQUIRE(reinterpret_cast<std::uintptr_t>(closure.memory) % alignof(std::max_align_t) == 0);
    REQUIRE(memcmp(closure.memory, &closure.code, sizeof closure.code) == 0);
    memset(closure.memory, 0xa5, closure_bytes);
    memcpy(closure.memory, &closure.code, sizeof closure.code);
    REQUIRE(codes.insert(closure.code).second && memories.insert(closure.memory).second);
  }
  for (void *const memory : memories) release(memory);
}

void gives_bindings_back() {
  std::vector<Closure> closures;
  for (std::uintptr_t i = 0; i < 3000; ++i) closures.push_back(make_bound(i));
  for (std::uintptr_t i = 0; i < closures.size(); ++i) {
    REQUIRE(equal(enter(record_of(closures[i])), numbered(i)));
    REQUIRE(record_of(closures[i])->handler == numbered(i).handler);
    REQUIRE(record_of(closures[i])->closure == closures[i].memory);
  }
  for (std::uintptr_t i = 0; i < closures.size(); i += 2) {
    REQUIRE(bind(closures[i].memory, closures[i].code, numbered(i + 7)) == Status::ok);
  }
  for (std::uintptr_t i = 0; i < closures.size(); ++i) {
    REQUIRE(equal(enter(record_of(closures[i])), numbered(i % 2 == 0 ? i + 7 : i)));
  }
  for (const Closure &closure : closures) release(closure.memory);
}

void knows_its_own() {
  const Closure closure = make();
  char foreign[closure_bytes] = {};
  REQUIRE(bind(foreign, foreign, numbered(1)) == Status::not_ours);
  // The closure's own address in place of its code address, as ffi_prep_closure passes it.
  REQUIRE(bind(closure.memory, closure.memory, numbered(1)) == Status::ok);
  REQUIRE(equal(enter(record_of(closure)), numbered(1)));
  const Closure other = make();
  require_fatal([&] { (void)bind(closure.memory, other.code, numbered(2)); },
                "closure prepared with the code address of another one");
  release(nullptr);
}

void refuses_wrong_frees() {
  constexpr char line[] = "closure freed twice or never allocated by ffi_closure_alloc";
  const Closure closure = make_bound(1);
  const Closure unbound = make();
  // A closure's memory goes back to malloc, and the second free looks at its first word: the address
  // sanitizer reports that before the library can. testsuite/misuse has it both ways.
#ifndef __SANITIZE_ADDRESS__
  require_fatal([&] { release(closure.memory), release(closure.memory); }, line);
  require_fatal([&] { release(unbound.memory), release(unbound.memory); }, line);
#endif
  require_fatal([] { release(malloc(closure_bytes)); }, line);
  require_fatal(
      [] {
        char here[closure_bytes] = {};
        release(here);
      },
      line);
  require_fatal(
      [&] {
        char copy[closure_bytes];
        memcpy(copy, closure.memory, sizeof copy);
        release(copy);
      },
      line);
  require_fatal(
      [&] {
        char copy[closure_bytes];
        memcpy(copy, unbound.memory, sizeof copy);
        release(copy);
      },
      line);
}

void traps_what_goes_nowhere() {
  const auto trap_of = [](const Closure &closure) {
    REQUIRE(record_of(closure)->handler == arch::trap_handler);
    ffi_closure_trap(record_of(closure));
  };
  const Closure closure = make();
  require_fatal([&] { trap_of(closure); }, "closure called before it was prepared");
  REQUIRE(bind(closure.memory, closure.code, numbered(1)) == Status::ok);
  release(closure.memory);
  require_fatal([&] { trap_of(closure); }, "freed closure called");
  require_fatal([&] { (void)enter(record_of(closure)); }, "freed closure called");
}

void traps_calls_that_go_nowhere() {
  const auto call = [](const Closure &closure) { reinterpret_cast<void (*)()>(closure.code)(); };
  std::vector<Closure> closures;
  for (int i = 0; i < 600; ++i) closures.push_back(make());  // of the built-in table and of a copy
  for (const Closure &closure : {closures.front(), closures.back()}) {
    require_fatal([&] { call(closure); }, "closure called before it was prepared");
    REQUIRE(bind(closure.memory, closure.code, numbered(1)) == Status::ok);
    release(closure.memory);
    require_fatal([&] { call(closure); }, "freed closure called");
  }
}

void lets_slots_rest() {
  const Closure first = make_bound(1);
  release(first.memory);
  for (unsigned i = 0; i < quarantine; ++i) {
    const Closure next = make_bound(i);
    REQUIRE(next.code != first.code);
    release(next.memory);
  }
}

void uses_slots_again() {
  std::set<void *> codes;
  for (int i = 0; i < 100000; ++i) {
    const Closure closure = make_bound(1);
    codes.insert(closure.code);
    release(closure.memory);
  }
  REQUIRE(codes.size() < 4 * most_resting);
}

void gives_memory_back() {
  std::vector<Closure> closures;
  for (std::uintptr_t i = 0; i < 100000; ++i) closures.push_back(make_bound(i));
  const std::uint64_t tables = diary.tables;
  for (const Closure &closure : closures) release(closure.memory);
  REQUIRE(diary.returns * (state().page_bytes / sizeof(Record)) > 80000);
  for (std::uintptr_t i = 0; i < 100000; ++i) closures[i] = make_bound(i);
  REQUIRE(diary.tables == tables);
  for (std::uintptr_t i = 0; i < 100000; ++i)
    REQUIRE(equal(enter(record_of(closures[i])), numbered(i)));
}

void protects_its_choice() {
  const Closure closure = make_bound(1);
  REQUIRE(state().read_only);
  REQUIRE(!is_writable(&state()));
  REQUIRE(!is_writable(&directory()));
  REQUIRE(!is_writable(arch::ffi_handlers));
  REQUIRE(!is_writable(closure.code));
}

void protects_records() {
  const Closure closure = make_bound(1);
  if (state().policy == Policy::aged) {
    const Closure young = make_bound(2);
    (void)young;
    wait_for_next_moment();
    (void)make_bound(3);  // what is older than a moment is sealed by the next binding
  }
  REQUIRE(!is_writable(record_of(closure)));
  REQUIRE(bind(closure.memory, closure.code, numbered(5)) == Status::ok);
  REQUIRE(equal(enter(record_of(closure)), numbered(5)));
  release(closure.memory);
}

void notices_changed_records() {
  const Closure closure = make_bound(1);
  Record *const record = record_of(closure);
  void *const page = reinterpret_cast<void *>(reinterpret_cast<std::uintptr_t>(record) &
                                              ~(state().page_bytes - 1));
  constexpr std::size_t bytes = offsetof(Fields, traits) + sizeof(Fields::traits);
  for (std::size_t bit = 0; bit < bytes * 8; ++bit) {
    const auto end = ffi::test::in_child([&] {
      REQUIRE(mprotect(page, state().page_bytes, PROT_READ | PROT_WRITE) == 0);
      reinterpret_cast<unsigned char *>(record)[bit / 8] ^=
          static_cast<unsigned char>(1u << bit % 8);
      return equal(enter(record), numbered(1)) ? 0 : 3;
    });
    if (end.signal != SIGABRT)
      fprintf(stderr, "bit %zu: signal %d, status %d\n", bit, end.signal, end.status);
    REQUIRE(end.signal == SIGABRT);
    REQUIRE(end.errors.starts_with("libffi: fatal: "));
  }
  // A record that is valid elsewhere is not valid here.
  const Closure other = make_bound(2);
  require_fatal(
      [&] {
        REQUIRE(mprotect(page, state().page_bytes, PROT_READ | PROT_WRITE) == 0);
        memcpy(static_cast<void *>(record), record_of(other), sizeof *record);
        (void)enter(record);
      },
      "the record of a closure was overwritten");
}

// Threads that hand closures to each other: what one made, the next one frees.
constexpr int rounds = 20000;
constinit void *handed_over[64] = {};

void *make_and_free(void *seed) {
  std::uint64_t state = reinterpret_cast<std::uintptr_t>(seed);
  for (int i = 0; i < rounds; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    const auto n = static_cast<std::uintptr_t>(state >> 40);
    const Closure closure = make_bound(n);
    REQUIRE(equal(enter(record_of(closure)), numbered(n)));
    void *const other =
        __atomic_exchange_n(&handed_over[state >> 58], closure.memory, __ATOMIC_ACQ_REL);
    release(other);
  }
  return nullptr;
}

void serves_threads() {
  pthread_t threads[4];
  for (std::uintptr_t i = 0; i < 4; ++i) {
    REQUIRE(pthread_create(&threads[i], nullptr, make_and_free, reinterpret_cast<void *>(i)) == 0);
  }
  for (const pthread_t thread : threads) pthread_join(thread, nullptr);
  for (void *const left : handed_over) release(left);
  std::uint64_t allocated = 0, released = 0;
  for (const Cache *cache = all_caches(); cache != nullptr; cache = cache->next) {
    allocated += cache->allocated;
    released += cache->released;
  }
  REQUIRE(allocated == 4 * rounds && released == allocated);
}

void survives_forks() {
  const Closure before = make_bound(77);
  pthread_t threads[2];
  for (std::uintptr_t i = 0; i < 2; ++i) {
    REQUIRE(pthread_create(&threads[i], nullptr, make_and_free, reinterpret_cast<void *>(i)) == 0);
  }
  for (int i = 0; i < 50; ++i) {
    const auto end = ffi::test::in_child(
        [&] {
          REQUIRE(equal(enter(record_of(before)), numbered(77)));
          std::vector<Closure> closures;
          for (std::uintptr_t k = 0; k < 500; ++k) closures.push_back(make_bound(k));
          release(before.memory);
          for (std::uintptr_t k = 0; k < 500; ++k) {
            REQUIRE(equal(enter(record_of(closures[k])), numbered(k)));
            release(closures[k].memory);
          }
          return 0;
        },
        20);
    if (!end.clean())
      fprintf(stderr, "child %d: %d %d %s\n", i, end.status, end.signal, end.errors.c_str());
    REQUIRE(end.clean());
  }
  for (const pthread_t thread : threads) pthread_join(thread, nullptr);
  REQUIRE(equal(enter(record_of(before)), numbered(77)));
  release(before.memory);
}

constinit bool stop = false;
constinit Closure rebound = {};

void *keep_entering(void *) {
  while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
    const Binding seen = enter(record_of(rebound));
    REQUIRE(equal(seen, numbered(4)) || equal(seen, numbered(8)));
  }
  return nullptr;
}

void rebinds_whole() {
  rebound = make_bound(4);
  pthread_t reader;
  REQUIRE(pthread_create(&reader, nullptr, keep_entering, nullptr) == 0);
  for (int i = 0; i < 20000; ++i) {
    REQUIRE(bind(rebound.memory, rebound.code, numbered(i % 2 == 0 ? 8 : 4)) == Status::ok);
  }
  __atomic_store_n(&stop, true, __ATOMIC_RELAXED);
  pthread_join(reader, nullptr);
}

}  // namespace

const Case cases[] = {
    {"gives_distinct_closures", gives_distinct_closures, false, false},
    {"gives_bindings_back", gives_bindings_back, false, false},
    {"knows_its_own", knows_its_own, false, false},
    {"refuses_wrong_frees", refuses_wrong_frees, false, false},
    {"traps_what_goes_nowhere", traps_what_goes_nowhere, false, false},
    {"traps_calls_that_go_nowhere", traps_calls_that_go_nowhere, true, false},
    {"lets_slots_rest", lets_slots_rest, false, false},
    {"uses_slots_again", uses_slots_again, false, false},
    {"gives_memory_back", gives_memory_back, false, true},
    {"protects_its_choice", protects_its_choice, true, false},
    {"protects_records", protects_records, false, false},
    {"notices_changed_records", notices_changed_records, false, true},
    {"serves_threads", serves_threads, false, false},
    {"survives_forks", survives_forks, false, false},
    {"rebinds_whole", rebinds_whole, false, false},
};
const unsigned case_count = sizeof cases / sizeof *cases;

}  // namespace ffi::glue::test
