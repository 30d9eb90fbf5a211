// SPDX-License-Identifier: MIT
// A convention that no machine has, one rule at a time: four integer registers, three vector
// registers, words of 8 bytes.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <vector>

#include "abi/compile.h"

namespace ffi::test {

// Places in the invented image.
inline constexpr std::uint16_t integer_at[] = {0, 8, 16, 24};
inline constexpr std::uint16_t vector_at[] = {32, 48, 64};
inline constexpr std::uint16_t integer_result_at[] = {80, 88};
inline constexpr std::uint16_t x87_result_at[] = {96, 112};
inline constexpr std::uint16_t pointer_at = 128;
inline constexpr std::size_t invented_image_bytes = 136;

constexpr Convention invented() {
  Convention convention;
  convention.name = "invented";
  convention.abi = 77;
  convention.files[0] = {
      .slot = 8, .arguments = 4, .results = 2, .argument = {0, 8, 16, 24}, .result = {80, 88}};
  convention.files[1] = {
      .slot = 16, .arguments = 3, .results = 2, .argument = {32, 48, 64}, .result = {32, 48}};
  convention.files[2] = {
      .slot = 16, .arguments = 0, .results = 2, .argument = {}, .result = {96, 112}};
  convention.classify = [](const Convention &, const ffi_type &, Role, Passing *) {
    return Status::bad_typedef;
  };
  return convention;
}

inline Passing passing(Mode mode, std::uint32_t size, unsigned alignment) {
  ffi_type *members[] = {nullptr};
  const ffi_type type{size, static_cast<unsigned short>(alignment), FFI_TYPE_STRUCT, members};
  Passing result{};
  result.start(type);
  result.mode = mode;
  return result;
}

inline Passing scalar(TypeCode code, std::uint32_t size, File file = File::integer) {
  const ffi_type type{size, static_cast<unsigned short>(size), static_cast<unsigned short>(code),
                      nullptr};
  Passing result{};
  result.start(type);
  result.mode = Mode::registers;
  result.add(file, size, 0);
  return result;
}

inline Passing word() { return scalar(TypeCode::sint64, 8); }
inline Passing real() { return scalar(TypeCode::double_, 8, File::vector); }
inline Passing in_memory(std::uint32_t size, unsigned alignment = 8) {
  return passing(Mode::memory, size, alignment);
}
inline Passing by_reference(std::uint32_t size) { return passing(Mode::reference, size, 8); }
inline Passing nothing() { return passing(Mode::ignore, 0, 1); }

inline Passing parts(std::uint32_t size, unsigned alignment, std::initializer_list<Part> list) {
  Passing result = passing(Mode::registers, size, alignment);
  for (const Part &part : list) result.add(part.file, part.size, part.from);
  return result;
}
inline Passing pair(unsigned alignment = 8) {
  return parts(16, alignment, {{File::integer, 8, 0}, {File::integer, 8, 8}});
}

// A compiled signature with its memory.
class Made {
 public:
  Made(const Convention &convention, std::vector<Passing> arguments,
       const Passing &result = nothing())
      : arguments_(std::move(arguments)) {
    Signature signature;
    signature.arguments = arguments_.data();
    signature.nargs = static_cast<std::uint32_t>(arguments_.size());
    signature.result = result;
    bound = plan_bound(convention, signature);
    memory_ = std::make_unique<std::uint64_t[]>(bound / 8 + 1);
    // A plan that is not written whole shows.
    for (std::size_t i = 0; i < bound / 8; ++i) memory_[i] = 0xa5a5a5a5a5a5a5a5u;
    status = compile(convention, signature, const_cast<Plan *>(&plan()));
  }
  const Plan &plan() const { return *reinterpret_cast<const Plan *>(memory_.get()); }
  const Plan *operator->() const { return &plan(); }
  const Move &move(std::size_t index) const { return plan().moves()[index]; }
  const Move &result(std::size_t index) const { return plan().results()[index]; }

  Status status = Status::bad_abi;
  std::size_t bound = 0;

 private:
  std::vector<Passing> arguments_;
  std::unique_ptr<std::uint64_t[]> memory_;
};

}  // namespace ffi::test
