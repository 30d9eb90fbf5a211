// SPDX-License-Identifier: MIT
// A signature compiled for any convention, outside the intern table: the types' passings and the
// plan, with its memory.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "abi/compile.h"

namespace ffi::explain {

class Compiled {
 public:
  // The first `named' of the arguments are named, the rest variadic. Types are laid out already.
  // On failure failed_value() says what was refused.
  Status compile(const Convention &convention, ffi_type *result,
                 const std::vector<ffi_type *> &arguments, std::size_t named);

  static constexpr std::size_t the_result = SIZE_MAX;
  static constexpr std::size_t the_whole = SIZE_MAX - 1;
  // An argument's number, the_result, or the_whole when each value alone would do.
  std::size_t failed_value() const { return failed_value_; }

  const Plan &plan() const { return *reinterpret_cast<const Plan *>(memory_.get()); }
  const Signature &signature() const { return signature_; }

 private:
  std::vector<Passing> passings_;
  Signature signature_;
  std::unique_ptr<std::uint64_t[]> memory_;
  std::size_t failed_value_ = the_whole;
};

}  // namespace ffi::explain
