/* SPDX-License-Identifier: MIT */
/* The oracle's main program: takes every signature down every path, survives crashes, and
   counts. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime.h"

struct call call;
enum fault fault;
struct shim_control control_outer, control_callee, control_closure, control_inner;

static sigjmp_buf recover;
static volatile sig_atomic_t recoverable; /* a guarded run is under way, and recover is its frame */
static unsigned failures; /* of the signature under way */
static const char *compiler = ORACLE_COMPILER;

static const char *const fault_names[] = {[FAULT_NONE] = "none",
                                          [FAULT_ARGUMENT] = "argument",
                                          [FAULT_RESULT] = "result",
                                          [FAULT_OVERRUN] = "overrun",
                                          [FAULT_UNDERRUN] = "underrun",
                                          [FAULT_SAVED_REGISTER] = "saved-register",
                                          [FAULT_FLOAT_CONTROL] = "float-control",
                                          [FAULT_DIRECTION_FLAG] = "direction-flag",
                                          [FAULT_WIDENING] = "widening",
                                          [FAULT_CLOSURE_ARGUMENT] = "closure-argument",
                                          [FAULT_AVALUE] = "avalue",
                                          [FAULT_NO_CALL] = "no-call",
                                          [FAULT_CRASH] = "crash",
                                          [FAULT_LAYOUT] = "layout",
                                          [FAULT_RAW] = "raw",
                                          [FAULT_PLAN] = "plan"};

void fail(const char *format, ...)
{
  if (call.probing)
    return;
  if (failures++ == 0)
    printf("FAIL: signature %u of seed %llu, %s\n%s\n", call.signature->id,
           (unsigned long long)oracle_seed, compiler, call.signature->text);
  if (failures > 12)
    return;
  printf("  %s: ", call.path);
  va_list arguments;
  va_start(arguments, format);
  vprintf(format, arguments);
  va_end(arguments);
  putchar('\n');
}

void oracle_enter(unsigned id)
{
  call.calls++;
  if (id != call.signature->id)
    fail("callee %u ran instead", id);
}

void oracle_argument(unsigned index, const void *value)
{
  unsigned where;
  const struct type *type = call.signature->args[index];
  if (!call.probing)
    check_value(type, value, call.expected[index], "argument", (int)index);
  else if (!same_value(type, value, call.expected[index], &where))
    call.wrong_args |= (uint64_t)1 << index;
}

void *oracle_result(void)
{
  return call.result_expected;
}

static void on_crash(int number)
{
  if (!recoverable)
    _exit(3);
  recoverable = 0;
  siglongjmp(recover, number);
}

bool guarded_run(void (*run)(void))
{
  int number = sigsetjmp(recover, 1);
  SHIM_RESET();
  if (number == 0) {
    recoverable = 1;
    run();
    recoverable = 0;
    return true;
  }
  fail("stopped by signal %d", number);
  return false;
}

static void catch_crashes(void)
{
  static char stack[65536];
  stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
  sigaltstack(&alternate, NULL);
  struct sigaction action = {.sa_handler = on_crash, .sa_flags = SA_ONSTACK};
  static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT};
  for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++)
    sigaction(signals[i], &action, NULL);
}

static void set_fault(const char *name)
{
  for (unsigned i = 0; i < sizeof fault_names / sizeof *fault_names; i++)
    if (!strcmp(name, fault_names[i])) {
      fault = (enum fault)i;
      return;
    }
  fprintf(stderr, "oracle: no fault is called %s\n", name);
  exit(2);
}

int main(int argc, char **argv)
{
  const char *why = NULL;
  unsigned passed = 0, failed = 0, skipped = 0;
  if (argc == 3 && !strcmp(argv[1], "--fault"))
    set_fault(argv[2]);
  else if (argc != 1) {
    fprintf(stderr, "usage: %s [--fault NAME]\n", argv[0]);
    return 2;
  }
  setvbuf(stdout, NULL, _IOLBF, 0);
  values_start();
  catch_crashes();
  for (unsigned i = 0; i < oracle_signature_count; i++) {
    const struct signature *signature = &oracle_signatures[i];
    failures = 0;
    random_seed(oracle_seed << 32 ^ signature->id);
    call.path = "preparation";
    fresh_values(signature);
    if ((why = find_masks())) {
      printf("SKIP: signature %u of seed %llu, %s: %s\n", signature->id,
             (unsigned long long)oracle_seed, compiler, why);
      skipped++;
      continue;
    }
    if (!prepare())
      for (unsigned j = 0; j < path_count; j++) {
        call.path = paths[j].name;
        guarded_run(paths[j].run);
      }
    failed += failures != 0;
    passed += failures == 0;
  }
  printf("%u passed, %u failed, %u skipped\n", passed, failed, skipped);
  return failed != 0;
}
