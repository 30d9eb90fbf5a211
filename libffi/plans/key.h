// SPDX-License-Identifier: MIT
// A signature's shape as a short string of bytes: what two cifs have in common when they share a plan.
#pragma once

#include <cstddef>
#include <cstdint>

#include "abi/passing.h"

namespace ffi {

// Scalars are one byte, their code; aggregates a marker, the passing's fixed part and its parts. Built in the caller's buffer of
// bound() bytes, aligned for words.
class Key {
 public:
  explicit Key(unsigned char *buffer) : bytes_(buffer), end_(buffer) {}

  static constexpr std::size_t bound(std::size_t nargs) {
    return header_bytes + (nargs + 1) * (1 + sizeof(Passing)) + sizeof(std::uint64_t);
  }

  void header(std::uint32_t abi, std::uint32_t nargs) {
    __builtin_memcpy(end_, &abi, 4);
    __builtin_memcpy(end_ + 4, &nargs, 4);
    end_ += header_bytes;
  }
  void scalar(TypeCode code) { *end_++ = static_cast<unsigned char>(code); }
  void aggregate(const Passing &passing) {
    scalar(TypeCode::struct_);
    __builtin_memcpy(end_, &passing, offsetof(Passing, parts));
    end_ += offsetof(Passing, parts);
    for (unsigned i = 0; i < passing.count; ++i) {
      __builtin_memcpy(end_, &passing.parts[i], sizeof(Part));
      end_ += sizeof(Part);
    }
  }

  // Pad with zeros to whole words and digest. Not a defence against crafted collisions: those cost a longer chain,
  // and chains are compared word by word.
  std::uint64_t finish() {
    constexpr std::uint64_t zero = 0;
    __builtin_memcpy(end_, &zero, sizeof zero);
    words_ = (static_cast<std::size_t>(end_ - bytes_) + 7) / 8;
    std::uint64_t hash = 0x9e3779b97f4a7c15u;
    for (std::size_t i = 0; i < words_; ++i) {
      hash = (hash ^ word(i)) * 0xff51afd7ed558ccdu;
      hash ^= hash >> 29;
    }
    return hash;
  }

  bool equals(const std::uint64_t *other) const {
    for (std::size_t i = 0; i < words_; ++i) {
      if (word(i) != other[i]) return false;
    }
    return true;
  }

  const unsigned char *data() const { return bytes_; }
  std::size_t size() const { return words_ * 8; }

 private:
  static constexpr std::size_t header_bytes = 8;

  std::uint64_t word(std::size_t index) const {
    std::uint64_t value;
    __builtin_memcpy(&value, bytes_ + 8 * index, 8);
    return value;
  }

  unsigned char *bytes_;
  unsigned char *end_;
  std::size_t words_ = 0;
};

}  // namespace ffi
