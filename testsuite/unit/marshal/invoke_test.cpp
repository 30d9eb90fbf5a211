// SPDX-License-Identifier: MIT
// Calls of compiled functions by prepared plans.
#include "marshal/invoke.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstring>
#include <stdexcept>

#include "plans/prepare.h"
#include "testsuite/unit/main/helpers/list.h"

namespace ffi {
namespace {

using test::Aggregate;

class Prepared {
 public:
  Prepared(ffi_type *result, std::vector<ffi_type *> types) : types_(std::move(types)) {
    const auto nargs = static_cast<std::uint32_t>(types_.size());
    EXPECT_EQ(prepare({FFI_DEFAULT_ABI, nargs, nargs, result, types_.data()}, &cif_), Status::ok);
  }
  const Plan &plan() const { return *interned_plan(cif_); }

  // Not inlined: the compiler would see a result too small for moves that its plan does not have.
  [[gnu::noinline]] void call(void (*fn)(), void *rvalue, void **values) const {
    invoke(plan(), fn, rvalue, values, nullptr);
  }

 private:
  std::vector<ffi_type *> types_;
  ffi_cif cif_{};
};

template <typename Function>
void (*untyped(Function *function))() {
  return reinterpret_cast<void (*)()>(function);
}

unsigned calls;

TEST(Invoke, NothingAtAll) {
  calls = 0;
  const Prepared prepared(&ffi_type_void, {});
  prepared.call(untyped(+[] { ++calls; }), nullptr, nullptr);
  EXPECT_EQ(calls, 1u);
}

TEST(Invoke, ArgumentsOfEveryFileAndOnTheStack) {
  const auto function = +[](int a, double b, long c, float d, long double e, long f, long g, long h,
                            long i, signed char j) {
    return a + b + c + d + static_cast<double>(e) + f * 2 + g * 3 + h * 4 + i * 5 + j * 6;
  };
  const Prepared prepared(
      &ffi_type_double,
      {&ffi_type_sint32, &ffi_type_double, &ffi_type_slong, &ffi_type_float, &ffi_type_longdouble,
       &ffi_type_slong, &ffi_type_slong, &ffi_type_slong, &ffi_type_slong, &ffi_type_sint8});
  int a = -1;
  double b = 2.5;
  long c = 3, f = 4, g = 5, h = 6, i = 7;
  float d = 0.25f;
  long double e = 10;
  signed char j = -8;
  void *values[] = {&a, &b, &c, &d, &e, &f, &g, &h, &i, &j};
  double result = 0;
  prepared.call(untyped(function), &result, values);
  EXPECT_EQ(result, function(a, b, c, d, e, f, g, h, i, j));
}

TEST(Invoke, NarrowResultsFillAWord) {
  const Prepared narrow(&ffi_type_sint16, {});
  ffi_arg result = 0x5a5a5a5a;
  narrow.call(untyped(+[]() -> short { return -2; }), &result, nullptr);
  EXPECT_EQ(static_cast<ffi_sarg>(result), -2);
  const Prepared unsigned_narrow(&ffi_type_uint8, {});
  unsigned_narrow.call(untyped(+[]() -> unsigned char { return 0xfe; }), &result, nullptr);
  EXPECT_EQ(result, 0xfeu);
}

struct Large {
  long numbers[40];
};

TEST(Invoke, ResultsInMemory) {
  Aggregate large({});
  large.members.assign(40, &ffi_type_slong);
  large.close();
  const Prepared prepared(&large, {&ffi_type_slong});
  const auto function = +[](long start) {
    Large result;
    for (int i = 0; i < 40; ++i) result.numbers[i] = start + i;
    ++calls;
    return result;
  };
  Large result{};
  long start = 1000;
  void *values[] = {&start};
  prepared.call(untyped(function), &result, values);
  EXPECT_EQ(result.numbers[0], 1000);
  EXPECT_EQ(result.numbers[39], 1039);
  calls = 0;
  prepared.call(untyped(function), nullptr, values);
  EXPECT_EQ(calls, 1u);
}

struct Huge {
  unsigned char bytes[1 << 20];
};

TEST(Invoke, ADiscardedHugeResultHasRoomToo) {
  Aggregate huge({&ffi_type_uint8}, FFI_TYPE_STRUCT, sizeof(Huge), 1);
  const Prepared prepared(&huge, {});
  calls = 0;
  prepared.call(untyped(+[] {
                  static Huge result;
                  ++calls;
                  std::memset(result.bytes, 1, sizeof result.bytes);
                  return result;
                }),
                nullptr, nullptr);
  EXPECT_EQ(calls, 1u);
}

TEST(Invoke, LargeArgumentsTouchTheStackInOrder) {
  // Several pages of arguments: the guard page has to be met, not jumped over.
  Aggregate huge({&ffi_type_uint8}, FFI_TYPE_STRUCT, sizeof(Huge), 1);
  const Prepared prepared(&ffi_type_sint32, {&huge, &ffi_type_sint32});
  static Huge value;
  value.bytes[0] = 3;
  value.bytes[sizeof value.bytes - 1] = 4;
  int last = 5;
  void *values[] = {&value, &last};
  ffi_arg result = 0;
  prepared.call(untyped(+[](Huge whole, int more) {
                  return whole.bytes[0] * 100 + whole.bytes[sizeof whole.bytes - 1] * 10 + more;
                }),
                &result, values);
  EXPECT_EQ(result, 345u);
}

TEST(Invoke, ValuesAreOnlyRead) {
  const auto page = static_cast<std::size_t>(target::largest_page);
  auto *const memory = static_cast<long *>(
      mmap(nullptr, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(static_cast<void *>(memory), MAP_FAILED);
  memory[0] = 11;
  memory[1] = 31;
  ASSERT_EQ(mprotect(memory, page, PROT_READ), 0);
  Aggregate pair({&ffi_type_slong, &ffi_type_slong});
  const Prepared prepared(&ffi_type_slong, {&pair, &ffi_type_slong});
  struct Pair {
    long a, b;
  };
  void *values[] = {memory, memory + 1};
  long result = 0;
  prepared.call(untyped(+[](Pair both, long other) {
                  both.a *= 2;
                  return both.a + both.b + other;
                }),
                &result, values);
  EXPECT_EQ(result, 84);
  munmap(memory, page);
}

#if defined(__EXCEPTIONS)
TEST(Invoke, WhatTheFunctionThrowsPassesThrough) {
  const Prepared in_registers(&ffi_type_void, {&ffi_type_sint32});
  const Prepared on_stack(&ffi_type_void, std::vector<ffi_type *>(12, &ffi_type_slong));
  int one = 1;
  long many = 2;
  void *single[] = {&one};
  std::vector<void *> twelve(12, &many);
  EXPECT_THROW(in_registers.call(untyped(+[](int) { throw std::runtime_error("out"); }),
                                 nullptr, single),
               std::runtime_error);
  EXPECT_THROW(on_stack.call(untyped(+[](long) { throw 42; }), nullptr, twelve.data()), int);
}
#endif

}  // namespace
}  // namespace ffi
