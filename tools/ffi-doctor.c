/* SPDX-License-Identifier: MIT */
/* ffi-doctor: says how libffi protects closures in this environment, and proves it by trying to break in.

   Each attempt runs in a child process; the exit status is 0 if every one ended as it must.  */
#define _GNU_SOURCE
#include <errno.h>
#include <ffi.h>
#include <ffi_hardened.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define CLOSURES 1500  /* more than the built-in table has */

static ffi_cif cif;
static ffi_closure *closures[CLOSURES];
static int (*codes[CLOSURES])(int);
static int failures;

static void intended(ffi_cif *unused, void *result, void **arguments, void *user_data)
{
  (void)unused;
  *(ffi_arg *)result = (ffi_arg)(*(int *)arguments[0] + *(int *)user_data);
}

static void stolen(ffi_cif *unused, void *result, void **arguments, void *user_data)
{
  (void)unused, (void)arguments, (void)user_data;
  *(ffi_arg *)result = 666;
}

/* The line of /proc/self/maps that holds an address.  */
struct mapping
{
  unsigned long start, end;
  char permissions[5];
};

static int find_mapping(const void *address, struct mapping *found)
{
  FILE *maps = fopen("/proc/self/maps", "r");
  char line[8192];
  int done = 0;
  if (maps == NULL)
    return 0;
  while (!done && fgets(line, sizeof line, maps) != NULL)
    done = sscanf(line, "%lx-%lx %4s", &found->start, &found->end, found->permissions) == 3 &&
           found->start <= (unsigned long)address && (unsigned long)address < found->end;
  fclose(maps);
  return done;
}

/* ---- Attempts: each returns 0 when the attacker got nowhere, 1 when he got in ----------------------------------- */
static int last;  /* the closure attempted on: one of a copied table if there is one */

static int write_code(void)
{
  *(volatile char *)(void *)codes[last] ^= 1;
  return 1;
}

static int open_code(void)
{
  struct mapping code;
  if (!find_mapping((void *)codes[last], &code))
    return 2;
  return mprotect((void *)code.start, code.end - code.start, PROT_READ | PROT_WRITE) == 0;
}

static int write_sealed_record(void)
{
  struct mapping code;
  ffi_hardened_seal();
  if (!find_mapping((void *)codes[last], &code))
    return 2;
  *(volatile char *)code.end ^= 1;  /* records follow the code of a table that was copied */
  return 1;
}

static int change_public_fields(void)
{
  closures[last]->fun = stolen;
  closures[last]->cif = NULL;
  closures[last]->user_data = NULL;
  return codes[last](1) != 43;
}

static int call_freed(void)
{
  ffi_closure_free(closures[last]);
  codes[last](1);
  return 1;
}

static int free_twice(void)
{
  ffi_closure_free(closures[last]);
  ffi_closure_free(closures[last]);
  return 1;
}

static int find_writable_code(void)
{
  FILE *maps = fopen("/proc/self/maps", "r");
  char line[8192];
  int found = 0;
  if (maps == NULL)
    return 2;
  while (fgets(line, sizeof line, maps) != NULL)
  {
    const char *permissions = strchr(line, ' ');
    if (permissions != NULL && permissions[2] == 'w' && permissions[3] == 'x')
      found = 1;
  }
  fclose(maps);
  return found;
}

static int find_open_descriptor(void)
{
  /* Only the first three, and what our parent left us: the library opens its own file, and must have closed it.  */
  char name[4096], link[64];
  int fd, found = 0;
  for (fd = 3; fd < 256; ++fd)
  {
    ssize_t length;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    length = readlink(link, name, sizeof name - 1);
    if (length < 0)
      continue;
    name[length] = 0;
    if (strstr(name, "libffi") != NULL)
      found = 1;
  }
  return found;
}

