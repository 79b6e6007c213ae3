#!/bin/bash
# SPDX-FileCopyrightText: 2026 Vireo contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Runs in the clean root as an ordinary user: a VM on qemu:///session, emulated without KVM, is created and started by
# Vireo, seen running by virsh, and deleted by Vireo with its disk.
set -euo pipefail
fail() { echo "session: $*" >&2; exit 1; }
virsh() { command virsh --quiet --connect qemu:///session "$@"; }

mkdir -p ~/images
virsh pool-create-as default dir --target ~/images
cat >create.json <<'JSON'
{ "operation": "create", "host": "qemu:///session", "name": "smoke", "source": { "kind": "none" }, "memory_mib": 64,
  "vcpus": 1, "root_gib": 1, "graphics": "none", "nics": [], "start": true }
JSON
vireo run create.json --yes
[[ $(virsh domstate smoke) == running ]] || fail "the VM is $(virsh domstate smoke)"
[[ -n $(virsh vol-list default) ]] || fail "the VM has no disk"
pgrep -u "$(id -u)" -f 'qemu-system.*guest=smoke' >/dev/null || fail "there is no QEMU"
echo '{ "operation": "poweroff", "host": "qemu:///session", "domain": "smoke" }' | vireo run - --yes
[[ $(virsh domstate smoke) == 'shut off' ]] || fail "the VM is $(virsh domstate smoke)"
echo '{ "operation": "delete", "host": "qemu:///session", "domain": "smoke", "storage": "own" }' | vireo run - --yes
[[ -z $(virsh list --all --name | tr -d '[:space:]') ]] || fail "the VM is still there"
[[ -z $(virsh vol-list default) ]] || fail "its disk is still there: $(virsh vol-list default)"
! vireo jobs --json | grep -q '"interrupted"' || fail "a job is left"
