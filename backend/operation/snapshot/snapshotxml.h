// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>

#include "backend/operation/snapshot/snapshotsteps.h"

/** Documents of snapshots, read and changed. Pure; any thread. Documents with passwords must not leave the step. */
namespace vireo::operation::snapshotxml {

/** What "snapshot.create" asks libvirt for. */
struct Wanted {
    struct Disk {
        QString target;
        snapshot::SnapshotDisk::Kind kind = snapshot::SnapshotDisk::Kind::None;
        QString file; ///< External: the overlay
    };
    QString name;
    QString description;
    QList<Disk> disks;   ///< all of the domain's: those that it does not name libvirt decides about
    bool memory = false; ///< says whether it is kept; internal unless there is a file
    QString memoryFile;
};
/** libvirt's word for how a snapshot keeps a disk: "internal", "external", "no". */
QString kindWord(snapshot::SnapshotDisk::Kind kind);
/** The <domainsnapshot> for virDomainSnapshotCreateXML. */
QString request(const Wanted &wanted);

/** A snapshot's metadata with these changes (but not to its children). */
Result<QString> changed(const QString &metadata, const SnapshotChange &change);
/** With another parent; empty: none. */
Result<QString> withParent(const QString &metadata, const QString &parent);
QString parentOf(const QString &metadata);

/** The domain's XML in it: of the running domain, or the definition for its next start then. */
enum class Which { Then, ForNextStart };
/** With `layers` as the disks' files, by target; without the chains beneath, which libvirt finds by what the files
 *  themselves say. */
Result<QString> definition(const QString &metadata, Which which, const QHash<QString, snapshot::Layer> &layers = {});
/** The same with a definition that is given. */
Result<QString> withLayers(const QString &definition, const QHash<QString, snapshot::Layer> &layers);

} // namespace vireo::operation::snapshotxml
