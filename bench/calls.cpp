// SPDX-License-Identifier: MIT
// Calling out: ffi_call, call plans, and ffi_prep_cif followed by one call as ctypes does it.
#include "groups.h"
#include "signature.h"

namespace bench {

static Variant call_variant(const Library& lib, const Signature& s, Prepared& p) {
  return {lib.name, [&lib, &s, &p, values = s.values](long n) mutable {
            for (long i = 0; i < n; i++) lib.call(&p.cif, s.target, s.result, values.data());
          }};
}

static Variant prepcall_variant(const Library& lib, const Signature& s, Prepared& p) {
  return {lib.name, [&lib, &s, &p, values = s.values](long n) mutable {
            for (long i = 0; i < n; i++) {
              (void)prep(lib, s, p, &p.cif);
              lib.call(&p.cif, s.target, s.result, values.data());
            }
          }};
}

static Variant plan_variant(const Library& lib, const Signature& s, void* plan) {
  return {lib.name + " plan", [&lib, &s, plan, values = s.values](long n) mutable {
            for (long i = 0; i < n; i++) lib.plan_invoke(plan, s.target, s.result, values.data());
          }};
}

void call_groups(const Run& run, const std::string& group) {
  for (const Signature& s : signatures()) {
    if (run.core_only && !s.core) continue;
    std::vector<Prepared> prepared;
    std::vector<Variant> variants;
    std::vector<std::pair<const Library*, void*>> plans;
    for (const Library& lib : run.libs) prepared.push_back(prepare(lib, s));
    for (size_t i = 0; i < run.libs.size(); i++) {
      const Library& lib = run.libs[i];
      Prepared& p = prepared[i];
      if (!p.usable) continue;
      verify(lib, s, p);
      if (group == "prepcall") {
        variants.push_back(prepcall_variant(lib, s, p));
        continue;
      }
      variants.push_back(call_variant(lib, s, p));
      if (group == "plan" && lib.plan_alloc != nullptr)
        if (void* plan = lib.plan_alloc(&p.cif); plan != nullptr) {
          plans.emplace_back(&lib, plan);
          variants.push_back(plan_variant(lib, s, plan));
        }
    }
    if (variants.empty()) continue;
    if (group != "plan" || !plans.empty()) {
      variants.push_back({"compiled", [&s](long n) { s.direct(s.target, n); }});
      report(group, s.name, s.core, measure(variants, run.options), run.libs.front().name);
    }
    for (auto& [lib, plan] : plans) lib->plan_free(plan);
  }
}

}  // namespace bench
