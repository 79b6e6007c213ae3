#!/bin/bash
# SPDX-FileCopyrightText: 2026 Vireo contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# mkimage.sh DIRECTORY: makes a cloud image and a kernel with initial RAM disk (README.md). An ordinary user can do it.
# Needs busybox-static, cpio, kmod, e2fsprogs, xfsprogs, mtools, sfdisk, partx, flock, qemu-img and GRUB's files for BIOS and
# EFI. Kernel, guest agent and growpart are those of tools/dev/guestpackages.sh; where there is no apt, the installed.
set -euo pipefail
(($# == 1)) || { sed -n 5,7p "$0"; exit 2; }
here=$(dirname "$(readlink -f "$0")")
out=$(readlink -m "$1")
root=$(dirname "$(dirname "$(dirname "$here")")")
packages=$root/build/deps/guestpackages
mkdir -p "$(dirname "$out")"
work=$(mktemp -d "$out.XXXXXX")
trap 'rm -rf "$work"' EXIT
PATH=$PATH:/usr/sbin:/sbin

# What the guest may need, with what it depends on; a driver that is built in, or that this kernel lacks, is left out.
initrd_drivers=(virtio_pci virtio_blk virtio_balloon virtio_scsi sd_mod ata_piix ext4)
image_drivers=(virtio_console sr_mod isofs xfs vfat nls_cp437 nls_ascii nls_iso8859-1)

# Fills $work/kernel with boot/ and lib/modules/ of a kernel, $work/programs with what else came in packages.
unpackPackages() {
    local file
    mkdir "$work/kernel" "$work/programs"
    if ! command -v apt-get >/dev/null; then
        file=$(find /lib/modules -maxdepth 2 -name vmlinuz | sort -V | tail -n 1)
        [[ -n $file ]] || { echo "mkimage.sh: no kernel below /lib/modules" >&2; exit 1; }
        mkdir -p "$work/kernel/boot" "$work/kernel/lib/modules"
        cp "$file" "$work/kernel/boot/vmlinuz"
        cp -r "$(dirname "$file")" "$work/kernel/lib/modules/"
        return
    fi
    "$root/tools/dev/guestpackages.sh" "$packages"
    while read -r file; do
        case $file in
        linux-*)
            dpkg-deb --fsys-tarfile "$packages/$file" | tar -x -C "$work/kernel" --wildcards './boot/vmlinuz*' './lib/modules/*' 2>"$work/tar" ||
                grep -q 'vmlinuz.*Not found\|modules.*Not found' "$work/tar" || { cat "$work/tar" >&2; exit 1; }
            ;;
        *) dpkg-deb -x "$packages/$file" "$work/programs" ;;
        esac
    done <"$packages/list"
}

# copyDrivers TREE DRIVER...: with their dependencies, uncompressed.
copyDrivers() {
    local tree=$1 file
    shift
    modprobe --quiet --dirname "$work/kernel" --set-version "$version" --show-depends --all "$@" |
        sed -n 's/^insmod \([^ ]*\).*/\1/p' | sort -u >"$work/drivers" || true
    while read -r file; do
        local target=$tree/${file#"$work/kernel/"}
        mkdir -p "$(dirname "$target")"
        case $file in
        *.zst) zstd -q -d "$file" -o "${target%.zst}" ;;
        *.xz) xz -d <"$file" >"${target%.xz}" ;;
        *.gz) gzip -d <"$file" >"${target%.gz}" ;;
        *) cp "$file" "$target" ;;
        esac
    done <"$work/drivers"
    cp "$work/kernel/lib/modules/$version"/modules.{builtin,builtin.modinfo,order} "$tree/lib/modules/$version/"
    depmod -b "$tree" "$version"
}

# installPrograms TREE FILE...: where PATH finds them there, with the libraries that they need.
installPrograms() {
    local tree=$1 file
    shift
    for file; do
        install -m 755 "$file" "$tree/sbin/"
        [[ $(head -c 2 "$file") != '#!' ]] || continue
        if ldd "$file" | grep 'not found'; then
            echo "mkimage.sh: $file lacks a library here" >&2
            exit 1
        fi
        ldd "$file" | grep -o '/[^ ]*' | while read -r library; do
            install -D -m 755 "$(readlink -f "$library")" "$tree$library"
        done
    done
}

# guestProgram NAME: the path of one that this machine need not have.
guestProgram() {
    find "$work/programs" -type f -name "$1" -path '*bin/*' | grep . || command -v "$1" ||
        { echo "mkimage.sh: there is no $1" >&2; exit 1; }
}

makeInitrd() {
    local tree=$work/initrd
    mkdir -p "$tree/bin" "$tree/lib/modules/$version"
    cp "$busybox" "$tree/bin/busybox"
    install -m 755 "$here/initrd-init" "$tree/init"
    copyDrivers "$tree" "${initrd_drivers[@]}"
    (cd "$tree" && find . | sort | cpio --quiet --create --format newc --owner 0:0 | gzip -6) >"$work/result/initrd.img"
}

