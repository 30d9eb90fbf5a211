// SPDX-License-Identifier: MIT
// The same on this machine, with its assembly: every native convention calls a Go closure, which
// needs no trampoline, and both sides compare what they see. Random signatures, random bytes.
#include <gtest/gtest.h>

#include <cstring>

#include "base/target.h"
#include "plans/prepare.h"
#include "testsuite/unit/property/random_signature.h"
#include FFI_NATIVE_ROOM(convention.h)

namespace ffi {
namespace {

using test::Extent;
using test::RandomSignature;
using Bytes = std::vector<unsigned char>;

// Room for a value, aligned for any, and for the word that a narrow result fills.
struct Value {
  explicit Value(std::size_t size) : memory(size / 16 + 2) {}
  struct alignas(16) Unit {
    unsigned char bytes[16];
  };
  std::vector<Unit> memory;
  unsigned char *data() { return memory[0].bytes; }
};

void fill(unsigned char *bytes, std::size_t size, test::Generator &generator) {
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<unsigned char>(generator.number());
}

bool same(const ffi_type &type, const unsigned char *a, const unsigned char *b) {
  for (const Extent &extent : test::extents_of(type)) {
    if (std::memcmp(a + extent.from, b + extent.from, extent.size) != 0) return false;
  }
  return true;
}

// Random bytes are no long double; these are, whatever the width: small integers.
void make_sound(const ffi_type &type, unsigned char *bytes, test::Generator &generator) {
  switch (code_of(type)) {
    case TypeCode::longdouble: {
      const auto number = static_cast<long double>(generator.below(1000000));
      std::memcpy(bytes, &number, test::extents_of(type)[0].size);
      return;
    }
    // Loads and stores through the x87 unit quiet signalling numbers, on machines where these types
    // go there.
    case TypeCode::float_: {
      const auto number = static_cast<float>(generator.below(1000000));
      std::memcpy(bytes, &number, sizeof number);
      return;
    }
    case TypeCode::double_: {
      const auto number = static_cast<double>(generator.below(1000000));
      std::memcpy(bytes, &number, sizeof number);
      return;
    }
    case TypeCode::complex:
      make_sound(*type.elements[0], bytes, generator);
      make_sound(*type.elements[0], bytes + type.size / 2, generator);
      return;
    case TypeCode::struct_: {
      std::size_t at = 0;
      for (ffi_type **member = type.elements; *member != nullptr; ++member) {
        at = align_up<std::size_t>(at, (*member)->alignment);
        make_sound(**member, bytes + at, generator);
        at += (*member)->size;
      }
      return;
    }
    default: return;
  }
}

// One call: what both sides know.
struct Call {
  ffi_go_closure closure{};
  const RandomSignature *signature = nullptr;
  std::vector<Value> values;
  Value result{0};
  unsigned calls = 0;
};
Call *current;

// The function behind the closure. A narrow integral result is handed over as a whole ffi_arg.
void callee(ffi_cif *cif, void *rvalue, void **arguments, void *closure) {
  Call &call = *current;
  ++call.calls;
  EXPECT_EQ(closure, &call.closure);
  EXPECT_EQ(cif, call.closure.cif);
  for (std::size_t i = 0; i < call.signature->arguments.size(); ++i) {
    const ffi_type &type = *call.signature->arguments[i];
    EXPECT_EQ(
        reinterpret_cast<std::uintptr_t>(arguments[i]) % std::min<std::size_t>(type.alignment, 16),
        0u)
        << "argument " << i;
    EXPECT_TRUE(same(type, static_cast<unsigned char *>(arguments[i]), call.values[i].data()))
        << "argument " << i;
  }
  const ffi_type &type = *call.signature->result;
  if (is_integral(code_of(type)) && type.size < sizeof(ffi_arg)) {
    std::memcpy(rvalue, call.result.data(), sizeof(ffi_arg));
  } else if (code_of(type) != TypeCode::void_) {
    std::memcpy(rvalue, call.result.data(), type.size);
  }
}

// What a narrow integer is as an ffi_arg.
ffi_arg widened(const ffi_type &type, const unsigned char *bytes) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes, type.size);
  const unsigned unused = 64 - 8 * static_cast<unsigned>(type.size);
  if (!is_signed(code_of(type))) return static_cast<ffi_arg>(value);
  return static_cast<ffi_arg>(static_cast<std::int64_t>(value << unused) >> unused);
}

class Native : public testing::TestWithParam<const Convention *> {
 protected:
  const unsigned signatures = test::how_many(2000);

