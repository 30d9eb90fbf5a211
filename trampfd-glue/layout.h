// SPDX-License-Identifier: MIT
// Where the parts of a copied table stand: [header | code | records | guard], one stride after
// another.
#pragma once

#include <bit>
#include <cstddef>

#include "arch/room.h"

namespace ffi::glue::layout {

using Geometry = arch::TableGeometry;

inline constexpr std::size_t header_bytes = Geometry::page_bytes;
inline constexpr std::size_t slots =
    Geometry::code_bytes / Geometry::slot_bytes;  // places, the tail's among them
inline constexpr std::size_t builtin_slots = Geometry::builtin_bytes / Geometry::slot_bytes;
inline constexpr std::size_t code_at = header_bytes;
inline constexpr std::size_t records_at = code_at + Geometry::code_bytes;
inline constexpr std::size_t records_bytes = slots * Geometry::record_bytes;
inline constexpr std::size_t builtin_records_bytes = builtin_slots * Geometry::record_bytes;
inline constexpr std::size_t end_at = records_at + records_bytes;
inline constexpr std::size_t stride = std::bit_ceil(end_at + Geometry::page_bytes);

inline constexpr unsigned place_bits =
    std::countr_zero(slots);  // numbers of slots go on from table to table by 1 << place_bits
static_assert(std::has_single_bit(slots) && std::has_single_bit(builtin_slots));
static_assert(Geometry::code_bytes % Geometry::page_bytes == 0);
static_assert(records_bytes % Geometry::page_bytes == 0 &&
                  builtin_records_bytes % Geometry::page_bytes == 0,
              "a page of records holds nothing else, so that it can be made read-only");

// Memory of a public closure, for each slot.
inline constexpr std::size_t cell_bytes = Geometry::record_bytes;
static_assert(sizeof(ffi_closure) <= cell_bytes, "the closures of a page of records fill a page");

// The last places of every table hold the common tail.
inline constexpr std::size_t usable_slots = slots - Geometry::tail_slots;
inline constexpr std::size_t builtin_usable_slots = builtin_slots - Geometry::tail_slots;

// Records that share a page, by the smallest and the largest page a kernel of this architecture
// has.
inline constexpr std::size_t smallest_page = 4096;
inline constexpr std::size_t most_slots_of_page = Geometry::page_bytes / Geometry::record_bytes;
inline constexpr std::size_t page_words = (most_slots_of_page + 63) / 64;

}  // namespace ffi::glue::layout
