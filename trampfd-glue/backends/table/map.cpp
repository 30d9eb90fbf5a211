// SPDX-License-Identifier: MIT
// Copies of the table's text: by what the kernel allows, from the strongest to the weakest.
#include <errno.h>

#include "trampfd-glue/backends/table/backend.h"
#include "trampfd-glue/diary.h"
#include "trampfd-glue/directory.h"
#include "trampfd-glue/layout.h"
#include "trampfd-glue/map.h"
#include "trampfd-glue/own_text.h"

namespace ffi::glue::backends {
namespace {

constexpr std::size_t code_bytes = layout::Geometry::code_bytes;

void remember(Way way, const void *source) {
  DirectoryChange change;
  if (!change.possible()) return;  // found out anew for the next table
  change->source = source;
  __atomic_thread_fence(__ATOMIC_RELEASE);  // a fork finds no way without its source
  change->way = way;
}

// The first table: a mapping to make copies of. A shared one that was made from a read-only
// descriptor can never be written, not even through /proc/self/mem, and copying it takes neither
// descriptor nor name.
void choose_way() {
  const void *const source = map_own_text(arch::ffi_tramp_table, code_bytes, nullptr);
  remember(source != nullptr ? Way::copies : Way::moves, source);
}

[[nodiscard]] bool copy_source(unsigned char *at) {
  if (sys::copy(directory().source, code_bytes, at) != nullptr) return true;
  // qemu-user 7.2 knows no such copies. Its file can be mapped for each table instead.
  note(Mode::table, "copy a shared mapping", errno);
  sys::unmap(const_cast<void *>(directory().source), code_bytes);
  remember(Way::files, nullptr);
  return false;
}

// Move the text's own pages to the copy; the kernel refills the original from the file. qemu-user
// says that it has done so and leaves the original unreadable: then this copy is the last one.
// Nothing else ever reads or runs the original.
[[nodiscard]] bool move_text(unsigned char *at) {
  if (directory().way == Way::none) return false;
  if (sys::move(arch::ffi_tramp_table, code_bytes, at) == nullptr) {
    note(Mode::table, "move the table's pages", errno);
    return false;
  }
  for (std::size_t i = 0; i < code_bytes; i += layout::smallest_page) {
    if (sys::readable(arch::ffi_tramp_table + i)) continue;
    note(Mode::table, "find the table's pages again after a move", 0);
    remember(Way::none, nullptr);
    return true;
  }
  if (is_table_code(at)) return true;
  note(Mode::table, "find the table's bytes in a copy", 0);
  return false;
}

[[nodiscard]] bool make_code(unsigned char *at) {
  if (directory().way == Way::unknown) choose_way();
  if (directory().way == Way::copies && copy_source(at)) return is_table_code(at);
  if (directory().way == Way::files &&
      map_own_text(arch::ffi_tramp_table, code_bytes, at) != nullptr)
    return true;
  return move_text(at);
}

}  // namespace

Status Table::map_table(unsigned char *base) {
  if (!make_code(base + layout::code_at)) {
    clear_table(base);
    return Status::no_memory;
  }
  return complete_table(base);
}

}  // namespace ffi::glue::backends
