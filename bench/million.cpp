// SPDX-License-Identifier: MIT
// A million live closures: time, memory and mappings, each library in a fresh process of its own.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "groups.h"
#include "signature.h"

namespace bench {

// The kB figure that follows `key` in a file of /proc/self, or -1.
static long kilobytes(const char* file, const char* key) {
  FILE* f = std::fopen(file, "r");
  if (f == nullptr) return -1;
  char line[512];
  long value = -1;
  while (std::fgets(line, sizeof line, f) != nullptr)
    if (std::strncmp(line, key, std::strlen(key)) == 0) value = std::atol(line + std::strlen(key));
  std::fclose(f);
  return value;
}

static long mappings() {
  FILE* f = std::fopen("/proc/self/maps", "r");
  if (f == nullptr) return -1;
  long count = 0;
  for (int c = std::fgetc(f); c != EOF; c = std::fgetc(f)) count += c == '\n';
  std::fclose(f);
  return count;
}

struct Memory {
  long rss = kilobytes("/proc/self/status", "VmRSS:");
  long pss = kilobytes("/proc/self/smaps_rollup", "Pss:");
  long tables = kilobytes("/proc/self/status", "VmPTE:");
  long maps = mappings();
};

int million_child(const Library& lib, long count) {
  const Signature& s = signatures()[1];
  Prepared p = prepare(lib, s);
  const size_t n = static_cast<size_t>(count);
  std::vector<void*> made(n), code(n);
  std::memset(made.data(), 1,
              n * sizeof(void*));  // our own pages are there before the first reading
  std::memset(code.data(), 1, n * sizeof(void*));

  const Memory before;
  double start = now_ns();
  for (size_t i = 0; i < n; i++) {
    made[i] = lib.closure_alloc(sizeof(ffi_closure), &code[i]);
    if (made[i] == nullptr || lib.prep_closure_loc(static_cast<ffi_closure*>(made[i]), &p.cif,
                                                   s.check_handler, nullptr, code[i]) != FFI_OK) {
      std::printf("{\"refused_at\": %zu}\n", i);
      return 0;
    }
  }
  const double create = now_ns() - start;
  const Memory live;

  long wrong = 0;
  start = now_ns();
  for (size_t i = 0; i < n; i++) {
    arrived = -1;
    s.direct(reinterpret_cast<Code>(code[i]), 1);
    wrong += arrived != 1;
  }
  const double call = now_ns() - start;
  const Memory called;
  start = now_ns();
  for (void* c : made) lib.closure_free(c);
  const double release = now_ns() - start;
  const Memory after;

  std::printf(
      "{\"count\": %ld, \"create_s\": %.4f, \"call_ns\": %.2f, \"free_s\": %.4f, "
      "\"rss_bytes_each\": %.1f, \"pss_bytes_each\": %.1f, \"page_tables_bytes_each\": %.1f, "
      "\"mappings\": %ld, \"mappings_left\": %ld, \"rss_kb_left\": %ld, \"wrong\": %ld}\n",
      count, create / 1e9, call / static_cast<double>(count), release / 1e9,
      1024.0 * static_cast<double>(called.rss - before.rss) / static_cast<double>(count),
      1024.0 * static_cast<double>(called.pss - before.pss) / static_cast<double>(count),
      1024.0 * static_cast<double>(called.tables - before.tables) / static_cast<double>(count),
      live.maps - before.maps, after.maps - before.maps, after.rss - before.rss, wrong);
  return wrong == 0 ? 0 : 1;
}

void million_group(const Run& run) {
  for (const Library& lib : run.libs) {
    std::string command = "'" + run.self + "' --million-child '" + lib.name + "=" + lib.path + "'";
    FILE* pipe = popen(command.c_str(), "r");
    char line[1024] = "";
    const bool got = pipe != nullptr && std::fgets(line, sizeof line, pipe) != nullptr;
    const int status = pipe != nullptr ? pclose(pipe) : -1;
    line[std::strcspn(line, "\n")] = '\0';
    if (got && status == 0)
      std::printf("{\"group\": \"million\", \"row\": \"%s\", \"million\": %s}\n", lib.name.c_str(),
                  line);
    else
      std::printf("{\"group\": \"million\", \"row\": \"%s\", \"failed\": %d}\n", lib.name.c_str(),
                  status);
    std::fflush(stdout);
  }
}

}  // namespace bench
