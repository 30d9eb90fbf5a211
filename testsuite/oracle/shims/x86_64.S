/* SPDX-License-Identifier: MIT */
/* x86-64 shims: each stands between a caller and a callee, spoils every register the pair does not
   use, and checks what the callee has to preserve. The stack arguments stay where they are: the shim
   takes the return address off the stack and puts its own in the same place. */
#include "shims/x86_64.h"

#define C(field) control_\name+(field)(%rip)

        .macro SHIM name
        .globl  shim_\name
        .type   shim_\name, @function
        .balign 16
shim_\name:
        /* Capture the registers and look at the state on entry. */
        movq    %rdi, C(SHIM_GPR_IN)
        movq    %rsi, C(SHIM_GPR_IN+8)
        movq    %rdx, C(SHIM_GPR_IN+16)
        movq    %rcx, C(SHIM_GPR_IN+24)
        movq    %r8, C(SHIM_GPR_IN+32)
        movq    %r9, C(SHIM_GPR_IN+40)
        movq    %rax, C(SHIM_GPR_IN+48)
        movq    %r10, C(SHIM_GPR_IN+56)
        movq    %r11, C(SHIM_GPR_IN+64)
        movq    $0, C(SHIM_BAD)
        leaq    8(%rsp), %rax
        testb   $15, %al
        jz      1f
        orq     $SHIM_BAD_ENTRY_ALIGNMENT, C(SHIM_BAD)
1:      pushfq
        popq    %rax
        testl   $0x400, %eax
        jz      1f
        orq     $SHIM_BAD_DIRECTION_FLAG, C(SHIM_BAD)
        cld
1:      fnstenv C(SHIM_SCRATCH)
        cmpw    $-1, C(SHIM_SCRATCH+8)
        je      1f
        orq     $SHIM_BAD_ENTRY_X87_STACK, C(SHIM_BAD)
1:      fldenv  C(SHIM_SCRATCH)
        fnstcw  C(SHIM_CONTROL)
        stmxcsr C(SHIM_CONTROL+4)
        popq    C(SHIM_RETURN)
        movq    %rsp, C(SHIM_SP)
        movq    %rbx, C(SHIM_SAVED)
        movq    %rbp, C(SHIM_SAVED+8)
        movq    %r12, C(SHIM_SAVED+16)
        movq    %r13, C(SHIM_SAVED+24)
        movq    %r14, C(SHIM_SAVED+32)
        movq    %r15, C(SHIM_SAVED+40)

        .irp n, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        movdqu  %xmm\n, C(SHIM_SAVED_VECTORS+16*(\n-6))
        .endr

        /* Known values into the preserved registers, garbage into the unused ones. */
        movabsq $0x1b1b0123456789ab, %rbx
        movabsq $0x2b2b0123456789ab, %rbp
        movabsq $0x3b3b0123456789ab, %r12
        movabsq $0x4b4b0123456789ab, %r13
        movabsq $0x5b5b0123456789ab, %r14
        movabsq $0x6b6b0123456789ab, %r15
        xorq    C(SHIM_GPR_XOR), %rdi
        xorq    C(SHIM_GPR_XOR+8), %rsi
        xorq    C(SHIM_GPR_XOR+16), %rdx
        xorq    C(SHIM_GPR_XOR+24), %rcx
        xorq    C(SHIM_GPR_XOR+32), %r8
        xorq    C(SHIM_GPR_XOR+40), %r9
        .irp n, 0, 1, 2, 3, 4, 5, 6, 7
        movdqu  C(SHIM_VECTOR_XOR+16*\n), %xmm15
        pxor    %xmm15, %xmm\n
        .endr
        movq    C(SHIM_GPR_IN+48), %rax
        xorq    C(SHIM_GPR_XOR+48), %rax
        xorq    C(SHIM_GPR_XOR+56), %r10
        xorq    C(SHIM_GPR_XOR+64), %r11
        cmpq    $0, C(SHIM_CHAIN)
        je      1f
        movq    C(SHIM_CHAIN), %r10
1:      cmpq    $0, C(SHIM_MICROSOFT)
        je      1f
        .irp n, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        KNOWN_VECTOR \name, \n, xmm\n, xmm5
        .endr
1:      call    *C(SHIM_TARGET)

        /* Deliberate faults of the self-test. */
        testq   $SHIM_FAULT_SAVED_REGISTER, C(SHIM_FAULT)
        jz      1f
        notq    %rbx
1:      testq   $SHIM_FAULT_DIRECTION_FLAG, C(SHIM_FAULT)
        jz      1f
        std
1:      testq   $SHIM_FAULT_FLOAT_CONTROL, C(SHIM_FAULT)
        jz      1f
        stmxcsr C(SHIM_SCRATCH)
        xorl    $0x2000, C(SHIM_SCRATCH)
        ldmxcsr C(SHIM_SCRATCH)
