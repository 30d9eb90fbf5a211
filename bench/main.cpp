// SPDX-License-Identifier: MIT
// ffi-bench: loads several libffi side by side and prints what is measured as lines of JSON.
//
// usage: ffi-bench --lib NAME=PATH [--lib NAME=PATH]... [--groups a,b] [--rounds N] [--core-only]
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sstream>

#include "groups.h"

static bench::Library library(const std::string& spec) {
  const size_t at = spec.find('=');
  if (at == std::string::npos) {
    std::fprintf(stderr, "ffi-bench: NAME=PATH expected, not %s\n", spec.c_str());
    std::exit(2);
  }
  return bench::load(spec.substr(0, at), spec.substr(at + 1));
}

static int measure_group(const bench::Run& run, const std::string& group) {
  if (group == "call" || group == "plan" || group == "prepcall")
    bench::call_groups(run, group);
  else if (group == "prep" || group == "prep-fresh" || group == "prep-first")
    bench::prep_groups(run, group);
  else if (group == "closure")
    bench::closure_group(run);
  else if (group == "alloc")
    bench::alloc_group(run);
  else if (group == "threads")
    bench::threads_group(run);
  else if (group == "million")
    bench::million_group(run);
  else {
    std::fprintf(stderr, "ffi-bench: no group named %s\n", group.c_str());
    return 2;
  }
  return 0;
}

int main(int argc, char** argv) {
  bench::Run run;
  run.self = argv[0];
  std::string groups =
      "call,plan,prepcall,prep,prep-fresh,prep-first,closure,alloc,threads,million";
  for (int i = 1; i < argc; i++) {
    const std::string option = argv[i];
    const char* value = i + 1 < argc ? argv[i + 1] : "";
    if (option == "--core-only") {
      run.core_only = true;
      continue;
    }
    i++;
    if (option == "--lib")
      run.libs.push_back(library(value));
    else if (option == "--groups")
      groups = value;
    else if (option == "--rounds")
      run.options.rounds = std::max(3, std::atoi(value));
    else if (option == "--million-child")
      return bench::million_child(library(value), 1000000);
    else {
      std::fprintf(stderr, "ffi-bench: unknown option %s\n", option.c_str());
      return 2;
    }
  }
  if (run.libs.empty()) {
    std::fprintf(stderr, "ffi-bench: at least one --lib NAME=PATH is needed\n");
    return 2;
  }
  std::stringstream list(groups);
  for (std::string group; std::getline(list, group, ',');)
    if (const int code = measure_group(run, group); code != 0) return code;
  return 0;
}
