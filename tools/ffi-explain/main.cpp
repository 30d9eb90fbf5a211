// SPDX-License-Identifier: MIT
// ffi-explain: shows where a call of a signature puts every argument, for any convention the
// library knows.
#include <getopt.h>

#include <cstdio>
#include <string>

#include "ffi_hardened.h"
#include "tools/ffi-explain/output.h"

namespace {

using namespace ffi::explain;

constexpr char usage_text[] =
    "usage: ffi-explain [--json] ABI 'SIGNATURE'\n"
    "       ffi-explain [--json] --list\n"
    "  -j, --json     one JSON object instead of tables\n"
    "  -l, --list     the conventions, one a line\n"
    "  -h, --help     this text\n"
    "  -V, --version  the library's version\n"
    "for example: ffi-explain x86_64-sysv 'double(int, struct{long a; float b;}, char *, ...; "
    "double)'\n";

enum Exit { success = 0, bad_signature = 1, bad_usage = 2 };

int explain_one(const char *abi, const char *text, bool json) {
  const Found found = find_convention(abi);
  if (found.convention == nullptr) {
    std::fprintf(stderr, "ffi-explain: no convention '%s'; --list prints those there are\n", abi);
    return bad_usage;
  }
  try {
    Types types(found.convention->model);
    const Explained explained = explain(found, text, types);
    const std::string output = json ? as_json(explained) : as_text(explained);
    std::fputs(output.c_str(), stdout);
    return success;
  } catch (const SyntaxError &error) {
    std::fprintf(stderr, "ffi-explain: column %zu: %s\n%s", error.at + 1, error.text.c_str(),
                 with_mark(text, error).c_str());
    return bad_signature;
  }
}

}  // namespace

int main(int argc, char **argv) {
  static const option options[] = {{"json", no_argument, nullptr, 'j'},
                                   {"list", no_argument, nullptr, 'l'},
                                   {"help", no_argument, nullptr, 'h'},
                                   {"version", no_argument, nullptr, 'V'},
                                   {nullptr, 0, nullptr, 0}};
  bool json = false;
  bool list = false;
  int status = success;
  for (int option; (option = getopt_long(argc, argv, "jlhV", options, nullptr)) != -1;) {
    switch (option) {
      case 'j': json = true; break;
      case 'l': list = true; break;
      case 'h': std::fputs(usage_text, stdout); return success;
      case 'V': std::printf("ffi-explain %s\n", FFI_HARDENED_VERSION); return success;
      default: std::fputs(usage_text, stderr); return bad_usage;
    }
  }
  if (list && optind == argc) {
    std::fputs((json ? list_as_json() : list_as_text()).c_str(), stdout);
  } else if (!list && argc - optind == 2) {
    status = explain_one(argv[optind], argv[optind + 1], json);
  } else {
    std::fputs(usage_text, stderr);
    return bad_usage;
  }
  if (std::fflush(stdout) != 0) {
    std::perror("ffi-explain: standard output");
    return bad_signature;
  }
  return status;
}
