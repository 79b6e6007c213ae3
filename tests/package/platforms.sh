#!/bin/bash
# SPDX-FileCopyrightText: 2026 Vireo contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# platforms.sh PROGRAM FOLDER: runs in the clean root, as a user. Has the program draw itself on an X server and on a
# Wayland compositor that nobody looks at: xcb.png and wayland.png in that folder.
set -euo pipefail
program=$1 folder=$2

# serve COMMAND...: runs it until endServer; what it says goes into the folder.
serve() {
    "$@" >"$folder/server.log" 2>&1 &
    server=$!
}
endServer() {
    kill "$server"
    wait "$server" || true
}

# await CONDITION...: until it holds, while the server lives.
await() {
    local attempt
    for ((attempt = 0; attempt < 300; ++attempt)); do
        ! "$@" || return 0
        kill -0 "$server" 2>/dev/null || break
        sleep 0.1
    done
    cat "$folder/server.log" >&2
    return 1
}

display=$folder/display
runXvfb() { exec Xvfb -displayfd 3 -screen 0 1280x900x24 -nolisten tcp 3>"$display"; }
serve runXvfb
await test -s "$display"
DISPLAY=:$(<"$display") QT_QPA_PLATFORM=xcb "$program" --demo --screenshot "$folder/xcb.png"
endServer

serve weston --backend=headless-backend.so --no-config --socket=try --width=1280 --height=900 --idle-time=0
await test -S "$XDG_RUNTIME_DIR/try"
WAYLAND_DISPLAY=try QT_QPA_PLATFORM=wayland "$program" --demo --screenshot "$folder/wayland.png"
endServer
