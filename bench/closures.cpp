// SPDX-License-Identifier: MIT
// Being called back: invocation from compiled code, and the life of a closure on one thread.
#include <cstdio>
#include <cstdlib>

#include "groups.h"
#include "signature.h"

namespace bench {

struct Live {
  ffi_closure* writable = nullptr;
  void* code = nullptr;
};

static Live create(const Library& lib, const Signature& s, ffi_cif* cif) {
  Live live;
  live.writable = static_cast<ffi_closure*>(lib.closure_alloc(sizeof(ffi_closure), &live.code));
  if (live.writable == nullptr ||
      lib.prep_closure_loc(live.writable, cif, s.handler, nullptr, live.code) != FFI_OK) {
    std::fprintf(stderr, "ffi-bench: %s gives no closure\n", lib.name.c_str());
    std::exit(1);
  }
  return live;
}

void closure_group(const Run& run) {
  for (const Signature& s : signatures()) {
    if (run.core_only && !s.core) continue;
    std::vector<Prepared> prepared;
    std::vector<Variant> variants;
    std::vector<std::pair<const Library*, Live>> made;
    for (const Library& lib : run.libs) prepared.push_back(prepare(lib, s));
    for (size_t i = 0; i < run.libs.size(); i++) {
      const Library& lib = run.libs[i];
      if (!prepared[i].usable) continue;
      verify(lib, s, prepared[i]);
      const Live live = create(lib, s, &prepared[i].cif);
      made.emplace_back(&lib, live);
      variants.push_back({lib.name, [&s, code = reinterpret_cast<Code>(live.code)](long n) {
                            s.direct(code, n);
                          }});
    }
    if (variants.empty()) continue;
    variants.push_back({"compiled", [&s](long n) { s.direct(s.target, n); }});
    report("closure", s.name, s.core, measure(variants, run.options), run.libs.front().name);
    for (auto& [lib, live] : made) lib->closure_free(live.writable);
  }
}

void alloc_group(const Run& run) {
  const Signature& s = signatures()[1];
  std::vector<Prepared> prepared;
  for (const Library& lib : run.libs) prepared.push_back(prepare(lib, s));

  std::vector<Variant> single, called, batch, held;
  constexpr long size = 1000;
  std::vector<std::vector<Live>> rooms(run.libs.size(), std::vector<Live>(size));
  for (size_t i = 0; i < run.libs.size(); i++) {
    const Library& lib = run.libs[i];
    ffi_cif* cif = &prepared[i].cif;
    std::vector<Live>& room = rooms[i];
    single.push_back({lib.name, [&lib, &s, cif](long n) {
                        for (long k = 0; k < n; k++) lib.closure_free(create(lib, s, cif).writable);
                      }});
    called.push_back({lib.name, [&lib, &s, cif](long n) {
                        for (long k = 0; k < n; k++) {
                          const Live live = create(lib, s, cif);
                          s.direct(reinterpret_cast<Code>(live.code), 1);
                          lib.closure_free(live.writable);
                        }
                      }});
    batch.push_back({lib.name,
                     [&lib, &s, cif, &room](long n) {
                       for (long k = 0; k < n; k++)
                         room[static_cast<size_t>(k)] = create(lib, s, cif);
                       for (long k = 0; k < n; k++)
                         lib.closure_free(room[static_cast<size_t>(k)].writable);
                     },
                     size});
    // A program that keeps a working set: replaces a pseudo-random one of a thousand each time.
    held.push_back({lib.name,
                    [&lib, &s, cif, &room, seed = 1u](long n) mutable {
                      for (Live& live : room) live = create(lib, s, cif);
                      for (long k = 0; k < n; k++) {
                        seed = seed * 1664525u + 1013904223u;
                        Live& live = room[(seed >> 8) % size];
                        lib.closure_free(live.writable);
                        live = create(lib, s, cif);
                      }
                      for (Live& live : room) lib.closure_free(live.writable);
                    },
                    20000});
  }
  const std::string& base = run.libs.front().name;
  report("alloc", "alloc+prep+free, warm", true, measure(single, run.options), base);
  report("alloc", "alloc+prep+call+free, warm", false, measure(called, run.options), base);
  report("alloc", "alloc+prep+free, batches of 1000", true, measure(batch, run.options), base);
  Options fewer = run.options;
  fewer.rounds = std::max(5, run.options.rounds / 10);
  report("alloc", "replace one of 1000 live", false, measure(held, fewer), base);
}

}  // namespace bench
