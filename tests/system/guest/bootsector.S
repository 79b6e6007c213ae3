/* SPDX-FileCopyrightText: 2026 Vireo contributors */
/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * First sector of a bootable disk. Reads the sectors after it (1: command line, 2...: the guest as it lies at
 * 0x100000) to 0x10000, enters protected mode, copies the guest to its place and jumps to it with the registers
 * and the information of a multiboot loader, so that the guest needs not know where it came from.
 * SECTORS is given by mkdisk.sh.
 */
        .code16
        .globl  _start
_start: ljmp    $0, $1f
1:      xor     %ax, %ax
        mov     %ax, %ds
        mov     %ax, %es
        mov     %ax, %ss
        mov     $0x7c00, %sp
        cld
        mov     $0x42, %ah              /* extended read from the disk %dl that we were booted from */
        mov     $packet, %si
        int     $0x13
        jc      failed
        mov     $0xe801, %ax            /* memory above 1 MiB: %ax KiB below 16 MiB, %bx * 64 KiB above */
        xor     %cx, %cx
        xor     %dx, %dx
        int     $0x15
        jc      2f
        movzwl  %bx, %ebx
        shl     $6, %ebx
        movzwl  %ax, %eax
        add     %ebx, %eax
        mov     %eax, upper
2:      mov     $0x2401, %ax            /* A20 */
        int     $0x15
        cli
        lgdt    gdtPointer
        mov     %cr0, %eax
        or      $1, %al
        mov     %eax, %cr0
        ljmp    $8, $protected

failed: mov     $message, %si
1:      lodsb
        test    %al, %al
        jz      2f
        mov     $0x0e, %ah
        mov     $7, %bx
        int     $0x10
        jmp     1b
2:      hlt
        jmp     2b

        .code32
protected:
        mov     $16, %eax
        mov     %eax, %ds
        mov     %eax, %es
        mov     %eax, %ss
        mov     $0x10200, %esi
        mov     $0x100000, %edi
        mov     $((SECTORS - 1) * 128), %ecx
        rep movsl
        mov     $information, %ebx
        mov     $0x2BADB002, %eax
        mov     $0x100010, %ecx         /* right after the multiboot header, guest.ld */
        jmp     *%ecx

        .align  4
packet: .byte   16, 0                   /* disk address packet */
        .word   SECTORS
        .word   0, 0x1000               /* to 0x1000:0 */
        .quad   1                       /* from sector 1 */
information:                            /* multiboot: memory and command line are there */
        .long   5, 639
upper:  .long   7 * 1024
        .long   0, 0x10000
gdt:    .quad   0, 0x00cf9b000000ffff, 0x00cf93000000ffff
gdtPointer:
        .word   gdtPointer - gdt - 1
        .long   gdt
message:
        .asciz  "Vireo test guest: cannot read the disk"

        .org    446                     /* partition table: one active Linux partition from 1 MiB on */
        .byte   0x80, 0xfe, 0xff, 0xff, 0x83, 0xfe, 0xff, 0xff
        .long   2048, 131072 - 2048
        .org    510
        .word   0xaa55
