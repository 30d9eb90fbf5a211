// SPDX-License-Identifier: MIT
// A signature's shape as a short string of words: what two cifs have in common when they share a plan.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include <stdlib.h>

#include "types/leaves.h"

namespace ffi {

// Plain scalars are one byte each, eight to a word; anything else takes words of its own, the first with a byte that no scalar has,
// then its leaves. Nothing is classified: that is done once, when the shape is new.
// Words are assembled in a register: a load of bytes just stored one by one would stall. Short keys stay where they are
// built, long ones move to the heap.
class Key {
 public:
  Key() : words_(buffer_) {}
  ~Key() {
    if (words_ != buffer_) free(words_);
  }
  Key(const Key &) = delete;
  Key &operator=(const Key &) = delete;

  void header(std::uint32_t abi, std::uint32_t nargs) { push(abi | std::uint64_t{nargs} << 32); }

  void scalar(TypeCode code) {
    pending_ |= (static_cast<std::uint64_t>(code) + 1) << shift_;
    shift_ += 8;
    if (shift_ == 64) flush();
  }

  // Add plain scalars until one is none; how many there were. The cursor stays in registers meanwhile.
  std::uint32_t scalars(ffi_type *const *types, std::uint32_t count) {
    std::uint64_t pending = pending_;
    unsigned shift = shift_;
    std::uint32_t i = 0;
    for (; i < count && types[i] != nullptr && is_plain_scalar(*types[i]); ++i) {
      pending |= (std::uint64_t{types[i]->type} + 1) << shift;
      shift += 8;
      if (shift == 64) {
        push(pending);
        pending = 0;
        shift = 0;
      }
    }
    pending_ = pending;
    shift_ = shift;
    return i;
  }

  // Leaves, and the alignment that they ask for, count only in an aggregate of at most leaf_bytes: a larger one never travels
  // in registers.
  [[gnu::always_inline]] Status aggregate(const ffi_type &type, std::size_t leaf_bytes) {
    flush();
    const bool small = type.size <= leaf_bytes;
    const std::size_t head = count_;
    push(aggregate_mark | std::uint64_t{type.type} << 49 | log2(small ? type.alignment : 1) << 44 |
         log2(type.alignment) << 40 | type.size);
    if (!small) return Status::ok;
    const Status status = leaves(type);
    // Only now is every member laid out, whose alignment may matter.
    if (type.alignment >= 16 && head < count_) [[unlikely]] {
      words_[head] ^= (log2(type.alignment) ^ log2(natural_alignment(type))) << 44;
    }
    return status;
  }

  // The digest of all that was added, from multiplications that do not wait for each other. Not a defence against crafted
  // collisions: those cost a longer chain, and chains are compared word by word.
  std::uint64_t finish() {
    flush();
    std::uint64_t digest = 0;
    std::uint64_t factor = 0xff51afd7ed558ccdu;
    for (std::size_t i = 0; i < count_; ++i) {
      digest += (words_[i] ^ words_[i] >> 32) * factor;
      factor += 0x9e3779b97f4a7c16u;  // stays odd
    }
    digest = (digest ^ digest >> 29) * 0xff51afd7ed558ccdu;
    return digest ^ digest >> 32;
  }

  bool equals(const std::uint64_t *other) const {
    for (std::size_t i = 0; i < count_; ++i) {
      if (words_[i] != other[i]) return false;
    }
    return true;
  }

  // False when memory was short: the key is not whole, the signature cannot be interned.
  bool is_whole() const { return whole_; }

  const std::uint64_t *data() const { return words_; }
  std::size_t size() const { return count_ * sizeof(std::uint64_t); }

 private:
  static constexpr std::uint64_t aggregate_mark = std::uint64_t{0xff} << 56;
  static constexpr std::size_t leaves_in_word = 4;
  static constexpr std::uint64_t complex_codes = static_cast<std::uint64_t>(TypeCode::count);
  static_assert(complex_codes + static_cast<std::uint64_t>(TypeCode::longdouble) < 32);

