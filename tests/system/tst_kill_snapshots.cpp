// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "backend/operation/create/createlayout.h"
#include "backend/operation/snapshot/snapshotplans.h"
#include "backend/operation/steps.h"
#include "backend/virt/domains.h"
#include "backend/virt/eventloop.h"
#include "backend/virt/storage.h"
#include "backend/virt/virerror.h"
#include "backend/xml/xmltext.h"
#include "tests/support/killbed.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using operation::SnapshotCreateDraft;
using operation::SnapshotRevertDraft;
using test::KillHarness;
using test::KillScenario;
using test::TestBed;
using Kind = SnapshotCreateDraft::Kind;
using Memory = SnapshotCreateDraft::Memory;

namespace {

SnapshotCreateDraft create(const QString &name, Kind kind, Memory memory)
{
    SnapshotCreateDraft draft;
    draft.name = name;
    draft.kind = kind;
    draft.memory = memory;
    return draft;
}

SnapshotRevertDraft back(const QString &name, bool keepNow)
{
    SnapshotRevertDraft draft;
    draft.snapshot = name;
    draft.keepNow = keepNow;
    draft.keepName = u"kept"_s;
    return draft;
}

} // namespace

/**
 * Taking a snapshot and going back to one is killed at the moments of its journal, then finished or undone by another
 * process: the VM is where it was or where it was to go, and no file and no metadata is left over.
 */
class TestKillSnapshots final : public QObject, private test::KillBed
{
    Q_OBJECT

    QUuid m_uuid;

    /** Another process has another id for the host. */
    [[nodiscard]] snapshot::Facts facts() const
    {
        return snapshot::readFacts(*m_connection, m_uuid).value_or(snapshot::Facts());
    }
    [[nodiscard]] job::Plan plan(const SnapshotCreateDraft &draft) const
    {
        return planSnapshotCreate(m_host, facts(), draft);
    }
    [[nodiscard]] job::Plan plan(const SnapshotRevertDraft &draft) const
    {
        return planSnapshotRevert(m_host, facts(), draft);
    }
    [[nodiscard]] bool run(const job::Plan &wanted) const
    {
        job::StepRegistry registry;
        operation::registerSteps(registry);
        job::JobManager jobs(
            registry, [this](const virt::HostId &) { return Result<virt::ConnectionPtr>(m_connection); });
        const job::JobId id = jobs.run(wanted);
        return QTest::qWaitFor([&] { return jobs.job(id)->isFinished(); }, 60000)
            && jobs.job(id)->state == job::JobState::Done;
    }

    bool make(bool start)
    {
        namespace storage = virt::storage;
        const auto target = storage::defaultPoolTarget(*m_connection);
        if (!target || !storage::definePool(*m_connection, operation::poolXml(u"default"_s, *target))
            || !storage::buildPool(*m_connection, u"default"_s) || !storage::startPool(*m_connection, u"default"_s)
            || !storage::createVolume(
                *m_connection, u"default"_s, operation::volumeXml(u"old.qcow2"_s, u"qcow2"_s, 1 << 20, {}, {}))) {
            return false;
        }
        auto text = xml::XmlText::parse(m_bed->kernelGuestXml(u"old"_s));
        const QString disk = u"<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>"
                             "<source file='%1/old.qcow2'/><target dev='vda' bus='virtio'/></disk>"_s.arg(*target);
        if (!text || !text->insert(u"devices"_s, disk)) {
            return false;
        }
        const auto uuid = virt::domains::define(*m_connection, text->toString());
        m_uuid = uuid.value_or(QUuid());
        return uuid && (!start || virt::domains::start(*m_connection, m_uuid));
    }
    bool make(bool start, Kind kind) { return make(start) && run(plan(create(u"s1"_s, kind, Memory::Auto))); }

    /** What must not be changed by halves. */
    [[nodiscard]] QString standing() const
    {
        return virsh({u"domblklist"_s, u"old"_s}) + virsh({u"domblklist"_s, u"old"_s, u"--inactive"_s})
            + virsh({u"snapshot-list"_s, u"old"_s, u"--tree"_s})
            + virsh({u"snapshot-current"_s, u"old"_s, u"--name"_s});
    }

private Q_SLOTS:
    void initTestCase()
    {
        const QString problem = setUp();
        QVERIFY2(problem.isEmpty(), qPrintable(problem));
    }
    void cleanupTestCase() { tearDown(); }

    void take_data()
    {
        QTest::addColumn<bool>("running");
        QTest::addColumn<int>("kind");
        QTest::addColumn<int>("memory");
        QTest::newRow("running, with memory") << true << int(Kind::External) << int(Memory::With);
        QTest::newRow("running, disks only") << true << int(Kind::External) << int(Memory::Without);
        QTest::newRow("off") << false << int(Kind::External) << int(Memory::Auto);
        QTest::newRow("running, internal") << true << int(Kind::Internal) << int(Memory::With);
    }
    void take()
    {
        QFETCH(bool, running);
        QFETCH(int, kind);
        QFETCH(int, memory);
        KillScenario scenario;
        scenario.name = QString::fromLatin1(QTest::currentDataTag());
        scenario.prepare = [this, running] {
            return make(running);
        };
        scenario.plan = [this, kind, memory] {
            return foreign(plan(create(u"s"_s, static_cast<Kind>(kind), static_cast<Memory>(memory))));
        };
        scenario.domains = {running ? u"old running"_s : u"old shut off"_s};
        scenario.pools = {u"default active"_s};
        scenario.more = [this] {
            return standing();
        };
        scenario.afterFinish = [this] {
            return virsh({u"snapshot-list"_s, u"old"_s, u"--name"_s}).trimmed() == "s"_L1;
        };
        scenario.bases = kind == int(Kind::Internal) ? QStringList{u"old.qcow2"_s} : QStringList();
        const QString problem = m_harness->run(scenario);
        QVERIFY2(problem.isEmpty(), qPrintable(problem));
    }

    void goBack_data()
    {
        QTest::addColumn<bool>("running");
        QTest::addColumn<int>("kind");
        QTest::newRow("external, running") << true << int(Kind::External);
        QTest::newRow("external, off") << false << int(Kind::External);
        QTest::newRow("internal, running") << true << int(Kind::Internal);
    }
    void goBack()
    {
        QFETCH(bool, running);
        QFETCH(int, kind);
        KillScenario scenario;
        scenario.name = QString::fromLatin1(QTest::currentDataTag());
        scenario.prepare = [this, running, kind] {
            return make(running, static_cast<Kind>(kind));
        };
        scenario.plan = [this] {
            return foreign(plan(back(u"s1"_s, true)));
        };
        scenario.domains = {running ? u"old running"_s : u"old shut off"_s};
        scenario.pools = {u"default active"_s};
        scenario.more = [this] {
            return standing();
        };
        scenario.afterFinish = [this] {
            return virsh({u"snapshot-current"_s, u"old"_s, u"--name"_s}).trimmed() == "s1"_L1;
        };
        scenario.bases = kind == int(Kind::Internal) ? QStringList{u"old.qcow2"_s} : QStringList();
        scenario.every = 3; // it has some fifty moments; all of them: the soak
        const QString problem = m_harness->run(scenario);
        QVERIFY2(problem.isEmpty(), qPrintable(problem));
    }
};

int main(int argc, char **argv)
{
    if (const auto code = test::killChildMain(argc, argv)) {
        return *code;
    }
    QCoreApplication application(argc, argv);
    TestKillSnapshots test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_kill_snapshots.moc"
