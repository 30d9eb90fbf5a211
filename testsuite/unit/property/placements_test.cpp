// SPDX-License-Identifier: MIT
// What must hold of every plan of every convention, over thousands of random signatures.
#include <algorithm>
#include <map>

#include "base/bits.h"
#include "testsuite/unit/property/every_convention.h"

namespace ffi {
namespace {

using explain::Compiled;
using test::EveryConvention;
using test::Extent;
using test::has_place;
using test::RandomSignature;
using test::written_bytes;

// Ranges of bytes that no two owners share.
class Claims {
 public:
  void claim(std::uint64_t from, std::uint64_t size, const std::string &owner) {
    if (size == 0) return;
    for (const auto &[begin, other] : taken_) {
      EXPECT_TRUE(from + size <= begin || begin + other.size <= from)
          << owner << " at " << from << " overlaps " << other.owner << " at " << begin;
    }
    taken_[from] = {size, owner};
  }
  std::uint64_t total() const {
    std::uint64_t sum = 0;
    for (const auto &[begin, one] : taken_) sum += one.size;
    return sum;
  }

 private:
  struct Taken {
    std::uint64_t size;
    std::string owner;
  };
  std::map<std::uint64_t, Taken> taken_;
};

struct Place {
  int file = -1;
  unsigned index = 0;
};

// The register of a list that these bytes lie in, whole.
Place register_of(const Convention &convention, std::uint32_t at, std::uint32_t size,
                  bool results) {
  for (unsigned f = 0; f < file_count; ++f) {
    const RegisterFile &file = convention.files[f];
    const unsigned count = results ? file.results : file.arguments;
    for (unsigned i = 0; i < count; ++i) {
      const std::uint32_t begin = results ? file.result[i] : file.argument[i];
      if (at >= begin && at + size <= begin + file.slot) return {static_cast<int>(f), i};
    }
  }
  return {};
}

std::string owner_name(const Move &move) { return "argument " + std::to_string(move.value); }

using EveryPlan = EveryConvention;

TEST_P(EveryPlan, NoTwoMovesShareARegisterOrAStackByte) {
  for_each_signature([&](const Compiled &compiled, const RandomSignature &, test::Generator &) {
    const Plan &plan = compiled.plan();
    Claims registers, stack_area;
    for (std::uint32_t i = 0; i < plan.argument_moves; ++i) {
      const Move &move = plan.moves()[i];
      if (!has_place(move)) continue;
      const std::uint32_t size = written_bytes(move, convention().word);
      (move.flags & stack ? stack_area : registers).claim(move.at, size, owner_name(move));
    }
    if (plan.flags & hidden_result) {
      (plan.result_pointer_flags & stack ? stack_area : registers)
          .claim(plan.result_pointer_at, convention().word, "the result pointer");
    }
    if ((plan.flags & stack_holes) == 0) {
      EXPECT_EQ(stack_area.total(), plan.stack_bytes);
    }
  });
}

TEST_P(EveryPlan, EverythingIsInsideRegistersOrTheStackArea) {
  for_each_signature([&](const Compiled &compiled, const RandomSignature &, test::Generator &) {
    const Plan &plan = compiled.plan();
    for (std::uint32_t i = 0; i < plan.argument_moves; ++i) {
      const Move &move = plan.moves()[i];
      if (!has_place(move)) continue;
      const std::uint32_t size = written_bytes(move, convention().word);
      if (move.flags & stack) {
        EXPECT_GE(move.at, convention().home_bytes) << owner_name(move);
        EXPECT_LE(move.at + size, plan.stack_bytes) << owner_name(move);
      } else {
        EXPECT_GE(register_of(convention(), move.at, size, false).file, 0)
            << owner_name(move) << " at " << move.at;
        EXPECT_LE(move.at + size, room().image_bytes);
      }
    }
    for (std::uint32_t i = 0; i < plan.result_moves; ++i) {
      const Move &move = plan.results()[i];
      EXPECT_FALSE(move.flags & stack);
      EXPECT_GE(register_of(convention(), move.at, move.size, true).file, 0)
          << "result at " << move.at;
    }
    if (plan.flags & hidden_result) {
      EXPECT_EQ(plan.result_moves, 0u);
      if (plan.result_pointer_flags & stack) {
        EXPECT_LE(plan.result_pointer_at + convention().word, plan.stack_bytes);
      } else {
        EXPECT_LE(plan.result_pointer_at + convention().word, room().image_bytes);
      }
    }
  });
}

// The second move of bytes that stand in two registers. Other later moves of a value are of later bytes.
bool is_duplicate(const Move &move) { return (move.flags & first) == 0 && move.from == 0; }

// How often each byte of a value is moved, from and sizes being inside the value.
std::vector<unsigned> coverage(const Move *moves, std::uint32_t count, std::uint32_t value,
                               std::size_t size) {
  std::vector<unsigned> times(size);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (moves[i].value != value || is_duplicate(moves[i])) continue;
    EXPECT_LE(moves[i].from + std::size_t{moves[i].size}, size);
    for (std::size_t at = moves[i].from;
         at < std::min(size, moves[i].from + std::size_t{moves[i].size}); ++at)
      ++times[at];
  }
  return times;
}

void expect_covered_once(const std::vector<unsigned> &times, const ffi_type &type) {
  for (const unsigned count : times) EXPECT_LE(count, 1u);
  for (const Extent &extent : test::extents_of(type)) {
    for (std::size_t at = extent.from; at < extent.from + extent.size; ++at)
      EXPECT_EQ(times[at], 1u) << "byte " << at;
  }
}

TEST_P(EveryPlan, EveryByteOfEveryValueIsMovedOnce) {
  for_each_signature([&](const Compiled &compiled, const RandomSignature &signature,
                         test::Generator &) {
    const Plan &plan = compiled.plan();
    for (std::uint32_t value = 0; value < plan.nargs; ++value) {
      const ffi_type &type = *signature.arguments[value];
      SCOPED_TRACE(testing::Message() << "argument " << value);
      expect_covered_once(coverage(plan.moves(), plan.argument_moves, value, type.size), type);
    }
    if ((plan.flags & hidden_result) == 0 && code_of(*signature.result) != TypeCode::void_) {
      expect_covered_once(coverage(plan.results(), plan.result_moves, 0, signature.result->size),
                          *signature.result);
    }
  });
}

TEST_P(EveryPlan, WhatIsInAVectorRegisterIsInTheIntegerRegisterTooWhereTheConventionDuplicates) {
  for_each_signature([&](const Compiled &compiled, const RandomSignature &, test::Generator &) {
    const Plan &plan = compiled.plan();
    for (std::uint32_t i = 0; i < plan.argument_moves; ++i) {
      const Move &move = plan.moves()[i];
      const bool more = i + 1 < plan.argument_moves && is_duplicate(plan.moves()[i + 1]);
      const Place place = register_of(convention(), move.at, move.size, false);
      const bool in_vector = (move.flags & stack) == 0 && place.file == static_cast<int>(File::vector);
      EXPECT_EQ(more, in_vector && convention().duplicate) << owner_name(move);
      if (!more) continue;
      const Move &second = plan.moves()[i + 1];
      const Place other = register_of(convention(), second.at, second.size, false);
      EXPECT_EQ(other.file, static_cast<int>(File::integer)) << owner_name(move);
      EXPECT_EQ(other.index, place.index) << owner_name(move);
      EXPECT_EQ(second.flags, 0u) << "a closure would read it";
      EXPECT_TRUE(second.op == move.op && second.value == move.value && second.size == move.size);
    }
  });
}

TEST_P(EveryPlan, ResultsHaveTheSizeOfTheirType) {
  for_each_signature([&](const Compiled &compiled, const RandomSignature &signature,
                         test::Generator &) {
    const bool none = code_of(*signature.result) == TypeCode::void_ ||
                      signature.result->size == 0 ||
                      compiled.signature().result.mode == Mode::ignore;
    EXPECT_EQ(compiled.plan().result_size, none ? 0 : signature.result->size);
    Claims registers;
    for (std::uint32_t i = 0; i < compiled.plan().result_moves; ++i) {
      registers.claim(compiled.plan().results()[i].at, compiled.plan().results()[i].size, "result");
    }
  });
}

TEST_P(EveryPlan, AlignmentIsRespected) {
  for_each_signature([&](const Compiled &compiled, const RandomSignature &, test::Generator &) {
    const Plan &plan = compiled.plan();
    EXPECT_TRUE(is_power_of_two(plan.stack_align));
    EXPECT_GE(plan.stack_align, convention().stack_align);
    EXPECT_EQ(plan.stack_bytes % plan.stack_align, 0u);
    for (std::uint32_t i = 0; i < plan.argument_moves; ++i) {
      const Move &move = plan.moves()[i];
      if ((move.flags & stack) == 0) continue;
      const std::uint32_t slot = move.at & ~(convention().word - 1u);
      if ((move.flags & first) == 0) continue;
      const Passing &passing = compiled.signature().arguments[move.value];
      std::uint32_t alignment =
          move.op == Op::reference ? convention().word : 1u << passing.place_log2;
      alignment = std::min<std::uint32_t>(alignment, convention().max_stack_align);
      EXPECT_EQ(slot % alignment, 0u) << owner_name(move);
      // Where a scalar stands at the end of its slot, that is what makes it begin elsewhere.
      if (slot != move.at) {
        EXPECT_TRUE(convention().model.big_endian);
      }
    }
  });
}

TEST_P(EveryPlan, ValuesComeInOrderAndRegistersToo) {
  for_each_signature([&](const Compiled &compiled, const RandomSignature &, test::Generator &) {
    const Plan &plan = compiled.plan();
    std::uint32_t next = 0;
    int last[file_count] = {-1, -1, -1};
    std::uint64_t last_stack = 0;
    bool any_stack = false;
    for (std::uint32_t i = 0; i < plan.argument_moves; ++i) {
      const Move &move = plan.moves()[i];
      if (move.flags & first) {
        EXPECT_EQ(move.value, next++);
      } else {
        EXPECT_EQ(move.value, next - 1);
      }
      if (!has_place(move)) continue;
      if (move.flags & stack) {
        if (any_stack) {
          EXPECT_EQ(move.at > last_stack, !convention().last_first) << owner_name(move);
        }
        last_stack = move.at;
        any_stack = true;
        continue;
      }
      const Place place =
          register_of(convention(), move.at, written_bytes(move, convention().word), false);
      ASSERT_GE(place.file, 0);
      EXPECT_GT(static_cast<int>(place.index), last[place.file]) << owner_name(move);
      last[place.file] = static_cast<int>(place.index);
    }
    EXPECT_EQ(next, plan.nargs);
  });
}

TEST_P(EveryPlan, AValueIsInRegistersOrOnTheStackUnlessTheConventionSplits) {
  for_each_signature([&](const Compiled &compiled, const RandomSignature &, test::Generator &) {
    if (convention().overflow == Overflow::split) return;
    const Plan &plan = compiled.plan();
    std::map<std::uint32_t, bool> on_stack;
    for (std::uint32_t i = 0; i < plan.argument_moves; ++i) {
      const Move &move = plan.moves()[i];
      const bool here = (move.flags & stack) != 0;
      const auto [known, added] = on_stack.emplace(move.value, here);
      if (!added) {
        EXPECT_EQ(known->second, here) << owner_name(move);
      }
    }
  });
}

TEST_P(EveryPlan, CountsAndFlagsSayWhatTheMovesDo) {
  for_each_signature([&](const Compiled &compiled, const RandomSignature &signature,
                         test::Generator &) {
    const Plan &plan = compiled.plan();
    std::uint32_t vectors = 0, gathered = 0;
    bool wide = false;
    std::uint64_t copies = 0;
    for (std::uint32_t i = 0; i < plan.argument_moves; ++i) {
      const Move &move = plan.moves()[i];
      const std::uint32_t size = written_bytes(move, convention().word);
      const bool in_register = (move.flags & stack) == 0 && has_place(move);
      const Place place = register_of(convention(), move.at, size, false);
      if (in_register && place.file == static_cast<int>(File::vector)) {
        ++vectors;
        const RegisterFile &file = convention().files[place.file];
        wide = wide || move.at + move.size > file.argument[place.index] + 8u;
      }
      if (move.op == Op::reference) {
        copies += align_up<std::uint64_t>(signature.arguments[move.value]->size, 16);
      }
      if ((move.flags & gather) && (move.flags & first)) {
        ++gathered;
        EXPECT_GE(plan.gather_stride, signature.arguments[move.value]->size);
      }
    }
    EXPECT_EQ(plan.vector_count, vectors);
    EXPECT_EQ((plan.flags & uses_vectors) != 0, vectors != 0);
    EXPECT_EQ((plan.flags & wide_vectors) != 0, wide);
    EXPECT_EQ((plan.flags & many_vectors) != 0, vectors > 4);
    const Move *const end = plan.results() + plan.result_moves;
    const bool even = std::all_of(plan.moves(), end, [](const Move &move) {
      return move.op != Op::bytes && move.op != Op::reference;
    });
    EXPECT_EQ((plan.flags & plain) != 0,
              plan.stack_bytes == 0 && even && (plan.flags & hidden_result) == 0);
    EXPECT_EQ(plan.reference_bytes, copies);
    EXPECT_EQ(plan.gathered, gathered);
    EXPECT_EQ(plan.gather_stride % 16, 0u);
    EXPECT_LE(plan.callee_pops, plan.stack_bytes);
    EXPECT_EQ(plan.abi, convention().abi);
    EXPECT_EQ(plan.nargs, signature.arguments.size());
    EXPECT_EQ(plan.bytes, sizeof(Plan) + (plan.argument_moves + plan.result_moves) * sizeof(Move));
    EXPECT_LE(plan.bytes, plan_bound(convention(), compiled.signature()));
  });
}

TEST_P(EveryPlan, WhatIsNotGatheredLiesAsInMemory) {
  for_each_signature([&](const Compiled &compiled, const RandomSignature &signature,
                         test::Generator &) {
    const Plan &plan = compiled.plan();
    const Move *begin = nullptr;
    for (std::uint32_t i = 0; i < plan.argument_moves; ++i) {
      const Move &move = plan.moves()[i];
      if (is_duplicate(move)) continue;
      if (move.flags & first) begin = &move;
      EXPECT_EQ(move.flags & gather, begin->flags & gather) << owner_name(move);
      if (move.flags & gather || move.op == Op::reference) continue;
      EXPECT_EQ(move.flags & stack, begin->flags & stack);
      EXPECT_EQ(move.at - begin->at, std::uint32_t{move.from} - begin->from) << owner_name(move);
      if (begin != &move) continue;
      EXPECT_EQ(move.from, 0u);
      EXPECT_EQ(move.at % std::min<std::uint32_t>(signature.arguments[move.value]->alignment, 16),
                0u)
          << owner_name(move);
    }
  });
}

INSTANTIATE_TEST_SUITE_P(All, EveryPlan, testing::ValuesIn(test::every_convention()),
                         test::test_name);

}  // namespace
}  // namespace ffi
