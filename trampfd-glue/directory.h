// SPDX-License-Identifier: MIT
// The directory: which addresses are trampolines, read-only but while a region is added. All that
// comes from writable memory or from a caller is looked up here before it is used.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "base/status.h"
#include "trampfd-glue/layout.h"
#include "trampfd-glue/record.h"
#include "trampfd-glue/state.h"

namespace ffi::glue {

struct Cache;

// Region and number in one word; 0xffffffff is none. Always checked against the directory.
using Id = std::uint32_t;
inline constexpr Id no_id = UINT32_MAX;
inline constexpr std::uint32_t id_bits = 24;

// One page of records. Its fields are the owner's, under the owner's lock.
struct Page {
  Cache *owner;  // nullptr: in the pool
  Id id;
  Id previous, next;
  std::uint16_t capacity;  // slots of it
  std::uint16_t
      available;  // slots that may be given out; the others have closures or are in quarantine
  bool young;     // writable
  bool listed;    // among its owner's pages with available slots
  bool tracked;   // among its owner's young pages
  std::uint64_t free[layout::page_words];
};

// A run of tables that were reserved together, all layout::stride bytes apart; or the built-in
// table.
struct Region {
  std::uintptr_t code;     // the first table's first slot
  std::uintptr_t records;  // the first table's first record
  std::size_t extent;      // bytes from the first table's first slot in which slots are
  std::uint32_t tables;
  std::uint32_t usable;  // slots of a table; its other places hold the tail, or nothing
  Page *pages;
  void **closures;       // by slot: the public closure, nullptr if the slot has none
  unsigned char *cells;  // by slot: layout::cell_bytes, in which most public closures stand

  // Places for slots. The built-in table, told by how many it can use, is smaller than a copied one.
  [[nodiscard]] std::uint32_t slots() const {
    return usable == layout::usable_slots ? tables << layout::place_bits : layout::builtin_slots;
  }
};

// How copies of the table's code are made; found out once, when the first is needed.
enum class Way : std::uint8_t {
  unknown,
  copies,   // of `source', a shared mapping
  files,    // of a verified descriptor, opened for the occasion
  moves,    // of the text's own pages
  written,  // legacy: into anonymous memory that is made executable afterwards
  none,
};

struct Directory {
  std::uint32_t count;
  Way way;
  const void *source;
  Region regions[40];
};

namespace detail {
union alignas(layout::Geometry::page_bytes) DirectoryPage {
  Directory directory;
  unsigned char whole[layout::Geometry::page_bytes];
};
static_assert(sizeof(Directory) <= layout::Geometry::page_bytes);
extern DirectoryPage directory_page;
}  // namespace detail

[[nodiscard]] inline const Directory &directory() { return detail::directory_page.directory; }

// How many regions of it can be read; others may be added meanwhile.
[[nodiscard]] inline std::uint32_t region_count() {
  return __atomic_load_n(&directory().count, __ATOMIC_ACQUIRE);
}

// The directory, writable until the object goes. The pool's lock must be held.
class DirectoryChange {
 public:
  DirectoryChange();
  ~DirectoryChange();
  DirectoryChange(const DirectoryChange &) = delete;
  DirectoryChange &operator=(const DirectoryChange &) = delete;
  [[nodiscard]] bool possible() const { return possible_; }
  Directory &operator*() const;
  Directory *operator->() const { return &**this; }

