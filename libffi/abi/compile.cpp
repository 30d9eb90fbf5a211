// SPDX-License-Identifier: MIT
// Assignment of registers and stack, written once for every convention.
#include "abi/compile.h"

#include <string.h>

#include "base/bits.h"

namespace ffi {
namespace {

constexpr std::uint32_t gather_alignment = 16;

class Compiler {
 public:
  Compiler(const Convention &convention, const Signature &signature, Plan *plan)
      : convention_(convention), signature_(signature), plan_(plan),
        next_move_(const_cast<Move *>(plan->moves())) {}

  Status run() {
    *plan_ = {};
    plan_->abi = convention_.abi;
    plan_->nargs = signature_.nargs;
    plan_->result_pointer_at = no_offset;
    plan_->result_echo_at = no_offset;
    if (convention_.preserves_vectors) plan_->flags |= preserves_vectors;
    stack_ = convention_.home_bytes;
    stack_align_ = convention_.stack_align;
    if (!convention_.last_first) place_result_pointer();
    for (std::uint32_t index = 0; index < signature_.nargs; ++index) {
      argument(index, signature_.arguments[index]);
      const std::uint64_t scratch = std::uint64_t{plan_->gathered} * plan_->gather_stride;
      if (stack_ > max_stack_bytes || references_ > max_stack_bytes || scratch > max_stack_bytes) {
        return Status::bad_typedef;
      }
    }
    if (convention_.last_first) {
      place_result_pointer();
      turn_over();
    }
    plan_->argument_moves = static_cast<std::uint32_t>(next_move_ - plan_->moves());
    result();
    finish();
    return Status::ok;
  }

 private:
  static constexpr std::uint32_t no_offset = UINT32_MAX;

  const RegisterFile &file(File name) const { return convention_.files[static_cast<unsigned>(name)]; }
  unsigned &used(File name) { return used_[static_cast<unsigned>(name)]; }

  // A narrow value fills its word by extension; anything else is copied.
  static Op op_for(const Passing &passing, std::uint32_t size, std::uint32_t word) {
    if (is_integral(passing.scalar) && size < word) {
      const bool negative = is_signed(passing.scalar);
      switch (size) {
        case 1: return negative ? Op::sext8 : Op::zext8;
        case 2: return negative ? Op::sext16 : Op::zext16;
        default: return negative ? Op::sext32 : Op::zext32;
      }
    }
    if (size == word) return Op::word;
    switch (size) {
      case 4: return Op::copy4;
      case 8: return Op::copy8;
      case 16: return Op::copy16;
      default: return Op::bytes;
    }
  }

  // A float in a vector register is written as the word that is loaded, for which the processor then need not wait.
  Op register_op(const Passing &passing, const Part &part) const {
    const bool half_word = part.file == File::vector && part.size == 4 && convention_.word == 8;
    if (half_word && !convention_.model.big_endian) return Op::zext32;
    return op_for(passing, part.size, convention_.word);
  }

  // Where bytes that have a slot to themselves stand in it. An extension fills it.
  std::uint32_t justified(std::uint32_t at, std::uint32_t size, std::uint32_t slot, Op op) const {
    return convention_.model.big_endian && size < slot && !extends(op) ? at + slot - size : at;
  }

  // Where a part stands in its register: a scalar, and whatever is in a vector register, at the register's end.
  std::uint32_t place_in(const RegisterFile &registers, std::uint16_t at, const Passing &passing, const Part &part,
                         Op op) const {
    const bool alone = part.file == File::vector || passing.scalar != TypeCode::void_;
    return alone ? justified(at, part.size, registers.slot, op) : at;
  }

  // Whether the first 8 bytes of its register do not hold a part.
  static bool is_wide(std::uint32_t offset, const Part &part) { return offset + part.size > 8; }

  Move *emit(Op op, std::uint8_t flags, std::uint32_t value, std::uint32_t from, std::uint32_t at,
             std::uint32_t size) {
    *next_move_ = {op, flags, static_cast<std::uint16_t>(from), value, at, size};
    return next_move_++;
  }

