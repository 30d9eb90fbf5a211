// SPDX-License-Identifier: MIT
// The intern table: finding and adding, chains, collisions, a full table, read-only pages, threads
// and forks.
#include "plans/table.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <barrier>
#include <cstdlib>
#include <set>
#include <thread>

#include "testsuite/unit/main/helpers/child.h"
#include "testsuite/unit/main/helpers/list.h"

namespace ffi {
namespace {

using test::in_child;

// A key that no other test and no real signature has: this convention does not exist.
constexpr std::uint32_t no_abi = 0xf00d;

void name(Key *key, std::uint32_t number) { key->header(no_abi, number); }

// A plan that carries a number. stack_bytes is what a cif would hold.
struct Marked : Plan {
  Move moves_[1] = {};
  explicit Marked(std::uint32_t number) : Plan{} {
    abi = no_abi;
    stack_bytes = number;
    argument_moves = 1;
    bytes = sizeof(Plan) + sizeof(Move);
    moves_[0] = {Op::word, first, 0, 0, number, 8};
  }
};

plans::Ticket add(std::uint32_t number, std::uint64_t digest) {
  Key key;
  name(&key, number);
  key.finish();
  return plans::add(key, digest, 0, Marked(number));
}
plans::Ticket add(std::uint32_t number) {
  Key key;
  name(&key, number);
  return add(number, key.finish());
}
// The plan that a ticket names, as far as a ticket alone can tell.
const Plan *named(plans::Ticket ticket) {
  const Plan *const plan = plans::candidate(ticket);
  return plan != nullptr && plan->ticket == ticket ? plan : nullptr;
}
const Plan *find(std::uint32_t number, std::uint64_t digest) {
  Key key;
  name(&key, number);
  key.finish();
  return plans::find(key, digest);
}

TEST(PlanTable, WhatWasAddedIsFoundByKeyAndByTicket) {
  const plans::Ticket ticket = add(1, 1001);
  ASSERT_NE(ticket, 0u);
  const Plan *const plan = find(1, 1001);
  ASSERT_NE(plan, nullptr);
  EXPECT_EQ(plan->ticket, ticket);
  EXPECT_EQ(plan->stack_bytes, 1u);
  EXPECT_EQ(plan->moves()[0].at, 1u);
  EXPECT_EQ(named(ticket), plan);
}

TEST(PlanTable, WhatWasNotAddedIsNotFound) {
  EXPECT_EQ(find(2, 1002), nullptr);
  EXPECT_EQ(named(plans::Ticket{0}), nullptr);
}

TEST(PlanTable, AddingAgainGivesTheSameTicketAndKeepsTheFirstPlan) {
  const std::uint32_t plans_before = plans::census().plans;
  const plans::Ticket ticket = add(3, 1003);
  EXPECT_EQ(add(3, 1003), ticket);
  EXPECT_EQ(plans::census().plans, plans_before + 1);
}

TEST(PlanTable, ATicketRepeatsTheDigest) {
  // Same index, another digest: a number from elsewhere.
  const plans::Ticket ticket = add(4, std::uint64_t{0x12345} << 40);
  for (unsigned bit = plans::index_bits; bit < 32; ++bit) {
    EXPECT_EQ(named(ticket ^ (plans::Ticket{1} << bit)), nullptr) << bit;
  }
  EXPECT_NE(named(ticket), nullptr);
}

TEST(PlanTable, EqualDigestsAreTwoPlans) {
  const std::uint64_t digest = 0xabcdef;
  const plans::Ticket one = add(10, digest), two = add(11, digest), three = add(12, digest);
  EXPECT_EQ((std::set<plans::Ticket>{one, two, three}).size(), 3u);
  for (std::uint32_t number = 10; number < 13; ++number) {
    const Plan *const plan = find(number, digest);
    ASSERT_NE(plan, nullptr);
    EXPECT_EQ(plan->stack_bytes, number);
  }
}

TEST(PlanTable, ChainsHoldManyDigests) {
  // All in one bucket.
  for (std::uint32_t i = 0; i < 300; ++i)
    ASSERT_NE(add(100 + i, 7 + std::uint64_t{plans::buckets} * i), 0u);
  for (std::uint32_t i = 0; i < 300; ++i) {
    const Plan *const plan = find(100 + i, 7 + std::uint64_t{plans::buckets} * i);
    ASSERT_NE(plan, nullptr);
    EXPECT_EQ(plan->stack_bytes, 100 + i);
    EXPECT_EQ(find(100 + i, 7 + std::uint64_t{plans::buckets} * (i + 1)), nullptr);
  }
}

TEST(PlanTable, AKeyThatBeginsLikeAnotherIsAnother) {
  Key shorter, longer;
  name(&shorter, 500);
  name(&longer, 500);
  longer.scalar(TypeCode::sint8);
  shorter.finish();
  longer.finish();
  const plans::Ticket one = plans::add(shorter, 55, 0, Marked(1)),
                      two = plans::add(longer, 55, 0, Marked(2));
  EXPECT_NE(one, two);
  EXPECT_EQ(plans::find(shorter, 55)->stack_bytes, 1u);
  EXPECT_EQ(plans::find(longer, 55)->stack_bytes, 2u);
}

TEST(PlanTable, ShortWordsLeadToTheirTicketsAndKeepTheirFirstOwner) {
  Key one, two;
  name(&one, 600);
  name(&two, 601);
  // A word, no signature's, whose entry the tests before this one have left empty.
  std::uint64_t word = 0xdead00;
  while (plans::short_entry(word).word != 0) ++word;
  const plans::Ticket first = plans::add(one, one.finish(), word, Marked(64));
  EXPECT_EQ(plans::short_entry(word).word, word);
  EXPECT_EQ(plans::short_entry(word).ticket, first);
  EXPECT_EQ(plans::short_entry(word).stack_bytes, 64u);
  // Another word for the same entry.
  std::uint64_t rival = word + 1;
  while (&plans::short_entry(rival) != &plans::short_entry(word)) ++rival;
  EXPECT_NE(plans::add(two, two.finish(), rival, Marked(128)), 0u);
  EXPECT_EQ(plans::short_entry(rival).word, word);
}

TEST(PlanTable, PlansTooLargeForAChunkAreNotKept) {
  std::vector<std::uint64_t> room((sizeof(Plan) + 5000 * sizeof(Move)) / 8);
  auto *const plan = reinterpret_cast<Plan *>(room.data());
  *plan = Marked(1);
  plan->argument_moves = 5000;
  plan->bytes = static_cast<std::uint32_t>(room.size() * 8);
  Key key;
  name(&key, 700);
  const std::uint64_t digest = key.finish();
  EXPECT_EQ(plans::add(key, digest, 0, *plan), 0u);
  EXPECT_EQ(plans::find(key, digest), nullptr);
  EXPECT_NE(add(701), 0u);  // and the next that fits is
}

// ---- Read-only --------------------

TEST(PlanTable, CensusSaysReadOnly) {
  add(800);
  const plans::Census census = plans::census();
  EXPECT_TRUE(census.read_only);
  EXPECT_GE(census.plans, 1u);
  EXPECT_GE(census.bytes, census.plans * sizeof(Plan));
}

template <typename T>
void expect_no_write(const T &place) {
  const test::ChildEnd end = in_child([&] {
    const_cast<volatile T &>(place) = T{};
    return 0;
  });
  EXPECT_EQ(end.signal, SIGSEGV);
}

TEST(PlanTable, PlansAndTableCannotBeWritten) {
  const plans::Ticket ticket = add(801);
  const Plan *const plan = named(ticket);
  expect_no_write(plan->stack_bytes);
  expect_no_write(plan->moves()[0].at);
  expect_no_write(plans::root.plans[ticket & plans::most_plans]);
  expect_no_write(plans::root.heads[0]);
  expect_no_write(plans::root.shorts[0].word);
  expect_no_write(plans::root.count);
}

TEST(PlanTable, NothingElseLiesOnItsPages) {
  const auto begin = reinterpret_cast<std::uintptr_t>(&plans::root);
  EXPECT_EQ(begin % target::largest_page, 0u);
  EXPECT_EQ(sizeof plans::root % target::largest_page, 0u);
}

TEST(PlanTable, EveryChunkIsClosedAgain) {
  const test::ChildEnd end = in_child([] {
    std::vector<const Plan *> plans_;
    for (std::uint32_t i = 0; i < 2000; ++i) plans_.push_back(named(add(2000 + i)));
    // An address is readable but not writable when only reading it from a pipe's point of view
    // works.
    int ends[2];
    if (pipe(ends) != 0) return 2;
    for (const Plan *plan : plans_) {
      char byte = 0;
      if (write(ends[1], plan, 1) != 1) return 3;
      if (read(ends[0], const_cast<Plan *>(plan), 1) == 1) return 4;
      if (read(ends[0], &byte, 1) != 1) return 5;
    }
    return 0;
  });
  EXPECT_TRUE(end.clean()) << end.status << " " << end.signal;
}

// ---- Full --------------------

TEST(PlanTable, AFullTableRefusesAndKeepsWhatItHas) {
  const test::ChildEnd end = in_child([] {
    plans::Ticket last = 0;
    std::uint32_t number = 10000;
    for (; plans::census().plans < plans::most_plans; ++number) {
      last = add(number);
      if (last == 0) return 2;
    }
    if ((last & plans::most_plans) != plans::most_plans) return 3;
    if (add(number) != 0 || add(number + 1) != 0) return 4;
    if (find(number, 0) != nullptr || plans::census().plans != plans::most_plans) return 5;
    if (named(last) == nullptr || named(last)->stack_bytes != number - 1) return 6;
    if (add(10000) == 0 || named(add(10000))->stack_bytes != 10000) return 7;
    return plans::census().read_only ? 0 : 8;
  });
  EXPECT_TRUE(end.clean()) << end.status << " " << end.signal;
}

// ---- Threads and forks --------------------

TEST(PlanTable, ThreadsThatAddTheSamePlansAgree) {
  constexpr unsigned count = 4, shapes = 1000;
  std::vector<plans::Ticket> tickets[count];
  std::vector<std::thread> threads;
  std::barrier start(count);  // or the first would be done before the last begins
  for (auto &mine : tickets) {
    threads.emplace_back([&] {
      start.arrive_and_wait();
      for (std::uint32_t i = 0; i < shapes; ++i) mine.push_back(add(20000 + i));
    });
  }
  for (auto &thread : threads) thread.join();
  for (unsigned i = 1; i < count; ++i) EXPECT_EQ(tickets[i], tickets[0]);
  EXPECT_EQ((std::set<plans::Ticket>(tickets[0].begin(), tickets[0].end())).size(), shapes);
}

TEST(PlanTable, ReadersNeedNoLockWhileOthersAdd) {
  bool stop = false;
  bool wrong = false;
  const plans::Ticket known = add(21000);
  std::thread reader([&] {
    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
      const Plan *const plan = named(known);
      if (plan == nullptr || plan->stack_bytes != 21000 || find(21000, 0) != nullptr) wrong = true;
    }
  });
  for (std::uint32_t i = 0; i < 500; ++i) add(22000 + i);
  __atomic_store_n(&stop, true, __ATOMIC_RELAXED);
  reader.join();
  EXPECT_FALSE(wrong);
}

TEST(PlanTable, AChildForkedWhileAnotherThreadAddsCanAdd) {
  add(30000);  // from here on forks are known of
  bool stop = false;
  std::thread busy([&] {
    for (std::uint32_t i = 0; !__atomic_load_n(&stop, __ATOMIC_RELAXED) && i < 8000; ++i)
      add(40000 + i);
  });
  int clean = 0;
  for (std::uint32_t i = 0; i < 100; ++i) {
    clean += in_child([i] { return add(31000 + i) != 0 && plans::census().read_only ? 0 : 1; }, 20)
                 .clean();
  }
  __atomic_store_n(&stop, true, __ATOMIC_RELAXED);
  busy.join();
  EXPECT_EQ(clean, 100);
}

// ---- When the kernel refuses --------------------

TEST(PlanTable, WithoutMemoryForAChunkNothingIsAddedAndNothingBreaks) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "the address sanitizer needs memory of its own";
#endif
  if (std::getenv("FFI_RUN_PREFIX") != nullptr)
    GTEST_SKIP() << "an emulator spends gigabytes on what the machine would only reserve";
  const test::ChildEnd end = in_child([] {
    const plans::Ticket known = add(50000);
    // No more address space: the chunk that is open can be used up, another cannot be had.
    for (std::size_t size = SIZE_MAX / 4 + 1; size >= 65536; size /= 2) {
      while (mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) !=
             MAP_FAILED) {
      }
    }
    std::uint32_t refused = 0;
    for (std::uint32_t i = 0; i < 2000; ++i) refused += add(51000 + i) == 0;
    if (refused == 0) return 2;
    if (named(known) == nullptr || named(known)->stack_bytes != 50000) return 3;
    return plans::census().read_only ? 0 : 4;
  });
  EXPECT_TRUE(end.clean()) << end.status << " " << end.signal << end.errors;
}

}  // namespace
}  // namespace ffi
