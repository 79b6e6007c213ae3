# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 Vireo contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Clean roots for the tests of packages: this machine's distribution with nothing but apt, in a folder below build/. The
# unpacked base and the packages that were downloaded stay for the next time. Sourced by the tests; needs root.
: "${VIREO_ROOT:?run by ./dev test --label package}"

roots=$VIREO_ROOT/build/package-roots

say() { printf '%s\n' "${0##*/}: $*" >&2; }
fail() { say "FAILED: $*"; exit 1; }

# The lines of a sources.list for this machine's distribution, as apt is configured here.
sourcesList() {
    # shellcheck disable=SC2016 # the fields are apt's
    apt-get indextargets --format '$(ORIGIN) deb $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
        sed -n 's/^\(Debian\|Ubuntu\) //p' | grep -v -- '-backports' | sort -u
}

codename() (
    # shellcheck source=/dev/null
    . /etc/os-release && printf '%s' "$VERSION_CODENAME"
)

# makeBase: the archive of a root with apt alone.
makeBase() {
    local base=$roots/base.tar sources
    [[ ! -s $base ]] || return 0
    sources=$(sourcesList)
    [[ -n $sources ]] || fail "apt has no package lists (apt-get update)"
    mkdir -p "$roots/archives/partial"
    mmdebstrap --quiet --mode=root --variant=apt --format=tar "$(codename)" "$base.new" - <<<"$sources" ||
        fail "mmdebstrap failed"
    mv "$base.new" "$base"
}

# newRoot NAME: unpacks the base; sets $cleanRoot. It goes when the test ends.
newRoot() {
    makeBase
    cleanRoot=$roots/$1
    rm -rf --one-file-system "$cleanRoot"
    mkdir -p "$cleanRoot"
    trap 'rm -rf --one-file-system "$cleanRoot"' EXIT
    trap 'exit 130' INT TERM HUP
    tar -xf "$roots/base.tar" -C "$cleanRoot"
    cp -L /etc/resolv.conf "$cleanRoot/etc/resolv.conf"
    apt-config dump | grep -E '^Acquire::(http|https)' >"$cleanRoot/etc/apt/apt.conf.d/90test" || true
    # As every installed system has it: fusermount3 looks there for what it may unmount.
    ln -sf ../proc/self/mounts "$cleanRoot/etc/mtab"
    printf '#!/bin/sh\nexit 101\n' >"$cleanRoot/usr/sbin/policy-rc.d" # nothing starts daemons there
    chmod 755 "$cleanRoot/usr/sbin/policy-rc.d"
    inRoot useradd --create-home --shell /bin/bash tester
}