  void place_result_pointer() {
    if (signature_.result.mode != Mode::reference) return;
    plan_->flags |= hidden_result;
    if (convention_.result_echo != no_place) plan_->result_echo_at = convention_.result_echo;
    if (convention_.result_pointer != no_place) {
      plan_->result_pointer_at = convention_.result_pointer;
      return;
    }
    if (used(File::integer) < file(File::integer).arguments) {
      plan_->result_pointer_at = file(File::integer).argument[take_position(File::integer)];
      return;
    }
    plan_->result_pointer_at = static_cast<std::uint32_t>(stack_);
    plan_->result_pointer_flags = stack;
    stack_ += convention_.word;
    owned_ += convention_.word;
    popped_pointer_ = convention_.result_pointer_popped ? convention_.word : 0;
  }

  // What was laid out upwards, laid out downwards. Nothing there is aligned to more than a word.
  void turn_over() {
    const auto end = static_cast<std::uint32_t>(stack_);
    const std::uint32_t word = convention_.word;
    for (Move *move = const_cast<Move *>(plan_->moves()); move != next_move_; ++move) {
      if ((move->flags & stack) == 0) continue;
      const std::uint32_t size = move->op == Op::reference ? word : align_up(move->size, word);
      move->at = end - move->at - size;
    }
    if (plan_->result_pointer_flags & stack) plan_->result_pointer_at = end - plan_->result_pointer_at - word;
  }

  // The next register of a file. In a positional convention every argument uses up one position of all files.
  unsigned take_position(File name) {
    const unsigned index = used(name)++;
    if (convention_.positional) {
      for (auto &count : used_) count = used(name);
    }
    return index;
  }

  bool fits(const Passing &passing) {
    unsigned wanted[file_count] = {};
    for (unsigned i = 0; i < passing.count; ++i) ++wanted[static_cast<unsigned>(passing.parts[i].file)];
    for (unsigned i = 0; i < file_count; ++i) {
      if (wanted[i] != 0 && used_[i] + wanted[i] > convention_.files[i].arguments) return false;
    }
    return true;
  }

  static std::uint8_t raw_flags(const Passing &passing) {
    if (passing.record) return record;
    return passing.scalar == TypeCode::pointer ? address : 0;
  }

  void argument(std::uint32_t index, const Passing &passing) {
    Move *const begin = next_move_;
    place(index, passing);
    begin->flags |= raw_flags(passing);
  }

  void place(std::uint32_t index, const Passing &passing) {
    switch (passing.mode) {
      case Mode::ignore:
        emit(Op::bytes, first | gather, index, 0, 0, 0);
        gather_one(0);
        return;
      case Mode::reference: {
        Passing pointer{};
        pointer.size = convention_.word;
        pointer.mode = Mode::registers;
        pointer.align_log2 = pointer.place_log2 = convention_.word == 8 ? 3 : 2;
        pointer.scalar = TypeCode::pointer;
        pointer.add(File::integer, convention_.word, 0);
        Move *move = next_move_;
        in_registers_or_memory(index, pointer);
        move->op = Op::reference;
        move->size = passing.size;
        references_ += align_up<std::uint64_t>(passing.size, 16);
        if (convention_.callee_copies) {
          move->flags |= gather;
          gather_one(passing.size);
        }
        return;
      }
      case Mode::memory: on_stack(index, passing); return;
      case Mode::registers: in_registers_or_memory(index, passing); return;
    }
  }

