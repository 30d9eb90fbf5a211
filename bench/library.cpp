// SPDX-License-Identifier: MIT
// Loads a libffi by path. Two files of the same soname stay apart: the loader compares a name with
// a slash by file identity, and RTLD_LOCAL keeps each one's symbols to itself.
#include "library.h"

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>

namespace bench {

ffi_type* Library::type(const char* symbol) const {
  return static_cast<ffi_type*>(dlsym(handle, symbol));
}

template <class F>
static void find(const Library& lib, const char* symbol, F& slot, bool required) {
  slot = reinterpret_cast<F>(dlsym(lib.handle, symbol));
  if (slot == nullptr && required) {
    std::fprintf(stderr, "ffi-bench: %s has no %s\n", lib.path.c_str(), symbol);
    std::exit(2);
  }
}

Library load(const std::string& name, const std::string& path) {
  Library lib;
  lib.name = name;
  lib.path = path;
  lib.handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (lib.handle == nullptr) {
    std::fprintf(stderr, "ffi-bench: %s\n", dlerror());
    std::exit(2);
  }
  find(lib, "ffi_call", lib.call, true);
  find(lib, "ffi_prep_cif", lib.prep_cif, true);
  find(lib, "ffi_prep_cif_var", lib.prep_cif_var, true);
  find(lib, "ffi_closure_alloc", lib.closure_alloc, true);
  find(lib, "ffi_prep_closure_loc", lib.prep_closure_loc, true);
  find(lib, "ffi_closure_free", lib.closure_free, true);
  find(lib, "ffi_call_plan_alloc", lib.plan_alloc, false);
  find(lib, "ffi_call_plan_invoke", lib.plan_invoke, false);
  find(lib, "ffi_call_plan_free", lib.plan_free, false);
  return lib;
}

}  // namespace bench
