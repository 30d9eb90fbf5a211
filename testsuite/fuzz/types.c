/* SPDX-License-Identifier: MIT */
/* Fuzzes descriptions: any graph of types, with sizes and alignments preset to anything, cyclic or malformed, for ffi_prep_cif,
   ffi_prep_cif_var and ffi_get_struct_offsets. Whatever they say, they say the same a second time; what they accept is sound; and a
   signature whose types the library laid out itself can be called, through a closure too. */
#include <ffi.h>

#include "bytes.h"

enum { TYPES = 24, MEMBERS = 12, MOST_ARGUMENTS = 20, LARGEST_CALLED = 4096 };

static ffi_type *const scalars[] = {&ffi_type_uint8, &ffi_type_sint8, &ffi_type_uint16, &ffi_type_sint16, &ffi_type_uint32,
                                    &ffi_type_sint32, &ffi_type_uint64, &ffi_type_sint64, &ffi_type_float, &ffi_type_double,
                                    &ffi_type_pointer, &ffi_type_longdouble, &ffi_type_void,
#ifdef FFI_TARGET_HAS_COMPLEX_TYPE
                                    &ffi_type_complex_float, &ffi_type_complex_double, &ffi_type_complex_longdouble,
#endif
#ifdef FFI_TARGET_HAS_INT128
                                    &ffi_type_uint128, &ffi_type_sint128,
#endif
};
enum { SCALARS = sizeof scalars / sizeof *scalars };

static ffi_type types[TYPES], before[TYPES];
static ffi_type *members[TYPES][MEMBERS + 1];

/* Type number i: a struct or a vector of scalars and earlier types, or, when `wild', of anything. */
static ffi_type *pick(struct bytes *input, unsigned types_there, int wild)
{
  const unsigned which = take(input, SCALARS + types_there + (wild ? 2 : 0));
  if (which < SCALARS)
    return scalars[which];
  if (which < SCALARS + types_there)
    return &types[which - SCALARS];
  return which == SCALARS + types_there ? NULL : &types[take(input, TYPES)];
}

static unsigned make_types(struct bytes *input, int wild)
{
  const unsigned count = take(input, TYPES);
  memset(types, 0, sizeof types);
  for (unsigned i = 0; i < TYPES; i++)
    types[i] = (ffi_type){0, 0, FFI_TYPE_STRUCT, members[i]}, members[i][0] = NULL;
  for (unsigned i = 0; i < count; i++) {
    const unsigned shape = take(input, wild ? 8 : 5), length = take(input, MEMBERS + 1);
    unsigned k;
    for (k = 0; k < length; k++)
      members[i][k] = pick(input, i, wild);
    if (shape == 4) { /* a vector: one scalar, over and over */
      types[i].type = FFI_TYPE_VECTOR;
      for (unsigned lane = 0; lane < length; lane++)
        members[i][lane] = members[i][0];
    }
    members[i][length] = NULL;
    if (wild && shape >= 5) {
      types[i].size = take(input, 65536);
      types[i].alignment = (unsigned short)(shape == 5 ? 1u << take(input, 6) : take(input, 300));
    }
    if (shape == 7)
      types[i].type = (unsigned short)take(input, 22);
    if (wild && shape == 6 && take(input, 4) == 0)
      types[i].elements = NULL;
  }
  return count;
}

static void called(ffi_cif *cif, void *result, void **values, void *user_data)
{
  const uint8_t *const expected = user_data;
  size_t at = 0;
  for (unsigned i = 0; i < cif->nargs; i++) {
    const ffi_type *const type = cif->arg_types[i];
    /* The tenth byte of a long double and on are nobody's. */
    const size_t compared = type->type == FFI_TYPE_STRUCT || type->type == FFI_TYPE_COMPLEX || type->type == FFI_TYPE_LONGDOUBLE ? 0 : type->size;
    EXPECT(memcmp(values[i], expected + at, compared) == 0);
    at += type->size;
  }
  memset(result, 0x5a, cif->rtype->size);
}

