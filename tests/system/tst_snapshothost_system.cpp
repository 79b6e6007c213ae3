// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "snapshothost.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using test::SnapshotHost;

/** The fixture itself: a model that could not be wrong would prove nothing. */
class TestSnapshotHost final : public QObject
{
    Q_OBJECT

    std::unique_ptr<SnapshotHost> m_host;

private Q_SLOTS:
    void initTestCase()
    {
        m_host = std::make_unique<SnapshotHost>();
        QVERIFY2(m_host->problem().isEmpty(), qPrintable(m_host->problem()));
    }
    void cleanupTestCase() { m_host.reset(); }

    void comparesWhatTheGuestWrote()
    {
        QVERIFY(m_host->make({.disks = {{}, {.target = u"hdb"_s, .format = u"raw"_s, .mebibytes = 8}}}));
        QVERIFY(m_host->start());
        QVERIFY(m_host->writes(u"hda"_s, 1, 2, 7));
        QVERIFY(m_host->writes(u"hdb"_s, 0, 8, 8));
        m_host->remember(u"then"_s);
        QVERIFY(m_host->writes(u"hda"_s, 2, 1, 9));
        QVERIFY(m_host->sees());

        const QString image = m_host->path(u"hda"_s);
        QCOMPARE(m_host->compare(u"hda"_s, image), QString());
        QCOMPARE(m_host->compare(u"hdb"_s, m_host->path(u"hdb"_s), u"then"_s, u"raw"_s), QString());
        QVERIFY(m_host->compare(u"hda"_s, image, u"then"_s).contains(u"at byte 2097152 "_s));
        QVERIFY(!m_host->compare(u"hdb"_s, image).isEmpty());
        QCOMPARE(m_host->chain(u"hda"_s), QStringList{image});
    }

    void guestGoesOnThroughSnapshots()
    {
        QVERIFY(m_host->make({}));
        QVERIFY(m_host->start());
        QVERIFY(m_host->writes(u"hda"_s, 1, 1, 7));
        m_host->remember(u"s1"_s);
        const int before = m_host->heartbeat();
        QVERIFY(m_host->bed.virsh(u"A"_s, {u"snapshot-create-as"_s, u"vm"_s, u"s1"_s}).ok()); // internal
        const int snapshot = m_host->heartbeat();
        QVERIFY(snapshot > before);
        QVERIFY(m_host->writes(u"hda"_s, 1, 1, 8));
        QTRY_VERIFY(m_host->heartbeat() > snapshot + 10);
        QCOMPARE(m_host->snapshots(), QStringList{u"s1"_s});
        QCOMPARE(m_host->compare(u"hda"_s, m_host->path(u"hda"_s), u"s1"_s, u"qcow2"_s, u"s1"_s), QString());

        QVERIFY(m_host->bed.virsh(u"A"_s, {u"snapshot-revert"_s, u"vm"_s, u"s1"_s}).ok());
        m_host->recall(u"s1"_s);
        const int after = m_host->heartbeat();
        QVERIFY(after >= before && after < snapshot + 10); // its memory is the old one's
        QVERIFY(m_host->sees());
    }

    void agentFreezes()
    {
        QVERIFY(m_host->make({.agent = true}));
        QVERIFY(m_host->start());
        QTRY_VERIFY(m_host->virsh({u"dumpxml"_s, u"vm"_s}).contains(u"state='connected'"_s));
        QVERIFY(m_host->order(u"log=hda:4:8:5"_s, u"LOGGING"_s));
        QTRY_VERIFY(m_host->logged() > 0);
        QVERIFY(m_host->bed.virsh(u"A"_s, {u"domfsfreeze"_s, u"vm"_s}).ok());
        const int frozen = m_host->logged();
        QCOMPARE(m_host->logged(), frozen);
        QVERIFY(m_host->bed.virsh(u"A"_s, {u"domfsthaw"_s, u"vm"_s}).ok());
        QTRY_VERIFY(m_host->logged() > frozen);

        QVERIFY(m_host->order(u"agent=refuse"_s, u"AGENT OBEYS"_s));
        QVERIFY(!m_host->bed.virsh(u"A"_s, {u"domfsfreeze"_s, u"vm"_s}).ok());
        QVERIFY(m_host->order(u"agent=hang"_s, u"AGENT OBEYS"_s));
        QVERIFY(m_host->bed.virsh(u"A"_s, {u"guest-agent-timeout"_s, u"vm"_s, u"--timeout"_s, u"1"_s}).ok());
        QVERIFY(!m_host->bed.virsh(u"A"_s, {u"domfsfreeze"_s, u"vm"_s}).ok());
        QVERIFY(m_host->hears(u"AGENT FROZEN"_s)); // frozen all the same
        QVERIFY(m_host->bed.virsh(u"A"_s, {u"domfsthaw"_s, u"vm"_s}).ok());
        QVERIFY(m_host->hears(u"AGENT THAWED"_s));
    }
};

QTEST_GUILESS_MAIN(TestSnapshotHost)
#include "tst_snapshothost_system.moc"
