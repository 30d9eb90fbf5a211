// SPDX-License-Identifier: MIT
// Output for people.
#include <algorithm>
#include <string>
#include <vector>

#include "tools/ffi-explain/output.h"
#include "tools/ffi-explain/tokens.h"

namespace ffi::explain {
namespace {

// Columns as wide as their widest cell. The last is not padded.
class Table {
 public:
  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

  std::string print() const {
    std::vector<std::size_t> widths;
    for (const auto &row : rows_) {
      if (widths.size() < row.size()) widths.resize(row.size());
      for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    }
    std::string text;
    for (const auto &row : rows_) {
      std::string line = " ";
      for (std::size_t i = 0; i < row.size(); ++i) {
        line += " " + row[i] + std::string(widths[i] - row[i].size() + 1, ' ');
      }
      line.erase(line.find_last_not_of(' ') + 1);
      text += line + "\n";
    }
    return text;
  }

 private:
  std::vector<std::vector<std::string>> rows_;
};

std::string bytes_of(std::uint32_t from, std::uint32_t size) {
  if (size == 0) return "";
  if (size == 1) return std::to_string(from);
  return std::to_string(from) + "-" + std::to_string(from + size - 1);
}

std::string goes_to(const Piece &piece, const Placement &placement) {
  if (piece.by_reference) {
    return piece.place + (placement.callee_copies
                              ? ", the address of the value, which the callee copies"
                              : ", the address of a copy");
  }
  if (piece.extension == Extension::none) return piece.place;
  const char *const kind =
      piece.extension == Extension::sign ? ", sign-extended to " : ", zero-extended to ";
  return piece.place + kind + std::to_string(piece.extended_to) + " bytes";
}

void add_value(Table *table, const std::string &number, const std::string &text,
               const std::vector<Piece> &pieces, const Placement &placement) {
  if (pieces.empty()) table->row({number, text, "", "nowhere: it has no bytes to pass"});
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const Piece &piece = pieces[i];
    const bool again = i != 0 && piece.from == pieces[i - 1].from;
    table->row({i == 0 ? number : "", i == 0 ? text : "", bytes_of(piece.from, piece.size),
                goes_to(piece, placement) + (again ? ", too" : "")});
  }
}

void add_arguments(Table *table, const Explained &explained) {
  const SignatureText &signature = explained.signature;
  for (std::size_t i = 0; i < signature.arguments.size(); ++i) {
    const bool unnamed = signature.variadic && i >= signature.named;
    add_value(table, std::to_string(i),
              signature.arguments[i].text + (unnamed ? "  (variadic)" : ""),
              explained.placement.arguments[i], explained.placement);
  }
}

void add_result(Table *table, const Explained &explained) {
  const SignatureText &signature = explained.signature;
  const Placement &placement = explained.placement;
  const std::string &text = signature.result.text;
  if (placement.result_pointer) {
    const Piece &pointer = *placement.result_pointer;
    table->row({"result", text, bytes_of(0, pointer.size),
                "memory; its address goes to " + pointer.place});
    if (!placement.result_pointer_returned.empty()) {
      table->row({"", "", "", "and comes back in " + placement.result_pointer_returned});
    }
  } else if (code_of(*signature.result.type) == TypeCode::void_) {
    table->row({"result", text, "", "nothing"});
  } else {
    add_value(table, "result", text, placement.result, placement);
  }
}

// What stands at an offset of the stack arguments.
struct Slot {
  std::uint32_t at;
  std::uint32_t size;
  std::string what;
};

std::string stack_drawing(const Explained &explained) {
  const Placement &placement = explained.placement;
  std::vector<Slot> slots;
  if (placement.home_bytes != 0)
    slots.push_back({0, placement.home_bytes, "reserved for the callee"});
  for (std::size_t i = 0; i < placement.arguments.size(); ++i) {
    for (const Piece &piece : placement.arguments[i]) {
      if (!piece.stack_offset) continue;
      const std::uint32_t size = piece.extended_to != 0 ? piece.extended_to : piece.size;
      if (piece.by_reference) {
        slots.push_back({*piece.stack_offset, 0, "address of argument " + std::to_string(i)});
      } else {
        slots.push_back({*piece.stack_offset, size, "argument " + std::to_string(i)});
      }
    }
  }
  if (placement.result_pointer && placement.result_pointer->stack_offset) {
    slots.push_back({*placement.result_pointer->stack_offset, 0, "address of the result"});
  }
  std::sort(slots.begin(), slots.end(), [](const Slot &a, const Slot &b) { return a.at < b.at; });
  Table table;
  for (const Slot &slot : slots) {
    table.row({"+" + std::to_string(slot.at),
               slot.size == 0 ? "" : std::to_string(slot.size) + " bytes", slot.what});
  }
  table.row({"+" + std::to_string(placement.stack_bytes), "", "end"});
  return table.print();
}

}  // namespace

std::string as_text(const Explained &explained) {
  const Placement &placement = explained.placement;
  Table table;
  table.row({"", "type", "bytes", "go to"});
  add_arguments(&table, explained);
  add_result(&table, explained);
  std::string text = explained.convention->name;
  if (explained.asked_for != explained.convention) {
    text += ", which variadic functions of " + std::string(explained.asked_for->name) + " follow";
  }
  text += "\n\n" + table.print();
  if (placement.stack_bytes != 0) {
    text += "\nstack, lowest address first, aligned to " + std::to_string(placement.stack_align) +
            " at the call:\n" + stack_drawing(explained);
  }
  if (placement.callee_pops != 0) {
    text += "\nThe callee removes " + std::to_string(placement.callee_pops) + " bytes of stack.\n";
  }
  if (!placement.vector_count_register.empty() && explained.signature.variadic) {
    text += "\n" + placement.vector_count_register + " = " +
            std::to_string(placement.vector_count) +
            ": how many vector registers carry arguments.\n";
  }
  return text;
}

std::string list_as_text() {
  std::string text;
  for (const Room *room : rooms()) {
    for (const Convention *convention : room->conventions) {
      if (!is_private(*convention)) text += std::string(convention->name) + "\n";
    }
  }
  return text;
}

std::string with_mark(std::string_view signature, const SyntaxError &error) {
  std::string line;
  // One column for each character, whatever white space it is.
  for (const char c : signature) line += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  const std::string before(signature.substr(0, error.at));
  const auto columns =
      std::count_if(before.begin(), before.end(), [](char c) { return (c & 0xc0) != 0x80; });
  return "  " + line + "\n  " + std::string(static_cast<std::size_t>(columns), ' ') + "^\n";
}

}  // namespace ffi::explain