  template <typename Run>
  void for_each_call(std::uint64_t seed, Run &&run) {
    const Convention &convention = *GetParam();
    test::Generator generator(convention, seed);
    for (unsigned i = 0; i < signatures && !HasFailure(); ++i) {
      explain::Types types(convention.model);
      RandomSignature signature = generator.next(&types);
      signature.named = signature.arguments.size();
      SCOPED_TRACE(testing::Message()
                   << convention.name << " signature " << i << ": " << signature.spelled());
      Call call;
      call.signature = &signature;
      for (const ffi_type *type : signature.arguments) {
        call.values.emplace_back(type->size);
        fill(call.values.back().data(), type->size, generator);
        make_sound(*type, call.values.back().data(), generator);
      }
      const ffi_type &result = *signature.result;
      call.result = Value(result.size);
      fill(call.result.data(), result.size, generator);
      make_sound(result, call.result.data(), generator);
      if (is_integral(code_of(result)) && result.size < sizeof(ffi_arg)) {
        const ffi_arg word = widened(result, call.result.data());
        std::memcpy(call.result.data(), &word, sizeof word);
      }
      ffi_cif cif;
      const auto nargs = static_cast<std::uint32_t>(signature.arguments.size());
      ASSERT_EQ(
          prepare({convention.abi, nargs, nargs, signature.result, signature.arguments.data()},
                  &cif),
          Status::ok);
      current = &call;
      run(call, cif);
    }
  }

  static void call_through(Call &call, ffi_cif &cif) {
    ASSERT_EQ(ffi_prep_go_closure(&call.closure, &cif, callee), FFI_OK);
    std::vector<void *> arguments;
    std::vector<Value> before = call.values;
    for (Value &value : call.values) arguments.push_back(value.data());
    const ffi_type &type = *call.signature->result;
    const bool narrow = is_integral(code_of(type)) && type.size < sizeof(ffi_arg);
    const std::size_t expected = narrow                             ? sizeof(ffi_arg)
                                 : code_of(type) == TypeCode::void_ ? 0
                                                                    : type.size;
    // Guards on both sides of the result.
    std::vector<unsigned char> room(expected + 64, 0xee);
    unsigned char *const rvalue =
        room.data() + 32 - reinterpret_cast<std::uintptr_t>(room.data()) % 16;
    ffi_call_go(&cif, FFI_FN(call.closure.tramp), rvalue, arguments.data(), &call.closure);
    EXPECT_EQ(call.calls, 1u);
    if (narrow) {
      EXPECT_EQ(std::memcmp(rvalue, call.result.data(), sizeof(ffi_arg)), 0) << "result";
    } else if (expected != 0) {
      EXPECT_TRUE(same(type, rvalue, call.result.data())) << "result";
    }
    for (unsigned char *guard = room.data(); guard != rvalue; ++guard) EXPECT_EQ(*guard, 0xee);
    for (unsigned char *guard = rvalue + expected; guard != room.data() + room.size(); ++guard)
      EXPECT_EQ(*guard, 0xee);
    for (std::size_t i = 0; i < before.size(); ++i) {
      EXPECT_EQ(
          std::memcmp(before[i].data(), call.values[i].data(), call.signature->arguments[i]->size),
          0)
          << "argument " << i;
    }
  }
};

TEST_P(Native, CallAndClosureAgree) {
  for_each_call(1, [](Call &call, ffi_cif &cif) { call_through(call, cif); });
}

TEST_P(Native, WithoutAnInternedPlanToo) {
  // A cif whose ticket is void makes both sides compile for themselves.
  for_each_call(2, [](Call &call, ffi_cif &cif) {
    cif.flags = 0;
    call_through(call, cif);
  });
}

TEST_P(Native, ADiscardedResultIsNotMissed) {
  for_each_call(3, [](Call &call, ffi_cif &cif) {
    ASSERT_EQ(ffi_prep_go_closure(&call.closure, &cif, callee), FFI_OK);
    std::vector<void *> arguments;
    for (Value &value : call.values) arguments.push_back(value.data());
    ffi_call_go(&cif, FFI_FN(call.closure.tramp), nullptr, arguments.data(), &call.closure);
    EXPECT_EQ(call.calls, 1u);
  });
}

// Whether closures of Go can be called by it, as these tests do: i386's register convention has no
// register to spare for the chain.
bool has_go_closures(const Convention &convention) {
  ffi_cif cif;
  ffi_go_closure closure;
  return prepare({convention.abi, 0, 0, &ffi_type_void, nullptr}, &cif) == Status::ok &&
         ffi_prep_go_closure(&closure, &cif, callee) == FFI_OK;
}

std::vector<const Convention *> callable() {
  std::vector<const Convention *> all;
  for (const Convention *convention : FFI_NATIVE_NAMESPACE::conventions) {
    if ((convention->abi & private_abi) == 0 && has_go_closures(*convention))
      all.push_back(convention);
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(All, Native, testing::ValuesIn(callable()), [](const auto &info) {
  std::string name = info.param->name;
  for (char &c : name) {
    if (c == '-') c = '_';
  }
  return name;
});

}  // namespace
}  // namespace ffi
