// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDateTime>
#include <QList>
#include <QMetaType>
#include <QString>
#include <QStringList>
#include <QUuid>

#include "backend/base/error.h"

/** Plain values about hosts and domains. Copied freely between threads; strings are implicitly shared. */
namespace vireo::virt {

/** Identity of a configured host, made once when the connection is added; stable across restarts. */
using HostId = QUuid;

/** Identity of a domain everywhere in Vireo: host and UUID, never the name. */
struct DomainKey {
    HostId host;
    QUuid domain;

    bool isNull() const { return domain.isNull(); }
    friend bool operator==(const DomainKey &, const DomainKey &) = default;
};
inline size_t qHash(const DomainKey &key, size_t seed = 0)
{
    return qHashMulti(seed, key.host, key.domain);
}

/** virDomainState, without libvirt's header. */
enum class DomainState { NoState, Running, Blocked, Paused, ShuttingDown, ShutOff, Crashed, PmSuspended };

/** A domain as the list shows it. Memory in KiB. `reason` is libvirt's number for its state. */
struct DomainRecord {
    QUuid uuid;
    QString name;
    int id = -1; ///< the hypervisor's number while active, else -1
    DomainState state = DomainState::NoState;
    int reason = 0;
    bool persistent = true;
    bool autostart = false;
    bool managedSave = false;
    quint64 memoryKiB = 0;
    quint64 maxMemoryKiB = 0;
    int vcpus = 0;
    int maxVcpus = 0;

    /** The rest comes from the XML, which is read later: false until then. */
    bool detailed = false;
    QString title;
    QString description;
    QString osId;     ///< libosinfo id from the metadata, for example http://debian.org/debian/12
    QStringList tags; ///< from Vireo's metadata element
    QString group;    ///< from Vireo's metadata element

    bool isActive() const
    {
        return state == DomainState::Running || state == DomainState::Blocked || state == DomainState::Paused
            || state == DomainState::ShuttingDown || state == DomainState::PmSuspended;
    }
    const QString &displayName() const { return title.isEmpty() ? name : title; }
    friend bool operator==(const DomainRecord &, const DomainRecord &) = default;
};

/** What the list wants from a domain's XML, besides the bulk calls. Zero figures: not said there. */
struct DomainDetails {
    QUuid uuid;
    QString title;
    QString description;
    QString osId;
    QStringList tags;
    QString group;
    quint64 memoryKiB = 0;
    quint64 maxMemoryKiB = 0;
    int vcpus = 0;
    int maxVcpus = 0;

    /** Takes these over into a record; figures only where the record has none (some drivers' bulk calls lack them). */
    void applyTo(DomainRecord &record) const;
};

/** One sample of a domain's counters (virConnectGetAllDomainStats). Counters only grow while the domain runs. */
struct DomainStats {
    QUuid uuid;
    quint64 cpuTimeNs = 0;
    int vcpus = 0;
    quint64 memoryKiB = 0;     ///< balloon.current
    quint64 maxMemoryKiB = 0;  ///< balloon.maximum
    quint64 usedMemoryKiB = 0; ///< available - usable as the guest says, else RSS, else 0: unknown
    bool hasDisk = false;      ///< the driver told disk figures; else the next two mean nothing
    bool hasNet = false;       ///< the same for the network
    quint64 diskReadBytes = 0;
    quint64 diskWriteBytes = 0;
    quint64 netRxBytes = 0;
    quint64 netTxBytes = 0;
};

/** Rates between two samples. A negative figure is unknown. */
struct DomainFigures {
    float cpuPercent = -1;    ///< of all its vCPUs, 0 to 100
    float memoryPercent = -1; ///< used by the guest, of its maximum
    float diskBytesPerSecond = -1;
    float netBytesPerSecond = -1;
    friend bool operator==(const DomainFigures &, const DomainFigures &) = default;
};

enum class HostState { Disconnected, Connecting, Connected, NotResponding, Reconnecting, Failed };

/** How the connection is, with a sentence for the user. */
struct HostStatus {
    HostState state = HostState::Disconnected;
    QString sentence;
    Error error;          ///< libvirt's, when state is Failed, Reconnecting or NotResponding
    QDateTime lastAnswer; ///< when the host last answered; invalid: never
    QDateTime nextRetry;  ///< when Reconnecting tries again; invalid: not planned
};

/** What a host is and has (virConnectGetInfo, GetType, GetVersion, GetCapabilities …). Memory in KiB, disk in bytes. */
struct HostInfo {
    QString uri; ///< canonical, as the driver says
    QString hostname;
    QString hypervisor; ///< QEMU, TEST, Xen, LXC …
    QString hypervisorVersion;
    QString libvirtVersion;
    QString cpuModel;
    QString arch;
    int cpus = 0;
    int cpuMhz = 0;
    int sockets = 0;
    int cores = 0;
    int threads = 0;
    quint64 memoryKiB = 0;
    quint64 freeMemoryKiB = 0;
    QStringList features; ///< CPU features from the capabilities
    bool readOnly = false;
};

/** Something that happened, for the events page. */
struct EventRecord {
    QDateTime time;
    HostId host;
    QUuid domain; ///< null: about the host itself
    QString domainName;
    QString text; ///< a whole sentence
    enum class Severity { Info, Warning, Error } severity = Severity::Info;
};

/** libvirt's lifecycle event, as the event thread hands it on. */
struct DomainEvent {
    enum class Kind { Lifecycle, Other } kind = Kind::Lifecycle;
    QUuid uuid;
    QString name;
    int event = 0;  ///< virDomainEventType
    int detail = 0; ///< virDomainEvent*DetailType of that event
    QString text;   ///< a sentence for the events page; empty: not worth one
};

/** "running", "paused" …: for a state without its reason. */
QString stateText(DomainState state);
/** libvirt's reason in words ("migrated", "from snapshot"); empty when unknown or not worth saying. */
QString reasonText(DomainState state, int reason);

} // namespace vireo::virt

Q_DECLARE_METATYPE(vireo::virt::DomainKey)