makeRoot() {
    local tree=$work/root
    mkdir -p "$tree"/{bin,sbin,boot,dev,etc,mnt,proc,run,sys,tmp,"lib/modules/$version"}
    cp "$busybox" "$tree/bin/busybox"
    "$busybox" --list | grep -vx busybox | while read -r applet; do
        ln -s busybox "$tree/bin/$applet"
    done
    ln -s ../bin/busybox "$tree/sbin/modprobe" # where the kernel looks for it
    install -m 755 "$here/image-init" "$tree/sbin/init"
    installPrograms "$tree" "$(guestProgram qemu-ga)" "$(guestProgram growpart)" \
        "$(command -v sfdisk)" "$(command -v partx)" "$(command -v flock)" "$(command -v resize2fs)" "$(command -v xfs_growfs)"
    copyDrivers "$tree" "${image_drivers[@]}"
    echo 'root:x:0:0:root:/:/bin/sh' >"$tree/etc/passwd"
    cp "$work/result/vmlinuz" "$work/result/initrd.img" "$tree/boot/"
    truncate -s $((root_sectors * 512)) "$work/root.ext4"
    # Named one by one: newer e2fsprogs turn on features that GRUB can't read.
    mkfs.ext4 -q -F -L cloudimg-rootfs -m 0 -E root_owner=0:0,lazy_itable_init=1 -d "$tree" \
        -O none,has_journal,ext_attr,filetype,extent,sparse_super,large_file,dir_nlink,extra_isize,resize_inode,64bit,flex_bg \
        "$work/root.ext4"
}

# little VALUE BYTES: the number as bytes, the lowest first.
little() {
    local value=$1 count=$2
    while ((count-- > 0)); do
        # shellcheck disable=SC2059
        printf "\\x$(printf %02x $((value & 255)))"
        ((value >>= 8)) || true
    done
}
patch() { dd of="$1" bs=1 seek="$2" conv=notrunc status=none; }
put() { dd if="$1" of="$work/raw" bs=512 seek="$2" conv=notrunc,sparse status=none; }

makeBootLoaders() {
    local config=$work/grub.cfg
    cat >"$config" <<TEXT
search.fs_label cloudimg-rootfs root
linux /boot/vmlinuz root=LABEL=cloudimg-rootfs console=ttyS0 quiet
initrd /boot/initrd.img
boot
TEXT
    "$mkimage" -O i386-pc -o "$work/core.img" -p /boot/grub -c "$config" biosdisk part_gpt ext2 search_label linux
    cp "$grub/i386-pc/boot.img" "$work/boot.img"
    # grub-install's work: where the rest lies. boot.img: 64 bits at 0x5c; the first sector of core.img: its last entry.
    little "$bios_start" 8 | patch "$work/boot.img" 92
    little $((bios_start + 1)) 8 | patch "$work/core.img" 500
    "$mkimage" -O x86_64-efi -o "$work/boot.efi" -p /boot/grub -c "$config" part_gpt ext2 search_label linux
    truncate -s $((efi_sectors * 512)) "$work/efi.vfat"
    mkfs.vfat -n UEFI "$work/efi.vfat" >/dev/null
    mmd -i "$work/efi.vfat" ::EFI ::EFI/BOOT
    mcopy -i "$work/efi.vfat" "$work/boot.efi" ::EFI/BOOT/BOOTX64.EFI
}

busybox=$(command -v busybox)
grub=/usr/lib/grub
mkimage=$(command -v grub-mkimage grub2-mkimage | head -n 1)
mkdir "$work/result"
unpackPackages
version=$(basename "$work"/kernel/lib/modules/*)
cp "$(find "$work/kernel/boot" -name 'vmlinuz*')" "$work/result/vmlinuz"
depmod -b "$work/kernel" "$version"

# In sectors. The same order on the disk as Debian's: BIOS boot, EFI, root, so that the root can grow.
disk_sectors=$((512 * 2048))
bios_start=2048 bios_sectors=6144
efi_start=8192 efi_sectors=16384
root_start=24576
root_sectors=$((disk_sectors - root_start - 2048))

makeInitrd
makeRoot
makeBootLoaders
truncate -s $((disk_sectors * 512)) "$work/raw"
sfdisk --quiet --no-reread --no-tell-kernel "$work/raw" <<TEXT
label: gpt
1 : start=$root_start, size=$root_sectors, type=4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709
14 : start=$bios_start, size=$bios_sectors, type=21686148-6449-6E6F-744E-656564454649
15 : start=$efi_start, size=$efi_sectors, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B
TEXT
dd if="$work/boot.img" of="$work/raw" bs=440 count=1 conv=notrunc status=none # the partition table's MBR follows
put "$work/core.img" "$bios_start"
put "$work/efi.vfat" "$efi_start"
put "$work/root.ext4" "$root_start"
qemu-img convert -f raw -O qcow2 "$work/raw" "$work/result/disk.qcow2"
chmod 644 "$work"/result/*
rm -rf "$out"
mv "$work/result" "$out"
