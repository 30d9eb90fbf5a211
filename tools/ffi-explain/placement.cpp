// SPDX-License-Identifier: MIT
// Reading a plan's moves.
#include "tools/ffi-explain/placement.h"

#include "abi/plan.h"

namespace ffi::explain {
namespace {

// A register is named alone when the bytes lie at its low end: where its memory begins, or on a
// big-endian machine ends.
std::string place_name(const Room &room, std::size_t at, std::size_t size = 0) {
  const Register *const found = register_at(room, at);
  if (found == nullptr) return "image+" + std::to_string(at);
  const bool at_an_end = at == found->at || at + size == found->at + found->bytes;
  return at_an_end ? found->name : found->name + ("+" + std::to_string(at - found->at));
}

std::string stack_name(std::uint32_t at) { return "stack+" + std::to_string(at); }

void set_place(const Room &room, bool on_stack, std::uint32_t at, Piece *piece) {
  if (on_stack) {
    piece->stack_offset = at;
    piece->place = stack_name(at);
  } else {
    piece->place = place_name(room, at, piece->size);
  }
}

Extension extension_of(Op op) {
  switch (op) {
    case Op::sext8:
    case Op::sext16:
    case Op::sext32: return Extension::sign;
    case Op::zext8:
    case Op::zext16:
    case Op::zext32: return Extension::zero;
    default: return Extension::none;
  }
}

Piece piece_of(const Room &room, const Convention &convention, const Passing &passing,
               const Move &move) {
  Piece piece;
  piece.from = move.from;
  piece.size = move.size;
  set_place(room, move.flags & stack, move.at, &piece);
  // Zeros above a float are the library's way to store it, no rule.
  if (is_integral(passing.scalar)) piece.extension = extension_of(move.op);
  if (piece.extension != Extension::none) piece.extended_to = convention.word;
  piece.by_reference = move.op == Op::reference;
  return piece;
}

}  // namespace

Placement describe(const Room &room, const Convention &convention, const Compiled &compiled) {
  const Plan &plan = compiled.plan();
  const Signature &signature = compiled.signature();
  Placement result;
  result.arguments.resize(plan.nargs);
  for (std::uint32_t i = 0; i < plan.argument_moves; ++i) {
    const Move &move = plan.moves()[i];
    if (move.size == 0 && move.op != Op::reference) continue;
    const Passing &passing = signature.arguments[move.value];
    result.arguments[move.value].push_back(piece_of(room, convention, passing, move));
  }
  for (std::uint32_t i = 0; i < plan.result_moves; ++i) {
    result.result.push_back(piece_of(room, convention, signature.result, plan.results()[i]));
  }
  if (plan.flags & hidden_result) {
    Piece pointer;
    set_place(room, plan.result_pointer_flags & stack, plan.result_pointer_at, &pointer);
    pointer.size = plan.result_size;
    pointer.by_reference = true;
    result.result_pointer = pointer;
    if (plan.result_echo_at != UINT32_MAX)
      result.result_pointer_returned = place_name(room, plan.result_echo_at);
  }
  if (convention.vector_count != no_place) {
    result.vector_count_register = place_name(room, convention.vector_count);
    result.vector_count = plan.vector_count;
  }
  result.stack_bytes = plan.stack_bytes;
  result.stack_align = plan.stack_align;
  result.home_bytes = convention.home_bytes;
  result.callee_pops = plan.callee_pops;
  result.callee_copies = convention.callee_copies;
  return result;
}

Explained explain(const Found &found, std::string_view text, Types &types) {
  Explained result{
      found.convention, nullptr, parse_signature(text, types, found.room->char_is_signed), {}};
  const Convention &convention = convention_of(found, result.signature.variadic);
  result.convention = &convention;
  std::vector<ffi_type *> arguments;
  for (const Declared &argument : result.signature.arguments) arguments.push_back(argument.type);
  const std::size_t named = result.signature.variadic ? result.signature.named : arguments.size();
  Compiled compiled;
  if (compiled.compile(convention, result.signature.result.type, arguments, named) != Status::ok) {
    const std::size_t value = compiled.failed_value();
    if (value == Compiled::the_whole)
      throw SyntaxError{0, "the arguments take more stack than any call may use"};
    const bool is_result = value == Compiled::the_result;
    const Declared &refused =
        is_result ? result.signature.result : result.signature.arguments[value];
    throw SyntaxError{refused.at, std::string(convention.name) +
                                      (is_result ? " returns" : " passes") +
                                      " no value of the type of '" + refused.text + "'"};
  }
  result.placement = describe(*found.room, convention, compiled);
  return result;
}

}  // namespace ffi::explain
