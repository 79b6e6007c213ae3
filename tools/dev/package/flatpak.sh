#!/bin/bash
# SPDX-FileCopyrightText: 2026 Vireo contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Makes Vireo-VERSION-ARCHITECTURE.flatpak, and beside it the runtime that it needs, as files to install from. Run by
# "./dev package flatpak".
#
# The modules are those of packaging/flatpak, which is for Flathub; only where they come from is another place: the runtime
# is made of Debian packages, the sources are Debian's. Program and modules are compiled inside, not by the preset "release".
set -euo pipefail
# shellcheck source=tools/dev/package/stage.sh
. "${VIREO_ROOT:?run by ./dev package}/tools/dev/package/stage.sh"

id=io.github.vireo_vm.Vireo
runtime=io.github.vireo_vm.DebianPlatform
architecture=$(uname -m)
here=$VIREO_ROOT/tools/dev/package
work=$VIREO_ROOT/build/package/flatpak
deps=$VIREO_ROOT/build/deps
manifest=$VIREO_ROOT/packaging/flatpak/$id.yml

# An installation of its own, so that nobody's Flatpaks and remotes take part.
export FLATPAK_USER_DIR=$deps/flatpak/installation XDG_DATA_HOME=$work/data XDG_CACHE_HOME=$work/cache
mkdir -p "$work" "$XDG_DATA_HOME" "$XDG_CACHE_HOME"

# quietly LOG COMMAND...: what it says goes to a file, and to the terminal if it fails.
quietly() {
    local log=$work/$1.log
    shift
    "$@" >"$log" 2>&1 || {
        tail -n 40 "$log" >&2
        die "$1 failed, the whole log is $log"
    }
}

installRuntime() {
    local as_root=()
    [[ $(id -u) == 0 ]] || as_root=(sudo -n)
    "${as_root[@]}" "$here/flatpakruntime.sh" "$deps/flatpak" || die "there is no runtime to build on"
    [[ ! -e $deps/flatpak/installed || $deps/flatpak/installed -ot $deps/flatpak/built ]] || return 0
    rm -rf "$FLATPAK_USER_DIR"
    quietly remote flatpak --user remote-add --no-gpg-verify vireo-local "file://$deps/flatpak/repo"
    quietly install flatpak --user install -y --noninteractive vireo-local "$runtime//trixie" "${runtime%Platform}Sdk//trixie"
    touch "$deps/flatpak/installed"
}

# What git knows of this checkout, as it is now, as a tarball that is the same for the same files.
packCheckout() {
    local file
    git -C "$VIREO_ROOT" ls-files -z | LC_ALL=C sort -z | while IFS= read -r -d '' file; do
        [[ ! -e $VIREO_ROOT/$file ]] || printf '%s\0' "$file"
    done | tar --create --directory="$VIREO_ROOT" --no-recursion --null --files-from=- --owner=0 --group=0 --numeric-owner \
        --mode=u=rwX,go=rX --mtime="@$SOURCE_DATE_EPOCH" --transform="s,^,vireo-$VIREO_VERSION/," --file="$work/checkout.tar"
}

deriveManifest() {
    local sources=$deps/flatpak-sources
    mkdir -p "$sources"
    python3 "$here/flatpakmanifest.py" sources "$manifest" >"$work/sources"
    "$here/flatpaksources.sh" "$sources" <"$work/sources" >"$sources/files"
    packCheckout
    python3 "$here/flatpakmanifest.py" derive "$manifest" "$sources/files" "$work/checkout.tar" "$SOURCE_DATE_EPOCH" >"$work/$id.json"
}

# In a container there may be no FUSE; without rofiles the modules' files are copied instead of protected.
buildApplication() {
    say "building (the first time half an hour; the log is ${work#"$VIREO_ROOT"/}/build.log)"
    quietly build flatpak-builder --user --force-clean --disable-rofiles-fuse --disable-download --ccache \
        --state-dir="$work/state" "$work/app" "$work/$id.json"
}

# By itself and not by flatpak-builder, which gives the commit the time of now. So does the bundle's header: faketime.
exportBundle() {
    local file=$1 time
    time=$(date --utc --date="@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)
    rm -rf "$work/repo"
    quietly export flatpak build-export --no-update-summary --disable-sandbox --timestamp="$time" \
        --subject="Vireo $VIREO_VERSION" --exclude='/lib/debug/*' "$work/repo" "$work/app" stable
    quietly bundle faketime -f "${time:0:10} ${time:11:8}" flatpak build-bundle "$work/repo" "$file.new" "$id" stable
    mv "$file.new" "$file"
}

# The runtime as a file, for computers that have no repository of it.
packRuntime() {
    local packed=$deps/flatpak/runtime.flatpak
    [[ ! -e $packed || $packed -ot $deps/flatpak/built ]] || return 0
    say "packing the runtime, once"
    quietly runtime flatpak build-bundle --runtime "$deps/flatpak/repo" "$packed.new" "$runtime" trixie
    mv "$packed.new" "$packed"
}

installRuntime
deriveManifest
buildApplication
file=$VIREO_PACKAGES/Vireo-$VIREO_VERSION-$architecture.flatpak
exportBundle "$file"
packRuntime
cp --reflink=auto "$deps/flatpak/runtime.flatpak" "$VIREO_PACKAGES/Vireo-$VIREO_VERSION-$architecture-runtime.flatpak"
say "${file#"$VIREO_ROOT"/}, $(sizeOf "$file"); with its runtime beside it, $(sizeOf "${file%.flatpak}-runtime.flatpak")"
