#!/bin/bash
# SPDX-FileCopyrightText: 2026 Vireo contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Fetches what the modules of the Flatpak are built from, out of Debian's archive.
#
#   tools/dev/package/flatpaksources.sh DIRECTORY <LIST
#
# Each line of LIST is one of
#   source NAME SHA256       the upstream tarball of a source package; SHA256 is "-" where Debian's is repacked and so
#                            can't have the sum of upstream's
#   package NAME FOLDER      a folder of a binary package, as a tarball
# and for each a line comes out: NAME FILE SHA256. apt checks all by its signed indexes, and the sums are looked at here as
# well. What is in DIRECTORY already is not fetched again; with all of it no network is touched.
set -euo pipefail

directory=${1:?usage: flatpaksources.sh DIRECTORY}
suite=trixie
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

say() { printf '%s\n' "flatpaksources: $*" >&2; }
die() { say "$*"; exit 1; }

mkdir -p "$directory"
directory=$(cd "$directory" && pwd -P)
apt=$directory/apt

# An apt of our own that knows this one suite, so that the machine's configuration stays as it is. Read once.
privateApt() {
    [[ -z ${APT_CONFIG:-} || $APT_CONFIG != "$apt/apt.conf" ]] || return 0
    local uri
    # shellcheck disable=SC2016 # the fields are apt's
    uri=$(apt-get indextargets --format '$(ORIGIN) $(REPO_URI)' 'Created-By: Packages' | sed -n 's/^Debian //p' |
        grep -v -e '-security' | sort -u | head -n 1)
    [[ -n $uri ]] || die "apt has no package lists of Debian (apt-get update)"
    [[ -r $keyring ]] || die "no archive keyring at $keyring: the Flatpak is made on Debian"
    mkdir -p "$apt"/{lists/partial,cache/archives/partial,preferences.d,sources.d}
    : >"$apt/status"
    printf '%s [signed-by=%s] %s %s main\n' deb "$keyring" "$uri" "$suite" deb-src "$keyring" "$uri" "$suite" >"$apt/sources.list"
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
    apt-get -qq update || die "$uri has no $suite (is there a network?)"
}

# have NAME SHA256: the file of an earlier run, with that sum or, if it is "-", the one noted then.
have() {
    local file sum
    [[ -r $directory/$1.fetched ]] || return 1
    read -r file sum <"$directory/$1.fetched"
    [[ $2 == - || $2 == "$sum" ]] || return 1
    printf '%s  %s\n' "$sum" "$directory/$file" | sha256sum --check --status -
}

# note NAME FILE
note() {
    local sum
    sum=$(sha256sum "$directory/$2")
    printf '%s %s\n' "$2" "${sum%% *}" >"$directory/$1.fetched"
}

fetchSource() {
    local name=$1 wanted=$2 line url file sum
    privateApt
    # "apt-get source" itself would want the .dsc and .debian.tar.xz too; the tarball is enough.
    line=$(apt-get source --print-uris --download-only "$name" 2>/dev/null | grep '\.orig\.tar\.[a-z0-9]* ') ||
        die "the source package $name is not in $suite"
    read -r url file _ sum <<<"$line"
    url=${url//\'/}
    [[ $wanted == - || $sum == "SHA256:$wanted" ]] ||
        die "$file of $suite is not the tarball of the manifest: give the module Debian's version ($sum), or \"repacked: true\""
    /usr/lib/apt/apt-helper -qq download-file "$url" "$directory/$file" "$sum" || die "download of $file failed"
    note "$name" "$file"
}

fetchPackage() {
    local name=$1 folder=$2 work=$directory/$1.work
    privateApt
    rm -rf "$work"
    mkdir -p "$work/root"
    (cd "$work" && apt-get -qq download "$name") || die "download of $name failed"
    dpkg-deb -x "$work"/*.deb "$work/root"
    tar --create --xz --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 --file="$directory/$name.tar.xz" \
        --transform="s,^\.,$name," --directory="$work/root/$folder" .
    rm -rf "$work"
    note "$name" "$name.tar.xz"
}

while read -r kind name detail; do
    case $kind in
    source) have "$name" "$detail" || fetchSource "$name" "$detail" ;;
    package) have "$name" - || fetchPackage "$name" "$detail" ;;
    *) die "what is \"$kind\"?" ;;
    esac
    printf '%s %s\n' "$name" "$(<"$directory/$name.fetched")"
done
