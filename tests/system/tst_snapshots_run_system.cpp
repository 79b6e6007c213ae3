// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include "backend/snapshot/pictures.h"
#include "tests/system/snapshothost.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using test::SnapshotHost;

/// What an operator's script does with snapshots, by `vireo run` alone; the guest's disk is compared byte for byte.
class TestSnapshotsRunSystem final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(m_home.isValid());
        m_host = std::make_unique<SnapshotHost>();
        QVERIFY2(m_host->problem().isEmpty(), qPrintable(m_host->problem()));
    }
    void cleanupTestCase() { m_host.reset(); }

    void fiveSnapshotsOfMixedKinds()
    {
        QVERIFY(m_host->make({.agent = true, .screen = true}));
        QVERIFY(m_host->start());
        QTRY_VERIFY(m_host->virsh({u"dumpxml"_s, u"vm"_s}).contains(u"state='connected'"_s));

        const QList<QJsonObject> kinds{
            {{u"kind"_s, u"external"_s}, {u"memory"_s, false}},
            {{u"kind"_s, u"external"_s}, {u"memory"_s, true}},
            {{u"kind"_s, u"external"_s}, {u"memory"_s, false}, {u"quiesce"_s, true}},
            {}, // as suggested: external, with memory
            {{u"disks"_s,
                 QJsonArray{QJsonObject{{u"target"_s, u"hda"_s}, {u"file"_s, m_host->directory() + u"/own.qcow2"_s}}}},
                {u"memory"_s, false}},
        };
        for (int i = 0; i < kinds.size(); ++i) {
            const QString name = u's' + QString::number(i + 1);
            QVERIFY(m_host->writes(u"hda"_s, 1 + i, 2, quint32(70 + i)));
            m_host->remember(name);
            QJsonObject draft = kinds[i];
            draft.insert(u"operation"_s, u"snapshot.create"_s);
            draft.insert(u"name"_s, name);
            draft.insert(u"description"_s, u"after write %1"_s.arg(i + 1));
            QCOMPARE(run(draft), 0);
        }
        QVERIFY(m_host->writes(u"hda"_s, 20, 1, 99));
        QCOMPARE(m_host->snapshots().size(), 5);
        QVERIFY(m_host->sees());
        QVERIFY(hasPicture(u"s4"_s));

        // Back to the second, with its memory; what was now is kept as one more.
        m_host->remember(u"now"_s);
        QCOMPARE(run({{u"operation"_s, u"snapshot.revert"_s}, {u"snapshot"_s, u"s2"_s}}), 0);
        m_host->recall(u"s2"_s);
        QCOMPARE(m_host->state(), u"running"_s);
        QVERIFY(m_host->sees());
        QCOMPARE(m_host->snapshots().size(), 6);
        QVERIFY(m_host->writes(u"hda"_s, 25, 1, 98)); // and it goes on

        // The first goes, its layer is merged.
        const QString base = m_host->chain(u"hda"_s).last();
        QCOMPARE(run({{u"operation"_s, u"snapshot.delete"_s}, {u"snapshot"_s, u"s1"_s}}), 0);
        QVERIFY(!m_host->snapshots().contains(u"s1"_s));
        QVERIFY(m_host->sees());
        QCOMPARE(m_host->chain(u"hda"_s), QStringList({m_host->path(u"hda"_s), base}));
        QCOMPARE(m_host->compare(u"hda"_s, base, u"s2"_s), QString());
        QCOMPARE(m_host->compare(u"hda"_s, m_host->path(u"hda"_s)), QString());

        // The third, as it was then, while the VM runs.
        const QString image = m_home.path() + u"/third.qcow2"_s;
        QCOMPARE(run({{u"operation"_s, u"snapshot.export"_s}, {u"snapshot"_s, u"s3"_s},
                     {u"target"_s, QJsonObject{{u"path"_s, image}}}}),
            0);
        QCOMPARE(m_host->compare(u"hda"_s, image, u"s3"_s), QString());
        QCOMPARE(m_host->state(), u"running"_s);
        QVERIFY(m_host->sees());

        // And as it is now.
        const QString live = m_home.path() + u"/now.raw"_s;
        QCOMPARE(run({{u"operation"_s, u"snapshot.export"_s}, {u"format"_s, u"raw"_s},
                     {u"target"_s, QJsonObject{{u"path"_s, live}}}}),
            0);
        QCOMPARE(m_host->compare(u"hda"_s, live, {}, u"raw"_s), QString());

        QCOMPARE(run({{u"operation"_s, u"snapshot.edit"_s}, {u"snapshot"_s, u"s4"_s}, {u"name"_s, u"fourth"_s},
                     {u"description"_s, u"renamed"_s}}),
            0);
        QVERIFY(m_host->snapshots().contains(u"fourth"_s) && !m_host->snapshots().contains(u"s4"_s));
        QVERIFY(hasPicture(u"fourth"_s) && !hasPicture(u"s4"_s));

        // Each of the others still holds what it held: forth and back again.
        const QStringList all = m_host->snapshots();
        for (const QString &name : {u"s5"_s, u"s3"_s, u"s2"_s}) {
            QVERIFY(all.contains(name));
            QCOMPARE(run({{u"operation"_s, u"snapshot.revert"_s}, {u"snapshot"_s, name}, {u"keep_now"_s, false}}), 0);
            m_host->recall(name);
            QVERIFY(m_host->state() == "running"_L1 || m_host->start());
            QVERIFY(m_host->sees());
        }
    }

    void saysWhatIsWrong()
    {
        QVERIFY(m_host->make({}));
        QVERIFY(m_host->start());
        QCOMPARE(run({{u"operation"_s, u"snapshot.create"_s}, {u"name"_s, u"a/b"_s}}), 1);
        QCOMPARE(
            run({{u"operation"_s, u"snapshot.create"_s}, {u"quiesce"_s, true}, {u"memory"_s, false}}), 1); // no agent
        QCOMPARE(run({{u"operation"_s, u"snapshot.revert"_s}, {u"snapshot"_s, u"none"_s}}), 1);
        QCOMPARE(run({{u"operation"_s, u"snapshot.delete"_s}, {u"snapshot"_s, u"none"_s}}), 1);
        QCOMPARE(run({{u"operation"_s, u"snapshot.create"_s}, {u"knd"_s, u"internal"_s}}), 2);
        QVERIFY2(m_said.contains("knd"), m_said.constData());
        QVERIFY(m_host->snapshots().isEmpty());
        QCOMPARE(m_host->chain(u"hda"_s).size(), 1);
    }

