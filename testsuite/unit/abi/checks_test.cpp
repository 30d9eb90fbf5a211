// SPDX-License-Identifier: MIT
// What makes a convention unsound, each flaw refused at compile time.
#include "abi/checks.h"

#include <gtest/gtest.h>

#include "testsuite/unit/abi/invented.h"

namespace ffi {
namespace {

using test::invented;
using test::invented_image_bytes;

template <typename Flaw>
constexpr Convention with(Flaw &&flaw) {
  Convention convention = invented();
  flaw(convention);
  return convention;
}

static_assert(is_sound(invented(), invented_image_bytes));
static_assert(!is_sound(with([](Convention &c) { c.files[0].argument[1] = 4; }),
                        invented_image_bytes),
              "overlap");
static_assert(!is_sound(with([](Convention &c) {
                          c.files[1].argument[2] = c.files[1].argument[0];
                        }),
                        invented_image_bytes),
              "the same place twice");
static_assert(!is_sound(with([](Convention &c) { c.files[0].result[1] = 81; }),
                        invented_image_bytes),
              "results too");
static_assert(!is_sound(invented(), 120), "a register beyond the image");
static_assert(!is_sound(with([](Convention &c) {
                          c.files[0].arguments = max_argument_registers + 1;
                        }),
                        invented_image_bytes),
              "more than the list holds");
static_assert(!is_sound(with([](Convention &c) { c.name = nullptr; }), invented_image_bytes),
              "no name");
static_assert(!is_sound(with([](Convention &c) { c.classify = nullptr; }), invented_image_bytes),
              "no classifier");
static_assert(!is_sound(with([](Convention &c) { c.stack_align = 12; }), invented_image_bytes),
              "stack alignment");
static_assert(!is_sound(with([](Convention &c) { c.max_stack_align = 0; }), invented_image_bytes),
              "argument alignment");
static_assert(!is_sound(with([](Convention &c) { c.word = 6; }), invented_image_bytes), "word");
static_assert(!is_sound(with([](Convention &c) { c.home_bytes = 12; }), invented_image_bytes),
              "home area");
static_assert(!is_sound(with([](Convention &c) { c.duplicate = true; }), invented_image_bytes),
              "duplicates without positions");
static_assert(!is_sound(with([](Convention &c) {
                          c.duplicate = c.positional = true;
                          c.files[0].arguments = 2;
                        }),
                        invented_image_bytes),
              "positions without an integer register");

// The assertions above are the test; this makes them count.
TEST(ConventionChecks, FlawsAreBuildErrors) { EXPECT_STREQ(invented().name, "invented"); }

}  // namespace
}  // namespace ffi
