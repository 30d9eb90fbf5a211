/* SPDX-License-Identifier: MIT */
/* Unwinding from every single instruction: the processor's trap flag delivers a signal after each
   instruction of a call and of a closure's invocation, and the handler takes a backtrace, as a
   profiler would. Each must reach main.

   Trampolines in a copied table lie in no object's unwind tables. There, nothing has touched the
   stack yet, so the return address must be on top of it and belong to this program, or to the
   library that called for it. On i386 a trampoline has no register to itself and works on the
   stack: the return address is among the topmost words. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stddef.h>
#include <ucontext.h>
#include <unwind.h>

#include "ffitest.h"

#if (defined __x86_64__ || defined __i386__) && !defined NO_STEPPING
#ifdef __x86_64__
#define PC REG_RIP
#define SP REG_RSP
#define PUSHED 0
#define LOOSE_STEPS 16
#define FLAGS_ON "pushfq\n orq $0x100, (%rsp)\n popfq\n"
#define FLAGS_OFF "pushfq\n andq $~0x100, (%rsp)\n popfq\n"
#else
#define PC REG_EIP
#define SP REG_ESP
#define PUSHED 5
#define LOOSE_STEPS 32
#define FLAGS_ON "pushfl\n orl $0x100, (%esp)\n popfl\n"
#define FLAGS_OFF "pushfl\n andl $~0x100, (%esp)\n popfl\n"
#endif

int main(void);

/* Stepping begins with the instruction after this call, and ends with the other. No red zone is in
   their way, as they are functions. */
__asm__(
    ".text\n"
    ".globl stepping_on\n.type stepping_on, @function\nstepping_on:\n .cfi_startproc\n" FLAGS_ON
    " ret\n .cfi_endproc\n.size stepping_on, . - stepping_on\n"
    ".globl stepping_off\n.type stepping_off, @function\nstepping_off:\n .cfi_startproc\n" FLAGS_OFF
    " ret\n .cfi_endproc\n.size stepping_off, . - stepping_off\n");
void stepping_on(void);
void stepping_off(void);

static volatile long steps, library_steps, loose_steps, lost;
static volatile bool reached;
static void *program_base, *library_base;
static volatile uintptr_t lost_at[10];

static _Unwind_Reason_Code look(struct _Unwind_Context *context, void *unused)
{
  (void)unused;
  if (_Unwind_FindEnclosingFunction((void *)(_Unwind_GetIP(context) - 1)) == (void *)main)
    reached = true;
  return reached ? _URC_END_OF_STACK : _URC_NO_REASON;
}

static void *base_of(uintptr_t address)
{
  Dl_info info;
  return dladdr((void *)address, &info) ? info.dli_fbase : NULL;
}

static void on_step(int number, siginfo_t *info, void *opaque)
{
  const ucontext_t *context = opaque;
  uintptr_t pc = (uintptr_t)context->uc_mcontext.gregs[PC];
  void *base = base_of(pc);
  (void)number, (void)info;
  if (pc - (uintptr_t)stepping_off < 32 || pc - (uintptr_t)stepping_on < 32)
    return; /* pushing the flags moves the stack behind the tables' back */
  steps++;
  library_steps += base == library_base;
  reached = false;
  if (base) {
    _Unwind_Backtrace(look, NULL);
  } else {
    loose_steps++;
    const uintptr_t *top = (const uintptr_t *)context->uc_mcontext.gregs[SP];
    for (unsigned i = 0; i <= PUSHED && !reached; i++) {
      void *caller = base_of(top[i]);
      reached = caller == program_base || caller == library_base;
    }
  }
  /* What libc's assembly says of itself is not judged: on i386 some of its memcpy has no unwind
     rules. */
  bool ours = !base || base == library_base || base == program_base;
  if (ours && !reached) {
    if (lost < 10)
      lost_at[lost] = pc;
    lost++;
  }
}

static void report(const char *what, long least)
{
  printf("%s: %ld steps, %ld in the library, %ld in loose trampolines, %ld lost\n", what, steps,
         library_steps, loose_steps, lost);
  for (long i = 0; i < lost && i < 10; i++) {
    Dl_info info = {0};
    dladdr((void *)lost_at[i], &info);
    printf("  lost at %#lx, %s %#lx, %s\n", (unsigned long)lost_at[i],
           info.dli_fname ? info.dli_fname : "no object",
           (unsigned long)(lost_at[i] - (uintptr_t)info.dli_fbase),
           info.dli_sname ? info.dli_sname : "no symbol");
  }
  CHECK_EQUAL(lost, 0);
  CHECK(library_steps > least); /* it did step through the library */
  CHECK(loose_steps < LOOSE_STEPS);
  steps = library_steps = loose_steps = lost = 0;
}

