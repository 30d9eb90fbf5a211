// SPDX-License-Identifier: MIT
// The words and marks of a signature, each with the place where it stands.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ffi::explain {

enum class TokenKind { word, number, mark, end };

struct Token {
  TokenKind kind;
  std::string_view text;  // "..." is one mark
  std::size_t at;
};

// Throws SyntaxError for a character that no declaration has. The last token is of kind `end'.
std::vector<Token> tokenize(std::string_view text);

// For error messages: 'word', or what to call the end.
std::string quoted(const Token &token);

// Without leading, trailing and repeated white space.
std::string collapsed(std::string_view text);

}  // namespace ffi::explain
