// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "backend/job/jobrecord.h"
#include "backend/job/step.h"
#include "backend/operation/resize/guestgrowth_p.h"
#include "backend/virt/guestagent.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using operation::GuestGrowth;
using operation::ResizeDraft;
using operation::ResizeFacts;
using virt::guest::Execution;
using virt::guest::FileSystem;

namespace {

constexpr quint64 gib = 1024ULL * 1024 * 1024;

FileSystem mounted(const QString &device, const QString &mountPoint = u"/"_s, const QString &type = u"ext4"_s,
    const QStringList &targets = {u"vda"_s})
{
    return {device, mountPoint, type, 4 * gib, targets};
}

QByteArray json(QByteArray text)
{
    return text.replace('\'', '"');
}

/** Of a guest that runs, whose agent does all that it is asked. */
ResizeFacts facts(const QList<FileSystem> &fileSystems = {mounted(u"vda1"_s)})
{
    ResizeFacts facts;
    facts.edit.domain.state = virt::DomainState::Running;
    facts.capacities = {{u"vda"_s, 10 * gib}};
    facts.contents.insert(u"vda"_s, {.kind = operation::DiskContent::Kind::Partitioned});
    facts.guest = {true, true, true, fileSystems};
    return facts;
}

ResizeDraft::Disk larger(quint64 capacity = 20 * gib)
{
    ResizeDraft::Disk disk;
    disk.target = u"vda"_s;
    disk.capacity = capacity;
    disk.growInGuest = true;
    return disk;
}

} // namespace

