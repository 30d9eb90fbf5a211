// SPDX-License-Identifier: MIT
// Reading golden files, and writing placements their way.
#include "testsuite/unit/main/helpers/golden.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "testsuite/unit/main/helpers/program.h"

namespace ffi::test {
namespace {

using explain::Extension;
using explain::Piece;

std::string piece_text(const Piece &piece) {
  std::string text;
  if (piece.by_reference) text += "*";
  text += piece.stack_offset ? "[" + std::to_string(*piece.stack_offset) + "]" : piece.place;
  if (piece.by_reference) return text;
  text += ":" + std::to_string(piece.from);
  if (piece.size > 1) text += "-" + std::to_string(piece.from + piece.size - 1);
  if (piece.extension != Extension::none) text += piece.extension == Extension::sign ? "s" : "z";
  return text;
}

std::string value_text(const std::vector<Piece> &pieces) {
  std::string text;
  for (const Piece &piece : pieces) text += (text.empty() ? "" : "+") + piece_text(piece);
  return text.empty() ? "-" : text;
}

std::string result_text(const explain::Explained &explained) {
  const explain::Placement &placement = explained.placement;
  if (placement.result_pointer) {
    const std::string &returned = placement.result_pointer_returned;
    return piece_text(*placement.result_pointer) + (returned.empty() ? "" : "(" + returned + ")");
  }
  if (code_of(*explained.signature.result.type) == TypeCode::void_) return "void";
  return value_text(placement.result);
}

// Where this file's folder is: compilers are given its path from the folder that the test program
// is built in.
std::string source_folder() {
  const std::string here = __FILE__;
  const std::string folder = here.substr(0, here.rfind("testsuite/"));
  if (!folder.empty() && folder[0] == '/') return folder;
  const std::string path = this_program();
  return path.substr(0, path.rfind('/') + 1) + folder;
}

}  // namespace

std::string brief(const explain::Explained &explained) {
  const explain::Placement &placement = explained.placement;
  std::string text;
  for (const auto &argument : placement.arguments) text += value_text(argument) + " ";
  text += "-> " + result_text(explained);
  if (placement.stack_bytes != 0) text += " | stack " + std::to_string(placement.stack_bytes);
  if (placement.stack_align != explained.convention->stack_align) {
    text += " | aligned to " + std::to_string(placement.stack_align);
  }
  if (placement.vector_count != 0) {
    text += " | " + placement.vector_count_register + " " + std::to_string(placement.vector_count);
  }
  if (placement.callee_pops != 0) text += " | pops " + std::to_string(placement.callee_pops);
  return text;
}

void check_golden(const std::string &name, unsigned at_least) {
  const explain::Found found = explain::find_convention(name);
  ASSERT_NE(found.convention, nullptr) << name;
  const std::string path = source_folder() + "testsuite/golden/" + name + ".txt";
  std::ifstream file(path);
  ASSERT_TRUE(file) << path;
  std::string line, signature;
  unsigned checked = 0;
  for (unsigned number = 1; std::getline(file, line); ++number) {
    if (line.empty() || line[0] == '#') continue;
    if (line[0] != ' ') {
      EXPECT_EQ(signature, "") << path << ":" << number << ": no placement";
      signature = line;
      continue;
    }
    ASSERT_NE(signature, "") << path << ":" << number << ": no signature";
    explain::Types types(found.convention->model);
    std::string placed;
    try {
      placed = brief(explain::explain(found, signature, types));
    } catch (const explain::SyntaxError &error) {
      placed = "error at " + std::to_string(error.at) + ": " + error.text;
    }
    EXPECT_EQ(placed, line.substr(line.find_first_not_of(' ')))
        << path << ":" << number << ": " << signature;
    signature.clear();
    ++checked;
  }
  EXPECT_EQ(signature, "") << path << ": the last signature has no placement";
  EXPECT_GE(checked, at_least);
}

}  // namespace ffi::test
