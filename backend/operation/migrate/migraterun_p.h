// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/operation/migrate/migratenotes_p.h"
#include "backend/operation/migrate/migrateremedies_p.h"
#include "backend/operation/migrate/migratexml.h"
#include "backend/operation/migrate/migrationpilot_p.h"

namespace vireo::operation {

/**
 * domain.migrate. What libvirt's call gives back says little of where the guest is: so after each, and when the step is
 * run again after a kill, both hosts are read and judged, and what follows from that is done. It never resumes both
 * sides, and never ends a copy before the other one runs.
 *
 * Notes, below "migrate": "begun" before the first call (with "paused", "history"), "postCopy" before the switch,
 * "remedy" before what a person agreed to, "moved" once the guest is at the destination. A job's thread.
 */
class MigrateRun final
{
    Q_DISABLE_COPY_MOVE(MigrateRun)

public:
    MigrateRun(const job::Step &step, job::StepContext &context, std::shared_ptr<MigrationSink> feed,
        QString historyDirectory);

    Result<> run();
    Result<> undo();
    Result<job::Reality> look();

private:
    using Kind = migration::Diagnosis::Kind;

    Result<> prepare();
    Result<> migrate(bool resumePostCopy);
    Result<> completeXml(virt::migration::Options &options);
    Result<> watchOn(bool abort);
    Result<> concluded(const migration::Diagnosis &diagnosis, bool &done);
    Result<> remedy(const migration::Diagnosis &diagnosis);
    void forgetDestination();
    Result<> askPerson(const migration::Diagnosis &diagnosis);
    Result<> moved();
    Error failure() const;
    Result<> checkNewerDisks() const;

    Result<> connect(const std::stop_token &stop);
    Result<MigrateSides> read(const std::stop_token &stop);
    /** Both sides, and what that means; what a person would have to decide only when it stays so for a while. */
    Result<migration::Diagnosis> settled(const std::stop_token &stop);
    migration::Diagnosis judged(const MigrateSides &sides) const;
    RemedyOrder remedyOrder() const;
    Result<> note(const QString &what, const QJsonValue &value);
    bool noted(const QString &what) const { return migratenotes::noted(m_context, what).toBool(); }
    void takeLog(const FlightLog &log);
    PilotOrder pilotOrder() const;
    void publishEnd(migration::Phase phase, const migration::Diagnosis &diagnosis, bool listening);
    void noteFigures();

    const job::Step &m_step;
    job::StepContext &m_context;
    std::shared_ptr<MigrationSink> m_feed;
    QString m_historyDirectory;
    virt::HostId m_to;
    QUuid m_domain;
    QString m_name;
    virt::migration::Options m_options; ///< as planned, without XML
    MigrateRewrite m_rewrite;
    migration::Policy m_policy;
    virt::ConnectionPtr m_source;
    virt::ConnectionPtr m_destination;
    quint64 m_memory = 0; ///< of the guest, bytes; 0: unknown
    bool m_wasPaused = false;
    bool m_wasPostCopy = false;
    bool m_tried = false; ///< by this process, or gone on by itself: it is not begun anew
    bool m_startedAnew = false;
    std::optional<Error> m_error; ///< of the last call
    FlightLog m_log;
};

} // namespace vireo::operation
