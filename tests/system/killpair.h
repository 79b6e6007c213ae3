// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QProcess>

#include "backend/job/journal.h"
#include "migrationhosts.h"

namespace vireo::test {

/// A process that is told to run a plan between two hosts, and to die at a moment of its journal.
struct PairOrder {
    job::Plan plan;         ///< its ids are another process's
    QString host;           ///< URI of the plan's host
    QString other;          ///< URI of the other one
    QString journal = {};   ///< directory
    int killAt = 0;         ///< the how manieth moment; 0: never
    QString killAfter = {}; ///< what the journal says when it is to do one thing more, and then to die; empty: `killAt`
    QString inside = {};    ///< name of a bed's namespace that it runs in ("client"); empty: beside this process
};

/// First thing in main(): the exit code when the arguments make this process one that is killed, else empty.
std::optional<int> killPairMain(int &argc, char **argv);

/// Kills processes of ours at writes to their journals while they work on the two hosts of MigrationHosts, and recovers
/// their jobs as another process would. The test's main thread. (For one host: tests/support/killharness.h.)
class KillPair final
{
    Q_DISABLE_COPY_MOVE(KillPair)

public:
    /// `kept`: directory of KeptStates; empty: the default one.
    explicit KillPair(MigrationHosts &hosts, QString kept = {});

    std::shared_ptr<const job::Journal> freshJournal();
    /// Ids that no other process has, for a plan's hosts.
    static job::Plan foreign(const job::Plan &plan);
    /// Begins it; its plan goes into a file of its own.
    bool start(QProcess &child, const PairOrder &order);
    /// Until it has ended. True: it was killed; with `isBroken` true it did not end as it should.
    bool wait(QProcess &child, bool &isBroken) const;
    /// What another process makes of it. Null: nothing was begun. A record without steps: it could not be recovered.
    std::optional<job::JobRecord> recover(
        const std::shared_ptr<const job::Journal> &journal, job::Recovery recovery) const;

private:
    MigrationHosts &m_hosts;
    const QString m_kept;
    QTemporaryDir m_directory;
    int m_journals = 0;
};

} // namespace vireo::test
