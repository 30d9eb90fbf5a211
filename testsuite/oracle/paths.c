/* SPDX-License-Identifier: MIT */
/* The ways from a caller to a callee that must all deliver the same values: direct, ffi_call, plan,
   Go and raw calls, each through a shim that watches the registers. Closures are in closures.c. */
#include <string.h>
#include <sys/mman.h>

#include "paths.h"

ffi_cif cif;
static ffi_type **types;
void **avalue;
static unsigned char *rvalue;
static void *avalue_copy[MAX_ARGS];
static size_t room;
/* The outer shim in a variable, so that it can be called with any function's prototype. */
static void (*volatile outer)(void) = shim_outer;
#define GUARD 64
#define PATTERN 0xa5

void check_shim(const struct shim_control *control, const char *who)
{
  static const struct {
    uintptr_t bit;
    const char *text;
  } faults[] = {{SHIM_BAD_SAVED_REGISTER, "did not preserve a callee-saved register"},
                {SHIM_BAD_STACK_POINTER, "returned with the wrong stack pointer"},
                {SHIM_BAD_DIRECTION_FLAG, "left the direction flag set"},
                {SHIM_BAD_FLOAT_CONTROL, "changed the floating-point control word"},
                {SHIM_BAD_ENTRY_ALIGNMENT, "called with a misaligned stack"},
                {SHIM_BAD_ENTRY_X87_STACK, "called with values on the x87 stack"},
#ifdef SHIM_BAD_PLATFORM_REGISTER
                {SHIM_BAD_PLATFORM_REGISTER, "changed the platform register"},
#endif
#ifdef SHIM_BAD_X87_STACK
                {SHIM_BAD_X87_STACK, "left the wrong number of values on the x87 stack"},
#endif
  };
  for (unsigned i = 0; i < sizeof faults / sizeof *faults; i++)
    if (control->bad & faults[i].bit)
      fail("%s %s", who, faults[i].text);
}

const char *prepare(void)
{
  const struct signature *s = call.signature;
  unsigned n = (unsigned)s->nargs;
  types = guarded(SLOT_TYPES, n * sizeof *types);
  avalue = guarded(SLOT_AVALUE, n * sizeof *avalue);
  for (unsigned i = 0; i < n; i++)
    types[i] = s->args[i]->ffi;
  ffi_status status = s->nfixed < 0 ? ffi_prep_cif(&cif, ORACLE_ABI, n, s->result->ffi, types)
                                    : ffi_prep_cif_var(&cif, ORACLE_ABI, (unsigned)s->nfixed, n,
                                                       s->result->ffi, types);
  if (status != FFI_OK) {
    fail("ffi_prep_cif%s returned %d", s->nfixed < 0 ? "" : "_var", (int)status);
    return "cannot be prepared";
  }
  return NULL;
}

static void check_layout_of(const struct type *type)
{
  size_t size = type->size + (fault == FAULT_LAYOUT);
  if (type->kind != KIND_STRUCT && type->kind != KIND_VECTOR)
    return;
  if (type->ffi->size != size)
    fail("%s: size %zu, the compiler says %zu", type->name, type->ffi->size, size);
  if (type->ffi->alignment != type->align)
    fail("%s: alignment %u, the compiler says %zu", type->name, type->ffi->alignment, type->align);
  if (!type->member_offsets)
    return;
  size_t got[256];
  ffi_type again = *type->ffi;
  again.size = 0;
  again.alignment = 0;
  ffi_status status = ffi_get_struct_offsets(ORACLE_ABI, &again, got);
  if (status != FFI_OK) {
    fail("%s: ffi_get_struct_offsets returned %d", type->name, (int)status);
    return;
  }
  for (unsigned i = 0; type->member_offsets[i] != (size_t)-1; i++)
    if (got[i] != type->member_offsets[i])
      fail("%s: member %u at offset %zu, the compiler says %zu", type->name, i, got[i],
           type->member_offsets[i]);
}

static void run_layout(void)
{
  check_layout_of(call.signature->result);
  for (int i = 0; i < call.signature->nargs; i++)
    check_layout_of(call.signature->args[i]);
}

/* New values, a result buffer of exactly the permitted size, and fences around everything. */
static void arm(void)
{
  const struct signature *s = call.signature;
  fresh_values(s);
  for (int i = 0; i < s->nargs; i++)
    avalue_copy[i] = avalue[i] = call.value[i];
  room = result_room(s->result);
  rvalue = guarded(SLOT_RESULT, room);
  memset(rvalue - GUARD, PATTERN, GUARD + room);
  if (fault == FAULT_ARGUMENT && s->nargs && s->args[0]->leaf_count)
    ((unsigned char *)call.value[0])[s->args[0]->leaves[0].offset] ^= 1;
  clear_control(&control_callee, s->callee);
  spoil_result(&control_callee);
}