private:
    bool hasPicture(const QString &snapshot) const
    {
        const snapshot::PictureStore store(m_home.path() + u"/.local/state/vireo/pictures"_s);
        return store.read({m_host->connection()->uri(), m_host->uuid(), snapshot}, QDateTime::currentDateTimeUtc())
            .has_value();
    }
    /** The exit status of `vireo run`; what it said is shown when it was another than 0. */
    int run(QJsonObject draft)
    {
        draft.insert(u"host"_s, m_host->uri());
        draft.insert(u"domain"_s, SnapshotHost::name());
        QProcess process;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(u"HOME"_s, m_home.path());
        for (const QString &name : {u"XDG_STATE_HOME"_s, u"XDG_CONFIG_HOME"_s, u"XDG_CACHE_HOME"_s}) {
            environment.remove(name);
        }
        process.setProcessEnvironment(environment);
        process.setProcessChannelMode(QProcess::MergedChannels);
        process.start(QStringLiteral(VIREO_BINARY), {u"run"_s, u"-"_s, u"--yes"_s});
        process.write(QJsonDocument(draft).toJson());
        process.closeWriteChannel();
        constexpr int endMs = 120000;
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
    std::unique_ptr<SnapshotHost> m_host;
    QByteArray m_said;
};

QTEST_GUILESS_MAIN(TestSnapshotsRunSystem)
#include "tst_snapshots_run_system.moc"
