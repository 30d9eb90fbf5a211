// SPDX-License-Identifier: MIT
// The account is put together from the caches, the directory and the diary.
#include "trampfd-glue/report.h"

#include "trampfd-glue/cache.h"
#include "trampfd-glue/directory.h"

namespace ffi::glue {
namespace {

template <typename T>
[[nodiscard]] T now(const T &value) {
  return __atomic_load_n(&value, __ATOMIC_RELAXED);
}

// Pages that have an owner and are writable, region by region.
[[nodiscard]] std::uint64_t writable_pages() {
  std::uint64_t found = 0;
  const std::uint32_t count = region_count();
  for (std::uint32_t i = 0; i < count; ++i) {
    const Region &region = directory().regions[i];
    for (std::uint32_t k = 0; k < region.slots() >> slot_bits(); ++k) {
      const Page &page = region.pages[k];
      if (now(page.owner) != nullptr && now(page.young)) ++found;
    }
  }
  return found;
}

}  // namespace

Report report() {
  if (!at_work()) start();
  Report all = {};
  all.mode = state().mode;
  all.policy = state().policy;
  all.state_read_only = state().read_only;
  all.sealed = now(diary.sealed) != 0;
  const Way way = directory().way;
  all.code_fixed = all.mode == Mode::table && (way == Way::copies || way == Way::files);
  const std::uint32_t refusals = now(diary.refusals);
  constexpr std::uint32_t room = sizeof diary.refusal / sizeof *diary.refusal;
  all.refusals = refusals < room ? refusals : room;
  for (const Cache *cache = all_caches(); cache != nullptr; cache = cache->next) {
    all.allocations += now(cache->allocated);
    all.closures += now(cache->allocated) - now(cache->released);
  }
  all.caller_memory = now(diary.caller_memory);
  all.unplanned = now(diary.unplanned);
  all.tables = now(diary.tables);
  all.writable_pages = writable_pages();
  all.seals = now(diary.seals);
  all.opens = now(diary.opens);
  all.returns = now(diary.returns);
  return all;
}

bool get_refusal(std::uint32_t index, Refusal *refusal) {
  if (index >= report().refusals) return false;
  *refusal = diary.refusal[index];
  return true;
}

void seal_all() {
  if (!has_closures() || state().policy != Policy::aged) return;
  if (state().operations == nullptr || !(state().operations->features & memory_records)) return;
  for (Cache *cache = all_caches(); cache != nullptr; cache = cache->next) {
    const Holding held(cache->lock);
    seal_every(cache);
  }
}

}  // namespace ffi::glue
