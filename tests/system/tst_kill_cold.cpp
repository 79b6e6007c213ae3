// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "coldmoves.h"
#include "killpair.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using job::JobRecord;
using job::JobState;
using job::Recovery;
using operation::KeptState;
using operation::ResizeEnd;
using test::KillPair;
using test::MigrationHosts;

/**
 * A cold migration, its confirmation and its way back are killed at the moments of their journal, then finished or
 * undone by another process. There is exactly one usable copy, byte for byte, and nothing is left over.
 */
class TestKillCold final : public QObject, private test::ColdMoves
{
    Q_OBJECT

    std::unique_ptr<KillPair> m_killer;

    static bool isSoak() { return qEnvironmentVariableIsSet("VIREO_KILL_ALWAYS"); }
    /** What is killed, and what it starts from. */
    struct Row {
        Way way = Way::HostToHost;
        QString format = u"qcow2"_s;
        bool resized = true;               ///< and waits to be confirmed; else it confirms itself
        bool running = false;              ///< shut down for it, and runs again
        std::optional<ResizeEnd> end = {}; ///< of the change, which is done before; empty: the move itself
        QString thereFormat() const { return way == Way::Shared && resized ? u"qcow2"_s : format; }
    };
    bool prepare(const Row &row)
    {
        return clear() && make(row.format, row.way) && m_hosts->bed.virsh(m_a, {u"autostart"_s, u"vm"_s}).ok()
            && (!row.running || m_hosts->start()) && (!row.end || isDone(move(wish(row), row.way)))
            && (!row.running || !row.end || m_hosts->heartbeat() >= 0);
    }
    operation::ResizeDraft wish(const Row &row) const { return row.resized ? resized() : draft(); }
    job::Plan plan(const Row &row) const
    {
        return row.end ? end(*row.end, {.timeoutSeconds = 20}) : move(wish(row), row.way);
    }

    /** At the source, as it was; at the destination, as it is to be. */
    QString amissAtSource(const Row &row)
    {
        if (!states().isEmpty()) {
            return u"something is kept"_s;
        }
        const QStringList here = m_hosts->files(m_a, poolOf(row.way));
        if (here != QStringList{u"vm-hda."_s + row.format}) {
            return u"files at the source: "_s + here.join(u' ');
        }
        if (const QStringList left = m_hosts->files(m_b); !left.isEmpty()) {
            return u"files at the destination: "_s + left.join(u' ');
        }
        return amissAt(m_a, row.format, false, row.running);
    }
    QString amissAtDestination(const Row &row, bool waits)
    {
        const QList<KeptState> all = states();
        if (all.size() != (waits ? 1 : 0) || (waits && all.constFirst().ending != KeptState::Ending::None)) {
            return u"%1 kept"_s.arg(all.size());
        }
        const bool isCopied = row.way != Way::Shared;
        const qsizetype here = m_hosts->files(m_a, poolOf(row.way)).size();
        const qsizetype there = m_hosts->files(m_b, poolOf(row.way)).size();
        const qsizetype source = isCopied ? waits ? 1 : 0 : waits && row.resized ? 2 : 1;
        if (here != source || (isCopied && there != 1)) {
            return u"%1 and %2 files"_s.arg(here).arg(there);
        }
        if (!m_hosts->virsh({u"dominfo"_s, u"vm"_s}, m_b).contains(QRegularExpression(u"Autostart:\\s+enable"_s))) {
            return u"it does not start with its host"_s;
        }
        if (m_hosts->xml(m_b, true).contains(u":resize "_s) != waits) {
            return u"its mark is wrong"_s;
        }
        return amissAt(m_b, waits ? row.thereFormat() : row.format, row.resized, row.running);
    }
    /** What must hold when its job has come to an end. */
    QString amiss(const Row &row, const std::optional<JobRecord> &record)
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
        QString wrong;
        if (!row.end) {
            wrong = isDone ? amissAtDestination(row, row.resized) : amissAtSource(row);
        } else if (isDone) {
            wrong = *row.end == ResizeEnd::Confirm ? amissAtDestination(row, false) : amissAtSource(row);
        } else {
            wrong = amissAtDestination(row, true);
        }
        if (wrong.isEmpty() && !aside().isEmpty()) {
            return u"something is left aside"_s;
        }
        return wrong;
    }
    /** Empty, or what was wrong. */
    QString killAtEach(const Row &row, int every, int &kills)
    {
        const bool bothWays = isSoak();
        const int step = bothWays ? 1 : every;
        const int first = qEnvironmentVariableIntValue("VIREO_KILL_FROM"); // to repeat what failed
        bool isFresh = false;                                              // as prepared: all was undone
        for (int killAt = std::max(first, step);; killAt += step) {
            bool wasKilled = true;
            for (const Recovery recovery : {Recovery::Finish, Recovery::Undo}) {
                if (!bothWays && (recovery == Recovery::Finish) != (killAt / step % 2 == 0)) {
                    continue;
                }
                const QString place = u"killed at %1, then %2: "_s.arg(killAt).arg(
                    recovery == Recovery::Finish ? u"finished"_s : u"undone"_s);
                if (!isFresh && !prepare(row)) {
                    return place + u"it could not be prepared"_s;
                }
                const bool fromHere = !row.end;
                const job::Plan made = plan(row);
                if (!MigrationHosts::canRun(made)) {
                    return place + blockers(made);
                }
                const auto journal = m_killer->freshJournal();
                QProcess child;
                if (!m_killer->start(child,
                        {.plan = KillPair::foreign(made),
                            .host = m_hosts->uri(fromHere ? m_a : m_b),
                            .other = m_hosts->uri(fromHere ? m_b : m_a),
                            .journal = journal->directory(),
                            .killAt = killAt})) {
                    return place + child.errorString();
                }
                bool isBroken = false;
                wasKilled = m_killer->wait(child, isBroken);
                if (isBroken) {
                    return place + u"the process broke"_s;
                }
                kills += wasKilled ? 1 : 0;
                const auto record = m_killer->recover(journal, recovery);
                if (recovery == Recovery::Finish && record && record->state != JobState::Done) {
                    return place + QString::fromUtf8(MigrationHosts::text(*record));
                }
                if (const QString wrong = amiss(row, record); !wrong.isEmpty()) {
                    return place + wrong + u'\n'
                        + (record ? QString::fromUtf8(MigrationHosts::text(*record)) : QString());
                }
                isFresh = !record || record->state == JobState::Cancelled;
            }
            if (!wasKilled) {
                return {};
            }
        }
    }
    void kill(const Row &row, int every)
    {
        int kills = 0;
        const QString wrong = killAtEach(row, every, kills);
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
        qInfo("killed %d times", kills);
        QVERIFY(kills >= 3);
    }

