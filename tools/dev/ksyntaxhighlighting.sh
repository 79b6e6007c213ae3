#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 Vireo contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Builds KDE Syntax-Highlighting against Qt 6, static, into a private prefix, for distributions that have no KF6 yet.
#
#   tools/dev/ksyntaxhighlighting.sh PREFIX
#
# Why 5.116: it is the last release that builds with both Qt 6.4 and the extra-cmake-modules of Debian 12, and its
# source package is in Debian 13. Debian 12's own 5.103 has no Qt 6 build in the archive, KF6 needs a newer Qt.
# Why static: a shared one would carry the same SONAME as the distribution's Qt 5 build.
#
# The archive's address is asked of this machine's apt (a mirror, a proxy, a snapshot all work); the tarball is checked
# against the signed Sources index by apt and against the sum below by us. Nothing is written but PREFIX and
# its neighbours PREFIX.*. With a finished PREFIX it returns at once and touches no network.
set -euo pipefail

prefix=${1:?usage: ksyntaxhighlighting.sh PREFIX}
work=$prefix.work
ecm_minimum=5.103.0

say() { printf '%s\n' "ksyntaxhighlighting: $*" >&2; }
die() { say "$*"; exit 1; }

# The base addresses of the archives in this machine's own list of sources, however that is written; reads no network.
known_archives() {
    apt-get update --print-uris | sed -n "s#^'\([^ ]*\)/dists/$1/InRelease' .*#\1#p"
}

# Chooses where the source comes from: sets suite, version, sha256, components, keyring and archives.
choose_source() {
    local ID='' VERSION_CODENAME=''
    # shellcheck source=/dev/null
    . /etc/os-release
    mapfile -t archives < <(known_archives "$VERSION_CODENAME")
    ((${#archives[@]})) || mapfile -t archives < <(known_archives '[a-z]*stable')
    ((${#archives[@]})) || die "apt's list of sources names no archive of $VERSION_CODENAME"
    if [[ $ID == ubuntu ]]; then
        # Ubuntu 24.04 has no KF6 either, but the source of the last KF5 of its own.
        suite=$VERSION_CODENAME version='' sha256='' components=universe
        keyring=/usr/share/keyrings/ubuntu-archive-keyring.gpg
    else
        suite=trixie version=5.116.0-1 components=main
        sha256=6f8ccacebd0dc9ce050b2b23b715750c97938b3336fbbb80967920cb8c1dfaa7
        keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    fi
    [[ -r $keyring ]] || die "no archive keyring at $keyring"
}

# An apt of our own with one source index, that of the archive $1, so that the machine's configuration stays as it is.
private_apt() {
    local apt=$work/apt uri=$1
    mkdir -p "$apt"/{lists/partial,cache/archives/partial,preferences.d,sources.d}
    : >"$apt/status"
    printf 'deb-src [signed-by=%s] %s %s %s\n' "$keyring" "$uri" "$suite" "$components" >"$apt/sources.list"
    cat >"$apt/apt.conf" <<CONF
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "$apt/sources.d";
Dir::Etc::preferencesparts "$apt/preferences.d";
Dir::State::lists "$apt/lists";
Dir::State::status "$apt/status";
Dir::Cache "$apt/cache";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
APT::Update::Post-Invoke {};
APT::Update::Post-Invoke-Success {};
CONF
    export APT_CONFIG=$apt/apt.conf
    apt-get -qq update && apt-get indextargets 'Created-By: Sources' | grep -q .
}

# Leaves the source at $tarball. It stays there after the build, so that a newer Qt needs no network for the rebuild.
fetch() {
    local package=ksyntax-highlighting archive found='' line url file sum
    if [[ -n $sha256 && -f $tarball ]] && printf '%s  %s\n' "$sha256" "$tarball" | sha256sum --check --status -; then
        return
    fi
    for archive in "${archives[@]}"; do
        private_apt "$archive" && found=yes && break
    done
    [[ -n $found ]] || die "cannot read the source index of $suite (no network?)"
    [[ -z $version ]] || package+="=$version"
    # "apt-get source" itself would want the .dsc and .debian.tar.xz, which mirrors drop first; the tarball is enough.
    line=$(apt-get source --print-uris --download-only "$package" | grep '\.orig\.tar\.xz ') ||
        die "the source package $package is not in $suite"
    read -r url file _ sum <<<"$line"
    url=${url//\'/}
    /usr/lib/apt/apt-helper -qq download-file "$url" "$work/$file" "$sum" || die "download of $file failed"
    [[ -z $sha256 ]] || printf '%s  %s\n' "$sha256" "$work/$file" | sha256sum --check --quiet - >&2 || die "$file is not the expected one"
    mv "$work/$file" "$tarball"
}

build() {
    local source=$work/source launcher=()
    rm -rf "$source" && mkdir -p "$source"
    tar -xJf "$tarball" -C "$source" --strip-components=1
    # The only change: 5.116 asks for the extra-cmake-modules of its own version, but uses nothing newer than 5.103.
    sed -i "s/find_package(ECM [0-9.]*/find_package(ECM $ecm_minimum/" "$source/CMakeLists.txt"
    command -v ccache >/dev/null && launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
    {
        cmake -S "$source" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_WITH_QT6=ON -DBUILD_TESTING=OFF \
            -DBUILD_SHARED_LIBS=OFF -DCMAKE_DISABLE_FIND_PACKAGE_Qt6PrintSupport=ON \
            -DCMAKE_POSITION_INDEPENDENT_CODE=ON -DCMAKE_INSTALL_PREFIX="$prefix" "${launcher[@]}"
        cmake --build "$work/build" --target KF5SyntaxHighlighting
        cmake --build "$work/build" --target install
    } >"$work/build.log" 2>&1 || {
        tail -n 40 "$work/build.log" >&2
        die "build failed, the whole log is $work/build.log"
    }
}

case $prefix in /*) ;; *) prefix=$PWD/$prefix work=$prefix.work ;; esac
tarball=$prefix.orig.tar.xz
stamp=$prefix/.vireo-built
built="recipe 1, qt $(dpkg-query -W -f='${Version}' qt6-base-dev)"
[[ -f $stamp && $(<"$stamp") == "$built" ]] && exit 0

mkdir -p "$(dirname "$prefix")"
exec {lock}>"$prefix.lock"
flock "$lock" # two "./dev" at once: the second waits and finds it done
[[ -f $stamp && $(<"$stamp") == "$built" ]] && exit 0

say 'this distribution has no KF6 Syntax-Highlighting; building it once (about a minute)'
rm -rf "$work"
mkdir -p "$work"
choose_source
fetch
rm -rf "$prefix"
build
printf '%s\n' "$built" >"$stamp"
rm -rf "$work"
say "ready in $prefix"
