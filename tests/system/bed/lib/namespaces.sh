# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 Vireo contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Hosts as root (of the machine or of a user namespace): each in mount, pid, uts, net and ipc namespaces of its own.
# The first process of each pid namespace is this program again (init.sh); when it ends, everything in it ends.

# shellcheck source=lib/init.sh
. "$BED/lib/init.sh"

NETWORK=10.99.0
tcpOf() { echo "qemu+tcp://$(hostName "$1")/system"; }
linkName() { echo "host$(hostNumber "$1")"; }

hostState() {
  local pid
  pid=$(recorded "$DIR/$1/pid") || { echo down; return; }
  # only /run of the host knows the daemon's pid
  if enter "$1" sh -c 'grep -qs "^State:.T" /proc/"$(cat /run/daemon.pid)"/status'; then echo stopped; else echo up; fi
}

# enter NAME CMD...: run CMD in the host's namespaces.
enter() {
  local pid
  pid=$(recorded "$DIR/$1/pid") || die "host $1 is not up"
  shift
  nsenter --target "$pid" --mount --uts --net --ipc --pid --wdns="$PWD" "$@"
}
hostExec() { enter "$@"; }

# onBridge CMD...: run CMD where the cables end. Only the network namespace: "ip" names a host by a pid of outside.
onBridge() {
  local pid
  pid=$(recorded "$DIR/client/pid") || die "the network between the hosts is not up"
  nsenter --target "$pid" --net "$@"
}

hostsUp() {
  local name fresh=() first
  startClient || return 1
  for name in "$@"; do
    recorded "$DIR/$name/pid" >/dev/null && continue
    grep -qix -- "$name" "$DIR/names" || addHost "$name"
    writeHost "$name"
    startInit "$name"
    fresh+=("$name")
  done
  for name in ${fresh[@]+"${fresh[@]}"}; do plug "$name" || return 1; done
  for name in ${fresh[@]+"${fresh[@]}"}; do awaitDaemon "$name" || return 1; done
  first=$(head -n 1 "$DIR/names")
  keepCapabilities "$first" "$DIR/$first/cache"
  for name in ${fresh[@]+"${fresh[@]}"}; do useCapabilities "$DIR/$name/cache"; done
  return 0
}

# startClient: the network between the hosts, in a namespace of its own: a bridge, and an address for clients.
startClient() {
  recorded "$DIR/client/pid" >/dev/null && return 0
  mkdir -p "$DIR/client" "$DIR/shared"
  : >>"$DIR/hosts.file"
  [ -s "$DIR/hosts.file" ] || printf '%s\n' '127.0.0.1 localhost' "$NETWORK.254 vireo-client" >"$DIR/hosts.file"
  startInit client
  awaitInit client || return 1
  onBridge sh -c "ip link add br0 type bridge && ip addr add $NETWORK.254/24 dev br0 && ip link set br0 up" ||
    die "cannot make the bridge between the hosts"
}

addHost() { # all hosts see the same file: changed in place, never replaced
  echo "$1" >>"$DIR/names"
  echo "$NETWORK.$(hostNumber "$1") $(hostName "$1")" >>"$DIR/hosts.file"
}

writeHost() {
  local name=$1 D=$DIR/$1 dhcp=no lines
  rm -rf "$D/etc/libvirtd.conf" "$D/run"
  mkdir -p "$D"/{etc/qemu,etc/pki,lib/images,lib/dnsmasq,localca,cache,log/qemu,varlog/libvirt,local}
  chmod 711 "$D/lib" "$D/lib/images"
  if [ "$(runDirectory "$name")" = "$D/run" ]; then
    mkdir "$D/run"
  else
    rm -rf "$(runDirectory "$name")"
    mkdir "$(runDirectory "$name")" && ln -s "$(runDirectory "$name")" "$D/run"
  fi
  useCapabilities "$D/cache"
  writeDaemonConfig "$D/etc/libvirtd.conf" "$name" 'listen_addr = "0.0.0.0"' \
    'log_outputs = "3:file:/var/log/libvirt/libvirtd.log"'
  mapfile -t lines < <(privilegedQemu "$name")
  writeQemuConfig "$D/etc/qemu.conf" "${lines[@]}"
  # a guest's interface needs /dev/net/tun, which not every container gives
  if [ ! -e "$D/etc/qemu/networks" ] && : 2>/dev/null <>/dev/net/tun; then
    command -v dnsmasq >/dev/null && [ "$(cat /proc/self/setgroups)" = allow ] && dhcp=yes
    writeDefaultNetwork "$D/etc" "$dhcp"
  fi
}

