# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 Vireo contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Hosts where namespaces are forbidden: session daemons of one user, which differ in XDG directories, host UUID and
# TCP port on 127.0.0.1. They share the machine's file system, name and network, so there is no cable to cut.
# All their directories are short ones under /tmp: the sockets of guests lie deep in them.

sessionRoot() { shortDirectory; }

# portBase: the first of 100 ports; that of the daemon of host n is +n, for migrations to it +20+8n...
portBase() {
  local port i
  if [ ! -s "$DIR/ports" ]; then
    for i in {0..99}; do
      port=$((17000 + ((0x$(uuidOf "$DIR" | cut -c1-3) + i) % 150) * 100))
      { : <>"/dev/tcp/127.0.0.1/$((port + 1))"; } 2>/dev/null || break
    done
    echo "$port" >"$DIR/ports"
  fi
  cat "$DIR/ports"
}
tcpPort() { echo $(($(portBase) + $(hostNumber "$1"))); }
tcpOf() { echo "qemu+tcp://127.0.0.1:$(tcpPort "$1")/session"; }

# asDaemonUser NAME CMD...: becomes CMD. Root would be the system daemon, so its session daemons run as nobody.
asDaemonUser() {
  local root drop=()
  root=$(sessionRoot)/$1
  [ "$(id -u)" = 0 ] && drop=(setpriv --reuid=nobody --regid=nogroup --clear-groups)
  shift
  exec env -i PATH="$PATH" LANG=C.UTF-8 HOME="$root" XDG_RUNTIME_DIR="$root/run" XDG_CONFIG_HOME="$root/conf" \
    XDG_CACHE_HOME="$root/cache" XDG_DATA_HOME="$root/data" XDG_STATE_HOME="$root/state" "${drop[@]}" "$@"
}
hostExec() {
  [ "$1" = client ] && { shift; "$@"; return; }
  recorded "$DIR/$1/pid" >/dev/null || die "host $1 is not up"
  asDaemonUser "$@"
}

daemonPid() { recorded "$DIR/$1/daemon"; }
hostState() {
  recorded "$DIR/$1/pid" >/dev/null || { echo down; return; }
  grep -qs '^State:.T' "/proc/$(daemonPid "$1")/status" && echo stopped || echo up
}

hostsUp() {
  local name i fresh=() first
  for name in "$@"; do
    recorded "$DIR/$name/pid" >/dev/null && continue
    grep -qix -- "$name" "$DIR/names" || echo "$name" >>"$DIR/names"
    writeHost "$name"
    spawn "$DIR/$name/init.log" "$SELF" __supervise "$name"
    record "$DIR/$name/pid" "$SPAWNED"
    fresh+=("$name")
  done
  for name in ${fresh[@]+"${fresh[@]}"}; do
    for ((i = 0; i < 1000; i++)); do
      virshAt "$name" uri >/dev/null 2>&1 && break
      recorded "$DIR/$name/pid" >/dev/null && [ $i -lt 999 ] || {
        cat "$DIR/$name/init.log" "$(sessionRoot)/$name/libvirtd.log" >&2
        die "libvirtd of host $name does not answer"
      }
      sleep 0.03
    done
  done
  first=$(head -n 1 "$DIR/names")
  keepCapabilities "$first" "$(sessionRoot)/$first/cache/libvirt/qemu/cache"
}

writeHost() {
  local root port first
  root=$(sessionRoot)/$1
  port=$(tcpPort "$1")
  mkdir -p "$DIR/$1" "$root"/{run,conf/libvirt,cache/libvirt/qemu/cache,data,state,images}
  chmod 700 "$root/run"
  useCapabilities "$root/cache/libvirt/qemu/cache"
  writeDaemonConfig "$root/conf/libvirt/libvirtd.conf" "$1" 'listen_addr = "127.0.0.1"' "tcp_port = \"$port\"" \
    "log_outputs = \"3:file:$root/libvirtd.log\""
  first=$(($(portBase) + 20 + 8 * $(hostNumber "$1")))
  writeQemuConfig "$root/conf/libvirt/qemu.conf" "migration_port_min = $first" "migration_port_max = $((first + 7))"
  if [ "$(id -u)" = 0 ]; then
    chmod 711 "$(sessionRoot)"
    chown -R nobody:nogroup "$root"
  fi
}

# superviseDaemon NAME: keep its libvirtd running, as init does in a namespace.
superviseDaemon() {
  local child
  trap 'kill -KILL "$child" 2>/dev/null; exit 0' TERM INT HUP
  while :; do
    asDaemonUser "$1" libvirtd --listen &
    child=$!
    record "$DIR/$1/daemon" "$child"
    wait "$child"
    sleep 0.1
  done
}

signalDaemon() {
  local i pid
  for ((i = 0; i < 100; i++)); do
    pid=$(daemonPid "$1") && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = libvirtd ] && kill -s "$2" "$pid" && return
    sleep 0.03
  done
  die "host $1 has no libvirtd running"
}

linkSet() { die "session hosts have no cable of their own (namespaces are forbidden here)"; }
linkRate() { linkSet; }

hostsWipe() {
  local name
  while read -r name; do
    recorded "$DIR/$name/pid" >/dev/null || continue
    wipeLibvirt "$name"
    rm -rf "$(sessionRoot)/$name"/images/* "$(sessionRoot)/$name"/data/libvirt/images/*
  done < <(hostNames)
}

# endGuests NAME: QEMU leaves the daemon's family, but its command line names our directory.
endGuests() {
  local file pid
  for file in "$(sessionRoot)/$1"/run/libvirt/qemu/run/*.pid; do
    pid=$(cat "$file" 2>/dev/null)
    [ -n "$pid" ] && tr '\0' '\n' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF "$(sessionRoot)/$1/" && kill -KILL "$pid"
  done
}

hostsDown() {
  local name
  endWatcher
  while read -r name; do
    endRecorded "$DIR/$name/pid"
    endRecorded "$DIR/$name/daemon"
    endGuests "$name"
  done < <(hostNames)
  [ "${1:-}" = --keep ] && { rm -f "$DIR"/*/{pid,daemon}; return 0; }
  [ -e "$DIR/short" ] && rm -rf "$(cat "$DIR/short")"
  rm -rf "$DIR"
}