/* The callee is a closure of the same signature, which sees what was passed. */
static void call(ffi_cif *cif)
{
  static uint8_t memory[MOST_ARGUMENTS * LARGEST_CALLED];
  void *values[MOST_ARGUMENTS];
  void *code, *aligned[MOST_ARGUMENTS];
  size_t at = 0, room = cif->rtype->size < sizeof(ffi_arg) ? sizeof(ffi_arg) : cif->rtype->size;
  for (unsigned i = 0; i < cif->nargs; i++)
    if (cif->arg_types[i]->size > LARGEST_CALLED)
      return;
  if (room > 65536)
    return;
  for (size_t i = 0; i < sizeof memory; i++)
    memory[i] = (uint8_t)(i * 37 + 11) & 0x3f; /* no signalling NaN, no bit that is padding */
  for (unsigned i = 0; i < cif->nargs; i++) {
    const size_t size = cif->arg_types[i]->size;
    aligned[i] = aligned_alloc(64, (size + 64) & ~(size_t)63);
    memcpy(aligned[i], memory + at, size);
    values[i] = aligned[i];
    at += size;
  }
  uint8_t *const result = aligned_alloc(64, (room + 127) & ~(size_t)63);
  memset(result, 0xc3, room + 16);
  ffi_closure *const closure = ffi_closure_alloc(sizeof *closure, &code);
  EXPECT(closure);
  EXPECT(ffi_prep_closure_loc(closure, cif, called, memory, code) == FFI_OK);
  ffi_call(cif, FFI_FN(code), result, values);
  for (size_t i = room; i < room + 16; i++)
    EXPECT(result[i] == 0xc3);
  ffi_closure_free(closure);
  free(result);
  for (unsigned i = 0; i < cif->nargs; i++)
    free(aligned[i]);
}

/* Of what the caller laid out himself only the alignment can be judged. */
static void check_sound(const ffi_type *type, int wild)
{
  EXPECT(type->alignment != 0 && (type->alignment & (type->alignment - 1)) == 0);
  EXPECT(wild || type->type != FFI_TYPE_STRUCT || type->size % type->alignment == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct bytes input = {data, size};
  const int wild = take(&input, 2) != 0;
  const unsigned abi = take(&input, 16) == 15 ? take(&input, 300) : FFI_DEFAULT_ABI;
  const unsigned count = make_types(&input, wild);
  const unsigned nargs = take(&input, MOST_ARGUMENTS + 1), fixed = take(&input, MOST_ARGUMENTS + 2);
  const int variadic = take(&input, 4) == 0;
  size_t offsets[MEMBERS + 2];
  ffi_type *arguments[MOST_ARGUMENTS];
  ffi_cif cif[2];
  ffi_status status[2];

  memset(cif, 0, sizeof cif);
  ffi_type *const result = pick(&input, count, wild);
  for (unsigned i = 0; i < nargs; i++)
    arguments[i] = pick(&input, count, wild);
  memcpy(before, types, sizeof types);
  if (count && types[0].type == FFI_TYPE_STRUCT && take(&input, 2)) {
    const ffi_status got = ffi_get_struct_offsets((ffi_abi)abi, &types[0], offsets);
    if (got == FFI_OK && !wild) /* a struct of preset size may even hold itself */
      for (unsigned i = 0; types[0].elements[i]; i++) {
        EXPECT(offsets[i] % types[0].elements[i]->alignment == 0);
        EXPECT(offsets[i] + types[0].elements[i]->size <= types[0].size);
        EXPECT(i == 0 || offsets[i] >= offsets[i - 1] + types[0].elements[i - 1]->size);
      }
  }
  for (int round = 0; round < 2; round++)
    status[round] = variadic ? ffi_prep_cif_var(&cif[round], (ffi_abi)abi, fixed, nargs, result, arguments)
                             : ffi_prep_cif(&cif[round], (ffi_abi)abi, nargs, result, arguments);
  EXPECT(status[0] == status[1]);
  EXPECT(status[0] <= FFI_BAD_ARGTYPE);
  if (status[0] != FFI_OK)
    return 0;
  EXPECT(memcmp(&cif[0], &cif[1], sizeof *cif) == 0);
  EXPECT(result && cif[0].nargs == nargs && cif[0].rtype == result && cif[0].arg_types == arguments);
  for (unsigned i = 0; i < nargs; i++)
    check_sound(arguments[i], wild);
  /* Sizes that the caller sets are taken at his word: they may promise memory that is not there. */
  if (!wild && !variadic)
    call(&cif[0]);
  return 0;
}
