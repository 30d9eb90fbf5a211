/* SPDX-License-Identifier: MIT */
/* Fuzzes sequences of calls of the interface, as programs that behave might make them: prepare, allocate, bind, call, call plans, raw and
   Go closures, free, in any order over a few places. A model knows what every closure has to give. */
#include <ffi.h>
#include <ffi_hardened.h>

#include "bytes.h"

enum { CIFS = 6, CLOSURES = 96, STEPS = 400 };

static ffi_type *parts[] = {&ffi_type_sint64, &ffi_type_float, NULL};
static ffi_type piece = {0, 0, FFI_TYPE_STRUCT, parts};
struct piece { int64_t a; float b; };
static ffi_type *const kinds[] = {&ffi_type_sint32, &ffi_type_double, &ffi_type_uint8, &ffi_type_sint64, &ffi_type_float, &piece};
enum { KINDS = 6, MOST = 12 };

static struct signature {
  ffi_cif cif;
  ffi_type *types[MOST];
} signatures[CIFS];

enum form { UNBOUND, PLAIN, RAW };
static struct entry {
  ffi_closure *closure;
  void *code;
  struct signature *signature;
  enum form form;
  long data;
} entries[CLOSURES];

/* Every value of an argument is made of its position. */
static void fill(const ffi_type *type, unsigned position, void *value)
{
  if (type == &piece)
    *(struct piece *)value = (struct piece){position * 3, (float)position};
  else if (type == &ffi_type_double)
    *(double *)value = position * 1.5;
  else if (type == &ffi_type_float)
    *(float *)value = (float)position * 2;
  else if (type == &ffi_type_uint8)
    *(uint8_t *)value = (uint8_t)position;
  else if (type == &ffi_type_sint64)
    *(int64_t *)value = -(int64_t)position;
  else
    *(int32_t *)value = (int32_t)position + 7;
}

static void check(const ffi_type *type, unsigned position, const void *value)
{
  struct piece expected;
  memset(&expected, 0, sizeof expected);
  fill(type, position, &expected);
  if (type == &piece)
    EXPECT(((const struct piece *)value)->a == expected.a && ((const struct piece *)value)->b == expected.b);
  else
    EXPECT(memcmp(value, &expected, type->size) == 0);
}

static void handler(ffi_cif *cif, void *result, void **values, void *user_data)
{
  for (unsigned i = 0; i < cif->nargs; i++)
    check(cif->arg_types[i], i, values[i]);
  *(ffi_sarg *)result = *(long *)user_data;
}

static void raw_handler(ffi_cif *cif, void *result, ffi_raw *raw, void *user_data)
{
  void *values[MOST];
  ffi_raw_to_ptrarray(cif, raw, values);
  handler(cif, result, values, user_data);
}

static void prepare(struct bytes *input, struct signature *signature)
{
  for (int i = 0; i < CLOSURES; i++) /* what closures refer to stays as it is */
    if (entries[i].closure && entries[i].signature == signature)
      return;
  const unsigned count = take(input, MOST + 1);
  for (unsigned i = 0; i < count; i++)
    signature->types[i] = kinds[take(input, KINDS)];
  EXPECT(ffi_prep_cif(&signature->cif, FFI_DEFAULT_ABI, count, &ffi_type_slong, signature->types) == FFI_OK);
}

static void call(struct bytes *input, const struct entry *entry)
{
  struct piece memory[MOST];
  void *values[MOST];
  ffi_raw raw[4 * MOST];
  ffi_arg result = 0;
  ffi_cif *const cif = &entry->signature->cif;
  for (unsigned i = 0; i < cif->nargs; i++) {
    fill(cif->arg_types[i], i, &memory[i]);
    values[i] = &memory[i];
  }
  const unsigned way = take(input, 3);
  if (way == 0) {
    ffi_call(cif, FFI_FN(entry->code), &result, values);
  } else if (way == 1) {
    EXPECT(ffi_raw_size(cif) <= sizeof raw);
    ffi_ptrarray_to_raw(cif, values, raw);
    ffi_raw_call(cif, FFI_FN(entry->code), &result, raw);
  } else {
    ffi_call_plan *const plan = ffi_call_plan_alloc(cif);
    EXPECT(plan);
    ffi_call_plan_invoke(plan, FFI_FN(entry->code), &result, values);
    ffi_call_plan_free(plan);
  }
  EXPECT((long)result == entry->data);
}

static void step(struct bytes *input)
{
  struct entry *const entry = &entries[take(input, CLOSURES)];
  struct signature *const signature = &signatures[take(input, CIFS)];
  switch (take(input, 8)) {
    case 0: prepare(input, signature); break;
    case 1:
    case 2:
      if (entry->closure)
        break;
      entry->closure = ffi_closure_alloc(sizeof(ffi_raw_closure) + take(input, 100), &entry->code);
      EXPECT(entry->closure);
      entry->form = UNBOUND;
      break;
    case 3:
    case 4:
      if (!entry->closure)
        break;
      entry->signature = signature;
      entry->data = (long)take(input, 60000);
      entry->form = take(input, 4) ? PLAIN : RAW;
      EXPECT((entry->form == PLAIN ? ffi_prep_closure_loc(entry->closure, &signature->cif, handler, &entry->data, entry->code)
                                   : ffi_prep_raw_closure_loc((ffi_raw_closure *)entry->closure, &signature->cif, raw_handler,
                                                              &entry->data, entry->code)) == FFI_OK);
      break;
    case 5:
    case 6:
      if (entry->closure && entry->form != UNBOUND)
        call(input, entry);
      break;
    default:
      if (take(input, 8) == 0)
        ffi_hardened_seal();
      ffi_closure_free(entry->closure);
      entry->closure = NULL;
      entry->signature = NULL;
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct bytes input = {data, size};
  for (int i = 0; i < CIFS; i++)
    EXPECT(ffi_prep_cif(&signatures[i].cif, FFI_DEFAULT_ABI, 0, &ffi_type_slong, signatures[i].types) == FFI_OK);
  for (int i = 0; i < STEPS && input.left; i++)
    step(&input);
  for (int i = 0; i < CLOSURES; i++) {
    ffi_closure_free(entries[i].closure);
    entries[i].closure = NULL;
    entries[i].signature = NULL;
  }
  return 0;
}