startInit() {
  local D=$DIR/$1
  mkdir -p "$D"
  rm -f "$D/pid" "$D/go"
  mkfifo "$D/go"
  # shellcheck disable=SC2153 # set by "hosts"
  spawn "$D/init.log" unshare --kill-child "${NAMESPACES[@]}" "$SELF" __init "$1"
  record "$D/outer" "$SPAWNED"
}

awaitInit() {
  local i
  for ((i = 0; i < 1000; i++)); do
    recorded "$DIR/$1/pid" >/dev/null && return 0
    recorded "$DIR/$1/outer" >/dev/null || break
    sleep 0.01
  done
  cat "$DIR/$1/init.log" >&2
  die "host $1 did not start"
}

# plug NAME: its cable to the bridge; then let the daemon start.
plug() {
  local link
  awaitInit "$1" || return 1
  link=$(linkName "$1")
  onBridge ip link add "$link" type veth peer name eth0 netns "$(recorded "$DIR/$1/pid")" &&
    onBridge ip link set "$link" master br0 up || die "cannot link host $1"
  echo go 1<>"$DIR/$1/go"
}

awaitDaemon() {
  local i socket
  socket=$(runDirectory "$1")/libvirt-sock
  for ((i = 0; i < 1500; i++)); do
    [ -S "$socket" ] && virshAt "$1" uri >/dev/null 2>&1 && return 0
    recorded "$DIR/$1/pid" >/dev/null || break
    sleep 0.02
  done
  tail -n 20 "$DIR/$1/init.log" "$DIR/$1/log/libvirtd.log" >&2
  die "libvirtd of host $1 does not answer"
}

# signalDaemon NAME SIGNAL: the pid is looked up inside of the host, so it can be no process of anybody else.
signalDaemon() {
  # shellcheck disable=SC2016
  enter "$1" bash -c 'for i in {1..200}; do read -r p </run/daemon.pid && read -r c </proc/$p/comm &&
    [ "$c" = libvirtd ] && exec kill -s "$1" "$p"; sleep 0.02; done 2>/dev/null; exit 1' - "$2" ||
    die "host $1 has no libvirtd running"
}

linkSet() { onBridge ip link set "$(linkName "$1")" "$2"; }

linkRate() {
  if [ "$2" = off ]; then
    onBridge tc qdisc del dev "$(linkName "$1")" root
  else
    onBridge tc qdisc replace dev "$(linkName "$1")" root tbf rate "$2" burst 1mb latency 50ms
  fi
}

hostsWipe() {
  local name
  while read -r name; do
    recorded "$DIR/$name/pid" >/dev/null || continue
    wipeLibvirt "$name"
    rm -rf "${DIR:?}/$name"/local/* "$DIR/$name"/lib/images/*
  done < <(hostNames)
  rm -rf "${DIR:?}"/shared/*
}

hostsDown() {
  local name
  endWatcher
  while read -r name; do
    endRecorded "$DIR/$name/pid"
    endRecorded "$DIR/$name/outer"
  done < <(hostNames; echo client)
  [ -e "$DIR/short" ] && rm -rf "$(cat "$DIR/short")" && rm -f "$DIR/short"
  if [ "${1:-}" = --keep ]; then
    rm -f "$DIR"/*/{pid,outer,go}
    return 0
  fi
  # the anchor's record goes last, with the anchor (user.sh)
  find "$DIR" -mindepth 1 -maxdepth 1 ! -name anchor -exec rm -rf {} +
  rmdir "$DIR" 2>/dev/null
  return 0
}
