// SPDX-License-Identifier: MIT
// Random signatures for any convention: reproducible from a seed, spelled out in failures.
#pragma once

#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "tools/ffi-explain/compiled.h"
#include "tools/ffi-explain/types.h"

namespace ffi::test {

// Bytes of a value that carry something: what padding there is nobody has to pass on.
struct Extent {
  std::size_t from;
  std::size_t size;
};
std::vector<Extent> extents_of(const ffi_type &type);

std::string spelled(const ffi_type &type);

struct RandomSignature {
  ffi_type *result = nullptr;
  std::vector<ffi_type *> arguments;
  std::size_t named = 0;

  std::string spelled() const;
};

// How many to draw where the machine itself would draw `many': an emulator is slow, and most of what
// they show holds on every host.
inline unsigned how_many(unsigned many) {
  return std::getenv("FFI_RUN_PREFIX") != nullptr ? many / 10 : many;
}

// Draws signatures whose every type the convention passes.
class Generator {
 public:
  Generator(const Convention &convention, std::uint64_t seed)
      : convention_(convention), random_(seed) {}

  RandomSignature next(explain::Types *types);
  std::uint64_t number() { return random_(); }
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }

 private:
  ffi_type *scalar(explain::Types *types);
  ffi_type *draw(explain::Types *types, unsigned depth);
  ffi_type *structure(explain::Types *types, unsigned depth);
  ffi_type *value(explain::Types *types, Role role);

  const Convention &convention_;
  std::mt19937_64 random_;
};

}  // namespace ffi::test
