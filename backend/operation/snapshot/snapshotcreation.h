// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QHash>

#include "backend/job/step.h"
#include "backend/operation/domaintarget.h"
#include "backend/snapshot/snapshot.h"

namespace vireo::operation {

/**
 * One run, undo or look of the step snapshot.create. Private to backend/operation; a job's thread.
 *
 * Parameters {uuid, snapshot, description, active, disks [{target, kind, file, before, format}], memory no|internal|
 * external, memoryFile, live, quiesce, halt}. Notes below "snapshot:NAME": "begun", when nothing of that name and none
 * of its files were there before, and "id", the domain's number then; under "frozen", see GuestFreeze.
 */
class SnapshotCreation final
{
    Q_DISABLE_COPY_MOVE(SnapshotCreation)

public:
    SnapshotCreation(const job::Step &step, job::StepContext &context);
    Result<> run();
    Result<> undo();
    Result<job::Reality> look();

private:
    struct Disk {
        QString target;
        snapshot::SnapshotDisk::Kind kind = snapshot::SnapshotDisk::Kind::None;
        QString file;
        snapshot::Layer before;
    };

    Result<> begin();
    virt::Connection &connection() const { return *m_target->connection; }
    const QUuid &uuid() const { return m_target->uuid; }
    bool flag(const QString &key) const { return m_step.parameters.value(key).toBool(); }
    bool isExternal() const;
    QStringList ownFiles() const;
    QString key() const { return QStringLiteral("snapshot:") + m_name; }
    Result<bool> exists() const;
    /** What each disk is now, by target: of the running domain, or as it will be started. */
    Result<QHash<QString, QString>> sources(bool stored = false) const;
    Result<> awaitEarlierRun(bool abort);
    Result<> awaitOff() const;

    Result<> check(const virt::domains::StateInfo &state) const;
    Result<> clearLeftovers();
    Result<> take();
    Result<> create();
    Result<> verify() const;

    Result<> takeBack(const virt::domains::StateInfo &state);
    Result<> takeBackInternal(const virt::domains::StateInfo &state);
    Result<> goBackToHalted();
    Result<> destroy();
    Result<> restorePaused(const Error &why);
    Error startedError() const;
    Result<> commitBack(const Disk &disk);
    Result<> restoreStored();
    Result<bool> isUntouched() const;
    Result<> forget();
    Result<> deleteFiles();

    const job::Step &m_step;
    job::StepContext &m_context;
    QString m_name;
    QList<Disk> m_disks;
    std::optional<DomainTarget> m_target;
};

} // namespace vireo::operation
