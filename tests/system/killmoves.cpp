// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "killmoves.h"

using namespace Qt::StringLiterals;

namespace vireo::test {

using job::JobRecord;
using job::JobState;
using job::Recovery;
using operation::KeptState;
using operation::ResizeEnd;

QString KillMoves::setUp()
{
    const QString problem = ColdMoves::setUp();
    if (problem.isEmpty()) {
        m_killer = std::make_unique<KillPair>(*m_hosts, m_kept.path());
    }
    return problem;
}

void KillMoves::tearDown()
{
    m_killer.reset();
    m_hosts.reset();
}

QString KillMoves::amiss(const Row &row, const std::optional<JobRecord> &record)
{
    if (record && record->steps.isEmpty()) {
        return u"it could not be recovered"_s;
    }
    // Past the point from which only that end can be finished: the same again does it.
    const bool isPast = record && record->state == JobState::Stuck;
    if (isPast) {
        const auto waiting = states();
        if (record->remains.isEmpty() || waiting.size() > 1) {
            return u"it does not say what remains"_s;
        }
        if (waiting.size() == 1) {
            const KeptState::Ending ending = waiting.constFirst().ending;
            if (ending == KeptState::Ending::None) {
                return u"it is stuck, and nothing has been given up"_s;
            }
            if (!isDone(end(ending == KeptState::Ending::Confirm ? ResizeEnd::Confirm : ResizeEnd::Revert))) {
                return u"its end can't be finished"_s;
            }
        }
    }
    const bool isDone = isPast || (record && record->state == JobState::Done);
    if (!isDone && record && record->state != JobState::Cancelled && record->state != JobState::Failed) {
        return u"the job is neither done nor undone"_s;
    }
    const QString wrong = row.amiss(isDone);
    return wrong.isEmpty() && !aside().isEmpty() ? u"something is left aside"_s : wrong;
}

QString KillMoves::killAt(const Row &row, int moment, Recovery recovery, bool &isFresh, bool &wasKilled)
{
    if (!isFresh && !row.prepare()) {
        return u"it could not be prepared"_s;
    }
    const job::Plan made = row.plan();
    if (!MigrationHosts::canRun(made)) {
        return blockers(made);
    }
    const auto journal = m_killer->freshJournal();
    QProcess child;
    if (!m_killer->start(child,
            {.plan = KillPair::foreign(made),
                .host = m_hosts->uri(row.fromDestination ? m_b : m_a),
                .other = m_hosts->uri(row.fromDestination ? m_a : m_b),
                .journal = journal->directory(),
                .killAt = moment})) {
        return child.errorString();
    }
    bool isBroken = false;
    wasKilled = m_killer->wait(child, isBroken);
    if (isBroken) {
        return u"the process broke"_s;
    }
    const auto record = m_killer->recover(journal, recovery);
    if (recovery == Recovery::Finish && record && record->state != JobState::Done) {
        return QString::fromUtf8(MigrationHosts::text(*record));
    }
    if (const QString wrong = amiss(row, record); !wrong.isEmpty()) {
        return wrong + u'\n' + (record ? QString::fromUtf8(MigrationHosts::text(*record)) : QString());
    }
    isFresh = !record || record->state == JobState::Cancelled;
    return {};
}

QString KillMoves::killAtEach(const Row &row, int every, int &kills)
{
    const bool bothWays = isSoak();
    const int step = bothWays ? 1 : every;
    const int first = qEnvironmentVariableIntValue("VIREO_KILL_FROM"); // to repeat what failed
    bool isFresh = false;                                              // as prepared: all was undone
    for (int moment = std::max(first, step);; moment += step) {
        bool wasKilled = true;
        for (const Recovery recovery : {Recovery::Finish, Recovery::Undo}) {
            if (!bothWays && (recovery == Recovery::Finish) != (moment / step % 2 == 0)) {
                continue;
            }
            if (const QString wrong = killAt(row, moment, recovery, isFresh, wasKilled); !wrong.isEmpty()) {
                return u"killed at %1, then %2: %3"_s.arg(moment).arg(
                    recovery == Recovery::Finish ? u"finished"_s : u"undone"_s, wrong);
            }
            kills += wasKilled ? 1 : 0;
        }
        if (!wasKilled) {
            return {};
        }
    }
}

} // namespace vireo::test
