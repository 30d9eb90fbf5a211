/* SPDX-License-Identifier: MIT */
/* What a generated program and the oracle's runtime share: types, signatures, and the callee's
   checks. */
#ifndef ORACLE_H
#define ORACLE_H

#include <complex.h>
#include <ffi.h>
#include <stddef.h>
#include <stdint.h>

/* The convention under test: its number, and the attribute that gives it to compiled functions. */
#ifndef ORACLE_ABI
#define ORACLE_ABI FFI_DEFAULT_ABI
#define ORACLE_ATTRIBUTE
#endif

/* How a compiled callee reads its variadic arguments. */
#ifdef ORACLE_MS_VA_LIST
#define ORACLE_LIST __builtin_ms_va_list
#define ORACLE_START __builtin_ms_va_start
#define ORACLE_END __builtin_ms_va_end
#else
#define ORACLE_LIST __builtin_va_list
#define ORACLE_START __builtin_va_start
#define ORACLE_END __builtin_va_end
#endif
#ifdef ORACLE_MICROSOFT
/* gcc's callers pass a variadic argument of any other size by reference, as clang's do and the convention says, but gcc's va_arg
   takes it by value: it goes by the platform's convention instead of the function's. */
#define ORACLE_BY_VALUE(type) \
  (sizeof(type) == 1 || sizeof(type) == 2 || sizeof(type) == 4 || sizeof(type) == 8)
#define ORACLE_NEXT(list, type) \
  __builtin_choose_expr(ORACLE_BY_VALUE(type), __builtin_va_arg(list, type), \
                        *__builtin_va_arg(list, type *))
#else
#define ORACLE_NEXT __builtin_va_arg
#endif

/* A run of bytes that carry a value; what lies between leaves is padding and never compared. */
enum leaf_kind { LEAF_BYTES, LEAF_BOOL, LEAF_FLOAT, LEAF_X87 };
struct leaf {
  unsigned offset, size;
  enum leaf_kind kind;
};

/* How many bytes of a long double carry its value. */
#if __LDBL_MANT_DIG__ == 64
#define X87_BYTES 10
#else
#define X87_BYTES sizeof(long double)
#endif

enum kind { KIND_VOID, KIND_UNSIGNED, KIND_SIGNED, KIND_POINTER, KIND_FLOAT, KIND_LONG_DOUBLE,
            KIND_COMPLEX, KIND_INT128, KIND_VECTOR, KIND_STRUCT };
struct type {
  const char *name;
  size_t size, align;
  ffi_type *ffi;
  enum kind kind;
  unsigned leaf_count;
  const struct leaf *leaves;
  const size_t *member_offsets; /* of a struct, ended by (size_t)-1; else NULL */
};

struct signature {
  unsigned id;
  int nargs, nfixed; /* nfixed is -1 unless the function is variadic */
  const struct type *result;
  const struct type *const *args;
  void (*callee)(void);
  void (*caller)(void (*fn)(void), void **args, void *result);
  const char *text; /* the C prototype, with the structs it uses */
};

/* Each generated program defines these. */
extern const struct signature oracle_signatures[];
extern const unsigned oracle_signature_count;
extern const uint64_t oracle_seed;

/* A compiled callee announces itself, hands over every argument, and returns *oracle_result(). */
void oracle_enter(unsigned id);
void oracle_argument(unsigned index, const void *value);
void *oracle_result(void);

#define SCALARS(X) \
  X(bool, _Bool, ffi_type_uint8, KIND_UNSIGNED, LEAF_BOOL) \
  X(char, char, ORACLE_CHAR, ORACLE_CHAR_KIND, LEAF_BYTES) \
  X(schar, signed char, ffi_type_schar, KIND_SIGNED, LEAF_BYTES) \
  X(uchar, unsigned char, ffi_type_uchar, KIND_UNSIGNED, LEAF_BYTES) \
  X(short, short, ffi_type_sshort, KIND_SIGNED, LEAF_BYTES) \
  X(ushort, unsigned short, ffi_type_ushort, KIND_UNSIGNED, LEAF_BYTES) \
  X(int, int, ffi_type_sint, KIND_SIGNED, LEAF_BYTES) \
  X(uint, unsigned, ffi_type_uint, KIND_UNSIGNED, LEAF_BYTES) \
  X(long, long, ffi_type_slong, KIND_SIGNED, LEAF_BYTES) \
  X(ulong, unsigned long, ffi_type_ulong, KIND_UNSIGNED, LEAF_BYTES) \
  X(llong, long long, ffi_type_sint64, KIND_SIGNED, LEAF_BYTES) \
  X(ullong, unsigned long long, ffi_type_uint64, KIND_UNSIGNED, LEAF_BYTES) \
  X(pointer, void *, ffi_type_pointer, KIND_POINTER, LEAF_BYTES) \
  X(float, float, ffi_type_float, KIND_FLOAT, LEAF_FLOAT) \
  X(double, double, ffi_type_double, KIND_FLOAT, LEAF_FLOAT)

#define COMPLEXES(X) \
  X(cfloat, float _Complex, ffi_type_complex_float, KIND_COMPLEX, LEAF_FLOAT) \
  X(cdouble, double _Complex, ffi_type_complex_double, KIND_COMPLEX, LEAF_FLOAT)

#define INT128S(X) \
  X(i128, __int128, ffi_type_sint128, KIND_INT128, LEAF_BYTES) \
  X(u128, unsigned __int128, ffi_type_uint128, KIND_INT128, LEAF_BYTES)

/* name, lane type, lanes, the lane's ffi_type */
#define VECTORS(X) \
  X(v2f, float, 2, ffi_type_float) \
  X(v2i, int, 2, ffi_type_sint) \
  X(v4s, short, 4, ffi_type_sshort) \
  X(v8c, signed char, 8, ffi_type_schar) \
  X(v4f, float, 4, ffi_type_float) \
  X(v2d, double, 2, ffi_type_double) \
  X(v4i, int, 4, ffi_type_sint) \
  X(v4u, unsigned, 4, ffi_type_uint) \
  X(v8s, short, 8, ffi_type_sshort) \
  X(v16c, signed char, 16, ffi_type_schar) \
  X(v2l, long long, 2, ffi_type_sint64)

#ifdef __CHAR_UNSIGNED__
#define ORACLE_CHAR ffi_type_uint8
#define ORACLE_CHAR_KIND KIND_UNSIGNED
#else
#define ORACLE_CHAR ffi_type_sint8
#define ORACLE_CHAR_KIND KIND_SIGNED
#endif

#define DECLARE(name, ctype, ffi, kind, leaf) \
  typedef ctype o_##name; \
  extern const struct type type_##name; \
  extern ffi_type packed_##name;
SCALARS(DECLARE)
#ifdef FFI_TARGET_HAS_COMPLEX_TYPE
COMPLEXES(DECLARE)
DECLARE(cldouble, long double _Complex, ffi_type_complex_longdouble, KIND_COMPLEX, LEAF_X87)
#endif
#ifdef FFI_TARGET_HAS_INT128
INT128S(DECLARE)
#endif
DECLARE(ldouble, long double, ffi_type_longdouble, KIND_LONG_DOUBLE, LEAF_X87)
#ifdef FFI_TARGET_HAS_VECTOR_TYPE
#define DECLARE_VECTOR(name, lane, lanes, ffi) \
  typedef lane o_##name __attribute__((vector_size(lanes * sizeof(lane)))); \
  extern const struct type type_##name; \
  extern ffi_type vector_##name, packed_##name;
VECTORS(DECLARE_VECTOR)
#endif
extern const struct type type_void;

#endif
