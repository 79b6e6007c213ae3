# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 Vireo contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Removing what a test made inside of a host, through libvirt.

# wipeLibvirt NAME: all domains, pools, and networks but "default".
wipeLibvirt() {
  local item
  virshAt "$1" uri >/dev/null || die "host $1 does not answer"
  for item in $(virshAt "$1" list --all --uuid); do
    virshAt "$1" destroy "$item" >/dev/null 2>&1
    virshAt "$1" undefine "$item" --managed-save --snapshots-metadata --checkpoints-metadata --nvram --tpm >/dev/null 2>&1
  done
  for item in $(virshAt "$1" pool-list --all --uuid); do
    virshAt "$1" pool-destroy "$item" >/dev/null 2>&1
    virshAt "$1" pool-undefine "$item" >/dev/null 2>&1
  done
  for item in $(virshAt "$1" net-list --all --name); do
    [ "$item" = default ] && continue
    virshAt "$1" net-destroy "$item" >/dev/null 2>&1
    virshAt "$1" net-undefine "$item" >/dev/null 2>&1
  done
  return 0
}
