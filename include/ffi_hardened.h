/* SPDX-License-Identifier: MIT */
/* What this library adds to libffi's interface.

   Everything here carries the symbol version LIBFFI_HARDENED_1.0, so a program that uses it does not run
   with another libffi.so.8 by accident; ask with dlsym or a weak reference to run with both.
   All functions are safe in any thread. Strings are static and never freed.  */
#ifndef FFI_HARDENED_H
#define FFI_HARDENED_H

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this implementation, unlike ffi_get_version, which names the interface.  */
#define FFI_HARDENED_VERSION "0.1.0"
const char *ffi_hardened_version(void);

#ifdef __cplusplus
}
#endif

#endif
