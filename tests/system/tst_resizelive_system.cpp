// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <iterator>

#include <QDir>
#include <QFileInfo>
#include <QRegularExpression>
#include <QTest>

#include "backend/operation/resize/resize.h"
#include "backend/virt/domains.h"
#include "planbed.h"
#include "tests/support/cloudimage.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using job::JobState;
using operation::ResizeDraft;

namespace {

constexpr quint64 mib = 1024 * 1024;
constexpr quint64 sector = 512;
const QString vm = u"vm"_s;

/** What the guest's kernel says of its machine. */
struct Seen {
    int cpus = 0;
    quint64 memoryKiB = 0;
    QMap<QString, quint64> disks; ///< bytes
};

/** A host with one VM: a Linux that tells on its serial line what it has. */
class LiveHost final : public test::PlanBed
{
    Q_DISABLE_COPY_MOVE(LiveHost)

public:
    LiveHost()
        : PlanBed({u"A"_s})
        , kept(QDir(bed.directory()).filePath(u"kept"_s))
    {
        for (const QString &name : {u"default"_s, u"other"_s}) {
            const bool made = m_problem.isEmpty() && QDir().mkpath(directory(name))
                && QFile::setPermissions(directory(name), QFile::Permissions(0x7777)) // NOLINT: a session's own user
                && makePool(u"A"_s, name, directory(name));
            if (!made && m_problem.isEmpty()) {
                m_problem = u"no pool "_s + name;
            }
        }
    }
    QString directory(const QString &pool) const { return QDir(bed.directory()).filePath(u"files/"_s + pool); }

    /** Running, and reporting. */
    bool start(const QString &definition)
    {
        const auto defined = virt::domains::define(*connection(), definition);
        if (!defined) {
            return fails(defined.error().message);
        }
        uuid = *defined;
        const auto started = virt::domains::start(*connection(), uuid);
        return (started || fails(started.error().message)) && sees([](const Seen &seen) { return seen.cpus > 0; });
    }
    void clear()
    {
        virsh({u"destroy"_s, vm});
        virsh({u"undefine"_s, vm});
        for (const QString &pool : {u"default"_s, u"other"_s}) {
            QDir files(directory(pool));
            const QStringList all = files.entryList(QDir::Files);
            for (const QString &file : all) {
                files.remove(file);
            }
        }
        QFile::remove(log());
    }
    QString log() const { return QDir(bed.directory()).filePath(u"vm.txt"_s); }
    Seen last() const
    {
        static const QRegularExpression line(u"SEES cpus=(\\d+) memory=(\\d+)([^\\r\\n]*)[\\r\\n]"_s);
        static const QRegularExpression disk(u"(vd[a-z])=(\\d+)"_s);
        Seen seen;
        for (const auto &match : line.globalMatch(QString::fromLatin1(bed.read(u"vm.txt"_s)))) {
            seen = {match.capturedView(1).toInt(), match.capturedView(2).toULongLong(), {}};
            for (const auto &one : disk.globalMatch(match.captured(3))) {
                seen.disks.insert(one.captured(1), one.capturedView(2).toULongLong() * sector);
            }
        }
        return seen;
    }
    bool sees(const std::function<bool(const Seen &)> &wanted)
    {
        const bool seen = QTest::qWaitFor([&] { return wanted(last()); }, 60000);
        if (!seen) {
            qWarning("%s", bed.read(u"vm.txt"_s).right(600).constData());
        }
        return seen;
    }

    operation::ResizeFacts facts()
    {
        const auto read = operation::readResizeFacts(*connection(), uuid, kept, {});
        if (!read) {
            qWarning("%s", qPrintable(read.error().message));
        }
        return read ? *read : operation::ResizeFacts();
    }
    job::Plan plan(ResizeDraft draft)
    {
        draft.when = ResizeDraft::When::Live;
        return operation::planResize(id(), facts(), draft);
    }
    /** Empty, or what went wrong. */
    QByteArray resize(const ResizeDraft &draft)
    {
        const job::Plan wanted = plan(draft);
        if (!canRun(wanted)) {
            return "blocked";
        }
        const job::JobRecord record = run(wanted);
        return record.state == JobState::Done ? QByteArray() : text(record);
    }
    QString xml(bool stored)
    {
        return virsh(stored ? QStringList{u"dumpxml"_s, u"--inactive"_s, vm} : QStringList{u"dumpxml"_s, vm});
    }

