/* SPDX-License-Identifier: MIT */
/* Area: go. Purpose: calls that hand a Go closure over in the static chain register, and Go
   closures called that way. Expected: the callee finds the closure in that register; a handler gets
   its own closure as user_data. */
/* { dg-do run } */
#include "ffitest.h"

#if !FFI_GO_CLOSURES
int main(void) { ffitest_unsupported("this libffi has no Go closures here"); }
#else

/* read_chain: a function that returns what the static chain register holds. call_with_chain: loads
   the register and calls its first argument with the rest. */
#if defined __x86_64__
__asm__(".text\n"
        ".globl read_chain\nread_chain:\n  movq %r10, %rax\n  ret\n"
        ".globl call_with_chain\ncall_with_chain:\n  movq %rdi, %rax\n  movq %rsi, %r10\n  movq "
        "%rdx, %rdi\n"
        "  movq %rcx, %rsi\n  jmp *%rax\n");
#elif defined __i386__
__asm__(".text\n"
        ".globl read_chain\nread_chain:\n  movl %ecx, %eax\n  ret\n"
        ".globl call_with_chain\ncall_with_chain:\n  movl 8(%esp), %ecx\n  movl 4(%esp), %eax\n"
        "  subl $20, %esp\n  movl 32(%esp), %edx\n  movl %edx, (%esp)\n  movl 36(%esp), %edx\n"
        "  movl %edx, 4(%esp)\n  call *%eax\n  addl $20, %esp\n  ret\n");
#elif defined __aarch64__
__asm__(".text\n"
        ".globl read_chain\nread_chain:\n  hint 34\n  mov x0, x18\n  ret\n"
        ".globl call_with_chain\ncall_with_chain:\n  hint 34\n  mov x16, x0\n  mov x18, x1\n  mov "
        "x0, x2\n  mov x1, x3\n"
        "  br x16\n");
#else
#error "This machine's static chain register is not known here."
#endif
void *read_chain(void);
long call_with_chain(void *code, void *chain, long a, long b);

static void test_calls(void)
{
  ffi_cif cif;
  ffi_type *l = &ffi_type_slong, *d = &ffi_type_double;
  ffi_type *types[] = {l, d, l, d, l, d, l, d, l, d, l, d, l, d, l, d, l, d, l, d};
  long n = 3;
  double x = 4;
  void *avalue[20];
  for (int i = 0; i < 20; i++)
    avalue[i] = i % 2 ? (void *)&x : (void *)&n;
  for (unsigned count = 0; count <= 20; count += 5) {
    void *got = NULL;
    ffitest_prepare(&cif, &ffi_type_pointer, count, types);
    ffi_call_go(&cif, FFI_FN(read_chain), &got, avalue, &cif);
    CHECK(got == &cif);
    ffi_call_go(&cif, FFI_FN(read_chain), &got, avalue, &n);
    CHECK(got == &n);
  }
}

struct go_value {
  ffi_go_closure closure;
  long captured;
};

static void handler(ffi_cif *cif, void *result, void **values, void *user_data)
{
  struct go_value *value = (struct go_value *)user_data;
  CHECK(value->closure.cif == cif);
  *(ffi_sarg *)result = *(long *)values[0] * 10 + *(long *)values[1] + value->captured;
}

static void test_closures(void)
{
  ffi_cif cif;
  ffi_type *types[] = {&ffi_type_slong, &ffi_type_slong};
  struct go_value values[3] = {{.captured = 1000}, {.captured = 2000}, {.captured = 3000}};
  ffitest_prepare(&cif, &ffi_type_slong, 2, types);
  for (int i = 0; i < 3; i++) {
    CHECK_EQUAL(ffi_prep_go_closure(&values[i].closure, &cif, handler), FFI_OK);
    CHECK(values[i].closure.cif == &cif && values[i].closure.fun == handler &&
          values[i].closure.tramp);
  }
  for (int i = 0; i < 9; i++) {
    struct go_value *value = &values[i % 3];
    CHECK_EQUAL(call_with_chain(value->closure.tramp, value, i, -2), value->captured + i * 10 - 2);
    /* And through ffi_call_go, which puts the closure where the trampoline looks for it. */
    long a = i, b = 7;
    ffi_sarg got = 0;
    ffi_call_go(&cif, FFI_FN(value->closure.tramp), &got, (void *[]){&a, &b}, value);
    CHECK_EQUAL(got, value->captured + i * 10 + 7);
  }
}

/* Floating-point arguments and a struct in memory as the result. */
struct triple { double a, b, c; };
static void turn(ffi_cif *cif, void *result, void **values, void *user_data)
{
  struct triple x = *(struct triple *)values[1];
  (void)cif;
  CHECK(user_data != NULL);
  *(struct triple *)result = (struct triple){x.c + *(double *)values[0], x.a, x.b};
}

static void test_struct(void)
{
  ffi_type *d = &ffi_type_double, *elements[] = {d, d, d, NULL};
  ffi_type type = {0, 0, FFI_TYPE_STRUCT, elements}, *types[] = {d, &type};
  ffi_cif cif;
  ffi_go_closure closure;
  struct triple x = {1, 2, 3}, got = {0, 0, 0};
  double y = 0.5;
  ffitest_prepare(&cif, &type, 2, types);
  CHECK_EQUAL(ffi_prep_go_closure(&closure, &cif, turn), FFI_OK);
  ffi_call_go(&cif, FFI_FN(closure.tramp), &got, (void *[]){&y, &x}, &closure);
  CHECK(got.a == 3.5 && got.b == 1 && got.c == 2);
}

int main(void)
{
  test_calls();
  test_closures();
  test_struct();
  return ffitest_end();
}
#endif
