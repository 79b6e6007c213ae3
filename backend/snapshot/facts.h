// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>

#include "backend/snapshot/snapshot.h"
#include "backend/virt/connection.h"

namespace vireo::snapshot {

/** What the host's storage says of one file. Bytes. */
struct FileFacts {
    enum class Presence {
        Present,
        Missing, ///< its pool is there and has no such file
        Unknown  ///< no active pool holds its directory
    };
    Presence presence = Presence::Unknown;
    QString pool;
    QString volume;
    QString format; ///< as libvirt's storage took it for: to compare, never to open it by
    QString backingPath;
    quint64 allocation = 0;
    quint64 capacity = 0;
    quint64 available = 0; ///< free space of its pool
    QStringList users; ///< other domains that have it as a disk or beneath one, by name; and other domains' snapshots
    friend bool operator==(const FileFacts &, const FileFacts &) = default;
};

/** All that is known of a domain's snapshots at one moment. A value: the tree, the findings and the plans read it. */
struct Facts {
    virt::DomainRecord domain;
    QList<Snapshot> snapshots; ///< parents before their children
    QList<DiskNow> disks;
    QHash<QString, FileFacts> files; ///< by path: of the chains, overlays and memory files above
    bool hasAgent = false;           ///< the guest agent is connected
    bool usesUefi = false;           ///< pflash firmware
    bool hasTpm = false;
    bool revertsExternal = false; ///< <externalSnapshot/> among the host's guest features: libvirt goes back by itself
    bool isInternalUefiSafe = false; ///< internal snapshots with pflash (libvirt 10.10 and later says so by version)
    QString usersProblem;            ///< why it is not certain who else needs the files, as a sentence; empty: it is
    QString overlayDirectory;        ///< where new overlays go by default: of the first disk that takes part
    QString xml;                     ///< the domain as it is now (live when it runs), without secrets
    QString storedXml;               ///< for the next start, without secrets; empty: transient

    const Snapshot *find(const QString &name) const;
    const Snapshot *current() const;
    QStringList childrenOf(const QString &name) const;
    /** `name`, its children, theirs …: parents first. */
    QStringList subtree(const QString &name) const;
    const DiskNow *disk(const QString &target) const;
    friend bool operator==(const Facts &, const Facts &) = default;
};

enum class Reach {
    Own,      ///< enough to show: FileFacts::users stays empty, and only the pools of these files are read
    Everybody ///< what plans need
};
/** Reads them. Blocking: a worker thread. Refreshes, once, the pools of those files that libvirt does not list yet or
 *  whose backing file it has not looked at since it changed (it does not look by itself). Errors: the host's;
 *  NotFound: no such domain. */
Result<Facts> readFacts(virt::Connection &connection, const QUuid &domain, Reach reach = Reach::Everybody);

} // namespace vireo::snapshot
