# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 Vireo contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ./dev run, host and screenshots. Sourced by ./dev.
: "${root:?sourced by ./dev}"

# The private hosts are the tests' own bed, with a state folder that lasts. Sockets live below it and have to fit into
# 108 bytes, so a checkout deep in the tree keeps it elsewhere.
hostsCommand() {
    local state=$root/build/hosts
    ((${#root} <= 55)) || state=/tmp/vireo-hosts-$(id -u)-$(printf '%s' "$root" | cksum | cut -d ' ' -f 1)
    mkdir -p "$root/build"
    VIREO_HOSTS_DIR=${VIREO_HOSTS_DIR:-$state} "$root/tests/system/bed/hosts" "$@"
}

# The URIs of the private hosts that are up, one a line.
hostUris() {
    hostsCommand env | sed -n "s/^URI_[A-Za-z0-9_]*='\(.*\)'\$/\1/p"
}

verb_host() {
    (($#)) || die "host what? up [NAME...], down, list, env, exec NAME CMD..."
    case $1 in
    up)
        require build run
        hostsCommand "$@" >/dev/null
        hostUris
        say "\"./dev run\" opens them; \"./dev host down\" ends them"
        ;;
    *) hostsCommand "$@" ;;
    esac
}

# Whether the machine has a libvirt of its own for this user. As root qemu:///session is the system daemon.
libvirtAnswers() {
    local uri=qemu:///session
    [[ $(id -u) != 0 ]] || uri=qemu:///system
    timeout --kill-after=2 8 virsh --quiet --connect "$uri" uri </dev/null &>/dev/null
}

# startSample URI: gives a host without any VM one that runs: the tests' own small guest, with a heartbeat on its console.
startSample() {
    local kernel=$root/build/sample/guest.elf
    [[ -z $(virsh --quiet --connect "$1" list --all --name | tr -d '[:space:]') ]] || return 0
    "$root/tests/system/guest/build.sh" "$kernel"
    virsh --quiet --connect "$1" define /dev/stdin >/dev/null <<XML
<domain type='qemu'>
  <name>heartbeat</name>
  <title>Heartbeat (sample)</title>
  <description>A guest of 16 MiB without an operating system; its serial console shows a heartbeat.</description>
  <memory unit='MiB'>16</memory>
  <vcpu>1</vcpu>
  <os><type arch='x86_64'>hvm</type><kernel>$kernel</kernel></os>
  <features><acpi/></features>
  <devices>
    <serial type='pty'/>
    <graphics type='vnc' autoport='yes' listen='127.0.0.1'/>
    <video><model type='vga'/></video>
  </devices>
</domain>
XML
    virsh --quiet --connect "$1" start heartbeat >/dev/null
}

# Whether the user said what to connect to.
namesConnection() {
    local argument
    for argument; do
        case $argument in -c* | --connect | --connect=* | --demo) return 0 ;; esac
    done
    return 1
}

# withDisplay COMMAND...: under a virtual display of its own.
withDisplay() {
    xvfb-run -a -s '-screen 0 1600x1000x24' "$@"
}

verb_run() {
    local connections=() uri picture=$root/build/screenshots/run.png
    [[ ${1:-} != -- ]] || shift
    require build run
    requireOwnLibraries
    configure release
    buildPreset release

    if ! namesConnection "$@" && ! libvirtAnswers; then
        say "no libvirt answers on this machine: starting a private one (\"./dev host down\" ends it)"
        hostsCommand up >/dev/null
        while IFS= read -r uri; do
            connections+=(--connect "$uri")
            startSample "$uri"
        done < <(hostUris)
        ((${#connections[@]})) || die "the private host did not start"
        connections+=(--demo)
    fi

    if [[ -n ${DISPLAY:-}${WAYLAND_DISPLAY:-} ]]; then
        "$root/build/release/bin/vireo" "${connections[@]}" "$@"
        return
    fi
    say "there is no display: starting under Xvfb for a screenshot"
    mkdir -p "${picture%/*}"
    rm -f "$picture"
    withDisplay timeout --kill-after=5 120 "$root/build/release/bin/vireo" "${connections[@]}" --screenshot "$picture" "$@"
    [[ -s $picture ]] || die "Vireo saved no screenshot"
    say "screenshot: $picture"
}

# Qt takes its colours from these settings of KDE's where it believes to run there; that needs nothing of KDE installed.
darkSettings() {
    mkdir -p "$XDG_CONFIG_HOME"
    cat >"$XDG_CONFIG_HOME/kdeglobals" <<'TEXT'
[KDE]
widgetStyle=Fusion
[Colors:Window]
BackgroundNormal=42,46,50
BackgroundAlternate=49,54,59
ForegroundNormal=252,252,252
ForegroundInactive=161,169,177
[Colors:View]
BackgroundNormal=27,30,32
BackgroundAlternate=35,38,41
ForegroundNormal=252,252,252
ForegroundInactive=161,169,177
ForegroundLink=29,153,243
ForegroundVisited=155,89,182
[Colors:Button]
BackgroundNormal=49,54,59
BackgroundAlternate=30,87,116
ForegroundNormal=252,252,252
[Colors:Selection]
BackgroundNormal=61,174,233
ForegroundNormal=252,252,252
[Colors:Tooltip]
BackgroundNormal=49,54,59
ForegroundNormal=252,252,252
TEXT
    export XDG_CURRENT_DESKTOP=KDE KDE_FULL_SESSION=true KDE_SESSION_VERSION=5
}

# takePicture NAME ARGUMENT...: docs/screenshots/NAME.png
takePicture() {
    local file=$root/docs/screenshots/$1.png
    rm -f "$file"
    withDisplay timeout --kill-after=5 120 "$root/build/release/bin/vireo" "${@:2}" --screenshot "$file"
    [[ -s $file ]] || die "Vireo saved no picture $file"
    say "docs/screenshots/$1.png"
}

verb_screenshots() {
    (($# == 0)) || die "screenshots takes no arguments"
    require build run
    requireOwnLibraries
    configure release
    buildPreset release
    mkdir -p "$root/docs/screenshots"
    (enterSandbox && takePicture main-light --demo)
    (enterSandbox && darkSettings && takePicture main-dark --demo)
}
