#!/bin/sh
# SPDX-FileCopyrightText: 2026 Vireo contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# "vireo" in the clean root of the Flatpak's test: the Flatpak, which sees nothing of this folder but a draft that is given
# to it as standard input.
if [ "$1" = run ] && [ -f "$2" ]; then
    exec <"$2"
    shift 2
    set -- run - "$@"
fi
# What is mounted is decided when it starts: not before there is a daemon.
exec flatpak run --user --env=QT_QPA_PLATFORM=offscreen io.github.vireo_vm.Vireo "$@"
