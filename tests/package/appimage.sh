#!/bin/bash
# SPDX-FileCopyrightText: 2026 Vireo contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The AppImage in a clean root that has no Qt, no fonts and no display: with FUSE and without, as an ordinary user and as
# one who is nobody, from a path with spaces; how it ends, and that it leaves nothing behind.
set -euo pipefail
# shellcheck source=tests/package/cleanroot.sh
. "${VIREO_ROOT:?}/tests/package/cleanroot.sh"

image=$VIREO_ROOT/build/packages/Vireo-$VIREO_VERSION-$(uname -m).AppImage
out=$VIREO_ROOT/build/package-tests/appimage
[[ -f $image ]] || fail "there is no $image"
rm -rf "$out"
mkdir -p "$out"

size=$(stat -c %s "$image")
((size < 80000000)) || fail "it has $size bytes"

newRoot appimage
mkdir "$cleanRoot/srv/with spaces"
install -m 755 "$image" "$cleanRoot/srv/with spaces/Vireo.AppImage"
app='/srv/with spaces/Vireo.AppImage'

# leftovers: mounts and folders of a runtime that has ended. The server goes a moment after the program.
checkLeftovers() {
    local left
    left=$(find "$cleanRoot/tmp" "$cleanRoot/var/tmp" "$cleanRoot/home" -name '.mount_*' 2>/dev/null)
    [[ -z $left ]] || fail "left behind: $left"
}

# tryAll NAME [OPTION...]: version, picture and dry run.
tryAll() {
    local name=$1 user=$2 home
    shift 2
    say "$name"
    home=/var/tmp/home-$name
    inRoot install -d -m 700 -o "$user" "$home"
    checkVersion "$(asUser "$@" "$user" "$app" --version 2>"$out/$name.log")"
    asUser "$@" "$user" "$app" --demo --screenshot "$home/demo.png" 2>>"$out/$name.log" || fail "$name: $(<"$out/$name.log")"
    cp "$cleanRoot$home/demo.png" "$out/$name.png"
    checkPicture "$out/$name.png"
    checkDryRun "$(dryDraft | asUser "$@" "$user" "$app" run - --dry-run --json 2>>"$out/$name.log")"
    checkLeftovers
}

tryAll without-fuse tester --no-network
tryAll nobody nobody --no-network

say "exit status and signals"
status=0
asUser tester "$app" --no-such-option 2>/dev/null || status=$?
((status == 1)) || fail "a wrong option ends with $status"
install -m 755 "$VIREO_ROOT/tests/package/ending.sh" "$cleanRoot/usr/local/bin/ending"
ended=$(asUser tester /usr/local/bin/ending "$app" | paste -sd ' ')
[[ $ended == 'mounted 0 status 0 left 0' ]] || fail "without FUSE, SIGTERM: $ended"
checkLeftovers
[[ $(asUser tester "$app" --appimage-offset) =~ ^[0-9]+$ ]] || fail "--appimage-offset"
asUser tester "$app" --appimage-extract 'usr/share/metainfo/*' >"$out/extracted"
[[ -s $cleanRoot/home/tester/squashfs-root/usr/share/metainfo/io.github.vireo_vm.Vireo.metainfo.xml ]] || fail "--appimage-extract"

if [[ -e /dev/fuse ]]; then
    installPackages fuse3
    tryAll with-fuse tester --fuse
    ended=$(asUser --fuse tester /usr/local/bin/ending "$app" | paste -sd ' ')
    [[ $ended == 'mounted 1 status 0 left 0' ]] || fail "with FUSE, SIGTERM: $ended"
    checkLeftovers
else
    fail "this machine has no /dev/fuse"
fi

say "X11 and Wayland"
installPackages xvfb weston
install -m 755 "$VIREO_ROOT/tests/package/platforms.sh" "$cleanRoot/usr/local/bin/platforms"
asUser --no-network tester /usr/local/bin/platforms "$app" /home/tester >"$out/platforms.log" 2>&1 ||
    fail "platforms: $(<"$out/platforms.log")"
for platform in xcb wayland; do
    cp "$cleanRoot/home/tester/$platform.png" "$out/"
    checkPicture "$out/$platform.png"
done
say "passed: $((size / 1000000)) MB, with and without FUSE"