    operation::KeptStates kept;
    QUuid uuid;
};

QString definition(const QString &disks)
{
    return u"<domain type='qemu'><name>vm</name><maxMemory slots='4' unit='MiB'>1024</maxMemory>"
           "<memory unit='MiB'>256</memory><vcpu current='1'>3</vcpu>"
           "<os><type arch='x86_64' machine='pc'>hvm</type><kernel>%1</kernel><initrd>%2</initrd>"
           "<cmdline>console=ttyS0 quiet panic=-1 vireo.do=report</cmdline></os>"
           "<features><acpi/><apic/></features>"
           "<cpu><numa><cell id='0' cpus='0-2' memory='256' unit='MiB'/></numa></cpu>"
           "<devices>%3<controller type='usb' model='none'/>"
           "<serial type='file'><source path='%4'/><target port='0'/></serial>"
           "<memballoon model='virtio'/></devices></domain>"_s.arg(
               test::cloudimage::kernel(), test::cloudimage::initrd(), disks);
}

QString diskXml(const QString &path, const QString &target, const QString &format = u"qcow2"_s)
{
    return u"<disk type='file' device='disk'><driver name='qemu' type='%3'/><source file='%1'/>"
           "<target dev='%2' bus='virtio'/></disk>"_s.arg(path, target, format);
}

} // namespace

/**
 * Resizing a VM while it runs: what its guest sees of it, and what the two definitions say afterwards.
 */
