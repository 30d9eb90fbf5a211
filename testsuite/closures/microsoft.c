/* SPDX-License-Identifier: MIT */
/* Area: the Microsoft convention on x86-64, FFI_WIN64 and FFI_GNUW64. Purpose: calls and closures of
   every kind against functions compiled with ms_abi, and what a C compiler cannot be made to show:
   both registers of a floating-point argument, a callee that writes to its home space, and every
   register that a closure has to preserve. Expected: values arrive; nothing else changes. */
/* { dg-do run } */
#include <stdarg.h>
#include <sys/mman.h>

#include "ffitest.h"

#ifndef __x86_64__
int main(void) { ffitest_unsupported("the Microsoft convention is x86-64's"); }
#else
#define MS __attribute__((ms_abi))

struct small { short a, b; };
struct odd { char c[3]; };
struct large { long a, b, c; };

static ffi_type *small_members[] = {&ffi_type_sshort, &ffi_type_sshort, NULL};
static ffi_type *odd_members[] = {&ffi_type_schar, &ffi_type_schar, &ffi_type_schar, NULL};
static ffi_type *large_members[] = {&ffi_type_slong, &ffi_type_slong, &ffi_type_slong, NULL};
static ffi_type small_type = {0, 0, FFI_TYPE_STRUCT, small_members};
static ffi_type odd_type = {0, 0, FFI_TYPE_STRUCT, odd_members};
static ffi_type large_type = {0, 0, FFI_TYPE_STRUCT, large_members};

static const ffi_abi abis[] = {FFI_WIN64, FFI_EFI64, FFI_GNUW64};

/* ---- Calls ---- */

static struct large MS mixed(signed char a, double b, struct small c, struct odd d, struct large e,
                             float f, unsigned short g, void *h)
{
  struct large result = {a + (long)b + c.a, d.c[2] + e.b + (long)f, g + (h != NULL)};
  e.a = 77; /* its own copy */
  return result;
}

static ffi_type *mixed_types[] = {&ffi_type_schar, &ffi_type_double, &small_type,      &odd_type,
                                  &large_type,     &ffi_type_float,  &ffi_type_ushort, &ffi_type_pointer};
static signed char a = -3;
static double b = 20.5;
static struct small c = {1000, 2};
static struct odd d = {{1, 2, 3}};
static struct large e = {5, 600, 7};
static float f = 70000;
static unsigned short g = 65535;
static void *h = &h;
static void *mixed_values[] = {&a, &b, &c, &d, &e, &f, &g, &h};

static struct small MS return_small(struct small x) { return (struct small){x.b, x.a}; }
static struct odd MS return_odd(struct odd x) { return (struct odd){{x.c[2], x.c[1], x.c[0]}}; }
static signed char MS return_narrow(int x) { return (signed char)x; }
static float MS return_float(float x) { return -x; }

static void test_calls(ffi_abi abi)
{
  ffi_cif cif;
  struct large got = {0};
  REQUIRE(ffi_prep_cif(&cif, abi, 8, &large_type, mixed_types) == FFI_OK);
  CHECK_EQUAL(cif.abi, abi);
  ffi_call(&cif, FFI_FN(mixed), &got, mixed_values);
  CHECK(got.a == 1017 && got.b == 70603 && got.c == 65536);
  CHECK_EQUAL(e.a, 5);

  ffi_type *types[] = {&small_type};
  struct small half;
  REQUIRE(ffi_prep_cif(&cif, abi, 1, &small_type, types) == FFI_OK);
  ffi_call(&cif, FFI_FN(return_small), &half, (void *[]){&c});
  CHECK(half.a == 2 && half.b == 1000);
  types[0] = &odd_type;
  struct odd turned;
  REQUIRE(ffi_prep_cif(&cif, abi, 1, &odd_type, types) == FFI_OK);
  ffi_call(&cif, FFI_FN(return_odd), &turned, (void *[]){&d});
  CHECK(turned.c[0] == 3 && turned.c[1] == 2 && turned.c[2] == 1);
  types[0] = &ffi_type_sint;
  int wide = 0x12345680;
  ffi_sarg narrow;
  REQUIRE(ffi_prep_cif(&cif, abi, 1, &ffi_type_schar, types) == FFI_OK);
  ffi_call(&cif, FFI_FN(return_narrow), &narrow, (void *[]){&wide});
  CHECK_EQUAL(narrow, -128);
  types[0] = &ffi_type_float;
  float negated;
  REQUIRE(ffi_prep_cif(&cif, abi, 1, &ffi_type_float, types) == FFI_OK);
  ffi_call(&cif, FFI_FN(return_float), &negated, (void *[]){&f});
  CHECK(negated == -70000);
}

