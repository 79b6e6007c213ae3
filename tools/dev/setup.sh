# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 Vireo contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Which packages each group of verbs needs, and how they get onto the machine. Sourced by ./dev.
: "${root:?sourced by ./dev}"

# Prints "apt", "dnf" or "pacman"; nothing where none is known.
packageManager() {
    local manager
    for manager in apt-get dnf pacman; do
        command -v "$manager" >/dev/null && printf '%s' "${manager%-get}" && return
    done
}

# The code name that decides which packages exist: a derivative of Ubuntu counts as its Ubuntu.
releaseName() {
    # shellcheck source=/dev/null
    (. /etc/os-release && printf '%s' "${UBUNTU_CODENAME:-${VERSION_CODENAME:-}}")
}

# Whether the distribution lacks KF6, so that KDE Syntax-Highlighting is built by ./dev.
needsOwnSyntaxHighlighting() {
    case $(packageManager):$(releaseName) in
    apt:bookworm | apt:noble) return 0 ;;
    *) return 1 ;;
    esac
}

# packagesOf GROUP: build (compile), run (start it, and a real host for it), test, bench, fuzz, lint; package (what all packages
# are made and tested with), package-KIND (what one of them needs besides).
packagesOf() {
    case $(packageManager):$1 in
    apt:build)
        echo g++ cmake ninja-build pkg-config ccache mold libgl-dev libvirt-dev libxml2-dev \
            libosinfo-1.0-dev libarchive-dev libcurl4-openssl-dev libcrypt-dev libyaml-dev \
            qt6-base-dev qt6-base-dev-tools qt6-tools-dev qt6-tools-dev-tools qt6-l10n-tools qt6-svg-dev
        if needsOwnSyntaxHighlighting; then
            echo extra-cmake-modules perl xz-utils
        else
            echo libkf6syntaxhighlighting-dev qt6-svg-plugins
        fi
        ;;
    apt:run)
        echo libvirt-daemon libvirt-daemon-system libvirt-clients libvirt-daemon-driver-qemu qemu-system-x86 qemu-utils \
            osinfo-db e2fsprogs xfsprogs dosfstools iproute2 dnsmasq-base uidmap qt6-wayland xvfb xauth fonts-dejavu-core fonts-wqy-microhei
        ;;
    apt:test)
        echo dbus at-spi2-core python3-pyatspi gir1.2-atspi-2.0 imagemagick libxml2-utils gcc xorriso fdisk python3-yaml \
            busybox-static cpio kmod mtools zstd xz-utils grub-pc-bin grub-efi-amd64-bin ovmf ipxe-qemu python3-minimal bsdutils openssl openssh-client swtpm swtpm-tools tpm2-tools
        ;;
    apt:bench) echo rsync openssh-client libwrap0 ;;
    apt:fuzz) echo clang-19 libclang-rt-19-dev ;;
    apt:lint) echo git clang-format-19 clang-tidy-19 shellcheck libxml2-utils ;;
    apt:package)
        echo appstream binutils bubblewrap desktop-file-utils mmdebstrap shared-mime-info imagemagick zstd
        ;;
    apt:package-deb) echo dpkg-dev lintian man-db groff-base zsh fish ;;
    apt:package-appimage)
        echo gcc libc6-dev libsquashfuse-dev libfuse3-dev liblzo2-dev libzstd-dev liblzma-dev liblz4-dev zlib1g-dev squashfs-tools \
            patchelf fuse3 librsvg2-bin ca-certificates qt6-xdgdesktopportal-platformtheme
        ;;
    apt:package-flatpak)
        echo flatpak flatpak-builder ostree elfutils faketime git python3-yaml debian-archive-keyring xz-utils iproute2
        ;;
    dnf:build)
        echo gcc-c++ cmake ninja-build pkgconf-pkg-config ccache mold libvirt-devel libxml2-devel \
            libosinfo-devel libarchive-devel libcurl-devel libxcrypt-devel libyaml-devel \
            qt6-qtbase-devel qt6-qttools-devel qt6-qtsvg-devel kf6-syntax-highlighting-devel
        ;;
    dnf:run)
        echo libvirt-daemon-kvm libvirt-client qemu-kvm qemu-img osinfo-db e2fsprogs xfsprogs dosfstools iproute dnsmasq shadow-utils qt6-qtwayland \
            xorg-x11-server-Xvfb xorg-x11-xauth dejavu-sans-fonts wqy-microhei-fonts
        ;;
    dnf:test)
        echo dbus-daemon at-spi2-core python3-pyatspi ImageMagick libxml2 xorriso util-linux util-linux-script python3-pyyaml \
            busybox cpio kmod mtools zstd xz grub2-pc-modules grub2-efi-x64-modules grub2-tools edk2-ovmf ipxe-roms-qemu kernel-core qemu-guest-agent cloud-utils-growpart openssl openssh-clients swtpm swtpm-tools tpm2-tools
        ;;
    dnf:bench) echo rsync openssh-clients openssh-server ;;
    dnf:fuzz) echo clang compiler-rt ;;
    dnf:lint) echo git clang-tools-extra ShellCheck libxml2 ;;
    pacman:build)
        echo base-devel cmake ninja ccache mold libvirt libxml2 libosinfo libarchive curl libxcrypt libyaml \
            qt6-base qt6-tools qt6-svg syntax-highlighting
        ;;
    pacman:run)
        echo libvirt qemu-base qemu-img osinfo-db e2fsprogs xfsprogs dosfstools iproute2 dnsmasq qt6-wayland xorg-server-xvfb xorg-xauth ttf-dejavu wqy-microhei
        ;;
    pacman:test)
        echo dbus at-spi2-core python-atspi imagemagick libxml2 libisoburn python-yaml busybox cpio kmod mtools zstd xz grub \
            edk2-ovmf linux qemu-guest-agent cloud-guest-utils openssl openssh swtpm tpm2-tools
        ;;
    pacman:bench) echo rsync openssh ;;
    pacman:fuzz) echo clang compiler-rt ;;
    pacman:lint) echo git clang shellcheck libxml2 ;;
    esac
}

