// SPDX-License-Identifier: MIT
// The test program itself: where its file is, and how to start it anew.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

namespace ffi::test {

inline std::string this_program() {
  char path[4096];
  const ssize_t length = readlink("/proc/self/exe", path, sizeof path);
  return std::string(path, length > 0 ? static_cast<std::size_t>(length) : 0);
}

// The words of FFI_RUN_PREFIX, which name an emulator if one is needed, and the program.
inline std::vector<std::string> command_of_this_program() {
  std::vector<std::string> words;
  const char *const prefix = std::getenv("FFI_RUN_PREFIX");
  std::istringstream split(prefix != nullptr ? prefix : "");
  for (std::string word; split >> word;) words.push_back(word);
  words.push_back(this_program());
  return words;
}

}  // namespace ffi::test
