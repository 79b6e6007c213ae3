#!/bin/bash
# SPDX-FileCopyrightText: 2026 Vireo contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Makes vireo_VERSION_ARCHITECTURE.deb. Run by "./dev package deb".
#
# By dpkg's own tools on what "cmake --install" leaves, instead of a debian/ for debhelper or CPack: all packages hold the
# very same build, which on older distributions has a library that debhelper could not build (CONTRIBUTING.md), and
# dpkg-deb clamps all times to SOURCE_DATE_EPOCH, which CPack does not.
set -euo pipefail
# shellcheck source=tools/dev/package/stage.sh
. "${VIREO_ROOT:?run by ./dev package}/tools/dev/package/stage.sh"

# Debian wants an address; the project has none that is read.
maintainer='Vireo contributors <noreply@vireo-vm.github.io>'
version=$VIREO_VERSION-1
work=$VIREO_ROOT/build/package/deb
tree=$work/tree
mkdir -p "$work"

# packageOf FILE: which package of this distribution has it.
packageOf() { dpkg-query -S "$1" | sed -n '1s/[:,].*//p'; }

# What no library is linked with but the program needs. In which package it is differs from release to release.
depends=$(packageOf "$(qmake6 -query QT_INSTALL_PLUGINS)/iconengines/libqsvgicon.so")
recommends=
schemas=$(packageOf /usr/share/libvirt/schemas/domain.rng)
[[ $schemas == libvirt0* ]] || recommends=", $schemas"

stage "$tree"
splitDebug "$tree/usr/bin/vireo"

doc=$tree/usr/share/doc/vireo
"$VIREO_BUILD/bin/vireo_packaging" debian-changelog "$version" "$maintainer" "$VIREO_ROOT/CHANGELOG.md" "$work/changelog"
gzip -9n <"$work/changelog" >"$doc/changelog.Debian.gz"
gzip -9n <"$VIREO_ROOT/CHANGELOG.md" >"$doc/changelog.gz"
gzip -9n "$tree/usr/share/man/man1/vireo.1"

# dpkg's tools want to be run where a debian/control is.
rm -rf "$work/source"
mkdir -p "$work/source/debian" "$tree/DEBIAN"
sed -e "s|@MAINTAINER@|$maintainer|; s|@DEPENDS@|$depends|; s|@RECOMMENDS@|$recommends|" \
    "$VIREO_ROOT/packaging/debian/control.in" >"$work/source/debian/control"
cp "$work/changelog" "$work/source/debian/changelog"
(
    cd "$work/source"
    dpkg-shlibdeps -O "$tree/usr/bin/vireo" >debian/substvars 2>"$work/shlibdeps.log" || { cat "$work/shlibdeps.log" >&2; exit 1; }
    (cd "$tree" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$tree/DEBIAN/md5sums"
    dpkg-gencontrol -pvireo "-P$tree" -Tdebian/substvars "-O$tree/DEBIAN/control"
)

file=$VIREO_PACKAGES/vireo_${version}_$(dpkg --print-architecture).deb
settle "$tree"
dpkg-deb --root-owner-group -Zxz --build "$tree" "$file" >/dev/null
# One tag is for uploads to Debian's archive.
lintian --fail-on error --suppress-tags initial-upload-closes-no-bugs "$file" >&2 || die "lintian finds errors"
say "${file#"$VIREO_ROOT"/}, $(sizeOf "$file")"