struct large { long values[5]; };
static double callee(int a, double b, long c, long d, long e, long f, long g, struct large h)
{
  return a + b + (double)(c + d + e + f + g + h.values[4]);
}
static void handler(ffi_cif *cif, void *result, void **values, void *user_data)
{
  (void)cif, (void)user_data;
  *(double *)result =
      *(int *)values[0] + *(double *)values[1] + (double)((struct large *)values[7])->values[4];
}

static ffi_cif cif;
static struct large h = {{1, 2, 3, 4, 5}};
static int a = 1;
static double b = 2, result;
static long c = 3;
static void *values[] = {&a, &b, &c, &c, &c, &c, &c, &h};

static void step_call(const char *what, void (*function)(void), double want)
{
  for (int round = 0; round < 2; round++) { /* once without steps, so that symbols are bound */
    result = 0;
    if (round)
      stepping_on();
    ffi_call(&cif, function, &result, values);
    stepping_off();
    CHECK(result == want);
  }
  report(what, 30);
}

typedef double function(int, double, long, long, long, long, long, struct large);
static double call_function(void *code)
{
  return ((function *)code)(1, 2, 3, 3, 3, 3, 3, h);
}

static void step_closure(const char *what, void *code, double (*call)(void *code))
{
  double got = 0;
  for (int round = 0; round < 2; round++) {
    if (round)
      stepping_on();
    got = call(code);
    stepping_off();
    CHECK(got == 8);
  }
  report(what, 20);
}

#ifdef __x86_64__
#define MS __attribute__((ms_abi))
static double MS microsoft_callee(int a, double b, long c, long d, long e, long f, long g,
                                  struct large h)
{
  return callee(a, b, c, d, e, f, g, h);
}
typedef double MS microsoft_function(int, double, long, long, long, long, long, struct large);
static double call_microsoft_function(void *code)
{
  return ((microsoft_function *)code)(1, 2, 3, 3, 3, 3, 3, h);
}

static void step_microsoft(ffi_type **types)
{
  REQUIRE(ffi_prep_cif(&cif, FFI_GNUW64, 8, &ffi_type_double, types) == FFI_OK);
  step_call("ffi_call, Microsoft's convention", FFI_FN(microsoft_callee), 1 + 2 + 15 + 5);
  void *code;
  ffi_closure *closure = ffitest_closure(&cif, handler, NULL, &code);
  step_closure("closure of Microsoft's convention", code, call_microsoft_function);
  ffi_closure_free(closure);
}
#else
#define step_microsoft(types) (void)(types)
#endif

int main(void)
{
  struct sigaction action = {.sa_sigaction = on_step, .sa_flags = SA_SIGINFO};
  sigaction(SIGTRAP, &action, NULL);
  program_base = base_of((uintptr_t)main);
  /* In a program linked statically, all is one object. */
  Dl_info info;
  library_base = dladdr(dlsym(RTLD_DEFAULT, "ffi_call"), &info) ? info.dli_fbase : program_base;
  ffi_type *l = &ffi_type_slong, *elements[] = {l, l, l, l, l, NULL};
  ffi_type large = {0, 0, FFI_TYPE_STRUCT, elements};
  ffi_type *types[] = {&ffi_type_sint, &ffi_type_double, l, l, l, l, l, &large};
  ffitest_prepare(&cif, &ffi_type_double, 8, types);
  step_call("ffi_call", FFI_FN(callee), 1 + 2 + 15 + 5);

  static ffi_closure *closures[3000];
  void *code, *first = NULL;
  for (int i = 0; i < 3000; i++) {
    closures[i] = ffitest_closure(&cif, handler, NULL, &code);
    if (!first)
      first = code;
  }
  step_closure("first closure", first, call_function);
  step_closure("closure in a later table", code, call_function);
  step_call("ffi_call of the first closure", FFI_FN(first), 8);
  step_call("ffi_call of a closure in a later table", FFI_FN(code), 8);
#if FFI_GO_CLOSURES
  ffi_go_closure go;
  REQUIRE(ffi_prep_go_closure(&go, &cif, handler) == FFI_OK);
  for (int round = 0; round < 2; round++) {
    if (round)
      stepping_on();
    ffi_call_go(&cif, FFI_FN(go.tramp), &result, values, &go);
    stepping_off();
    CHECK(result == 8);
  }
  report("Go call of a Go closure", 30);
#endif
  for (int i = 0; i < 3000; i++)
    ffi_closure_free(closures[i]);
  step_microsoft(types);
  return ffitest_end();
}
#else
int main(void)
{
  ffitest_unsupported("no single steps from within the process on this machine or emulator");
}
#endif
