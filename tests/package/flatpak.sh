#!/bin/bash
# SPDX-FileCopyrightText: 2026 Vireo contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The Flatpak in a clean root that has Flatpak and neither Qt nor libvirt's client, installed by an ordinary user: what it
# may touch, running, the programs that it brings, a VM on the libvirt outside, and a host by ssh whose password is typed
# into Vireo's own question.
set -euo pipefail
# shellcheck source=tests/package/cleanroot.sh
. "${VIREO_ROOT:?}/tests/package/cleanroot.sh"

bundle=$VIREO_ROOT/build/packages/Vireo-$VIREO_VERSION-$(uname -m).flatpak
out=$VIREO_ROOT/build/package-tests/flatpak
id=io.github.vireo_vm.Vireo
for file in "$bundle" "${bundle%.flatpak}-runtime.flatpak"; do
    [[ -f $file ]] || fail "there is no $file"
done
rm -rf "$out"
mkdir -p "$out"
size=$(stat -c %s "$bundle")
((size < 40000000)) || fail "it has $size bytes"

# inside [--root] COMMAND...: as tester, or as root, in $cleanRoot with a network of its own that is only itself, and with the
# system's bus, which Flatpak asks for parental controls.
inside() {
    local as=tester
    [[ $1 != --root ]] || { as=root && shift; }
    # shellcheck disable=SC2016 # for the inner shell
    inRoot --pivot --no-network bash -c '
        as=$1 uid=$(id -u tester) status=0
        shift
        install -d -m 755 /run/user /run/dbus
        install -d -m 700 -o tester -g tester "/run/user/$uid"
        dbus-daemon --system --fork --print-pid >/run/bus 2>/dev/null
        export XDG_RUNTIME_DIR=/run/user/$uid
        if [[ $as == root ]]; then
            "$@" || status=$?
        else
            cd /home/tester
            setpriv --reuid=tester --regid=tester --clear-groups env HOME=/home/tester USER=tester "$@" || status=$?
        fi
        kill "$(</run/bus)"
        exit "$status"' inside "$as" "$@"
}

# vireo [OPTION-OF-FLATPAK...] -- [ARGUMENT...]
vireo() {
    local options=()
    while [[ $1 != -- ]]; do options+=("$1") && shift; done
    inside dbus-run-session -- flatpak run --user --env=QT_QPA_PLATFORM=offscreen "${options[@]}" "$id" "${@:2}"
}

say "installing"
newRoot flatpak
installPackages flatpak dbus
cp --reflink=auto "$bundle" "$cleanRoot/srv/vireo.flatpak"
cp --reflink=auto "${bundle%.flatpak}-runtime.flatpak" "$cleanRoot/srv/runtime.flatpak"
for file in runtime vireo; do
    inside flatpak install --user -y --noninteractive "/srv/$file.flatpak" >>"$out/install.log" 2>&1 ||
        fail "installing $file.flatpak: $(<"$out/install.log")"
done

say "what it may touch"
# In no certain order: each of them by itself.
inside flatpak info --user --show-permissions "$id" | sed '/^\[/d; /^$/d' | awk -F '[=;]' '{ for (i = 2; i < NF; ++i) print $1, $i }' |
    LC_ALL=C sort >"$out/permissions"
diff -u - "$out/permissions" <<'PERMISSIONS' || fail "it has other rights than it should"
filesystems /run/libvirt:ro
filesystems xdg-run/libvirt:create
persistent .pki
persistent .ssh
shared ipc
shared network
sockets fallback-x11
sockets ssh-auth
sockets wayland
sockets x11
PERMISSIONS

say "running"
checkVersion "$(vireo -- --version)"
data=/home/tester/.var/app/$id/data
vireo -- --demo --screenshot "$data/demo.png"
cp "$cleanRoot$data/demo.png" "$out/demo.png"
checkPicture "$out/demo.png"
checkDryRun "$(dryDraft | vireo -- run - --dry-run --json)"

say "what the desktop sees"
exports=$cleanRoot/home/tester/.local/share/flatpak/exports/share
for file in "applications/$id.desktop" "icons/hicolor/scalable/apps/$id.svg" "dbus-1/services/$id.service" \
    "mime/packages/$id.xml"; do
    [[ -e $exports/$file || -L $exports/$file ]] || fail "$file is not exported"
done

say "what it brings"
# shellcheck disable=SC2016 # for the inner shell
vireo --command=sh -- -c '
    set -e
    for program in qemu-img mke2fs mkfs.ext4 e2fsck resize2fs mkfs.vfat; do test -x /app/bin/$program; done
    qemu-img --version && mkfs.ext4 -V 2>&1 && ssh -V 2>&1
    test -x /app/libexec/vireo/vireo-askpass
    test -s /app/share/libvirt/schemas/domain.rng && ls /app/share/osinfo/os | wc -l
    for file in /app/bin/* /app/lib/*.so*; do ldd "$file" 2>/dev/null | grep "not found" && exit 1; done
    test ! -e "$HOME/secret"' >"$out/inside" || fail "inside: $(<"$out/inside")"

say "libvirt outside, and a host by ssh"
installPackages libvirt-daemon libvirt-daemon-driver-qemu libvirt-clients qemu-system-x86 qemu-utils procps \
    openssh-server openssh-client xvfb xdotool
install -m 755 "$VIREO_ROOT/tests/package/session.sh" "$VIREO_ROOT/tests/package/flatpakvireo.sh" \
    "$VIREO_ROOT/tests/package/flatpakssh.sh" "$cleanRoot/usr/local/bin"
ln -s flatpakvireo.sh "$cleanRoot/usr/local/bin/vireo"
inside env PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin dbus-run-session -- session.sh >"$out/session.log" 2>&1 ||
    fail "the VM: $(tail -n 20 "$out/session.log")"
inside --root /usr/local/bin/flatpakssh.sh >"$out/ssh.log" 2>&1 || fail "ssh: $(tail -n 20 "$out/ssh.log")"
say "passed: $((size / 1000000)) MB, a VM outside, a password typed inside"
