// SPDX-License-Identifier: MIT
// Prints what ffi.h compiles into its users, to be compared between this library's header and the system's.
#include <ffi.h>

#include <stddef.h>
#include <stdio.h>

#define TYPE(type) printf("sizeof %s %zu align %zu\n", #type, sizeof(type), _Alignof(type))
#define FIELD(type, field) printf("%s.%s %zu %zu\n", #type, #field, offsetof(type, field), sizeof(((type *)0)->field))
#define VALUE(name) printf("%s %ld\n", #name, (long)(name))

int main(void) {
  TYPE(ffi_arg);
  TYPE(ffi_sarg);
  TYPE(ffi_abi);
  TYPE(ffi_status);
  TYPE(ffi_type);
  FIELD(ffi_type, size);
  FIELD(ffi_type, alignment);
  FIELD(ffi_type, type);
  FIELD(ffi_type, elements);
  TYPE(ffi_cif);
  FIELD(ffi_cif, abi);
  FIELD(ffi_cif, nargs);
  FIELD(ffi_cif, arg_types);
  FIELD(ffi_cif, rtype);
  FIELD(ffi_cif, bytes);
  FIELD(ffi_cif, flags);
  TYPE(ffi_raw);
  TYPE(ffi_java_raw);
  TYPE(ffi_closure);
  FIELD(ffi_closure, tramp);
  FIELD(ffi_closure, ftramp);
  FIELD(ffi_closure, cif);
  FIELD(ffi_closure, fun);
  FIELD(ffi_closure, user_data);
  TYPE(ffi_raw_closure);
  FIELD(ffi_raw_closure, tramp);
  FIELD(ffi_raw_closure, cif);
#if !FFI_NATIVE_RAW_API
  FIELD(ffi_raw_closure, translate_args);
  FIELD(ffi_raw_closure, this_closure);
  FIELD(ffi_java_raw_closure, translate_args);
  FIELD(ffi_java_raw_closure, this_closure);
#endif
  FIELD(ffi_raw_closure, fun);
  FIELD(ffi_raw_closure, user_data);
  TYPE(ffi_java_raw_closure);
  FIELD(ffi_java_raw_closure, fun);
  FIELD(ffi_java_raw_closure, user_data);
  TYPE(ffi_go_closure);
  FIELD(ffi_go_closure, tramp);
  FIELD(ffi_go_closure, cif);
  FIELD(ffi_go_closure, fun);
  VALUE(FFI_OK);
  VALUE(FFI_BAD_TYPEDEF);
  VALUE(FFI_BAD_ABI);
  VALUE(FFI_BAD_ARGTYPE);
  VALUE(FFI_FIRST_ABI);
  VALUE(FFI_DEFAULT_ABI);
  VALUE(FFI_LAST_ABI);
#ifdef __x86_64__
  VALUE(FFI_UNIX64);
  VALUE(FFI_WIN64);
  VALUE(FFI_EFI64);
  VALUE(FFI_GNUW64);
#endif
  VALUE(FFI_TYPE_VOID);
  VALUE(FFI_TYPE_INT);
  VALUE(FFI_TYPE_FLOAT);
  VALUE(FFI_TYPE_DOUBLE);
  VALUE(FFI_TYPE_LONGDOUBLE);
  VALUE(FFI_TYPE_UINT8);
  VALUE(FFI_TYPE_SINT8);
  VALUE(FFI_TYPE_UINT16);
  VALUE(FFI_TYPE_SINT16);
  VALUE(FFI_TYPE_UINT32);
  VALUE(FFI_TYPE_SINT32);
  VALUE(FFI_TYPE_UINT64);
  VALUE(FFI_TYPE_SINT64);
  VALUE(FFI_TYPE_STRUCT);
  VALUE(FFI_TYPE_POINTER);
  VALUE(FFI_TYPE_COMPLEX);
  VALUE(FFI_CLOSURES);
  VALUE(FFI_GO_CLOSURES);
  VALUE(FFI_NATIVE_RAW_API);
  VALUE(FFI_TRAMPOLINE_SIZE);
  VALUE(FFI_SIZEOF_ARG);
  VALUE(FFI_SIZEOF_JAVA_RAW);
#ifdef FFI_TARGET_HAS_COMPLEX_TYPE
  puts("complex");
#endif
  printf("ulong is %s\n", &ffi_type_ulong == &ffi_type_uint64 ? "uint64" : "uint32");
  return 0;
}