/** What an agent says, and what is made of it, without a guest. */
class TestGuestGrowth final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void places_data()
    {
        QTest::addColumn<QString>("device");
        QTest::addColumn<QString>("disk");
        QTest::addColumn<QString>("partition");
        QTest::newRow("virtio") << u"vda1"_s << u"vda"_s << u"1"_s;
        QTest::newRow("SCSI, far") << u"sdab15"_s << u"sdab"_s << u"15"_s;
        QTest::newRow("the disk as a whole") << u"vdb"_s << u"vdb"_s << QString();
        QTest::newRow("Xen") << u"xvda2"_s << u"xvda"_s << u"2"_s;
        QTest::newRow("NVMe") << u"nvme0n1p3"_s << u"nvme0n1"_s << u"3"_s;
        QTest::newRow("NVMe as a whole") << u"nvme0n1"_s << u"nvme0n1"_s << QString();
        QTest::newRow("LVM") << u"dm-0"_s << QString() << QString();
        QTest::newRow("RAID") << u"md127"_s << QString() << QString();
        QTest::newRow("nothing") << QString() << QString() << QString();
        QTest::newRow("a guest that is up to something") << u"vda1 /etc"_s << QString() << QString();
        QTest::newRow("another one") << u"../vda1"_s << QString() << QString();
    }
    void places()
    {
        QFETCH(const QString, device);
        QFETCH(const QString, disk);
        QFETCH(const QString, partition);
        const auto found = operation::guestGrowths({mounted(device)}, u"vda"_s);
        QCOMPARE(found.has_value(), !disk.isEmpty());
        if (found) {
            QCOMPARE(found->size(), 1);
            QCOMPARE(found->first().disk, disk);
            QCOMPARE(found->first().partition, partition);
            QCOMPARE(found->first().command, (QStringList{u"resize2fs"_s, u"/dev/"_s + device}));
        } else {
            QVERIFY(!found.error().message.isEmpty() && !found.error().hint.isEmpty());
        }
    }

    void fileSystems()
    {
        const auto command = [](const QString &type) {
            const auto found = operation::guestGrowths({mounted(u"vda2"_s, u"/srv/my data"_s, type)}, u"vda"_s);
            return found ? found->first().command : QStringList();
        };
        QCOMPARE(command(u"ext3"_s), (QStringList{u"resize2fs"_s, u"/dev/vda2"_s}));
        QCOMPARE(command(u"xfs"_s), (QStringList{u"xfs_growfs"_s, u"/srv/my data"_s}));
        QCOMPARE(
            command(u"btrfs"_s), (QStringList{u"btrfs"_s, u"filesystem"_s, u"resize"_s, u"max"_s, u"/srv/my data"_s}));
        QVERIFY(command(u"NTFS"_s).isEmpty());
        QVERIFY(operation::guestGrowths({mounted(u"vda2"_s, u"C:"_s, u"NTFS"_s)}, u"vda"_s)
                .error()
                .message.contains(u"NTFS"_s));
        // A boot partition beside what grows is no obstacle: which of them lies last is asked later.
        const auto both = operation::guestGrowths(
            {mounted(u"vda1"_s), mounted(u"vda15"_s, u"/boot/efi"_s, u"vfat"_s), mounted(u"vda1"_s, u"/again"_s)},
            u"vda"_s);
        QVERIFY(both);
        QCOMPARE(both->size(), 2);
        QVERIFY(both->last().command.isEmpty());
        // Another disk's are none of its business; with LVM upon a part of it nobody knows what lies last.
        QVERIFY(!operation::guestGrowths({mounted(u"vdb1"_s, u"/"_s, u"ext4"_s, {u"vdb"_s})}, u"vda"_s));
        QVERIFY(!operation::guestGrowths({mounted(u"vda1"_s, u"/boot"_s), mounted(u"dm-0"_s)}, u"vda"_s));
        QVERIFY(!operation::guestGrowths({mounted(u"vda"_s, u"/"_s, u"btrfs"_s, {u"vda"_s, u"vdb"_s})}, u"vda"_s));
    }

    void obstacles_data()
    {
        QTest::addColumn<ResizeFacts>("facts");
        QTest::addColumn<bool>("cold");
        QTest::addColumn<QString>("says"); // empty: nothing is in the way
        QTest::newRow("live") << facts() << false << QString();
        QTest::newRow("cold") << facts() << true << QString();
        ResizeFacts without = facts();
        without.guest = {};
        QTest::newRow("no channel") << without << false << u"no channel"_s;
        ResizeFacts silent = facts();
        silent.guest = {true, false, false, {}};
        QTest::newRow("no agent") << silent << false << u"does not answer"_s;
        ResizeFacts tied = facts();
        tied.guest.canExecute = false;
        QTest::newRow("runs nothing") << tied << true << u"run no programs"_s;
        QTest::newRow("LVM") << facts({mounted(u"dm-0"_s)}) << false << u"LVM"_s;
        ResizeFacts off = facts();
        off.edit.domain.state = virt::DomainState::ShutOff;
        QTest::newRow("stays off") << off << true << u"not to be started"_s;
        ResizeFacts paused = facts();
        paused.edit.domain.state = virt::DomainState::Paused;
        QTest::newRow("stays paused") << paused << true << u"not to be started"_s;
    }
    void obstacles()
    {
        QFETCH(const ResizeFacts, facts);
        QFETCH(const bool, cold);
        QFETCH(const QString, says);
        const job::Finding finding = operation::guestGrowthFinding(facts, {}, larger(), cold);
        QCOMPARE(finding.severity, says.isEmpty() ? job::Finding::Severity::Note : job::Finding::Severity::Blocker);
        QVERIFY2(finding.cause.contains(says), qPrintable(finding.cause));
        QVERIFY(says.isEmpty() || !finding.fix.isEmpty());
    }

    void startedForIt()
    {
        ResizeFacts off = facts();
        off.edit.domain.state = virt::DomainState::ShutOff;
        off.guest = {true, false, false, {}}; // what it can do will be seen
        ResizeDraft draft;
        draft.after = ResizeDraft::After::Running;
        QCOMPARE(operation::guestGrowthFinding(off, draft, larger(), true).severity, job::Finding::Severity::Note);
    }

    void steps()
    {
        ResizeDraft draft;
        draft.disks = {larger()};
        const virt::HostId host = QUuid::createUuid();
        const QList<job::Step> made = operation::growInGuestSteps(facts(), draft, true, host);
        QCOMPARE(made.size(), 1);
        QCOMPARE(made.first().type, u"guest.grow"_s);
        QCOMPARE(made.first().object, u"vda"_s);
        QCOMPARE(QUuid(made.first().parameters.value("host"_L1).toString()), host);
        QCOMPARE(made.first().parameters.value("capacity"_L1).toDouble(), 20.0 * gib);
        // Nothing that stays as large as it is, or that was not asked for, or that grew while the VM was off.
        draft.disks = {larger(10 * gib), larger(0)};
        QVERIFY(operation::growInGuestSteps(facts(), draft, false).isEmpty());
        draft.disks = {larger()};
        draft.disks.first().growInGuest = false;
        QVERIFY(operation::growInGuestSteps(facts(), draft, false).isEmpty());
        ResizeFacts plain = facts({mounted(u"vda"_s)});
        plain.contents.insert(u"vda"_s, {.kind = operation::DiskContent::Kind::Ext});
        plain.localRoom = 100 * gib;
        snapshot::DiskNow disk;
        disk.target = u"vda"_s;
        disk.chain = {{u"/pool/a.img"_s, u"raw"_s}};
        plain.disks.disks = {disk};
        draft.disks = {larger()};
        QVERIFY(operation::growInGuestSteps(plain, draft, true).isEmpty());
        QCOMPARE(operation::growInGuestSteps(plain, draft, false).size(), 1);
    }

    /** What guests send; a guest may send anything. */
    void answers()
    {
        using namespace virt::guest;
        QCOMPARE(canExecuteFrom(json("{'return':{'version':'7.2','supported_commands':[{'enabled':true,'name':'guest-"
                                     "exec-status'},{'enabled':true,'name':'guest-exec'}]}}")),
            std::optional(true));
        QCOMPARE(canExecuteFrom(json("{'return':{'supported_commands':[{'enabled':true,'name':'guest-exec-status'},{'"
                                     "enabled':false,'name':'guest-exec'}]}}")),
            std::optional(false));
        QCOMPARE(canExecuteFrom(json("{'return':{'supported_commands':[]}}")), std::optional(false));
        QCOMPARE(processFrom(json("{'return':{'pid':417}}")), std::optional(qint64(417)));
        for (const QByteArray &text : {QByteArray(), QByteArray("[]"), json("{'return':7}"),
                 json("{'return':{'supported_commands':3,'pid':'x','exited':1}}")}) {
            QVERIFY(!canExecuteFrom(text));
            QVERIFY(!processFrom(text));
            QVERIFY(!executionFrom(text));
        }
        const auto running = executionFrom(json("{'return':{'exited':false}}"));
        QVERIFY(running && !*running);
        const auto ended =
            executionFrom(json("{'return':{'exitcode':1,'exited':true,'out-data':'Tk9DSEFOR0U=','err-data':'Cg=='}}"));
        QVERIFY(ended);
        QCOMPARE(*ended, std::optional(Execution{1, u"NOCHANGE"_s}));
        const auto hostile = executionFrom(json("{'return':{'exitcode':0,'exited':true,'out-data':'"
            + QByteArray("a\x1b]0;b\x07\r\n\xc2\x9b"
                         "2Jc")
                .toBase64()
            + "'}}"));
        QCOMPARE((**hostile).output, u"a]0;b\n2Jc"_s);
        QCOMPARE((**executionFrom(json("{'return':{'exited':true,'signal':9}}"))).exitCode, -1);
        const QByteArray flood = QByteArray(100000, 'x').toBase64();
        const auto much = executionFrom(json("{'return':{'exitcode':0,'exited':true,'out-data':'" + flood + "'}}"));
        QCOMPARE((**much).output.size(), 4096);
    }

    /** Done, with something to be known: it stays with the job's record. */
    void warnings()
    {
        job::Plan plan;
        QJsonObject results;
        QStringList log;
        job::StepContext context(
            plan, {}, {}, results, [](quint64, quint64) {}, [&log](const QString &line) { log << line; });
        QVERIFY(context.warn(u"It is not as it should be."_s));
        QVERIFY(context.warn(u"It is not as it should be."_s)); // a step that was run again
        QVERIFY(context.warn(u"Neither is this."_s));
        QCOMPARE(log.size(), 2);
        job::JobRecord record;
        record.state = job::JobState::Done;
        QCOMPARE(record.statusLine(), u"done"_s);
        record.results = results;
        QCOMPARE(record.warnings(), (QStringList{u"It is not as it should be."_s, u"Neither is this."_s}));
        QCOMPARE(record.statusLine(), u"done, but: It is not as it should be. Neither is this."_s);
    }
};

QTEST_GUILESS_MAIN(TestGuestGrowth)
#include "tst_guestgrowth.moc"
