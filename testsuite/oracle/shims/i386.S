/* SPDX-License-Identifier: MIT */
/* i386 shims: each stands between a caller and a callee, spoils every register the pair does not use, and
   checks what the callee has to preserve and remove. The stack arguments stay where they are: the shim takes
   the return address off the stack and puts its own in the same place. */
#include "shims/i386.h"

#define C(field) control_\name+(field)

        .macro CHECK_SAVED name, reg, value
        cmpl    $\value, %\reg
        je      2f
        orl     $SHIM_BAD_SAVED_REGISTER, C(SHIM_BAD)
2:
        .endm

        .macro SHIM name
        .globl  shim_\name
        .type   shim_\name, @function
        .balign 16
shim_\name:
        /* Capture the registers and look at the state on entry. */
        movl    %ecx, C(SHIM_GPR_IN)
        movl    %edx, C(SHIM_GPR_IN+4)
        movl    %eax, C(SHIM_GPR_IN+8)
        movl    $0, C(SHIM_BAD)
        movl    4(%esp), %eax
        movl    %eax, C(SHIM_FIRST_WORD)
        leal    4(%esp), %eax
        testb   $15, %al
        jz      1f
        orl     $SHIM_BAD_ENTRY_ALIGNMENT, C(SHIM_BAD)
1:      pushfl
        popl    %eax
        testl   $0x400, %eax
        jz      1f
        orl     $SHIM_BAD_DIRECTION_FLAG, C(SHIM_BAD)
        cld
1:      fnstenv C(SHIM_SCRATCH)
        cmpw    $-1, C(SHIM_SCRATCH+8)
        je      1f
        orl     $SHIM_BAD_ENTRY_X87_STACK, C(SHIM_BAD)
1:      fldenv  C(SHIM_SCRATCH)
        fnstcw  C(SHIM_CONTROL)
        stmxcsr C(SHIM_CONTROL+4)
        popl    C(SHIM_RETURN)
        movl    %esp, C(SHIM_SP)
        movl    %ebx, C(SHIM_SAVED)
        movl    %ebp, C(SHIM_SAVED+4)
        movl    %esi, C(SHIM_SAVED+8)
        movl    %edi, C(SHIM_SAVED+12)

        /* Known values into the preserved registers, garbage into the unused ones. */
        movl    $0x1b1b4567, %ebx
        movl    $0x2b2b4567, %ebp
        movl    $0x3b3b4567, %esi
        movl    $0x4b4b4567, %edi
        movl    C(SHIM_GPR_IN+8), %eax
        xorl    C(SHIM_GPR_XOR), %ecx
        xorl    C(SHIM_GPR_XOR+4), %edx
        xorl    C(SHIM_GPR_XOR+8), %eax
        cmpl    $0, C(SHIM_CHAIN)
        je      1f
        cmpl    $0, C(SHIM_CHAIN_IN_EAX)
        je      2f
        movl    C(SHIM_CHAIN), %eax
        jmp     1f
2:      movl    C(SHIM_CHAIN), %ecx
1:      call    *C(SHIM_TARGET)

        /* Deliberate faults of the self-test. */
        testl   $SHIM_FAULT_SAVED_REGISTER, C(SHIM_FAULT)
        jz      1f
        notl    %ebx
1:      testl   $SHIM_FAULT_DIRECTION_FLAG, C(SHIM_FAULT)
        jz      1f
        std
1:      testl   $SHIM_FAULT_FLOAT_CONTROL, C(SHIM_FAULT)
        jz      1f
        stmxcsr C(SHIM_SCRATCH)
        xorl    $0x2000, C(SHIM_SCRATCH)
        ldmxcsr C(SHIM_SCRATCH)
1:
        /* What came back, and what had to survive. */
        movl    %eax, C(SHIM_RESULT_GPR_OUT)
        movl    %edx, C(SHIM_RESULT_GPR_OUT+4)
        movl    %esp, %ecx
        subl    C(SHIM_SP), %ecx
        movl    %ecx, C(SHIM_POPPED)
        cmpl    $SHIM_ANY, C(SHIM_POPS)
        je      1f
        cmpl    %ecx, C(SHIM_POPS)
        je      1f
        orl     $SHIM_BAD_STACK_POINTER, C(SHIM_BAD)
        movl    C(SHIM_SP), %esp
        addl    C(SHIM_POPS), %esp
1:      CHECK_SAVED \name, ebx, 0x1b1b4567
        CHECK_SAVED \name, ebp, 0x2b2b4567
        CHECK_SAVED \name, esi, 0x3b3b4567
        CHECK_SAVED \name, edi, 0x4b4b4567
        pushfl
        popl    %ecx
        testl   $0x400, %ecx
        jz      1f
        orl     $SHIM_BAD_DIRECTION_FLAG, C(SHIM_BAD)
        cld
1:      fnstenv C(SHIM_SCRATCH)
        movzwl  C(SHIM_SCRATCH+8), %ecx
        fldenv  C(SHIM_SCRATCH)
        cmpl    $SHIM_ANY, C(SHIM_X87_RESULTS)
        je      2f
        cmpl    $0, C(SHIM_X87_RESULTS)
        je      1f
        cmpw    $-1, %cx
        je      3f
        orw     $0xc000, %cx    /* one value: the last register is in use, and no other */
1:      cmpw    $-1, %cx
        je      2f
3:      orl     $SHIM_BAD_X87_STACK, C(SHIM_BAD)
2:      fnstcw  C(SHIM_SCRATCH)
        movzwl  C(SHIM_SCRATCH), %ecx
        cmpw    %cx, C(SHIM_CONTROL)
        je      1f
        orl     $SHIM_BAD_FLOAT_CONTROL, C(SHIM_BAD)
1:      stmxcsr C(SHIM_SCRATCH)
        movl    C(SHIM_SCRATCH), %ecx
        xorl    C(SHIM_CONTROL+4), %ecx
        testl   $0xffc0, %ecx
        jz      1f
        orl     $SHIM_BAD_FLOAT_CONTROL, C(SHIM_BAD)
        ldmxcsr C(SHIM_CONTROL+4)
1:      movl    C(SHIM_SAVED), %ebx
        movl    C(SHIM_SAVED+4), %ebp
        movl    C(SHIM_SAVED+8), %esi
        movl    C(SHIM_SAVED+12), %edi

        /* Spoil what the result does not use, and the register that a callee may spoil. */
        xorl    C(SHIM_RESULT_GPR_XOR), %eax
        xorl    C(SHIM_RESULT_GPR_XOR+4), %edx
        movl    $0xbad0bad1, %ecx
        pushl   C(SHIM_RETURN)
        ret
        .size   shim_\name, . - shim_\name
        .endm

        .text
        SHIM outer
        SHIM callee
        SHIM closure
        SHIM inner
        .section .note.GNU-stack, "", @progbits
