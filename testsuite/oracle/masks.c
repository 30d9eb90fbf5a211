/* SPDX-License-Identifier: MIT */
/* Finds the register bits that a signature leaves unused. The compiler is the authority: a bit is
   unused when a compiled callee, or caller, does not notice that it was flipped. */
#include <string.h>

#include "runtime.h"

struct masks masks;

static unsigned char probe_result[8192] __attribute__((aligned(64)));
static bool result_differs;

void clear_control(struct shim_control *control, void (*target)(void))
{
  memset(control, 0, sizeof *control);
  control->target = target;
#ifdef SHIM_POPS
  enum kind kind = call.signature->result->kind;
  control->pops = masks.pops;
  control->chain_in_eax = SHIM_ARGUMENT_IN_ECX;
  control->x87_results = kind == KIND_FLOAT || kind == KIND_LONG_DOUBLE;
#endif
#ifdef ORACLE_MICROSOFT
  control->microsoft = 1;
#endif
}

static void probe_once(void)
{
  call.signature->caller(shim_closure, call.value, probe_result);
}

/* True when compiled code sees all arguments and the result as it should. */
static bool unnoticed(void)
{
  unsigned where;
  call.calls = 0;
  call.wrong_args = 0;
  memset(probe_result, 0x5a, call.signature->result->size);
  bool survived = guarded_run(probe_once);
  result_differs =
      !survived || !same_value(call.signature->result, probe_result, call.result_expected, &where);
  return survived && call.calls == 1 && !call.wrong_args && !result_differs;
}

static uintptr_t unused_word(uintptr_t *field)
{
  static const uintptr_t regions[] = {~(uintptr_t)0, ~(uintptr_t)0xff, ~(uintptr_t)0xffff,
                                      (uintptr_t)~(uint64_t)0xffffffff};
  for (unsigned i = 0; i < sizeof regions / sizeof *regions; i++) {
    if (!regions[i])
      continue;
    *field = regions[i];
    bool unused = unnoticed();
    *field = 0;
    if (unused)
      return regions[i];
  }
  return 0;
}

#if SHIM_VECTORS
static void unused_vector(uint64_t field[2], uint64_t found[2])
{
  static const uint64_t regions[][2] = {{~(uint64_t)0, ~(uint64_t)0},
                                        {~(uint64_t)0xffffffff, ~(uint64_t)0},
                                        {0, ~(uint64_t)0}};
  for (unsigned i = 0; i < 3; i++) {
    field[0] = regions[i][0];
    field[1] = regions[i][1];
    bool unused = unnoticed();
    field[0] = field[1] = 0;
    if (unused) {
      memcpy(found, regions[i], sizeof regions[i]);
      return;
    }
  }
}
#endif

/* An __int128 that meets the stack. psABI for AMD64, 3.2.3: it goes there whole, at a multiple of 16, and the one register
   that is left goes to a later argument. clang leaves that register unused, and before 18 it put one half in it and the
   rest at a multiple of 8: nothing can be learnt from such a signature. */
static const char *compiler_fault(void)
{
#if defined __clang__ && defined __x86_64__ && !defined ORACLE_MICROSOFT
  for (int i = 0; i < call.signature->nargs; i++) {
    if (call.signature->args[i]->kind != KIND_INT128)
      continue;
    unsigned registers = 0;
    for (unsigned r = 0; r < SHIM_ARG_GPRS; r++)
      registers += masks.args_in_gprs[r] >> i & 1;
    if (__clang_major__ < 18 && registers < 2)
      return "clang before 18 misplaces an __int128 that meets the stack";
    if (registers == 0 && !masks.args_in_gprs[SHIM_ARG_GPRS - 1])
      return "clang leaves the last register unused when an __int128 did not fit in it";
  }
#endif
  return NULL;
}