/* How a child ended, judged: what was tried, how it must end (0: by returning 0; or the signal).  */
static void attempt(const char *what, int (*try)(void), int expected)
{
  int status;
  pid_t child;
  fflush(stdout);
  child = fork();
  if (child == 0)
  {
    signal(SIGSEGV, SIG_DFL);
    signal(SIGABRT, SIG_DFL);
    if (freopen("/dev/null", "w", stderr) == NULL)
      fclose(stderr);
    _exit(try());
  }
  if (child < 0 || waitpid(child, &status, 0) != child)
  {
    printf("  ?    %s: no child process: %s\n", what, strerror(errno));
    ++failures;
    return;
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
  {
    printf("  ?    %s: cannot be tried without /proc\n", what);
    return;
  }
  if (expected == 0 ? status == 0 : WIFSIGNALED(status) && WTERMSIG(status) == expected)
  {
    printf("  ok   %s%s\n", what, expected == SIGSEGV ? ": faults" : expected == SIGABRT ? ": aborts" : "");
    return;
  }
  printf("  FAIL %s\n", what);
  ++failures;
}

/* ---- The report ------------------------------------------------------------------------------------------------------- */
static const char *mode_name(unsigned mode)
{
  static const char *const names[] = {"none", "kernel", "table", "legacy"};
  return mode < sizeof names / sizeof *names ? names[mode] : "unknown";
}

static void print_refusals(unsigned count)
{
  ffi_hardened_refusal refusal;
  unsigned i;
  if (count != 0)
    printf("refused:\n");
  for (i = 0; i < count && ffi_hardened_get_refusal(i, &refusal); ++i)
    printf("  %s: could not %s%s%s\n", mode_name(refusal.mode), refusal.step, refusal.error ? ": " : "",
           refusal.error ? strerror(refusal.error) : "");
}

static void print_report(const ffi_hardened_info *info)
{
  static const char *const policies[] = {"?", "strict", "aged", "open"};
  printf("libffi %s, hardened %s\n", ffi_get_version(), ffi_hardened_version());
  printf("mode %s, policy %s\n", mode_name(info->mode), policies[info->policy < 4 ? info->policy : 0]);
  printf("mode and policy are %s\n",
         info->protections & FFI_HARDENED_STATE_READ_ONLY ? "read-only from now on" : "NOT PROTECTED");
  printf("tables are %s and %s\n",
         info->protections & FFI_HARDENED_SEALED ? "sealed where they are" : "not sealed (the kernel has no mseal)",
         info->protections & FFI_HARDENED_CODE_FIXED ? "cannot be made writable" : "read-only by their protection alone");
  printf("closures %llu, of %llu ever; %llu tables beyond the built-in one\n", (unsigned long long)info->closures,
         (unsigned long long)info->allocations, (unsigned long long)info->tables);
  printf("trampolines in memory of the caller's: %llu\n", (unsigned long long)info->caller_memory);
  printf("signatures: %llu kept compiled, %s; %llu could not be kept, and %llu closures are bound to such\n",
         (unsigned long long)info->plans,
         info->protections & FFI_HARDENED_PLANS_READ_ONLY ? "read-only" : "NOT PROTECTED",
         (unsigned long long)info->plans_refused, (unsigned long long)info->unplanned);
  printf("pages of records: %llu writable; %llu sealed, %llu opened and %llu given back so far\n",
         (unsigned long long)info->writable_pages, (unsigned long long)info->seals, (unsigned long long)info->opens,
         (unsigned long long)info->returns);
}

static void try_everything(const ffi_hardened_info *info)
{
  printf("attempts:\n");
  attempt("find a page that is writable and executable", find_writable_code, 0);
  attempt("find a descriptor that the library left open", find_open_descriptor, 0);
  attempt("write into a trampoline", write_code, SIGSEGV);
  if (info->protections & (FFI_HARDENED_CODE_FIXED | FFI_HARDENED_SEALED))
    attempt("make trampolines writable", open_code, 0);
  if (info->policy != FFI_HARDENED_POLICY_OPEN)
  {
    if (info->tables != 0)
      attempt("write into a sealed record", write_sealed_record, SIGSEGV);
    else
      printf("  ?    write into a sealed record: all are the built-in table's, which only the library can find\n");
    attempt("turn a closure by its public fields", change_public_fields, 0);
  }
  attempt("call a freed closure", call_freed, SIGABRT);
  attempt("free a closure twice", free_twice, SIGABRT);
}

static int make_closures(void)
{
  static ffi_type *arguments[] = {&ffi_type_sint};
  static int offset = 42;
  if (ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 1, &ffi_type_sint, arguments) != FFI_OK)
    return 0;
  for (last = 0; last < CLOSURES; ++last)
  {
    void *code;
    closures[last] = ffi_closure_alloc(sizeof(ffi_closure), &code);
    if (closures[last] == NULL ||
        ffi_prep_closure_loc(closures[last], &cif, intended, &offset, code) != FFI_OK)
      break;
    codes[last] = (int (*)(int))code;
  }
  --last;
  return last >= 0;
}

int main(int argc, char **argv)
{
  ffi_hardened_info info = {0};
  if (argc > 1)
  {
    const int asked = strcmp(argv[1], "--help") == 0;
    fprintf(asked ? stdout : stderr, "usage: ffi-doctor\n"
            "Says how libffi protects closures here and tries to break in; status 0: nobody got in.\n");
    return asked ? 0 : 2;
  }
  if (!make_closures())
  {
    ffi_hardened_query(&info, sizeof info);
    print_report(&info);
    print_refusals(info.refusals);
    printf("no closure can be made\n");
    return 1;
  }
  ffi_hardened_query(&info, sizeof info);
  print_report(&info);
  print_refusals(info.refusals);
  if (last + 1 < CLOSURES)
    printf("no more than %d closures can be made\n", last + 1);
  if (codes[last](1) != 43)
  {
    printf("  FAIL call a closure\n");
    return 1;
  }
  try_everything(&info);
  return failures != 0;
}
