# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 Vireo contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A private home for tests, benchmarks and pictures. Sourced by ./dev.

# enterSandbox: from here on everything that ./dev starts has its own empty home, settings, state and runtime folder, so
# that nobody's own settings, keyring or session daemon take part. Removed when ./dev ends. The path is short: sockets
# made below it have to fit into 108 bytes.
enterSandbox() {
    sandbox=$(mktemp -d /tmp/vireo.XXXXXX)
    trap 'rm -rf -- "$sandbox"' EXIT
    trap 'exit 130' INT TERM HUP
    mkdir -p "$sandbox"/{home,config,state,cache,data,tmp}
    mkdir -m 700 "$sandbox/run"
    export HOME=$sandbox/home TMPDIR=$sandbox/tmp
    export XDG_CONFIG_HOME=$sandbox/config XDG_STATE_HOME=$sandbox/state XDG_CACHE_HOME=$sandbox/cache
    export XDG_DATA_HOME=$sandbox/data XDG_RUNTIME_DIR=$sandbox/run
    export LC_ALL=C.UTF-8 LANGUAGE=
    unset DBUS_SESSION_BUS_ADDRESS LIBVIRT_DEFAULT_URI VIRSH_DEFAULT_CONNECT_URI QT_STYLE_OVERRIDE QT_QPA_PLATFORMTHEME
}
