// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

#include <QMap>

#include "backend/virt/connection.h"

/**
 * Blocking calls on the migration of domains, and its figures. Any worker thread. Each names the libvirt function that
 * it stands for.
 */
namespace vireo::virt::migration {

/** How a domain is to move: virDomainMigrateFlags and the typed parameters of virDomainMigrate3 in our units. */
struct Options {
    bool live = true;            ///< LIVE; false: the guest stands still from the beginning (of a running domain)
    bool offline = false;        ///< OFFLINE: the definition alone, of a domain that is shut off
    bool peerToPeer = true;      ///< PEER2PEER; false: driven by this process (virDomainMigrate3)
    bool tunnelled = false;      ///< TUNNELLED, needs peerToPeer
    bool persistent = true;      ///< PERSIST_DEST
    bool undefineSource = true;  ///< UNDEFINE_SOURCE
    bool paused = false;         ///< PAUSED: not resumed at the destination
    bool postCopy = false;       ///< POSTCOPY: permitted, not begun
    bool postCopyResume = false; ///< POSTCOPY_RESUME
    bool autoConverge = false;
    bool tls = false;
    bool unsafe = false;      ///< UNSAFE: storage was proven to be shared by ourselves
    bool abortOnError = true; ///< ABORT_ON_ERROR
    enum class Storage {
        None,
        Full,       ///< NON_SHARED_DISK: each disk's whole content
        Incremental ///< NON_SHARED_INC: the topmost layers, on the same backing files
    } storage = Storage::None;
    QStringList disks; ///< MIGRATE_DISKS: targets that are copied. With storage, never empty: libvirt would copy all
    /** MIGRATE_DISKS_DETECT_ZEROES of all `disks`: zeroes that the guest wrote are not sent. See canDetectZeroes(). */
    bool detectZeroes = false;
    int parallel = 0; ///< PARALLEL with so many connections; 0: not
    enum class Compression { None, Xbzrle, Mt, Zlib, Zstd } compression = Compression::None;
    quint64 xbzrleCache = 0; ///< bytes; 0: QEMU's
    int throttleInitial = 0; ///< auto-converge, percent; 0: QEMU's
    int throttleIncrement = 0;
    quint64 bandwidth = 0;         ///< bytes per second, rounded up to MiB; 0: no limit
    quint64 postCopyBandwidth = 0; ///< the same for the post-copy phase
    quint64 downtimeMs = 0;        ///< set before it begins (virDomainMigrateSetMaxDowntime); 0: the host's
    QString destinationUri;        ///< as the source's daemon reaches it; peerToPeer only
    QString migrateUri;            ///< MIGRATE_URI; empty: libvirt's choice
    QString listenAddress;         ///< LISTEN_ADDRESS; empty: all
    int disksPort = 0;             ///< DISKS_PORT; 0: libvirt's choice
    QString graphicsUri;           ///< GRAPHICS_URI
    QString destinationName;       ///< DEST_NAME; empty: the same
    QString destinationXml;        ///< DEST_XML; with secrets
    QString persistentXml;         ///< PERSIST_XML; with secrets. Whoever gives one gives both (CVE-2020-17376)
};

/**
 * virDomainMigrateToURI3, or virDomainMigrate3 with `destination` unless peerToPeer. Blocks until the migration ended.
 * An error does not say where the guest is: read both hosts. A resumed post-copy is tried for 10 s, since the two QEMUs
 * pause it later than libvirt says. Error kinds: Cancelled when the job was aborted by whom ever.
 */
Result<> migrate(Connection &source, const QUuid &domain, Connection *destination, const Options &options);

/** Whether this host's libvirt (10.9 or newer) finds zeroes while it copies disks. Both hosts have to. */
bool canDetectZeroes(Connection &connection);

/** Figures of a domain's job (virDomainGetJobStats). Bytes, bytes per second, ms; 0 where the hypervisor does not say.
 */
struct Figures {
    enum class Type { None, Bounded, Unbounded, Completed, Failed, Cancelled } type = Type::None;
    enum class Operation { Unknown, MigrationOut, MigrationIn, Other } operation = Operation::Unknown;
    quint64 elapsedMs = 0;
    quint64 remainingMs = 0;
    quint64 dataTotal = 0, dataProcessed = 0, dataRemaining = 0;
    quint64 memoryTotal = 0, memoryProcessed = 0, memoryRemaining = 0;
    quint64 memoryBps = 0;
    quint64 constantPages = 0, normalPages = 0;
    quint64 pageSize = 0;
    quint64 dirtyPagesPerSecond = 0;
    quint64 iteration = 0;
    quint64 postcopyRequests = 0;
    quint64 diskTotal = 0, diskProcessed = 0, diskRemaining = 0, diskBps = 0;
    quint64 downtimeMs = 0; ///< while it runs: expected; completed: real
    quint64 downtimeNetMs = 0;
    quint64 setupMs = 0;
    quint64 compressionCache = 0, compressionBytes = 0, compressionMisses = 0, compressionOverflow = 0;
    int throttlePercent = 0;
    QString error; ///< of a failed job
    /** In bytes per second. */
    quint64 dirtyRate() const { return dirtyPagesPerSecond * pageSize; }
    friend bool operator==(const Figures &, const Figures &) = default;
};
/** One call. type None: no job. */
Result<Figures> figures(Connection &connection, const QUuid &domain);
/** virDomainGetJobStats(COMPLETED | KEEP_COMPLETED): of the last one that ended well; also at the destination. */
Result<Figures> completed(Connection &connection, const QUuid &domain);

/** Levers of a running migration, on the source. */
Result<> setBandwidth(Connection &connection, const QUuid &domain, quint64 bytesPerSecond, bool postCopy = false);
Result<quint64> bandwidth(Connection &connection, const QUuid &domain, bool postCopy = false);
Result<> setMaxDowntime(Connection &connection, const QUuid &domain, quint64 ms);
Result<quint64> maxDowntime(Connection &connection, const QUuid &domain);
Result<> startPostCopy(Connection &connection, const QUuid &domain); ///< virDomainMigrateStartPostCopy
/** virDomainAbortJobFlags; `postCopy`: only pauses a migration that is in post-copy. */
Result<> abort(Connection &connection, const QUuid &domain, bool postCopy = false);
Result<> setCompressionCache(Connection &connection, const QUuid &domain, quint64 bytes);

/** virDomainStartDirtyRateCalc by page sampling (never by bitmap or ring: with TCG that ends QEMU 7.2), then its
 *  result from virDomainGetStats. Bytes per second, in steps of 1 MiB/s. Takes `seconds`. */
Result<quint64> dirtyRate(Connection &connection, const QUuid &domain, int seconds, const std::stop_token &stop);

/** virConnectCompareHypervisorCPU on the destination. */
struct CpuComparison {
    enum class Verdict { Unknown, Incompatible, Identical, Superset } verdict = Verdict::Unknown;
    QString reason; ///< libvirt's explanation where incompatible
    friend bool operator==(const CpuComparison &, const CpuComparison &) = default;
};
/** `cpuXml`: the <cpu> of the live definition. Empty strings: the host's own choice. */
Result<CpuComparison> compareCpu(Connection &destination, const QString &emulator, const QString &arch,
    const QString &machine, const QString &virtType, const QString &cpuXml);
/** virConnectBaselineHypervisorCPU of several hosts' CPUs: a model that runs on all of them, as <cpu>. */
Result<QString> baselineCpu(Connection &connection, const QString &emulator, const QString &arch,
    const QString &machine, const QString &virtType, const QStringList &cpuXmls);

/**
 * Why libvirt itself would not let this domain go, in its words; empty: it would. Nothing is moved and nobody is
 * reached: it is asked for a peer-to-peer migration to a socket that does not exist, which it tries only after its own
 * checks (virDomainMigrateToURI3; found with libvirt 9.0). `options` as planned; never blocks longer than 10 s.
 */
Result<QString> refusal(Connection &source, const QUuid &domain, const Options &options);

/** The XML that may be changed for a migration: virDomainGetXMLDesc(MIGRATABLE | SECURE); `inactive`: of the stored
 * one. Has secrets. */
Result<QString> migratableXml(Connection &connection, const QUuid &domain, bool inactive = false);

/** Hears of a domain's migration from its construction on, on whichever host. One thread. */
class Watch final
{
    Q_DISABLE_COPY_MOVE(Watch)

public:
    Watch(ConnectionPtr connection, const QUuid &domain);
    ~Watch();

    struct Heard {
        quint64 iteration = 0;            ///< the newest pass that libvirt told of (MIGRATION_ITERATION)
        std::optional<Figures> completed; ///< JOB_COMPLETED
        bool postCopyFailed = false;      ///< SUSPENDED (POSTCOPY_FAILED) or the same as RESUMED
        int lifecycleEvents = 0;          ///< how many came; something of the state may have changed
        friend bool operator==(const Heard &, const Heard &) = default;
    };
    Heard heard() const;
    /** Until something is heard that was not in `seen`, at most `timeout`, or stopped. */
    Heard wait(const Heard &seen, std::chrono::milliseconds timeout, const std::stop_token &stop) const;

private:
    class Private;
    std::unique_ptr<Private> m_d;
};

} // namespace vireo::virt::migration
