/* SPDX-License-Identifier: MIT */
/* Unwinding from every single instruction: the processor's trap flag delivers a signal after each
   instruction of a call and of a closure's invocation, and the handler takes a backtrace, as a
   profiler would. Each must reach main, and give it back the registers that a callee preserves and
   its frame.

   A signal may leave anything in the stack below the red zone, so what a rule restores must not
   lie there. The handler has a stack of its own and overwrites those bytes.

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
#define RED_ZONE 128
/* DWARF's numbers of rbx, rbp, r12 to r15 */
#define PRESERVED {3, 6, 12, 13, 14, 15}
#define FLAGS_ON "pushfq\n orq $0x100, (%rsp)\n popfq\n"
#define FLAGS_OFF "pushfq\n andq $~0x100, (%rsp)\n popfq\n"
#else
#define PC REG_EIP
#define SP REG_ESP
#define PUSHED 5
#define LOOSE_STEPS 32
#define RED_ZONE 0
/* DWARF's numbers of ebx, ebp, esi, edi */
#define PRESERVED {3, 5, 6, 7}
#define FLAGS_ON "pushfl\n orl $0x100, (%esp)\n popfl\n"
#define FLAGS_OFF "pushfl\n andl $~0x100, (%esp)\n popfl\n"
#endif

int main(void);

/* main's registers stay as they are while another function steps. */
#define NOINLINE __attribute__((noinline))

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

static const int preserved[] = PRESERVED;
enum { PRESERVED_COUNT = sizeof preserved / sizeof *preserved };

static volatile long steps, library_steps, loose_steps, lost;
static volatile bool reached;
/* What main gets back: its frame, then the preserved registers; at the first step, and now. */
static uintptr_t first_found[1 + PRESERVED_COUNT], found[1 + PRESERVED_COUNT];
static void *program_base, *library_base;
static volatile uintptr_t lost_at[10];

static _Unwind_Reason_Code look(struct _Unwind_Context *context, void *unused)
{
  (void)unused;
  if (_Unwind_FindEnclosingFunction((void *)(_Unwind_GetIP(context) - 1)) == (void *)main) {
    reached = true;
    found[0] = _Unwind_GetCFA(context);
    for (int i = 0; i < PRESERVED_COUNT; i++)
      found[1 + i] = _Unwind_GetGR(context, preserved[i]);
  }
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
  /* What others say of themselves is not judged: on i386, libc's memcpy and the compiler's own
     get_pc_thunk have no unwind rules. The first step is in this program, right after
     stepping_on. */
  if (base && base != library_base && steps > 1)
    return;
  reached = false;
  const uintptr_t *top = (const uintptr_t *)context->uc_mcontext.gregs[SP];
  memset((char *)top - RED_ZONE - 512, 0xa5, 512);
  if (base) {
    _Unwind_Backtrace(look, NULL);
    if (steps == 1)
      memcpy(first_found, found, sizeof found);
    reached = reached && memcmp(first_found, found, sizeof found) == 0;
  } else {
    loose_steps++;
    for (unsigned i = 0; i <= PUSHED && !reached; i++) {
      void *caller = base_of(top[i]);
      reached = caller == program_base || caller == library_base;
    }
  }
  if (!reached) {
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

static NOINLINE void step_call(const char *what, void (*function)(void), double want)
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

static NOINLINE void step_closure(const char *what, void *code, double (*call)(void *code))
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

/* On i386 whoever is called removes the hidden pointer from its caller's stack. */
static void handler_in_memory(ffi_cif *cif, void *result, void **values, void *user_data)
{
  (void)cif, (void)values, (void)user_data;
  *(struct large *)result = h;
}

static NOINLINE void step_result_in_memory(const char *what, ffi_type *type)
{
  ffi_cif in_memory;
  ffitest_prepare(&in_memory, type, 0, NULL);
  void *code;
  ffi_closure *closure = ffitest_closure(&in_memory, handler_in_memory, NULL, &code);
  for (int round = 0; round < 2; round++) {
    if (round)
      stepping_on();
    struct large got = ((struct large (*)(void))code)();
    stepping_off();
    CHECK(got.values[4] == 5);
  }
  report(what, 20);
  ffi_closure_free(closure);
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

static NOINLINE void step_microsoft(ffi_type **types)
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

#if FFI_GO_CLOSURES
static NOINLINE void step_go_closure(const char *what)
{
  ffi_go_closure go;
  REQUIRE(ffi_prep_go_closure(&go, &cif, handler) == FFI_OK);
  for (int round = 0; round < 2; round++) {
    if (round)
      stepping_on();
    ffi_call_go(&cif, FFI_FN(go.tramp), &result, values, &go);
    stepping_off();
    CHECK(result == 8);
  }
  report(what, 30);
}
#endif

int main(void)
{
  static char stack[1 << 18];
  const stack_t own_stack = {.ss_sp = stack, .ss_size = sizeof stack};
  REQUIRE(sigaltstack(&own_stack, NULL) == 0);
  struct sigaction action = {.sa_sigaction = on_step, .sa_flags = SA_SIGINFO | SA_ONSTACK};
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
  step_result_in_memory("closure with a result in memory", &large);

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
  step_go_closure("Go call of a Go closure");
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
