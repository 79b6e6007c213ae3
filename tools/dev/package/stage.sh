# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 Vireo contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What the scripts of this folder share. Sourced by them; they get their environment from tools/dev/package.sh.
: "${VIREO_ROOT:?run by ./dev package}" "${VIREO_BUILD:?}" "${VIREO_VERSION:?}" "${VIREO_PACKAGES:?}" "${SOURCE_DATE_EPOCH:?}"

say() { printf '%s\n' "package: $*" >&2; }
die() { say "$*"; exit 1; }

# stage FOLDER: installs the program there as into /, with the prefix /usr; what was there goes.
stage() {
    rm -rf "$1"
    mkdir -p "$1"
    DESTDIR=$1 cmake --install "$VIREO_BUILD" --prefix /usr >"$1.log" || {
        cat "$1.log" >&2
        die "installing into $1 failed"
    }
}

# settle FOLDER: what no package shall inherit of this machine: times, and rights that somebody's umask made.
settle() {
    chmod -R u=rwX,go=rX "$1"
    find "$1" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" '{}' +
}

# sizeOf FILE: "12.3 MB"
sizeOf() { stat -c %s "$1" | awk '{ printf "%.1f MB", $1 / 1e6 }'; }

# splitDebug PROGRAM: strips it, and leaves its debug symbols as a file that gdb finds by the build id, in an archive
# beside the packages: "tar -C / -xf" puts it where gdb looks.
splitDebug() {
    local id work=$VIREO_ROOT/build/package/debug file
    id=$(readelf -n "$1" | sed -n 's/^ *Build ID: *//p')
    [[ -n $id ]] || die "$1 has no build id"
    rm -rf "$work"
    file=$work/usr/lib/debug/.build-id/${id:0:2}/${id:2}.debug
    mkdir -p "${file%/*}"
    objcopy --only-keep-debug --compress-debug-sections "$1" "$file"
    strip --strip-unneeded --remove-section=.comment --remove-section=.note "$1"
    tar --create --sort=name --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX --mtime="@$SOURCE_DATE_EPOCH" \
        --directory="$work" usr | zstd -q -19 -f -o "$VIREO_PACKAGES/vireo-$VIREO_VERSION-$(uname -m).debug.tar.zst"
}
