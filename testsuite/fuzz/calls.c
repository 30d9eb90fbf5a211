/* SPDX-License-Identifier: MIT */
/* Fuzzes sequences of calls of the interface, as programs that behave might make them: prepare,
   allocate, bind, call in every way there is and through closures in every way there is, in memory
   of the library's and of the program's own, from inside other callbacks and in forked children
   too, free, in any order over a few places. A model knows what every closure has to give. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#include <errno.h>
#include <ffi.h>
#include <ffi_hardened.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "values.h"

enum {
  CIFS = 6,
  CLOSURES = 96,
  PLANS = 8,
  STEPS = 400,
  MOST = 12,
  LARGEST = 64,
  DEEPEST = 3,
  FORKS = 2
};

#define STRUCT(name, ...) \
  static ffi_type *name##_members[] = {__VA_ARGS__, NULL}; \
  static ffi_type name = {0, 0, FFI_TYPE_STRUCT, name##_members}
STRUCT(mixed, &ffi_type_sint64, &ffi_type_float);
STRUCT(floats, &ffi_type_float, &ffi_type_float, &ffi_type_float);
STRUCT(small, &ffi_type_uint8, &ffi_type_sint16);
STRUCT(nested, &small, &ffi_type_double, &small);
STRUCT(large, &mixed, &nested, &floats);
static ffi_type *no_members[] = {NULL};
static ffi_type empty = {0, 0, FFI_TYPE_STRUCT, no_members};
static ffi_type *const kinds[] = {
    &ffi_type_sint32,
    &ffi_type_double,
    &ffi_type_uint8,
    &ffi_type_sint64,
    &ffi_type_float,
    &mixed,
    &floats,
    &small,
    &nested,
    &large,
    &empty,
    &ffi_type_pointer,
    &ffi_type_sint16,
    &ffi_type_longdouble,
#ifdef FFI_TARGET_HAS_COMPLEX_TYPE
    &ffi_type_complex_float,
    &ffi_type_complex_double,
#endif
#ifdef FFI_TARGET_HAS_INT128
    &ffi_type_sint128,
#endif
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static struct signature {
  ffi_cif cif;
  ffi_type *types[MOST];
  int users;
} signatures[CIFS];

#if FFI_NATIVE_RAW_API
enum form { UNBOUND, PLAIN, RAW, GO };
static const enum form forms[] = {PLAIN, PLAIN, RAW, GO};
#else
enum form { UNBOUND, PLAIN, RAW, GO, JAVA_RAW };
static const enum form forms[] = {PLAIN, PLAIN, RAW, GO, JAVA_RAW};
#endif
enum { FORMS = sizeof forms / sizeof *forms };
static struct entry {
  ffi_closure *closure;
  void *code;
  struct signature *signature;
  enum form form;
  unsigned data;
  ffi_go_closure go;
} entries[CLOSURES];

static struct kept {
  ffi_call_plan *plan;
  struct signature *signature;
} plans[PLANS];

static struct bytes *nested_input; /* what a callback may take steps from */
static int depth, forks;

static void step(struct bytes *input);

static void handler(ffi_cif *cif, void *result, void **values, void *user_data)
{
  const unsigned data = ((const struct entry *)user_data)->data;
  char expected[LARGEST];
  for (unsigned i = 0; i < cif->nargs; i++) {
    fill(expected, cif->arg_types[i]->size, data + i);
    EXPECT(same(cif->arg_types[i], values[i], expected));
  }
  if (depth < DEEPEST && take(nested_input, 8) == 7)
    step(nested_input);
  fill(result, cif->rtype->size, data + MOST);
}

static void raw_handler(ffi_cif *cif, void *result, ffi_raw *raw, void *user_data)
{
  void *values[MOST];
  ffi_raw_to_ptrarray(cif, raw, values);
  handler(cif, result, values, user_data);
}

#if !FFI_NATIVE_RAW_API
static void java_raw_handler(ffi_cif *cif, void *result, ffi_java_raw *raw, void *user_data)
{
  void *values[MOST];
  ffi_java_raw_to_ptrarray(cif, raw, values);
  handler(cif, result, values, user_data);
}
#endif

static void go_handler(ffi_cif *cif, void *result, void **values, void *user_data)
{
  handler(cif, result, values, (char *)user_data - offsetof(struct entry, go));
}

