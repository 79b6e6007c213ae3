#!/bin/bash
# SPDX-FileCopyrightText: 2026 Vireo contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Makes Vireo-VERSION-x86_64.AppImage: the program with its libraries and data in a squashfs image, behind our own
# runtime. Run by "./dev package appimage".
set -euo pipefail
# shellcheck source=tools/dev/package/stage.sh
. "${VIREO_ROOT:?run by ./dev package}/tools/dev/package/stage.sh"

id=io.github.vireo_vm.Vireo
architecture=$(uname -m)
work=$VIREO_ROOT/build/package/appimage
app=$work/AppDir
plugins=$(qmake6 -query QT_INSTALL_PLUGINS)

# glibc is always the host's: it fits its kernel and its dynamic loader.
readonly never='^(ld-linux.*|lib(c|m|pthread|rt|dl|resolv|util|anl|mvec|BrokenLocale|nss_.*|thread_db))\.so'
# What belongs to the desktop and the graphics driver is the host's too, which has its own versions of it; our copy is a
# substitute (packaging/appimage/AppRun).
readonly hostsFirst='^lib(stdc\+\+|gcc_s|GL|EGL|GLX|GLdispatch|OpenGL|GLESv2|drm|gbm|xcb|xcb-(dri2|dri3|glx|present|sync)|X11|X11-xcb|Xau|Xdmcp|bsd|md|fontconfig|freetype|harfbuzz|fribidi|graphite2|expat|z|glib-2\.0|gobject-2\.0|gio-2\.0|gmodule-2\.0|gthread-2\.0|pcre2-8|ffi|mount|blkid|selinux|uuid|p11-kit|ICE|SM|wayland-(client|server|egl|cursor)|dbus-1|systemd|cap|com_err|gpg-error|gcrypt|udev|tirpc|nl-(genl-|route-)?3(-200)?)\.so'

addPlugins() {
    local plugin
    for plugin in platforms/libqxcb.so platforms/libqoffscreen.so platforms/libqminimal.so platforms/libqwayland-generic.so \
        platforms/libqwayland-egl.so wayland-shell-integration/libxdg-shell.so wayland-decoration-client/libbradient.so \
        wayland-graphics-integration-client/libqt-plugin-wayland-egl.so xcbglintegrations/libqxcb-egl-integration.so \
        xcbglintegrations/libqxcb-glx-integration.so imageformats/libqsvg.so imageformats/libqjpeg.so iconengines/libqsvgicon.so \
        platforminputcontexts/libcomposeplatforminputcontextplugin.so \
        platforminputcontexts/libibusplatforminputcontextplugin.so platformthemes/libqxdgdesktopportal.so; do
        [[ -e $plugins/$plugin ]] || die "there is no Qt plugin $plugin"
        install -D -m 644 "$plugins/$plugin" "$app/usr/plugins/$plugin"
    done
    printf '[Paths]\nPrefix = ..\nPlugins = plugins\n' >"$app/usr/bin/qt.conf"
}

