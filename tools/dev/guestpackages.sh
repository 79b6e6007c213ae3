#!/bin/bash
# SPDX-FileCopyrightText: 2026 Vireo contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# guestpackages.sh DIRECTORY: fetches what the tests' Linux guests are made of and this machine is not to have installed,
# unless it is there: a kernel, QEMU's guest agent, growpart. Writes the packages' names to DIRECTORY/list. An ordinary
# user can do it, and so can root. The kernel is apt's "linux-image-cloud-amd64" (Ubuntu: "linux-image-virtual").
set -euo pipefail
(($# == 1)) || { sed -n 5,7p "$0"; exit 2; }
packages=$(readlink -m "$1")
mkdir -p "$packages"
cd "$packages"
exec 9>lock
flock 9

# Whether all that the list names is there.
isComplete() {
    local file
    [[ -s list ]] || return 1
    while read -r file; do
        [[ -s $file ]] || return 1
    done <list
}

# Prints the names of the packages that hold the newest kernel and its drivers.
kernelPackages() {
    local meta
    for meta in linux-image-cloud-amd64 linux-image-virtual; do
        apt-cache "${apt[@]}" show "$meta" &>/dev/null || continue
        apt-cache "${apt[@]}" depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces \
            --no-enhances "$meta" | grep -Ex 'linux-(image|modules)(-unsigned)?-[0-9][^ ]*-(cloud-amd64|generic)' | sort -u
        return
    done
    return 1
}

isComplete && exit
apt=(-o APT::Sandbox::User=) # apt's own user may not write here
programs=(qemu-guest-agent cloud-guest-utils)
mapfile -t wanted < <(kernelPackages)
if ((${#wanted[@]} == 0)) || ! apt-get -q "${apt[@]}" download "${wanted[@]}" "${programs[@]}"; then
    # The machine's lists are missing or too old: lists of our own, which need no root.
    mkdir -p lists/partial archives/partial
    apt+=(-o "Dir::State::Lists=$packages/lists" -o "Dir::Cache=$packages")
    apt-get -q "${apt[@]}" update
    mapfile -t wanted < <(kernelPackages)
    ((${#wanted[@]})) || { echo "guestpackages.sh: apt knows no cloud kernel" >&2; exit 1; }
    apt-get -q "${apt[@]}" download "${wanted[@]}" "${programs[@]}"
fi
for package in "${wanted[@]}" "${programs[@]}"; do
    file=$(find . -maxdepth 1 -name "${package}_*.deb" -printf '%T@ %P\n' | sort -n | tail -n 1)
    echo "${file#* }"
done >list.new
mv list.new list
isComplete || { echo "guestpackages.sh: the packages are not there" >&2; exit 1; }
