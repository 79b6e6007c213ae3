// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stop_token>

#include <QMap>

#include "backend/migration/forecast.h"
#include "backend/snapshot/facts.h"
#include "backend/virt/hostcalls.h"
#include "backend/virt/migration.h"
#include "backend/virt/storage.h"
#include "backend/xml/capabilities.h"
#include "backend/xml/domaincapabilities.h"

namespace vireo::operation {

struct MigrateDraft;

/** What is known of the VM, on its host. No secrets. */
struct MigrateSource {
    virt::DomainRecord domain;
    virt::HostInfo host;
    QString hostUuid;                    ///< of the host's firmware or libvirtd.conf, from its capabilities
    QString token;                       ///< for the names of temporary files: letters and digits, never used before
    QList<virt::storage::Pool> pools;    ///< of the host
    QString liveXml;                     ///< as it runs, or the stored one
    QString storedXml;                   ///< empty: transient
    QString savedXml;                    ///< of its managed save, without secrets; empty: it has none
    QString cpuXml;                      ///< <cpu> of the live definition; empty: none
    snapshot::Facts disks;               ///< chains, files, snapshots
    QMap<QString, quint64> capacities;   ///< of disks, by target: bytes, by the format that is recorded; none: unknown
    QMap<QString, QString> mediaSources; ///< CD-ROMs and floppies: target -> file
    bool hasJob = false;                 ///< a job (block job, migration, save) runs
    QString jobText;
    quint64 residentMemory = 0; ///< bytes that are not blank; 0: unknown
    QString refusal;            ///< libvirt's own words against it; empty: none
    QList<migration::DirtySample> dirty;
};

/** What is known of the destination, apart from this VM. Read once per host. Bytes. */
struct MigrateDestination {
    virt::HostInfo host;
    QString hostUuid;
    xml::Capabilities capabilities;
    QList<virt::DomainRecord> domains;
    QList<virt::hostcalls::Network> networks;
    QStringList bridges; ///< network devices of the host, bridges among them
    QStringList filters;
    QStringList secrets;
    QList<virt::storage::Pool> pools;
    QStringList nodeDevices;
    quint64 promisedMemory = 0; ///< to jobs in progress of this Vireo: what they reserve
    int promisedVcpus = 0;
};

/** How the two hosts see one file of the VM. */
struct FileThere {
    enum class Sharing {
        Unknown,
        Same,     ///< proven: a marker made through the source was seen through the destination in that directory
        Different ///< proven: it was not
    } sharing = Sharing::Unknown;
    bool exists = false; ///< something of that name is there
    quint64 capacity = 0;
    quint64 physical = 0;
    QString backingPath;
    enum class Content {
        Unknown,
        Same,  ///< all was compared, or their names are alike and made of the content's digest
        Alike, ///< of one length, and equal in all places that were looked at
        Different
    } content = Content::Unknown;
    bool isAlike() const { return content == Content::Same || content == Content::Alike; }
    friend bool operator==(const FileThere &, const FileThere &) = default;
};

/** What is known of the pair, for this VM. */
struct MigratePair {
    bool sameHost = false;         ///< both connections lead to one daemon
    xml::DomainCapabilities there; ///< for this VM's machine; arch empty: the host can't run it
    virt::migration::CpuComparison cpu;
    QString cpuThatWorks;             ///< a <cpu> for both hosts; empty: not asked, or none
    QMap<QString, FileThere> files;   ///< by path on the source: the same path (or the mapped one) there; none: unknown
    QMap<QString, FileThere> places;  ///< by path there: what stands where a copy would go; none: nothing is known
    QMap<QString, quint64> poolSpace; ///< free bytes by pool there, after a fresh look; none: see the pool itself
    /** How the source reaches the destination: by a migrated probe, a paused empty domain of 16 MiB. */
    struct Reach {
        enum class State { NotTried, Yes, NoDaemon, NoData } state = State::NotTried;
        QString uri;   ///< what was tried
        QString error; ///< libvirt's words
        qint64 ms = 0; ///< how long it took
        friend bool operator==(const Reach &, const Reach &) = default;
    } reach;
    Reach direct;                    ///< the same driven from here
    quint64 rememberedBandwidth = 0; ///< of the last migration between them; 0: none
    migration::ByteRange measured;   ///< bytes per second between them, measured since that; 0: not
    bool isMeasuredNow = false;      ///< in this sitting
    bool clockKnown = false;         ///< whether the hosts' clocks could be compared
    qint64 clockDifferenceMs = 0;    ///< above 0: the destination's is ahead
    qint64 clockUncertaintyMs = 0;   ///< the truth is so near
    QString clockProblem;            ///< why they could not; empty: they were not, or could be
    friend bool operator==(const MigratePair &, const MigratePair &) = default;
};

/** All that a plan needs. A value. */
struct MigrateFacts {
    MigrateSource source;
    MigrateDestination destination;
    MigratePair pair;
};

/** The readers. Blocking; worker threads; the first two may run side by side. They leave nothing behind on any host.
 *  Errors: the host's, or cancelled; what is wrong with the matter itself stands in the facts. */
Result<MigrateSource> readMigrateSource(virt::Connection &connection, const QUuid &domain, const std::stop_token &stop);
Result<MigrateDestination> readMigrateDestination(virt::Connection &connection, const std::stop_token &stop);
/** `probe`: also compares the hosts' clocks and tries how they reach each other (a second; more where packets are
 *  dropped). */
Result<MigratePair> readMigratePair(const virt::ConnectionPtr &source, const virt::ConnectionPtr &destination,
    const MigrateSource &vm, const MigrateDestination &there, const MigrateDraft &draft, bool probe,
    const std::stop_token &stop);
/** Five samples of one second and one of ten; fewer when stopped. Into MigrateSource::dirty. */
Result<QList<migration::DirtySample>> measureDirtyRate(
    virt::Connection &connection, const QUuid &domain, const std::stop_token &stop);

/**
 * Bytes per second of the way that a migration takes, by one: an empty machine that never runs moves from host to host
 * with a disk of 64 MiB or more, which the source writes and which is gone afterwards, also when this is stopped. Some
 * five seconds. The result is remembered for the pair. Error: Unsupported where nothing can be copied so (tunnelled; no
 * storage pool in a directory); the hosts', or cancelled.
 */
Result<migration::ByteRange> measureBandwidth(const virt::ConnectionPtr &source, const virt::ConnectionPtr &destination,
    const MigrateSource &vm, const MigrateDestination &there, const MigrateDraft &draft, const std::stop_token &stop);

/** "qemu+tcp://vireo-b/system" as the source could reach it: from the destination's URI and its host's name. Pure. */
QString derivedDestinationUri(const QString &sourceUri, const QString &destinationUri, const QString &hostName);

} // namespace vireo::operation
