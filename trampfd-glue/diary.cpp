// SPDX-License-Identifier: MIT
// The diary's one instance.
#include "trampfd-glue/diary.h"

namespace ffi::glue {

constinit Diary diary = {};

void note(Mode mode, const char *step, int error) {
  constexpr std::uint32_t room = sizeof diary.refusal / sizeof *diary.refusal;
  const std::uint32_t written = __atomic_load_n(&diary.refusals, __ATOMIC_ACQUIRE);
  for (std::uint32_t i = 0; i < written && i < room; ++i) {
    const Refusal &known = diary.refusal[i];
    if (known.mode == mode && known.step == step && known.error == error) return;
  }
  // Two threads may write one refusal twice, or count one whose words are still coming: it is for
  // people to read.
  const std::uint32_t mine = __atomic_fetch_add(&diary.refusals, 1, __ATOMIC_ACQ_REL);
  if (mine < room) {
    diary.refusal[mine] = {mode, error, step};
  } else {
    __atomic_store_n(&diary.refusals, room, __ATOMIC_RELEASE);
  }
}

}  // namespace ffi::glue
