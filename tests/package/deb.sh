#!/bin/bash
# SPDX-FileCopyrightText: 2026 Vireo contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The .deb in a clean root: what is in it, installing with nothing but its dependencies, running, a VM on
# qemu:///session that is created, started and deleted by a user without any rights, and purging.
set -euo pipefail
# shellcheck source=tests/package/cleanroot.sh
. "${VIREO_ROOT:?}/tests/package/cleanroot.sh"

deb=$VIREO_ROOT/build/packages/vireo_${VIREO_VERSION}-1_$(dpkg --print-architecture).deb
out=$VIREO_ROOT/build/package-tests/deb
[[ -f $deb ]] || fail "there is no $deb"
rm -rf "$out"
mkdir -p "$out"

say "lintian"
lintian --fail-on error --suppress-tags initial-upload-closes-no-bugs "$deb" 2>/dev/null | tee "$out/lintian"
[[ ! -s $out/lintian ]] || grep -qv '^[EW]:' "$out/lintian" || fail "lintian finds something"

say "installing"
newRoot deb
cp "$deb" "$cleanRoot/tmp/vireo.deb"
inRoot find / -xdev ! -path '/proc/*' ! -path '/tmp/*' ! -path '/run/*' ! -path '/var/*' ! -path '/dev/*' | sort >"$out/before"
installPackages /tmp/vireo.deb fonts-dejavu-core

say "running"
checkVersion "$(asUser tester vireo --version)"
asUser tester vireo --demo --screenshot /home/tester/demo.png
cp "$cleanRoot/home/tester/demo.png" "$out/demo.png"
checkPicture "$out/demo.png"
dryDraft >"$cleanRoot/home/tester/dry.json"
checkDryRun "$(asUser tester vireo run dry.json --dry-run --json)"

say "what the desktop sees"
installPackages desktop-file-utils shared-mime-info appstream dbus man-db
id=io.github.vireo_vm.Vireo
asUser tester desktop-file-validate /usr/share/applications/$id.desktop
asUser tester appstreamcli validate --no-net /usr/share/metainfo/$id.metainfo.xml >&2
grep -q '^application/x-libvirt-domain+xml=.*vireo_vm' "$cleanRoot/usr/share/applications/mimeinfo.cache" ||
    fail "no program is known for domains' definitions"
grep -q '^<\?.*\|x-libvirt-domain' "$cleanRoot/usr/share/mime/packages/$id.xml" || fail "the MIME type is not installed"
asUser tester man --warnings=w vireo >"$out/man" 2>"$out/man.warnings"
[[ ! -s $out/man.warnings ]] || fail "the man page: $(<"$out/man.warnings")"
# Each option of --help is in the man page and in each shell's completion.
asUser tester vireo --help | grep -oE '(^| )--[a-z-]+' | tr -d ' ' | sort -u >"$out/options"
[[ $(wc -l <"$out/options") -ge 15 ]] || fail "--help names too few options"
while IFS= read -r option; do
    for file in man:$out/man bash:$cleanRoot/usr/share/bash-completion/completions/vireo \
        zsh:$cleanRoot/usr/share/zsh/vendor-completions/_vireo; do
        grep -qF -e "$option" "${file#*:}" || fail "${file%%:*} does not know $option"
    done
    grep -q -e "-l ${option#--} " "$cleanRoot/usr/share/fish/vendor_completions.d/vireo.fish" || fail "fish does not know $option"
done <"$out/options"
bash -n "$cleanRoot/usr/share/bash-completion/completions/vireo"
zsh -n "$cleanRoot/usr/share/zsh/vendor-completions/_vireo"
fish -n "$cleanRoot/usr/share/fish/vendor_completions.d/vireo.fish"
# D-Bus starts Vireo when somebody calls it.
asUser tester dbus-run-session -- bash -c "
    gdbus() { dbus-send --session --print-reply --reply-timeout=20000 --dest=\$1 \$2 \$3 \"\${@:4}\"; }
    gdbus $id /io/github/vireo_vm/Vireo $id.Open array:string:vireo,--connect,test:///default >/dev/null
    gdbus org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner string:$id | grep -q 'boolean true'" ||
    fail "D-Bus does not start Vireo"

say "a VM on qemu:///session"
installPackages libvirt-daemon libvirt-daemon-driver-qemu libvirt-clients qemu-system-x86 qemu-utils procps
install -m 755 "$VIREO_ROOT/tests/package/session.sh" "$cleanRoot/usr/local/bin/session"
asUser tester /usr/local/bin/session || fail "the VM"

say "purging"
inRoot apt-get -q purge -y vireo >"$roots/apt.log" 2>&1 || fail "purging"
left=$(cd "$cleanRoot" && find etc usr var -iname '*vireo*' ! -path 'var/log/*' ! -path 'var/cache/apt/*')
[[ -z $left ]] || fail "purging leaves $left"
say "passed: installed, ran, and made a VM"
