#!/bin/bash
# SPDX-FileCopyrightText: 2026 Vireo contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ending.sh APPIMAGE: runs in the clean root. Starts the demo, waits until it would end in good order, and sends SIGTERM
# to what was started. Prints how many file systems were mounted meanwhile, the exit status, and how many are left.
set -euo pipefail

"$1" --demo &
started=$!

# The Vireo that has a handler for SIGTERM.
readyVireo() {
    local folder caught
    for folder in /proc/[0-9]*; do
        [[ $(<"$folder/comm") == vireo ]] 2>/dev/null || continue
        caught=$(sed -n 's/^SigCgt:[[:space:]]*//p' "$folder/status")
        (((16#$caught & 1 << 14) == 0)) || return 0
    done
    return 1
}
for ((attempt = 0; attempt < 600; ++attempt)); do
    if readyVireo; then break; fi
    kill -0 "$started" || exit 1
    sleep 0.1
done
echo "mounted $(grep -c fuse.appimage /proc/mounts || true)"
kill -TERM "$started"
status=0
wait "$started" || status=$?
echo "status $status"
for ((attempt = 0; attempt < 100; ++attempt)); do
    grep -q fuse.appimage /proc/mounts || break
    sleep 0.1
done
echo "left $(grep -c fuse.appimage /proc/mounts || true)"
