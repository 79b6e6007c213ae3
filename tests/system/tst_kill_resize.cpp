// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "backend/operation/create/createlayout.h"
#include "backend/operation/resize/resize.h"
#include "backend/operation/steps.h"
#include "backend/virt/domains.h"
#include "backend/virt/eventloop.h"
#include "backend/virt/storage.h"
#include "backend/virt/virerror.h"
#include "backend/xml/xmltext.h"
#include "tests/support/killbed.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using operation::KeptState;
using operation::KeptStates;
using operation::ResizeDraft;
using operation::ResizeEnd;
using test::KillHarness;
using test::KillScenario;
using test::TestBed;

/**
 * Resizing a VM, confirming that and going back are killed at the moments of their journal, then finished or undone by
 * another process: the VM is what it was, or what it was to be, and no file and nothing kept is left over.
 */
class TestKillResize final : public QObject, private test::KillBed
{
    Q_OBJECT

    QUuid m_uuid;

    static KeptStates kept() { return KeptStates(KeptStates::defaultDirectory()); }
    /** Another process has another id for the host. */
    [[nodiscard]] job::Plan resize(const QString &format) const
    {
        const auto facts = operation::readResizeFacts(*m_connection, m_uuid, kept(), {});
        ResizeDraft draft;
        draft.when = ResizeDraft::When::Cold;
        draft.vcpus = 2;
        draft.timeoutSeconds = 20;
        draft.force = true;
        ResizeDraft::Disk disk;
        disk.target = u"vda"_s;
        disk.capacity = 2 << 20;
        disk.format = format;
        draft.disks = {disk};
        return facts ? planResize(m_host, *facts, draft) : job::Plan();
    }
    [[nodiscard]] job::Plan end(ResizeEnd end) const
    {
        const auto state = kept().find(m_uuid);
        const auto facts =
            state ? readResizeEndFacts(*state, m_connection, m_connection, m_host, m_host, {}) : fail(state.error());
        operation::ResizeEndDraft draft;
        draft.timeoutSeconds = 20;
        return facts ? planResizeEnd(end, *facts, draft) : job::Plan();
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
        const auto all = kept().list();
        for (const KeptState &state : all.value_or(QList<KeptState>())) {
            if (!kept().remove(state.id)) {
                return false;
            }
        }
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

    /** What must not be changed by halves. */
    [[nodiscard]] QString standing() const
    {
        const auto state = kept().find(m_uuid);
        return virsh({u"domblklist"_s, u"old"_s}) + virsh({u"dumpxml"_s, u"old"_s, u"--inactive"_s})
            + (state ? state->id + u' ' + QString::number(int(state->ending)) : u"nothing kept"_s);
    }
    [[nodiscard]] bool nothingWaits() const
    {
        const auto all = kept().list();
        return all && all->isEmpty() && !virsh({u"dumpxml"_s, u"old"_s}).contains(":resize "_L1);
    }
    [[nodiscard]] QString capacity() const
    {
        return virsh({u"domblkinfo"_s, u"old"_s, u"vda"_s}).section(u"Capacity:"_s, 1).trimmed().section(u'\n', 0, 0);
    }
    KillScenario scenario(const QString &name, bool running)
    {
        KillScenario scenario;
        scenario.name = name;
        scenario.domains = {running ? u"old running"_s : u"old shut off"_s};
        scenario.pools = {u"default active"_s};
        scenario.more = [this] {
            return standing();
        };
        scenario.every = 17; // all of them: the soak
        return scenario;
    }

private Q_SLOTS:
    void initTestCase()
    {
        const QString problem = setUp();
        QVERIFY2(problem.isEmpty(), qPrintable(problem));
    }
    void cleanupTestCase() { tearDown(); }

    void resize_data()
    {
        QTest::addColumn<bool>("running");
        QTest::addColumn<QString>("format");
        QTest::newRow("running, a layer") << true << QString();
        if (isSoak()) {
            QTest::newRow("off, a copy") << false << u"raw"_s;
        }
    }
    void resize()
    {
        QFETCH(const bool, running);
        QFETCH(const QString, format);
        KillScenario wanted = scenario(QString::fromLatin1(QTest::currentDataTag()), running);
        wanted.prepare = [this, running] {
            return make(running);
        };
        wanted.plan = [this, format] {
            return foreign(resize(format));
        };
        wanted.afterFinish = [this] {
            return capacity() == "2097152"_L1 && kept().find(m_uuid).has_value();
        };
        const QString problem = m_harness->run(wanted);
        QVERIFY2(problem.isEmpty(), qPrintable(problem));
    }

    void revert_data()
    {
        QTest::addColumn<bool>("running");
        QTest::newRow("running") << true;
        if (isSoak()) {
            QTest::newRow("off") << false;
        }
    }
    void revert()
    {
        QFETCH(const bool, running);
        KillScenario wanted = scenario(QString::fromLatin1(QTest::currentDataTag()), running);
        wanted.prepare = [this, running] {
            return make(running) && run(resize({}));
        };
        wanted.plan = [this] {
            return foreign(end(ResizeEnd::Revert));
        };
        wanted.lossy = true; // the overlay goes last
        wanted.afterFinish = [this] {
            return capacity() == "1048576"_L1 && nothingWaits();
        };
        const QString problem = m_harness->run(wanted);
        QVERIFY2(problem.isEmpty(), qPrintable(problem));
    }

    void confirm_data()
    {
        QTest::addColumn<bool>("running");
        QTest::addColumn<QString>("format");
        QTest::newRow("running, a layer") << true << QString();
        QTest::newRow("off, a layer") << false << QString();
        if (isSoak()) {
            QTest::newRow("off, a copy") << false << u"raw"_s;
        }
    }
    void confirm()
    {
        QFETCH(const bool, running);
        QFETCH(const QString, format);
        KillScenario wanted = scenario(QString::fromLatin1(QTest::currentDataTag()), running);
        wanted.prepare = [this, running, format] {
            return make(running) && run(resize(format));
        };
        wanted.plan = [this] {
            return foreign(end(ResizeEnd::Confirm));
        };
        wanted.lossy = true; // what it was is gone once the merge has begun
        wanted.bases = {u"old.qcow2"_s};
        wanted.afterFinish = [this] {
            return capacity() == "2097152"_L1 && nothingWaits();
        };
        const QString problem = m_harness->run(wanted);
        QVERIFY2(problem.isEmpty(), qPrintable(problem));
    }
};

int main(int argc, char **argv)
{
    if (const auto code = test::killChildMain(argc, argv)) {
        return *code;
    }
    QCoreApplication application(argc, argv);
    TestKillResize test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_kill_resize.moc"
