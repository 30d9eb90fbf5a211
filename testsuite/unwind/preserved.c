/* SPDX-License-Identifier: MIT */
/* What an unwinder says of the registers that a closure of Microsoft's convention preserves and one of
   the platform's own need not: rdi and rsi, as its caller left them. (libgcc's unwinder on Linux keeps
   account of no vector register; run looks at the rules for those.) */
#include <unwind.h>

#include "ffitest.h"

#ifndef __x86_64__
int main(void) { ffitest_unsupported("the Microsoft convention is x86-64's"); }
#else
/* marked(code): calls code() with known values in rdi and rsi. */
__asm__(".text\n.globl marked\n.type marked, @function\nmarked:\n  .cfi_startproc\n"
        "  pushq %rbp\n  .cfi_def_cfa_offset 16\n  .cfi_offset %rbp, -16\n  movq %rsp, %rbp\n"
        "  .cfi_def_cfa_register %rbp\n  subq $32, %rsp\n  movq %rdi, %rax\n"
        "  movq $0x1d1d1d, %rdi\n  movq $0x515151, %rsi\n  call *%rax\n"
        "  leave\n  .cfi_def_cfa %rsp, 8\n  ret\n  .cfi_endproc\n.size marked, . - marked\n");
void marked(void *code);

enum { RSI = 4, RDI = 5 }; /* System V psABI for AMD64, figure 3.36 */
static unsigned found;

static _Unwind_Reason_Code look(struct _Unwind_Context *context, void *unused)
{
  (void)unused;
  if (_Unwind_FindEnclosingFunction((void *)(_Unwind_GetIP(context) - 1)) != (void *)marked)
    return _URC_NO_REASON;
  found++;
  CHECK_EQUAL(_Unwind_GetGR(context, RDI), 0x1d1d1d);
  CHECK_EQUAL(_Unwind_GetGR(context, RSI), 0x515151);
  return _URC_END_OF_STACK;
}

static void handler(ffi_cif *cif, void *result, void **values, void *user_data)
{
  (void)cif, (void)result, (void)values, (void)user_data;
  _Unwind_Backtrace(look, NULL);
}

int main(void)
{
  ffi_cif cif;
  void *code;
  REQUIRE(ffi_prep_cif(&cif, FFI_GNUW64, 0, &ffi_type_void, NULL) == FFI_OK);
  ffi_closure *closure = ffitest_closure(&cif, handler, NULL, &code);
  marked(code);
  CHECK_EQUAL(found, 1);
  ffi_closure_free(closure);
  return ffitest_end();
}
#endif
