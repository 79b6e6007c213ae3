// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <stop_token>

#include "backend/virt/connection.h"

/** Blocking calls on domains. Any worker thread. Each names the libvirt function that it stands for. */
namespace vireo::virt::domains {

struct StateInfo {
    DomainState state = DomainState::NoState;
    int reason = 0;
    bool exists = true; ///< false: the domain is gone (transient and stopped, or undefined)
    int id = -1;
};

/** Everything the list shows at once: virConnectListAllDomains (plus its autostart and managed-save filters) and
 *  virConnectGetAllDomainStats(STATE | VCPU | BALLOON). No call per domain. */
Result<QList<DomainRecord>> list(Connection &connection);
/** One domain, with what its XML says (detailed = true). NotFound when it is gone. */
Result<DomainRecord> read(Connection &connection, const QUuid &uuid);
/** Like read() for many; those that are gone are left out. */
Result<QList<DomainRecord>> readMany(Connection &connection, const QList<QUuid> &uuids);
/** What the XML of these domains says; those that are gone are left out. One call per domain: in small batches only. */
Result<QList<DomainDetails>> details(Connection &connection, const QList<QUuid> &uuids);
/** Looks a domain up by name, UUID text or id. */
Result<QUuid> find(Connection &connection, const QString &nameOrUuidOrId);
/** One bulk call for all active domains: virConnectGetAllDomainStats(ACTIVE, NOWAIT where known). */
Result<QList<DomainStats>> stats(Connection &connection);

enum class XmlKind { Live, Inactive };
/** virDomainGetXMLDesc. `secure` adds passwords: never log or show such a document. */
Result<QString> xml(Connection &connection, const QUuid &uuid, XmlKind kind, bool secure = false);
/** virDomainDefineXMLFlags(VALIDATE, unless that could keep the daemon busy for minutes). Gives the UUID. */
Result<QUuid> define(Connection &connection, const QString &xml);
Result<StateInfo> state(Connection &connection, const QUuid &uuid);

Result<> start(Connection &connection, const QUuid &uuid, bool paused = false); // virDomainCreateWithFlags
Result<> suspend(Connection &connection, const QUuid &uuid);                    // virDomainSuspend
Result<> resume(Connection &connection, const QUuid &uuid);                     // virDomainResume
Result<> shutdown(Connection &connection, const QUuid &uuid);                   // virDomainShutdown
Result<> reboot(Connection &connection, const QUuid &uuid);                     // virDomainReboot
Result<> reset(Connection &connection, const QUuid &uuid);                      // virDomainReset
Result<> destroy(Connection &connection, const QUuid &uuid);                    // virDomainDestroy; already off is fine
Result<> managedSave(Connection &connection, const QUuid &uuid);                // virDomainManagedSave
Result<> removeManagedSave(Connection &connection, const QUuid &uuid);          // virDomainManagedSaveRemove
/** virDomainCreateXML: a transient domain, started. */
Result<QUuid> createTransient(Connection &connection, const QString &xml, bool paused);
/** virDomainRestoreFlags of a memory file on the host (a save file or a snapshot's), with `xml` in place of the
 *  definition in it. The file stays. */
Result<> restore(Connection &connection, const QString &file, const QString &xml, bool paused);
Result<> setAutostart(Connection &connection, const QUuid &uuid, bool on);       // virDomainSetAutostart
Result<> rename(Connection &connection, const QUuid &uuid, const QString &name); // virDomainRename
/** virDomainUndefineFlags(MANAGED_SAVE | SNAPSHOTS_METADATA | CHECKPOINTS_METADATA | NVRAM). */
Result<> undefine(Connection &connection, const QUuid &uuid);

/** Which of a domain's two definitions a change is for; both is usual for a running persistent domain. */
struct Affects {
    bool live = false;
    bool config = false;
};
/** virDomainUpdateDeviceFlags: a device of the definition with some of it changed, such as a CD-ROM's medium. */
Result<> updateDevice(Connection &connection, const QUuid &uuid, const QString &deviceXml, Affects affects);
/** The metadata element of a namespace, without its namespace, as virDomainGetMetadata gives it; empty: there is
 *  none. */
Result<QString> metadata(Connection &connection, const QUuid &uuid, const QString &namespaceUri, XmlKind kind);
/** virDomainSetMetadata(ELEMENT): puts such an element in place of the one that is there; empty: removes it. */
Result<> setMetadata(Connection &connection, const QUuid &uuid, const QString &elementXml, const QString &prefix,
    const QString &namespaceUri, Affects affects);

/** Completed fraction of a running job (virDomainGetJobStats): bytes done and total; total 0: no job. */
struct JobProgress {
    quint64 done = 0;
    quint64 total = 0;
};
Result<JobProgress> jobProgress(Connection &connection, const QUuid &uuid);
Result<> abortJob(Connection &connection, const QUuid &uuid); // virDomainAbortJob

/** virDomainInterfaceAddresses: leases, then agent, then ARP. "eth0 192.168.122.5/24"-like texts without the name. */
Result<QStringList> addresses(Connection &connection, const QUuid &uuid);

/**
 * Waits until `reached` holds for the state that libvirt really reports: read back on each event of this domain and
 * at least once a second. Errors: TimedOut with the state it is in, Cancelled by `stop`, libvirt's.
 */
Result<StateInfo> waitFor(Connection &connection, const QUuid &uuid,
    const std::function<bool(const StateInfo &)> &reached, std::chrono::milliseconds timeout, std::stop_token stop);

} // namespace vireo::virt::domains
