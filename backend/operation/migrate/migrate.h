// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMap>

#include "backend/job/plan.h"
#include "backend/migration/forecast.h"
#include "backend/migration/policy.h"
#include "backend/operation/migrate/migratefacts.h"

namespace vireo::operation {

/** "migrate" */
struct MigrateDraft {
    QString to; ///< URI of the destination, as this computer reaches it
    enum class Mode {
        Live,
        Paused,
        Offline, ///< the definition alone, of a VM that is off
        Cold     ///< shut down, moved with its files, and started there: planColdMigration()
    } mode = Mode::Live;
    enum class Storage { Auto, Shared, Copy } storage = Storage::Auto;
    enum class Path {
        Auto,
        PeerToPeer,
        Direct,
        Tunnelled,
        ThisComputer ///< memory and disks pass through this process, while the guest stands still; never by Auto
    } path = Path::Auto;
    QString destinationUri; ///< as the source's daemon reaches it; empty: derived, or remembered for the pair
    QString migrateUri;     ///< where QEMU connects to; empty: libvirt's choice
    QString listenAddress;
    bool postCopy = false;
    int atOnce = 2; ///< how many VMs move between the two hosts at a time
    int parallel = 0;
    virt::migration::Options::Compression compress = virt::migration::Options::Compression::None;
    bool autoConverge = false;
    int throttleInitial = 0;
    int throttleIncrement = 0;
    bool tls = false;
    quint64 bandwidth = 0; ///< bytes per second; 0: no limit
    quint64 postCopyBandwidth = 0;
    migration::Policy policy;
    bool persistent = true;
    bool undefineSource = true;
    bool deleteSourceDisks = true; ///< of those that were copied, once the guest runs there; bases that others use stay
    bool flatten = false;          ///< copied disks become one file each, instead of overlays on their bases
    bool setTime = true;           ///< through the agent, afterwards
    // Of Mode::Cold:
    int timeoutSeconds = 180; ///< how long the guest may take to shut down
    bool force = false;       ///< switched off if it does not
    enum class Start { AsBefore, Yes, No } start = Start::AsBefore;
    bool verify = false; ///< what was copied is read back and compared
    struct Map {
        QMap<QString, QString> networks; ///< network or bridge here -> there
        QMap<QString, QString> pools;    ///< pool here -> there, for disks that are copied
        QMap<QString, QString> paths;    ///< file here -> there: disks, media, firmware variables
        friend bool operator==(const Map &, const Map &) = default;
    } map;
    QString xml;           ///< the definition for the destination, edited by hand; empty: rewritten by Vireo
    QString persistentXml; ///< the same for its next start
    friend bool operator==(const MigrateDraft &, const MigrateDraft &) = default;
};

QJsonObject migrateDraftToJson(const QString &host, const QString &domain, const MigrateDraft &draft);

/** What happens to one disk. */
struct DiskMove {
    QString target;
    enum class Kind {
        Shared,    ///< both hosts see the same file
        Copy,      ///< its whole content becomes one new file
        CopyTop,   ///< only the overlay: the same base is there
        CopyChain, ///< base and layers first, cold, then the overlay while the guest runs
        Medium     ///< CD-ROM or floppy: nothing is copied; must be there, or is ejected
    } kind = Kind::Copy;
    QString from;
    QString to;
    QString pool; ///< at the destination
    quint64 bytes = 0;
    QString reason; ///< why so, in a sentence
    friend bool operator==(const DiskMove &, const DiskMove &) = default;
};
/** What Auto comes to. Pure. */
QList<DiskMove> diskMoves(const MigrateFacts &facts, const MigrateDraft &draft);

/** A cell of the compatibility matrix, and a line of the grid. */
struct Check {
    enum class Topic {
        Identity,
        Memory,
        Cpus,
        CpuModel,
        Machine,
        Hypervisor,
        Firmware,
        Tpm,
        Networks,
        Disks,
        Media,
        HostDevices,
        Snapshots,
        Graphics,
        Clock,
        Reachability,
        Libvirt
    } topic = Topic::Identity;
    job::Finding finding;
    friend bool operator==(const Check &, const Check &) = default;
};
QString topicName(Check::Topic topic);
/** The whole pre-flight, in the order of topics; each topic has at least one line. Pure. */
QList<Check> preflight(const MigrateFacts &facts, const MigrateDraft &draft);

/** Input for the forecast, out of facts and draft. Pure. */
migration::ForecastInput forecastInput(const MigrateFacts &facts, const MigrateDraft &draft);

/** How long the guest would stand still on its way through this computer, at an assumed speed; milliseconds. Pure. */
quint64 passageMs(const migration::ForecastInput &input);
/** The same, as a sentence. */
QString passageText(const migration::ForecastInput &input);

/**
 * Pure. The plan's host is the source; steps on the destination carry its id as parameter "host". Findings are the
 * pre-flight's; xmlBefore and xmlAfter are the live definition here and there (without secrets: steps rewrite the
 * secure one by the same function).
 */
job::Plan planMigrate(
    const virt::HostId &source, const virt::HostId &destination, const MigrateFacts &facts, const MigrateDraft &draft);

} // namespace vireo::operation
