// SPDX-License-Identifier: MIT
// Output for programs.
#include <cstdio>
#include <string>
#include <string_view>

#include "tools/ffi-explain/output.h"

namespace ffi::explain {
namespace {

std::string string(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (static_cast<unsigned char>(c) < ' ') {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(c));
      result += escaped;
    } else {
      result += c;
    }
  }
  return result + "\"";
}

// Members or elements between brackets.
class List {
 public:
  explicit List(const char *brackets) : close_(1, brackets[1]), text_(1, brackets[0]) {}
  void element(const std::string &text) {
    if (text_.size() > 1) text_ += ", ";
    text_ += text;
  }
  void member(const char *name, const std::string &value) { element(string(name) + ": " + value); }
  void member(const char *name, std::uint64_t value) { member(name, std::to_string(value)); }
  std::string close() const { return text_ + close_; }

 private:
  std::string close_;
  std::string text_;
};

std::string truth(bool value) { return value ? "true" : "false"; }

std::string piece_object(const Piece &piece) {
  List object("{}");
  object.member("place", string(piece.place));
  if (piece.stack_offset) object.member("stack_offset", *piece.stack_offset);
  object.member("from", piece.from);
  object.member("size", piece.size);
  if (piece.extension != Extension::none) {
    object.member("extension", string(piece.extension == Extension::sign ? "sign" : "zero"));
    object.member("extended_to", piece.extended_to);
  }
  if (piece.by_reference) object.member("by_reference", truth(true));
  return object.close();
}

std::string piece_array(const std::vector<Piece> &pieces) {
  List array("[]");
  for (const Piece &piece : pieces) array.element(piece_object(piece));
  return array.close();
}

void describe_value(List *object, const Declared &value) {
  const bool is_void = code_of(*value.type) == TypeCode::void_;
  object->member("declared", string(value.text));
  if (!value.name.empty()) object->member("name", string(value.name));
  object->member("size", is_void ? 0 : value.type->size);
  object->member("alignment", value.type->alignment);
}

std::string argument_array(const Explained &explained) {
  const SignatureText &signature = explained.signature;
  List array("[]");
  for (std::size_t i = 0; i < signature.arguments.size(); ++i) {
    List object("{}");
    describe_value(&object, signature.arguments[i]);
    object.member("variadic", truth(signature.variadic && i >= signature.named));
    object.member("pieces", piece_array(explained.placement.arguments[i]));
    array.element(object.close());
  }
  return array.close();
}

std::string result_object(const Explained &explained) {
  const Placement &placement = explained.placement;
  List object("{}");
  describe_value(&object, explained.signature.result);
  object.member("pieces", piece_array(placement.result));
  if (placement.result_pointer) {
    object.member("pointer", piece_object(*placement.result_pointer));
    if (!placement.result_pointer_returned.empty()) {
      object.member("pointer_returned", string(placement.result_pointer_returned));
    }
  }
  return object.close();
}

std::string stack_object(const Placement &placement) {
  List object("{}");
  object.member("bytes", placement.stack_bytes);
  object.member("alignment", placement.stack_align);
  object.member("home_bytes", placement.home_bytes);
  object.member("callee_pops", placement.callee_pops);
  return object.close();
}

}  // namespace

std::string as_json(const Explained &explained) {
  const Placement &placement = explained.placement;
  List object("{}");
  object.member("abi", string(explained.convention->name));
  if (!explained.signature.name.empty())
    object.member("function", string(explained.signature.name));
  if (explained.asked_for != explained.convention)
    object.member("asked_for", string(explained.asked_for->name));
  object.member("variadic", truth(explained.signature.variadic));
  object.member("arguments", argument_array(explained));
  object.member("result", result_object(explained));
  object.member("stack", stack_object(placement));
  if (placement.callee_copies) object.member("callee_copies", truth(true));
  if (!placement.vector_count_register.empty()) {
    List count("{}");
    count.member("place", string(placement.vector_count_register));
    count.member("value", placement.vector_count);
    object.member("vector_count", count.close());
  }
  return object.close() + "\n";
}

std::string list_as_json() {
  List array("[]");
  for (const Room *room : rooms()) {
    for (const Convention *convention : room->conventions) {
      if (is_private(*convention)) continue;
      List object("{}");
      object.member("abi", string(convention->name));
      object.member("architecture", string(room->name));
      object.member("number", convention->abi);
      array.element(object.close());
    }
  }
  return array.close() + "\n";
}

}  // namespace ffi::explain
