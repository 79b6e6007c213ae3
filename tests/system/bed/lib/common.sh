# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 Vireo contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Names, process records, addresses: what every part of "hosts" uses.
#
# State directory $DIR (mode 0700: the sockets in it need no other protection):
#   mode            root | user | session
#   names           the hosts in the order of their numbers, one a line
#   short           a short directory under /tmp for sockets, when $DIR is too long for sun_path
#   <NAME>/         pid, outer, go, run, etc, lib, cache, log, local of a host ("client": of the network)

die() {
  echo "hosts: $*" >&2
  exit 1
}

# startTime PID: when the process started (kernel ticks); empty when there is none. A pid and its start
# time together name a process for good: pids are used again, the pair is not.
startTime() {
  local stat fields
  [[ ${1:-} =~ ^[0-9]+$ ]] || return 0
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
  read -r -a fields <<<"${stat##*) }"
  [ "${fields[0]}" != Z ] && echo "${fields[19]}"
}

# record FILE PID: remember a process that we started.
record() { echo "$2 $(startTime "$2")" >"$1.new" && mv "$1.new" "$1"; }

# recorded FILE: the pid in the record, only if that very process still lives.
recorded() {
  local pid start
  { read -r pid start <"$1"; } 2>/dev/null || return 1
  [ -n "$start" ] && [ "$(startTime "$pid")" = "$start" ] && echo "$pid"
}

# endRecorded FILE [SIGNAL]: end a recorded process and wait until it is gone.
endRecorded() {
  local pid i
  pid=$(recorded "$1") || return 0
  kill -s "${2:-KILL}" "$pid" 2>/dev/null
  for ((i = 0; i < 500; i++)); do
    recorded "$1" >/dev/null || return 0
    sleep 0.01
  done
  kill -s KILL "$pid" 2>/dev/null
}

# spawn LOG CMD...: start CMD in a session of its own with nothing of ours left open.
spawn() {
  local log=$1
  shift
  (
    local fd
    for fd in /proc/self/fd/*; do
      fd=${fd##*/}
      [ "$fd" -gt 2 ] && eval "exec $fd>&-"
    done
    exec setsid "$@" </dev/null >>"$log" 2>&1
  ) 2>/dev/null &
  # shellcheck disable=SC2034 # the caller's
  SPAWNED=$!
}

lower() { echo "${1,,}"; }
hostNames() { cat "$DIR/names" 2>/dev/null; }
hostNumber() { grep -nix -- "$1" "$DIR/names" | cut -d: -f1; }
hostName() { echo "vireo-$(lower "$1")"; }

checkNames() {
  local name
  for name in "$@"; do
    [[ $name =~ ^[A-Za-z][A-Za-z0-9]{0,11}$ ]] || die "a host's name is 1 to 12 letters and digits: \"$name\""
    [ "$(lower "$name")" != client ] || die "\"client\" is the network between the hosts"
  done
}

# needHost NAME [OTHER]: NAME must be a host that was started, or OTHER.
needHost() {
  [ -n "$1" ] && [ "$1" = "${2:-}" ] && return 0
  [ -n "$1" ] && grep -qx -- "$1" "$DIR/names" || die "no host \"$1\"; there are: $(hostNames | tr '\n' ' ')"
}

# uuidOf TEXT: always the same UUID for the same text.
uuidOf() { echo -n "$1" | md5sum | sed -E 's/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*/\1-\2-4\3-8\4-\5/'; }

uriOf() {
  # shellcheck disable=SC2153 # set by "hosts"
  case $MODE in
  session) echo "qemu+unix:///session?socket=$(sessionRoot)/$1/run/libvirt/libvirt-sock" ;;
  *) echo "qemu+unix:///system?socket=$(runDirectory "$1")/libvirt-sock" ;;
  esac
}

# virshAt NAME ARG...: virsh on a host, never for longer than 60 s.
virshAt() {
  local uri
  uri=$(uriOf "$1")
  shift
  timeout 60 virsh -q -c "$uri" "$@"
}

# shortDirectory: a directory for sockets whose path leaves room in the 108 bytes of sun_path.
shortDirectory() {
  cat "$DIR/short" || die "no hosts are up in $DIR"
}

# runDirectory NAME: where the host's /run/libvirt is, seen from outside.
runDirectory() {
  if [ ${#DIR} -le 70 ]; then echo "$DIR/$1/run"; else echo "$(shortDirectory)/$1"; fi
}

# filesDirectory: a directory that this machine and all hosts see at the same path, until "down".
filesDirectory() {
  if [ "$MODE" = session ]; then echo "$(shortDirectory)/files"; else echo "$DIR/files"; fi
}

# prepareState: the state directory, with the mode that this machine allows.
prepareState() {
  local mode
  if [ -e "$DIR/mode" ]; then
    # a restart of the machine empties /tmp
    [ ! -e "$DIR/short" ] || [ -O "$(cat "$DIR/short")" ] || mkdir -m 700 "$(cat "$DIR/short")" || exit 1
    return 0
  fi
  command -v libvirtd >/dev/null || die "libvirtd is not installed"
  command -v virsh >/dev/null || die "virsh is not installed"
  mode=${VIREO_HOSTS_MODE:-$(bestMode)}
  case $mode in root | user | session) ;; *) die "VIREO_HOSTS_MODE: root, user or session, not \"$mode\"" ;; esac
  mkdir -p "$DIR" "$CACHE" && chmod 700 "$DIR" || die "cannot make $DIR"
  : >>"$DIR/names"
  if [ "$mode" = session ] || [ ${#DIR} -gt 70 ]; then
    mktemp -d /tmp/vireo-XXXXXX >"$DIR/short" || die "cannot make a directory in /tmp"
  fi
  echo "$mode" >"$DIR/mode.$$" && mv "$DIR/mode.$$" "$DIR/mode"
}

printEnv() {
  local name
  echo "VIREO_HOSTS_DIR='$DIR'"
  echo "VIREO_HOSTS_FILES='$(filesDirectory)'"
  echo "VIREO_HOSTS_ISOLATED=$([ "$MODE" = session ] && echo no || echo yes)"
  while read -r name; do
    echo "URI_$name='$(uriOf "$name")'"
    echo "TCP_$name='$(tcpOf "$name")'"
  done <"$DIR/names"
}

printList() {
  local name
  while read -r name; do
    printf '%-12s %-8s %-18s %s\n' "$name" "$(hostState "$name")" "$(hostName "$name")" "$(uriOf "$name")"
  done <"$DIR/names"
}
