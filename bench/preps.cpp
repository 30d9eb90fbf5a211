// SPDX-License-Identifier: MIT
// ffi_prep_cif: known types, struct types not laid out yet, and signatures never seen before.
#include "groups.h"
#include "signature.h"

namespace bench {

// A page full of cifs in turn, so that no library is lucky with the low address bits of a single
// one.
constexpr long cifs = 128;
alignas(4096) static ffi_cif room[cifs];

static void known(const Run& run, const std::string& group) {
  const bool fresh = group == "prep-fresh";
  for (const Signature& s : signatures()) {
    if (run.core_only && !s.core) continue;
    std::vector<Prepared> prepared;
    std::vector<Variant> variants;
    for (const Library& lib : run.libs) prepared.push_back(prepare(lib, s));
    for (size_t i = 0; i < run.libs.size(); i++) {
      const Library& lib = run.libs[i];
      Prepared& p = prepared[i];
      if (!p.usable || (fresh && !p.make->has_aggregates())) continue;
      variants.push_back({lib.name, [&lib, &s, &p, fresh](long n) {
                            for (long k = 0; k < n; k++) {
                              if (fresh) p.make->forget_layouts();
                              (void)prep(lib, s, p, &room[k % cifs]);
                            }
                          }});
    }
    if (!variants.empty())
      report(group, s.name, s.core, measure(variants, run.options), run.libs.front().name);
  }
}

// Shapes that differ in their arguments' types: number `index` written in base 8, one digit an
// argument.
static std::vector<ffi_type*> shape(const Library& lib, unsigned long index) {
  static const char* const names[] = {"ffi_type_sint32", "ffi_type_double", "ffi_type_pointer",
                                      "ffi_type_float",  "ffi_type_uint8",  "ffi_type_sint16",
                                      "ffi_type_uint64", "ffi_type_sint8"};
  std::vector<ffi_type*> types;
  for (int digit = 0; digit < 6; digit++, index /= 8) types.push_back(lib.type(names[index % 8]));
  return types;
}

// A few thousand shapes, which is what a large program might have. Each is prepared once and never
// again.
static void first_sight(const Run& run) {
  constexpr long batch = 32;
  std::vector<Variant> variants;
  std::vector<std::vector<std::vector<ffi_type*>>> shapes(run.libs.size());
  std::vector<size_t> next(run.libs.size());
  const size_t needed = static_cast<size_t>(batch) * static_cast<size_t>(run.options.rounds + 1);
  for (size_t i = 0; i < run.libs.size(); i++) {
    const Library& lib = run.libs[i];
    for (size_t k = 0; k < needed; k++) shapes[i].push_back(shape(lib, k * 61 % 262144));
    ffi_type* result = lib.type("ffi_type_sint32");
    variants.push_back({lib.name,
                        [&lib, &list = shapes[i], &at = next[i], result](long n) {
                          ffi_cif cif;
                          for (long k = 0; k < n; k++)
                            (void)lib.prep_cif(&cif, FFI_DEFAULT_ABI, 6, result,
                                               list[at++ % list.size()].data());
                        },
                        batch});
  }
  report("prep-first", "6 mixed arguments, a new shape each time", false,
         measure(variants, run.options), run.libs.front().name);
}

void prep_groups(const Run& run, const std::string& group) {
  if (group == "prep-first")
    first_sight(run);
  else
    known(run, group);
}

}  // namespace bench
