// SPDX-License-Identifier: MIT
// A pointer and a count, without the library code that std::span's assertions may pull in.
#pragma once

#include <cstddef>

namespace ffi {

template <typename T>
struct Span {
  T *data = nullptr;
  std::size_t size = 0;

  constexpr Span() = default;
  constexpr Span(T *first, std::size_t count) : data(first), size(count) {}
  template <std::size_t N>
  constexpr Span(T (&array)[N]) : data(array), size(N) {}

  constexpr T *begin() const { return data; }
  constexpr T *end() const { return data + size; }
  constexpr T &operator[](std::size_t index) const { return data[index]; }
};

}  // namespace ffi
