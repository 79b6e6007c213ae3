// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>

#include <QCoreApplication>

#include "backend/xml/elementdocs_tables.h"

namespace vireo::xml::elementdocs {

namespace {

constexpr auto poolsTable = std::to_array<Entry>({
    {"pool", QT_TRANSLATE_NOOP("xml_ElementDocs", "A place on the host that holds volumes.")},
    {"pool@type",
        QT_TRANSLATE_NOOP(
            "xml_ElementDocs", "Kind of storage: directory, file system, NFS, LVM, iSCSI, Ceph and others.")},
    {"pool/name", QT_TRANSLATE_NOOP("xml_ElementDocs", "Name, unique on its host.")},
    {"pool/uuid", QT_TRANSLATE_NOOP("xml_ElementDocs", "Identity of the pool; made by libvirt when missing.")},
    {"pool/capacity", QT_TRANSLATE_NOOP("xml_ElementDocs", "Size in bytes. Written by libvirt.")},
    {"pool/allocation", QT_TRANSLATE_NOOP("xml_ElementDocs", "Used bytes. Written by libvirt.")},
    {"pool/available", QT_TRANSLATE_NOOP("xml_ElementDocs", "Free bytes. Written by libvirt.")},
    {"pool/source", QT_TRANSLATE_NOOP("xml_ElementDocs", "Where the storage comes from.")},
    {"pool/source/host@name", QT_TRANSLATE_NOOP("xml_ElementDocs", "Server of the storage.")},
    {"pool/source/host@port", QT_TRANSLATE_NOOP("xml_ElementDocs", "Port of the server.")},
    {"pool/source/device@path",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Device that the pool uses. Building the pool may erase it.")},
    {"pool/source/dir@path", QT_TRANSLATE_NOOP("xml_ElementDocs", "Directory at the server.")},
    {"pool/source/adapter@name", QT_TRANSLATE_NOOP("xml_ElementDocs", "SCSI adapter of the host.")},
    {"pool/source/name",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Name of the source: a volume group, a Ceph pool and the like.")},
    {"pool/source/format@type", QT_TRANSLATE_NOOP("xml_ElementDocs", "File system or partition table of the source.")},
    {"pool/source/protocol@ver", QT_TRANSLATE_NOOP("xml_ElementDocs", "Version of NFS.")},
    {"pool/source/initiator/iqn@name",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Name by which the host logs in at the iSCSI server.")},
    {"pool/source/auth@type",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "How the host proves itself: \"chap\" for iSCSI, \"ceph\".")},
    {"pool/source/auth@username", QT_TRANSLATE_NOOP("xml_ElementDocs", "User at the server.")},
    {"pool/source/auth/secret@uuid", QT_TRANSLATE_NOOP("xml_ElementDocs", "libvirt secret with the password.")},
    {"pool/source/auth/secret@usage", QT_TRANSLATE_NOOP("xml_ElementDocs", "libvirt secret by the name of its use.")},
    {"pool/target/path",
        QT_TRANSLATE_NOOP(
            "xml_ElementDocs", "Where volumes appear on the host. Deleting the pool removes the directory.")},
    {"pool/target/permissions/mode", QT_TRANSLATE_NOOP("xml_ElementDocs", "Permissions of the directory, octal.")},
    {"pool/target/permissions/owner", QT_TRANSLATE_NOOP("xml_ElementDocs", "Number of the user who owns it.")},
    {"pool/target/permissions/group", QT_TRANSLATE_NOOP("xml_ElementDocs", "Number of the group that owns it.")},
    {"pool/target/permissions/label", QT_TRANSLATE_NOOP("xml_ElementDocs", "Security label of the directory.")},
    {"pool/features/cow@state",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Whether Btrfs copies on write. Off suits images.")},
    {"pool/refresh/volume@allocation",
        QT_TRANSLATE_NOOP("xml_ElementDocs",
            "Whether sizes are asked of Ceph at each refresh, which is slow, or taken from the capacity.")},
});

constexpr auto volumesTable = std::to_array<Entry>({
    {"volume", QT_TRANSLATE_NOOP("xml_ElementDocs", "A disk image or device in a pool.")},
    {"volume@type", QT_TRANSLATE_NOOP("xml_ElementDocs", "Kind of volume. Written by libvirt.")},
    {"volume/name", QT_TRANSLATE_NOOP("xml_ElementDocs", "Name, unique in the pool. For files, the file's name.")},
    {"volume/key", QT_TRANSLATE_NOOP("xml_ElementDocs", "Identity at the storage. Written by libvirt.")},
    {"volume/capacity", QT_TRANSLATE_NOOP("xml_ElementDocs", "Size that the guest sees. Bytes by default.")},
    {"volume/capacity@unit", QT_TRANSLATE_NOOP("xml_ElementDocs", "Unit of the number; bytes when missing.")},
    {"volume/allocation",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Space taken at once. Less than the capacity makes a sparse volume.")},
    {"volume/physical", QT_TRANSLATE_NOOP("xml_ElementDocs", "Size on the host. Written by libvirt.")},
    {"volume/target/path", QT_TRANSLATE_NOOP("xml_ElementDocs", "Path on the host. Written by libvirt.")},
    {"volume/target/format@type",
        QT_TRANSLATE_NOOP("xml_ElementDocs",
            "Format of the image: \"qcow2\" can have snapshots and backing images, \"raw\" is fastest.")},
    {"volume/target/permissions/mode", QT_TRANSLATE_NOOP("xml_ElementDocs", "Permissions of the file, octal.")},
    {"volume/target/permissions/owner", QT_TRANSLATE_NOOP("xml_ElementDocs", "Number of the user who owns it.")},
    {"volume/target/permissions/group", QT_TRANSLATE_NOOP("xml_ElementDocs", "Number of the group that owns it.")},
    {"volume/target/permissions/label", QT_TRANSLATE_NOOP("xml_ElementDocs", "Security label of the file.")},
    {"volume/target/compat",
        QT_TRANSLATE_NOOP(
            "xml_ElementDocs", "Version of qcow2: \"1.1\" has all features, \"0.10\" is for very old readers.")},
    {"volume/target/clusterSize", QT_TRANSLATE_NOOP("xml_ElementDocs", "Size of qcow2's blocks. Bytes by default.")},
    {"volume/target/nocow",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Keeps Btrfs from copying on write, which images suffer from.")},
    {"volume/target/features/lazy_refcounts",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Delays qcow2's bookkeeping: faster, but checked after a crash.")},
    {"volume/target/features/extended_l2",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Finer allocation in big qcow2 clusters. Not readable for old QEMU.")},
    {"volume/target/encryption",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Encrypts the new volume with the passphrase of a secret.")},
    {"volume/target/encryption@format", QT_TRANSLATE_NOOP("xml_ElementDocs", "Kind of encryption; use LUKS.")},
    {"volume/target/encryption/secret@uuid",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "libvirt secret with the passphrase. Losing it loses the data.")},
    {"volume/backingStore/path",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Image that this one is an overlay of. It must not change any more.")},
    {"volume/backingStore/format@type",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Format of the backing image. It must be given and right.")},
});

constexpr auto snapshotsTable = std::to_array<Entry>({
    {"domainsnapshot",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "A snapshot of a domain: its disks, and its memory if it was running.")},
    {"domainsnapshot/name",
        QT_TRANSLATE_NOOP(
            "xml_ElementDocs", "Name, unique in the domain. libvirt makes one of the time when missing.")},
    {"domainsnapshot/description", QT_TRANSLATE_NOOP("xml_ElementDocs", "Free text for people.")},
    {"domainsnapshot/state",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "State of the domain when it was made. Written by libvirt.")},
    {"domainsnapshot/creationTime",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "When it was made, in seconds since 1970. Written by libvirt.")},
    {"domainsnapshot/parent",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Snapshot that this one follows. Written by libvirt.")},
    {"domainsnapshot/memory@snapshot",
        QT_TRANSLATE_NOOP(
            "xml_ElementDocs", "Whether memory is saved: inside the image, in a file of its own or not.")},
    {"domainsnapshot/memory@file", QT_TRANSLATE_NOOP("xml_ElementDocs", "File for the memory, on the host.")},
    {"domainsnapshot/disks",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "How each disk is treated; those missing follow the default.")},
    {"domainsnapshot/disks/disk@name",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Target of the disk, such as vda, or path of its source.")},
    {"domainsnapshot/disks/disk@snapshot",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Inside the image, as a new overlay, by hand or not at all.")},
    {"domainsnapshot/disks/disk/source@file",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "File of the new overlay. It must not exist unless it is prepared.")},
    {"domainsnapshot/disks/disk/driver@type",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Format of the new overlay, usually qcow2.")},
    {"domainsnapshot/domain", QT_TRANSLATE_NOOP("xml_ElementDocs", "Definition of the domain at that time.")},
    {"domainsnapshot/inactiveDomain",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Stored definition of the domain at that time, where it differed.")},
});

constexpr auto checkpointsTable = std::to_array<Entry>({
    {"domaincheckpoint",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "A mark from which changed blocks are tracked, for incremental backup.")},
    {"domaincheckpoint/name", QT_TRANSLATE_NOOP("xml_ElementDocs", "Name, unique in the domain.")},
    {"domaincheckpoint/description", QT_TRANSLATE_NOOP("xml_ElementDocs", "Free text for people.")},
    {"domaincheckpoint/creationTime",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "When it was made, in seconds since 1970. Written by libvirt.")},
    {"domaincheckpoint/parent",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Checkpoint that this one follows. Written by libvirt.")},
    {"domaincheckpoint/disks/disk@name", QT_TRANSLATE_NOOP("xml_ElementDocs", "Target of the disk, such as vda.")},
    {"domaincheckpoint/disks/disk@checkpoint",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Whether changes of this disk are tracked by a bitmap in its image.")},
    {"domaincheckpoint/disks/disk@bitmap",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Name of the bitmap; that of the checkpoint when missing.")},
});

constexpr auto secretsTable = std::to_array<Entry>({
    {"secret",
        QT_TRANSLATE_NOOP(
            "xml_ElementDocs", "A password or key that libvirt keeps. This definition does not contain its value.")},
    {"secret@ephemeral",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Whether it is kept in memory only and lost when the host restarts.")},
    {"secret@private", QT_TRANSLATE_NOOP("xml_ElementDocs", "Whether its value can never be read back.")},
    {"secret/uuid", QT_TRANSLATE_NOOP("xml_ElementDocs", "Identity by which disks and pools refer to it.")},
    {"secret/description", QT_TRANSLATE_NOOP("xml_ElementDocs", "Free text for people.")},
    {"secret/usage@type", QT_TRANSLATE_NOOP("xml_ElementDocs", "What it is for: volumes, Ceph, iSCSI, TLS or a TPM.")},
    {"secret/usage/name", QT_TRANSLATE_NOOP("xml_ElementDocs", "Name by which it can be referred to.")},
    {"secret/usage/volume", QT_TRANSLATE_NOOP("xml_ElementDocs", "Path of the volume that it opens.")},
    {"secret/usage/target", QT_TRANSLATE_NOOP("xml_ElementDocs", "iSCSI target that it is for.")},
});

} // namespace

std::span<const Entry> pools()
{
    return poolsTable;
}

std::span<const Entry> volumes()
{
    return volumesTable;
}

std::span<const Entry> snapshots()
{
    return snapshotsTable;
}

std::span<const Entry> checkpoints()
{
    return checkpointsTable;
}

std::span<const Entry> secrets()
{
    return secretsTable;
}

} // namespace vireo::xml::elementdocs
