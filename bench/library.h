// SPDX-License-Identifier: MIT
// One libffi, loaded by path beside others in the same process, and its entry points.
#pragma once

#include <ffi.h>

#include <string>

namespace bench {

struct Library {
  std::string name;
  std::string path;
  void* handle = nullptr;

  decltype(&::ffi_call) call = nullptr;
  decltype(&::ffi_prep_cif) prep_cif = nullptr;
  decltype(&::ffi_prep_cif_var) prep_cif_var = nullptr;
  decltype(&::ffi_closure_alloc) closure_alloc = nullptr;
  decltype(&::ffi_prep_closure_loc) prep_closure_loc = nullptr;
  decltype(&::ffi_closure_free) closure_free = nullptr;

  // Call plans exist since libffi 3.7; null where the library is older. Spelled without the
  // header's names so that this compiles against an older ffi.h too.
  void* (*plan_alloc)(ffi_cif*) = nullptr;
  void (*plan_invoke)(void*, void (*)(), void*, void**) = nullptr;
  void (*plan_free)(void*) = nullptr;

  // A basic type object such as "ffi_type_sint32", or null where the library has none of that name.
  ffi_type* type(const char* symbol) const;
};

// Loads `path` apart from every other copy (RTLD_LOCAL); ends the program with a message if it
// cannot.
Library load(const std::string& name, const std::string& path);

}  // namespace bench
