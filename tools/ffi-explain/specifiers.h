// SPDX-License-Identifier: MIT
// What the words before a declarator name: C's scalar types, by keyword or by the usual typedefs.
#pragma once

#include <string_view>

#include "tools/ffi-explain/types.h"

namespace ffi::explain {

// Counts C's type keywords in any order: `long unsigned int long' is as good as `unsigned long
// long'.
class Specifiers {
 public:
  // False when `word' is no type keyword.
  bool take(std::string_view word);
  bool any() const;
  // Null when C has no such combination. `void' has the descriptor of code void_.
  ffi_type *resolve(Types &types, bool char_is_signed) const;

 private:
  ffi_type *integer(Types &types, bool char_is_signed) const;

  unsigned void_ = 0, char_ = 0, short_ = 0, int_ = 0, long_ = 0, float_ = 0, double_ = 0,
           signed_ = 0, unsigned_ = 0, bool_ = 0, complex_ = 0, int128_ = 0;
};

// int32_t, size_t and their like; null for any other word.
ffi_type *typedef_named(std::string_view word, Types &types);

// vNfW, vNiW, vNuW: false when `word' is not of that form.
bool vector_named(std::string_view word, TypeCode *lane, std::size_t *lanes);

}  // namespace ffi::explain
