// SPDX-License-Identifier: MIT
// The public type descriptors. Constant, although the header cannot say so: the library never writes to them.
#define LIBFFI_HIDE_BASIC_TYPES

#include "types/type.h"

namespace {

template <typename T>
constexpr ffi_type scalar(unsigned short code) {
  return {sizeof(T), ffi::alignment_in_struct<T>, code, nullptr};
}

}  // namespace

#define PUBLIC extern "C" __attribute__((visibility("default"))) const ffi_type
#define SCALAR(name, type, code) \
  PUBLIC name;                   \
  constinit const ffi_type name = scalar<type>(code)

// An empty size would read as "still to be laid out".
PUBLIC ffi_type_void;
constinit const ffi_type ffi_type_void = {1, 1, FFI_TYPE_VOID, nullptr};

SCALAR(ffi_type_uint8, unsigned char, FFI_TYPE_UINT8);
SCALAR(ffi_type_sint8, signed char, FFI_TYPE_SINT8);
SCALAR(ffi_type_uint16, unsigned short, FFI_TYPE_UINT16);
SCALAR(ffi_type_sint16, short, FFI_TYPE_SINT16);
SCALAR(ffi_type_uint32, unsigned, FFI_TYPE_UINT32);
SCALAR(ffi_type_sint32, int, FFI_TYPE_SINT32);
SCALAR(ffi_type_uint64, unsigned long long, FFI_TYPE_UINT64);
SCALAR(ffi_type_sint64, long long, FFI_TYPE_SINT64);
SCALAR(ffi_type_float, float, FFI_TYPE_FLOAT);
SCALAR(ffi_type_double, double, FFI_TYPE_DOUBLE);
SCALAR(ffi_type_longdouble, long double, FFI_TYPE_LONGDOUBLE);
SCALAR(ffi_type_pointer, void *, FFI_TYPE_POINTER);

#ifdef FFI_TARGET_HAS_INT128
SCALAR(ffi_type_uint128, unsigned __int128, FFI_TYPE_UINT128);
SCALAR(ffi_type_sint128, __int128, FFI_TYPE_SINT128);
#endif

#ifdef FFI_TARGET_HAS_COMPLEX_TYPE
#define COMPLEX(name, part, type)                                                                        \
  static ffi_type *const part##_parts[] = {const_cast<ffi_type *>(&part), nullptr};                      \
  PUBLIC name;                                                                                           \
  constinit const ffi_type name = {2 * sizeof(type), ffi::alignment_in_struct<type>,                    \
                                   FFI_TYPE_COMPLEX, const_cast<ffi_type **>(part##_parts)}
COMPLEX(ffi_type_complex_float, ffi_type_float, float);
COMPLEX(ffi_type_complex_double, ffi_type_double, double);
COMPLEX(ffi_type_complex_longdouble, ffi_type_longdouble, long double);
#endif
