/* SPDX-License-Identifier: MIT */
/* What ffi.h needs to know of i386.  */
#ifndef LIBFFI_TARGET_H
#define LIBFFI_TARGET_H

#ifndef LIBFFI_H
#error "Include ffi.h, which includes ffitarget.h."
#endif

#if !defined(__i386__)
#error "This ffitarget.h was installed for i386."
#endif

#define FFI_TARGET_HAS_COMPLEX_TYPE

#ifndef LIBFFI_ASM
typedef unsigned long ffi_arg;
typedef signed long ffi_sarg;

typedef enum ffi_abi
{
  FFI_FIRST_ABI = 0,
  FFI_SYSV = 1,
  FFI_THISCALL = 3,
  FFI_FASTCALL = 4,
  FFI_STDCALL = 5,
  FFI_PASCAL = 6,
  FFI_REGISTER = 7,
  FFI_MS_CDECL = 8,
  FFI_LAST_ABI,
  FFI_DEFAULT_ABI = FFI_SYSV
} ffi_abi;
#endif

#define FFI_CLOSURES 1
#define FFI_GO_CLOSURES 1
#define FFI_NATIVE_RAW_API 1
#define FFI_TRAMPOLINE_SIZE 16

#endif