  static constexpr std::uint64_t packed(const Leaf &leaf) {
    // Halves of complex numbers take codes that no type has.
    const std::uint64_t code = static_cast<std::uint64_t>(leaf.code) + (leaf.of_complex ? complex_codes : 0);
    return code | std::uint64_t{leaf.size} << 5 | leaf.offset << 10;
  }

  static constexpr std::uint64_t log2(unsigned alignment) {
    return static_cast<std::uint64_t>(std::countr_zero(alignment));
  }

  Status leaves(const ffi_type &type) {
    if (code_of(type) == TypeCode::complex) {
      const TypeCode part = code_of(*type.elements[0]);
      const auto half = static_cast<std::uint16_t>(type.size / 2);
      push(packed({part, half, 0, true}) | packed({part, half, half, true}) << 64 / leaves_in_word);
      return Status::ok;
    }
    if (code_of(type) != TypeCode::struct_) return leaves_of(type);
    // Most structs have scalars and nothing else. What this loop counts stays in registers; a visitor's captures do not.
    MemberCursor cursor{type.elements};
    const std::size_t begin = count_;
    std::uint64_t word = 0;
    unsigned shift = 0;
    for (Leaf leaf; cursor.next_scalar(&leaf);) {
      if (cursor.offset > type.size) [[unlikely]] return leaves_again(type, begin);
      word |= packed(leaf) << shift;
      shift += 64 / leaves_in_word;
      if (shift == 64) {
        push(word);
        word = 0;
        shift = 0;
      }
    }
    if (*cursor.member != nullptr) {
      bool crowded = false;
      const Status status = leaves_from<Unions::noticed>(type, &cursor, word, shift, &crowded);
      return crowded && status == Status::ok ? leaves_again(type, begin) : status;
    }
    push(word);  // its last place is empty: that is where the leaves end
    return Status::ok;
  }

  // The leaves of a struct that has no room for them all, without what was added in the belief that it has.
  __attribute__((noinline, cold)) Status leaves_again(const ffi_type &type, std::size_t begin) {
    count_ = begin;
    return leaves_of(type);
  }

  Status leaves_of(const ffi_type &type) {
    bool crowded;
    return leaves_from<Unions::asked_for>(type, nullptr, 0, 0, &crowded);
  }

  // The leaves of anything, or of a struct from a member on.
  template <Unions unions>
  __attribute__((noinline)) Status leaves_from(const ffi_type &type, const MemberCursor *cursor,
                                               std::uint64_t word, unsigned shift, bool *crowded) {
    const auto add = [&](const Leaf &leaf) {
      word |= packed(leaf) << shift;
      shift += 64 / leaves_in_word;
      if (shift == 64) {
        push(word);
        word = 0;
        shift = 0;
      }
      return true;
    };
    LeafWalk<unions, decltype(add)> walk(add, type.size);
    const Status status = cursor != nullptr ? walk.members(*cursor, 0, type.size) : walk.one(type, 0, 0);
    *crowded = walk.was_crowded();
    push(word);
    return status;
  }

  void push(std::uint64_t word) {
    if (count_ == capacity_ && !grow()) [[unlikely]] return;
    words_[count_++] = word;
  }
  void flush() {
    if (shift_ == 0) return;
    push(pending_);
    pending_ = 0;
    shift_ = 0;
  }

  __attribute__((noinline, cold)) bool grow() {
    auto *const larger = static_cast<std::uint64_t *>(malloc(2 * capacity_ * sizeof(std::uint64_t)));
    whole_ = whole_ && larger != nullptr;
    if (larger == nullptr) return false;
    __builtin_memcpy(larger, words_, count_ * sizeof(std::uint64_t));
    if (words_ != buffer_) free(words_);
    words_ = larger;
    capacity_ *= 2;
    return true;
  }

  std::uint64_t buffer_[64];
  std::uint64_t *words_;
  std::size_t count_ = 0;
  std::size_t capacity_ = 64;
  bool whole_ = true;
  std::uint64_t pending_ = 0;
  unsigned shift_ = 0;
};

}  // namespace ffi