static void arm_outer(void (*function)(void))
{
  clear_control(&control_outer, function);
#ifdef SHIM_POPS
  control_outer.pops = control_outer.x87_results = 0;
#endif
#ifdef ORACLE_MICROSOFT
  control_outer.microsoft = 0;
#endif
#ifdef SHIM_MAY_SET_CHAIN
  control_outer.may_set_chain = function == FFI_FN(ffi_call_go);
#endif
  for (unsigned r = SHIM_ARG_GPRS; r < SHIM_GPRS; r++)
    control_outer.gpr_xor[r] = (uintptr_t)random_word();
  if (fault == FAULT_SAVED_REGISTER)
    control_outer.fault = SHIM_FAULT_SAVED_REGISTER;
  if (fault == FAULT_FLOAT_CONTROL)
    control_outer.fault = SHIM_FAULT_FLOAT_CONTROL;
  if (fault == FAULT_DIRECTION_FLAG)
    control_outer.fault = SHIM_FAULT_DIRECTION_FLAG;
}

static void check_called_once(void)
{
  if (call.calls != 1)
    fail("the callee ran %u times", call.calls);
}

static void check_arguments_untouched(void)
{
  const struct signature *s = call.signature;
  if (fault == FAULT_AVALUE && s->nargs)
    avalue[0] = NULL;
  for (int i = 0; i < s->nargs; i++) {
    if (avalue[i] != avalue_copy[i])
      fail("avalue[%d] was changed", i);
    if (fault != FAULT_ARGUMENT)
      check_value(s->args[i], call.value[i], call.expected[i], "the caller's copy of argument", i);
  }
}

#ifdef SHIM_EXTENDS_ARGUMENTS
/* Leading integers arrive extended to whole registers, as code compiled by clang relies on. */
static void check_extension(void)
{
  const struct signature *s = call.signature;
  if (s->result->kind == KIND_STRUCT)
    return;
  unsigned gpr = 0;
  for (int i = 0; i < s->nargs && gpr < SHIM_ARG_GPRS; i++) {
    const struct type *type = s->args[i];
    if (type->kind == KIND_INT128 || type->kind == KIND_STRUCT)
      return;
    if (type->kind != KIND_UNSIGNED && type->kind != KIND_SIGNED && type->kind != KIND_POINTER)
      continue;
    uint64_t want = extended(type, call.expected[i]);
    if (control_callee.gpr_in[gpr] != want && fault != FAULT_ARGUMENT)
      fail("argument %d (%s) arrived as %#llx in its register, not extended to %#llx", i,
           type->name, (unsigned long long)control_callee.gpr_in[gpr], (unsigned long long)want);
    gpr++;
  }
}
#endif

static void check_entry(void)
{
  check_shim(&control_callee, "the callee was");
#ifdef SHIM_EXTENDS_ARGUMENTS
  check_extension();
#endif
#ifdef SHIM_SCRATCH_RAX
  if (call.signature->nfixed >= 0) {
    unsigned used = 0, al = control_callee.gpr_in[SHIM_SCRATCH_RAX] & 0xff;
    for (unsigned r = 0; r < SHIM_VECTORS; r++)
      used += masks.vector[r][0] != ~(uint64_t)0;
    if (al < used || al > 8)
      fail("al is %u, but the variadic call uses %u vector registers", al, used);
  }
#endif
}

static void check_result(void)
{
  const struct type *type = call.signature->result;
  if (fault == FAULT_RESULT && type->leaf_count)
    rvalue[type->leaves[0].offset] ^= 1;
  if (fault == FAULT_UNDERRUN)
    rvalue[-1] ^= 1;
  for (unsigned i = 1; i <= GUARD; i++)
    if (rvalue[-(int)i] != PATTERN) {
      fail("byte %u before the result was written", i);
      break;
    }
  if (is_small_integer(type)) {
    ffi_arg want = (ffi_arg)extended(type, call.result_expected), got;
    memcpy(&got, rvalue, sizeof got);
    if (fault == FAULT_WIDENING)
      got ^= (ffi_arg)1 << (sizeof got * 8 - 1);
    if (got != want)
      fail("the result (%s) was widened to %#llx, expected %#llx", type->name,
           (unsigned long long)got, (unsigned long long)want);
    return;
  }
  check_value(type, rvalue, call.result_expected, "result", -1);
}

static void check_call(void)
{
  check_called_once();
  check_shim(&control_outer, "the library");
  check_entry();
  check_result();
  check_arguments_untouched();
}

