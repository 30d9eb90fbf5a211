// SPDX-License-Identifier: MIT
// Closures served from an image that no call made: each form of function, each kind of argument and
// result.
#include "marshal/serve.h"

#include <gtest/gtest.h>

#include <cstring>

#include "plans/prepare.h"
#include "testsuite/unit/main/helpers/child.h"
#include "testsuite/unit/main/helpers/list.h"

namespace ffi {
namespace {

using test::Aggregate;

// What a handler would say that it saved.
template <typename Image>
void set_saved(Image *image, std::uint32_t flags) {
  if constexpr (requires { image->saved; }) image->saved = flags;
}

// An image, a stack area and a plan, filled by the plan's own moves: what a caller would have left
// there.
class Served {
 public:
  Served(ffi_type *result, std::vector<ffi_type *> types, std::uint32_t abi = FFI_DEFAULT_ABI)
      : types_(std::move(types)) {
    const auto nargs = static_cast<std::uint32_t>(types_.size());
    EXPECT_EQ(prepare({abi, nargs, nargs, result, types_.data()}, &cif), Status::ok);
    std::memset(static_cast<void *>(&image), 0, sizeof image);
    set_saved(&image, uses_vectors);
    stack_area.resize(plan().stack_bytes / 8 + 2);
  }
  const Plan &plan() const { return *interned_plan(cif); }

  void store(const std::vector<void *> &values) {
    for (std::uint32_t i = 0; i < plan().argument_moves; ++i) {
      const Move &move = plan().moves()[i];
      if (move.op == Op::reference) {
        std::memcpy(place(move), &values[move.value], sizeof(void *));
      } else if (move.size != 0) {
        std::memcpy(place(move), static_cast<unsigned char *>(values[move.value]) + move.from,
                    move.size);
      }
    }
    if (plan().flags & hidden_result) {
      unsigned char *const base =
          plan().result_pointer_flags & stack ? stack_bytes() : image_bytes();
      void *const pointer = hidden;
      std::memcpy(base + plan().result_pointer_at, &pointer, sizeof pointer);
    }
  }
  void serve(glue::Source source, void (*function)(), void *user_data) {
    glue::Binding binding{};
    binding.plan = &plan();
    binding.cif = &cif;
    binding.fun = function;
    binding.user_data = user_data;
    binding.source = source;
    ffi::serve(binding, &image, stack_bytes());
  }
  // The result's bytes, gathered from the image.
  std::vector<unsigned char> result(std::size_t size) {
    std::vector<unsigned char> bytes(size);
    for (std::uint32_t i = 0; i < plan().result_moves; ++i) {
      const Move &move = plan().results()[i];
      std::memcpy(bytes.data() + move.from, image_bytes() + move.at, move.size);
    }
    return bytes;
  }
  unsigned char *image_bytes() { return reinterpret_cast<unsigned char *>(&image); }
  unsigned char *stack_bytes() { return reinterpret_cast<unsigned char *>(stack_area.data()); }

  ffi_cif cif{};
  arch::Image image;
  alignas(16) unsigned char hidden[256] = {};

 private:
  unsigned char *place(const Move &move) {
    return (move.flags & stack ? stack_bytes() : image_bytes()) + move.at;
  }

