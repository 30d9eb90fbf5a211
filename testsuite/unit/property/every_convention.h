// SPDX-License-Identifier: MIT
// A test for each convention of each architecture, native or not, by the table that ffi-explain
// prints from.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "testsuite/unit/property/random_signature.h"
#include "tools/ffi-explain/rooms.h"

namespace ffi::test {

inline std::vector<explain::Found> every_convention() {
  std::vector<explain::Found> all;
  for (const explain::Room *room : explain::rooms()) {
    for (const Convention *convention : room->conventions) all.push_back({room, convention});
  }
  return all;
}

inline std::string test_name(const testing::TestParamInfo<explain::Found> &info) {
  std::string name = info.param.convention->name;
  for (char &c : name) {
    if (c == '-') c = '_';
  }
  return name;
}

class EveryConvention : public testing::TestWithParam<explain::Found> {
 protected:
  const unsigned signatures = how_many(3000);

  const Convention &convention() const { return *GetParam().convention; }
  const explain::Room &room() const { return *GetParam().room; }

  // check(compiled, signature, generator) for each of many signatures, the same in every run.
  template <typename Check>
  void for_each_signature(Check &&check) {
    Generator generator(convention(), 20261123);
    for (unsigned i = 0; i < signatures && !HasFailure(); ++i) {
      explain::Types types(convention().model);
      const RandomSignature signature = generator.next(&types);
      SCOPED_TRACE(testing::Message()
                   << convention().name << " signature " << i << ": " << signature.spelled());
      explain::Compiled compiled;
      ASSERT_EQ(
          compiled.compile(convention(), signature.result, signature.arguments, signature.named),
          Status::ok);
      check(compiled, signature, generator);
    }
  }
};

// Whether a move writes anything: that of an empty struct does only if it is passed by reference.
inline bool has_place(const Move &move) { return move.size != 0 || move.op == Op::reference; }

// What a move writes at its place.
inline std::uint32_t written_bytes(const Move &move, std::uint32_t word) {
  switch (move.op) {
    case Op::bytes: return move.size;
    case Op::copy4: return 4;
    case Op::copy8: return 8;
    case Op::copy16: return 16;
    default: return word;
  }
}

}  // namespace ffi::test
