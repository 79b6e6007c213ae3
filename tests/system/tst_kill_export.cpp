// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDir>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QTest>

#include "backend/operation/snapshot/snapshotexport.h"
#include "tests/support/killharness.h"
#include "tests/system/snapshothost.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using operation::SnapshotExportDraft;
using test::KillHarness;
using test::KillScenario;
using test::SnapshotHost;

/** Exports are killed at moments of their journal: no copy is left half, and the VM goes on where it was. */
class TestKillExport final : public QObject
{
    Q_OBJECT

    std::unique_ptr<SnapshotHost> m_host;
    std::unique_ptr<KillHarness> m_harness;
    QTemporaryDir m_user;

    /** A running VM that has something in its memory that a start anew would not have. */
    bool prepareRunning()
    {
        return clearFiles() && m_host->make({}) && m_host->start() && m_host->writes(u"hda"_s, 1, 2, 7)
            && m_host->order(u"dirty=200:4"_s, u"DIRTY"_s) && m_host->heartbeat() >= 0
            && m_host->order(u"dirty=0"_s, u"DIRTY"_s) && wentOn();
    }
    bool prepareOff()
    {
        if (!clearFiles() || !m_host->make({}) || !m_host->start() || !m_host->writes(u"hda"_s, 1, 2, 7)) {
            return false;
        }
        m_host->remember(u"s1"_s);
        return m_host->bed.virsh(u"A"_s, {u"snapshot-create-as"_s, u"vm"_s, u"s1"_s}).ok()
            && m_host->writes(u"hda"_s, 2, 1, 8) && m_host->stop();
    }
    bool clearFiles() const
    {
        QDir directory(m_user.path());
        const QStringList files = directory.entryList(QDir::Files);
        return std::ranges::all_of(files, [&](const QString &name) { return directory.remove(name); });
    }
    bool wentOn()
    {
        if (m_host->heartbeat() < 0) {
            return false;
        }
        static const QRegularExpression figure(u"dirtied=([1-9]\\d*)\\r\\n$"_s);
        const QByteArray said = m_host->said();
        return figure.match(QString::fromLatin1(said.first(said.lastIndexOf('\n') + 1))).hasMatch();
    }
    QString userFiles() const
    {
        return QDir(m_user.path()).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot).join(u' ');
    }

    job::Plan plan(const SnapshotExportDraft &draft)
    {
        const virt::HostId host = QUuid::createUuid(); // as another process would have it
        const auto facts = snapshot::readFacts(*m_host->connection(), m_host->uuid());
        const auto target = operation::readExportTarget(m_host->connection().get(), host, draft);
        return facts && target ? operation::planSnapshotExport(host, *facts, draft, *target) : job::Plan();
    }

    KillScenario scenario(bool running)
    {
        KillScenario scenario;
        scenario.prepare = [this, running] {
            return running ? prepareRunning() : prepareOff();
        };
        scenario.domains = {running ? u"vm running"_s : u"vm shut off"_s};
        scenario.pools = {u"default active"_s};
        scenario.more = [this, running] {
            return userFiles() + (running && !wentOn() ? u" it was started anew"_s : QString());
        };
        return scenario;
    }
    void killAtEveryWrite(const KillScenario &scenario)
    {
        const int before = m_harness->kills();
        const QString problem = m_harness->run(scenario);
        QVERIFY2(problem.isEmpty(), qPrintable(problem));
        const QDir work(QStandardPaths::writableLocation(QStandardPaths::CacheLocation) + u"/work"_s);
        QCOMPARE(work.entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot), QStringList());
        const int kills = m_harness->kills() - before;
        QVERIFY2(kills >= 8, qPrintable(QString::number(kills)));
        qInfo("%d kills", kills);
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_host = std::make_unique<SnapshotHost>();
        QVERIFY2(m_host->problem().isEmpty(), qPrintable(m_host->problem()));
        m_harness = std::make_unique<KillHarness>(m_host->bed, m_host->connection(), QUuid::createUuid());
    }
    void cleanupTestCase()
    {
        m_harness.reset();
        m_host.reset();
    }

    void liveToVolume()
    {
        KillScenario live = scenario(true);
        live.plan = [this] {
            SnapshotExportDraft draft;
            draft.pool = u"default"_s;
            draft.volume = u"copy.qcow2"_s;
            return plan(draft);
        };
        live.afterFinish = [this] {
            return m_host->compare(u"hda"_s, m_host->directory() + u"/copy.qcow2"_s).isEmpty();
        };
        killAtEveryWrite(live);
    }

    void savedMeanwhileToFile()
    {
        KillScenario saved = scenario(true);
        saved.every = 3; // it has some forty moments; all of them: the soak
        saved.plan = [this] {
            SnapshotExportDraft draft;
            draft.path = m_user.filePath(u"copy.raw"_s);
            draft.format = u"raw"_s;
            draft.live = false;
            return plan(draft);
        };
        saved.afterFinish = [this] {
            return userFiles() == "copy.raw"_L1 && wentOn()
                && m_host->compare(u"hda"_s, m_user.filePath(u"copy.raw"_s), {}, u"raw"_s).isEmpty();
        };
        killAtEveryWrite(saved);
    }

    void internalSnapshotCompressedToVolume()
    {
        KillScenario internal = scenario(false);
        internal.every = 3;
        internal.plan = [this] {
            SnapshotExportDraft draft;
            draft.snapshot = u"s1"_s;
            draft.pool = u"default"_s;
            draft.volume = u"copy.qcow2"_s;
            draft.compressed = true;
            return plan(draft);
        };
        internal.afterFinish = [this] {
            return m_host->compare(u"hda"_s, m_host->directory() + u"/copy.qcow2"_s, u"s1"_s).isEmpty();
        };
        killAtEveryWrite(internal);
    }
};

int main(int argc, char **argv)
{
    if (const auto code = test::killChildMain(argc, argv)) {
        return *code;
    }
    QCoreApplication application(argc, argv);
    TestKillExport test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_kill_export.moc"
