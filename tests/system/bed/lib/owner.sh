# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 Vireo contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# "up --owner PID": the hosts end when PID ends, however it ends.

# watchOwner PID START: start the watcher before the first host, so that nothing outlives an owner killed meanwhile.
watchOwner() {
  endRecorded "$DIR/watcher" KILL
  VIREO_HOSTS_LOCKED='' VIREO_HOSTS_INSIDE='' spawn "$DIR/watcher.log" "$SELF" __watch "$1" "$2"
  record "$DIR/watcher" "$SPAWNED"
}

# watch PID START: until that process is gone, or the hosts were taken down otherwise. Runs outside of all namespaces, in a session of its own.
watch() {
  trap 'exec "$SELF" down' TERM INT HUP
  while [ "$(startTime "$1")" = "$2" ] && [ -e "$DIR/mode" ]; do sleep 0.3; done
  exec "$SELF" down
}

# endWatcher: unless it is the watcher that takes the hosts down.
endWatcher() {
  [ "$(recorded "$DIR/watcher")" = "$$" ] || [ "$(recorded "$DIR/watcher")" = "$PPID" ] ||
    endRecorded "$DIR/watcher" KILL
}
