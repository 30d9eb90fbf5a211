// SPDX-License-Identifier: MIT
// Where the own text comes from: the program headers for the offset, /proc/self/maps for the name
// and the identity.
#include "trampfd-glue/own_text.h"

#include <errno.h>
#include <limits.h>
#include <link.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>

#include "trampfd-glue/diary.h"
#include "trampfd-glue/map.h"
#include "trampfd-glue/state.h"

namespace ffi::glue {
namespace {

// The own file's first bytes, where the linker left them in memory.
extern "C" const ElfW(Ehdr) __ehdr_start __attribute__((weak, visibility("hidden")));

struct Text {
  std::uintptr_t address;
  std::size_t bytes;
  std::uint64_t offset;  // in the file
  bool of_program;       // linked into it, not a shared library's
};

// Read from the own headers: the loader would be asked under a lock of its own, which a forked child
// can find held for ever.
[[nodiscard]] bool find_in_file(Text *text) {
  if (&__ehdr_start == nullptr) return false;
  const auto start = reinterpret_cast<std::uintptr_t>(&__ehdr_start);
  const auto *const headers = reinterpret_cast<const ElfW(Phdr) *>(start + __ehdr_start.e_phoff);
  text->of_program = getauxval(AT_PHDR) == reinterpret_cast<std::uintptr_t>(headers);
  std::uintptr_t base = 0;
  for (int i = 0; i < __ehdr_start.e_phnum; ++i) {
    const auto &segment = headers[i];
    if (segment.p_type != PT_LOAD) continue;
    if (segment.p_offset == 0) base = start - segment.p_vaddr;  // segments come in order
    const std::uintptr_t into = text->address - (base + segment.p_vaddr);
    if (into >= segment.p_filesz) continue;
    text->offset = segment.p_offset + into;
    return true;
  }
  return false;
}

// A line of /proc/self/maps: `start-end perms offset device inode   path'. The path ends with the
// line and may hold anything.
struct Line {
  std::uint64_t start, end, device, inode;
  char *path;  // room for path_room characters, or nullptr for whom it does not matter
};
constexpr std::size_t path_room = PATH_MAX + 16;

// Characters of a file, one by one, through a buffer on the stack.
class Reader {
 public:
  explicit Reader(int fd) : fd_(fd) {}

  [[nodiscard]] int next() {
    if (at_ == filled_) {
      filled_ = sys::read(fd_, buffer_, sizeof buffer_);
      at_ = 0;
      if (filled_ <= 0) {
        filled_ = 0;
        return -1;
      }
    }
    return static_cast<unsigned char>(buffer_[at_++]);
  }

  // A number in base 16 or 10, and the character after it.
  [[nodiscard]] std::uint64_t number(unsigned base, int *after) {
    std::uint64_t value = 0;
    for (;;) {
      const int c = next();
      const unsigned digit = c >= '0' && c <= '9'   ? static_cast<unsigned>(c - '0')
                             : c >= 'a' && c <= 'f' ? static_cast<unsigned>(c - 'a' + 10)
                                                    : 16;
      *after = c;
      if (digit >= base) return value;
      value = value * base + digit;
    }
  }

  [[nodiscard]] int skip_to(int wanted) {
    int c;
    do c = next();
    while (c != wanted && c != '\n' && c >= 0);
    return c;
  }

  [[nodiscard]] bool line(Line *into) {
    int after;
    into->start = number(16, &after);
    if (after != '-') return false;
    into->end = number(16, &after);
    if (after != ' ' || skip_to(' ') != ' ' || skip_to(' ') != ' ') return false;
    const std::uint64_t major = number(16, &after);
    if (after != ':') return false;
    into->device = major << 32 | number(16, &after);
    if (after != ' ') return false;
    into->inode = number(10, &after);
    while (after == ' ') after = next();
    std::size_t length = 0;
    for (; after != '\n' && after >= 0; after = next()) {
      if (into->path != nullptr && length < path_room - 1)
        into->path[length++] = static_cast<char>(after);
    }
    if (into->path != nullptr) into->path[length] = '\0';
    return true;
  }

 private:
  int fd_;
  std::ptrdiff_t at_ = 0, filled_ = 0;
  char buffer_[1024];
};

// The kernel's account of the mapping at `address'.
[[nodiscard]] bool find_line(std::uintptr_t address, Line *line) {
  const int fd = sys::open_of_proc("/proc/self/maps");
  if (fd < 0) {
    note(state().mode, "read /proc/self/maps", errno);
    return false;
  }
  Reader reader(fd);
  bool found = false;
  while (!found && reader.line(line)) found = line->start <= address && address < line->end;
  sys::close(fd);
  if (!found) note(state().mode, "find the library in /proc/self/maps", 0);
  return found;
}

// The kernel writes a newline in a path as \012, which may also be what the path says. Whether that
// stood there.
[[nodiscard]] bool undo_escapes(char *path) {
  char *to = path;
  for (const char *from = path; *from != '\0'; ++to) {
    if (strncmp(from, "\\012", 4) == 0) {
      *to = '\n';
      from += 4;
    } else {
      *to = *from++;
    }
  }
  if (*to == '\0') return false;
  *to = '\0';
  return true;
}

// Whether the descriptor's file is the one that the text was mapped from: seen by a mapping of it,
// because the device number that fstat gives differs from the one in maps on some file systems.
[[nodiscard]] bool is_own_file(int fd, const Text &text, const Line &text_line) {
  void *const mapped = sys::map(nullptr, text.bytes, PROT_READ, MAP_SHARED, fd, text.offset);
  if (mapped == nullptr) {
    note(state().mode, "map the library's file", errno);
    return false;
  }
  Line line = {};
  const bool same = find_line(reinterpret_cast<std::uintptr_t>(mapped), &line) && line.inode != 0 &&
                    line.device == text_line.device && line.inode == text_line.inode &&
                    memcmp(mapped, reinterpret_cast<const void *>(text.address), text.bytes) == 0;
  if (!same) note(state().mode, "prove that the library's file is still the same", 0);
  sys::unmap(mapped, text.bytes);
  return same;
}

[[nodiscard]] void *map_file(const char *path, const Text &text, const Line &text_line, void *at) {
  const int fd = sys::open_to_read(path);
  if (fd < 0) {
    note(state().mode, "open the library's file", errno);
    return nullptr;
  }
  void *mapped = nullptr;
  if (is_own_file(fd, text, text_line)) {
    const int fixed = at != nullptr ? MAP_FIXED : 0;
    mapped = sys::map(at, text.bytes, PROT_READ | PROT_EXEC, MAP_SHARED | fixed, fd, text.offset);
    if (mapped == nullptr) note(state().mode, "map the library's file executable", errno);
  }
  sys::close(fd);
  return mapped;
}

}  // namespace

void *map_own_text(const void *address, std::size_t bytes, void *at) {
  Text text = {reinterpret_cast<std::uintptr_t>(address), bytes, 0, false};
  if (!find_in_file(&text)) {
    note(state().mode, "find the library's program headers", 0);
    return nullptr;
  }
  char path[path_room];
  Line line = {};
  line.path = path;
  if (!find_line(text.address, &line)) return nullptr;
  do {
    if (void *const mapped = map_file(path, text, line, at); mapped != nullptr) return mapped;
  } while (undo_escapes(path));
  return text.of_program ? map_file("/proc/self/exe", text, line, at) : nullptr;
}

}  // namespace ffi::glue