/* Where clang's ms_abi on Linux differs from gcc's, which the library follows. */
static const char *compiler_choice(void)
{
#if defined __clang__ && defined __x86_64__ && defined ORACLE_MICROSOFT
  const struct signature *s = call.signature;
  if (s->result->kind == KIND_LONG_DOUBLE)
    return "clang's ms_abi returns long double in st0, gcc's in memory";
  if (s->result->kind == KIND_STRUCT && s->result->size == 0)
    return "clang's ms_abi returns an empty struct in memory, gcc's nowhere";
  for (int i = -1; i < s->nargs; i++) {
    const struct type *type = i < 0 ? s->result : s->args[i];
    if (type->kind == KIND_VECTOR && type->size == 8)
      return "clang's ms_abi passes vectors of 8 bytes like those of 16, gcc's like integers";
  }
#endif
  return NULL;
}

/* The address of a result, where the callee will write: spoilt, it might be that of something else, above all
   where addresses have 32 bits. */
static bool is_result_address(uintptr_t value)
{
  uintptr_t frame = (uintptr_t)__builtin_frame_address(0);
  return value - (uintptr_t)probe_result < sizeof probe_result || value - (frame - 65536) < 2 * 65536;
}

const char *find_masks(void)
{
  memset(&masks, 0, sizeof masks);
  clear_control(&control_closure, call.signature->callee);
#ifdef SHIM_POPS
  control_closure.pops = SHIM_ANY;
#endif
  call.probing = true;
  bool sound = unnoticed();
#ifdef SHIM_POPS
  masks.pops = control_closure.popped;
#endif
  for (unsigned r = 0; r < SHIM_ARG_GPRS && sound; r++) {
    if (is_result_address(control_closure.gpr_in[r]))
      continue;
    control_closure.gpr_xor[r] = ~(uintptr_t)0;
    unnoticed();
    masks.args_in_gprs[r] = call.wrong_args;
    control_closure.gpr_xor[r] = 0;
    masks.gpr[r] = unused_word(&control_closure.gpr_xor[r]);
  }
  for (unsigned r = SHIM_ARG_GPRS; r < SHIM_GPRS; r++)
    masks.gpr[r] = ~(uintptr_t)0;
#ifdef SHIM_SCRATCH_RAX
  if (call.signature->nfixed >= 0)
    masks.gpr[SHIM_SCRATCH_RAX] = 0;
#endif
#if SHIM_VECTORS
  for (unsigned r = 0; r < SHIM_VECTORS && sound; r++)
    unused_vector(control_closure.vector_xor[r], masks.vector[r]);
  for (unsigned r = 0; r < SHIM_RESULT_VECTORS && sound; r++)
    unused_vector(control_closure.result_vector_xor[r], masks.result_vector[r]);
#endif
#ifdef SHIM_VARIADIC_TWICE
  if (call.signature->nfixed >= 0)
    memset(masks.vector, 0, sizeof masks.vector);
#endif
  for (unsigned r = 0; r < SHIM_RESULT_GPRS && sound; r++)
    masks.result_gpr[r] = unused_word(&control_closure.result_gpr_xor[r]);
  call.probing = false;
#ifdef ORACLE_MAY_DISAGREE
  if (!sound)
    return "the compiler's caller and its callee disagree";
#endif
  const char *fault = compiler_fault();
  return fault ? fault : compiler_choice();
}

void spoil_arguments(struct shim_control *control)
{
  for (unsigned r = 0; r < SHIM_GPRS; r++)
    control->gpr_xor[r] = masks.gpr[r] & (uintptr_t)random_word();
#if SHIM_VECTORS
  for (unsigned r = 0; r < SHIM_VECTORS; r++)
    for (unsigned half = 0; half < 2; half++)
      control->vector_xor[r][half] = masks.vector[r][half] & random_word();
#endif
}

void spoil_result(struct shim_control *control)
{
  for (unsigned r = 0; r < SHIM_RESULT_GPRS; r++)
    control->result_gpr_xor[r] = masks.result_gpr[r] & (uintptr_t)random_word();
#if SHIM_VECTORS
  for (unsigned r = 0; r < SHIM_RESULT_VECTORS; r++)
    for (unsigned half = 0; half < 2; half++)
      control->result_vector_xor[r][half] = masks.result_vector[r][half] & random_word();
#endif
}
