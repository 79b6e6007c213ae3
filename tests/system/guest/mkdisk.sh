#!/bin/sh
# SPDX-FileCopyrightText: 2026 Vireo contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# mkdisk.sh OUT.qcow2|OUT.raw [COMMANDLINE]: a disk image of 64 MiB from which the guest boots (any bus that the
# BIOS knows: virtio, SATA, IDE, SCSI). Needs gcc, binutils and, for qcow2, qemu-img.
set -eu
[ $# -ge 1 ] || { sed -n 5,6p "$0"; exit 2; }
here=$(dirname "$(readlink -f "$0")")
mkdir -p "$(dirname "$1")"
work=$(mktemp -d "$1.XXXXXX")
trap 'rm -rf "$work"' EXIT
"$here/build.sh" "$work/kernel"
objcopy -O binary "$work/kernel" "$work/guest"
sectors=$((($(stat -c %s "$work/guest") + 511) / 512 + 1))
# one read of the BIOS: below 64 KiB, and before the partition
[ "$sectors" -le 127 ] || { echo "mkdisk.sh: the guest is too large" >&2; exit 1; }
as --32 --defsym "SECTORS=$sectors" -o "$work/sector.o" "$here/bootsector.S"
ld -m elf_i386 -Ttext=0x7c00 --oformat binary -o "$work/sector" "$work/sector.o"
truncate -s 64M "$work/raw"
put() { dd if="$1" of="$work/raw" bs=512 seek="$2" conv=notrunc status=none; }
printf '%s' "${2:-}" | head -c 511 >"$work/line"
put "$work/sector" 0
put "$work/line" 1
put "$work/guest" 2
case $1 in
*.qcow2) qemu-img convert -f raw -O qcow2 "$work/raw" "$work/out" ;;
*) mv "$work/raw" "$work/out" ;;
esac
chmod 644 "$work/out"
mv "$work/out" "$1"