 private:
  bool possible_;
};

// A slot that exists, by its address parts.
struct Slot {
  Id id;
  std::uint32_t in_page;
  Page *page;
  Record *record;
  void *code;
  void **closure;  // the region's note of who has the slot
  void *cell;      // memory for a public closure
};

// 1 << slot_bits() records share a page; where there is one size of page this is a constant.
[[nodiscard]] inline unsigned slot_bits() {
  if constexpr (layout::Geometry::page_bytes == layout::smallest_page) {
    return std::countr_zero(layout::most_slots_of_page);
  } else {
    return state().slot_bits;
  }
}

[[nodiscard]] inline Slot make_slot(std::uint32_t index, std::uint32_t number) {
  const Region &region = directory().regions[index];
  const std::size_t table = std::size_t{number >> layout::place_bits} * layout::stride;
  const std::size_t place = number % layout::slots;
  Slot slot;
  slot.id = index << id_bits | number;
  slot.in_page = number & ((1u << slot_bits()) - 1);
  slot.page = &region.pages[number >> slot_bits()];
  slot.record =
      reinterpret_cast<Record *>(region.records + table + place * layout::Geometry::record_bytes);
  slot.code = reinterpret_cast<void *>(region.code + table + place * layout::Geometry::slot_bytes);
  slot.closure = &region.closures[number];
  slot.cell = region.cells + std::size_t{number} * layout::cell_bytes;
  return slot;
}

// False if no trampoline stands at `code'.
[[nodiscard]] inline bool find(const void *code, Slot *slot) {
  const auto address = reinterpret_cast<std::uintptr_t>(code);
  const std::uint32_t count = region_count();
  for (std::uint32_t i = 0; i < count; ++i) {
    const Region &region = directory().regions[i];
    const std::uintptr_t offset = address - region.code;
    if (offset >= region.extent) continue;
    const std::uintptr_t within = offset % layout::stride;
    const std::uintptr_t place = within / layout::Geometry::slot_bytes;
    if (within % layout::Geometry::slot_bytes != 0 || place >= region.usable) return false;
    *slot =
        make_slot(i, static_cast<std::uint32_t>(offset / layout::stride * layout::slots + place));
    return true;
  }
  return false;
}

// The slot in whose cell a closure stands; false if it is none.
[[nodiscard]] inline bool find_cell(const void *closure, Slot *slot) {
  const auto address = reinterpret_cast<std::uintptr_t>(closure);
  const std::uint32_t count = region_count();
  for (std::uint32_t i = 0; i < count; ++i) {
    const Region &region = directory().regions[i];
    const std::uintptr_t offset = address - reinterpret_cast<std::uintptr_t>(region.cells);
    if (offset >= std::size_t{region.slots()} * layout::cell_bytes) continue;
    if (offset % layout::cell_bytes != 0) return false;
    *slot = make_slot(i, static_cast<std::uint32_t>(offset / layout::cell_bytes));
    return true;
  }
  return false;
}

[[noreturn]] void overwritten_bookkeeping();

[[nodiscard]] inline std::uint32_t number_of(Id id) { return id & ((1u << id_bits) - 1); }

// The slot or page of an id that stood in writable memory; one that does not exist is fatal, and so is a
// slot that no closure can have, where the common tail stands.
[[nodiscard]] inline Slot slot_of(Id id) {
  const std::uint32_t index = id >> id_bits;
  if (index >= region_count()) overwritten_bookkeeping();
  const Region &region = directory().regions[index];
  const std::uint32_t number = number_of(id);
  if (number % layout::slots >= region.usable || number >> layout::place_bits >= region.tables)
    overwritten_bookkeeping();
  return make_slot(index, number);
}
[[nodiscard]] inline bool page_exists(Id id) {
  return id >> id_bits < region_count() &&
         number_of(id) < directory().regions[id >> id_bits].slots() >> slot_bits();
}
[[nodiscard]] inline Page &page_of(Id id) {
  if (!page_exists(id)) overwritten_bookkeeping();
  return directory().regions[id >> id_bits].pages[number_of(id)];
}

// A place of a page, which may be the tail's.
[[nodiscard]] inline Slot place_of(const Page &page, std::uint32_t in_page) {
  if (!page_exists(page.id)) overwritten_bookkeeping();
  return make_slot(page.id >> id_bits, (number_of(page.id) << slot_bits()) + in_page);
}

// How many pages of records each table of a region has, and one of them made ready for its first
// owner.
[[nodiscard]] std::uint32_t pages_of_table(std::uint32_t region);
[[nodiscard]] Page &begin_page(std::uint32_t region, std::uint32_t number);

// Its slots counted: available is what no closure has.
void count_slots(Page *page);

// Each page that ever had an owner.
template <typename Use>
void for_each_page(Use use) {
  for (std::uint32_t i = 0; i < region_count(); ++i) {
    const Region &region = directory().regions[i];
    for (std::uint32_t k = 0; k < region.slots() >> slot_bits(); ++k) {
      if (region.pages[k].capacity != 0) use(region.pages[k]);
    }
  }
}

// Where a page's records stand.
[[nodiscard]] unsigned char *records_of(const Page &page);

// The slot of a record; false if no record stands there.
[[nodiscard]] bool find_record(const Record *record, Slot *slot);

// Whether a closure has the slot of this record.
[[nodiscard]] bool is_allocated(const Record *record);

// The region, with bookkeeping that is made here, added to the directory. The pool's lock must be
// held.
[[nodiscard]] Status add_region(const Region &region);

}  // namespace ffi::glue
