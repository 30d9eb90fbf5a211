// SPDX-License-Identifier: MIT
// A signature's shape as a short string of bytes: what two cifs have in common when they share a plan.
#pragma once

#include <cstddef>
#include <cstdint>

#include "abi/passing.h"
#include "base/status.h"

namespace ffi {

// Scalars are one byte, their code; aggregates a marker and their passing. Built in the caller's buffer.
class Key {
 public:
  static constexpr std::size_t header_bytes = 8;
  static constexpr std::size_t aggregate_bytes = 1 + sizeof(Passing);

  explicit Key(unsigned char *buffer) : bytes_(buffer) {}

  static constexpr std::size_t bound(std::size_t nargs, std::size_t aggregates) {
    return header_bytes + nargs + 1 + aggregates * aggregate_bytes + sizeof(std::uint64_t);
  }

  void header(std::uint32_t abi, std::uint32_t nargs) {
    __builtin_memcpy(bytes_, &abi, 4);
    __builtin_memcpy(bytes_ + 4, &nargs, 4);
    size_ = header_bytes;
  }
  void scalar(TypeCode code) { bytes_[size_++] = static_cast<unsigned char>(code); }
  void aggregate(const Passing &passing) {
    scalar(TypeCode::struct_);
    __builtin_memcpy(bytes_ + size_, &passing, sizeof passing);
    size_ += sizeof passing;
  }

  // Pad with zeros to whole words and digest. Not a defence against crafted collisions: those cost a longer chain,
  // and chains are compared byte by byte.
  std::uint64_t finish() {
    __builtin_memset(bytes_ + size_, 0, sizeof(std::uint64_t));
    padded_ = (size_ + 7) & ~std::size_t{7};
    std::uint64_t hash = 0x9e3779b97f4a7c15u ^ size_;
    for (std::size_t i = 0; i < padded_; i += 8) {
      std::uint64_t word;
      __builtin_memcpy(&word, bytes_ + i, 8);
      hash = (hash ^ word) * 0xff51afd7ed558ccdu;
      hash ^= hash >> 32;
    }
    return hash;
  }

  const unsigned char *data() const { return bytes_; }
  std::size_t size() const { return padded_; }

 private:
  unsigned char *bytes_;
  std::size_t size_ = 0;
  std::size_t padded_ = 0;
};

}  // namespace ffi
