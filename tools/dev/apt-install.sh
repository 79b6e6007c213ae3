#!/bin/sh
# SPDX-FileCopyrightText: 2026 Vireo contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# apt-install.sh PACKAGE...: installs Debian or Ubuntu packages without a question. Run as root by ./dev.
set -eu

export DEBIAN_FRONTEND=noninteractive
export NEEDRESTART_MODE=l # Ubuntu: only list services to restart, never ask

apt() { apt-get -q -o DPkg::Lock::Timeout=600 "$@" </dev/null; }
install() { apt install -y --no-install-recommends "$@"; }

# Without systemd (a container, a chroot) a package must not start its daemon: nothing would ever stop it, and some wait
# for a bus that is not there. That is what policy-rc.d is for; one that exists already decides for itself.
policy=/usr/sbin/policy-rc.d
if [ ! -d /run/systemd/system ] && [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    trap 'exit 1' HUP INT TERM
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi

# Package lists that know all the names may still be too old for the archive: then they are renewed, once.
if apt -s install --no-install-recommends "$@" >/dev/null 2>&1; then
    install "$@" && exit
fi
apt update
install "$@"