static void run_direct(void)
{
  const struct type *type = call.signature->result;
  fresh_values(call.signature);
  room = type->size;
  rvalue = guarded(SLOT_RESULT, room);
  memset(rvalue - GUARD, PATTERN, GUARD + room);
  clear_control(&control_closure, call.signature->callee);
  spoil_arguments(&control_closure);
  spoil_result(&control_closure);
  call.signature->caller(shim_closure, call.value, rvalue);
  check_called_once();
  check_shim(&control_closure, "compiled code");
  check_value(type, rvalue, call.result_expected, "result", -1);
}

static void run_call(void)
{
  arm();
  arm_outer(FFI_FN(ffi_call));
  if (fault == FAULT_CRASH)
    *(volatile int *)16 = 0;
  if (fault != FAULT_NO_CALL)
    ((void (*)(ffi_cif *, void (*)(void), void *, void **))outer)(&cif, shim_callee, rvalue,
                                                                  avalue);
  if (fault == FAULT_OVERRUN)
    rvalue[room] = 0;
  check_call();
}

static void run_call_without_result(void)
{
  arm();
  arm_outer(FFI_FN(ffi_call));
  ((void (*)(ffi_cif *, void (*)(void), void *, void **))outer)(&cif, shim_callee, NULL, avalue);
  check_called_once();
  check_shim(&control_outer, "the library");
  check_entry();
  check_arguments_untouched();
}

#if FFI_VERSION_NUMBER >= 30800
static void run_plan(void)
{
  ffi_call_plan *plan = ffi_call_plan_alloc(&cif);
  if (!plan) {
    fail("ffi_call_plan_alloc returned NULL");
    return;
  }
  for (unsigned round = 0; round < 2; round++) {
    arm();
    arm_outer(FFI_FN(ffi_call_plan_invoke));
    void *result = round ? NULL : rvalue;
    ((void (*)(ffi_call_plan *, void (*)(void), void *, void **))outer)(plan, shim_callee, result,
                                                                        avalue);
    if (round) {
      check_called_once();
      check_shim(&control_outer, "the library");
      check_entry();
      check_arguments_untouched();
    } else {
      if (fault == FAULT_PLAN && room)
        memset(rvalue, 0, room);
      check_call();
    }
  }
  ffi_call_plan_free(plan);
}
#endif

static void run_raw_call(void)
{
  arm();
  size_t size = ffi_raw_size(&cif);
  if (size % sizeof(ffi_raw))
    fail("ffi_raw_size %zu is not a whole number of words", size);
  ffi_raw *raw = guarded(SLOT_RAW, size);
  memset(raw, PATTERN, size);
  ffi_ptrarray_to_raw(&cif, avalue, raw);
  void *back[MAX_ARGS];
  ffi_raw_to_ptrarray(&cif, raw, back);
  for (int i = 0; i < call.signature->nargs; i++)
    check_value(call.signature->args[i], back[i], call.expected[i],
                "through raw and back: argument", i);
  if (fault == FAULT_RAW && size)
    memset(raw, 0, size);
  arm_outer(FFI_FN(ffi_raw_call));
  ((void (*)(ffi_cif *, void (*)(void), void *, ffi_raw *))outer)(&cif, shim_callee, rvalue, raw);
  check_call();
}

#if FFI_GO_CLOSURES && !defined ORACLE_NO_CHAIN
static void run_go_call(void)
{
  arm();
  arm_outer(FFI_FN(ffi_call_go));
  void *chain = &room;
  ((void (*)(ffi_cif *, void (*)(void), void *, void **, void *))outer)(&cif, shim_callee, rvalue,
                                                                        avalue, chain);
  check_call();
  if ((void *)control_callee.gpr_in[SHIM_CHAIN_REGISTER] != chain)
    fail("the static chain register did not hold the Go closure");
}
#endif

const struct path paths[] = {
    {"direct", run_direct},
    {"layout", run_layout},
    {"ffi_call", run_call},
    {"ffi_call, no rvalue", run_call_without_result},
#if FFI_VERSION_NUMBER >= 30800
    {"plan", run_plan},
#endif
    {"raw call", run_raw_call},
#if FFI_GO_CLOSURES && !defined ORACLE_NO_CHAIN
    {"Go call", run_go_call},
#endif
#if FFI_CLOSURES
    {"closure", run_closure},
    {"closure, narrow result", run_narrow_closure},
    {"closure of a closure", run_nested_closure},
    {"closure in the caller's memory", run_foreign_closure},
    {"raw closure", run_raw_closure},
    {"raw closure in the caller's memory", run_foreign_raw_closure},
#endif
#if FFI_GO_CLOSURES
    {"Go closure", run_go_closure},
#endif
};
const unsigned path_count = sizeof paths / sizeof *paths;
