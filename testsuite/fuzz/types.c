/* SPDX-License-Identifier: MIT */
/* Fuzzes descriptions: any graph of types, with sizes and alignments preset to anything, cyclic or
   malformed, for ffi_prep_cif, ffi_prep_cif_var and ffi_get_struct_offsets. Whatever they say, they
   say the same a second time; what they accept is sound; and a signature that they accept can be
   called, and be a closure's, without a byte read or written beyond the sizes that the types state.
 */
#include <ffi.h>

#include "values.h"

enum { TYPES = 24, MEMBERS = 12, MOST_ARGUMENTS = 20, LARGEST_CALLED = 4096 };

static ffi_type *const scalars[] = {
    &ffi_type_uint8,         &ffi_type_sint8,          &ffi_type_uint16,
    &ffi_type_sint16,        &ffi_type_uint32,         &ffi_type_sint32,
    &ffi_type_uint64,        &ffi_type_sint64,         &ffi_type_float,
    &ffi_type_double,        &ffi_type_pointer,        &ffi_type_longdouble,
    &ffi_type_void,
#ifdef FFI_TARGET_HAS_COMPLEX_TYPE
    &ffi_type_complex_float, &ffi_type_complex_double, &ffi_type_complex_longdouble,
#endif
#ifdef FFI_TARGET_HAS_INT128
    &ffi_type_uint128,       &ffi_type_sint128,
#endif
};
enum { SCALARS = sizeof scalars / sizeof *scalars };

static ffi_type types[TYPES], before[TYPES];
static ffi_type *members[TYPES][MEMBERS + 1];

/* Type number i: a struct or a vector of scalars and earlier types, or, when `wild', of anything.
 */
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
      types[i].size = take(input, 4) ? take(input, 40) : take(input, 65536);
      types[i].alignment = (unsigned short)(shape == 5 ? 1u << take(input, 6) : take(input, 300));
    }
    if (shape == 7)
      types[i].type = (unsigned short)take(input, 22);
    if (wild && shape == 6 && take(input, 4) == 0)
      types[i].elements = NULL;
  }
  return count;
}

/* What a call is to see: the values it passes, and whether a size that the caller set may say
 * something else than its members. */
struct passed {
  void **values;
  int wild;
};

static int is_judged(const ffi_type *type, int wild)
{
  return !wild || (type->type != FFI_TYPE_STRUCT && type->type != FFI_TYPE_COMPLEX);
}

static void called(ffi_cif *cif, void *result, void **values, void *user_data)
{
  const struct passed *const passed = user_data;
  for (unsigned i = 0; i < cif->nargs; i++)
    EXPECT(!is_judged(cif->arg_types[i], passed->wild) ||
           same(cif->arg_types[i], values[i], passed->values[i]));
  if (cif->rtype->type != FFI_TYPE_VOID) /* whatever size it claims */
    fill(result, cif->rtype->size, MOST_ARGUMENTS);
}

/* The callee is a closure of the same signature, which sees what was passed. */
static void call(ffi_cif *cif, int wild)
{
  void *values[MOST_ARGUMENTS], *code;
  struct passed passed = {values, wild};
  for (unsigned i = 0; i < cif->nargs; i++)
    if (cif->arg_types[i]->size > LARGEST_CALLED)
      return;
  if (cif->rtype->size > 65536)
    return;
  for (unsigned i = 0; i < cif->nargs; i++) {
    values[i] = memory_of(cif->arg_types[i]->size);
    fill(values[i], cif->arg_types[i]->size, i);
  }
  void *const result = memory_of(room_of(cif->rtype)), *const expected =
                                                           memory_of(cif->rtype->size);
  fill(expected, cif->rtype->size, MOST_ARGUMENTS);
  ffi_closure *const closure = ffi_closure_alloc(sizeof *closure, &code);
  EXPECT(closure);
  EXPECT(ffi_prep_closure_loc(closure, cif, called, &passed, code) == FFI_OK);
  ffi_call(cif, FFI_FN(code), result, values);
  EXPECT(!is_judged(cif->rtype, wild) || same(cif->rtype, result, expected));
  ffi_call(cif, FFI_FN(code), NULL, values);
  ffi_closure_free(closure);
  free(expected);
  free(result);
  for (unsigned i = 0; i < cif->nargs; i++)
    free(values[i]);
}

/* Of what the caller laid out himself only the alignment can be judged. */
static void check_sound(const ffi_type *type, int wild)
{
  EXPECT(type->alignment != 0 && (type->alignment & (type->alignment - 1)) == 0);
  if (wild || type->type != FFI_TYPE_STRUCT)
    return;
  EXPECT(type->size % type->alignment == 0);
  for (ffi_type **member = type->elements; *member; member++)
    EXPECT(type->alignment >= (*member)->alignment && type->size >= (*member)->size);
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
    status[round] =
        variadic ? ffi_prep_cif_var(&cif[round], (ffi_abi)abi, fixed, nargs, result, arguments)
                 : ffi_prep_cif(&cif[round], (ffi_abi)abi, nargs, result, arguments);
  EXPECT(status[0] == status[1]);
  EXPECT(status[0] <= FFI_BAD_ARGTYPE);
  if (status[0] != FFI_OK)
    return 0;
  EXPECT(memcmp(&cif[0], &cif[1], sizeof *cif) == 0);
  EXPECT(result && cif[0].nargs == nargs && cif[0].rtype == result &&
         cif[0].arg_types == arguments);
  for (unsigned i = 0; i < nargs; i++)
    check_sound(arguments[i], wild);
  call(&cif[0], wild);
  return 0;
}