/* A callee with an ellipsis finds floating point in the integer registers. */
static double MS sum(int count, ...)
{
  __builtin_ms_va_list list;
  double total = 0;
  __builtin_ms_va_start(list, count);
  while (count-- > 0)
    total += __builtin_va_arg(list, double);
  __builtin_ms_va_end(list);
  return total;
}

static void test_varargs(ffi_abi abi)
{
  ffi_cif cif;
  ffi_type *D = &ffi_type_double, *types[] = {&ffi_type_sint, D, D, D, D, D};
  int count = 5;
  double x[] = {1.5, 2.25, -4, 1000, 0.125}, got = 0;
  void *values[] = {&count, &x[0], &x[1], &x[2], &x[3], &x[4]};
  REQUIRE(ffi_prep_cif_var(&cif, abi, 1, 6, &ffi_type_double, types) == FFI_OK);
  ffi_call(&cif, FFI_FN(sum), &got, values);
  CHECK(got == 999.875);
  /* Nor does it matter that the caller did not know of the ellipsis. */
  got = 0;
  REQUIRE(ffi_prep_cif(&cif, abi, 6, &ffi_type_double, types) == FFI_OK);
  ffi_call(&cif, FFI_FN(sum), &got, values);
  CHECK(got == 999.875);
}

/* in_both: whether the second argument is in rdx as it is in xmm1. spoil_home: writes to its home
   space, and returns its fifth argument. */
__asm__(".text\n"
        ".globl in_both\nin_both:\n  movq %xmm1, %rax\n  cmpq %rax, %rdx\n  sete %al\n  ret\n"
        ".globl spoil_home\nspoil_home:\n  movq $-1, %rax\n  movq %rax, 8(%rsp)\n  movq %rax, 16(%rsp)\n"
        "  movq %rax, 24(%rsp)\n  movq %rax, 32(%rsp)\n  movq 40(%rsp), %rax\n  ret\n");
void in_both(void);
void spoil_home(void);

static void test_places(ffi_abi abi)
{
  ffi_cif cif;
  ffi_type *l = &ffi_type_slong, *types[] = {l, &ffi_type_double, l, l, l};
  long n = 12345678901;
  ffi_arg got = 0;
  void *values[] = {&n, &b, &n, &n, &n};
  REQUIRE(ffi_prep_cif(&cif, abi, 2, &ffi_type_uint8, types) == FFI_OK);
  ffi_call(&cif, FFI_FN(in_both), &got, values);
  CHECK_EQUAL(got, 1);
  REQUIRE(ffi_prep_cif(&cif, abi, 5, l, types) == FFI_OK);
  ffi_call(&cif, FFI_FN(spoil_home), &got, values);
  CHECK_EQUAL(got, n);
}

/* ---- Closures ---- */

/* Uses up all registers that only the platform's own callees may spoil. */
static void spoil_registers(void)
{
  __asm__ volatile("pcmpeqd %%xmm6, %%xmm6\n movdqa %%xmm6, %%xmm7\n movdqa %%xmm6, %%xmm8\n"
                   "movdqa %%xmm6, %%xmm9\n movdqa %%xmm6, %%xmm10\n movdqa %%xmm6, %%xmm11\n"
                   "movdqa %%xmm6, %%xmm12\n movdqa %%xmm6, %%xmm13\n movdqa %%xmm6, %%xmm14\n"
                   "movdqa %%xmm6, %%xmm15\n movq $-1, %%rdi\n movq $-1, %%rsi\n"
                   :
                   :
                   : "rdi", "rsi", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12",
                     "xmm13", "xmm14", "xmm15");
}

