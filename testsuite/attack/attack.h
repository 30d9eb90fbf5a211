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
#include <unistd.h>

#include "trampfd-glue/record.h"
#include "trampfd-glue/state.h"

// Test hooks of the library under attack.
extern "C" {
int ffi_test_view(unsigned index, void **start, std::size_t *bytes);
ffi::glue::Record *ffi_test_record(const void *code);
void *ffi_test_address(unsigned what);
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
  for (int i = 0; i < 1500; ++i) new Victim;
  return new Victim;
}

// Writable records for an attacker who got that far: the library calls them young by itself.
inline void require_young(const Victim &victim) {
  auto *const byte = reinterpret_cast<volatile unsigned char *>(victim.record());
  *byte = *byte;
}

// Whether records are the kernel's, so that what is refused is so by right.
inline bool in_kernel_mode() {
  return static_cast<const ffi::glue::State *>(ffi_test_address(0))->mode ==
         ffi::glue::Mode::kernel;
}

// The page or pages of something.
inline void *page_of(void *address) {
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  return reinterpret_cast<void *>(reinterpret_cast<std::uintptr_t>(address) & ~(page - 1));
}

// Machine code that goes to the attacker.
inline void write_jump(unsigned char *at) {
#ifdef __x86_64__
  const unsigned char jump[] = {0xf3, 0x0f, 0x1e, 0xfa, 0xff, 0x25, 0, 0, 0, 0};
#else
#error "No machine code for this architecture yet."
#endif
  void (*const target)() = attacker;
  memcpy(at, jump, sizeof jump);
  memcpy(at + sizeof jump, &target, sizeof target);
}

}  // namespace attack