1:
        /* What came back, and what had to survive. */
        movq    %rax, C(SHIM_RESULT_GPR_OUT)
        movq    %rdx, C(SHIM_RESULT_GPR_OUT+8)
        cmpq    %rsp, C(SHIM_SP)
        je      1f
        orq     $SHIM_BAD_STACK_POINTER, C(SHIM_BAD)
        movq    C(SHIM_SP), %rsp
1:      CHECK_SAVED \name, rbx, $0x1b1b0123456789ab
        CHECK_SAVED \name, rbp, $0x2b2b0123456789ab
        CHECK_SAVED \name, r12, $0x3b3b0123456789ab
        CHECK_SAVED \name, r13, $0x4b4b0123456789ab
        CHECK_SAVED \name, r14, $0x5b5b0123456789ab
        CHECK_SAVED \name, r15, $0x6b6b0123456789ab
        cmpq    $0, C(SHIM_MICROSOFT)
        je      1f
        xorq    C(SHIM_GPR_IN), %rdi
        CHECK_SAVED \name, rdi, C(SHIM_GPR_XOR)
        xorq    C(SHIM_GPR_IN+8), %rsi
        CHECK_SAVED \name, rsi, C(SHIM_GPR_XOR+8)
        .irp n, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        KNOWN_VECTOR \name, \n, xmm4, xmm5
        pcmpeqb %xmm\n, %xmm4
        pmovmskb %xmm4, %esi
        CHECK_SAVED \name, rsi, $0xffff
        .endr
1:      pushfq
        popq    %rcx
        testl   $0x400, %ecx
        jz      1f
        orq     $SHIM_BAD_DIRECTION_FLAG, C(SHIM_BAD)
        cld
1:      fnstcw  C(SHIM_SCRATCH)
        movzwl  C(SHIM_SCRATCH), %ecx
        cmpw    %cx, C(SHIM_CONTROL)
        je      1f
        orq     $SHIM_BAD_FLOAT_CONTROL, C(SHIM_BAD)
1:      stmxcsr C(SHIM_SCRATCH)
        movl    C(SHIM_SCRATCH), %ecx
        xorl    C(SHIM_CONTROL+4), %ecx
        testl   $0xffc0, %ecx
        jz      1f
        orq     $SHIM_BAD_FLOAT_CONTROL, C(SHIM_BAD)
        ldmxcsr C(SHIM_CONTROL+4)
1:      movq    C(SHIM_SAVED), %rbx
        movq    C(SHIM_SAVED+8), %rbp
        movq    C(SHIM_SAVED+16), %r12
        movq    C(SHIM_SAVED+24), %r13
        movq    C(SHIM_SAVED+32), %r14
        movq    C(SHIM_SAVED+40), %r15

        /* Spoil what the result does not use, and every register a callee may spoil. */
        xorq    C(SHIM_RESULT_GPR_XOR), %rax
        xorq    C(SHIM_RESULT_GPR_XOR+8), %rdx
        movdqu  C(SHIM_RESULT_VECTOR_XOR), %xmm15
        pxor    %xmm15, %xmm0
        movdqu  C(SHIM_RESULT_VECTOR_XOR+16), %xmm15
        pxor    %xmm15, %xmm1
        movabsq $0xbad0bad1bad2bad3, %rcx
        movq    %rcx, %rsi
        movq    %rcx, %rdi
        movq    %rcx, %r8
        movq    %rcx, %r9
        movq    %rcx, %r10
        movq    %rcx, %r11
        .irp n, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        movq    %rcx, %xmm\n
        .endr
        cmpq    $0, C(SHIM_MICROSOFT)
        je      1f
        movq    C(SHIM_GPR_IN), %rdi
        movq    C(SHIM_GPR_IN+8), %rsi
        .irp n, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        movdqu  C(SHIM_SAVED_VECTORS+16*(\n-6)), %xmm\n
        .endr
1:      pushq   C(SHIM_RETURN)
        ret
        .size   shim_\name, . - shim_\name
        .endm

        /* What Microsoft's callees have to preserve in vector register n: the complement of what its caller keeps there. */
        .macro KNOWN_VECTOR name, n, into, scratch
        movdqu  C(SHIM_SAVED_VECTORS+16*(\n-6)), %\into
        pcmpeqb %\scratch, %\scratch
        pxor    %\scratch, %\into
        .endm

        .macro CHECK_SAVED name, reg, value
        movq    \value, %rcx
        cmpq    %rcx, %\reg
        je      2f
        orq     $SHIM_BAD_SAVED_REGISTER, C(SHIM_BAD)
2:
        .endm

        .text
        SHIM outer
        SHIM callee
        SHIM closure
        SHIM inner
        .section .note.GNU-stack, "", @progbits