# Prints those of the packages that are not installed, one a line. Reads the local database only.
missingPackages() {
    local package
    case $(packageManager) in
    apt)
        dpkg-query -W -f='${Package} ${db:Status-Status}\n' "$@" 2>/dev/null |
            awk '$2 == "installed" { print $1 }' | sort -u |
            comm -23 <(printf '%s\n' "$@" | sort -u) -
        ;;
    dnf) for package; do rpm -q --quiet --whatprovides "$package" || echo "$package"; done ;;
    pacman) for package; do pacman -Qq "$package" &>/dev/null || pacman -Qqg "$package" &>/dev/null || echo "$package"; done ;;
    esac
}

# require GROUP...: installs what is missing of these groups where that needs no question, else says what to install.
require() {
    local group wanted=() missing=()
    for group; do
        read -r -a wanted <<<"${wanted[*]} $(packagesOf "$group" | tr '\n' ' ')"
    done
    if [[ -z $(packageManager) ]]; then
        say "no apt, dnf or pacman here: going on in the hope that all libraries are installed (see CONTRIBUTING.md)"
        return
    fi
    mapfile -t missing < <(missingPackages "${wanted[@]}")
    ((${#missing[@]})) || return 0
    case $(packageManager) in
    dnf) die "please install the missing packages first: sudo dnf install ${missing[*]}" ;;
    pacman) die "please install the missing packages first: sudo pacman -S --needed ${missing[*]}" ;;
    esac
    say "installing ${missing[*]}"
    if [[ $(id -u) == 0 ]]; then
        "$root/tools/dev/apt-install.sh" "${missing[@]}"
    elif sudo -n true 2>/dev/null; then
        sudo -n "$root/tools/dev/apt-install.sh" "${missing[@]}"
    else
        die "this needs root, and sudo would ask for a password. Please run it yourself, then try again:
  sudo apt-get install --no-install-recommends ${missing[*]}"
    fi
    mapfile -t missing < <(missingPackages "${missing[@]}")
    ((${#missing[@]} == 0)) || die "still not installed: ${missing[*]}"
}

# Libraries that no package of this distribution has.
requireOwnLibraries() {
    needsOwnSyntaxHighlighting || return 0
    "$root/tools/dev/ksyntaxhighlighting.sh" "$root/build/deps/ksyntaxhighlighting"
}

# What the tests' Linux guests are made of, which is unpacked and not installed. Elsewhere the machine's own serves.
requireGuestPackages() {
    [[ $(packageManager) != apt ]] || "$root/tools/dev/guestpackages.sh" "$root/build/deps/guestpackages"
}

# A server of ssh that benchmarks start by themselves. Debian's package would start one for the whole machine as soon as
# it is installed: it is only unpacked.
requireSshServer() {
    export VIREO_SSHD=/usr/sbin/sshd
    [[ ! -x $VIREO_SSHD ]] || return 0
    local directory=$root/build/deps/sshd
    VIREO_SSHD=$directory/usr/sbin/sshd
    [[ ! -x $VIREO_SSHD ]] || return 0
    mkdir -p "$directory"
    (cd "$directory" && apt-get -q -o APT::Sandbox::User= download openssh-server && dpkg-deb -x openssh-server_*.deb .)
}

verb_setup() {
    (($# == 0)) || die "setup takes no arguments"
    require build run test lint package package-deb package-appimage package-flatpak
    requireOwnLibraries
    requireGuestPackages
    say "all there"
}