/* What closures and plans refer to stays as it is. */
static void prepare(struct bytes *input, struct signature *signature)
{
  if (signature->users)
    return;
  const unsigned count = take(input, MOST + 1), variadic = take(input, 4) == 3;
  for (unsigned i = 0; i < count; i++)
    signature->types[i] = kinds[take(input, KINDS)];
  ffi_type *const result = take(input, 8) ? kinds[take(input, KINDS)] : &ffi_type_void;
  const ffi_status got =
      variadic
          ? ffi_prep_cif_var(&signature->cif, FFI_DEFAULT_ABI, 1, count, result, signature->types)
          : ffi_prep_cif(&signature->cif, FFI_DEFAULT_ABI, count, result, signature->types);
  /* Variadic arguments that C would promote are refused, and at least one argument is named. */
  EXPECT(got == FFI_OK || (variadic && got == FFI_BAD_ARGTYPE));
  if (got != FFI_OK)
    EXPECT(ffi_prep_cif(&signature->cif, FFI_DEFAULT_ABI, 0, &ffi_type_slong, signature->types) ==
           FFI_OK);
}

/* Memory of the program's own, a place for each entry, where a closure may begin at any multiple of
 * eight. What is around a closure stays as it is. */
enum { PLACE = 256, UNTOUCHED = 0xcc };
static unsigned char (*own)[PLACE];

