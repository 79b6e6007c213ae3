# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 Vireo contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What this machine allows, and the user namespace of an ordinary user's hosts.

NAMESPACES=(--mount --uts --net --ipc --pid --fork)

# bestMode: root when we may make namespaces, user when we may inside a user namespace, else session. Creating
# one is not enough to know: some systems give an empty set of capabilities in it, so try the mount as well.
bestMode() {
  local try=(unshare "${NAMESPACES[@]}" sh -c 'mount -t proc proc /proc && mount -t tmpfs none /run && ip link set lo up')
  command -v ip >/dev/null || { echo session; return; }
  if [ "$(id -u)" = 0 ]; then
    if "${try[@]}" 2>/dev/null; then echo root; else echo session; fi
  elif unshare --user --map-root-user "${try[@]}" 2>/dev/null && { manyIds || setgroupsShim >/dev/null; }; then
    echo user
  else
    echo session
  fi
}

# manyIds: whether the user owns a range of ids (/etc/subuid), with which programs may change their user inside.
manyIds() { unshare --user --map-root-user --map-auto true 2>/dev/null; }

# setgroupsShim: with a single id the kernel denies setgroups, without which libvirtd starts no QEMU. Prints the
# path of a library to be preloaded that lets the call succeed; built once.
setgroupsShim() {
  local library
  library=$CACHE/setgroups-$(uname -m).so
  if [ ! -e "$library" ]; then
    command -v cc >/dev/null && mkdir -p "$CACHE" &&
      cc -shared -fPIC -O2 -o "$library.$$" "$BED/lib/setgroups.c" 2>/dev/null && mv "$library.$$" "$library" || return 1
  fi
  echo "$library"
}

# inUserNamespace VERB ARG...: run this program in the user namespace, which a sleeping process holds open.
inUserNamespace() {
  local map=(--map-root-user) anchor i code
  if ! anchor=$(recorded "$DIR/anchor"); then
    if [ "$1" = up ]; then
      manyIds && map+=(--map-auto)
      # the process is known before it enters the namespace: nothing can be left behind unrecorded
      spawn "$DIR/anchor.log" unshare --user "${map[@]}" sleep infinity
      anchor=$SPAWNED
      record "$DIR/anchor" "$anchor"
      for ((i = 0; i < 500; i++)); do
        [ "$(cat "/proc/$anchor/comm" 2>/dev/null)" = sleep ] && break
        sleep 0.01
      done
    else
      # the machine was restarted, say: only files are left
      case $1 in down | env | list) ;; *) die "the hosts in $DIR are not up" ;; esac
      VIREO_HOSTS_INSIDE=1 "$SELF" "$@"
      code=$?
      [ "$1" = down ] && [ "${2:-}" != --keep ] && rm -rf "$DIR"
      return $code
    fi
  fi
  VIREO_HOSTS_INSIDE=1 nsenter --target "$anchor" --user --preserve-credentials "$SELF" "$@"
  code=$?
  if [ "$1" = down ]; then
    kill -KILL "$anchor" 2>/dev/null
    rm -f "$DIR/anchor"
    rmdir "$DIR" 2>/dev/null
  fi
  return $code
}
