/* SPDX-License-Identifier: MIT */
/* x86-64: a process that runs 64-bit and 32-bit code may have objects of both kinds. */
#include "harness.h"

/* open(path, flags) by 32-bit code; @path lies below 4 GiB, as all of a static program does. */
int open_as_32bit(const char *path, int flags);
__asm__(
    ".text\n.globl open_as_32bit\n.type open_as_32bit,@function\nopen_as_32bit:\n"
    " push %rbx\n push %rbp\n push %r12\n push %r13\n push %r14\n push %r15\n"
    " mov %rsp, kept_stack(%rip)\n mov %edi, %ebx\n mov %esi, %ecx\n mov $5, %eax\n"
    " ljmpl *into_32bit(%rip)\n"
    ".code32\n1: int $0x80\n ljmpl $0x33, $2f\n"
    ".code64\n2: mov kept_stack(%rip), %rsp\n"
    " pop %r15\n pop %r14\n pop %r13\n pop %r12\n pop %rbp\n pop %rbx\n ret\n"
    ".data\ninto_32bit: .long 1b\n .word 0x23\n .balign 8\nkept_stack: .quad 0\n.text\n");

int main(void) {
  static const char path[] = DEVICE;
  int usual = open_object();
  struct table table = map_table(usual, 0);
  const struct trampfd_info of_64bit = info;

  int fd = open_as_32bit(path, O_RDWR);
  if (fd < 0) die("open by 32-bit code");
  const uint64_t pcs[] = {(uintptr_t)handler_a, (uintptr_t)handler_b};
  if (pread(fd, &info, sizeof info, TRAMPFD_CONTROL_OFFSET) != sizeof info) die("pread info");
  check(info.isa == TRAMPFD_ISA_I386 && of_64bit.isa == TRAMPFD_ISA_X86_64,
        "an object is of the kind of the code that opens it");
  check(set_pcs(fd, 2, pcs) == 0, "both have the process's list");

  struct trampfd_adopt adopt = {.code = (uintptr_t)table.code, .table = 1};
  struct trampfd_set set = {.code = (uintptr_t)table.code, .record = make_record(handler_a, 1)};
  check_errno(ioctl(fd, TRAMPFD_ADOPT, &adopt), ENXIO, "adopt: not a table of the other kind");
  check_errno(ioctl(fd, TRAMPFD_SET, &set), ENXIO, "set: nor one");
  struct table other = map_table(fd, 0);
  adopt.code = set.code = (uintptr_t)other.code;
  check_errno(ioctl(usual, TRAMPFD_ADOPT, &adopt), ENXIO, "adopt: nor the other way round");
  /* The last slot of the larger kind is in the smaller one's tail. */
  set.slot = of_64bit.slots - 1;
  check_errno(ioctl(usual, TRAMPFD_SET, &set), ENXIO, "set: nor the other way round");
  set.slot = 0;
  check_errno(ioctl(fd, TRAMPFD_SET, &set), 0, "set: a table of one's own kind");
  return finish();
}
