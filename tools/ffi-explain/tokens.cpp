// SPDX-License-Identifier: MIT
// Cutting a signature into tokens.
#include "tools/ffi-explain/tokens.h"

#include "tools/ffi-explain/signature.h"

namespace ffi::explain {
namespace {

// C's own functions ask the locale.
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

}  // namespace

std::vector<Token> tokenize(std::string_view text) {
  std::vector<Token> tokens;
  std::size_t at = 0;
  const auto run = [&](auto &&belongs) {
    std::size_t end = at;
    while (end < text.size() && belongs(text[end])) ++end;
    return end - at;
  };
  while (at < text.size()) {
    const char c = text[at];
    if (is_space(c)) {
      ++at;
      continue;
    }
    TokenKind kind = TokenKind::mark;
    std::size_t length = 1;
    if (is_letter(c)) {
      kind = TokenKind::word;
      length = run([](char next) { return is_letter(next) || is_digit(next); });
    } else if (is_digit(c)) {
      kind = TokenKind::number;
      length = run(is_digit);
    } else if (text.substr(at, 3) == "...") {
      length = 3;
    } else if (std::string_view("(){}[],;*:").find(c) == std::string_view::npos) {
      const auto code = static_cast<unsigned char>(c);
      throw SyntaxError{at, code > ' ' && code < 0x7f
                                ? std::string("'") + c + "' has no place in a signature"
                                : "this character has no place in a signature"};
    }
    tokens.push_back({kind, text.substr(at, length), at});
    at += length;
  }
  tokens.push_back({TokenKind::end, {}, text.size()});
  return tokens;
}

std::string quoted(const Token &token) {
  if (token.kind == TokenKind::end) return "the end";
  return "'" + std::string(token.text) + "'";
}

std::string collapsed(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (!is_space(c)) {
      result += c;
    } else if (!result.empty() && result.back() != ' ') {
      result += ' ';
    }
  }
  if (!result.empty() && result.back() == ' ') result.pop_back();
  return result;
}

}  // namespace ffi::explain
