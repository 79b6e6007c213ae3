/* SPDX-FileCopyrightText: 2026 Vireo contributors */
/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Multiboot header, entry in 32-bit protected mode, and waiting for the timer.
 *
 * There is no IRET in this guest (KVM emulations in software do not all know it): interrupts are off except while
 * waitForTick halts, so the handler can drop the frame (eip, cs, eflags) and return from waitForTick itself.
 *
 * forgetTranslations: QEMU before 9.0, emulating in software, does not bring its TLB up to date when a migration reads
 * which pages were written to ("physmem: Fix migration dirty bitmap coherency with TCG memory access"): writes through
 * an entry made earlier are lost, and the guest arrives with stale memory. Guests with an operating system empty the
 * TLB all the time; this one does so at each tick by turning CR0.WP over.
 */
        .section .multiboot, "a"
        .align 4
        .long 0x1BADB002                /* magic */
        .long 0x00000003                /* flags: modules aligned, memory information wanted */
        .long -(0x1BADB002 + 0x00000003)

        .section .text.start, "ax"
        .code32
        .globl start
start:  cli
        cld
        mov     $stackTop, %esp
        push    %ebx                    /* multiboot information */
        push    %eax                    /* multiboot magic */
        mov     $bssStart, %edi         /* the disk's loader clears nothing */
        mov     $bssEnd, %ecx
        sub     %edi, %ecx
        xor     %eax, %eax
        rep stosb
        pop     %eax
        pop     %ebx
        push    %ebx
        push    %eax
        call    guestMain
1:      hlt
        jmp     1b

        .text
        .globl waitForTick, forgetTranslations, onTimer, onOther
waitForTick:
        sti
        hlt
        jmp     waitForTick             /* not reached: a handler returns for us */

forgetTranslations:
        mov     %cr0, %eax
        xor     $0x10000, %eax
        mov     %eax, %cr0
        ret

onTimer:
        call    forgetTranslations
        incl    ticks
onOther:
        mov     $0x20, %al
        outb    %al, $0xa0              /* end of interrupt, both controllers */
        outb    %al, $0x20
        add     $12, %esp
        ret

        .section .stack, "aw", @nobits
        .align  16
        .skip   8192
stackTop:
        .section .note.GNU-stack, "", @progbits
