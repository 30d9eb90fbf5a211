// SPDX-License-Identifier: MIT
// The parser: recursive descent over specifiers and declarators.
#include "tools/ffi-explain/signature.h"

#include <charconv>
#include <map>
#include <utility>

#include "tools/ffi-explain/specifiers.h"
#include "tools/ffi-explain/tokens.h"

namespace ffi::explain {
namespace {

constexpr std::size_t most_members = 65536;
constexpr unsigned deepest_nesting = 200;

// A type, and for a member how often an array repeats it.
struct Declarator {
  ffi_type *type;
  std::string name;
  std::size_t repeat = 1;
  bool array = false;
};

// Where a declaration stands, which decides what arrays and functions are.
enum class Place { result, parameter, member };

class Parser {
 public:
  Parser(std::string_view text, Types &types, bool char_is_signed)
      : text_(text), types_(types), char_is_signed_(char_is_signed), tokens_(tokenize(text)) {}

  SignatureText signature() {
    SignatureText result;
    const std::size_t begin = peek().at;
    result.result.type = pointers(specifiers());
    result.result.text = slice(begin);
    result.result.at = begin;
    if (peek().kind == TokenKind::word) result.name = std::string(next().text);
    expect("(", "the parameters");
    parameters(&result);
    accept(";");
    if (peek().kind != TokenKind::end)
      fail(peek(), "expected the end of the signature, found " + quoted(peek()));
    return result;
  }

 private:
  [[noreturn]] static void fail(const Token &token, const std::string &text) {
    throw SyntaxError{token.at, text};
  }

  const Token &peek(std::size_t ahead = 0) const {
    const std::size_t index = at_ + ahead;
    return tokens_[index < tokens_.size() ? index : tokens_.size() - 1];
  }
  const Token &next() {
    const Token &token = peek();
    if (at_ + 1 < tokens_.size()) ++at_;
    return token;
  }
  bool is(std::string_view text, std::size_t ahead = 0) const {
    return peek(ahead).kind != TokenKind::end && peek(ahead).text == text;
  }
  bool accept(std::string_view text) {
    if (!is(text)) return false;
    next();
    return true;
  }
  void expect(std::string_view mark, std::string_view before) {
    if (accept(mark)) return;
    fail(peek(), "expected '" + std::string(mark) + "' and " + std::string(before) + ", found " +
                     quoted(peek()));
  }
  // The text from `begin' to the last token taken.
  std::string slice(std::size_t begin) const {
    const Token &last = tokens_[at_ - 1];
    return collapsed(text_.substr(begin, last.at + last.text.size() - begin));
  }

  static bool is_qualifier(std::string_view word) {
    return word == "const" || word == "volatile" || word == "restrict" || word == "__restrict" ||
           word == "_Atomic";
  }
  void qualifiers() {
    while (is_qualifier(peek().text)) next();
  }

  ffi_type *specifiers() {
    qualifiers();
    const Token first = peek();
    if (first.text == "struct") return finish(structure());
    if (first.text == "union") {
      fail(first, "a union has no ffi_type; write a struct that is passed alike");
    }
    if (first.text == "enum") fail(first, "write the integer type that stands for the enum");
    Specifiers keywords;
    for (;;) {
      if (keywords.take(peek().text))
        next();
      else if (is_qualifier(peek().text))
        next();
      else
        break;
    }
    if (keywords.any()) {
      ffi_type *const type = keywords.resolve(types_, char_is_signed_);
      if (type == nullptr) fail(first, "C has no type '" + slice(first.at) + "'");
      return type;
    }
    if (first.kind == TokenKind::word) {
      if (ffi_type *const type = typedef_named(first.text, types_)) {
        next();
        return finish(type);
      }
      TypeCode lane;
      std::size_t lanes;
      if (vector_named(first.text, &lane, &lanes)) {
        Status status;
        ffi_type *const type = types_.vector(lane, lanes, &status);
        if (status != Status::ok) fail(first, "no vector has these lanes");
        next();
        return finish(type);
      }
      fail(first, "unknown type '" + std::string(first.text) + "'");
    }
    fail(first, "expected a type, found " + quoted(first));
  }
  ffi_type *finish(ffi_type *type) {
    qualifiers();
    return type;
  }

  ffi_type *pointers(ffi_type *type) {
    while (accept("*")) {
      type = types_.scalar(TypeCode::pointer);
      qualifiers();
    }
    return type;
  }

  ffi_type *structure() {
    const Token keyword = next();
    std::string tag;
    if (peek().kind == TokenKind::word) tag = std::string(peek().text);
    const Token name = peek();
    if (!tag.empty()) next();
    if (!is("{")) {
      if (tag.empty())
        fail(peek(), "expected a tag or '{' after 'struct', found " + quoted(peek()));
      // A pointer to a struct says nothing about the struct.
      if (is("*")) return types_.scalar(TypeCode::pointer);
      const auto known = tags_.find(tag);
      if (known == tags_.end()) fail(name, "'struct " + tag + "' was not described before");
      return known->second;
    }
    next();
    if (++nesting_ > deepest_nesting) fail(keyword, "structs nest too deeply");
    std::vector<ffi_type *> members;
    while (!accept("}")) member_declaration(&members);
    --nesting_;
    Status status;
    ffi_type *const type = types_.structure(std::move(members), &status);
    if (status != Status::ok) fail(keyword, "the struct is too large or too deep");
    if (!tag.empty() && !tags_.emplace(tag, type).second)
      fail(name, "'struct " + tag + "' is described twice");
    return type;
  }

