/* SPDX-License-Identifier: MIT */
/* What ffi.h needs to know of aarch64 with 64-bit pointers.  */
#ifndef LIBFFI_TARGET_H
#define LIBFFI_TARGET_H

#ifndef LIBFFI_H
#error "Include ffi.h, which includes ffitarget.h."
#endif

#if !defined(__aarch64__) || !defined(__LP64__)
#error "This ffitarget.h was installed for aarch64 with 64-bit pointers."
#endif

#define FFI_TARGET_HAS_COMPLEX_TYPE
#define FFI_TARGET_HAS_INT128
#define FFI_TARGET_HAS_VECTOR_TYPE

#ifndef LIBFFI_ASM
typedef unsigned long ffi_arg;
typedef signed long ffi_sarg;

typedef enum ffi_abi
{
  FFI_FIRST_ABI = 0,
  FFI_SYSV,
  FFI_WIN64,
  FFI_LAST_ABI,
  FFI_DEFAULT_ABI = FFI_SYSV
} ffi_abi;
#endif

#define FFI_CLOSURES 1
#define FFI_GO_CLOSURES 1
#define FFI_NATIVE_RAW_API 0
#define FFI_TRAMPOLINE_SIZE 24

#endif
