// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDir>
#include <QStandardPaths>
#include <QTest>

#include "backend/operation/create/createlayout.h"
#include "backend/operation/resize/resize.h"
#include "backend/virt/domains.h"
#include "backend/virt/eventloop.h"
#include "backend/virt/storage.h"
#include "backend/virt/virerror.h"
#include "backend/xml/xmltext.h"
#include "diskcontents.h"
#include "tests/support/killbed.h"

using namespace Qt::StringLiterals;
using namespace vireo;
namespace contents = test::contents;
using operation::KeptStates;
using operation::ResizeDraft;
using test::KillHarness;
using test::KillScenario;
using test::TestBed;

/**
 * Resizes that grow a file system or make swap anew are killed at the moments of their journal, then finished or undone
 * by another process: the disk is whole in its old size or in its new one, and nothing is left over here or there.
 */
class TestKillContent final : public QObject, private test::KillBed
{
    Q_OBJECT

    static constexpr qint64 mebibyte = 1024LL * 1024;

    QUuid m_uuid;
    QTemporaryDir m_scratch;

    static KeptStates kept() { return KeptStates(KeptStates::defaultDirectory()); }

    [[nodiscard]] job::Plan resize(int mebibytes, bool remade) const
    {
        const auto facts = operation::readResizeFacts(*m_connection, m_uuid, kept(), {});
        ResizeDraft draft;
        draft.when = ResizeDraft::When::Cold;
        ResizeDraft::Disk disk;
        disk.target = u"vda"_s;
        disk.capacity = quint64(mebibytes * mebibyte);
        disk.sparsify = remade;
        draft.disks = {disk};
        job::Plan plan = facts ? planResize(m_host, *facts, draft) : job::Plan();
        plan.host = QUuid::createUuid(); // another process has another id for the host
        return plan;
    }

    /** A VM that is off, whose disk is a raw volume that was filled here. */
    bool make(bool swap)
    {
        namespace storage = virt::storage;
        const auto all = kept().list();
        for (const operation::KeptState &state : all.value_or(QList<operation::KeptState>())) {
            if (!kept().remove(state.id)) {
                return false;
            }
        }
        const QString raw = m_scratch.filePath(u"raw"_s);
        QFile::remove(raw);
        QFile file(raw);
        const bool filled = file.open(QIODevice::WriteOnly) && file.resize(8 * mebibyte)
            && (swap ? !contents::said(u"mkswap"_s, {raw}).isNull() : contents::makeExt(raw));
        const auto target = storage::defaultPoolTarget(*m_connection);
        if (!filled || !target || !storage::definePool(*m_connection, operation::poolXml(u"default"_s, *target))
            || !storage::buildPool(*m_connection, u"default"_s) || !storage::startPool(*m_connection, u"default"_s)
            || !storage::createVolume(
                *m_connection, u"default"_s, operation::volumeXml(u"old.img"_s, u"raw"_s, 8 * mebibyte, {}, {}))
            || !storage::uploadVolume(*m_connection, u"default"_s, u"old.img"_s, raw, {}, {})
            || !storage::refreshPool(*m_connection, u"default"_s)) {
            return false;
        }
        auto text = xml::XmlText::parse(m_bed->kernelGuestXml(u"old"_s));
        const QString disk = u"<disk type='file' device='disk'><driver name='qemu' type='raw'/>"
                             "<source file='%1/old.img'/><target dev='vda' bus='virtio'/></disk>"_s.arg(*target);
        if (!text || !text->insert(u"devices"_s, disk)) {
            return false;
        }
        const auto uuid = virt::domains::define(*m_connection, text->toString());
        m_uuid = uuid.value_or(QUuid());
        return uuid.has_value();
    }
    /** What the VM's disk is now, as a raw file here. */
    [[nodiscard]] QString disk() const
    {
        const QString xml = virsh({u"dumpxml"_s, u"old"_s, u"--inactive"_s});
        const QString path = xml.section(u"<source file='"_s, 1).section(u'\'', 0, 0);
        const QString format = xml.section(u"<driver name='qemu' type='"_s, 1).section(u'\'', 0, 0);
        // Where the host sees it too.
        QString to = QDir(m_bed->directory()).filePath(u"now"_s);
        QFile::remove(to);
        const auto outcome =
            m_bed->exec(u"A"_s, {u"qemu-img"_s, u"convert"_s, u"-f"_s, format, u"-O"_s, u"raw"_s, path, to});
        return outcome.ok() ? to : QString();
    }
    [[nodiscard]] QString standing() const
    {
        const auto state = kept().find(m_uuid);
        return virsh({u"domblklist"_s, u"old"_s}) + virsh({u"dumpxml"_s, u"old"_s, u"--inactive"_s})
            + (state ? state->id : u"nothing kept"_s);
    }
    static QString leftHere()
    {
        const QString work = QStandardPaths::writableLocation(QStandardPaths::CacheLocation) + u"/work"_s;
        const QStringList left = QDir(work).entryList(QDir::Dirs | QDir::NoDotAndDotDot);
        return left.isEmpty() ? QString() : u"left on this computer: %1"_s.arg(left.join(u' '));
    }

private Q_SLOTS:
    void initTestCase()
    {
        const QString problem = setUp();
        QVERIFY2(problem.isEmpty(), qPrintable(problem));
    }
    void cleanupTestCase() { tearDown(); }

    void resizes_data()
    {
        QTest::addColumn<bool>("swap");
        QTest::addColumn<int>("size"); // MiB; it has 8
        QTest::addColumn<bool>("remade");
        QTest::newRow("a file system, a layer") << false << 40 << false;
        QTest::newRow("a file system, a new file") << false << 40 << true;
        QTest::newRow("swap, a layer") << true << 40 << false;
        QTest::newRow("swap, a new file") << true << 4 << false;
    }
    void resizes()
    {
        QFETCH(const bool, swap);
        QFETCH(const int, size);
        QFETCH(const bool, remade);
        KillScenario wanted;
        wanted.name = QString::fromLatin1(QTest::currentDataTag());
        wanted.domains = {u"old shut off"_s};
        wanted.pools = {u"default active"_s};
        wanted.more = [this] {
            return standing();
        };
        wanted.every = 11; // all of them: the soak
        wanted.prepare = [this, swap] {
            return make(swap);
        };
        wanted.plan = [this, size, remade] {
            return resize(size, remade);
        };
        wanted.afterFinish = [this, swap, size] {
            const QString now = disk();
            const QString problem = !swap ? contents::extProblem(now, size * mebibyte)
                : QFile(now).size() != size * mebibyte || contents::said(u"swaplabel"_s, {now}).isNull()
                ? u"no swap of that size"_s
                : QString();
            if (!problem.isEmpty()) {
                qWarning("%s", qPrintable(problem));
            }
            return problem.isEmpty() && kept().find(m_uuid).has_value();
        };
        wanted.invariant = [] {
            return leftHere();
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
    TestKillContent test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_kill_content.moc"
