// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/virt/connection.h"

/** Blocking calls on domain snapshots. Any worker thread. Each names the libvirt function that it stands for. */
namespace vireo::virt::snapshots {

/** What libvirt keeps of one snapshot. */
struct Stored {
    QString name;
    QString xml; ///< without secrets
    bool current = false;
    friend bool operator==(const Stored &, const Stored &) = default;
};

/** All of a domain's snapshots, parents before their children: virDomainListAllSnapshots(TOPOLOGICAL) and
 *  virDomainSnapshotGetXMLDesc of each. One that goes meanwhile is left out. NotFound: the domain is gone. */
Result<QList<Stored>> list(Connection &connection, const QUuid &domain);
/** Their names only, in the same order. */
Result<QStringList> names(Connection &connection, const QUuid &domain);
/** virDomainSnapshotGetXMLDesc; `secure` adds passwords: never log or show such a document. NotFound: there is none. */
Result<QString> xml(Connection &connection, const QUuid &domain, const QString &name, bool secure = false);
/** virDomainSnapshotCurrent; empty: there is none. */
Result<QString> current(Connection &connection, const QUuid &domain);

/** virDomainSnapshotCreateFlags. */
struct CreateOptions {
    bool redefine = false;    ///< only the metadata: of a snapshot that exists, or that an earlier host had
    bool makeCurrent = false; ///< with redefine
    bool halt = false;        ///< the domain is off afterwards
    bool diskOnly = false;
    bool reuseFiles = false; ///< REUSE_EXT: the overlays exist already
    bool atomic = false;
    bool live = false; ///< the guest goes on while its memory is written
    bool noMetadata = false;
};
/** virDomainSnapshotCreateXML. Blocks until done; its progress is that of the domain's job (domains::jobProgress) and
 *  domains::abortJob() ends it. Never quiesces: see guest.h. Gives the name. */
Result<QString> create(Connection &connection, const QUuid &domain, const QString &xml, const CreateOptions &options);

/** What a domain shall be after going back. */
enum class After { AsThen, Running, Paused, Off };
/** virDomainRevertToSnapshot. `force`: also where libvirt must start a new emulator. Off is the caller's business. */
Result<> revert(Connection &connection, const QUuid &domain, const QString &name, After after, bool force = false);

/** virDomainSnapshotDelete of one: with its state, or of what libvirt knows of it alone; its children become its
 *  parent's. NotFound: it is gone. */
Result<> remove(Connection &connection, const QUuid &domain, const QString &name, bool metadataOnly);

} // namespace vireo::virt::snapshots
