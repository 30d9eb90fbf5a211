/* SPDX-License-Identifier: MIT */
/* The ways through closures: compiled code calls one with every unused bit spoilt, and the handler
   checks each argument and gives the result. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "paths.h"

static int token;          /* user_data, by address */
static bool narrow;        /* the handler writes the declared width only */
static void *inner_code;   /* when set, the handler passes the call on to this closure */

static void give_result(void *result)
{
  const struct type *type = call.signature->result;
  if (is_small_integer(type) && !narrow) {
    ffi_arg word = (ffi_arg)extended(type, call.result_expected);
    memcpy(result, &word, sizeof word);
  } else if (type->kind != KIND_VOID) {
    memcpy(result, call.result_expected, type->size);
  }
#ifdef SHIM_SPOIL
  SHIM_SPOIL();
#endif
}

static void take_arguments(void *result, void **values, bool aligned)
{
  const struct signature *s = call.signature;
  call.calls++;
  if (aligned && result && s->result->kind != KIND_VOID && (uintptr_t)result % s->result->align)
    fail("the handler's result lies at %p, not a multiple of %zu", result, s->result->align);
  for (int i = 0; i < s->nargs; i++) {
    if (aligned && (uintptr_t)values[i] % s->args[i]->align)
      fail("avalue[%d] (%s) is %p, not a multiple of %zu", i, s->args[i]->name, values[i],
           s->args[i]->align);
    if (fault == FAULT_CLOSURE_ARGUMENT && s->args[i]->leaf_count)
      ((unsigned char *)values[i])[s->args[i]->leaves[0].offset] ^= 1;
    check_value(s->args[i], values[i], call.expected[i], "the handler's argument", i);
  }
}

/* Arguments are the callee's own: what a handler writes there reaches nobody. */
static void spoil_values(void **values)
{
  for (int i = 0; i < call.signature->nargs; i++)
    memset(values[i], 0x77, call.signature->args[i]->size);
}

static void handle(ffi_cif *got, void *result, void **values, void *user_data)
{
  if (got != &cif)
    fail("the handler got another cif");
  if (user_data != &token)
    fail("the handler got another user_data");
  take_arguments(result, values, true);
  if (!inner_code) {
    spoil_values(values);
    give_result(result);
    return;
  }
  void *code = inner_code;
  inner_code = NULL;
  clear_control(&control_inner, FFI_FN(code));
  ffi_call(&cif, shim_inner, result, values);
  check_shim(&control_inner, "the inner closure");
}

static void call_compiled(void (*code)(void), void *chain)
{
  const struct signature *s = call.signature;
  fresh_values(s);
  unsigned char *result = guarded(SLOT_RESULT, s->result->size);
  memset(result, 0xa5, s->result->size);
  clear_control(&control_closure, code);
  spoil_arguments(&control_closure);
  control_closure.chain = chain;
  spoil_result(&control_closure);
  s->caller(shim_closure, call.value, result);
  check_shim(&control_closure, "the closure");
  check_value(s->result, result, call.result_expected, "result", -1);
  for (int i = 0; i < s->nargs; i++)
    check_value(s->args[i], call.value[i], call.expected[i], "the caller's copy of argument", i);
#ifdef SHIM_EXTENDS_RESULTS
  if (is_small_integer(s->result) && s->result->size < 4) {
    uint32_t want = (uint32_t)extended(s->result, call.result_expected);
    if ((uint32_t)control_closure.result_gpr_out[0] != want)
      fail("the closure returned %#x, not extended to %#x",
           (uint32_t)control_closure.result_gpr_out[0], want);
  }
#endif
#ifdef SHIM_MEMORY_RESULT
  if (s->result->kind == KIND_STRUCT && s->result->size > 16
      && control_closure.result_gpr_out[0] != SHIM_MEMORY_RESULT(control_closure))
    fail("the closure did not return the address of its result");
#endif
}

static void check_calls(unsigned expected)
{
  if (call.calls != expected)
    fail("%u handlers ran, expected %u", call.calls, expected);
}

