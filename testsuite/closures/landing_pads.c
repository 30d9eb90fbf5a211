/* SPDX-License-Identifier: MIT */
/* Area: closures. Purpose: where the processor looks for landing pads, code that jumps into a
   trampoline behind its pad is stopped, in the library's own table, in copies of it and in tables
   that were written. Expected: calls work; one instruction further in lies SIGILL. */
/* { dg-do run } */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <sys/auxv.h>

#include "ffitest.h"

#if defined __aarch64__ && __has_include(<ffi_hardened.h>)
enum { enough = 5000 }; /* closures to need a second table */
static const unsigned long bti = 1ul << 17;

static sigjmp_buf back;

static void stopped(int number) { siglongjmp(back, number); }

static void add(ffi_cif *cif, void *result, void **values, void *user_data)
{
  (void)cif;
  *(ffi_sarg *)result = *(int *)values[0] + *(int *)user_data;
}

/* The signal that a call of this address ends in; 0: it returned. */
static int signal_of(char *code)
{
  int number = sigsetjmp(back, 1);
  if (number == 0)
    ((int (*)(int))(void *)code)(1);
  return number;
}

int main(void)
{
  static int number = 1000;
  static ffi_closure *closures[enough];
  ffi_type *types[] = {&ffi_type_sint};
  ffi_cif cif;
  if (!(getauxval(AT_HWCAP2) & bti))
    ffitest_unsupported("this processor has no landing pads");
  signal(SIGILL, stopped);
  ffitest_prepare(&cif, &ffi_type_sint, 1, types);
  for (int i = 0; i < enough; i++) {
    void *code;
    closures[i] = ffitest_closure(&cif, add, &number, &code);
    if (i != 0 && i != enough / 2 && i != enough - 1)
      continue;
    CHECK_EQUAL(((int (*)(int))code)(i), 1000 + i);
    CHECK_EQUAL(signal_of(code), 0);
    CHECK_EQUAL(signal_of((char *)code + 4), SIGILL);
  }
  for (int i = 0; i < enough; i++)
    ffi_closure_free(closures[i]);
  return ffitest_end();
}
#else
int main(void) { ffitest_unsupported("not built for a hardened libffi on aarch64, where user space has landing pads"); }
#endif
