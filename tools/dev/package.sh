# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 Vireo contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ./dev package. What all packages have in common; each kind has a script of its own in tools/dev/package, which is run
# with what packageEnvironment() sets. Sourced by ./dev.
: "${root:?sourced by ./dev}"

packages=$root/build/packages

# What the scripts get:
#   VIREO_ROOT         the checkout
#   VIREO_BUILD        the build of the preset "release"
#   VIREO_VERSION      "0.1.0"
#   VIREO_PACKAGES     where the package goes
#   SOURCE_DATE_EPOCH  the time of every file in it: the last commit's, unless it is set; so that the same commit gives
#                      the same bytes
packageEnvironment() {
    VIREO_ROOT=$root VIREO_BUILD=$root/build/release VIREO_PACKAGES=$packages
    VIREO_VERSION=$(sed -n 's/^project(vireo VERSION \([0-9.]*\) .*/\1/p' "$root/CMakeLists.txt")
    [[ -n $VIREO_VERSION ]] || die "CMakeLists.txt has no version"
    SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct 2>/dev/null || date +%s)}
    export VIREO_ROOT VIREO_BUILD VIREO_VERSION VIREO_PACKAGES SOURCE_DATE_EPOCH
    export LC_ALL=C.UTF-8 TZ=UTC
    umask 022
}

# makePackage KIND: builds the program and the package.
makePackage() {
    local kind=$1
    [[ $(packageManager) == apt ]] || die "packages are made on Debian or Ubuntu"
    case $kind in
    flatpak) require package "package-$kind" ;; # the program is compiled in Flatpak's own build
    *)
        require build run package "package-$kind"
        requireOwnLibraries
        configure release
        buildPreset release
        ;;
    esac
    mkdir -p "$packages"
    (
        packageEnvironment
        exec "$root/tools/dev/package/$kind.sh"
    )
}

verb_package() {
    (($#)) || die "package what? deb, appimage, flatpak"
    local kind
    for kind; do
        [[ -x $root/tools/dev/package/$kind.sh ]] || die "there is no package \"$kind\" (deb, appimage, flatpak)"
    done
    for kind; do
        makePackage "$kind"
    done
}
