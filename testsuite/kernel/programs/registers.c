/* SPDX-License-Identifier: MIT */
/* A slot hands its target every register and the stack as its caller left them. */
#include "harness.h"

/*
 * call_with() loads registers from `given', remembers the stack pointer and calls a slot; probe(),
 * the slot's target, stores the same registers, the record's address and the stack pointer.
 */
#define COUNT 16
uintptr_t given[COUNT] __attribute__((used));
uintptr_t seen[COUNT] __attribute__((used));
uintptr_t callers_stack __attribute__((used)), targets_stack __attribute__((used));
uintptr_t record_seen __attribute__((used));
void call_with(Slot slot);
void probe(void);

#define FUNCTION(name, body) \
  __asm__(".text\n.globl " #name "\n.type " #name ",%function\n" #name ":\n" body)

#if defined __x86_64__
static const char *const names[] = {"rax", "rdi", "rsi", "rdx", "rcx", "r8", "r9", "r11", "rbx"};
/* %rdi holds the slot until the last moment; it goes to the stack, whence it is called. */
FUNCTION(call_with,
         "push %rbx\n push %rdi\n"
         "lea given(%rip), %r10\n"
         "mov (%r10), %rax\n mov 8(%r10), %rdi\n mov 16(%r10), %rsi\n mov 24(%r10), %rdx\n"
         "mov 32(%r10), %rcx\n mov 40(%r10), %r8\n mov 48(%r10), %r9\n mov 56(%r10), %r11\n"
         "mov 64(%r10), %rbx\n mov %rsp, callers_stack(%rip)\n"
         "call *(%rsp)\n pop %rdi\n pop %rbx\n ret\n");
FUNCTION(probe,
         "endbr64\n mov %r10, record_seen(%rip)\n"
         "lea seen(%rip), %r10\n"
         "mov %rax, (%r10)\n mov %rdi, 8(%r10)\n mov %rsi, 16(%r10)\n mov %rdx, 24(%r10)\n"
         "mov %rcx, 32(%r10)\n mov %r8, 40(%r10)\n mov %r9, 48(%r10)\n mov %r11, 56(%r10)\n"
         "mov %rbx, 64(%r10)\n lea 8(%rsp), %rax\n mov %rax, targets_stack(%rip)\n ret\n");
#elif defined __i386__
static const char *const names[] = {"eax", "edx", "ecx", "ebx", "esi", "edi"};
FUNCTION(call_with,
         "mov 4(%esp), %eax\n push %ebx\n push %esi\n push %edi\n push %eax\n"
         "mov given, %eax\n mov given+4, %edx\n mov given+8, %ecx\n mov given+12, %ebx\n"
         "mov given+16, %esi\n mov given+20, %edi\n mov %esp, callers_stack\n"
         "call *(%esp)\n pop %eax\n pop %edi\n pop %esi\n pop %ebx\n ret\n");
FUNCTION(probe,
         "endbr32\n mov %eax, seen\n mov %edx, seen+4\n mov %ecx, seen+8\n mov %ebx, seen+12\n"
         "mov %esi, seen+16\n mov %edi, seen+20\n mov 4(%esp), %eax\n mov %eax, record_seen\n"
         "add $8, %esp\n lea 4(%esp), %eax\n mov %eax, targets_stack\n ret\n");
#elif defined __aarch64__
static const char *const names[] = {"x0", "x1", "x2",  "x3",  "x4",  "x5",  "x6",  "x7",
                                    "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x18"};
FUNCTION(call_with,
         "stp x29, x30, [sp, #-16]!\n mov x17, x0\n adrp x16, given\n add x16, x16, :lo12:given\n"
         "ldp x0, x1, [x16]\n ldp x2, x3, [x16, #16]\n ldp x4, x5, [x16, #32]\n"
         "ldp x6, x7, [x16, #48]\n ldp x8, x9, [x16, #64]\n ldp x10, x11, [x16, #80]\n"
         "ldp x12, x13, [x16, #96]\n ldp x14, x18, [x16, #112]\n"
         "adrp x16, callers_stack\n mov x15, sp\n str x15, [x16, :lo12:callers_stack]\n"
         "blr x17\n ldp x29, x30, [sp], #16\n ret\n");
FUNCTION(probe,
         "hint #34\n adrp x16, seen\n add x16, x16, :lo12:seen\n"
         "stp x0, x1, [x16]\n stp x2, x3, [x16, #16]\n stp x4, x5, [x16, #32]\n"
         "stp x6, x7, [x16, #48]\n stp x8, x9, [x16, #64]\n stp x10, x11, [x16, #80]\n"
         "stp x12, x13, [x16, #96]\n stp x14, x18, [x16, #112]\n"
         "adrp x16, record_seen\n str x17, [x16, :lo12:record_seen]\n"
         "adrp x16, targets_stack\n mov x15, sp\n str x15, [x16, :lo12:targets_stack]\n ret\n");
#endif

int main(void) {
  const struct {
    struct trampfd_pcs head;
    uint64_t pcs[1];
  } list = {{.npcs = 1}, {(uintptr_t)probe}};
  int fd = open_device();
  if (fd < 0) die("open " DEVICE);
  if (pread(fd, &info, sizeof info, TRAMPFD_CONTROL_OFFSET) != sizeof info) die("pread info");
  if (pwrite(fd, &list, sizeof list, TRAMPFD_CONTROL_OFFSET) != sizeof list) die("allowed PCs");
  struct table table = map_table(fd, 0);
  const unsigned kept = sizeof names / sizeof *names;
  _Static_assert(sizeof names / sizeof *names <= COUNT, "every register has its place");

  unsigned wrong = 0, stray = 0, moved = 0;
  for (unsigned slot = 0; slot < info.slots; slot++) {
    set_record(&table, slot, probe, slot);
    for (unsigned i = 0; i < kept; i++) given[i] = (uintptr_t)0x1111111111111111u * (i + 1) ^ slot;
    memset(seen, 0, sizeof seen);
    call_with(slot_at(&table, slot));
    for (unsigned i = 0; i < kept; i++) {
      if (seen[i] == given[i]) continue;
      if (!wrong++) printf("# slot %u: %s is %lx\n", slot, names[i], (unsigned long)seen[i]);
    }
    stray += record_seen != (uintptr_t)record_at(&table, slot);
    moved += targets_stack != callers_stack;
  }
  check(wrong == 0, "every slot leaves %u registers as they were", kept);
  check(stray == 0, "every slot hands on its own record");
  check(moved == 0, "the return address is on top, or just below what is handed on");
  return finish();
}