  void member_declaration(std::vector<ffi_type *> *members) {
    const Token begin = peek();
    ffi_type *const base = specifiers();
    do {
      Declarator member = declarator(base, Place::member);
      if (is(":")) fail(peek(), "bit-fields cannot be described to the library");
      if (code_of(*member.type) == TypeCode::void_) fail(begin, "a member cannot be void");
      if (member.repeat > most_members - members->size()) fail(begin, "too many members");
      members->insert(members->end(), member.repeat, member.type);
    } while (accept(","));
    if (!is("}")) expect(";", "the next member");
  }

  Declarator declarator(ffi_type *base, Place place) {
    Declarator result;
    result.type = pointers(base);
    bool indirect = false;
    if (is("(") && is("*", 1)) {
      next();
      indirect = true;
      pointers(base);
      if (peek().kind == TokenKind::word) result.name = std::string(next().text);
      while (is("[")) array(&result, place);
      expect(")", "what is pointed to");
    } else if (peek().kind == TokenKind::word) {
      result.name = std::string(next().text);
    }
    if (indirect) {
      const bool repeats = result.array && place == Place::member;
      const std::size_t repeat = repeats ? result.repeat : 1;
      suffixes(&result, place);
      result.type = types_.scalar(TypeCode::pointer);
      result.repeat = repeat;
      return result;
    }
    const bool function = is("(") && place != Place::result;
    if (function && place == Place::member)
      fail(peek(), "a member cannot be a function; a pointer to one is '(*name)(...)'");
    suffixes(&result, place);
    if (place == Place::parameter && (function || result.array)) {
      result.type = types_.scalar(TypeCode::pointer);
      result.repeat = 1;
    }
    return result;
  }

  void suffixes(Declarator *result, Place place) {
    if (accept("(")) {
      SignatureText ignored;
      if (++nesting_ > deepest_nesting) fail(peek(), "declarations nest too deeply");
      parameters(&ignored);
      --nesting_;
    }
    while (is("[")) array(result, place);
  }

  void array(Declarator *result, Place place) {
    next();
    result->array = true;
    const Token length = peek();
    std::size_t count = 1;
    if (length.kind == TokenKind::number) {
      next();
      const char *const end = length.text.data() + length.text.size();
      if (std::from_chars(length.text.data(), end, count).ec != std::errc() ||
          count > most_members) {
        fail(length, "too many members");
      }
      if (count == 0) fail(length, "an array has at least one element");
    } else if (!is("]")) {
      fail(length, "expected a number or ']', found " + quoted(length));
    } else if (place == Place::member) {
      fail(length, "a member's array needs its length");
    }
    result->repeat *= count;
    if (result->repeat > most_members) fail(length, "too many members");
    expect("]", "the rest");
  }

  Declared parameter() {
    Declared result;
    const Token begin = peek();
    Declarator declared = declarator(specifiers(), Place::parameter);
    if (code_of(*declared.type) == TypeCode::void_) fail(begin, "an argument cannot be void");
    result.type = declared.type;
    result.text = slice(begin.at);
    result.at = begin.at;
    result.name = std::move(declared.name);
    return result;
  }

  // After the opening parenthesis, up to and with the closing one.
  void parameters(SignatureText *signature) {
    if (accept(")")) return;
    if (is("void") && is(")", 1)) {
      next();
      next();
      return;
    }
    for (;;) {
      if (accept("...")) {
        signature->variadic = true;
        break;
      }
      signature->arguments.push_back(parameter());
      if (!accept(",")) break;
    }
    signature->named = signature->arguments.size();
    if (signature->variadic && accept(";")) {
      do {
        const Token begin = peek();
        signature->arguments.push_back(parameter());
        check_promoted(begin, *signature->arguments.back().type);
      } while (accept(","));
    }
    if (!accept(")")) {
      fail(peek(), std::string("expected ',' or ')' after ") +
                       (signature->variadic ? "'...'" : "a parameter") + ", found " +
                       quoted(peek()));
    }
  }

  // C17, 6.5.2.2: what C promotes never arrives in place of the dots.
  static void check_promoted(const Token &begin, const ffi_type &type) {
    const TypeCode code = code_of(type);
    if (code == TypeCode::float_) fail(begin, "C passes a float in place of '...' as a double");
    if (is_integral(code) && type.size < 4)
      fail(begin, "C passes so narrow an integer in place of '...' as an int");
  }

  std::string_view text_;
  Types &types_;
  bool char_is_signed_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  unsigned nesting_ = 0;
  std::map<std::string, ffi_type *> tags_;
};

}  // namespace

SignatureText parse_signature(std::string_view text, Types &types, bool char_is_signed) {
  return Parser(text, types, char_is_signed).signature();
}

}  // namespace ffi::explain