# inRoot [--fuse] [--no-network] [--pivot] COMMAND...: runs it as root in $cleanRoot, with mounts and processes of its own
# that end with it. There is no /dev/fuse unless asked for. With --pivot it is no chroot, in which no user namespaces can be
# made; without a network there is still the loopback then.
inRoot() {
    local fuse='' pivot='' options=(--mount --pid --ipc --fork --kill-child)
    while [[ ${1:-} == --* ]]; do
        case $1 in
        --fuse) fuse=yes ;;
        --pivot) pivot=yes ;;
        --no-network) options+=(--net) ;;
        esac
        shift
    done
    # shellcheck disable=SC2016 # for the inner shell
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
        unshare "${options[@]}" -- /bin/bash -c '
            set -e
            root=$1 archives=$2 fuse=$3 pivot=$4
            shift 4
            mount --make-rprivate /
            [[ -z $pivot ]] || mount --bind "$root" "$root"
            mount -t proc proc "$root/proc"
            mount --rbind /sys "$root/sys" # by which libvirt counts processors
            mount -o remount,bind,ro "$root/sys"
            mount -t tmpfs -o mode=755 dev "$root/dev"
            for device in null zero full random urandom tty ${fuse:+fuse}; do
                : >"$root/dev/$device"
                mount --bind "/dev/$device" "$root/dev/$device"
            done
            ln -s /proc/self/fd "$root/dev/fd"
            mkdir "$root/dev/pts" "$root/dev/shm"
            mount -t devpts -o newinstance,ptmxmode=666 devpts "$root/dev/pts"
            ln -s pts/ptmx "$root/dev/ptmx"
            mount -t tmpfs -o mode=1777 shm "$root/dev/shm"
            mount -t tmpfs -o mode=755 run "$root/run"
            install -d -m 1777 "$root/run/lock"
            mount --bind "$archives" "$root/var/cache/apt/archives"
            cd "$root"
            status=0
            if [[ -n $pivot ]]; then
                ip link set lo up
                pivot_root . .
                umount --lazy .
                root=
                cd /
                "$@" || status=$?
            else
                chroot "$root" "$@" || status=$?
            fi
            # What has still something to put away (the server of a FUSE mount) has 3 s for it; then all are killed.
            for ((attempt = 0; attempt < 30; ++attempt)); do
                processes=("$root"/proc/[0-9]*)
                ((${#processes[@]} > 1)) || break
                sleep 0.1
            done
            exit "$status"' inRoot "$cleanRoot" "$roots/archives" "$fuse" "$pivot" "$@"
}

# asUser [OPTION...] USER COMMAND...: the same as somebody else, in a home and with a runtime folder of their own.
asUser() {
    local options=() user
    while [[ ${1:-} == --* ]]; do options+=("$1") && shift; done
    user=$1
    shift
    # shellcheck disable=SC2016 # for the inner shell
    inRoot "${options[@]}" /bin/bash -c '
        set -e
        user=$1
        shift
        id=$(id -u "$user") home=$(getent passwd "$user" | cut -d: -f6)
        [[ -d $home ]] || home=$(mktemp -d) && chown "$user" "$home"
        install -d -m 700 -o "$user" "/run/user-$id"
        cd "$home"
        exec setpriv --reuid="$user" --regid="$id" --clear-groups env HOME="$home" XDG_RUNTIME_DIR="/run/user-$id" \
            QT_QPA_PLATFORM=offscreen LC_ALL=C.UTF-8 "$@"' asUser "$user" "$@"
}

# installPackages PACKAGE...: without anything that is only recommended. The lists are read once for each root.
installPackages() {
    local options=(-q -o APT::Keep-Downloaded-Packages=true -o APT::Sandbox::User=root)
    {
        compgen -G "$cleanRoot/var/lib/apt/lists/*Packages*" >/dev/null ||
            inRoot apt-get "${options[@]}" update
        inRoot apt-get "${options[@]}" install -y --no-install-recommends "$@"
    } >"$roots/apt.log" 2>&1 || {
        tail -n 30 "$roots/apt.log" >&2
        fail "apt could not install $*"
    }
}

# checkVersion TEXT: what "vireo --version" said.
checkVersion() {
    [[ $1 == "vireo $VIREO_VERSION" ]] || fail "--version says \"$1\", not \"vireo $VIREO_VERSION\""
}

# checkPicture FILE: whether it is the main window with the demo host: its size, and how many colours its parts have.
# A blank window has a handful; lines of text with signs of states have hundreds of shades.
checkPicture() {
    local width height colours part
    read -r width height colours < <(identify -format '%w %h %k\n' "$1") || fail "$1 is no picture"
    ((width >= 800 && height >= 500)) || fail "the picture is only $width x $height"
    ((colours >= 300)) || fail "the picture has only $colours colours"
    # The toolbar, the list, the page beside it.
    for part in "100x12%+0+0" "40x40%+0+$((height / 5))" "40x40%+$((width * 55 / 100))+$((height / 5))"; do
        colours=$(convert "$1" -crop "$part" +repage -format '%k' info:)
        ((colours >= 40)) || fail "the part $part of the picture has only $colours colours"
    done
    say "picture: $width x $height, all parts drawn"
}

# The draft that is tried without doing anything, on libvirt's test driver.
dryDraft() {
    cat <<'JSON'
{ "operation": "create", "host": "test:///default", "name": "try", "source": { "kind": "none" }, "memory_mib": 64,
  "vcpus": 1, "graphics": "none" }
JSON
}

# checkDryRun OUTPUT: of "run --dry-run --json".
checkDryRun() {
    grep -q '"type": *"plan"' <<<"$1" || fail "the dry run printed no plan: $1"
    grep -q '"type": *"result"' <<<"$1" || fail "the dry run printed no result: $1"
}
