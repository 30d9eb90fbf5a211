// SPDX-License-Identifier: MIT
// Preparation: what is accepted, what shares a plan, and what becomes of a cif that nobody here
// prepared.
#include "plans/prepare.h"

#include <gtest/gtest.h>

#include <barrier>
#include <set>
#include <string>
#include <thread>

#include "testsuite/unit/main/helpers/child.h"
#include "testsuite/unit/main/helpers/list.h"

namespace ffi {
namespace {

using test::Aggregate;
using test::in_child;

using Types = std::vector<ffi_type *>;

Description describe(ffi_type *result, Types &arguments) {
  const auto nargs = static_cast<std::uint32_t>(arguments.size());
  return {FFI_DEFAULT_ABI, nargs, nargs, result, arguments.data()};
}

// Its argument list lives as long as it does.
struct Prepared {
  Types arguments;
  ffi_cif cif{};
  Status status;

  Prepared(ffi_type *result, Types list)
      : arguments(std::move(list)), status(prepare(describe(result, arguments), &cif)) {}
  Prepared(const Prepared &) = delete;
  Prepared &operator=(const Prepared &) = delete;
};

std::string moves_of(const Plan &plan) {
  return {reinterpret_cast<const char *>(plan.moves()), plan.bytes - sizeof(Plan)};
}

// The moves that a signature has when compiled for one call alone.
std::string fresh_moves(const ffi_cif &cif) {
  std::string result;
  with_local_plan(
      cif,
      [](void *context, const Plan &plan) {
        *static_cast<std::string *>(context) = moves_of(plan);
      },
      &result);
  return result;
}

void expect_plan_of_its_own_shape(const Prepared &prepared) {
  ASSERT_EQ(prepared.status, Status::ok);
  const Plan *const plan = interned_plan(prepared.cif);
  ASSERT_NE(plan, nullptr);
  EXPECT_EQ(moves_of(*plan), fresh_moves(prepared.cif));
}

// ---- What prepare() fills in --------------------

TEST(Prepare, FillsTheCif) {
  Prepared prepared(&ffi_type_double, {&ffi_type_sint32, &ffi_type_longdouble});
  ASSERT_EQ(prepared.status, Status::ok);
  EXPECT_EQ(prepared.cif.abi, FFI_DEFAULT_ABI);
  EXPECT_EQ(prepared.cif.nargs, 2u);
  EXPECT_EQ(prepared.cif.arg_types, prepared.arguments.data());
  EXPECT_EQ(prepared.cif.rtype, &ffi_type_double);
  const Plan *const plan = interned_plan(prepared.cif);
  ASSERT_NE(plan, nullptr);
  EXPECT_EQ(plan->ticket, prepared.cif.flags);
  EXPECT_EQ(plan->stack_bytes, prepared.cif.bytes);
  EXPECT_EQ(plan->nargs, 2u);
}

TEST(Prepare, LaysOutWhatWasNot) {
  Aggregate inner({&ffi_type_sint8, &ffi_type_sint16}), outer({&inner, &ffi_type_sint32});
  Prepared prepared(&outer, {&outer});
  ASSERT_EQ(prepared.status, Status::ok);
  EXPECT_EQ(outer.size, 8u);
  EXPECT_EQ(inner.size, 4u);
}

TEST(Prepare, EqualShapesShareOneTicket) {
  Aggregate one({&ffi_type_sint32, &ffi_type_float}), two({&ffi_type_sint32, &ffi_type_float});
  Prepared a(&ffi_type_void, {&one, &ffi_type_sint8}), b(&ffi_type_void, {&two, &ffi_type_sint8});
  EXPECT_EQ(a.cif.flags, b.cif.flags);
  EXPECT_NE(a.cif.flags, 0u);
  for (int i = 0; i < 100; ++i) {
    Prepared again(&ffi_type_void, {&one, &ffi_type_sint8});
    EXPECT_EQ(again.cif.flags, a.cif.flags);
  }
}

TEST(Prepare, ShortSignaturesShareTicketsWithTheirLongWay) {
  Types types{&ffi_type_sint32, &ffi_type_double};
  ffi_cif short_way{}, long_way{};
  ASSERT_EQ(prepare(describe(&ffi_type_sint32, types), &short_way), Status::ok);
  ASSERT_EQ(prepare_any(describe(&ffi_type_sint32, types), &long_way), Status::ok);
  EXPECT_EQ(short_way.flags, long_way.flags);
  EXPECT_EQ(short_way.bytes, long_way.bytes);
}

TEST(Prepare, EverySmallSignatureHasAPlanOfItsOwn) {
  // Short ways to a plan are most often taken by these: none may lead to another's.
  ffi_type lax = test::realigned(ffi_type_float, 1);
  Aggregate pair({&ffi_type_sint32, &ffi_type_float}), alone({&ffi_type_sint32}),
      longer({&ffi_type_sint32, &ffi_type_float}, FFI_TYPE_STRUCT, 12, 4),
      stricter({&ffi_type_sint32, &ffi_type_float}, FFI_TYPE_STRUCT, 8, 8),
      packed({&ffi_type_sint8, &lax}),
      three({&ffi_type_sint64, &ffi_type_sint64, &ffi_type_sint64}),
      reals({&ffi_type_double, &ffi_type_double, &ffi_type_double, &ffi_type_double}),
      strict({&ffi_type_sint8}, FFI_TYPE_STRUCT, 32, 16);
  const Types types{&ffi_type_sint8,
                    &ffi_type_uint8,
                    &ffi_type_sint64,
                    &ffi_type_float,
                    &ffi_type_double,
                    &ffi_type_pointer,
                    &ffi_type_longdouble,
                    &pair,
                    &alone,
                    &longer,
                    &stricter,
                    &packed,
                    &three,
                    &reals,
                    &strict};
  // In a child, so that other tests find short ways still free.
  const test::ChildEnd end = in_child([&] {
    std::set<std::uint32_t> tickets;
    std::size_t made = 0;
    for (ffi_type *result : std::initializer_list<ffi_type *>{&ffi_type_void, &ffi_type_sint32,
                                                              &pair, &three}) {
      for (ffi_type *first : types) {
        for (ffi_type *second : types) {
          for (std::size_t count = 0; count <= 8; ++count) {
            if (count == 0 && (first != types[0] || second != types[0])) continue;
            if (count == 1 && second != types[0]) continue;
            Types list(count, second);
            if (count != 0) list[0] = first;
            Prepared prepared(result, list), again(result, list);
            expect_plan_of_its_own_shape(prepared);
            EXPECT_EQ(prepared.cif.flags, again.cif.flags);
            tickets.insert(prepared.cif.flags);
            ++made;
          }
        }
      }
    }
    EXPECT_EQ(tickets.size(), made);
    return testing::Test::HasFailure() ? 1 : 0;
  });
  EXPECT_TRUE(end.clean()) << end.errors;
}

// ---- Scalars that are not what their code says --------------------

// One program's odd descriptor must leave everybody else's ordinary ones alone: each shape is
// interned under its own key.
void expect_apart(ffi_type *odd, ffi_type *ordinary, unsigned arguments) {
  Prepared first(&ffi_type_void, Types(arguments, odd));
  Prepared second(&ffi_type_void, Types(arguments, ordinary));
  Prepared third(odd, {}), fourth(ordinary, {});
  for (const Prepared *prepared : {&first, &second, &third, &fourth})
    expect_plan_of_its_own_shape(*prepared);
}

TEST(Prepare, AScalarOfAnotherSizeHasAnotherShape) {
  // Pointers differ in size between machines, so that either size is accepted.
  constexpr std::size_t other = sizeof(void *) == 8 ? 4 : 8;
  ffi_type pointer{other, other, FFI_TYPE_POINTER, nullptr};
  for (const unsigned arguments : {1, 3, 7, 12}) {
    expect_apart(&pointer, &ffi_type_pointer, arguments);
  }
}

TEST(Prepare, AScalarOfAnotherAlignmentHasAnotherShape) {
  ffi_type lax = test::realigned(ffi_type_longdouble, 1),
           strict = test::realigned(ffi_type_sint64, 64);
  for (const unsigned arguments : {2, 9}) {
    Types lax_types(arguments, &lax), ordinary_types(arguments, &ffi_type_longdouble);
    lax_types[0] = ordinary_types[0] = &ffi_type_sint32;
    Prepared first(&ffi_type_void, lax_types), second(&ffi_type_void, ordinary_types);
    expect_plan_of_its_own_shape(first);
    expect_plan_of_its_own_shape(second);
    expect_apart(&strict, &ffi_type_sint64, 9);
  }
}

// ---- What is refused --------------------

void expect_refused(const Description &description, Status expected) {
  ffi_cif cif;
  memset(static_cast<void *>(&cif), 0x5a, sizeof cif);
  const ffi_cif before = cif;
  EXPECT_EQ(prepare(description, &cif), expected);
  EXPECT_EQ(memcmp(&cif, &before, sizeof cif), 0);
}

TEST(Prepare, AbisThatAreNotHere) {
  for (const std::uint32_t abi :
       {0u, 1000u, 256u + FFI_DEFAULT_ABI, 0x80000000u | FFI_DEFAULT_ABI, UINT32_MAX}) {
    expect_refused({abi, 0, 0, &ffi_type_void, nullptr}, Status::bad_abi);
    EXPECT_EQ(convention_for(abi), nullptr);
  }
  ASSERT_NE(convention_for(FFI_DEFAULT_ABI), nullptr);
}

TEST(Prepare, NullsWhereTypesBelong) {
  Types types{&ffi_type_sint32, nullptr};
  expect_refused(describe(nullptr, types), Status::bad_typedef);
  expect_refused(describe(&ffi_type_void, types), Status::bad_typedef);
  expect_refused({FFI_DEFAULT_ABI, 1, 1, &ffi_type_void, nullptr}, Status::bad_typedef);
  EXPECT_EQ(prepare({FFI_DEFAULT_ABI, 0, 0, &ffi_type_void, nullptr}, nullptr),
            Status::bad_typedef);
  ffi_cif cif;
  EXPECT_EQ(prepare({FFI_DEFAULT_ABI, 0, 0, &ffi_type_void, nullptr}, &cif), Status::ok);
}

TEST(Prepare, VoidIsAResultAlone) {
  for (const std::size_t where : {0, 3, 9}) {
    Types types(10, &ffi_type_sint32);
    types[where] = &ffi_type_void;
    expect_refused(describe(&ffi_type_void, types), Status::bad_typedef);
  }
}

TEST(Prepare, MalformedTypesAnywhere) {
  ffi_type hollow{0, 0, FFI_TYPE_STRUCT, nullptr}, preset_hollow{8, 8, FFI_TYPE_STRUCT, nullptr},
      strange{4, 4, 99, nullptr}, skewed = test::realigned(ffi_type_sint32, 3),
                                  sizeless{0, 4, FFI_TYPE_SINT32, nullptr};
  Aggregate huge({&ffi_type_sint8}, FFI_TYPE_STRUCT, max_stack_bytes + 1, 1);
  Aggregate astronomic({&ffi_type_sint8}, FFI_TYPE_STRUCT, SIZE_MAX, 1);
  Aggregate cyclic({nullptr});
  cyclic.members[0] = &cyclic;
  cyclic.close();
  for (ffi_type *bad : std::initializer_list<ffi_type *>{&hollow, &preset_hollow, &strange, &skewed,
                                                         &sizeless, &huge, &astronomic, &cyclic}) {
    Types only{bad}, last(9, &ffi_type_sint32), none;
    last[8] = bad;
    expect_refused(describe(&ffi_type_void, only), Status::bad_typedef);
    expect_refused(describe(&ffi_type_void, last), Status::bad_typedef);
    expect_refused(describe(bad, none), Status::bad_typedef);
  }
}

TEST(Prepare, NoStrangeCodeStandsForATypeThatWasPrepared) {
  for (ffi_type *known : {&ffi_type_complex_float, &ffi_type_complex_double, &ffi_type_sint32}) {
    EXPECT_EQ(Prepared(&ffi_type_void, {known}).status, Status::ok);
  }
  for (unsigned short code = 0; code < 64; ++code) {
    ffi_type vast{SIZE_MAX, 0, code, nullptr}, nothing{0, 0, code, nullptr};
    for (ffi_type *bad : {&vast, &nothing}) {
      Types only{bad};
      expect_refused(describe(&ffi_type_void, only), Status::bad_typedef);
    }
  }
}

TEST(Prepare, MembersThatLieBeyondTheSizeTheCallerGaveDoNotLeadAstray) {
  // Whatever the answer, it is not a crash, and never a move beyond the value.
  Aggregate lying({&ffi_type_sint64, &ffi_type_sint64, &ffi_type_sint64}, FFI_TYPE_STRUCT, 8, 8);
  Prepared prepared(&ffi_type_void, {&lying});
  if (prepared.status != Status::ok) return;
  const Plan &plan = *interned_plan(prepared.cif);
  for (std::uint32_t i = 0; i < plan.argument_moves; ++i) {
    EXPECT_LE(plan.moves()[i].from + plan.moves()[i].size, 8u);
  }
}

TEST(Prepare, TooManyArguments) {
  Types types(max_arguments + 1, &ffi_type_sint8);
  expect_refused(describe(&ffi_type_void, types), Status::bad_typedef);
  types.pop_back();
  ffi_cif cif;
  EXPECT_EQ(prepare(describe(&ffi_type_void, types), &cif), Status::ok);
  EXPECT_EQ(interned_plan(cif), nullptr);  // too large to keep
  EXPECT_EQ(validate(cif), Status::ok);
}

TEST(Prepare, TooMuchStack) {
  Aggregate large({&ffi_type_sint8}, FFI_TYPE_STRUCT, max_stack_bytes / 2, 1);
  Types two(2, &large), three(3, &large);
  ffi_cif cif;
  EXPECT_EQ(prepare(describe(&ffi_type_void, two), &cif), Status::ok);
  if (cif.bytes == 0) GTEST_SKIP() << "large structs travel by reference here";
  EXPECT_EQ(cif.bytes, max_stack_bytes);
  expect_refused(describe(&ffi_type_void, three), Status::bad_typedef);
}

// ---- Cifs from elsewhere --------------------

TEST(ForeignCif, IsRecognised) {
  Prepared prepared(&ffi_type_sint32, {&ffi_type_longdouble, &ffi_type_sint32});
  Prepared other(&ffi_type_sint32, {&ffi_type_longdouble});
  const auto refuse = [&](auto &&change) {
    ffi_cif cif = prepared.cif;
    change(cif);
    EXPECT_EQ(interned_plan(cif), nullptr);
  };
  refuse([](ffi_cif &cif) { cif.abi = static_cast<ffi_abi>(cif.abi + 1); });
  refuse([](ffi_cif &cif) { cif.nargs += 1; });
  refuse([](ffi_cif &cif) { cif.nargs = 0; });
  refuse([](ffi_cif &cif) { cif.bytes += 16; });
  if (prepared.cif.bytes != 0) refuse([](ffi_cif &cif) { cif.bytes = 0; });
  refuse([](ffi_cif &cif) { cif.flags = 0; });
  refuse([](ffi_cif &cif) { cif.flags += 1u << plans::index_bits; });
  refuse([](ffi_cif &cif) { cif.flags = UINT32_MAX; });
  refuse([&](ffi_cif &cif) { cif.flags = other.cif.flags; });
  EXPECT_NE(interned_plan(prepared.cif), nullptr);
}

TEST(ForeignCif, EveryTicketIsSafeToAskFor) {
  ffi_cif cif = Prepared(&ffi_type_void, {}).cif;
  for (std::uint32_t i = 0; i <= plans::most_plans; ++i) {
    cif.flags = i;
    cif.nargs = 123456;
    ASSERT_EQ(interned_plan(cif), nullptr);
  }
}

TEST(ForeignCif, IsCompiledForOneCall) {
  Prepared prepared(&ffi_type_double, {&ffi_type_sint32, &ffi_type_double});
  ffi_cif foreign = prepared.cif;
  foreign.flags = 0x12345678;
  foreign.bytes = 4711;
  EXPECT_EQ(interned_plan(foreign), nullptr);
  EXPECT_EQ(validate(foreign), Status::ok);
  EXPECT_EQ(fresh_moves(foreign), moves_of(*interned_plan(prepared.cif)));
}

TEST(ForeignCif, ThatMakesNoSenseIsAStatusOrAFatalLine) {
  Types types{&ffi_type_sint32};
  ffi_cif cif{};
  cif.abi = FFI_DEFAULT_ABI;
  cif.nargs = 1;
  cif.arg_types = types.data();
  EXPECT_EQ(validate(cif), Status::bad_typedef);  // no result type
  cif.rtype = &ffi_type_void;
  EXPECT_EQ(validate(cif), Status::ok);
  cif.arg_types = nullptr;
  EXPECT_EQ(validate(cif), Status::bad_typedef);
  cif.nargs = UINT32_MAX;
  cif.arg_types = types.data();
  EXPECT_EQ(validate(cif), Status::bad_typedef);
  cif.abi = static_cast<ffi_abi>(99);
  EXPECT_EQ(validate(cif), Status::bad_abi);
  const test::ChildEnd end = in_child([&] {
    with_local_plan(cif, [](void *, const Plan &) {}, nullptr);
    return 0;
  });
  EXPECT_EQ(end.signal, SIGABRT);
  EXPECT_EQ(
      end.errors,
      "libffi: fatal: call through a cif that was not prepared, or whose types have changed\n");
}

// ---- A full table, threads, forks --------------------

// Signatures that differ in the size of one struct.
struct Shapes {
  explicit Shapes(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      types.push_back(std::make_unique<Aggregate>(
          std::initializer_list<ffi_type *>{&ffi_type_sint8}, FFI_TYPE_STRUCT, 100 + i, 1));
    }
  }
  std::vector<std::unique_ptr<Aggregate>> types;
};

TEST(Prepare, GoesOnWithAFullTable) {
  const test::ChildEnd end = in_child([] {
    Shapes shapes(plans::most_plans + 10);
    for (auto &type : shapes.types) {
      if (Prepared(&ffi_type_void, {type.get()}).status != Status::ok) return 2;
    }
    if (plans::census().plans != plans::most_plans || plans::census().refused < 10) return 3;
    Prepared last(&ffi_type_void, {shapes.types.back().get()});
    if (last.status != Status::ok || last.cif.flags != 0 || interned_plan(last.cif) != nullptr)
      return 4;
    if (validate(last.cif) != Status::ok || fresh_moves(last.cif).size() != sizeof(Move)) return 5;
    Prepared early(&ffi_type_void, {shapes.types[0].get()});
    if (interned_plan(early.cif) == nullptr) return 6;
    return 0;
  });
  EXPECT_TRUE(end.clean()) << end.status << " " << end.signal << end.errors;
}

TEST(Prepare, ThreadsAtOnceAgree) {
  constexpr unsigned threads = 4, count = 300;
  Shapes shapes(count);
  std::vector<std::uint32_t> tickets[threads];
  std::vector<std::thread> running;
  std::barrier start(threads);
  for (auto &mine : tickets) {
    running.emplace_back([&] {
      start.arrive_and_wait();
      for (auto &type : shapes.types)
        mine.push_back(Prepared(type.get(), {type.get(), &ffi_type_sint8}).cif.flags);
    });
  }
  for (auto &thread : running) thread.join();
  for (unsigned i = 1; i < threads; ++i) EXPECT_EQ(tickets[i], tickets[0]);
  EXPECT_EQ((std::set<std::uint32_t>(tickets[0].begin(), tickets[0].end())).size(), count);
}

TEST(Prepare, ChildrenForkedMeanwhilePrepareToo) {
  Shapes shapes(3000);
  Prepared(&ffi_type_void, {}).status == Status::ok ? void() : abort();
  bool stop = false;
  std::thread busy([&] {
    for (auto &type : shapes.types) {
      if (__atomic_load_n(&stop, __ATOMIC_RELAXED)) break;
      Prepared(&ffi_type_sint16, {type.get()});
    }
  });
  int clean = 0;
  for (int i = 0; i < 50; ++i) {
    clean += in_child(
                 [&] {
                   Aggregate mine({&ffi_type_sint8}, FFI_TYPE_STRUCT,
                                  50000 + static_cast<std::size_t>(i), 1);
                   Prepared prepared(&ffi_type_void, {&mine});
                   return interned_plan(prepared.cif) != nullptr ? 0 : 1;
                 },
                 20)
                 .clean();
  }
  __atomic_store_n(&stop, true, __ATOMIC_RELAXED);
  busy.join();
  EXPECT_EQ(clean, 50);
}

}  // namespace
}  // namespace ffi
