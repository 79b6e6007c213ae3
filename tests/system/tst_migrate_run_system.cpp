// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <csignal>

#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include "tests/system/migrationhosts.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using test::MigrationHosts;

#define IS_ON(host)                                                                                                    \
    do {                                                                                                               \
        isOn(host);                                                                                                    \
        if (QTest::currentTestFailed())                                                                                \
            return;                                                                                                    \
    } while (false)

/// What an operator's script moves, by `vireo run` alone.
class TestMigrateRunSystem final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(m_home.isValid());
        m_hosts = std::make_unique<MigrationHosts>();
        QVERIFY2(m_hosts->problem().isEmpty(), qPrintable(m_hosts->problem()));
    }
    void cleanupTestCase() { m_hosts.reset(); }
    void cleanup() { QVERIFY(m_hosts->clear()); }

    void thereAndBack()
    {
        QVERIFY(m_hosts->make({.disks = {{}}, .orders = u"dirty=10:8"_s}) && m_hosts->start());
        QVERIFY(m_hosts->writes(u"hda"_s, 1, 2, 77));
        QCOMPARE(run(u"A"_s, {}), 0);
        IS_ON(u"B"_s);
        QVERIFY(m_hosts->writes(u"hda"_s, 5, 2, 78));
        QCOMPARE(run(u"B"_s, {{u"p2p"_s, false}, {u"policy"_s, u"patient"_s}}), 0);
        IS_ON(u"A"_s);
    }

    void aDryRunTouchesNothing()
    {
        QVERIFY(m_hosts->make({.disks = {{}}}) && m_hosts->start());
        QCOMPARE(run(u"A"_s, {}, {u"--dry-run"_s}), 0);
        QVERIFY2(m_said.contains("Migrate to"), m_said.constData());
        IS_ON(u"A"_s);
    }

    void whatBlocksIsSaid()
    {
        QVERIFY(m_hosts->make({.disks = {{}}}) && m_hosts->start());
        QVERIFY(m_hosts->make({.disks = {}}, u"B"_s)); // the name is taken
        QCOMPARE(run(u"A"_s, {}), 1);
        QVERIFY2(m_said.contains("vm"), m_said.constData());
        QCOMPARE(m_hosts->runsOn(), u"A"_s);
        QCOMPARE(run(u"A"_s, {{u"storage"_s, u"teleport"_s}}), 2);
        QVERIFY2(m_said.contains("$.storage"), m_said.constData());
    }

    /** Ctrl+C while it runs, over a link that never lets it end. */
    void interrupted()
    {
        QVERIFY(m_hosts->make({.disks = {{}}, .orders = u"dirty=60:40"_s}) && m_hosts->start());
        const QJsonObject draft{{u"bandwidth_mib_s"_s, 8}, {u"policy"_s, u"patient"_s}};
        QCOMPARE(run(u"A"_s, draft, {}, true), 130);
        IS_ON(u"A"_s);
    }

private:
    void isOn(const QString &host)
    {
        QCOMPARE(m_hosts->existsOn(), host);
        QCOMPARE(m_hosts->runsOn(), host);
        QCOMPARE(m_hosts->wentOn(), QString());
        QVERIFY(m_hosts->sees());
        QCOMPARE(m_hosts->orphans(), QStringList());
    }
    /** The exit status of `vireo run`; what it said is shown when it was another than 0. `interrupt`: by SIGINT once
     *  the migration has begun. */
    int run(const QString &from, QJsonObject draft, const QStringList &options = {}, bool interrupt = false)
    {
        draft.insert(u"operation"_s, u"migrate"_s);
        draft.insert(u"host"_s, m_hosts->uri(from));
        draft.insert(u"to"_s, m_hosts->uri(MigrationHosts::other(from)));
        draft.insert(u"domain"_s, MigrationHosts::vm());
        QProcess process;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(u"HOME"_s, m_home.path());
        for (const QString &name : {u"XDG_STATE_HOME"_s, u"XDG_CONFIG_HOME"_s, u"XDG_CACHE_HOME"_s}) {
            environment.remove(name);
        }
        process.setProcessEnvironment(environment);
        process.setProcessChannelMode(QProcess::MergedChannels);
        process.start(QStringLiteral(VIREO_BINARY), QStringList{u"run"_s, u"-"_s, u"--yes"_s} + options);
        process.write(QJsonDocument(draft).toJson());
        process.closeWriteChannel();
        constexpr int endMs = 120000;
        if (interrupt) {
            const bool begun = QTest::qWaitFor(
                [this] { return m_hosts->virsh({u"domjobinfo"_s, MigrationHosts::vm()}).contains(u"Iteration:"_s); },
                60000);
            ::kill(static_cast<pid_t>(process.processId()), SIGINT);
            if (!begun) {
                qInfo("the migration did not begin");
            }
        }
        if (!process.waitForFinished(endMs)) {
            process.kill();
            process.waitForFinished();
            return -1;
        }
        m_said = process.readAll();
        if (process.exitCode() != 0) {
            qInfo().noquote() << m_said;
        }
        return process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
    }

    QTemporaryDir m_home;
    std::unique_ptr<MigrationHosts> m_hosts;
    QByteArray m_said;
};

QTEST_GUILESS_MAIN(TestMigrateRunSystem)
#include "tst_migrate_run_system.moc"
