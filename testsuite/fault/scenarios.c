/* SPDX-License-Identifier: MIT */
/* All scenarios: every public function is called in one of them, which the runner checks. */
#include <ffi_hardened.h>
#include <string.h>

#include "scenarios.h"

/* What tells of the library fails in nothing. */
static enum outcome questions(void)
{
  ffi_hardened_info info;
  ffi_hardened_refusal refusal;
  memset(&info, 0, sizeof info);
  if (ffi_get_version_number() != FFI_VERSION_NUMBER || strcmp(ffi_get_version(), FFI_VERSION_STRING) != 0
      || strcmp(ffi_hardened_version(), FFI_HARDENED_VERSION) != 0 || ffi_get_default_abi() != FFI_DEFAULT_ABI
      || ffi_get_closure_size() != sizeof(ffi_closure))
    wrong("the library tells other versions or sizes than its headers");
  if (ffi_hardened_query(&info, sizeof info) == 0)
    wrong("ffi_hardened_query knows nothing");
  for (unsigned i = 0; i < info.refusals; i++)
    if (!ffi_hardened_get_refusal(i, &refusal) || !refusal.step)
      wrong("refusal %u of %u is not told", i, info.refusals);
  if (info.closures > changes_refused())
    wrong("%llu closures are counted, there should be none", (unsigned long long)info.closures);
  const enum outcome outcome = make_closures(80);
  ffi_hardened_seal();
  return make_closures(80) == REFUSED ? REFUSED : outcome;
}

/* The memory of larger closures than usual is from malloc. */
enum { large_closure = 4 * sizeof(ffi_closure) };

/* Faults of these are deliberate, to see that they are reported: a closure that is lost, and one that is used without having been got. */
static enum outcome losing(void)
{
  void *code;
  return ffi_closure_alloc(large_closure, &code) ? WORKED : REFUSED;
}

static enum outcome careless(void)
{
  void *code;
  ffi_closure *const closure = ffi_closure_alloc(large_closure, &code);
  memset(closure, 0, 1);
  memcpy(closure, &code, sizeof code);
  ffi_closure_free(closure);
  return WORKED;
}

#define NO_MEMORY_FOR(what) "libffi: fatal: no memory " what "\n"
#define ROW(name) #name, name
const struct scenario scenarios[] = {
    {ROW(small_signature), 0, 0, NULL},
    {ROW(structs), 0, 0, NULL},
    {ROW(large_signature), 0, 0, NO_MEMORY_FOR("to compile the signature of a call")},
    {ROW(huge_signature), 0, 0, NO_MEMORY_FOR("to compile the signature of a call")},
    {ROW(many_shapes), 0, 1, NULL},
    {ROW(discarded_result), 0, 0, NO_MEMORY_FOR("for the discarded result of a call")},
    {ROW(variadic), 0, 0, NULL},
    {ROW(call_plan), 0, 0, NULL},
    {ROW(huge_call_plan), 0, 0, NO_MEMORY_FOR("to compile the signature of a call")},
    {ROW(raw_call), 0, 0, NULL},
    {ROW(one_closure), 1, 0, NULL},
    {ROW(some_closures), 1, 0, NULL},
    {ROW(many_closures), 1, 0, NULL},
    {ROW(rebinding), 1, 0, NULL},
    {ROW(huge_closure), 1, 0, NO_MEMORY_FOR("to compile the signature of a call")},
    {ROW(raw_closure), 1, 0, NULL},
    {ROW(own_memory), 0, 0, NULL},
    {ROW(raw_own_memory), 0, 0, NULL},
#if !FFI_NATIVE_RAW_API
    {ROW(java_raw_call), 0, 0, NULL},
    {ROW(java_raw_closure), 1, 0, NULL},
    {ROW(java_raw_own_memory), 0, 0, NULL},
#endif
#if FFI_GO_CLOSURES
    {ROW(go_closure), 0, 0, NULL},
#endif
    {ROW(other_thread), 1, 0, NULL},
    {ROW(forked), 1, 0, NULL},
    {ROW(questions), 1, 0, NULL},
    {ROW(losing), 0, 0, NULL},
    {ROW(careless), 0, 0, NULL},
    {NULL, NULL, 0, 0, NULL},
};
