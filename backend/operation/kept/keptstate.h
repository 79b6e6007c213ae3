// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDateTime>
#include <QJsonObject>

#include "backend/base/error.h"
#include "backend/snapshot/snapshot.h"

namespace vireo::operation {

/**
 * What a VM was before a resize or a cold migration: kept until its user confirms the change or goes back to it (what
 * nova calls VERIFY_RESIZE). A value, without secrets.
 *
 * What is kept is not copied. The files that the VM had are left as they are: it writes to overlays upon them
 * (`isOverlay`), or to files that were made of them (another format, pool or host). Going back is to forget the new
 * files; confirming is to merge the overlays into what they lie upon, and to delete what was copied from.
 */
struct KeptState {
    QString id; ///< names it: of this VM, never used before
    QUuid domain;
    QString name;
    QString fromUri;     ///< of the host that it was on
    QString toUri;       ///< of the host that it is on now; the same: it was resized in place
    QDateTime since;     ///< UTC
    QDateTime confirmAt; ///< UTC; invalid: only its user confirms
    bool wasRunning = false;
    bool autostart = false;
    bool keepSource = false; ///< of one that moved: its user wants the files of before to stay once it is confirmed
    QString change;          ///< one line: "4 vCPUs, disk vda of 25 GiB, moved to b"
    /** Its end has begun, and something can't be brought back any more: only that end can still be finished. */
    enum class Ending { None, Confirm, Revert } ending = Ending::None;
    struct Disk {
        QString target;
        snapshot::Layer before; ///< the topmost file then, on the host that it was on. Nobody has written to it since
        snapshot::Layer now;    ///< what the VM writes to, on the host that it is on
        bool isOverlay = false; ///< `now` is a layer of ours upon `before`; false: made of its content
        friend bool operator==(const Disk &, const Disk &) = default;
    };
    QList<Disk> disks; ///< those that the guest could write to
    /** Further files that only the VM of then needs, on the host that it was on: layers beneath, snapshots' memory.
     * They go when it is confirmed; what lies upon others comes first. */
    QStringList before;
    /** Files on the host that it is on which were made for it: they go when it is taken back. What lies upon others
     *  comes first; those of `disks` are among them. */
    QStringList made;

    /** The machine with its TPM on the host that it was on (tpmMachineXml()); empty: it has no emulated one. */
    QString tpmMachine;
    /** Where the TPM's state of before is, of a VM that was resized in place; empty: nowhere else. */
    QString tpmFile;

    /** Where the memory is of a VM that was saved, on the host that it was on; empty: it was not. */
    QString savedFile;
    bool savedPaused = false; ///< it stood still when it was saved

    bool isMoved() const { return fromUri != toUri; }
    QJsonObject toJson() const;
    /** Ill-formed: a null `domain`. */
    static KeptState fromJson(const QJsonObject &json);
    friend bool operator==(const KeptState &, const KeptState &) = default;
};

/**
 * The kept states of VMs: below a directory of mode 0700 ($XDG_STATE_HOME/vireo/kept), one for each, with files of mode
 * 0600: the state, the definition of then with its passwords, its snapshots' metadata with theirs. Written whole and
 * synced before they count, so that a kill leaves either none or all of one. Blocking: worker threads; several
 * processes may use it at once.
 */
class KeptStates final
{
public:
    explicit KeptStates(QString directory);
    static QString defaultDirectory();
    static QString newId();

    /** `snapshots`: as libvirt wrote them, parents first, the current one with its mark. Writing one of the same id
     * again replaces it. */
    Result<> write(const KeptState &state, const QString &secureXml, const QStringList &snapshots);
    /** The same of a VM of which nothing is kept yet, also when several processes try it at once. False: something is.
     */
    Result<bool> add(const KeptState &state, const QString &secureXml, const QStringList &snapshots);
    /** The state alone: definition and snapshots stay as they are kept. */
    Result<> update(const KeptState &state);
    Result<QList<KeptState>> list() const;
    /** NotFound: there is none. */
    Result<KeptState> read(const QString &id) const;
    Result<KeptState> find(const QUuid &domain) const;
    Result<QString> definition(const QString &id) const;    ///< with secrets
    Result<QStringList> snapshots(const QString &id) const; ///< with secrets
    /** One that is not there is fine. */
    Result<> remove(const QString &id);

private:
    QString m_directory;
};

/** A domain's XML that says in its metadata (element `resize` with attribute `id`, in Vireo's namespace) that it waits
 *  for being confirmed; empty `id`: that says so no more. All else stays. Pure. */
Result<QString> withKeptMark(const QString &domainXml, const QString &id);

} // namespace vireo::operation
