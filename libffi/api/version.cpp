// SPDX-License-Identifier: MIT
// Versions: the interface's, the default convention, and our own.
#include "api/door.h"
#include "ffi_hardened.h"

FFI_DOOR const char *ffi_get_version(void) { return FFI_VERSION_STRING; }
FFI_DOOR unsigned long ffi_get_version_number(void) { return FFI_VERSION_NUMBER; }
FFI_DOOR unsigned ffi_get_default_abi(void) { return FFI_DEFAULT_ABI; }
FFI_DOOR std::size_t ffi_get_closure_size(void) { return sizeof(ffi_closure); }
FFI_DOOR const char *ffi_hardened_version(void) { return FFI_HARDENED_VERSION; }
