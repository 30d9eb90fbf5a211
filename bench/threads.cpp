// SPDX-License-Identifier: MIT
// Two threads against one: how much more work they do together, 2.0 being all that two can.
#include "groups.h"
#include "signature.h"

#include <algorithm>
#include <cstdio>
#include <thread>

namespace bench {

using Work = std::function<void(long)>;

struct Subject {
  std::string name;
  Work first, second;  // what the two threads run; `first` alone is the comparison
};

// Work done per unit of time by two threads over that by one: medians over rounds that interleave the
// subjects.
static void row(const std::string& name, const std::vector<Subject>& subjects, long n, int rounds) {
  std::vector<std::vector<double>> ratios(subjects.size());
  for (int round = 0; round < rounds; round++)
    for (size_t i = 0; i < subjects.size(); i++) {
      const Subject& s = subjects[i];
      double start = now_ns();
      s.first(n);
      const double one = now_ns() - start;
      start = now_ns();
      std::thread other([&] { s.second(n); });
      s.first(n);
      other.join();
      ratios[i].push_back(2 * one / (now_ns() - start));
    }
  std::printf("{\"group\": \"threads\", \"row\": \"%s\", \"core\": false, \"figures\": {", name.c_str());
  for (size_t i = 0; i < subjects.size(); i++)
    std::printf("%s\"%s\": {\"scaling\": %.3f}", i == 0 ? "" : ", ", subjects[i].name.c_str(),
                median(ratios[i]));
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
  const int rounds = std::max(5, run.options.rounds / 5);

  // What this machine gives two threads at the moment, with nothing shared: the bound for the rest. The
  // first leaves most of a core idle, the second fills it, which shows two CPUs that are one core's.
  const Work sparse = [](long n) {
    unsigned long x = 1;
    for (long k = 0; k < n; k++) {
      x = x * 6364136223846793005UL + 1;
      asm volatile("" : "+r"(x));
    }
  };
  const Work dense = [](long n) {
    unsigned long w = 1, x = 2, y = 3, z = 4;
    for (long k = 0; k < n; k++) {
      w = (w ^ 5) + 3, x = (x ^ 6) + 5, y = (y ^ 7) + 7, z = (z ^ 9) + 9;
      asm volatile("" : "+r"(w), "+r"(x), "+r"(y), "+r"(z));
    }
  };
  row("control: one dependency chain, nothing shared", {{"compiled", sparse, sparse}}, 4000000, rounds);
  row("control: full pipeline, nothing shared", {{"compiled", dense, dense}}, 4000000, rounds);

  std::vector<Subject> call, prepping, single, batch;
  for (size_t i = 0; i < run.libs.size(); i++) {
    const Library& lib = run.libs[i];
    ffi_cif* cif = &prepared[i].cif;
    call.push_back({lib.name, calls(lib, s, cif), calls(lib, s, cif)});
    prepping.push_back({lib.name, preps(lib, s), preps(lib, s)});
    single.push_back({lib.name, churn(lib, s, cif, 1), churn(lib, s, cif, 1)});
    batch.push_back({lib.name, churn(lib, s, cif, 100), churn(lib, s, cif, 100)});
  }
  row("ffi_call", call, 200000, rounds);
  row("ffi_prep_cif", prepping, 200000, rounds);
  row("closure alloc+prep+free", single, 50000, rounds);
  row("closure alloc+prep+free, batches of 100", batch, 50000, rounds);
}

}  // namespace bench
