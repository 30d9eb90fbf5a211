// SPDX-License-Identifier: MIT
// Runs the glue's contract over every backend and policy: this program starts itself anew for each
// case.
#include <gtest/gtest.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "testsuite/unit/main/helpers/program.h"
#include "testsuite/unit/trampfd-glue/contract.h"
#include "trampfd-glue/backends/fake/backend.h"
#include "trampfd-glue/state.h"

extern char **environ;

namespace ffi::glue::test {
namespace {

constexpr char case_variable[] = "GLUE_CONTRACT_CASE";
constexpr char mode_variable[] = "GLUE_CONTRACT_MODE";

constexpr const Operations *fake_alone[] = {&operations<backends::Fake>};

// Before main(), so that no other test has chosen a mode: if a case is asked for, run it and leave.
[[maybe_unused]] const bool started_for_a_case = [] {
  const char *const name = getenv(case_variable);
  if (name == nullptr) return false;
  const std::string mode = getenv(mode_variable);
  alarm(120);
  if (mode == "fake") {
    start_with(fake_alone);
  } else {
    start();
  }
  const Mode wanted = mode == "fake" ? Mode::fake : mode == "legacy" ? Mode::legacy : Mode::table;
  REQUIRE(state().mode == wanted);
  for (unsigned i = 0; i < case_count; ++i) {
    if (strcmp(cases[i].name, name) != 0) continue;
    cases[i].run();
    _exit(0);
  }
  _exit(2);
}();

struct Setting {
  const char *mode;
  const char *policy;
  unsigned number;  // of the case
};

std::vector<Setting> all_settings() {
  std::vector<Setting> settings;
  for (unsigned i = 0; i < case_count; ++i) {
    settings.push_back({"table", "aged", i});
    settings.push_back({"table", "strict", i});
    settings.push_back({"legacy", "aged", i});
    if (!cases[i].needs_code) settings.push_back({"fake", "aged", i});
  }
  return settings;
}

class GlueContract : public testing::TestWithParam<Setting> {};

TEST_P(GlueContract, holds) {
  const Setting &setting = GetParam();
  std::vector<std::string> variables = {
      std::string(case_variable) + "=" + cases[setting.number].name,
      std::string(mode_variable) + "=" + setting.mode,
      std::string("FFI_CLOSURE_POLICY=") + setting.policy,
  };
  if (strcmp(setting.mode, "fake") != 0) {
    variables.push_back(std::string("FFI_TRAMPOLINE_MODE=") + setting.mode);
  }
  std::vector<char *> environment;
  for (std::string &variable : variables) environment.push_back(variable.data());
  for (char **variable = environ; *variable != nullptr; ++variable)
    environment.push_back(*variable);
  environment.push_back(nullptr);
  std::vector<std::string> command = ffi::test::command_of_this_program();
  std::vector<char *> arguments;
  for (std::string &word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t child;
  ASSERT_EQ(
      posix_spawnp(&child, arguments[0], nullptr, nullptr, arguments.data(), environment.data()),
      0);
  int status;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "status " << std::hex << status;
}

std::string name_of(const testing::TestParamInfo<Setting> &info) {
  const Setting &setting = info.param;
  return std::string(setting.mode) + "_" + setting.policy + "_" + cases[setting.number].name;
}

INSTANTIATE_TEST_SUITE_P(, GlueContract, testing::ValuesIn(all_settings()), name_of);

}  // namespace
}  // namespace ffi::glue::test
