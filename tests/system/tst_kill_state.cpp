// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "killmoves.h"
#include "machinestate.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using operation::ResizeDraft;
using operation::ResizeEnd;
using test::MachineState;

/**
 * A cold migration of a VM that has more than disks, and the ends of one, killed at the moments of their journal, then
 * finished or undone by another process: firmware variables, the TPM's state and saved memory are where the VM is, byte
 * for byte, are kept where it was as long as it may go back there, and are nowhere else.
 */
class TestKillState final : public QObject, private test::KillMoves
{
    Q_OBJECT

    std::unique_ptr<MachineState> m_machine;
    QString m_tpm; ///< digests of what the VM had before
    QString m_variables;

    struct Case {
        bool saved = false;                ///< it is saved; else it has firmware variables and a TPM
        std::optional<ResizeEnd> end = {}; ///< of the move, which is done before; empty: the move itself
    };
    ResizeDraft wish(const Case &row) const
    {
        ResizeDraft wished = draft();
        wished.confirm = ResizeDraft::Confirm::Ask;
        if (!row.saved) {
            wished.vcpus = wished.maxVcpus = 2;
        }
        return wished;
    }
    bool prepare(const Case &row)
    {
        if (!clear() || !m_machine->clear() || !make(u"qcow2"_s)) {
            return false;
        }
        if (row.saved ? !m_hosts->start() || !m_machine->save(m_a)
                      : !m_machine->giveVariables() || !m_machine->giveTpm()
                    || m_machine->readTpm(m_a) != "before"_L1) { // from now on it stays the same whoever reads it
            return false;
        }
        m_tpm = m_machine->tpmFiles(m_a);
        m_variables = m_machine->sumOf(m_a);
        return !row.end || isDone(move(wish(row), Way::HostToHost));
    }
    job::Plan plan(const Case &row) const { return row.end ? end(*row.end) : move(wish(row), Way::HostToHost); }

    /** Whether a host has what the VM had before, or nothing of it. */
    QString amissOf(const Case &row, const QString &host, bool has)
    {
        if (row.saved) {
            return QString();
        }
        if (m_machine->tpmFiles(host) != (has ? m_tpm : QString())) {
            return u"the TPM's state on %1: %2"_s.arg(host, m_machine->tpmFiles(host));
        }
        return m_machine->sumOf(host) == (has ? m_variables : QString())
            ? QString()
            : u"firmware variables on %1: %2"_s.arg(host, m_machine->variableFiles(host).join(u' '));
    }
    QString amissIn(const Case &row, bool isMoved, bool waits)
    {
        const QString host = isMoved ? m_b : m_a;
        if (states().size() != (waits ? 1 : 0)) {
            return u"%1 kept"_s.arg(states().size());
        }
        // Saved memory waits beside the disk that it belongs to.
        const qsizetype atSource = !isMoved ? 1 : !waits ? 0 : row.saved ? 2 : 1;
        const QStringList here = m_hosts->files(m_a);
        const QStringList there = m_hosts->files(m_b);
        if (here.size() != atSource || there.size() != (isMoved ? 1 : 0)) {
            return u"files: %1 and %2"_s.arg(here.join(u' '), there.join(u' '));
        }
        if (m_machine->isSaved(host) != row.saved) {
            return u"it is%1 saved on %2"_s.arg(row.saved ? u" not"_s : QString(), host);
        }
        for (const QString &each : {m_a, m_b}) {
            const bool has = each == host || (waits && each == m_a);
            if (const QString wrong = amissOf(row, each, has); !wrong.isEmpty()) {
                return wrong;
            }
        }
        return amissAt(host, u"qcow2"_s, false, false);
    }
    QString amiss(const Case &row, bool isDone)
    {
        if (!row.end) {
            return amissIn(row, isDone, isDone);
        }
        return !isDone ? amissIn(row, true, true) : amissIn(row, *row.end == ResizeEnd::Confirm, false);
    }
    void kill(const Case &row, int every)
    {
        int kills = 0;
        const QString wrong = killAtEach({.prepare = [&] { return prepare(row); },
                                             .plan = [&] { return plan(row); },
                                             .fromDestination = row.end.has_value(),
                                             .amiss =
                                                 [&](bool isDone) {
                                                     return amiss(row, isDone);
                                                 }},
            every, kills);
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
        qInfo("killed %d times", kills);
        QVERIFY(kills >= 2);
        // And it goes on, wherever the last trial left it.
        const QString host = m_hosts->existsOn();
        QVERIFY(m_hosts->bed.virsh(host, {u"start"_s, u"vm"_s}).ok());
        QVERIFY(!row.saved || m_hosts->wentOn().isEmpty()); // the firmware does not boot our guest
        QVERIFY(m_hosts->stop(u"vm"_s, host));
        QVERIFY(row.saved || m_machine->readTpm(host) == "before"_L1);
    }

private Q_SLOTS:
    void initTestCase()
    {
        const QString problem = setUp();
        QVERIFY2(problem.isEmpty(), qPrintable(problem));
        m_machine = std::make_unique<MachineState>(*m_hosts);
    }
    void cleanupTestCase()
    {
        m_machine.reset();
        tearDown();
    }

    void moves_data()
    {
        QTest::addColumn<bool>("saved");
        QTest::newRow("firmware variables and a TPM") << false;
        QTest::newRow("saved memory") << true;
    }
    void moves()
    {
        QFETCH(const bool, saved);
        kill({.saved = saved}, 15);
    }

    /** Between a kill and what follows it the guest went on, and off: memory of before never meets its disks. */
    void usedMeanwhile()
    {
        QVERIFY(prepare({.saved = true}));
        ResizeDraft wished = draft();
        wished.after = ResizeDraft::After::Running;
        const auto journal = m_killer->freshJournal();
        QProcess child;
        QVERIFY(m_killer->start(child,
            {.plan = test::KillPair::foreign(move(wished, Way::HostToHost)),
                .host = m_hosts->uri(m_a),
                .other = m_hosts->uri(m_b),
                .journal = journal->directory(),
                .killAfter = u"\"handed\""_s}));
        bool isBroken = false;
        QVERIFY(m_killer->wait(child, isBroken));
        QCOMPARE(m_hosts->runsOn(), m_b);
        QVERIFY(m_hosts->bed.virsh(m_b, {u"destroy"_s, u"vm"_s}).ok());
        const auto record = m_killer->recover(journal, job::Recovery::Finish);
        QVERIFY(record);
        const QByteArray told = test::MigrationHosts::text(*record);
        QVERIFY2(record->state == job::JobState::Failed && told.contains("switched off meanwhile"), told.constData());
        QCOMPARE(amissIn({.saved = true}, false, false), QString());
    }

    void ends_data()
    {
        QTest::addColumn<bool>("saved");
        QTest::addColumn<ResizeEnd>("end");
        QTest::newRow("firmware variables and a TPM go back") << false << ResizeEnd::Revert;
        QTest::newRow("saved memory goes back") << true << ResizeEnd::Revert;
        if (isSoak()) {
            QTest::newRow("firmware variables and a TPM are confirmed") << false << ResizeEnd::Confirm;
            QTest::newRow("saved memory is confirmed") << true << ResizeEnd::Confirm;
        }
    }
    void ends()
    {
        QFETCH(const bool, saved);
        QFETCH(const ResizeEnd, end);
        kill({.saved = saved, .end = end}, 9);
    }
};

int main(int argc, char **argv)
{
    if (const auto code = test::killPairMain(argc, argv)) {
        return *code;
    }
    QCoreApplication application(argc, argv);
    TestKillState test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_kill_state.moc"
