// SPDX-License-Identifier: MIT
// Two threads against one: how much more work they do together, 2.0 being all that two can.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <thread>

#include "groups.h"
#include "signature.h"

namespace bench {

using Work = std::function<void(long)>;

struct Subject {
  std::string name;
  Work first, second;  // what the two threads run; `first` alone is the comparison
  long n;              // operations in one run, a millisecond or two
};

// Both threads start together, so that creating the second is not measured.
static double together(const Subject& s) {
  std::atomic<bool> ready = false, go = false;
  std::thread other([&] {
    ready = true;
    while (!go) {
    }
    s.second(s.n);
  });
  while (!ready) {
  }
  const double start = now_ns();
  go = true;
  s.first(s.n);
  other.join();
  return now_ns() - start;
}

// Work done per unit of time by two threads over that by one. The best of many short rounds on both
// sides: a median would measure who else uses the second processor.
static void row(const std::string& name, const std::vector<Subject>& subjects, int rounds) {
  std::vector<double> one(subjects.size(), 1e18), two(subjects.size(), 1e18);
  for (int round = 0; round < rounds; round++)
    for (size_t i = 0; i < subjects.size(); i++) {
      const double start = now_ns();
      subjects[i].first(subjects[i].n);
      one[i] = std::min(one[i], now_ns() - start);
      two[i] = std::min(two[i], together(subjects[i]));
    }
  std::printf("{\"group\": \"threads\", \"row\": \"%s\", \"core\": false, \"figures\": {",
              name.c_str());
  for (size_t i = 0; i < subjects.size(); i++)
    std::printf("%s\"%s\": {\"scaling\": %.3f}", i == 0 ? "" : ", ", subjects[i].name.c_str(),
                2 * one[i] / two[i]);
  std::printf("}}\n");
  std::fflush(stdout);
}

static Work calls(const Library& lib, const Signature& s, ffi_cif* cif) {
  return [&lib, &s, cif](long n) {
    alignas(64) unsigned char result[64];
    std::vector<void*> values = s.values;
    for (long k = 0; k < n; k++) lib.call(cif, s.target, result, values.data());
  };
}

static Work churn(const Library& lib, const Signature& s, ffi_cif* cif, size_t batch) {
  return [&lib, &s, cif, batch](long n) {
    std::vector<void*> made(batch);
    for (long k = 0; k < n; k += static_cast<long>(batch)) {
      for (void*& c : made) {
        void* code;
        c = lib.closure_alloc(sizeof(ffi_closure), &code);
        (void)lib.prep_closure_loc(static_cast<ffi_closure*>(c), cif, s.handler, nullptr, code);
      }
      for (void* c : made) lib.closure_free(c);
    }
  };
}

static Work preps(const Library& lib, const Signature& s) {
  return [&lib, &s](long n) {
    Prepared own = prepare(lib, s);
    for (long k = 0; k < n; k++) (void)prep(lib, s, own, &own.cif);
  };
}

void threads_group(const Run& run) {
  const Signature& s = signatures()[1];
  std::vector<Prepared> prepared;
  for (const Library& lib : run.libs) prepared.push_back(prepare(lib, s));

  // What this machine gives two threads meanwhile, with nothing shared: the bound for the rest. It
  // fills the pipeline, which shows two processors that are one core's.
  const Work dense = [](long n) {
    unsigned long w = 1, x = 2, y = 3, z = 4;
    for (long k = 0; k < n; k++) {
      w = (w ^ 5) + 3, x = (x ^ 6) + 5, y = (y ^ 7) + 7, z = (z ^ 9) + 9;
      asm volatile("" : "+r"(w), "+r"(x), "+r"(y), "+r"(z));
    }
  };
  const Subject control = {"compiled", dense, dense, 1000000};
  std::vector<Subject> call{control}, prepping{control}, single{control}, batch{control};
  for (size_t i = 0; i < run.libs.size(); i++) {
    const Library& lib = run.libs[i];
    ffi_cif* cif = &prepared[i].cif;
    call.push_back({lib.name, calls(lib, s, cif), calls(lib, s, cif), 60000});
    prepping.push_back({lib.name, preps(lib, s), preps(lib, s), 60000});
    single.push_back({lib.name, churn(lib, s, cif, 1), churn(lib, s, cif, 1), 10000});
    batch.push_back({lib.name, churn(lib, s, cif, 100), churn(lib, s, cif, 100), 10000});
  }
  const int rounds = std::max(15, run.options.rounds / 2);
  row("ffi_call", call, rounds);
  row("ffi_prep_cif", prepping, rounds);
  row("closure alloc+prep+free", single, rounds);
  row("closure alloc+prep+free, batches of 100", batch, rounds);
}

}  // namespace bench
