// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QRegularExpression>
#include <QTest>

#include "killmoves.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using operation::KeptState;
using operation::ResizeEnd;
using test::MigrationHosts;

/**
 * A cold migration, its confirmation and its way back are killed at the moments of their journal, then finished or
 * undone by another process. There is exactly one usable copy, byte for byte, and nothing is left over.
 */
class TestKillCold final : public QObject, private test::KillMoves
{
    Q_OBJECT

    struct Case {
        Way way = Way::HostToHost;
        QString format = u"qcow2"_s;
        bool resized = true;               ///< and waits to be confirmed; else it confirms itself
        bool running = false;              ///< shut down for it, and runs again
        std::optional<ResizeEnd> end = {}; ///< of the change, which is done before; empty: the move itself
        QString thereFormat() const { return way == Way::Shared && resized ? u"qcow2"_s : format; }
    };
    bool prepare(const Case &row)
    {
        return clear() && make(row.format, row.way) && m_hosts->bed.virsh(m_a, {u"autostart"_s, u"vm"_s}).ok()
            && (!row.running || m_hosts->start()) && (!row.end || isDone(move(wish(row), row.way)))
            && (!row.running || !row.end || m_hosts->heartbeat() >= 0);
    }
    operation::ResizeDraft wish(const Case &row) const { return row.resized ? resized() : draft(); }
    job::Plan plan(const Case &row) const
    {
        return row.end ? end(*row.end, {.timeoutSeconds = 20}) : move(wish(row), row.way);
    }

    /** At the source, as it was; at the destination, as it is to be. */
    QString amissAtSource(const Case &row)
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
    QString amissAtDestination(const Case &row, bool waits)
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
    QString amiss(const Case &row, bool isDone)
    {
        if (!row.end) {
            return isDone ? amissAtDestination(row, row.resized) : amissAtSource(row);
        }
        if (isDone) {
            return *row.end == ResizeEnd::Confirm ? amissAtDestination(row, false) : amissAtSource(row);
        }
        return amissAtDestination(row, true);
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
        QVERIFY(kills >= 3);
    }

private Q_SLOTS:
    void initTestCase()
    {
        const QString problem = setUp();
        QVERIFY2(problem.isEmpty(), qPrintable(problem));
    }
    void cleanupTestCase() { tearDown(); }

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