  void in_registers_or_memory(std::uint32_t index, const Passing &passing) {
    if (convention_.even_pairs && passing.parts[0].file == File::integer &&
        1u << passing.place_log2 >= 2u * convention_.word) {
      used(File::integer) = align_up(used(File::integer), 2u);
    }
    if (fits(passing)) {
      in_registers(index, passing, passing.count);
      return;
    }
    if (convention_.overflow == Overflow::split) {
      split(index, passing);
      return;
    }
    if (convention_.overflow == Overflow::close_file) {
      for (unsigned i = 0; i < passing.count; ++i) {
        used(passing.parts[i].file) = file(passing.parts[i].file).arguments;
      }
    }
    if (convention_.positional && passing.count != 0) take_position(passing.parts[0].file);
    on_stack(index, passing);
  }

  // As many parts as there are registers left, and the rest on the stack.
  void split(std::uint32_t index, const Passing &passing) {
    const File name = passing.parts[0].file;
    const unsigned parts = file(name).arguments - used(name);
    if (parts == 0) {
      on_stack(index, passing);
      return;
    }
    in_registers(index, passing, parts);
    const std::uint32_t from = passing.parts[parts].from;
    emit(Op::bytes, stack | gather, index, from, static_cast<std::uint32_t>(stack_), passing.size - from);
    owned_ += passing.size - from;
    stack_ += align_up<std::uint64_t>(passing.size - from, convention_.word);
  }

  // The first `parts' of a value.
  void in_registers(std::uint32_t index, const Passing &passing, unsigned parts) {
    Move *const begin = next_move_;
    bool together = parts == passing.count;
    for (unsigned i = 0; i < parts; ++i) {
      const Part &part = passing.parts[i];
      const RegisterFile &registers = file(part.file);
      const Op op = register_op(passing, part);
      const std::uint16_t slot = registers.argument[take_position(part.file)];
      const std::uint32_t at = place_in(registers, slot, passing, part, op);
      if (part.file == File::vector) {
        plan_->flags |= uses_vectors;
        if (is_wide(at - slot, part)) plan_->flags |= wide_vectors;
        if (++plan_->vector_count > 4) plan_->flags |= many_vectors;
      }
      emit(op, i == 0 ? first : 0, index, part.from, at, part.size);
      together = together && at - begin->at == std::uint32_t{part.from} - begin->from;
    }
    const std::uint32_t alignment = 1u << passing.align_log2;
    together = together && begin->from == 0 && begin->at % alignment == 0;
    if (!together) {
      for (Move *move = begin; move != next_move_; ++move) move->flags |= gather;
      gather_one(passing.size);
    }
    if (convention_.duplicate && passing.parts[0].file == File::vector) duplicate(*begin);
  }

  // In the integer register of the position just taken, too. A closure has no use for that: the move neither begins an argument
  // nor is it gathered.
  void duplicate(const Move &move) {
    const std::uint16_t at = file(File::integer).argument[used(File::integer) - 1];
    emit(move.op, 0, move.value, move.from, at, move.size);
  }

  void gather_one(std::uint32_t size) {
    ++plan_->gathered;
    const std::uint32_t stride = align_up(size == 0 ? 1u : size, gather_alignment);
    if (stride > plan_->gather_stride) plan_->gather_stride = stride;
  }

  void on_stack(std::uint32_t index, const Passing &passing) {
    const std::uint32_t word = convention_.word;
    std::uint64_t alignment = std::uint64_t{1} << passing.place_log2;
    if (alignment < word) alignment = word;
    if (alignment > convention_.max_stack_align) alignment = convention_.max_stack_align;
    stack_ = align_up(stack_, alignment);
    const unsigned spent = used(File::integer) + passing.spent;
    const unsigned arguments = file(File::integer).arguments;
    used(File::integer) = spent < arguments ? spent : arguments;
    if (alignment > stack_align_) stack_align_ = alignment;
    const bool scalar = passing.scalar != TypeCode::void_;
    const Op op = scalar ? op_for(passing, passing.size, word) : Op::bytes;
    const auto slot = static_cast<std::uint32_t>(stack_);
    const std::uint32_t at = scalar ? justified(slot, passing.size, word, op) : slot;
    emit(op, first | stack, index, 0, at, passing.size);
    if (!is_aligned_on_stack(at, passing)) {
      next_move_[-1].flags |= gather;
      gather_one(passing.size);
    }
    const bool fills_word = op != Op::bytes && op != Op::copy4 && passing.size < word;
    owned_ += fills_word ? word : passing.size;
    stack_ += align_up<std::uint64_t>(passing.size, word);
  }