static void handle_mixed(ffi_cif *cif, void *result, void **values, void *user_data)
{
  (void)cif;
  CHECK(user_data == &c);
  struct small *half = values[2];
  struct odd *odd = values[3];
  struct large *large = values[4];
  *(struct large *)result = (struct large){
      *(signed char *)values[0] + (long)*(double *)values[1] + half->a,
      odd->c[2] + large->b + (long)*(float *)values[5],
      *(unsigned short *)values[6] + (*(void **)values[7] != NULL)};
  large->a = 78; /* the caller's copy */
  spoil_registers();
}

typedef struct large MS mixed_function(signed char, double, struct small, struct odd, struct large,
                                       float, unsigned short, void *);

static void call_mixed(void *code)
{
  struct large got = ((mixed_function *)code)(a, b, c, d, e, f, g, h);
  CHECK(got.a == 1017 && got.b == 70603 && got.c == 65536);
  CHECK_EQUAL(e.a, 5);
}

/* watched(code, what): fills every register that a callee preserves, calls code(1, 2.0) and returns how
   many of them changed, or 100 if the result is not what. */
__asm__(
    ".text\n.globl watched\nwatched:\n"
    "  pushq %rbp\n  movq %rsp, %rbp\n  pushq %rbx\n  pushq %r12\n  pushq %r13\n  pushq %r14\n"
    "  pushq %r15\n  subq $40, %rsp\n"
    "  movq %rdi, %rax\n  movq %rsi, -48(%rbp)\n"
    ".irp n, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n"
    "  movq $0x5a5a5a00 + \\n, %rcx\n  movq %rcx, %xmm\\n\n  punpcklqdq %xmm\\n, %xmm\\n\n"
    ".endr\n"
    ".irp r, rbx, rdi, rsi, r12, r13, r14, r15\n  movq $0x1234567, %\\r\n.endr\n"
    "  movl $1, %ecx\n  movq $0x4000000000000000, %rdx\n  movq %rdx, %xmm1\n  xorl %edx, %edx\n"
    "  call *%rax\n"
    "  xorl %edx, %edx\n"
    ".irp n, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n"
    "  movq $0x5a5a5a00 + \\n, %rcx\n  movq %rcx, %xmm1\n  punpcklqdq %xmm1, %xmm1\n"
    "  pcmpeqb %xmm\\n, %xmm1\n  pmovmskb %xmm1, %ecx\n  cmpl $0xffff, %ecx\n  je 1f\n  incl %edx\n1:\n"
    ".endr\n"
    ".irp r, rbx, rdi, rsi, r12, r13, r14, r15\n"
    "  cmpq $0x1234567, %\\r\n  je 1f\n  incl %edx\n1:\n"
    ".endr\n"
    "  cmpq %rax, -48(%rbp)\n  je 1f\n  movl $100, %edx\n1: movl %edx, %eax\n"
    "  leaq -40(%rbp), %rsp\n  popq %r15\n  popq %r14\n  popq %r13\n  popq %r12\n  popq %rbx\n"
    "  popq %rbp\n  ret\n");
unsigned watched(void *code, long what);

static void handle_watched(ffi_cif *cif, void *result, void **values, void *user_data)
{
  (void)cif, (void)user_data;
  *(ffi_sarg *)result = *(int *)values[0] * 100 + (ffi_sarg)*(double *)values[1];
  spoil_registers();
}

#if !FFI_NATIVE_RAW_API
static void handle_raw(ffi_cif *cif, void *result, ffi_raw *raw, void *user_data)
{
  double x;
  (void)cif, (void)user_data;
  memcpy(&x, &raw[1], sizeof x);
  *(ffi_sarg *)result = raw[0].sint * 100 + (ffi_sarg)x;
  spoil_registers();
}