  std::vector<ffi_type *> types_;
  std::vector<std::uint64_t> stack_area;
};

struct Seen {
  ffi_cif *cif;
  double sum;
  unsigned calls;
};

TEST(Serve, PointersToTheArguments) {
  Served served(&ffi_type_double,
                {&ffi_type_sint32, &ffi_type_double, &ffi_type_float, &ffi_type_longdouble});
  int a = -3;
  double b = 0.5;
  float c = 8;
  long double d = 64;
  served.store({&a, &b, &c, &d});
  Seen seen{};
  const auto function = +[](ffi_cif *cif, void *rvalue, void **values, void *user_data) {
    auto &into = *static_cast<Seen *>(user_data);
    into.cif = cif;
    ++into.calls;
    const double sum = *static_cast<int *>(values[0]) + *static_cast<double *>(values[1]) +
                       *static_cast<float *>(values[2]) +
                       static_cast<double>(*static_cast<long double *>(values[3]));
    std::memcpy(rvalue, &sum, sizeof sum);
  };
  served.serve(glue::Source::pointers, reinterpret_cast<void (*)()>(function), &seen);
  EXPECT_EQ(seen.calls, 1u);
  EXPECT_EQ(seen.cif, &served.cif);
  double result;
  std::memcpy(&result, served.result(sizeof result).data(), sizeof result);
  EXPECT_EQ(result, 69.5);
}

TEST(Serve, StructsArriveWhole) {
  struct Mixed {
    long a;
    double b;
  };
  Aggregate mixed({&ffi_type_slong, &ffi_type_double});
  Served served(&mixed, {&mixed, &mixed, &mixed, &ffi_type_sint8, &mixed});
  Mixed values[4] = {{1, 1.5}, {2, 2.5}, {3, 3.5}, {4, 4.5}};
  signed char narrow = 9;
  served.store({&values[0], &values[1], &values[2], &narrow, &values[3]});
  const auto function = +[](ffi_cif *, void *rvalue, void **arguments, void *) {
    Mixed sum{};
    for (const int i : {0, 1, 2, 4}) {
      Mixed one;
      std::memcpy(&one, arguments[i], sizeof one);
      sum.a += one.a;
      sum.b += one.b;
    }
    sum.a += *static_cast<signed char *>(arguments[3]);
    std::memcpy(rvalue, &sum, sizeof sum);
  };
  served.serve(glue::Source::pointers, reinterpret_cast<void (*)()>(function), nullptr);
  Mixed result;
  if (served.plan().flags & hidden_result) {
    std::memcpy(&result, served.hidden, sizeof result);
  } else {
    std::memcpy(&result, served.result(sizeof result).data(), sizeof result);
  }
  EXPECT_EQ(result.a, 19);
  EXPECT_EQ(result.b, 12);
}

TEST(Serve, AResultInMemoryIsWrittenThereAndEchoed) {
  Aggregate large({});
  large.members.assign(10, &ffi_type_slong);
  large.close();
  Served served(&large, {&ffi_type_slong});
  long value = 5;
  served.store({&value});
  const auto function = +[](ffi_cif *, void *rvalue, void **values, void *) {
    for (long i = 0; i < 10; ++i)
      static_cast<long *>(rvalue)[i] = *static_cast<long *>(values[0]) + i;
  };
  served.serve(glue::Source::pointers, reinterpret_cast<void (*)()>(function), nullptr);
  long last;
  std::memcpy(&last, served.hidden + 9 * sizeof last, sizeof last);
  EXPECT_EQ(last, 14);
  if (served.plan().result_echo_at != UINT32_MAX) {
    void *echo;
    std::memcpy(&echo, served.image_bytes() + served.plan().result_echo_at, sizeof echo);
    EXPECT_EQ(echo, served.hidden);
  }
}

TEST(Serve, AResultThatIsNotWrittenIsZero) {
  Served served(&ffi_type_slong, {});
  std::memset(static_cast<void *>(&served.image), 0xff, sizeof served.image);
  served.serve(glue::Source::pointers,
               reinterpret_cast<void (*)()>(+[](ffi_cif *, void *, void **, void *) {}), nullptr);
  for (const unsigned char byte : served.result(sizeof(long))) EXPECT_EQ(byte, 0);
}

TEST(Serve, RawArraysInBothLayouts) {
  struct Got {
    ffi_sarg narrow;
    double real;
  };
  for (const glue::Source source : {glue::Source::raw, glue::Source::java_raw}) {
    Served served(&ffi_type_void, {&ffi_type_sint8, &ffi_type_double});
    signed char narrow = -7;
    double real = 3.25;
    served.store({&narrow, &real});
    Got got{};
    const auto function = +[](ffi_cif *, void *, ffi_raw *array, void *user_data) {
      auto &into = *static_cast<Got *>(user_data);
      into.narrow = array[0].sint;
      std::memcpy(&into.real, &array[1], sizeof into.real);
    };
    served.serve(source, reinterpret_cast<void (*)()>(function), &got);
    EXPECT_EQ(got.narrow, -7);
    EXPECT_EQ(got.real, 3.25);
  }
}

TEST(Serve, RawClosuresAskTheirPlanAndNotTheCif) {
  Served served(&ffi_type_void, {&ffi_type_sint8});
  signed char value = -7;
  served.store({&value});
  const Plan &plan = served.plan();
  ffi_sarg got = 0;
  ffi_cif elsewhere{};  // as if overwritten
  elsewhere.nargs = 1000;
  glue::Binding binding{};
  binding.plan = &plan;
  binding.cif = &elsewhere;
  binding.user_data = &got;
  binding.fun = reinterpret_cast<void (*)()>(+[](ffi_cif *, void *, ffi_raw *array, void *into) {
    *static_cast<ffi_sarg *>(into) = array[0].sint;
  });
  binding.source = glue::Source::raw;
  ffi::serve(binding, &served.image, served.stack_bytes());
  EXPECT_EQ(got, -7);
}

TEST(Serve, RegistersThatItsHandlerDidNotSaveAreFatal) {
  Served served(&ffi_type_void, {&ffi_type_double});
  if ((served.plan().flags & uses_vectors) == 0) GTEST_SKIP() << "no register here carries a double";
  double value = 1;
  served.store({&value});
  const test::ChildEnd end = test::in_child([&] {
    set_saved(&served.image, 0);
    served.serve(glue::Source::pointers,
                 reinterpret_cast<void (*)()>(+[](ffi_cif *, void *, void **, void *) {}), nullptr);
    return 0;
  });
  EXPECT_EQ(end.signal, SIGABRT);
  EXPECT_EQ(end.errors,
            "libffi: fatal: a closure was bound to another kind of signature while it was being "
            "called\n");
}

// In the instant in which a closure is bound to a signature of another convention, too.
TEST(Serve, RegistersThatItsHandlerDoesNotPreserveAreFatal) {
  unsigned conventions = 0;
  for (const Convention *convention : FFI_NATIVE_NAMESPACE::conventions) {
    if (!convention->preserves_vectors) continue;
    ++conventions;
    Served served(&ffi_type_void, {}, convention->abi);
    for (const std::uint32_t saved : {uses_vectors | preserves_vectors, uses_vectors + 0u}) {
      const test::ChildEnd end = test::in_child([&] {
        set_saved(&served.image, saved);
        served.serve(glue::Source::pointers,
                     reinterpret_cast<void (*)()>(+[](ffi_cif *, void *, void **, void *) {}),
                     nullptr);
        return 0;
      });
      EXPECT_EQ(end.signal, saved & preserves_vectors ? 0 : SIGABRT) << convention->name;
    }
  }
  if (conventions == 0) GTEST_SKIP() << "no convention here has callees preserve more than others";
}

TEST(Serve, ManyArguments) {
  constexpr unsigned count = 200;
  Served served(&ffi_type_slong, std::vector<ffi_type *>(count, &ffi_type_slong));
  std::vector<long> numbers(count);
  std::vector<void *> values(count);
  for (unsigned i = 0; i < count; ++i) {
    numbers[i] = i * 7;
    values[i] = &numbers[i];
  }
  served.store(values);
  const auto function = +[](ffi_cif *cif, void *rvalue, void **arguments, void *) {
    long sum = 0;
    for (unsigned i = 0; i < cif->nargs; ++i)
      sum += *static_cast<long *>(arguments[i]) == static_cast<long>(i * 7);
    std::memcpy(rvalue, &sum, sizeof sum);
  };
  served.serve(glue::Source::pointers, reinterpret_cast<void (*)()>(function), nullptr);
  long result;
  std::memcpy(&result, served.result(sizeof result).data(), sizeof result);
  EXPECT_EQ(result, static_cast<long>(count));
}

}  // namespace
}  // namespace ffi