  // Whether a closure can hand over the value where it lies.
  bool is_aligned_on_stack(std::uint32_t at, const Passing &passing) const {
    std::uint32_t wanted = 1u << passing.align_log2;
    if (wanted > gather_alignment) wanted = gather_alignment;
    return convention_.last_first ? wanted <= convention_.word : at % wanted == 0;
  }

  void result() {
    const Passing &value = signature_.result;
    plan_->result_size = value.mode == Mode::ignore ? 0 : value.size;
    if (value.mode != Mode::registers) return;
    unsigned next[file_count] = {};
    for (unsigned i = 0; i < value.count; ++i) {
      const Part &part = value.parts[i];
      const unsigned index = next[static_cast<unsigned>(part.file)]++;
      const Op op = op_for(value, part.size, convention_.word);
      const std::uint16_t slot = file(part.file).result[index];
      const std::uint32_t at = place_in(file(part.file), slot, value, part, op);
      emit(op, i == 0 ? first : 0, 0, part.from, at, part.size);
      if (part.file == File::x87) plan_->flags |= index == 0 ? x87_flag(part.size) : result_x87_pair;
      if (part.file == File::vector && is_wide(at - slot, part)) plan_->flags |= wide_result;
      ++plan_->result_moves;
    }
  }

  static constexpr std::uint32_t x87_flag(std::size_t size) {
    return size == 4 ? result_float : size == 8 ? result_double : result_x87;
  }

  bool is_plain() const {
    if (plan_->stack_bytes != 0 || plan_->flags & hidden_result) return false;
    for (const Move *move = plan_->moves(); move != next_move_; ++move) {
      if (move->op == Op::bytes || move->op == Op::reference) return false;
    }
    return true;
  }

  void finish() {
    const std::uint64_t used_bytes = stack_;
    plan_->stack_bytes = static_cast<std::uint32_t>(align_up(used_bytes, stack_align_));
    plan_->stack_align = static_cast<std::uint32_t>(stack_align_);
    if (owned_ != plan_->stack_bytes) plan_->flags |= stack_holes;
    if (convention_.callee_pops) {
      plan_->callee_pops = static_cast<std::uint32_t>(used_bytes);
    } else {
      plan_->callee_pops = popped_pointer_;
    }
    plan_->reference_bytes = static_cast<std::uint32_t>(references_);
    if (is_plain()) plan_->flags |= plain;
    plan_->bytes = static_cast<std::uint32_t>(
        sizeof(Plan) + (plan_->argument_moves + plan_->result_moves) * sizeof(Move));
  }

  const Convention &convention_;
  const Signature &signature_;
  Plan *plan_;
  Move *next_move_;
  unsigned used_[file_count] = {};
  std::uint64_t stack_ = 0;
  std::uint64_t stack_align_ = 0;
  std::uint64_t owned_ = 0;  // stack bytes that some move writes
  std::uint64_t references_ = 0;
  std::uint32_t popped_pointer_ = 0;
};

}  // namespace

std::size_t plan_bound(const Convention &convention, const Signature &signature) {
  std::size_t moves = signature.result.count;
  if (convention.duplicate) moves += convention.files[static_cast<unsigned>(File::vector)].arguments;
  for (std::uint32_t i = 0; i < signature.nargs; ++i) {
    const unsigned parts = signature.arguments[i].count;
    moves += parts > 1 ? parts : 1;
  }
  return sizeof(Plan) + moves * sizeof(Move);
}

Status compile(const Convention &convention, const Signature &signature, Plan *plan) {
  return Compiler(convention, signature, plan).run();
}

}  // namespace ffi