static void handle_java_raw(ffi_cif *cif, void *result, ffi_java_raw *raw, void *user_data)
{
  handle_raw(cif, result, (ffi_raw *)raw, user_data);
}
#endif

static void test_closures(ffi_abi abi)
{
  ffi_cif cif, watched_cif;
  void *code, *raw_code;
  ffi_type *types[] = {&ffi_type_sint, &ffi_type_double};
  REQUIRE(ffi_prep_cif(&cif, abi, 8, &large_type, mixed_types) == FFI_OK);
  REQUIRE(ffi_prep_cif(&watched_cif, abi, 2, &ffi_type_slong, types) == FFI_OK);
  ffi_closure *closure = ffitest_closure(&cif, handle_mixed, &c, &code);
  call_mixed(code);
  /* Bound anew, to a function with other registers, and back. */
  REQUIRE(ffi_prep_closure_loc(closure, &watched_cif, handle_watched, NULL, code) == FFI_OK);
  CHECK_EQUAL(watched(code, 102), 0);
  REQUIRE(ffi_prep_closure_loc(closure, &cif, handle_mixed, &c, code) == FFI_OK);
  call_mixed(code);
  struct large got = {0};
  ffi_call(&cif, FFI_FN(code), &got, mixed_values);
  CHECK(got.a == 1017 && got.b == 70603 && got.c == 65536);
  ffi_closure_free(closure);

  ffi_closure *own = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  REQUIRE(own != MAP_FAILED);
  REQUIRE(ffi_prep_closure_loc(own, &cif, handle_mixed, &c, own) == FFI_OK);
  call_mixed(own);
  REQUIRE(ffi_prep_closure_loc(own, &watched_cif, handle_watched, NULL, own) == FFI_OK);
  CHECK_EQUAL(watched(own, 102), 0);
  munmap(own, 4096);

#if !FFI_NATIVE_RAW_API
  ffi_raw_closure *raw = ffi_closure_alloc(sizeof *raw, &raw_code);
  REQUIRE(raw && ffi_prep_raw_closure_loc(raw, &watched_cif, handle_raw, NULL, raw_code) == FFI_OK);
  CHECK_EQUAL(watched(raw_code, 102), 0);
  ffi_closure_free(raw);
  ffi_java_raw_closure *java = ffi_closure_alloc(sizeof *java, &raw_code);
  REQUIRE(java && ffi_prep_java_raw_closure_loc(java, &watched_cif, handle_java_raw, NULL, raw_code) == FFI_OK);
  CHECK_EQUAL(watched(raw_code, 102), 0);
  ffi_closure_free(java);
#endif
}

/* Go closures: the chain register is r10 here, too. */
static ffi_go_closure go;
static void handle_go(ffi_cif *cif, void *result, void **values, void *user_data)
{
  CHECK(user_data == &go);
  handle_watched(cif, result, values, NULL);
}

static void test_go(ffi_abi abi)
{
  ffi_cif cif;
  ffi_type *types[] = {&ffi_type_sint, &ffi_type_double};
  int n = 3;
  double x = 4;
  ffi_sarg got = 0;
  REQUIRE(ffi_prep_cif(&cif, abi, 2, &ffi_type_slong, types) == FFI_OK);
  REQUIRE(ffi_prep_go_closure(&go, &cif, handle_go) == FFI_OK);
  ffi_call_go(&cif, FFI_FN(go.tramp), &got, (void *[]){&n, &x}, &go);
  CHECK_EQUAL(got, 304);
}

int main(void)
{
  for (unsigned i = 0; i < sizeof abis / sizeof *abis; i++) {
    test_calls(abis[i]);
    test_varargs(abis[i]);
    test_places(abis[i]);
    test_closures(abis[i]);
    test_go(abis[i]);
  }
  return ffitest_end();
}
#endif