__attribute__((constructor)) static void map_own(void)
{
  own = mmap(NULL, CLOSURES * PLACE, PROT_READ | PROT_WRITE | PROT_EXEC,
             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  EXPECT(own != MAP_FAILED);
}

static unsigned char *place_of(const struct entry *entry) { return own[entry - entries]; }

static int is_own(const struct entry *entry)
{
  return (uintptr_t)entry->closure - (uintptr_t)place_of(entry) < PLACE;
}

static void get_own(struct bytes *input, struct entry *entry)
{
  memset(place_of(entry), UNTOUCHED, PLACE);
  entry->closure = (ffi_closure *)(void *)(place_of(entry) + 8 * (1 + take(input, 16)));
  entry->code = entry->closure;
}

static void give_back(struct entry *entry)
{
  if (is_own(entry)) {
    const unsigned char *const place = place_of(entry),
                              *const end = (unsigned char *)entry->closure + sizeof(ffi_raw_closure);
    for (const unsigned char *at = place; at < place + PLACE; at++)
      EXPECT(*at == UNTOUCHED || (at >= (unsigned char *)entry->closure && at < end));
  } else {
    ffi_closure_free(entry->closure);
  }
  entry->closure = NULL;
}

static void drop(struct entry *entry)
{
  if (entry->signature)
    entry->signature->users--;
  entry->signature = NULL;
  entry->form = UNBOUND;
}

static void bind(struct bytes *input, struct entry *entry, struct signature *signature)
{
  if (!entry->closure)
    return;
  drop(entry);
  entry->signature = signature;
  signature->users++;
  entry->data = take(input, 60000);
  entry->form = forms[take(input, FORMS)];
  /* The old doors take closures that are their own code. */
  const int old_door = is_own(entry) && take(input, 2);
  void *const closure = entry->closure, *const code = entry->code;
  ffi_cif *const cif = &signature->cif;
  ffi_status status;
  if (entry->form == PLAIN)
    status = old_door ? ffi_prep_closure(closure, cif, handler, entry)
                      : ffi_prep_closure_loc(closure, cif, handler, entry, code);
  else if (entry->form == RAW)
    status = old_door ? ffi_prep_raw_closure(closure, cif, raw_handler, entry)
                      : ffi_prep_raw_closure_loc(closure, cif, raw_handler, entry, code);
#if !FFI_NATIVE_RAW_API
  else if (entry->form == JAVA_RAW)
    status = old_door ? ffi_prep_java_raw_closure(closure, cif, java_raw_handler, entry)
                      : ffi_prep_java_raw_closure_loc(closure, cif, java_raw_handler, entry, code);
#endif
  else
    status = ffi_prep_go_closure(&entry->go, cif, go_handler);
  EXPECT(status == FFI_OK);
}

static void call_raw(ffi_cif *cif, void *code, void *result, void **values)
{
  ffi_raw *const raw = memory_of(ffi_raw_size(cif));
  ffi_ptrarray_to_raw(cif, values, raw);
  ffi_raw_call(cif, FFI_FN(code), result, raw);
  free(raw);
}

#if !FFI_NATIVE_RAW_API
static void call_java_raw(ffi_cif *cif, void *code, void *result, void **values)
{
  ffi_java_raw *const raw = memory_of(ffi_java_raw_size(cif));
  ffi_java_ptrarray_to_raw(cif, values, raw);
  ffi_java_raw_call(cif, FFI_FN(code), result, raw);
  free(raw);
}
#endif

static void call_planned(struct bytes *input, struct signature *signature, void *code, void *result,
                         void **values)
{
  struct kept *const kept = &plans[take(input, PLANS)];
  if (kept->plan && kept->signature == signature) {
    ffi_call_plan_invoke(kept->plan, FFI_FN(code), result, values);
    return;
  }
  ffi_call_plan *const plan = ffi_call_plan_alloc(&signature->cif);
  EXPECT(plan);
  ffi_call_plan_invoke(plan, FFI_FN(code), result, values);
  if (!kept->plan) {
    *kept = (struct kept){plan, signature};
    signature->users++;
  } else {
    ffi_call_plan_free(plan);
  }
}

/* The entry must stay as it is meanwhile, so that what it calls may take steps of its own: it is
 * copied, and its signature is in use. */
static void call(struct bytes *input, struct entry *there)
{
  const struct entry entry = *there;
  ffi_cif *const cif = &entry.signature->cif;
  void *values[MOST];
  const unsigned way = take(input, 5);
  for (unsigned i = 0; i < cif->nargs; i++) {
    values[i] = memory_of(cif->arg_types[i]->size);
    fill(values[i], cif->arg_types[i]->size, entry.data + i);
  }
  void *const result = way == 3 ? NULL : memory_of(room_of(cif->rtype));
  depth++;
  if (entry.form == GO)
    ffi_call_go(cif, FFI_FN(there->go.tramp), result, values, &there->go);
  else if (way == 1)
    call_raw(cif, entry.code, result, values);
  else if (way == 2)
    call_planned(input, entry.signature, entry.code, result, values);
#if !FFI_NATIVE_RAW_API
  else if (way == 4)
    call_java_raw(cif, entry.code, result, values);
#endif
  else
    ffi_call(cif, FFI_FN(entry.code), result, values);
  depth--;
  if (result) {
    char expected[LARGEST];
    fill(expected, cif->rtype->size, entry.data + MOST);
    EXPECT(same(cif->rtype, result, expected));
  }
  free(result);
  for (unsigned i = 0; i < cif->nargs; i++)
    free(values[i]);
}

static int can_call(const struct entry *entry) { return entry->closure && entry->form != UNBOUND; }

/* The child has everything that its parent had, and neither sees what the other does with it. */
static void in_a_child(struct bytes *input)
{
  int status;
  if (forks++ >= FORKS)
    return;
  const pid_t child = fork();
  EXPECT(child >= 0);
  if (child == 0) {
    for (int i = 0; i < CLOSURES; i++)
      if (can_call(&entries[i]))
        call(input, &entries[i]);
    for (int i = 0; i < STEPS && input->left; i++)
      step(input);
    _exit(0);
  }
  pid_t ended;
  while ((ended = waitpid(child, &status, 0)) < 0 && errno == EINTR) /* the fuzzer's own alarm */
    ;
  EXPECT(ended == child);
  EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* What is being called is neither freed nor bound anew. */
static void step(struct bytes *input)
{
  struct entry *const entry = &entries[take(input, CLOSURES)];
  struct signature *const signature = &signatures[take(input, CIFS)];
  struct kept *const kept = &plans[take(input, PLANS)];
  const unsigned what = take(input, 16);
  if (depth && what >= 4 && what != 8 && what != 9)
    return;
  switch (what) {
    case 0: prepare(input, signature); break;
    case 1:
      if (!entry->closure)
        get_own(input, entry);
      break;
    case 2:
    case 3:
      if (entry->closure)
        break;
      entry->closure = ffi_closure_alloc(sizeof(ffi_raw_closure) + take(input, 100), &entry->code);
      EXPECT(entry->closure);
      break;
    case 4:
    case 5:
    case 6:
    case 7: bind(input, entry, signature); break;
    case 8:
    case 9:
    case 10:
      if (can_call(entry))
        call(input, entry);
      break;
    case 11:
      for (int i = 0; i < CLOSURES; i++)
        if (can_call(&entries[i]))
          call(input, &entries[i]);
      break;
    case 12:
      if (!kept->plan)
        break;
      kept->signature->users--;
      ffi_call_plan_free(kept->plan);
      kept->plan = NULL;
      break;
    case 13:
      if (take(input, 4) == 0)
        in_a_child(input);
      else if (take(input, 4) == 0)
        ffi_hardened_seal();
      break;
    default:
      drop(entry);
      give_back(entry);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct bytes input = {data, size};
  nested_input = &input;
  forks = 0;
  for (int i = 0; i < CIFS; i++)
    EXPECT(ffi_prep_cif(&signatures[i].cif, FFI_DEFAULT_ABI, 0, &ffi_type_slong,
                        signatures[i].types) == FFI_OK);
  for (int i = 0; i < STEPS && input.left; i++)
    step(&input);
  for (int i = 0; i < CLOSURES; i++) {
    drop(&entries[i]);
    give_back(&entries[i]);
  }
  for (int i = 0; i < PLANS; i++) {
    ffi_call_plan_free(plans[i].plan);
    plans[i].plan = NULL;
  }
  for (int i = 0; i < CIFS; i++)
    signatures[i].users = 0;
  return 0;
}
