// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/operation/create/create.h"

namespace vireo::operation {

/**
 * Which volumes a new domain gets: names, paths and sizes, worked out once from draft and facts, so that the XML, the
 * findings and the steps agree. Sizes in bytes. Pure value.
 */
struct CreateLayout {
    /** A volume that is filled from a file of this computer. */
    struct Upload {
        enum class Role { Base, Root, Medium, Kernel, Initrd, DeviceTree };
        Role role = Role::Base;
        QString name;
        QString format; ///< as libvirt says it: raw, qcow2, iso
        QString path;   ///< the file; empty: it is made by an earlier step, see `from`
        QString from;   ///< results key of that step: "convert:root", "file:kernel"
        QString marker; ///< volume that says "complete" where the length is not known beforehand; empty: by length
        quint64 fileSize = 0;  ///< 0: not known before it is made
        quint64 dataSize = 0;  ///< what is moved at most
        qint64 modifiedNs = 0; ///< of `path`, to see whether it is still the file that was judged
        bool shared = false;   ///< others may use it too: never written again, kept while anybody needs it
        bool complete = false; ///< the pool has it already
    };
    enum class RootKind {
        None,     ///< there is no root disk
        Existing, ///< a volume of the host as it is
        Blank,    ///<
        Overlay,  ///< copy-on-write over a base volume
        Upload,   ///< a full copy of the file
        Clone     ///< a full copy of a volume, made by the host
    };
    struct Disk {
        CreateDraft::Disk wanted;
        QString name; ///< volume to be made; empty: it exists
        QString path;
        QString format;
    };

    bool pretend = false; ///< the demo driver has no place for data: volumes are made, nothing is uploaded
    bool poolMissing = false;
    bool poolInactive = false;
    QString target; ///< the pool's directory
    QList<Upload> uploads;
    QString convertTo; ///< the image is converted to this format before it is uploaded; empty: no need

    RootKind rootKind = RootKind::None;
    QString rootName; ///< volume to be made; empty: none
    QString rootPath; ///< of the root disk; empty: there is none
    QString rootFormat;
    quint64 rootCapacity = 0; ///< 0: the root disk exists, or there is none
    QString backingPath;      ///< of an overlay
    QString backingFormat;
    QString mediumPath; ///< the CD-ROM to install from
    QList<Disk> disks;
    QString seedName; ///< volume of the cloud-init seed; empty: none
    QString seedPath;
    QString kernelPath;
    QString initrdPath;
    QString dtbPath;
    QString cmdline;
    bool kernelOnce = false; ///< only the first start boots the kernel (install tree)

    const Upload *upload(Upload::Role role) const;
    bool storesAnything() const;
};

CreateLayout layoutOf(const CreateDraft &draft, const CreateFacts &facts);

/** The pool of the draft, if the host has it. */
const virt::storage::Pool *poolOf(const CreateDraft &draft, const CreateFacts &facts);

/** The source's virtual size in bytes; 0: there is none or it is unknown. */
quint64 sourceSize(const CreateFacts &facts);

/** XML of a volume to be made; empty backing path: none. `format` raw with capacity 0 makes an empty file to be filled.
 */
QString volumeXml(const QString &name, const QString &format, quint64 capacity, const QString &backingPath,
    const QString &backingFormat);
QString poolXml(const QString &name, const QString &target);

} // namespace vireo::operation
