/* SPDX-License-Identifier: MIT */
/* The chain of frame pointers, which profilers walk, leads from a callee and from a handler to main
   (libffi issue 12: libffi 3.8.0 breaks it). Compiled with -fno-omit-frame-pointer. */
#include "ffitest.h"

#if defined __x86_64__ || defined __i386__ || defined __aarch64__
struct frame {
  struct frame *up;
  void *return_address;
};

static void *returns[64];
static int depth;
static void *main_begin, *main_end, *caller_begin, *caller_end;

/* A return address without the signature that aarch64's saved ones may carry, as profilers take it
   off. */
static void *plain(void *address)
{
#ifdef __aarch64__
  register void *link __asm__("x30") = address;
  __asm__("hint 7" /* xpaclri */ : "+r"(link));
  return link;
#else
  return address;
#endif
}

/* Every frame must lie above the one below it, as far as main's. */
static __attribute__((noinline)) void walk(void)
{
  struct frame *frame = __builtin_frame_address(0);
  for (depth = 0; depth < 64; depth++) {
    returns[depth] = plain(frame->return_address);
    if ((char *)returns[depth] >= (char *)main_begin && (char *)returns[depth] < (char *)main_end) {
      depth++;
      return;
    }
    struct frame *up = frame->up;
    if (up <= frame || (char *)up - (char *)frame > 1 << 20)
      return; /* the chain is broken; whoever checks misses main */
    frame = up;
  }
}

static bool returns_into(void *begin, void *end)
{
  for (int i = 0; i < depth; i++)
    if ((char *)returns[i] >= (char *)begin && (char *)returns[i] < (char *)end)
      return true;
  return false;
}

struct large { long values[20]; };
static int callee(int x)
{
  walk();
  return x + 1;
}
static struct large spilling(long a, long b, long c, long d, long e, long f, long g, double h,
                             struct large i)
{
  walk();
  i.values[0] = a + b + c + d + e + f + g + (long)h;
  return i;
}
static void handler(ffi_cif *cif, void *result, void **values, void *user_data)
{
  (void)cif, (void)user_data;
  walk();
  *(ffi_sarg *)result = *(int *)values[0] + 1;
}

static ffi_cif small_cif, large_cif;
static void *code;

/* Sections mark where the code of the callers and of main begins and ends. */
#define IN(section_) __attribute__((noinline, section(#section_)))
IN(callers) static void by_call(void)
{
  int x = 1;
  ffi_sarg result;
  ffi_call(&small_cif, FFI_FN(callee), &result, (void *[]){&x});
  CHECK_EQUAL(result, 2);
}
IN(callers) static void by_large_call(void)
{
  long a = 1;
  double h = 2;
  static struct large i, result;
  ffi_call(&large_cif, FFI_FN(spilling), &result, (void *[]){&a, &a, &a, &a, &a, &a, &a, &h, &i});
  CHECK_EQUAL(result.values[0], 9);
}
IN(callers) static void by_closure(void)
{
  volatile int got = ((int (*)(int))code)(1);
  CHECK_EQUAL(got, 2);
}
IN(callers) static void by_call_of_closure(void)
{
  int x = 1;
  ffi_sarg result;
  ffi_call(&small_cif, FFI_FN(code), &result, (void *[]){&x});
  CHECK_EQUAL(result, 2);
}
#if FFI_VERSION_NUMBER >= 30800
IN(callers) static void by_plan(void)
{
  int x = 1;
  ffi_sarg result;
  ffi_call_plan *plan = ffi_call_plan_alloc(&small_cif);
  REQUIRE(plan != NULL);
  ffi_call_plan_invoke(plan, FFI_FN(callee), &result, (void *[]){&x});
  CHECK_EQUAL(result, 2);
  ffi_call_plan_free(plan);
}
#endif

extern char __start_callers[], __stop_callers[], __start_outermost[], __stop_outermost[];

static void check(const char *what)
{
  if (!returns_into(caller_begin, caller_end) || !returns_into(main_begin, main_end))
    printf("%s: the chain ends after %d frames\n", what, depth);
  CHECK(returns_into(caller_begin, caller_end));
  CHECK(returns_into(main_begin, main_end));
}

IN(outermost) int main(void)
{
  ffi_type *l = &ffi_type_slong, *elements[21], *ints[] = {&ffi_type_sint};
  for (int i = 0; i < 20; i++)
    elements[i] = l;
  elements[20] = NULL;
  ffi_type large = {0, 0, FFI_TYPE_STRUCT, elements},
           *types[] = {l, l, l, l, l, l, l, &ffi_type_double, &large};
  ffitest_prepare(&small_cif, &ffi_type_sint, 1, ints);
  ffitest_prepare(&large_cif, &large, 9, types);
  main_begin = __start_outermost, main_end = __stop_outermost;
  caller_begin = __start_callers, caller_end = __stop_callers;
  by_call();
  check("ffi_call");
  by_large_call();
  check("ffi_call with arguments on the stack");
#if FFI_VERSION_NUMBER >= 30800
  by_plan();
  check("call plan");
#endif
  ffi_closure *closure = ffitest_closure(&small_cif, handler, NULL, &code);
  by_closure();
  check("closure");
  by_call_of_closure();
  check("ffi_call of a closure");
  ffi_closure_free(closure);
  return ffitest_end();
}
#else
int main(void) { ffitest_unsupported("this machine's frames are not known here"); }
#endif
