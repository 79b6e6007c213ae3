#!/bin/sh
# SPDX-FileCopyrightText: 2026 Vireo contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# build.sh OUT: build the guest without an operating system as a multiboot kernel (guest.c says what it does).
# For <os><kernel>OUT</kernel><cmdline>…</cmdline></os> or qemu -kernel. Needs gcc and binutils only.
set -eu
[ $# = 1 ] || { sed -n 5,6p "$0"; exit 2; }
here=$(dirname "$(readlink -f "$0")")
mkdir -p "$(dirname "$1")"
work=$(mktemp -d "$1.XXXXXX")
trap 'rm -rf "$work"' EXIT
compile() {
    gcc -m32 -march=i486 -O2 -ffreestanding -fno-pic -fno-pie -fno-stack-protector -mno-sse -mno-mmx -Wall -Wextra \
        -Wno-array-bounds -fno-asynchronous-unwind-tables -fcf-protection=none -c "$1" -o "$2"
}
for part in entry.S guest.c ide.c agent.c; do
    compile "$here/$part" "$work/${part%.*}.o"
done
ld -m elf_i386 -nostdlib --build-id=none --no-warn-rwx-segments -T "$here/guest.ld" -o "$work/out" "$work/entry.o" "$work/guest.o" "$work/ide.o" "$work/agent.o"
chmod 644 "$work/out"
mv "$work/out" "$1"
