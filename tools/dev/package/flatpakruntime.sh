#!/bin/bash
# SPDX-FileCopyrightText: 2026 Vireo contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Makes a Flatpak runtime and its Sdk out of Debian packages, in the place of org.kde.Platform, whose registry a build here
# does not ask.
#
#   tools/dev/package/flatpakruntime.sh DIRECTORY
#
# Leaves DIRECTORY/repo (OSTree), a remote to install from. They are of Debian 13 whatever this machine has: its Qt (6.8)
# and KDE Frameworks are near to those of org.kde.Platform, so that the same manifest serves. The Platform has what
# org.kde.Platform has and the program uses, and nothing that the manifest builds itself. With a finished one it returns
# at once and touches no network.
set -euo pipefail

directory=${1:?usage: flatpakruntime.sh DIRECTORY}
suite=trixie
id=io.github.vireo_vm.Debian
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

say() { printf '%s\n' "flatpakruntime: $*" >&2; }
die() { say "$*"; exit 1; }

platform=(
    libqt6widgets6 libqt6network6 libqt6dbus6 libqt6svg6 qt6-svg-plugins qt6-wayland qt6-xdgdesktopportal-platformtheme
    libkf6syntaxhighlighting6 libarchive13t64 libcurl4t64 libgnutls30t64 libxml2 libxslt1.1 libglib2.0-0t64 libsoup-3.0-0
    libjson-glib-1.0-0 libjson-c5 libcrypt1 libzstd1 zlib1g fontconfig fonts-dejavu-core ca-certificates openssh-client
    hicolor-icon-theme
)
sdk=(
    g++ cmake make ninja-build meson pkgconf autoconf automake libtool gettext bison flex perl python3-venv python3-pycotap
    xsltproc libxml2-utils rpcsvc-proto file patch bzip2 xz-utils appstream appstream-util desktop-file-utils
    shared-mime-info ccache qt6-base-dev qt6-svg-dev qt6-tools-dev libgl-dev libkf6syntaxhighlighting-dev libarchive-dev
    libcurl4-openssl-dev libgnutls28-dev libxml2-dev libxslt1-dev libglib2.0-dev libsoup-3.0-dev libjson-glib-dev libjson-c-dev libcrypt-dev
    libzstd-dev zlib1g-dev uuid-dev libblkid-dev
)

# The archive that this machine's apt uses for Debian itself.
archive() {
    # shellcheck disable=SC2016 # the fields are apt's
    apt-get indextargets --format '$(ORIGIN) $(REPO_URI)' 'Created-By: Packages' | sed -n 's/^Debian //p' |
        grep -v -e '-security' | sort -u | head -n 1
}

# makeRoot NAME PACKAGE...: an unpacked Debian in $work/NAME.
makeRoot() {
    local name=$1 packages
    shift
    packages=$(IFS=, && printf '%s' "$*")
    mmdebstrap --quiet --mode=root --variant=apt --include="$packages" --keyring="$keyring" \
        --aptopt='Acquire::Languages "none"' --dpkgopt='path-exclude=/usr/share/doc/*' \
        --dpkgopt='path-include=/usr/share/doc/*/copyright' --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' "$suite" "$work/$name" "$uri" ||
        die "$suite can't be unpacked from $uri (is there a network?)"
}

# exportRoot NAME: turns $work/NAME into what Flatpak mounts as /usr, and puts that into the repository.
exportRoot() {
    local root=$work/$1 tree=$work/$1.runtime
    mkdir -p "$tree"
    mv "$root/usr" "$tree/files"
    mv "$root/etc" "$tree/files/etc"
    # What Flatpak gives each program itself, and what belongs to this machine.
    rm -rf "$tree"/files/etc/{machine-id,resolv.conf,hostname,hosts,mtab,passwd*,group*,shadow*,gshadow*,apt,ld.so.cache}
    printf '/app/lib\n/usr/lib/%s\n' "$triplet" >"$tree/files/etc/ld.so.conf"
    find "$tree/files" -perm /6000 -exec chmod ug-s '{}' +
    find "$tree/files" \( -type c -o -type b -o -type p -o -type s \) -delete
    cat >"$tree/metadata" <<METADATA
[Runtime]
name=$id$1
runtime=${id}Platform/$(uname -m)/$suite
sdk=${id}Sdk/$(uname -m)/$suite

[Environment]
XDG_DATA_DIRS=/app/share:/usr/share:/usr/share/runtime/share:/run/host/user-share:/run/host/share
METADATA
    flatpak build-export --runtime --disable-sandbox --no-update-summary --files=files "$directory/repo.new" "$tree" "$suite" \
        >"$work/$1.log" 2>&1 || {
        tail -n 20 "$work/$1.log" >&2
        die "$id$1 can't be exported"
    }
    rm -rf --one-file-system "$root" "$tree"
}

stamp=$directory/built
recipe=$(printf '%s\n' "recipe 1 $suite" "${platform[*]}" "${sdk[*]}" | sha256sum)
[[ ! -f $stamp || $(<"$stamp") != "$recipe" ]] || exit 0
[[ $(id -u) == 0 ]] || die "the local runtime is unpacked by root: sudo $0 $directory"
[[ -r $keyring ]] || die "no archive keyring at $keyring: the Flatpak is made on Debian"
uri=$(archive)
[[ -n $uri ]] || die "apt has no package lists of Debian (apt-get update)"
triplet=$(gcc -print-multiarch 2>/dev/null || dpkg-architecture -qDEB_HOST_MULTIARCH)

mkdir -p "$directory"
directory=$(cd "$directory" && pwd -P)
stamp=$directory/built
exec {lock}>"$directory/lock"
flock "$lock"
[[ ! -f $stamp || $(<"$stamp") != "$recipe" ]] || exit 0
say "making a runtime of Debian packages, once (about ten minutes, 4 GB meanwhile)"
work=$(mktemp -d "$directory/work.XXXXXX")
trap 'rm -rf --one-file-system "$work"' EXIT
trap 'exit 130' INT TERM HUP
rm -rf "$directory/repo.new"
makeRoot Platform "${platform[@]}"
exportRoot Platform
makeRoot Sdk "${platform[@]}" "${sdk[@]}"
exportRoot Sdk
flatpak build-update-repo "$directory/repo.new" >/dev/null
rm -rf "$directory/repo"
mv "$directory/repo.new" "$directory/repo"
printf '%s\n' "$recipe" >"$stamp"
say "ready in $directory/repo"
