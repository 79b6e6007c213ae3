# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 Vireo contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The first process of a host's pid namespace: private directories, network, then libvirtd for ever.

# over FROM TO: FROM is seen at TO, in this host only.
over() { mount --bind "$1" "$2" || die "cannot mount over $2 (is libvirt installed?)"; }

hostInit() {
  local name=$1 D=$DIR/$1 number self
  # /proc is still the one of outside: it knows us by the pid that others can use
  read -r self _ </proc/self/stat
  exec 8<>"$D/go"
  record "$D/pid" "$self"
  cd / || exit 1
  mount -t proc proc /proc || die "cannot mount /proc"
  # /sys shows the network namespace of whoever mounted it; libvirt looks there for its bridges
  mount -t sysfs sysfs /sys 2>/dev/null
  hostname "$(hostName "$name")"
  ip link set lo up
  mount -t tmpfs tmpfs /run || die "cannot mount /run"
  over "$DIR/hosts.file" /etc/hosts
  if [ "$name" = client ]; then
    stayFirst
  fi
  mkdir -p /run/libvirt /run/lock
  over "$D/run" /run/libvirt
  over "$D/etc" /etc/libvirt
  over "$D/lib" /var/lib/libvirt
  over "$D/cache" /var/cache/libvirt
  over "$D/varlog" /var/log # swtpm's too
  over "$D/log" /var/log/libvirt
  # swtpm_setup makes a certificate authority there at a host's first TPM
  [ -d /var/lib/swtpm-localca ] && over "$D/localca" /var/lib/swtpm-localca
  uuidOf "$DIR/$name" | tr -d - >"$D/machine-id"
  [ -e /etc/machine-id ] && over "$D/machine-id" /etc/machine-id
  # disks that all hosts see at the same path, and ones that only this host has
  if mount -t tmpfs tmpfs /srv 2>/dev/null; then
    mkdir /srv/shared /srv/local
    over "$DIR/shared" /srv/shared
    over "$D/local" /srv/local
  fi
  kvmHidden && [ -e /dev/kvm ] && hideKvm
  # nobody plugs us: whoever started us is gone
  read -r -t 60 _ <&8 || exit 1
  exec 8>&-
  number=$(hostNumber "$name")
  ip addr add "$NETWORK.$number/24" dev eth0 && ip link set eth0 up
  keepDaemon
}

# hideKvm: libvirt takes KVM for usable when it may write to /dev/kvm, and looks again and again (seconds each time)
# when QEMU then says otherwise. Root may write to everything but a file of a read-only mount.
hideKvm() {
  : >/run/no-kvm
  over /run/no-kvm /dev/kvm
  mount -o remount,bind,ro /dev/kvm
}

# keepDaemon: start libvirtd again whenever it ends. As pid 1 the shell also reaps orphans meanwhile: libvirt
# waits up to 40 s for each QEMU whose zombie nobody takes.
keepDaemon() {
  local preload=()
  [ "$(cat /proc/self/setgroups)" = deny ] && preload=(LD_PRELOAD="$(setgroupsShim)")
  while :; do
    rm -f /run/daemon.pid
    env -i PATH="$PATH" HOME=/var/lib/libvirt LANG=C.UTF-8 ${preload[@]+"${preload[@]}"} libvirtd --listen &
    echo $! >/run/daemon.pid
    wait $!
    sleep 0.1
  done
}

stayFirst() {
  while :; do
    sleep 3600 &
    wait $!
  done
}
