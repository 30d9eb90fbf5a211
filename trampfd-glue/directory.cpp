// SPDX-License-Identifier: MIT
// The directory's one page, and the arithmetic between addresses, slots and pages.
#include "trampfd-glue/directory.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/bits.h"
#include "base/fatal.h"
#include "base/read_only.h"
#include "trampfd-glue/diary.h"
#include "trampfd-glue/map.h"
#include "trampfd-glue/state.h"

namespace ffi::glue {

[[gnu::section(READ_ONLY_FROM_LOADING)]] constinit detail::DirectoryPage detail::directory_page = {};

namespace {

// The built-in table's bookkeeping needs no memory from the system.
constexpr std::size_t builtin_pages = layout::builtin_records_bytes / layout::smallest_page;
constinit Page builtin_page_room[builtin_pages] = {};
constinit void *builtin_closure_room[layout::builtin_slots] = {};
alignas(layout::cell_bytes) constinit unsigned char
    builtin_cell_room[layout::builtin_slots * layout::cell_bytes] = {};

[[nodiscard]] bool is_builtin(const Region &region) {
  return region.code == reinterpret_cast<std::uintptr_t>(arch::ffi_tramp_builtin);
}

[[nodiscard]] std::size_t room_bytes(const Region &region) {
  const std::size_t slots = region.slots();
  const std::size_t of_slots = slots * (layout::cell_bytes + sizeof(void *));
  return align_up(of_slots + (slots >> slot_bits()) * sizeof(Page), state().page_bytes);
}

[[nodiscard]] bool take_room(Region *region) {
  if (is_builtin(*region)) {
    region->pages = builtin_page_room;
    region->closures = builtin_closure_room;
    region->cells = builtin_cell_room;
    return true;
  }
  void *const room = sys::map(nullptr, room_bytes(*region), PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (room == nullptr) {
    note(state().mode, "map bookkeeping", errno);
    return false;
  }
  region->cells = static_cast<unsigned char *>(room);
  region->closures =
      reinterpret_cast<void **>(region->cells + region->slots() * layout::cell_bytes);
  region->pages = reinterpret_cast<Page *>(region->closures + region->slots());
  return true;
}

void give_room_back(const Region &region) {
  if (!is_builtin(region)) sys::unmap(region.cells, room_bytes(region));
}

}  // namespace

DirectoryChange::DirectoryChange() {
  detail::DirectoryPage &page = detail::directory_page;
  const int error = sys::protect(page.whole, sizeof page.whole, PROT_READ | PROT_WRITE);
  possible_ = error == 0;
  if (!possible_) note(state().mode, "open the directory of trampolines", error);
}

DirectoryChange::~DirectoryChange() {
  if (!possible_) return;
  detail::DirectoryPage &page = detail::directory_page;
  if (const int error = sys::protect(page.whole, sizeof page.whole, PROT_READ); error != 0) {
    note(state().mode, "close the directory of trampolines", error);
  }
}

Directory &DirectoryChange::operator*() const { return detail::directory_page.directory; }

void overwritten_bookkeeping() { fatal("the bookkeeping of closures was overwritten"); }

std::uint32_t pages_of_table(std::uint32_t region) {
  return (directory().regions[region].usable + (1u << slot_bits()) - 1) >> slot_bits();
}

Page &begin_page(std::uint32_t region, std::uint32_t number) {
  Page &begun = directory().regions[region].pages[number];
  begun.id = region << id_bits | number;
  begun.previous = begun.next = no_id;
  count_slots(&begun);
  return begun;
}

void count_slots(Page *page) {
  const std::uint32_t usable = directory().regions[page->id >> id_bits].usable;
  memset(page->free, 0, sizeof page->free);
  page->capacity = page->available = 0;
  for (std::uint32_t i = 0; i < 1u << slot_bits(); ++i) {
    const Slot slot = place_of(*page, i);
    if (slot.id % layout::slots >= usable) continue;
    ++page->capacity;
    if (*slot.closure != nullptr) continue;
    page->free[i / 64] |= std::uint64_t{1} << i % 64;
    ++page->available;
  }
}

unsigned char *records_of(const Page &page) {
  return reinterpret_cast<unsigned char *>(place_of(page, 0).record);
}

bool find_record(const Record *record, Slot *slot) {
  const auto address = reinterpret_cast<std::uintptr_t>(record);
  const std::uint32_t count = region_count();
  for (std::uint32_t i = 0; i < count; ++i) {
    const Region &region = directory().regions[i];
    const std::uintptr_t offset = address - region.records;
    const std::uintptr_t place = offset % layout::stride / layout::Geometry::record_bytes;
    if (offset >= region.tables * layout::stride || place >= region.usable) continue;
    *slot = make_slot(i, static_cast<std::uint32_t>(offset / layout::stride * layout::slots + place));
    return true;
  }
  return false;
}

bool is_allocated(const Record *record) {
  Slot slot;
  return find_record(record, &slot) && __atomic_load_n(slot.closure, __ATOMIC_RELAXED) != nullptr;
}

Status add_region(const Region &region) {
  Directory &current = detail::directory_page.directory;
  const std::uint32_t count = current.count;
  if (count == sizeof current.regions / sizeof *current.regions) return Status::no_memory;
  Region added = region;
  if (!take_room(&added)) return Status::no_memory;
  const DirectoryChange change;
  if (!change.possible()) {
    give_room_back(added);
    return Status::no_memory;
  }
  change->regions[count] = added;
  __atomic_store_n(&change->count, count + 1, __ATOMIC_RELEASE);
  return Status::ok;
}

}  // namespace ffi::glue