# The libraries that these files need, and those need, except glibc: one path a line.
librariesOf() {
    local missing
    missing=$(ldd "$@" | sed -n 's/^[[:space:]]*\(.*\) => not found$/\1/p')
    [[ -z $missing ]] || die "libraries are missing: $missing"
    ldd "$@" | awk '$2 == "=>" && $3 ~ /^\// { print $3 }' | sort -u | while IFS= read -r library; do
        [[ ${library##*/} =~ $never ]] || printf '%s\n' "$library"
    done
}

# From which package a file is, however its folder is spelled (/lib is /usr/lib).
packageOf() {
    { dpkg-query -S "$(readlink -f "$1")" || dpkg-query -S "$1" || dpkg-query -S "${1#/usr}"; } 2>/dev/null | sed -n '1s/[:,].*//p'
}

addLibraries() {
    local library name to package
    local -a binaries
    mapfile -t binaries < <(find "$app/usr" -type f \( -name '*.so' -o -path '*/bin/vireo' \))
    librariesOf "${binaries[@]}" >"$work/libraries"
    while IFS= read -r library; do
        name=${library##*/}
        to=$app/usr/lib
        [[ ! $name =~ $hostsFirst ]] || to=$app/usr/lib/substitutes/$name
        install -D -m 644 "$library" "$to/$name"
        package=$(packageOf "$library")
        [[ -n $package ]] || die "no package has $library"
        [[ ! -f /usr/share/doc/$package/copyright ]] || install -D -m 644 "/usr/share/doc/$package/copyright" "$app/usr/share/doc/$package/copyright"
    done <"$work/libraries"
    # No LD_LIBRARY_PATH, which ssh and other programs of the host would inherit.
    patchelf --set-rpath "\$ORIGIN/../lib" "$app/usr/bin/vireo"
    find "$app/usr/lib" -maxdepth 1 -type f -exec patchelf --set-rpath "\$ORIGIN" '{}' +
    find "$app/usr/lib/substitutes" -type f -exec patchelf --set-rpath "\$ORIGIN/../.." '{}' +
    find "$app/usr/plugins" -name '*.so' -exec patchelf --set-rpath "\$ORIGIN/../../lib" '{}' +
}

addData() {
    local share=$app/usr/share certificate
    cp -rL /usr/share/osinfo "$share/osinfo"
    mkdir -p "$share/libvirt" "$share/vireo/fonts"
    cp -rL /usr/share/libvirt/schemas "$share/libvirt/schemas"
    install -m 644 "$VIREO_ROOT/packaging/appimage/fonts.conf" "$share/vireo/fonts.conf"
    install -m 644 /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf "$share/vireo/fonts/DejaVuSans.ttf"
    # Mozilla's, as the package has them: not this machine's, to which somebody may have added one.
    find /usr/share/ca-certificates/mozilla -name '*.crt' | LC_ALL=C sort | while IFS= read -r certificate; do
        cat "$certificate"
    done >"$share/vireo/ca-certificates.crt"
    local package
    for package in osinfo-db fonts-dejavu-core ca-certificates libvirt0; do
        install -D -m 644 "/usr/share/doc/$package/copyright" "$share/doc/$package/copyright"
    done
}

addDesktopFiles() {
    local share=$app/usr/share
    rm -rf "$share/dbus-1" # it would name a program that is not installed
    ln -s "usr/share/applications/$id.desktop" "$app/$id.desktop"
    ln -s "usr/share/icons/hicolor/scalable/apps/$id.svg" "$app/$id.svg"
    rsvg-convert --width 256 --height 256 --output "$app/.DirIcon" "$share/icons/hicolor/scalable/apps/$id.svg"
    install -D -m 644 "$app/.DirIcon" "$share/icons/hicolor/256x256/apps/$id.png"
    install -m 755 "$VIREO_ROOT/packaging/appimage/AppRun" "$app/AppRun"
}

makeRuntime() {
    local flags
    read -r -a flags <<<"$(pkg-config --cflags fuse3)"
    gcc -std=gnu17 -Os -Wall -Wextra -static -D_FILE_OFFSET_BITS=64 "${flags[@]}" -I/usr/include/squashfuse -Wl,--build-id=none \
        -o "$work/runtime" "$VIREO_ROOT/packaging/appimage/runtime.c" \
        -lsquashfuse_ll -lsquashfuse -lfuse3 -lz -llzma -llz4 -llzo2 -lzstd -lpthread -ldl 2>"$work/runtime.log" || {
        cat "$work/runtime.log" >&2
        die "the runtime does not compile"
    }
    strip "$work/runtime"
    # "This is an AppImage of type 2", in bytes of the ELF header that nobody else uses.
    printf 'AI\002' | dd of="$work/runtime" bs=1 seek=8 conv=notrunc status=none
}

# The newest version of glibc that something asks for.
neededGlibc() {
    find "$app/usr/bin/vireo" "$app/usr/lib" "$app/usr/plugins" -type f -exec objdump -T '{}' + 2>/dev/null |
        grep -o 'GLIBC_2\.[0-9]*' | sed 's/GLIBC_//' | sort -uV | tail -n 1
}

stage "$app"
splitDebug "$app/usr/bin/vireo"
addPlugins
addLibraries
addData
addDesktopFiles
makeRuntime
settle "$app"
rm -f "$work/image"
# SOURCE_DATE_EPOCH gives all files and the image their time.
mksquashfs "$app" "$work/image" -root-owned -noappend -no-xattrs -comp zstd -Xcompression-level 19 -b 256K -quiet -no-progress
file=$VIREO_PACKAGES/Vireo-$VIREO_VERSION-$architecture.AppImage
cat "$work/runtime" "$work/image" >"$file.new"
chmod 755 "$file.new"
mv "$file.new" "$file"
say "${file#"$VIREO_ROOT"/}, $(sizeOf "$file"); needs glibc $(neededGlibc) or newer"
