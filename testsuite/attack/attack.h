// SPDX-License-Identifier: MIT
// What the attack programs share: a victim, the attacker's function, and how each of them makes
// itself known.
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <ffi.h>
#include <ffi_hardened.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "machine.h"
#include "trampfd-glue/layout.h"
#include "trampfd-glue/record.h"
#include "trampfd-glue/state.h"

// Test hooks of the library under attack.
extern "C" {
int ffi_test_view(unsigned index, void **start, std::size_t *bytes);
ffi::glue::Record *ffi_test_record(const void *code);
void *ffi_test_address(unsigned what);
extern __attribute__((weak)) int (*ffi_test_refuse)(int call);  // builds without defences may lack it
}

namespace attack {

using ffi::glue::Record;
using Function = int (*)(int);

enum Status { unharmed = 0, no_victim = 2, reached = 66, refused = 67, cannot_try = 77 };

[[noreturn]] inline void end(Status status, const char *why = "") {
  if (*why != '\0') fprintf(stderr, "%s\n", why);
  _exit(status);
}

// Where the attacker wants to go, as code and as a closure's function.
[[noreturn]] inline void attacker() { end(reached); }
inline void attacker_function(ffi_cif *, void *, void **, void *) { end(reached); }

inline void add(ffi_cif *, void *result, void **arguments, void *user_data) {
  const int sum = *static_cast<int *>(arguments[0]) + *static_cast<int *>(user_data);
  *static_cast<ffi_arg *>(result) = static_cast<ffi_arg>(sum);
}

// A closure that adds 42.
struct Victim {
  ffi_cif cif;
  ffi_type *types[1];
  int number = 42;
  ffi_closure *closure = nullptr;
  void *code = nullptr;

  explicit Victim(void (*function)(ffi_cif *, void *, void **, void *) = add) {
    types[0] = &ffi_type_sint;
    closure = static_cast<ffi_closure *>(ffi_closure_alloc(sizeof(ffi_closure), &code));
    if (closure == nullptr ||
        ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 1, &ffi_type_sint, types) != FFI_OK ||
        ffi_prep_closure_loc(closure, &cif, function, &number, code) != FFI_OK) {
      end(no_victim, "no closure to attack");
    }
  }

  Record *record() const { return ffi_test_record(code); }
  int call(int argument) const { return reinterpret_cast<Function>(code)(argument); }

  // The last step: the call that should still add 42.
  [[noreturn]] void finish() const {
    if (call(1) == 43) end(unharmed);
    end(reached, "the closure was turned");
  }
};

// A victim whose trampoline is in a copied table: the built-in one is used up first.
inline Victim *victim_in_copy() {
  for (std::size_t i = 0; i < ffi::glue::layout::builtin_usable_slots; ++i) new Victim;
  return new Victim;
}

// Whether the library has it in its writable memory.
inline bool is_young(const Victim &victim) {
  const auto *const at = reinterpret_cast<const unsigned char *>(victim.record());
  void *start;
  std::size_t bytes;
  for (unsigned i = 0; ffi_test_view(i, &start, &bytes); ++i) {
    if (at >= start && at < static_cast<unsigned char *>(start) + bytes) return true;
  }
  return false;
}

// Whether records are the kernel's, so that what is refused is so by right.
inline bool in_kernel_mode() {
  return static_cast<const ffi::glue::State *>(ffi_test_address(0))->mode ==
         ffi::glue::Mode::kernel;
}

// A victim whose record is writable, and stays so until the next closure is made. The first binding
// of a moment seals; on a slow machine it may take many to find two in one moment. The kernel's
// records are never writable: there any will do.
inline Victim *young_victim() {
  for (int i = 0; i < 3000; ++i) {
    auto *const victim = new Victim;
    if (in_kernel_mode() || is_young(*victim)) return victim;
  }
  end(cannot_try, "every moment has one closure only");
}

// The page or pages of something.
inline std::size_t page_bytes() { return static_cast<std::size_t>(sysconf(_SC_PAGESIZE)); }
inline void *page_of(void *address) {
  return reinterpret_cast<void *>(reinterpret_cast<std::uintptr_t>(address) & ~(page_bytes() - 1));
}

// Machine code that goes to the attacker.
inline void write_jump(unsigned char *at) {
  void (*const target)() = attacker;
  memcpy(at, machine.jump, machine.jump_bytes);
  memcpy(at + machine.address_at, &target, sizeof target);
}

// A file whose every instruction is a trap.
inline void write_traps(int file, unsigned pages) {
  unsigned char page[4096];
  for (std::size_t i = 0; i < sizeof page; ++i) page[i] = machine.trap[i % sizeof machine.trap];
  for (unsigned i = 0; i < pages; ++i) {
    if (write(file, page, sizeof page) != sizeof page) end(cannot_try, "no room for the file");
  }
}

// For attacks that mseal alone stops.
inline void require_mseal() {
  if (syscall(462, 1, 1, 0) != 0 && errno == ENOSYS) end(cannot_try, "the kernel has no mseal");
}

}  // namespace attack
