// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Preloaded into libvirtd when it is root of a user namespace with a single id: there the kernel denies
// setgroups() for good, and libvirtd would start no QEMU. There is no other group, so nothing is lost.
#include <grp.h>
#include <sys/types.h>

int setgroups(size_t size, const gid_t *list)
{
    (void)size;
    (void)list;
    return 0;
}

int initgroups(const char *user, gid_t group)
{
    (void)user;
    (void)group;
    return 0;
}