class TestResizeLive final : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<LiveHost> m_host;

    bool make(const QString &volume, const QString &format, int mebibytes)
    {
        return m_host->bed
            .exec(u"A"_s,
                {u"qemu-img"_s, u"create"_s, u"-q"_s, u"-f"_s, format, m_host->directory(u"default"_s) + u'/' + volume,
                    u"%1M"_s.arg(mebibytes)})
            .ok();
    }
    QString file(const QString &volume, const QString &pool = u"default"_s) const
    {
        return m_host->directory(pool) + u'/' + volume;
    }
    bool start(const QString &disks) { return m_host->start(definition(disks).arg(m_host->log())); }
    static ResizeDraft disk(const QString &target, quint64 capacity)
    {
        ResizeDraft draft;
        ResizeDraft::Disk one;
        one.target = target;
        one.capacity = capacity;
        draft.disks = {one};
        return draft;
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_host = std::make_unique<LiveHost>();
        QVERIFY2(m_host->problem().isEmpty(), qPrintable(m_host->problem()));
    }
    void cleanupTestCase() { m_host.reset(); }
    void cleanup() { m_host->clear(); }

    /** One start for all, since Linux takes its time. */
    void vcpusMemoryAndDisks()
    {
        QVERIFY(make(u"a.qcow2"_s, u"qcow2"_s, 64) && make(u"b.img"_s, u"raw"_s, 32));
        QVERIFY(start(diskXml(file(u"a.qcow2"_s), u"vda"_s) + diskXml(file(u"b.img"_s), u"vdb"_s, u"raw"_s)));
        const Seen first = m_host->last();
        QCOMPARE(first.cpus, 1);
        QCOMPARE(first.disks.value(u"vda"_s), 64 * mib);

        // vCPUs: plugged in, and the guest uses them
        ResizeDraft draft;
        draft.vcpus = 3;
        QCOMPARE(m_host->resize(draft), QByteArray());
        QVERIFY(m_host->sees([](const Seen &seen) { return seen.cpus == 3; }));
        QVERIFY(m_host->xml(true).contains(u">3</vcpu>"_s) && !m_host->xml(true).contains(u"current='1'"_s));
        // not out again, as it is emulated; and never more than it was started for
        draft.vcpus = 2;
        QVERIFY(m_host->plan(draft).isBlocked());
        draft.vcpus = 4;
        QVERIFY(m_host->plan(draft).isBlocked());

        // memory: less by the balloon, back, and more by a device
        draft = {};
        draft.memoryKiB = 224 * 1024;
        QCOMPARE(m_host->resize(draft), QByteArray());
        QVERIFY(m_host->sees([&](const Seen &seen) { return seen.memoryKiB + 30 * 1024 < first.memoryKiB; }));
        draft.memoryKiB = 256 * 1024;
        QCOMPARE(m_host->resize(draft), QByteArray());
        QVERIFY(m_host->sees([&](const Seen &seen) { return seen.memoryKiB + 2048 > first.memoryKiB; }));
        draft.memoryKiB = (256 + 128) * 1024;
        QCOMPARE(m_host->resize(draft), QByteArray());
        QVERIFY(m_host->sees([&](const Seen &seen) { return seen.memoryKiB > first.memoryKiB + 120 * 1024; }));
        QVERIFY(m_host->xml(true).contains(u"<memory model='dimm'"_s));
        QVERIFY(m_host->xml(true).contains(u"<currentMemory unit='KiB'>393216</currentMemory>"_s));
        draft.memoryKiB = (256 + 128 + 100) * 1024;
        QVERIFY(m_host->plan(draft).isBlocked());

        // disks: qcow2 and raw
        QCOMPARE(m_host->resize(disk(u"vda"_s, 96 * mib)), QByteArray());
        QVERIFY(m_host->sees([](const Seen &seen) { return seen.disks.value(u"vda"_s) == 96 * mib; }));
        QCOMPARE(m_host->resize(disk(u"vdb"_s, 48 * mib)), QByteArray());
        QVERIFY(m_host->sees([](const Seen &seen) { return seen.disks.value(u"vdb"_s) == 48 * mib; }));
        QCOMPARE(QFileInfo(file(u"b.img"_s)).size(), static_cast<qint64>(48 * mib));
        const job::Plan shrunk = m_host->plan(disk(u"vdb"_s, 32 * mib));
        QVERIFY(shrunk.isBlocked() && shrunk.steps.isEmpty());
        QCOMPARE(m_host->kept.list()->size(), 0); // nothing to be confirmed
    }

    void aDiskMovesToAnotherPool()
    {
        QVERIFY(make(u"a.qcow2"_s, u"qcow2"_s, 64) && make(u"b.img"_s, u"raw"_s, 32));
        // a base that others could use, and an overlay
        QVERIFY(m_host->bed
                .exec(u"A"_s,
                    {u"qemu-img"_s, u"create"_s, u"-q"_s, u"-f"_s, u"qcow2"_s, u"-F"_s, u"qcow2"_s, u"-b"_s,
                        file(u"a.qcow2"_s), file(u"top.qcow2"_s)})
                .ok());
        QVERIFY(m_host->bed
                .exec(u"A"_s, {u"qemu-io"_s, u"-f"_s, u"qcow2"_s, u"-c"_s, u"write -P 7 1M 3M"_s, file(u"top.qcow2"_s)})
                .ok());
        QVERIFY(m_host->bed
                .exec(u"A"_s, {u"qemu-io"_s, u"-f"_s, u"raw"_s, u"-c"_s, u"write -P 9 5M 2M"_s, file(u"b.img"_s)})
                .ok());
        const QByteArray vda = m_host->content(file(u"top.qcow2"_s), u"qcow2"_s);
        const QByteArray vdb = m_host->content(file(u"b.img"_s), u"raw"_s);
        QVERIFY(!vda.isEmpty() && !vdb.isEmpty());
        QVERIFY(start(diskXml(file(u"top.qcow2"_s), u"vda"_s) + diskXml(file(u"b.img"_s), u"vdb"_s, u"raw"_s)));
        ResizeDraft draft = disk(u"vdb"_s, 40 * mib);
        draft.disks.first().pool = u"other"_s;
        draft.disks.first().format = u"qcow2"_s;
        ResizeDraft::Disk flat;
        flat.target = u"vda"_s;
        flat.pool = u"other"_s;
        flat.flatten = true;
        draft.disks.append(flat);
        QCOMPARE(m_host->resize(draft), QByteArray());
        QVERIFY(m_host->sees([](const Seen &seen) { return seen.disks.value(u"vdb"_s) == 40 * mib; }));
        for (const bool stored : {false, true}) {
            const QString xml = m_host->xml(stored);
            QVERIFY2(xml.count(m_host->directory(u"other"_s)) == 2 && !xml.contains(u"b.img"_s), qPrintable(xml));
        }
        QVERIFY(m_host->bed.virsh(u"A"_s, {u"destroy"_s, vm}).ok());
        QDir there(m_host->directory(u"other"_s));
        const QStringList files = there.entryList(QDir::Files, QDir::Name);
        QCOMPARE(files.size(), 2);
        QVERIFY(m_host->content(there.filePath(files.first()), u"qcow2"_s) == vda);
        QVERIFY(m_host->content(there.filePath(files.last()), u"qcow2"_s)
            == vdb + QByteArray(static_cast<qsizetype>(8 * mib), '\0'));
        QVERIFY(!QFile::exists(file(u"b.img"_s)) && !QFile::exists(file(u"top.qcow2"_s)));
        // and from there it starts
        QVERIFY(virt::domains::start(*m_host->connection(), m_host->uuid).has_value());
    }

    /** The last step fails: the disk is where it was, and all of its content with it. */
    void failureBringsTheDiskBack()
    {
        QVERIFY(make(u"b.img"_s, u"raw"_s, 32));
        QVERIFY(m_host->bed
                .exec(u"A"_s, {u"qemu-io"_s, u"-f"_s, u"raw"_s, u"-c"_s, u"write -P 9 5M 2M"_s, file(u"b.img"_s)})
                .ok());
        const QByteArray before = m_host->content(file(u"b.img"_s), u"raw"_s);
        QVERIFY(start(diskXml(file(u"b.img"_s), u"vda"_s, u"raw"_s)));
        const QString stored = m_host->xml(true);
        ResizeDraft draft = disk(u"vda"_s, 0);
        draft.disks.first().pool = u"other"_s;
        draft.memoryKiB = 224 * 1024;
        job::Plan broken = m_host->plan(draft);
        QVERIFY(m_host->canRun(broken));
        const auto move = std::ranges::find(broken.steps, u"disk.moveLive"_s, &job::Step::type);
        QVERIFY(move != broken.steps.end());
        broken.steps.insert(std::next(move),
            {u"disk.resizeLive"_s, {}, {}, {}, 0,
                {{u"target"_s, u"vda"_s}, {u"capacity"_s, 1.0}, {u"before"_s, static_cast<double>(32 * mib)}}});
        const job::JobRecord record = m_host->run(broken);
        QVERIFY2(record.state == JobState::Failed, test::PlanBed::text(record).constData());
        QVERIFY(m_host->xml(false).contains(file(u"b.img"_s)));
        QCOMPARE(m_host->xml(true), stored);
        QVERIFY(QDir(m_host->directory(u"other"_s)).isEmpty(QDir::Files));
        QVERIFY(m_host->sees([](const Seen &seen) { return seen.disks.value(u"vda"_s) == 32 * mib; }));
        QVERIFY(m_host->bed.virsh(u"A"_s, {u"destroy"_s, vm}).ok());
        QVERIFY(m_host->content(file(u"b.img"_s), u"raw"_s) == before);
    }
};

QTEST_GUILESS_MAIN(TestResizeLive)
#include "tst_resizelive_system.moc"