private Q_SLOTS:
    void initTestCase()
    {
        const QString problem = setUp();
        QVERIFY2(problem.isEmpty(), qPrintable(problem));
        m_killer = std::make_unique<KillPair>(*m_hosts, m_kept.path());
    }
    void cleanupTestCase()
    {
        m_killer.reset();
        m_hosts.reset();
    }

    void moves_data()
    {
        QTest::addColumn<Way>("way");
        QTest::addColumn<bool>("resized");
        QTest::addColumn<bool>("running");
        QTest::newRow("host to host, resized, running") << Way::HostToHost << true << true;
        QTest::newRow("through here, confirms itself") << Way::ThroughHere << false << false;
        if (isSoak()) {
            QTest::newRow("host to host, confirms itself, running") << Way::HostToHost << false << true;
            QTest::newRow("through here, resized") << Way::ThroughHere << true << false;
            QTest::newRow("shared, resized") << Way::Shared << true << false;
        }
    }
    void moves()
    {
        QFETCH(const Way, way);
        QFETCH(const bool, resized);
        QFETCH(const bool, running);
        kill({.way = way, .resized = resized, .running = running}, 13);
    }

    void reverts_data()
    {
        QTest::addColumn<Way>("way");
        QTest::addColumn<bool>("running");
        QTest::newRow("host to host, running") << Way::HostToHost << true;
        if (isSoak()) {
            QTest::newRow("through here") << Way::ThroughHere << false;
            QTest::newRow("shared") << Way::Shared << false;
        }
    }
    void reverts()
    {
        QFETCH(const Way, way);
        QFETCH(const bool, running);
        kill({.way = way, .format = u"raw"_s, .running = running, .end = ResizeEnd::Revert}, 8);
    }

    void confirms_data()
    {
        QTest::addColumn<Way>("way");
        QTest::addColumn<bool>("running");
        QTest::newRow("host to host") << Way::HostToHost << false;
        if (isSoak()) {
            QTest::newRow("shared, running") << Way::Shared << true;
        }
    }
    void confirms()
    {
        QFETCH(const Way, way);
        QFETCH(const bool, running);
        kill({.way = way, .running = running, .end = ResizeEnd::Confirm}, 3);
    }
};

int main(int argc, char **argv)
{
    if (const auto code = test::killPairMain(argc, argv)) {
        return *code;
    }
    QCoreApplication application(argc, argv);
    TestKillCold test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_kill_cold.moc"
