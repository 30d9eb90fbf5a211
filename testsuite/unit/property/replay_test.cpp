// SPDX-License-Identifier: MIT
// Call and closure are one plan read in two directions: values stored by its moves and loaded again
// are the same, and what lies in between is what a compiled function would find. The moves are
// interpreted here, in the byte order of each convention.
#include <algorithm>
#include <cstring>

#include "base/bits.h"
#include "testsuite/unit/property/every_convention.h"

namespace ffi {
namespace {

using explain::Compiled;
using test::EveryConvention;
using test::Extent;
using test::has_place;
using test::RandomSignature;
using Bytes = std::vector<unsigned char>;

enum class Extended { no, sign, zero };

Extended extension_of(Op op) {
  if (op == Op::sext8 || op == Op::sext16 || op == Op::sext32) return Extended::sign;
  if (op == Op::zext8 || op == Op::zext16 || op == Op::zext32) return Extended::zero;
  return Extended::no;
}

// A machine with the registers of one room.
class Machine {
 public:
  Machine(const Convention &convention, const Plan &plan, std::size_t image_bytes)
      : convention_(convention),
        plan_(plan),
        image(image_bytes, 0),
        stack_area(plan.stack_bytes, 0) {}

  void call(const std::vector<Bytes> &values) {
    for (std::uint32_t i = 0; i < plan_.argument_moves; ++i) {
      const Move &move = plan_.moves()[i];
      if (!has_place(move)) continue;
      const unsigned char *const from = values[move.value].data() + move.from;
      if (move.op == Op::reference) {
        // The address stands for a copy: its number.
        copies.push_back(Bytes(from, from + move.size));
        std::fill_n(place(move), convention_.word, static_cast<unsigned char>(copies.size()));
      } else {
        store(move, from);
      }
    }
  }

  std::vector<Bytes> serve(const RandomSignature &signature) {
    std::vector<Bytes> values;
    for (const ffi_type *type : signature.arguments) values.push_back(Bytes(type->size, 0));
    const Move *begin = nullptr;
    for (std::uint32_t i = 0; i < plan_.argument_moves; ++i) {
      const Move &move = plan_.moves()[i];
      if (move.flags & first) begin = &move;
      if (!has_place(move)) continue;
      Bytes &value = values[move.value];
      if (move.op == Op::reference) {
        value = copies[place(move)[0] - 1u];
      } else if (move.flags & gather) {
        std::memcpy(value.data() + move.from, value_in(move), move.size);
      } else if (begin == &move) {
        // Handed over where it lies, all of it.
        const std::size_t room =
            (move.flags & stack ? stack_area : image).size() - offset_of_value(move);
        std::memcpy(value.data(), value_in(move), std::min(value.size(), room));
      }
    }
    return values;
  }

  unsigned char *place(const Move &move) {
    return (move.flags & stack ? stack_area : image).data() + move.at;
  }

 private:
  const Convention &convention_;
  const Plan &plan_;

 public:
  Bytes image;
  Bytes stack_area;
  std::vector<Bytes> copies;

 private:
  std::uint32_t offset_of_value(const Move &move) const {
    return move.at + offset_in_word(move, convention_.word, convention_.model.big_endian);
  }
  unsigned char *value_in(const Move &move) {
    return (move.flags & stack ? stack_area : image).data() + offset_of_value(move);
  }

  void store(const Move &move, const unsigned char *from) {
    const Extended extended = extension_of(move.op);
    if (extended != Extended::no) {
      const unsigned char top = from[convention_.model.big_endian ? 0 : move.size - 1];
      const unsigned char fill = extended == Extended::sign && (top & 0x80) ? 0xff : 0;
      std::fill_n(place(move), convention_.word, fill);
    }
    std::memcpy(value_in(move), from, move.size);
  }
};

Bytes random_bytes(std::size_t size, test::Generator &generator) {
  Bytes bytes(size);
  for (unsigned char &byte : bytes) byte = static_cast<unsigned char>(generator.number());
  return bytes;
}

using EveryReplay = EveryConvention;

TEST_P(EveryReplay, WhatACallStoresAClosureLoads) {
  for_each_signature(
      [&](const Compiled &compiled, const RandomSignature &signature, test::Generator &generator) {
        std::vector<Bytes> values;
        for (const ffi_type *type : signature.arguments)
          values.push_back(random_bytes(type->size, generator));
        Machine machine(convention(), compiled.plan(), room().image_bytes);
        machine.call(values);
        const std::vector<Bytes> loaded = machine.serve(signature);
        for (std::size_t i = 0; i < values.size(); ++i) {
          for (const Extent &extent : test::extents_of(*signature.arguments[i])) {
            EXPECT_EQ(std::memcmp(values[i].data() + extent.from, loaded[i].data() + extent.from,
                                  extent.size),
                      0)
                << "argument " << i << ", bytes from " << extent.from;
          }
        }
      });
}

TEST_P(EveryReplay, NarrowIntegersFillTheirWords) {
  unsigned seen = 0;
  for_each_signature(
      [&](const Compiled &compiled, const RandomSignature &signature, test::Generator &generator) {
        const Plan &plan = compiled.plan();
        std::vector<Bytes> values;
        for (const ffi_type *type : signature.arguments)
          values.push_back(random_bytes(type->size, generator));
        Machine machine(convention(), plan, room().image_bytes);
        machine.call(values);
        for (std::uint32_t i = 0; i < plan.argument_moves; ++i) {
          const Move &move = plan.moves()[i];
          const ffi_type &type = *signature.arguments[move.value];
          const std::size_t word = convention().word;
          if (!is_integral(code_of(type)) || type.size >= word) continue;
          ++seen;
          const unsigned char *const slot = machine.place(move);
          const bool big = convention().model.big_endian;
          const unsigned char top = values[move.value][big ? 0 : type.size - 1];
          const unsigned char fill = is_signed(code_of(type)) && (top & 0x80) ? 0xff : 0;
          for (std::size_t byte = 0; byte < word; ++byte) {
            const std::size_t significance = big ? word - 1 - byte : byte;
            const bool of_value = significance < type.size;
            const unsigned char expected =
                of_value ? values[move.value][big ? byte - (word - type.size) : byte] : fill;
            EXPECT_EQ(slot[byte], expected) << "argument " << move.value << ", byte " << byte;
          }
        }
      });
  EXPECT_GT(seen, signatures / 3);
}

TEST_P(EveryReplay, BytesThatNoMoveOwnsStayZero) {
  // What a plan promises about the cleared image: no move writes beyond what its value or its
  // extension needs.
  for_each_signature(
      [&](const Compiled &compiled, const RandomSignature &signature, test::Generator &) {
        const Plan &plan = compiled.plan();
        std::vector<Bytes> ones;
        for (const ffi_type *type : signature.arguments) ones.push_back(Bytes(type->size, 0x7f));
        Machine machine(convention(), plan, room().image_bytes);
        machine.call(ones);
        std::size_t written = 0, owned = 0;
        for (const unsigned char byte : machine.image) written += byte != 0;
        for (const unsigned char byte : machine.stack_area) written += byte != 0;
        for (std::uint32_t i = 0; i < plan.argument_moves; ++i) {
          const Move &move = plan.moves()[i];
          owned += move.op == Op::reference ? convention().word : move.size;
        }
        EXPECT_EQ(written, owned);
      });
}

INSTANTIATE_TEST_SUITE_P(All, EveryReplay, testing::ValuesIn(test::every_convention()),
                         test::test_name);

}  // namespace
}  // namespace ffi
