#!/bin/bash
# SPDX-FileCopyrightText: 2026 Vireo contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Runs in the clean root as root: an sshd, and on a display of its own the window of the Flatpak, which connects to it. ssh
# inside knows neither the host's key nor a password; both questions come from Vireo and are answered by keys. The password
# goes in by xdotool's standard input.
set -euo pipefail
fail() { echo "flatpakssh: $*" >&2; exit 1; }
asTester() { setpriv --reuid=tester --regid=tester --clear-groups env HOME=/home/tester USER=tester "$@"; }

password=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
chpasswd <<<"tester:$password"
install -d -m 755 /run/sshd
ssh-keygen -q -A
cat >/tmp/sshd_config <<'CONFIG'
Port 2222
ListenAddress 127.0.0.1
PasswordAuthentication yes
UsePAM no
PidFile none
CONFIG
/usr/sbin/sshd -D -f /tmp/sshd_config -E /tmp/sshd.log &
Xvfb :77 -screen 0 1280x800x24 -nolisten tcp -ac >/dev/null 2>&1 &
export DISPLAY=:77
for ((attempt = 0; attempt < 100; ++attempt)); do
    [[ ! -e /tmp/.X11-unix/X77 ]] || break
    sleep 0.1
done
asTester dbus-run-session -- flatpak run --user io.github.vireo_vm.Vireo \
    --connect 'qemu+ssh://tester@127.0.0.1:2222/session' --debug >/tmp/vireo.log 2>&1 &

# question: waits for the window of ssh's question and puts the keys into it. There is no window manager.
question() {
    window=
    for ((attempt = 0; attempt < 300; ++attempt)); do
        window=$(xdotool search --onlyvisible --name '^SSH$' 2>/dev/null | head -n 1) || true
        [[ -z $window ]] || break
        sleep 0.2
    done
    [[ -n $window ]] || { cat /tmp/vireo.log /tmp/sshd.log >&2; fail "ssh asked nothing"; }
    sleep 1
    xdotool windowfocus --sync "$window"
}
gone() {
    for ((attempt = 0; attempt < 100; ++attempt)); do
        xdotool search --onlyvisible --name '^SSH$' >/dev/null 2>&1 || return 0
        sleep 0.1
    done
    fail "the question stays"
}
question
xdotool key alt+y # the host's key
gone
question
printf 'type %s\nkey Return\n' "$password" | xdotool -
for ((attempt = 0; attempt < 300; ++attempt)); do
    ! grep -q 'Accepted password for tester' /tmp/sshd.log || break
    sleep 0.1
done
cat /tmp/sshd.log
grep -q 'Accepted password for tester' /tmp/sshd.log || { cat /tmp/vireo.log >&2; fail "no login"; }
# libvirt is at the other end: its helper there speaks to a daemon.
for ((attempt = 0; attempt < 300; ++attempt)); do
    if pgrep -u tester -f 'virt-ssh-helper|nc .*libvirt-sock' >/dev/null && pgrep -u tester libvirtd >/dev/null; then break; fi
    sleep 0.1
done
((attempt < 300)) || { cat /tmp/vireo.log >&2; fail "nobody speaks to libvirt"; }
known=/home/tester/.var/app/io.github.vireo_vm.Vireo/.ssh/known_hosts
[[ -s $known && ! -e /home/tester/.ssh ]] || fail "the host's key is not kept, or in the wrong place"
! grep -qF "$password" /tmp/vireo.log || fail "the password is in a log"
