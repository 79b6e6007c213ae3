// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/operation/migrate/migratenotes_p.h"
#include "backend/operation/migrate/migrateremedies_p.h"
#include "backend/operation/migrate/migratexml.h"
#include "backend/operation/migrate/migrationfeed.h"

namespace vireo::operation {

/**
 * migrate.save and migrate.restore: a guest that passes through this computer. Between the two it is nowhere but in a
 * file, at the source and (copied by volume.relay) at the destination. The source's file goes only when the guest is
 * seen on one of the hosts, and a guest is restored on one host only when it is on none. Each run looks at both hosts
 * first, also after a kill.
 *
 * Notes, below "migrate": "paused" and "history" before anything, "saving" before the save, "saved" (when: ms since the
 * epoch) after it, "restoring" before the first change at the destination, "moved" once the guest is there, "returning"
 * before it is restored at the source. A job's thread.
 */
class SavedPassage final
{
    Q_DISABLE_COPY_MOVE(SavedPassage)

public:
    /** `feed` hears of the arrival; null: nobody listens. */
    SavedPassage(const job::Step &step, job::StepContext &context, std::shared_ptr<MigrationSink> feed,
        QString historyDirectory);

    Result<> save();
    Result<> bringBack(); ///< undoes save()
    Result<job::Reality> lookAtSaved();

    Result<> restore();
    Result<> takeAway(); ///< undoes restore()
    Result<job::Reality> lookAtRestored();

private:
    // migratesavesteps.cpp
    Result<> prepare(const migration::Side &here);
    Result<> begin();
    Result<> checkSaved(const migration::Side &here);
    Result<> waitForJob(bool abort, const std::stop_token &stop);
    Result<> restoreHere(const migration::Side &here);
    Result<> settleHere();
    /** A complete file with this VM in it. */
    Result<> checkFile(virt::Connection &connection, const QString &file) const;

    // migraterestoresteps.cpp
    Result<> putThere();
    Result<> define(virt::Connection &source);
    Result<> waitThere(const migration::Side &there);
    Result<> clearAfterMove();
    Result<> moved();
    void noteTimes();
    void publishArrival() const;
    void leave(const virt::ConnectionPtr &connection, const QString &file);

    Result<> connectSource(const std::stop_token &stop);
    Result<> connectDestination(const std::stop_token &stop);
    /** Error: the host does not answer. */
    Result<migration::Side> sideOf(const virt::ConnectionPtr &connection) const;
    /** As it went off by the save: nobody has run it since, so its disks are those of the memory. */
    bool isAsSaved(const migration::Side &here) const;
    /** There for good: it runs, ran, or shall stand. */
    bool hasArrived(const migration::Side &there) const;
    Result<> note(const QString &what, const QJsonValue &value);
    bool noted(const QString &what) const { return !migratenotes::noted(m_context, what).isUndefined(); }

    const job::Step &m_step;
    job::StepContext &m_context;
    const std::shared_ptr<MigrationSink> m_feed;
    const QString m_historyDirectory;
    const virt::HostId m_to;
    const QUuid m_domain;
    const QString m_name;
    const QString m_file;
    const QString m_fileThere; ///< empty: the same file
    virt::ConnectionPtr m_source;
    virt::ConnectionPtr m_destination;
    std::optional<Error> m_error; ///< of the last call
};

} // namespace vireo::operation
