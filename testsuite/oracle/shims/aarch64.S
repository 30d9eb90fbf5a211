/* SPDX-License-Identifier: MIT */
/* aarch64 shims: each stands between a caller and a callee, spoils every register the pair does not
   use, and checks what the callee has to preserve. The stack arguments stay where they are: the shim
   keeps everything in its control block, addressed by x16. */
#include "shims/aarch64.h"

#define GPR_VALUE 0x1b1b0123456789ab
#define VECTOR_VALUE 0x2b2b0123456789ab
#define CHAIN_VALUE 0x3b3b0123456789ab
#define SPOILT 0xbad0bad1bad2bad3

        .macro BAD bit
        ldr     x17, [x16, SHIM_BAD]
        orr     x17, x17, \bit
        str     x17, [x16, SHIM_BAD]
        .endm

        .macro CHECK_SAVED value, expected
        ldr     x17, =\expected
        cmp     \value, x17
        b.eq    2f
        BAD     SHIM_BAD_SAVED_REGISTER
2:
        .endm

        .macro XOR_VECTOR n, at
        ldr     q31, [x16, \at + 16 * \n]
        eor     v\n\().16b, v\n\().16b, v31.16b
        .endm

        .macro SHIM name
        .globl  shim_\name
        .type   shim_\name, %function
        .balign 16
shim_\name:
        /* Capture the registers and look at the state on entry. */
        adrp    x16, control_\name
        add     x16, x16, :lo12:control_\name
        .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        str     x\n, [x16, SHIM_GPR_IN + 8 * \n]
        .endr
        str     x18, [x16, SHIM_GPR_IN + 8 * SHIM_CHAIN_REGISTER]
        str     xzr, [x16, SHIM_BAD]
        mov     x17, sp
        str     x17, [x16, SHIM_SP]
        tst     x17, 15
        b.eq    1f
        BAD     SHIM_BAD_ENTRY_ALIGNMENT
1:      str     x30, [x16, SHIM_RETURN]
        mrs     x17, fpcr
        str     x17, [x16, SHIM_CONTROL]

        /* Known values into the preserved registers, garbage into the unused ones. */
        .irp n, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29
        str     x\n, [x16, SHIM_SAVED + 8 * (\n - 19)]
        ldr     x\n, =GPR_VALUE + \n
        .endr
        .irp n, 8, 9, 10, 11, 12, 13, 14, 15
        str     d\n, [x16, SHIM_SAVED_VECTOR + 8 * (\n - 8)]
        ldr     x17, =VECTOR_VALUE + \n
        fmov    d\n, x17
        .endr
        .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        ldr     x17, [x16, SHIM_GPR_XOR + 8 * \n]
        eor     x\n, x\n, x17
        .endr
        .irp n, 0, 1, 2, 3, 4, 5, 6, 7
        XOR_VECTOR \n, SHIM_VECTOR_XOR
        .endr
        ldr     x17, =SPOILT
        .irp n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
        fmov    d\n, x17
        .endr
        ldr     x18, [x16, SHIM_CHAIN]
        cbnz    x18, 1f
        ldr     x18, =CHAIN_VALUE
1:      ldr     x17, [x16, SHIM_TARGET]
        blr     x17

        /* Deliberate faults of the self-test. */
        adrp    x16, control_\name
        add     x16, x16, :lo12:control_\name
        ldr     x17, [x16, SHIM_FAULT]
        tst     x17, SHIM_FAULT_SAVED_REGISTER
        b.eq    1f
        mvn     x25, x25
1:      tst     x17, SHIM_FAULT_PLATFORM_REGISTER
        b.eq    1f
        mvn     x18, x18
1:      tst     x17, SHIM_FAULT_FLOAT_CONTROL
        b.eq    1f
        mrs     x9, fpcr
        eor     x9, x9, 0x400000
        msr     fpcr, x9
1:
        /* What came back, and what had to survive. */
        str     x0, [x16, SHIM_RESULT_GPR_OUT]
        str     x1, [x16, SHIM_RESULT_GPR_OUT + 8]
        mov     x9, sp
        ldr     x10, [x16, SHIM_SP]
        cmp     x9, x10
        b.eq    1f
        BAD     SHIM_BAD_STACK_POINTER
        mov     sp, x10
1:
        .irp n, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29
        CHECK_SAVED x\n, GPR_VALUE + \n
        ldr     x\n, [x16, SHIM_SAVED + 8 * (\n - 19)]
        .endr
        .irp n, 8, 9, 10, 11, 12, 13, 14, 15
        fmov    x9, d\n
        CHECK_SAVED x9, VECTOR_VALUE + \n
        ldr     d\n, [x16, SHIM_SAVED_VECTOR + 8 * (\n - 8)]
        .endr
        ldr     x9, [x16, SHIM_MAY_SET_CHAIN]
        cbnz    x9, 1f
        ldr     x9, [x16, SHIM_CHAIN]
        cbnz    x9, 1f
        ldr     x9, =CHAIN_VALUE
        cmp     x18, x9
        b.eq    1f
        BAD     SHIM_BAD_PLATFORM_REGISTER
1:      mrs     x9, fpcr
        ldr     x10, [x16, SHIM_CONTROL]
        cmp     x9, x10
        b.eq    1f
        BAD     SHIM_BAD_FLOAT_CONTROL
        msr     fpcr, x10
1:      ldr     x18, [x16, SHIM_GPR_IN + 8 * SHIM_CHAIN_REGISTER]
        ldr     x30, [x16, SHIM_RETURN]

        /* Spoil what the result does not use, and every register a callee may spoil. */
        .irp n, 0, 1
        ldr     x17, [x16, SHIM_RESULT_GPR_XOR + 8 * \n]
        eor     x\n, x\n, x17
        .endr
        .irp n, 0, 1, 2, 3
        XOR_VECTOR \n, SHIM_RESULT_VECTOR_XOR
        .endr
        ldr     x17, =SPOILT
        .irp n, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
        fmov    d\n, x17
        .endr
        .irp n, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16
        mov     x\n, x17
        .endr
        ret
        .ltorg
        .size   shim_\name, . - shim_\name
        .endm

        .text
        SHIM outer
        SHIM callee
        SHIM closure
        SHIM inner
        .section .note.GNU-stack, "", %progbits