/* A prepared closure in *code; NULL, and a failure, when there is none. */
static ffi_closure *make(void **code)
{
  ffi_closure *closure = ffi_closure_alloc(sizeof(ffi_closure), code);
  if (!closure) {
    fail("ffi_closure_alloc returned NULL");
    return NULL;
  }
  ffi_status status = ffi_prep_closure_loc(closure, &cif, handle, &token, *code);
  if (status != FFI_OK) {
    fail("ffi_prep_closure_loc returned %d", (int)status);
    ffi_closure_free(closure);
    return NULL;
  }
  return closure;
}

void run_closure(void)
{
  void *code;
  ffi_closure *closure = make(&code);
  if (!closure)
    return;
  call_compiled(FFI_FN(code), NULL);
  check_calls(1);
  ffi_closure_free(closure);
}

void run_narrow_closure(void)
{
  narrow = true;
  run_closure();
  narrow = false;
}

void run_nested_closure(void)
{
  void *code, *second;
  ffi_closure *closure = make(&code), *inner = make(&second);
  if (closure && inner) {
    inner_code = second;
    call_compiled(FFI_FN(code), NULL);
    inner_code = NULL;
    check_calls(2);
  }
  if (closure)
    ffi_closure_free(closure);
  if (inner)
    ffi_closure_free(inner);
}

/* Room for any closure in memory of the caller's own, never twice running in one place; NULL, and a failure, when
   there is none. */
static void *foreign_memory(void)
{
  static unsigned char *memory;
  if (!memory) {
    memory =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
      memory = NULL;
      fail("no writable and executable memory for a closure of the caller's own");
      return NULL;
    }
  }
  return memory + random_word() % 64 * 8;
}

void run_foreign_closure(void)
{
  ffi_closure *closure = foreign_memory();
  if (!closure)
    return;
  ffi_status status = ffi_prep_closure_loc(closure, &cif, handle, &token, closure);
  if (status != FFI_OK) {
    fail("ffi_prep_closure_loc returned %d", (int)status);
    return;
  }
  call_compiled(FFI_FN(closure), NULL);
  check_calls(1);
}

static void handle_raw(ffi_cif *got, void *result, ffi_raw *raw, void *user_data)
{
  void *values[MAX_ARGS];
  if (got != &cif)
    fail("the raw handler got another cif");
  if (user_data != &token)
    fail("the raw handler got another user_data");
  ffi_raw_to_ptrarray(&cif, raw, values);
  take_arguments(result, values, false);
  give_result(result);
}

void run_raw_closure(void)
{
  void *code;
  ffi_raw_closure *closure = ffi_closure_alloc(sizeof(ffi_raw_closure), &code);
  if (!closure) {
    fail("ffi_closure_alloc returned NULL");
    return;
  }
  ffi_status status = ffi_prep_raw_closure_loc(closure, &cif, handle_raw, &token, code);
  if (status != FFI_OK)
    fail("ffi_prep_raw_closure_loc returned %d", (int)status);
  else {
    call_compiled(FFI_FN(code), NULL);
    check_calls(1);
  }
  ffi_closure_free(closure);
}

void run_foreign_raw_closure(void)
{
  ffi_raw_closure *closure = foreign_memory();
  if (!closure)
    return;
  ffi_status status = ffi_prep_raw_closure_loc(closure, &cif, handle_raw, &token, closure);
  if (status != FFI_OK) {
    fail("ffi_prep_raw_closure_loc returned %d", (int)status);
    return;
  }
  call_compiled(FFI_FN(closure), NULL);
  check_calls(1);
}

#if FFI_GO_CLOSURES
static ffi_go_closure go;

static void handle_go(ffi_cif *got, void *result, void **values, void *user_data)
{
  if (got != &cif)
    fail("the Go handler got another cif");
  if (user_data != &go)
    fail("the Go handler did not get its closure");
  take_arguments(result, values, true);
  give_result(result);
}

void run_go_closure(void)
{
  ffi_status status = ffi_prep_go_closure(&go, &cif, handle_go);
#ifdef ORACLE_NO_CHAIN
  if (status != FFI_BAD_ABI)
    fail("ffi_prep_go_closure returned %d, but has no register for the closure", (int)status);
  return;
#endif
  if (status != FFI_OK) {
    fail("ffi_prep_go_closure returned %d", (int)status);
    return;
  }
  call_compiled(FFI_FN(go.tramp), &go);
  check_calls(1);
}
#endif
