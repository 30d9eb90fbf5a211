/* SPDX-License-Identifier: MIT */
/* The oracle's scalar and vector types: descriptors, as members of packed structs too. */
#include "oracle.h"

#define LEAVES(name, ctype, leafkind) \
  static const struct leaf leaves_##name[] = { \
      {0, leafkind == LEAF_X87 ? X87_BYTES : sizeof(ctype), leafkind}};

#define DEFINE(name, ctype, ffi, kind, leafkind) \
  LEAVES(name, ctype, leafkind) \
  const struct type type_##name = {#ctype, sizeof(ctype), _Alignof(ctype), &ffi, kind, 1, \
                                   leaves_##name, NULL};
SCALARS(DEFINE)
DEFINE(ldouble, long double, ffi_type_longdouble, KIND_LONG_DOUBLE, LEAF_X87)
const struct type type_void = {"void", 0, 1, &ffi_type_void, KIND_VOID, 0, NULL, NULL};

/* The packed form of a scalar is the same type with alignment 1. */
#define PACKED(name, ctype, code) ffi_type packed_##name = {sizeof(ctype), 1, code, NULL};
#define SIGNED_CODE(ctype) \
  (sizeof(ctype) == 1 ? FFI_TYPE_SINT8 : sizeof(ctype) == 2 ? FFI_TYPE_SINT16 \
   : sizeof(ctype) == 4 ? FFI_TYPE_SINT32 : FFI_TYPE_SINT64)
#define UNSIGNED_CODE(ctype) \
  (sizeof(ctype) == 1 ? FFI_TYPE_UINT8 : sizeof(ctype) == 2 ? FFI_TYPE_UINT16 \
   : sizeof(ctype) == 4 ? FFI_TYPE_UINT32 : FFI_TYPE_UINT64)
PACKED(bool, _Bool, FFI_TYPE_UINT8)
PACKED(char, char, (char)-1 < 0 ? FFI_TYPE_SINT8 : FFI_TYPE_UINT8)
PACKED(schar, signed char, FFI_TYPE_SINT8)
PACKED(uchar, unsigned char, FFI_TYPE_UINT8)
PACKED(short, short, FFI_TYPE_SINT16)
PACKED(ushort, unsigned short, FFI_TYPE_UINT16)
PACKED(int, int, FFI_TYPE_SINT32)
PACKED(uint, unsigned, FFI_TYPE_UINT32)
PACKED(long, long, SIGNED_CODE(long))
PACKED(ulong, unsigned long, UNSIGNED_CODE(long))
PACKED(llong, long long, FFI_TYPE_SINT64)
PACKED(ullong, unsigned long long, FFI_TYPE_UINT64)
PACKED(pointer, void *, FFI_TYPE_POINTER)
PACKED(float, float, FFI_TYPE_FLOAT)
PACKED(double, double, FFI_TYPE_DOUBLE)
PACKED(ldouble, long double, FFI_TYPE_LONGDOUBLE)

#ifdef FFI_TARGET_HAS_COMPLEX_TYPE
COMPLEXES(DEFINE)
static const struct leaf leaves_cldouble[] = {{0, X87_BYTES, LEAF_X87},
                                              {sizeof(long double), X87_BYTES, LEAF_X87}};
const struct type type_cldouble = {"long double _Complex", sizeof(long double _Complex),
                                   _Alignof(long double _Complex), &ffi_type_complex_longdouble,
                                   KIND_COMPLEX, 2, leaves_cldouble, NULL};
#define PACKED_COMPLEX(name, part) \
  static ffi_type *parts_##name[] = {&part, NULL}; \
  ffi_type packed_##name = {sizeof(o_##name), 1, FFI_TYPE_COMPLEX, parts_##name};
PACKED_COMPLEX(cfloat, ffi_type_float)
PACKED_COMPLEX(cdouble, ffi_type_double)
PACKED_COMPLEX(cldouble, ffi_type_longdouble)
#endif

#ifdef FFI_TARGET_HAS_INT128
INT128S(DEFINE)
PACKED(i128, __int128, FFI_TYPE_SINT128)
PACKED(u128, unsigned __int128, FFI_TYPE_UINT128)
#endif

#ifdef FFI_TARGET_HAS_VECTOR_TYPE
#define LANES_2(f) &f, &f
#define LANES_4(f) LANES_2(f), LANES_2(f)
#define LANES_8(f) LANES_4(f), LANES_4(f)
#define LANES_16(f) LANES_8(f), LANES_8(f)
/* Half of the descriptors leave the layout to the library. */
#define DEFINE_VECTOR(name, lane, lanes, ffi) \
  static ffi_type *lanes_##name[] = {LANES_##lanes(ffi), NULL}; \
  ffi_type vector_##name = {lanes % 4 ? 0 : sizeof(o_##name), lanes % 4 ? 0 : _Alignof(o_##name), \
                            FFI_TYPE_VECTOR, lanes_##name}; \
  ffi_type packed_##name = {sizeof(o_##name), 1, FFI_TYPE_VECTOR, lanes_##name}; \
  DEFINE(name, o_##name, vector_##name, KIND_VECTOR, LEAF_BYTES)
VECTORS(DEFINE_VECTOR)
#endif
