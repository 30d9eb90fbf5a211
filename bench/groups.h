// SPDX-License-Identifier: MIT
// What can be measured: each group prints its rows, one line of JSON each.
#pragma once

#include <string>
#include <vector>

#include "harness.h"
#include "library.h"

namespace bench {

struct Run {
  std::vector<Library> libs;  // the first is the reference of every ratio
  Options options;
  bool core_only = false;
  std::string self;  // this program's path, for the groups that need a fresh process
};

void call_groups(const Run& run, const std::string& group);  // call, plan, prepcall
void prep_groups(const Run& run, const std::string& group);  // prep, prep-fresh, prep-first
void closure_group(const Run& run);                          // closure
void alloc_group(const Run& run);                            // alloc
void threads_group(const Run& run);                          // threads
void million_group(const Run& run);                          // million
int million_child(const Library& lib, long count);           // one library, one fresh process

}  // namespace bench
